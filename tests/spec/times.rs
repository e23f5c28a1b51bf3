//! Times: zones and their changes of the clock, whole days, and what happens to
//! an event whose zone is another one or none (Oro rows C2 and C3; Graph
//! `resources/datetimetimezone`; pitfalls 9 and 10).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::rules::{days_of, issues, series_in_crm, series_in_outlook};
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-02-01T00:00:00Z";
/// Two years: each clock is changed four times.
const TO: &str = "2028-03-01T00:00:00Z";

/// A zone, its Windows name, Wednesday the 4th of March at ten there, and the
/// times of day that this is in UTC over the year.
const ZONES: [(&str, &str, &str, &[&str]); 7] = [
    ("Europe/Vienna", "W. Europe Standard Time", "2026-03-04T09:00:00Z", &["08:00", "09:00"]),
    ("America/New_York", "Eastern Standard Time", "2026-03-04T15:00:00Z", &["14:00", "15:00"]),
    ("Asia/Kolkata", "India Standard Time", "2026-03-04T04:30:00Z", &["04:30"]),
    ("Australia/Lord_Howe", "Lord Howe Standard Time", "2026-03-03T23:00:00Z", &["23:00", "23:30"]),
    ("America/Sao_Paulo", "E. South America Standard Time", "2026-03-04T13:00:00Z", &["13:00"]),
    ("Pacific/Apia", "Samoa Standard Time", "2026-03-03T21:00:00Z", &["21:00"]),
    ("Europe/London", "GMT Standard Time", "2026-03-04T10:00:00Z", &["09:00", "10:00"]),
];

/// The times of day, in UTC, at which a title begins.
fn hours_of(shown: &[String], title: &str) -> BTreeSet<String> {
    let ending = format!(" {title}");
    shown.iter().filter(|line| line.ends_with(&ending)).map(|line| line[11..16].to_owned()).collect()
}

fn set(hours: &[&str]) -> BTreeSet<String> {
    hours.iter().map(|hour| (*hour).to_owned()).collect()
}

async fn settled(world: &World, login: &str) {
    wrote(&world.sync(login).await, [0, 0, 0], [0, 0, 0]);
}

