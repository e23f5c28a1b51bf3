//! Rounds of change tracking.

use super::*;

const MARCH: &str = "/me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

/// Follows a round to its end: all items, and the delta link.
pub(super) async fn round(world: &World, start: &str) -> (Vec<Value>, String) {
    let (mut items, mut path) = (Vec::new(), start.to_owned());
    for _ in 0..200 {
        let page = world.get_with(&path, &[("prefer", "odata.maxpagesize=2")]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        items.extend(page.items().iter().cloned());
        if let Some(link) = page.body["@odata.deltaLink"].as_str() {
            return (items, link.to_owned());
        }
        page.body["@odata.nextLink"].as_str().unwrap().clone_into(&mut path);
    }
    panic!("the round does not end");
}

pub(super) fn removed(items: &[Value]) -> Vec<&str> {
    items.iter().filter(|item| item.get("@removed").is_some()).map(id).collect()
}

#[tokio::test]
async fn a_round_lists_all_then_only_changes() {
    let world = World::new();
    let mut created = Vec::new();
    for day in 1..=5 {
        created.push(world.create(event("Talk", day, 9)).await);
    }
    let (items, link) = round(&world, MARCH).await;
    assert_eq!(items.len(), 5);
    let (nothing, link) = round(&world, &link).await;
    assert!(nothing.is_empty());
    world.patch(id(&created[0]), json!({ "subject": "New" })).await;
    world.delete(id(&created[1])).await;
    let (changes, _) = round(&world, &link).await;
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["subject"], "New");
    assert_eq!(removed(&changes), [id(&created[1])]);
    assert!(changes[1].get("start").is_none());
}

#[tokio::test]
async fn what_lies_outside_the_window_is_reported_as_removed() {
    let world = World::new();
    let inside = world.create(event("Inside", 10, 9)).await;
    let (items, link) = round(&world, MARCH).await;
    assert_eq!(items.len(), 1);
    let april = |hour: u32| json!({ "dateTime": format!("2026-04-10T{hour:02}:00:00"), "timeZone": "UTC" });
    let never_seen = world.create(json!({ "subject": "April", "start": april(9), "end": april(10) })).await;
    world.patch(id(&inside), json!({ "start": april(9), "end": april(10) })).await;
    let (changes, _) = round(&world, &link).await;
    assert_eq!(removed(&changes), [id(&never_seen), id(&inside)]);
    assert_eq!(world.get(&format!("/me/events/{}", id(&inside))).await.status, 200);
}

#[tokio::test]
async fn a_series_comes_as_master_stubs_and_exceptions() {
    let world = World::new();
    let mut series = event("Series", 2, 9);
    series["recurrence"] = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "numbered", "startDate": "2026-03-02", "numberOfOccurrences": 3 },
    });
    let master = world.create(series).await;
    let (items, link) = round(&world, MARCH).await;
    let kinds: Vec<&str> = items.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["seriesMaster", "occurrence", "occurrence", "occurrence"]);
    let mut names: Vec<&str> = items[1].as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["@odata.etag", "@odata.type", "end", "id", "seriesMasterId", "start", "type"]);
    world.patch(id(&items[2]), json!({ "subject": "Other" })).await;
    let (changes, _) = round(&world, &link).await;
    let kinds: Vec<&str> = changes.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["seriesMaster", "occurrence", "exception", "occurrence"]);
    assert_eq!(changes[2]["subject"], "Other");
    assert_eq!(changes[0]["id"], master["id"]);
}

#[tokio::test]
async fn the_window_is_required_and_frozen_and_options_are_refused() {
    let world = World::new();
    world.create(event("Talk", 10, 9)).await;
    assert_eq!(world.get("/me/calendarView/delta").await.code(), "ErrorInvalidParameter");
    assert_eq!(world.get(&format!("{MARCH}&$select=subject")).await.status, 400);
    let (_, link) = round(&world, MARCH).await;
    world.create(event("Second", 11, 9)).await;
    let other_window = format!("{link}&startDateTime=2020-01-01&endDateTime=2020-02-01");
    assert_eq!(round(&world, &other_window).await.0.len(), 1);
    for form in ["delta()", "microsoft.graph.delta()", "Delta"] {
        assert_eq!(world.get(&MARCH.replace("delta", form)).await.items().len(), 2, "{form}");
    }
    let tracked = world.get(MARCH).await;
    assert!(tracked.header("preference-applied").contains("odata.track-changes"));
}

