//! A rule in words, for conflict records and reports.
//!
//! Says what tells one rule from another, except the zone: whoever shows a rule
//! shows it beside a time, which has one.

use chrono::Weekday;

use crate::model::{Instance, Pattern, RangeEnd, Rule, Weekdays};

/// Names of the months, January first.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From this day on, a month may lack it.
const FIRST_DAY_THAT_MAY_LACK: u8 = 29;

/// The rule as people say it, such as "every 2 weeks on Monday, Wednesday until
/// 2026-12-31" or "on the last working day of every month, 10 times".
pub fn describe(rule: &Rule) -> String {
    let end = match rule.end {
        RangeEnd::Never => String::new(),
        RangeEnd::Until(day) => format!(" until {day}"),
        RangeEnd::Count(1) => ", once".to_owned(),
        RangeEnd::Count(count) => format!(", {count} times"),
    };
    format!("{}{end}", describe_pattern(rule.pattern, rule.interval))
}

fn describe_pattern(pattern: Pattern, interval: u16) -> String {
    match pattern {
        Pattern::Daily => every(interval, "day"),
        Pattern::Weekly { days, week_start } => {
            let names: Vec<&str> = days.iter().map(weekday).collect();
            // Weeks that begin on Sunday are the canonical form of most rules.
            let weeks = if interval > 1 && week_start != Weekday::Sun {
                format!(", in weeks from {}", weekday(week_start))
            } else {
                String::new()
            };
            format!("{} on {}{weeks}", every(interval, "week"), names.join(", "))
        }
        Pattern::Monthly { day } if day < FIRST_DAY_THAT_MAY_LACK => {
            format!("on day {day} of {}", every(interval, "month"))
        }
        Pattern::Monthly { day } => format!("on day {day}, or the last, of {}", every(interval, "month")),
        Pattern::MonthlyNth { days, instance } => {
            format!("on the {} {} of {}", ordinal(instance), day_kind(days), every(interval, "month"))
        }
        Pattern::Yearly { month, day } => format!("{} on {day} {}", every(interval, "year"), month_name(month)),
        Pattern::YearlyNth { month, days, instance } => {
            let month = month_name(month);
            format!("{} on the {} {} of {month}", every(interval, "year"), ordinal(instance), day_kind(days))
        }
    }
}

fn every(interval: u16, unit: &str) -> String {
    if interval == 1 { format!("every {unit}") } else { format!("every {interval} {unit}s") }
}

/// What a day that counts is called: the sets that both sides have a word for,
/// or the days themselves.
fn day_kind(days: Weekdays) -> String {
    match days {
        Weekdays::ALL => "day".to_owned(),
        Weekdays::WORKING => "working day".to_owned(),
        Weekdays::WEEKEND => "weekend day".to_owned(),
        days => days.iter().map(weekday).collect::<Vec<_>>().join(" or "),
    }
}

const fn ordinal(instance: Instance) -> &'static str {
    match instance {
        Instance::First => "first",
        Instance::Second => "second",
        Instance::Third => "third",
        Instance::Fourth => "fourth",
        Instance::Last => "last",
    }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// A month by its number from 1; a number that is none stays one.
fn month_name(month: u8) -> String {
    let name = usize::from(month).checked_sub(1).and_then(|index| MONTHS.get(index));
    name.map_or_else(|| format!("month {month}"), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CivilDate;

    fn said(pattern: Pattern, interval: u16, end: RangeEnd) -> String {
        describe(&Rule { pattern, interval, end, zone: None })
    }

    #[test]
    fn every_type_of_rule_is_said_in_words() {
        let monday = Weekdays::one(Weekday::Mon);
        let table = [
            (Pattern::Daily, 1, "every day"),
            (Pattern::Daily, 3, "every 3 days"),
            (Pattern::Weekly { days: monday, week_start: Weekday::Sun }, 1, "every week on Monday"),
            (
                Pattern::Weekly { days: monday.with(Weekday::Wed), week_start: Weekday::Sun },
                2,
                "every 2 weeks on Monday, Wednesday",
            ),
            (
                Pattern::Weekly { days: monday.with(Weekday::Sun), week_start: Weekday::Mon },
                2,
                "every 2 weeks on Sunday, Monday, in weeks from Monday",
            ),
            (Pattern::Monthly { day: 15 }, 1, "on day 15 of every month"),
            (Pattern::Monthly { day: 31 }, 2, "on day 31, or the last, of every 2 months"),
            (
                Pattern::MonthlyNth { days: Weekdays::WORKING, instance: Instance::Last },
                1,
                "on the last working day of every month",
            ),
            (
                Pattern::MonthlyNth { days: Weekdays::WEEKEND, instance: Instance::First },
                1,
                "on the first weekend day of every month",
            ),
            (
                Pattern::MonthlyNth { days: Weekdays::ALL, instance: Instance::Third },
                6,
                "on the third day of every 6 months",
            ),
            (
                Pattern::MonthlyNth { days: monday.with(Weekday::Tue), instance: Instance::Second },
                1,
                "on the second Monday or Tuesday of every month",
            ),
            (Pattern::Yearly { month: 2, day: 29 }, 1, "every year on 29 February"),
            (
                Pattern::YearlyNth { month: 11, days: monday, instance: Instance::Fourth },
                4,
                "every 4 years on the fourth Monday of November",
            ),
        ];
        for (pattern, interval, expected) in table {
            assert_eq!(said(pattern, interval, RangeEnd::Never), expected);
        }
    }

    #[test]
    fn the_end_of_a_rule_is_said_where_it_has_one() {
        let until = CivilDate::from_parts(2026, 12, 31).map_or(RangeEnd::Never, RangeEnd::Until);
        assert_eq!(said(Pattern::Daily, 1, until), "every day until 2026-12-31");
        assert_eq!(said(Pattern::Daily, 1, RangeEnd::Count(10)), "every day, 10 times");
        assert_eq!(said(Pattern::Daily, 1, RangeEnd::Count(1)), "every day, once");
    }

    #[test]
    fn a_month_that_is_none_stays_a_number() {
        assert_eq!(said(Pattern::Yearly { month: 0, day: 1 }, 1, RangeEnd::Never), "every year on 1 month 0");
        assert_eq!(said(Pattern::Yearly { month: 13, day: 1 }, 1, RangeEnd::Never), "every year on 1 month 13");
    }
}
