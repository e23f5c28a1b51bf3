//! Writes of which the component did not live to hear the answer, and people who
//! go on before the next step (invariants 6 and 7; Oro row E3).
//!
//! Each claim is tried with the component torn down after every host call of a
//! step. What a person sees when they edit decides what has to be there in the
//! end: their edit, once, and no conflict that nobody had.

use serde_json::{Value, json};
use tandem_tests::meeting::COLLEAGUES;
use tandem_tests::{Outlook, World};

use crate::exceptions::crm_exception;
use crate::meetings::{id, review, shared};
use crate::rounds::titled;
use crate::runtime::{until_idle, writes};
use crate::series::weekly;

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";
const START: &str = "2026-03-10T09:00:00";
const END: &str = "2026-03-10T10:00:00";

/// Runs one step of a resource that is torn down after this many host calls;
/// whether it was.
pub async fn torn_down(world: &World, login: &str, resource: &str, calls: u64) -> bool {
    world.crash_after(calls).await;
    let answer = world.crm.post("/api/sync", &json!({"user": login, "resource": resource})).await;
    let has_crashed = answer.status != 200;
    if has_crashed {
        assert_eq!(answer.refused(500).0, "plugin-torn-down");
    }
    world.crash_after(0).await;
    has_crashed
}

/// Asserts that both sides show these titles and nothing else, that nothing is
/// left to do, and that nobody is said to have had a conflict.
async fn in_step(world: &World, titles: &[&str], after: &str) {
    until_idle(world).await;
    let shown = world.assert_same("anna", FROM, TO).await;
    let found: Vec<&str> = shown.iter().map(|line| line.splitn(3, ' ').last().unwrap()).collect();
    assert_eq!(found, titles, "{after}");
    assert_eq!(world.outlook("anna").await.events().await.len(), titles.len(), "{after}");
    assert_eq!(writes(&world.sync("anna").await), 0, "{after}");
    assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{after}");
    assert!(world.mails().await.is_empty(), "{after}");
}

/// What a person does to the event before the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    RenamesInOutlook,
    RenamesInCrm,
    DeletesInOutlook,
    DeletesInCrm,
}

const THEN: [Then; 4] = [Then::RenamesInOutlook, Then::RenamesInCrm, Then::DeletesInOutlook, Then::DeletesInCrm];

/// Does it, where the event is there; whether it was.
async fn does(world: &World, outlook: &Outlook, then: Then) -> bool {
    let theirs = outlook.events().await;
    let ours = world.crm_events("anna").await;
    match then {
        Then::RenamesInOutlook => {
            let Some(event) = theirs.first() else { return false };
            outlook.update(id(event), &json!({"subject": "Renamed"})).await;
        }
        Then::RenamesInCrm => {
            let Some(event) = ours.first() else { return false };
            world.crm_update(&event["id"], &json!({"title": "Renamed"})).await;
        }
        Then::DeletesInOutlook => {
            let Some(event) = theirs.first() else { return false };
            outlook.delete(id(event)).await;
        }
        Then::DeletesInCrm => {
            let Some(event) = ours.first() else { return false };
            world.crm_delete(&event["id"]).await;
        }
    }
    true
}

const fn expected(then: Then, done: bool) -> &'static [&'static str] {
    match (then, done) {
        (_, false) => &["New"],
        (Then::RenamesInOutlook | Then::RenamesInCrm, true) => &["Renamed"],
        (Then::DeletesInOutlook | Then::DeletesInCrm, true) => &[],
    }
}

/// Takes everything away on both sides.
async fn cleared(world: &World, outlook: &Outlook) {
    for event in outlook.events().await {
        outlook.delete(id(&event)).await;
    }
    // With a series go its days.
    for event in world.crm_events("anna").await.iter().filter(|event| event["recurringEventId"].is_null()) {
        world.crm_delete(&event["id"]).await;
    }
    until_idle(world).await;
}

/// Has something begin on one side, loses the component, and lets a person go on.
async fn begins(in_crm: bool, then: Then) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    until_idle(&world).await;
    let mut calls = 1;
    loop {
        if in_crm {
            world.crm_create_timed("anna", "New", &format!("{START}Z"), &format!("{END}Z")).await;
        } else {
            outlook.create_timed("New", START, END).await;
        }
        let has_crashed = torn_down(&world, "anna", "calendar", calls).await;
        let done = does(&world, &outlook, then).await;
        in_step(&world, expected(then, done), &format!("{then:?} after a crash behind call {calls}")).await;
        if !has_crashed {
            break;
        }
        calls += 1;
        cleared(&world, &outlook).await;
    }
    assert!(calls > 8, "expected a sync of many host calls, but found {calls}");
}

#[tokio::test]
async fn an_event_of_outlook_is_in_the_crm_once_whatever_people_do_after_a_crash_anywhere() {
    for then in THEN {
        begins(false, then).await;
    }
}

/// Deleted in Outlook before anybody has heard that it was created there, an event
/// is made again: a search that finds nothing does not say which of both it was.
#[tokio::test]
async fn an_event_of_the_crm_is_in_outlook_once_whatever_people_do_after_a_crash_anywhere() {
    for then in [Then::RenamesInOutlook, Then::RenamesInCrm, Then::DeletesInCrm] {
        begins(true, then).await;
    }
}

