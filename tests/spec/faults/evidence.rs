//! What is evidence, and what only looks like it: nothing is deleted, given up or
//! left out for an answer that does not say so (invariant 5).

use serde_json::{Value, json};
use tandem_tests::World;

use super::renamed_while_denied;
use crate::meetings::id;
use crate::runtime::{until_idle, writes};
use crate::series::weekly_in_outlook;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// Runs, and lets waits pass, until nothing is left to do.
async fn settled(world: &World) {
    for _ in 0..6 {
        let report = world.sync("anna").await;
        world.advance(report["next"]["milliseconds"].as_i64().unwrap_or(0) / 1000 + 1).await;
    }
    until_idle(world).await;
}

/// The page of a gateway that lets a request for an event not through.
fn stopped_by_a_gateway(method: &str, status: u16) -> Value {
    json!([{"match": {"method": method, "path": "/me/events"}, "do": "htmlPage", "status": status}])
}

#[tokio::test]
async fn a_read_that_a_gateway_does_not_find_deletes_nothing() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let series = outlook.create(&weekly_in_outlook()).await;
    until_idle(&world).await;
    outlook.update(id(&series), &json!({"subject": "Renamed"})).await;
    world.fault(stopped_by_a_gateway("GET", 404)).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], writes(&report)), (&json!("after"), 0), "{report}");
    settled(&world).await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    assert_eq!(world.crm_events("anna").await[0]["title"], "Renamed");
    assert_eq!(world.conflicts().await, Vec::<Value>::new());
}

