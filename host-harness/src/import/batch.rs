//! What a file held, in words that fit both sides.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::crm::event::{AttendeeStatus, AttendeeType, EventTime};

/// An event of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedEvent {
    /// Its UID, where it has one.
    pub uid: Option<String>,
    /// The title: one line, not blank, at most as long as the CRM allows.
    pub title: String,
    /// The description, plain text.
    pub description: Option<String>,
    /// The place.
    pub location: Option<String>,
    /// When it takes place.
    pub time: EventTime,
    /// The guests, each address once.
    pub attendees: Vec<ImportedAttendee>,
    /// The organiser's address.
    pub organizer: Option<String>,
    /// Minutes between the reminder and the start.
    pub reminder_minutes: Option<u32>,
}

/// A guest of an event of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedAttendee {
    /// The address.
    pub address: String,
    /// The name, where there is one.
    pub display_name: Option<String>,
    /// The answer.
    pub status: AttendeeStatus,
    /// The part.
    pub kind: AttendeeType,
}

/// Why something of a file was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// An event without a start, or with one that is no date.
    NoStart,
    /// An event with an end that is no date, or a length that is none.
    UnreadableEnd,
    /// An event that ends before it begins.
    EndBeforeStart,
    /// An event in a zone that nobody knows.
    UnknownZone,
    /// A series.
    Series,
    /// One changed occurrence of a series.
    Exception,
    /// An event that was called off.
    Cancelled,
    /// A task.
    Task,
    /// A journal entry, free/busy times or something else.
    OtherKind,
    /// An event that the calendar has already.
    Duplicate,
    /// An event with a value that the calendar does not accept.
    Refused,
}

impl SkipReason {
    /// The reason for people, without full stop.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::NoStart => "no readable start (DTSTART)",
            Self::UnreadableEnd => "an unreadable end or duration",
            Self::EndBeforeStart => "the end lies before the start",
            Self::UnknownZone => "an unknown time zone",
            Self::Series => "a recurring event (RRULE, RDATE): series cannot be imported yet",
            Self::Exception => "a changed occurrence of a series (RECURRENCE-ID): series cannot be imported yet",
            Self::Cancelled => "a cancelled event (STATUS:CANCELLED)",
            Self::Task => "a task (VTODO): tasks cannot be imported yet",
            Self::OtherKind => "neither an event nor a task",
            Self::Duplicate => "already there (the same UID)",
            Self::Refused => "a value that the calendar does not accept",
        }
    }
}

/// What a file held.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ImportBatch {
    /// The events that can be imported, in the order of the file.
    pub events: Vec<ImportedEvent>,
    /// How much was left out, by reason.
    pub skipped: BTreeMap<SkipReason, usize>,
    /// How many titles had to be shortened or made up.
    pub adjusted_titles: usize,
}

impl ImportBatch {
    /// Counts something that is left out.
    pub fn skip(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }
}
