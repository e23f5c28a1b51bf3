#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::host::lies::Liar;
use crate::host::log::Lines;
use chrono::TimeDelta;
use serde_json::json;
use tandem_runtime::{CallsOver, HostCalls, Interruption};

use super::*;
use crate::clock::HarnessClock;
use crate::crm::fixtures::{crm, crm_with_clock, fresh_key, held, instant, new_user, noon, person};
use crate::crm::journal::{IDEMPOTENCY_AGE_MAX, TOMBSTONE_AGE_MAX};
use crate::crm::task::TaskInput;
use crate::crm::users::NewUser;
use crate::crm::{OrganizationId, Scope};
use crate::host::bindings::tandem::host::event::Importance;
use crate::host::bindings::tandem::host::types::Date;

const NOTHING: wire::TaskFields =
    wire::TaskFields { title: None, body: None, due: None, reminder: None, importance: None, status: None };

fn tasks() -> Tasks {
    let facts = HostFacts {
        product_name: "Acme CRM".to_owned(),
        redirect_uri: String::new(),
        task_pages: "http://127.0.0.1:8080/tasks/".to_owned(),
        login_url: String::new(),
        graph_url: String::new(),
    };
    Tasks { facts: Arc::new(facts) }
}

fn titled(title: &str) -> wire::TaskFields {
    wire::TaskFields { title: Some(title.to_owned()), ..NOTHING }
}

fn create(key: &str, fields: wire::TaskFields) -> wire::Mutation {
    wire::Mutation::Create(wire::CreateTask { idempotency_key: key.to_owned(), fields })
}

fn update(task: &wire::Task, fields: wire::TaskFields) -> wire::Mutation {
    wire::Mutation::Update(wire::UpdateTask {
        id: task.id.clone(),
        expected: task.version.clone(),
        idempotency_key: fresh_key(),
        fields,
    })
}

fn delete(task: &wire::Task) -> wire::Mutation {
    wire::Mutation::Delete(wire::DeleteTask { id: task.id.clone(), expected: task.version.clone() })
}

fn fence_of(crm: &Crm, user: UserId) -> Fence {
    held(crm, &crm.user(user).unwrap())
}

fn apply(crm: &Crm, user: UserId, mutation: wire::Mutation) -> Result<wire::Applied, wire::MutationError> {
    tasks().apply_all(crm, user, fence_of(crm, user), vec![mutation]).unwrap().remove(0)
}

#[track_caller]
fn stored(outcome: Result<wire::Applied, wire::MutationError>) -> wire::Task {
    match outcome {
        Ok(wire::Applied::Stored(task)) => task,
        other => panic!("expected a stored task, but found {other:?}"),
    }
}

#[track_caller]
fn refused(outcome: Result<wire::Applied, wire::MutationError>) -> wire::TaskGroups {
    match outcome {
        Err(wire::MutationError::Invalid((group, expected))) if !expected.is_empty() => group,
        other => panic!("expected a refused value, but found {other:?}"),
    }
}

fn on(year: u16, month: u8, day: u8) -> wire::TaskDue {
    wire::TaskDue::On(Date { year, month, day })
}

fn at(text: &str) -> wire::TaskReminder {
    wire::TaskReminder::At(instant(text).timestamp_millis())
}

/// What the component gets of the tasks of this user, or of nobody.
fn context(crm: &Crm, user: Option<UserId>, organization: OrganizationId) -> CallContext {
    let scope = Some(Scope { organization, user });
    CallContext {
        crm: crm.clone(),
        scope,
        fence: None,
        facts: tasks().facts,
        client_secret_key: None,
        liar: Liar::default(),
        lines: Lines::default(),
    }
}

/// A task that a person has made: due on 2 March at 10:30 in Berlin.
fn by_hand(crm: &Crm, user: UserId) -> wire::Task {
    let input = json!({"subject": "T", "dueDate": "2026-03-02T09:30:00Z", "reminderMinutes": 60});
    let task = crm.create_task(user, TaskInput::from_json(input).unwrap()).unwrap();
    tasks().by_text(crm, user, &[task.id.to_string()]).unwrap().remove(0).unwrap()
}

/// When a task is due as people see it, in UTC.
fn due_of(crm: &Crm, task: &wire::Task) -> Option<String> {
    let stored = crm.any_task(task.id.parse().unwrap()).unwrap();
    stored.values.due_date.map(|due| due.format("%Y-%m-%d %H:%M").to_string())
}

