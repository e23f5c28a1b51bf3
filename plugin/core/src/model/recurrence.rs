//! Rules of series, and what is different on single days of them.
//!
//! A rule says on which days a series falls, in its own zone; at which instants,
//! [`crate::recurrence`] tells. Rules are kept canonical, so that two of them
//! that mean the same are equal: see [`crate::recurrence::canonical()`], which
//! [`crate::recurrence::Series::new`] applies.

use std::collections::BTreeMap;
use std::fmt;

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use super::{CivilDate, Record, Zone};

/// Days of the week, as a set. Sunday is the first, as in Graph and in Oro.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day in the order of a week that begins on Sunday.
    pub const ORDER: [Weekday; 7] =
        [Weekday::Sun, Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat];

    /// No day.
    pub const NONE: Self = Self(0);

    /// Sunday alone, on which Oro's weeks begin.
    pub const SUNDAY: Self = Self(0b000_0001);

    /// Monday to Friday.
    pub const WORKING: Self = Self(0b011_1110);

    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(0b100_0001);

    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    /// One day.
    pub fn one(day: Weekday) -> Self {
        Self(1 << day.num_days_from_sunday())
    }

    /// Whether `day` is in the set.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & Self::one(day).0 != 0
    }

    /// The set with `day` added.
    #[must_use]
    pub fn with(self, day: Weekday) -> Self {
        Self(self.0 | Self::one(day).0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The days, Sunday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Self::ORDER.into_iter().filter(move |day| self.contains(*day))
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Which of the fitting days of a month (Graph `index`, Oro `instance` 1 to 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instance {
    /// The first one.
    First,
    /// The second one.
    Second,
    /// The third one.
    Third,
    /// The fourth one.
    Fourth,
    /// The last one.
    Last,
}

/// On which days a series falls (Graph `recurrencePattern`, Oro row C3). The
/// interval of [`Rule`] counts days, weeks, months or years.
///
/// A day of the month that a month does not have is its last day on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// Every so many days (`daily`; Oro `daily`).
    Daily,
    /// On some days of every so many weeks (`weekly`; Oro `weekly`).
    Weekly {
        /// The days; at least one.
        days: Weekdays,
        /// On which day weeks begin, which matters where weeks are skipped.
        week_start: Weekday,
    },
    /// On a day of every so many months (`absoluteMonthly`; Oro `monthly`).
    Monthly {
        /// The day, 1 to 31.
        day: u8,
    },
    /// On the nth of some days of every so many months (`relativeMonthly`; Oro
    /// `monthnth`).
    MonthlyNth {
        /// The days that count; at least one.
        days: Weekdays,
        /// Which of them.
        instance: Instance,
    },
    /// On a day of every so many years (`absoluteYearly`; Oro `yearly`, whose
    /// interval counts months).
    Yearly {
        /// The month, 1 to 12.
        month: u8,
        /// The day, 1 to 31.
        day: u8,
    },
    /// On the nth of some days of a month of every so many years
    /// (`relativeYearly`; Oro `yearnth`, whose interval counts months).
    YearlyNth {
        /// The month, 1 to 12.
        month: u8,
        /// The days that count; at least one.
        days: Weekdays,
        /// Which of them.
        instance: Instance,
    },
}

impl Pattern {
    /// The word in reports: Graph's name of the type.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly { .. } => "weekly",
            Self::Monthly { .. } => "absolute monthly",
            Self::MonthlyNth { .. } => "relative monthly",
            Self::Yearly { .. } => "absolute yearly",
            Self::YearlyNth { .. } => "relative yearly",
        }
    }
}

/// When a series ends (Graph `recurrenceRange`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RangeEnd {
    /// Never (`noEnd`).
    Never,
    /// After the last occurrence that begins on or before this day (`endDate`).
    Until(CivilDate),
    /// After so many occurrences, cancelled ones included; from 1 (`numbered`).
    Count(u32),
}

/// The rule of a series. Its first occurrence is the item's own time
/// ([`super::EventTime`]), which falls on the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// On which days.
    pub pattern: Pattern,
    /// Every so many days, weeks, months or years; from 1.
    pub interval: u16,
    /// When it ends.
    pub end: RangeEnd,
    /// The zone in which its days and its time of day are meant; none for a
    /// series of whole days. The zone that Exchange takes the Windows name of
    /// the item's zone for, so that both sides have the same one.
    pub zone: Option<Zone>,
}

/// Whether and how an item repeats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recurrence {
    /// It takes place once.
    #[default]
    None,
    /// It is a series.
    Rule(Rule),
}

/// A day of a series on which something is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occurrence {
    /// It does not take place (Oro row C4; Graph `cancelledOccurrences`).
    Cancelled,
    /// These groups are not those of the series; never empty. A time is the
    /// occurrence's own.
    Changed(Record),
}

impl Occurrence {
    /// Whether both mean the same, times compared as instants.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cancelled, Self::Cancelled) => true,
            (Self::Changed(one), Self::Changed(two)) => one.same_as(two),
            (Self::Cancelled, Self::Changed(_)) | (Self::Changed(_), Self::Cancelled) => false,
        }
    }
}

/// What is different, by the day on which the rule has the occurrence, in the
/// zone of the series.
///
/// A rule has at most one occurrence a day, so the day says as much as the
/// original start, and nothing is lost where Exchange cuts that to the minute.
pub type Exceptions = BTreeMap<CivilDate, Occurrence>;
