//! Other times that guests propose (api/event-tentativelyaccept,
//! api/event-decline, concepts/outlook-calendar-meeting-proposals).

use super::*;

/// Three to half past three in Berlin on the tenth.
fn slot() -> Value {
    at(10, 15)
}

fn written() -> Value {
    let utc = |time: &str| json!({ "dateTime": format!("2026-03-10T{time}:00.0000000"), "timeZone": "UTC" });
    json!({ "start": utc("14:00"), "end": utc("14:30") })
}

/// What the guest list of an event says that Bob proposed.
fn proposed(event: &Value) -> &Value {
    let guests = event["attendees"].as_array().unwrap();
    &guests.iter().find(|guest| guest["emailAddress"]["address"] == BOB).unwrap()["proposedNewTime"]
}

async fn seen_by_alice(world: &World, event: &Value) -> Value {
    world.get(&format!("/me/events/{}", id(event))).await.body
}

#[tokio::test]
async fn both_sides_and_the_mail_show_what_was_proposed() {
    let world = World::new();
    world.behaviour(json!({ "keepDeclined": true })).await;
    let created = meeting(&world, event("Talk", 10, 9)).await;
    let copy = copy_of_bob(&world).await;
    for (action, response) in [("tentativelyAccept", "tentativelyAccepted"), ("decline", "declined")] {
        let answer = bob_does(&world, &copy, action, json!({ "ProposedNewTime": slot() })).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        assert_eq!(proposed(&copy_of_bob(&world).await), &written());
        let seen = seen_by_alice(&world, &created).await;
        assert_eq!((proposed(&seen), &seen["start"]), (&written(), &created["start"]));
        assert_eq!(seen["attendees"][0]["status"]["response"], response);
        let received = inbox(&world, ALICE).await.remove(0);
        assert_eq!((&received["proposedNewTime"], &received["responseType"]), (&written(), &json!(response)));
        assert_eq!(received["subject"], "New Time Proposed: Talk");
    }
    let prefer = [("prefer", "outlook.timezone=\"W. Europe Standard Time\"")];
    let in_berlin = world.get_with(&format!("/me/events/{}", id(&created)), &prefer).await.body;
    assert_eq!(proposed(&in_berlin)["start"]["dateTime"], "2026-03-10T15:00:00.0000000");
}

#[tokio::test]
async fn a_proposal_that_is_not_allowed_does_nothing() {
    let world = World::new();
    let closed = meeting(&world, {
        let mut draft = event("Closed", 11, 9);
        draft["allowNewTimeProposals"] = json!(false);
        draft
    })
    .await;
    meeting(&world, event("Talk", 10, 9)).await;
    let copies = world.as_bob("GET", "/me/events", None).await.items().to_vec();
    let (closed_copy, open_copy) = (&copies[0], &copies[1]);
    let before = counts(&world).await;
    let mut backwards = slot();
    backwards["end"] = at(10, 14)["start"].clone();
    let zoneless = json!({ "start": { "dateTime": "2026-03-10T15:00:00" }, "end": slot()["end"] });
    let table = [
        (closed_copy, "tentativelyAccept", json!({ "proposedNewTime": slot() }), "ErrorInvalidRequest"),
        (open_copy, "accept", json!({ "proposedNewTime": slot() }), "RequestBodyRead"),
        (open_copy, "decline", json!({ "proposedNewTime": slot(), "sendResponse": false }), "ErrorInvalidRequest"),
        (open_copy, "decline", json!({ "proposedNewTime": backwards }), "ErrorPropertyValidationFailure"),
        (
            open_copy,
            "decline",
            json!({ "proposedNewTime": { "start": slot()["start"] } }),
            "ErrorPropertyValidationFailure",
        ),
        (open_copy, "decline", json!({ "proposedNewTime": zoneless }), "TimeZoneNotSupportedException"),
    ];
    for (copy, action, body, code) in table {
        let refused = bob_does(&world, copy, action, body.clone()).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{action} {body}");
    }
    assert_eq!(world.as_bob("GET", "/me/events", None).await.items(), copies);
    assert_eq!(counts(&world).await, before);
    let allowed = world.patch(id(&closed), json!({ "allowNewTimeProposals": true })).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(bob_does(&world, closed_copy, "decline", json!({ "proposedNewTime": slot() })).await.status, 202);
}

#[tokio::test]
async fn a_later_answer_or_update_takes_a_proposal_away() {
    let world = World::new();
    let created = meeting(&world, event("Talk", 10, 9)).await;
    let copy = copy_of_bob(&world).await;
    let propose = async || bob_does(&world, &copy, "tentativelyAccept", json!({ "proposedNewTime": slot() })).await;
    let both = async || {
        let (alices, bobs) = (seen_by_alice(&world, &created).await, copy_of_bob(&world).await);
        [proposed(&alices).is_null(), proposed(&bobs).is_null()]
    };
    propose().await;
    // What is told to nobody settles nothing.
    world.patch(id(&created), json!({ "categories": ["Blue"] })).await;
    world.patch(id(&created), json!({ "attendees": [guest(BOB), guest(EVE), guest("dan@elsewhere.example")] })).await;
    assert_eq!(both().await, [false, false]);
    bob_does(&world, &copy, "accept", json!({})).await;
    assert_eq!(both().await, [true, true]);
    propose().await;
    world.patch(id(&created), slot()).await;
    assert_eq!(both().await, [true, true]);
}

#[tokio::test]
async fn a_proposal_for_one_day_concerns_no_other() {
    let world = World::new();
    let master = meeting(&world, daily(3)).await;
    let occurrence = instances_of_bob(&world).await.remove(1);
    let answer = bob_does(&world, &occurrence, "tentativelyAccept", json!({ "proposedNewTime": at(3, 15) })).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let nothing = |events: &[Value]| events.iter().map(|event| proposed(event).is_null()).collect::<Vec<_>>();
    let organisers = world.instances(id(&master)).await;
    assert_eq!(nothing(&organisers), [true, false, true]);
    assert_eq!(nothing(&instances_of_bob(&world).await), [true, false, true]);
    world.patch(id(&organisers[1]), json!({ "subject": "Second" })).await;
    assert_eq!(nothing(&world.instances(id(&master)).await), [true, true, true]);
    assert_eq!(nothing(&instances_of_bob(&world).await), [true, true, true]);
}
