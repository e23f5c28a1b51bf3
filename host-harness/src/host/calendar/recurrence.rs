//! Rules of series and their exceptions between the contract and the CRM, and
//! which rules the CRM takes (Oro row C3).

use super::convert::{invalid, occurrence_from, occurrence_of};
use crate::crm::event::recurrence::{DayOfWeek, INTERVAL_MAX, INTERVAL_MAX_DAILY, OCCURRENCES_MAX};
use crate::crm::event::series::{INSTANCE_LAST, MONTHS_OF_A_YEAR};
use crate::crm::event::{
    EventTime, OccurrenceException, OccurrenceState, OriginalStart, Pattern, Series, SeriesEnd, SeriesRule, WholeEvent,
    all_day,
};
use crate::crm::users::ZoneName;
use crate::host::bindings::tandem::host::event::FieldGroups;
use crate::host::bindings::tandem::host::recurrence::Weekdays;
use crate::host::bindings::tandem::host::{calendar as wire, event, recurrence as rules};
use crate::host::times::{date_from, date_of, instant_from};

/// What Oro's rules can say. Yearly ones are counted in months.
pub(super) fn limits() -> rules::RecurrenceLimits {
    let number = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
    rules::RecurrenceLimits {
        interval_max_daily: number(INTERVAL_MAX_DAILY),
        interval_max_weekly: number(INTERVAL_MAX),
        interval_max_monthly: number(INTERVAL_MAX),
        interval_max_yearly: number(INTERVAL_MAX / MONTHS_OF_A_YEAR),
        count_max: OCCURRENCES_MAX,
        week_starts: Weekdays::SUNDAY,
        any_days_of_nth: false,
    }
}

pub(super) fn rule_of(rule: &SeriesRule) -> rules::RecurrenceRule {
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let pattern = match &rule.pattern {
        Pattern::Daily => rules::RecurrencePattern::Daily,
        Pattern::Weekly(days) => {
            rules::RecurrencePattern::Weekly(rules::Weekly { days: flags_of(days), week_start: rules::Weekday::Sunday })
        }
        Pattern::Monthly(day) => rules::RecurrencePattern::Monthly(small(*day)),
        Pattern::MonthNth(days, instance) => rules::RecurrencePattern::MonthlyNth(rules::NthDays {
            days: flags_of(days),
            instance: instance_of(*instance),
        }),
        Pattern::Yearly { month, day } => {
            rules::RecurrencePattern::Yearly(rules::DayOfYear { month: small(*month), day: small(*day) })
        }
        Pattern::YearNth { month, days, instance } => rules::RecurrencePattern::YearlyNth(rules::NthDaysOfYear {
            month: small(*month),
            days: flags_of(days),
            instance: instance_of(*instance),
        }),
    };
    let end = match rule.end {
        SeriesEnd::Never => rules::RecurrenceEnd::Never,
        SeriesEnd::Until(day) => rules::RecurrenceEnd::Until(date_of(day)),
        SeriesEnd::Count(count) => rules::RecurrenceEnd::Count(count),
    };
    rules::RecurrenceRule { pattern, interval: u16::try_from(rule.interval).unwrap_or(u16::MAX), end }
}

/// The rule in the CRM's words. What is within the contract's bounds but not
/// within Oro's is refused when the event is checked.
pub(super) fn rule_from(rule: &rules::RecurrenceRule) -> Result<SeriesRule, wire::MutationError> {
    let pattern = match rule.pattern {
        rules::RecurrencePattern::Daily => Pattern::Daily,
        rules::RecurrencePattern::Weekly(weekly) => {
            // On which day weeks begin makes no difference where none is left out.
            if weekly.week_start != rules::Weekday::Sunday && rule.interval != 1 {
                return Err(invalid(FieldGroups::RECURRENCE, "weeks that begin on Sunday"));
            }
            Pattern::Weekly(days_from(weekly.days))
        }
        rules::RecurrencePattern::Monthly(day) => Pattern::Monthly(u32::from(day)),
        rules::RecurrencePattern::MonthlyNth(nth) => {
            Pattern::MonthNth(days_from(nth.days), instance_from(nth.instance))
        }
        rules::RecurrencePattern::Yearly(on) => Pattern::Yearly { month: u32::from(on.month), day: u32::from(on.day) },
        rules::RecurrencePattern::YearlyNth(nth) => Pattern::YearNth {
            month: u32::from(nth.month),
            days: days_from(nth.days),
            instance: instance_from(nth.instance),
        },
    };
    let end = match rule.end {
        rules::RecurrenceEnd::Never => SeriesEnd::Never,
        rules::RecurrenceEnd::Until(day) => SeriesEnd::Until(
            date_from(day).ok_or_else(|| invalid(FieldGroups::RECURRENCE, "an end on a day of the calendar"))?,
        ),
        rules::RecurrenceEnd::Count(count) => SeriesEnd::Count(count),
    };
    Ok(SeriesRule { pattern, interval: u32::from(rule.interval), end })
}

