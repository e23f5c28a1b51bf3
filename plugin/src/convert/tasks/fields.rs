//! The groups of a task.

use tandem_core::mapping::body;
use tandem_core::model::{CivilDate, FieldGroup, FieldSet, FieldValue, Instant, Record, TaskStatus};

use crate::bindings::tandem::host::tasks as wit;
use crate::convert::values::{date, date_out, importance_in, importance_out};

/// No group.
const NOTHING: wit::TaskFields =
    wit::TaskFields { title: None, body: None, due: None, reminder: None, importance: None, status: None };

pub(super) fn field_set(groups: wit::TaskGroups) -> FieldSet {
    let has = |group: &FieldGroup| flag(*group).is_some_and(|flag| groups.contains(flag));
    FieldGroup::ALL.into_iter().filter(has).collect()
}

/// The contract's name of a group; none for those of events alone.
const fn flag(group: FieldGroup) -> Option<wit::TaskGroups> {
    Some(match group {
        FieldGroup::Title => wit::TaskGroups::TITLE,
        FieldGroup::Body => wit::TaskGroups::BODY,
        FieldGroup::Due => wit::TaskGroups::DUE,
        FieldGroup::Reminder => wit::TaskGroups::REMINDER,
        FieldGroup::Importance => wit::TaskGroups::IMPORTANCE,
        FieldGroup::Status => wit::TaskGroups::STATUS,
        FieldGroup::Time
        | FieldGroup::Recurrence
        | FieldGroup::Exceptions
        | FieldGroup::Attendees
        | FieldGroup::Location
        | FieldGroup::Categories
        | FieldGroup::ShowAs
        | FieldGroup::Sensitivity
        | FieldGroup::Response => return None,
    })
}

/// The groups that have a value, whether it can be read or not.
pub(super) fn groups_of(fields: &wit::TaskFields) -> FieldSet {
    let wit::TaskFields { title, body, due, reminder, importance, status } = fields;
    let groups = [
        title.as_ref().map(|_| FieldGroup::Title),
        body.as_ref().map(|_| FieldGroup::Body),
        due.map(|_| FieldGroup::Due),
        reminder.map(|_| FieldGroup::Reminder),
        importance.map(|_| FieldGroup::Importance),
        status.map(|_| FieldGroup::Status),
    ];
    groups.into_iter().flatten().collect()
}

/// The groups whose value can be read. A body that is too large and a day that
/// no calendar has are left out, which is no change of them.
pub(super) fn record(fields: wit::TaskFields) -> Record {
    let wit::TaskFields { title, body, due, reminder, importance, status } = fields;
    let values = [
        title.map(FieldValue::Title),
        body.and_then(|html| body::read(&html)).map(FieldValue::Body),
        due.and_then(due_in),
        reminder.map(|reminder| FieldValue::RemindAt(reminder_in(reminder))),
        importance.map(|importance| FieldValue::Importance(importance_in(importance))),
        status.map(|status| FieldValue::Status(status_in(status))),
    ];
    values.into_iter().flatten().collect()
}

/// The groups of `record` without those of an event, which no task has.
pub(super) fn fields(record: &Record) -> wit::TaskFields {
    let mut fields = NOTHING;
    for value in record.values() {
        match value {
            FieldValue::Title(text) => fields.title = Some(text.clone()),
            FieldValue::Body(html) => fields.body = Some(html.as_str().to_owned()),
            FieldValue::Due(due) => fields.due = Some(due_out(*due)),
            FieldValue::RemindAt(at) => fields.reminder = Some(reminder_out(*at)),
            FieldValue::Importance(importance) => fields.importance = Some(importance_out(*importance)),
            FieldValue::Status(status) => fields.status = Some(status_out(*status)),
            FieldValue::Time(_)
            | FieldValue::Recurrence(_)
            | FieldValue::Exceptions(_)
            | FieldValue::Attendees(_)
            | FieldValue::Reminder(_)
            | FieldValue::Location(_)
            | FieldValue::Categories(_)
            | FieldValue::ShowAs(_)
            | FieldValue::Sensitivity(_)
            | FieldValue::Response(_) => {}
        }
    }
    fields
}

/// None where no calendar has the day.
fn due_in(due: wit::TaskDue) -> Option<FieldValue> {
    match due {
        wit::TaskDue::None => Some(FieldValue::Due(None)),
        wit::TaskDue::On(day) => date(day).map(|day| FieldValue::Due(Some(day))),
    }
}

fn due_out(due: Option<CivilDate>) -> wit::TaskDue {
    due.map_or(wit::TaskDue::None, |day| wit::TaskDue::On(date_out(day)))
}

fn reminder_in(reminder: wit::TaskReminder) -> Option<Instant> {
    match reminder {
        wit::TaskReminder::None => None,
        wit::TaskReminder::At(at) => Some(Instant::from_epoch_milliseconds(at)),
    }
}

fn reminder_out(at: Option<Instant>) -> wit::TaskReminder {
    at.map_or(wit::TaskReminder::None, |at| wit::TaskReminder::At(at.epoch_milliseconds()))
}

const fn status_in(status: wit::TaskStatus) -> TaskStatus {
    match status {
        wit::TaskStatus::Open => TaskStatus::Open,
        wit::TaskStatus::InProgress => TaskStatus::InProgress,
        wit::TaskStatus::Closed => TaskStatus::Closed,
    }
}

const fn status_out(status: TaskStatus) -> wit::TaskStatus {
    match status {
        TaskStatus::Open => wit::TaskStatus::Open,
        TaskStatus::InProgress => wit::TaskStatus::InProgress,
        TaskStatus::Closed => wit::TaskStatus::Closed,
    }
}