/// Pitfall 9: anchored in UTC, a series would be an hour off for half a year.
#[tokio::test]
async fn a_series_of_the_crm_is_written_in_its_own_zone_and_keeps_its_hour_over_both_changes() {
    let world = World::connected().await;
    let rule = json!({"type": "weekly", "interval": 1, "dayOfWeek": ["wednesday"]});
    for (zone, _, start, _) in ZONES {
        world.crm_create("anna", &series_in_crm(zone, start, zone, &rule)).await;
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [7, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    let masters = world.outlook("anna").await.events().await;
    for (zone, windows, _, hours) in ZONES {
        let master = Outlook::only(&masters, zone);
        assert_eq!(master["recurrence"]["range"]["recurrenceTimeZone"], windows, "{zone}");
        assert_eq!(master["originalStartTimeZone"], windows, "{zone}");
        assert_eq!(master["originalEndTimeZone"], windows, "{zone}");
        assert_eq!(hours_of(&shown, zone), set(hours), "{zone}");
        assert!(days_of(&shown, zone).len() >= 103, "{zone}");
    }
    settled(&world, "anna").await;
}

/// Pitfall 9, the other way round; whether the name is of Windows or of IANA.
#[tokio::test]
async fn a_series_of_outlook_is_read_in_its_own_zone_and_keeps_its_hour_over_both_changes() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["wednesday"], "firstDayOfWeek": "sunday"});
    for (zone, windows, ..) in ZONES {
        for name in [zone, windows] {
            let range = json!({"type": "noEnd"});
            outlook.create(&series_in_outlook(name, "2026-03-04T10:00:00", name, &pattern, &range)).await;
        }
    }
    wrote(&world.sync("anna").await, [14, 0, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    let events = world.crm_events("anna").await;
    for (zone, windows, start, hours) in ZONES {
        for name in [zone, windows] {
            assert_eq!(hours_of(&shown, name), set(hours), "{name}");
            let event = World::only(&events, name);
            assert_eq!(event["start"], start, "{name}");
            assert_eq!(event["timeZone"], event["recurrence"]["timeZone"], "{name}");
            // Exchange takes Vienna and Berlin for one zone.
            let expected = if zone == "Europe/Vienna" && name == windows { "Europe/Berlin" } else { zone };
            assert_eq!(event["timeZone"], expected, "{name}");
        }
    }
    settled(&world, "anna").await;
}

/// Both sides show an occurrence in the skipped hour as much later as the clock
/// was put forward, and one in the hour that comes twice the first time.
#[tokio::test]
async fn occurrences_in_the_skipped_and_in_the_repeated_hour_are_at_the_same_instant_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    // Zone and reading, and the first start in UTC.
    let series = [
        ("Europe/Berlin", "2026-03-27T02:10:00", "2026-03-27T01:10:00Z"),
        ("Europe/Berlin", "2026-10-23T02:10:00", "2026-10-23T00:10:00Z"),
        ("Europe/London", "2026-03-27T01:10:00", "2026-03-27T01:10:00Z"),
        ("Europe/London", "2026-10-23T01:10:00", "2026-10-23T00:10:00Z"),
        ("America/New_York", "2026-10-30T01:10:00", "2026-10-30T05:10:00Z"),
        ("Australia/Lord_Howe", "2026-10-02T02:10:00", "2026-10-01T15:40:00Z"),
        ("Australia/Lord_Howe", "2026-04-03T01:40:00", "2026-04-02T14:40:00Z"),
    ];
    let pattern = json!({"type": "daily", "interval": 1});
    let range = json!({"type": "numbered", "numberOfOccurrences": 5});
    let rule = json!({"type": "daily", "interval": 1, "occurrences": 5});
    for (zone, local, start) in series {
        let title = |side: &str| format!("{side} {zone} {local}");
        outlook.create(&series_in_outlook(&title("Outlook"), local, zone, &pattern, &range)).await;
        world.crm_create("anna", &series_in_crm(&title("CRM"), start, zone, &rule)).await;
    }
    let report = world.sync("anna").await;
    wrote(&report, [7, 0, 0], [7, 0, 0]);
    assert_eq!(issues(&report), []);
    let shown = world.assert_same("anna", FROM, TO).await;
    let starts = |title: &str| -> Vec<&str> {
        shown.iter().filter(|line| line.ends_with(&format!(" {title}"))).map(|line| &line[..20]).collect()
    };
    for side in ["Outlook", "CRM"] {
        let skipped = starts(&format!("{side} Europe/Berlin 2026-03-27T02:10:00"));
        assert_eq!(skipped[1..4], ["2026-03-28T01:10:00Z", "2026-03-29T01:10:00Z", "2026-03-30T00:10:00Z"]);
        let repeated = starts(&format!("{side} Europe/Berlin 2026-10-23T02:10:00"));
        assert_eq!(repeated[1..4], ["2026-10-24T00:10:00Z", "2026-10-25T00:10:00Z", "2026-10-26T01:10:00Z"]);
        for (zone, local, start) in series {
            let found = starts(&format!("{side} {zone} {local}"));
            assert_eq!((found.len(), found[0]), (5, start), "{side} {zone} {local}");
        }
    }
    settled(&world, "anna").await;
}

