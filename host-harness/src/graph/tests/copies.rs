//! What organisers' changes do to the calendars of guests.

use super::*;

/// A daily series with Bob and somebody outside, and Bob's master.
async fn shared_series(world: &World) -> (Value, Value) {
    let mut series = daily(4);
    series["attendees"] = json!([guest(BOB), guest("eve@elsewhere.example")]);
    let master = world.create(series).await;
    world.mails().await;
    (master, bobs_events(world).await.remove(0))
}

async fn bobs_events(world: &World) -> Vec<Value> {
    world.as_bob("GET", "/me/events", None).await.items().to_vec()
}

async fn bobs(world: &World, master: &Value) -> Vec<Value> {
    world.as_bob("GET", &instances_path(id(master)), None).await.items().to_vec()
}

fn path(event: &Value) -> String {
    format!("/me/events/{}", id(event))
}

#[tokio::test]
async fn a_cancelled_occurrence_stays_with_the_guest_as_a_cancelled_exception() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let items = world.instances(id(&master)).await;
    assert_eq!(world.post(&format!("{}/cancel", path(&items[1])), json!({ "comment": "ill" })).await.status, 202);
    assert_eq!(world.mails().await, ["cancellation bob 2026-03-03", "cancellation eve 2026-03-03"]);
    assert_eq!(world.instances(id(&master)).await.len(), 3);
    let seen = bobs(&world, &copy).await;
    let cancelled: Vec<bool> = seen.iter().map(|item| item["isCancelled"].as_bool().unwrap()).collect();
    assert_eq!(cancelled, [false, true, false, false]);
    assert_eq!((seen[1]["type"].as_str(), seen[1]["subject"].as_str()), (Some("exception"), Some("Canceled: Series")));
    assert_eq!(seen[1]["showAs"], "free");
    assert_eq!(seen[1]["iCalUId"], items[1]["iCalUId"]);
    let still_on = format!("{}&$filter={}", instances_path(id(&copy)), escaped("isCancelled eq false"));
    assert_eq!(world.as_bob("GET", &still_on, None).await.items().len(), 3);
    let listed = world.as_bob("GET", &path(&copy), None).await.body;
    assert_eq!(listed["isCancelled"], false);
    // The guest removes it, nobody is told, and a later update of the series
    // does not bring it back.
    assert_eq!(world.as_bob("DELETE", &path(&seen[1]), None).await.status, 204);
    assert_eq!(world.mails().await, [""; 0]);
    world.patch(id(&master), json!({ "subject": "Renamed" })).await;
    let left = bobs(&world, &copy).await;
    assert_eq!(left.len(), 3);
    assert!(left.iter().all(|item| item["subject"] == "Renamed"));
}

#[tokio::test]
async fn a_cancelled_occurrence_outlives_an_update_of_the_series() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    world.delete(id(&world.instances(id(&master)).await[1])).await;
    world.patch(id(&master), json!({ "subject": "Renamed" })).await;
    let seen = bobs(&world, &copy).await;
    assert_eq!((seen[1]["isCancelled"].as_bool(), seen[1]["subject"].as_str()), (Some(true), Some("Canceled: Series")));
    assert_eq!(seen[0]["subject"], "Renamed");
}

#[tokio::test]
async fn a_series_called_off_stays_with_the_guest_until_removed() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    assert_eq!(world.delete(id(&master)).await.status, 204);
    assert_eq!(world.mails().await, ["cancellation bob", "cancellation eve"]);
    let seen = world.as_bob("GET", &path(&copy), None).await.body;
    assert_eq!((seen["isCancelled"].as_bool(), seen["subject"].as_str()), (Some(true), Some("Canceled: Series")));
    assert!(bobs(&world, &copy).await.iter().all(|item| item["isCancelled"] == true));
    assert_eq!(world.as_bob("DELETE", &path(&copy), None).await.status, 204);
    assert!(bobs_events(&world).await.is_empty());
    assert_eq!(world.mails().await, [""; 0]);
}

