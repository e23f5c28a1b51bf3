//! Tasks of the CRM and of To Do in step (Oro rows T1 to T3, S6; Graph
//! `resources/todotask`).

use serde_json::{Value, json};
use tandem_tests::World;

use crate::calendar::wrote;
use crate::firewall::codes;

/// A task of the CRM with everything that it can hold.
pub fn whole() -> Value {
    json!({
        "subject": "Call Northwind", "description": "<p>About <b>it</b></p>", "dueDate": "2026-03-05T16:00:00Z",
        "priority": "high", "status": "in_progress", "reminderMinutes": 30,
    })
}

#[tokio::test]
async fn a_task_of_the_crm_reaches_to_do_with_all_its_fields_and_a_link_back() {
    let world = World::with_tasks().await;
    let task = world.crm_task("anna", &whole()).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [1, 0, 0]);
    let there = world.todo("anna").await.only("Call Northwind").await;
    assert_eq!((&there["importance"], &there["status"]), (&json!("high"), &json!("inProgress")));
    assert!(there["body"]["content"].as_str().unwrap().contains("About <b>it</b>"), "{there}");
    // Midnight of 5 March in Berlin, and half an hour before the due time.
    assert_eq!(there["dueDateTime"]["dateTime"], "2026-03-04T23:00:00.0000000");
    assert_eq!(
        (&there["isReminderOn"], &there["reminderDateTime"]["dateTime"]),
        (&json!(true), &json!("2026-03-05T15:30:00.0000000"))
    );
    let linked = there["linkedResources"].as_array().unwrap();
    assert_eq!(linked.len(), 1);
    let page = format!("/tasks/{}", task["id"].as_str().unwrap());
    assert!(linked[0]["webUrl"].as_str().unwrap().ends_with(&page), "{linked:?}");
    assert!(!linked[0]["externalId"].as_str().unwrap().is_empty());
    assert!(!linked[0]["applicationName"].as_str().unwrap().is_empty());
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_task_of_to_do_reaches_the_crm_and_gets_a_link_to_it() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    todo.create(&json!({
        "title": "Buy flowers", "importance": "low", "status": "waitingOnOthers",
        "body": {"contentType": "text", "content": "red\nor white"},
        "dueDateTime": {"dateTime": "2026-03-07T00:00:00", "timeZone": "Europe/Berlin"},
        "isReminderOn": true, "reminderDateTime": {"dateTime": "2026-03-07T08:00:00", "timeZone": "Europe/Berlin"},
    }))
    .await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [1, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), [""; 0], "{report}");
    let task = world.crm_task_of("anna", "Buy flowers").await;
    assert_eq!((&task["priority"], &task["status"]), (&json!("low"), &json!("in_progress")));
    assert!(task["description"].as_str().unwrap().contains("red<br>or white"), "{task}");
    // A date without a time of day is over when its day is.
    assert_eq!(task["dueDate"], "2026-03-07T22:59:00Z");
    assert_eq!(task["reminderMinutes"], 15 * 60 + 59);
    let there = todo.only("Buy flowers").await;
    let linked = there["linkedResources"].as_array().unwrap();
    assert_eq!(linked.len(), 1);
    assert!(linked[0]["webUrl"].as_str().unwrap().ends_with(task["id"].as_str().unwrap()), "{linked:?}");
    assert_eq!(there["status"], "waitingOnOthers", "it is kept");
    world.assert_tasks_at_rest("anna").await;
    assert_eq!(todo.only("Buy flowers").await["linkedResources"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn edits_of_different_fields_on_both_sides_are_both_kept() {
    let world = World::with_tasks().await;
    let task = world.crm_task("anna", &whole()).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    let there = todo.only("Call Northwind").await;
    world.crm_task_update(&task["id"], &json!({"subject": "Call Northwind again", "priority": "low"})).await;
    todo.update(&there["id"], &json!({"status": "completed"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 1, 0], [0, 1, 0]);
    let there = todo.only("Call Northwind again").await;
    assert_eq!((&there["status"], &there["importance"]), (&json!("completed"), &json!("low")));
    let task = world.crm_task_of("anna", "Call Northwind again").await;
    assert_eq!((&task["status"], &task["priority"]), (&json!("closed"), &json!("low")));
    assert!(world.conflicts().await.is_empty());
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn two_edits_of_one_field_are_decided_by_the_rule_of_tasks_and_recorded() {
    for (rule, kept) in [("crm-wins", "in the CRM"), ("microsoft-wins", "in To Do")] {
        let world = World::with_tasks().await;
        // The calendar's rule is another one: each resource has its own.
        let other = if rule == "crm-wins" { "microsoft-wins" } else { "crm-wins" };
        let settings = [("tasks.conflict-resolution", json!(rule)), ("calendar.conflict-resolution", json!(other))];
        world.save("system", "0", &settings).await.ok();
        let task = world.crm_task("anna", &json!({"subject": "Offer"})).await;
        world.sync_tasks("anna").await;
        let todo = world.todo("anna").await;
        let there = todo.only("Offer").await;
        world.crm_task_update(&task["id"], &json!({"subject": "in the CRM"})).await;
        todo.update(&there["id"], &json!({"title": "in To Do"})).await;
        let report = world.sync_tasks("anna").await;
        assert_eq!(report["conflicts"], 1, "{rule}: {report}");
        todo.only(kept).await;
        world.crm_task_of("anna", kept).await;
        let conflicts = world.conflicts().await;
        assert_eq!((conflicts.len(), &conflicts[0]["resource"]), (1, &json!("tasks")), "{conflicts:?}");
        world.assert_tasks_at_rest("anna").await;
    }
}

#[tokio::test]
async fn a_deletion_flows_from_either_side_and_only_where_a_read_confirms_it() {
    let world = World::with_tasks().await;
    for subject in ["One", "Two", "Three"] {
        world.crm_task("anna", &json!({"subject": subject})).await;
    }
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    todo.delete(&todo.only("One").await["id"]).await;
    world.crm_task_delete(&world.crm_task_of("anna", "Two").await["id"]).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 1], [0, 0, 1]);
    todo.only("Three").await;
    world.crm_task_of("anna", "Three").await;
    assert_eq!((todo.tasks().await.len(), world.crm_tasks("anna").await.len()), (1, 1));
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn one_direction_writes_one_side_only() {
    for (direction, crm, microsoft) in [("crm-to-microsoft", 1, 2), ("microsoft-to-crm", 2, 1)] {
        let world = World::with_tasks().await;
        world.save("system", "0", &[("tasks.direction", json!(direction))]).await.ok();
        let todo = world.todo("anna").await;
        world.crm_task("anna", &json!({"subject": "Ours"})).await;
        let theirs = todo.create(&json!({"title": "Theirs"})).await;
        world.sync_tasks("anna").await;
        assert_eq!(world.crm_tasks("anna").await.len(), crm, "{direction}");
        let tasks = todo.tasks().await;
        assert_eq!(tasks.len(), microsoft, "{direction}");
        if direction == "microsoft-to-crm" {
            let theirs_now = todo.only("Theirs").await;
            assert_eq!(theirs_now["@odata.etag"], theirs["@odata.etag"], "the source is never written");
        }
        world.assert_tasks_at_rest("anna").await;
    }
}

#[tokio::test]
async fn what_the_crm_does_not_know_of_a_task_survives_every_edit_of_the_crm() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let start = json!({"dateTime": "2026-03-03T00:00:00", "timeZone": "Europe/Berlin"});
    let made = todo
        .create(&json!({
            "title": "Move house", "categories": ["Home"], "startDateTime": start, "status": "deferred",
            "linkedResources": [{"applicationName": "Mail", "displayName": "Contract", "externalId": "mail-1"}],
        }))
        .await;
    let path = format!("/v1.0/me/todo/lists/{}/tasks/{}", todo.default_list, made["id"].as_str().unwrap());
    todo.graph().post(&format!("{path}/checklistItems"), &json!({"displayName": "Boxes"})).await.ok();
    let files = format!("{path}/attachments");
    let file = json!({
        "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "plan.txt", "contentType": "text/plain",
        "contentBytes": "UGxhbg==",
    });
    let file = todo.graph().post(&files, &file).await.ok();
    world.sync_tasks("anna").await;
    let task = world.crm_task_of("anna", "Move house").await;
    assert_eq!(task["status"], "in_progress");
    let edit = json!({"subject": "Move", "description": "<p>Friday</p>", "priority": "high", "dueDate": "2026-03-06T11:00:00Z"});
    world.crm_task_update(&task["id"], &edit).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 1, 0]);
    let there = todo.only("Move").await;
    assert_eq!((&there["categories"], &there["status"]), (&json!(["Home"]), &json!("deferred")));
    assert_eq!(there["startDateTime"]["dateTime"], "2026-03-02T23:00:00.0000000");
    assert_eq!(there["checklistItems"][0]["displayName"], "Boxes");
    let names: Vec<&str> =
        there["linkedResources"].as_array().unwrap().iter().filter_map(|one| one["displayName"].as_str()).collect();
    assert!(names.contains(&"Contract"), "{there}");
    assert_eq!(there["hasAttachments"], true);
    let kept = todo.graph().get(&format!("{files}/{}", file["id"].as_str().unwrap())).await.ok();
    assert_eq!((&kept["name"], &kept["contentBytes"]), (&json!("plan.txt"), &json!("UGxhbg==")));
    world.assert_tasks_at_rest("anna").await;
    // A further file is no reason for a write, on either side.
    let further = json!({
        "@odata.type": "#microsoft.graph.taskFileAttachment", "name": "list.txt", "contentBytes": "TGlzdA==",
    });
    todo.graph().post(&files, &further).await.ok();
    world.assert_tasks_at_rest("anna").await;
    assert_eq!(todo.graph().get(&files).await.ok()["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_task_that_is_on_both_sides_already_is_recognised_by_title_priority_and_date() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let due = json!({"dateTime": "2026-03-05T00:00:00", "timeZone": "Europe/Berlin"});
    todo.create(&json!({"title": "call northwind ", "importance": "high", "dueDateTime": due})).await;
    todo.create(&json!({"title": "Call Northwind", "importance": "low", "dueDateTime": due})).await;
    world
        .crm_task("anna", &json!({"subject": "Call Northwind", "priority": "high", "dueDate": "2026-03-05T09:00:00Z"}))
        .await;
    let report = world.sync_tasks("anna").await;
    assert_eq!(report["adopted"], 1, "{report}");
    assert_eq!((todo.tasks().await.len(), world.crm_tasks("anna").await.len()), (2, 2));
    assert_eq!(world.crm_tasks("anna").await[0]["dueDate"], "2026-03-05T09:00:00Z", "the time of day is kept");
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn only_the_tasks_of_the_user_are_synchronised() {
    let world = World::with_tasks().await;
    world.add_user("ben", "Acme").await;
    let task = world.crm_task("anna", &json!({"subject": "Prepare"})).await;
    world.crm_task("anna", &json!({"subject": "Ben's", "assignedTo": "ben"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [1, 0, 0]);
    // Assigned to a colleague, it leaves the list of the one who had it.
    world.crm_task_update(&task["id"], &json!({"assignedTo": "ben"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 1]);
    assert!(world.todo("anna").await.tasks().await.is_empty());
    assert_eq!(world.crm_tasks("ben").await.len(), 2);
}

#[tokio::test]
async fn a_hundred_tasks_reach_to_do_in_five_batches_and_an_idle_poll_is_two_requests() {
    let world = World::with_tasks().await;
    world.sync_tasks("anna").await;
    for number in 0..100 {
        world.crm_task("anna", &json!({"subject": format!("Task {number:03}")})).await;
    }
    world.forget_requests().await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [100, 0, 0]);
    let requests = world.requests().await;
    let batches = requests["requests"].as_array().unwrap().iter().filter(|one| one["path"] == "/v1.0/$batch").count();
    assert!(batches <= 5, "{batches} batches");
    assert!(requests["count"].as_u64().unwrap() <= 5 + 2, "{}", requests["count"]);
    let tasks = world.todo("anna").await.tasks().await;
    assert_eq!(tasks.len(), 100);
    let is_linked = |task: &Value| {
        let linked = task["linkedResources"].as_array().unwrap();
        linked.len() == 1 && linked[0]["webUrl"].as_str().is_some_and(|url| url.contains("/tasks/"))
    };
    assert!(tasks.iter().all(is_linked));
    world.assert_tasks_at_rest("anna").await;
    world.forget_requests().await;
    world.assert_tasks_at_rest("anna").await;
    assert_eq!(world.requests().await["count"], 2, "the lists, and the changes of one of them");
}

#[tokio::test]
async fn disconnecting_and_connecting_again_doubles_nothing() {
    let world = World::with_tasks().await;
    world.crm_task("anna", &whole()).await;
    world.todo("anna").await.create(&json!({"title": "Theirs"})).await;
    world.sync_tasks("anna").await;
    world.crm.post("/api/users/anna/microsoft/disconnect", &json!({})).await.ok();
    world.connect("anna").await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!((world.todo("anna").await.tasks().await.len(), world.crm_tasks("anna").await.len()), (2, 2));
}

#[tokio::test]
async fn calendar_and_tasks_are_switched_on_each_by_itself() {
    let world = World::with_tasks().await;
    world.crm_task("anna", &whole()).await;
    world.save("user", "anna", &[("tasks.enabled", json!(false))]).await.ok();
    let report = world.sync_tasks("anna").await;
    assert_eq!(report["blocked"], "disabled", "{report}");
    assert!(world.todo("anna").await.tasks().await.is_empty());
    assert_eq!(world.sync("anna").await["blocked"], Value::Null);
}

#[tokio::test]
async fn a_preview_says_what_would_be_written_and_writes_nothing() {
    let world = World::with_tasks().await;
    world.crm_task("anna", &whole()).await;
    let todo = world.todo("anna").await;
    let theirs = todo.create(&json!({"title": "Theirs"})).await;
    let run = json!({"user": "anna", "resource": "tasks", "preview": true});
    let preview = world.crm.post("/api/sync", &run).await.ok();
    let operations = preview["operations"].as_array().unwrap();
    let mut shown: Vec<String> = operations
        .iter()
        .map(|one| format!("{} {} {}", one["side"], one["action"], one["title"]).replace('"', ""))
        .collect();
    shown.sort();
    assert_eq!(shown, ["crm create Theirs", "microsoft create Call Northwind"], "{preview}");
    assert_eq!(world.crm_tasks("anna").await.len(), 1);
    let tasks = todo.tasks().await;
    assert_eq!((tasks.len(), &tasks[0]["@odata.etag"]), (1, &theirs["@odata.etag"]));
}

#[tokio::test]
async fn another_direction_lets_old_differences_flow() {
    let world = World::with_tasks().await;
    world.save("system", "0", &[("tasks.direction", json!("crm-to-microsoft"))]).await.ok();
    world.crm_task("anna", &json!({"subject": "Ours"})).await;
    world.sync_tasks("anna").await;
    let todo = world.todo("anna").await;
    todo.update(&todo.only("Ours").await["id"], &json!({"importance": "high"})).await;
    todo.create(&json!({"title": "Theirs"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
    world.save("system", "0", &[("tasks.direction", json!("bidirectional"))]).await.ok();
    wrote(&world.sync_tasks("anna").await, [1, 1, 0], [0, 0, 0]);
    assert_eq!(world.crm_task_of("anna", "Ours").await["priority"], "high");
    world.crm_task_of("anna", "Theirs").await;
    world.assert_tasks_at_rest("anna").await;
}
