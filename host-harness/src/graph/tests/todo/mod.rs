//! Claims about To Do. This file is the kit: lists and tasks of Alice.

mod access;
mod attachments;
mod dates;
mod extensions;
mod files;
mod lists;
mod parts;
mod recurring;
mod rounds;
mod tasks;

use super::*;

/// The built-in list of a role.
async fn built_in(world: &World, role: &str) -> Value {
    let lists = world.get("/me/todo/lists").await;
    lists.items().iter().find(|list| list["wellknownListName"] == role).unwrap().clone()
}

/// The path of the tasks of a list.
fn tasks_of(list: &Value) -> String {
    format!("/me/todo/lists/{}/tasks", escaped(id(list)))
}

/// The path of the tasks of the default list.
async fn default_tasks(world: &World) -> String {
    tasks_of(&built_in(world, "defaultList").await)
}

async fn add_list(world: &World, name: &str) -> Value {
    let answer = world.post("/me/todo/lists", json!({ "displayName": name })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

/// Creates a task and hands back what was answered.
async fn add_task(world: &World, tasks: &str, task: Value) -> Value {
    let answer = world.post(tasks, task).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

/// The path of a task.
fn path_of(tasks: &str, task: &Value) -> String {
    format!("{tasks}/{}", escaped(id(task)))
}

async fn change(world: &World, path: &str, change: Value) -> Answer {
    world.graph_as(&world.token, "PATCH", path, &[], Some(change)).await
}

async fn remove(world: &World, path: &str) -> Answer {
    world.graph_as(&world.token, "DELETE", path, &[], None).await
}

async fn titles(world: &World, path: &str) -> Vec<String> {
    let answer = world.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.items().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
}

/// A request that To Do refuses: the reason behind its own words.
fn reason(answer: &Answer) -> (u16, &str, &str) {
    let inner = answer.body["error"]["innerError"]["code"].as_str().unwrap_or_default();
    (answer.status, answer.code(), inner)
}
