//! Guests and meetings in the CRM while nothing is synchronised: copies in
//! colleagues' calendars, the mails that the CRM would send, and answers (Oro
//! rows C6, C7, C8; C5 for what ends when Microsoft does it).

use serde_json::{Value, json};
use tandem_tests::{Answer, Browser, Form, World};

const START: &str = "2026-03-10T09:00:00Z";
const END: &str = "2026-03-10T10:00:00Z";

/// Anna, Ben and Cleo of one organization, without any connection.
async fn colleagues() -> World {
    let world = World::empty().await;
    for login in ["anna", "ben", "cleo"] {
        world.add_user(login, "Acme").await;
    }
    world
}

fn guests(logins: &[&str]) -> Value {
    logins.iter().map(|login| json!({"email": format!("{login}@acme.example")})).collect()
}

async fn meeting(world: &World, logins: &[&str]) -> Value {
    let event = json!({"title": "Review", "start": START, "end": END, "attendees": guests(logins)});
    world.crm_create("anna", &event).await
}

async fn event(world: &World, id: &Value) -> Value {
    world.crm.get(&format!("/api/calendar-events/{}", id.as_str().unwrap())).await.ok()
}

async fn reply(world: &World, id: &Value, status: &str) -> Answer {
    let path = format!("/api/calendar-events/{}/reply", id.as_str().unwrap());
    world.crm.post(&path, &json!({"status": status})).await
}

