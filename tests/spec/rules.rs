//! Rules of series: what both sides can say falls on the same days on both (Oro
//! rows C2 and C3; Graph `resources/recurrencepattern`,
//! `resources/recurrencerange`). What one of them cannot say is in
//! `inexpressible`.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tandem_tests::World;

use crate::calendar::wrote;

const FROM: &str = "2026-03-01T00:00:00Z";
/// Two years.
const TO: &str = "2028-03-02T00:00:00Z";
/// Long enough for three occurrences of every other year.
const TO_2030: &str = "2030-07-01T00:00:00Z";

/// How long the series of these scenarios take.
const LENGTH: TimeDelta = TimeDelta::minutes(45);

const ALL_DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// A series of 45 minutes in Outlook that begins at a reading of a zone's clock.
pub fn series_in_outlook(subject: &str, start: &str, zone: &str, pattern: &Value, range: &Value) -> Value {
    let end = start.parse::<NaiveDateTime>().unwrap() + LENGTH;
    let mut range = range.clone();
    range["startDate"] = json!(start[..10]);
    json!({
        "subject": subject,
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone},
        "recurrence": {"pattern": pattern, "range": range},
    })
}

/// A series of 45 minutes in the CRM; `rule` without start and zone.
pub fn series_in_crm(title: &str, start: &str, zone: &str, rule: &Value) -> Value {
    let end = start.parse::<DateTime<Utc>>().unwrap() + LENGTH;
    let mut rule = rule.clone();
    rule["startTime"] = json!(start);
    rule["timeZone"] = json!(zone);
    json!({"title": title, "start": start, "end": end.to_rfc3339(), "timeZone": zone, "recurrence": rule})
}

/// The days on which a title is shown.
pub fn days_of(shown: &[String], title: &str) -> Vec<String> {
    let ending = format!(" {title}");
    shown.iter().filter(|line| line.ends_with(&ending)).map(|line| line[..10].to_owned()).collect()
}

/// Code and message of each issue of a run.
pub fn issues(report: &Value) -> Vec<(String, String)> {
    let text = |issue: &Value, name: &str| issue[name].as_str().unwrap().to_owned();
    let issues = report["issues"].as_array().unwrap();
    issues.iter().map(|issue| (text(issue, "code"), text(issue, "message"))).collect()
}

/// Asserts that a run wrote nothing, and that one more does not either.
pub async fn settled(world: &World) {
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
}

/// C2, C3: the six patterns of Graph with each of its three ranges.
#[tokio::test]
async fn the_six_patterns_of_outlook_with_each_range_fall_on_the_same_days_in_the_crm() {
    let patterns = [
        ("Daily", "2026-03-10", json!({"type": "daily", "interval": 3})),
        (
            "Weekly",
            "2026-03-09",
            // Weeks from Monday on: with working days alone it is all the same.
            json!({
                "type": "weekly", "interval": 2, "daysOfWeek": ["monday", "wednesday", "friday"],
                "firstDayOfWeek": "monday",
            }),
        ),
        ("Monthly", "2026-03-15", json!({"type": "absoluteMonthly", "interval": 2, "dayOfMonth": 15})),
        (
            "Monthly by day",
            "2026-03-10",
            json!({"type": "relativeMonthly", "interval": 3, "daysOfWeek": ["tuesday"], "index": "second"}),
        ),
        ("Yearly", "2026-06-05", json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 5, "month": 6})),
        (
            "Yearly by day",
            "2026-05-10",
            json!({
                "type": "relativeYearly", "interval": 1, "daysOfWeek": ["sunday"], "index": "second", "month": 5,
            }),
        ),
    ];
    let ranges = [
        ("for ever", json!({"type": "noEnd"})),
        ("until", json!({"type": "endDate", "endDate": "2027-06-05"})),
        ("twice", json!({"type": "numbered", "numberOfOccurrences": 2})),
    ];
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    for (name, day, pattern) in &patterns {
        for (end, range) in &ranges {
            let start = format!("{day}T09:30:00");
            let subject = format!("{name} {end}");
            outlook.create(&series_in_outlook(&subject, &start, "W. Europe Standard Time", pattern, range)).await;
        }
    }
    let report = world.sync("anna").await;
    wrote(&report, [18, 0, 0], [0, 0, 0]);
    assert_eq!(issues(&report), []);
    let shown = world.assert_same("anna", FROM, TO).await;
    for (name, day, _) in &patterns {
        let days = |end: &str| days_of(&shown, &format!("{name} {end}"));
        assert_eq!(days("twice").len(), 2, "{name}");
        assert_eq!(days("twice"), days("for ever")[..2], "{name}");
        assert_eq!(days("for ever")[0], *day, "{name}");
        let until: Vec<String> = days("for ever").into_iter().filter(|day| day.as_str() <= "2027-06-05").collect();
        assert_eq!(days("until"), until, "{name}");
    }
    // The last day counts.
    assert_eq!(days_of(&shown, "Yearly until"), ["2026-06-05", "2027-06-05"]);
    settled(&world).await;
    assert!(world.mails().await.is_empty());
}

