//! Items that are set aside: what people see, what it costs, how they come back.

use host_harness::app::{HostCalls, Interruption};
use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::{Browser, World};

use crate::interrupted::torn_down;
use crate::meetings::{id, review};
use crate::rules::series_in_outlook;
use crate::runtime::{until_idle, writes};

/// Five events in the CRM, of which Microsoft does not take the third.
pub async fn with_poison(status: u16, code: &str) -> World {
    let world = World::connected().await;
    until_idle(&world).await;
    for number in 0..5 {
        let (start, end) = (format!("2026-03-1{number}T09:00:00Z"), format!("2026-03-1{number}T10:00:00Z"));
        world.crm_create_timed("anna", &format!("Event {number}"), &start, &end).await;
    }
    let poison = json!({"method": "POST", "path": "/me/events"});
    world.fault(json!([{"match": poison, "skip": 2, "do": "unavailable", "status": status, "code": code}])).await;
    world
}

pub async fn set_aside(world: &World) -> Vec<Value> {
    world.crm.get("/api/set-aside?user=anna").await.ok().as_array().unwrap().clone()
}

pub async fn retry(world: &World, keys: &Value) -> Value {
    let body = json!({"user": "anna", "resource": "calendar", "keys": keys});
    world.crm.post("/api/set-aside/retry", &body).await.ok()["retried"].clone()
}

#[tokio::test]
async fn a_refused_item_is_listed_costs_nothing_and_comes_back_when_somebody_asks() {
    let world = with_poison(400, "ErrorInvalidParameter").await;
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], writes(&report)), (&json!("idle"), 4), "{report}");
    let found = set_aside(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let item = &found[0];
    assert_eq!(
        (&item["code"], &item["attempts"], &item["resource"]),
        (&json!("refused"), &json!(1), &json!("calendar"))
    );
    assert!(item["itemId"].is_string() && item["externalId"].is_null(), "{item}");
    assert_eq!(item["firstAt"], "2026-03-02T08:00:00Z");

    // Idle polls, a lost cursor, a comparison: it is not sent again.
    world.forget_requests().await;
    for _ in 0..3 {
        assert_eq!(world.sync("anna").await["requests"], 1);
    }
    world.expire("deltaTokens").await;
    until_idle(&world).await;
    world.crm.post("/api/sync", &json!({"user": "anna", "resource": "calendar", "again": true})).await.ok();
    assert_eq!(world.request_count("POST", "/me/events").await, 0, "{}", world.requests().await);
    assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (1, 1));

    // On demand, it is.
    world.forget_faults().await;
    assert_eq!(retry(&world, &json!(["crm/nobody"])).await, 0);
    assert_eq!(retry(&world, &json!([item["key"]])).await, 1);
    world.run_due().await;
    assert_eq!(world.outlook("anna").await.events().await.len(), 5);
    assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (0, 0));
    assert_eq!(writes(&world.sync("anna").await), 0);
}

/// A refused item is on the list and has its alert, wherever the run that met it
/// was torn down; and none of either is left once it can be written.
#[tokio::test]
async fn a_refused_item_is_listed_and_told_of_wherever_a_run_ends() {
    let world = World::connected().await;
    until_idle(&world).await;
    let mut calls = 1;
    loop {
        let poison = json!({"method": "POST", "path": "/me/events"});
        world
            .fault(json!([{"match": poison, "times": 1000, "do": "unavailable", "status": 400, "code": "Never"}]))
            .await;
        let (start, end) = ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
        let event = world.crm_create_timed("anna", &format!("Event {calls}"), start, end).await;
        let has_crashed = torn_down(&world, "anna", "calendar", calls).await;
        until_idle(&world).await;
        let found = (set_aside(&world).await.len(), world.alerts().await.len());
        assert_eq!(found, (1, 1), "after a crash behind call {calls}: {}", json!(world.alerts().await));
        // Corrected, in a run that is torn down as well.
        world.forget_faults().await;
        world.crm_update(&event["id"], &json!({"title": "Corrected"})).await;
        torn_down(&world, "anna", "calendar", calls).await;
        until_idle(&world).await;
        let found = (set_aside(&world).await.len(), world.alerts().await.len());
        assert_eq!(found, (0, 0), "after a crash behind call {calls}: {}", json!(world.alerts().await));
        world.crm_delete(&event["id"]).await;
        until_idle(&world).await;
        if !has_crashed {
            break;
        }
        calls += 1;
    }
    assert!(calls > 10, "torn down {calls} times");
}

