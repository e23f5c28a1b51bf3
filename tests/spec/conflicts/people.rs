//! Who is told when a decision about a meeting is taken back: guests once, by
//! Microsoft, and never more than the confirmation says.

use serde_json::json;
use tandem_tests::World;
use tandem_tests::meeting::{EVERYBODY, crm_guest_list, crm_guests};

use super::{ask, latest, path, reverse, rule};
use crate::meetings::{FROM, TO, id, review, shared};

/// A meeting of anna's with Ben, about whose title Outlook and the CRM disagree.
async fn decided(named: &str) -> World {
    let (world, parent) = shared(&review(&["ben"])).await;
    rule(&world, named).await;
    world.sync_each(&["anna", "ben"]).await;
    let outlook = world.outlook("anna").await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Outlook's"})).await;
    world.take_mails().await;
    world.crm_update(&parent["id"], &json!({"title": "The CRM's"})).await;
    world.sync("anna").await;
    world.take_mails().await;
    world.sync_each(&EVERYBODY).await;
    world
}

#[tokio::test]
async fn guests_of_the_organiser_are_told_once_as_the_offer_says() {
    for (named, other) in [("crm-wins", "Outlook's"), ("microsoft-wins", "The CRM's")] {
        let world = decided(named).await;
        let conflict = latest(&world).await;
        let offer = world.crm.get(&path(&conflict)).await.ok();
        assert_eq!((&offer["invitations"], &offer["people"]), (&json!(1), &json!(1)), "{named}: {offer}");
        assert_eq!(offer["operations"][0]["notice"], json!({"kind": "update", "people": 1}), "{named}");
        world.assert_silent().await;
        reverse(&world, &conflict).await;
        assert_eq!(world.told().await, [format!("update ben {other}")], "{named}");
        world.sync_each(&EVERYBODY).await;
        for login in ["anna", "ben"] {
            assert!(world.assert_same(login, FROM, TO).await[0].ends_with(other), "{named}: {login}");
        }
        world.assert_at_rest(&["anna", "ben"]).await;
    }
}

#[tokio::test]
async fn what_is_over_is_told_to_nobody_and_so_not_taken_back() {
    let world = decided("crm-wins").await;
    world.advance(30 * 24 * 3600).await;
    world.sync_each(&["anna"]).await;
    let conflict = latest(&world).await;
    let (_, words) = world.crm.get(&path(&conflict)).await.refused(409);
    assert!(words.contains("something that is over"), "{words}");
    let answer = ask(&world, &conflict).await.ok();
    assert!(answer["conflict"]["refused"].as_str().unwrap().contains("something that is over"), "{answer}");
    world.assert_at_rest(&["anna"]).await;
}

/// In a guest's copy, only the organiser decides.
#[tokio::test]
async fn a_guest_cannot_put_an_own_version_over_the_organisers() {
    let (world, parent) = shared(&review(&["ben"])).await;
    let copy = world.crm_only("ben").await;
    world.crm_update(&parent["id"], &json!({"title": "The organizer's"})).await;
    world.sync("anna").await;
    world.take_mails().await;
    world.sync_each(&EVERYBODY).await;
    world.assert_at_rest(&["anna", "ben"]).await;
    assert_eq!(world.crm_only("ben").await["parentEventId"], copy["parentEventId"]);
    // Whatever was decided about the copy by its organiser is recorded as such.
    for conflict in world.conflicts().await {
        assert_ne!(conflict["user"], "ben", "{conflict}");
    }
}

#[tokio::test]
async fn a_meeting_that_comes_back_invites_its_guests_once_and_one_that_goes_is_called_off_once() {
    let (world, parent) = shared(&review(&["ben"])).await;
    let outlook = world.outlook("anna").await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Still wanted"})).await;
    world.take_mails().await;
    world.crm_delete(&parent["id"]).await;
    world.sync("anna").await;
    world.take_mails().await;
    world.sync_each(&EVERYBODY).await;
    assert!(outlook.events().await.is_empty());

    let conflict = latest(&world).await;
    let offer = world.crm.get(&path(&conflict)).await.ok();
    assert_eq!((&offer["invitations"], &offer["people"]), (&json!(1), &json!(1)), "{offer}");
    reverse(&world, &conflict).await;
    assert_eq!(world.told().await, ["invitation ben Still wanted"]);
    world.sync_each(&EVERYBODY).await;
    assert_eq!(crm_guest_list(&world.crm_only("anna").await).len(), 1);
    assert_eq!(world.crm_only("ben").await["title"], "Still wanted");
    world.assert_at_rest(&["anna", "ben"]).await;

    let back = latest(&world).await;
    let offer = world.crm.get(&path(&back)).await.ok();
    assert_eq!(offer["operations"][0]["notice"], json!({"kind": "cancellation", "people": 1}), "{offer}");
    reverse(&world, &back).await;
    assert_eq!(world.told().await, ["cancellation ben Canceled: Still wanted"]);
    world.sync_each(&EVERYBODY).await;
    world.assert_at_rest(&["anna", "ben"]).await;
}

#[tokio::test]
async fn an_entry_of_the_guests_that_both_sides_changed_goes_back_and_the_others_stay() {
    for (named, won, lost) in [("crm-wins", "optional", "resource"), ("microsoft-wins", "resource", "optional")] {
        let (world, parent) = shared(&review(&["ben"])).await;
        rule(&world, named).await;
        world.sync_each(&["anna"]).await;
        let outlook = world.outlook("anna").await;
        let mut theirs = outlook.the_only().await["attendees"].clone();
        for guest in theirs.as_array_mut().unwrap() {
            guest["type"] = json!("resource");
        }
        outlook.update(id(&outlook.the_only().await), &json!({"attendees": theirs})).await;
        let mut ours = crm_guests(&["ben", "cleo"]);
        ours[0]["type"] = json!("optional");
        world.crm_update(&parent["id"], &json!({"attendees": ours})).await;
        let report = world.sync("anna").await;
        assert_eq!(report["conflicts"], 1, "{named}: {report}");
        let kinds = async || {
            let guests = outlook.the_only().await["attendees"].clone();
            let kind = |login: &str| {
                let found =
                    guests.as_array().unwrap().iter().find(|guest| {
                        guest["emailAddress"]["address"].as_str().unwrap().to_lowercase().starts_with(login)
                    });
                found.map(|guest| guest["type"].as_str().unwrap().to_owned()).unwrap_or_default()
            };
            [kind("ben"), kind("cleo")]
        };
        assert_eq!(kinds().await, [won, "required"], "{named}");
        reverse(&world, &latest(&world).await).await;
        assert_eq!(kinds().await, [lost, "required"], "{named}, taken back");
        world.take_mails().await;
        world.sync_each(&EVERYBODY).await;
        world.assert_at_rest(&EVERYBODY).await;
    }
}