/// The mails so far as `kind to`; they are forgotten then.
async fn mails(world: &World) -> Vec<String> {
    let mails = world.crm.get("/api/outbox").await.ok();
    world.crm.delete("/api/outbox").await.ok();
    let line = |mail: &Value| format!("{} {}", mail["kind"].as_str().unwrap(), mail["to"].as_str().unwrap());
    mails.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_meeting_is_in_the_calendars_of_its_guests_and_each_is_invited() {
    let world = colleagues().await;
    let parent = meeting(&world, &["ben", "stranger"]).await;
    let copy = World::only(&world.crm_events("ben").await, "Review");
    assert_eq!((&copy["uid"], &copy["parentEventId"]), (&parent["uid"], &parent["id"]));
    assert_eq!((&copy["isOrganizer"], &copy["organizerEmail"]), (&json!(false), &json!("anna@acme.example")));
    assert_eq!((&copy["ownStatus"], &parent["ownStatus"]), (&json!("none"), &Value::Null));
    assert_eq!(parent["copies"], json!([{"user": "ben", "eventId": copy["id"], "status": "none"}]));
    assert_eq!(parent["guestUsers"], json!([{"email": "ben@acme.example", "user": "ben"}]));
    assert!(copy.get("copies").is_none(), "{copy}");
    let outbox = world.crm.get("/api/outbox").await.ok();
    let first = &outbox[0];
    assert_eq!((&first["from"], &first["eventId"]), (&json!("anna@acme.example"), &parent["id"]));
    assert_eq!((&first["title"], &first["at"]), (&json!("Review"), &json!(tandem_tests::START)));
    assert_eq!(mails(&world).await, ["invitation ben@acme.example", "invitation stranger@acme.example"]);

    world.crm_update(&parent["id"], &json!({"title": "Review, moved", "attendees": guests(&["ben", "cleo"])})).await;
    World::only(&world.crm_events("ben").await, "Review, moved");
    World::only(&world.crm_events("cleo").await, "Review, moved");
    let told = ["update ben@acme.example", "invitation cleo@acme.example", "cancellation stranger@acme.example"];
    assert_eq!(mails(&world).await, told);
    world.crm_delete(&parent["id"]).await;
    assert!(world.crm_events("ben").await.is_empty() && world.crm_events("cleo").await.is_empty());
    assert_eq!(mails(&world).await, ["cancellation ben@acme.example", "cancellation cleo@acme.example"]);
}

#[tokio::test]
async fn guests_are_colleagues_of_the_same_organization_alone() {
    let world = colleagues().await;
    world.add_user("olga", "Other").await;
    let parent = meeting(&world, &["olga"]).await;
    assert!(world.crm_events("olga").await.is_empty());
    assert_eq!((&parent["guestUsers"], &parent["copies"]), (&json!([]), &json!([])));
    assert_eq!(mails(&world).await, ["invitation olga@acme.example"], "she is invited as any stranger is");
}

#[tokio::test]
async fn a_reply_is_the_guests_and_reaches_the_organizer() {
    let world = colleagues().await;
    let parent = meeting(&world, &["ben"]).await;
    let copy = World::only(&world.crm_events("ben").await, "Review");
    mails(&world).await;
    for status in ["accepted", "tentative", "declined"] {
        let answered = reply(&world, &copy["id"], status).await.ok();
        assert_eq!((&answered["ownStatus"], &answered["id"]), (&json!(status), &copy["id"]));
        let parent = event(&world, &parent["id"]).await;
        assert_eq!(parent["attendees"][0]["status"], status);
        assert_eq!(parent["copies"][0]["status"], status);
        assert_eq!(mails(&world).await, ["reply anna@acme.example"]);
    }
    let stays = event(&world, &parent["id"]).await;
    for (id, status, code) in [
        (&parent["id"], "accepted", "reply-of-organizer"),
        (&copy["id"], "none", "invalid-reply"),
        (&copy["id"], "yes", "invalid-reply"),
    ] {
        let (found, message) = reply(&world, id, status).await.refused(400);
        assert_eq!(found, code);
        assert!(message.contains("expected"), "{message}");
    }
    assert!(reply(&world, &copy["id"], "yes").await.refused(400).1.contains("accepted, tentative, declined"));
    assert_eq!(reply(&world, &json!("999"), "accepted").await.refused(404).0, "not-found");
    assert_eq!(event(&world, &parent["id"]).await, stays);
    assert!(mails(&world).await.is_empty());
}

#[tokio::test]
async fn a_guest_keeps_the_own_reminder_and_changes_nothing_else() {
    let world = colleagues().await;
    let parent = meeting(&world, &["ben"]).await;
    let copy = World::only(&world.crm_events("ben").await, "Review");
    world.crm_update(&copy["id"], &json!({"reminderMinutes": 5})).await;
    let path = format!("/api/calendar-events/{}", copy["id"].as_str().unwrap());
    for (change, code) in [
        (json!({"title": "Mine"}), "copy-of-a-meeting"),
        (json!({"attendees": []}), "attendees-of-another-organizer"),
        (json!({"organizerEmail": "ben@acme.example"}), "unchangeable"),
        (json!({"uid": "mine"}), "unchangeable"),
        (json!({"meetingUid": "mine"}), "invalid-body"),
    ] {
        let (found, message) = world.crm.patch(&path, &change).await.refused(400);
        assert_eq!(found, code, "{change}");
        assert!(message.contains("expected") && message.contains("; "), "{message}");
    }
    world.crm_update(&parent["id"], &json!({"start": "2026-03-10T09:30:00Z", "reminderMinutes": 60})).await;
    let copy = event(&world, &copy["id"]).await;
    assert_eq!((&copy["start"], &copy["reminderMinutes"]), (&json!("2026-03-10T09:30:00Z"), &json!(5)));
    world.crm_delete(&copy["id"]).await;
    let parent = event(&world, &parent["id"]).await;
    assert_eq!((&parent["attendees"][0]["status"], &parent["copies"]), (&json!("declined"), &json!([])));
    // The reminders of both concern nobody else.
    let told = ["invitation ben@acme.example", "update ben@acme.example", "reply anna@acme.example"];
    assert_eq!(mails(&world).await, told);
}

#[tokio::test]
async fn whom_the_crm_writes_to_can_be_said_with_each_write() {
    let world = colleagues().await;
    let event = |notify: Value| json!({"title": "Review", "start": START, "end": END, "attendees": guests(&["ben"]), "notifyAttendees": notify});
    let silent = world.crm_create("anna", &event(json!("none"))).await;
    World::only(&world.crm_events("ben").await, "Review");
    let change =
        json!({"title": "Other", "attendees": guests(&["ben", "cleo"]), "notifyAttendees": "added_or_deleted"});
    world.crm_update(&silent["id"], &change).await;
    assert_eq!(mails(&world).await, ["invitation cleo@acme.example"]);
    let path = format!("/api/calendar-events/{}", silent["id"].as_str().unwrap());
    for wrong in ["everybody", ""] {
        let refused = world.crm.delete(&format!("{path}?notifyAttendees={wrong}")).await.refused(400);
        assert_eq!(refused.0, "invalid-notify-attendees");
        assert!(refused.1.contains("all, none, added_or_deleted"), "{}", refused.1);
    }
    for wrong in [json!("everybody"), json!(true), Value::Null] {
        let refused = world.crm.post("/api/calendar-events?user=anna", &event(wrong)).await.refused(400);
        assert_eq!(refused.0, "invalid-notify-attendees");
    }
    world.crm.delete(&format!("{path}?notifyAttendees=none")).await.ok();
    assert!(world.crm_events("ben").await.is_empty());
    assert!(mails(&world).await.is_empty());
}

#[tokio::test]
async fn a_meeting_that_came_from_two_mailboxes_is_one_whichever_came_first() {
    for order in [["anna", "ben"], ["ben", "anna"]] {
        // Where Microsoft invites, the CRM makes no copies.
        let world = World::before_the_first_run().await;
        for login in order {
            // What each one's own synchronization brings, with a uid of its own.
            let brought = json!({"title": "Review", "start": START, "end": END, "notifyAttendees": "none",
                "organizerEmail": "anna@acme.example", "attendees": guests(&["ben"])});
            let id = world.crm_create(login, &brought).await["id"].as_str().unwrap().parse().unwrap();
            let owner = world.app.crm().user_by_login(login).unwrap().id;
            world.app.crm().note_meeting(owner, id, "040000008200E00074C5B7101A82E008", None).unwrap();
        }
        let parent = World::only(&world.crm_events("anna").await, "Review");
        let copy = World::only(&world.crm_events("ben").await, "Review");
        assert_ne!(parent["uid"], copy["uid"]);
        assert_eq!(parent["meetingUid"], "040000008200E00074C5B7101A82E008");
        assert_eq!((&copy["meetingUid"], &copy["parentEventId"]), (&parent["meetingUid"], &parent["id"]), "{order:?}");
        assert_eq!(parent["copies"], json!([{"user": "ben", "eventId": copy["id"], "status": "none"}]));
    }
}

#[tokio::test]
async fn who_writes_to_microsoft_leaves_the_guests_to_it() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    let duties = async |login: &str| {
        let user = world.app.crm().user_by_login(login).unwrap().id;
        let duties = world.app.host_duties(user).await;
        (duties.send_invitations, duties.make_guest_copies)
    };
    let direction = async |direction: &str| {
        world.save("system", "0", &[("calendar.direction", json!(direction))]).await.ok();
        duties("anna").await
    };
    assert_eq!(duties("ben").await, (true, true), "he has no account");
    assert_eq!(direction("crm-to-microsoft").await, (false, false));
    assert_eq!(direction("microsoft-to-crm").await, (true, true));
    assert_eq!(direction("bidirectional").await, (false, false));
    let parent = meeting(&world, &["ben"]).await;
    world.crm_update(&parent["id"], &json!({"title": "Other"})).await;
    assert!(world.crm_events("ben").await.is_empty() && mails(&world).await.is_empty());
    world.save("system", "0", &[("features.calendar", json!(false))]).await.ok();
    assert_eq!(duties("anna").await, (true, true));
    world.crm_update(&parent["id"], &json!({"title": "Ours again"})).await;
    World::only(&world.crm_events("ben").await, "Ours again");
    assert_eq!(mails(&world).await, ["update ben@acme.example"]);
}

