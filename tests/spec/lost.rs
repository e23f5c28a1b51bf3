//! Series and their exceptions where something is lost on the way: an answer, a
//! link, a version, the component itself (pitfalls 5, 6 and 12 of Graph; Oro
//! row E3).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::exceptions::crm_exception;
use crate::rounds::{at, called, crm_master, id, titled};
use crate::runtime::{until_idle, writes};
use crate::series::{weekly, weekly_in_outlook};

const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-06-01T00:00:00Z";

/// A series in the CRM, with one day renamed, one moved and one cancelled.
async fn crm_series(world: &World) -> Value {
    let series = world.crm_create("anna", &weekly()).await;
    let (start, end) = ("2026-03-24T12:00:00Z", "2026-03-24T13:00:00Z");
    crm_exception(world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    crm_exception(world, &series, "2026-03-23T09:00:00Z", json!({"start": start, "end": end})).await;
    crm_exception(world, &series, "2026-03-30T08:00:00Z", json!({"cancelled": true})).await;
    series
}

/// What anybody sees of [`crm_series`].
fn is_crm_series(shown: &[String], after: &str) {
    assert_eq!((shown.len(), titled(shown, "Workshop"), titled(shown, "Jour fixe")), (6, 1, 5), "{after}: {shown:?}");
    assert!(shown.contains(&"2026-03-24T12:00:00Z 2026-03-24T13:00:00Z Jour fixe".to_owned()), "{after}: {shown:?}");
}

/// Whether all scripted faults have struck; the rest is forgotten.
async fn has_struck(world: &World) -> bool {
    let left = world.control("faults", &json!([])).await;
    world.forget_faults().await;
    left == json!([])
}

/// Pitfall 5: whichever answer gets lost, the series is there once, with its
/// exceptions.
#[tokio::test]
async fn whichever_answer_is_lost_a_new_series_with_exceptions_is_there_once() {
    for fault in ["dropResponse", "dropRequest", "gatewayTimeout", "truncate", "redirect", "otherAnswer", "wrongType"] {
        let mut lost = 0;
        for skip in 0.. {
            let world = World::connected().await;
            crm_series(&world).await;
            world.fault(json!([{"match": {"path": "/v1.0/"}, "skip": skip, "do": fault}])).await;
            until_idle(&world).await;
            if !has_struck(&world).await {
                break;
            }
            lost += 1;
            let after = format!("`{fault}` on request {skip}");
            is_crm_series(&world.assert_same("anna", FROM, TO).await, &after);
            assert_eq!(world.outlook("anna").await.events().await.len(), 1, "{after}");
            assert_eq!(writes(&world.sync("anna").await), 0, "{after}");
            assert!(world.conflicts().await.is_empty() && world.mails().await.is_empty(), "{after}");
        }
        assert!(lost > 3, "expected several requests, but found {lost}");
    }
}

/// Pitfall 5: the same of changed occurrences of a series that is there.
#[tokio::test]
async fn whichever_answer_is_lost_changed_occurrences_are_changed_once() {
    let mut lost = 0;
    for skip in 0.. {
        let world = World::connected().await;
        let outlook = world.outlook("anna").await;
        outlook.create(&weekly_in_outlook()).await;
        until_idle(&world).await;
        let series = crm_master(&world, "Jour fixe").await;
        crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
        crm_exception(&world, &series, "2026-03-30T08:00:00Z", json!({"cancelled": true})).await;
        world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
        world.fault(json!([{"match": {"path": "/v1.0/"}, "skip": skip, "do": "dropResponse"}])).await;
        until_idle(&world).await;
        if !has_struck(&world).await {
            break;
        }
        lost += 1;
        let shown = world.assert_same("anna", FROM, TO).await;
        assert_eq!((shown.len(), titled(&shown, "Workshop"), titled(&shown, "Weekly")), (6, 1, 5), "{skip}: {shown:?}");
        assert_eq!(writes(&world.sync("anna").await), 0, "without answer {skip}");
        assert!(world.conflicts().await.is_empty(), "without answer {skip}");
    }
    assert!(lost > 2, "expected several requests, but found {lost}");
}

/// Pitfall 6: Microsoft forgets its links between two rounds or in the middle of
/// one; what was deleted, cancelled and changed meanwhile arrives, and nothing
/// comes back.
#[tokio::test]
async fn a_forgotten_link_neither_doubles_nor_resurrects_exceptions() {
    for without_location in [false, true] {
        for pages_before in [None, Some(1), Some(2)] {
            let after = format!("without location: {without_location}, pages before: {pages_before:?}");
            let world = World::connected().await;
            world.control("behaviour", &json!({"goneWithoutLocation": without_location, "pageSizeMax": 2})).await;
            let outlook = world.outlook("anna").await;
            let series = crm_series(&world).await;
            outlook.create(&called("Standup")).await;
            let day = outlook.instance("Standup", "2026-03-16T09:00").await;
            outlook.delete(id(&day)).await;
            let single = outlook.create_timed("Lunch", "2026-03-10T11:00:00", "2026-03-10T12:00:00").await;
            for number in 1..=4 {
                // Enough for a listing of several pages.
                let (start, end) = (format!("2026-07-0{number}T09:00:00"), format!("2026-07-0{number}T10:00:00"));
                outlook.create_timed(&format!("Later {number}"), &start, &end).await;
            }
            until_idle(&world).await;
            assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6 + 6 + 1, "{after}");

            // While nobody looks: a cancellation on each side, a change, a deletion.
            crm_exception(&world, &series, "2026-04-06T08:00:00Z", json!({"cancelled": true})).await;
            let day = outlook.instance("Standup", "2026-03-23T09:00").await;
            outlook.delete(id(&day)).await;
            let day = outlook.instance("Standup", "2026-03-30T08:00").await;
            outlook.update(id(&day), &json!({"subject": "Retrospective"})).await;
            outlook.delete(id(&single)).await;
            world.expire("deltaTokens").await;
            if let Some(pages) = pages_before {
                // The first request is told that its link is gone.
                let skip = pages + 1;
                world
                    .fault(json!([{
                        "match": {"path": "calendarView"}, "skip": skip, "do": "throttle", "retryAfterSeconds": 60,
                    }]))
                    .await;
                let report = world.sync("anna").await;
                assert_eq!(report["next"]["when"], "after", "{after}: {report}");
                assert!(has_struck(&world).await, "{after}");
                world.advance(61).await;
                world.expire("deltaTokens").await;
            }
            until_idle(&world).await;
            let shown = world.assert_same("anna", FROM, TO).await;
            let counts =
                ["Standup", "Retrospective", "Jour fixe", "Workshop", "Lunch"].map(|title| titled(&shown, title));
            assert_eq!(counts, [4, 1, 4, 1, 0], "{after}: {shown:?}");
            assert_eq!(outlook.events().await.len(), 2 + 4, "{after}");
            assert_eq!(writes(&world.sync("anna").await), 0, "{after}");
            assert!(world.conflicts().await.is_empty() && world.mails().await.is_empty(), "{after}");
        }
    }
}

