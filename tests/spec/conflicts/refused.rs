//! What is not taken back: nothing that was edited since is overwritten, and what
//! cannot be done is said.

use super::{ask, at_rest, latest, linked, path, reverse, title_conflict, titles};
use crate::meetings::id;
use crate::runtime::until_idle;
use host_harness::app::{HostCalls, Interruption};
use serde_json::{Value, json};
use tandem_tests::{Browser, Outlook, World};

#[tokio::test]
async fn what_was_edited_since_is_not_overwritten_whether_it_was_synchronised_or_not() {
    for (side, is_known) in [("crm", true), ("microsoft", true), ("crm", false), ("microsoft", false)] {
        let (world, outlook, crm, m365) = linked().await;
        let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
        if side == "crm" {
            world.crm_update(&crm["id"], &json!({"title": "Edited since"})).await;
        } else {
            outlook.update(id(&m365), &json!({"subject": "Edited since"})).await;
        }
        if is_known {
            world.sync("anna").await;
        }
        let answer = ask(&world, &conflict).await.ok();
        let case = format!("{side}, {is_known}: {answer}");
        let words = answer["conflict"]["refused"].as_str().unwrap_or_else(|| panic!("{case}"));
        assert!(words.contains("edited since (title)"), "{case}");
        assert_eq!((&answer["conflict"]["reversedAt"], &answer["conflict"]["askedAt"]), (&json!(null), &json!(null)));
        assert_eq!(titles(&world, &outlook).await, ["Edited since", "Edited since"], "{case}");
        at_rest(&world).await;
        // Where the edit is made undone by hand, it can be taken back after all.
        world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
        world.sync("anna").await;
        reverse(&world, &conflict).await;
        assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"], "{case}");
    }
}

/// A conflict of titles, in a run of which requests to Microsoft meet this fault.
async fn title_conflict_with(world: &World, outlook: &Outlook, ids: (&Value, &Value), fault: &Value) -> Value {
    world.crm_update(&ids.0["id"], &json!({"title": "CRM title"})).await;
    outlook.update(id(ids.1), &json!({"subject": "Outlook title"})).await;
    world.fault(json!([fault])).await;
    world.sync("anna").await;
    latest(world).await
}

/// A record is made before the write that it is about. Where Microsoft does not take
/// that, nothing was put over anything, and the record says so.
#[tokio::test]
async fn a_decision_that_a_side_refuses_is_not_shown_as_carried_out() {
    let (world, outlook, crm, m365) = linked().await;
    let refusal = json!({"match": {"method": "PATCH", "path": "/events/"}, "times": 100, "do": "unavailable",
        "status": 400, "code": "ErrorInvalidParameter"});
    let conflict = title_conflict_with(&world, &outlook, (&crm, &m365), &refusal).await;
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "Outlook title"]);
    let facts = |conflict: &Value| (conflict["fields"][0]["carriedOut"].clone(), conflict["reversible"].clone());
    assert_eq!(facts(&conflict), (json!(false), json!(false)), "{conflict}");
    assert_eq!(ask(&world, &conflict).await.refused(409).0, "not-reversible");
    let mut browser = Browser::signed_in(&world.crm, "anna").await;
    let page = browser.page(&format!("/conflicts/{}", conflict["id"].to_string().trim_matches('"'))).await;
    assert!(page.contains("(not carried out)") && page.contains("was not carried out"), "{page}");
    assert!(!page.contains(">kept<"), "{page}");
    assert!(page.contains("was to win, which has not been carried out"), "{page}");
    assert!(browser.page("/conflicts").await.contains("Not carried out"));

    // Tried once more, it is, and can be taken back.
    world.forget_faults().await;
    let body = json!({"user": "anna", "resource": "calendar", "keys": null});
    assert_eq!(world.crm.post("/api/set-aside/retry", &body).await.ok()["retried"], 1);
    world.sync("anna").await;
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    let conflicts = world.conflicts().await;
    assert_eq!((conflicts.len(), facts(&conflicts[0])), (1, (json!(true), json!(true))), "{conflicts:?}");

    // What a side does not take back is not shown as taken back either.
    world.fault(json!([refusal])).await;
    let answer = ask(&world, &conflicts[0]).await.ok();
    assert!(answer["conflict"]["refused"].is_string(), "{answer}");
    let wish = latest(&world).await;
    assert_eq!((&wish["rule"], facts(&wish)), (&json!("person"), (json!(false), json!(false))), "{wish}");
}