#[tokio::test]
async fn what_the_component_writes_is_told_to_nobody() {
    let world = World::connected().await;
    world.add_user("ben", "Acme").await;
    // The one direction in which guests are the CRM's duty although it syncs.
    world.save("system", "0", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    let outlook = world.outlook("anna").await;
    let mut meeting = json!({
        "subject": "Review", "attendees": [{"emailAddress": {"address": "ben@acme.example"}, "type": "required"}],
        "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T10:00:00", "timeZone": "UTC"},
    });
    let id = outlook.create(&meeting).await["id"].as_str().unwrap().to_owned();
    world.sync("anna").await;
    let brought = World::only(&world.crm_events("anna").await, "Review");
    assert_eq!(brought["guestUsers"][0]["user"], "ben", "{brought}");
    meeting["subject"] = json!("Moved");
    outlook.update(&id, &meeting).await;
    world.sync("anna").await;
    World::only(&world.crm_events("anna").await, "Moved");
    outlook.delete(&id).await;
    world.sync("anna").await;
    assert!(world.crm_events("anna").await.is_empty());
    assert!(world.crm_events("ben").await.is_empty() && mails(&world).await.is_empty());
    let by_outlook = ["invitation ben Review", "update ben Moved", "cancellation ben Canceled: Moved"];
    assert_eq!(world.mails().await.len(), by_outlook.len());
    for mail in by_outlook {
        assert!(world.mails().await.contains(&mail.replace("ben", "ben@acme.example")), "{mail}");
    }
}

