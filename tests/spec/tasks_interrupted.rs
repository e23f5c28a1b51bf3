//! Writes of tasks of which the component did not live to hear the answer, and
//! people who go on before the next step (invariants 6 and 7; Oro row E3).

use serde_json::{Value, json};
use tandem_tests::{ToDo, World};

use crate::interrupted::torn_down;

/// Asserts that both sides have this one task, or none, and no conflict.
async fn in_step(world: &World, title: Option<&str>, after: &str) {
    world.sync_tasks("anna").await;
    world.sync_tasks("anna").await;
    let theirs = world.todo("anna").await.tasks().await;
    let ours = world.crm_tasks("anna").await;
    let theirs: Vec<&str> = theirs.iter().map(|task| task["title"].as_str().unwrap()).collect();
    let ours: Vec<&str> = ours.iter().map(|task| task["subject"].as_str().unwrap()).collect();
    let expected: Vec<&str> = title.into_iter().collect();
    assert_eq!((&theirs, &ours), (&expected, &expected), "{after}");
    world.assert_tasks_at_rest("anna").await;
    assert_eq!(world.conflicts().await, Vec::<Value>::new(), "{after}");
}

/// What a person does to the task before the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    RenamesInToDo,
    RenamesInCrm,
    DeletesInToDo,
    DeletesInCrm,
}

const THEN: [Then; 4] = [Then::RenamesInToDo, Then::RenamesInCrm, Then::DeletesInToDo, Then::DeletesInCrm];

/// Does it, where the task is there; whether it was.
async fn does(world: &World, todo: &ToDo, then: Then) -> bool {
    let (theirs, ours) = (todo.tasks().await, world.crm_tasks("anna").await);
    match then {
        Then::RenamesInToDo => {
            let Some(task) = theirs.first() else { return false };
            todo.update(&task["id"], &json!({"title": "Renamed"})).await;
        }
        Then::RenamesInCrm => {
            let Some(task) = ours.first() else { return false };
            world.crm_task_update(&task["id"], &json!({"subject": "Renamed"})).await;
        }
        Then::DeletesInToDo => {
            let Some(task) = theirs.first() else { return false };
            todo.delete(&task["id"]).await;
        }
        Then::DeletesInCrm => {
            let Some(task) = ours.first() else { return false };
            world.crm_task_delete(&task["id"]).await;
        }
    }
    true
}

const fn expected(then: Then, done: bool) -> Option<&'static str> {
    match (then, done) {
        (_, false) => Some("New"),
        (Then::RenamesInToDo | Then::RenamesInCrm, true) => Some("Renamed"),
        (Then::DeletesInToDo | Then::DeletesInCrm, true) => None,
    }
}

/// Takes everything away on both sides.
async fn cleared(world: &World, todo: &ToDo) {
    for task in todo.tasks().await {
        todo.delete(&task["id"]).await;
    }
    for task in world.crm_tasks("anna").await {
        world.crm_task_delete(&task["id"]).await;
    }
    world.sync_tasks("anna").await;
    world.sync_tasks("anna").await;
}

#[tokio::test]
async fn a_new_task_is_on_the_other_side_once_whatever_people_do_after_a_crash_anywhere() {
    for in_crm in [false, true] {
        for then in THEN {
            if in_crm && then == Then::DeletesInToDo {
                // A search that finds nothing does not say whether it was there.
                continue;
            }
            begins(in_crm, then).await;
        }
    }
}

async fn begins(in_crm: bool, then: Then) {
    let world = World::with_tasks().await;
    let todo = world.todo("anna").await;
    world.sync_tasks("anna").await;
    let mut calls = 1;
    loop {
        if in_crm {
            world.crm_task("anna", &json!({"subject": "New"})).await;
        } else {
            todo.create(&json!({"title": "New"})).await;
        }
        let has_crashed = torn_down(&world, "anna", "tasks", calls).await;
        let done = does(&world, &todo, then).await;
        let after = format!("in the CRM: {in_crm}, {then:?} after a crash behind call {calls}");
        in_step(&world, expected(then, done), &after).await;
        if !has_crashed {
            break;
        }
        calls += 1;
        cleared(&world, &todo).await;
    }
    assert!(calls > 8, "expected a sync of many host calls, but found {calls}");
}

/// To Do changes a title from `Old` to `New`; before the next step, somebody
/// changes it again, or takes it back.
#[tokio::test]
async fn a_change_of_to_do_that_reached_the_crm_is_nobodys_edit_there_after_a_crash_anywhere() {
    for rule in ["crm-wins", "microsoft-wins"] {
        for (in_crm, then) in [(false, "Newer"), (false, "Old"), (true, "Newer"), (true, "Old")] {
            retitled(rule, in_crm, then).await;
        }
    }
}

async fn retitled(rule: &str, in_crm: bool, then: &str) {
    let world = World::with_tasks().await;
    world.save("system", "0", &[("tasks.conflict-resolution", json!(rule))]).await.ok();
    let todo = world.todo("anna").await;
    let mut calls = 1;
    loop {
        let task = todo.create(&json!({"title": "Old"})).await;
        world.sync_tasks("anna").await;
        world.sync_tasks("anna").await;
        todo.update(&task["id"], &json!({"title": "New"})).await;
        let has_crashed = torn_down(&world, "anna", "tasks", calls).await;
        let ours = world.crm_tasks("anna").await.remove(0);
        let title = if !in_crm {
            todo.update(&task["id"], &json!({"title": then})).await;
            then
        } else if ours["subject"] == "New" {
            world.crm_task_update(&ours["id"], &json!({"subject": then})).await;
            then
        } else {
            "New"
        };
        let after = format!("{rule}, `{then}` in the CRM: {in_crm}, after a crash behind call {calls}");
        in_step(&world, Some(title), &after).await;
        if !has_crashed {
            break;
        }
        calls += 1;
        cleared(&world, &todo).await;
    }
    assert!(calls > 8, "expected a sync of many host calls, but found {calls}");
}