#[test]
fn a_task_comes_back_as_it_was_written_with_the_page_that_shows_it() {
    // T1
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let fields = wire::TaskFields {
        title: Some("T".to_owned()),
        body: Some("<p>d</p>".to_owned()),
        due: Some(on(2028, 2, 29)),
        reminder: Some(at("2028-02-29T08:00:00Z")),
        importance: Some(Importance::High),
        status: Some(wire::TaskStatus::InProgress),
    };
    let task = stored(apply(&crm, alice, create("k", fields.clone())));
    assert_eq!(task.fields, fields);
    assert_eq!(task.web_url, Some(format!("http://127.0.0.1:8080/tasks/{}", task.id)));
    let again = stored(apply(&crm, alice, update(&task, task.fields.clone())));
    assert_eq!(again, task, "written back as it was read, it stays as it is");
    let blank = wire::TaskFields {
        title: Some("T".to_owned()),
        body: Some(String::new()),
        due: Some(wire::TaskDue::None),
        reminder: Some(wire::TaskReminder::None),
        importance: Some(Importance::Normal),
        status: Some(wire::TaskStatus::Open),
    };
    assert_eq!(stored(apply(&crm, alice, create("l", titled("T")))).fields, blank);
    assert_eq!(stored(apply(&crm, alice, update(&task, blank.clone()))).fields, blank);
}

#[test]
fn every_word_of_importance_and_status_comes_back() {
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let mut task = stored(apply(&crm, alice, create("k", titled("T"))));
    for importance in [Importance::Low, Importance::High, Importance::Normal] {
        task = stored(apply(&crm, alice, update(&task, wire::TaskFields { importance: Some(importance), ..NOTHING })));
        assert_eq!(task.fields.importance, Some(importance));
    }
    for status in [wire::TaskStatus::Closed, wire::TaskStatus::InProgress, wire::TaskStatus::Open] {
        task = stored(apply(&crm, alice, update(&task, wire::TaskFields { status: Some(status), ..NOTHING })));
        assert_eq!(task.fields.status, Some(status));
    }
}

#[test]
fn another_date_keeps_the_time_of_day_and_the_same_date_keeps_all() {
    // T3
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let task = by_hand(&crm, alice);
    assert_eq!((task.fields.due, task.fields.reminder), (Some(on(2026, 3, 2)), Some(at("2026-03-02T08:30:00Z"))));
    let due = |day| wire::TaskFields { due: Some(day), ..NOTHING };
    let same = stored(apply(&crm, alice, update(&task, due(on(2026, 3, 2)))));
    assert_eq!(same.version, task.version);
    let moved = stored(apply(&crm, alice, update(&task, due(on(2026, 7, 2)))));
    assert_eq!(due_of(&crm, &moved).as_deref(), Some("2026-07-02 08:30"), "half past ten in summer, too");
    assert_eq!(moved.fields.reminder, Some(at("2026-07-02T07:30:00Z")), "the reminder moves with it");
    let new = stored(apply(
        &crm,
        alice,
        create("k", wire::TaskFields { title: Some("D".to_owned()), ..due(on(2026, 3, 5)) }),
    ));
    assert_eq!(due_of(&crm, &new).as_deref(), Some("2026-03-05 22:59"), "the end of the day where alice is");
}

#[test]
fn a_date_is_cleared_together_with_its_reminder_and_a_reminder_alone() {
    // T3
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let task = by_hand(&crm, alice);
    let no_due = wire::TaskFields { due: Some(wire::TaskDue::None), ..NOTHING };
    let no_reminder = wire::TaskFields { reminder: Some(wire::TaskReminder::None), ..NOTHING };
    assert_eq!(refused(apply(&crm, alice, update(&task, no_due))), wire::TaskGroups::DUE);
    let quiet = stored(apply(&crm, alice, update(&task, no_reminder.clone())));
    assert_eq!((quiet.fields.due, quiet.fields.reminder), (task.fields.due, Some(wire::TaskReminder::None)));
    let with_both = wire::TaskFields { reminder: task.fields.reminder, ..NOTHING };
    let task = stored(apply(&crm, alice, update(&quiet, with_both)));
    let neither = wire::TaskFields { due: Some(wire::TaskDue::None), ..no_reminder };
    let task = stored(apply(&crm, alice, update(&task, neither)));
    assert_eq!((task.fields.due, task.fields.reminder), (Some(wire::TaskDue::None), Some(wire::TaskReminder::None)));
}

