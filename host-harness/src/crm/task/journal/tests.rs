#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;

use super::*;
use crate::clock::HarnessClock;
use crate::crm::change::Change;
use crate::crm::event::EventInput;
use crate::crm::fixtures::{crm, crm_with_clock, noon, person};
use crate::crm::journal::TOMBSTONE_AGE_MAX;
use crate::crm::task::{TaskInput, Transition};

fn named(subject: &str) -> TaskInput {
    TaskInput { subject: Change::Set(subject.to_owned()), ..TaskInput::default() }
}

fn given_to(login: &str) -> TaskInput {
    TaskInput { assigned_to: Change::Set(login.to_owned()), ..TaskInput::default() }
}

/// What a page says: subjects, or `-id` for a deletion.
fn said(page: &TaskChanges) -> Vec<String> {
    page.changes
        .iter()
        .map(|change| match change {
            TaskChange::Upserted(task) => task.task.values.subject.clone(),
            TaskChange::Deleted { id } => format!("-{id}"),
        })
        .collect()
}

fn changes(crm: &Crm, owner: UserId, after: Option<&Cursor>) -> TaskChanges {
    crm.task_changes(owner, after, CHANGES_MAX).unwrap()
}

#[test]
fn the_first_listing_pages_through_every_task_and_then_through_what_changed() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let gone = crm.create_task(alice.id, named("gone")).unwrap();
    let ids: Vec<TaskId> =
        ["a", "b", "c"].iter().map(|subject| crm.create_task(alice.id, named(subject)).unwrap().id).collect();
    crm.delete_task(alice.id, gone.id).unwrap();
    let first = crm.task_changes(alice.id, None, 2).unwrap();
    assert_eq!((said(&first), first.more), (vec!["a".to_owned(), "b".to_owned()], true));
    crm.update_task(alice.id, ids[0], named("a2")).unwrap();
    crm.delete_task(alice.id, ids[1]).unwrap();
    let rest = changes(&crm, alice.id, Some(&first.next));
    assert_eq!(said(&rest), ["c".to_owned(), "a2".to_owned(), format!("-{}", ids[1])]);
    let end = changes(&crm, alice.id, Some(&rest.next));
    assert_eq!((end.changes, end.next), (vec![], rest.next));
}

#[test]
fn a_task_that_goes_to_somebody_else_is_deleted_here_and_new_there() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let task = crm.create_task(alice.id, named("T")).unwrap();
    let (of_alice, of_bob) = (changes(&crm, alice.id, None).next, changes(&crm, bob.id, None).next);
    let given = crm.update_task(alice.id, task.id, given_to("bob")).unwrap();
    assert_eq!((given.owner, given.created_by.as_str()), (bob.id, "alice"));
    let gone = changes(&crm, alice.id, Some(&of_alice));
    assert_eq!(gone.changes, [TaskChange::Deleted { id: task.id }]);
    let there = changes(&crm, bob.id, Some(&of_bob));
    assert!(matches!(there.changes.as_slice(), [TaskChange::Upserted(owned)] if owned.task == given));
    assert!(changes(&crm, alice.id, None).changes.is_empty(), "who never saw it does not hear of it");

    // Back again: of both changes, either reader meets the last one.
    let back = crm.update_task(bob.id, task.id, given_to("alice")).unwrap();
    assert_ne!((&back.version, &back.version), (&given.version, &task.version));
    assert_eq!(said(&changes(&crm, alice.id, Some(&of_alice))), ["T"]);
    assert_eq!(said(&changes(&crm, bob.id, Some(&of_bob))), [format!("-{}", task.id)]);
}

#[test]
fn a_transition_is_a_change() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.set_task_workflow(true).unwrap();
    let task = crm.create_task(alice.id, named("T")).unwrap();
    let start = changes(&crm, alice.id, None).next;
    crm.move_task(alice.id, task.id, Transition::Close).unwrap();
    assert_eq!(said(&changes(&crm, alice.id, Some(&start))), ["T"]);
}

#[test]
fn cursors_of_other_users_and_of_calendars_are_expired_ones() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.create_task(alice.id, named("T")).unwrap();
    let set = |text: &str| Change::Set(text.to_owned());
    let event = EventInput {
        title: set("E"),
        start: set("2026-03-02T09:00:00Z"),
        end: set("2026-03-02T09:15:00Z"),
        ..EventInput::default()
    };
    crm.create_event(alice.id, event).unwrap();
    let of_bob = changes(&crm, bob.id, None).next;
    let of_events = crm.event_changes(alice.id, None, 10).unwrap().next;
    for foreign in [of_bob, of_events, Cursor::remembered("x")] {
        let refused = crm.task_changes(alice.id, Some(&foreign), 10);
        assert!(matches!(refused, Err(ChangesError::CursorExpired)), "{foreign:?}");
    }
    let of_tasks = changes(&crm, alice.id, None).next;
    assert!(matches!(crm.event_changes(alice.id, Some(&of_tasks), 10), Err(ChangesError::CursorExpired)));
}

#[test]
fn tombstones_are_kept_for_90_days_and_their_end_is_told_to_whom_it_concerns() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let old = crm.create_task(alice.id, named("old")).unwrap();
    let given = crm.create_task(alice.id, named("given")).unwrap();
    let before = changes(&crm, alice.id, None).next;
    let of_bob = changes(&crm, bob.id, None).next;
    crm.delete_task(alice.id, old.id).unwrap();
    crm.update_task(alice.id, given.id, given_to("bob")).unwrap();
    let after = changes(&crm, alice.id, Some(&before)).next;
    clock.advance(TOMBSTONE_AGE_MAX);
    assert_eq!(crm.purge_task_history().unwrap(), PurgedHistory::default());
    assert_eq!(changes(&crm, alice.id, Some(&before)).changes.len(), 2);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(crm.purge_task_history().unwrap().tombstones, 2);
    assert!(matches!(crm.task_changes(alice.id, Some(&before), 10), Err(ChangesError::CursorExpired)));
    assert!(changes(&crm, alice.id, Some(&after)).changes.is_empty());
    assert_eq!(said(&changes(&crm, bob.id, Some(&of_bob))), ["given"]);
}

#[test]
fn tasks_are_read_by_id_in_the_order_asked_for() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let ids: Vec<TaskId> =
        ["a", "b"].iter().map(|subject| crm.create_task(alice.id, named(subject)).unwrap().id).collect();
    let theirs = crm.create_task(bob.id, named("of bob")).unwrap().id;
    let found = crm.tasks_by_id(alice.id, &[ids[1], theirs, TaskId::from_number(99), ids[0]]).unwrap();
    let subjects: Vec<Option<String>> =
        found.into_iter().map(|owned| owned.map(|owned| owned.task.values.subject)).collect();
    assert_eq!(subjects, [Some("b".to_owned()), None, None, Some("a".to_owned())]);
    let many = vec![theirs; CHANGES_MAX + 1];
    assert!(matches!(crm.tasks_by_id(alice.id, &many), Err(CrmError::TooMany { .. })));
}
