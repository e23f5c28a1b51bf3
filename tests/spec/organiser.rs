//! What an organiser does to a meeting that others have, on either side, and what
//! the others see of it (Oro rows C5, C6; Graph `api/event-cancel`,
//! `api/event-update`).

use serde_json::{Value, json};
use tandem_tests::World;
use tandem_tests::meeting::{COLLEAGUES, crm_guest_list, crm_guests, outlook_guest_list, outlook_guests};

use crate::calendar::wrote;
use crate::exceptions::crm_exception;
use crate::firewall::codes;
use crate::meetings::{FROM, TO, id, review, shared, weekly_meeting};

/// Everybody is synchronised, shows the same on both sides, and rests. Who was
/// told of it was looked at before.
async fn agreed(world: &World) {
    world.sync_each(&COLLEAGUES).await;
    world.assert_silent().await;
    for login in COLLEAGUES {
        world.assert_same(login, FROM, TO).await;
    }
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_meeting_that_the_organiser_calls_off_in_outlook_leaves_every_calendar() {
    for with_words in [true, false] {
        let (world, _) = shared(&review(&["ben", "cleo"])).await;
        let outlook = world.outlook("anna").await;
        let event = outlook.the_only().await;
        if with_words {
            let path = format!("/v1.0/me/events/{}/cancel", id(&event));
            outlook.graph().post(&path, &json!({"comment": "Another time"})).await.ok();
        } else {
            outlook.delete(id(&event)).await;
        }
        let told = ["ben", "cleo"].map(|login| format!("cancellation {login} Canceled: Review"));
        assert_eq!(world.take_mails().await, told);
        agreed(&world).await;
        for login in COLLEAGUES {
            assert_eq!(world.shown(login, FROM, TO).await, [""; 0], "{login}");
        }
    }
}

#[tokio::test]
async fn a_series_with_guests_that_the_organiser_re_times_in_the_crm_is_told_to_each_guest_once() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let mut rule = parent["recurrence"].clone();
    rule["startTime"] = json!("2026-03-09T13:00:00Z");
    let later = json!({"start": "2026-03-09T13:00:00Z", "end": "2026-03-09T14:00:00Z", "recurrence": rule});
    world.crm_update(&parent["id"], &later).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["update ben Jour fixe", "update cleo Jour fixe"]);
    agreed(&world).await;
    let shown = world.shown("ben", FROM, TO).await;
    assert_eq!((shown.len(), &*shown[0]), (7, "2026-03-09T13:00:00Z 2026-03-09T14:00:00Z Jour fixe"));
}

/// The first part ends earlier, which its guests are told, and they are invited
/// to the second one.
#[tokio::test]
async fn a_meeting_series_that_is_cut_in_two_in_the_crm_is_one_update_and_one_invitation() {
    let (world, parent) = shared(&weekly_meeting(&["ben"])).await;
    let mut first = parent["recurrence"].clone();
    first["occurrences"] = json!(3);
    world.crm_update(&parent["id"], &json!({"recurrence": first})).await;
    let mut second = weekly_meeting(&["ben"]);
    for (name, time) in [("start", "2026-03-30T12:00:00Z"), ("end", "2026-03-30T13:00:00Z")] {
        second[name] = json!(time);
    }
    second["title"] = json!("Jour fixe, later");
    second["recurrence"]["startTime"] = json!("2026-03-30T12:00:00Z");
    second["recurrence"]["occurrences"] = json!(4);
    world.crm_create("anna", &second).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 1, 0]);
    assert_eq!(world.told().await, ["invitation ben Jour fixe, later", "update ben Jour fixe"]);
    agreed(&world).await;
    assert_eq!(world.shown("ben", FROM, TO).await.len(), 3 + 4);
}

/// The guests of an occurrence, as the CRM and Outlook list them.
async fn guests_on(world: &World, login: &str, title: &str, start: &str) -> (Vec<String>, Vec<String>) {
    let ours = world.crm_events(login).await;
    let is_meant = |event: &&Value| event["title"] == title && event["start"] == format!("{start}:00Z").as_str();
    let ours = ours.iter().find(is_meant).unwrap_or_else(|| panic!("no {title} at {start}: {ours:?}"));
    let theirs = world.outlook(login).await.instance(title, start).await;
    (crm_guest_list(ours), outlook_guest_list(&theirs))
}

