//! Recurrence: six patterns, three kinds of end, and the dates they give.
//!
//! (resources/recurrencepattern, resources/recurrencerange,
//! concepts/outlook-schedule-recurring-events). Works on civil dates in the
//! zone of the series; times of day and instants are `instance`'s. The JSON
//! form is in `recurrence_json`.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::graph::dates::LAST_DAY;

/// How many periods of a series are looked at: a daily series of a century.
/// Bounds the work for a series that ends in the far future or never.
const PERIODS_MAX: u32 = 40_000;

/// Which of the matching days of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Index {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

/// How a series repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pattern {
    Daily,
    Weekly { days: Vec<Weekday>, first_day: Weekday },
    AbsoluteMonthly { day: u32 },
    RelativeMonthly { days: Vec<Weekday>, index: Index },
    AbsoluteYearly { day: u32, month: u32 },
    RelativeYearly { days: Vec<Weekday>, index: Index, month: u32 },
}

/// When a series ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    Never,
    On(NaiveDate),
    After(u32),
}

/// A recurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recurrence {
    pub pattern: Pattern,
    /// Every so many days, weeks, months or years; at least 1.
    pub interval: u32,
    pub start: NaiveDate,
    pub end: End,
    /// The zone in which the dates are meant, by its name.
    pub zone: String,
    /// The name to show for the zone, where it is not its own: Outlook calls
    /// zones that it knows by their rules alone `tzone://Microsoft/Custom`.
    #[serde(default)]
    pub zone_label: Option<String>,
}

impl Recurrence {
    /// Whether the rule gives an occurrence to a date.
    pub fn has(&self, date: NaiveDate) -> bool {
        self.dates().take_while(|other| *other <= date).any(|other| other == date)
    }

    /// The dates of the series in order. An endless series gives dates as far
    /// as [`PERIODS_MAX`] reaches, so take only what is needed.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let (count_max, last) = match self.end {
            End::Never => (usize::MAX, LAST_DAY),
            End::On(last) => (usize::MAX, last.min(LAST_DAY)),
            End::After(count) => (usize::try_from(count).unwrap_or(usize::MAX), LAST_DAY),
        };
        (0..PERIODS_MAX)
            .flat_map(|period| self.dates_of_period(period))
            .filter(|date| *date >= self.start)
            .take(count_max)
            .take_while(move |date| *date <= last)
    }

    fn dates_of_period(&self, period: u32) -> Vec<NaiveDate> {
        let Some(steps) = period.checked_mul(self.interval) else {
            return Vec::new();
        };
        match &self.pattern {
            Pattern::Daily => self.start.checked_add_days(Days::new(u64::from(steps))).into_iter().collect(),
            Pattern::Weekly { days, first_day } => week(self.start, *first_day, steps, days),
            Pattern::AbsoluteMonthly { day } => month_after(self.start, steps)
                .and_then(|(year, month)| clamped(year, month, *day))
                .into_iter()
                .collect(),
            Pattern::RelativeMonthly { days, index } => month_after(self.start, steps)
                .and_then(|(year, month)| nth(year, month, days, *index))
                .into_iter()
                .collect(),
            Pattern::AbsoluteYearly { day, month } => {
                year_after(self.start, steps).and_then(|year| clamped(year, *month, *day)).into_iter().collect()
            }
            Pattern::RelativeYearly { days, index, month } => {
                year_after(self.start, steps).and_then(|year| nth(year, *month, days, *index)).into_iter().collect()
            }
        }
    }
}

/// The chosen days of the week that lies `weeks` after that of `start`.
fn week(start: NaiveDate, first_day: Weekday, weeks: u32, days: &[Weekday]) -> Vec<NaiveDate> {
    let back = start.weekday().days_since(first_day);
    let Some(monday) = start
        .checked_sub_days(Days::new(u64::from(back)))
        .and_then(|date| date.checked_add_days(Days::new(u64::from(weeks) * 7)))
    else {
        return Vec::new();
    };
    (0..7)
        .filter_map(|offset| monday.checked_add_days(Days::new(offset)))
        .filter(|date| days.contains(&date.weekday()))
        .collect()
}

fn month_after(start: NaiveDate, months: u32) -> Option<(i32, u32)> {
    let count = start.year().checked_mul(12)?.checked_add_unsigned(start.month0())?.checked_add_unsigned(months)?;
    Some((count.div_euclid(12), u32::try_from(count.rem_euclid(12)).ok()? + 1))
}

fn year_after(start: NaiveDate, years: u32) -> Option<i32> {
    start.year().checked_add_unsigned(years)
}

/// A day of a month; a day that the month does not have is its last one, as
/// Exchange does it. DIFFERENCE: not documented, RFC 5545 would skip.
fn clamped(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    (28..=31).rev().chain([day]).find_map(|limit| NaiveDate::from_ymd_opt(year, month, day.min(limit)))
}

/// The nth of the days of a month that fall on one of `days`.
fn nth(year: i32, month: u32, days: &[Weekday], index: Index) -> Option<NaiveDate> {
    let mut matching = (1..=31)
        .filter_map(|day| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|date| days.contains(&date.weekday()));
    match index {
        Index::First => matching.next(),
        Index::Second => matching.nth(1),
        Index::Third => matching.nth(2),
        Index::Fourth => matching.nth(3),
        Index::Last => matching.next_back(),
    }
}
