//! How far lists are read, step by step, and what settings and time change about
//! it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::status::{ListRound, ListState, TasksStatus};
use crate::account::testing::{ALL_SCOPES, FENCE, TASK_SCOPES};
use crate::graph::wire::{Continuation, PageLink};
use crate::model::{
    AccountId, CrmId, CrmVersion, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId, Record, TaskListId,
};
use crate::run::resource::{ResourceStatus, WaitUntil};
use crate::run::state::{CrmRound, Keys};
use crate::run::store::{Batch, Store};
use crate::run::testing::{Host, PLENTY, answer};
use crate::run::{Blocked, Budget, Job, Next, Report, WaitReason, step};
use crate::settings::{EffectiveSettings, Feature, Field, Layers, SettingValue};
use crate::sync::{CrmEnd, CrmSeen, GraphEnd, GraphSeen, Link, Organizer};

const NOW: Instant = Instant::from_epoch_milliseconds(1_800_000_000_000);

fn link(text: &str) -> PageLink {
    PageLink::new(text)
}

fn settings(direction: &str) -> EffectiveSettings {
    let mut layers = Layers::default();
    layers.user.set(Field::TasksDirection, SettingValue::text(direction));
    EffectiveSettings::of(&layers)
}

/// Both sides are followed, and nothing is to be listed.
fn followed() -> TasksStatus {
    let mut status = TasksStatus::present(None, &settings("bidirectional"), NOW);
    let state = ListState::Changes { link: link("t1"), complete: true };
    status.lists = vec![ListRound { state, ..ListRound::new(TaskListId::new("tasks"), "Tasks".to_owned()) }];
    status.crm = CrmRound::Changes { cursor: "c1".to_owned() };
    (status.sweep, status.comparing) = (None, false);
    status
}

#[test]
fn a_listing_is_compared_before_its_changes_are_followed() {
    let mut list = ListRound::new(TaskListId::new("tasks"), "Tasks".to_owned());
    list.after_page(Continuation::Next(link("n1")));
    assert_eq!((&list.state, list.pages), (&ListState::Listing { next: Some(link("n1")) }, 1));
    list.after_page(Continuation::Delta(link("d1")));
    assert_eq!((&list.state, list.pages), (&ListState::Listed { delta: link("d1") }, 0));
    list.compared();
    assert_eq!(list.state, ListState::Changes { link: link("d1"), complete: true });
}

#[test]
fn a_round_of_changes_is_complete_with_its_delta_link_only() {
    let mut list = followed().lists.remove(0);
    list.after_page(Continuation::Next(link("n2")));
    assert_eq!((&list.state, list.pages), (&ListState::Changes { link: link("n2"), complete: false }, 1));
    list.after_page(Continuation::Delta(link("d2")));
    assert_eq!((&list.state, list.pages), (&ListState::Changes { link: link("d2"), complete: true }, 0));
    list.list_again();
    assert_eq!(list.state, ListState::Listing { next: None });
}

#[test]
fn another_direction_lists_both_sides_and_compares_everything() {
    let same = TasksStatus::present(Some(followed()), &settings("bidirectional"), NOW);
    assert_eq!((same.is_listing(), same.is_comparing()), (false, false));
    let other = TasksStatus::present(Some(followed()), &settings("crm-to-microsoft"), NOW);
    assert_eq!((other.is_listing(), other.is_comparing(), other.listing), (true, true, 2));
    assert_eq!(other.crm, CrmRound::Listing { cursor: None });
}

#[test]
fn what_is_stored_reads_back_with_its_waits_and_alerts() {
    let mut status = followed();
    status.health.wait = Some(WaitUntil { until: NOW, reason: WaitReason::Throttled });
    status.health.alerted_items.insert("1".to_owned());
    let stored = serde_json::to_vec(&status).unwrap();
    assert_eq!(serde_json::from_slice::<TasksStatus>(&stored).unwrap(), status);
}

/// A step of the tasks of a CRM that has them, or has none.
fn step_where(has_tasks: bool) -> (Host, Report) {
    let mut host = Host::new(|_| answer(200, &serde_json::json!({"value": []})));
    host.account = host.account.with_tasks();
    host.account.put_granted("access-1", 60, &format!("{ALL_SCOPES} {TASK_SCOPES}"));
    host.has_tasks = has_tasks;
    let report = step(&mut host, Job { resource: Feature::Tasks, fence: FENCE }, PLENTY);
    (host, report)
}

