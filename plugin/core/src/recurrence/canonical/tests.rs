#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use super::*;
use crate::model::{EventTime, Instance, RangeEnd};
use crate::recurrence::Series;

/// Twelve rounds and more of every interval that is tried.
const DAYS: usize = 200 * 7;

/// One bit a day.
type Days = [u64; DAYS.div_ceil(64)];

fn day(year: i32, month: u32, day: u32) -> CivilDate {
    CivilDate::from_parts(year, month, day).unwrap()
}

/// The seven dates of a week that begins on Sunday.
fn starts() -> Vec<NaiveDate> {
    day(2026, 3, 1).naive().iter_days().take(7).collect()
}

fn all_sets() -> impl Iterator<Item = Weekdays> {
    (1..128_u8).map(|set| {
        Weekdays::ORDER.into_iter().filter(|day| set >> day.num_days_from_sunday() & 1 == 1).collect::<Weekdays>()
    })
}

/// The days of a weekly rule by counting: the days of the weeks that count,
/// which are every so many from the one of `first`.
fn counted(days: Weekdays, week_start: Weekday, interval: usize, first: NaiveDate) -> Days {
    let mut found = [0; DAYS.div_ceil(64)];
    let into_week = first.weekday().days_since(week_start) as usize;
    let on: Vec<bool> = first.iter_days().take(7).map(|day| days.contains(day.weekday())).collect();
    for number in 0..DAYS {
        if ((number + into_week) / 7).is_multiple_of(interval) && on[number % 7] {
            found[number / 64] |= 1 << (number % 64);
        }
    }
    found
}

#[test]
fn a_canonical_weekly_rule_has_the_same_days_and_equal_days_have_one_canonical_rule() {
    for first in starts() {
        let mut forms: BTreeMap<Days, (u16, Weekdays, u32)> = BTreeMap::new();
        for interval in 1..=4_u16 {
            for days in all_sets() {
                for week_start in Weekdays::ORDER {
                    let kept = canonical_pattern(Pattern::Weekly { days, week_start }, interval, first);
                    let Pattern::Weekly { days: kept_days, week_start: kept_start } = kept else { panic!("{kept:?}") };
                    let before = counted(days, week_start, interval.into(), first);
                    let after = counted(kept_days, kept_start, interval.into(), first);
                    assert_eq!(before, after, "{days:?} every {interval} weeks from {week_start}, first on {first}");
                    let form = (interval, kept_days, kept_start.num_days_from_sunday());
                    assert_eq!(*forms.entry(before).or_insert(form), form, "two forms, first on {first}");
                }
            }
        }
        // The forms are as many as the sequences: the test saw different ones.
        assert!(forms.len() > 4 * 127, "{}", forms.len());
    }
}

#[test]
fn same_days_is_equality_of_the_days() {
    for first in starts() {
        for days in [Weekdays::WORKING, Weekdays::WEEKEND, Weekdays::ALL, Weekdays::one(Weekday::Wed)] {
            for (one, two) in Weekdays::ORDER.into_iter().flat_map(|one| Weekdays::ORDER.map(|two| (one, two))) {
                let [one, two] = [one, two].map(|week_start| (week_start, Pattern::Weekly { days, week_start }));
                let equal = counted(days, one.0, 2, first) == counted(days, two.0, 2, first);
                assert_eq!(same_days(one.1, two.1, 2, first.into()), equal, "{one:?} {two:?} first on {first}");
            }
        }
    }
    let other_days = Pattern::Weekly { days: Weekdays::WEEKEND, week_start: Weekday::Sun };
    let working_days = Pattern::Weekly { days: Weekdays::WORKING, week_start: Weekday::Sun };
    assert!(!same_days(other_days, working_days, 1, day(2026, 3, 1)));
}

