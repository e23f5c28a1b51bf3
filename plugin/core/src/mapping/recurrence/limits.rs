//! Whether a side can hold a rule.

use super::{RecurrenceIssue, check};
use crate::model::{CivilDate, Pattern, RangeEnd, Rule, Weekdays};
use crate::ports::RecurrenceLimits;

/// Which rules Exchange takes. Graph's pages name no limits (`interval` and
/// `numberOfOccurrences` are signed 32-bit numbers); Exchange's own are those of
/// its web service: 1 to 999 days, 1 to 99 weeks and months, 1 to 999
/// occurrences (`DailyRecurrence`, `WeeklyRecurrence`,
/// `RelativeMonthlyRecurrence`, `NumberOfOccurrences`). Years are documented
/// nowhere and are taken to be limited like months. What Exchange refuses all
/// the same is reported by that.
pub const GRAPH_LIMITS: RecurrenceLimits = RecurrenceLimits {
    interval_max_daily: 999,
    interval_max_weekly: 99,
    interval_max_monthly: 99,
    interval_max_yearly: 99,
    count_max: 999,
    week_starts: Weekdays::ALL,
    any_days_of_nth: true,
};

/// The rule as the CRM can hold it, falling on the very same days from `first`,
/// the day of the first occurrence, on. Only the first day of the week may be
/// another one.
///
/// # Errors
/// The part of the rule that the CRM cannot hold.
pub fn rule_for_crm(rule: &Rule, first: CivilDate, limits: &RecurrenceLimits) -> Result<Rule, RecurrenceIssue> {
    check(rule)?;
    let pattern = rule.pattern.name();
    let max = match rule.pattern {
        Pattern::Daily => limits.interval_max_daily,
        Pattern::Weekly { .. } => limits.interval_max_weekly,
        Pattern::Monthly { .. } | Pattern::MonthlyNth { .. } => limits.interval_max_monthly,
        Pattern::Yearly { .. } | Pattern::YearlyNth { .. } => limits.interval_max_yearly,
    };
    if rule.interval > max {
        return Err(RecurrenceIssue::IntervalTooLong { pattern, interval: rule.interval, max });
    }
    match rule.end {
        RangeEnd::Count(count) if count > limits.count_max => {
            return Err(RecurrenceIssue::CountTooLarge { count, max: limits.count_max });
        }
        RangeEnd::Never | RangeEnd::Until(_) | RangeEnd::Count(_) => {}
    }
    match rule.pattern {
        Pattern::Weekly { .. } => Ok(Rule { pattern: week_started(rule, first, limits.week_starts)?, ..*rule }),
        Pattern::MonthlyNth { days, .. } | Pattern::YearlyNth { days, .. } => {
            let is_known = days.len() == 1 || [Weekdays::WORKING, Weekdays::WEEKEND, Weekdays::ALL].contains(&days);
            if is_known || limits.any_days_of_nth { Ok(*rule) } else { Err(RecurrenceIssue::NthDays { pattern, days }) }
        }
        Pattern::Daily | Pattern::Monthly { .. } | Pattern::Yearly { .. } => Ok(*rule),
    }
}

/// The rule as Exchange can hold it. As [`rule_for_crm`].
///
/// # Errors
/// The part of the rule that Exchange cannot hold.
pub fn rule_for_graph(rule: &Rule, first: CivilDate) -> Result<Rule, RecurrenceIssue> {
    rule_for_crm(rule, first, &GRAPH_LIMITS)
}

/// The weekly pattern with an accepted first day of the week that gives the
/// same days.
fn week_started(rule: &Rule, first: CivilDate, accepted: Weekdays) -> Result<Pattern, RecurrenceIssue> {
    let Pattern::Weekly { days, week_start: found } = rule.pattern else { return Ok(rule.pattern) };
    if accepted.contains(found) {
        return Ok(rule.pattern);
    }
    accepted
        .iter()
        .map(|week_start| Pattern::Weekly { days, week_start })
        .find(|other| crate::recurrence::same_days(rule.pattern, *other, rule.interval, first))
        .ok_or(RecurrenceIssue::WeekStart { found, accepted })
}
