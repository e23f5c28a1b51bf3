//! Real calendars: iCalendar files (RFC 5545) for either side.
//!
//! [`read`](read::read) turns a file into a [`batch`] that knows neither side,
//! with what was left out and why; [`into_crm`] adds a batch to a user's
//! calendar and tasks, [`into_microsoft`] to a mailbox and its To Do. What a calendar cannot hold
//! exactly is left out with a [`reason`], never approximated.
//!
//! Reading order: [`reason`], [`batch`], [`encoding`], [`read`](mod@read), `group` (what has
//! one UID), `series` with `rrule`, `event` with `details`, `moment` and `duration`,
//! [`zones`] with `vtimezone`, [`task`], then the two ways into a calendar.

pub mod reason;

pub mod batch;

pub mod encoding;

pub mod read;

mod group;

mod series;

mod rrule;

mod event;

mod details;

mod moment;

mod duration;

pub mod zones;

mod vtimezone;

pub mod task;

pub mod into_crm;

// Goes through Outlook's interface, as the demonstration has it.
#[cfg(feature = "component")]
pub mod into_microsoft;

pub use batch::{ImportBatch, ImportReport, ImportedAttendee, ImportedEvent, ImportedSeries};
pub use details::LeftOutField;
pub use encoding::decode;
pub use into_crm::import_into_crm;
#[cfg(feature = "component")]
pub use into_microsoft::import_into_microsoft;
pub use read::{ImportError, read};
pub use reason::{Left, Remark, RemarkKind, SkipReason};
pub use task::{ImportedTask, TaskReport};
