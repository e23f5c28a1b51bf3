#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use chrono::{DateTime, Weekday};
use serde_json::{Value, json};

use super::*;
use crate::graph::wire::PatternedRecurrence;
use crate::model::{CivilDate, Instance, Instant, Weekdays, Zone};
use crate::ports::RecurrenceLimits;

fn at(text: &str) -> Instant {
    Instant::from(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

fn date(text: &str) -> CivilDate {
    text.parse::<chrono::NaiveDate>().unwrap().into()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn timed(start: &str, end: &str, zone_name: &str) -> EventTime {
    EventTime::timed(at(start), at(end), zone(zone_name)).unwrap()
}

/// Monday, 2026-03-02, 10:00 to 11:00 in Berlin, as an answer has it.
fn monday() -> EventTime {
    timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "UTC")
}

fn days(names: &[Weekday]) -> Weekdays {
    names.iter().copied().collect()
}

fn wire(pattern: &Value, range: &Value) -> PatternedRecurrence {
    serde_json::from_value(json!({ "pattern": pattern, "range": range })).unwrap()
}

fn berlin(range: Value) -> Value {
    let mut range = range;
    range["recurrenceTimeZone"] = json!("W. Europe Standard Time");
    range
}

fn read(pattern: &Value, range: &Value) -> Result<(Rule, EventTime), RecurrenceIssue> {
    read_recurrence(&wire(pattern, range), monday(), Some("Tokyo Standard Time"))
}

fn rule(pattern: Pattern, interval: u16, end: RangeEnd) -> Rule {
    Rule { pattern, interval, end, zone: Some(zone("Europe/Berlin")) }
}

/// Every pattern with every range: what Graph says, what it means. The values
/// that a type has no use for are as Graph fills them in.
fn patterns() -> Vec<(Value, Pattern, u16)> {
    let unused = |mut pattern: Value| {
        for (name, value) in [("month", json!(0)), ("dayOfMonth", json!(0)), ("index", json!("first"))] {
            let fields = pattern.as_object_mut().unwrap();
            fields.entry(name).or_insert(value);
        }
        pattern
    };
    let (mon, fri) = (Weekday::Mon, Weekday::Fri);
    [
        (json!({ "type": "daily", "interval": 3, "daysOfWeek": [], "firstDayOfWeek": "sunday" }), Pattern::Daily, 3),
        (
            json!({ "type": "weekly", "interval": 2, "daysOfWeek": ["friday", "monday"], "firstDayOfWeek": "sunday" }),
            Pattern::Weekly { days: days(&[mon, fri]), week_start: Weekday::Sun },
            2,
        ),
        (json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31 }), Pattern::Monthly { day: 31 }, 1),
        (
            json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "last" }),
            Pattern::MonthlyNth { days: days(&[mon]), instance: Instance::Last },
            1,
        ),
        (
            json!({ "type": "absoluteYearly", "interval": 1, "month": 2, "dayOfMonth": 29 }),
            Pattern::Yearly { month: 2, day: 29 },
            1,
        ),
        (
            json!({ "type": "relativeYearly", "interval": 4, "month": 11, "daysOfWeek": ["monday"], "index": "second" }),
            Pattern::YearlyNth { month: 11, days: days(&[mon]), instance: Instance::Second },
            4,
        ),
    ]
    .map(|(json, pattern, interval)| (unused(json), pattern, interval))
    .into()
}

fn ranges() -> [(Value, RangeEnd); 3] {
    [
        (
            json!({ "type": "noEnd", "startDate": "2026-03-02", "endDate": "0001-01-01", "numberOfOccurrences": 0 }),
            RangeEnd::Never,
        ),
        (
            json!({ "type": "endDate", "startDate": "2026-03-02", "endDate": "2040-12-31", "numberOfOccurrences": 0 }),
            RangeEnd::Until(date("2040-12-31")),
        ),
        (
            json!({ "type": "numbered", "startDate": "2026-03-02", "endDate": "0001-01-01", "numberOfOccurrences": 7 }),
            RangeEnd::Count(7),
        ),
    ]
}

