#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::clock::HarnessClock;
use crate::crm::fixtures::{crm, crm_with_clock, new_user, noon, person};
use crate::crm::task::{TaskPriority, TaskStatus};
use crate::crm::users::NewUser;

/// An input from JSON: `fields` over a task that has a subject alone.
fn input(fields: &Value) -> TaskInput {
    let mut task = json!({"subject": "Call"});
    task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    TaskInput::from_json(task).unwrap()
}

fn patch(fields: Value) -> TaskInput {
    TaskInput::from_json(fields).unwrap()
}

#[test]
fn a_new_task_has_defaults_a_uid_and_a_version() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = crm.create_task(alice.id, input(&json!({}))).unwrap();
    assert_eq!((task.values.priority, task.values.status), (TaskPriority::Normal, TaskStatus::Open));
    assert_eq!((task.values.due_date, task.values.reminder_minutes), (None, None));
    assert_eq!((task.assigned_to.as_str(), task.created_by.as_str()), ("alice", "alice"));
    assert_eq!((task.values.uid.len(), task.created_at, task.updated_at), (36, noon(), noon()));
    assert_eq!(crm.any_task(task.id).unwrap(), task);
    let other = crm.create_task(alice.id, input(&json!({}))).unwrap();
    assert_ne!((other.values.uid, other.version), (task.values.uid, task.version));
}

#[test]
fn the_json_has_the_fields_of_the_interface() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let fields = json!({"description": "<p>x</p>", "dueDate": "2026-03-02T09:00:00Z", "priority": "high",
        "status": "in_progress", "reminderMinutes": 15, "assignedTo": "bob"});
    let task = crm.create_task(alice.id, input(&fields)).unwrap();
    let shown = serde_json::to_value(&task).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!((&shown["createdBy"], &shown["createdAt"]), (&json!("alice"), &json!("2026-03-01T12:00:00Z")));
    for name in ["id", "version", "uid", "updatedAt"] {
        assert!(shown[name].is_string(), "{name}");
    }
    assert!(shown.get("owner").is_none());
    assert_eq!((crm.tasks_of(alice.id).unwrap(), crm.tasks_of(bob.id).unwrap()), (vec![], vec![task]));
}

#[test]
fn a_patch_keeps_clears_and_sets_and_says_when() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let fields = json!({"description": "d", "dueDate": "2026-03-02T09:00:00Z", "reminderMinutes": 5});
    let task = crm.create_task(alice.id, input(&fields)).unwrap();
    clock.advance(TimeDelta::minutes(1));
    let change = json!({"description": null, "subject": "New", "reminderMinutes": null});
    let changed = crm.update_task(alice.id, task.id, patch(change)).unwrap();
    assert_eq!((changed.values.description, changed.values.reminder_minutes), (None, None));
    assert_eq!((changed.values.subject.as_str(), changed.values.due_date), ("New", task.values.due_date));
    assert_ne!(changed.version, task.version);
    assert_eq!((changed.created_at, changed.updated_at), (noon(), noon() + TimeDelta::minutes(1)));
}

#[test]
fn a_patch_that_changes_nothing_is_no_change() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = crm.create_task(alice.id, input(&json!({"dueDate": "2026-03-02T09:00:00Z"}))).unwrap();
    let same = patch(json!({"subject": "Call", "dueDate": "2026-03-02T10:00:00+01:00", "assignedTo": "alice"}));
    assert_eq!(crm.update_task(alice.id, task.id, same).unwrap(), task);
}

#[test]
fn a_named_version_is_checked() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = crm.create_task(alice.id, input(&json!({}))).unwrap();
    crm.update_task(alice.id, task.id, patch(json!({"subject": "One", "version": task.version}))).unwrap();
    let late = crm.update_task(alice.id, task.id, patch(json!({"subject": "Two", "version": task.version})));
    assert!(matches!(late, Err(CrmError::VersionMismatch)));
    assert_eq!(crm.any_task(task.id).unwrap().values.subject, "One");
}

#[test]
fn bad_values_are_named_and_change_nothing() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    let task = crm.create_task(alice.id, input(&json!({}))).unwrap();
    let cases = [
        (json!({"subject": " "}), "blank-subject"),
        (json!({"subject": null}), "missing-field"),
        (json!({"subject": "x".repeat(256)}), "subject-too-long"),
        (json!({"subject": "a\nb"}), "subject-not-one-line"),
        (json!({"description": "x".repeat(300_000)}), "description-too-large"),
        (json!({"dueDate": "tomorrow"}), "invalid-instant"),
        (json!({"dueDate": "0001-01-01T00:00:00Z"}), "year-out-of-range"),
        (json!({"priority": "urgent"}), "unknown-priority"),
        (json!({"priority": null}), "missing-field"),
        (json!({"status": "waiting"}), "unknown-status"),
        (json!({"reminderMinutes": 5}), "due-date-missing"),
        (json!({"dueDate": "2026-03-02T09:00:00Z", "reminderMinutes": -1}), "invalid-reminder"),
        (json!({"dueDate": "2026-03-02T09:00:00Z", "reminderMinutes": 1_000_000}), "invalid-reminder"),
        (json!({"assignedTo": null}), "missing-field"),
        (json!({"assignedTo": "nobody"}), "unknown-user"),
        (json!({"assignedTo": "olga"}), "unknown-user"),
    ];
    for (fields, code) in cases {
        let refused = crm.update_task(alice.id, task.id, patch(fields.clone())).unwrap_err();
        assert_eq!(refused.code(), code, "{fields}");
        assert!(refused.sentence().contains("; "), "{refused}");
    }
    assert_eq!(crm.tasks_of(alice.id).unwrap(), vec![task]);
    crm.create_task(alice.id, input(&json!({"subject": "ü".repeat(255)}))).unwrap();
}

