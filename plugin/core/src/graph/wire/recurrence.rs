//! The rule of a series (`resources/patternedrecurrence`).

use serde::{Deserialize, Deserializer};

use super::lenient_enum;

lenient_enum! {
    /// How a series repeats (`resources/recurrencepattern`, `type`).
    RecurrencePatternType {
        /// Every so many days.
        Daily = "daily",
        /// On days of every so many weeks.
        Weekly = "weekly",
        /// On a day of every so many months.
        AbsoluteMonthly = "absoluteMonthly",
        /// On the nth of some days of every so many months.
        RelativeMonthly = "relativeMonthly",
        /// On a day of every so many years.
        AbsoluteYearly = "absoluteYearly",
        /// On the nth of some days of a month of every so many years.
        RelativeYearly = "relativeYearly",
    }
}

lenient_enum! {
    /// Which of the fitting days (`resources/recurrencepattern`, `index`).
    WeekIndex {
        /// The first one; also where the pattern has no use for it.
        First = "first",
        /// The second one.
        Second = "second",
        /// The third one.
        Third = "third",
        /// The fourth one.
        Fourth = "fourth",
        /// The last one.
        Last = "last",
    }
}

lenient_enum! {
    /// A day of the week (`resources/recurrencepattern`, `daysOfWeek`).
    DayOfWeek {
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

lenient_enum! {
    /// How a series ends (`resources/recurrencerange`, `type`).
    RecurrenceRangeType {
        /// With a day.
        EndDate = "endDate",
        /// Never.
        NoEnd = "noEnd",
        /// After a number of occurrences.
        Numbered = "numbered",
    }
}

/// On which days (`resources/recurrencepattern`). What a type has no use for
/// comes with a value all the same: numbers as 0, `index` as `first`,
/// `firstDayOfWeek` as `sunday`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecurrencePattern {
    /// How it repeats.
    #[serde(rename = "type")]
    pub kind: Option<RecurrencePatternType>,
    /// Days, weeks, months or years; a signed 32-bit number, from 1.
    pub interval: Option<i64>,
    /// The days that count.
    pub days_of_week: Option<Vec<DayOfWeek>>,
    /// 1 to 31.
    pub day_of_month: Option<i64>,
    /// 1 to 12.
    pub month: Option<i64>,
    /// On which day weeks begin.
    pub first_day_of_week: Option<DayOfWeek>,
    /// Which of the fitting days.
    pub index: Option<WeekIndex>,
}

/// From when to when (`resources/recurrencerange`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecurrenceRange {
    /// How it ends.
    #[serde(rename = "type")]
    pub kind: Option<RecurrenceRangeType>,
    /// The day from which the rule counts. The first occurrence may be later.
    pub start_date: Option<String>,
    /// The last day; `0001-01-01` where the type has no use for it.
    pub end_date: Option<String>,
    /// How many; 0 where the type has no use for it.
    pub number_of_occurrences: Option<i64>,
    /// The zone of both days; the event's own where it is missing.
    pub recurrence_time_zone: Option<String>,
}

/// The rule of a series (`resources/patternedrecurrence`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PatternedRecurrence {
    /// On which days.
    #[serde(deserialize_with = "or_default")]
    pub pattern: RecurrencePattern,
    /// From when to when.
    #[serde(deserialize_with = "or_default")]
    pub range: RecurrenceRange,
}

/// Null is the same as nothing, as everywhere else.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
