//! What a step does when something fails half-way: each test is a claim about
//! nothing being lost, doubled or said wrongly.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::time::Duration;

use serde_json::{Value, json};

use crate::account::testing::FENCE;
use crate::graph::wire::CORRELATION_PROPERTY;
use crate::model::{CrmId, FieldGroup, FieldValue};
use crate::ports::{
    Announcement, CommitError, CrmApplied, CrmChange, CrmMutation, CrmMutationError, HostError, HttpRequest,
    TransportFailure,
};
use crate::settings::Feature;
use crate::sync::IssueCode;

use super::testing::{Answer, Host, PLENTY, answer, event, is_changes, is_listing, is_write, page, record};
use super::{Budget, Job, Next, PlannedAction, preview};

/// How many new records fill more than one batch.
const MORE_THAN_A_BATCH: usize = 30;

fn upserted(count: usize) -> Vec<CrmChange> {
    let new = |index| CrmChange::Upserted(record(&format!("crm-{index:02}"), "1", &format!("Visit {index}")));
    (0..count).map(new).collect()
}

#[test]
fn an_observation_whose_commit_fails_is_observed_again() {
    let mut host = Host::new(lunch);
    host.refuse_commit = Some("/staged/");
    assert!(matches!(host.step().next, Next::After(_)));
    host.after_the_wait();
    let report = host.step();
    assert_eq!((report.next, report.counts.crm.created), (Next::Idle, 1));
}

#[test]
fn a_record_whose_commit_fails_is_observed_again() {
    let mut host =
        Host::new(|request| if is_write(request) { answer(201, &event("new", "v1", "Visit 0")) } else { page(&[]) });
    host.records.push(record("crm-00", "1", "Visit 0"));
    host.refuse_commit = Some("/staged/crm/");
    assert!(matches!(host.step().next, Next::After(_)));
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.created), (Next::Idle, 1));
}

#[test]
fn a_preview_ends_where_it_replaces_more_than_a_page_of_observations() {
    let mut host = Host::new(lunch);
    for index in 0..1_200 {
        host.account.entries.insert(format!("calendar/adele-id/staged/m365/{index:04}"), (b"{}".to_vec(), 1));
    }
    let before = host.account.entries.clone();
    let planned = preview(&mut host, Job { resource: Feature::Calendar, fence: FENCE }, PLENTY).unwrap();
    assert!(planned.complete);
    assert_eq!(planned.operations.len(), 1);
    assert_eq!(host.account.entries, before, "a preview has written");
}

#[test]
fn a_preview_does_not_plan_what_an_interrupted_step_has_created() {
    let mut host = Host::new(|request| if is_write(request) { Err(TransportFailure::TimedOut) } else { page(&[]) });
    host.changed(upserted(1));
    assert!(matches!(host.step().next, Next::After(_)));
    host.after_the_wait();
    let intent = host.account.entries.keys().find(|key| key.contains("/intent/")).unwrap();
    CREATED.with_borrow_mut(|link| *link = intent.rsplit('/').next().unwrap().to_owned());
    host.graph = |request| {
        if is_changes(request) {
            return page(&[]);
        }
        let mut made = event("new", "v1", "Visit 0");
        let property = json!({"id": CORRELATION_PROPERTY, "value": CREATED.with_borrow(Clone::clone)});
        made["singleValueExtendedProperties"] = json!([property]);
        answer(200, &json!({"value": [made]}))
    };
    let planned = preview(&mut host, Job { resource: Feature::Calendar, fence: FENCE }, PLENTY).unwrap();
    let creates = planned.operations.iter().filter(|operation| operation.action == PlannedAction::Create);
    assert_eq!((planned.complete, creates.count()), (true, 0));
}

