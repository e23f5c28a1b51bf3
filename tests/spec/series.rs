//! Series of the CRM in Outlook, and of Outlook in the CRM (Oro row C3; Graph
//! `resources/recurrencepattern`, `resources/recurrencerange`).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2027-03-10T00:00:00Z";

/// A weekly series in the CRM, Mondays at ten in Berlin, seven times over the
/// change to summer time.
pub fn weekly() -> Value {
    json!({
        "title": "Jour fixe", "start": "2026-03-09T09:00:00Z", "end": "2026-03-09T10:00:00Z",
        "timeZone": "Europe/Berlin",
        "recurrence": {
            "type": "weekly", "interval": 1, "dayOfWeek": ["monday"], "startTime": "2026-03-09T09:00:00Z",
            "occurrences": 7, "timeZone": "Europe/Berlin",
        },
    })
}

/// The same in Outlook.
pub fn weekly_in_outlook() -> Value {
    json!({
        "subject": "Jour fixe",
        "start": {"dateTime": "2026-03-09T10:00:00", "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": "2026-03-09T11:00:00", "timeZone": "W. Europe Standard Time"},
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-03-09", "numberOfOccurrences": 7},
        },
    })
}

async fn crm_master(world: &World) -> Value {
    World::only(&world.crm_events("anna").await, "Jour fixe")
}

#[tokio::test]
async fn a_series_of_the_crm_is_a_series_in_outlook_and_keeps_its_hour_over_the_clock_change() {
    let world = World::connected().await;
    world.crm_create("anna", &weekly()).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 7);
    assert_eq!(shown[0], "2026-03-09T09:00:00Z 2026-03-09T10:00:00Z Jour fixe");
    assert_eq!(shown[6], "2026-04-20T08:00:00Z 2026-04-20T09:00:00Z Jour fixe");
    let outlook = world.outlook("anna").await;
    let master = Outlook::only(&outlook.events().await, "Jour fixe");
    assert_eq!(master["type"], "seriesMaster");
    assert_eq!(master["recurrence"]["range"]["recurrenceTimeZone"], "W. Europe Standard Time");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert!(world.mails().await.is_empty());
}

#[tokio::test]
async fn a_series_of_outlook_is_a_series_in_the_crm_and_keeps_its_hour_over_the_clock_change() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook.create(&weekly_in_outlook()).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    let master = crm_master(&world).await;
    assert_eq!(master["recurrence"]["type"], "weekly");
    assert_eq!(master["recurrence"]["occurrences"], 7);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// Title, rule of the CRM, and the first start.