/// C3: the index from first to last, of a day, the working days, the weekend
/// and all days.
#[tokio::test]
async fn first_to_last_of_a_day_of_working_days_weekends_and_all_days_are_the_same_on_both_sides() {
    let sets: [(&str, &[&str]); 4] = [
        ("Thursday", &["thursday"]),
        ("working day", &ALL_DAYS[1..6]),
        ("weekend day", &["saturday", "sunday"]),
        ("day", &ALL_DAYS),
    ];
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    for index in ["first", "second", "third", "fourth", "last"] {
        for (name, days) in sets {
            let pattern = json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": days, "index": index});
            let subject = format!("{index} {name}");
            // No rule begins on this day: the first occurrence is later.
            let start = "2026-03-10T11:00:00";
            let series =
                series_in_outlook(&subject, start, "W. Europe Standard Time", &pattern, &json!({"type": "noEnd"}));
            outlook.create(&series).await;
        }
    }
    let report = world.sync("anna").await;
    wrote(&report, [20, 0, 0], [0, 0, 0]);
    assert_eq!(issues(&report), []);
    let shown = world.assert_same("anna", FROM, TO).await;
    let spring = |title: &str| days_of(&shown, title)[..2].to_vec();
    assert_eq!(spring("last working day"), ["2026-03-31", "2026-04-30"]);
    assert_eq!(spring("first weekend day"), ["2026-04-04", "2026-05-02"]);
    assert_eq!(spring("fourth Thursday"), ["2026-03-26", "2026-04-23"]);
    assert_eq!(spring("last day"), ["2026-03-31", "2026-04-30"]);
    settled(&world).await;
}