thread_local! {
    /// The link that an event found by Microsoft bears.
    static CREATED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

#[test]
fn an_alert_from_a_step_that_wrote_nothing_else_is_remembered() {
    let mut host = Host::new(lunch);
    host.step();
    host.graph = |request| {
        if is_changes(request) {
            page(&[json!({"id": "a", "@removed": {"reason": "deleted"}})])
        } else {
            answer(400, &json!({"error": {"code": "ErrorInvalidRequest"}}))
        }
    };
    assert_eq!(host.step().next, Next::Idle);
    assert_eq!(host.account.alert_codes(), ["not-mappable"]);
    host.graph = |_| page(&[event("a", "v2", "Long lunch")]);
    assert_eq!(host.step().counts.crm.updated, 1);
    let resolved: Vec<_> = host.account.resolved.iter().filter_map(|filter| filter.external_id.as_deref()).collect();
    assert_eq!(resolved, ["a"]);
}

#[test]
fn a_batch_that_fails_as_a_whole_is_one_failed_attempt() {
    let mut host =
        Host::new(|request| if request.url.ends_with("/$batch") { answer(503, &json!({})) } else { page(&[]) });
    host.changed(upserted(10));
    let report = host.step();
    assert!(matches!(report.next, Next::After(wait) if wait.time <= Duration::from_secs(1)), "{report:?}");
    assert_eq!(host.account.alert_codes(), Vec::<&str>::new());
}

#[test]
fn a_budget_that_ends_between_two_batches_is_no_failure_of_microsoft() {
    let mut host = Host::new(|request| {
        if request.url.ends_with("/$batch") {
            answer(200, &created(request.body.as_deref().unwrap_or_default()))
        } else {
            page(&[])
        }
    });
    host.changed(upserted(MORE_THAN_A_BATCH));
    // The listing, and one batch.
    let report = host.step_with(Budget { requests: 2, ..PLENTY });
    assert_eq!((report.next, report.counts.m365.created), (Next::Again, 20));
    assert_eq!(host.account.alert_codes(), Vec::<&str>::new());
    let report = host.step();
    assert_eq!((report.next, report.counts.m365.created), (Next::Idle, 10));
}

#[test]
fn an_alert_about_an_item_is_over_when_the_item_is_deleted() {
    let mut host = Host::new(|request| {
        if is_write(request) { answer(400, &json!({"error": {"code": "ErrorInvalidRequest"}})) } else { page(&[]) }
    });
    host.changed(upserted(1));
    host.step();
    assert_eq!(host.account.alert_codes(), ["refused"]);
    host.changed(vec![CrmChange::Deleted { id: CrmId::new("crm-00"), announcement: Announcement::Due }]);
    assert_eq!(host.step().next, Next::Idle);
    let resolved: Vec<_> = host.account.resolved.iter().filter_map(|filter| filter.item_id.as_deref()).collect();
    assert_eq!(resolved, ["crm-00"]);
}

#[test]
fn an_event_that_became_a_series_is_not_created_from_what_it_was() {
    let mut host = Host::new(|request| {
        let mut series = event("a", "v2", "Lunch");
        series["type"] = json!("seriesMaster");
        let range = json!({"type": "noEnd", "recurrenceTimeZone": "UTC"});
        series["recurrence"] = json!({"pattern": {"type": "daily", "interval": 1}, "range": range});
        if is_changes(request) {
            page(&[series])
        } else if request.url.contains("/me/events/a") {
            series["cancelledOccurrences"] = json!([]);
            series["exceptionOccurrences"] = json!([]);
            answer(200, &series)
        } else {
            lunch(request)
        }
    });
    host.applied.push_back(Err(CrmMutationError::Host(HostError::Unavailable(None))));
    assert!(matches!(host.step().next, Next::After(_)));
    host.mutations.clear();
    let report = host.step();
    assert_eq!((report.next, host.creates()), (Next::Idle, 1), "{:?}", report.issues);
    let [CrmMutation::Create { record, .. }] = host.mutations.as_slice() else { panic!("{:?}", host.mutations) };
    assert!(record.rule().is_some(), "{record:?}");
}

#[test]
fn one_record_that_fails_does_not_undo_what_was_written_beside_it() {
    let mut host = Host::new(|request| {
        if is_listing(request) { page(&[event("a", "v1", "Lunch"), event("b", "v1", "Dinner")]) } else { page(&[]) }
    });
    host.applied.push_back(Ok(CrmApplied::Stored(record("crm-a", "1", "Lunch"))));
    host.applied.push_back(Err(CrmMutationError::Host(HostError::Unavailable(None))));
    let report = host.step();
    assert!(matches!(report.next, Next::After(_)), "{report:?}");
    assert_eq!(report.counts.crm.created, 1);
    host.mutations.clear();
    assert_eq!(host.step().counts.crm.created, 1);
    assert_eq!(host.creates(), 1);
}

#[test]
fn an_event_that_cannot_be_read_is_there_all_the_same() {
    let mut host = Host::new(|request| match (is_listing(request), is_changes(request)) {
        (true, _) => lunch(request),
        (_, true) => answer(410, &json!({"error": {"code": "SyncStateNotFound"}})),
        (false, false) => Err(TransportFailure::TimedOut),
    });
    assert_eq!(host.step().counts.crm.created, 1);
    host.graph = |request| match (is_listing(request), is_changes(request)) {
        (true, _) => page(&[json!({"id": "a", "subject": 5})]),
        (_, true) => answer(410, &json!({"error": {"code": "SyncStateNotFound"}})),
        (false, false) => Err(TransportFailure::TimedOut),
    };
    let report = host.step();
    assert_eq!(report.next, Next::Idle, "{report:?}");
    assert_eq!(host.requests(), ["GET /me/calendarView/delta", "GET /me/calendarView/delta"]);
}

#[test]
fn an_event_that_became_a_series_before_its_answer_was_known_is_not_created_again() {
    let mut host = Host::new(|request| if is_write(request) { Err(TransportFailure::TimedOut) } else { page(&[]) });
    host.changed(upserted(1));
    assert!(matches!(host.step().next, Next::After(_)));
    host.after_the_wait();
    host.graph = |request| {
        if is_changes(request) {
            return page(&[]);
        }
        let mut series = event("new", "v2", "Visit 0");
        series["type"] = json!("seriesMaster");
        answer(200, &json!({"value": [series]}))
    };
    let report = host.step();
    assert_eq!(report.next, Next::Idle);
    assert_eq!(host.requests(), ["GET /me/events", "GET /me/calendarView/delta"]);
    assert_eq!(report.issues[0].code, IssueCode::NotMappable);
}

#[test]
fn a_crm_whose_listing_never_ends_is_left_alone_for_a_while() {
    let mut host = Host::new(|_| page(&[]));
    host.forgets_cursors = true;
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!(host.account.alert_codes(), ["run-stopped"]);
}

#[test]
fn a_record_that_keeps_changing_is_named() {
    let mut host = Host::new(lunch);
    host.applied.push_back(Ok(CrmApplied::Stored(record("crm-a", "1", "Lunch"))));
    assert_eq!(host.step().next, Next::Idle);
    host.graph = |request| if is_changes(request) { page(&[event("a", "v2", "Long lunch")]) } else { page(&[]) };
    host.items = |id, reads| Some(record(id.as_str(), &format!("{}", reads + 1), "Lunch"));
    host.applied.extend((0..3).map(|_| Err(CrmMutationError::VersionMismatch)));
    let report = host.step();
    assert_eq!(report.next, Next::Idle);
    assert_eq!(report.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), [IssueCode::KeepsChanging]);
}