#[test]
fn a_value_that_cannot_be_is_refused_by_its_group_and_the_others_are_made() {
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let with = |fields| create("k", wire::TaskFields { title: Some("T".to_owned()), ..fields });
    let wrong = [
        (create("k", NOTHING), wire::TaskGroups::TITLE),
        (with(wire::TaskFields { due: Some(on(2027, 2, 29)), ..NOTHING }), wire::TaskGroups::DUE),
        (with(wire::TaskFields { due: Some(on(0, 1, 1)), ..NOTHING }), wire::TaskGroups::DUE),
        (
            with(wire::TaskFields { reminder: Some(wire::TaskReminder::At(i64::MAX)), ..NOTHING }),
            wire::TaskGroups::REMINDER,
        ),
        (with(wire::TaskFields { reminder: Some(at("2026-03-02T08:30:00Z")), ..NOTHING }), wire::TaskGroups::REMINDER),
        (create("", titled("T")), wire::TaskGroups::empty()),
    ];
    let (mut mutations, groups): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
    mutations.push(create("good", titled("Good")));
    let mut outcomes = tasks().apply_all(&crm, alice, fence_of(&crm, alice), mutations).unwrap();
    assert_eq!(stored(outcomes.pop().unwrap()).fields.title.as_deref(), Some("Good"));
    assert_eq!(outcomes.into_iter().map(refused).collect::<Vec<_>>(), groups);
}

#[test]
fn a_repeated_create_answers_with_the_first_task_for_a_month() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let (alice, bob) = (person(&crm, "alice").id, person(&crm, "bob").id);
    let first = stored(apply(&crm, alice, create("k", titled("First"))));
    assert_ne!(stored(apply(&crm, bob, create("k", titled("Of bob")))).id, first.id, "keys are each user's own");
    clock.advance(IDEMPOTENCY_AGE_MAX);
    crm.purge_task_history().unwrap();
    assert_eq!(stored(apply(&crm, alice, create("k", titled("Second")))), first);
    apply(&crm, alice, delete(&first)).unwrap();
    assert_eq!(apply(&crm, alice, create("k", titled("Third"))), Ok(wire::Applied::Removed));
}

#[test]
fn nobody_reads_or_writes_the_tasks_of_another_user_or_organization() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice").id, person(&crm, "bob").id);
    let stranger = NewUser { organization: "Globex".to_owned(), ..new_user("stranger") };
    let stranger = crm.create_user(&stranger).unwrap().id;
    let task = by_hand(&crm, alice);
    for other in [bob, stranger] {
        assert_eq!(tasks().by_text(&crm, other, std::slice::from_ref(&task.id)).unwrap(), [None]);
        assert!(tasks().page(&crm, other, None, 500).unwrap().changes.is_empty());
        for mutation in [update(&task, titled("Stolen")), delete(&task)] {
            assert_eq!(apply(&crm, other, mutation), Err(wire::MutationError::NotFound));
        }
    }
    let ids = [task.id.clone(), "AAMk".to_owned(), "99".to_owned(), task.id.clone()];
    assert_eq!(tasks().by_text(&crm, alice, &ids).unwrap(), [Some(task.clone()), None, None, Some(task)]);
}

#[test]
fn a_task_that_goes_to_a_colleague_is_deleted_here_and_new_there() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice").id, person(&crm, "bob").id);
    let task = by_hand(&crm, alice);
    let page = |user, after: &str| tasks().page(&crm, user, Some(after), 500).unwrap();
    let [of_alice, of_bob] = [alice, bob].map(|user| tasks().page(&crm, user, None, 500).unwrap().next);
    let given = TaskInput::from_json(json!({"assignedTo": "bob"})).unwrap();
    crm.update_task(alice, task.id.parse().unwrap(), given).unwrap();
    assert_eq!(page(alice, &of_alice).changes, [wire::Change::Deleted(task.id.clone())]);
    let there = page(bob, &of_bob);
    assert!(matches!(there.changes.as_slice(), [wire::Change::Upserted(found)] if found.id == task.id));
}

#[test]
fn changes_come_in_pages_and_an_old_or_foreign_cursor_has_expired() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let (alice, bob) = (person(&crm, "alice").id, person(&crm, "bob").id);
    let made: Vec<wire::Task> =
        ["a", "b"].iter().map(|title| stored(apply(&crm, alice, create(title, titled(title))))).collect();
    let first = tasks().page(&crm, alice, None, 1).unwrap();
    assert_eq!((first.changes, first.more), (vec![wire::Change::Upserted(made[0].clone())], true));
    let rest = tasks().page(&crm, alice, Some(&first.next), u32::MAX).unwrap();
    assert_eq!((rest.changes, rest.more), (vec![wire::Change::Upserted(made[1].clone())], false));
    apply(&crm, alice, delete(&made[0])).unwrap();
    let of_bob = tasks().page(&crm, bob, None, 500).unwrap().next;
    clock.advance(TOMBSTONE_AGE_MAX + TimeDelta::seconds(1));
    crm.purge_task_history().unwrap();
    for cursor in [rest.next.as_str(), of_bob.as_str(), "x"] {
        let expired = tasks().page(&crm, alice, Some(cursor), 500);
        assert_eq!(expired, Err(wire::ChangesError::CursorExpired), "{cursor}");
    }
}

