//! What a release lets through, and what it does not.

use serde_json::{Value, json};
use tandem_tests::World;

use super::{At, EVERYWHERE, Kind, assert_deleted, assert_stopped, in_step, release, the_alert};

#[tokio::test]
async fn a_later_plan_stops_again() {
    for (kind, at) in EVERYWHERE {
        let world = in_step(kind, 60).await;
        kind.delete(&world, at, 15).await;
        assert_stopped(&kind.sync(&world).await, "too-many-deletions");
        release(&world).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 15);
        kind.delete(&world, at, 12).await;
        assert_stopped(&kind.sync(&world).await, "too-many-deletions");
        assert_eq!(kind.count(&world, at.other()).await, 45, "{kind:?} {at:?}");
    }
}

#[tokio::test]
async fn more_than_was_held_back_stops_again_and_as_a_whole() {
    for (kind, at) in EVERYWHERE {
        let world = in_step(kind, 40).await;
        kind.delete(&world, at, 12).await;
        assert_stopped(&kind.sync(&world).await, "too-many-deletions");
        release(&world).await;
        // Between the decision and the run, more has come to it.
        kind.delete(&world, at, 3).await;
        assert_stopped(&kind.sync(&world).await, "too-many-deletions");
        assert_eq!(kind.count(&world, at.other()).await, 40);
        let alert = the_alert(&world, kind, "too-many-deletions").await;
        assert!(alert["message"].as_str().unwrap().starts_with("15 "), "{alert}");
        release(&world).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 15);
    }
}

#[tokio::test]
async fn the_alert_follows_what_is_held_back_and_stays_one() {
    let world = in_step(Kind::Events, 40).await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    let first = the_alert(&world, Kind::Events, "too-many-deletions").await;
    Kind::Events.delete(&world, At::Crm, 8).await;
    world.advance(600).await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    let second = the_alert(&world, Kind::Events, "too-many-deletions").await;
    assert_eq!((&first["id"], &first["createdAt"]), (&second["id"], &second["createdAt"]));
    assert!(second["message"].as_str().unwrap().starts_with("20 events of 40"), "{second}");
    assert_ne!(first["updatedAt"], second["updatedAt"]);
    release(&world).await;
    assert_deleted(&Kind::Events.sync(&world).await, At::Microsoft, 20);
}

#[tokio::test]
async fn a_release_is_carried_out_to_its_end_by_as_many_steps_as_it_takes() {
    let world = in_step(Kind::Tasks, 30).await;
    Kind::Tasks.delete(&world, At::Crm, 30).await;
    assert_stopped(&Kind::Tasks.sync(&world).await, "suddenly-empty");
    release(&world).await;
    // Microsoft wants to wait in the middle of it.
    world
        .fault(json!([{"match": {"path": "$batch"}, "skip": 1, "times": 1, "do": "throttle", "retryAfterSeconds": 60}]))
        .await;
    let report = Kind::Tasks.sync(&world).await;
    assert_eq!(report["next"]["when"], "after", "{report}");
    let left = Kind::Tasks.count(&world, At::Microsoft).await;
    assert!(left > 0 && left < 30, "{left}");
    world.advance(120).await;
    let report = Kind::Tasks.sync(&world).await;
    assert_eq!(report["next"]["when"], "idle", "{report}");
    assert_eq!(Kind::Tasks.count(&world, At::Microsoft).await, 0);
    assert!(world.alerts().await.is_empty());
}

#[tokio::test]
async fn a_released_run_is_due_at_once() {
    let world = in_step(Kind::Events, 20).await;
    world.run_due().await;
    Kind::Events.delete(&world, At::Microsoft, 12).await;
    world.advance(600).await;
    world.run_due().await;
    assert_eq!(world.status("anna").await["openAlerts"], 1);
    assert_eq!(world.status("anna").await["nextSyncAt"], "2026-03-02T08:20:00Z");
    release(&world).await;
    assert_eq!(world.status("anna").await["nextSyncAt"], "2026-03-02T08:10:00Z");
    world.run_due().await;
    assert_eq!(Kind::Events.count(&world, At::Crm).await, 8);
    assert_eq!(world.status("anna").await["openAlerts"], 0);
}

#[tokio::test]
async fn only_an_open_alert_about_a_guard_rail_can_be_released() {
    let world = in_step(Kind::Events, 20).await;
    let post = async |id: &Value| {
        let path = format!("/api/alerts/{}/release", id.as_str().unwrap());
        world.crm.post(&path, &json!({})).await
    };
    assert_eq!(post(&json!("999")).await.refused(404).0, "not-found");
    assert_eq!(post(&json!("none")).await.refused(404).0, "not-found");
    Kind::Events.delete(&world, At::Crm, 12).await;
    Kind::Events.sync(&world).await;
    let rail = the_alert(&world, Kind::Events, "too-many-deletions").await;
    release(&world).await;
    let (code, message) = post(&rail["id"]).await.refused(409);
    assert_eq!(code, "alert-over");
    assert!(message.contains("nothing to release any more"), "{message}");
    Kind::Events.sync(&world).await;
    // Another kind of alert.
    for what in ["accessTokens", "refreshTokens"] {
        world.expire(what).await;
    }
    Kind::Events.sync(&world).await;
    let other = world.alerts().await[0].clone();
    assert_eq!(other["releasable"], false, "{other}");
    assert_eq!(post(&other["id"]).await.refused(409).0, "not-a-guard-rail");
}

#[tokio::test]
async fn alerts_are_summarised_by_cause_and_forgotten_a_month_after_they_are_over() {
    // E12
    let world = in_step(Kind::Events, 20).await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    Kind::Events.sync(&world).await;
    let summary = world.crm.get("/api/alerts/summary").await.ok();
    let expected = json!([{
        "organization": "Acme", "resource": "calendar", "kind": "sync", "code": "too-many-deletions", "count": 1,
    }]);
    assert_eq!(summary, expected);
    release(&world).await;
    assert_eq!(world.crm.get("/api/alerts/summary").await.ok(), json!([]));
    let resolved = async || world.crm.get("/api/alerts?resolved=true&user=anna").await.ok();
    assert_eq!(resolved().await[0]["source"], "ms365");
    assert!(resolved().await[0]["resolvedAt"].is_string());
    for (days, left) in [(29, 1), (2, 0)] {
        world.advance(days * 86_400).await;
        world.app.crm().purge_alerts().unwrap();
        assert_eq!(resolved().await.as_array().unwrap().len(), left);
    }
}

#[tokio::test]
async fn users_and_their_rails_are_apart() {
    let world: World = in_step(Kind::Events, 20).await;
    world.add_user("james", "Acme").await;
    world.connect("james").await;
    world.crm_create_timed("james", "His", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    Kind::Events.delete(&world, At::Crm, 12).await;
    assert_stopped(&Kind::Events.sync(&world).await, "too-many-deletions");
    let report = world.sync("james").await;
    assert_eq!((&report["next"]["when"], &report["microsoft"]["created"]), (&json!("idle"), &json!(1)), "{report}");
}
