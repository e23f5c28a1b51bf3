//! The mailbox of a guest: it answers, and keeps reminders of its own; what is
//! shared it never writes (Oro row C6; pitfall 7; Graph `api/event-accept`,
//! `api/event-decline`, `api/event-tentativelyaccept`).

use serde_json::{Value, json};
use tandem_tests::World;
use tandem_tests::meeting::{COLLEAGUES, crm_guests, outlook_guests};

use crate::calendar::wrote;
use crate::meetings::{FROM, TO, id, review, shared, weekly_meeting};

/// The answer of a guest in the list of an event.
fn answer_of(event: &Value, login: &str) -> String {
    let address = format!("{login}@acme.example");
    let guests = event["attendees"].as_array().unwrap();
    let guest = guests.iter().find(|guest| guest["email"] == address.as_str());
    guest.unwrap_or_else(|| panic!("no {login} in {event}"))["status"].as_str().unwrap().to_owned()
}

fn codes(report: &Value) -> Vec<&str> {
    report["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_answer_given_in_outlook_reaches_the_own_copy_and_the_organisers_list() {
    for (action, status) in [("accept", "accepted"), ("tentativelyAccept", "tentative")] {
        let (world, parent) = shared(&review(&["ben", "cleo"])).await;
        let outlook = world.outlook("ben").await;
        outlook.answer(id(&outlook.the_only().await), action).await;
        assert_eq!(world.take_mails().await.len(), 1, "Outlook's own");
        // The organiser's list comes through the organiser's own run.
        wrote(&world.sync("ben").await, [0, 1, 0], [0, 0, 0]);
        assert_eq!(world.crm_only("ben").await["ownStatus"], status);
        assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "none");
        wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
        let parent = world.crm_event(&parent["id"]).await;
        assert_eq!((answer_of(&parent, "ben"), answer_of(&parent, "cleo")), (status.to_owned(), "none".to_owned()));
        world.assert_at_rest(&COLLEAGUES).await;
    }
}

/// A guest list that is entered anew, as a form without answers does it.
#[tokio::test]
async fn an_answer_that_the_organiser_of_the_crm_writes_over_comes_back() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let outlook = world.outlook("ben").await;
    outlook.answer(id(&outlook.the_only().await), "accept").await;
    world.sync_each(&COLLEAGUES).await;
    world.take_mails().await;
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "accepted");
    world.crm_update(&parent["id"], &json!({"attendees": crm_guests(&["ben", "cleo"])})).await;
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "none");
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    world.assert_silent().await;
    world.crm_update(&parent["id"], &json!({"attendees": crm_guests(&["ben", "cleo", "dora"])})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["invitation dora Review"]);
    let parent = world.crm_event(&parent["id"]).await;
    assert_eq!((answer_of(&parent, "ben"), answer_of(&parent, "dora")), ("accepted".to_owned(), "none".to_owned()));
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
    // Also where another guest has answered before the same run.
    world.crm_update(&parent["id"], &json!({"attendees": crm_guests(&["ben", "cleo", "dora"])})).await;
    let outlook = world.outlook("cleo").await;
    outlook.answer(id(&outlook.the_only().await), "decline").await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    let parent = world.crm_event(&parent["id"]).await;
    assert_eq!((answer_of(&parent, "ben"), answer_of(&parent, "cleo")), ("accepted".to_owned(), "declined".to_owned()));
    world.assert_at_rest(&COLLEAGUES).await;
}

/// Guests of a meeting that Microsoft makes again are invited anew: they have not
/// answered that one, on either side.
#[tokio::test]
async fn a_meeting_that_is_made_again_has_no_answers_yet() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let (anna, ben) = (world.outlook("anna").await, world.outlook("ben").await);
    ben.answer(id(&ben.the_only().await), "accept").await;
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "accepted");
    anna.delete(id(&anna.the_only().await)).await;
    world.crm_update(&parent["id"], &json!({"title": "Goes on"})).await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    world.sync_each(&COLLEAGUES).await;
    let again = anna.the_only().await;
    let there: Vec<&str> = again["attendees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|guest| guest["status"]["response"].as_str().unwrap())
        .collect();
    assert_eq!(there, ["none", "none"], "{again}");
    let parent = world.crm_event(&parent["id"]).await;
    assert_eq!((answer_of(&parent, "ben"), answer_of(&parent, "cleo")), ("none".to_owned(), "none".to_owned()));
    assert_eq!(world.told().await, ["invitation ben Goes on", "invitation cleo Goes on"]);
    world.assert_at_rest(&COLLEAGUES).await;
    // What was called off stays in a guest's mailbox until the guest removes it.
    let invited = ben.events().await.into_iter().find(|event| event["isCancelled"] == false).unwrap();
    ben.answer(id(&invited), "tentativelyAccept").await;
    assert_eq!(world.take_mails().await.len(), 1, "Outlook's own");
    world.sync_each(&COLLEAGUES).await;
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "tentative");
}

