//! Rules of series, exceptions, and the limits of rules.

use chrono::Weekday;
use tandem_core::model::{FieldValue, Instance, Instant, Pattern, RangeEnd, Recurrence, Rule, Weekdays};
use tandem_core::ports::{CrmException, CrmOccurrence, OriginalStart, RecurrenceLimits};

use super::fields::{occurrence_fields, occurrence_record};
use crate::bindings::tandem::host::{event as wit, recurrence as rules};
use crate::convert::values::{date, date_out};

/// The last month of a year.
const MONTH_MAX: u8 = 12;

/// The last day of the longest month.
const DAY_MAX: u8 = 31;

/// What makes an event a series.
pub(super) struct SeriesIn {
    /// None where the CRM does not hold rules.
    pub recurrence: Option<FieldValue>,
    pub exceptions: Vec<CrmException>,
}

/// Reads rule and exceptions. None where the CRM has something that the
/// contract excludes (an interval of 0, month 13, no day of the week, a day that
/// does not exist): it must be taken neither for an event that happens once nor
/// for an occurrence that is as the rule has it.
pub(super) fn series_in(
    recurrence: Option<rules::Recurrence>,
    exceptions: Option<Vec<wit::Exception>>,
) -> Option<SeriesIn> {
    let recurrence = match recurrence {
        None => None,
        Some(rules::Recurrence::None) => Some(FieldValue::Recurrence(Recurrence::None)),
        Some(rules::Recurrence::Rule(rule)) => Some(FieldValue::Recurrence(Recurrence::Rule(rule_in(&rule)?))),
    };
    let exceptions = exceptions.unwrap_or_default().into_iter().map(exception_in).collect::<Option<_>>()?;
    Some(SeriesIn { recurrence, exceptions })
}

/// The limits of the CRM's rules.
pub(super) fn limits_in(limits: &rules::RecurrenceLimits) -> RecurrenceLimits {
    RecurrenceLimits {
        interval_max_daily: limits.interval_max_daily,
        interval_max_weekly: limits.interval_max_weekly,
        interval_max_monthly: limits.interval_max_monthly,
        interval_max_yearly: limits.interval_max_yearly,
        count_max: limits.count_max,
        week_starts: weekdays_in(limits.week_starts),
        any_days_of_nth: limits.any_days_of_nth,
    }
}

/// A rule without its zone, which is that of the time.
fn rule_in(rule: &rules::RecurrenceRule) -> Option<Rule> {
    let pattern = match rule.pattern {
        rules::RecurrencePattern::Daily => Pattern::Daily,
        rules::RecurrencePattern::Weekly(weekly) => {
            Pattern::Weekly { days: some_days(weekly.days)?, week_start: weekday_in(weekly.week_start) }
        }
        rules::RecurrencePattern::Monthly(day) => Pattern::Monthly { day: up_to(day, DAY_MAX)? },
        rules::RecurrencePattern::MonthlyNth(nth) => {
            Pattern::MonthlyNth { days: some_days(nth.days)?, instance: instance_in(nth.instance) }
        }
        rules::RecurrencePattern::Yearly(on) => {
            Pattern::Yearly { month: up_to(on.month, MONTH_MAX)?, day: up_to(on.day, DAY_MAX)? }
        }
        rules::RecurrencePattern::YearlyNth(nth) => Pattern::YearlyNth {
            month: up_to(nth.month, MONTH_MAX)?,
            days: some_days(nth.days)?,
            instance: instance_in(nth.instance),
        },
    };
    let end = match rule.end {
        rules::RecurrenceEnd::Never => RangeEnd::Never,
        rules::RecurrenceEnd::Until(day) => RangeEnd::Until(date(day)?),
        rules::RecurrenceEnd::Count(count) => RangeEnd::Count((count > 0).then_some(count)?),
    };
    let interval = (rule.interval > 0).then_some(rule.interval)?;
    Some(Rule { pattern, interval, end, zone: None })
}

pub(super) fn rule_out(rule: &Rule) -> rules::RecurrenceRule {
    let pattern = match rule.pattern {
        Pattern::Daily => rules::RecurrencePattern::Daily,
        Pattern::Weekly { days, week_start } => rules::RecurrencePattern::Weekly(rules::Weekly {
            days: weekdays_out(days),
            week_start: weekday_out(week_start),
        }),
        Pattern::Monthly { day } => rules::RecurrencePattern::Monthly(day),
        Pattern::MonthlyNth { days, instance } => {
            let instance = instance_out(instance);
            rules::RecurrencePattern::MonthlyNth(rules::NthDays { days: weekdays_out(days), instance })
        }
        Pattern::Yearly { month, day } => rules::RecurrencePattern::Yearly(rules::DayOfYear { month, day }),
        Pattern::YearlyNth { month, days, instance } => {
            let (days, instance) = (weekdays_out(days), instance_out(instance));
            rules::RecurrencePattern::YearlyNth(rules::NthDaysOfYear { month, days, instance })
        }
    };
    let end = match rule.end {
        RangeEnd::Never => rules::RecurrenceEnd::Never,
        RangeEnd::Until(day) => rules::RecurrenceEnd::Until(date_out(day)),
        RangeEnd::Count(count) => rules::RecurrenceEnd::Count(count),
    };
    rules::RecurrenceRule { pattern, interval: rule.interval, end }
}