/// Pitfall 12: Exchange moves the change key of a new event by itself, so the
/// version that the create answered is refused.
#[tokio::test]
async fn a_version_that_moves_right_after_a_create_loses_no_edit() {
    let world = World::connected().await;
    world.control("behaviour", &json!({"changeKeyBumpSeconds": 2})).await;
    let series = crm_series(&world).await;
    let single = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    wrote(&world.sync("anna").await, [0, 0, 0], [2, 0, 0]);
    world.advance(3).await;
    world.crm_update(&single["id"], &json!({"title": "Review, edited"})).await;
    world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
    crm_exception(&world, &series, "2026-04-06T08:00:00Z", json!({"title": "Retrospective"})).await;
    crm_exception(&world, &series, "2026-04-13T08:00:00Z", json!({"cancelled": true})).await;
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 2, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    let counts = ["Weekly", "Workshop", "Retrospective", "Review, edited"].map(|title| titled(&shown, title));
    assert_eq!(counts, [3, 1, 1, 1], "{shown:?}");
    // Once more, right behind the bump and our own change.
    world.advance(3).await;
    let day = world.outlook("anna").await.instance("Weekly", "2026-04-20T08:00").await;
    world.outlook("anna").await.update(id(&day), &at("2026-04-20T12:00:00", "2026-04-20T13:00:00")).await;
    crm_exception(&world, &series, "2026-03-09T09:00:00Z", json!({"title": "Kick-off"})).await;
    wrote(&world.sync("anna").await, [0, 1, 0], [0, 1, 0]);
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((titled(&shown, "Weekly"), titled(&shown, "Kick-off")), (2, 1), "{shown:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
    assert!(world.conflicts().await.is_empty());
}

/// Synchronises with a crash behind this many host calls, and on until nothing
/// is left to do; false where the first run survived.
async fn crashed(world: &World, calls: u64) -> bool {
    world.crash_after(calls).await;
    let answer = world.crm.post("/api/sync", &json!({"user": "anna"})).await;
    let survived = answer.status == 200;
    if !survived {
        assert_eq!(answer.refused(500).0, "plugin-torn-down");
    }
    until_idle(world).await;
    !survived
}

/// E3: wherever the component is lost while it creates series with exceptions, in
/// both directions.
#[tokio::test]
async fn new_series_with_exceptions_survive_a_crash_anywhere() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    until_idle(&world).await;
    let mut calls = 1;
    loop {
        crm_series(&world).await;
        outlook.create(&called("Standup")).await;
        let day = outlook.instance("Standup", "2026-03-16T09:00").await;
        outlook.update(id(&day), &json!({"subject": "Retrospective"})).await;
        let day = outlook.instance("Standup", "2026-03-23T09:00").await;
        outlook.delete(id(&day)).await;

        let has_crashed = crashed(&world, calls).await;
        let shown = world.assert_same("anna", FROM, TO).await;
        let counts = ["Jour fixe", "Workshop", "Standup", "Retrospective"].map(|title| titled(&shown, title));
        assert_eq!(counts, [5, 1, 5, 1], "a crash behind host call {calls}: {shown:?}");
        assert_eq!(outlook.events().await.len(), 2, "a crash behind host call {calls}");
        assert_eq!(writes(&world.sync("anna").await), 0, "a crash behind host call {calls}");
        if !has_crashed {
            break;
        }
        calls += 1;
        for title in ["Jour fixe", "Standup"] {
            world.crm_delete(&crm_master(&world, title).await["id"]).await;
        }
        until_idle(&world).await;
        assert!(outlook.events().await.is_empty() && world.crm_events("anna").await.is_empty());
    }
    assert!(calls > 20, "expected a sync of many host calls, but found {calls}");
    assert!(world.mails().await.is_empty() && world.conflicts().await.is_empty());
}