#[tokio::test]
async fn an_answer_given_in_the_crm_is_one_answer_in_microsoft() {
    for (status, subject) in [("accepted", "Accepted"), ("tentative", "Tentative"), ("declined", "Declined")] {
        let (world, parent) = shared(&review(&["ben", "cleo"])).await;
        let copy = world.crm_only("ben").await;
        world.reply(&copy["id"], status).await.ok();
        world.assert_silent().await;
        let report = world.sync("ben").await;
        assert_eq!(world.told().await, [format!("response anna {subject}: Review")], "{report}");
        world.sync("anna").await;
        assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), status);
        assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "cleo"), "none");
        world.sync_each(&COLLEAGUES).await;
        world.assert_same("ben", FROM, TO).await;
        world.assert_at_rest(&COLLEAGUES).await;
    }
}

#[tokio::test]
async fn what_a_guest_declines_in_outlook_leaves_that_calendar_alone() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let outlook = world.outlook("cleo").await;
    outlook.answer(id(&outlook.the_only().await), "decline").await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    assert!(world.crm_events("cleo").await.is_empty());
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "cleo"), "declined");
    assert_eq!(world.crm_masters("ben").await.len(), 1);
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_declined_meeting_that_outlook_keeps_stays_in_both_calendars() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    world.control("behaviour", &json!({"keepDeclined": true})).await;
    let copy = world.crm_only("ben").await;
    world.reply(&copy["id"], "declined").await.ok();
    world.sync("ben").await;
    assert_eq!(world.told().await, ["response anna Declined: Review"]);
    assert_eq!(world.assert_same("ben", FROM, TO).await.len(), 1);
    assert_eq!(world.crm_only("ben").await["ownStatus"], "declined");
    // A change of mind is one more answer.
    world.reply(&copy["id"], "accepted").await.ok();
    world.sync_each(&["ben", "anna", "ben"]).await;
    assert_eq!(world.told().await, ["response anna Accepted: Review"]);
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "accepted");
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_guest_never_writes_what_is_shared() {
    // Pitfall 7: only the organiser's mailbox writes.
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let copy = world.crm_only("ben").await;
    let before = world.outlook("anna").await.the_only().await;
    let theirs = world.outlook("ben").await.the_only().await;
    let mine = json!({
        "title": "Mine", "description": "<p>Mine</p>", "start": "2026-03-10T11:00:00Z", "end": "2026-03-10T12:00:00Z",
    });
    world.crm_update(&copy["id"], &mine).await;
    let report = world.sync("ben").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["not-writable"], "{report}");
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(world.outlook("anna").await.the_only().await, before);
    assert_eq!(world.outlook("ben").await.the_only().await, theirs);
    let organisers = world.crm_event(&parent["id"]).await;
    assert_eq!((&organisers["title"], &organisers["start"]), (&json!("Review"), &parent["start"]));
    world.assert_at_rest(&COLLEAGUES).await;
    // What the organiser changes is so for everybody.
    world.crm_update(&parent["id"], &json!({"title": "Retrospective"})).await;
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
    assert_eq!(world.outlook("ben").await.the_only().await["subject"], "Retrospective");
    World::only(&world.crm_events("ben").await, "Retrospective");
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_guests_reminder_is_the_guests_and_nobody_is_told() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let copy = world.crm_only("ben").await;
    world.crm_update(&copy["id"], &json!({"reminderMinutes": 5})).await;
    wrote(&world.sync("ben").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.outlook("ben").await.the_only().await["reminderMinutesBeforeStart"], 5);
    assert_ne!(world.outlook("anna").await.the_only().await["reminderMinutesBeforeStart"], 5);
    world.assert_at_rest(&COLLEAGUES).await;
    // And it stays when the organiser moves the meeting.
    let moved = json!({"start": "2026-03-10T13:00:00Z", "end": "2026-03-10T14:00:00Z"});
    world.crm_update(&parent["id"], &moved).await;
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(world.told().await, ["update ben Review", "update cleo Review"]);
    let copy = world.crm_event(&copy["id"]).await;
    assert_eq!((&copy["reminderMinutes"], &copy["start"]), (&json!(5), &json!("2026-03-10T13:00:00Z")));
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_guest_who_deletes_the_own_copy_loses_that_alone() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    world.crm_delete(&world.crm_only("ben").await["id"]).await;
    wrote(&world.sync("ben").await, [0, 0, 0], [0, 0, 1]);
    let outlook = world.outlook("cleo").await;
    outlook.delete(id(&outlook.the_only().await)).await;
    wrote(&world.sync("cleo").await, [0, 0, 1], [0, 0, 0]);
    world.assert_at_rest(&COLLEAGUES).await;
    assert!(world.crm_events("ben").await.is_empty() && world.crm_events("cleo").await.is_empty());
    let kept = world.crm_event(&parent["id"]).await;
    assert_eq!(kept["attendees"].as_array().unwrap().len(), 2, "{kept}");
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 1);
}

