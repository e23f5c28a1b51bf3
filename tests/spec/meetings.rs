//! One meeting in several calendars: guests, copies that are joined, and what
//! the organiser does to them (Oro rows C5, C6, C7, C8; pitfall 7 of the shared
//! facts on Graph: one record per user, hijacked organisers, invitations again).

use serde_json::{Value, json};
use tandem_tests::meeting::{COLLEAGUES, EVERYBODY, crm_guest_list, crm_guests, outlook_guest_list, outlook_guests};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::series::{weekly, weekly_in_outlook};

pub const FROM: &str = "2026-03-01T00:00:00Z";
pub const TO: &str = "2026-06-01T00:00:00Z";
const START: &str = "2026-03-10T09:00:00Z";
const END: &str = "2026-03-10T10:00:00Z";

/// A meeting as somebody enters it in the CRM.
pub fn review(guests: &[&str]) -> Value {
    json!({"title": "Review", "start": START, "end": END, "timeZone": "Europe/Berlin", "attendees": crm_guests(guests)})
}

/// The same in Outlook.
pub fn review_in_outlook(guests: &[&str]) -> Value {
    json!({
        "subject": "Review", "attendees": outlook_guests(guests),
        "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T10:00:00", "timeZone": "UTC"},
    })
}

/// A weekly series with these guests, entered in the CRM.
pub fn weekly_meeting(guests: &[&str]) -> Value {
    let mut series = weekly();
    series["attendees"] = crm_guests(guests);
    series
}

/// The id of an event of Graph.
pub fn id(event: &Value) -> &str {
    event["id"].as_str().unwrap()
}

/// The meeting that anna has entered in the CRM, and everybody has.
pub async fn shared(meeting: &Value) -> (World, Value) {
    let world = World::together().await;
    let parent = world.crm_create("anna", meeting).await;
    world.sync_each(&EVERYBODY).await;
    world.told().await;
    world.assert_at_rest(&EVERYBODY).await;
    (world, parent)
}

/// Everybody has the meeting once; those of the organization are joined.
async fn assert_joined(world: &World, context: &str) {
    let parent = world.crm_only("anna").await;
    assert!(parent["meetingUid"].is_string(), "{context}: {parent}");
    assert_eq!((&parent["isOrganizer"], &parent["parentEventId"]), (&json!(true), &Value::Null), "{context}");
    let mut copies = Vec::new();
    for login in ["ben", "cleo"] {
        let copy = world.crm_only(login).await;
        assert_eq!(copy["parentEventId"], parent["id"], "{context}: {login}");
        assert_eq!(copy["meetingUid"], parent["meetingUid"], "{context}: {login}");
        assert_eq!((&copy["isOrganizer"], &copy["organizerEmail"]), (&json!(false), &json!("anna@acme.example")));
        copies.push(json!({"user": login, "eventId": copy["id"], "status": copy["ownStatus"]}));
    }
    let mut found = parent["copies"].as_array().unwrap().clone();
    found.sort_by_key(|copy| copy["user"].as_str().unwrap().to_owned());
    assert_eq!(found, copies, "{context}");
    for login in COLLEAGUES {
        world.outlook(login).await.the_only().await;
        world.assert_same(login, FROM, TO).await;
    }
}

