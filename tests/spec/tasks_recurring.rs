//! Recurring tasks: completing one brings the next (Graph: undocumented; both
//! ways that were observed).

use serde_json::{Value, json};
use tandem_tests::{ToDo, World};

use crate::calendar::wrote;
use crate::firewall::codes;

fn daily() -> Value {
    let due = |day: u32| json!({"dateTime": format!("2026-03-{day:02}T00:00:00"), "timeZone": "Europe/Berlin"});
    json!({
        "title": "Water plants", "dueDateTime": due(3),
        "recurrence": {
            "pattern": {"type": "daily", "interval": 1},
            "range": {"type": "noEnd", "startDate": "2026-03-03"},
        },
    })
}

/// A recurring task that both sides have.
async fn linked(spawn: &str) -> (World, ToDo, Value) {
    let world = World::with_tasks().await;
    world.control("behaviour", &json!({"todoSpawn": spawn})).await;
    let todo = world.todo("anna").await;
    todo.create(&daily()).await;
    wrote(&world.sync_tasks("anna").await, [1, 0, 0], [0, 0, 0]);
    world.assert_tasks_at_rest("anna").await;
    let task = world.crm_task_of("anna", "Water plants").await;
    (world, todo, task)
}

/// Status and date of the tasks, by date.
async fn in_crm(world: &World) -> Vec<(Value, Value)> {
    let tasks = world.crm_tasks("anna").await;
    tasks.iter().map(|task| (task["status"].clone(), task["dueDate"].clone())).collect()
}

fn day(status: &str, day: u32) -> (Value, Value) {
    (json!(status), json!(format!("2026-03-{day:02}T22:59:00Z")))
}

#[tokio::test]
async fn completing_one_in_to_do_closes_it_in_the_crm_and_brings_the_next() {
    for spawn in ["newTask", "sameIdMovesOn"] {
        let (world, todo, task) = linked(spawn).await;
        let there = todo.only("Water plants").await;
        todo.update(&there["id"], &json!({"status": "completed"})).await;
        let report = world.sync_tasks("anna").await;
        wrote(&report, [1, 1, 0], [0, 0, 0]);
        assert_eq!(in_crm(&world).await, [day("closed", 3), day("open", 4)], "{spawn}");
        let closed = world.crm_tasks("anna").await;
        assert_eq!(closed[0]["id"], task["id"], "the record stays what it was about: {spawn}");
        assert_eq!(todo.tasks().await.len(), 2, "{spawn}");
        world.assert_tasks_at_rest("anna").await;
        world.assert_tasks_at_rest("anna").await;
    }
}

#[tokio::test]
async fn closing_one_in_the_crm_completes_it_in_to_do_and_brings_the_next() {
    for spawn in ["newTask", "sameIdMovesOn"] {
        let (world, todo, task) = linked(spawn).await;
        world.crm_task_update(&task["id"], &json!({"status": "closed"})).await;
        wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 1, 0]);
        wrote(&world.sync_tasks("anna").await, [1, 0, 0], [0, 0, 0]);
        assert_eq!(in_crm(&world).await, [day("closed", 3), day("open", 4)], "{spawn}");
        let tasks = todo.tasks().await;
        let states: Vec<&Value> = tasks.iter().map(|task| &task["status"]).collect();
        assert_eq!(states, [&json!("completed"), &json!("notStarted")], "{spawn}");
        world.assert_tasks_at_rest("anna").await;
        world.assert_tasks_at_rest("anna").await;
        // And the next one, and the one after.
        for date in [4, 5] {
            let open = world.crm_tasks("anna").await.into_iter().find(|task| task["status"] == "open").unwrap();
            world.crm_task_update(&open["id"], &json!({"status": "closed"})).await;
            world.sync_tasks("anna").await;
            world.sync_tasks("anna").await;
            world.assert_tasks_at_rest("anna").await;
            let found = in_crm(&world).await;
            assert_eq!(found.last(), Some(&day("open", date + 1)), "{spawn}: {found:?}");
            let tasks = todo.tasks().await;
            assert_eq!(found.len(), tasks.len(), "{spawn}");
            let is_linked_once = |task: &Value| task["linkedResources"].as_array().unwrap().len() == 1;
            assert!(tasks.iter().all(is_linked_once), "copies are rewritten: {tasks:?}");
        }
    }
}

#[tokio::test]
async fn the_date_of_a_recurring_task_is_left_to_to_do_and_said_once() {
    let (world, todo, task) = linked("newTask").await;
    world
        .crm_task_update(&task["id"], &json!({"dueDate": "2026-03-20T11:00:00Z", "subject": "Water all plants"}))
        .await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 0, 0], [0, 1, 0]);
    assert_eq!(codes(&report), ["not-writable"], "{report}");
    let there = todo.only("Water all plants").await;
    assert_eq!(there["dueDateTime"]["dateTime"], "2026-03-02T23:00:00.0000000");
    assert!(there["recurrence"].is_object(), "{there}");
    let report = world.sync_tasks("anna").await;
    assert_eq!(codes(&report), [""; 0], "once: {report}");
    assert_eq!(todo.tasks().await.len(), 1);
}
