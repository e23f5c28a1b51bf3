//! Single events stay in step: claims about the decision table, through the
//! component, with Outlook and the CRM as people use them.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

const START: &str = "2026-03-10T09:00:00Z";
const END: &str = "2026-03-10T10:00:00Z";

/// Asserts what a run wrote: created, updated, deleted on the CRM's side and on
/// Microsoft's.
#[track_caller]
pub fn wrote(report: &Value, crm: [u32; 3], microsoft: [u32; 3]) {
    let counts = |side: &str| ["created", "updated", "deleted"].map(|kind| report[side][kind].as_u64().unwrap());
    assert_eq!((counts("crm"), counts("microsoft")), (crm.map(u64::from), microsoft.map(u64::from)), "{report}");
    assert_eq!(report["next"]["when"], "idle", "{report}");
}

/// One linked event, known to both sides as `Review`.
async fn linked() -> (World, Outlook, Value, Value) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create_timed("anna", "Review", START, END).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    let crm = World::only(&world.crm_events("anna").await, "Review");
    let m365 = Outlook::only(&outlook.events().await, "Review");
    (world, outlook, crm, m365)
}

async fn set(world: &World, key: &str, value: &str) {
    world.save("system", "0", &[(key, json!(value))]).await.ok();
}

#[tokio::test]
async fn an_event_created_in_the_crm_appears_in_outlook_once() {
    let (world, outlook, ..) = linked().await;
    let events = outlook.events().await;
    let event = Outlook::only(&events, "Review");
    assert_eq!(event["start"]["dateTime"], "2026-03-10T09:00:00.0000000");
    assert_eq!(event["originalStartTimeZone"], "W. Europe Standard Time");
    assert!(event["transactionId"].is_string(), "{event}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(outlook.events().await.len(), 1);
}

#[tokio::test]
async fn an_event_created_in_outlook_appears_in_the_crm_once() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook
        .create(&json!({
            "subject": "Lunch", "body": {"contentType": "html", "content": "<p>At <b>noon</b></p>"},
            "start": {"dateTime": "2026-03-11T12:00:00", "timeZone": "W. Europe Standard Time"},
            "end": {"dateTime": "2026-03-11T13:00:00", "timeZone": "W. Europe Standard Time"},
            "reminderMinutesBeforeStart": 20, "isReminderOn": true,
        }))
        .await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    let event = World::only(&world.crm_events("anna").await, "Lunch");
    assert_eq!(event["start"], "2026-03-11T11:00:00Z");
    assert_eq!(event["end"], "2026-03-11T12:00:00Z");
    assert_eq!(event["timeZone"], "Europe/Berlin");
    assert_eq!(event["reminderMinutes"], 20);
    assert!(event["description"].as_str().unwrap().contains("<b>noon</b>"), "{event}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn an_unchanged_poll_is_one_request_and_no_write() {
    let (world, ..) = linked().await;
    world.sync("anna").await;
    world.forget_requests().await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(report["requests"], 1);
    let requests = world.requests().await;
    assert_eq!(requests["count"], 1, "{requests}");
    assert_eq!(requests["requests"][0]["method"], "GET");
}

#[tokio::test]
async fn an_edit_flows_to_the_other_side() {
    let (world, outlook, crm, m365) = linked().await;
    world.crm_update(&crm["id"], &json!({"title": "Review of the year"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let event = outlook.event(m365["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(event["subject"], "Review of the year");

    outlook
        .update(
            m365["id"].as_str().unwrap(),
            &json!({
                "start": {"dateTime": "2026-03-10T15:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2026-03-10T16:00:00", "timeZone": "UTC"},
            }),
        )
        .await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    let event = World::only(&world.crm_events("anna").await, "Review of the year");
    assert_eq!(event["start"], "2026-03-10T15:00:00Z");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn edits_of_different_fields_on_both_sides_are_both_kept() {
    let (world, outlook, crm, m365) = linked().await;
    world.crm_update(&crm["id"], &json!({"title": "Renamed in the CRM"})).await;
    outlook
        .update(
            m365["id"].as_str().unwrap(),
            &json!({
                "body": {"contentType": "html", "content": "<p>Agenda from Outlook</p>"},
            }),
        )
        .await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 1, 0], [0, 1, 0]);
    assert_eq!((&report["merged"], &report["conflicts"]), (&json!(1), &json!(0)));
    let crm = World::only(&world.crm_events("anna").await, "Renamed in the CRM");
    assert!(crm["description"].as_str().unwrap().contains("Agenda from Outlook"));
    let m365 = Outlook::only(&outlook.events().await, "Renamed in the CRM");
    assert!(m365["body"]["content"].as_str().unwrap().contains("Agenda from Outlook"));
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn equal_edits_on_both_sides_are_no_conflict() {
    let (world, outlook, crm, m365) = linked().await;
    world.crm_update(&crm["id"], &json!({"title": "Same"})).await;
    outlook.update(m365["id"].as_str().unwrap(), &json!({"subject": "Same"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(report["conflicts"], 0);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_conflict_goes_to_the_crm_by_default_and_is_recorded() {
    let (world, outlook, crm, m365) = linked().await;
    world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
    outlook.update(m365["id"].as_str().unwrap(), &json!({"subject": "Outlook title"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 1, 0]);
    assert_eq!(report["conflicts"], 1);
    Outlook::only(&outlook.events().await, "CRM title");
    let conflicts = world.conflicts().await;
    assert_eq!(conflicts.len(), 1);
    let fields = conflicts[0]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 1);
    assert_eq!(
        (&fields[0]["base"], &fields[0]["crm"], &fields[0]["microsoft"]),
        (&json!("Review"), &json!("CRM title"), &json!("Outlook title")),
    );
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.conflicts().await.len(), 1);
}

#[tokio::test]
async fn a_conflict_goes_to_microsoft_where_the_setting_says_so() {
    let (world, outlook, crm, m365) = linked().await;
    set(&world, "calendar.conflict-resolution", "microsoft-wins").await;
    world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
    outlook.update(m365["id"].as_str().unwrap(), &json!({"subject": "Outlook title"})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    World::only(&world.crm_events("anna").await, "Outlook title");
    assert_eq!(world.conflicts().await.len(), 1);
}

#[tokio::test]
async fn a_deletion_flows_to_the_other_side() {
    let (world, outlook, crm, _) = linked().await;
    world.crm_delete(&crm["id"]).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 1]);
    assert!(outlook.events().await.is_empty());

    let other = outlook.create_timed("Other", "2026-03-12T09:00:00", "2026-03-12T10:00:00").await;
    world.sync("anna").await;
    outlook.delete(other["id"].as_str().unwrap()).await;
    wrote(&world.sync("anna").await, [0, 0, 1], [0, 0, 0]);
    assert!(world.crm_events("anna").await.is_empty());
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn edit_in_outlook_against_a_crm_delete_is_decided_by_the_rule_and_recorded() {
    let (world, outlook, crm, m365) = linked().await;
    set(&world, "calendar.conflict-resolution", "microsoft-wins").await;
    world.crm_delete(&crm["id"]).await;
    outlook.update(m365["id"].as_str().unwrap(), &json!({"subject": "Still wanted"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(report["conflicts"], 1);
    World::only(&world.crm_events("anna").await, "Still wanted");

    set(&world, "calendar.conflict-resolution", "crm-wins").await;
    let crm = World::only(&world.crm_events("anna").await, "Still wanted");
    world.crm_delete(&crm["id"]).await;
    outlook.update(m365["id"].as_str().unwrap(), &json!({"subject": "Edited in vain"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 1]);
    assert_eq!(report["conflicts"], 1);
    assert!(outlook.events().await.is_empty());
    assert_eq!(world.conflicts().await.len(), 2);
}

#[tokio::test]
async fn deleted_on_both_sides_is_forgotten() {
    let (world, outlook, crm, m365) = linked().await;
    world.crm_delete(&crm["id"]).await;
    outlook.delete(m365["id"].as_str().unwrap()).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn matching_events_are_adopted_at_the_first_sync_and_merged() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create_timed("anna", "Planning", START, END).await;
    outlook
        .create(&json!({
            "subject": "Planning", "body": {"contentType": "text", "content": "Only in Outlook"},
            "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-10T10:00:00", "timeZone": "UTC"},
        }))
        .await;
    let report = world.sync("anna").await;
    assert_eq!(report["adopted"], 1, "{report}");
    assert_eq!(report["crm"]["created"], 0);
    assert_eq!(report["microsoft"]["created"], 0);
    let crm = World::only(&world.crm_events("anna").await, "Planning");
    assert!(crm["description"].as_str().unwrap().contains("Only in Outlook"));
    assert_eq!(outlook.events().await.len(), 1);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn all_day_events_keep_their_dates() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world
        .crm_create(
            "anna",
            &json!({
                "title": "Fair", "start": "2026-03-28T00:00:00Z", "end": "2026-03-30T00:00:00Z", "allDay": true,
                "timeZone": "America/New_York",
            }),
        )
        .await;
    outlook
        .create(&json!({
            "subject": "Holiday", "isAllDay": true,
            "start": {"dateTime": "2026-05-01T00:00:00", "timeZone": "Tokyo Standard Time"},
            "end": {"dateTime": "2026-05-02T00:00:00", "timeZone": "Tokyo Standard Time"},
        }))
        .await;
    wrote(&world.sync("anna").await, [1, 0, 0], [1, 0, 0]);
    let fair = Outlook::only(&outlook.events().await, "Fair");
    assert_eq!(fair["isAllDay"], true);
    assert!(fair["start"]["dateTime"].as_str().unwrap().starts_with("2026-03-28T00:00:00"));
    assert!(fair["end"]["dateTime"].as_str().unwrap().starts_with("2026-03-31T00:00:00"));
    let holiday = World::only(&world.crm_events("anna").await, "Holiday");
    assert_eq!(holiday["allDay"], true);
    assert!(holiday["start"].as_str().unwrap().starts_with("2026-05-01"));
    assert!(holiday["end"].as_str().unwrap().starts_with("2026-05-01"));
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn fields_that_the_crm_lacks_survive_its_edits() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let event = outlook
        .create(&json!({
            "subject": "On site", "location": {"displayName": "Hamburg"}, "categories": ["Red"], "showAs": "oof",
            "sensitivity": "private", "importance": "high",
            "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-10T10:00:00", "timeZone": "UTC"},
        }))
        .await;
    world.sync("anna").await;
    let crm = World::only(&world.crm_events("anna").await, "On site");
    world.crm_update(&crm["id"], &json!({"title": "On site, moved", "description": "<p>New</p>"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let event = outlook.event(event["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(event["subject"], "On site, moved");
    assert_eq!(event["location"]["displayName"], "Hamburg");
    assert_eq!(event["categories"], json!(["Red"]));
    assert_eq!(
        (&event["showAs"], &event["sensitivity"], &event["importance"]),
        (&json!("oof"), &json!("private"), &json!("high")),
    );
}

#[tokio::test]
async fn a_long_subject_is_cut_for_the_crm_and_stays_whole_in_outlook() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let long = "x".repeat(300);
    let event = outlook.create_timed(&long, "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    let report = world.sync("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(report["issues"][0]["code"], "too-large", "{report}");
    assert_eq!(world.crm_events("anna").await[0]["title"].as_str().unwrap().len(), 255);
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(outlook.event(event["id"].as_str().unwrap()).await.unwrap()["subject"], json!(long));
}

#[tokio::test]
async fn an_event_without_subject_gets_a_title_in_the_crm_and_keeps_none_in_outlook() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let event = outlook.create_timed("", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    wrote(&world.sync("anna").await, [1, 0, 0], [0, 0, 0]);
    World::only(&world.crm_events("anna").await, "(No subject)");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(outlook.event(event["id"].as_str().unwrap()).await.unwrap()["subject"], "");
}

#[tokio::test]
async fn an_event_with_a_huge_body_stops_nothing_and_keeps_its_body() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let content = "\"".repeat(600_000);
    let huge = outlook
        .create(&json!({
            "subject": "Minutes", "body": {"contentType": "text", "content": content},
            "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-10T10:00:00", "timeZone": "UTC"},
        }))
        .await;
    outlook.create_timed("Beside it", "2026-03-11T09:00:00", "2026-03-11T10:00:00").await;
    wrote(&world.sync("anna").await, [2, 0, 0], [0, 0, 0]);
    let crm = World::only(&world.crm_events("anna").await, "Minutes");
    world.crm_update(&crm["id"], &json!({"title": "Minutes, final"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let event = outlook.event(huge["id"].as_str().unwrap()).await.unwrap();
    assert_eq!((&event["subject"], &event["body"]), (&json!("Minutes, final"), &huge["body"]));
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
}
