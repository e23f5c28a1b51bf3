#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use chrono::Weekday;

use super::*;
use crate::model::{Instance, Pattern, Weekdays};

mod hostile;
mod times;

fn date(text: &str) -> CivilDate {
    text.parse::<NaiveDate>().unwrap().into()
}

fn at(text: &str) -> Instant {
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()
}

fn whole_day(start: &str) -> EventTime {
    let day = date(start);
    EventTime::all_day(day, day.naive().succ_opt().unwrap().into()).unwrap()
}

/// A series of whole days.
fn all_day(pattern: Pattern, interval: u16, end: RangeEnd, start: &str) -> Series {
    Series::new(Rule { pattern, interval, end, zone: None }, whole_day(start)).unwrap()
}

fn first_days(series: &Series, count: usize) -> Vec<String> {
    series.days().take(count).map(|day| day.to_string()).collect()
}

fn weekly(days: &[Weekday], week_start: Weekday) -> Pattern {
    Pattern::Weekly { days: days.iter().copied().collect(), week_start }
}

#[test]
fn weeks_are_skipped_by_the_day_on_which_they_begin() {
    // The Sunday belongs to the week before the Monday, or to that of it.
    let days = [Weekday::Mon, Weekday::Sun];
    let from_monday = all_day(weekly(&days, Weekday::Mon), 2, RangeEnd::Never, "2026-03-02");
    assert_eq!(first_days(&from_monday, 4), ["2026-03-02", "2026-03-08", "2026-03-16", "2026-03-22"]);
    let from_sunday = all_day(weekly(&days, Weekday::Sun), 2, RangeEnd::Never, "2026-03-02");
    assert_eq!(first_days(&from_sunday, 4), ["2026-03-02", "2026-03-15", "2026-03-16", "2026-03-29"]);
}

#[test]
fn weeks_are_counted_from_the_start_even_where_it_is_not_on_the_rule() {
    // A Wednesday: the Monday of its week is over, the next one is skipped.
    let series = all_day(weekly(&[Weekday::Mon], Weekday::Mon), 2, RangeEnd::Count(2), "2026-03-04");
    assert_eq!(first_days(&series, 9), ["2026-03-16", "2026-03-30"]);
    // The week that begins on Thursday has its Monday still before it.
    let series = all_day(weekly(&[Weekday::Mon], Weekday::Thu), 2, RangeEnd::Count(2), "2026-03-04");
    assert_eq!(first_days(&series, 9), ["2026-03-16", "2026-03-30"]);
    let series = all_day(weekly(&[Weekday::Mon], Weekday::Wed), 2, RangeEnd::Count(2), "2026-03-04");
    assert_eq!(first_days(&series, 9), ["2026-03-09", "2026-03-23"]);
}

#[test]
fn a_month_without_the_day_has_its_last_one() {
    let series = all_day(Pattern::Monthly { day: 31 }, 1, RangeEnd::Never, "2027-12-31");
    let expected = ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"];
    assert_eq!(first_days(&series, 5), expected);
    let series = all_day(Pattern::Monthly { day: 30 }, 12, RangeEnd::Never, "2099-02-01");
    assert_eq!(first_days(&series, 6)[..2], ["2099-02-28", "2100-02-28"]);
    let series = all_day(Pattern::Monthly { day: 29 }, 1, RangeEnd::Count(1), "2026-02-01");
    assert_eq!(first_days(&series, 9), ["2026-02-28"]);
}

#[test]
fn the_leap_day_is_the_last_of_february_in_other_years() {
    let series = all_day(Pattern::Yearly { month: 2, day: 29 }, 1, RangeEnd::Never, "2024-02-29");
    assert_eq!(first_days(&series, 3), ["2024-02-29", "2025-02-28", "2026-02-28"]);
    let series = all_day(Pattern::Yearly { month: 2, day: 29 }, 4, RangeEnd::Never, "1896-02-29");
    assert_eq!(first_days(&series, 3), ["1896-02-29", "1900-02-28", "1904-02-29"]);
}

#[test]
fn a_month_or_day_before_the_start_waits_for_the_next_period() {
    let series = all_day(Pattern::Yearly { month: 2, day: 10 }, 3, RangeEnd::Never, "2026-03-01");
    assert_eq!(first_days(&series, 2), ["2029-02-10", "2032-02-10"]);
    let series = all_day(Pattern::Monthly { day: 10 }, 5, RangeEnd::Never, "2026-03-11");
    assert_eq!(first_days(&series, 2), ["2026-08-10", "2027-01-10"]);
    let first_monday = Pattern::YearlyNth { month: 1, days: Weekdays::one(Weekday::Mon), instance: Instance::First };
    let series = all_day(first_monday, 2, RangeEnd::Never, "2026-01-06");
    assert_eq!(first_days(&series, 2), ["2028-01-03", "2030-01-07"]);
}

#[test]
fn the_nth_of_several_days_counts_them_together() {
    let nth = |days, instance| Pattern::MonthlyNth { days, instance };
    // February 2026 begins on a Sunday.
    let table = [
        (nth(Weekdays::WORKING, Instance::First), "2026-02-02"),
        (nth(Weekdays::WORKING, Instance::Last), "2026-02-27"),
        (nth(Weekdays::WEEKEND, Instance::Second), "2026-02-07"),
        (nth(Weekdays::ALL, Instance::Third), "2026-02-03"),
        (nth(Weekdays::ALL, Instance::Last), "2026-02-28"),
        (nth(Weekdays::one(Weekday::Sun), Instance::Fourth), "2026-02-22"),
        (nth(Weekdays::one(Weekday::Sun), Instance::Last), "2026-02-22"),
    ];
    for (pattern, expected) in table {
        assert_eq!(first_days(&all_day(pattern, 1, RangeEnd::Count(1), "2026-02-01"), 2), [expected], "{pattern:?}");
    }
    let last_monday = all_day(nth(Weekdays::one(Weekday::Mon), Instance::Last), 1, RangeEnd::Never, "2026-02-01");
    assert_eq!(first_days(&last_monday, 3), ["2026-02-23", "2026-03-30", "2026-04-27"]);
}

