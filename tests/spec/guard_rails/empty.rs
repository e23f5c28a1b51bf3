//! A side that shows nothing any more.

use serde_json::json;
use tandem_tests::World;

use super::{At, EVERYWHERE, Kind, assert_deleted, assert_stopped, in_step, release, the_alert};

#[tokio::test]
async fn a_side_whose_feed_takes_everything_away_stops_the_run() {
    for (kind, at) in EVERYWHERE {
        let world = in_step(kind, 6).await;
        kind.delete(&world, at, 6).await;
        assert_stopped(&kind.sync(&world).await, "suddenly-empty");
        assert_eq!(kind.count(&world, at.other()).await, 6, "{kind:?} {at:?}");
        let alert = the_alert(&world, kind, "suddenly-empty").await;
        let message = alert["message"].as_str().unwrap();
        assert!(message.contains("shows nothing any more") && message.contains(" of 6 would be deleted"), "{message}");
        assert_eq!(message.starts_with("Microsoft 365 shows"), at == At::Microsoft, "{message}");
        release(&world).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 6);
        assert_eq!(kind.count(&world, at.other()).await, 0);
    }
}

#[tokio::test]
async fn a_complete_listing_that_shows_nothing_stops_the_run() {
    for (kind, at) in EVERYWHERE {
        let world = in_step(kind, 6).await;
        world.crm.post("/api/users/anna/microsoft/disconnect", &json!({})).await.ok();
        kind.delete(&world, at, 6).await;
        world.connect("anna").await;
        assert_stopped(&kind.sync(&world).await, "suddenly-empty");
        assert_eq!(kind.count(&world, at.other()).await, 6, "{kind:?} {at:?}");
    }
}

#[tokio::test]
async fn an_empty_listing_stops_the_run_whatever_is_kept_outside_of_its_window() {
    let world = in_step(Kind::Events, 6).await;
    // In step, and later out of the window: no listing shows them.
    for number in 0..24 {
        let title = format!("Old {number:03}");
        world.crm_create_timed("anna", &title, "2025-09-10T09:00:00Z", "2025-09-10T10:00:00Z").await;
    }
    Kind::Events.sync(&world).await;
    world.save("system", "0", &[("sync.window-past-days", json!(30))]).await.ok();
    assert_deleted(&Kind::Events.sync(&world).await, At::Crm, 0);
    for event in world.outlook("anna").await.events().await {
        if event["subject"].as_str().unwrap().starts_with("Item") {
            world.outlook("anna").await.delete(event["id"].as_str().unwrap()).await;
        }
    }
    world.control("expire", &json!({"what": "deltaTokens"})).await;
    assert_stopped(&Kind::Events.sync(&world).await, "suddenly-empty");
    let alert = the_alert(&world, Kind::Events, "suddenly-empty").await;
    assert!(alert["message"].as_str().unwrap().contains("6 events of 30"), "{alert}");
    assert_eq!(Kind::Events.count(&world, At::Crm).await, 30);
}

#[tokio::test]
async fn the_last_few_items_may_go_without_anybody_being_asked() {
    for (kind, at) in EVERYWHERE {
        let world: World = in_step(kind, 4).await;
        kind.delete(&world, at, 4).await;
        assert_deleted(&kind.sync(&world).await, at.other(), 4);
        assert!(world.alerts().await.is_empty());
    }
}
