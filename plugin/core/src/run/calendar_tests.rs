//! Several calendars of one mailbox: which are read, what their rounds cost, and
//! that nothing is deleted because a calendar or an item is elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};

use crate::ports::{HttpRequest, TransportFailure};
use crate::settings::{Field, SettingValue};
use crate::sync::IssueCode;

use super::testing::{Answer, Host, PLENTY, answer, asked, calendars, event, forgotten, is_write, last, more, removed};
use super::{Budget, Next};

/// A user who has named a calendar beside the default one.
fn with_team(graph: fn(&HttpRequest) -> Answer) -> Host {
    let mut host = Host::new(graph);
    host.set(Field::CalendarNames, SettingValue::text("team"));
    host
}

/// An event in either calendar, and nothing new afterwards.
fn two(request: &HttpRequest) -> Answer {
    match asked(request).as_str() {
        "calendars" => calendars(&["other", "team"]),
        "list default" => last("default", "t1", &[event("a", "v1", "Lunch")]),
        "list team" => last("team", "t1", &[event("b", "v1", "Dinner")]),
        "default t1" => last("default", "t1", &[]),
        "team t1" => last("team", "t1", &[]),
        other => panic!("unexpected: {other}"),
    }
}

fn codes(report: &super::Report) -> Vec<IssueCode> {
    report.issues.iter().map(|issue| issue.code).collect()
}

fn gone(_: &HttpRequest) -> Answer {
    answer(404, &json!({"error": {"code": "ErrorItemNotFound"}}))
}

#[test]
fn every_named_calendar_is_listed_and_an_idle_poll_asks_each_once() {
    let mut host = with_team(two);
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 2));
    assert_eq!(host.asked(), ["calendars", "list default", "list team"]);
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.asked(), ["default t1", "team t1"]);
}

#[test]
fn without_a_name_nobody_asks_for_the_list_of_calendars() {
    let mut host = Host::new(two);
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.asked(), ["list default"]);
}

#[test]
fn a_listing_that_is_interrupted_between_two_calendars_goes_on_with_the_second() {
    let mut host = with_team(two);
    let report = host.step_with(Budget { requests: 2, ..PLENTY });
    assert_eq!((report.next, host.creates()), (Next::Again, 0));
    assert_eq!(host.asked(), ["calendars", "list default"]);
    let report = host.step();
    assert_eq!((report.next, host.creates()), (Next::Idle, 2));
    assert_eq!(host.asked(), ["list team", "default t1"], "nothing is listed twice, and each calendar is asked");
}

#[test]
fn the_sweep_waits_for_all_listings_and_reads_only_what_was_in_none() {
    let mut host = with_team(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" | "team t1" => forgotten(),
        "calendars" => calendars(&["team"]),
        // Lunch is in the other calendar now, dinner in none.
        "list default" => last("default", "t2", &[]),
        "list team" => last("team", "t2", &[event("a", "v1", "Lunch")]),
        "GET me/events/b" => gone(request),
        other => panic!("unexpected: {other}"),
    };
    let report = host.step_with(Budget { requests: 3, ..PLENTY });
    assert_eq!((report.next, host.deletes()), (Next::Again, 0), "one listing of two says nothing of deletions");
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.deleted), (Next::Idle, 1));
    assert!(!host.asked().contains(&"GET me/events/a".to_owned()), "{:?}", host.asked());
}

