//! One form for all rules that mean the same.
//!
//! On which day weeks begin says something only where weeks are skipped, and
//! often not even then; 31 April is 30 April. Sides that cannot hold such a
//! detail must not seem to have changed it, so a rule is kept in the one form
//! that all rules of its type with the same days share. The type stays what it
//! is (every week on all days is not made every day), because both sides have
//! all six, each with limits of its own.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::days::week_of;
use crate::model::{CivilDate, Pattern, Rule, Weekdays};

/// Whether two patterns of one type with this interval fall on the same days
/// from `first` on, whatever their range. `first` is the day of the first
/// occurrence, or for both the day from which they are looked at.
pub fn same_days(one: Pattern, two: Pattern, interval: u16, first: CivilDate) -> bool {
    canonical_pattern(one, interval, first.naive()) == canonical_pattern(two, interval, first.naive())
}

/// The one form of all rules of this type that fall on the same days as `rule`
/// does from `first` on, the day of the first occurrence. Range and zone stay.
///
/// [`super::Series::rule`] is canonical already.
#[must_use]
pub fn canonical(rule: Rule, first: CivilDate) -> Rule {
    Rule { pattern: canonical_pattern(rule.pattern, rule.interval, first.naive()), ..rule }
}

fn canonical_pattern(pattern: Pattern, interval: u16, first: NaiveDate) -> Pattern {
    match pattern {
        // The first day, counted from Sunday, that weeks may as well begin on.
        Pattern::Weekly { days, week_start } => {
            let week_start = Weekdays::ORDER
                .into_iter()
                .find(|other| same_week_days(days, week_start, *other, interval, first))
                .unwrap_or(week_start);
            Pattern::Weekly { days, week_start }
        }
        // Whole years: always the same month.
        Pattern::Monthly { day } if interval.is_multiple_of(12) => {
            Pattern::Monthly { day: existing(first.month(), day) }
        }
        Pattern::Yearly { month, day } => Pattern::Yearly { month, day: existing(u32::from(month), day) },
        Pattern::Daily | Pattern::Monthly { .. } | Pattern::MonthlyNth { .. } | Pattern::YearlyNth { .. } => pattern,
    }
}

/// Whether these days of every so many weeks are the same from `first` on, be
/// it that weeks begin on `one` or on `two`.
///
/// Which weeks count repeats itself after `interval` weeks, and so do the days:
/// equal in one round, they are equal for ever. In a round that begins with
/// `first`, the week of `first` counts, which is over within seven days, and the
/// next one that does begins in the last seven. So these two stretches tell.
fn same_week_days(days: Weekdays, one: Weekday, two: Weekday, interval: u16, first: NaiveDate) -> bool {
    if one == two || interval <= 1 {
        return true;
    }
    let counts = |day: NaiveDate, week_start: Weekday| {
        let begin = week_of(first, week_start)?;
        let weeks = week_of(day, week_start)?.signed_duration_since(begin).num_weeks();
        Some(weeks % i64::from(interval) == 0)
    };
    let Some(last_week) = first.checked_add_days(Days::new((u64::from(interval) - 1) * 7)) else { return false };
    let mut telling =
        first.iter_days().take(7).chain(last_week.iter_days().take(7)).filter(|day| days.contains(day.weekday()));
    telling.all(|day| counts(day, one) == counts(day, two))
}

/// A day of a month; of one that never has it, its last in a leap year.
fn existing(month: u32, day: u8) -> u8 {
    match month {
        2 => day.min(29),
        4 | 6 | 9 | 11 => day.min(30),
        _ => day,
    }
}

#[cfg(test)]
mod tests;
