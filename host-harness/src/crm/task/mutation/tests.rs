#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::{NaiveDate, TimeDelta};
use serde_json::json;

use super::*;
use crate::clock::HarnessClock;
use crate::crm::change::Change;
use crate::crm::fixtures::{crm, crm_with_clock, fresh_key, held, instant, noon, person};
use crate::crm::journal::IDEMPOTENCY_AGE_MAX;
use crate::crm::mutation::MUTATIONS_MAX;
use crate::crm::task::{TaskChange, TaskInput, TaskPriority};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn titled(title: &str) -> TaskFields {
    TaskFields { title: Some(title.to_owned()), ..TaskFields::default() }
}

fn create(key: &str, fields: TaskFields) -> TaskMutation {
    TaskMutation::Create { idempotency_key: key.to_owned(), fields }
}

fn update(task: &OwnedTask, fields: TaskFields) -> TaskMutation {
    TaskMutation::Update { id: task.task.id, expected: task.task.version.clone(), idempotency_key: fresh_key(), fields }
}

fn delete(task: &OwnedTask) -> TaskMutation {
    TaskMutation::Delete { id: task.task.id, expected: task.task.version.clone() }
}

/// Applies one mutation.
fn apply(crm: &Crm, owner: &User, mutation: TaskMutation) -> Result<TaskApplied, TaskMutationError> {
    crm.apply_to_tasks(owner.id, held(crm, owner), vec![mutation]).unwrap().remove(0)
}

#[track_caller]
fn stored(applied: Result<TaskApplied, TaskMutationError>) -> OwnedTask {
    match applied {
        Ok(TaskApplied::Stored(task)) => *task,
        other => panic!("expected a stored task, but found {other:?}"),
    }
}

#[track_caller]
fn refused(applied: Result<TaskApplied, TaskMutationError>) -> (TaskGroup, &'static str) {
    match applied {
        Err(TaskMutationError::Invalid { group, value }) => (group, value.code),
        other => panic!("expected a refused value, but found {other:?}"),
    }
}

/// A task that a person has made: due on 2 March at 10:30 in Berlin.
fn by_hand(crm: &Crm, owner: &User) -> OwnedTask {
    let input = json!({"subject": "T", "description": "<p>d</p>", "dueDate": "2026-03-02T09:30:00Z",
        "reminderMinutes": 60, "priority": "high"});
    let task = crm.create_task(owner.id, TaskInput::from_json(input).unwrap()).unwrap();
    crm.tasks_by_id(owner.id, &[task.id]).unwrap().remove(0).unwrap()
}

#[test]
fn what_is_read_has_the_owners_date_and_the_instant_of_the_reminder() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    assert_eq!((task.due_on, task.reminder_at), (Some(date("2026-03-02")), Some(instant("2026-03-02T08:30:00Z"))));
    let late = TaskInput { due_date: Change::Set("2026-03-02T23:30:00Z".to_owned()), ..TaskInput::default() };
    crm.update_task(alice.id, task.task.id, late).unwrap();
    let task = crm.tasks_by_id(alice.id, &[task.task.id]).unwrap().remove(0).unwrap();
    assert_eq!(task.due_on, Some(date("2026-03-03")), "it is past midnight in Berlin");
}

