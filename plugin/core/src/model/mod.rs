//! The nouns of both sides, in our words.
//!
//! Microsoft's own words are in [`crate::graph`], the CRM's arrive through
//! [`crate::ports`]; [`crate::mapping`] translates.

mod field;
mod guests;
mod id;
mod record;
mod recurrence;
mod time;

pub use field::{FieldGroup, FieldSet};
pub use guests::{Address, Attendee, AttendeeKind, AttendeeStatus, Attendees};
pub use id::{AccountId, CalendarId, CrmId, CrmVersion, GraphId, GraphVersion, LinkId, TaskListId};
pub use record::{FieldValue, Html, Importance, Record, Reminder, Sensitivity, ShowAs, TaskStatus};
pub use recurrence::{Exceptions, Instance, Occurrence, Pattern, RangeEnd, Recurrence, Rule, Weekdays};
pub use time::{CivilDate, EventTime, Instant, InvalidEventTime, InvalidZone, Zone};
