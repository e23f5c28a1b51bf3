//! What the CRM has told people by itself, or was told to keep to itself, is not
//! told once more by Microsoft (Oro row C5; double invitations, section 8).
//!
//! The feed of the CRM goes on while a calendar is switched off; so an edit that
//! it shows is no reason for a mail where the CRM says that it is settled.

use serde_json::{Value, json};
use tandem_tests::imported::PLANNING;
use tandem_tests::meeting::{COLLEAGUES, EVERYBODY, crm_guests};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::firewall::codes;
use crate::meetings::{FROM, TO, review, review_in_outlook, shared};

async fn switch(world: &World, login: &str, enabled: bool) {
    world.save("user", login, &[("calendar.enabled", json!(enabled))]).await.ok();
}

fn titled(title: &str, guests: &[&str]) -> Value {
    let mut meeting = review(guests);
    meeting["title"] = json!(title);
    meeting
}

#[tokio::test]
async fn what_the_crm_has_told_while_the_calendar_was_off_is_not_told_again_when_it_is_on() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let doomed = world.crm_create("anna", &titled("Doomed", &["ben"])).await;
    world.sync_each(&EVERYBODY).await;
    world.told().await;
    switch(&world, "anna", false).await;
    assert_eq!(world.sync("anna").await["next"]["reason"], "disabled");
    world.crm_update(&parent["id"], &json!({"title": "Retrospective"})).await;
    world.crm_create("anna", &titled("Planning", &["ben", "stranger"])).await;
    world.crm_delete(&doomed["id"]).await;
    let by_the_crm =
        ["cancellation ben", "invitation ben", "invitation stranger", "update ben", "update cleo"].map(str::to_owned);
    assert_eq!(world.crm_told().await, by_the_crm);
    switch(&world, "anna", true).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [1, 0, 0]);
    assert_eq!(codes(&report), ["would-notify"; 3], "{report}");
    world.assert_silent().await;
    let events = world.outlook("anna").await.events().await;
    assert_eq!(Outlook::only(&events, "Planning")["attendees"], json!([]));
    Outlook::only(&events, "Doomed");
    world.assert_at_rest(&["anna"]).await;
    // The next edit is one that nobody was told of.
    world.crm_update(&parent["id"], &json!({"description": "<p>Agenda</p>"})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Retrospective", "update cleo Retrospective"]);
}

#[tokio::test]
async fn an_edit_before_and_one_after_the_calendar_was_off_are_told_as_they_were_meant() {
    let (world, parent) = shared(&review(&["ben"])).await;
    world.crm_update(&parent["id"], &json!({"title": "Before"})).await;
    switch(&world, "anna", false).await;
    switch(&world, "anna", true).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Before"], "nobody had told him yet");
    switch(&world, "anna", false).await;
    world.crm_update(&parent["id"], &json!({"title": "Meanwhile"})).await;
    assert_eq!(world.crm_told().await, ["update ben"]);
    switch(&world, "anna", true).await;
    world.crm_update(&parent["id"], &json!({"title": "After"})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben After"]);
    world.sync_each(&COLLEAGUES).await;
    world.assert_same("anna", FROM, TO).await;
}

#[tokio::test]
async fn what_a_person_wants_nobody_to_be_told_of_is_not_told_by_microsoft_either() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    world.crm_update(&parent["id"], &json!({"title": "Hushed", "notifyAttendees": "none"})).await;
    let quiet = titled("Quiet", &["ben"]);
    let mut secret = quiet.clone();
    secret["notifyAttendees"] = json!("none");
    world.crm_create("anna", &secret).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [1, 0, 0]);
    assert_eq!(codes(&report), ["would-notify"; 2], "{report}");
    world.assert_silent().await;
    let path = format!("/api/calendar-events/{}?notifyAttendees=none", parent["id"].as_str().unwrap());
    world.crm.delete(&path).await.ok();
    assert_eq!(codes(&world.sync("anna").await), ["would-notify"]);
    world.assert_silent().await;
    world.assert_at_rest(&["anna"]).await;
}

/// Rather nobody is told of the loud one than anybody of the quiet one.
#[tokio::test]
async fn a_quiet_edit_behind_a_loud_one_that_has_not_gone_out_keeps_both_back_and_says_so() {
    let (world, parent) = shared(&review(&["ben"])).await;
    world.crm_update(&parent["id"], &json!({"title": "Retrospective"})).await;
    let busy = json!([{"match": {"method": "PATCH", "path": "/v1.0/"}, "times": 1, "do": "throttle"}]);
    world.fault(busy).await;
    let report = world.sync("anna").await;
    assert_eq!(report["next"]["when"], "after", "{report}");
    let description = json!({"description": "<p>Agenda</p>", "notifyAttendees": "none"});
    world.crm_update(&parent["id"], &description).await;
    world.advance(120).await;
    assert_eq!(codes(&world.sync("anna").await), ["would-notify"]);
    world.assert_silent().await;
    // A deletion that nobody is to be told of is not told either.
    let path = format!("/api/calendar-events/{}?notifyAttendees=none", parent["id"].as_str().unwrap());
    world.crm.delete(&path).await.ok();
    assert_eq!(codes(&world.sync("anna").await), ["would-notify"]);
    world.assert_silent().await;
}

#[tokio::test]
async fn where_only_added_and_removed_guests_are_told_another_title_is_told_to_nobody() {
    let (world, parent) = shared(&review(&["ben"])).await;
    let titled = json!({"title": "Retrospective", "notifyAttendees": "added_or_deleted"});
    world.crm_update(&parent["id"], &titled).await;
    assert_eq!(codes(&world.sync("anna").await), ["would-notify"]);
    world.assert_silent().await;
    let added = json!({"attendees": crm_guests(&["ben", "cleo"]), "notifyAttendees": "added_or_deleted"});
    world.crm_update(&parent["id"], &added).await;
    world.sync("anna").await;
    // With the guest goes what was kept back, as the report has said.
    assert_eq!(world.told().await, ["invitation cleo Retrospective", "update ben Retrospective"]);
}

#[tokio::test]
async fn a_guest_whose_answer_the_crm_has_told_is_not_made_to_answer_again() {
    let world = World::together().await;
    world.outlook("dora").await.create(&review_in_outlook(&["ben"])).await;
    world.sync_each(&["dora", "ben"]).await;
    world.take_mails().await;
    let copy = world.crm_only("ben").await;
    switch(&world, "ben", false).await;
    world.reply(&copy["id"], "accepted").await.ok();
    assert_eq!(world.crm_told().await, ["reply dora"]);
    switch(&world, "ben", true).await;
    let report = world.sync("ben").await;
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    world.assert_silent().await;
    world.assert_at_rest(&["ben"]).await;
}

#[tokio::test]
async fn an_import_into_a_calendar_that_is_in_step_invites_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    world.sync("anna").await;
    let world = world.after_import(directory.path(), &[&PLANNING]).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [1, 0, 0]);
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    assert_eq!(World::only(&world.crm_events("anna").await, "Planning")["attendees"][0]["email"], "ben@acme.example");
    world.assert_at_rest(&["anna"]).await;
    let planning = World::only(&world.crm_events("anna").await, "Planning");
    world.crm_update(&planning["id"], &json!({"title": "Planning, again"})).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["invitation ben Planning, again"]);
}