#[test]
fn a_stale_version_is_refused_and_a_deletion_can_be_repeated() {
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let old = by_hand(&crm, alice);
    let new = stored(apply(&crm, alice, update(&old, titled("New"))));
    for mutation in [update(&old, titled("Late")), delete(&old)] {
        assert_eq!(apply(&crm, alice, mutation), Err(wire::MutationError::VersionMismatch));
    }
    for _ in 0..2 {
        assert_eq!(apply(&crm, alice, delete(&new)), Ok(wire::Applied::Removed));
    }
    assert_eq!(apply(&crm, alice, update(&new, titled("Gone"))), Err(wire::MutationError::NotFound));
}

#[test]
fn an_active_workflow_shows_in_the_capabilities_and_refuses_a_status() {
    // T2
    let crm = crm();
    let alice = person(&crm, "alice").id;
    assert!(!capabilities(&crm).unwrap().status_by_workflow);
    let task = by_hand(&crm, alice);
    crm.set_task_workflow(true).unwrap();
    let found = capabilities(&crm).unwrap();
    assert!(found.status_by_workflow && found.holds.contains(found.writes), "{found:?}");
    let closed = wire::TaskFields { status: Some(wire::TaskStatus::Closed), ..titled("Done") };
    for mutation in [update(&task, closed.clone()), create("k", closed.clone())] {
        assert_eq!(apply(&crm, alice, mutation), Err(wire::MutationError::WorkflowRestricted));
    }
    let renamed = stored(apply(&crm, alice, update(&task, wire::TaskFields { status: None, ..closed })));
    assert_eq!(renamed.fields.status, Some(wire::TaskStatus::Open));
}

#[test]
fn a_call_that_asks_for_too_much_is_refused_as_a_whole() {
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let many = vec![create("k", titled("T")); 101];
    assert!(matches!(
        tasks().apply_all(&crm, alice, fence_of(&crm, alice), many),
        Err(ApplyError::Crm(CrmError::TooMany { .. }))
    ));
    assert!(matches!(tasks().by_text(&crm, alice, &vec!["1".to_owned(); 501]), Err(CrmError::TooMany { .. })));
    assert!(tasks().page(&crm, alice, None, 500).unwrap().changes.is_empty());
}

#[tokio::test]
async fn an_instance_reads_and_writes_for_the_user_of_its_scope_and_for_nobody_without_one() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let task = by_hand(&crm, alice.id);
    let of_alice = context(&crm, Some(alice.id), alice.organization_id);
    let of_bob = context(&crm, Some(bob.id), bob.organization_id);
    let of_nobody = context(&crm, None, alice.organization_id);
    for (context, expected) in
        [(of_alice, Ok(vec![Some(task.clone())])), (of_bob, Ok(vec![None])), (of_nobody, Err(HostError::AccessDenied))]
    {
        let calls = HostCalls::new(None);
        let fence = context.scope.map_or(0, |scope| crm.raise_fence(&scope).unwrap().number());
        let mut view = HostView { context: &context, calls: &calls };
        assert_eq!(wire::Host::get_many(&mut view, vec![task.id.clone()]).await.unwrap(), expected);
        let page = wire::Host::changes(&mut view, None, 500).await.unwrap();
        let written = wire::Host::apply(&mut view, fence, vec![create("k", titled("T"))]).await.unwrap();
        let found = wire::Host::get_capabilities(&mut view).await.unwrap();
        assert_eq!([page.is_ok(), written.is_ok(), found.is_ok()], [expected.is_ok(); 3]);
        assert_eq!(calls.made(), 4, "each call counts once, also a refused one");
    }
    assert_eq!(crm.tasks_of(alice.id).unwrap().len() + crm.tasks_of(bob.id).unwrap().len(), 3);
}

#[tokio::test]
async fn a_write_is_made_although_the_instance_is_torn_down_at_its_end() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let context = context(&crm, Some(alice.id), alice.organization_id);
    let calls = HostCalls::new(Some(Interruption::TearDown { after: 1 }));
    let fence = fence_of(&crm, alice.id).number();
    let mut view = HostView { context: &context, calls: &calls };
    let trap = wire::Host::apply(&mut view, fence, vec![create("k", titled("T"))]).await.unwrap_err();
    assert!(matches!(trap.downcast_ref::<CallsOver>(), Some(CallsOver::TornDown(_))), "{trap}");
    assert_eq!(stored(apply(&crm, alice.id, create("k", titled("Again")))).fields.title.as_deref(), Some("T"));
}
