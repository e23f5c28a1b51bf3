//! What of the guard rails shows in storage and in requests alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use crate::account::testing::FENCE;
use crate::model::CrmId;
use crate::ports::{Announcement, CrmChange, CrmMutation, HttpRequest};
use crate::run::testing::{Answer, Host, answer, event, is_changes, is_listing, is_write, page};
use crate::run::{Blocked, Job, Next, release};
use crate::settings::Feature;
use crate::sync::IssueCode;

const COUNT: usize = 30;

fn events(version: &str) -> Vec<Value> {
    let title = if version == "v1" { "Visit" } else { "Changed visit" };
    (0..COUNT).map(|number| event(&format!("e{number:02}"), version, &format!("{title} {number}"))).collect()
}

/// All events in the listing, and no change after it.
fn quiet(request: &HttpRequest) -> Answer {
    match () {
        () if is_listing(request) => page(&events("v1")),
        () if is_write(request) => answer(204, &Value::Null),
        () if request.url.ends_with("/$batch") => answer(200, &answers(request, 204, &Value::Null)),
        () => page(&[]),
    }
}

/// The same answer to each part of a batch.
fn answers(request: &HttpRequest, status: u16, body: &Value) -> Value {
    let batch: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
    let part = |part: &Value| json!({"id": part["id"], "status": status, "headers": {"Content-Type": "application/json"}, "body": body});
    json!({"responses": batch["requests"].as_array().unwrap().iter().map(part).collect::<Vec<_>>()})
}

/// A host with thirty events that are in step, and their ids in the CRM.
fn in_step() -> (Host, Vec<CrmId>) {
    let mut host = Host::new(quiet);
    assert_eq!(host.step().next, Next::Idle);
    let created = host.mutations.iter().filter_map(|mutation| match mutation {
        CrmMutation::Create { idempotency_key, .. } => Some(CrmId::new(idempotency_key.clone())),
        CrmMutation::Update { .. } | CrmMutation::Delete { .. } => None,
    });
    let ids: Vec<CrmId> = created.collect();
    assert_eq!(ids.len(), COUNT);
    (host, ids)
}

fn deleted(ids: &[CrmId]) -> Vec<CrmChange> {
    ids.iter().map(|id| CrmChange::Deleted { id: id.clone(), announcement: Announcement::Due }).collect()
}

fn stopped(host: &mut Host) -> Vec<IssueCode> {
    let report = host.step();
    assert_eq!(report.next, Next::Blocked(Blocked::GuardRail));
    report.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn links_are_counted_with_what_changes_them_and_once_where_they_were_not() {
    let (mut host, ids) = in_step();
    assert_eq!(host.stored("link-count"), Some(json!(COUNT)));
    host.changed(deleted(&ids[..3]));
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.stored("link-count"), Some(json!(COUNT - 3)));
    // As an earlier version has left it.
    host.account.entries.remove("calendar/adele-id/link-count");
    host.changed(deleted(&ids[3..4]));
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.stored("link-count"), None, "nobody has asked");
    host.changed(deleted(&ids[4..16]));
    assert_eq!(stopped(&mut host), [IssueCode::TooManyDeletions]);
    assert_eq!(host.stored("link-count"), Some(json!(COUNT - 4)));
}

#[test]
fn a_rail_that_is_up_reads_on_and_writes_nothing() {
    let (mut host, ids) = in_step();
    host.changed(deleted(&ids[..12]));
    for _ in 0..3 {
        assert_eq!(stopped(&mut host), [IssueCode::TooManyDeletions]);
        assert_eq!(host.requests(), ["GET /me/calendarView/delta"]);
        assert_eq!(host.account.alert_codes().last(), Some(&"too-many-deletions"));
    }
}

#[test]
fn what_is_left_over_of_earlier_deletions_comes_under_the_rail_as_well() {
    let (mut host, ids) = in_step();
    // Ten at a time pass, and Microsoft refuses each of them for good.
    host.graph = |request| match () {
        () if request.url.ends_with("/$batch") => {
            answer(200, &answers(request, 400, &json!({"error": {"code": "No"}})))
        }
        () => page(&[]),
    };
    for part in ids[..20].chunks(10) {
        host.changed(deleted(part));
        assert_eq!(host.step().next, Next::Idle);
    }
    // Then all of them change there, so that each is decided about once more.
    host.graph = |request| if is_changes(request) { page(&events("v2")[..]) } else { quiet(request) };
    assert_eq!(stopped(&mut host), [IssueCode::TooManyDeletions]);
    assert!(!host.requests().iter().any(|request| request.contains("batch")), "{:?}", host.requests());
}

#[test]
fn a_release_is_of_its_own_resource_and_says_whether_a_rail_was_up() {
    let (mut host, ids) = in_step();
    let of = |resource| Job { resource, fence: FENCE };
    assert_eq!(release(&mut host, of(Feature::Calendar)), Ok(false));
    host.changed(deleted(&ids[..12]));
    stopped(&mut host);
    assert_eq!(release(&mut host, of(Feature::Tasks)), Ok(false));
    stopped(&mut host);
    assert_eq!(release(&mut host, of(Feature::Calendar)), Ok(true));
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.deleted), (Next::Idle, 12));
    assert_eq!(host.account.entries.keys().filter(|key| key.ends_with("/held")).count(), 0);
}

#[test]
fn a_listing_that_is_empty_by_mistake_deletes_nothing_and_stops_nothing() {
    let (mut host, _) = in_step();
    host.graph = |request| match () {
        // The link is forgotten, the listing shows nothing, and every event is there.
        () if is_changes(request) => answer(410, &json!({"error": {"code": "SyncStateNotFound"}})),
        () if is_listing(request) => page(&[]),
        () if request.url.ends_with("/$batch") => {
            let batch: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
            let part = |part: &Value| {
                let url = part["url"].as_str().unwrap().split('?').next().unwrap().to_owned();
                let found = events("v1").into_iter().find(|event| url.ends_with(event["id"].as_str().unwrap()));
                json!({"id": part["id"], "status": 200, "headers": {}, "body": found.unwrap()})
            };
            let parts: Vec<Value> = batch["requests"].as_array().unwrap().iter().map(part).collect();
            answer(200, &json!({"responses": parts}))
        }
        () => page(&[]),
    };
    let report = host.step();
    assert_eq!((report.next, host.deletes()), (Next::Idle, 0));
    assert_eq!(host.account.alert_codes(), Vec::<&str>::new());
}