#[test]
fn a_link_lost_by_one_calendar_does_not_silence_the_other() {
    let mut host = with_team(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t2", &[]),
        "team t1" => forgotten(),
        "calendars" => calendars(&["team"]),
        "list default" => more("default", "p2", &[]),
        "default t2" => last("default", "t3", &[event("a", "v2", "Long lunch")]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!(host.step_with(Budget { requests: 4, ..PLENTY }).next, Next::Again);
    let report = host.step_with(Budget { requests: 1, ..PLENTY });
    assert_eq!((report.next, report.counts.crm.updated), (Next::Again, 1), "{:?}", host.asked());
}

#[test]
fn links_that_are_all_lost_at_once_lead_to_one_listing_of_each_calendar() {
    let mut host = Host::new(|request| match asked(request).as_str() {
        "calendars" => calendars(&["one", "two", "three", "four"]),
        words => match words.strip_prefix("list ") {
            Some(calendar) => last(calendar, "t1", &[]),
            None => forgotten(),
        },
    });
    host.set(Field::CalendarNames, SettingValue::text("one, two, three, four"));
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.step().next, Next::Idle);
    let listed = host.asked().iter().filter(|words| words.starts_with("list ")).count();
    assert_eq!((listed, host.asked().len()), (5, 11), "{:?}", host.asked());
}

#[test]
fn an_event_moved_between_two_calendars_is_kept() {
    for team_first in [false, true] {
        let mut host = with_team(two);
        host.step();
        host.graph = if team_first {
            // The calendar that is asked first has it, the second has lost it.
            |request| match asked(request).as_str() {
                "default t1" => last("default", "t2", &[event("b", "v1", "Dinner")]),
                "team t1" => last("team", "t2", &[removed("b")]),
                "GET me/events/b" => answer(200, &event("b", "v1", "Dinner")),
                other => panic!("unexpected: {other}"),
            }
        } else {
            |request| match asked(request).as_str() {
                "default t1" => last("default", "t2", &[removed("a")]),
                "team t1" => last("team", "t2", &[event("a", "v2", "Team lunch")]),
                other => panic!("unexpected: {other}"),
            }
        };
        let report = host.step();
        assert_eq!((report.next, report.counts.crm.deleted), (Next::Idle, 0));
        assert_eq!(report.counts.crm.updated, u32::from(!team_first));
    }
}

#[test]
fn a_new_event_moved_before_it_was_taken_over_is_taken_over() {
    let mut host = with_team(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t2", &[event("c", "v1", "Tea")]),
        "team t1" => last("team", "t2", &[removed("c"), removed("never seen")]),
        "GET me/events/c" => answer(200, &event("c", "v1", "Tea")),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!(host.step().counts.crm.created, 1);
    assert_eq!(host.asked(), ["default t1", "team t1", "GET me/events/c"]);
}

#[test]
fn an_event_moved_to_a_calendar_that_is_not_followed_stays_in_the_crm() {
    let mut host = Host::new(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t2", &[removed("a")]),
        "GET me/events/a" => answer(200, &event("a", "v2", "Lunch")),
        "default t2" => last("default", "t2", &[]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!((host.step().next, host.deletes()), (Next::Idle, 0));
    assert_eq!((host.step().next, host.deletes()), (Next::Idle, 0));
    assert_eq!(host.asked(), ["default t2"]);
}

#[test]
fn a_name_that_does_not_exist_is_said_once_and_the_others_go_on() {
    let mut host = Host::new(two);
    host.set(Field::CalendarNames, SettingValue::text("nowhere, TEAM"));
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 2));
    assert_eq!(codes(&report), [IssueCode::CalendarNotFound]);
    assert!(report.issues[0].message.contains("`nowhere`"), "{:?}", report.issues);
    assert_eq!(host.account.alert_codes(), ["calendar-not-found"]);
    let report = host.step();
    assert_eq!((codes(&report), host.asked().len()), (vec![], 2));
    // The setting is corrected.
    host.set(Field::CalendarNames, SettingValue::text("team"));
    let report = host.step();
    assert_eq!(
        (codes(&report), host.asked()),
        (vec![], ["calendars", "default t1", "team t1"].map(str::to_owned).into())
    );
    assert!(host.account.resolved.iter().any(|filter| filter.code == Some("calendar-not-found")));
}

#[test]
fn a_calendar_that_vanishes_takes_nothing_with_it() {
    let mut host = with_team(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "team t1" => gone(request),
        "calendars" => calendars(&["other"]),
        other => panic!("unexpected: {other}"),
    };
    let report = host.step();
    assert_eq!((report.next, codes(&report), host.deletes()), (Next::Idle, vec![IssueCode::CalendarNotFound], 0));
    assert_eq!(host.asked(), ["default t1", "team t1", "calendars"]);
    let report = host.step();
    assert_eq!((report.next, codes(&report), host.deletes()), (Next::Idle, vec![], 0));
    assert_eq!(host.asked(), ["default t1"]);
    assert!(host.stored("by-m365/b").is_some(), "its events stay linked");
}

#[test]
fn a_calendar_that_is_refused_is_left_out_and_the_others_go_on() {
    let mut host = with_team(|request| match asked(request).as_str() {
        "list team" => answer(403, &json!({"error": {"code": "ErrorAccessDenied"}})),
        _ => two(request),
    });
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 1));
    assert_eq!(codes(&report), [IssueCode::CalendarNotFound]);
    assert_eq!(host.asked(), ["calendars", "list default", "list team", "calendars", "list team"]);
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.asked(), ["default t1"]);
}