#[tokio::test]
async fn an_answer_to_a_series_is_one_answer() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    world.reply(&world.crm_only("ben").await["id"], "accepted").await.ok();
    world.sync("ben").await;
    assert_eq!(world.told().await, ["response anna Accepted: Jour fixe"]);
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "accepted");
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn an_answer_in_outlook_to_one_occurrence_stays_with_that_occurrence() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let outlook = world.outlook("ben").await;
    let day = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.answer(id(&day), "decline").await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    // Declined, it leaves ben's calendar, and nobody else's.
    assert_eq!(world.assert_same("ben", FROM, TO).await.len(), 6);
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    assert_eq!(world.assert_same("cleo", FROM, TO).await.len(), 7);
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "none", "of the series");
    world.assert_at_rest(&COLLEAGUES).await;
}

/// The occurrence of 16 March, which the organiser has renamed, in ben's CRM.
async fn renamed_day(world: &World) -> Value {
    let outlook = world.outlook("anna").await;
    let day = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    outlook.update(id(&day), &json!({"subject": "Workshop"})).await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    World::only(&world.crm_events("ben").await, "Workshop")
}

#[tokio::test]
async fn an_answer_in_the_crm_to_one_occurrence_reaches_the_organiser_for_that_day_alone() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    world.reply(&occurrence["id"], "tentative").await.ok();
    let report = world.sync("ben").await;
    wrote(&report, [0, 0, 0], [0, 1, 0]);
    assert_eq!(codes(&report), [""; 0], "{report}");
    assert_eq!(world.told().await, ["response anna Tentative: Workshop on 2026-03-16"]);
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(World::only(&world.crm_events("ben").await, "Workshop")["ownStatus"], "tentative");
    assert_eq!(answer_of(&world.crm_event(&parent["id"]).await, "ben"), "none", "of the series");
    let day = World::only(&world.crm_events("anna").await, "Workshop");
    assert_eq!(answer_of(&day, "ben"), "tentative");
    world.assert_at_rest(&COLLEAGUES).await;

    // Another answer to the same day.
    world.reply(&occurrence["id"], "accepted").await.ok();
    wrote(&world.sync("ben").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["response anna Accepted: Workshop on 2026-03-16"]);
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

/// A day that has the answer of its series has none of its own: when the series
/// is answered anew, it is answered with it, and not with the old one before.
#[tokio::test]
async fn a_new_answer_to_the_series_tells_nobody_an_old_one_for_a_single_day() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    let series = World::only(&world.crm_events("ben").await, "Jour fixe");
    world.reply(&series["id"], "tentative").await.ok();
    world.reply(&occurrence["id"], "accepted").await.ok();
    world.sync("ben").await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    world.reply(&series["id"], "accepted").await.ok();
    wrote(&world.sync("ben").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["response anna Accepted: Jour fixe"]);
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_day_that_takes_over_the_first_answer_to_its_series_is_answered_too() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    world.reply(&occurrence["id"], "tentative").await.ok();
    world.sync("ben").await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    let series = World::only(&world.crm_events("ben").await, "Jour fixe");
    world.reply(&series["id"], "accepted").await.ok();
    world.reply(&occurrence["id"], "accepted").await.ok();
    world.sync("ben").await;
    let told = world.told().await;
    assert!(told.contains(&"response anna Accepted: Jour fixe".to_owned()), "{told:?}");
    assert!(told.contains(&"response anna Accepted: Workshop on 2026-03-16".to_owned()), "{told:?}");
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn a_day_that_is_declined_in_the_crm_leaves_that_calendar_alone() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    world.reply(&occurrence["id"], "declined").await.ok();
    world.sync("ben").await;
    assert_eq!(world.told().await, ["response anna Declined: Workshop on 2026-03-16"]);
    world.sync_each(&COLLEAGUES).await;
    assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 7);
    assert_eq!(world.assert_same("cleo", FROM, TO).await.len(), 7);
    world.assert_at_rest(&COLLEAGUES).await;
}

