//! What people send to create or change an event.
//!
//! One shape for both: an absent field keeps what is there (or takes the
//! default of a new event), `null` empties it, anything else sets it. Turning
//! an input into values is here; whether the values fit together is decided in
//! [`super::validate`].

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Deserializer};

use super::REMINDER_MINUTES_MAX;
use super::record::{Attendee, EventValues, EventVersion};
use super::recurrence::Recurrence;
use super::validate::{FieldGroup, Refused};
use crate::crm::error::InvalidValue;
use crate::crm::ids::EventId;
use crate::crm::users::{User, ZoneName};

/// What an input does to a field.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field is absent: keep what is there.
    #[default]
    Keep,
    /// The field is `null`: empty it.
    Clear,
    /// The field has a value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Change<T> {
    /// The value of a field that can be empty.
    fn over(self, kept: Option<T>) -> Option<T> {
        match self {
            Self::Keep => kept,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same with another type of value.
    fn try_map<U, E>(self, convert: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(convert(value)?),
        })
    }
}

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
    /// The version that a change is based on; checked where it is given.
    pub version: Change<EventVersion>,
}

impl EventInput {
    /// Reads an input from JSON.
    ///
    /// # Errors
    /// The JSON has another shape: an unknown field, or one of a wrong type.
    pub fn from_json(value: serde_json::Value) -> Result<Self, InvalidValue> {
        let refused = |found| InvalidValue {
            field: "body",
            code: "invalid-body",
            expected: "an object with the fields of a calendar event".to_owned(),
            found,
            hint: "correct what is named",
        };
        if !value.is_object() {
            // An array would be taken for the fields in their order.
            return Err(refused("another kind of JSON value".to_owned()));
        }
        serde_json::from_value(value).map_err(|error| refused(unquoted(&error.to_string())))
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
        let zone = self.time_zone.try_map(|name| {
            ZoneName::parse(&name, "timeZone").map_err(|value| Refused { group: FieldGroup::Time, value })
        })?;
        Ok(EventValues {
            title: filled(self.title, kept.title, "title", FieldGroup::Title)?,
            description: self.description.over(kept.description),
            start: filled(instant(self.start, "start")?, kept.start, "start", FieldGroup::Time)?,
            end: filled(instant(self.end, "end")?, kept.end, "end", FieldGroup::Time)?,
            time_zone: filled(zone, kept.time_zone, "timeZone", FieldGroup::Time)?,
            all_day: filled(self.all_day, kept.all_day, "allDay", FieldGroup::Time)?,
            attendees: self.attendees.over(Some(kept.attendees)).unwrap_or_default(),
            organizer_email: self.organizer_email.over(kept.organizer_email),
            reminder_minutes: self.reminder_minutes.try_map(reminder)?.over(kept.reminder_minutes),
            recurrence: self.recurrence.over(kept.recurrence),
            recurring_event_id: self.recurring_event_id.over(kept.recurring_event_id),
            original_start: instant(self.original_start, "originalStart")?.over(kept.original_start),
            cancelled: filled(self.cancelled, kept.cancelled, "cancelled", FieldGroup::Recurrence)?,
            uid: filled(self.uid, kept.uid, "uid", FieldGroup::Identity)?,
        })
    }
}

/// An error of the JSON reader without the text that it quotes, which may be
/// somebody's.
fn unquoted(error: &str) -> String {
    match (error.split_once('"'), error.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{}{after}", before.trim_end()),
        _ => error.to_owned(),
    }
}

/// Reads an instant, cut to the milliseconds that are stored.
fn instant(text: Change<String>, field: &'static str) -> Result<Change<DateTime<Utc>>, Refused> {
    text.try_map(|text| {
        DateTime::parse_from_rfc3339(&text).map(|instant| instant.to_utc().trunc_subsecs(3)).map_err(|_| Refused {
            group: FieldGroup::Time,
            value: InvalidValue {
                field,
                code: "invalid-instant",
                expected: "an instant such as `2026-03-01T09:00:00Z`".to_owned(),
                found: "a text that is none".to_owned(),
                hint: "write date, time and `Z` as RFC 3339 does",
            },
        })
    })
}

fn reminder(minutes: i64) -> Result<u32, Refused> {
    u32::try_from(minutes).ok().filter(|minutes| *minutes <= REMINDER_MINUTES_MAX).ok_or_else(|| Refused {
        group: FieldGroup::Reminder,
        value: InvalidValue {
            field: "reminderMinutes",
            code: "invalid-reminder",
            expected: format!("a number from 0 to {REMINDER_MINUTES_MAX}"),
            found: minutes.to_string(),
            hint: "remind at most a year before, or send `null` for no reminder",
        },
    })
}

fn required<T>(change: Change<T>, field: &'static str) -> Result<T, Refused> {
    match change {
        Change::Set(value) => Ok(value),
        Change::Keep | Change::Clear => Err(empty(field, FieldGroup::Time)),
    }
}

fn filled<T>(change: Change<T>, kept: T, field: &'static str, group: FieldGroup) -> Result<T, Refused> {
    match change {
        Change::Keep => Ok(kept),
        Change::Set(value) => Ok(value),
        Change::Clear => Err(empty(field, group)),
    }
}

fn empty(field: &'static str, group: FieldGroup) -> Refused {
    Refused {
        group,
        value: InvalidValue {
            field,
            code: "missing-field",
            expected: "present".to_owned(),
            found: "nothing".to_owned(),
            hint: "send a value for it",
        },
    }
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