#[test]
fn a_created_task_has_what_was_said_and_the_defaults_of_people() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let plain = stored(apply(&crm, &alice, create("k", titled("T")))).task;
    let by_people = crm.create_task(alice.id, TaskInput::from_json(json!({"subject": "T"})).unwrap()).unwrap();
    assert_eq!(plain.values, TaskValues { uid: plain.values.uid.clone(), ..by_people.values });
    assert_eq!((plain.assigned_to.as_str(), plain.created_by.as_str()), ("alice", "alice"));
    let fields = TaskFields {
        body: Some("<b>x</b>".to_owned()),
        due_on: Change::Set(date("2026-03-05")),
        reminder_at: Change::Set(instant("2026-03-05T08:00:00Z")),
        importance: Some(TaskPriority::Low),
        status: Some(TaskStatus::InProgress),
        ..titled("Full")
    };
    let full = stored(apply(&crm, &alice, create("l", fields)));
    let values = &full.task.values;
    assert_eq!(values.due_date, Some(instant("2026-03-05T22:59:00Z")), "at 23:59 in Berlin");
    assert_eq!(
        (values.reminder_minutes, full.reminder_at),
        (Some(14 * 60 + 59), Some(instant("2026-03-05T08:00:00Z")))
    );
    assert_eq!((values.priority, values.status), (TaskPriority::Low, TaskStatus::InProgress));
    assert_eq!((values.description.as_deref(), full.due_on), (Some("<b>x</b>"), Some(date("2026-03-05"))));
}

#[test]
fn what_is_not_said_stays() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    assert_eq!(stored(apply(&crm, &alice, update(&task, TaskFields::default()))), task);
    let same = TaskFields {
        due_on: Change::Set(date("2026-03-02")),
        reminder_at: Change::Set(instant("2026-03-02T08:30:00Z")),
        ..titled("T")
    };
    assert_eq!(stored(apply(&crm, &alice, update(&task, same))), task, "nor does the version change");
    let renamed = stored(apply(&crm, &alice, update(&task, titled("New")))).task;
    assert_eq!(renamed.values, TaskValues { subject: "New".to_owned(), ..task.task.values.clone() });
    assert_ne!(renamed.version, task.task.version);
}

#[test]
fn another_date_keeps_the_time_of_day_and_takes_the_reminder_along() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    let fields = TaskFields { due_on: Change::Set(date("2026-07-02")), ..TaskFields::default() };
    let moved = stored(apply(&crm, &alice, update(&task, fields)));
    assert_eq!(moved.task.values.due_date, Some(instant("2026-07-02T08:30:00Z")), "10:30 in Berlin, in summer");
    assert_eq!((moved.due_on, moved.reminder_at), (Some(date("2026-07-02")), Some(instant("2026-07-02T07:30:00Z"))));
}

#[test]
fn a_due_date_is_cleared_together_with_its_reminder() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    let alone = TaskFields { due_on: Change::Clear, ..TaskFields::default() };
    let answer = apply(&crm, &alice, update(&task, alone.clone()));
    assert_eq!(refused(answer), (TaskGroup::Due, "due-date-missing"));
    let both = TaskFields { reminder_at: Change::Clear, body: Some(String::new()), ..alone };
    let cleared = stored(apply(&crm, &alice, update(&task, both)));
    let values = &cleared.task.values;
    assert_eq!((values.due_date, values.reminder_minutes, values.description.as_ref()), (None, None, None));
    assert_eq!((cleared.due_on, cleared.reminder_at), (None, None));
}

#[test]
fn a_reminder_is_kept_in_whole_minutes_and_never_behind_the_due_instant() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    let reminded = |text: &str| TaskFields { reminder_at: Change::Set(instant(text)), ..TaskFields::default() };
    let answer = apply(&crm, &alice, update(&task, reminded("2026-03-02T09:30:01Z")));
    assert_eq!(refused(answer), (TaskGroup::Reminder, "reminder-after-due"));
    let answer = apply(&crm, &alice, update(&task, reminded("2024-03-02T09:30:00Z")));
    assert_eq!(refused(answer), (TaskGroup::Reminder, "invalid-reminder"));
    let odd = stored(apply(&crm, &alice, update(&task, reminded("2026-03-02T09:28:30Z"))));
    assert_eq!((odd.task.values.reminder_minutes, odd.reminder_at), (Some(1), Some(instant("2026-03-02T09:29:00Z"))));
    let at_once = stored(apply(&crm, &alice, update(&odd, reminded("2026-03-02T09:30:00Z"))));
    assert_eq!(at_once.task.values.reminder_minutes, Some(0));
    // With a new date, the reminder is before the new instant.
    let later = TaskFields { due_on: Change::Set(date("2026-03-03")), ..reminded("2026-03-02T09:30:00Z") };
    assert_eq!(stored(apply(&crm, &alice, update(&at_once, later))).task.values.reminder_minutes, Some(24 * 60));
    let of_nothing = TaskFields { title: Some("x".to_owned()), ..reminded("2026-03-02T09:30:00Z") };
    assert_eq!(refused(apply(&crm, &alice, create("k", of_nothing))), (TaskGroup::Reminder, "due-date-missing"));
}

