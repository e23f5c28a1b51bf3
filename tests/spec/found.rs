//! What random histories have found, each as a scenario of its own.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::runtime::until_idle;

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
    world.take_mails().await;
    let crm = World::only(&world.crm_events("anna").await, "Review");
    let mut rule = crm["recurrence"].clone();
    (rule["endTime"], rule["occurrences"]) = (Value::Null, json!(4));
    world.crm_update(&crm["id"], &json!({"recurrence": rule})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
    let carla = "update carla@elsewhere.example Review";
    assert_eq!(world.told().await, [carla.to_owned(), format!("{carla} on 2026-03-05")]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 4);
    assert!(shown[0].starts_with("2026-03-06T07:00:00Z"), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    world.forget_requests().await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.requests().await["count"], 1);
}

/// A write has arrived, its answer has not; and meanwhile its reason is gone.
#[tokio::test]
async fn an_edit_that_is_taken_back_while_its_answer_is_lost_is_not_taken_for_one_of_outlook() {
    for rule in ["crm-wins", "microsoft-wins"] {
        let world = World::connected().await;
        world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
        let event = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
        world.sync("anna").await;
        let outlook = world.outlook("anna").await;
        world.crm_update(&event["id"], &json!({"title": "Retrospective", "description": "<p>Agenda</p>"})).await;
        world.fault(json!([{"match": {"method": "PATCH"}, "times": 1, "do": "dropResponse"}])).await;
        let report = world.sync("anna").await;
        assert_eq!(report["next"]["when"], "after", "{report}");
        Outlook::only(&outlook.events().await, "Retrospective");
        world.crm_update(&event["id"], &json!({"title": "Review"})).await;
        until_idle(&world).await;
        Outlook::only(&outlook.events().await, "Review");
        let event = World::only(&world.crm_events("anna").await, "Review");
        assert!(event["description"].as_str().unwrap().contains("Agenda"), "what is not taken back stays: {event}");
        assert_eq!(world.conflicts().await.len(), 0, "{rule}");
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    }
}

/// Whole days that overlap, in pages of one: the day is on a page behind its
/// neighbours (Graph, `api/event-list-instances`).
#[tokio::test]
async fn an_occurrence_is_found_however_many_neighbours_are_listed_before_it() {
    let world = World::connected().await;
    world.control("behaviour", &json!({"pageSizeMax": 1})).await;
    let day = |day: u32| format!("2026-03-{day}T00:00:00Z");
    let series = json!({
        "title": "Fair", "start": day(16), "end": day(18), "allDay": true, "timeZone": "Europe/Berlin",
        "recurrence": {
            "type": "daily", "interval": 1, "startTime": day(16), "occurrences": 5, "timeZone": "Europe/Berlin",
        },
    });
    let series = world.crm_create("anna", &series).await;
    let exception = |original: u32, start: u32, cancelled: bool| {
        json!({
            "title": "Fair", "start": day(start), "end": day(start + 2), "allDay": true, "cancelled": cancelled,
            "timeZone": "Europe/Berlin", "recurringEventId": series["id"], "originalStart": day(original),
        })
    };
    world.crm_create("anna", &exception(19, 19, true)).await;
    let mut renamed = exception(20, 20, false);
    renamed["title"] = json!("Last day");
    world.crm_create("anna", &renamed).await;
    let report = world.sync("anna").await;
    assert_eq!(report["issues"], json!([]), "{report}");
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), shown.iter().filter(|line| line.ends_with("Last day")).count()), (4, 1), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

/// One day of a new series could not be written; the others are agreed on, so
/// that the CRM can drop them with its rule (Oro row C4).
#[tokio::test]
async fn a_cancelled_day_that_goes_with_its_rule_in_the_crm_is_not_cancelled_in_the_next_one() {
    let world = World::connected().await;
    let at = |day: u32, hour: u32| format!("2026-03-{day}T{hour:02}:00:00Z");
    let series = json!({
        "title": "Shift", "start": at(10, 8), "end": at(10, 10), "timeZone": "UTC", "recurrence": {
            "type": "daily", "interval": 1, "startTime": at(10, 8), "occurrences": 4, "timeZone": "UTC",
        },
    });
    let series = world.crm_create("anna", &series).await;
    let exception = |day: u32, start: u32, cancelled: bool| {
        json!({
            "title": "Shift", "start": at(start, 8), "end": at(start, 10), "cancelled": cancelled, "timeZone": "UTC",
            "recurringEventId": series["id"], "originalStart": at(day, 8),
        })
    };
    world.crm_create("anna", &exception(10, 10, true)).await;
    world.crm_create("anna", &exception(13, 11, false)).await;
    let report = world.sync("anna").await;
    assert_eq!(report["issues"][0]["code"], "occurrence-crossing", "{report}");
    let rule = json!({
        "type": "weekly", "interval": 1, "dayOfWeek": ["tuesday"], "startTime": at(10, 8), "occurrences": 3,
        "timeZone": "UTC",
    });
    world.crm_update(&series["id"], &json!({"recurrence": rule})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 3);
}
