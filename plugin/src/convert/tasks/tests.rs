#![allow(clippy::expect_used)]

use tandem_core::mapping::body;
use tandem_core::model::{CivilDate, FieldGroup, FieldSet, FieldValue, Importance, Instant, Record, TaskStatus};
use tandem_core::ports::HostError;

use super::*;
use crate::bindings::tandem::host::event;
use crate::bindings::tandem::host::types::{self, Date};

/// The groups of a task.
const GROUPS: [FieldGroup; 6] = [
    FieldGroup::Title,
    FieldGroup::Body,
    FieldGroup::Due,
    FieldGroup::Reminder,
    FieldGroup::Importance,
    FieldGroup::Status,
];

fn task(fields: wit::TaskFields) -> wit::Task {
    wit::Task { id: "7".to_owned(), version: "v1".to_owned(), web_url: None, fields }
}

fn nothing() -> wit::TaskFields {
    fields::fields(&Record::NONE)
}

/// A task with everything in it.
fn full(due: Option<CivilDate>, at: Option<i64>, importance: Importance, status: TaskStatus) -> Record {
    [
        FieldValue::Title("Call".to_owned()),
        FieldValue::Body(body::read("<p>about <b>it</b></p>").expect("a small body")),
        FieldValue::Due(due),
        FieldValue::RemindAt(at.map(Instant::from_epoch_milliseconds)),
        FieldValue::Importance(importance),
        FieldValue::Status(status),
    ]
    .into_iter()
    .collect()
}

#[test]
fn a_record_that_is_written_and_read_back_is_the_same() {
    let day = CivilDate::from_parts(2028, 2, 29);
    assert!(day.is_some());
    for record in [
        full(day, Some(-1), Importance::High, TaskStatus::InProgress),
        full(day, None, Importance::Low, TaskStatus::Closed),
        full(None, None, Importance::Normal, TaskStatus::Open),
        Record::NONE,
    ] {
        let item = task_item(task(fields::fields(&record)));
        assert_eq!(item.record, record);
        assert_eq!(item.unread, FieldSet::EMPTY);
    }
}

#[test]
fn what_is_cleared_is_written_as_none_and_what_is_kept_is_not_written() {
    let record: Record = [FieldValue::Due(None), FieldValue::RemindAt(None)].into_iter().collect();
    let update = TaskMutation::Update {
        id: CrmId::new("7"),
        expected: CrmVersion::new("v1"),
        idempotency_key: "k".to_owned(),
        record,
    };
    let wit::Mutation::Update(update) = task_mutation(update) else { panic!("expected an update") };
    assert_eq!((update.id.as_str(), update.expected.as_str()), ("7", "v1"));
    assert!(matches!(update.fields.due, Some(wit::TaskDue::None)));
    assert!(matches!(update.fields.reminder, Some(wit::TaskReminder::None)));
    let wit::TaskFields { title, body, due: _, reminder: _, importance, status } = update.fields;
    assert!(title.is_none() && body.is_none() && importance.is_none() && status.is_none());
}

#[test]
fn a_value_that_cannot_be_compared_is_left_out_and_named() {
    let day = Date { year: 2027, month: 2, day: 29 };
    let fields = wit::TaskFields {
        title: Some("T".to_owned()),
        body: Some("x".repeat(1 << 20)),
        due: Some(wit::TaskDue::On(day)),
        ..nothing()
    };
    let item = task_item(task(fields));
    assert_eq!(item.record.groups(), FieldSet::EMPTY.with(FieldGroup::Title));
    assert_eq!(item.unread, FieldSet::EMPTY.with(FieldGroup::Body).with(FieldGroup::Due));
}

#[test]
fn the_groups_of_tasks_are_known_and_those_of_events_are_not_theirs() {
    assert_eq!(fields::field_set(wit::TaskGroups::all()), GROUPS.into_iter().collect());
    assert_eq!(fields::field_set(wit::TaskGroups::empty()), FieldSet::EMPTY);
    let found = fields::field_set(wit::TaskGroups::DUE | wit::TaskGroups::STATUS);
    assert_eq!(found, FieldSet::EMPTY.with(FieldGroup::Due).with(FieldGroup::Status));
    // What only an event can have is not written into a task.
    let place: Record = std::iter::once(FieldValue::Location("here".to_owned())).collect();
    assert!(fields::groups_of(&fields::fields(&place)).is_empty());
}

#[test]
fn the_capabilities_are_those_of_the_crm() {
    let found = wit::Capabilities {
        holds: wit::TaskGroups::all(),
        writes: wit::TaskGroups::TITLE,
        title_length_max: 255,
        body_size_max: 1024,
        statuses: wit::TaskStatuses::OPEN | wit::TaskStatuses::CLOSED,
        status_by_workflow: true,
        due_has_time: false,
        reminder_needs_due: true,
    };
    let expected = TaskCapabilities {
        holds: GROUPS.into_iter().collect(),
        writes: FieldSet::EMPTY.with(FieldGroup::Title),
        title_length_max: 255,
        body_size_max: 1024,
        knows_in_progress: false,
        status_by_workflow: true,
        due_has_time: false,
        reminder_needs_due: true,
    };
    assert_eq!(task_capabilities(found), expected);
}

#[test]
fn a_page_names_what_came_and_what_went() {
    let fields = wit::TaskFields { importance: Some(event::Importance::High), ..nothing() };
    let web_url = Some("https://crm.example/tasks/7".to_owned());
    let page = task_page(wit::ChangePage {
        changes: vec![
            wit::Change::Upserted(wit::Task { web_url: web_url.clone(), ..task(fields) }),
            wit::Change::Deleted("8".to_owned()),
        ],
        next: "c".to_owned(),
        more: true,
    });
    assert_eq!((page.next.as_str(), page.more), ("c", true));
    let [TaskChange::Upserted(item), TaskChange::Deleted(gone)] = page.changes.as_slice() else {
        panic!("expected both changes, but found {:?}", page.changes)
    };
    assert_eq!((item.id.as_str(), item.version.as_str(), &item.web_url), ("7", "v1", &web_url));
    assert_eq!(item.record.get(FieldGroup::Importance), Some(&FieldValue::Importance(Importance::High)));
    assert_eq!(gone, &CrmId::new("8"));
}

#[test]
fn every_refusal_stays_what_it_is() {
    let refusal = |error| task_applied(Err(error));
    let host = HostError::AccessDenied;
    for (found, expected) in [
        (wit::MutationError::NotFound, TaskMutationError::NotFound),
        (wit::MutationError::VersionMismatch, TaskMutationError::VersionMismatch),
        (wit::MutationError::AccessDenied, TaskMutationError::AccessDenied),
        (wit::MutationError::WorkflowRestricted, TaskMutationError::WorkflowRestricted),
        (
            wit::MutationError::Invalid((wit::TaskGroups::DUE, "a day".to_owned())),
            TaskMutationError::Invalid { groups: FieldSet::EMPTY.with(FieldGroup::Due), reason: "a day".to_owned() },
        ),
        (wit::MutationError::Host(types::HostError::AccessDenied), TaskMutationError::Host(host)),
    ] {
        assert_eq!(refusal(found), Err(expected));
    }
    assert_eq!(task_applied(Ok(wit::Applied::Removed)), Ok(TaskApplied::Removed));
    let delete = TaskMutation::Delete { id: CrmId::new("7"), expected: CrmVersion::new("v1") };
    assert!(matches!(task_mutation(delete), wit::Mutation::Delete(delete) if delete.id == "7"));
}