/// Whichever call to the host fails, or is the last one, in the run that was to carry
/// a decision out beside a write to the CRM: what was refused is not shown as carried
/// out in the end.
#[tokio::test]
async fn a_refused_decision_is_corrected_wherever_its_run_ends() {
    let refusal = json!({"match": {"method": "PATCH", "path": "/events/"}, "times": 100, "do": "unavailable",
        "status": 400, "code": "ErrorInvalidParameter"});
    let ways: [fn(u64) -> Interruption; 2] =
        [|at| Interruption::Fail { at }, |at| Interruption::TearDown { after: at }];
    for how in ways {
        for at in 1.. {
            let (world, outlook, crm, m365) = linked().await;
            world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
            outlook.update(id(&m365), &json!({"subject": "Outlook title"})).await;
            outlook.create_timed("Beside it", "2026-03-20T09:00:00", "2026-03-20T10:00:00").await;
            world.fault(json!([refusal])).await;
            let calls = HostCalls::new(Some(how(at)));
            world.app.count_next_run(calls.clone());
            world.crm.post("/api/sync", &json!({"user": "anna", "resource": "calendar"})).await;
            world.advance(900).await;
            until_idle(&world).await;
            let conflict = latest(&world).await;
            assert_eq!(conflict["fields"][0]["carriedOut"], false, "{:?}: {conflict}", how(at));
            if !calls.has_struck() {
                assert!(at > 20, "only {at} calls");
                break;
            }
        }
    }
}

/// What changes while it is written is decided about once more, and recorded as it
/// was decided then.
#[tokio::test]
async fn a_decision_that_is_made_again_is_recorded_once() {
    let (world, outlook, crm, m365) = linked().await;
    let changed = json!({"match": {"method": "PATCH", "path": "/events/"}, "do": "unavailable", "status": 412,
        "code": "ErrorIrresolvableConflict"});
    let conflict = title_conflict_with(&world, &outlook, (&crm, &m365), &changed).await;
    assert_eq!(world.control("faults", &json!([])).await, json!([]), "it was met");
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    assert_eq!((world.conflicts().await.len(), &conflict["fields"][0]["carriedOut"]), (1, &json!(true)));
    reverse(&world, &conflict).await;
}

/// The last attempt to make a deleted item again was performed, and nobody has heard of
/// it: the decision was carried out, is shown so and can be taken back.
#[tokio::test]
async fn a_decision_that_was_carried_out_unheard_is_shown_as_carried_out() {
    let (world, outlook, crm, m365) = linked().await;
    outlook.delete(id(&m365)).await;
    world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
    for attempt in 1..=4 {
        let kind = if attempt < 4 { "unavailable" } else { "dropResponse" };
        world.fault(json!([{"match": {"method": "POST", "path": "/me/events"}, "do": kind}])).await;
        let title = format!("Beside {attempt}");
        world.crm_create_timed("anna", &title, "2026-03-20T09:00:00Z", "2026-03-20T10:00:00Z").await;
        let report = world.sync("anna").await;
        world.advance(report["next"]["milliseconds"].as_i64().unwrap_or(0) / 1000 + 1).await;
        world.forget_faults().await;
    }
    assert_eq!(world.alerts().await.len(), 1, "it was given up");
    until_idle(&world).await;
    let made = outlook.events().await;
    assert_eq!(made.iter().filter(|event| event["subject"] == "CRM title").count(), 1, "{made:?}");
    let conflict = latest(&world).await;
    let facts: Vec<&Value> = conflict["fields"].as_array().unwrap().iter().map(|field| &field["carriedOut"]).collect();
    assert!(facts.iter().all(|carried_out| **carried_out == json!(true)), "{conflict}");
    assert_eq!(conflict["reversible"], true, "{conflict}");
}

#[tokio::test]
async fn an_edit_of_something_else_is_kept_beside_what_is_taken_back() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.crm_update(&crm["id"], &json!({"description": "<p>New in the CRM</p>"})).await;
    let time = json!({
        "start": {"dateTime": "2026-03-12T14:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-12T15:00:00", "timeZone": "UTC"},
    });
    outlook.update(id(&m365), &time).await;
    reverse(&world, &conflict).await;
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    let (event, there) = (world.crm_only("anna").await, outlook.the_only().await);
    assert_eq!(event["start"], "2026-03-12T14:00:00Z");
    assert!(there["body"]["content"].as_str().unwrap().contains("New in the CRM"));
    at_rest(&world).await;
}

