//! A list of To Do that Microsoft names and does not find.

use serde_json::{Value, json};
use tandem_tests::World;

/// Reads of one list are refused, and it is named among the others all the same.
#[tokio::test]
async fn a_list_that_is_named_and_not_found_is_not_listed_with_all_others_at_each_poll() {
    let world = World::connected_with_tasks().await;
    world.save("user", &world.user_id("anna").await, &[("tasks.all-lists", json!(true))]).await;
    let todo = world.todo("anna").await;
    let other = todo.create_list("Other").await;
    todo.create_in(&other, &json!({"title": "There"})).await;
    let first = world.sync_tasks("anna").await;
    assert_eq!(first["next"]["when"], "idle", "{first}");

    // Links change their shape; the id is in all of them.
    let path = format!("/lists*{}*tasks", other.trim_end_matches('='));
    world
        .fault(json!([{
            "match": {"path": path}, "times": 1000, "do": "unavailable", "status": 404, "code": "ErrorItemNotFound",
        }]))
        .await;
    world.sync_tasks("anna").await;
    for _ in 0..3 {
        world.forget_requests().await;
        let report = world.sync_tasks("anna").await;
        assert_eq!(report["next"]["when"], "idle", "{report}");
        let named = report["issues"].as_array().unwrap().iter().any(|issue| issue["code"] == "task-list-left");
        assert!(named, "{report}");
        let record = world.requests().await;
        let hit = |request: &&Value| request["path"].as_str().unwrap().contains(other.trim_end_matches('='));
        assert_eq!(record["requests"].as_array().unwrap().iter().filter(hit).count(), 0, "{record}");
        // The lists, and the feed of the one that works.
        assert_eq!(record["count"], 2, "{record}");
    }
    assert_eq!(world.crm_tasks("anna").await.len(), 1, "nothing is deleted for it");

    world.forget_faults().await;
    world.advance(3_700).await;
    let todo = world.todo("anna").await;
    todo.create_in(&other, &json!({"title": "Back"})).await;
    world.sync_tasks("anna").await;
    let report = world.sync_tasks("anna").await;
    assert_eq!((&report["next"]["when"], &report["issues"]), (&json!("idle"), &json!([])), "{report}");
    assert_eq!(world.crm_tasks("anna").await.len(), 2);
}