#[tokio::test]
async fn the_page_of_an_event_shows_its_people_and_takes_the_own_answer() {
    let world = colleagues().await;
    let parent = meeting(&world, &["ben", "stranger"]).await;
    let copy = World::only(&world.crm_events("ben").await, "Review");
    let path = format!("/calendar/events/{}", copy["id"].as_str().unwrap());
    let mut ben = Browser::signed_in(&world.crm, "ben").await;
    let page = ben.page(&path).await;
    assert!(page.contains("Organized by <strong>anna@acme.example</strong>"), "{page}");
    assert!(page.contains("Not answered") && page.contains("Colleague"), "{page}");
    let mut form = Form::of(&page, &format!("{path}/reply"));
    form.set("status", "accepted");
    assert_eq!(ben.submit(&form).await.status, 303);
    let page = ben.page(&path).await;
    assert!(page.contains("You have accepted.") && page.contains("Accepted</span>"), "{page}");
    assert_eq!(event(&world, &parent["id"]).await["attendees"][0]["status"], "accepted");

    form.set("csrf", "forged");
    assert_eq!(ben.submit(&form).await.status, 403);
    let own = format!("/calendar/events/{}", parent["id"].as_str().unwrap());
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let page = anna.page(&own).await;
    assert!(page.contains("Accepted</span>") && Form::find(&page, &format!("{own}/reply")).is_none(), "{page}");
    let mut foreign = Form::of(&anna.page(&format!("{own}/edit")).await, &own);
    foreign.action = format!("{path}/reply");
    foreign.set("status", "declined");
    assert!(anna.submit(&foreign).await.status.is_client_error(), "nobody answers for somebody else");
    world.add_administrator("admin", "Acme").await;
    let mut admin = Browser::signed_in(&world.crm, "admin").await;
    let page = admin.page(&path).await;
    assert!(Form::find(&page, &format!("{path}/reply")).is_none(), "{page}");
    let mut foreign = Form::of(&admin.page(&format!("{path}/edit")).await, &path);
    foreign.action = format!("{path}/reply");
    foreign.set("status", "declined");
    assert_eq!(admin.submit(&foreign).await.status, 403, "administrators included");
    assert_eq!(event(&world, &copy["id"]).await["ownStatus"], "accepted");
    let told = ["invitation ben@acme.example", "invitation stranger@acme.example", "reply anna@acme.example"];
    assert_eq!(mails(&world).await, told);
}
