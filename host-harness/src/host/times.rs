//! Instants and days between the contract and the CRM.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::bindings::tandem::host::types::Date;

/// An instant; none where no calendar has it.
pub(super) fn instant_from(at: i64) -> Option<DateTime<Utc>> {
    DateTime::<Utc>::from_timestamp_millis(at)
}

/// Dates of the CRM are in the years 1 to 9999; others become the nearest.
pub(super) fn date_of(date: NaiveDate) -> Date {
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let year = u16::try_from(date.year().clamp(1, 9_999)).unwrap_or(1);
    Date { year, month: small(date.month()), day: small(date.day()) }
}

/// A day; none where no calendar has it.
pub(super) fn date_from(date: Date) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}