/// One event in the listing, and no change after it.
fn lunch(request: &HttpRequest) -> Answer {
    if is_listing(request) { page(&[event("a", "v1", "Lunch")]) } else { page(&[]) }
}

/// The answers to a batch of creates and searches: every create works, and no
/// search finds anything.
fn created(batch: &[u8]) -> Value {
    let batch: Value = serde_json::from_slice(batch).unwrap();
    let parts = batch["requests"].as_array().unwrap().iter().map(|part| {
        let number = part["id"].as_str().unwrap();
        let body = match part["method"].as_str().unwrap() {
            "GET" => json!({"value": []}),
            _ => event(part["body"]["subject"].as_str().unwrap(), "v1", "Visit"),
        };
        json!({"id": number, "status": 200, "headers": {"Content-Type": "application/json"}, "body": body})
    });
    json!({"responses": parts.collect::<Vec<_>>()})
}

#[test]
fn a_record_that_lost_its_time_does_not_stop_the_others() {
    let mut host = Host::new(|request| {
        if is_listing(request) {
            page(&[event("a", "v1", "Lunch")])
        } else if is_changes(request) {
            page(&[json!({"id": "a", "@removed": {"reason": "deleted"}})])
        } else {
            answer(404, &json!({"error": {"code": "ErrorItemNotFound"}}))
        }
    });
    host.applied.push_back(Ok(CrmApplied::Stored(record("crm-a", "1", "Lunch"))));
    assert_eq!(host.step().next, Next::Idle);
    let mut timeless = record("crm-a", "2", "Dinner");
    timeless.record.remove(FieldGroup::Time);
    host.items = |id, _| {
        let mut timeless = record(id.as_str(), "2", "Dinner");
        timeless.record.remove(FieldGroup::Time);
        Some(timeless)
    };
    host.changed(vec![CrmChange::Upserted(timeless)]);
    let report = host.step();
    assert_eq!(report.next, Next::Idle);
    assert_eq!(report.issues[0].code, IssueCode::NotMappable);
}