/// Re-times both series by a time of day, which drops their exceptions where it
/// happens, and makes others.
async fn retime(world: &World, outlook: &Outlook, hour: u32) {
    let series = crm_master(world, "Jour fixe").await;
    let (start, end) = (format!("2026-03-09T{hour:02}:00:00Z"), format!("2026-03-09T{:02}:00:00Z", hour + 1));
    let mut rule = series["recurrence"].clone();
    rule["startTime"] = json!(start);
    world.crm_update(&series["id"], &json!({"start": start, "end": end, "recurrence": rule})).await;
    crm_exception(world, &series, &format!("2026-03-16T{hour:02}:00:00Z"), json!({"title": "Workshop"})).await;
    crm_exception(world, &series, &format!("2026-03-23T{hour:02}:00:00Z"), json!({"cancelled": true})).await;

    let master = Outlook::only(&outlook.events().await, "Standup");
    let (start, end) = (format!("2026-03-09T{:02}:00:00", hour + 1), format!("2026-03-09T{:02}:00:00", hour + 2));
    let mut patch = at(&start, &end);
    for name in ["start", "end"] {
        patch[name]["timeZone"] = json!("W. Europe Standard Time");
    }
    patch["recurrence"] = master["recurrence"].clone();
    outlook.update(id(&master), &patch).await;
    let day = outlook.instance("Standup", &format!("2026-03-16T{hour:02}:00")).await;
    outlook.update(id(&day), &json!({"subject": "Retrospective"})).await;
    let day = outlook.instance("Standup", &format!("2026-03-30T{:02}:00", hour - 1)).await;
    outlook.delete(id(&day)).await;
}

/// E3, C4: wherever the component is lost while it re-times series with
/// exceptions, in both directions.
#[tokio::test]
async fn re_timed_series_with_exceptions_survive_a_crash_anywhere() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    world.crm_create("anna", &weekly()).await;
    outlook.create(&called("Standup")).await;
    until_idle(&world).await;
    let mut calls = 1;
    loop {
        let hour = if calls % 2 == 0 { 9 } else { 13 };
        retime(&world, &outlook, hour).await;
        let has_crashed = crashed(&world, calls).await;
        let shown = world.assert_same("anna", FROM, TO).await;
        let counts = ["Jour fixe", "Workshop", "Standup", "Retrospective"].map(|title| titled(&shown, title));
        assert_eq!(counts, [5, 1, 5, 1], "a crash behind host call {calls}: {shown:?}");
        let first = format!("2026-03-09T{hour:02}:00:00Z");
        assert_eq!(shown.iter().filter(|line| line.starts_with(&first)).count(), 2, "{calls}: {shown:?}");
        assert_eq!(writes(&world.sync("anna").await), 0, "a crash behind host call {calls}");
        if !has_crashed {
            break;
        }
        calls += 1;
    }
    assert!(calls > 20, "expected a sync of many host calls, but found {calls}");
    assert_eq!(world.conflicts().await, Vec::<Value>::new());
    assert!(world.mails().await.is_empty());
}

