//! What an event is. Field names in JSON are those of the CRM's interface.
//!
//! Oro section 7.1: no place, no categories, no show-as. Unlike Oro the event
//! keeps the zone in which it was planned.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::all_day::{self, EventTime, Timed};
use super::recurrence::Recurrence;
use crate::crm::ids::{EventId, UserId};
use crate::crm::stored::words;
use crate::crm::users::ZoneName;
pub use crate::crm::version::EventVersion;

words! {
    /// A guest's answer.
    pub enum AttendeeStatus {
        /// No answer yet.
        None = "none",
        /// Comes.
        Accepted = "accepted",
        /// Does not come.
        Declined = "declined",
        /// May come.
        Tentative = "tentative",
    }
}

words! {
    /// A guest's part. Oro attaches no logic to it.
    pub enum AttendeeType {
        /// Called the meeting.
        Organizer = "organizer",
        /// Has to come.
        Required = "required",
        /// May come.
        Optional = "optional",
        /// A room or a device, which Oro does not know as such.
        Resource = "resource",
    }
}

/// A guest. Has an address, a name, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attendee {
    /// The address, which identifies the guest within the event.
    #[serde(default)]
    pub email: Option<String>,
    /// The name shown.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The answer.
    #[serde(default = "no_answer")]
    pub status: AttendeeStatus,
    /// The part.
    #[serde(default = "required", rename = "type")]
    pub kind: AttendeeType,
}

const fn no_answer() -> AttendeeStatus {
    AttendeeStatus::None
}

const fn required() -> AttendeeType {
    AttendeeType::Required
}

/// What kind of record an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Takes place once.
    Single,
    /// The rule of a series.
    Series,
    /// One occurrence that differs from its series, or was cancelled.
    Exception,
}

/// The fields of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventValues {
    /// The title: one line, not blank.
    pub title: String,
    /// The description, HTML.
    pub description: Option<String>,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends; of an all-day event a moment of its last day.
    pub end: DateTime<Utc>,
    /// Where the clock hangs that start and end were read from.
    pub time_zone: ZoneName,
    /// Whether it takes whole days, the last one included.
    pub all_day: bool,
    /// The guests, each address once.
    pub attendees: Vec<Attendee>,
    /// The organiser's address; none stands for the owner of the calendar.
    pub organizer_email: Option<String>,
    /// Minutes between the reminder and the start.
    ///
    /// DIFFERENCE: Oro has no reminders for recurring events (section 7.2);
    /// here a series and its exceptions can have one, as in Microsoft 365, so
    /// that it is not lost on the way there and back.
    pub reminder_minutes: Option<u32>,
    /// The rule of a series.
    pub recurrence: Option<Recurrence>,
    /// The series that an exception belongs to.
    pub recurring_event_id: Option<EventId>,
    /// When the exception would take place according to its series.
    pub original_start: Option<DateTime<Utc>>,
    /// Whether the exception stands for an occurrence that was deleted.
    pub cancelled: bool,
    /// The iCalendar UID, unchangeable.
    pub uid: String,
}

impl EventValues {
    /// An event of which only the zone is known: what a new one starts from.
    pub(crate) const fn blank(time_zone: ZoneName) -> Self {
        Self {
            title: String::new(),
            description: None,
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
            time_zone,
            all_day: false,
            attendees: Vec::new(),
            organizer_email: None,
            reminder_minutes: None,
            recurrence: None,
            recurring_event_id: None,
            original_start: None,
            cancelled: false,
            uid: String::new(),
        }
    }

    /// What kind of record it is.
    pub const fn kind(&self) -> EventKind {
        match (self.recurring_event_id.is_some(), self.recurrence.is_some()) {
            (true, _) => EventKind::Exception,
            (false, true) => EventKind::Series,
            (false, false) => EventKind::Single,
        }
    }

    /// When it takes place, as days where it takes whole days.
    pub fn time(&self) -> EventTime {
        if self.all_day {
            return EventTime::AllDay(all_day::days_of(self.start, self.end, self.time_zone));
        }
        EventTime::Timed(Timed { start: self.start, end: self.end, zone: self.time_zone })
    }

    /// Moves it. Whole days have no zone of their own, so the one that the
    /// event has stays.
    pub(crate) fn set_time(&mut self, time: &EventTime) {
        match time {
            EventTime::Timed(timed) => {
                self.all_day = false;
                self.start = timed.start;
                self.end = timed.end;
                self.time_zone = timed.zone;
            }
            EventTime::AllDay(days) => {
                self.all_day = true;
                (self.start, self.end) = all_day::instants_of(days);
            }
        }
    }
}

/// An event of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CalendarEvent {
    /// Its identifier.
    pub id: EventId,
    /// Its version.
    pub version: EventVersion,
    /// Whether the owner of the calendar organises it (Oro row C6).
    pub is_organizer: bool,
    /// Whose calendar it is in.
    #[serde(skip)]
    pub owner: UserId,
    /// Its fields.
    #[serde(flatten)]
    pub values: EventValues,
}

impl CalendarEvent {
    /// What it is kept in step as: a day of a series as the series.
    pub fn item(&self) -> EventId {
        self.values.recurring_event_id.unwrap_or(self.id)
    }
}