/// Saved without telling anybody, or deleted so: what of it waits for an edit.
#[derive(Clone, Copy, Debug)]
enum Quietly {
    Creates,
    Changes,
    Deletes,
}

/// Does it; the meeting that it is about.
async fn quietly(world: &World, what: Quietly) -> Value {
    let quiet = json!({"title": "Quiet", "notifyAttendees": "none"});
    if matches!(what, Quietly::Creates) {
        let mut meeting = review(&["ben"]);
        meeting["notifyAttendees"] = json!("none");
        return world.crm_create("anna", &meeting).await;
    }
    let meeting = world.crm_create("anna", &review(&["ben"])).await;
    until_idle(world).await;
    world.take_mails().await;
    if matches!(what, Quietly::Changes) {
        world.crm_update(&meeting["id"], &quiet).await;
    } else {
        let path = format!("/api/calendar-events/{}?notifyAttendees=none", id(&meeting));
        world.crm.delete(&path).await.ok();
    }
    meeting
}

/// What waits for an edit is not offered to be tried again, which would hold it back once
/// more: the page says what helps, and leads to what there is to edit.
async fn assert_nothing_to_try(world: &World, what: Quietly) {
    let page = Browser::signed_in(&world.crm, "anna").await.page("/set-aside").await;
    assert!(page.contains("Otherwise edit it once more, and have people told"), "{what:?}: {page}");
    assert!(!page.contains("Try again"), "{what:?}: {page}");
    assert_eq!(page.contains(">Open<"), !matches!(what, Quietly::Deletes), "{what:?}: {page}");
}

/// What would tell guests of something that was to be told to nobody waits for the
/// next edit. The report says so once, and nobody reads that of a run that is torn
/// down: the list says it as long as it waits.
#[tokio::test]
async fn what_is_withheld_from_guests_is_listed_wherever_a_run_ends_until_somebody_acts() {
    for what in [Quietly::Creates, Quietly::Changes, Quietly::Deletes] {
        let world = World::together().await;
        let mut calls = 1;
        loop {
            let meeting = quietly(&world, what).await;
            let has_crashed = torn_down(&world, "anna", "calendar", calls).await;
            until_idle(&world).await;
            let case = format!("{what:?}, after a crash behind call {calls}");
            let found = set_aside(&world).await;
            let listed: Vec<_> = found.iter().map(|item| (&item["code"], &item["itemId"])).collect();
            assert_eq!(listed, [(&json!("would-notify"), &meeting["id"])], "{case}");
            if calls == 1 {
                assert_nothing_to_try(&world, what).await;
            }
            assert_eq!(world.alerts().await, Vec::<Value>::new(), "{case}: nobody has made a mistake");
            world.assert_silent().await;
            // Somebody acts: nothing waits.
            if matches!(what, Quietly::Deletes) {
                let there = world.outlook("anna").await.the_only().await;
                world.outlook("anna").await.delete(id(&there)).await;
            } else {
                world.crm_update(&meeting["id"], &json!({"title": "Told"})).await;
            }
            torn_down(&world, "anna", "calendar", calls).await;
            until_idle(&world).await;
            assert_eq!(set_aside(&world).await, Vec::<Value>::new(), "{case}");
            assert_eq!(world.take_mails().await.len(), 1, "{case}");
            if !matches!(what, Quietly::Deletes) {
                world.crm_delete(&meeting["id"]).await;
                until_idle(&world).await;
                world.take_mails().await;
            }
            if !has_crashed {
                break;
            }
            calls += 1;
        }
        assert!(calls > 10, "{what:?}: torn down {calls} times");
    }
}