#[tokio::test]
async fn what_is_the_guests_own_survives_the_organisers_updates() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let mine = bobs(&world, &copy).await;
    let own = json!({ "reminderMinutesBeforeStart": 45, "categories": ["Blue"] });
    assert_eq!(world.as_bob("PATCH", &path(&mine[1]), Some(own.clone())).await.status, 200);
    world.as_bob("PATCH", &path(&copy), Some(json!({ "categories": ["Red"] }))).await;
    world.as_bob("POST", &format!("{}/accept", path(&mine[1])), Some(json!({}))).await;
    world.as_bob("DELETE", &path(&mine[3]), None).await;
    world.mails().await;
    // One change of the series, one of another occurrence, one of this one.
    let items = world.instances(id(&master)).await;
    world.patch(id(&master), json!({ "subject": "Renamed" })).await;
    world.patch(id(&items[2]), json!({ "subject": "Third" })).await;
    world.patch(id(&items[1]), json!({ "subject": "Second" })).await;
    let seen = bobs(&world, &copy).await;
    let subjects: Vec<&str> = seen.iter().map(|item| item["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["Renamed", "Second", "Third"]);
    assert_eq!((&seen[1]["reminderMinutesBeforeStart"], &seen[1]["categories"]), (&json!(45), &json!(["Blue"])));
    assert_eq!(
        (seen[1]["responseStatus"]["response"].as_str(), seen[1]["showAs"].as_str()),
        (Some("accepted"), Some("busy"))
    );
    assert_eq!(seen[0]["categories"], json!(["Red"]));
    let organisers = world.instances(id(&master)).await;
    assert!(organisers.iter().all(|item| item["categories"] == json!([])));
}

#[tokio::test]
async fn a_moved_occurrence_asks_again_and_what_a_guest_changed_alone_is_overwritten() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let mine = bobs(&world, &copy).await;
    world.as_bob("POST", &format!("{}/accept", path(&mine[1])), Some(json!({}))).await;
    world.as_bob("PATCH", &path(&mine[1]), Some(json!({ "subject": "Mine" }))).await;
    assert_eq!(bobs(&world, &copy).await[1]["subject"], "Mine");
    let items = world.instances(id(&master)).await;
    world.patch(id(&items[1]), at(3, 15)).await;
    let seen = &bobs(&world, &copy).await[1];
    assert_eq!(seen["start"]["dateTime"], "2026-03-03T14:00:00.0000000");
    assert_eq!(
        (seen["subject"].as_str(), seen["responseStatus"]["response"].as_str()),
        (Some("Series"), Some("notResponded"))
    );
}

#[tokio::test]
async fn an_answer_to_one_occurrence_reaches_the_organiser_as_an_exception() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let mine = bobs(&world, &copy).await;
    let answer = |item: &Value, action: &str| format!("{}/{action}", path(item));
    assert_eq!(world.as_bob("POST", &answer(&mine[0], "tentativelyAccept"), Some(json!({}))).await.status, 202);
    assert_eq!(world.mails().await, ["response alice 2026-03-02"]);
    let silent = Some(json!({ "sendResponse": false }));
    world.as_bob("POST", &answer(&mine[1], "accept"), silent).await;
    world.as_bob("POST", &answer(&mine[2], "decline"), Some(json!({ "comment": "away" }))).await;
    let outbox = world.microsoft.outbox();
    assert_eq!(outbox.len(), 1);
    assert_eq!(
        (outbox[0]["subject"].as_str(), outbox[0]["response"].as_str()),
        (Some("Declined: Series"), Some("declined"))
    );
    assert_eq!((&outbox[0]["iCalUId"], &outbox[0]["occurrence"]), (&master["iCalUId"], &json!("2026-03-04")));
    let organisers = world.instances(id(&master)).await;
    let status = |item: &Value| item["attendees"][0]["status"]["response"].as_str().unwrap().to_owned();
    let found: Vec<(String, String)> =
        organisers.iter().map(|item| (item["type"].as_str().unwrap().to_owned(), status(item))).collect();
    let expected = [
        ("exception", "tentativelyAccepted"),
        ("occurrence", "none"),
        ("exception", "declined"),
        ("occurrence", "none"),
    ];
    assert_eq!(found, expected.map(|(kind, status)| (kind.to_owned(), status.to_owned())));
    let mine = bobs(&world, &copy).await;
    assert_eq!(mine.len(), 3);
    let shown: Vec<&str> = mine.iter().map(|item| item["responseStatus"]["response"].as_str().unwrap()).collect();
    assert_eq!(shown, ["tentativelyAccepted", "accepted", "notResponded"]);
}

