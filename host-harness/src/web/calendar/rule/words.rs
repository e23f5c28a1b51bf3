//! The rule of a series in words, such as "Weekly every 2 weeks on Monday,
//! Thursday, end after 10 occurrences".

use chrono::Month;

use super::SETS;
use crate::crm::event::series::INSTANCE_LAST;
use crate::crm::event::{DayOfWeek, Pattern, SeriesEnd, SeriesRule};
use crate::web::dates::Dates;

/// From this day on, some months are too short.
const SHORTEST_MONTH_DAYS: u32 = 28;

/// The days from Monday on, as their numbers count them.
const FROM_MONDAY: [DayOfWeek; 7] = [
    DayOfWeek::Monday,
    DayOfWeek::Tuesday,
    DayOfWeek::Wednesday,
    DayOfWeek::Thursday,
    DayOfWeek::Friday,
    DayOfWeek::Saturday,
    DayOfWeek::Sunday,
];

/// The days as the reader's calendar has them in a week.
pub fn week(dates: Dates) -> [DayOfWeek; 7] {
    let mut week = FROM_MONDAY;
    week.rotate_left(dates.language.first_weekday().num_days_from_monday() as usize);
    week
}

/// A rule as a sentence without full stop.
pub fn sentence(rule: &SeriesRule, dates: Dates) -> String {
    let every = |unit: &str| match rule.interval {
        1 => format!("every {unit}"),
        interval => format!("every {interval} {unit}s"),
    };
    let pattern = match &rule.pattern {
        Pattern::Daily => format!("Daily {}", every("day")),
        Pattern::Weekly(days) => {
            let names: Vec<&str> = week(dates).into_iter().filter(|day| days.contains(day)).map(day_name).collect();
            format!("Weekly {} on {}", every("week"), names.join(", "))
        }
        Pattern::Monthly(day) => format!("Monthly {} on day {day}{}", every("month"), shortened(*day)),
        Pattern::MonthNth(days, nth) => {
            format!("Monthly {} on the {} {}", every("month"), nth_name(*nth), days_name(days))
        }
        Pattern::Yearly { month, day } => {
            format!("Yearly {} on {day} {}{}", every("year"), month_name(*month), shortened(*day))
        }
        Pattern::YearNth { month, days, instance } => {
            let (nth, days, month) = (nth_name(*instance), days_name(days), month_name(*month));
            format!("Yearly {} on the {nth} {days} of {month}", every("year"))
        }
    };
    match rule.end {
        SeriesEnd::Never => pattern,
        SeriesEnd::Count(1) => format!("{pattern}, end after 1 occurrence"),
        SeriesEnd::Count(count) => format!("{pattern}, end after {count} occurrences"),
        SeriesEnd::Until(day) => format!("{pattern}, end by {}", dates.day(day)),
    }
}

fn shortened(day: u32) -> &'static str {
    if day > SHORTEST_MONTH_DAYS { ", or the last day of a shorter month" } else { "" }
}

/// A day of the week.
pub const fn day_name(day: DayOfWeek) -> &'static str {
    match day {
        DayOfWeek::Sunday => "Sunday",
        DayOfWeek::Monday => "Monday",
        DayOfWeek::Tuesday => "Tuesday",
        DayOfWeek::Wednesday => "Wednesday",
        DayOfWeek::Thursday => "Thursday",
        DayOfWeek::Friday => "Friday",
        DayOfWeek::Saturday => "Saturday",
    }
}

/// The days of which a rule takes the nth.
fn days_name(days: &[DayOfWeek]) -> String {
    let word = super::days_word(days);
    let set = SETS.iter().find(|(name, _)| *name == word).map(|(name, _)| name.replace('-', " "));
    set.unwrap_or_else(|| days.first().map(|day| day_name(*day).to_owned()).unwrap_or_default())
}

/// Which of them.
pub const fn nth_name(nth: u32) -> &'static str {
    match nth {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        INSTANCE_LAST.. => "last",
        0 => "",
    }
}

/// A month.
pub fn month_name(month: u32) -> &'static str {
    u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok()).map_or("", |month| month.name())
}