#[test]
fn a_permission_that_is_missing_for_all_is_said_as_that() {
    let mut host = with_team(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        _ => answer(403, &json!({"error": {"code": "ErrorAccessDenied"}})),
    };
    assert_eq!(host.step().next, Next::Blocked(super::Blocked::MissingPermission));
    assert_eq!(host.account.alert_codes(), ["missing-permission"]);
}

#[test]
fn a_calendar_that_is_not_named_any_more_is_left_alone() {
    let mut host = with_team(two);
    host.step();
    host.set(Field::CalendarNames, SettingValue::None);
    let report = host.step();
    assert_eq!((report.next, codes(&report), host.deletes()), (Next::Idle, vec![IssueCode::CalendarLeft], 0));
    assert_eq!(host.asked(), ["default t1"]);
    let report = host.step();
    assert_eq!((codes(&report), host.asked()), (vec![], vec!["default t1".to_owned()]));
}

#[test]
fn a_calendar_named_later_is_listed_alone_and_its_events_meet_their_records() {
    let mut host = Host::new(two);
    host.records.push(super::testing::record("b", "1", "Dinner"));
    host.set(Field::CalendarDirection, SettingValue::text("microsoft-to-crm"));
    assert_eq!(host.step().counts.crm.created, 1);
    host.set(Field::CalendarNames, SettingValue::text("team"));
    let report = host.step();
    assert_eq!((report.next, report.counts.adopted, report.counts.crm.created), (Next::Idle, 1, 0));
    assert_eq!(host.asked(), ["calendars", "default t1", "list team"]);
}

#[test]
fn the_list_of_calendars_may_have_several_pages_and_the_default_one_may_be_named() {
    let mut host = Host::new(|request| match asked(request).as_str() {
        "calendars" => {
            let default = json!({"id": "main", "name": "Calendar", "isDefaultCalendar": true});
            let link = "https://graph.example/v1.0/links/calendars?p2";
            answer(200, &json!({"value": [default], "@odata.nextLink": link}))
        }
        "calendars p2" => calendars(&["team"]),
        _ => two(request),
    });
    host.set(Field::CalendarNames, SettingValue::text("calendar, team"));
    let report = host.step();
    assert_eq!((report.next, codes(&report)), (Next::Idle, vec![]));
    assert_eq!(host.asked(), ["calendars", "calendars p2", "list default", "list team"]);
}

#[test]
fn records_of_the_crm_go_to_the_default_calendar() {
    let mut host =
        with_team(|request| if is_write(request) { answer(201, &event("new", "v1", "Visit")) } else { two(request) });
    host.records.push(super::testing::record("crm-1", "1", "Visit"));
    assert_eq!(host.step().counts.m365.created, 1);
    assert!(host.asked().contains(&"POST me/events".to_owned()), "{:?}", host.asked());
}

/// How many items a request asks for in a page.
fn page_size(request: &HttpRequest) -> u32 {
    let prefer = request.headers.iter().find(|header| header.name == "prefer").unwrap();
    prefer.value.rsplit('=').next().unwrap().parse().unwrap()
}

