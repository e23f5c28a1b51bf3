//! Single days of series: moved, renamed, re-timed and cancelled, on both sides
//! (Oro row C4; Graph `api/event-update`, facts of section 1.5).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// A weekly series that both sides have, and the CRM's event.
pub async fn linked() -> (World, Outlook, Value) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let crm = world.crm_create("anna", &weekly()).await;
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    (world, outlook, crm)
}

/// An exception that a person makes in the CRM, over the series' own values.
pub async fn crm_exception(world: &World, series: &Value, original: &str, change: Value) -> Value {
    let mut exception = json!({
        "title": series["title"], "start": original, "end": original, "timeZone": "Europe/Berlin",
        "recurringEventId": series["id"], "originalStart": original,
    });
    let start: chrono::DateTime<chrono::Utc> = original.parse().unwrap();
    exception["end"] = json!((start + chrono::TimeDelta::hours(1)).to_rfc3339());
    for (name, value) in change.as_object().unwrap() {
        exception[name] = value.clone();
    }
    world.crm_create("anna", &exception).await
}

/// The occurrence of a day in Outlook.
pub async fn occurrence(outlook: &Outlook, start: &str) -> String {
    outlook.instance("Jour fixe", start).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn occurrences_that_outlook_moves_renames_and_cancels_are_so_in_the_crm() {
    let (world, outlook, _) = linked().await;
    let moved = occurrence(&outlook, "2026-03-16T09:00").await;
    outlook
        .update(
            &moved,
            &json!({
                "start": {"dateTime": "2026-03-17T14:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2026-03-17T15:30:00", "timeZone": "UTC"},
            }),
        )
        .await;
    let renamed = occurrence(&outlook, "2026-03-23T09:00").await;
    outlook.update(&renamed, &json!({"subject": "Workshop"})).await;
    let cancelled = occurrence(&outlook, "2026-03-30T08:00").await;
    outlook.delete(&cancelled).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 6);
    assert!(shown.contains(&"2026-03-17T14:00:00Z 2026-03-17T15:30:00Z Jour fixe".to_owned()), "{shown:?}");
    assert!(shown.contains(&"2026-03-23T09:00:00Z 2026-03-23T10:00:00Z Workshop".to_owned()), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert!(world.mails().await.is_empty());
}

#[tokio::test]
async fn occurrences_that_the_crm_moves_renames_and_cancels_are_so_in_outlook() {
    let (world, _, series) = linked().await;
    let (start, end) = ("2026-03-17T14:00:00Z", "2026-03-17T15:30:00Z");
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"start": start, "end": end})).await;
    crm_exception(&world, &series, "2026-03-23T09:00:00Z", json!({"title": "Workshop"})).await;
    crm_exception(&world, &series, "2026-03-30T08:00:00Z", json!({"cancelled": true})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 6);
    assert!(shown.contains(&format!("{start} {end} Jour fixe")), "{shown:?}");
    assert!(shown.contains(&"2026-03-23T09:00:00Z 2026-03-23T10:00:00Z Workshop".to_owned()), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert!(world.mails().await.is_empty());
}

#[tokio::test]
async fn a_new_series_brings_its_exceptions_along_in_both_directions() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let series = world.crm_create("anna", &weekly()).await;
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    crm_exception(&world, &series, "2026-03-23T09:00:00Z", json!({"cancelled": true})).await;
    let mut theirs = weekly_in_outlook();
    theirs["subject"] = json!("Standup");
    outlook.create(&theirs).await;
    let one = outlook.instance("Standup", "2026-03-16T09:00").await;
    outlook.update(one["id"].as_str().unwrap(), &json!({"subject": "Retrospective"})).await;
    let two = outlook.instance("Standup", "2026-03-23T09:00").await;
    outlook.delete(two["id"].as_str().unwrap()).await;
    wrote(&world.sync("anna").await, [1, 0, 0], [1, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 12);
    for title in ["Workshop", "Retrospective"] {
        assert_eq!(shown.iter().filter(|line| line.ends_with(title)).count(), 1, "{shown:?}");
    }
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_cancelled_occurrence_is_never_resurrected_and_never_deletes_its_series() {
    let (world, outlook, series) = linked().await;
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"cancelled": true})).await;
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
    // Edits of the series, on either side, and of another day.
    let master = Outlook::only(&outlook.events().await, "Jour fixe");
    outlook.update(master["id"].as_str().unwrap(), &json!({"location": {"displayName": "Room 1"}})).await;
    world.crm_update(&series["id"], &json!({"description": "<p>Agenda</p>"})).await;
    let other = occurrence(&outlook, "2026-03-23T09:00").await;
    outlook.update(&other, &json!({"subject": "Workshop"})).await;
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
    world.expire("deltaTokens").await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
    assert_eq!(outlook.events().await.len(), 1);
}