#[tokio::test]
async fn a_decision_is_taken_back_once_however_often_somebody_asks() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    reverse(&world, &conflict).await;
    let (code, _) = ask(&world, &conflict).await.refused(409);
    assert_eq!(code, "already-reversed");
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    assert_eq!(world.conflicts().await.len(), 2);
    at_rest(&world).await;
}

#[tokio::test]
async fn an_item_that_is_gone_by_then_has_nothing_to_put_back() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.crm_delete(&crm["id"]).await;
    world.sync("anna").await;
    let answer = ask(&world, &conflict).await.ok();
    let words = answer["conflict"]["refused"].as_str().unwrap().to_owned();
    assert!(words.contains("nothing to put back"), "{words}");
    assert!(world.crm_events("anna").await.is_empty() && outlook.events().await.is_empty());
    let shown = latest(&world).await;
    assert_eq!((&shown["title"], &shown["links"]["crm"]), (&json!("CRM title"), &json!(null)));
}

#[tokio::test]
async fn a_direction_that_was_chosen_since_is_respected() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.save("system", "0", &[("calendar.direction", json!("microsoft-to-crm"))]).await.ok();
    world.sync("anna").await;
    let answer = ask(&world, &conflict).await.ok();
    let words = answer["conflict"]["refused"].as_str().unwrap().to_owned();
    assert!(words.contains("direction") && words.contains("Microsoft 365"), "{words}");
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    at_rest(&world).await;
}

#[tokio::test]
async fn a_wish_waits_while_nothing_can_be_done_and_says_why() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.save("system", "0", &[("features.calendar", json!(false))]).await.ok();
    let (code, _) = ask(&world, &conflict).await.refused(409);
    assert_eq!(code, "blocked");
    world.save("system", "0", &[("features.calendar", json!(true))]).await.ok();
    world.sync("anna").await;
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"], "nothing was noted");

    // Noted, and Microsoft cannot be reached: it is done when it can.
    world.fault(json!([{"match": {"path": "/v1.0/"}, "times": 1, "do": "throttle", "retryAfterSeconds": 60}])).await;
    let answer = ask(&world, &conflict).await.ok();
    assert!(answer["conflict"]["askedAt"].is_string(), "{answer}");
    assert_eq!(answer["run"]["next"]["when"], "after", "{answer}");
    world.advance(61).await;
    world.sync("anna").await;
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    let conflict = world.conflicts().await.into_iter().find(|one| one["id"] == conflict["id"]).unwrap();
    assert!(conflict["reversedAt"].is_string() && conflict["askedAt"].is_null(), "{conflict}");
    at_rest(&world).await;
}

#[tokio::test]
async fn a_wish_survives_a_new_connection_of_the_same_account() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.fault(json!([{"match": {"path": "/v1.0/"}, "times": 1, "do": "throttle", "retryAfterSeconds": 60}])).await;
    ask(&world, &conflict).await.ok();
    world.disconnect("anna").await;
    world.advance(61).await;
    world.connect("anna").await;
    world.sync("anna").await;
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
    at_rest(&world).await;
}

#[tokio::test]
async fn an_offer_writes_nothing_and_asks_microsoft_nothing() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.forget_requests().await;
    let offer = world.crm.get(&path(&conflict)).await.ok();
    let written: Vec<_> = offer["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| (operation["side"].clone(), operation["action"].clone(), operation["fields"].clone()))
        .collect();
    let update = |side: &str| (json!(side), json!("update"), json!(["title"]));
    assert_eq!(written, [update("microsoft"), update("crm")], "{offer}");
    assert_eq!((&offer["invitations"], &offer["people"]), (&json!(0), &json!(0)));
    assert_eq!(world.requests().await["requests"].as_array().map_or(0, Vec::len), 0);
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
    assert!(latest(&world).await["askedAt"].is_null());
}

#[tokio::test]
async fn a_conflict_of_somebody_else_or_of_nobody_does_not_exist() {
    let (world, outlook, crm, m365) = linked().await;
    world.add_user("ben", "Acme").await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    world.crm.post(&path(&conflict), &json!({"user": "ben"})).await.refused(404);
    world.crm.get(&format!("{}?user=ben", path(&conflict))).await.refused(404);
    for unknown in ["/api/conflicts/999/reverse", "/api/conflicts/none/reverse"] {
        world.crm.post(unknown, &json!({})).await.refused(404);
    }
    assert!(world.crm.get("/api/conflicts?user=ben").await.ok().as_array().unwrap().is_empty());
    assert_eq!(titles(&world, &outlook).await, ["CRM title", "CRM title"]);
}