#[test]
fn a_page_that_is_too_large_is_asked_for_in_smaller_ones_from_then_on() {
    let small = |request: &HttpRequest| {
        if page_size(request) > 25 { Err(TransportFailure::TooLarge { limit_bytes: 16 << 20 }) } else { two(request) }
    };
    let mut host = Host::new(small);
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 1));
    assert_eq!(host.account.requests.iter().map(page_size).collect::<Vec<_>>(), [100, 50, 25]);
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.account.requests.iter().map(page_size).collect::<Vec<_>>(), [25]);
    host.graph = |_| Err(TransportFailure::TooLarge { limit_bytes: 16 << 20 });
    assert!(matches!(host.step().next, Next::After(_)), "an event that does not fit at all stops the run");
    assert_eq!(host.account.requests.iter().map(page_size).collect::<Vec<_>>(), [25, 12, 10]);
    assert_eq!(host.account.alert_codes(), ["run-stopped"]);
}

#[test]
fn a_round_of_one_calendar_that_never_ends_stops_the_run_and_begins_again() {
    let mut host = with_team(two);
    host.step();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        // Empty pages that go on are normal, but not for ever.
        "team t1" => more("team", "n0", &[]),
        page => {
            let number: u32 = page.strip_prefix("team n").and_then(|number| number.parse().ok()).expect("a page");
            more("team", &format!("n{}", number + 1), &[])
        }
    };
    assert!(matches!(host.step_with(Budget { requests: 10_000, ..PLENTY }).next, Next::After(_)));
    assert_eq!(host.asked().len(), 2_002);
    assert_eq!(host.account.alert_codes(), ["run-stopped"]);
    host.after_the_wait();
    host.graph = two;
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 0));
    assert_eq!(host.asked(), ["calendars", "default t1", "list default", "list team"]);
    // One that leads to itself says so at once.
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "team t1" | "team n" => more("team", "n", &[]),
        other => panic!("unexpected: {other}"),
    };
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!(host.asked(), ["default t1", "team t1", "team n"]);
    host.after_the_wait();
    host.graph = two;
    assert_eq!(host.step().next, Next::Idle);
    // So does one that comes back to where it was.
    host.asked();
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "team t1" | "team m" => more("team", "n", &[]),
        "team n" => more("team", "m", &[]),
        other => panic!("unexpected: {other}"),
    };
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!(host.asked(), ["default t1", "team t1", "team n", "team m"]);
}

#[test]
fn replays_doubles_and_empty_pages_of_a_calendar_change_nothing() {
    let mut host = with_team(|request| match asked(request).as_str() {
        "list team" => more("team", "p2", &[]),
        "team p2" => more("team", "p3", &[event("b", "v1", "Dinner"), event("b", "v1", "Dinner")]),
        "team p3" | "team t1" => last("team", "t1", &[event("b", "v1", "Dinner")]),
        _ => two(request),
    });
    assert_eq!(host.step().counts.crm.created, 2);
    host.mutations.clear();
    assert_eq!((host.step().next, host.mutations.len()), (Next::Idle, 0));
}

#[test]
fn a_link_to_another_host_is_not_followed_and_all_is_listed_again() {
    let mut host = with_team(|request| match asked(request).as_str() {
        "list team" => answer(200, &json!({"value": [], "@odata.deltaLink": "https://elsewhere.example/v1.0/x"})),
        _ => two(request),
    });
    host.step();
    host.graph = two;
    assert_eq!(host.step().counts.crm.created, 1);
    assert_eq!(host.asked(), ["default t1", "calendars", "list default", "list team"]);
}

#[test]
fn a_status_of_an_earlier_version_is_read_anew_and_one_of_a_later_version_is_refused() {
    let mut host = Host::new(two);
    host.items = |id, _| Some(super::testing::record(id.as_str(), "1", "Lunch"));
    host.step();
    let put = |host: &mut Host, status: Value| {
        let key = "calendar/adele-id/status".to_owned();
        host.account.entries.insert(key, (status.to_string().into_bytes(), 1));
    };
    put(&mut host, json!({"format": 1, "listing": 3, "graph": {"changes": {"link": "x", "complete": true}}}));
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 0));
    assert_eq!(host.asked(), ["list default"]);
    put(&mut host, json!({"format": 99}));
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!(host.asked(), Vec::<String>::new());
    assert_eq!(host.stored("status"), Some(json!({"format": 99})));
}