#[test]
fn a_count_is_counted_from_the_first_occurrence() {
    let days = [Weekday::Mon, Weekday::Wed, Weekday::Fri];
    for count in 1..30 {
        let series = all_day(weekly(&days, Weekday::Sun), 3, RangeEnd::Count(count), "2026-03-04");
        assert_eq!(series.days().count(), count as usize);
        assert_eq!(series.days().last(), series.last_day());
    }
}

#[test]
fn the_last_day_is_the_last_one_at_or_before_the_end() {
    let until = |end: &str| RangeEnd::Until(date(end));
    let table = [
        // Long before the next period.
        (Pattern::Yearly { month: 3, day: 1 }, 999, until("3000-01-01"), Some("2026-03-01")),
        (Pattern::Yearly { month: 3, day: 1 }, 999, until("3025-03-01"), Some("3025-03-01")),
        (Pattern::Yearly { month: 3, day: 1 }, 999, until("3025-02-28"), Some("2026-03-01")),
        (Pattern::Daily, 30, until("2026-04-29"), Some("2026-03-31")),
        (weekly(&[Weekday::Sun, Weekday::Tue], Weekday::Mon), 4, until("2026-03-23"), Some("2026-03-01")),
        (weekly(&[Weekday::Sun, Weekday::Tue], Weekday::Mon), 4, until("2026-03-28"), Some("2026-03-24")),
        (weekly(&[Weekday::Sun, Weekday::Tue], Weekday::Mon), 4, until("2026-03-29"), Some("2026-03-29")),
        (Pattern::Monthly { day: 31 }, 1, until("2026-04-30"), Some("2026-04-30")),
        (Pattern::Monthly { day: 1 }, 7, until("2026-03-01"), Some("2026-03-01")),
        (Pattern::Daily, 1, RangeEnd::Never, None),
    ];
    for (pattern, interval, end, expected) in table {
        let series = all_day(pattern, interval, end, "2026-03-01");
        assert_eq!(series.last_day(), expected.map(date), "{pattern:?} {interval} {end:?}");
        assert_eq!(series.ends_at().is_some(), expected.is_some());
    }
    let series = all_day(Pattern::Daily, 1, until("2026-03-05"), "2026-03-01");
    assert_eq!(series.ends_at(), Some(at("2026-03-06T00:00:00Z")));
}

#[test]
fn days_are_found_from_anywhere_as_from_the_beginning() {
    let patterns = [
        (Pattern::Daily, 5),
        (weekly(&[Weekday::Tue, Weekday::Sun], Weekday::Mon), 3),
        (Pattern::Monthly { day: 31 }, 5),
        (Pattern::MonthlyNth { days: Weekdays::WEEKEND, instance: Instance::Last }, 2),
        (Pattern::Yearly { month: 2, day: 29 }, 3),
        (Pattern::YearlyNth { month: 12, days: Weekdays::WORKING, instance: Instance::First }, 2),
    ];
    for (pattern, interval) in patterns {
        for end in [RangeEnd::Never, RangeEnd::Count(17), RangeEnd::Until(date("2031-05-31"))] {
            let series = all_day(pattern, interval, end, "2024-11-07");
            let horizon = date("2036-01-01");
            let days: Vec<_> = series.days().take_while(|day| *day < horizon).collect();
            let mut day = date("2024-10-01");
            while day < horizon {
                let expected = days.iter().copied().find(|other| *other >= day);
                let found = series.days_from(day).next().filter(|day| *day < horizon);
                assert_eq!(found, expected, "{pattern:?} {end:?} from {day}");
                assert_eq!(series.falls_on(day), days.contains(&day), "{pattern:?} {end:?} on {day}");
                day = day.naive().checked_add_days(chrono::Days::new(3)).unwrap().into();
            }
        }
    }
}

#[test]
fn long_occurrences_touch_days_on_which_later_ones_have_begun() {
    // Three days long, every day.
    let time = EventTime::all_day(date("2026-03-01"), date("2026-03-04")).unwrap();
    let rule = Rule { pattern: Pattern::Daily, interval: 1, end: RangeEnd::Never, zone: None };
    let series = Series::new(rule, time).unwrap();
    let touching = |from: &str, to: &str| -> Vec<String> {
        series.days_touching(at(from), at(to)).map(|day| day.to_string()).collect()
    };
    let expected = ["2026-03-08", "2026-03-09", "2026-03-10"];
    assert_eq!(touching("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"), expected);
    assert_eq!(touching("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), [""; 0]);
    assert_eq!(touching("2026-02-01T00:00:00Z", "2026-03-01T00:00:01Z"), ["2026-03-01"]);
    // A window of no length, or one that ends before it begins.
    assert_eq!(touching("2026-03-11T00:00:00Z", "2026-03-11T00:00:00Z"), ["2026-03-09", "2026-03-10"]);
    assert_eq!(touching("2026-03-11T00:00:00Z", "2026-02-11T00:00:00Z"), [""; 0]);
}
