//! Rules that no person makes.

use proptest::prelude::*;

use super::*;

const ENDLESS_DAILY: Rule = Rule { pattern: Pattern::Daily, interval: 1, end: RangeEnd::Never, zone: None };

#[test]
fn a_rule_that_names_no_day_makes_no_series() {
    let of = |pattern| Rule { pattern, ..ENDLESS_DAILY };
    let days = Weekdays::NONE;
    let instance = Instance::Last;
    let until = RangeEnd::Until(date("2026-03-01"));
    let rules = [
        Rule { interval: 0, ..ENDLESS_DAILY },
        Rule { end: RangeEnd::Count(0), ..ENDLESS_DAILY },
        Rule { end: RangeEnd::Until(date("2026-02-28")), ..ENDLESS_DAILY },
        of(Pattern::Weekly { days, week_start: Weekday::Sun }),
        of(Pattern::MonthlyNth { days, instance }),
        of(Pattern::YearlyNth { month: 1, days, instance }),
        of(Pattern::YearlyNth { month: 13, days: Weekdays::ALL, instance }),
        of(Pattern::Monthly { day: 0 }),
        of(Pattern::Monthly { day: 32 }),
        of(Pattern::Yearly { month: 0, day: 1 }),
        of(Pattern::Yearly { month: 13, day: 1 }),
        of(Pattern::Yearly { month: 12, day: 32 }),
        // The next Monday lies behind the end.
        Rule { pattern: weekly(&[Weekday::Mon], Weekday::Sun), end: until, ..ENDLESS_DAILY },
    ];
    for rule in rules {
        assert_eq!(Series::new(rule, whole_day("2026-03-01")), Err(InvalidSeries::NoOccurrence), "{rule:?}");
    }
}

#[test]
fn an_endless_series_ends_with_the_calendar() {
    let series = all_day(Pattern::Yearly { month: 8, day: 31 }, 1, RangeEnd::Never, "4498-08-31");
    assert_eq!(first_days(&series, 9), ["4498-08-31", "4499-08-31", "4500-08-31"]);
    assert_eq!(series.last_day(), None);
    let series = all_day(Pattern::Daily, 1, RangeEnd::Never, "4500-12-30");
    assert_eq!(first_days(&series, 9), ["4500-12-30", "4500-12-31"]);
    let series = all_day(weekly(&Weekdays::ORDER, Weekday::Mon), 1, RangeEnd::Never, "4500-12-30");
    assert_eq!(first_days(&series, 9), ["4500-12-30", "4500-12-31"]);
}

#[test]
fn an_end_behind_the_calendar_is_its_end() {
    let count = all_day(Pattern::Yearly { month: 1, day: 1 }, 999, RangeEnd::Count(999), "1601-01-01");
    assert_eq!(count.last_day(), Some(date("3599-01-01")));
    assert_eq!(count.days().count(), 3);
    let many = all_day(Pattern::Daily, 1, RangeEnd::Count(u32::MAX), "1601-01-01");
    assert_eq!(many.last_day(), Some(date("4500-12-31")));
    let until = all_day(Pattern::Monthly { day: 1 }, 1, RangeEnd::Until(date("9999-12-31")), "1601-01-01");
    assert_eq!(until.last_day(), Some(date("4500-12-01")));
    let never = RangeEnd::Until(NaiveDate::MAX.into());
    assert_eq!(all_day(Pattern::Yearly { month: 1, day: 1 }, u16::MAX, never, "2026-01-01").days().count(), 1);
}

#[test]
fn days_far_away_are_asked_for_without_walking_there() {
    // Walking from the beginning each time would take thousands of millions of
    // steps.
    let series = all_day(Pattern::Daily, 1, RangeEnd::Count(u32::MAX), "1601-01-01");
    let asked = date("4490-01-01").naive().iter_days().take(3_000);
    assert!(asked.into_iter().all(|day| series.falls_on(day.into())));
}

#[test]
fn a_start_in_no_calendar_makes_no_series() {
    let zone: Zone = "Pacific/Kiritimati".parse().unwrap();
    let rule = Rule { zone: Some(zone), ..ENDLESS_DAILY };
    let [least, most] = [i64::MIN, i64::MAX].map(Instant::from_epoch_milliseconds);
    for (start, end) in [(least, least), (most, most), (least, most), (at("2026-01-01T00:00:00Z"), most)] {
        let time = EventTime::timed(start, end, zone).unwrap();
        assert_eq!(Series::new(rule, time), Err(InvalidSeries::NoOccurrence));
    }
    let time = EventTime::all_day(NaiveDate::MIN.into(), NaiveDate::MAX.into()).unwrap();
    assert_eq!(Series::new(ENDLESS_DAILY, time), Err(InvalidSeries::NoOccurrence));
}

