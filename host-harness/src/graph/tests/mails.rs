//! Which writes of an organiser are mailed, and to whom.

use super::*;

const EVE: &str = "eve@elsewhere.example";
const DAN: &str = "dan@elsewhere.example";

async fn meeting(world: &World, mut draft: Value, guests: &[&str]) -> Value {
    draft["attendees"] = guests.iter().map(|address| guest(address)).collect();
    let created = world.create(draft).await;
    world.mails().await;
    created
}

#[tokio::test]
async fn a_change_of_the_guest_list_alone_tells_who_came_went_or_changed() {
    let world = World::new();
    let created = meeting(&world, event("Talk", 10, 9), &[BOB, EVE]).await;
    world.patch(id(&created), json!({ "attendees": [guest(BOB), guest(DAN)] })).await;
    assert_eq!(world.mails().await, ["cancellation eve", "invitation dan"]);
    world.patch(id(&created), json!({ "attendees": [guest(BOB), guest(DAN)] })).await;
    assert_eq!(world.mails().await, [""; 0]);
    let mut optional = guest(BOB);
    optional["type"] = json!("optional");
    world.patch(id(&created), json!({ "attendees": [optional.clone(), guest(DAN)] })).await;
    assert_eq!(world.mails().await, ["update bob"]);
    world.patch(id(&created), json!({ "attendees": [optional, guest(EVE)], "subject": "New" })).await;
    assert_eq!(world.mails().await, ["cancellation dan", "update bob", "invitation eve"]);
}

#[tokio::test]
async fn what_concerns_the_organiser_alone_is_silent() {
    let world = World::new();
    let created = meeting(&world, daily(3), &[BOB, EVE]).await;
    let occurrence = world.instances(id(&created)).await.remove(1);
    let property = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Link";
    let silent = [
        json!({ "reminderMinutesBeforeStart": 5, "isReminderOn": false }),
        json!({ "categories": ["Blue"] }),
        json!({ "showAs": "free" }),
        json!({ "singleValueExtendedProperties": [{ "id": property, "value": "1" }] }),
    ];
    for change in silent {
        for id in [id(&created), id(&occurrence)] {
            let answer = world.patch(id, change.clone()).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(world.mails().await, [""; 0], "{change}");
        }
    }
    let extension = json!({ "extensionName": "Com.Contoso.Other", "link": "1" });
    world.post(&format!("/me/events/{}/extensions", id(&created)), extension).await;
    let later = json!({ "newReminderTime": { "dateTime": "2026-03-02T08:00:00", "timeZone": "UTC" } });
    for (action, parameters) in [("snoozeReminder", later), ("dismissReminder", json!({}))] {
        for id in [id(&created), id(&occurrence)] {
            let answer = world.post(&format!("/me/events/{id}/{action}"), parameters.clone()).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{action}");
        }
    }
    assert_eq!(world.mails().await, [""; 0]);
}

#[tokio::test]
async fn equal_values_are_mailed_all_the_same() {
    let world = World::new();
    let created = meeting(&world, event("Talk", 10, 9), &[BOB]).await;
    world.patch(id(&created), json!({ "subject": "Talk" })).await;
    assert_eq!(world.mails().await, ["update bob"]);
}

#[tokio::test]
async fn a_series_is_mailed_once_and_once_for_each_changed_instance() {
    let world = World::new();
    let created = meeting(&world, daily(4), &[BOB, EVE]).await;
    let items = world.instances(id(&created)).await;
    world.patch(id(&items[1]), json!({ "subject": "Second" })).await;
    // What only the organiser sees makes no changed instance.
    world.patch(id(&items[2]), json!({ "categories": ["Blue"] })).await;
    assert_eq!(world.mails().await, ["update bob 2026-03-03", "update eve 2026-03-03"]);
    world.patch(id(&created), json!({ "location": { "displayName": "Room 1" } })).await;
    assert_eq!(world.mails().await, ["update bob", "update eve", "update bob 2026-03-03", "update eve 2026-03-03"]);
    let outbox_subjects = |mails: &[Value]| mails.iter().map(|mail| mail["subject"].clone()).collect::<Vec<_>>();
    world.patch(id(&created), json!({ "subject": "Renamed" })).await;
    assert_eq!(outbox_subjects(&world.microsoft.outbox()), ["Renamed", "Renamed", "Second", "Second"]);
}

#[tokio::test]
async fn the_outbox_says_what_a_mail_is_about() {
    let world = World::new();
    let created = meeting(&world, daily(2), &[EVE]).await;
    world.delete(id(&world.instances(id(&created)).await[0])).await;
    let outbox = world.control("GET", "outbox", None).await.body;
    let mail = outbox[0].as_object().unwrap();
    assert_eq!(mail["kind"], "cancellation");
    assert_eq!((mail["from"].as_str(), mail["to"].as_str()), (Some(ALICE), Some(EVE)));
    assert_eq!((&mail["subject"], &mail["iCalUId"]), (&json!("Canceled: Series"), &created["iCalUId"]));
    assert_eq!(mail["occurrence"], "2026-03-02");
}

#[tokio::test]
async fn a_guest_who_joins_or_leaves_a_series_does_so_in_its_exceptions_too() {
    let world = World::new();
    let created = meeting(&world, daily(3), &[EVE]).await;
    let items = world.instances(id(&created)).await;
    world.patch(id(&items[1]), json!({ "attendees": [guest(EVE), guest(DAN)] })).await;
    world.patch(id(&created), json!({ "attendees": [guest(BOB)] })).await;
    let read = world.get(&format!("/me/events/{}", id(&items[1]))).await.body;
    let addresses: Vec<&str> = read["attendees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["emailAddress"]["address"].as_str().unwrap())
        .collect();
    assert_eq!(addresses, [DAN, BOB]);
}