#[tokio::test]
async fn a_guest_of_one_occurrence_alone_has_that_one_alone() {
    let (world, _) = shared(&weekly_meeting(&["ben"])).await;
    let outlook = world.outlook("anna").await;
    let day = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    let both = json!({"attendees": outlook_guests(&["ben", "cleo"]), "subject": "With Cleo"});
    outlook.update(id(&day), &both).await;
    world.take_mails().await;
    agreed(&world).await;
    let (ours, theirs) = guests_on(&world, "anna", "With Cleo", "2026-03-16T09:00").await;
    assert_eq!(ours, ["ben required none", "cleo required none"]);
    assert_eq!(theirs.iter().filter(|guest| guest.starts_with("cleo")).count(), 1, "{theirs:?}");
    assert_eq!(world.shown("cleo", FROM, TO).await, ["2026-03-16T09:00:00Z 2026-03-16T10:00:00Z With Cleo"]);
    assert_eq!(world.shown("ben", FROM, TO).await.len(), 7);
}

#[tokio::test]
async fn an_occurrence_with_a_guest_more_in_the_crm_invites_that_guest_to_it_alone() {
    let (world, parent) = shared(&weekly_meeting(&["ben"])).await;
    let both = json!({"title": "With Cleo", "attendees": crm_guests(&["ben", "cleo"])});
    crm_exception(&world, &parent, "2026-03-16T09:00:00Z", both).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let told = world.told().await;
    assert_eq!(told, ["invitation cleo With Cleo on 2026-03-16", "update ben With Cleo on 2026-03-16"]);
    agreed(&world).await;
    assert_eq!(world.shown("cleo", FROM, TO).await, ["2026-03-16T09:00:00Z 2026-03-16T10:00:00Z With Cleo"]);
}

#[tokio::test]
async fn a_cancelled_occurrence_that_is_brought_back_in_the_crm_is_reported_and_harms_nothing() {
    let (world, parent) = shared(&weekly_meeting(&["ben"])).await;
    let day = crm_exception(&world, &parent, "2026-03-16T09:00:00Z", json!({"cancelled": true})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["cancellation ben Canceled: Jour fixe on 2026-03-16"]);
    world.crm_update(&day["id"], &json!({"cancelled": false})).await;
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), ["not-writable"], "{report}");
    assert!(report["issues"][0]["message"].as_str().unwrap().contains("cannot be brought back"), "{report}");
    world.assert_silent().await;
    // What else is changed goes on, and the day stays open.
    world.crm_update(&parent["id"], &json!({"title": "Weekly"})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Weekly"]);
    assert_eq!(world.shown("anna", FROM, TO).await.len(), 7);
    assert_eq!(world.outlook("anna").await.shown(FROM, TO).await.len(), 6);
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn what_a_guest_changes_in_the_own_copy_in_outlook_reaches_nobody_else() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let outlook = world.outlook("ben").await;
    let mine = json!({
        "subject": "Mine", "body": {"contentType": "html", "content": "<p>Mine</p>"},
        "start": {"dateTime": "2026-03-10T11:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-10T12:00:00", "timeZone": "UTC"},
    });
    outlook.update(id(&outlook.the_only().await), &mine).await;
    world.sync_each(&COLLEAGUES).await;
    world.assert_silent().await;
    for login in ["anna", "cleo"] {
        let expected = ["2026-03-10T09:00:00Z 2026-03-10T10:00:00Z Review"];
        assert_eq!(world.assert_same(login, FROM, TO).await, expected, "{login}");
    }
    assert_eq!(world.crm_event(&parent["id"]).await["description"], parent["description"]);
    world.assert_at_rest(&COLLEAGUES).await;
    // What the organiser says next is so for the guest again.
    let moved = json!({"title": "Retrospective", "start": "2026-03-11T09:00:00Z", "end": "2026-03-11T10:00:00Z"});
    world.crm_update(&parent["id"], &moved).await;
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
    for login in COLLEAGUES {
        let expected = ["2026-03-11T09:00:00Z 2026-03-11T10:00:00Z Retrospective"];
        assert_eq!(world.assert_same(login, FROM, TO).await, expected, "{login}");
    }
    world.assert_at_rest(&COLLEAGUES).await;
}
