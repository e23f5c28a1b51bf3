//! How far lists are read, step by step, and what settings and time change about
//! it.
#![allow(clippy::unwrap_used)]

use super::status::{ListRound, ListState, TasksStatus};
use crate::account::testing::{ALL_SCOPES, FENCE, TASK_SCOPES};
use crate::graph::wire::{Continuation, PageLink};
use crate::model::{Instant, TaskListId};
use crate::run::resource::{ResourceStatus, WaitUntil};
use crate::run::state::CrmRound;
use crate::run::testing::{Host, PLENTY, answer};
use crate::run::{Blocked, Job, Report, WaitReason, step};
use crate::settings::{EffectiveSettings, Feature, Field, Layers, SettingValue};

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
