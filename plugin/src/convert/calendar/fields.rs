//! The groups of an event, all but what makes it a series.

use tandem_core::mapping::body;
use tandem_core::model::{FieldGroup, FieldSet, FieldValue, Record, Recurrence};

use super::recurrence::rule_out;
use super::values::{
    attendee, attendee_out, event_time, event_time_out, reminder_in, reminder_out, sensitivity_in, sensitivity_out,
    show_as_in, show_as_out, status_in, status_out,
};
use crate::bindings::tandem::host::event as wit;
use crate::convert::values::{importance_in, importance_out};

/// No group.
const NOTHING: wit::EventFields = wit::EventFields {
    title: None,
    body: None,
    time: None,
    recurrence: None,
    exceptions: None,
    attendees: None,
    reminder: None,
    location: None,
    categories: None,
    show_as: None,
    sensitivity: None,
    importance: None,
    response: None,
};

pub(super) fn field_set(groups: wit::FieldGroups) -> FieldSet {
    let has = |group: &FieldGroup| flag(*group).is_some_and(|flag| groups.contains(flag));
    FieldGroup::ALL.into_iter().filter(has).collect()
}

/// The contract's name of a group; none for those of tasks alone.
const fn flag(group: FieldGroup) -> Option<wit::FieldGroups> {
    Some(match group {
        FieldGroup::Title => wit::FieldGroups::TITLE,
        FieldGroup::Body => wit::FieldGroups::BODY,
        FieldGroup::Time => wit::FieldGroups::TIME,
        FieldGroup::Recurrence => wit::FieldGroups::RECURRENCE,
        FieldGroup::Exceptions => wit::FieldGroups::EXCEPTIONS,
        FieldGroup::Attendees => wit::FieldGroups::ATTENDEES,
        FieldGroup::Reminder => wit::FieldGroups::REMINDER,
        FieldGroup::Location => wit::FieldGroups::LOCATION,
        FieldGroup::Categories => wit::FieldGroups::CATEGORIES,
        FieldGroup::ShowAs => wit::FieldGroups::SHOW_AS,
        FieldGroup::Sensitivity => wit::FieldGroups::SENSITIVITY,
        FieldGroup::Importance => wit::FieldGroups::IMPORTANCE,
        FieldGroup::Response => wit::FieldGroups::RESPONSE,
        FieldGroup::Status | FieldGroup::Due => return None,
    })
}

/// The groups of an event without recurrence and exceptions, which
/// [`super::recurrence::series_in`] reads.
pub(super) fn record(fields: wit::EventFields) -> Record {
    let wit::EventFields {
        title,
        body,
        time,
        recurrence: _,
        exceptions: _,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    } = fields;
    let values = [
        title.map(FieldValue::Title),
        // One that is too large is left out, which is no change of it.
        body.and_then(|html| body::read(&html)).map(FieldValue::Body),
        time.and_then(event_time).map(FieldValue::Time),
        attendees.map(|guests| FieldValue::Attendees(guests.into_iter().map(attendee).collect())),
        reminder.map(|reminder| FieldValue::Reminder(reminder_in(reminder))),
        location.map(FieldValue::Location),
        categories.map(|names| FieldValue::Categories(names.into_iter().collect())),
        show_as.map(|show_as| FieldValue::ShowAs(show_as_in(show_as))),
        sensitivity.map(|sensitivity| FieldValue::Sensitivity(sensitivity_in(sensitivity))),
        importance.map(|importance| FieldValue::Importance(importance_in(importance))),
        response.map(|response| FieldValue::Response(status_in(response))),
    ];
    values.into_iter().flatten().collect()
}

/// The groups of an occurrence; none where one of them cannot be read: left
/// out, it would look as if it were the series' again.
pub(super) fn occurrence_record(fields: wit::OccurrenceFields) -> Option<Record> {
    let wit::OccurrenceFields {
        title,
        body,
        time,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    } = fields;
    let (has_body, has_time) = (body.is_some(), time.is_some());
    let found = record(wit::EventFields {
        title,
        body,
        time,
        recurrence: None,
        exceptions: None,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    });
    let groups = found.groups();
    let is_whole = has_body == groups.contains(FieldGroup::Body) && has_time == groups.contains(FieldGroup::Time);
    is_whole.then_some(found)
}

/// The groups of `record` without its exceptions, which are written beside it,
/// and without those of a task, which no event has.
pub(super) fn fields(record: &Record) -> wit::EventFields {
    let mut fields = NOTHING;
    for value in record.values() {
        match value {
            FieldValue::Title(text) => fields.title = Some(text.clone()),
            FieldValue::Body(html) => fields.body = Some(html.as_str().to_owned()),
            FieldValue::Time(time) => fields.time = Some(event_time_out(time)),
            FieldValue::Recurrence(Recurrence::None) => fields.recurrence = Some(wit::Recurrence::None),
            FieldValue::Recurrence(Recurrence::Rule(rule)) => {
                fields.recurrence = Some(wit::Recurrence::Rule(rule_out(rule)));
            }
            FieldValue::Exceptions(_) | FieldValue::RemindAt(_) | FieldValue::Status(_) | FieldValue::Due(_) => {}
            FieldValue::Attendees(guests) => {
                fields.attendees = Some(guests.iter().map(|(address, guest)| attendee_out(address, guest)).collect());
            }
            FieldValue::Reminder(reminder) => fields.reminder = Some(reminder_out(*reminder)),
            FieldValue::Location(text) => fields.location = Some(text.clone()),
            FieldValue::Categories(names) => fields.categories = Some(names.iter().cloned().collect()),
            FieldValue::ShowAs(show_as) => fields.show_as = Some(show_as_out(*show_as)),
            FieldValue::Sensitivity(sensitivity) => fields.sensitivity = Some(sensitivity_out(*sensitivity)),
            FieldValue::Importance(importance) => fields.importance = Some(importance_out(*importance)),
            FieldValue::Response(status) => fields.response = Some(status_out(*status)),
        }
    }
    fields
}

/// The groups of an occurrence that differ. A rule has no place in them.
pub(super) fn occurrence_fields(record: &Record) -> wit::OccurrenceFields {
    let wit::EventFields {
        title,
        body,
        time,
        recurrence: _,
        exceptions: _,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    } = fields(record);
    wit::OccurrenceFields {
        title,
        body,
        time,
        attendees,
        reminder,
        location,
        categories,
        show_as,
        sensitivity,
        importance,
        response,
    }
}