#[tokio::test]
async fn declined_meetings_are_removed_or_kept_as_free_time() {
    let world = World::new();
    world.behaviour(json!({ "keepDeclined": true })).await;
    let (_, copy) = shared_series(&world).await;
    let mine = bobs(&world, &copy).await;
    world.as_bob("POST", &format!("{}/decline", path(&mine[0])), Some(json!({}))).await;
    let kept = &bobs(&world, &copy).await[0];
    assert_eq!(
        (kept["showAs"].as_str(), kept["responseStatus"]["response"].as_str()),
        (Some("free"), Some("declined"))
    );
    world.as_bob("POST", &format!("{}/decline", path(&copy)), Some(json!({}))).await;
    assert_eq!(world.as_bob("GET", &path(&copy), None).await.body["responseStatus"]["response"], "declined");
    world.behaviour(json!({ "keepDeclined": null })).await;
    world.as_bob("POST", &format!("{}/decline", path(&mine[1])), Some(json!({}))).await;
    assert_eq!(bobs(&world, &copy).await.len(), 3);
    world.as_bob("POST", &format!("{}/decline", path(&copy)), Some(json!({}))).await;
    assert!(bobs_events(&world).await.is_empty());
}

#[tokio::test]
async fn a_guest_of_one_occurrence_gets_that_one_alone() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let items = world.instances(id(&master)).await;
    world.patch(id(&items[1]), json!({ "attendees": [guest(BOB)] })).await;
    assert_eq!(world.mails().await, ["invitation bob 2026-03-03"]);
    let seen = bobs_events(&world).await;
    assert_eq!((seen.len(), seen[0]["type"].as_str()), (1, Some("singleInstance")));
    assert_eq!(seen[0]["iCalUId"], items[1]["iCalUId"]);
    assert_eq!(seen[0]["start"], items[1]["start"]);
    world.as_bob("POST", &format!("{}/accept", path(&seen[0])), Some(json!({}))).await;
    assert_eq!(world.microsoft.outbox()[0]["iCalUId"], master["iCalUId"]);
    assert_eq!(world.mails().await, ["response alice 2026-03-03"]);
    let read = world.get(&path(&items[1])).await.body;
    assert_eq!(read["attendees"][0]["status"]["response"], "accepted");
    world.patch(id(&items[1]), json!({ "subject": "Second" })).await;
    assert_eq!(bobs_events(&world).await[0]["subject"], "Second");
    world.mails().await;
    world.delete(id(&master)).await;
    assert_eq!(world.mails().await, ["cancellation bob 2026-03-03"]);
    assert_eq!(bobs_events(&world).await[0]["isCancelled"], true);
}

#[tokio::test]
async fn who_joins_the_series_has_no_single_copies_left() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let items = world.instances(id(&master)).await;
    world.patch(id(&items[1]), json!({ "attendees": [guest(BOB)] })).await;
    world.patch(id(&master), json!({ "attendees": [guest(BOB)] })).await;
    let seen = bobs_events(&world).await;
    assert_eq!((seen.len(), seen[0]["type"].as_str()), (1, Some("seriesMaster")));
    assert_eq!(bobs(&world, &seen[0]).await.len(), 3);
}