#[tokio::test]
async fn an_occurrence_cancelled_here_and_edited_there_is_cancelled_and_recorded() {
    let (world, outlook, series) = linked().await;
    let id = occurrence(&outlook, "2026-03-16T09:00").await;
    outlook.update(&id, &json!({"subject": "Workshop"})).await;
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"cancelled": true})).await;
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6);
    let conflicts = world.conflicts().await;
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn one_day_renamed_here_and_moved_there_has_both() {
    let (world, outlook, series) = linked().await;
    let id = occurrence(&outlook, "2026-03-16T09:00").await;
    outlook
        .update(
            &id,
            &json!({
                "start": {"dateTime": "2026-03-16T15:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2026-03-16T16:00:00", "timeZone": "UTC"},
            }),
        )
        .await;
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    world.sync("anna").await;
    let shown = world.assert_same("anna", FROM, TO).await;
    assert!(shown.contains(&"2026-03-16T15:00:00Z 2026-03-16T16:00:00Z Workshop".to_owned()), "{shown:?}");
    assert_eq!(world.conflicts().await.len(), 0);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn an_occurrence_that_would_pass_its_neighbour_is_reported_and_the_rest_goes_on() {
    let (world, outlook, series) = linked().await;
    let (start, end) = ("2026-03-24T09:00:00Z", "2026-03-24T10:00:00Z");
    crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"start": start, "end": end})).await;
    crm_exception(&world, &series, "2026-03-30T08:00:00Z", json!({"title": "Workshop"})).await;
    let report = world.sync("anna").await;
    let codes: Vec<&str> =
        report["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["occurrence-crossing"], "{report}");
    let shown = outlook.shown(FROM, TO).await;
    assert!(shown.iter().any(|line| line.ends_with("Workshop")), "{shown:?}");
    assert!(shown.contains(&"2026-03-16T09:00:00Z 2026-03-16T10:00:00Z Jour fixe".to_owned()), "{shown:?}");
    // The CRM keeps what its user has planned.
    assert!(world.shown("anna", FROM, TO).await.contains(&format!("{start} {end} Jour fixe")));
}

#[tokio::test]
async fn this_and_following_arrives_as_a_shorter_series_and_a_new_one() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let master = outlook.create(&weekly_in_outlook()).await;
    let second = occurrence(&outlook, "2026-03-16T09:00").await;
    outlook.update(&second, &json!({"subject": "Workshop"})).await;
    world.sync("anna").await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    // Outlook's own way: end the old series, begin a new one.
    let mut recurrence = master["recurrence"].clone();
    recurrence["range"] = json!({"type": "endDate", "startDate": "2026-03-09", "endDate": "2026-03-29"});
    outlook.update(master["id"].as_str().unwrap(), &json!({"recurrence": recurrence})).await;
    let mut rest = weekly_in_outlook();
    rest["start"]["dateTime"] = json!("2026-03-30T14:00:00");
    rest["end"]["dateTime"] = json!("2026-03-30T15:00:00");
    rest["recurrence"]["range"] = json!({"type": "numbered", "startDate": "2026-03-30", "numberOfOccurrences": 4});
    outlook.create(&rest).await;
    wrote(&world.sync("anna").await, [1, 1, 0], [0, 0, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!(shown.len(), 7, "{shown:?}");
    assert_eq!(shown.iter().filter(|line| line.ends_with("Workshop")).count(), 1, "{shown:?}");
    assert_eq!(world.crm_events("anna").await.iter().filter(|event| !event["recurrence"].is_null()).count(), 2);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}