fn crm_rules() -> Vec<(&'static str, Value, &'static str)> {
    let rule = |kind: &str, rest: Value| {
        let mut rule = json!({"type": kind, "timeZone": "Europe/Berlin"});
        for (name, value) in rest.as_object().unwrap() {
            rule[name] = value.clone();
        }
        rule
    };
    vec![
        ("Daily", rule("daily", json!({"interval": 3, "occurrences": 20})), "2026-03-10T07:00:00Z"),
        (
            "Daily until",
            rule("daily", json!({"interval": 1, "endTime": "2026-04-05T21:59:59Z"})),
            "2026-03-20T07:00:00Z",
        ),
        (
            "Weekly",
            rule("weekly", json!({"interval": 2, "dayOfWeek": ["sunday", "tuesday", "friday"]})),
            "2026-03-10T12:30:00Z",
        ),
        (
            "Month end",
            rule("monthly", json!({"interval": 1, "dayOfMonth": 31, "occurrences": 9})),
            "2026-03-31T08:00:00Z",
        ),
        ("Every other month", rule("monthly", json!({"interval": 2, "dayOfMonth": 15})), "2026-03-15T08:00:00Z"),
        (
            "Last working day",
            rule(
                "monthnth",
                json!({
                    "interval": 1, "instance": 5, "dayOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                }),
            ),
            "2026-03-31T13:00:00Z",
        ),
        (
            "Second Tuesday",
            rule("monthnth", json!({"interval": 1, "instance": 2, "dayOfWeek": ["tuesday"]})),
            "2026-03-10T09:15:00Z",
        ),
        (
            "Birthday",
            rule("yearly", json!({"interval": 12, "dayOfMonth": 29, "monthOfYear": 2})),
            "2024-02-29T11:00:00Z",
        ),
        (
            "Every other year",
            rule("yearly", json!({"interval": 24, "dayOfMonth": 5, "monthOfYear": 6})),
            "2024-06-05T10:00:00Z",
        ),
        (
            "Mothers' day",
            rule("yearnth", json!({"interval": 12, "instance": 2, "dayOfWeek": ["sunday"], "monthOfYear": 5})),
            "2025-05-11T09:00:00Z",
        ),
    ]
}

#[tokio::test]
async fn the_six_types_of_the_crm_fall_on_the_same_days_in_outlook() {
    let world = World::connected().await;
    for (title, mut rule, start) in crm_rules() {
        rule["startTime"] = json!(start);
        let end: chrono::DateTime<chrono::Utc> = start.parse().unwrap();
        let end = (end + chrono::TimeDelta::minutes(45)).to_rfc3339();
        let event =
            json!({"title": title, "start": start, "end": end, "timeZone": "Europe/Berlin", "recurrence": rule});
        world.crm_create("anna", &event).await;
    }
    let count = u32::try_from(crm_rules().len()).unwrap();
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [count, 0, 0]);
    assert_eq!(report["issues"], json!([]));
    let shown = world.assert_same("anna", FROM, TO).await;
    for (title, _, _) in crm_rules() {
        assert!(shown.iter().any(|line| line.ends_with(title)), "{title} is not in {shown:?}");
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_single_event_that_becomes_a_series_and_back_keeps_its_link() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let event = outlook.create_timed("Jour fixe", "2026-03-09T09:00:00", "2026-03-09T10:00:00").await;
    world.sync("anna").await;
    let crm = crm_master(&world).await;

    let id = event["id"].as_str().unwrap();
    outlook
        .update(
            id,
            &json!({"recurrence": weekly_in_outlook()["recurrence"], "start": weekly_in_outlook()["start"],
        "end": weekly_in_outlook()["end"]}),
        )
        .await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(crm_master(&world).await["id"], crm["id"]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);

    world.crm_update(&crm["id"], &json!({"recurrence": null})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let m365 = Outlook::only(&outlook.events().await, "Jour fixe");
    assert_eq!((&m365["type"], &m365["id"]), (&json!("singleInstance"), &event["id"]));
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 1);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_rule_that_the_crm_cannot_hold_is_named_and_left_alone_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let mut series = weekly_in_outlook();
    // Two weeks apart, with days on both sides of Sunday: it matters that the
    // week begins on Monday, and the CRM's begin on Sunday.
    series["recurrence"]["pattern"] = json!({
        "type": "weekly", "interval": 2, "daysOfWeek": ["monday", "sunday"], "firstDayOfWeek": "monday",
    });
    outlook.create(&series).await;
    let before = outlook.events().await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(report["issues"][0]["code"], "recurrence-not-supported", "{report}");
    let message = report["issues"][0]["message"].as_str().unwrap();
    assert!(message.to_lowercase().contains("week"), "{message}");
    assert!(world.crm_events("anna").await.is_empty());
    assert_eq!(outlook.events().await, before);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_changed_rule_flows_and_drops_the_exceptions_on_both_sides() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create("anna", &weekly()).await;
    world.sync("anna").await;
    let second = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.update(second["id"].as_str().unwrap(), &json!({"subject": "Moved room"})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert!(world.assert_same("anna", FROM, TO).await.iter().any(|line| line.ends_with("Moved room")));

    let master = crm_master(&world).await;
    let mut rule = master["recurrence"].clone();
    rule["dayOfWeek"] = json!(["monday", "thursday"]);
    world.crm_update(&master["id"], &json!({"recurrence": rule})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 7);
    assert!(shown.iter().all(|line| line.ends_with("Jour fixe")), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_renamed_series_reaches_the_occurrences_that_have_no_title_of_their_own() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let master = outlook.create(&weekly_in_outlook()).await;
    let second = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.update(second["id"].as_str().unwrap(), &json!({"subject": "Workshop"})).await;
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    outlook.update(master["id"].as_str().unwrap(), &json!({"subject": "Weekly"})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.iter().filter(|line| line.ends_with("Weekly")).count(), 6, "{shown:?}");
    assert_eq!(shown.iter().filter(|line| line.ends_with("Workshop")).count(), 1, "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}