#[tokio::test]
async fn what_a_side_cannot_hold_is_listed_without_an_alert_until_it_can_or_is_gone() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let rule = |interval: u32| json!({"type": "daily", "interval": interval});
    let series = |interval| {
        let range = json!({"type": "noEnd"});
        series_in_outlook("Rule", "2026-03-10T10:00:00", "W. Europe Standard Time", &rule(interval), &range)
    };
    let (first, second) = (outlook.create(&series(100)).await, outlook.create(&series(100)).await);
    until_idle(&world).await;
    let found = set_aside(&world).await;
    let listed: Vec<_> = found.iter().map(|item| item["code"].as_str().unwrap()).collect();
    assert_eq!((listed, world.alerts().await.len()), (vec!["recurrence-not-supported"; 2], 0), "{found:?}");
    assert!(found[0]["message"].as_str().unwrap().contains("left as it is on both sides"), "{found:?}");
    outlook.update(first["id"].as_str().unwrap(), &json!({"recurrence": series(99)["recurrence"]})).await;
    until_idle(&world).await;
    let found = set_aside(&world).await;
    assert_eq!((found.len(), &found[0]["externalId"]), (1, &second["id"]), "{found:?}");
    outlook.delete(second["id"].as_str().unwrap()).await;
    until_idle(&world).await;
    assert_eq!(set_aside(&world).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_refused_item_comes_back_when_it_changes() {
    let world = with_poison(413, "ErrorMessageSizeExceeded").await;
    world.sync("anna").await;
    let id = set_aside(&world).await[0]["itemId"].clone();
    world.forget_faults().await;
    world.crm_update(&id, &json!({"title": "Shorter"})).await;
    let report = world.sync("anna").await;
    assert_eq!(report["microsoft"]["created"], 1, "{report}");
    assert_eq!(set_aside(&world).await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_item_at_which_microsoft_fails_again_and_again_holds_up_nothing_else() {
    let world = with_poison(400, "ErrorInvalidParameter").await;
    world.forget_faults().await;
    until_idle(&world).await;
    let events = world.crm_events("anna").await;
    world.crm_update(&events[0]["id"], &json!({"title": "Once"})).await;
    world.forget_requests().await;
    until_idle(&world).await;
    let requests = world.requests().await;
    let write = requests["requests"].as_array().unwrap().iter().find(|request| request["method"] == "PATCH");
    let path = write.unwrap()["path"].clone();
    world
        .fault(json!([{"match": {"method": "PATCH", "path": path}, "times": 1000, "do": "unavailable", "status": 500}]))
        .await;
    world.crm_update(&events[0]["id"], &json!({"title": "Poison"})).await;
    let mut rounds = 0;
    while set_aside(&world).await.is_empty() {
        rounds += 1;
        assert!(rounds < 12, "it has to be set aside at some time");
        // There is always something beside it that goes through.
        for event in &events[1..] {
            world.crm_update(&event["id"], &json!({"title": format!("{} {rounds}", event["title"])})).await;
        }
        let report = world.sync("anna").await;
        assert_eq!(report["microsoft"]["updated"], 4, "{report}");
        world.advance(report["next"]["milliseconds"].as_i64().unwrap_or(0) / 1000 + 1).await;
    }
    let found = set_aside(&world).await;
    assert_eq!((rounds, &found[0]["attempts"]), (4, &json!(4)), "{found:?}");
    until_idle(&world).await;
    world.forget_requests().await;
    for _ in 0..3 {
        assert_eq!(world.sync("anna").await["requests"], 1);
    }
    world.forget_faults().await;
    assert_eq!(retry(&world, &Value::Null).await, 1);
    until_idle(&world).await;
    let titles: Vec<Value> =
        world.outlook("anna").await.events().await.iter().map(|event| event["subject"].clone()).collect();
    assert_eq!((titles.len(), titles.contains(&json!("Poison"))), (5, true), "{titles:?}");
    assert_eq!((set_aside(&world).await, writes(&world.sync("anna").await)), (Vec::new(), 0));
    assert!(world.conflicts().await.is_empty());
}

#[tokio::test]
async fn its_user_has_it_tried_again_with_a_button_and_nobody_else_can() {
    let world = with_poison(400, "ErrorInvalidParameter").await;
    world.add_user("berta", "Acme").await;
    world.sync("anna").await;
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/set-aside").await;
    assert!(page.contains("did not accept the item") && page.contains("Try again"), "{page}");
    assert!(page.contains("Correct the item on the side it comes from"), "the next step: {page}");
    // In words for people, with what Microsoft's support asks for.
    assert!(page.contains("it answered with the error `ErrorInvalidParameter`, status 400 (Microsoft"), "{page}");
    assert_eq!(page.matches("tried again when it changes").count(), 1, "{page}");
    let alerts = browser.page("/alerts").await;
    assert_eq!(alerts.matches("tried again when it changes").count(), 1, "{alerts}");
    assert!(has_link(&browser.page("/").await, "/set-aside"), "from everywhere");
    assert!(browser.page("/alerts").await.contains("/set-aside"));
    // Whoever administers sees of whom there is something, and how much.
    world.add_administrator("admin", "Acme").await;
    world.add_administrator("stranger", "Elsewhere").await;
    let mut admin = Browser::signed_in(&world.crm, "admin").await;
    let of_admin = admin.page("/set-aside").await;
    assert!(has_link(&of_admin, "/set-aside?user=anna") && !has_link(&of_admin, "/set-aside?user=berta"), "{of_admin}");
    assert!(of_admin.contains("<td data-label=\"Items set aside\" class=\"number\">1</td>"), "{of_admin}");
    assert!(admin.page("/set-aside?user=anna").await.contains(">Your own items</a>"));
    let elsewhere = Browser::signed_in(&world.crm, "stranger").await.page("/set-aside").await;
    assert!(elsewhere.contains("Nothing is set aside of anybody else.") && !elsewhere.contains("anna"), "{elsewhere}");
    world.forget_faults().await;
    let after = browser.press(&page, "/set-aside/retry").await;
    assert!(after.contains("is tried again with the next run"), "{after}");
    world.run_due().await;
    assert_eq!(world.outlook("anna").await.events().await.len(), 5);
    assert!(browser.page("/set-aside").await.contains("Nothing is set aside"));

    assert!(admin.page("/set-aside").await.contains("Nothing is set aside of anybody else."));
    assert!(admin.page("/set-aside?user=anna").await.contains("Nothing is set aside"));
    let mut berta = Browser::signed_in(&world.crm, "berta").await;
    assert!(!berta.page("/set-aside").await.contains("user=anna"));
    let refused = berta.get("/set-aside?user=anna").await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}

/// A refused item is on the list and has its alert, whichever call to the host has
/// failed in the run that met it, made or not; and none of either is left once it
/// can be written.
#[tokio::test]
async fn a_refused_item_is_listed_and_told_of_whichever_call_fails() {
    for is_made in [false, true] {
        let world = World::connected().await;
        until_idle(&world).await;
        for at in 1.. {
            let interrupted = || {
                let how = if is_made { Interruption::Lose { at } } else { Interruption::Fail { at } };
                let calls = HostCalls::new(Some(how));
                world.app.count_next_run(calls.clone());
                calls
            };
            let poison = json!({"method": "POST", "path": "/me/events"});
            let refused = json!({"match": poison, "times": 1000, "do": "unavailable", "status": 400, "code": "Never"});
            world.fault(json!([refused])).await;
            let (start, end) = ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
            let event = world.crm_create_timed("anna", &format!("Event {at}"), start, end).await;
            let calls = interrupted();
            world.sync("anna").await;
            let has_struck = calls.has_struck();
            world.advance(900).await;
            until_idle(&world).await;
            let found = (set_aside(&world).await.len(), world.alerts().await.len());
            assert_eq!(found, (1, 1), "call {at}, made: {is_made}: {}", json!(world.alerts().await));
            world.forget_faults().await;
            world.crm_update(&event["id"], &json!({"title": "Corrected"})).await;
            interrupted();
            world.sync("anna").await;
            world.advance(900).await;
            until_idle(&world).await;
            let found = (set_aside(&world).await.len(), world.alerts().await.len());
            assert_eq!(found, (0, 0), "call {at}, made: {is_made}: {}", json!(world.alerts().await));
            world.crm_delete(&event["id"]).await;
            until_idle(&world).await;
            if !has_struck {
                assert!(at > 10, "only {at} calls");
                break;
            }
        }
    }
}

/// A yearly series that was moved behind its only day shows nothing in the CRM, and
/// still has a day in Outlook. Trying it again changes nothing about that, and takes
/// nothing off the list.
#[tokio::test]
async fn what_cannot_be_read_in_the_crm_stays_listed_when_it_is_tried_again() {
    let world = World::connected().await;
    let series = |day: &str, until: &str| {
        let (start, end) = (format!("{day}T09:00:00Z"), format!("{day}T10:00:00Z"));
        let rule = json!({
            "type": "yearly", "interval": 12, "dayOfMonth": 8, "monthOfYear": 3, "timeZone": "UTC",
            "startTime": start, "endTime": until,
        });
        json!({"title": "Review", "start": start, "end": end, "timeZone": "UTC", "recurrence": rule})
    };
    let event = world.crm_create("anna", &series("2026-03-08", "2026-04-15T09:00:00Z")).await;
    until_idle(&world).await;
    world.crm_update(&event["id"], &series("2026-04-05", "2026-04-15T09:00:00Z")).await;
    let report = world.sync("anna").await;
    assert_eq!(report["issues"][0]["code"], "not-mappable", "{report}");
    assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (1, 1));

    assert_eq!(retry(&world, &Value::Null).await, 1);
    assert_eq!(writes(&world.sync("anna").await), 0);
    assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (1, 1), "nobody knows any more");

    world.crm_update(&event["id"], &series("2026-03-08", "2026-04-15T09:00:00Z")).await;
    until_idle(&world).await;
    assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (0, 0));
    assert_eq!(world.assert_same("anna", "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z").await.len(), 1);
}