#[test]
fn every_pattern_is_read_with_every_range_and_written_as_it_was_read() {
    for (pattern_json, pattern, interval) in patterns() {
        for (range_json, end) in ranges() {
            let read = read(&pattern_json, &berlin(range_json.clone()));
            let (found, first) = read.unwrap_or_else(|issue| panic!("{pattern_json}: {issue}"));
            assert_eq!(found, rule(pattern, interval, end), "{pattern_json} {range_json}");
            let written = written_recurrence(&found, &first);
            let again = read_recurrence(&serde_json::from_value(written.clone()).unwrap(), first, None);
            assert_eq!(again, Ok((found, first)), "{written}");
            // Only what was said, and not what Graph filled in.
            for (name, value) in written["pattern"].as_object().unwrap() {
                if name == "daysOfWeek" {
                    assert_eq!(value.as_array().unwrap().len(), pattern_json[name].as_array().unwrap().len());
                } else {
                    assert_eq!(value, &pattern_json[name], "{name} of {pattern_json}");
                }
            }
        }
    }
}

#[test]
fn what_is_written_has_exactly_the_documented_properties() {
    let monthly = Pattern::MonthlyNth { days: Weekdays::WORKING, instance: Instance::Third };
    let table = [
        (
            rule(Pattern::Weekly { days: days(&[Weekday::Mon]), week_start: Weekday::Mon }, 1, RangeEnd::Never),
            json!({
                "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday" },
                "range": { "type": "noEnd", "startDate": "2026-03-02", "recurrenceTimeZone": "W. Europe Standard Time" },
            }),
        ),
        (
            rule(monthly, 2, RangeEnd::Count(3)),
            json!({
                "pattern": { "type": "relativeMonthly", "interval": 2, "index": "third",
                    "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"] },
                "range": { "type": "numbered", "numberOfOccurrences": 3, "startDate": "2026-03-02",
                    "recurrenceTimeZone": "W. Europe Standard Time" },
            }),
        ),
        (
            rule(Pattern::Daily, 1, RangeEnd::Until(date("2026-04-01"))),
            json!({
                "pattern": { "type": "daily", "interval": 1 },
                "range": { "type": "endDate", "endDate": "2026-04-01", "startDate": "2026-03-02",
                    "recurrenceTimeZone": "W. Europe Standard Time" },
            }),
        ),
    ];
    for (rule, expected) in table {
        assert_eq!(written_recurrence(&rule, &monday()), expected);
    }
}

#[test]
fn a_series_of_whole_days_has_no_zone() {
    let first = EventTime::all_day(date("2026-03-02"), date("2026-03-04")).unwrap();
    let pattern = json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday" });
    let range = json!({ "type": "noEnd", "startDate": "2026-03-02", "recurrenceTimeZone": "tzone://Microsoft/Custom" });
    let (rule, time) = read_recurrence(&wire(&pattern, &range), first, Some("Nowhere")).unwrap();
    assert_eq!((rule.zone, time), (None, first));
    let written = written_recurrence(&rule, &time);
    assert_eq!(written["range"], json!({ "type": "noEnd", "startDate": "2026-03-02" }));
    assert_eq!(written_series_time(&rule, &time)[2], ("isAllDay", json!(true)));
}

#[test]
fn the_first_occurrence_may_be_later_than_the_start() {
    let pattern = json!({ "type": "weekly", "interval": 2, "daysOfWeek": ["friday"], "firstDayOfWeek": "sunday" });
    let (_, first) = read(&pattern, &berlin(json!({ "type": "noEnd" }))).unwrap();
    assert_eq!(first, timed("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z", "Europe/Berlin"));
}

#[test]
fn a_rule_has_one_form_whatever_day_its_weeks_begin_on() {
    let weekly = |start: &str, interval: u16| {
        let pattern = json!({ "type": "weekly", "interval": interval, "daysOfWeek": ["monday", "wednesday"], "firstDayOfWeek": start });
        read(&pattern, &berlin(json!({ "type": "noEnd" }))).unwrap().0
    };
    assert_eq!(weekly("monday", 1), weekly("sunday", 1));
    // From a Monday on, Tuesday cuts Monday off from Wednesday.
    assert_ne!(weekly("tuesday", 2), weekly("sunday", 2));
}