/// E3: a series with exceptions is deleted on one side, and another one ends on
/// the other; wherever the component is lost, neither comes back.
#[tokio::test]
async fn deleted_series_with_exceptions_do_not_come_back_after_a_crash_anywhere() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    until_idle(&world).await;
    let mut calls = 1;
    loop {
        let series = crm_series(&world).await;
        let theirs = outlook.create(&called("Standup")).await;
        let day = outlook.instance("Standup", "2026-03-16T09:00").await;
        outlook.update(id(&day), &json!({"subject": "Retrospective"})).await;
        until_idle(&world).await;
        assert_eq!(world.assert_same("anna", FROM, TO).await.len(), 6 + 7);
        world.crm_delete(&series["id"]).await;
        outlook.delete(id(&theirs)).await;
        let has_crashed = crashed(&world, calls).await;
        assert_eq!(world.assert_same("anna", FROM, TO).await, Vec::<String>::new(), "{calls}");
        assert!(outlook.events().await.is_empty() && world.crm_events("anna").await.is_empty(), "{calls}");
        assert_eq!(writes(&world.sync("anna").await), 0, "a crash behind host call {calls}");
        if !has_crashed {
            break;
        }
        calls += 1;
    }
    assert!(calls > 15, "expected a sync of many host calls, but found {calls}");
    assert!(world.mails().await.is_empty() && world.conflicts().await.is_empty());
}

/// Pitfall 20 of Graph: changes show late in the rounds; late is not gone.
#[tokio::test]
async fn changes_that_show_late_in_the_rounds_lose_nothing_on_either_side() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let series = crm_series(&world).await;
    until_idle(&world).await;
    world.control("behaviour", &json!({"deltaLagSeconds": 90})).await;
    let day = outlook.instance("Jour fixe", "2026-04-06T08:00").await;
    outlook.update(id(&day), &json!({"subject": "Retrospective"})).await;
    let day = outlook.instance("Jour fixe", "2026-04-13T08:00").await;
    outlook.delete(id(&day)).await;
    world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
    crm_exception(&world, &series, "2026-04-20T08:00:00Z", json!({"title": "Demo"})).await;
    for _ in 0..4 {
        until_idle(&world).await;
        world.advance(45).await;
    }
    until_idle(&world).await;
    let shown = world.assert_same("anna", FROM, TO).await;
    let counts = ["Weekly", "Workshop", "Retrospective", "Demo"].map(|title| titled(&shown, title));
    assert_eq!(counts, [2, 1, 1, 1], "{shown:?}");
    assert_eq!(writes(&world.sync("anna").await), 0);
    assert!(world.conflicts().await.is_empty() && world.mails().await.is_empty());
}

/// Pitfall 12: what Outlook has changed shows late, so that the write meets a newer
/// version (412); it is read again, and what is sent then is made from that.
#[tokio::test]
async fn a_write_that_meets_a_newer_version_is_made_anew_from_it() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let series = world.crm_create("anna", &weekly()).await;
    until_idle(&world).await;
    world.control("behaviour", &json!({"deltaLagSeconds": 90})).await;
    // Outlook moves the series to Tuesdays, the CRM gives it another title.
    let master = outlook.the_only().await;
    let mut rule = master["recurrence"].clone();
    rule["pattern"]["daysOfWeek"] = json!(["tuesday"]);
    rule["range"]["startDate"] = json!("2026-03-10");
    let zone = "W. Europe Standard Time";
    let moved = json!({
        "start": {"dateTime": "2026-03-10T10:00:00", "timeZone": zone},
        "end": {"dateTime": "2026-03-10T11:00:00", "timeZone": zone}, "recurrence": rule,
    });
    outlook.update(id(&master), &moved).await;
    world.crm_update(&series["id"], &json!({"title": "Weekly"})).await;
    until_idle(&world).await;
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), &*shown[0]), (7, "2026-03-10T09:00:00Z 2026-03-10T10:00:00Z Weekly"));
    // And the other way round: the CRM ends it earlier, Outlook renames it.
    world.advance(120).await;
    until_idle(&world).await;
    outlook.update(id(&master), &json!({"subject": "Standup"})).await;
    let mut rule = crm_master(&world, "Weekly").await["recurrence"].clone();
    rule["occurrences"] = json!(3);
    world.crm_update(&series["id"], &json!({"recurrence": rule})).await;
    until_idle(&world).await;
    let shown = world.assert_same("anna", FROM, TO).await;
    assert_eq!((shown.len(), &*shown[0]), (3, "2026-03-10T09:00:00Z 2026-03-10T10:00:00Z Standup"));
    assert_eq!(outlook.the_only().await["recurrence"]["range"]["startDate"], "2026-03-10");
    world.advance(120).await;
    assert_eq!(writes(&world.sync("anna").await), 0);
    assert!(world.conflicts().await.is_empty() && world.mails().await.is_empty());
}
