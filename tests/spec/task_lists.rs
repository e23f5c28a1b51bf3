//! Which lists of To Do are synchronised, and tasks that move between them (Graph
//! `resources/todotask`: another list, another id).

use serde_json::json;
use tandem_tests::World;

use crate::calendar::wrote;
use crate::firewall::codes;

#[tokio::test]
async fn the_list_that_the_settings_name_is_the_one() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let work = todo.create_list("Work").await;
    world.save("user", "anna", &[("tasks.list", json!("work"))]).await.ok();
    world.crm_task("anna", &json!({"subject": "Ours"})).await;
    todo.create_in(&work, &json!({"title": "Theirs"})).await;
    todo.create(&json!({"title": "Private"})).await;
    wrote(&world.sync_tasks("anna").await, [1, 0, 0], [1, 0, 0]);
    assert_eq!(todo.tasks_in(&work).await.len(), 2);
    assert_eq!(todo.tasks().await.len(), 1);
    assert_eq!(world.crm_tasks("anna").await.len(), 2);
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_list_that_does_not_exist_is_named_and_nothing_is_deleted_for_it() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    world.crm_task("anna", &json!({"subject": "Ours"})).await;
    world.sync_tasks("anna").await;
    world.save("user", "anna", &[("tasks.list", json!("Work"))]).await.ok();
    world.crm_task("anna", &json!({"subject": "New"})).await;
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["task-list-left", "task-list-not-found"], "{report}");
    assert_eq!(world.alerts().await.len(), 1);
    assert_eq!((todo.tasks().await.len(), world.crm_tasks("anna").await.len()), (1, 2));
    // Once it is there, it is taken up, and the alert is over.
    let work = todo.create_list("Work").await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [1, 0, 0]);
    assert_eq!(todo.tasks_in(&work).await[0]["title"], "New");
    assert!(world.alerts().await.is_empty());
}

#[tokio::test]
async fn all_lists_are_read_where_the_settings_say_so_and_new_tasks_go_to_one() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let home = todo.create_list("Home").await;
    todo.create_in(&home, &json!({"title": "At home"})).await;
    world.save("user", "anna", &[("tasks.all-lists", json!(true))]).await.ok();
    world.crm_task("anna", &json!({"subject": "Ours"})).await;
    wrote(&world.sync_tasks("anna").await, [1, 0, 0], [1, 0, 0]);
    todo.only("Ours").await;
    let theirs = world.crm_task_of("anna", "At home").await;
    world.crm_task_update(&theirs["id"], &json!({"subject": "At home, soon"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 1, 0]);
    assert_eq!(todo.tasks_in(&home).await[0]["title"], "At home, soon");
    world.assert_tasks_at_rest("anna").await;
    world.forget_requests().await;
    world.assert_tasks_at_rest("anna").await;
    assert_eq!(world.requests().await["count"], 1 + 2, "the lists, and the changes of each");
}

#[tokio::test]
async fn a_task_that_moves_to_another_list_is_the_same_task() {
    for all in [true, false] {
        let world = World::with_tasks().await;
        let todo = world.todo("anna").await;
        let home = todo.create_list("Home").await;
        world.save("user", "anna", &[("tasks.all-lists", json!(all))]).await.ok();
        world.crm_task("anna", &json!({"subject": "Ours"})).await;
        todo.create(&json!({"title": "Theirs"})).await;
        world.sync_tasks("anna").await;
        world.assert_tasks_at_rest("anna").await;
        let before = world.crm_tasks("anna").await;
        for title in ["Ours", "Theirs"] {
            todo.move_to(&world, "anna", &todo.only(title).await, &home).await;
        }
        let report = world.sync_tasks("anna").await;
        wrote(&report, [0, 0, 0], [0, 0, 0]);
        assert_eq!(codes(&report).is_empty(), all, "a list that is not read is named: {report}");
        assert_eq!(world.crm_tasks("anna").await, before, "{all}");
        // It is still linked. Where the list is not synchronised, edits wait.
        let ours = world.crm_task_of("anna", "Ours").await;
        world.crm_task_update(&ours["id"], &json!({"subject": "Ours, later"})).await;
        wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, u32::from(all), 0]);
        let titles: Vec<_> = todo.tasks_in(&home).await.iter().map(|task| task["title"].clone()).collect();
        assert_eq!(titles, [json!(if all { "Ours, later" } else { "Ours" }), json!("Theirs")]);
        // And back again, where they arrive.
        let moved = todo.tasks_in(&home).await;
        todo.move_to(&world, "anna", &moved[0], &todo.default_list).await;
        let report = world.sync_tasks("anna").await;
        wrote(&report, [0, 0, 0], [0, u32::from(!all), 0]);
        todo.only("Ours, later").await;
        assert_eq!(world.crm_tasks("anna").await.len(), 2);
        world.assert_tasks_at_rest("anna").await;
    }
}

#[tokio::test]
async fn a_list_that_is_deleted_takes_no_task_of_the_crm_with_it() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let home = todo.create_list("Home").await;
    todo.create_in(&home, &json!({"title": "At home"})).await;
    world.save("user", "anna", &[("tasks.all-lists", json!(true))]).await.ok();
    world.sync_tasks("anna").await;
    todo.graph().delete(&format!("/v1.0/me/todo/lists/{home}")).await.ok();
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["task-list-left"], "{report}");
    world.crm_task_of("anna", "At home").await;
    assert_eq!(codes(&world.sync_tasks("anna").await), [""; 0], "once");
}

