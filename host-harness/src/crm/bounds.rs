//! What fields that events and tasks both have can hold: a line of text, a
//! description, a reminder, a date.
//!
//! Which field has which bounds, and how fields fit together, is in
//! [`super::event::validate`] and [`super::task::validate`].

use chrono::Datelike;

use super::error::InvalidValue;

/// The largest description in bytes. The invitations that Exchange writes have
/// a few ten thousand; this leaves room and keeps a page of changes in memory.
pub const DESCRIPTION_BYTES_MAX: u32 = 256 * 1024;

/// The earliest reminder: a year before.
pub const REMINDER_MINUTES_MAX: u32 = 366 * 24 * 60;

/// The years that a date of the contract can have, with a day to spare at both
/// ends, so that every instant of it exists in every zone.
const YEARS: std::ops::RangeInclusive<i32> = 2..=9998;

/// A field of one line that is not blank. A refusal has a code and a hint of
/// the field's own.
pub(crate) struct OneLine {
    /// The field, spelled as in JSON.
    pub(crate) field: &'static str,
    /// The longest text in Unicode scalar values.
    pub(crate) length_max: u32,
    /// Code and hint where it is blank.
    pub(crate) blank: (&'static str, &'static str),
    /// Code and hint where it is too long.
    pub(crate) too_long: (&'static str, &'static str),
    /// Code and hint where it has a line break.
    pub(crate) broken: (&'static str, &'static str),
}

impl OneLine {
    /// Checks a text of this field.
    pub(crate) fn check(&self, text: &str) -> Result<(), InvalidValue> {
        let length = text.chars().count();
        let ((code, hint), found) = if text.trim().is_empty() {
            (self.blank, "a blank one".to_owned())
        } else if length > self.length_max as usize {
            (self.too_long, length.to_string())
        } else if text.contains(['\n', '\r', '\0']) {
            (self.broken, "a line break".to_owned())
        } else {
            return Ok(());
        };
        let expected = format!("one line of 1 to {} characters", self.length_max);
        Err(InvalidValue { field: self.field, code, expected, found, hint })
    }
}

/// Checks a description.
pub(crate) fn description(description: Option<&str>) -> Result<(), InvalidValue> {
    let size = description.map_or(0, str::len);
    if size <= DESCRIPTION_BYTES_MAX as usize {
        return Ok(());
    }
    Err(InvalidValue {
        field: "description",
        code: "description-too-large",
        expected: format!("at most {DESCRIPTION_BYTES_MAX} bytes"),
        found: size.to_string(),
        hint: "shorten the description; pictures belong into attachments",
    })
}

/// Checks the minutes between a reminder and what it reminds of.
pub(crate) fn reminder_minutes(minutes: impl Into<i64>) -> Result<u32, InvalidValue> {
    let minutes = minutes.into();
    u32::try_from(minutes).ok().filter(|minutes| *minutes <= REMINDER_MINUTES_MAX).ok_or_else(|| InvalidValue {
        field: "reminderMinutes",
        code: "invalid-reminder",
        expected: format!("a number from 0 to {REMINDER_MINUTES_MAX}"),
        found: minutes.to_string(),
        hint: "remind at most a year before and not after, or send `null` for no reminder",
    })
}

/// Whether a date is in the years that one can have.
pub(crate) fn is_usual_year(date: &impl Datelike) -> bool {
    YEARS.contains(&date.year())
}
