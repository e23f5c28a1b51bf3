//! The two forms of ids, their translation, and moves between calendars.

use super::*;

const IMMUTABLE: (&str, &str) = ("prefer", "IdType=\"ImmutableId\"");
const WINDOW: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";

async fn translated(world: &World, id: &str, source: &str, target: &str) -> Value {
    let body = json!({ "inputIds": [id], "sourceIdType": source, "targetIdType": target });
    let answer = world.post("/me/translateExchangeIds", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.items()[0].clone()
}

async fn immutable_id(world: &World, path: &str) -> String {
    id(&world.get_with(path, &[IMMUTABLE]).await.body).to_owned()
}

#[tokio::test]
async fn ids_are_translated_both_ways() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let occurrence = world.instances(id(&master)).await.remove(1);
    for event in [&master, &occurrence] {
        let immutable = immutable_id(&world, &format!("/me/events/{}", id(event))).await;
        let there = translated(&world, id(event), "restId", "restImmutableEntryId").await;
        assert_eq!(there, json!({ "sourceId": id(event), "targetId": immutable }));
        let back = translated(&world, &immutable, "restImmutableEntryId", "restId").await;
        assert_eq!(back["targetId"], event["id"]);
    }
    let wrong = translated(&world, id(&master), "restImmutableEntryId", "restId").await;
    assert_eq!((&wrong["errorDetails"]["code"], wrong.get("targetId")), (&json!("ErrorInvalidIdMalformed"), None));
    let many: Vec<&str> = vec![id(&master); 1_001];
    let body = json!({ "inputIds": many, "sourceIdType": "restId", "targetIdType": "restId" });
    assert_eq!(world.post("/me/translateExchangeIds", body).await.status, 400);
    let calendar = world.get("/me/calendar").await.body;
    assert_eq!(translated(&world, id(&calendar), "restId", "restImmutableEntryId").await["targetId"], calendar["id"]);
    let ews = json!({ "inputIds": [], "sourceIdType": "ewsId", "targetIdType": "restId" });
    assert_eq!(world.post("/me/translateExchangeIds", ews).await.status, 501);
}

#[tokio::test]
async fn a_move_to_another_calendar_changes_the_default_id_alone() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let immutable = immutable_id(&world, &format!("/me/events/{}", id(&created))).await;
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let there = format!("/me/calendars/{}/calendarView/delta?{WINDOW}", escaped(id(&project)));
    let here = format!("/me/calendarView/delta?{WINDOW}");
    let mut links = Vec::new();
    for start in [&here, &there] {
        links.push(world.get(start).await.body["@odata.deltaLink"].as_str().unwrap().to_owned());
    }
    let request = json!({ "userPrincipalName": ALICE, "eventId": id(&created), "calendarId": id(&project) });
    let moved = world.control("POST", "move", Some(request.clone())).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    let new = moved.body["eventId"].as_str().unwrap();
    assert_ne!(new, id(&created));
    assert_eq!(world.get(&format!("/me/events/{}", id(&created))).await.code(), "ErrorItemNotFound");
    assert_eq!(world.get(&format!("/me/events/{immutable}")).await.body["id"], new);
    for (headers, old_form, new_form) in
        [(vec![], id(&created), new), (vec![IMMUTABLE], immutable.as_str(), immutable.as_str())]
    {
        let left = world.get_with(&links[0], &headers).await;
        assert_eq!(
            left.items(),
            [json!({ "@odata.type": "#microsoft.graph.event", "id": old_form, "@removed": { "reason": "deleted" } })]
        );
        let arrived = world.get_with(&links[1], &headers).await;
        assert_eq!((arrived.items().len(), id(&arrived.items()[0])), (1, new_form));
        assert!(arrived.items()[0].get("@removed").is_none());
    }
    // The old id is no longer one, and neither is another mailbox's event.
    assert_eq!(world.control("POST", "move", Some(request)).await.status, 404);
    let others = json!({ "userPrincipalName": BOB, "eventId": new, "calendarId": id(&project) });
    assert_eq!(world.control("POST", "move", Some(others)).await.status, 404);
}

#[tokio::test]
async fn a_series_moves_with_its_occurrences() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let occurrence = world.instances(id(&master)).await.remove(1);
    let immutable = immutable_id(&world, &format!("/me/events/{}", id(&occurrence))).await;
    let project = world.post("/me/calendars", json!({ "name": "Project" })).await.body;
    let request = json!({ "userPrincipalName": ALICE, "eventId": id(&master), "calendarId": id(&project) });
    let new = world.control("POST", "move", Some(request)).await.body["eventId"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/me/events/{}", id(&occurrence))).await.status, 404);
    assert_eq!(world.get(&format!("/me/events/{immutable}")).await.body["seriesMasterId"], new.as_str());
}
