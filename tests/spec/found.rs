//! What random histories have found, each as a scenario of its own.

use serde_json::{Value, json};
use tandem_tests::World;

use crate::calendar::wrote;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-08-01T00:00:00Z";

/// Monthly on a day of March, in Outlook's words; the end is given.
fn monthly(range: &Value) -> Value {
    let moment = |time: &str| json!({"dateTime": time, "timeZone": "UTC"});
    let mut recurrence = json!({"pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 5}});
    recurrence["range"] = range.clone();
    json!({
        "start": moment("2026-03-05T07:00:00"), "end": moment("2026-03-05T08:00:00"), "recurrence": recurrence,
    })
}

/// The write of the new end keeps the exception, so that it is not found where
/// the rule has it; what is there needs no second write, and no look at it in
/// every later run.
#[tokio::test]
async fn a_new_end_of_a_series_with_a_moved_occurrence_leaves_nothing_to_read_again() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let mut series = monthly(&json!({"type": "endDate", "startDate": "2026-03-05", "endDate": "2026-04-02"}));
    series["subject"] = json!("Review");
    series["attendees"] = json!([{"emailAddress": {"address": "carla@elsewhere.example"}, "type": "required"}]);
    outlook.create(&series).await;
    world.sync("anna").await;
    let occurrence = outlook.instance("Review", "2026-03-05T07:00").await;
    let moved = json!({
        "start": {"dateTime": "2026-03-06T07:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-06T08:00:00", "timeZone": "UTC"},
    });
    outlook.update(occurrence["id"].as_str().unwrap(), &moved).await;
    let crm = World::only(&world.crm_events("anna").await, "Review");
    let mut rule = crm["recurrence"].clone();
    (rule["endTime"], rule["occurrences"]) = (Value::Null, json!(4));
    world.crm_update(&crm["id"], &json!({"recurrence": rule})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 4);
    assert!(shown[0].starts_with("2026-03-06T07:00:00Z"), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    world.forget_requests().await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.requests().await["count"], 1);
}