/// The exceptions of a series.
pub(super) fn exceptions_of(whole: &WholeEvent, series: &Series) -> Vec<event::Exception> {
    let exception = |event: &crate::crm::event::CalendarEvent| {
        let original = event.values.original_start?;
        let original_start = match series.first {
            EventTime::Timed(_) => event::OriginalStart::At(original.timestamp_millis()),
            EventTime::AllDay(_) => {
                let day = series.day_of(original).unwrap_or_else(|| day_of(original, event.values.time_zone));
                event::OriginalStart::On(date_of(day))
            }
        };
        let state = if event.values.cancelled {
            event::OccurrenceState::Cancelled
        } else {
            event::OccurrenceState::Changed(occurrence_of(whole, &event.values))
        };
        Some(event::Exception { original_start, state })
    };
    whole.exceptions.iter().filter_map(exception).collect()
}

/// The day of an original start that names no occurrence.
fn day_of(original: chrono::DateTime<chrono::Utc>, zone: ZoneName) -> chrono::NaiveDate {
    all_day::days_of(original, original, zone).start_on
}

pub(super) fn exception_from(exception: event::Exception) -> Result<OccurrenceException, wire::MutationError> {
    let expected = || invalid(FieldGroups::EXCEPTIONS, "original starts in the years 1 to 9999");
    Ok(OccurrenceException {
        original_start: match exception.original_start {
            event::OriginalStart::At(at) => OriginalStart::At(instant_from(at).ok_or_else(expected)?),
            event::OriginalStart::On(day) => OriginalStart::On(date_from(day).ok_or_else(expected)?),
        },
        state: match exception.state {
            event::OccurrenceState::Cancelled => OccurrenceState::Cancelled,
            event::OccurrenceState::Changed(fields) => OccurrenceState::Changed(occurrence_from(fields)?),
        },
    })
}

const fn flag_of(day: DayOfWeek) -> Weekdays {
    match day {
        DayOfWeek::Sunday => Weekdays::SUNDAY,
        DayOfWeek::Monday => Weekdays::MONDAY,
        DayOfWeek::Tuesday => Weekdays::TUESDAY,
        DayOfWeek::Wednesday => Weekdays::WEDNESDAY,
        DayOfWeek::Thursday => Weekdays::THURSDAY,
        DayOfWeek::Friday => Weekdays::FRIDAY,
        DayOfWeek::Saturday => Weekdays::SATURDAY,
    }
}

fn flags_of(days: &[DayOfWeek]) -> Weekdays {
    days.iter().fold(Weekdays::empty(), |flags, day| flags | flag_of(*day))
}

fn days_from(flags: Weekdays) -> Vec<DayOfWeek> {
    DayOfWeek::ALL.iter().copied().filter(|day| flags.contains(flag_of(*day))).collect()
}

/// Oro counts from 1, and the last one is the fifth.
const fn instance_of(instance: u32) -> rules::Instance {
    match instance {
        0 | 1 => rules::Instance::First,
        2 => rules::Instance::Second,
        3 => rules::Instance::Third,
        4 => rules::Instance::Fourth,
        _ => rules::Instance::Last,
    }
}

const fn instance_from(instance: rules::Instance) -> u32 {
    match instance {
        rules::Instance::First => 1,
        rules::Instance::Second => 2,
        rules::Instance::Third => 3,
        rules::Instance::Fourth => 4,
        rules::Instance::Last => INSTANCE_LAST,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::host::bindings::tandem::host::types::Date;

    fn rule(pattern: rules::RecurrencePattern, interval: u16) -> rules::RecurrenceRule {
        let until = Date { year: 2030, month: 2, day: 28 };
        rules::RecurrenceRule { pattern, interval, end: rules::RecurrenceEnd::Until(until) }
    }

    #[test]
    fn every_pattern_comes_back_as_it_was() {
        let days = Weekdays::SUNDAY | Weekdays::SATURDAY;
        let instance = rules::Instance::Last;
        let patterns = [
            rules::RecurrencePattern::Daily,
            rules::RecurrencePattern::Weekly(rules::Weekly { days, week_start: rules::Weekday::Sunday }),
            rules::RecurrencePattern::Monthly(31),
            rules::RecurrencePattern::MonthlyNth(rules::NthDays { days, instance }),
            rules::RecurrencePattern::Yearly(rules::DayOfYear { month: 2, day: 29 }),
            rules::RecurrencePattern::YearlyNth(rules::NthDaysOfYear { month: 12, days, instance }),
        ];
        for pattern in patterns {
            let rule = rule(pattern, 3);
            assert_eq!(rule_of(&rule_from(&rule).unwrap()), rule);
        }
        for instance in
            [rules::Instance::First, rules::Instance::Second, rules::Instance::Third, rules::Instance::Fourth]
        {
            assert_eq!(instance_of(instance_from(instance)), instance);
        }
    }

    #[test]
    fn a_week_that_begins_on_monday_is_taken_only_where_it_makes_no_difference() {
        let weekly = |interval| {
            let weekly = rules::Weekly { days: Weekdays::SUNDAY, week_start: rules::Weekday::Monday };
            rule_from(&rule(rules::RecurrencePattern::Weekly(weekly), interval))
        };
        assert!(weekly(1).is_ok());
        assert!(matches!(weekly(2), Err(wire::MutationError::Invalid((group, _))) if group == FieldGroups::RECURRENCE));
    }

    #[test]
    fn the_limits_are_oros() {
        let limits = limits();
        let intervals = (limits.interval_max_daily, limits.interval_max_weekly, limits.interval_max_yearly);
        assert_eq!((intervals, limits.count_max), ((99, 999, 83), 999));
    }
}
