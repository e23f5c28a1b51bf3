//! The parts of a rule into one of the six patterns that both sides know.
//!
//! A pattern is returned only where it gives exactly the dates of the rule;
//! where that depends on the dates (weeks, short months), the dates decide.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;

use super::Refusal;
use super::parse::{Frequency, NthDay, Rule, RuleEnd};
use crate::graph::calendar::pattern::{End, Index, Pattern, Recurrence};
use crate::graph::zones::{to_utc, to_wall};
use crate::import::reason::SkipReason;

/// The most occurrences that both calendars count to.
const COUNT_MAX: u32 = 999;

/// The longest interval that either calendar takes.
const INTERVAL_MAX: u32 = 999;

/// Dates after which two weekly rules that agreed so far agree for ever: a
/// weekly rule repeats from its second period on, and a period has 7 dates.
const WEEKLY_DATES: usize = 64;

/// Dates after which a rule for a day of the month has been in every month of
/// every kind of year that it ever comes to: the months of the 400 years after
/// which the calendar repeats.
const MONTHLY_DATES: usize = 4800;

/// Monday to Friday.
const WORKING_DAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// Saturday and Sunday.
const WEEKEND: [Weekday; 2] = [Weekday::Sat, Weekday::Sun];

/// Every day of the week.
const ALL_DAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// What a rule starts from.
#[derive(Clone, Copy, Debug)]
pub(in crate::import) struct Start {
    /// The date of `DTSTART`.
    pub(in crate::import) date: NaiveDate,
    /// The time of day and its zone; none for whole days.
    pub(in crate::import) time: Option<(NaiveTime, Tz)>,
}

/// The recurrence with exactly the dates of the rule. It may begin later than
/// `start`, which then is not on the rule; it may have no date at all.
pub(in crate::import) fn recurrence(rule: &Rule, start: Start) -> Result<Recurrence, Refusal> {
    check_times_of_day(rule, start)?;
    let pattern = pattern(rule, start.date)?;
    if rule.interval > INTERVAL_MAX {
        return Err(rule.refuse(SkipReason::RuleInterval, "INTERVAL"));
    }
    let zone = start.time.map_or(Tz::UTC, |(_, zone)| zone).name().to_owned();
    let recurrence = Recurrence {
        pattern,
        interval: rule.interval,
        start: start.date,
        end: end(rule, start)?,
        zone,
        zone_label: None,
    };
    check_months(rule, &recurrence)?;
    Ok(from_sunday_where_equal(recurrence))
}

/// Times of day other than that of the start would be further occurrences.
fn check_times_of_day(rule: &Rule, start: Start) -> Result<(), Refusal> {
    let time = start.time.map_or(NaiveTime::MIN, |(time, _)| time);
    let parts = [
        ("BYHOUR", &rule.by_hour, time.hour()),
        ("BYMINUTE", &rule.by_minute, time.minute()),
        ("BYSECOND", &rule.by_second, time.second()),
    ];
    for (part, values, of_start) in parts {
        if values.iter().any(|value| *value != of_start) {
            return Err(rule.refuse(SkipReason::RuleTimeOfDay, part));
        }
    }
    Ok(())
}

fn pattern(rule: &Rule, start: NaiveDate) -> Result<Pattern, Refusal> {
    match rule.frequency {
        Frequency::Daily => daily(rule),
        Frequency::Weekly => weekly(rule, start),
        Frequency::Monthly => match rule.by_month.as_slice() {
            [] => monthly(rule, start),
            // Every month, as long as it is June: a yearly rule.
            [month] if rule.interval == 1 => yearly(rule, start, *month),
            [_, ..] => Err(rule.refuse(SkipReason::RuleByMonth, "BYMONTH")),
        },
        Frequency::Yearly => match rule.by_month.as_slice() {
            [] => yearly_without_month(rule, start),
            [month] => yearly(rule, start, *month),
            [_, _, ..] => Err(rule.refuse(SkipReason::RuleByMonth, "BYMONTH")),
        },
    }
}

fn daily(rule: &Rule) -> Result<Pattern, Refusal> {
    refuse_unless_empty(rule, &["BYMONTH", "BYMONTHDAY", "BYSETPOS"])?;
    let days = plain_days(rule)?;
    if days.is_empty() || days.len() == ALL_DAYS.len() {
        return Ok(Pattern::Daily);
    }
    if rule.interval == 1 {
        return Ok(Pattern::Weekly { days, first_day: Weekday::Sun });
    }
    Err(rule.refuse(SkipReason::RuleByDay, "BYDAY"))
}

