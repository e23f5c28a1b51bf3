//! How is the rule of a series said in Microsoft's words, and can a side hold it?
//!
//! [`read_recurrence`] and [`written_recurrence`] translate; [`rule_for_crm`] and
//! [`rule_for_graph`] say whether a side can hold a rule. A rule that it cannot
//! hold is never replaced by one that comes close: it comes back as a
//! [`RecurrenceIssue`] that names the part and what would be accepted. On which
//! days a rule falls is the business of [`crate::recurrence`], exceptions are
//! those of [`super::series`].

mod issue;
mod limits;
mod read;
mod write;

pub use issue::RecurrenceIssue;
pub use limits::{GRAPH_LIMITS, rule_for_crm, rule_for_graph};
pub use read::read_recurrence;
pub use write::written_recurrence;
pub(crate) use write::written_series_time;

use super::zones::written_zone_of_series;
use crate::model::{EventTime, Pattern, RangeEnd, Rule, Weekdays, Zone};
use crate::recurrence::{InvalidSeries, Series, canonical};

/// A rule and the time of its first occurrence in the one form that both sides
/// are compared in: the first occurrence is on the rule, the zone of the rule is
/// the one that Exchange makes of the time's, weeks begin on the first day of
/// the week that gives the same days.
///
/// # Errors
/// A rule with a part that means nothing, or without an occurrence.
pub(crate) fn normalised(rule: Rule, start: EventTime) -> Result<(Rule, EventTime), RecurrenceIssue> {
    check(&rule)?;
    let series = match start {
        EventTime::AllDay { .. } => series(rule, None, start)?,
        EventTime::Timed { zone, .. } => {
            // Compared from the first occurrence on: clocks may have been
            // changed between the start and that.
            let first = *series(rule, Some(zone), start)?.first();
            series(rule, Some(written_zone_of_series(zone, &rule, &first).1), first)?
        }
    };
    let first_day = series.days().next().ok_or(RecurrenceIssue::NoOccurrence)?;
    Ok((canonical(*series.rule(), first_day), *series.first()))
}

fn series(rule: Rule, zone: Option<Zone>, start: EventTime) -> Result<Series, RecurrenceIssue> {
    Series::new(Rule { zone, ..rule }, start).map_err(|invalid| match invalid {
        InvalidSeries::NoOccurrence => RecurrenceIssue::NoOccurrence,
        InvalidSeries::ZoneMismatch => RecurrenceIssue::NoZone,
        InvalidSeries::FirstSkipped => RecurrenceIssue::FirstSkipped,
    })
}

/// Whether every part of a rule means something.
fn check(rule: &Rule) -> Result<(), RecurrenceIssue> {
    let pattern = rule.pattern.name();
    if rule.interval == 0 {
        return Err(RecurrenceIssue::Interval(0));
    }
    if rule.end == RangeEnd::Count(0) {
        return Err(RecurrenceIssue::Count(0));
    }
    let (days, month, day) = match rule.pattern {
        Pattern::Daily => (None, None, None),
        Pattern::Weekly { days, .. } | Pattern::MonthlyNth { days, .. } => (Some(days), None, None),
        Pattern::Monthly { day } => (None, None, Some(day)),
        Pattern::Yearly { month, day } => (None, Some(month), Some(day)),
        Pattern::YearlyNth { month, days, .. } => (Some(days), Some(month), None),
    };
    if days.is_some_and(Weekdays::is_empty) {
        return Err(RecurrenceIssue::NoDays { pattern });
    }
    if let Some(month) = month.filter(|month| !(1..=12).contains(month)) {
        return Err(RecurrenceIssue::Month(month.into()));
    }
    if let Some(day) = day.filter(|day| !(1..=31).contains(day)) {
        return Err(RecurrenceIssue::DayOfMonth(day.into()));
    }
    Ok(())
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;