#[tokio::test]
async fn who_declined_is_asked_again_by_the_next_update() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    world.as_bob("POST", &format!("{}/decline", path(&copy)), Some(json!({}))).await;
    world.patch(id(&master), json!({ "subject": "Renamed" })).await;
    let again = bobs_events(&world).await.remove(0);
    assert_eq!(
        (again["responseStatus"]["response"].as_str(), again["isOrganizer"].as_bool()),
        (Some("notResponded"), Some(false))
    );
}

#[tokio::test]
async fn a_shorter_series_keeps_the_guests_own_changes_before_the_cut() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let mine = bobs(&world, &copy).await;
    for item in [&mine[1], &mine[3]] {
        world.as_bob("PATCH", &path(item), Some(json!({ "categories": ["Blue"] }))).await;
    }
    let mut recurrence = master["recurrence"].clone();
    recurrence["range"]["numberOfOccurrences"] = json!(3);
    world.patch(id(&master), json!({ "recurrence": recurrence })).await;
    let seen = bobs(&world, &copy).await;
    assert_eq!((seen.len(), &seen[1]["categories"], id(&seen[1])), (3, &json!(["Blue"]), id(&mine[1])));
}

#[tokio::test]
async fn guests_who_are_hidden_see_themselves_alone() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["attendees"] = json!([guest(BOB), guest("dan@elsewhere.example")]);
    draft["hideAttendees"] = json!(true);
    let created = world.create(draft).await;
    assert_eq!(created["attendees"].as_array().unwrap().len(), 2);
    let seen = async || {
        let copies = world.as_bob("GET", "/me/events", None).await;
        let guests = copies.items()[0]["attendees"].as_array().unwrap().clone();
        guests.iter().map(|guest| guest["emailAddress"]["address"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(seen().await, [BOB]);
    world.patch(id(&created), json!({ "subject": "New" })).await;
    assert_eq!(seen().await, [BOB]);
    world.patch(id(&created), json!({ "hideAttendees": false })).await;
    assert_eq!(seen().await.len(), 2);
}

#[tokio::test]
async fn files_of_an_occurrence_stay_with_whose_they_are() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let items = world.instances(id(&master)).await;
    let mine = bobs(&world, &copy).await;
    let file = |name: &str| json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentBytes": "aGVsbG8=" });
    let files = |event: &Value| format!("{}/attachments", path(event));
    for at in [1, 2] {
        assert_eq!(world.post(&files(&items[at]), file("organiser.txt")).await.status, 201);
    }
    assert_eq!(world.as_bob("POST", &files(&mine[2]), Some(file("guest.txt"))).await.status, 201);
    let names = |answer: &Answer| -> Vec<String> {
        answer.items().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    for change in ["one", "series"] {
        match change {
            "one" => {
                for at in [1, 2] {
                    assert_eq!(world.patch(id(&items[at]), json!({ "subject": "Changed" })).await.status, 200);
                }
            }
            _ => {
                assert_eq!(
                    world.patch(id(&master), json!({ "location": { "displayName": "Hall" } })).await.status,
                    200
                );
            }
        }
        for (at, of_organiser, of_guest) in [(1, "organiser.txt", None), (2, "organiser.txt", Some("guest.txt"))] {
            assert_eq!(names(&world.get(&files(&items[at])).await), [of_organiser], "{change} {at}");
            let seen = world.as_bob("GET", &files(&mine[at]), None).await;
            assert_eq!(names(&seen), of_guest.into_iter().collect::<Vec<_>>(), "{change} {at}");
        }
    }
}

#[tokio::test]
async fn a_guests_file_of_an_unchanged_occurrence_outlives_an_update_of_the_series() {
    let world = World::new();
    let (master, copy) = shared_series(&world).await;
    let mine = bobs(&world, &copy).await;
    let files = format!("{}/attachments", path(&mine[1]));
    let file = json!({ "@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGVsbG8=" });
    assert_eq!(world.as_bob("POST", &files, Some(file)).await.status, 201);
    world.patch(id(&master), json!({ "subject": "Renamed" })).await;
    let seen = world.as_bob("GET", &files, None).await;
    assert_eq!((seen.items().len(), &seen.items()[0]["name"]), (1, &json!("a.txt")));
}