/// C3: a day that a month lacks is its last one, on both sides.
#[tokio::test]
async fn days_29_to_31_are_the_last_day_of_shorter_months_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    for day in [29, 30, 31] {
        let pattern = json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": day});
        let (subject, start) = (format!("Outlook {day}"), format!("2026-01-{day}T10:00:00"));
        let range = json!({"type": "noEnd"});
        outlook.create(&series_in_outlook(&subject, &start, "W. Europe Standard Time", &pattern, &range)).await;
        let rule = json!({"type": "monthly", "interval": 1, "dayOfMonth": day});
        let (title, start) = (format!("CRM {day}"), format!("2026-01-{day}T09:00:00Z"));
        world.crm_create("anna", &series_in_crm(&title, &start, "Europe/Berlin", &rule)).await;
    }
    let leap = json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2});
    let range = json!({"type": "noEnd"});
    let leap = series_in_outlook("Leap day", "2024-02-29T10:00:00", "W. Europe Standard Time", &leap, &range);
    outlook.create(&leap).await;
    wrote(&world.sync("anna").await, [4, 0, 0], [3, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    for side in ["Outlook", "CRM"] {
        for (day, april) in [(29, "2026-04-29"), (30, "2026-04-30"), (31, "2026-04-30")] {
            let days = days_of(&shown, &format!("{side} {day}"));
            assert_eq!(days.len(), 24, "{side} {day}: {days:?}");
            for expected in [april, "2027-02-28", "2028-02-29"] {
                assert!(days.iter().any(|found| found == expected), "{expected} in {side} {day}: {days:?}");
            }
        }
    }
    assert_eq!(days_of(&shown, "Leap day"), ["2027-02-28", "2028-02-29"]);
    settled(&world).await;
}

/// C3: the six types of Oro with each end; yearly ones count months, and an end
/// is an instant: the occurrence of that day counts if it has begun by then.
#[tokio::test]
async fn the_six_types_of_the_crm_with_each_end_fall_on_the_same_days_in_outlook() {
    // Title, start and start of the third occurrence: at nine in Berlin.
    let types = [
        ("Daily", "2026-03-24T08:00:00Z", "2026-03-30T07:00:00Z", json!({"type": "daily", "interval": 3})),
        (
            "Weekly",
            "2026-03-10T08:00:00Z",
            "2026-04-07T07:00:00Z",
            json!({"type": "weekly", "interval": 2, "dayOfWeek": ["tuesday"]}),
        ),
        (
            "Monthly",
            "2026-03-31T07:00:00Z",
            "2026-05-31T07:00:00Z",
            json!({"type": "monthly", "interval": 1, "dayOfMonth": 31}),
        ),
        (
            "Monthly by day",
            "2026-03-31T07:00:00Z",
            "2026-05-29T07:00:00Z",
            json!({"type": "monthnth", "interval": 1, "instance": 5, "dayOfWeek": ALL_DAYS[1..6]}),
        ),
        (
            "Every other year",
            "2026-06-05T07:00:00Z",
            "2030-06-05T07:00:00Z",
            json!({"type": "yearly", "interval": 24, "dayOfMonth": 5, "monthOfYear": 6}),
        ),
        (
            "Yearly by day",
            "2026-05-10T07:00:00Z",
            "2028-05-14T07:00:00Z",
            json!({"type": "yearnth", "interval": 12, "instance": 2, "dayOfWeek": ["sunday"], "monthOfYear": 5}),
        ),
    ];
    let world = World::connected().await;
    for (title, start, third, rule) in &types {
        let third: DateTime<Utc> = third.parse().unwrap();
        let ends = [
            ("for ever", json!({})),
            ("thrice", json!({"occurrences": 3})),
            ("until an hour later", json!({"endTime": (third + TimeDelta::hours(1)).to_rfc3339()})),
            ("until an hour earlier", json!({"endTime": (third - TimeDelta::hours(1)).to_rfc3339()})),
        ];
        for (name, end) in ends {
            let mut rule = rule.clone();
            rule.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
            world.crm_create("anna", &series_in_crm(&format!("{title} {name}"), start, "Europe/Berlin", &rule)).await;
        }
    }
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [24, 0, 0]);
    assert_eq!(issues(&report), []);
    let shown = world.assert_same("anna", FROM, TO_2030).await;
    for (title, start, third, _) in &types {
        let days = |end: &str| days_of(&shown, &format!("{title} {end}"));
        assert_eq!((days("thrice")[0].as_str(), days("thrice")[2].as_str()), (&start[..10], &third[..10]), "{title}");
        assert_eq!(days("thrice").len(), 3, "{title}");
        assert_eq!(days("thrice"), days("for ever")[..3], "{title}");
        assert_eq!(days("until an hour later"), days("thrice"), "{title}");
        assert_eq!(days("until an hour earlier"), days("thrice")[..2], "{title}");
    }
    settled(&world).await;
    assert!(world.mails().await.is_empty());
}

/// Neither side takes more than 999 occurrences, so none ever reaches the other.
#[tokio::test]
async fn a_thousand_occurrences_are_refused_by_both_sides_and_999_are_the_same() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let of_outlook = |count: u32| {
        let (pattern, range) =
            (json!({"type": "daily", "interval": 1}), json!({"type": "numbered", "numberOfOccurrences": count}));
        series_in_outlook("Outlook's", "2026-03-10T10:00:00", "W. Europe Standard Time", &pattern, &range)
    };
    let of_crm = |count: u32| {
        let rule = json!({"type": "daily", "interval": 1, "occurrences": count});
        series_in_crm("The CRM's", "2026-03-10T12:00:00Z", "Europe/Berlin", &rule)
    };
    assert_eq!(outlook.graph().post("/v1.0/me/events", &of_outlook(1000)).await.status, 400);
    let refused = world.crm.post("/api/calendar-events?user=anna", &of_crm(1000)).await;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    outlook.create(&of_outlook(999)).await;
    world.crm_create("anna", &of_crm(999)).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [1, 0, 0]);
    let shown = world.assert_same("anna", FROM, "2029-03-01T00:00:00Z").await;
    assert_eq!((days_of(&shown, "Outlook's").len(), days_of(&shown, "The CRM's").len()), (999, 999));
}