#[test]
fn the_zone_of_a_series_is_its_own_and_else_the_one_it_was_created_in() {
    let pattern = json!({ "type": "daily", "interval": 1 });
    let table = [
        (
            json!({ "type": "noEnd", "recurrenceTimeZone": "W. Europe Standard Time" }),
            Some("Tokyo Standard Time"),
            "Europe/Berlin",
        ),
        (json!({ "type": "noEnd", "recurrenceTimeZone": "" }), Some("Tokyo Standard Time"), "Asia/Tokyo"),
        (json!({ "type": "noEnd" }), Some("Europe/Vienna"), "Europe/Berlin"),
        (json!({ "type": "noEnd", "recurrenceTimeZone": "UTC" }), Some("Tokyo Standard Time"), "UTC"),
    ];
    for (range, created_in, expected) in table {
        let rule = read_recurrence(&wire(&pattern, &range), monday(), created_in).map(|(rule, _)| rule.zone);
        assert_eq!(rule, Ok(Some(zone(expected))), "{range}");
    }
}

/// Fifteen and more rules that nobody can take over, each with its reason.
#[test]
fn a_rule_that_means_nothing_here_has_a_reason() {
    let daily = json!({ "type": "daily", "interval": 1 });
    let weekly =
        |days: Value| json!({ "type": "weekly", "interval": 1, "daysOfWeek": days, "firstDayOfWeek": "sunday" });
    let nth = |index: &str, days: Value| json!({ "type": "relativeMonthly", "interval": 1, "daysOfWeek": days, "index": index });
    let yearly =
        |month: i64, day: i64| json!({ "type": "absoluteYearly", "interval": 1, "month": month, "dayOfMonth": day });
    let endless = || berlin(json!({ "type": "noEnd" }));
    let zoned = |name: &str| json!({ "type": "noEnd", "recurrenceTimeZone": name });
    let table = [
        (json!({ "type": "hourly", "interval": 1 }), endless(), "recurrence-pattern", "`hourly`"),
        (json!({ "interval": 1 }), endless(), "recurrence-missing", "rule"),
        (json!({ "type": "daily", "interval": 0 }), endless(), "recurrence-interval", "1 to 65535"),
        (json!({ "type": "daily", "interval": -1 }), endless(), "recurrence-interval", "-1"),
        (json!({ "type": "daily", "interval": 70_000 }), endless(), "recurrence-interval", "70000"),
        (weekly(json!([])), endless(), "recurrence-no-days", "weekly"),
        (weekly(json!(["someday"])), endless(), "recurrence-day", "`someday`"),
        (nth("first", json!([])), endless(), "recurrence-no-days", "relative monthly"),
        (nth("fifth", json!(["monday"])), endless(), "recurrence-index", "`fifth`"),
        (
            json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 0 }),
            endless(),
            "recurrence-day-of-month",
            "1 to 31",
        ),
        (
            json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 32 }),
            endless(),
            "recurrence-day-of-month",
            "32",
        ),
        (yearly(13, 1), endless(), "recurrence-month", "13"),
        (yearly(0, 1), endless(), "recurrence-month", "1 to 12"),
        (yearly(1, 300), endless(), "recurrence-day-of-month", "300"),
        (daily.clone(), berlin(json!({ "type": "someday" })), "recurrence-range", "`someday`"),
        (daily.clone(), berlin(json!({})), "recurrence-missing", "rule"),
        (daily.clone(), berlin(json!({ "type": "endDate", "endDate": "soon" })), "recurrence-end-date", "2027-12-31"),
        (
            daily.clone(),
            berlin(json!({ "type": "endDate", "endDate": "2026-03-01" })),
            "recurrence-no-occurrence",
            "at least one",
        ),
        (daily.clone(), berlin(json!({ "type": "numbered", "numberOfOccurrences": 0 })), "recurrence-count", "from 1"),
        (daily.clone(), zoned("tzone://Microsoft/Custom"), "recurrence-zone", "`tzone://Microsoft/Custom`"),
        (daily.clone(), zoned("Customized Time Zone"), "recurrence-zone", "`Customized Time Zone`"),
        (daily, zoned("Mars/Olympus"), "recurrence-zone", "`Mars/Olympus`"),
    ];
    for (pattern, range, code, text) in table {
        let issue = read(&pattern, &range).expect_err(&format!("{pattern} {range}"));
        let message = issue.to_string();
        assert_eq!(issue.code(), code, "{pattern} {range}");
        assert!(message.contains(text), "{message}");
        assert!(message.starts_with("expected ") && !message.ends_with('.'), "{message}");
    }
    let without =
        read_recurrence(&wire(&json!({ "type": "daily", "interval": 1 }), &json!({ "type": "noEnd" })), monday(), None);
    assert_eq!(without, Err(RecurrenceIssue::NoZone));
}

