//! What a mutation says about an event, and what the event then is.
//!
//! Groups that are none stay. Whether the values are acceptable is decided in
//! [`super::validate`]; the exceptions of a series are written in
//! [`super::exceptions`].

use chrono::{DateTime, NaiveDate, Utc};

use super::all_day::EventTime;
use super::record::{Attendee, AttendeeStatus, AttendeeType, EventValues};
use super::series::{Series, SeriesRule};
use crate::crm::CrmError;
use crate::crm::meeting::with_own_status;
use crate::crm::users::User;

/// The reminder of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// None.
    None,
    /// This many minutes before the start.
    MinutesBefore(u32),
}

/// A guest as the component names one: always by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The address.
    pub address: String,
    /// The name shown, empty where there is none.
    pub display_name: String,
    /// The answer.
    pub status: AttendeeStatus,
    /// The part.
    pub kind: AttendeeType,
}

/// Whether an event repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// It takes place once.
    Once,
    /// By this rule, from its time on.
    By(SeriesRule),
}

/// What names an occurrence: when the rule has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginalStart {
    /// Of a timed series.
    At(DateTime<Utc>),
    /// Of a series of whole days.
    On(NaiveDate),
}

/// What is to become of an occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OccurrenceState {
    /// It does not take place.
    Cancelled,
    /// It has these groups; all others are those of the series.
    Changed(OccurrenceFields),
}

/// An occurrence that is not as the rule has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurrenceException {
    /// Which.
    pub original_start: OriginalStart,
    /// What is to become of it.
    pub state: OccurrenceState,
}

/// The fields of an occurrence by group; none is as in the series.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OccurrenceFields {
    /// The title.
    pub title: Option<String>,
    /// The description, HTML; empty for none.
    pub description: Option<String>,
    /// When it takes place.
    pub time: Option<EventTime>,
    /// All guests that have an address.
    pub guests: Option<Vec<Guest>>,
    /// The reminder.
    pub reminder: Option<Reminder>,
    /// The owner's own answer.
    pub response: Option<AttendeeStatus>,
}

/// The fields of an event by group; none leaves the group as it is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EventFields {
    /// The title.
    pub title: Option<String>,
    /// The description, HTML; empty for none.
    pub description: Option<String>,
    /// When it takes place; of a series, its first occurrence.
    pub time: Option<EventTime>,
    /// Whether it repeats.
    pub recurrence: Option<Repeats>,
    /// All exceptions that the series has afterwards.
    pub exceptions: Option<Vec<OccurrenceException>>,
    /// All guests that have an address.
    pub guests: Option<Vec<Guest>>,
    /// The reminder.
    pub reminder: Option<Reminder>,
    /// The owner's own answer to what somebody else organises.
    pub response: Option<AttendeeStatus>,
}

impl From<OccurrenceFields> for EventFields {
    fn from(fields: OccurrenceFields) -> Self {
        let OccurrenceFields { title, description, time, guests, reminder, response } = fields;
        Self { title, description, time, recurrence: None, exceptions: None, guests, reminder, response }
    }
}

impl EventFields {
    /// The values of an event after this change.
    pub(super) fn over(self, mut values: EventValues, owner: &User) -> Result<EventValues, CrmError> {
        if let Some(title) = self.title {
            values.title = title;
        }
        if let Some(description) = self.description {
            values.description = Some(description).filter(|text| !text.is_empty());
        }
        set_time(&mut values, self.time, self.recurrence)?;
        if let Some(guests) = self.guests {
            values.attendees = merge_guests(&values.attendees, guests);
        }
        match self.reminder {
            Some(Reminder::None) => values.reminder_minutes = None,
            Some(Reminder::MinutesBefore(minutes)) => values.reminder_minutes = Some(minutes),
            None => {}
        }
        Ok(match self.response {
            Some(status) => with_own_status(values, owner, status),
            None => values,
        })
    }
}

/// Sets time and rule. What means the same may stand there in other words
/// (whole days as other instants, a rule that begins before its first
/// occurrence): those stay, so that nothing seems to have changed.
fn set_time(values: &mut EventValues, time: Option<EventTime>, repeats: Option<Repeats>) -> Result<(), CrmError> {
    let (old_time, old_rule) = match Series::of(values)? {
        Some(series) => (series.first, Some(series.rule)),
        None => (values.time(), None),
    };
    let rule = match repeats {
        None => old_rule.clone(),
        Some(Repeats::Once) => None,
        Some(Repeats::By(rule)) => Some(rule),
    };
    let time = time.unwrap_or(old_time);
    if (time, &rule) != (old_time, &old_rule) {
        values.set_time(&time);
        values.recurrence = rule.map(|rule| rule.recurrence(&time));
    }
    Ok(())
}

/// The guests after a write of those with an address: guests by name alone are
/// nothing the writer knows of, so they stay, and so does the mark of the
/// organiser, for whom the writer has no word.
fn merge_guests(stored: &[Attendee], guests: Vec<Guest>) -> Vec<Attendee> {
    let was_organizer = |address: &str| {
        stored.iter().any(|attendee| {
            attendee.kind == AttendeeType::Organizer
                && attendee.email.as_deref().is_some_and(|email| email.to_lowercase() == address.to_lowercase())
        })
    };
    let mut merged: Vec<Attendee> = guests
        .into_iter()
        .map(|guest| Attendee {
            kind: if was_organizer(&guest.address) { AttendeeType::Organizer } else { guest.kind },
            email: Some(guest.address),
            display_name: Some(guest.display_name).filter(|name| !name.is_empty()),
            status: guest.status,
        })
        .collect();
    merged.extend(stored.iter().filter(|attendee| attendee.email.is_none()).cloned());
    merged
}

/// Which meeting of Microsoft 365 an event is a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Its iCalendar UID there.
    pub uid: String,
    /// Who organises it.
    pub organizer: String,
}

/// The values of an event that is a copy of `meeting`: organised by its
/// organiser, unless that is the owner. An organiser that the event has already
/// stays (Oro row C6).
pub(super) fn with_organizer_of(mut values: EventValues, owner: &User, meeting: Option<&Meeting>) -> EventValues {
    if let (None, Some(meeting)) = (&values.organizer_email, meeting)
        && !owner.has_address(&meeting.organizer)
    {
        values.organizer_email = Some(meeting.organizer.clone());
    }
    values
}
