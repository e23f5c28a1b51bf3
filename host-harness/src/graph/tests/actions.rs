//! Forwarding, reminders and purging.

use super::*;

const DAN: &str = "dan@elsewhere.example";

async fn bobs_events(world: &World) -> Vec<Value> {
    world.as_bob("GET", "/me/events", None).await.items().to_vec()
}

fn to(addresses: &[&str]) -> Value {
    let list: Vec<Value> = addresses.iter().map(|address| json!({ "EmailAddress": { "Address": address } })).collect();
    json!({ "ToRecipients": list, "Comment": "" })
}

fn addresses(event: &Value) -> Vec<&str> {
    event["attendees"].as_array().unwrap().iter().map(|it| it["emailAddress"]["address"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_organiser_forwards_and_the_recipients_become_guests() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}", id(&created));
    let answer = world.post(&format!("{path}/forward"), to(&[BOB, DAN])).await;
    assert_eq!((answer.status, answer.text.as_str()), (202, ""));
    assert_eq!(world.mails().await, ["invitation bob", "invitation dan"]);
    assert_eq!(addresses(&world.get(&path).await.body), [BOB, DAN]);
    assert_eq!(bobs_events(&world).await[0]["iCalUId"], created["iCalUId"]);
    assert_eq!(world.post(&format!("{path}/forward"), json!({})).await.code(), "ErrorInvalidRecipients");
}

#[tokio::test]
async fn a_guest_forwards_and_the_organiser_is_told() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["attendees"] = json!([guest(BOB)]);
    let created = world.create(draft).await;
    world.mails().await;
    let copy = bobs_events(&world).await.remove(0);
    assert_eq!(world.as_bob("POST", &format!("/me/events/{}/forward", id(&copy)), Some(to(&[DAN]))).await.status, 202);
    assert_eq!(world.mails().await, ["invitation dan", "forwardNotice alice"]);
    assert_eq!(addresses(&world.get(&format!("/me/events/{}", id(&created))).await.body), [BOB, DAN]);
}

#[tokio::test]
async fn one_occurrence_can_be_forwarded() {
    let world = World::new();
    let master = world.create(daily(3)).await;
    let items = world.instances(id(&master)).await;
    world.post(&format!("/me/events/{}/forward", id(&items[1])), to(&[BOB])).await;
    assert_eq!(world.mails().await, ["invitation bob 2026-03-03"]);
    let after = world.instances(id(&master)).await;
    assert_eq!((addresses(&after[0]).len(), addresses(&after[1])), (0, vec![BOB]));
    assert_eq!(bobs_events(&world).await[0]["iCalUId"], items[1]["iCalUId"]);
}

#[tokio::test]
async fn reminders_are_put_off_without_a_trace_but_a_new_change_key() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let path = format!("/me/events/{}", id(&created));
    assert_eq!(world.post(&format!("{path}/snoozeReminder"), json!({})).await.status, 400);
    let later = json!({ "NewReminderTime": { "dateTime": "2026-03-10T08:00:00", "timeZone": "UTC" } });
    assert_eq!(world.post(&format!("{path}/snoozeReminder"), later).await.status, 200);
    let mut read = world.get(&path).await.body;
    assert_ne!(read["changeKey"], created["changeKey"]);
    for name in ["changeKey", "@odata.etag", "lastModifiedDateTime"] {
        read[name] = created[name].clone();
    }
    assert_eq!(read, created);
}

#[tokio::test]
async fn a_purged_meeting_is_gone_and_nobody_is_told() {
    let world = World::new();
    let mut draft = daily(3);
    draft["attendees"] = json!([guest(BOB)]);
    let created = world.create(draft).await;
    world.mails().await;
    let items = world.instances(id(&created)).await;
    for id in [id(&items[0]), id(&created)] {
        let path = format!("/me/events/{id}/permanentDelete");
        assert_eq!(world.graph_as(&world.token, "POST", &path, &[], None).await.status, 204);
        assert_eq!(world.get(&format!("/me/events/{id}")).await.status, 404);
    }
    assert_eq!(world.mails().await, [""; 0]);
    assert_eq!(bobs_events(&world).await[0]["isCancelled"], false);
}

#[tokio::test]
async fn an_action_that_cannot_be_read_does_nothing() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["attendees"] = json!([guest(BOB)]);
    let created = world.create(draft).await;
    world.mails().await;
    let copy = bobs_events(&world).await.remove(0);
    let (theirs, own) = (format!("/me/events/{}", id(&copy)), format!("/me/events/{}", id(&created)));
    let table = [
        (format!("{theirs}/accept"), json!({ "sendResponse": "false" })),
        (format!("{theirs}/decline"), json!({ "Comment": 1 })),
        (format!("{theirs}/tentativelyAccept"), json!({ "proposedNewTime": "tomorrow" })),
        (format!("{theirs}/accept"), json!("accept")),
    ];
    for (path, body) in table {
        let answer = world.as_bob("POST", &path, Some(body.clone())).await;
        assert_eq!(answer.status, 400, "{path} {body}");
    }
    for (action, body) in [("cancel", json!({ "comment": [] })), ("forward", json!({ "toRecipients": DAN }))] {
        assert_eq!(
            world.post(&format!("{own}/{action}"), body).await.code(),
            "UnableToDeserializePostBody",
            "{action}"
        );
    }
    assert_eq!(world.mails().await, [""; 0]);
    assert_eq!(bobs_events(&world).await[0], copy);
}

#[tokio::test]
async fn a_parameter_that_an_action_does_not_have_is_refused() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["attendees"] = json!([guest(BOB)]);
    let created = world.create(draft).await;
    world.mails().await;
    let copy = bobs_events(&world).await.remove(0);
    let parameter = json!({ "reason": "Rain" });
    let own = ["cancel", "forward", "snoozeReminder", "dismissReminder", "permanentDelete"];
    for action in own {
        let answer = world.post(&format!("/me/events/{}/{action}", id(&created)), parameter.clone()).await;
        assert_eq!((answer.status, answer.code()), (400, "RequestBodyRead"), "{action}");
    }
    for action in ["accept", "decline", "tentativelyAccept"] {
        let path = format!("/me/events/{}/{action}", id(&copy));
        let answer = world.as_bob("POST", &path, Some(parameter.clone())).await;
        assert_eq!((answer.status, answer.code()), (400, "RequestBodyRead"), "{action}");
    }
    assert_eq!(world.mails().await, [""; 0]);
    assert_eq!(world.get(&format!("/me/events/{}", id(&created))).await.body, created);
}

#[tokio::test]
async fn a_known_version_is_answered_again() {
    let world = World::new();
    let created = world.create(event("Talk", 10, 9)).await;
    let etag = created["@odata.etag"].as_str().unwrap();
    let path = format!("/me/events/{}", id(&created));
    let answer = world.get_with(&path, &[("if-none-match", etag)]).await;
    assert_eq!((answer.status, answer.header("etag")), (200, etag));
    assert_eq!(answer.body["lastModifiedDateTime"], "2026-03-02T12:00:00.0000000Z");
}