#[test]
fn a_rule_that_a_side_cannot_hold_is_refused_by_part() {
    let weekly = |days: &[Weekday], week_start| Pattern::Weekly { days: self::days(days), week_start };
    let odd = days(&[Weekday::Mon, Weekday::Thu]);
    let oro = RecurrenceLimits::ORO;
    let monday_only = RecurrenceLimits { week_starts: days(&[Weekday::Mon]), ..oro };
    let (never, sun_mon) = (RangeEnd::Never, [Weekday::Sun, Weekday::Mon]);
    let table = [
        (Pattern::Daily, 100, never, oro, "recurrence-interval-too-long", "at most 99 in the daily"),
        (
            weekly(&sun_mon, Weekday::Sun),
            1_000,
            never,
            oro,
            "recurrence-interval-too-long",
            "at most 999 in the weekly",
        ),
        (Pattern::Monthly { day: 1 }, 1_000, never, oro, "recurrence-interval-too-long", "absolute monthly"),
        (Pattern::Yearly { month: 1, day: 1 }, 84, never, oro, "recurrence-interval-too-long", "at most 83"),
        (Pattern::Daily, 1, RangeEnd::Count(1_000), oro, "recurrence-count-too-large", "at most 999 occurrences"),
        (weekly(&sun_mon, Weekday::Mon), 2, never, oro, "recurrence-week-start", "Sun"),
        (
            Pattern::MonthlyNth { days: odd, instance: Instance::First },
            1,
            never,
            oro,
            "recurrence-nth-days",
            "Mon, Thu",
        ),
        (
            Pattern::YearlyNth { month: 1, days: odd, instance: Instance::Last },
            1,
            never,
            oro,
            "recurrence-nth-days",
            "relative yearly",
        ),
        (weekly(&sun_mon, Weekday::Sun), 2, never, monday_only, "recurrence-week-start", "found Sun"),
        (Pattern::Daily, 1_000, never, GRAPH_LIMITS, "recurrence-interval-too-long", "at most 999"),
        (weekly(&sun_mon, Weekday::Mon), 100, never, GRAPH_LIMITS, "recurrence-interval-too-long", "at most 99"),
        (Pattern::Daily, 1, RangeEnd::Count(1_000), GRAPH_LIMITS, "recurrence-count-too-large", "1000"),
        (Pattern::Daily, 0, never, oro, "recurrence-interval", "found 0"),
        (weekly(&[], Weekday::Sun), 1, never, oro, "recurrence-no-days", "weekly"),
        (Pattern::Yearly { month: 0, day: 1 }, 1, never, GRAPH_LIMITS, "recurrence-month", "1 to 12"),
        (Pattern::Monthly { day: 32 }, 1, never, GRAPH_LIMITS, "recurrence-day-of-month", "32"),
        (Pattern::Daily, 1, RangeEnd::Count(0), GRAPH_LIMITS, "recurrence-count", "from 1"),
    ];
    for (pattern, interval, end, limits, code, text) in table {
        let issue = rule_for_crm(&rule(pattern, interval, end), date("2026-03-01"), &limits).unwrap_err();
        assert_eq!(issue.code(), code, "{pattern:?}");
        assert!(issue.to_string().contains(text), "{issue}");
    }
}

