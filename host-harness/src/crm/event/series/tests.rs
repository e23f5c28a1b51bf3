#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::Weekday;
use serde_json::{Value, json};

use super::*;
use crate::crm::fixtures::instant as utc;

/// An event with this rule (over a daily one in Berlin), an hour long.
fn event(start: &str, zone: &str, rule: &Value) -> EventValues {
    let mut fields = json!({"type": "daily", "interval": 1, "startTime": start, "timeZone": zone});
    fields.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
    let recurrence: Recurrence = serde_json::from_value(fields).unwrap();
    recurrence.validate().unwrap();
    EventValues {
        start: utc(start),
        end: utc(start) + TimeDelta::hours(1),
        recurrence: Some(recurrence),
        ..EventValues::blank(ZoneName::parse(zone, "timeZone").unwrap())
    }
}

fn series(start: &str, zone: &str, rule: &Value) -> Series {
    Series::of(&event(start, zone, rule)).unwrap().unwrap()
}

fn whole_days(start: &str, end: &str, zone: &str, rule: &Value) -> Series {
    let values = EventValues { all_day: true, end: utc(end), ..event(start, zone, rule) };
    Series::of(&values).unwrap().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The first `count` days.
fn days(series: &Series, count: usize) -> Vec<String> {
    series.days_from(NaiveDate::MIN).take(count).map(|day| day.to_string()).collect()
}

fn starts(series: &Series, count: usize) -> Vec<String> {
    let days = series.days_from(NaiveDate::MIN).take(count);
    days.map(|day| start_of(&series.time_of(day)).format("%m-%dT%H:%M").to_string()).collect()
}

const MONDAY: &str = "2026-03-02T09:00:00Z";

#[test]
fn each_type_falls_on_its_days() {
    for (rule, expected) in [
        (json!({"type": "daily", "interval": 3}), ["2026-03-02", "2026-03-05", "2026-03-08", "2026-03-11"]),
        (
            // Weeks begin on Sunday: that of the first week lies before the start.
            json!({"type": "weekly", "interval": 2, "dayOfWeek": ["sunday", "wednesday"]}),
            ["2026-03-04", "2026-03-15", "2026-03-18", "2026-03-29"],
        ),
        (json!({"type": "monthly", "dayOfMonth": 31}), ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]),
        (
            json!({"type": "monthnth", "instance": 5, "dayOfWeek": ["friday"]}),
            ["2026-03-27", "2026-04-24", "2026-05-29", "2026-06-26"],
        ),
        (
            json!({"type": "monthnth", "instance": 1, "interval": 3, "dayOfWeek": ["saturday", "sunday"]}),
            ["2026-06-06", "2026-09-05", "2026-12-05", "2027-03-06"],
        ),
        (
            json!({"type": "yearly", "interval": 12, "monthOfYear": 2, "dayOfMonth": 29}),
            ["2027-02-28", "2028-02-29", "2029-02-28", "2030-02-28"],
        ),
        (
            json!({"type": "yearnth", "interval": 24, "monthOfYear": 11, "instance": 4, "dayOfWeek": ["thursday"]}),
            ["2026-11-26", "2028-11-23", "2030-11-28", "2032-11-25"],
        ),
    ] {
        assert_eq!(days(&series(MONDAY, "Europe/Berlin", &rule), 4), expected, "{rule}");
    }
}

/// Whether a day belongs to a rule, from the rule's meaning and not from its
/// periods.
fn belongs(rule: &SeriesRule, first: NaiveDate, day: NaiveDate) -> bool {
    let months = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap();
    let every = |passed: i64| passed >= 0 && passed % i64::from(rule.interval) == 0;
    let last = |day: NaiveDate| (day + Days::new(1)).month() != day.month();
    let on = |day: NaiveDate, wanted: u32| day.day() == wanted || (day.day() < wanted && last(day));
    let fits = |days: &[DayOfWeek], day: NaiveDate| days.contains(&DayOfWeek::of(day));
    let nth = |days: &[DayOfWeek], instance: u32| {
        let so_far = (1..=day.day()).filter(|number| fits(days, day.with_day(*number).unwrap())).count();
        let later = day.iter_days().skip(1).take_while(|other| other.month() == day.month()).any(|d| fits(days, d));
        fits(days, day) && if instance == INSTANCE_LAST { !later } else { so_far == instance as usize }
    };
    match &rule.pattern {
        Pattern::Daily => every((day - first).num_days()),
        Pattern::Weekly(days) => {
            let week = |day: NaiveDate| day.week(Weekday::Sun).first_day();
            fits(days, day) && every((week(day) - week(first)).num_weeks())
        }
        Pattern::Monthly(wanted) => on(day, *wanted) && every(i64::from(months(day) - months(first))),
        Pattern::MonthNth(days, instance) => nth(days, *instance) && every(i64::from(months(day) - months(first))),
        Pattern::Yearly { month, day: wanted } => {
            day.month() == *month && on(day, *wanted) && every(i64::from(day.year() - first.year()))
        }
        Pattern::YearNth { month, days, instance } => {
            day.month() == *month && nth(days, *instance) && every(i64::from(day.year() - first.year()))
        }
    }
}

