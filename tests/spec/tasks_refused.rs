//! What a side does not take of a task: workflows, clouds without To Do,
//! permissions that are missing, values that do not fit.

use serde_json::json;
use tandem_tests::World;

use crate::calendar::wrote;
use crate::firewall::codes;

async fn workflow(world: &World, active: bool) {
    world.crm.put("/api/control/task-workflow", &json!({"active": active})).await.ok();
}

#[tokio::test]
async fn a_status_that_the_workflow_keeps_is_named_and_the_rest_is_in_step() {
    // T2
    let world = World::with_tasks().await;
    workflow(&world, true).await;
    let task = world.crm_task("anna", &json!({"subject": "Offer"})).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    let there = todo.only("Offer").await;
    todo.update(&there["id"], &json!({"status": "completed", "importance": "high"})).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 1, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["workflow-restricted"], "{report}");
    let ours = world.crm_task_of("anna", "Offer").await;
    assert_eq!((&ours["status"], &ours["priority"]), (&json!("open"), &json!("high")));
    assert_eq!(todo.only("Offer").await["status"], "completed", "it is left as it is");
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), [""; 0], "once: {report}");
    // By the buttons of the workflow it gets there.
    let path = format!("/api/tasks/{}/transition", task["id"].as_str().unwrap());
    world.crm.post(&path, &json!({"transition": "close"})).await.ok();
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.crm_task_of("anna", "Offer").await["status"], "closed");
}

#[tokio::test]
async fn a_completed_task_of_to_do_is_created_open_where_a_workflow_moves_it_on() {
    let world = World::with_tasks().await;
    workflow(&world, true).await;
    let todo = world.todo("anna").await;
    todo.create(&json!({"title": "Done", "status": "completed"})).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["workflow-restricted"], "{report}");
    assert_eq!(world.crm_task_of("anna", "Done").await["status"], "open");
    world.assert_tasks_at_rest("anna").await;
    assert_eq!(todo.only("Done").await["status"], "completed", "it is left as it is");
    // Once the workflow is not in force any more, the next edit brings it.
    workflow(&world, false).await;
    todo.update(&todo.only("Done").await["id"], &json!({"importance": "high"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!(world.crm_task_of("anna", "Done").await["status"], "closed");
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_status_that_people_move_on_in_the_crm_reaches_to_do() {
    let world = World::with_tasks().await;
    workflow(&world, true).await;
    let task = world.crm_task("anna", &json!({"subject": "Offer"})).await;
    world.sync_tasks("anna").await;
    let path = format!("/api/tasks/{}/transition", task["id"].as_str().unwrap());
    world.crm.post(&path, &json!({"transition": "start_progress"})).await.ok();
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(world.todo("anna").await.only("Offer").await["status"], "inProgress");
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn in_a_cloud_without_to_do_the_calendar_goes_on_and_the_tasks_say_why_they_do_not() {
    let world = World::with_tasks().await;
    world.control("behaviour", &json!({"cloud": "china"})).await;
    world.crm_task("anna", &json!({"subject": "Offer"})).await;
    world.crm_create_timed("anna", "Visit", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    let report = world.sync_tasks("anna").await;
    assert_eq!(report["blocked"], "not-offered", "{report}");
    let alerts = world.alerts().await;
    assert_eq!((alerts.len(), &alerts[0]["resource"]), (1, &json!("tasks")), "{alerts:?}");
    assert!(alerts[0]["message"].as_str().unwrap().contains("To Do"));
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
}

#[tokio::test]
async fn without_the_permission_the_calendar_goes_on_and_the_tasks_say_what_is_missing() {
    let world = World::connected().await;
    world.save("system", "0", &[("features.tasks", json!(true))]).await.ok();
    world.crm_task("anna", &json!({"subject": "Offer"})).await;
    world.crm_create_timed("anna", "Visit", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    let report = world.sync_tasks("anna").await;
    assert_eq!(report["blocked"], "missing-permission", "{report}");
    let alerts = world.alerts().await;
    assert!(alerts.iter().any(|alert| alert["message"].as_str().unwrap().contains("Tasks.ReadWrite")), "{alerts:?}");
    wrote(&world.sync("anna").await, [0, 0, 0], [1, 0, 0]);
}

#[tokio::test]
async fn what_does_not_fit_into_the_crm_is_cut_or_left_out_there_and_whole_in_to_do() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let long = "x".repeat(300);
    todo.create(&json!({"title": long})).await;
    todo.create(&json!({"title": ""})).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [2, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["too-large"], "{report}");
    let subjects: Vec<usize> =
        world.crm_tasks("anna").await.iter().map(|task| task["subject"].as_str().unwrap().len()).collect();
    assert_eq!(subjects, ["(No subject)".len(), 255]);
    assert!(todo.tasks().await.iter().any(|task| task["title"] == json!(long)));
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_reminder_behind_the_due_time_of_the_crm_is_left_out_and_the_rest_is_written() {
    let world = World::with_tasks().await;
    let task = world.crm_task("anna", &json!({"subject": "Offer", "dueDate": "2026-03-10T07:00:00Z"})).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    let at = json!({"dateTime": "2026-03-10T15:00:00", "timeZone": "UTC"});
    let edit = json!({"title": "Offer, sent", "isReminderOn": true, "reminderDateTime": at});
    todo.update(&todo.only("Offer").await["id"], &edit).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 1, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["refused"], "{report}");
    let ours = world.crm_task_of("anna", "Offer, sent").await;
    assert_eq!((&ours["id"], &ours["reminderMinutes"]), (&task["id"], &serde_json::Value::Null));
    assert_eq!(todo.only("Offer, sent").await["isReminderOn"], true);
    world.assert_tasks_at_rest("anna").await;
}

/// The same of a new task: it is there without its reminder, and its user is told until
/// that fits.
#[tokio::test]
async fn what_the_crm_does_not_take_of_a_new_task_is_listed_until_it_does() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let due = json!({"dateTime": "2026-03-10T00:00:00", "timeZone": "UTC"});
    let at = |day: u32| json!({"dateTime": format!("2026-03-{day:02}T15:00:00"), "timeZone": "UTC"});
    let task = json!({"title": "Offer", "dueDateTime": due, "isReminderOn": true, "reminderDateTime": at(15)});
    todo.create(&task).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["refused"], "{report}");
    let listed = async || world.crm.get("/api/set-aside?user=anna").await.ok();
    assert_eq!(listed().await.as_array().unwrap().len(), 1);
    assert_eq!(world.alerts().await.len(), 1);
    world.assert_tasks_at_rest("anna").await;
    assert_eq!((listed().await.as_array().unwrap().len(), world.alerts().await.len()), (1, 1));

    todo.update(&todo.only("Offer").await["id"], &json!({"reminderDateTime": at(9)})).await;
    wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 0, 0]);
    assert_eq!((listed().await, world.alerts().await), (json!([]), Vec::new()));
}
