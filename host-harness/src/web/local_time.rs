//! Days, times of day and reminders as the fields of a form have them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::crm::event::REMINDER_MINUTES_MAX;

/// A day for a field of type `date`.
pub fn day(local: NaiveDateTime) -> String {
    local.format("%Y-%m-%d").to_string()
}

/// A time of day for a field of type `time`.
pub fn clock(local: NaiveDateTime) -> String {
    local.format("%H:%M").to_string()
}

/// Reads a day; `what` names it in the sentence of an error.
///
/// # Errors
/// The text is no day.
pub fn parse_day(text: &str, what: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| format!("The {what} has to be a date."))
}

/// Reads the minutes between a reminder and what it reminds of.
///
/// # Errors
/// The text is no number, or too large a one.
pub fn parse_reminder(text: &str) -> Result<i64, String> {
    let minutes: i64 = text.parse().map_err(|_| "The reminder has to be a whole number of minutes.".to_owned())?;
    if (0..=i64::from(REMINDER_MINUTES_MAX)).contains(&minutes) {
        return Ok(minutes);
    }
    Err(format!("The reminder has to be from 0 to {REMINDER_MINUTES_MAX} minutes before."))
}

/// Reads a time of a day in a zone.
///
/// # Errors
/// The text is no time, or the zone's clock skips it on that day.
pub fn parse_time(date: NaiveDate, text: &str, zone: Tz, what: &str) -> Result<DateTime<Utc>, String> {
    // Browsers send seconds where somebody entered them.
    let clock = text.get(..5).unwrap_or(text);
    let time =
        NaiveTime::parse_from_str(clock, "%H:%M").map_err(|_| format!("The {what} needs a time such as 14:30."))?;
    let local = zone.from_local_datetime(&date.and_time(time)).earliest();
    local
        .map(|local| local.to_utc())
        .ok_or_else(|| format!("The {what} is in the hour that the clock skips on that day."))
}
