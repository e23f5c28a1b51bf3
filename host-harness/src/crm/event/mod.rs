//! Events of the CRM's calendars.
//!
//! People write them with [`EventInput`] (create and patch), the component with
//! [`EventMutation`]; both end in the same validation and the same journal, so
//! that neither can leave something behind that the other does not see.
//!
//! Reading order: [`record`] (what an event is), [`recurrence`], [`all_day`],
//! [`series`] (on which days a rule falls), [`expand`] (what a person sees),
//! [`input`] (what people send), [`validate`], [`mod@write`] (what every write
//! keeps true), [`exceptions`], [`store`] (what people do), [`whole`] and
//! [`journal`] (what changed since), [`fields`] and [`mutation`] (what the
//! component writes), [`bulk`] (what an import adds).

pub mod record;

pub mod recurrence;

pub mod all_day;

pub mod series;

pub mod expand;

pub mod input;

pub mod validate;

pub(crate) mod rows;

pub mod write;

pub(crate) mod exceptions;

pub mod store;

pub mod whole;

pub mod journal;

pub mod fields;

pub mod mutation;

pub mod bulk;

pub use all_day::{AllDay, EventTime, Timed};
pub use bulk::{Added, NewEvent, NewException};
pub use expand::EventInstance;
pub use fields::{
    EventFields, Guest, Meeting, OccurrenceException, OccurrenceFields, OccurrenceState, OriginalStart, Reminder,
    Repeats,
};
pub use input::{Change, EventInput};
pub use journal::{Announcement, Changes, ChangesError, Cursor, EventChange};
pub use mutation::{Applied, EventMutation, MutationError};
pub use record::{Attendee, AttendeeStatus, AttendeeType, CalendarEvent, EventKind, EventValues, EventVersion};
pub use recurrence::{DayOfWeek, Recurrence, RecurrenceType};
pub use series::{Pattern, Series, SeriesEnd, SeriesRule};
pub use validate::FieldGroup;
pub use whole::WholeEvent;
pub use write::Deletion;

pub use super::bounds::{DESCRIPTION_BYTES_MAX, REMINDER_MINUTES_MAX};

/// The longest title in Unicode scalar values (Oro: column of 255).
pub const TITLE_LENGTH_MAX: u32 = 255;

/// The most guests of an event: what Exchange lets one invite.
pub const ATTENDEES_MAX: usize = 500;

/// Unicode scalar values of a `uid`: a UUID, which is what the column holds.
pub const UID_LENGTH_MAX: usize = 36;
