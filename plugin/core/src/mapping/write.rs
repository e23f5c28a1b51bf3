//! Which JSON writes which groups of an event?
//!
//! Only properties of the groups asked for are in a body: a property that is
//! not sent is not changed (`api/event-update`). Exceptions of a series are
//! written occurrence by occurrence ([`occurrence_body`]), an answer to an
//! invitation by a request of its own ([`crate::graph::Requests::respond`]). Whether
//! a write sends mail, and whether it may, is decided elsewhere.

use serde_json::{Map, Value, json};

use super::body::meeting::MeetingBlob;
use super::recurrence::{written_recurrence, written_series_time};
use super::series::series_of;
use super::times::written_time;
use crate::graph::wire::CORRELATION_PROPERTY;
use crate::model::{
    AttendeeKind, Attendees, CivilDate, FieldGroup, FieldSet, FieldValue, Html, Importance, LinkId, Record, Recurrence,
    Reminder, Sensitivity, ShowAs,
};

/// The body of a change of `groups` (`api/event-update`). Groups that the
/// record lacks are left out: an empty object means that there is nothing to
/// write.
///
/// Time and rule of a series are always written together, also where only one
/// of them is in `groups`: Exchange refuses to move a series to another zone
/// otherwise. A rule without a time in the record is left out.
pub fn patch_body(record: &Record, groups: FieldSet) -> Value {
    let when: FieldSet = [FieldGroup::Time, FieldGroup::Recurrence].into_iter().collect();
    let is_of_series = record.rule().is_some() && !groups.intersection(when).is_empty();
    Value::Object(properties(&record.only(if is_of_series { groups.union(when) } else { groups })))
}

/// The body of a create (`api/user-post-events`), with the rule of a series and
/// with guests, if the record has them.
///
/// The link's id is both the `transactionId`, which makes a repeat harmless
/// while Exchange remembers it, and an extended property, which finds the event
/// ever after.
pub fn create_body(record: &Record, link: &LinkId) -> Value {
    // What is not there need not be taken away.
    let unsaid = [FieldGroup::Recurrence, FieldGroup::Attendees];
    let is_said = |value: &&FieldValue| !(unsaid.contains(&value.group()) && value.is_blank());
    let mut body = properties(&record.values().filter(is_said).cloned().collect());
    body.insert("transactionId".to_owned(), json!(link.as_str()));
    let correlation = json!([{ "id": CORRELATION_PROPERTY, "value": link.as_str() }]);
    body.insert("singleValueExtendedProperties".to_owned(), correlation);
    Value::Object(body)
}

/// The body of a change of the occurrence that the rule has on `day`
/// (`api/event-update`), after which it shows `changed` over its `series`.
///
/// `now` is what the occurrence overrides at present: what is not in `changed`
/// goes back to what the series has, and what is in both stays unsaid, so that
/// a description nobody touched keeps its colours and pictures. A day that is
/// not of the rule gives no time.
pub fn occurrence_body(changed: &Record, series: &Record, now: Option<&Record>, day: CivilDate) -> Value {
    let day_time = series_of(series).and_then(|series| series.time_of(day)).map(FieldValue::Time);
    let overridden = now.map(Record::groups).unwrap_or_default();
    let restored = overridden.iter().filter_map(|group| match group {
        FieldGroup::Time => day_time.clone(),
        FieldGroup::Recurrence
        | FieldGroup::Exceptions
        | FieldGroup::Response
        | FieldGroup::Status
        | FieldGroup::Due => None,
        FieldGroup::Title
        | FieldGroup::Body
        | FieldGroup::Attendees
        | FieldGroup::Reminder
        | FieldGroup::Location
        | FieldGroup::Categories
        | FieldGroup::ShowAs
        | FieldGroup::Sensitivity
        | FieldGroup::Importance => series.get(group).cloned(),
    });
    let is_shown = |value: &&FieldValue| now.is_some_and(|now| now.get(value.group()) == Some(*value));
    let restored: Record = restored.filter(|value| changed.get(value.group()).is_none()).collect();
    let mut record = restored.overlaid(&changed.values().filter(|value| !is_shown(value)).cloned().collect());
    // An occurrence has no rule; written, it would make a series of its own.
    record.remove(FieldGroup::Recurrence);
    Value::Object(properties(&record))
}

