//! Meetings between mailboxes, and the mails they cause.

use super::*;

fn meeting() -> Value {
    let mut meeting = event("Meeting", 10, 9);
    meeting["attendees"] = json!([
        { "type": "required", "emailAddress": { "address": BOB, "name": "Bob" } },
        { "type": "optional", "emailAddress": { "address": "eve@elsewhere.example" } },
    ]);
    meeting
}

fn kinds(world: &World) -> Vec<String> {
    world
        .microsoft
        .outbox()
        .iter()
        .map(|mail| format!("{} {}", mail["kind"].as_str().unwrap(), mail["to"].as_str().unwrap()))
        .collect()
}

async fn copy_of_bob(world: &World) -> Value {
    let answer = world.graph_as(&world.token_of(BOB), "GET", "/me/events", &[], None).await;
    answer.items().first().cloned().unwrap_or_default()
}

#[tokio::test]
async fn an_invitation_puts_a_copy_with_the_same_uid_into_the_guest_calendar() {
    let world = World::new();
    let created = world.create(meeting()).await;
    let copy = copy_of_bob(&world).await;
    assert_eq!(copy["iCalUId"], created["iCalUId"]);
    assert_ne!(copy["id"], created["id"]);
    assert_eq!((copy["isOrganizer"].as_bool(), copy["showAs"].as_str()), (Some(false), Some("tentative")));
    assert_eq!(copy["responseStatus"], json!({ "response": "notResponded", "time": "0001-01-01T00:00:00Z" }));
    assert_eq!(kinds(&world), [format!("invitation {BOB}"), "invitation eve@elsewhere.example".to_owned()]);
}

#[tokio::test]
async fn only_shared_changes_are_mailed() {
    let world = World::new();
    let created = world.create(meeting()).await;
    world.patch(id(&created), json!({ "reminderMinutesBeforeStart": 5, "categories": ["Blue"] })).await;
    assert_eq!(kinds(&world).len(), 2);
    world.patch(id(&created), json!({ "subject": "Renamed" })).await;
    assert_eq!(kinds(&world).len(), 4);
    assert_eq!(copy_of_bob(&world).await["subject"], "Renamed");
    let only_bob = meeting()["attendees"][0].clone();
    world.patch(id(&created), json!({ "attendees": [only_bob] })).await;
    assert_eq!(kinds(&world).last().unwrap(), "cancellation eve@elsewhere.example");
    assert_eq!(kinds(&world).len(), 5);
}

#[tokio::test]
async fn answers_reach_the_organiser() {
    let world = World::new();
    let created = world.create(meeting()).await;
    let bob = world.token_of(BOB);
    let copy = copy_of_bob(&world).await;
    let accept = |action: &str| format!("/me/events/{}/{action}", id(&copy));
    let answer = world.graph_as(&bob, "POST", &accept("accept"), &[], Some(json!({ "sendResponse": true }))).await;
    assert_eq!((answer.status, answer.text.as_str()), (202, ""));
    let seen = world.get(&format!("/me/events/{}", id(&created))).await.body;
    assert_eq!(seen["attendees"][0]["status"]["response"], "accepted");
    assert_eq!(world.post(&format!("/me/events/{}/accept", id(&created)), json!({})).await.status, 400);
    assert_eq!(world.graph_as(&bob, "POST", &accept("cancel"), &[], Some(json!({}))).await.status, 400);
    let declined = world.graph_as(&bob, "POST", &accept("decline"), &[], Some(json!({ "SendResponse": false }))).await;
    assert_eq!(declined.status, 202);
    assert!(copy_of_bob(&world).await.is_null());
}

#[tokio::test]
async fn the_answer_to_a_series_counts_for_exceptions_that_were_answered_alike() {
    let world = World::new();
    let mut draft = daily(3);
    draft["attendees"] = json!([guest(BOB)]);
    let created = world.create(draft).await;
    let items = world.instances(id(&created)).await;
    let own_guests = json!({ "attendees": [guest(BOB), guest("dan@elsewhere.example")] });
    assert_eq!(world.patch(id(&items[1]), own_guests).await.status, 200);
    let copy = copy_of_bob(&world).await;
    let answer = async |id: &str, action: &str| {
        world.as_bob("POST", &format!("/me/events/{id}/{action}"), Some(json!({}))).await.status
    };
    let theirs = async || world.as_bob("GET", &instances_path(id(&copy)), None).await.items().to_vec();
    assert_eq!(answer(id(&theirs().await[2]), "tentativelyAccept").await, 202);
    assert_eq!(answer(id(&copy), "accept").await, 202);
    let of_bob = |event: &Value| {
        let guests = event["attendees"].as_array().unwrap();
        let bob = guests.iter().find(|guest| guest["emailAddress"]["address"] == BOB).unwrap();
        bob["status"]["response"].as_str().unwrap().to_owned()
    };
    let expected = ["accepted", "accepted", "tentativelyAccepted"];
    for side in [world.instances(id(&created)).await, theirs().await] {
        assert_eq!(side.iter().map(of_bob).collect::<Vec<_>>(), expected);
    }
    let own: Vec<Value> = theirs().await.iter().map(|event| event["responseStatus"]["response"].clone()).collect();
    assert_eq!(own, expected);
}

#[tokio::test]
async fn the_organiser_calls_off_and_a_guest_only_leaves() {
    let world = World::new();
    let created = world.create(meeting()).await;
    let cancelled = world.post(&format!("/me/events/{}/cancel", id(&created)), json!({ "comment": "ill" })).await;
    assert_eq!(cancelled.status, 202);
    let copy = copy_of_bob(&world).await;
    assert_eq!((copy["isCancelled"].as_bool(), copy["subject"].as_str()), (Some(true), Some("Canceled: Meeting")));
    let mails = kinds(&world).len();
    let left = world.graph_as(&world.token_of(BOB), "DELETE", &format!("/me/events/{}", id(&copy)), &[], None).await;
    assert_eq!((left.status, kinds(&world).len()), (204, mails));
    assert_eq!(world.get(&format!("/me/events/{}", id(&created))).await.status, 404);
}
