//! A new window: listed while the old one is followed, and nothing is deleted or
//! doubled by the change. And which observations of the CRM are somebody's edit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::account::testing::NOW;
use crate::model::{CrmId, EventTime, FieldValue, Zone};
use crate::ports::{Announcement, CrmApplied, CrmChange, CrmItem, CrmPage, HttpRequest};
use crate::settings::{Field, SettingValue};

use super::testing::{Answer, Host, PLENTY, answer, asked, event, forgotten, is_write, last, more, record, removed};
use super::{Budget, Next};

/// One event, and nothing new afterwards.
fn lunch(request: &HttpRequest) -> Answer {
    match asked(request).as_str() {
        "list default" => last("default", "t1", &[event("a", "v1", "Lunch")]),
        "default t1" => last("default", "t1", &[]),
        other => panic!("unexpected: {other}"),
    }
}

/// A host with one event in step, whose window then becomes another one.
fn rebuilt(field: Field, days: i64) -> Host {
    let mut host = Host::new(lunch);
    host.applied.push_back(Ok(CrmApplied::Stored(record("crm-a", "1", "Lunch"))));
    host.step();
    host.mutations.clear();
    host.set(field, SettingValue::Integer(days));
    host
}

fn far(id: &str) -> CrmItem {
    let mut item = record(id, "1", "Anniversary");
    let start = NOW.plus(TimeDelta::days(400));
    let time = EventTime::timed(start, start.plus(TimeDelta::hours(1)), Zone::UTC).unwrap();
    item.record.set(FieldValue::Time(time));
    item
}

/// An event that only the window of 400 days shows.
fn anniversary() -> Value {
    let mut far = event("far", "v1", "Anniversary");
    far["start"] = json!({"dateTime": "2028-02-19T08:00:00", "timeZone": "UTC"});
    far["end"] = json!({"dateTime": "2028-02-19T09:00:00", "timeZone": "UTC"});
    far
}

#[test]
fn changes_flow_while_a_new_window_is_listed_and_only_then_the_old_link_is_dropped() {
    let mut host = Host::new(lunch);
    host.applied.push_back(Ok(CrmApplied::Stored(record("crm-a", "1", "Lunch"))));
    host.records.push(far("far"));
    let report = host.step();
    assert_eq!((report.counts.crm.created, report.counts.m365.created), (1, 0), "it is beyond the window");
    host.set(Field::WindowFutureDays, SettingValue::Integer(400));
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t2", &[event("a", "v2", "Long lunch")]),
        "list default" => more("default", "p2", &[anniversary()]),
        other => panic!("unexpected: {other}"),
    };
    let report = host.step_with(Budget { requests: 2, ..PLENTY });
    assert_eq!(host.asked(), ["default t1", "list default"]);
    assert_eq!((report.next, report.counts.crm.updated, report.counts.crm.created), (Next::Again, 1, 0));
    host.graph = |request| match asked(request).as_str() {
        "default t2" => last("default", "t3", &[event("a", "v3", "Longer lunch")]),
        "default p2" => last("default", "n1", &[event("a", "v3", "Longer lunch")]),
        other => panic!("unexpected: {other}"),
    };
    let report = host.step();
    assert_eq!(host.asked(), ["default t2", "default p2"]);
    assert_eq!((report.next, report.counts.crm.updated), (Next::Idle, 1));
    assert_eq!((report.counts.adopted, report.counts.crm.created, report.counts.m365.created), (1, 0, 0));
    host.graph = |request| match asked(request).as_str() {
        "default n1" => last("default", "n1", &[]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.asked(), ["default n1"]);
}

