//! Real calendars: iCalendar files (RFC 5545) for either side.
//!
//! [`read`](read::read) turns a file into a [`batch`] that knows neither side,
//! with a count of what was left out and why; [`into_crm`] adds a batch to a
//! user's calendar. The way into a Microsoft mailbox goes through Graph and is
//! not here.

pub mod batch;

pub mod zones;

mod duration;

mod event;

pub mod read;

pub mod into_crm;

pub use batch::{ImportBatch, ImportedAttendee, ImportedEvent, SkipReason};
pub use into_crm::{ImportReport, import_into_crm};
pub use read::{ImportError, read};
