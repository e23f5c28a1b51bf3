//! What the CRM's feed says and a read does not bear out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::testing::{Answer, Host, answer, event, is_changes, is_listing, page, record};
use super::{Next, WaitReason};
use crate::model::CrmId;
use crate::ports::{Announcement, Breach, CrmApplied, CrmChange, CrmChangesError, HostError, HttpRequest, Method};
use crate::sync::IssueCode;

/// Microsoft has the event `a`, and takes any write of it.
fn lunch(request: &HttpRequest) -> Answer {
    if is_listing(request) {
        page(&[event("a", "v1", "Lunch")])
    } else if is_changes(request) {
        page(&[])
    } else if request.method == Method::Delete {
        answer(204, &serde_json::Value::Null)
    } else {
        let body: serde_json::Value = serde_json::from_slice(request.body.as_deref().unwrap_or(b"{}")).unwrap();
        answer(200, &event("a", "v2", body["subject"].as_str().unwrap_or("Lunch")))
    }
}

/// The event is linked with the record `crm-a` in version 1.
fn linked() -> Host {
    let mut host = Host::new(lunch);
    host.applied.push_back(Ok(CrmApplied::Stored(record("crm-a", "1", "Lunch"))));
    assert_eq!(host.step().next, Next::Idle);
    host
}

fn tombstone(id: &str) -> CrmChange {
    CrmChange::Deleted { id: CrmId::new(id), announcement: Announcement::Due }
}

fn writes(host: &Host) -> Vec<String> {
    host.requests().into_iter().filter(|request| !request.starts_with("GET")).collect()
}

#[test]
fn a_tombstone_of_a_record_that_a_read_finds_deletes_nothing() {
    let mut host = linked();
    host.changed(vec![tombstone("crm-a")]);
    host.items = |id, _| Some(record(id.as_str(), "1", "Lunch"));
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(writes(&host), Vec::<String>::new());
    // The test can fail.
    host.changed(vec![tombstone("crm-a")]);
    host.items = |_, _| None;
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(writes(&host), ["DELETE /me/events/a"]);
}

#[test]
fn an_older_state_in_the_feed_is_not_brought_over() {
    let mut host = linked();
    host.changed(vec![CrmChange::Upserted(record("crm-a", "0", "Breakfast"))]);
    host.items = |id, _| Some(record(id.as_str(), "1", "Lunch"));
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(writes(&host), Vec::<String>::new());
}

#[test]
fn a_change_of_a_record_that_no_read_finds_is_taken_as_it_is_told() {
    let mut host = linked();
    host.changed(vec![CrmChange::Upserted(record("crm-a", "2", "Long lunch"))]);
    host.items = |_, _| None;
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(writes(&host), ["PATCH /me/events/a"]);
}

#[test]
fn a_breach_of_the_contract_is_said_in_words_and_over_with_the_next_success() {
    let mut host = linked();
    let breach = Breach::Twice { call: "calendar.changes" };
    host.changes.push_back(Err(CrmChangesError::Host(HostError::Breach(breach))));
    let report = host.step();
    assert!(matches!(report.next, Next::After(wait) if wait.reason == WaitReason::Stopped), "{:?}", report.next);
    assert_eq!(report.issues[0].code, IssueCode::HostBreach);
    let message = &report.issues[0].message;
    assert!(message.contains("each record at most once") && message.contains("whoever runs the CRM"), "{message}");
    assert_eq!(host.account.alert_codes(), ["run-stopped"]);
    assert_eq!(host.step().next, Next::Idle);
    assert!(host.account.resolved.iter().any(|filter| filter.code == Some("run-stopped")));
}