#[test]
fn the_days_are_those_that_belong_to_the_rule() {
    let sets = [json!(["monday"]), json!(["saturday", "sunday"])];
    let mut rules = vec![json!({"type": "daily"})];
    for day in [1, 15, 29, 30, 31] {
        rules.push(json!({"type": "monthly", "dayOfMonth": day}));
        rules.push(json!({"type": "yearly", "monthOfYear": 2, "dayOfMonth": day}));
    }
    for set in &sets {
        rules.push(json!({"type": "weekly", "dayOfWeek": set}));
        for instance in 1..=5 {
            rules.push(json!({"type": "monthnth", "instance": instance, "dayOfWeek": set}));
            rules.push(json!({"type": "yearnth", "monthOfYear": 12, "instance": instance, "dayOfWeek": set}));
        }
    }
    for fields in rules {
        let yearly = fields["type"].as_str().unwrap().starts_with("year");
        for interval in [1, 2, 5] {
            let mut fields = fields.clone();
            fields["interval"] = json!(if yearly { interval * 12 } else { interval });
            let series = series("2024-01-31T12:00:00Z", "UTC", &fields);
            let until = date("2035-01-01");
            let anchor = date("2024-01-31");
            let expected: Vec<NaiveDate> = anchor
                .iter_days()
                .take_while(|day| *day < until)
                .filter(|day| belongs(&series.rule, anchor, *day))
                .collect();
            let found: Vec<NaiveDate> = series.days_from(anchor).take_while(|day| *day < until).collect();
            assert_eq!(found, expected, "{fields}");
            let middle = date("2029-06-10");
            let later: Vec<NaiveDate> = series.days_from(middle).take_while(|day| *day < until).collect();
            assert_eq!(later, expected.into_iter().filter(|day| *day >= middle).collect::<Vec<_>>(), "{fields}");
        }
    }
}

#[test]
fn the_time_on_the_wall_stays_when_the_clocks_change() {
    let weekly = json!({"type": "weekly", "dayOfWeek": ["monday"]});
    let series = series("2026-03-23T08:00:00Z", "Europe/Berlin", &weekly);
    assert_eq!(starts(&series, 2), ["03-23T08:00", "03-30T07:00"]);
}

#[test]
fn a_time_that_the_clock_skips_is_later_and_one_that_it_repeats_is_the_first() {
    // 2:30 in Berlin.
    let spring = series("2026-03-28T01:30:00Z", "Europe/Berlin", &json!({}));
    assert_eq!(starts(&spring, 3), ["03-28T01:30", "03-29T01:30", "03-30T00:30"]);
    let autumn = series("2026-10-24T00:30:00Z", "Europe/Berlin", &json!({}));
    assert_eq!(starts(&autumn, 3), ["10-24T00:30", "10-25T00:30", "10-26T01:30"]);
}

#[test]
fn days_are_those_of_the_rules_zone() {
    // Monday 20:00 in New York is Tuesday in UTC.
    let rule = json!({"type": "weekly", "dayOfWeek": ["monday"], "timeZone": "America/New_York"});
    let series = series("2026-03-03T01:00:00Z", "Europe/Berlin", &rule);
    assert_eq!(starts(&series, 2), ["03-03T01:00", "03-10T00:00"]);
}

#[test]
fn an_end_counts_in_the_day_only_from_the_occurrences_start_on() {
    let until = |end: &str| days(&series(MONDAY, "Europe/Berlin", &json!({"endTime": end})), 9).len();
    assert_eq!(until("2026-03-04T08:59:59Z"), 2);
    assert_eq!(until("2026-03-04T09:00:00Z"), 3);
    assert_eq!(until("2026-03-04T22:59:59Z"), 3);
    // Already the next day in Berlin, before its occurrence.
    assert_eq!(until("2026-03-04T23:30:00Z"), 3);
    let none = series(MONDAY, "Europe/Berlin", &json!({"type": "monthly", "dayOfMonth": 20, "endTime": MONDAY}));
    assert_eq!(days(&none, 1), Vec::<String>::new());
}

#[test]
fn a_number_of_occurrences_is_counted_from_the_first_one() {
    let series = series(MONDAY, "Europe/Berlin", &json!({"occurrences": 3}));
    assert_eq!(days(&series, 9), ["2026-03-02", "2026-03-03", "2026-03-04"]);
    assert_eq!(series.days_from(date("2026-03-04")).count(), 1);
    assert!(series.falls_on(date("2026-03-04")) && !series.falls_on(date("2026-03-05")));
}