/// A single event in the hour that comes twice: which of the two is kept.
#[tokio::test]
async fn single_events_in_both_passes_of_the_repeated_hour_keep_their_instants() {
    let world = World::connected().await;
    for (title, start, end) in [
        ("First", "2026-10-25T00:30:00Z", "2026-10-25T00:50:00Z"),
        ("Second", "2026-10-25T01:30:00Z", "2026-10-25T01:50:00Z"),
        ("Over both", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
    ] {
        world.crm_create_timed("anna", title, start, end).await;
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [3, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert!(shown.contains(&"2026-10-25T01:30:00Z 2026-10-25T01:50:00Z Second".to_owned()), "{shown:?}");
    settled(&world, "anna").await;
    for event in world.crm_events("anna").await {
        assert_eq!(event["timeZone"], "Europe/Berlin", "{event}");
    }
}

#[tokio::test]
async fn a_flight_that_ends_in_another_zone_keeps_its_instants_and_both_zones() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let flight = json!({
        "subject": "Flight", "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": "2026-03-10T13:00:00", "timeZone": "Eastern Standard Time"},
    });
    let id = outlook.create(&flight).await["id"].as_str().unwrap().to_owned();
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    // New York has summer time already, Berlin has not.
    assert_eq!(world.assert_same("anna", FROM, TO).await, ["2026-03-10T08:00:00Z 2026-03-10T17:00:00Z Flight"]);
    let crm = World::only(&world.crm_events("anna").await, "Flight");
    world.crm_update(&crm["id"], &json!({"title": "Flight, seat 7"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let theirs = outlook.event(&id).await.unwrap();
    let zones = ["originalStartTimeZone", "originalEndTimeZone"].map(|name| theirs[name].as_str().unwrap());
    assert_eq!(zones, ["W. Europe Standard Time", "Eastern Standard Time"]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 1);
    settled(&world, "anna").await;
}

/// Where people live, and midnight there on the 10th of March as an instant.
const HOMES: [(&str, &str, &str); 6] = [
    ("west", "Etc/GMT+12", "2026-03-10T12:00:00Z"),
    ("angeles", "America/Los_Angeles", "2026-03-10T07:00:00Z"),
    ("utc", "UTC", "2026-03-10T00:00:00Z"),
    ("kolkata", "Asia/Kolkata", "2026-03-09T18:30:00Z"),
    ("apia", "Pacific/Apia", "2026-03-09T11:00:00Z"),
    ("east", "Pacific/Kiritimati", "2026-03-09T10:00:00Z"),
];

/// Users all around the world, connected.
async fn around_the_world() -> World {
    let world = World::empty().await;
    world.configure().await;
    for (login, zone, _) in HOMES {
        world.add_user_in(login, "Acme", zone).await;
        world.connect(login).await;
    }
    world
}

/// So many days from midnight on as Oro keeps them: until the last minute of
/// the last day.
fn whole_days(title: &str, zone: &str, midnight: &str, days: i64) -> Value {
    let start: chrono::DateTime<chrono::Utc> = midnight.parse().unwrap();
    let end = start + chrono::TimeDelta::days(days) - chrono::TimeDelta::minutes(1);
    json!({"title": title, "allDay": true, "start": midnight, "end": end.to_rfc3339(), "timeZone": zone})
}

/// Pitfall 10, C2: days are dates. Oro's last day is counted in, Graph's is not.
#[tokio::test]
async fn whole_days_of_the_crm_are_the_same_dates_in_outlook_wherever_the_user_lives() {
    let world = around_the_world().await;
    for (login, zone, midnight) in HOMES {
        world.crm_create(login, &whole_days("Day off", zone, midnight, 1)).await;
        world.crm_create(login, &whole_days("Fair", zone, midnight, 3)).await;
        let mut series = whole_days("Shift", zone, midnight, 2);
        series["recurrence"] = json!({
            "type": "weekly", "interval": 1, "dayOfWeek": ["tuesday"], "startTime": midnight, "occurrences": 4,
            "timeZone": zone,
        });
        world.crm_create(login, &series).await;
        wrote(&world.sync(login).await, [0, 0, 0], [3, 0, 0]);
        let shown = world.assert_same(login, FROM, TO).await;
        let expected = [
            "2026-03-10 2026-03-11 Day off",
            "2026-03-10 2026-03-12 Shift",
            "2026-03-10 2026-03-13 Fair",
            "2026-03-17 2026-03-19 Shift",
            "2026-03-24 2026-03-26 Shift",
            "2026-03-31 2026-04-02 Shift",
        ];
        assert_eq!(shown, expected, "{login}");
        settled(&world, login).await;
        // A title from there does not move the days.
        let outlook = world.outlook(login).await;
        for event in outlook.events().await {
            outlook.update(event["id"].as_str().unwrap(), &json!({"subject": "Renamed"})).await;
        }
        wrote(&world.sync(login).await, [0, 3, 0], [0, 0, 0]);
        let renamed = world.assert_same(login, FROM, TO).await;
        let dates = |lines: &[String]| -> Vec<String> { lines.iter().map(|line| line[..21].to_owned()).collect() };
        assert_eq!(dates(&renamed), dates(&shown), "{login}");
        settled(&world, login).await;
    }
}

/// Pitfall 10, the other way round.
#[tokio::test]
async fn whole_days_of_outlook_are_the_same_dates_in_the_crm_wherever_the_user_lives() {
    let world = around_the_world().await;
    for (login, zone, _) in HOMES {
        let outlook = world.outlook(login).await;
        let days = |subject: &str, last: &str| {
            json!({
                "subject": subject, "isAllDay": true,
                "start": {"dateTime": "2026-03-10T00:00:00", "timeZone": zone},
                "end": {"dateTime": format!("{last}T00:00:00"), "timeZone": zone},
            })
        };
        outlook.create(&days("Day off", "2026-03-11")).await;
        let fair = outlook.create(&days("Fair", "2026-03-13")).await;
        let mut series = days("Shift", "2026-03-12");
        series["recurrence"] = json!({
            "pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 10},
            "range": {"type": "endDate", "startDate": "2026-03-10", "endDate": "2026-05-10"},
        });
        outlook.create(&series).await;
        wrote(&world.sync(login).await, [3, 0, 0], [0, 0, 0]);
        let expected = [
            "2026-03-10 2026-03-11 Day off",
            "2026-03-10 2026-03-12 Shift",
            "2026-03-10 2026-03-13 Fair",
            "2026-04-10 2026-04-12 Shift",
            "2026-05-10 2026-05-12 Shift",
        ];
        assert_eq!(world.assert_same(login, FROM, TO).await, expected, "{login}");
        settled(&world, login).await;

        // A day longer, there; renamed, here.
        outlook.update(fair["id"].as_str().unwrap(), &days("Fair", "2026-03-14")).await;
        wrote(&world.sync(login).await, [0, 1, 0], [0, 0, 0]);
        for event in world.crm_events(login).await {
            world.crm_update(&event["id"], &json!({"title": "Renamed"})).await;
        }
        wrote(&world.sync(login).await, [0, 0, 0], [0, 3, 0]);
        let shown = world.assert_same(login, FROM, TO).await;
        assert!(shown.contains(&"2026-03-10 2026-03-14 Renamed".to_owned()), "{login}: {shown:?}");
        assert!(shown.contains(&"2026-05-10 2026-05-12 Renamed".to_owned()), "{login}: {shown:?}");
        settled(&world, login).await;
    }
}

/// Graph `api/event-update`: the zone of a series moves only with its rule.
#[tokio::test]
async fn a_series_that_is_moved_to_another_zone_on_one_side_is_moved_on_the_other() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let master = outlook.create(&weekly_in_outlook()).await;
    world.sync("anna").await;
    let crm = World::only(&world.crm_events("anna").await, "Jour fixe");
    // At ten in New York, where the clocks are already those of summer.
    let clock =
        |hour: u32| json!({"dateTime": format!("2026-03-09T{hour}:00:00"), "timeZone": "Eastern Standard Time"});
    let mut recurrence = weekly_in_outlook()["recurrence"].clone();
    recurrence["range"] = json!({"type": "numbered", "startDate": "2026-03-09", "numberOfOccurrences": 40});
    let moved = json!({"start": clock(10), "end": clock(11), "recurrence": recurrence});
    outlook.update(master["id"].as_str().unwrap(), &moved).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), hours_of(&shown, "Jour fixe")), (40, set(&["14:00", "15:00"])));
    let event = World::only(&world.crm_events("anna").await, "Jour fixe");
    assert_eq!((&event["id"], &event["recurrence"]["timeZone"]), (&crm["id"], &json!("America/New_York")));
    settled(&world, "anna").await;

    // And on to Tokyo, by the CRM.
    let mut rule = event["recurrence"].clone();
    rule["timeZone"] = json!("Asia/Tokyo");
    rule["startTime"] = json!("2026-03-09T01:00:00Z");
    let change = json!({
        "start": "2026-03-09T01:00:00Z", "end": "2026-03-09T02:00:00Z", "timeZone": "Asia/Tokyo", "recurrence": rule,
    });
    world.crm_update(&crm["id"], &change).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), hours_of(&shown, "Jour fixe")), (40, set(&["01:00"])));
    let m365 = Outlook::only(&outlook.events().await, "Jour fixe");
    assert_eq!(m365["id"], master["id"]);
    assert_eq!(m365["recurrence"]["range"]["recurrenceTimeZone"], "Tokyo Standard Time");
    settled(&world, "anna").await;
}

