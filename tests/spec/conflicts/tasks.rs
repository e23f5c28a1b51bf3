//! The same of tasks: their groups, under both rules, in one direction, and
//! against deletions.

use serde_json::{Value, json};
use tandem_tests::{ToDo, World};

use super::{RULES, ask, latest, reverse};

/// A task that both sides have.
async fn linked(named: &str) -> (World, ToDo, Value, Value) {
    let world = World::with_tasks().await;
    world.save("system", "0", &[("tasks.conflict-resolution", json!(named))]).await.ok();
    let task = world.crm_task("anna", &json!({"subject": "Offer", "dueDate": "2026-03-20T17:00:00Z"})).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    let there = todo.only("Offer").await;
    (world, todo, task, there)
}

/// A group of a task: what each side makes of it, and how it reads.
struct Group {
    name: &'static str,
    crm: Value,
    microsoft: Value,
    read: fn(&Value, &Value) -> [String; 2],
    versions: [&'static str; 2],
}

fn groups() -> Vec<Group> {
    vec![
        Group {
            name: "title",
            crm: json!({"subject": "of the CRM"}),
            microsoft: json!({"title": "of To Do"}),
            read: |crm, todo| [crm["subject"].as_str().unwrap().to_owned(), todo["title"].as_str().unwrap().to_owned()],
            versions: ["of the CRM", "of To Do"],
        },
        Group {
            name: "importance",
            crm: json!({"priority": "high"}),
            microsoft: json!({"importance": "low"}),
            read: |crm, todo| {
                [crm["priority"].as_str().unwrap().to_owned(), todo["importance"].as_str().unwrap().to_owned()]
            },
            versions: ["high", "low"],
        },
        Group {
            name: "status",
            crm: json!({"status": "in_progress"}),
            microsoft: json!({"status": "completed"}),
            read: |crm, todo| {
                let word = |status: &Value| match status.as_str().unwrap() {
                    "in_progress" | "inProgress" => "under way",
                    "closed" | "completed" => "done",
                    _ => "open",
                };
                [word(&crm["status"]).to_owned(), word(&todo["status"]).to_owned()]
            },
            versions: ["under way", "done"],
        },
        Group {
            name: "due",
            crm: json!({"dueDate": "2026-03-25T17:00:00Z"}),
            microsoft: json!({"dueDateTime": {"dateTime": "2026-03-27T00:00:00", "timeZone": "Europe/Berlin"}}),
            read: |crm, todo| {
                let day = |text: &Value| text.as_str().unwrap().chars().take(10).collect();
                // Midnight in Berlin, as UTC shows it.
                let there = todo["dueDateTime"]["dateTime"].as_str().unwrap();
                let there: chrono::NaiveDateTime = there.trim_end_matches('0').trim_end_matches('.').parse().unwrap();
                [day(&crm["dueDate"]), (there + chrono::TimeDelta::hours(2)).date().to_string()]
            },
            versions: ["2026-03-25", "2026-03-27"],
        },
    ]
}

async fn both_show(world: &World, todo: &ToDo, group: &Group, version: &str, when: &str) {
    let (crm, there) = (world.crm_tasks("anna").await.remove(0), todo.tasks().await.remove(0));
    assert_eq!((group.read)(&crm, &there), [version, version], "{} {when}", group.name);
}

#[tokio::test]
async fn what_either_rule_has_decided_of_any_group_of_a_task_is_taken_back_and_put_back_again() {
    for (named, winner) in RULES {
        for group in groups() {
            let (world, todo, task, there) = linked(named).await;
            world.crm_task_update(&task["id"], &group.crm).await;
            todo.update(&there["id"], &group.microsoft).await;
            let report = world.sync_tasks("anna").await;
            assert_eq!(report["conflicts"], 1, "{} {named}: {report}", group.name);
            let [won, lost] = if winner == "crm" { group.versions } else { [group.versions[1], group.versions[0]] };
            both_show(&world, &todo, &group, won, named).await;
            let conflict = latest(&world).await;
            assert_eq!((&conflict["resource"], &conflict["winner"]), (&json!("tasks"), &json!(winner)));
            assert_eq!(conflict["links"]["crm"], format!("/tasks/{}", conflict["itemId"].as_str().unwrap()));
            reverse(&world, &conflict).await;
            both_show(&world, &todo, &group, lost, "taken back").await;
            world.assert_tasks_at_rest("anna").await;
            reverse(&world, &latest(&world).await).await;
            both_show(&world, &todo, &group, won, "put back").await;
            world.assert_tasks_at_rest("anna").await;
        }
    }
}

#[tokio::test]
async fn a_task_that_was_deleted_against_an_edit_comes_back_and_one_that_was_kept_goes() {
    for (side, named, is_kept) in [
        ("crm", "crm-wins", false),
        ("microsoft", "microsoft-wins", false),
        ("crm", "microsoft-wins", true),
        ("microsoft", "crm-wins", true),
    ] {
        let (world, todo, task, there) = linked(named).await;
        if side == "crm" {
            world.crm_task_delete(&task["id"]).await;
            todo.update(&there["id"], &json!({"title": "Still wanted"})).await;
        } else {
            todo.delete(&there["id"]).await;
            world.crm_task_update(&task["id"], &json!({"subject": "Still wanted"})).await;
        }
        let case = format!("deleted in {side}, {named}");
        let report = world.sync_tasks("anna").await;
        assert_eq!(report["conflicts"], 1, "{case}: {report}");
        let there_now = async || (world.crm_tasks("anna").await.len(), todo.tasks().await.len());
        let [decided, reversed] = if is_kept { [(1, 1), (0, 0)] } else { [(0, 0), (1, 1)] };
        assert_eq!(there_now().await, decided, "{case}");
        for expected in [reversed, decided, reversed] {
            reverse(&world, &latest(&world).await).await;
            assert_eq!(there_now().await, expected, "{case}");
            if expected == (1, 1) {
                let task = world.crm_task_of("anna", "Still wanted").await;
                assert!(task["dueDate"].as_str().unwrap().starts_with("2026-03-20"), "{case}: {task}");
                todo.only("Still wanted").await;
            }
            world.assert_tasks_at_rest("anna").await;
        }
    }
}

#[tokio::test]
async fn a_status_that_a_workflow_keeps_is_not_taken_back_and_that_is_said() {
    let (world, todo, task, there) = linked("microsoft-wins").await;
    world.crm_task_update(&task["id"], &json!({"status": "in_progress"})).await;
    todo.update(&there["id"], &json!({"status": "completed"})).await;
    world.sync_tasks("anna").await;
    let conflict = latest(&world).await;
    world.crm.put("/api/control/task-workflow", &json!({"active": true})).await.ok();
    let answer = ask(&world, &conflict).await;
    let words = if answer.status.is_success() {
        answer.ok()["conflict"]["refused"].as_str().unwrap().to_owned()
    } else {
        answer.refused(409).1
    };
    assert!(words.contains("Status cannot be written"), "{words}");
    assert_eq!(todo.only("Offer").await["status"], "completed");
    world.assert_tasks_at_rest("anna").await;
}