/// `body`, a write of any kind, with the join section of the meeting in the
/// description, if there is a description in it at all.
#[must_use]
pub fn keep_meeting(mut body: Value, blob: Option<&MeetingBlob>) -> Value {
    if let (Some(blob), Some(content)) = (blob, body.pointer_mut("/body/content"))
        && let Some(text) = content.as_str()
    {
        *content = Value::String(blob.put_into(&Html::from_canonical(text.to_owned())));
    }
    body
}

fn properties(record: &Record) -> Map<String, Value> {
    let mut body = Map::new();
    for value in record.values() {
        let mut put = |name: &str, value: Value| {
            body.insert(name.to_owned(), value);
        };
        match value {
            FieldValue::Title(title) => put("subject", json!(title)),
            FieldValue::Body(html) => put("body", json!({ "contentType": "html", "content": html.as_str() })),
            FieldValue::Time(time) => {
                let written = record.rule().map_or_else(|| written_time(time), |rule| written_series_time(rule, time));
                for (name, value) in written {
                    put(name, value);
                }
            }
            FieldValue::Recurrence(Recurrence::None) => put("recurrence", Value::Null),
            FieldValue::Recurrence(Recurrence::Rule(rule)) => {
                if let Some(time) = record.time() {
                    put("recurrence", written_recurrence(rule, time));
                }
            }
            FieldValue::Attendees(guests) => put("attendees", attendees(guests)),
            // Written by requests of their own, or of tasks alone: see [`super::task`].
            FieldValue::Exceptions(_)
            | FieldValue::Response(_)
            | FieldValue::RemindAt(_)
            | FieldValue::Status(_)
            | FieldValue::Due(_) => {}
            FieldValue::Reminder(Reminder::None) => put("isReminderOn", json!(false)),
            FieldValue::Reminder(Reminder::MinutesBefore(minutes)) => {
                put("isReminderOn", json!(true));
                // The property is a signed 32-bit number.
                put("reminderMinutesBeforeStart", json!(i32::try_from(*minutes).unwrap_or(i32::MAX)));
            }
            FieldValue::Location(name) => put("location", json!({ "displayName": name })),
            FieldValue::Categories(names) => put("categories", json!(names)),
            FieldValue::ShowAs(show_as) => put("showAs", json!(show_as_text(*show_as))),
            FieldValue::Sensitivity(sensitivity) => put("sensitivity", json!(sensitivity_text(*sensitivity))),
            FieldValue::Importance(importance) => put("importance", json!(importance_text(*importance))),
        }
    }
    body
}

/// All guests (`resources/attendee`). Their answers are theirs, and are not
/// written.
fn attendees(guests: &Attendees) -> Value {
    let guest = |(address, guest): (&crate::model::Address, &crate::model::Attendee)| {
        let mut who = json!({ "address": address.as_str() });
        if let (false, Some(fields)) = (guest.display_name.is_empty(), who.as_object_mut()) {
            fields.insert("name".to_owned(), json!(guest.display_name));
        }
        json!({ "emailAddress": who, "type": kind_text(guest.kind) })
    };
    Value::Array(guests.iter().map(guest).collect())
}

const fn kind_text(kind: AttendeeKind) -> &'static str {
    match kind {
        AttendeeKind::Required => "required",
        AttendeeKind::Optional => "optional",
        AttendeeKind::Resource => "resource",
    }
}

const fn show_as_text(show_as: ShowAs) -> &'static str {
    match show_as {
        ShowAs::Unknown => "unknown",
        ShowAs::Free => "free",
        ShowAs::Tentative => "tentative",
        ShowAs::Busy => "busy",
        ShowAs::Oof => "oof",
        ShowAs::WorkingElsewhere => "workingElsewhere",
    }
}

const fn sensitivity_text(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Normal => "normal",
        Sensitivity::Personal => "personal",
        Sensitivity::Private => "private",
        Sensitivity::Confidential => "confidential",
    }
}

pub(super) const fn importance_text(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

#[cfg(test)]
mod tests;