/// What a person does to a title that Outlook has changed from `Old` to `New`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retitled {
    /// Changes it in Outlook once more.
    InOutlook,
    /// Takes it back in Outlook.
    BackInOutlook,
    /// Changes it in the CRM, where it has arrived.
    InCrm,
    /// Takes it back in the CRM, where it has arrived.
    BackInCrm,
}

impl Retitled {
    const ALL: [Self; 4] = [Self::InOutlook, Self::BackInOutlook, Self::InCrm, Self::BackInCrm];

    const fn title(self) -> &'static str {
        match self {
            Self::InOutlook | Self::InCrm => "Newer",
            Self::BackInOutlook | Self::BackInCrm => "Old",
        }
    }
}

#[tokio::test]
async fn a_change_of_outlook_that_reached_the_crm_is_nobodys_edit_there_after_a_crash_anywhere() {
    for rule in ["crm-wins", "microsoft-wins"] {
        for then in Retitled::ALL {
            retitled(rule, then).await;
        }
    }
}

async fn retitled(rule: &str, then: Retitled) {
    let world = World::connected().await;
    world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
    let outlook = world.outlook("anna").await;
    let mut calls = 1;
    loop {
        let event = outlook.create_timed("Old", START, END).await;
        until_idle(&world).await;
        outlook.update(id(&event), &json!({"subject": "New"})).await;
        let has_crashed = torn_down(&world, "anna", "calendar", calls).await;
        let ours = world.crm_events("anna").await.remove(0);
        let is_there = ours["title"] == "New";
        let title = match then {
            Retitled::InOutlook | Retitled::BackInOutlook => {
                outlook.update(id(&event), &json!({"subject": then.title()})).await;
                then.title()
            }
            Retitled::InCrm | Retitled::BackInCrm if is_there => {
                world.crm_update(&ours["id"], &json!({"title": then.title()})).await;
                then.title()
            }
            Retitled::InCrm | Retitled::BackInCrm => "New",
        };
        in_step(&world, &[title], &format!("{rule}, {then:?} after a crash behind call {calls}")).await;
        if !has_crashed {
            break;
        }
        calls += 1;
        cleared(&world, &outlook).await;
    }
    assert!(calls > 8, "expected a sync of many host calls, but found {calls}");
}

/// Single days are requests of their own.
#[tokio::test]
async fn a_day_that_reached_outlook_can_be_taken_back_after_a_crash_anywhere() {
    for rule in ["crm-wins", "microsoft-wins"] {
        let world = World::connected().await;
        world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
        let outlook = world.outlook("anna").await;
        let mut calls = 1;
        loop {
            let series = world.crm_create("anna", &weekly()).await;
            // Of a new series, and of one that is there.
            let is_new = calls % 2 == 0;
            if !is_new {
                until_idle(&world).await;
            }
            let day = "2026-03-16T09:00:00Z";
            let exception = crm_exception(&world, &series, day, json!({"title": "Workshop"})).await;
            let has_crashed = torn_down(&world, "anna", "calendar", calls / 2 + 1).await;
            world.crm_update(&exception["id"], &json!({"title": series["title"]})).await;
            until_idle(&world).await;
            let shown = world.assert_same("anna", FROM, TO).await;
            let after = format!("{rule}, new: {is_new}, a crash behind call {}: {shown:?}", calls / 2 + 1);
            assert_eq!((titled(&shown, "Jour fixe"), shown.len()), (7, 7), "{after}");
            assert_eq!(writes(&world.sync("anna").await), 0, "{after}");
            assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{after}");
            calls += 1;
            if !has_crashed {
                break;
            }
            cleared(&world, &outlook).await;
        }
        assert!(calls > 16, "expected a sync of many host calls, but found {calls}");
    }
}

/// An answer is a request of its own. It cannot be taken back, but changed.
#[tokio::test]
async fn an_answer_that_reached_outlook_can_be_changed_after_a_crash_anywhere() {
    for rule in ["crm-wins", "microsoft-wins"] {
        let (world, _) = shared(&review(&["ben", "cleo"])).await;
        world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
        let copy = world.crm_only("ben").await;
        let mut calls = 1;
        loop {
            // As the round before has left it, the first of both is always an edit.
            let (first, then, shown) = match calls % 2 {
                0 => ("accepted", "tentative", "tentativelyAccepted"),
                _ => ("tentative", "accepted", "accepted"),
            };
            world.reply(&copy["id"], first).await.ok();
            let has_crashed = torn_down(&world, "ben", "calendar", calls).await;
            world.reply(&copy["id"], then).await.ok();
            world.sync_each(&COLLEAGUES).await;
            world.sync_each(&COLLEAGUES).await;
            let after = format!("{rule}, a crash behind call {calls}");
            assert_eq!(world.crm_only("ben").await["ownStatus"], then, "{after}");
            let theirs = world.outlook("ben").await.the_only().await;
            assert_eq!(theirs["responseStatus"]["response"], shown, "{after}");
            assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{after}");
            world.take_mails().await;
            if !has_crashed {
                break;
            }
            calls += 1;
        }
        assert!(calls > 8, "expected a sync of many host calls, but found {calls}");
    }
}
