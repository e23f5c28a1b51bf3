//! Series that become something else: another rule, no series any more, or longer
//! days than there is room for (Oro rows C3, C4; Graph `api/event-update`).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::{crm_exception, linked, occurrence};
use crate::firewall::codes;
use crate::meetings::id;
use crate::series::weekly;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-12-01T00:00:00Z";

/// The series of Outlook with one day renamed and one called off, in step.
async fn with_exceptions() -> (World, Outlook, Value) {
    let (world, outlook, crm) = linked().await;
    let renamed = occurrence(&outlook, "2026-03-16T09:00").await;
    outlook.update(&renamed, &json!({"subject": "Workshop"})).await;
    outlook.delete(&occurrence(&outlook, "2026-03-30T08:00").await).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
    (world, outlook, crm)
}

#[tokio::test]
async fn another_rule_in_outlook_drops_the_exceptions_of_the_series_on_both_sides() {
    let (world, outlook, crm) = with_exceptions().await;
    let master = outlook.the_only().await;
    let mut rule = master["recurrence"].clone();
    rule["pattern"]["daysOfWeek"] = json!(["monday", "thursday"]);
    outlook.update(id(&master), &json!({"recurrence": rule})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 7);
    assert!(shown.iter().all(|line| line.ends_with("Jour fixe")), "{shown:?}");
    let ours = world.crm_masters("anna").await;
    assert_eq!((ours.len(), &ours[0]["id"]), (1, &crm["id"]));
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_series_with_exceptions_that_is_none_any_more_in_outlook_is_one_event_in_the_crm() {
    let (world, outlook, crm) = with_exceptions().await;
    let master = outlook.the_only().await;
    outlook.update(id(&master), &json!({"recurrence": null})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await, ["2026-03-09T09:00:00Z 2026-03-09T10:00:00Z Jour fixe"]);
    let ours = world.crm_only("anna").await;
    assert_eq!((&ours["id"], &ours["recurrence"]), (&crm["id"], &Value::Null));
    assert_eq!(outlook.the_only().await["id"], master["id"]);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// Of a daily series of whole days, Microsoft takes even a day that grows longer
/// for one that passes its neighbour (pitfall 11).
#[tokio::test]
async fn a_whole_day_that_grows_into_the_next_one_is_reported_and_the_rest_goes_on() {
    let world = World::connected().await;
    let series = json!({
        "title": "Fair", "start": "2026-03-09T00:00:00Z", "end": "2026-03-09T00:00:00Z", "allDay": true,
        "timeZone": "Europe/Berlin",
        "recurrence": {
            "type": "daily", "interval": 1, "startTime": "2026-03-09T00:00:00Z", "occurrences": 5,
            "timeZone": "Europe/Berlin",
        },
    });
    let series = world.crm_create("anna", &series).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    let day = |day: &str, end: &str, title: &str| json!({"start": format!("{day}T00:00:00Z"), "end": format!("{end}T00:00:00Z"), "allDay": true, "title": title});
    crm_exception(&world, &series, "2026-03-10T00:00:00Z", day("2026-03-10", "2026-03-11", "Fair, two days")).await;
    crm_exception(&world, &series, "2026-03-12T00:00:00Z", day("2026-03-12", "2026-03-12", "Fair, quiet")).await;
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), ["occurrence-crossing"], "{report}");
    let theirs = world.outlook("anna").await.shown(FROM, TO).await;
    let expected = [
        "2026-03-09 2026-03-10 Fair",
        "2026-03-10 2026-03-11 Fair",
        "2026-03-11 2026-03-12 Fair",
        "2026-03-12 2026-03-13 Fair, quiet",
        "2026-03-13 2026-03-14 Fair",
    ];
    assert_eq!(theirs, expected);
    assert!(world.shown("anna", FROM, TO).await.contains(&"2026-03-10 2026-03-12 Fair, two days".to_owned()));
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn first_third_fourth_and_last_of_a_month_are_the_same_days_in_outlook() {
    let world = World::connected().await;
    let first_day = [(1, "2026-03-02"), (3, "2026-03-16"), (4, "2026-03-23"), (5, "2026-03-30")];
    for (instance, day) in first_day {
        let mut event = weekly();
        // Summer time begins on the day before the last one.
        let hour = if instance == 5 { 8 } else { 9 };
        event["title"] = json!(format!("The {instance}."));
        event["start"] = json!(format!("{day}T{hour:02}:00:00Z"));
        event["end"] = json!(format!("{day}T{:02}:00:00Z", hour + 1));
        event["recurrence"] = json!({
            "type": "monthnth", "interval": 1, "instance": instance, "dayOfWeek": ["monday"], "occurrences": 6,
            "startTime": event["start"], "timeZone": "Europe/Berlin",
        });
        world.crm_create("anna", &event).await;
    }
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [4, 0, 0]);
    assert_eq!(report["issues"], json!([]));
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 4 * 6);
    // June 2026 has five Mondays: the fourth and the last one differ.
    for line in ["2026-06-22T08:00:00Z 2026-06-22T09:00:00Z The 4.", "2026-06-29T08:00:00Z 2026-06-29T09:00:00Z The 5."]
    {
        assert!(shown.contains(&line.to_owned()), "no {line} in {shown:?}");
    }
    let events = world.outlook("anna").await.events().await;
    let mut indices: Vec<&str> =
        events.iter().map(|event| event["recurrence"]["pattern"]["index"].as_str().unwrap()).collect();
    indices.sort_unstable();
    assert_eq!(indices, ["first", "fourth", "last", "third"]);
}
