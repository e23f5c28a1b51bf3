//! The days of a rule, as squares on the calendar: no zones, no times of day.
//!
//! A rule falls into periods (days, weeks, months, years, as many as its
//! interval says). Each period has its days, in order, so any stretch of a
//! series is found without walking there from its beginning. [`super::series`]
//! gives the days their times.
//!
//! Every period of a rule that names a day at all has at least one: no month is
//! without a fourth or a last Friday, and a day that a month lacks is its last
//! one. That keeps every search here to the period at hand and its neighbour.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::model::{Instance, Pattern, Rule, Weekdays};

/// The years that series are looked at in. An endless series has to end
/// somewhere: Exchange's calendar does on 4500-08-31. No side's calendar has
/// years before the first.
pub(super) const YEARS: RangeInclusive<i32> = 1..=4_500;

/// The periods of a rule, which begin with the one that holds `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Periods {
    pattern: Pattern,
    interval: u32,
    first: NaiveDate,
}

impl Periods {
    /// The periods of `rule`, of which no day before `first` counts. None where
    /// the rule names no day, or `first` is in none of [`YEARS`].
    pub fn new(rule: &Rule, first: NaiveDate) -> Option<Self> {
        let usable = rule.interval > 0 && names_a_day(rule.pattern) && YEARS.contains(&first.year());
        usable.then(|| Self { pattern: rule.pattern, interval: u32::from(rule.interval), first })
    }

    /// The day that nothing lies before.
    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    /// The days on or after `day`, in order.
    pub fn from(self, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let from = day.max(self.first);
        (self.number_near(from)..=u32::MAX)
            .map_while(move |number| self.days(number))
            .flatten()
            .filter(move |day| *day >= from)
    }

    /// The last day on or before `day`, or before the calendar ends.
    pub fn last_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        let until = NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31)?.min(day);
        let number = self.number_near(until);
        // All days of the period may lie behind `until`, those of the one before
        // cannot.
        [Some(number), number.checked_sub(1)]
            .into_iter()
            .flatten()
            .filter_map(|number| self.days(number))
            .find_map(|days| days.into_iter().rfind(|day| (self.first..=until).contains(day)))
    }

    /// The day of an occurrence, the first one being number 1. None where the
    /// calendar ends before it.
    pub fn nth(&self, number: u32) -> Option<NaiveDate> {
        let index = number.checked_sub(1)?;
        let mut begun = self.days(0)?;
        begun.retain(|day| *day >= self.first);
        let inside = u32::try_from(begun.len()).ok()?;
        let (days, index) = match index.checked_sub(inside) {
            None => (begun, index),
            Some(rest) => {
                let each = match self.pattern {
                    Pattern::Weekly { days, .. } => days.len(),
                    Pattern::Daily
                    | Pattern::Monthly { .. }
                    | Pattern::MonthlyNth { .. }
                    | Pattern::Yearly { .. }
                    | Pattern::YearlyNth { .. } => 1,
                };
                let period = rest.checked_div(each)?.checked_add(1)?;
                (self.days(period)?, rest.checked_rem(each)?)
            }
        };
        days.get(usize::try_from(index).ok()?).copied()
    }

    /// The days of a period, in order, those before `first` included. None where
    /// the calendar ends before it.
    fn days(&self, number: u32) -> Option<Vec<NaiveDate>> {
        let steps = number.checked_mul(self.interval)?;
        let mut days = match self.pattern {
            Pattern::Daily => vec![self.first.checked_add_days(Days::new(u64::from(steps)))?],
            Pattern::Weekly { days, week_start } => {
                let begin = week_of(self.first, week_start)?.checked_add_days(Days::new(u64::from(steps) * 7))?;
                begin.iter_days().take(7).filter(|day| days.contains(day.weekday())).collect()
            }
            Pattern::Monthly { day } => {
                let (year, month) = month_after(self.first, steps)?;
                vec![day_of_month(year, month, day)?]
            }
            Pattern::MonthlyNth { days, instance } => {
                let (year, month) = month_after(self.first, steps)?;
                vec![nth_of_month(year, month, days, instance)?]
            }
            Pattern::Yearly { month, day } => vec![day_of_month(self.year(steps)?, u32::from(month), day)?],
            Pattern::YearlyNth { month, days, instance } => {
                vec![nth_of_month(self.year(steps)?, u32::from(month), days, instance)?]
            }
        };
        days.retain(|day| day.year() <= *YEARS.end());
        (!days.is_empty()).then_some(days)
    }

    /// The number of the period that `day` is in, or else of the last one before
    /// it: no earlier period holds a day on or after `day`, no later one a day
    /// before it.
    fn number_near(&self, day: NaiveDate) -> u32 {
        let steps = match self.pattern {
            Pattern::Daily => day.signed_duration_since(self.first).num_days(),
            Pattern::Weekly { week_start, .. } => match (week_of(self.first, week_start), week_of(day, week_start)) {
                (Some(begin), Some(week)) => week.signed_duration_since(begin).num_days() / 7,
                (None, _) | (_, None) => 0,
            },
            Pattern::Monthly { .. } | Pattern::MonthlyNth { .. } => month_number(day) - month_number(self.first),
            Pattern::Yearly { .. } | Pattern::YearlyNth { .. } => i64::from(day.year()) - i64::from(self.first.year()),
        };
        u32::try_from(steps.max(0)).unwrap_or(u32::MAX) / self.interval
    }

    fn year(&self, steps: u32) -> Option<i32> {
        self.first.year().checked_add_unsigned(steps)
    }
}