#[test]
fn a_series_begins_where_both_the_event_and_its_rule_do() {
    let rule = json!({"interval": 2, "startTime": "2026-03-05T15:00:00Z"});
    let later_rule = series(MONDAY, "Europe/Berlin", &rule);
    assert_eq!(starts(&later_rule, 2), ["03-05T09:00", "03-07T09:00"]);
    let rule = json!({"interval": 2, "startTime": "2026-03-01T15:00:00Z"});
    let earlier_rule = series(MONDAY, "Europe/Berlin", &rule);
    assert_eq!(starts(&earlier_rule, 2), ["03-03T09:00", "03-05T09:00"]);
}

#[test]
fn whole_days_are_days_whatever_wrote_them() {
    let monthly = json!({"type": "monthly", "dayOfMonth": 31, "endTime": "2026-05-31T10:00:00Z"});
    let expected = ["2026-03-31", "2026-04-30", "2026-05-31"];
    for zone in ["Pacific/Auckland", "America/Los_Angeles", "Europe/London"] {
        let in_utc = whole_days("2026-03-31T00:00:00Z", "2026-04-01T23:59:00Z", zone, &monthly);
        assert_eq!(days(&in_utc, 9), expected, "{zone}");
        let EventTime::AllDay(last) = in_utc.time_of(date("2026-05-31")) else { panic!("expected whole days") };
        assert_eq!(last.end_before, date("2026-06-02"));
        assert_eq!(in_utc.day_of(utc("2026-04-30T00:00:00Z")), Some(date("2026-04-30")), "{zone}");
    }
    let local = whole_days("2026-03-30T22:00:00Z", "2026-03-31T21:59:00Z", "Europe/Berlin", &monthly);
    assert_eq!(days(&local, 9), expected);
    assert_eq!(local.day_of(utc("2026-04-29T22:00:00Z")), Some(date("2026-04-30")));
}

#[test]
fn an_original_start_names_the_nearest_occurrence() {
    let series = series(MONDAY, "Europe/Berlin", &json!({"type": "weekly", "dayOfWeek": ["monday"]}));
    for near in ["2026-03-09T09:00:00Z", "2026-03-09T09:00:59Z", "2026-03-09T08:00:00Z", "2026-03-09T22:00:00Z"] {
        assert_eq!(series.day_of(utc(near)), Some(date("2026-03-09")), "{near}");
    }
    assert_eq!(series.day_of(utc("2026-03-11T09:00:00Z")), None);
    assert_eq!(series.day_of(utc("2026-02-23T09:00:00Z")), None);
}

#[test]
fn a_rule_comes_back_from_oros_words_as_it_was() {
    let zone = ZoneName::parse("America/New_York", "timeZone").unwrap();
    let timed = EventTime::Timed(Timed { start: utc("2026-02-28T17:00:00Z"), end: utc("2026-02-28T18:00:00Z"), zone });
    let days = AllDay { start_on: date("2026-02-28"), end_before: date("2026-03-01") };
    let weekend = vec![DayOfWeek::Sunday, DayOfWeek::Saturday];
    let patterns = [
        Pattern::Daily,
        Pattern::Weekly(weekend.clone()),
        Pattern::Monthly(28),
        Pattern::MonthNth(weekend.clone(), 5),
        Pattern::Yearly { month: 2, day: 28 },
        Pattern::YearNth { month: 2, days: weekend, instance: 5 },
    ];
    let ends = [SeriesEnd::Never, SeriesEnd::Count(999), SeriesEnd::Until(date("2026-11-01"))];
    for (time, pattern) in
        [timed, EventTime::AllDay(days)].iter().flat_map(|time| patterns.iter().map(move |p| (time, p)))
    {
        for end in ends {
            let rule = SeriesRule { pattern: pattern.clone(), interval: 2, end };
            let mut values = EventValues::blank(ZoneName::parse("Europe/London", "timeZone").unwrap());
            values.set_time(time);
            values.recurrence = Some(rule.recurrence(time));
            let series = Series::of(&values).unwrap().unwrap();
            assert_eq!((series.rule, series.first), (rule, *time));
        }
    }
}

#[test]
fn a_rule_that_no_write_lets_pass_is_damage() {
    let mut values = event(MONDAY, "UTC", &json!({}));
    values.recurrence.as_mut().unwrap().interval = 0;
    assert!(matches!(Series::of(&values), Err(CrmError::Damaged { .. })));
}

#[test]
fn an_endless_series_ends_with_the_calendar() {
    let series = series(
        "9990-01-01T00:00:00Z",
        "UTC",
        &json!({"type": "yearly", "interval": 12,
        "monthOfYear": 1, "dayOfMonth": 1}),
    );
    assert_eq!(series.days_from(NaiveDate::MIN).count(), 9);
}
