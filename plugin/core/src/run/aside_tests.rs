//! What is set aside, what that costs, and how it comes back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

use crate::account::testing::FENCE;
use crate::model::CrmId;
use crate::ports::{Announcement, CrmChange, HttpRequest};
use crate::settings::Feature;
use crate::sync::IssueCode;

use super::asked_aside::{SetAsidePage, retry, set_aside};
use super::testing::{Answer, Host, answer, event, forgotten, is_changes, is_write, page, record};
use super::{Job, Next, Report, compare_again};

const JOB: Job = Job { resource: Feature::Calendar, fence: FENCE };

thread_local! {
    /// The title of the event that Microsoft does not take, and how.
    static POISON: RefCell<String> = const { RefCell::new(String::new()) };
    static STATUS: Cell<u16> = const { Cell::new(400) };
    /// Creates that Microsoft was asked for.
    static ASKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A mailbox that takes everything but the poison.
fn mailbox(request: &HttpRequest) -> Answer {
    let created = |body: &Value| {
        let title = body["subject"].as_str().unwrap().to_owned();
        ASKED.with_borrow_mut(|asked| asked.push(title.clone()));
        if POISON.with_borrow(|poison| *poison == title || poison == "all") {
            (STATUS.get(), json!({"error": {"code": "ErrorInternalServerError"}}))
        } else {
            (201, event(body["transactionId"].as_str().unwrap(), "v1", &title))
        }
    };
    if request.url.ends_with("/$batch") {
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
        let parts = body["requests"].as_array().unwrap().iter().map(|part| {
            let (status, body) = match part["method"].as_str() {
                Some("POST") => created(&part["body"]),
                _ => (200, json!({"value": []})),
            };
            json!({"id": part["id"], "status": status, "body": body})
        });
        return answer(200, &json!({"responses": parts.collect::<Vec<_>>()}));
    }
    if is_write(request) {
        let (status, body) = created(&serde_json::from_slice(request.body.as_deref().unwrap()).unwrap());
        return answer(status, &body);
    }
    if let Some((_, id)) = request.url.split_once("/me/events/") {
        // A read of what was made, by its id.
        return answer(200, &event(id.split('?').next().unwrap(), "v1", "Good"));
    }
    page(&[])
}

/// A host in step with a mailbox that refuses `poison` with `status`.
fn host(poison: &str, status: u16) -> Host {
    POISON.set(poison.to_owned());
    STATUS.set(status);
    ASKED.set(Vec::new());
    let mut host = Host::new(mailbox);
    host.step();
    host
}

fn upserted(titles: &[&str]) -> Vec<CrmChange> {
    let new = |title: &&str| CrmChange::Upserted(record(&format!("crm of {title}"), "1", title));
    titles.iter().map(new).collect()
}

fn asked() -> Vec<String> {
    ASKED.take()
}

fn listed(host: &mut Host) -> SetAsidePage {
    set_aside(host, Feature::Calendar, None).unwrap()
}

fn codes(report: &Report) -> Vec<IssueCode> {
    report.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn what_is_refused_is_sent_once_and_listed_until_it_changes() {
    let mut host = host("Poison", 400);
    host.changed(upserted(&["Good", "Poison"]));
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.created, codes(&report)), (Next::Idle, 1, vec![IssueCode::Refused]));
    assert_eq!(asked().len(), 2);
    let found = listed(&mut host);
    let (name, item) = &found.items[0];
    assert_eq!((found.items.len(), name.as_str(), item.attempts), (1, "crm/crm of Poison", 1));
    assert!(item.message.contains("did not accept"), "{item:?}");

    // Whatever has it decided about again: a comparison, a lost cursor.
    host.items = |id, _| Some(record(id.as_str(), "1", id.as_str().trim_start_matches("crm of ")));
    for lost_cursor in [false, true] {
        if lost_cursor {
            host.graph = |request| if is_changes(request) { forgotten() } else { mailbox(request) };
        } else {
            compare_again(&mut host, JOB).unwrap();
        }
        host.records = vec![record("crm of Poison", "1", "Poison"), record("crm of Good", "1", "Good")];
        let report = host.step();
        assert_eq!((asked(), report.next), (Vec::<String>::new(), Next::Idle), "{:?}", report.issues);
        if !lost_cursor {
            assert_eq!(codes(&report), [IssueCode::Refused], "it is named as it was");
        }
        host.graph = mailbox;
    }
    assert_eq!(listed(&mut host).items.len(), 1);

    // Changed, it is tried again; refused again, it counts.
    host.changed(vec![CrmChange::Upserted(crate::ports::CrmItem {
        uid: "x".to_owned(),
        ..record("crm of Poison", "2", "Poison")
    })]);
    host.step();
    assert_eq!(asked(), Vec::<String>::new(), "another version of the same is no change");
    let mut longer = record("crm of Poison", "3", "Poison");
    longer.record.set(crate::model::FieldValue::Location("Room 1".to_owned()));
    host.changed(vec![CrmChange::Upserted(longer)]);
    host.step();
    assert_eq!((asked().len(), listed(&mut host).items[0].1.attempts), (1, 2));
    host.changed(vec![CrmChange::Upserted(record("crm of Poison", "4", "Cured"))]);
    assert_eq!(host.step().counts.m365.created, 1);
    assert_eq!(listed(&mut host), SetAsidePage::default());
}