#[test]
fn invalid_values_name_their_group_and_do_not_touch_the_others() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    let cases = [
        (titled(" "), TaskGroup::Title),
        (TaskFields { body: Some("x".repeat(300_000)), ..TaskFields::default() }, TaskGroup::Body),
        (TaskFields { due_on: Change::Set(NaiveDate::MAX), ..TaskFields::default() }, TaskGroup::Due),
    ];
    for (fields, group) in cases {
        assert_eq!(refused(apply(&crm, &alice, update(&task, fields))).0, group);
    }
    assert_eq!(refused(apply(&crm, &alice, create("", titled("T")))).0, TaskGroup::Identity);
    assert_eq!(refused(apply(&crm, &alice, create("k", TaskFields::default()))).0, TaskGroup::Title);
    let mutations = vec![create("a", titled("A")), update(&task, titled(" ")), create("b", titled("B"))];
    let answers = crm.apply_to_tasks(alice.id, held(&crm, &alice), mutations).unwrap();
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(crm.tasks_of(alice.id).unwrap().len(), 3);
    let many = vec![delete(&task); MUTATIONS_MAX + 1];
    assert!(matches!(
        crm.apply_to_tasks(alice.id, held(&crm, &alice), many),
        Err(ApplyError::Crm(CrmError::TooMany { .. }))
    ));
}

#[test]
fn a_repeated_create_answers_with_the_first_ones_task_for_30_days() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    assert_eq!(refused(apply(&crm, &alice, create("k", titled(" ")))).0, TaskGroup::Title, "uses up no key");
    let first = stored(apply(&crm, &alice, create("k", titled("T"))));
    assert_ne!(stored(apply(&crm, &bob, create("k", titled("T")))).task.id, first.task.id);
    let renamed = stored(apply(&crm, &alice, update(&first, titled("New"))));
    clock.advance(IDEMPOTENCY_AGE_MAX);
    crm.purge_task_history().unwrap();
    assert_eq!(stored(apply(&crm, &alice, create("k", titled("T")))), renamed);
    assert_eq!(apply(&crm, &alice, delete(&renamed)), Ok(TaskApplied::Removed));
    assert_eq!(apply(&crm, &alice, create("k", titled("T"))), Ok(TaskApplied::Removed));
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(crm.purge_task_history().unwrap().idempotency_keys, 3);
    assert_ne!(stored(apply(&crm, &alice, create("k", titled("T")))).task.id, first.task.id);
}

#[test]
fn old_versions_and_tasks_of_others_are_refused_and_what_is_gone_is_removed() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let old = by_hand(&crm, &alice);
    let new = stored(apply(&crm, &alice, update(&old, titled("New"))));
    for mutation in [update(&old, titled("Late")), delete(&old)] {
        assert_eq!(apply(&crm, &alice, mutation), Err(TaskMutationError::VersionMismatch));
    }
    for mutation in [update(&new, titled("x")), delete(&new)] {
        assert_eq!(apply(&crm, &bob, mutation), Err(TaskMutationError::NotFound));
    }
    assert_eq!(crm.any_task(new.task.id).unwrap(), new.task);
    crm.delete_task(alice.id, new.task.id).unwrap();
    assert_eq!(apply(&crm, &alice, delete(&new)), Ok(TaskApplied::Removed));
    assert_eq!(apply(&crm, &alice, update(&new, titled("x"))), Err(TaskMutationError::NotFound));
}

