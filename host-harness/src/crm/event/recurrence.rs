//! The rule of a series, as Oro keeps it (Oro row C3), and what it accepts.
//!
//! The rule is stored here, not expanded: which days a series falls on is
//! answered in [`super::series`].

use chrono::{DateTime, Datelike as _, NaiveDate, Utc, Weekday};
use serde::{Deserialize, Serialize};

use super::series::{INSTANCE_LAST, MONTHS_OF_A_YEAR};
use crate::crm::error::InvalidValue;
use crate::crm::stored::words;
use crate::crm::users::ZoneName;

/// The most days between occurrences of a daily series.
pub const INTERVAL_MAX_DAILY: u32 = 99;

/// The most weeks or months between occurrences of other series.
pub const INTERVAL_MAX: u32 = 999;

/// The most occurrences that a series can be ended by.
pub const OCCURRENCES_MAX: u32 = 999;

words! {
    /// How a series repeats.
    pub enum RecurrenceType {
        /// Every so many days.
        Daily = "daily",
        /// On some days of every so many weeks.
        Weekly = "weekly",
        /// On a day of every so many months. A day that a month lacks is moved
        /// to its last one.
        Monthly = "monthly",
        /// On the first, .. last of some days of every so many months.
        MonthNth = "monthnth",
        /// On a day of a month; the interval counts months.
        Yearly = "yearly",
        /// On the first, .. last of some days of a month; the interval counts
        /// months.
        YearNth = "yearnth",
    }
}

words! {
    /// A day of the week.
    pub enum DayOfWeek {
        /// Sunday.
        Sunday = "sunday",
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
    }
}

impl DayOfWeek {
    /// The day of the week of a date.
    pub fn of(date: NaiveDate) -> Self {
        match date.weekday() {
            Weekday::Sun => Self::Sunday,
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
        }
    }
}

/// The rule of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recurrence {
    /// How it repeats.
    #[serde(rename = "type")]
    pub kind: RecurrenceType,
    /// After how many days, weeks or months; from 1.
    pub interval: u32,
    /// The days of the week, where the rule has some.
    #[serde(default)]
    pub day_of_week: Vec<DayOfWeek>,
    /// The day of the month, 1 to 31.
    #[serde(default)]
    pub day_of_month: Option<u32>,
    /// The month, 1 to 12.
    #[serde(default)]
    pub month_of_year: Option<u32>,
    /// Which of the fitting days: 1 to 4, 5 for the last one.
    #[serde(default)]
    pub instance: Option<u32>,
    /// When the series begins.
    pub start_time: DateTime<Utc>,
    /// Until when it goes on; neither this nor `occurrences` is endless.
    #[serde(default)]
    pub end_time: Option<DateTime<Utc>>,
    /// After how many occurrences it ends.
    #[serde(default)]
    pub occurrences: Option<u32>,
    /// The zone in which its days are counted.
    pub time_zone: ZoneName,
}

impl Recurrence {
    /// Checks the rule against what its type needs.
    ///
    /// # Errors
    /// The first field that does not fit.
    pub fn validate(&self) -> Result<(), InvalidValue> {
        self.validate_interval()?;
        self.validate_days()?;
        self.validate_end()
    }

    fn validate_interval(&self) -> Result<(), InvalidValue> {
        let max = if self.kind == RecurrenceType::Daily { INTERVAL_MAX_DAILY } else { INTERVAL_MAX };
        let yearly = matches!(self.kind, RecurrenceType::Yearly | RecurrenceType::YearNth);
        if !(1..=max).contains(&self.interval) {
            return Err(invalid("interval", format!("a number from 1 to {max}"), self.interval.to_string()));
        }
        if yearly && !self.interval.is_multiple_of(MONTHS_OF_A_YEAR) {
            let expected = "a multiple of 12, because a yearly rule counts months".to_owned();
            return Err(invalid("interval", expected, self.interval.to_string()));
        }
        Ok(())
    }

    fn validate_days(&self) -> Result<(), InvalidValue> {
        let mut days = self.day_of_week.clone();
        days.sort_unstable();
        days.dedup();
        if days.len() != self.day_of_week.len() {
            return Err(invalid("dayOfWeek", "each day once".to_owned(), "one twice".to_owned()));
        }
        match self.kind {
            RecurrenceType::Weekly if days.is_empty() => Err(missing("dayOfWeek", "at least one day")),
            RecurrenceType::Daily | RecurrenceType::Weekly => Ok(()),
            RecurrenceType::Monthly => number("dayOfMonth", self.day_of_month, 31),
            RecurrenceType::MonthNth => self.validate_nth(&days),
            RecurrenceType::Yearly => {
                number("monthOfYear", self.month_of_year, MONTHS_OF_A_YEAR)?;
                number("dayOfMonth", self.day_of_month, 31)
            }
            RecurrenceType::YearNth => {
                number("monthOfYear", self.month_of_year, MONTHS_OF_A_YEAR)?;
                self.validate_nth(&days)
            }
        }
    }

    /// "The last weekday": one day of the week, the five working days, the
    /// weekend, or all seven.
    fn validate_nth(&self, sorted: &[DayOfWeek]) -> Result<(), InvalidValue> {
        use DayOfWeek::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        number("instance", self.instance, INSTANCE_LAST)?;
        match sorted {
            [_] | [Monday, Tuesday, Wednesday, Thursday, Friday] | [Sunday, Saturday] | [_, _, _, _, _, _, _] => Ok(()),
            _ => Err(missing("dayOfWeek", "one day, Monday to Friday, the weekend, or all seven days")),
        }
    }

    fn validate_end(&self) -> Result<(), InvalidValue> {
        if self.end_time.is_some() && self.occurrences.is_some() {
            let expected = "absent where `endTime` is given".to_owned();
            return Err(invalid("occurrences", expected, "both".to_owned()));
        }
        if self.occurrences.is_some() {
            number("occurrences", self.occurrences, OCCURRENCES_MAX)?;
        }
        match self.end_time {
            Some(end) if end < self.start_time => {
                Err(invalid("endTime", "at or after `startTime`".to_owned(), "an earlier one".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn number(field: &'static str, value: Option<u32>, max: u32) -> Result<(), InvalidValue> {
    match value {
        Some(value) if (1..=max).contains(&value) => Ok(()),
        Some(value) => Err(invalid(field, format!("a number from 1 to {max}"), value.to_string())),
        None => Err(missing(field, &format!("a number from 1 to {max}"))),
    }
}

fn missing(field: &'static str, expected: &str) -> InvalidValue {
    invalid(field, expected.to_owned(), "none, or others".to_owned())
}

fn invalid(field: &'static str, expected: String, found: String) -> InvalidValue {
    InvalidValue { field, code: "invalid-recurrence", expected, found, hint: "correct the rule of the series" }
}

#[cfg(test)]
mod tests;