#[test]
fn the_beginning_of_weeks_is_kept_only_where_it_says_something() {
    let weekly = |days, week_start, interval| {
        canonical(
            Rule { pattern: Pattern::Weekly { days, week_start }, interval, end: RangeEnd::Never, zone: None },
            // A Monday.
            day(2026, 3, 2),
        )
        .pattern
    };
    let monday = Weekdays::one(Weekday::Mon);
    let both = monday.with(Weekday::Sun);
    assert_eq!(weekly(both, Weekday::Mon, 1), Pattern::Weekly { days: both, week_start: Weekday::Sun });
    assert_eq!(weekly(monday, Weekday::Mon, 2), Pattern::Weekly { days: monday, week_start: Weekday::Sun });
    assert_eq!(weekly(both, Weekday::Mon, 2), Pattern::Weekly { days: both, week_start: Weekday::Mon });
    // Sunday is the only day between, so every other beginning is like Monday.
    assert_eq!(weekly(both, Weekday::Sat, 2), Pattern::Weekly { days: both, week_start: Weekday::Sun });
}

#[test]
fn a_day_that_the_month_of_a_yearly_rule_never_has_is_its_last_one() {
    let form = |pattern, interval, first| {
        canonical(Rule { pattern, interval, end: RangeEnd::Never, zone: None }, first).pattern
    };
    let table = [
        (Pattern::Yearly { month: 4, day: 31 }, 1, Pattern::Yearly { month: 4, day: 30 }),
        (Pattern::Yearly { month: 2, day: 30 }, 1, Pattern::Yearly { month: 2, day: 29 }),
        (Pattern::Yearly { month: 12, day: 31 }, 1, Pattern::Yearly { month: 12, day: 31 }),
        // April of every year, but April and October in turn.
        (Pattern::Monthly { day: 31 }, 12, Pattern::Monthly { day: 30 }),
        (Pattern::Monthly { day: 31 }, 6, Pattern::Monthly { day: 31 }),
    ];
    for (pattern, interval, expected) in table {
        assert_eq!(form(pattern, interval, day(2026, 4, 30)), expected, "{pattern:?}");
        assert!(same_days(pattern, expected, interval, day(2026, 4, 30)), "{pattern:?}");
    }
    assert!(!same_days(Pattern::Monthly { day: 31 }, Pattern::Monthly { day: 30 }, 1, day(2026, 4, 30)));
}

#[test]
fn a_series_keeps_its_rule_canonical_and_its_days() {
    let pattern = Pattern::Weekly { days: Weekdays::WORKING.with(Weekday::Sat), week_start: Weekday::Mon };
    for start in starts() {
        let rule = Rule { pattern, interval: 3, end: RangeEnd::Count(20), zone: None };
        let on = EventTime::all_day(start.into(), start.succ_opt().unwrap().into()).unwrap();
        let series = Series::new(rule, on).unwrap();
        assert_eq!(*series.rule(), canonical(*series.rule(), series.first_day()));
        assert_eq!(Series::new(*series.rule(), *series.first()), Ok(series.clone()));
        // Anchored at the start, from which the weeks are counted.
        let weeks =
            |day: CivilDate| week_of(day.naive(), Weekday::Mon).unwrap() - week_of(start, Weekday::Mon).unwrap();
        assert!(series.days().all(|day| weeks(day).num_weeks() % 3 == 0), "start on {start}");
        assert_eq!(series.days().count(), 20);
    }
}

#[test]
fn types_are_never_changed_for_each_other() {
    let daily = Rule { pattern: Pattern::Daily, interval: 1, end: RangeEnd::Never, zone: None };
    let weekly = Pattern::Weekly { days: Weekdays::ALL, week_start: Weekday::Sun };
    assert!(!same_days(daily.pattern, weekly, 1, day(2026, 3, 1)));
    let nth = Pattern::MonthlyNth { days: Weekdays::ALL, instance: Instance::First };
    assert_eq!(canonical(Rule { pattern: nth, ..daily }, day(2026, 3, 1)).pattern, nth);
}