#[test]
fn an_active_workflow_refuses_a_status_and_nothing_else() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = by_hand(&crm, &alice);
    crm.set_task_workflow(true).unwrap();
    let closed = TaskFields { status: Some(TaskStatus::Closed), ..titled("Done") };
    let same = TaskFields { status: Some(TaskStatus::Open), ..titled("Renamed") };
    let mutations =
        vec![update(&task, closed.clone()), create("k", closed.clone()), update(&task, same), create("k", titled("B"))];
    let answers = crm.apply_to_tasks(alice.id, held(&crm, &alice), mutations).unwrap();
    let restricted = Err(TaskMutationError::WorkflowRestricted { from: TaskStatus::Open, to: TaskStatus::Closed });
    assert_eq!((&answers[0], &answers[1]), (&restricted, &restricted));
    assert!(answers[2].is_ok() && answers[3].is_ok(), "{answers:?}");
    crm.set_task_workflow(false).unwrap();
    let renamed = stored(answers[2].clone());
    assert_eq!(stored(apply(&crm, &alice, update(&renamed, closed))).task.values.status, TaskStatus::Closed);
}

#[test]
fn writes_of_the_component_are_journalled_like_those_of_people() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let start = crm.task_changes(alice.id, None, 10).unwrap().next;
    let task = stored(apply(&crm, &alice, create("k", titled("T"))));
    let page = crm.task_changes(alice.id, Some(&start), 10).unwrap();
    assert!(matches!(page.changes.as_slice(), [TaskChange::Upserted(owned)] if **owned == task));
    apply(&crm, &alice, delete(&task)).unwrap();
    let page = crm.task_changes(alice.id, Some(&page.next), 10).unwrap();
    assert_eq!(page.changes, [TaskChange::Deleted { id: task.task.id }]);
}

#[test]
fn what_a_key_has_written_can_be_asked_for_as_long_as_it_is_kept() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let made = stored(apply(&crm, &alice, create("k", titled("T"))));
    let (id, expected) = (made.task.id, made.task.version.clone());
    let change = |key: &str, title: &str| TaskMutation::Update {
        id,
        expected: expected.clone(),
        idempotency_key: key.to_owned(),
        fields: titled(title),
    };
    assert_eq!(refused(apply(&crm, &alice, change("refused", " "))).0, TaskGroup::Title);
    let changed = stored(apply(&crm, &alice, change("u", "New")));
    // Repeated, it makes nothing, although the version has moved on.
    assert_eq!(stored(apply(&crm, &alice, change("u", "Newer"))), changed);
    let keys = ["k", "refused", "u"].map(str::to_owned);
    let write = |task: &OwnedTask| Some(Keyed { item: id, version: task.task.version.as_str().to_owned() });
    assert_eq!(crm.applied_to_tasks(alice.id, &keys).unwrap(), [write(&made), None, write(&changed)]);
    assert_eq!(crm.applied_to_tasks(bob.id, &keys).unwrap(), [None, None, None]);
    apply(&crm, &alice, delete(&changed)).unwrap();
    assert_eq!(crm.applied_to_tasks(alice.id, &keys).unwrap()[2], write(&changed), "also of what is gone");
    clock.advance(IDEMPOTENCY_AGE_MAX + TimeDelta::seconds(1));
    crm.purge_task_history().unwrap();
    assert_eq!(crm.applied_to_tasks(alice.id, &keys).unwrap(), [None, None, None]);
}

#[test]
fn nothing_is_written_for_a_holder_that_was_replaced() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let old = held(&crm, &alice);
    let new = held(&crm, &alice);
    let write = |fence| crm.apply_to_tasks(alice.id, fence, vec![create("k", titled("T"))]);
    assert!(matches!(write(old), Err(ApplyError::StaleFence)));
    assert!(crm.tasks_of(alice.id).unwrap().is_empty());
    assert_eq!(write(new).unwrap().len(), 1);
}