#[test]
fn only_the_first_day_of_the_week_is_rewritten_and_only_if_the_days_stay() {
    let weekly = |days: &[Weekday], week_start| Pattern::Weekly { days: self::days(days), week_start };
    let never = RangeEnd::Never;
    let fits = |pattern: Pattern, interval: u16| {
        rule_for_crm(&rule(pattern, interval, never), date("2026-03-02"), &RecurrenceLimits::ORO)
    };
    let monday = weekly(&[Weekday::Mon], Weekday::Mon);
    assert_eq!(fits(monday, 2), Ok(rule(weekly(&[Weekday::Mon], Weekday::Sun), 2, never)));
    // Every week: whatever day it begins on.
    let both = [Weekday::Sun, Weekday::Mon];
    assert_eq!(fits(weekly(&both, Weekday::Mon), 1), Ok(rule(weekly(&both, Weekday::Sun), 1, never)));
    assert!(fits(weekly(&both, Weekday::Mon), 2).is_err());
    for days in [Weekdays::WORKING, Weekdays::WEEKEND, Weekdays::ALL, Weekdays::one(Weekday::Wed)] {
        let nth = Pattern::MonthlyNth { days, instance: Instance::Last };
        assert_eq!(fits(nth, 1), Ok(rule(nth, 1, never)));
    }
    let odd =
        rule(Pattern::MonthlyNth { days: days(&[Weekday::Mon, Weekday::Thu]), instance: Instance::First }, 1, never);
    assert_eq!(rule_for_graph(&odd, date("2026-03-02")), Ok(odd));
    let week_start = rule(weekly(&both, Weekday::Mon), 2, never);
    assert_eq!(rule_for_graph(&week_start, date("2026-03-02")), Ok(week_start));
}

#[test]
fn a_series_is_written_on_the_clock_of_its_zone_and_never_in_utc() {
    let daily = |zone_name: &str, end| Rule { pattern: Pattern::Daily, interval: 1, end, zone: Some(zone(zone_name)) };
    let table = [
        (
            timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "Europe/Vienna"),
            "W. Europe Standard Time",
            "2026-03-02T10:00:00",
        ),
        // An end in the hour that clocks show twice.
        (
            timed("2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "Europe/Berlin"),
            "W. Europe Standard Time",
            "2026-10-25T01:30:00",
        ),
        (timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "UTC"), "UTC", "2026-03-02T09:00:00"),
    ];
    for (time, name, start) in table {
        let EventTime::Timed { zone, .. } = time else { panic!("timed") };
        let (rule, first) = normalised(daily(zone.name(), RangeEnd::Never), time).unwrap();
        let written = written_series_time(&rule, &first);
        assert_eq!(written[0], ("start", json!({ "dateTime": start, "timeZone": name })));
        let recurrence = written_recurrence(&rule, &first);
        assert_eq!(recurrence["range"]["recurrenceTimeZone"], name);
        assert_eq!(recurrence["range"]["startDate"].as_str(), start.get(..10));
    }
}

#[test]
fn a_zone_whose_windows_name_means_other_clocks_is_written_by_its_own_name() {
    // Metlakatla, which Windows counts among Alaska, kept clocks of its own
    // until 2019.
    let daily = |end| Rule { pattern: Pattern::Daily, interval: 1, end, zone: None };
    let then = timed("2017-07-03T17:00:00Z", "2017-07-03T18:00:00Z", "America/Metlakatla");
    let during = normalised(daily(RangeEnd::Count(900)), then).unwrap();
    assert_eq!(during.0.zone, Some(zone("America/Metlakatla")));
    let written = written_recurrence(&during.0, &during.1);
    assert_eq!(written["range"]["recurrenceTimeZone"], "America/Metlakatla");
    assert_eq!(written_series_time(&during.0, &during.1)[0].1["timeZone"], "America/Metlakatla");
    // Read again, it is the same rule.
    let again = read_recurrence(&serde_json::from_value(written).unwrap(), during.1, None);
    assert_eq!(again, Ok(during));
    let now = timed("2026-07-06T17:00:00Z", "2026-07-06T18:00:00Z", "America/Metlakatla");
    let since = normalised(daily(RangeEnd::Never), now).unwrap();
    assert_eq!(since.0.zone, Some(zone("America/Anchorage")));
    assert_eq!(written_recurrence(&since.0, &since.1)["range"]["recurrenceTimeZone"], "Alaskan Standard Time");
}

#[test]
fn clocks_that_change_before_the_first_occurrence_do_not_count() {
    // Metlakatla joined Alaska's clocks on 2019-01-20, the first Sunday of this.
    let sundays = Pattern::Weekly { days: days(&[Weekday::Sun]), week_start: Weekday::Sun };
    let start = timed("2019-01-14T10:00:00Z", "2019-01-14T10:00:00Z", "America/Metlakatla");
    let (rule, first) = normalised(rule(sundays, 1, RangeEnd::Never), start).unwrap();
    assert_eq!(first, timed("2019-01-20T11:00:00Z", "2019-01-20T11:00:00Z", "America/Metlakatla"));
    assert_eq!(normalised(rule, first), Ok((rule, first)));
}