/// While the account waits for its user, the list is what it was: nobody has to be
/// asked for it. That something is tried again has to wait for them.
#[tokio::test]
async fn what_is_set_aside_is_listed_while_the_account_waits_for_its_user() {
    let world = with_poison(400, "ErrorInvalidParameter").await;
    world.sync("anna").await;
    let found = set_aside(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    world.forget_faults().await;
    world.expire("refreshTokens").await;
    world.expire("accessTokens").await;
    world.advance(900).await;
    assert_eq!(world.sync("anna").await["blocked"], "parked");

    assert_eq!(set_aside(&world).await, found);
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page("/set-aside").await;
    assert!(page.contains("did not accept the item") && !page.contains("Nothing is set aside"), "{page}");
    let wish = json!({"user": "anna", "resource": "calendar"});
    let (code, message) = world.crm.post("/api/set-aside/retry", &wish).await.refused(409);
    assert_eq!(code, "blocked");
    assert!(message.contains("needs attention before it is synchronized again"), "{message}");
    assert_eq!(set_aside(&world).await, found);

    world.connect("anna").await;
    assert_eq!(retry(&world, &Value::Null).await, 1);
    until_idle(&world).await;
    assert_eq!((set_aside(&world).await.len(), world.alerts().await.len()), (0, 0));
    assert_eq!(world.outlook("anna").await.events().await.len(), 5);
}
