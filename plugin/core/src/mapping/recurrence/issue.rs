//! Why a rule cannot be taken over.

use thiserror::Error;

use crate::mapping::quoted::Quoted;
use crate::mapping::zones::ZoneIssue;
use crate::model::Weekdays;

/// Why a rule cannot be read, or not be held by the other side. The series is
/// left as it is on both sides. The texts name parts of rules only, which are
/// not personal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecurrenceIssue {
    /// A series without a rule.
    #[error("expected the rule of the series, but found none")]
    NoRule,
    /// A pattern that this version does not know.
    #[error("expected a daily, weekly, monthly or yearly pattern, but found `{0}`")]
    Pattern(Quoted),
    /// A day that is none of the seven.
    #[error("expected a day of the week from `sunday` to `saturday`, but found `{0}`")]
    Day(Quoted),
    /// Another index than the five.
    #[error("expected an index from `first` to `fourth` or `last`, but found `{0}`")]
    Index(Quoted),
    /// A pattern that needs days, without any.
    #[error("expected at least one day of the week in the {pattern} pattern, but found none")]
    NoDays {
        /// The pattern.
        pattern: &'static str,
    },
    /// No day of a month.
    #[error("expected a day of the month from 1 to 31, but found {0}")]
    DayOfMonth(i64),
    /// No month.
    #[error("expected a month from 1 to 12, but found {0}")]
    Month(i64),
    /// No interval.
    #[error("expected an interval from 1 to 65535, but found {0}")]
    Interval(i64),
    /// An end that this version does not know.
    #[error("expected a range with an end date, a number of occurrences or no end, but found `{0}`")]
    Range(Quoted),
    /// An end date that is none.
    #[error("expected an end date such as `2027-12-31`, but found another text")]
    EndDate,
    /// No number of occurrences.
    #[error("expected a number of occurrences from 1, but found {0}")]
    Count(i64),
    /// A zone that means nothing here, so nobody knows when the clocks change.
    #[error("expected a Windows or IANA time zone for the series, but found `{name}`")]
    Zone {
        /// The name.
        name: Quoted,
        /// Why.
        #[source]
        cause: ZoneIssue,
    },
    /// A series with times of day, but without a zone.
    #[error("expected a time zone for the series, but found none")]
    NoZone,
    /// The first occurrence falls where clocks leave out its time: begun there,
    /// the whole series would be moved.
    #[error("expected a first occurrence at a time that the clocks show on its day, but found one that they leave out")]
    FirstSkipped,
    /// A series without a time.
    #[error("expected the time of the first occurrence, but found none")]
    NoTime,
    /// No day of the rule lies within its range.
    #[error("expected a rule with at least one occurrence, but found none")]
    NoOccurrence,
    /// More periods in between than a side can hold.
    #[error("expected an interval of at most {max} in the {pattern} pattern, but found {interval}")]
    IntervalTooLong {
        /// The pattern.
        pattern: &'static str,
        /// The interval, in units of the pattern.
        interval: u16,
        /// The longest one accepted.
        max: u16,
    },
    /// More occurrences than a side can count to.
    #[error("expected an end after at most {max} occurrences, but found {count}")]
    CountTooLarge {
        /// How many.
        count: u32,
        /// The most accepted.
        max: u32,
    },
    /// Weeks that begin on a day on which they cannot begin on a side, where
    /// that makes a difference.
    #[error("expected weeks that begin on {accepted:?}, but found {found}")]
    WeekStart {
        /// The day.
        found: chrono::Weekday,
        /// The days accepted.
        accepted: Weekdays,
    },
    /// The nth of days that a side does not count together.
    #[error(
        "expected one day, Monday to Friday, the weekend or all days in the {pattern} pattern, but found {days:?} together"
    )]
    NthDays {
        /// The pattern.
        pattern: &'static str,
        /// The days.
        days: Weekdays,
    },
}

impl RecurrenceIssue {
    /// The name in reports; never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoRule => "recurrence-missing",
            Self::Pattern(_) => "recurrence-pattern",
            Self::Day(_) => "recurrence-day",
            Self::Index(_) => "recurrence-index",
            Self::NoDays { .. } => "recurrence-no-days",
            Self::DayOfMonth(_) => "recurrence-day-of-month",
            Self::Month(_) => "recurrence-month",
            Self::Interval(_) => "recurrence-interval",
            Self::Range(_) => "recurrence-range",
            Self::EndDate => "recurrence-end-date",
            Self::Count(_) => "recurrence-count",
            Self::Zone { .. } => "recurrence-zone",
            Self::NoZone => "recurrence-no-zone",
            Self::FirstSkipped => "recurrence-first-skipped",
            Self::NoTime => "recurrence-no-time",
            Self::NoOccurrence => "recurrence-no-occurrence",
            Self::IntervalTooLong { .. } => "recurrence-interval-too-long",
            Self::CountTooLarge { .. } => "recurrence-count-too-large",
            Self::WeekStart { .. } => "recurrence-week-start",
            Self::NthDays { .. } => "recurrence-nth-days",
        }
    }
}