fn exception_in(exception: wit::Exception) -> Option<CrmException> {
    let original_start = match exception.original_start {
        wit::OriginalStart::At(at) => OriginalStart::At(Instant::from_epoch_milliseconds(at)),
        wit::OriginalStart::On(day) => OriginalStart::On(date(day)?),
    };
    let state = match exception.state {
        wit::OccurrenceState::Cancelled => CrmOccurrence::Cancelled,
        wit::OccurrenceState::Changed(fields) => CrmOccurrence::Changed(occurrence_record(fields)?),
    };
    Some(CrmException { original_start, state })
}

pub(super) fn exception_out(exception: &CrmException) -> wit::Exception {
    wit::Exception {
        original_start: match exception.original_start {
            OriginalStart::At(at) => wit::OriginalStart::At(at.epoch_milliseconds()),
            OriginalStart::On(day) => wit::OriginalStart::On(date_out(day)),
        },
        state: match &exception.state {
            CrmOccurrence::Cancelled => wit::OccurrenceState::Cancelled,
            CrmOccurrence::Changed(record) => wit::OccurrenceState::Changed(occurrence_fields(record)),
        },
    }
}

fn up_to(number: u8, max: u8) -> Option<u8> {
    (1..=max).contains(&number).then_some(number)
}

fn some_days(days: rules::Weekdays) -> Option<Weekdays> {
    Some(weekdays_in(days)).filter(|days| !days.is_empty())
}

fn weekdays_in(days: rules::Weekdays) -> Weekdays {
    Weekdays::ORDER.into_iter().filter(|day| days.contains(weekday_flag(*day))).collect()
}

fn weekdays_out(days: Weekdays) -> rules::Weekdays {
    days.iter().fold(rules::Weekdays::empty(), |flags, day| flags | weekday_flag(day))
}

const fn weekday_flag(day: Weekday) -> rules::Weekdays {
    match day {
        Weekday::Sun => rules::Weekdays::SUNDAY,
        Weekday::Mon => rules::Weekdays::MONDAY,
        Weekday::Tue => rules::Weekdays::TUESDAY,
        Weekday::Wed => rules::Weekdays::WEDNESDAY,
        Weekday::Thu => rules::Weekdays::THURSDAY,
        Weekday::Fri => rules::Weekdays::FRIDAY,
        Weekday::Sat => rules::Weekdays::SATURDAY,
    }
}

const fn weekday_in(day: rules::Weekday) -> Weekday {
    match day {
        rules::Weekday::Sunday => Weekday::Sun,
        rules::Weekday::Monday => Weekday::Mon,
        rules::Weekday::Tuesday => Weekday::Tue,
        rules::Weekday::Wednesday => Weekday::Wed,
        rules::Weekday::Thursday => Weekday::Thu,
        rules::Weekday::Friday => Weekday::Fri,
        rules::Weekday::Saturday => Weekday::Sat,
    }
}

const fn weekday_out(day: Weekday) -> rules::Weekday {
    match day {
        Weekday::Sun => rules::Weekday::Sunday,
        Weekday::Mon => rules::Weekday::Monday,
        Weekday::Tue => rules::Weekday::Tuesday,
        Weekday::Wed => rules::Weekday::Wednesday,
        Weekday::Thu => rules::Weekday::Thursday,
        Weekday::Fri => rules::Weekday::Friday,
        Weekday::Sat => rules::Weekday::Saturday,
    }
}

const fn instance_in(instance: rules::Instance) -> Instance {
    match instance {
        rules::Instance::First => Instance::First,
        rules::Instance::Second => Instance::Second,
        rules::Instance::Third => Instance::Third,
        rules::Instance::Fourth => Instance::Fourth,
        rules::Instance::Last => Instance::Last,
    }
}

const fn instance_out(instance: Instance) -> rules::Instance {
    match instance {
        Instance::First => rules::Instance::First,
        Instance::Second => rules::Instance::Second,
        Instance::Third => rules::Instance::Third,
        Instance::Fourth => rules::Instance::Fourth,
        Instance::Last => rules::Instance::Last,
    }
}