#[test]
fn a_commit_that_the_host_refuses_for_good_is_said_to_people_and_over_after_a_success() {
    let mut host = Host::new(lunch);
    host.refuse_commit = Some("/staged/");
    host.refusal = CommitError::TooLarge;
    assert!(matches!(host.step().next, Next::After(_)));
    assert_eq!(host.account.alert_codes(), ["run-stopped"]);
    host.after_the_wait();
    assert_eq!(host.step().next, Next::Idle);
    assert!(host.account.resolved.iter().any(|filter| filter.code == Some("run-stopped")));
}

/// Change tracking repeats items within a page, and not always in the order of
/// their changes (Graph, delta-query-overview: replays).
#[test]
fn of_a_page_that_repeats_an_older_state_the_newest_one_counts() {
    let state = |version: &str, subject: &str, minute: u8| {
        let mut event = event("a", version, subject);
        event["lastModifiedDateTime"] = json!(format!("2027-01-10T08:{minute:02}:00Z"));
        event
    };
    for (first, second) in [(10, 20), (20, 10)] {
        TWICE.with_borrow_mut(|states| {
            *states = [first, second].map(|minute| state(&format!("v{minute}"), &format!("Lunch {minute}"), minute));
        });
        let mut host = Host::new(|request| if is_listing(request) { page(&TWICE.take()) } else { page(&[]) });
        assert_eq!(host.step().counts.crm.created, 1);
        let titles: Vec<_> = host.mutations.iter().map(title_of).collect();
        assert_eq!(titles, ["Lunch 20"], "{first} before {second}");
    }
}

thread_local! {
    /// Two states of one event, in the order of the page.
    static TWICE: std::cell::RefCell<[Value; 2]> = const { std::cell::RefCell::new([Value::Null, Value::Null]) };
}

fn title_of(mutation: &CrmMutation) -> String {
    match mutation {
        CrmMutation::Create { record, .. } | CrmMutation::Update { record, .. } => {
            match record.get(FieldGroup::Title) {
                Some(FieldValue::Title(title)) => title.clone(),
                _ => String::new(),
            }
        }
        CrmMutation::Delete { .. } => String::new(),
    }
}