#[test]
fn an_edit_in_the_crm_is_written_while_a_new_window_is_listed() {
    let mut host = rebuilt(Field::WindowFutureDays, 400);
    host.changed(vec![CrmChange::Upserted(record("crm-a", "2", "Long lunch"))]);
    host.items = |id, _| Some(record(id.as_str(), "2", "Long lunch"));
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "PATCH me/events/a" => answer(200, &event("a", "v2", "Long lunch")),
        other => panic!("unexpected: {other}"),
    };
    let report = host.step_with(Budget { requests: 2, ..PLENTY });
    assert_eq!((report.next, report.counts.m365.updated), (Next::Again, 1), "{:?}", host.asked());
}

#[test]
fn what_only_left_the_window_is_neither_read_nor_deleted() {
    let mut host = Host::new(|request| match asked(request).as_str() {
        "list default" => last("default", "t1", &[anniversary()]),
        other => panic!("unexpected: {other}"),
    });
    host.set(Field::WindowFutureDays, SettingValue::Integer(400));
    assert_eq!(host.step().counts.crm.created, 1);
    host.set(Field::WindowFutureDays, SettingValue::Integer(10));
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "list default" => last("default", "n1", &[]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!((host.step().next, host.deletes()), (Next::Idle, 0));
    // The feed says the same of an event that was moved out of the window.
    host.graph = |request| match asked(request).as_str() {
        "default n1" => last("default", "n2", &[removed("far")]),
        "GET me/events/far" => answer(200, &anniversary()),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!((host.step().next, host.deletes()), (Next::Idle, 0));
}

#[test]
fn what_vanished_inside_the_new_window_is_deleted_after_a_read() {
    let mut host = rebuilt(Field::WindowPastDays, 10);
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "list default" => last("default", "n1", &[]),
        "GET me/events/a" => answer(404, &json!({"error": {"code": "ErrorItemNotFound"}})),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!((host.step().next, host.deletes()), (Next::Idle, 1));
}

#[test]
fn an_old_link_that_is_lost_while_a_new_window_is_listed_is_just_dropped() {
    let mut host = rebuilt(Field::WindowFutureDays, 400);
    host.graph = |request| match asked(request).as_str() {
        "default t1" => forgotten(),
        "list default" => more("default", "p2", &[event("a", "v1", "Lunch")]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!(host.step_with(Budget { requests: 2, ..PLENTY }).next, Next::Again);
    host.graph = |request| match asked(request).as_str() {
        "default p2" => last("default", "n1", &[]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!((host.step().next, host.mutations.len()), (Next::Idle, 0));
}

#[test]
fn a_listing_that_is_lost_half_way_begins_again_and_trusts_none_of_its_marks() {
    let mut host = rebuilt(Field::WindowFutureDays, 400);
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "list default" => more("default", "p2", &[event("a", "v1", "Lunch")]),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!(host.step_with(Budget { requests: 2, ..PLENTY }).next, Next::Again);
    // Lunch was deleted before the second listing, so that no feed says it.
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "default p2" => forgotten(),
        "list default" => last("default", "n1", &[]),
        "GET me/events/a" => answer(404, &json!({"error": {"code": "ErrorItemNotFound"}})),
        other => panic!("unexpected: {other}"),
    };
    assert_eq!((host.step().next, host.deletes()), (Next::Idle, 1));
}

#[test]
fn a_commit_that_fails_half_way_through_a_new_window_loses_nothing() {
    let mut host = rebuilt(Field::WindowFutureDays, 400);
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "list default" => last("default", "n1", &[event("a", "v1", "Lunch"), anniversary()]),
        other => panic!("unexpected: {other}"),
    };
    host.refuse_commit = Some("/staged/m365/");
    assert!(matches!(host.step().next, Next::After(_)));
    host.after_the_wait();
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created, host.deletes()), (Next::Idle, 1, 0));
}

/// Whether the staged observation of a record came in the feed.
fn is_live(host: &Host, id: &str) -> Option<bool> {
    let staged = host.stored(&format!("staged/crm/{id}"))?;
    let seen = staged.get("present").or_else(|| staged.get("gone"))?;
    seen["live"].as_bool()
}

/// Nothing can be written, so that observations stay.
fn refuses_writes(request: &HttpRequest) -> Answer {
    if is_write(request) || request.url.ends_with("/$batch") {
        return answer(503, &json!({}));
    }
    last("default", "t1", &[])
}

#[test]
fn an_observation_of_the_feed_is_live_and_no_listing_takes_that_away() {
    let mut host = Host::new(refuses_writes);
    assert_eq!(host.step().next, Next::Idle);
    // All records are listed once more, for a new window.
    host.set(Field::WindowFutureDays, SettingValue::Integer(400));
    let edited = record("edited", "2", "Call");
    host.changed(vec![CrmChange::Upserted(edited.clone()), CrmChange::Upserted(record("again", "1", "Fair"))]);
    host.records = vec![edited, record("again", "2", "Trade fair"), record("entered", "1", "Visit")];
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!(is_live(&host, "edited"), Some(true));
    assert_eq!(is_live(&host, "entered"), Some(false));
    assert_eq!(is_live(&host, "again"), Some(false), "the feed has not shown this version");
}

#[test]
fn what_a_first_listing_shows_is_not_live_and_what_follows_it_in_the_feed_is() {
    let mut host = Host::new(refuses_writes);
    let page = |changes, more| Ok(CrmPage { changes, next: "cursor".to_owned(), more });
    host.changes.extend([
        page(vec![CrmChange::Upserted(record("old", "1", "Visit"))], false),
        page(vec![CrmChange::Upserted(record("new", "1", "Call"))], false),
    ]);
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!((is_live(&host, "old"), is_live(&host, "new")), (Some(false), Some(true)));
}

#[test]
fn an_edit_of_which_the_crm_has_told_everybody_is_not_live() {
    let mut host = Host::new(refuses_writes);
    assert_eq!(host.step().next, Next::Idle);
    let told = CrmItem { announcement: Announcement::Settled, ..record("told", "1", "Visit") };
    host.changed(vec![CrmChange::Upserted(told), CrmChange::Upserted(record("untold", "1", "Call"))]);
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!((is_live(&host, "told"), is_live(&host, "untold")), (Some(false), Some(true)));
}

#[test]
fn a_tombstone_of_the_feed_is_live_and_a_record_that_a_sweep_misses_is_not() {
    for (fed, is_expected_live) in
        [(Some(Announcement::Due), true), (Some(Announcement::Settled), false), (None, false)]
    {
        let mut host = rebuilt(Field::WindowFutureDays, 365);
        host.graph = refuses_writes;
        if let Some(announcement) = fed {
            host.changed(vec![CrmChange::Deleted { id: CrmId::new("crm-a"), announcement }]);
        } else {
            host.changes.push_back(Err(crate::ports::CrmChangesError::CursorExpired));
        }
        assert!(matches!(host.step().next, Next::After(_)));
        assert_eq!(is_live(&host, "crm-a"), Some(is_expected_live), "{fed:?}");
    }
}

#[test]
fn the_feed_of_the_crm_is_read_to_its_end_before_and_after_a_listing_for_a_new_window() {
    let mut host = rebuilt(Field::WindowFutureDays, 400);
    host.graph = |request| match asked(request).as_str() {
        "default t1" => last("default", "t1", &[]),
        "list default" => last("default", "n1", &[event("a", "v1", "Lunch")]),
        _ => answer(201, &event("new", "v1", "Visit")),
    };
    let page = |changes, next: &str, more| Ok(CrmPage { changes, next: next.to_owned(), more });
    host.changes.extend([
        page(vec![], "feed 1", true),
        page(vec![], "feed 2", false),
        page(vec![CrmChange::Upserted(record("crm-a", "1", "Lunch"))], "list 1", true),
        page(vec![], "list 2", false),
        page(vec![CrmChange::Upserted(record("visit", "1", "Visit"))], "feed 3", false),
    ]);
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.created), (Next::Idle, 1));
    assert_eq!(host.stored("status").unwrap()["crm"], json!({"changes": {"cursor": "feed 3"}}));
}