fn weekly(rule: &Rule, start: NaiveDate) -> Result<Pattern, Refusal> {
    refuse_unless_empty(rule, &["BYMONTH", "BYMONTHDAY", "BYSETPOS"])?;
    let days = plain_days(rule)?;
    let days = if days.is_empty() { vec![start.weekday()] } else { days };
    Ok(Pattern::Weekly { days, first_day: rule.week_start })
}

/// A rule of months, without `BYMONTH`.
fn monthly(rule: &Rule, start: NaiveDate) -> Result<Pattern, Refusal> {
    if rule.by_day.is_empty() {
        return Ok(match day_of_month(rule, start)? {
            DayOfMonth::Day(day) => Pattern::AbsoluteMonthly { day },
            DayOfMonth::Last => Pattern::RelativeMonthly { days: ALL_DAYS.to_vec(), index: Index::Last },
        });
    }
    refuse_unless_empty(rule, &["BYMONTHDAY"])?;
    if let Some(days) = every_week(rule)? {
        return Ok(Pattern::Weekly { days, first_day: Weekday::Sun });
    }
    let (days, index) = nth(rule)?;
    Ok(Pattern::RelativeMonthly { days, index })
}

/// A rule of one month of a year.
fn yearly(rule: &Rule, start: NaiveDate, month: u32) -> Result<Pattern, Refusal> {
    if rule.by_day.is_empty() {
        return Ok(match day_of_month(rule, start)? {
            DayOfMonth::Day(day) => Pattern::AbsoluteYearly { day, month },
            DayOfMonth::Last => Pattern::RelativeYearly { days: ALL_DAYS.to_vec(), index: Index::Last, month },
        });
    }
    refuse_unless_empty(rule, &["BYMONTHDAY"])?;
    let (days, index) = nth(rule)?;
    Ok(Pattern::RelativeYearly { days, index, month })
}

/// A rule of years that names no month: its start does, unless days are
/// counted over the whole year.
fn yearly_without_month(rule: &Rule, start: NaiveDate) -> Result<Pattern, Refusal> {
    refuse_unless_empty(rule, &["BYMONTHDAY"])?;
    if rule.by_day.is_empty() {
        return yearly(rule, start, start.month());
    }
    match every_week(rule)? {
        Some(days) => Ok(Pattern::Weekly { days, first_day: Weekday::Sun }),
        None => Err(rule.refuse(SkipReason::RuleByDay, "BYDAY")),
    }
}

/// A day of a month, or its last one whatever its length.
enum DayOfMonth {
    Day(u32),
    Last,
}

fn day_of_month(rule: &Rule, start: NaiveDate) -> Result<DayOfMonth, Refusal> {
    refuse_unless_empty(rule, &["BYSETPOS"])?;
    match rule.by_month_day.as_slice() {
        [] => Ok(DayOfMonth::Day(start.day())),
        [-1] => Ok(DayOfMonth::Last),
        [day] => match u32::try_from(*day) {
            Ok(day) => Ok(DayOfMonth::Day(day)),
            Err(_) => Err(rule.refuse(SkipReason::RuleByMonthDay, "BYMONTHDAY")),
        },
        [_, _, ..] => Err(rule.refuse(SkipReason::RuleByMonthDay, "BYMONTHDAY")),
    }
}

/// Days without ordinals, each once.
fn plain_days(rule: &Rule) -> Result<Vec<Weekday>, Refusal> {
    if rule.by_day.iter().any(|day| day.ordinal.is_some()) {
        return Err(rule.refuse(SkipReason::RuleByDay, "BYDAY"));
    }
    let named = |day: &Weekday| rule.by_day.iter().any(|chosen| chosen.day == *day);
    Ok(ALL_DAYS.into_iter().filter(named).collect())
}

/// The days of a rule of months or years that means every week: all Mondays of
/// all months are all Mondays.
fn every_week(rule: &Rule) -> Result<Option<Vec<Weekday>>, Refusal> {
    if !rule.by_set_pos.is_empty() || rule.by_day.iter().any(|day| day.ordinal.is_some()) {
        return Ok(None);
    }
    if rule.interval > 1 {
        return Err(rule.refuse(SkipReason::RuleByDay, "BYDAY"));
    }
    plain_days(rule).map(Some)
}