/// What somebody on the way says of a write is no word of Graph's: nothing is given up,
/// made twice or put before a person for it.
#[tokio::test]
async fn a_write_that_a_gateway_stops_is_made_soon_and_once() {
    for status in [400, 403, 404, 405, 451] {
        let world = World::connected().await;
        let outlook = world.outlook("anna").await;
        until_idle(&world).await;
        let event = world.crm_create_timed("anna", "Dentist", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
        for (method, title) in [("POST", Some("Dentist")), ("PATCH", Some("Surgeon")), ("DELETE", None)] {
            match (method, title) {
                ("PATCH", Some(title)) => drop(world.crm_update(&event["id"], &json!({ "title": title })).await),
                ("DELETE", _) => world.crm_delete(&event["id"]).await,
                _ => {}
            }
            world.fault(stopped_by_a_gateway(method, status)).await;
            let report = world.sync("anna").await;
            assert_eq!(world.control("faults", &json!([])).await, json!([]), "{status} of {method} was not met");
            assert!(report["blocked"].is_null(), "{status} of {method}: {report}");
            settled(&world).await;
            let titles: Vec<Value> = outlook.events().await.iter().map(|event| event["subject"].clone()).collect();
            let expected: Vec<Value> = title.into_iter().map(Value::from).collect();
            assert_eq!(titles, expected, "{status} of {method}");
            let listed = world.crm.get("/api/set-aside?user=anna").await.ok();
            let told = (listed, world.alerts().await, world.conflicts().await);
            assert_eq!(told, (json!([]), Vec::new(), Vec::new()), "{status} of {method}");
        }
    }
}

/// Neither the mailbox nor a list is gone because a gateway knows nothing of it: it is
/// asked again as after any breakdown, not in an hour, and nobody is told.
#[tokio::test]
async fn what_a_gateway_does_not_find_is_asked_for_again_soon() {
    for (status, path) in [
        (404, "calendarView/delta"),
        (403, "calendarView/delta"),
        (404, "/me/calendars"),
        (403, "/me/calendars"),
        (404, "/me/events"),
        (410, "/me/events"),
        (404, "/todo/lists"),
        (403, "/todo/lists"),
    ] {
        let world = World::connected_with_tasks().await;
        until_idle(&world).await;
        let resource = if path.contains("todo") { "tasks" } else { "calendar" };
        if resource == "calendar" {
            world.save("user", "anna", &[("calendar.calendars", json!("Calendar"))]).await;
        }
        world.crm_create_timed("anna", "Dentist", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
        world.fault(json!([{"match": {"path": path}, "do": "htmlPage", "status": status}])).await;
        let report = world.crm.post("/api/sync", &json!({"user": "anna", "resource": resource})).await.ok();
        let left = world.control("faults", &json!([])).await;
        assert_eq!(left, json!([]), "{status} of {path} was not met");
        assert_eq!(report["next"]["reason"], "microsoft-unavailable", "{status} of {path}: {report}");
        assert!(report["next"]["milliseconds"].as_i64().unwrap() < 600_000, "{status} of {path}: {report}");
        assert_eq!(world.alerts().await, Vec::<Value>::new(), "{status} of {path}");
        settled(&world).await;
        assert_eq!(world.outlook("anna").await.events().await.len(), 1, "{status} of {path}");
    }
}

/// The CRM remembers which write has made a record, and an item may come back for
/// which one was made before.
#[tokio::test]
async fn an_item_that_is_to_be_created_once_more_is_created() {
    let world = World::connected().await;
    world.save("system", "0", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    let outlook = world.outlook("anna").await;
    outlook.create_timed("Dentist", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    until_idle(&world).await;
    let ours = world.crm_events("anna").await[0]["id"].clone();
    world.crm_delete(&ours).await;
    world.lose_links("anna");
    let report = world.sync("anna").await;
    assert_eq!(report["crm"]["created"], 1, "{report}");
    let again = world.crm_events("anna").await;
    assert_eq!((again.len(), &again[0]["title"]), (1, &json!("Dentist")), "{again:?}");
    assert_ne!(again[0]["id"], ours);
}

/// The last of several attempts had gone through after all.
#[tokio::test]
async fn an_item_that_was_given_up_and_is_found_is_nobodys_worry_any_more() {
    let world = World::connected().await;
    until_idle(&world).await;
    let poison = json!({"method": "POST", "path": "/me/events"});
    for attempt in 1..=4 {
        // The first of two; the fourth time it is created although nobody hears of it.
        let kind = if attempt < 4 { "unavailable" } else { "dropResponse" };
        world.fault(json!([{"match": poison, "do": kind}])).await;
        if attempt == 1 {
            world.crm_create_timed("anna", "First", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
        }
        let title = format!("Beside {attempt}");
        world.crm_create_timed("anna", &title, "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
        let report = world.sync("anna").await;
        world.advance(report["next"]["milliseconds"].as_i64().unwrap_or(0) / 1000 + 1).await;
        world.forget_faults().await;
    }
    assert_eq!(world.alerts().await.len(), 1, "it was given up");
    settled(&world).await;
    world.assert_same("anna", FROM, TO).await;
    assert_eq!(world.outlook("anna").await.events().await.len(), 5);
    let listed = world.crm.get("/api/set-aside?user=anna").await.ok();
    assert_eq!((listed, world.alerts().await), (json!([]), Vec::<Value>::new()));
}

/// Two poisoned items show of each other what one alone does not show: nothing.
#[tokio::test]
async fn a_few_items_at_which_microsoft_fails_for_hours_do_not_hold_up_the_rest() {
    let world = World::connected().await;
    let mut events = Vec::new();
    for number in 0..2 {
        let (start, end) = (format!("2026-03-1{number}T09:00:00Z"), format!("2026-03-1{number}T10:00:00Z"));
        events.push(world.crm_create_timed("anna", &format!("Event {number}"), &start, &end).await);
    }
    until_idle(&world).await;
    let patches = json!({"method": "PATCH", "path": "/events/"});
    world.fault(json!([{"match": patches, "times": 1000, "do": "unavailable", "status": 500}])).await;
    for event in &events {
        world.crm_update(&event["id"], &json!({"title": "Poison"})).await;
    }
    let mut hours = 0;
    while world.crm.get("/api/set-aside?user=anna").await.ok().as_array().unwrap().len() < 2 {
        hours += 1;
        assert!(hours < 12, "they have to be set aside at some time");
        world.sync("anna").await;
        world.advance(3600).await;
    }
    assert!(hours > 6, "set aside after {hours} hours, in which it may have been Microsoft");
    world.forget_faults().await;
    until_idle(&world).await;
    assert_eq!(writes(&world.sync("anna").await), 0);
    let body = json!({"user": "anna", "resource": "calendar", "keys": null});
    assert_eq!(world.crm.post("/api/set-aside/retry", &body).await.ok()["retried"], 2);
    until_idle(&world).await;
    let titles: Vec<Value> =
        world.outlook("anna").await.events().await.iter().map(|event| event["subject"].clone()).collect();
    assert_eq!(titles, ["Poison", "Poison"]);
}

/// A reminder that is set in somebody else's calendar, which is shared to be read.
#[tokio::test]
async fn an_item_that_is_not_the_users_to_change_does_not_end_the_rest() {
    let (world, events) = renamed_while_denied(2, Some("Event 0")).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], &report["microsoft"]["updated"]), (&json!("idle"), &json!(1)), "{report}");
    let listed = world.crm.get("/api/set-aside?user=anna").await.ok();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["itemId"]), (1, &events[0]["id"]), "{listed}");
    let alerts = world.alerts().await;
    assert_eq!((alerts.len(), &alerts[0]["operation"]), (1, &json!("export")), "{alerts:?}");
    assert_eq!(writes(&world.sync("anna").await), 0);
}

/// A day of a series that somebody on the way never lets through is given up like an
/// item: nothing else waits for it, and it is sent again when somebody asks.
#[tokio::test]
async fn a_day_that_a_gateway_never_lets_through_does_not_hold_up_the_rest() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    outlook.create(&weekly_in_outlook()).await;
    until_idle(&world).await;
    let series = world.crm_events("anna").await[0].clone();
    let start = "2026-03-09T08:30:00Z";
    let day = json!({
        "title": "Moved", "start": start, "end": "2026-03-09T09:30:00Z", "timeZone": "Europe/Berlin",
        "recurringEventId": series["id"], "originalStart": series["start"],
    });
    world.crm_create("anna", &day).await;
    let page =
        json!({"match": {"method": "PATCH", "path": "/me/events"}, "times": 1000, "do": "htmlPage", "status": 403});
    world.fault(json!([page])).await;
    let listed = async || world.crm.get("/api/set-aside?user=anna").await.ok().as_array().unwrap().len();
    let mut hours = 0;
    while listed().await == 0 {
        hours += 1;
        assert!(hours < 12, "it has to be set aside at some time");
        world.sync("anna").await;
        world.advance(3600).await;
    }
    world.crm_create_timed("anna", "Behind it", "2026-03-20T09:00:00Z", "2026-03-20T10:00:00Z").await;
    until_idle(&world).await;
    let shown = world.outlook("anna").await.events().await;
    assert!(shown.iter().any(|event| event["subject"] == "Behind it"), "{shown:?}");
    world.forget_faults().await;
    let body = json!({"user": "anna", "resource": "calendar", "keys": null});
    world.crm.post("/api/set-aside/retry", &body).await.ok();
    until_idle(&world).await;
    assert_eq!((listed().await, world.alerts().await), (0, Vec::<Value>::new()));
    let shown = world.assert_same("anna", FROM, TO).await;
    assert!(shown.iter().any(|entry| entry.ends_with("Moved")), "{shown:?}");
}