fn any_days() -> impl Strategy<Value = Weekdays> + Clone {
    prop::collection::vec(prop::sample::select(&Weekdays::ORDER[..]), 0..7)
        .prop_map(|days| days.into_iter().collect::<Weekdays>())
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    let instances = vec![Instance::First, Instance::Second, Instance::Third, Instance::Fourth, Instance::Last];
    let nth = (any_days(), prop::sample::select(instances));
    prop_oneof![
        Just(Pattern::Daily),
        (any_days(), prop::sample::select(&Weekdays::ORDER[..]))
            .prop_map(|(days, week_start)| Pattern::Weekly { days, week_start }),
        (0..34_u8).prop_map(|day| Pattern::Monthly { day }),
        nth.clone().prop_map(|(days, instance)| Pattern::MonthlyNth { days, instance }),
        (0..14_u8, 0..34_u8).prop_map(|(month, day)| Pattern::Yearly { month, day }),
        (0..14_u8, nth).prop_map(|(month, (days, instance))| Pattern::YearlyNth { month, days, instance }),
    ]
}

/// Days of our time, of the calendar, and of all times.
fn any_day() -> impl Strategy<Value = CivilDate> {
    let number = prop_oneof![4 => 693_000..767_000, 2 => 0..1_644_000, 1 => any::<i32>()];
    number.prop_map(|number| NaiveDate::from_num_days_from_ce_opt(number).unwrap_or(NaiveDate::MAX).into())
}

fn any_end() -> impl Strategy<Value = RangeEnd> {
    prop_oneof![
        Just(RangeEnd::Never),
        any::<u32>().prop_map(RangeEnd::Count),
        (0..50_u32).prop_map(RangeEnd::Count),
        any_day().prop_map(RangeEnd::Until),
    ]
}

fn midnight(day: CivilDate) -> Instant {
    day.naive().and_time(chrono::NaiveTime::MIN).and_utc().into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_rule_however_odd_panics_or_walks_far(
        (pattern, end) in (any_pattern(), any_end()),
        interval in prop_oneof![0..5_u16, any::<u16>()],
        (start, asked) in (any_day(), any_day()),
        (minutes, moment) in (0..40_000_i64, any::<i64>()),
        zone in prop::option::of(prop::sample::select(vec!["Europe/Berlin", "Pacific/Apia", "America/St_Johns"])),
    ) {
        let zone: Option<Zone> = zone.map(|name| name.parse().unwrap());
        let length = TimeDelta::minutes(minutes);
        let time = if let Some(zone) = zone {
            EventTime::timed(midnight(start), midnight(start).plus(length), zone)
        } else {
            let end = start.naive().checked_add_signed(length + TimeDelta::days(1));
            EventTime::all_day(start, end.unwrap_or(NaiveDate::MAX).into())
        };
        let Ok(time) = time else { return Ok(()) };
        let Ok(series) = Series::new(Rule { pattern, interval, end, zone }, time) else { return Ok(()) };

        prop_assert!(series.falls_on(series.first_day()));
        prop_assert_eq!(series.time_of(series.first_day()), Some(*series.first()));
        prop_assert_eq!(Series::new(*series.rule(), *series.first()), Ok(series.clone()));
        if let Some(last) = series.last_day() {
            prop_assert!(series.falls_on(last));
            prop_assert_eq!(series.days_from(last).count(), 1);
            prop_assert!(series.ends_at().is_some());
        }
        let mut previous = None;
        for day in series.days_from(asked).take(20) {
            prop_assert!(day >= asked && series.falls_on(day) && previous < Some(day));
            prop_assert_eq!(series.day_of(series.time_of(day).unwrap().span().0), Some(day));
            previous = Some(day);
        }
        series.time_of(asked);
        series.day_of(Instant::from_epoch_milliseconds(moment));
        let touching = series.days_touching(midnight(asked), midnight(asked).plus(TimeDelta::days(7)));
        prop_assert!(touching.is_sorted());
    }
}