/// In somebody else's meeting the organiser's version is everybody's, also of a
/// single day, whoever wins otherwise (Oro row C6).
#[tokio::test]
async fn what_the_organiser_decides_of_a_day_wins_against_the_edit_of_a_guest() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    world.crm_update(&occurrence["id"], &json!({"title": "My workshop"})).await;
    let outlook = world.outlook("anna").await;
    let day = outlook.instance("Workshop", "2026-03-16T09:00").await;
    outlook.update(id(&day), &json!({"subject": "Our workshop"})).await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    World::only(&world.crm_events("ben").await, "Our workshop");
    assert_eq!(world.conflicts().await.len(), 1, "what ben had written is kept");
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn an_answer_and_a_reminder_for_one_occurrence_are_both_written_and_its_title_is_not() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    let own = json!({"reminderMinutes": 3, "title": "My workshop"});
    world.crm_update(&occurrence["id"], &own).await;
    world.reply(&occurrence["id"], "accepted").await.ok();
    let report = world.sync("ben").await;
    wrote(&report, [0, 0, 0], [0, 1, 0]);
    assert_eq!(codes(&report), ["not-writable"], "{report}");
    assert_eq!(world.told().await, ["response anna Accepted: Workshop on 2026-03-16"]);
    let day = world.outlook("ben").await.instance("Workshop", "2026-03-16T09:00").await;
    assert_eq!((&day["subject"], &day["reminderMinutesBeforeStart"]), (&json!("Workshop"), &json!(3)));
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn an_answer_to_one_occurrence_whose_confirmation_is_lost_is_not_given_twice() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    world.reply(&occurrence["id"], "accepted").await.ok();
    world.fault(json!([{"match": {"path": "/accept"}, "do": "dropResponse"}])).await;
    world.sync("ben").await;
    world.advance(3_600).await;
    world.sync("ben").await;
    assert_eq!(world.told().await, ["response anna Accepted: Workshop on 2026-03-16"]);
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn an_answer_to_an_occurrence_that_is_over_is_kept_and_told_to_nobody() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let occurrence = renamed_day(&world).await;
    world.advance(30 * 86_400).await;
    world.sync_each(&COLLEAGUES).await;
    world.reply(&occurrence["id"], "accepted").await.ok();
    let report = world.sync("ben").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    world.assert_silent().await;
    assert_eq!(World::only(&world.crm_events("ben").await, "Workshop")["ownStatus"], "accepted", "it is kept");
}

/// A form of the CRM that knows no answers saves the day; they are put back, and
/// nobody is told of a list in which nobody is new.
#[tokio::test]
async fn the_answers_of_guests_to_one_occurrence_survive_a_list_of_guests_without_answers() {
    let (world, _) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let outlook = world.outlook("anna").await;
    let day = outlook.instance("Jour fixe", "2026-03-16T09:00").await;
    let guests = outlook_guests(&["ben", "cleo", "dora"]);
    outlook.update(id(&day), &json!({"subject": "Workshop", "attendees": guests})).await;
    let theirs = world.outlook("ben").await;
    theirs.answer(id(&theirs.instance("Workshop", "2026-03-16T09:00").await), "accept").await;
    world.take_mails().await;
    world.sync_each(&COLLEAGUES).await;
    let day = World::only(&world.crm_events("anna").await, "Workshop");
    assert_eq!(answer_of(&day, "ben"), "accepted");

    let unanswered = json!({"attendees": crm_guests(&["ben", "cleo", "dora"])});
    world.crm_update(&day["id"], &unanswered).await;
    let lost = World::only(&world.crm_events("anna").await, "Workshop");
    assert_eq!(answer_of(&lost, "ben"), "none");
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 0, 0]);
    world.assert_silent().await;
    let day = World::only(&world.crm_events("anna").await, "Workshop");
    assert_eq!(answer_of(&day, "ben"), "accepted");
    world.sync_each(&COLLEAGUES).await;
    world.assert_at_rest(&COLLEAGUES).await;
}