/// Whether there are days of this pattern (`resources/recurrencepattern`: days
/// of the week are required, months and days of the month are counted from 1).
fn names_a_day(pattern: Pattern) -> bool {
    let month_exists = |month: u8| (1..=12).contains(&month);
    let day_exists = |day: u8| (1..=31).contains(&day);
    match pattern {
        Pattern::Daily => true,
        Pattern::Weekly { days, .. } | Pattern::MonthlyNth { days, .. } => !days.is_empty(),
        Pattern::Monthly { day } => day_exists(day),
        Pattern::Yearly { month, day } => month_exists(month) && day_exists(day),
        Pattern::YearlyNth { month, days, .. } => month_exists(month) && !days.is_empty(),
    }
}

/// The first day of the week that `day` is in.
pub(super) fn week_of(day: NaiveDate, week_start: Weekday) -> Option<NaiveDate> {
    day.checked_sub_days(Days::new(u64::from(day.weekday().days_since(week_start))))
}

/// Months since the beginning of the year 0.
fn month_number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// Year and month, counted from 1, so many months after that of `first`.
fn month_after(first: NaiveDate, months: u32) -> Option<(i32, u32)> {
    let count = month_number(first).checked_add(i64::from(months))?;
    let year = i32::try_from(count.div_euclid(12)).ok()?;
    Some((year, u32::try_from(count.rem_euclid(12)).ok()? + 1))
}

/// A day of a month; of one that has fewer days, the last (Oro row C3; Exchange
/// does the same, which its documentation leaves open).
fn day_of_month(year: i32, month: u32, day: u8) -> Option<NaiveDate> {
    (28..=31).rev().find_map(|last| NaiveDate::from_ymd_opt(year, month, u32::from(day).min(last)))
}

/// The nth of the days of a month that are in `days`: of several days together,
/// not of each (`resources/recurrencepattern`, `index`).
fn nth_of_month(year: i32, month: u32, days: Weekdays, instance: Instance) -> Option<NaiveDate> {
    let mut fitting =
        (1..=31).filter_map(|day| NaiveDate::from_ymd_opt(year, month, day)).filter(|day| days.contains(day.weekday()));
    match instance {
        Instance::First => fitting.next(),
        Instance::Second => fitting.nth(1),
        Instance::Third => fitting.nth(2),
        Instance::Fourth => fitting.nth(3),
        Instance::Last => fitting.next_back(),
    }
}
