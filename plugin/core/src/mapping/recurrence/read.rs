//! The rule of a series master, read.

use chrono::{NaiveDate, Weekday};

use super::{RecurrenceIssue, normalised};
use crate::graph::wire::{
    DayOfWeek, PatternedRecurrence, RecurrencePattern, RecurrencePatternType, RecurrenceRange, RecurrenceRangeType,
    WeekIndex,
};
use crate::mapping::zones::zone_from_graph;
use crate::model::{EventTime, Instance, Pattern, RangeEnd, Rule, Weekdays, Zone};

/// The rule of a series and the time of its first occurrence, in the form in
/// which both sides are compared (`resources/patternedrecurrence`).
///
/// `start` is when the master takes place; its zone is not looked at, because a
/// series has its own: that of its range, and where there is none the zone the
/// series was created in (`resources/event`, `originalStartTimeZone`). A series
/// of whole days has none.
///
/// # Errors
/// A part that means nothing here, or a rule without an occurrence.
pub fn read_recurrence(
    recurrence: &PatternedRecurrence,
    start: EventTime,
    created_in: Option<&str>,
) -> Result<(Rule, EventTime), RecurrenceIssue> {
    let rule = Rule {
        pattern: pattern(&recurrence.pattern)?,
        interval: interval(&recurrence.pattern)?,
        end: end(&recurrence.range)?,
        zone: None,
    };
    let start = match start {
        EventTime::AllDay { .. } => start,
        EventTime::Timed { start_at, end_at, .. } => {
            EventTime::Timed { start_at, end_at, zone: zone(&recurrence.range, created_in)? }
        }
    };
    normalised(rule, start)
}

fn pattern(pattern: &RecurrencePattern) -> Result<Pattern, RecurrenceIssue> {
    match &pattern.kind {
        Some(RecurrencePatternType::Daily) => Ok(Pattern::Daily),
        Some(RecurrencePatternType::Weekly) => {
            // Documented as required on one page and as Sunday on another.
            let week_start = pattern.first_day_of_week.as_ref().map_or(Ok(Weekday::Sun), weekday)?;
            Ok(Pattern::Weekly { days: days(pattern)?, week_start })
        }
        Some(RecurrencePatternType::AbsoluteMonthly) => Ok(Pattern::Monthly { day: day(pattern)? }),
        Some(RecurrencePatternType::RelativeMonthly) => {
            Ok(Pattern::MonthlyNth { days: days(pattern)?, instance: instance(pattern)? })
        }
        Some(RecurrencePatternType::AbsoluteYearly) => {
            Ok(Pattern::Yearly { month: month(pattern)?, day: day(pattern)? })
        }
        Some(RecurrencePatternType::RelativeYearly) => {
            Ok(Pattern::YearlyNth { month: month(pattern)?, days: days(pattern)?, instance: instance(pattern)? })
        }
        Some(RecurrencePatternType::Unrecognised(text)) => Err(RecurrenceIssue::Pattern(text.as_str().into())),
        None => Err(RecurrenceIssue::NoRule),
    }
}

fn interval(pattern: &RecurrencePattern) -> Result<u16, RecurrenceIssue> {
    let found = pattern.interval.unwrap_or_default();
    u16::try_from(found).ok().filter(|interval| *interval > 0).ok_or(RecurrenceIssue::Interval(found))
}

fn days(pattern: &RecurrencePattern) -> Result<Weekdays, RecurrenceIssue> {
    pattern.days_of_week.iter().flatten().map(weekday).collect()
}

fn weekday(day: &DayOfWeek) -> Result<Weekday, RecurrenceIssue> {
    match day {
        DayOfWeek::Sunday => Ok(Weekday::Sun),
        DayOfWeek::Monday => Ok(Weekday::Mon),
        DayOfWeek::Tuesday => Ok(Weekday::Tue),
        DayOfWeek::Wednesday => Ok(Weekday::Wed),
        DayOfWeek::Thursday => Ok(Weekday::Thu),
        DayOfWeek::Friday => Ok(Weekday::Fri),
        DayOfWeek::Saturday => Ok(Weekday::Sat),
        DayOfWeek::Unrecognised(text) => Err(RecurrenceIssue::Day(text.as_str().into())),
    }
}

/// The first one where nothing is said, as documented.
fn instance(pattern: &RecurrencePattern) -> Result<Instance, RecurrenceIssue> {
    match &pattern.index {
        Some(WeekIndex::First) | None => Ok(Instance::First),
        Some(WeekIndex::Second) => Ok(Instance::Second),
        Some(WeekIndex::Third) => Ok(Instance::Third),
        Some(WeekIndex::Fourth) => Ok(Instance::Fourth),
        Some(WeekIndex::Last) => Ok(Instance::Last),
        Some(WeekIndex::Unrecognised(text)) => Err(RecurrenceIssue::Index(text.as_str().into())),
    }
}

fn day(pattern: &RecurrencePattern) -> Result<u8, RecurrenceIssue> {
    let found = pattern.day_of_month.unwrap_or_default();
    u8::try_from(found).map_err(|_| RecurrenceIssue::DayOfMonth(found))
}

fn month(pattern: &RecurrencePattern) -> Result<u8, RecurrenceIssue> {
    let found = pattern.month.unwrap_or_default();
    u8::try_from(found).map_err(|_| RecurrenceIssue::Month(found))
}

fn end(range: &RecurrenceRange) -> Result<RangeEnd, RecurrenceIssue> {
    match &range.kind {
        Some(RecurrenceRangeType::NoEnd) => Ok(RangeEnd::Never),
        Some(RecurrenceRangeType::EndDate) => {
            let text = range.end_date.as_deref().unwrap_or_default();
            let day: NaiveDate = text.trim().parse().map_err(|_| RecurrenceIssue::EndDate)?;
            Ok(RangeEnd::Until(day.into()))
        }
        Some(RecurrenceRangeType::Numbered) => {
            let found = range.number_of_occurrences.unwrap_or_default();
            u32::try_from(found).map(RangeEnd::Count).map_err(|_| RecurrenceIssue::Count(found))
        }
        Some(RecurrenceRangeType::Unrecognised(text)) => Err(RecurrenceIssue::Range(text.as_str().into())),
        None => Err(RecurrenceIssue::NoRule),
    }
}

fn zone(range: &RecurrenceRange, created_in: Option<&str>) -> Result<Zone, RecurrenceIssue> {
    let names = [range.recurrence_time_zone.as_deref(), created_in];
    let name = names.into_iter().flatten().find(|name| !name.trim().is_empty()).ok_or(RecurrenceIssue::NoZone)?;
    zone_from_graph(name).map_err(|cause| RecurrenceIssue::Zone { name: name.into(), cause })
}