#[test]
fn the_due_date_of_a_reminder_cannot_be_cleared_alone() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let fields = json!({"dueDate": "2026-03-02T09:00:00Z", "reminderMinutes": 5});
    let task = crm.create_task(alice.id, input(&fields)).unwrap();
    let refused = crm.update_task(alice.id, task.id, patch(json!({"dueDate": null}))).unwrap_err();
    assert_eq!(refused.code(), "due-date-missing");
    crm.update_task(alice.id, task.id, patch(json!({"dueDate": null, "reminderMinutes": null}))).unwrap();
}

#[test]
fn another_shape_is_named() {
    for (body, named) in
        [(json!({"subjekt": "T"}), "subjekt"), (json!({"reminderMinutes": "x"}), "i64"), (json!([]), "")]
    {
        let refused = TaskInput::from_json(body).unwrap_err();
        assert_eq!(refused.code, "invalid-body");
        assert!(refused.found.contains(named) && refused.expected.contains("a task"), "{refused}");
    }
}

#[test]
fn tasks_are_ordered_by_when_they_are_due() {
    let crm = crm();
    let alice = person(&crm, "alice");
    for (subject, due) in [
        ("some day", Value::Null),
        ("late", json!("2026-03-03T00:00:00Z")),
        ("soon", json!("2026-03-02T00:00:00Z")),
        ("too", json!("2026-03-03T00:00:00Z")),
    ] {
        crm.create_task(alice.id, input(&json!({"subject": subject, "dueDate": due}))).unwrap();
    }
    let subjects: Vec<String> = crm.tasks_of(alice.id).unwrap().into_iter().map(|task| task.values.subject).collect();
    assert_eq!(subjects, ["soon", "late", "too", "some day"]);
}

#[test]
fn nobody_reaches_another_users_tasks() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    let task = crm.create_task(alice.id, input(&json!({}))).unwrap();
    crm.set_task_workflow(true).unwrap();
    let missing = |result: Result<(), CrmError>| matches!(result, Err(CrmError::NotFound { .. }));
    assert!(missing(crm.update_task(olga.id, task.id, patch(json!({"subject": "x"}))).map(drop)));
    assert!(missing(crm.move_task(olga.id, task.id, Transition::Close).map(drop)));
    assert!(missing(crm.delete_task(olga.id, task.id)));
    assert_eq!(crm.tasks_by_id(olga.id, &[task.id]).unwrap(), vec![None]);
    assert_eq!((crm.tasks_of(olga.id).unwrap(), crm.any_task(task.id).unwrap()), (vec![], task.clone()));
    crm.delete_task(alice.id, task.id).unwrap();
    assert!(missing(crm.any_task(task.id).map(drop)));
}

#[test]
fn an_active_workflow_lets_people_move_a_task_and_not_set_its_status() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let task = crm.create_task(alice.id, input(&json!({"status": "in_progress"}))).unwrap();
    let inactive = crm.move_task(alice.id, task.id, Transition::Close).unwrap_err();
    assert_eq!(inactive.code(), "workflow-inactive");
    crm.set_task_workflow(true).unwrap();
    let set = crm.update_task(alice.id, task.id, patch(json!({"status": "closed", "subject": "New"}))).unwrap_err();
    assert_eq!(set.code(), "workflow-restricted");
    assert!(set.sentence().contains("use the transition `close`"), "{}", set.sentence());
    let new = crm.create_task(alice.id, input(&json!({"status": "closed"}))).unwrap_err();
    assert_eq!(new.code(), "workflow-restricted");
    // What stays as it is is not set.
    crm.update_task(alice.id, task.id, patch(json!({"status": "in_progress", "subject": "New"}))).unwrap();
    let refused = crm.move_task(alice.id, task.id, Transition::Reopen).unwrap_err();
    assert_eq!(refused.code(), "transition-not-allowed");
    let closed = crm.move_task(alice.id, task.id, Transition::Close).unwrap();
    assert_eq!((closed.values.status, closed.values.subject.as_str()), (TaskStatus::Closed, "New"));
    assert_ne!(closed.version, task.version);
    crm.set_task_workflow(false).unwrap();
    crm.update_task(alice.id, task.id, patch(json!({"status": "open"}))).unwrap();
}
