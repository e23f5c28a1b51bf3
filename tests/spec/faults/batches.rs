//! Writes in batches: how many requests they cost, and what becomes of the rest
//! where a part fails (Graph `concepts/json-batching`).

use serde_json::{Value, json};
use tandem_tests::World;

use crate::runtime::{until_idle, writes};

/// This many new events in the CRM, nothing in Microsoft.
async fn to_write(events: usize) -> World {
    let world = World::connected().await;
    until_idle(&world).await;
    for number in 0..events {
        let start = format!("2026-03-{:02}T09:00:00Z", 3 + number % 25);
        let end = format!("2026-03-{:02}T10:00:00Z", 3 + number % 25);
        world.crm_create_timed("anna", &format!("Event {number}"), &start, &end).await;
    }
    world.forget_requests().await;
    world
}

fn batches(requests: &Value) -> Vec<&Value> {
    requests["requests"].as_array().unwrap().iter().filter(|request| request["collection"] == "batch").collect()
}

#[tokio::test]
async fn a_hundred_new_events_are_at_most_five_batches() {
    let world = to_write(100).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["microsoft"]["created"], writes(&report)), (&json!(100), 100), "{report}");
    let requests = world.requests().await;
    let batches = batches(&requests);
    assert!(batches.len() <= 5, "expected at most 5 batches, but found {}", batches.len());
    assert!(batches.iter().all(|batch| batch["parts"].as_array().unwrap().len() <= 20));
    assert!(requests["count"].as_u64().unwrap() <= 7, "{requests}");
}

/// One part fails, the others have been done: they are settled at once, and only
/// the one is sent again.
#[tokio::test]
async fn a_part_that_fails_does_not_undo_the_parts_beside_it() {
    for (status, code) in [
        (429, "ApplicationThrottled"),
        (429, "ErrorTooManyObjectsOpened"),
        (503, ""),
        (504, "UnknownError"),
        (424, "FailedDependency"),
        (401, "InvalidAuthenticationToken"),
        (404, "MailboxNotEnabledForRESTAPI"),
        (507, "ErrorQuotaExceeded"),
    ] {
        let world = to_write(10).await;
        world
            .fault(json!([{
                "match": {"method": "POST", "path": "/me/events"}, "skip": 4, "do": "unavailable", "status": status,
                "code": code,
            }]))
            .await;
        let report = world.sync("anna").await;
        let created = report["microsoft"]["created"].as_u64().unwrap();
        // Another token is a matter of the same step.
        assert_eq!(created, if status == 401 { 10 } else { 9 }, "{status}: {report}");
        until_idle(&world).await;
        let requests = world.requests().await;
        let parts = |batch: &&Value| batch["parts"].as_array().unwrap().len();
        let sent: usize = batches(&requests).iter().map(parts).sum();
        let alone = world.request_count("POST", "/me/events").await;
        assert_eq!(sent + alone, 11, "{status}: the one is sent again, and no other: {requests}");
        assert_eq!(world.outlook("anna").await.events().await.len(), 10, "{status}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{status}");
        assert!(world.alerts().await.is_empty(), "{status}");
    }
}

/// The longest of several times that parts name is kept to.
#[tokio::test]
async fn a_time_that_a_part_names_is_kept_to() {
    let world = to_write(6).await;
    let line = |skip: u32, seconds: u32| {
        json!({
            "match": {"method": "POST", "path": "/me/events"}, "skip": skip, "do": "throttle",
            "retryAfterSeconds": seconds,
        })
    };
    world.fault(json!([line(1, 20), line(2, 300), line(3, 7)])).await;
    let report = world.sync("anna").await;
    let wait = report["next"]["milliseconds"].as_i64().unwrap();
    assert!((300_000..310_000).contains(&wait), "{report}");
    assert_eq!((&report["next"]["reason"], &report["microsoft"]["created"]), (&json!("throttled"), &json!(3)));
    until_idle(&world).await;
    assert_eq!(world.outlook("anna").await.events().await.len(), 6);
}

/// A part of an edit that somebody else has made meanwhile is read, merged and
/// written again; its neighbours are not.
#[tokio::test]
async fn a_part_whose_item_has_changed_is_merged_and_written_again() {
    let world = to_write(6).await;
    until_idle(&world).await;
    let events = world.crm_events("anna").await;
    for event in &events {
        world.crm_update(&event["id"], &json!({"title": format!("{} edited", event["title"].as_str().unwrap())})).await;
    }
    for (status, code) in [(412, "ErrorIrresolvableConflict"), (409, "ErrorIrresolvableConflict")] {
        world
            .fault(json!([{
                "match": {"method": "PATCH"}, "skip": 2, "do": "unavailable", "status": status, "code": code,
            }]))
            .await;
    }
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], &report["microsoft"]["updated"]), (&json!("idle"), &json!(6)), "{report}");
    assert_eq!(writes(&world.sync("anna").await), 0);
    assert!(world.conflicts().await.is_empty());
}