#[test]
fn a_crm_without_tasks_costs_no_request() {
    let (host, report) = step_where(false);
    assert_eq!(report, Report::blocked(Blocked::NotOffered));
    assert_eq!(host.requests(), [""; 0]);
    assert!(host.mutations.is_empty());
    // Everything else being equal, one that has them is asked for.
    let (host, report) = step_where(true);
    assert!(!host.requests().is_empty(), "{report:?}");
}

/// A task that was linked in the list `main`, and is not there any more.
fn lost_task(host: &mut Host) {
    let keys = Keys::tasks(&AccountId::new("adele-id"));
    let record: Record = [FieldValue::Title("Call back".to_owned())].into_iter().collect();
    let writable = FieldSet::all();
    let ours = CrmSeen { version: CrmVersion::new("1"), meeting_uid: None, record: record.clone(), writable };
    let theirs = GraphSeen {
        version: GraphVersion::new("v1"),
        modified_at: None,
        record,
        writable,
        occurrence_ids: BTreeMap::new(),
        organizer: Organizer::default(),
        meeting_blob: None,
        list: Some(TaskListId::new("main")),
    };
    let crm = CrmEnd::agreed(CrmId::new("7"), ours);
    let m365 = GraphEnd::agreed(GraphId::new("t1"), None, theirs);
    let link = Link::created(LinkId::new("link-1"), 0, crm, m365);
    let mut batch = Batch::default();
    batch.put_link(&keys, &link);
    let delta = PageLink::new("https://graph.example/v1.0/x/tasks/delta?$t=0");
    let state = ListState::Changes { link: delta, complete: true };
    let mut status = followed();
    status.lists = vec![ListRound { state, ..ListRound::new(TaskListId::new("main"), "Tasks".to_owned()) }];
    batch.put(keys.status(), &status);
    Store::new(keys, FENCE).commit(host, batch).unwrap();
}

#[test]
fn a_list_without_end_is_searched_for_a_named_number_of_pages_and_deletes_nothing() {
    let mut host = Host::new(|request| {
        let url = request.url.as_str();
        let lists = serde_json::json!({"value": [
            {"id": "main", "displayName": "Tasks", "wellknownListName": "defaultList", "isOwner": true},
            {"id": "other", "displayName": "Other", "wellknownListName": "none", "isOwner": true},
        ]});
        if url.contains("mailboxSettings") {
            answer(200, &serde_json::json!({"timeZone": "UTC"}))
        } else if url.contains("/tasks/delta") {
            let removed = serde_json::json!({"id": "t1", "@removed": {"reason": "deleted"}});
            let value = if url.ends_with("t=0") { vec![removed] } else { Vec::new() };
            answer(
                200,
                &serde_json::json!({"value": value, "@odata.deltaLink": "https://graph.example/v1.0/x/tasks/delta?$t=1"}),
            )
        } else if url.contains("/lists/main/tasks/t1") {
            answer(404, &serde_json::json!({"error": {"code": "ErrorItemNotFound"}}))
        } else if url.contains("/lists/other/tasks") {
            let next = "https://graph.example/v1.0/me/todo/lists/other/tasks?$skip=100";
            answer(200, &serde_json::json!({"value": [], "@odata.nextLink": next}))
        } else {
            answer(200, &lists)
        }
    });
    host.account = host.account.with_tasks();
    let scopes = format!("{ALL_SCOPES} {TASK_SCOPES}");
    host.account.put_granted("access-1", 60, &scopes);
    lost_task(&mut host);
    let mut run = || {
        host.account.requests.clear();
        let job = Job { resource: Feature::Tasks, fence: FENCE };
        let report = step(&mut host, job, Budget { requests: 2_000, ..PLENTY });
        (report, host.account.requests.len())
    };
    let (report, requests) = run();
    assert_eq!((report.next, report.counts.crm.deleted), (Next::Idle, 0), "{:?}", report.issues);
    assert!((500..520).contains(&requests), "{requests}");
    assert_eq!(report.issues.len(), 1, "{:?}", report.issues);
    assert_eq!(report.issues.first().and_then(|issue| issue.crm.clone()), Some(CrmId::new("7")));
    let (report, requests) = run();
    assert_eq!((report.next, requests), (Next::Idle, 2), "{:?}", report.issues);
}
