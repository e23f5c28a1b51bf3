//! Rounds of change tracking where they go wrong, or against expectation.

use super::*;

const MARCH: &str = "/me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

fn link<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.body[name].as_str().unwrap()
}

async fn expire(world: &World) {
    world.control("POST", "expire", Some(json!({ "what": "deltaTokens" }))).await;
}

#[tokio::test]
async fn an_evicted_token_leads_to_a_new_round_of_the_same_window() {
    let world = World::new();
    world.create(event("March", 10, 9)).await;
    let april = |hour: u32| json!({ "dateTime": format!("2026-04-10T{hour:02}:00:00"), "timeZone": "UTC" });
    world.create(json!({ "subject": "April", "start": april(9), "end": april(10) })).await;
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let project = format!("/me/calendars/{}", escaped(id(&project)));
    world.post(&format!("{project}/events"), event("Project", 11, 9)).await;
    let cases = [(MARCH.to_owned(), "March"), (MARCH.replace("/me/", &format!("{project}/")), "Project")];
    for (start, subject) in cases {
        let delta = link(&world.get(&start).await, "@odata.deltaLink").to_owned();
        expire(&world).await;
        let gone = world.get(&delta).await;
        assert_eq!((gone.status, gone.code()), (410, "SyncStateNotFound"));
        let location = gone.header("location");
        assert!(location.ends_with("$deltatoken="), "{location}");
        let restarted = world.get(location).await;
        let subjects: Vec<&str> = restarted.items().iter().map(|item| item["subject"].as_str().unwrap()).collect();
        assert_eq!(subjects, [subject]);
        assert!(restarted.body["@odata.deltaLink"].is_string());
    }
    for start in ["/me/events/delta", "/me/events/delta?startDateTime=2026-04-01T00:00:00Z"] {
        let first = world.get(start).await;
        expire(&world).await;
        let gone = world.get(link(&first, "@odata.deltaLink")).await;
        assert_eq!(world.get(gone.header("location")).await.items().len(), first.items().len(), "{start}");
    }
}

#[tokio::test]
async fn the_location_of_a_new_round_can_be_kept_back() {
    let world = World::new();
    world.behaviour(json!({ "goneWithoutLocation": true })).await;
    let delta = link(&world.get(MARCH).await, "@odata.deltaLink").to_owned();
    expire(&world).await;
    let gone = world.get(&delta).await;
    assert_eq!((gone.status, gone.header("location")), (410, ""));
    world.behaviour(json!({ "goneWithoutLocation": null })).await;
    assert!(!world.get(&delta).await.header("location").is_empty());
    let nonsense = world.get("/me/calendarView/delta?$deltatoken=nonsense").await;
    assert_eq!((nonsense.status, nonsense.header("location")), (410, ""));
}

#[tokio::test]
async fn a_token_evicted_in_the_middle_of_a_round_restarts_it() {
    let world = World::new();
    for day in 1..=5 {
        world.create(event("Talk", day, 9)).await;
    }
    let first = world.get_with(MARCH, &[("prefer", "odata.maxpagesize=2")]).await;
    expire(&world).await;
    let gone = world.get(link(&first, "@odata.nextLink")).await;
    assert_eq!(gone.status, 410);
    assert_eq!(world.get(gone.header("location")).await.items().len(), 5);
}

#[tokio::test]
async fn masters_can_be_left_out_as_documented() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let occurrence = world.instances(id(&master)).await.remove(1);
    world.patch(id(&occurrence), json!({ "subject": "Second" })).await;
    world.behaviour(json!({ "mastersInDelta": false })).await;
    let first = world.get(MARCH).await;
    let kinds: Vec<&str> = first.items().iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["occurrence", "exception", "occurrence"]);
    assert_eq!(world.get("/me/events/delta").await.items()[0]["type"], "seriesMaster");
    world.delete(id(&master)).await;
    let changes = world.get(link(&first, "@odata.deltaLink")).await;
    assert_eq!(changes.items()[0]["@removed"]["reason"], "deleted");
}

#[tokio::test]
async fn a_deleted_occurrence_shows_only_in_what_is_left_of_its_series() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let delta = link(&world.get(MARCH).await, "@odata.deltaLink").to_owned();
    let occurrence = world.instances(id(&master)).await.remove(1);
    world.delete(id(&occurrence)).await;
    let changes = world.get(&delta).await;
    assert_eq!(changes.items().len(), 3);
    assert!(changes.items().iter().all(|item| item.get("@removed").is_none() && id(item) != id(&occurrence)));
}

#[tokio::test]
async fn change_keys_of_occurrences_move_daily_when_told_so() {
    let world = World::new();
    world.behaviour(json!({ "occurrenceKeysMoveDaily": true })).await;
    let master = world.create(daily(3)).await;
    let before = world.instances(id(&master)).await;
    world.clock.advance(TimeDelta::days(1));
    // Tokens do not live for a day.
    let token = world.token_of(ALICE);
    let answer = world.graph_as(&token, "GET", &instances_path(id(&master)), &[], None).await;
    assert_ne!(answer.items()[0]["changeKey"], before[0]["changeKey"]);
    let read = world.graph_as(&token, "GET", &format!("/me/events/{}", id(&master)), &[], None).await.body;
    assert_eq!(read["changeKey"], master["changeKey"]);
    let path = format!("/me/events/{}", id(&before[0]));
    let current = answer.items()[0]["@odata.etag"].as_str().unwrap();
    let change = Some(json!({ "subject": "New" }));
    assert_eq!(world.graph_as(&token, "PATCH", &path, &[("if-match", current)], change).await.status, 200);
}

#[tokio::test]
async fn a_deleted_calendar_is_not_found_by_its_rounds() {
    let world = World::new();
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let path = format!("/me/calendars/{}", escaped(id(&project)));
    let delta = link(&world.get(&MARCH.replace("/me", &path)).await, "@odata.deltaLink").to_owned();
    assert_eq!(world.graph_as(&world.token, "DELETE", &path, &[], None).await.status, 204);
    for path in [delta, format!("{path}/events"), MARCH.replace("/me", &path)] {
        let gone = world.get(&path).await;
        assert_eq!((gone.status, gone.code()), (404, "ErrorItemNotFound"), "{path}");
    }
}