/// What was planned in UTC is planned in UTC: for a series that is a meaning of
/// its own.
#[tokio::test]
async fn what_is_planned_in_utc_stays_in_utc_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook.create_timed("Launch", "2026-03-20T09:00:00", "2026-03-20T10:00:00").await;
    let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["friday"], "firstDayOfWeek": "sunday"});
    let series = series_in_outlook("Orbit", "2026-03-20T09:00:00", "UTC", &pattern, &json!({"type": "noEnd"}));
    outlook.create(&series).await;
    let mut of_crm = weekly();
    of_crm["timeZone"] = json!("UTC");
    of_crm["recurrence"]["timeZone"] = json!("UTC");
    world.crm_create("anna", &of_crm).await;
    wrote(&world.sync("anna").await, [2, 0, 0], [1, 0, 0]);
    for event in world.crm_events("anna").await {
        assert_eq!(event["timeZone"], "UTC", "{event}");
        let title = format!("{} II", event["title"].as_str().unwrap());
        world.crm_update(&event["id"], &json!({ "title": title })).await;
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 3, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    for title in ["Launch II", "Orbit II", "Jour fixe II"] {
        assert_eq!(hours_of(&shown, title), set(&["09:00"]), "{title}");
        let event = Outlook::only(&outlook.events().await, title);
        assert_eq!(event["originalStartTimeZone"], "UTC", "{event}");
        let of_rule = &event["recurrence"]["range"]["recurrenceTimeZone"];
        assert!(of_rule.is_null() || of_rule == "UTC", "{event}");
    }
    settled(&world, "anna").await;
}

