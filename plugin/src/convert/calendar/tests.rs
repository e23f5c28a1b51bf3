use tandem_core::model::{FieldGroup, FieldSet, FieldValue, Record, TaskStatus};

use super::fields::{field_set, fields};
use crate::bindings::tandem::host::event as wit;

#[test]
fn the_groups_of_tasks_alone_are_none_of_an_event() {
    let of_tasks = FieldSet::EMPTY.with(FieldGroup::Status).with(FieldGroup::Due);
    assert_eq!(field_set(wit::FieldGroups::empty()), FieldSet::EMPTY);
    assert_eq!(field_set(wit::FieldGroups::all()), FieldSet::all().without(of_tasks));
    assert_eq!(field_set(wit::FieldGroups::REMINDER), FieldSet::EMPTY.with(FieldGroup::Reminder));
}

#[test]
fn what_only_a_task_can_have_is_not_written_into_an_event() {
    let record: Record = [
        FieldValue::Title("T".to_owned()),
        FieldValue::RemindAt(None),
        FieldValue::Status(TaskStatus::Closed),
        FieldValue::Due(None),
    ]
    .into_iter()
    .collect();
    let written = fields(&record);
    assert_eq!(written.title.as_deref(), Some("T"));
    assert!(written.reminder.is_none() && written.time.is_none());
}