#[tokio::test]
async fn evicted_tokens_are_gone_between_and_inside_rounds() {
    let world = World::new();
    for day in 1..=5 {
        world.create(event("Talk", day, 9)).await;
    }
    let (_, link) = round(&world, MARCH).await;
    let first = world.get_with(MARCH, &[("prefer", "odata.maxpagesize=2")]).await;
    let next = first.body["@odata.nextLink"].as_str().unwrap().to_owned();
    world.control("POST", "expire", Some(json!({ "what": "deltaTokens", "userPrincipalName": BOB }))).await;
    assert_eq!(world.get(&next).await.status, 200);
    world.control("POST", "expire", Some(json!({ "what": "deltaTokens" }))).await;
    for path in [link, next] {
        let gone = world.get(&path).await;
        assert_eq!((gone.status, gone.code()), (410, "SyncStateNotFound"));
    }
}

#[tokio::test]
async fn a_lag_hides_young_changes_until_it_has_passed() {
    let world = World::new();
    world.control("POST", "behaviour", Some(json!({ "deltaLagSeconds": 60 }))).await;
    let (_, link) = round(&world, MARCH).await;
    world.create(event("Talk", 10, 9)).await;
    let (nothing, link) = round(&world, &link).await;
    assert!(nothing.is_empty());
    world.advance(61);
    assert_eq!(round(&world, &link).await.0.len(), 1);
}

#[tokio::test]
async fn empty_pages_and_replays_lose_nothing() {
    let world = World::new();
    for day in 1..=20 {
        world.create(event("Talk", day, 9)).await;
    }
    world.control("POST", "behaviour", Some(json!({ "emptyPages": true, "replay": true }))).await;
    let (items, _) = round(&world, MARCH).await;
    let mut ids: Vec<&str> = items.iter().map(id).collect();
    let with_replays = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    assert!(with_replays > 20);
}

#[tokio::test]
async fn events_delta_is_thin_and_has_no_occurrences() {
    let world = World::new();
    let mut series = event("Series", 2, 9);
    series["recurrence"] = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "noEnd", "startDate": "2026-03-02" },
    });
    world.create(series).await;
    world.create(event("Talk", 10, 9)).await;
    let (items, link) = round(&world, "/me/events/delta?startDateTime=2026-03-01").await;
    let kinds: Vec<&str> = items.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["seriesMaster", "singleInstance"]);
    assert!(items[0].get("subject").is_none());
    world.delete(id(&items[1])).await;
    assert_eq!(removed(&round(&world, &link).await.0), [id(&items[1])]);
    let refused = world.get("/me/events/delta?startDateTime=").await;
    assert_eq!((refused.status, refused.code()), (400, "ErrorInvalidParameter"));
    assert_eq!(refused.body["error"]["message"], "The value '' of parameter 'StartDateTime' is invalid.");
}

#[tokio::test]
async fn each_calendar_has_rounds_of_its_own() {
    let world = World::new();
    let added = world.post("/me/calendars", json!({ "name": "Project" })).await;
    let calendar = url::form_urlencoded::byte_serialize(id(&added.body).as_bytes()).collect::<String>();
    let start = MARCH.replace("/me/", &format!("/me/calendars/{calendar}/"));
    for _ in 0..8 {
        let (items, link) = round(&world, &start).await;
        assert!(items.is_empty());
        world.create(event("Elsewhere", 10, 9)).await;
        let (items, link) = round(&world, &link).await;
        assert!(items.is_empty());
        let here = world.post(&format!("/me/calendars/{calendar}/events"), event("Here", 10, 9)).await.body;
        assert_eq!(round(&world, &link).await.0[0]["id"], here["id"]);
        world.delete(id(&here)).await;
    }
}