/// The nth of a kind of days of a month.
fn nth(rule: &Rule) -> Result<(Vec<Weekday>, Index), Refusal> {
    if let ([NthDay { ordinal: Some(ordinal), day }], []) = (rule.by_day.as_slice(), rule.by_set_pos.as_slice()) {
        let index = index(*ordinal).ok_or_else(|| rule.refuse(SkipReason::RuleByDay, "BYDAY"))?;
        return Ok((vec![*day], index));
    }
    let days = plain_days(rule)?;
    let is_kind = days.len() == 1 || days == WORKING_DAYS || days == WEEKEND || days == ALL_DAYS;
    match rule.by_set_pos.as_slice() {
        [] => Err(rule.refuse(SkipReason::RuleByDay, "BYDAY")),
        [position] if is_kind => {
            let index = index(*position).ok_or_else(|| rule.refuse(SkipReason::RuleBySetPos, "BYSETPOS"))?;
            Ok((days, index))
        }
        [_, ..] => Err(rule.refuse(SkipReason::RuleBySetPos, "BYSETPOS")),
    }
}

const fn index(ordinal: i32) -> Option<Index> {
    match ordinal {
        1 => Some(Index::First),
        2 => Some(Index::Second),
        3 => Some(Index::Third),
        4 => Some(Index::Fourth),
        -1 => Some(Index::Last),
        _ => None,
    }
}

fn refuse_unless_empty(rule: &Rule, parts: &[&str]) -> Result<(), Refusal> {
    let present = [
        ("BYMONTH", rule.by_month.is_empty(), SkipReason::RuleByMonth),
        ("BYMONTHDAY", rule.by_month_day.is_empty(), SkipReason::RuleByMonthDay),
        ("BYSETPOS", rule.by_set_pos.is_empty(), SkipReason::RuleBySetPos),
    ];
    match present.into_iter().find(|(part, is_empty, _)| parts.contains(part) && !is_empty) {
        Some((part, _, reason)) => Err(rule.refuse(reason, part)),
        None => Ok(()),
    }
}

/// The end as a count or a date of the zone of the series, which is included.
fn end(rule: &Rule, start: Start) -> Result<End, Refusal> {
    let last = |until: DateTime<Utc>| match start.time {
        None => until.date_naive(),
        Some((time, zone)) => {
            let day = to_wall(until, zone).date();
            if to_utc(day.and_time(time), zone) <= until { day } else { day_before(day) }
        }
    };
    match rule.end {
        RuleEnd::Never => Ok(End::Never),
        RuleEnd::Count(count) if count <= COUNT_MAX => Ok(End::After(count)),
        RuleEnd::Count(_) => Err(rule.refuse(SkipReason::RuleCount, "COUNT")),
        RuleEnd::Day(day) => Ok(End::On(day)),
        RuleEnd::Local(reading) => Ok(End::On(match start.time {
            Some((time, _)) if reading.time() < time => day_before(reading.date()),
            Some(_) | None => reading.date(),
        })),
        RuleEnd::Instant(until) => Ok(End::On(last(until))),
    }
}

fn day_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

/// RFC 5545 skips a day that a month does not have, both calendars take the
/// last one instead. That is the same only where no such month is met.
fn check_months(rule: &Rule, recurrence: &Recurrence) -> Result<(), Refusal> {
    let (Pattern::AbsoluteMonthly { day } | Pattern::AbsoluteYearly { day, .. }) = recurrence.pattern else {
        return Ok(());
    };
    if recurrence.dates().take(MONTHLY_DATES).all(|date| date.day() == day) {
        return Ok(());
    }
    let refusal = rule.refuse(SkipReason::RuleShortMonths, "BYMONTHDAY");
    Err(Refusal {
        part: if rule.by_month_day.is_empty() { format!("day {day} of DTSTART") } else { refusal.part },
        ..refusal
    })
}

/// Lets weeks begin on Sunday, as they do in the CRM, where that makes no
/// difference.
fn from_sunday_where_equal(recurrence: Recurrence) -> Recurrence {
    let Pattern::Weekly { days, .. } = &recurrence.pattern else {
        return recurrence;
    };
    let pattern = Pattern::Weekly { days: days.clone(), first_day: Weekday::Sun };
    let from_sunday = Recurrence { pattern, ..recurrence.clone() };
    let is_equal = recurrence.dates().take(WEEKLY_DATES).eq(from_sunday.dates().take(WEEKLY_DATES));
    if is_equal { from_sunday } else { recurrence }
}

#[cfg(test)]
mod tests;