#[test]
fn it_is_tried_again_on_demand_and_forgotten_with_its_record() {
    let mut host = host("Poison", 400);
    host.changed(upserted(&["Poison"]));
    host.step();
    asked();
    host.items = |id, _| Some(record(id.as_str(), "1", "Poison"));
    assert_eq!(retry(&mut host, JOB, Some(&["crm/another".to_owned()])), Ok(0));
    host.step();
    assert_eq!(asked(), Vec::<String>::new());
    assert_eq!(retry(&mut host, JOB, Some(&["crm/crm of Poison".to_owned()])), Ok(1));
    host.step();
    assert_eq!((asked().len(), listed(&mut host).items[0].1.attempts), (1, 2));
    assert_eq!(retry(&mut host, JOB, None), Ok(1));
    POISON.set(String::new());
    assert_eq!(host.step().counts.m365.created, 1);
    assert_eq!(listed(&mut host), SetAsidePage::default());

    POISON.set("Poison".to_owned());
    host.changed(vec![CrmChange::Upserted(record("other", "1", "Poison"))]);
    host.step();
    assert_eq!(listed(&mut host).items.len(), 1);
    host.items = |_, _| None;
    host.changed(vec![CrmChange::Deleted { id: CrmId::new("other"), announcement: Announcement::Due }]);
    host.step();
    assert_eq!(listed(&mut host), SetAsidePage::default());
}

#[test]
fn an_item_that_fails_again_and_again_is_set_aside_where_others_go_through() {
    let mut host = host("Poison", 500);
    let mut created = 0;
    for round in 0..6 {
        let titles = [format!("A{round}"), format!("B{round}")];
        let mut changes: Vec<CrmChange> = upserted(&[&titles[0], &titles[1]]);
        if round == 0 {
            changes.extend(upserted(&["Poison"]));
        }
        host.changed(changes);
        created += host.step().counts.m365.created;
        host.after_the_wait();
    }
    assert_eq!(created, 12, "all others");
    assert_eq!(asked().iter().filter(|title| *title == "Poison").count(), 4);
    assert_eq!(listed(&mut host).items.len(), 1);
    // It may have been made: it is looked for once, and costs nothing after that.
    for _ in 0..3 {
        assert_eq!(host.step().next, Next::Idle);
    }
    assert_eq!(host.requests(), ["GET /me/calendarView/delta"]);
    assert_eq!(asked(), Vec::<String>::new());
}

#[test]
fn an_outage_sets_nothing_aside() {
    let mut host = host("all", 503);
    host.changed(upserted(&["A", "B", "C"]));
    for _ in 0..12 {
        assert!(matches!(host.step().next, Next::After(_)));
        host.after_the_wait();
    }
    assert_eq!(listed(&mut host), SetAsidePage::default());
    POISON.set(String::new());
    assert_eq!(host.step().counts.m365.created, 3);
}

/// More items than the status keeps by heart: none is passed over, and each is
/// forgotten in its turn.
#[test]
fn of_more_items_than_are_known_by_heart_people_are_told_all_the_same() {
    let mut host = host("all", 400);
    let titles: Vec<String> = (0..600).map(|number| format!("Event {number}")).collect();
    for titles in titles.chunks(100) {
        host.changed(upserted(&titles.iter().map(String::as_str).collect::<Vec<_>>()));
        host.step();
    }
    assert_eq!((asked().len(), host.account.alerts.len()), (600, 600));

    // The last one is what it was: a comparison does not send it again.
    host.items = |id, _| Some(record(id.as_str(), "1", id.as_str().trim_start_matches("crm of ")));
    host.records = titles.iter().map(|title| record(&format!("crm of {title}"), "1", title)).collect();
    compare_again(&mut host, JOB).unwrap();
    host.step();
    assert_eq!(asked(), Vec::<String>::new());

    // All of them can be written.
    POISON.set(String::new());
    for titles in titles.chunks(100) {
        let change =
            |title: &String| CrmChange::Upserted(record(&format!("crm of {title}"), "2", &format!("{title}!")));
        host.changed(titles.iter().map(change).collect());
        host.step();
    }
    assert_eq!(listed(&mut host), SetAsidePage::default());
    let status = host.stored("status").unwrap();
    assert_eq!((&status["alerted_items"], &status["told_of_more"]), (&json!([]), &json!(false)));
}
