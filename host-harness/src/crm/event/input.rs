//! What people send to create or change an event.
//!
//! One shape for both, in which each field is a [`Change`]; what a new event
//! does not say has a default. Turning an input into values is here; whether
//! the values fit together is decided in [`super::validate`].

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::record::{Attendee, EventValues, EventVersion};
use super::recurrence::Recurrence;
use super::validate::{FieldGroup, Refused};
use crate::crm::bounds::reminder_minutes;
pub use crate::crm::change::Change;
use crate::crm::change::{empty, read_body, read_instant};
use crate::crm::error::InvalidValue;
use crate::crm::ids::EventId;
use crate::crm::refusal::in_group;
use crate::crm::users::{User, ZoneName};

/// An event as people send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventInput {
    /// The title.
    pub title: Change<String>,
    /// The description, HTML.
    pub description: Change<String>,
    /// RFC 3339.
    pub start: Change<String>,
    /// RFC 3339.
    pub end: Change<String>,
    /// An IANA name; a new event takes the user's where it is absent.
    pub time_zone: Change<String>,
    /// Whether it takes whole days.
    pub all_day: Change<bool>,
    /// All guests; the list replaces the one that is there.
    pub attendees: Change<Vec<Attendee>>,
    /// The organiser's address; unchangeable once it is set.
    pub organizer_email: Change<String>,
    /// Follows from `organizer_email`; accepted where it agrees.
    pub is_organizer: Change<bool>,
    /// Minutes before the start.
    pub reminder_minutes: Change<i64>,
    /// The rule of a series.
    pub recurrence: Change<Recurrence>,
    /// The series of an exception; unchangeable.
    pub recurring_event_id: Change<EventId>,
    /// RFC 3339; unchangeable.
    pub original_start: Change<String>,
    /// Whether an exception stands for a deleted occurrence.
    pub cancelled: Change<bool>,
    /// The iCalendar UID; unchangeable, made by the CRM where it is absent.
    pub uid: Change<String>,
    /// The version that a change is based on; checked where it is given. Of a new
    /// exception, that of its series.
    pub version: Change<EventVersion>,
}

impl EventInput {
    /// Reads an input from JSON.
    ///
    /// # Errors
    /// The JSON has another shape: an unknown field, or one of a wrong type.
    pub fn from_json(value: serde_json::Value) -> Result<Self, InvalidValue> {
        read_body(value, "a calendar event")
    }

    /// The values of a new event of `owner`; the uid is still empty where none
    /// was given.
    pub(crate) fn into_new(self, owner: &User) -> Result<EventValues, Refused> {
        let start = required(instant(self.start.clone(), "start")?, "start")?;
        let blank = EventValues {
            start,
            end: required(instant(self.end.clone(), "end")?, "end")?,
            ..EventValues::blank(owner.time_zone)
        };
        self.over(blank)
    }

    /// The values of an event after this change.
    pub(crate) fn over(self, kept: EventValues) -> Result<EventValues, Refused> {
        let zone = self.time_zone.try_map(|name| ZoneName::parse(&name, "timeZone"));
        let zone = zone.map_err(in_group(FieldGroup::Time))?;
        let minutes = self.reminder_minutes.try_map(reminder_minutes).map_err(in_group(FieldGroup::Reminder))?;
        Ok(EventValues {
            title: filled(self.title, kept.title, "title", FieldGroup::Title)?,
            description: self.description.over(kept.description),
            start: filled(instant(self.start, "start")?, kept.start, "start", FieldGroup::Time)?,
            end: filled(instant(self.end, "end")?, kept.end, "end", FieldGroup::Time)?,
            time_zone: filled(zone, kept.time_zone, "timeZone", FieldGroup::Time)?,
            all_day: filled(self.all_day, kept.all_day, "allDay", FieldGroup::Time)?,
            attendees: self.attendees.over(Some(kept.attendees)).unwrap_or_default(),
            organizer_email: self.organizer_email.over(kept.organizer_email),
            reminder_minutes: minutes.over(kept.reminder_minutes),
            recurrence: self.recurrence.over(kept.recurrence),
            recurring_event_id: self.recurring_event_id.over(kept.recurring_event_id),
            original_start: instant(self.original_start, "originalStart")?.over(kept.original_start),
            cancelled: filled(self.cancelled, kept.cancelled, "cancelled", FieldGroup::Recurrence)?,
            uid: filled(self.uid, kept.uid, "uid", FieldGroup::Identity)?,
        })
    }
}

fn instant(text: Change<String>, field: &'static str) -> Result<Change<DateTime<Utc>>, Refused> {
    read_instant(text, field).map_err(in_group(FieldGroup::Time))
}

fn required<T>(change: Change<T>, field: &'static str) -> Result<T, Refused> {
    match change {
        Change::Set(value) => Ok(value),
        Change::Keep | Change::Clear => Err(in_group(FieldGroup::Time)(empty(field))),
    }
}

fn filled<T>(change: Change<T>, kept: T, field: &'static str, group: FieldGroup) -> Result<T, Refused> {
    change.filled(kept, field).map_err(in_group(group))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn absent_null_and_a_value_differ() {
        let input = EventInput::from_json(json!({"description": null, "title": "T"})).unwrap();
        assert_eq!(input.description, Change::Clear);
        assert_eq!(input.title, Change::Set("T".to_owned()));
        assert_eq!(input.reminder_minutes, Change::Keep);
    }

    #[test]
    fn another_shape_is_named() {
        for (body, named) in [(json!({"titel": "T"}), "titel"), (json!({"allDay": "yes"}), "bool"), (json!([]), "")] {
            let refused = EventInput::from_json(body).unwrap_err();
            assert_eq!(refused.code, "invalid-body");
            assert!(refused.found.contains(named), "{refused}");
            assert!(!refused.found.contains("yes"), "{refused}");
        }
    }
}
