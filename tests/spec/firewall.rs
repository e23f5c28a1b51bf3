//! Nobody is told what nobody meant to tell: first runs, reconnects, resyncs,
//! repetitions (pitfall 7: invitations when a second user connects, or after an
//! installation; Oro row C5). What is justified is in `told`.

use serde_json::{Value, json};
use tandem_tests::imported::{PLANNING, SERIES, STRANGER};
use tandem_tests::meeting::{COLLEAGUES, EVERYBODY, crm_guests, outlook_guests};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::meetings::{FROM, TO, id, review, review_in_outlook, shared, weekly_meeting};

/// Codes of what a run has left.
pub fn codes(report: &Value) -> Vec<&str> {
    report["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect()
}

/// A meeting of last week.
pub fn past(guests: &[&str]) -> Value {
    json!({
        "title": "Past", "start": "2026-02-24T09:00:00Z", "end": "2026-02-24T10:00:00Z",
        "timeZone": "Europe/Berlin", "attendees": crm_guests(guests),
    })
}

#[tokio::test]
async fn a_first_run_over_a_crm_full_of_meetings_tells_nobody_and_the_first_edit_brings_the_guests_in() {
    let world = World::before_the_connection().await;
    let guests = ["ben", "cleo", "stranger"];
    let parent = world.crm_create("anna", &review(&guests)).await;
    world.crm_create("anna", &past(&guests)).await;
    world.crm_create("anna", &weekly_meeting(&guests)).await;
    assert_eq!(world.crm_told().await.len(), 9, "the CRM has told them");
    for login in EVERYBODY {
        world.connect(login).await;
    }
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [3, 0, 0]);
    assert_eq!(codes(&report), ["would-notify"; 3], "{report}");
    world.assert_silent().await;
    for event in world.outlook("anna").await.events().await {
        assert_eq!(event["attendees"], json!([]), "{event}");
    }
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 8);
    world.sync_each(&EVERYBODY).await;
    world.assert_at_rest(&EVERYBODY).await;
    assert_eq!(world.crm_masters("ben").await.len(), 3, "the copies that the CRM had made");

    // Somebody edits one of them: now Microsoft invites, once and to this one.
    world.crm_update(&parent["id"], &json!({"title": "Review, part two"})).await;
    world.sync("anna").await;
    let invited = guests.map(|login| format!("invitation {login} Review, part two"));
    assert_eq!(world.told().await, invited);
    world.sync_each(&EVERYBODY).await;
    let copies = world.crm_masters("ben").await;
    assert_eq!(copies.len(), 3, "the copy that was there is the copy: {copies:?}");
    World::only(&copies, "Review, part two");
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn meetings_that_both_sides_have_already_are_adopted_and_told_to_nobody() {
    let world = World::before_the_first_run().await;
    world.outlook("anna").await.create(&review_in_outlook(&["ben"])).await;
    world.take_mails().await;
    world.crm_create("anna", &review(&["ben", "cleo"])).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["adopted"], &report["microsoft"]["updated"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(codes(&report), ["would-notify"], "cleo is on one list only: {report}");
    world.assert_silent().await;
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(world.crm_masters("anna").await.len(), 1);
    assert!(world.crm_events("cleo").await.is_empty());
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_second_user_who_connects_brings_nobody_a_second_invitation() {
    let world = World::before_the_connection().await;
    world.connect("anna").await;
    world.sync("anna").await;
    for meeting in [review(&["ben", "cleo"]), weekly_meeting(&["ben", "cleo"])] {
        world.crm_create("anna", &meeting).await;
    }
    world.sync("anna").await;
    assert_eq!(world.told().await.len(), 4, "two guests of two meetings");
    for login in ["ben", "cleo"] {
        world.connect(login).await;
        wrote(&world.sync(login).await, [2, 0, 0], [0, 0, 0]);
        world.assert_silent().await;
    }
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn edits_made_while_the_account_was_disconnected_are_told_to_nobody_by_microsoft() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let moved = world.crm_create("anna", &past(&["ben"])).await;
    world.disconnect("anna").await;
    let outlook = world.outlook("anna").await;
    world.crm_update(&parent["id"], &json!({"title": "Retrospective"})).await;
    assert_eq!(world.crm_told().await.len(), 2, "the CRM tells them while Microsoft does not");
    outlook.update(id(&outlook.the_only().await), &json!({"location": {"displayName": "Room 1"}})).await;
    world.take_mails().await;
    world.connect("anna").await;
    let report = world.sync("anna").await;
    assert!(!codes(&report).is_empty() && codes(&report).iter().all(|code| *code == "would-notify"), "{report}");
    assert_eq!(world.take_mails().await, [""; 0], "{report}");
    World::only(&world.crm_events("anna").await, "Retrospective");
    let event = Outlook::only(&outlook.events().await, "Review");
    assert_eq!(event["attendees"].as_array().unwrap().len(), 2);
    assert_eq!(world.crm_event(&moved["id"]).await["attendees"].as_array().unwrap().len(), 1);
    world.assert_at_rest(&EVERYBODY).await;
    // The next edit takes along what was held back.
    world.crm_update(&parent["id"], &json!({"description": "<p>Agenda</p>"})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn a_conflict_that_a_comparison_has_found_is_told_to_nobody_whoever_wins() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let outlook = world.outlook("anna").await;
    world.disconnect("anna").await;
    world.crm_update(&parent["id"], &json!({"title": "The CRM's"})).await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Outlook's"})).await;
    world.crm_told().await;
    world.take_mails().await;
    world.connect("anna").await;
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    world.assert_silent().await;
    World::only(&world.crm_events("anna").await, "The CRM's");
    Outlook::only(&outlook.events().await, "Outlook's");
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn a_meeting_found_deleted_by_a_comparison_is_called_off_for_nobody() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    world.disconnect("anna").await;
    world.crm_delete(&parent["id"]).await;
    world.crm_told().await;
    world.connect("anna").await;
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    world.assert_silent().await;
    // The CRM has told the guests, and has taken the meeting out of their calendars.
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
    world.outlook("anna").await.the_only().await;
    for login in ["ben", "cleo"] {
        assert!(world.assert_same(login, FROM, TO).await.is_empty(), "{login}");
    }
}

#[tokio::test]
async fn expired_cursors_a_moved_window_and_a_change_of_direction_tell_nobody() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo", "stranger"])).await;
    world.expire("deltaTokens").await;
    world.assert_at_rest(&COLLEAGUES).await;
    // A month later, the window is another one.
    world.advance(31 * 24 * 3600).await;
    world.assert_at_rest(&COLLEAGUES).await;
    for direction in ["microsoft-to-crm", "crm-to-microsoft", "bidirectional"] {
        world.save("system", "0", &[("calendar.direction", json!(direction))]).await.ok();
        world.sync_each(&COLLEAGUES).await;
        world.assert_silent().await;
        for login in COLLEAGUES {
            assert_eq!(world.crm_masters(login).await.len(), 1, "{direction}: {login}");
            world.assert_same(login, FROM, TO).await;
        }
    }
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn what_was_entered_under_another_direction_is_no_edit_afterwards() {
    let world = World::together().await;
    world.save("system", "0", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    world.sync("anna").await;
    world.crm_create("anna", &review(&["dora"])).await;
    world.sync("anna").await;
    assert_eq!(world.crm_told().await, ["invitation dora"], "the CRM has told her");
    world.save("system", "0", &[("calendar.direction", json!("bidirectional"))]).await.ok();
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    world.assert_silent().await;
    assert_eq!(world.outlook("anna").await.the_only().await["attendees"], json!([]));
    world.assert_at_rest(&["anna"]).await;
}

#[tokio::test]
async fn a_run_that_is_torn_down_anywhere_invites_everybody_once() {
    // Invariants 6 and 11.
    let mut torn_down = 0;
    for calls in (1..).step_by(3) {
        let world = World::together().await;
        world.crm_create("anna", &review(&["ben", "stranger"])).await;
        world.crash_after(calls).await;
        let answer = world.crm.post("/api/sync", &json!({"user": "anna"})).await;
        let survived = answer.status == 200;
        torn_down += u32::from(!survived);
        world.sync_each(&["anna", "anna", "ben"]).await;
        let invited = ["invitation ben Review", "invitation stranger Review"];
        assert_eq!(world.told().await, invited, "a crash behind host call {calls}");
        world.assert_at_rest(&["anna", "ben"]).await;
        if survived {
            break;
        }
    }
    assert!(torn_down > 3, "expected a run of some host calls, but found {torn_down}");
}

#[tokio::test]
async fn a_lost_answer_invites_nobody_twice() {
    let world = World::together().await;
    let parent = world.crm_create("anna", &review(&["ben"])).await;
    let lost =
        |method: &str| json!([{"match": {"method": method, "path": "/me/events"}, "times": 1, "do": "dropResponse"}]);
    world.fault(lost("POST")).await;
    until_idle(&world).await;
    assert_eq!(world.told().await, ["invitation ben Review"]);
    world.crm_update(&parent["id"], &json!({"title": "Retrospective"})).await;
    world.fault(lost("PATCH")).await;
    until_idle(&world).await;
    assert_eq!(world.told().await, ["update ben Retrospective"], "what is there already is not written again");
    assert_eq!(world.control("faults", &json!([])).await, json!([]), "both faults have struck");
    world.assert_at_rest(&["anna"]).await;
}

/// Runs anna's calendar until nothing is left, with the waits that are asked for.
async fn until_idle(world: &World) {
    for _ in 0..10 {
        let report = world.sync("anna").await;
        match report["next"]["when"].as_str().unwrap() {
            "idle" => return,
            "after" => world.advance(report["next"]["milliseconds"].as_i64().unwrap() / 1000 + 1).await,
            other => panic!("expected a run that can go on, but found `{other}`: {report}"),
        }
    }
    panic!("expected a run that comes to its end");
}

#[tokio::test]
async fn imported_meetings_are_told_to_nobody_by_the_first_run() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    for login in ["anna", "ben"] {
        world.add_user(login, "Acme").await;
        world.connect(login).await;
    }
    let planning = [&PLANNING[..], &[STRANGER]].concat();
    let world = world.after_import(directory.path(), &[&planning, &SERIES]).await;
    world.sync_each(&["anna", "ben"]).await;
    world.assert_silent().await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 5);
    world.assert_at_rest(&["anna", "ben"]).await;
}

#[tokio::test]
async fn guests_whom_outlook_has_invited_are_not_invited_by_the_crms_run() {
    let world = World::together().await;
    let outlook = world.outlook("anna").await;
    let event = outlook.create(&review_in_outlook(&["ben"])).await;
    world.sync("anna").await;
    outlook.update(id(&event), &json!({"attendees": outlook_guests(&["ben", "cleo"]), "subject": "Two"})).await;
    world.take_mails().await;
    world.sync_each(&EVERYBODY).await;
    world.assert_at_rest(&EVERYBODY).await;
    assert_eq!(World::only(&world.crm_events("anna").await, "Two")["copies"].as_array().unwrap().len(), 2);
}