#[tokio::test]
async fn a_meeting_entered_in_the_crm_is_announced_by_microsoft_once_and_copied_by_microsoft_alone() {
    // C5, C7, C8.
    let world = World::together().await;
    let parent = world.crm_create("anna", &review(&["ben", "cleo", "dora", "stranger"])).await;
    assert!(world.crm_events("ben").await.is_empty(), "the CRM makes no copies");
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
    let invited = ["ben", "cleo", "dora", "stranger"].map(|login| format!("invitation {login} Review"));
    assert_eq!(world.told().await, invited);
    for login in ["ben", "cleo", "dora"] {
        wrote(&world.sync(login).await, [1, 0, 0], [0, 0, 0]);
    }
    assert_joined(&world, "created in the CRM").await;
    let parent = world.crm_event(&parent["id"]).await;
    let users = json!([
        {"email": "ben@acme.example", "user": "ben"}, {"email": "cleo@acme.example", "user": "cleo"},
    ]);
    assert_eq!(parent["guestUsers"], users, "dora belongs to another organization");
    let outside = world.crm_only("dora").await;
    assert_eq!(outside["parentEventId"], Value::Null);
    assert_eq!(outside["guestUsers"], json!([{"email": "dora@acme.example", "user": "dora"}]), "of hers: {outside}");
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn the_crm_looks_after_the_guests_where_microsoft_is_not_written() {
    // C5: the calendar is off, or only Microsoft is the source.
    for (key, value) in [("features.calendar", json!(false)), ("calendar.direction", json!("microsoft-to-crm"))] {
        let world = World::together().await;
        world.save("system", "0", &[(key, value)]).await.ok();
        let parent = world.crm_create("anna", &review(&["ben", "dora"])).await;
        let copy = world.crm_only("ben").await;
        assert_eq!(copy["parentEventId"], parent["id"]);
        assert_eq!(world.crm_told().await, ["invitation ben", "invitation dora"], "{key}");
        for login in EVERYBODY {
            world.sync(login).await;
            assert!(world.outlook(login).await.events().await.is_empty(), "{key}: {login}");
        }
        assert_eq!(world.crm_masters("ben").await.len(), 1);
        world.assert_silent().await;
    }
}

#[tokio::test]
async fn one_meeting_seen_from_three_mailboxes_is_one_meeting_whoever_comes_first() {
    // C7, pitfall 7.
    for order in [["anna", "ben", "cleo"], ["cleo", "ben", "anna"]] {
        for is_series in [false, true] {
            let context = format!("{order:?}, a series: {is_series}");
            let world = World::before_the_first_run().await;
            let outlook = world.outlook("anna").await;
            let mut meeting = if is_series { weekly_in_outlook() } else { review_in_outlook(&[]) };
            meeting["attendees"] = outlook_guests(&["ben", "cleo"]);
            outlook.create(&meeting).await;
            if is_series {
                let renamed = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
                outlook.update(id(&renamed), &json!({"subject": "Workshop"})).await;
                let cancelled = outlook.instance("Jour fixe", "2026-03-23T09:00").await;
                outlook.delete(id(&cancelled)).await;
            }
            world.take_mails().await;
            for login in order {
                wrote(&world.sync(login).await, [1, 0, 0], [0, 0, 0]);
            }
            assert_joined(&world, &context).await;
            assert_eq!(world.shown("ben", FROM, TO).await.len(), if is_series { 6 } else { 1 }, "{context}");
            world.assert_at_rest(&COLLEAGUES).await;
        }
    }
}

#[tokio::test]
async fn a_meeting_stays_one_after_a_reconnect_an_expired_cursor_and_lost_links() {
    // Pitfall 7: doubled, hijacked or announced again after an installation.
    for meeting in [review(&["ben", "cleo"]), weekly_meeting(&["ben", "cleo"])] {
        let (world, _) = shared(&meeting).await;
        world.expire("deltaTokens").await;
        world.assert_at_rest(&COLLEAGUES).await;
        for login in COLLEAGUES {
            world.disconnect(login).await;
            world.connect(login).await;
        }
        world.assert_at_rest(&COLLEAGUES).await;
        assert_joined(&world, "reconnected").await;
        for order in [["anna", "ben", "cleo"], ["cleo", "ben", "anna"]] {
            for login in COLLEAGUES {
                world.lose_links(login);
            }
            world.sync_each(&order).await;
            world.assert_silent().await;
            assert_joined(&world, "links lost").await;
            world.assert_at_rest(&COLLEAGUES).await;
        }
    }
}

#[tokio::test]
async fn guests_of_both_sides_are_joined_by_address_with_part_and_answer() {
    // Graph, resources/attendee; the case of an address means nothing.
    let world = World::together().await;
    let mut meeting = review(&[]);
    meeting["attendees"] = json!([{"email": "BEN@Acme.example", "displayName": "Ben B.", "type": "optional"}]);
    let parent = world.crm_create("anna", &meeting).await;
    world.sync("anna").await;
    assert_eq!(world.told().await.len(), 1);
    let outlook = world.outlook("anna").await;
    let event = outlook.the_only().await;
    assert_eq!(event["attendees"][0]["emailAddress"]["name"], "Ben B.");
    let ben = world.outlook("ben").await;
    ben.answer(id(&ben.the_only().await), "accept").await;
    // Anna adds people on both sides before the next run.
    let mut guests = event["attendees"].as_array().unwrap().clone();
    guests.push(json!({"emailAddress": {"address": "cleo@acme.example", "name": "Cleo"}, "type": "required"}));
    guests.push(json!({"emailAddress": {"address": "room@acme.example", "name": "Room 1"}, "type": "resource"}));
    outlook.update(id(&event), &json!({"attendees": guests})).await;
    world.take_mails().await;
    let mut more = meeting["attendees"].as_array().unwrap().clone();
    more.push(json!({"email": "dora@acme.example", "displayName": "Dora", "type": "optional"}));
    world.crm_update(&parent["id"], &json!({"attendees": more})).await;
    let report = world.sync("anna").await;
    assert_eq!(world.told().await, ["invitation dora Review"], "nobody else is told: {report}");
    let crm = ["ben optional accepted", "cleo required none", "dora optional none", "room resource none"];
    assert_eq!(crm_guest_list(&world.crm_event(&parent["id"]).await), crm);
    let shown = outlook_guest_list(&outlook.the_only().await);
    let parts: Vec<&str> = shown.iter().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(parts, ["ben optional", "cleo required", "dora optional", "room resource"]);
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn a_meeting_that_is_called_off_in_the_crm_leaves_every_calendar_and_is_told_once() {
    let (world, parent) = shared(&review(&["ben", "cleo", "dora"])).await;
    world.crm_delete(&parent["id"]).await;
    world.sync("anna").await;
    let told = ["ben", "cleo", "dora"].map(|login| format!("cancellation {login} Canceled: Review"));
    assert_eq!(world.told().await, told);
    world.crm_only("ben").await;
    world.sync_each(&EVERYBODY).await;
    for login in EVERYBODY {
        assert!(world.crm_events(login).await.is_empty(), "{login}");
    }
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn a_guest_who_is_taken_off_the_list_is_told_and_loses_the_copy_alone() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    world.crm_update(&parent["id"], &json!({"attendees": crm_guests(&["ben"])})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["cancellation cleo Canceled: Review"]);
    world.sync_each(&["ben", "cleo"]).await;
    assert!(world.crm_events("cleo").await.is_empty());
    assert_eq!(world.crm_only("ben").await["parentEventId"], parent["id"]);
    assert_eq!(crm_guest_list(&world.crm_event(&parent["id"]).await), ["ben required none"]);
    // Whoever stays is not told (Graph, api/event-update), so ben's copy is as it was.
    world.assert_same("ben", FROM, TO).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn an_occurrence_that_the_organiser_calls_off_is_gone_from_the_guests_series() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let cancelled = json!({
        "title": "Jour fixe", "start": "2026-03-16T09:00:00Z", "end": "2026-03-16T10:00:00Z",
        "timeZone": "Europe/Berlin", "cancelled": true,
        "recurringEventId": parent["id"], "originalStart": "2026-03-16T09:00:00Z",
    });
    world.crm_create("anna", &cancelled).await;
    world.sync("anna").await;
    let told = ["ben", "cleo"].map(|login| format!("cancellation {login} Canceled: Jour fixe on 2026-03-16"));
    assert_eq!(world.told().await, told);
    world.sync_each(&["ben", "cleo"]).await;
    for login in COLLEAGUES {
        assert_eq!(world.assert_same(login, FROM, TO).await.len(), 6, "{login}");
    }
    // The same in Outlook: Microsoft has told the guests itself.
    let outlook = world.outlook("anna").await;
    outlook.delete(id(&outlook.instance("Jour fixe", "2026-03-23T09:00").await)).await;
    assert_eq!(world.take_mails().await.len(), 2);
    world.sync_each(&COLLEAGUES).await;
    for login in COLLEAGUES {
        assert_eq!(world.assert_same(login, FROM, TO).await.len(), 5, "{login}");
    }
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn organiser_and_uid_of_a_meeting_never_change() {
    // C6.
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let before = world.crm_only("ben").await;
    for refused in [json!({"organizerEmail": "ben@acme.example"}), json!({"uid": "mine"}), json!({"attendees": []})] {
        let path = format!("/api/calendar-events/{}", before["id"].as_str().unwrap());
        assert_eq!(world.crm.patch(&path, &refused).await.status, 400, "{refused}");
    }
    let outlook = world.outlook("anna").await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Retrospective"})).await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    let after = World::only(&world.crm_events("ben").await, "Retrospective");
    for kept in ["id", "uid", "meetingUid", "organizerEmail", "isOrganizer", "parentEventId"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_eq!(world.crm_event(&parent["id"]).await["uid"], parent["uid"]);
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn users_of_another_organization_are_strangers_whatever_their_address() {
    // C8: dora organises, and anna is her guest.
    let world = World::together().await;
    world.crm_create("dora", &review(&["anna", "ben"])).await;
    world.sync("dora").await;
    assert_eq!(world.told().await, ["invitation anna Review", "invitation ben Review"]);
    world.sync_each(&COLLEAGUES).await;
    let hers = world.crm_only("dora").await;
    assert_eq!((&hers["copies"], &hers["guestUsers"]), (&json!([]), &json!([])), "{hers}");
    for login in ["anna", "ben"] {
        let copy = world.crm_only(login).await;
        assert_eq!((&copy["parentEventId"], &copy["isOrganizer"]), (&Value::Null, &json!(false)), "{login}");
        assert_eq!(copy["organizerEmail"], "dora@acme.example");
        assert_eq!(copy["guestUsers"].as_array().unwrap().len(), 2, "colleagues are known: {copy}");
    }
    assert!(world.crm_events("cleo").await.is_empty());
    let subjects = Outlook::only(&world.outlook("ben").await.events().await, "Review");
    assert_eq!(subjects["isOrganizer"], false);
    world.assert_at_rest(&EVERYBODY).await;
}