/// Pitfall 9: a single event is two instants, whatever its zone is called.
#[tokio::test]
async fn an_event_whose_zone_the_crm_does_not_know_is_at_its_instants_and_keeps_its_zone() {
    for name in ["tzone://Microsoft/Custom", "Customized Time Zone", "Mars Standard Time", "tzone://Microsoft/Utc"] {
        let world = World::connected().await;
        let outlook = world.outlook("anna").await;
        let event = outlook.create_timed("Launch", "2026-07-20T09:00:00", "2026-07-20T10:00:00").await;
        let id = event["id"].as_str().unwrap();
        let zones = json!({"originalStartTimeZone": name, "originalEndTimeZone": name});
        world.microsoft.post(&format!("/_control/events/{id}/zone"), &zones).await.ok();
        let report = world.sync("anna").await;
        wrote(&report, [1, 0, 0], [0, 0, 0]);
        let codes = crate::firewall::codes(&report);
        let expected: &[&str] = if name == "tzone://Microsoft/Utc" { &[] } else { &["zone-unknown"] };
        assert_eq!(codes, expected, "{name}: {report}");
        let crm = World::only(&world.crm_events("anna").await, "Launch");
        assert_eq!((&crm["start"], &crm["timeZone"]), (&json!("2026-07-20T09:00:00Z"), &json!("UTC")), "{name}");
        world.crm_update(&crm["id"], &json!({"title": "Landing"})).await;
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
        let event = outlook.event(id).await.unwrap();
        assert_eq!(event["originalStartTimeZone"], name);
        assert_eq!(
            world.assert_same("anna", FROM, TO).await,
            ["2026-07-20T09:00:00Z 2026-07-20T10:00:00Z Landing"],
            "{name}"
        );
        settled(&world, "anna").await;
    }
}
