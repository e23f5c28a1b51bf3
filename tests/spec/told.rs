//! Exactly the mails that a person's edit justifies, and a preview that counts
//! them before (Graph `api/event-update`: a series is mailed once, and once more
//! for each of its exceptions). What tells nobody is in `firewall`.

use serde_json::{Value, json};
use tandem_tests::meeting::{COLLEAGUES, EVERYBODY, crm_guests};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::firewall::{codes, past};
use crate::meetings::{FROM, TO, id, review, shared, weekly_meeting};

/// An occurrence of the weekly series that is different.
fn occurrence(series: &Value, day: &str, change: &Value) -> Value {
    let (start, end) = (format!("{day}T09:00:00Z"), format!("{day}T10:00:00Z"));
    let mut occurrence = json!({
        "title": "Jour fixe", "start": start, "end": end, "timeZone": "Europe/Berlin",
        "recurringEventId": series["id"], "originalStart": start,
    });
    for (name, value) in change.as_object().unwrap() {
        occurrence[name] = value.clone();
    }
    occurrence
}

#[tokio::test]
async fn a_guest_who_is_added_in_the_crm_is_the_only_one_who_is_told() {
    let (world, parent) = shared(&review(&["ben"])).await;
    world.crm_update(&parent["id"], &json!({"attendees": crm_guests(&["ben", "cleo"])})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.told().await, ["invitation cleo Review"]);
    world.sync_each(&EVERYBODY).await;
    assert_eq!(world.crm_only("cleo").await["parentEventId"], parent["id"]);
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn a_meeting_that_the_organiser_moves_in_the_crm_is_told_to_each_guest_once() {
    let (world, parent) = shared(&review(&["ben", "cleo", "dora", "stranger"])).await;
    let moved = json!({
        "start": "2026-03-11T09:00:00Z", "end": "2026-03-11T10:00:00Z", "title": "Review, moved",
        "description": "<p>Agenda</p>",
    });
    world.crm_update(&parent["id"], &moved).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let told = ["ben", "cleo", "dora", "stranger"].map(|login| format!("update {login} Review, moved"));
    assert_eq!(world.told().await, told);
    world.sync_each(&EVERYBODY).await;
    for login in EVERYBODY {
        assert_eq!(
            world.assert_same(login, FROM, TO).await,
            ["2026-03-11T09:00:00Z 2026-03-11T10:00:00Z Review, moved"]
        );
    }
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn reminders_of_the_organiser_concern_nobody_else() {
    let (world, parent) = shared(&review(&["ben"])).await;
    world.crm_update(&parent["id"], &json!({"reminderMinutes": 7})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn a_meeting_that_is_over_is_told_to_nobody() {
    let (world, parent) = shared(&review(&["ben"])).await;
    world.advance(10 * 24 * 3600).await;
    let outlook = world.outlook("anna").await;
    world.crm_update(&parent["id"], &json!({"title": "Minutes"})).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    Outlook::only(&outlook.events().await, "Review");
    // One that was entered when it was over already comes without its guests.
    world.crm_create("anna", &past(&["ben"])).await;
    let report = world.sync("anna").await;
    wrote(&report, [0, 0, 0], [1, 0, 0]);
    assert_eq!(Outlook::only(&outlook.events().await, "Past")["attendees"], json!([]));
    // And one that is called off afterwards is called off for nobody.
    world.crm_delete(&parent["id"]).await;
    assert_eq!(codes(&world.sync("anna").await), ["would-notify"]);
    world.assert_at_rest(&EVERYBODY).await;
}

#[tokio::test]
async fn a_series_with_exceptions_is_told_once_and_once_for_each_exception() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    world.crm_create("anna", &occurrence(&parent, "2026-03-16", &json!({"title": "Workshop"}))).await;
    world.sync("anna").await;
    let told = ["ben", "cleo"].map(|login| format!("update {login} Workshop on 2026-03-16"));
    assert_eq!(world.told().await, told);
    world.crm_update(&parent["id"], &json!({"description": "<p>Agenda</p>"})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 1, 0]);
    let told = [
        "update ben Jour fixe",
        "update ben Workshop on 2026-03-16",
        "update cleo Jour fixe",
        "update cleo Workshop on 2026-03-16",
    ];
    assert_eq!(world.told().await, told);
    world.sync_each(&COLLEAGUES).await;
    for login in COLLEAGUES {
        world.assert_same(login, FROM, TO).await;
    }
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn one_occurrence_that_is_moved_or_called_off_in_the_crm_is_told_once() {
    let (world, parent) = shared(&weekly_meeting(&["ben", "cleo"])).await;
    let moved = json!({"start": "2026-03-17T14:00:00Z", "end": "2026-03-17T15:00:00Z"});
    world.crm_create("anna", &occurrence(&parent, "2026-03-16", &moved)).await;
    world.crm_create("anna", &occurrence(&parent, "2026-03-23", &json!({"cancelled": true}))).await;
    world.sync("anna").await;
    let told = [
        "cancellation ben Canceled: Jour fixe on 2026-03-23",
        "cancellation cleo Canceled: Jour fixe on 2026-03-23",
        "update ben Jour fixe on 2026-03-16",
        "update cleo Jour fixe on 2026-03-16",
    ];
    assert_eq!(world.told().await, told);
    world.sync_each(&COLLEAGUES).await;
    for login in COLLEAGUES {
        assert_eq!(world.assert_same(login, FROM, TO).await.len(), 6, "{login}");
    }
    world.assert_at_rest(&COLLEAGUES).await;
}

#[tokio::test]
async fn an_occurrence_that_is_over_is_told_to_nobody_though_its_series_goes_on() {
    let (world, parent) = shared(&weekly_meeting(&["ben"])).await;
    world.advance(17 * 24 * 3600).await;
    world.crm_create("anna", &occurrence(&parent, "2026-03-16", &json!({"title": "Workshop"}))).await;
    let report = world.sync("anna").await;
    assert_eq!(codes(&report), ["would-notify"], "{report}");
    world.assert_silent().await;
    world.crm_create("anna", &occurrence(&parent, "2026-03-23", &json!({"title": "Retrospective"}))).await;
    world.sync("anna").await;
    assert_eq!(world.told().await, ["update ben Retrospective on 2026-03-23"]);
    world.sync_each(&["ben"]).await;
    world.assert_at_rest(&["anna", "ben"]).await;
}

#[tokio::test]
async fn a_live_conflict_is_told_once_where_the_crm_wins_and_not_at_all_where_microsoft_wins() {
    for (rule, told) in [("crm-wins", vec!["update ben The CRM's"]), ("microsoft-wins", Vec::new())] {
        let (world, parent) = shared(&review(&["ben"])).await;
        world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
        world.sync_each(&["anna", "ben"]).await;
        let outlook = world.outlook("anna").await;
        outlook.update(id(&outlook.the_only().await), &json!({"subject": "Outlook's"})).await;
        world.take_mails().await;
        world.crm_update(&parent["id"], &json!({"title": "The CRM's"})).await;
        let report = world.sync("anna").await;
        assert_eq!(
            (world.told().await, &report["conflicts"]),
            (told.iter().map(|line| (*line).to_owned()).collect(), &json!(1)),
            "{rule}"
        );
        world.sync_each(&EVERYBODY).await;
        world.assert_same("anna", FROM, TO).await;
        assert_eq!(world.conflicts().await.len(), 1, "{rule}");
        world.assert_at_rest(&["anna", "ben"]).await;
    }
}

#[tokio::test]
async fn a_preview_counts_the_mails_that_the_run_then_sends_and_sends_none() {
    let (world, parent) = shared(&review(&["ben", "cleo"])).await;
    let mut doomed = review(&["ben"]);
    doomed["title"] = json!("Doomed");
    let doomed = world.crm_create("anna", &doomed).await;
    world.sync_each(&EVERYBODY).await;
    world.told().await;
    world.crm_update(&parent["id"], &json!({"title": "Retrospective"})).await;
    world.crm_delete(&doomed["id"]).await;
    world.crm_create("anna", &weekly_meeting(&["ben", "dora", "stranger"])).await;
    world.crm_create("anna", &past(&["cleo"])).await;
    world.crm_create_timed("anna", "Alone", "2026-03-12T09:00:00Z", "2026-03-12T10:00:00Z").await;
    let preview = world.preview("anna").await;
    world.assert_silent().await;
    assert_eq!((&preview["invitations"], &preview["people"]), (&json!(3), &json!(4)), "{preview}");
    let mut notices: Vec<String> = preview["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| {
            let notice = &operation["notice"];
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", text(&operation["title"]), text(&notice["kind"]), notice["people"])
        })
        .collect();
    notices.sort();
    let expected =
        ["Alone - null", "Doomed cancellation 1", "Jour fixe invitation 3", "Past - null", "Retrospective update 2"];
    assert_eq!(notices, expected, "{preview}");
    assert_eq!(codes(&preview), ["would-notify"], "{preview}");
    world.sync("anna").await;
    let told = [
        "cancellation ben Canceled: Doomed",
        "invitation ben Jour fixe",
        "invitation dora Jour fixe",
        "invitation stranger Jour fixe",
        "update ben Retrospective",
        "update cleo Retrospective",
    ];
    assert_eq!(world.told().await, told);
    let after = world.preview("anna").await;
    assert_eq!((&after["invitations"], &after["people"], &after["operations"]), (&json!(0), &json!(0), &json!([])));
}

#[tokio::test]
async fn a_preview_of_a_first_run_counts_nobody() {
    let world = World::before_the_first_run().await;
    for meeting in [review(&["ben", "cleo"]), past(&["ben"]), weekly_meeting(&["dora"])] {
        world.crm_create("anna", &meeting).await;
    }
    let preview = world.preview("anna").await;
    assert_eq!((&preview["invitations"], &preview["people"]), (&json!(0), &json!(0)), "{preview}");
    assert_eq!(preview["operations"].as_array().unwrap().len(), 3, "{preview}");
    assert_eq!(codes(&preview), ["would-notify"; 3], "{preview}");
    world.sync("anna").await;
    world.assert_silent().await;
}