#[tokio::test]
async fn another_list_in_the_settings_leaves_the_tasks_of_the_one_before_where_they_are() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let work = todo.create_list("Work").await;
    world.crm_task("anna", &json!({"subject": "Ours"})).await;
    todo.create(&json!({"title": "Theirs"})).await;
    world.sync_tasks("anna").await;
    world.save("user", "anna", &[("tasks.list", json!("Work"))]).await.ok();
    let report = world.sync_tasks("anna").await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(codes(&report), ["task-list-left"], "{report}");
    world.crm_task("anna", &json!({"subject": "New"})).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [1, 0, 0]);
    assert_eq!(todo.tasks_in(&work).await.len(), 1);
    // Neither edits nor deletions go there meanwhile.
    let theirs = world.crm_task_of("anna", "Theirs").await;
    world.crm_task_update(&theirs["id"], &json!({"priority": "high"})).await;
    todo.delete(&todo.only("Ours").await["id"]).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(todo.only("Theirs").await["importance"], "normal");
    // And back: nothing is doubled, and what was done on either side arrives.
    world.save("user", "anna", &[("tasks.list", json!(""))]).await.ok();
    wrote(&world.sync_tasks("anna").await, [0, 0, 1], [0, 1, 0]);
    assert_eq!((todo.tasks().await.len(), world.crm_tasks("anna").await.len()), (1, 2));
    assert_eq!(todo.only("Theirs").await["importance"], "high");
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn a_task_that_is_deleted_in_the_crm_while_it_moves_in_to_do_is_deleted_there() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let home = todo.create_list("Home").await;
    world.save("user", "anna", &[("tasks.all-lists", json!(true))]).await.ok();
    let task = world.crm_task("anna", &json!({"subject": "Ours"})).await;
    world.sync_tasks("anna").await;
    world.sync_tasks("anna").await;
    // The lists tell late of what has moved.
    world.control("behaviour", &json!({"deltaLagSeconds": 600})).await;
    todo.move_to(&world, "anna", &todo.only("Ours").await, &home).await;
    world.crm_task_delete(&task["id"]).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 1]);
    world.advance(900).await;
    world.assert_tasks_at_rest("anna").await;
    assert_eq!((todo.tasks_in(&home).await.len(), world.crm_tasks("anna").await.len()), (0, 0));
}

/// A task of another list that looks the same is another task.
#[tokio::test]
async fn a_deleted_task_is_not_taken_for_one_of_another_list_that_looks_the_same() {
    for direction in ["bidirectional", "microsoft-to-crm"] {
        let world = World::with_tasks().await;
        world.save("system", "0", &[("tasks.direction", json!(direction))]).await.ok();
        let todo = world.todo("anna").await;
        let groceries = todo.create_list("Groceries").await;
        todo.create(&json!({"title": "Call mum"})).await;
        let other = todo.create_in(&groceries, &json!({"title": "Call mum"})).await;
        wrote(&world.sync_tasks("anna").await, [1, 0, 0], [0, 0, 0]);
        world.assert_tasks_at_rest("anna").await;
        todo.delete(&todo.only("Call mum").await["id"]).await;
        wrote(&world.sync_tasks("anna").await, [0, 0, 1], [0, 0, 0]);
        assert_eq!(todo.tasks_in(&groceries).await[0]["@odata.etag"], other["@odata.etag"], "{direction}");
        assert!(world.crm_tasks("anna").await.is_empty(), "{direction}");
    }
}

#[tokio::test]
async fn flagged_mails_are_no_tasks() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let lists = todo.graph().get("/v1.0/me/todo/lists").await.ok();
    let is_flagged = |list: &&serde_json::Value| list["wellknownListName"] == "flaggedEmails";
    let flagged = lists["value"].as_array().unwrap().iter().find(is_flagged).unwrap()["id"].as_str().unwrap();
    todo.create_in(flagged, &json!({"title": "Re: offer"})).await;
    world.save("user", "anna", &[("tasks.all-lists", json!(true))]).await.ok();
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
}

#[tokio::test]
async fn a_task_that_moves_away_and_back_between_two_runs_is_the_same_task() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let home = todo.create_list("Home").await;
    world.save("user", "anna", &[("tasks.all-lists", json!(true))]).await.ok();
    let task = world.crm_task("anna", &json!({"subject": "Ours"})).await;
    world.sync_tasks("anna").await;
    todo.move_to(&world, "anna", &todo.only("Ours").await, &home).await;
    let there = todo.tasks_in(&home).await[0].clone();
    todo.move_to(&world, "anna", &there, &todo.default_list).await;
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.crm_task_of("anna", "Ours").await["id"], task["id"]);
    world.assert_tasks_at_rest("anna").await;
}

/// More than one commit takes: a list that is emptied into another one.
#[tokio::test]
async fn two_hundred_tasks_that_move_at_once_are_the_same_tasks() {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    let home = todo.create_list("Home").await;
    world.save("user", "anna", &[("tasks.all-lists", json!(true))]).await.ok();
    for number in 0..200 {
        world.crm_task("anna", &json!({"subject": format!("Task {number:03}")})).await;
    }
    world.sync_tasks("anna").await;
    let before = world.crm_tasks("anna").await;
    for task in todo.tasks().await {
        todo.move_to(&world, "anna", &task, &home).await;
    }
    wrote(&world.sync_tasks("anna").await, [0, 0, 0], [0, 0, 0]);
    assert_eq!(world.crm_tasks("anna").await, before);
    world.assert_tasks_at_rest("anna").await;
}
