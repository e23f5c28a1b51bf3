//! Any series that is written is read again as the same one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use chrono::Weekday;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::mapping::{create_body, read_event};
use crate::model::{CivilDate, FieldGroup, FieldValue, Instance, Instant, LinkId, Record, Recurrence, Weekdays, Zone};

fn weekdays() -> impl Strategy<Value = Weekdays> {
    prop::collection::vec(0_usize..7, 1..5).prop_map(|days| days.into_iter().map(|day| Weekdays::ORDER[day]).collect())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let instance = prop::sample::select(vec![
        Instance::First,
        Instance::Second,
        Instance::Third,
        Instance::Fourth,
        Instance::Last,
    ]);
    let week_start = prop::sample::select(vec![Weekday::Sun, Weekday::Mon, Weekday::Wed, Weekday::Sat]);
    prop_oneof![
        Just(Pattern::Daily),
        (weekdays(), week_start).prop_map(|(days, week_start)| Pattern::Weekly { days, week_start }),
        (1_u8..32).prop_map(|day| Pattern::Monthly { day }),
        (weekdays(), instance.clone()).prop_map(|(days, instance)| Pattern::MonthlyNth { days, instance }),
        (1_u8..13, 1_u8..32).prop_map(|(month, day)| Pattern::Yearly { month, day }),
        (1_u8..13, weekdays(), instance).prop_map(|(month, days, instance)| Pattern::YearlyNth {
            month,
            days,
            instance
        }),
    ]
}

fn end() -> impl Strategy<Value = RangeEnd> {
    prop_oneof![
        Just(RangeEnd::Never),
        (1_u32..1_000).prop_map(RangeEnd::Count),
        (2040_i32..2060, 1_u32..13)
            .prop_map(|(year, month)| { RangeEnd::Until(CivilDate::from_parts(year, month, 28).unwrap()) }),
    ]
}

fn time() -> impl Strategy<Value = EventTime> {
    let zones = prop::sample::select(vec![
        "Europe/Berlin",
        "Europe/Vienna",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Metlakatla",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Kiritimati",
        "Antarctica/Troll",
        "Asia/Kolkata",
        "UTC",
    ]);
    let timed = (0_i64..350_000, 0_i64..3_000, zones).prop_map(|(quarter_hours, minutes, zone)| {
        let start = 1_483_228_800_000 + quarter_hours * 900_000;
        let at = |minutes: i64| Instant::from_epoch_milliseconds(start + minutes * 60_000);
        EventTime::timed(at(0), at(minutes), zone.parse::<Zone>().unwrap()).unwrap()
    });
    let whole = (2017_i32..2027, 1_u32..13, 1_u32..29, 1_i64..5).prop_map(|(year, month, day, days)| {
        let start = CivilDate::from_parts(year, month, day).unwrap();
        EventTime::all_day(start, (start.naive() + chrono::TimeDelta::days(days)).into()).unwrap()
    });
    prop_oneof![3 => timed, 1 => whole]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_series_that_is_written_is_read_again(pattern in pattern(), interval in 1_u16..13, end in end(), start in time()) {
        let rule = Rule { pattern, interval, end, zone: None };
        let (rule, first) = match normalised(rule, start) {
            // The rule's first day may begin in an hour that its zone's clocks skip.
            Err(RecurrenceIssue::FirstSkipped) => return Ok(()),
            normalised => normalised.unwrap(),
        };
        // The one form is its own.
        prop_assert_eq!(normalised(rule, first), Ok((rule, first)));
        let series: Record =
            [FieldValue::Time(first), FieldValue::Recurrence(Recurrence::Rule(rule))].into_iter().collect();
        let mut body = create_body(&series, &LinkId::new("l"));
        body["id"] = json!("1");
        let found = read_event(&serde_json::from_value(body.clone()).unwrap()).unwrap().record;
        prop_assert_eq!(found.rule(), Some(&rule), "{}", body);
        for group in [FieldGroup::Time, FieldGroup::Recurrence] {
            prop_assert!(found.get(group).unwrap().same_as(series.get(group).unwrap()), "{} {:?}", body, first);
        }
    }
}
