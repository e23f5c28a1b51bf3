//! What a person does with tasks, in the CRM and in To Do.

use chrono::NaiveTime;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::sim::operation::{Progress, TaskAct, Weight, Who};
use crate::sim::scene::{Mishap, Played, Scene, all_pages, done};
use crate::sim::words::{day, description, entries, item_of, reading, text, title};

/// Does something with a task of the CRM; whether it took it.
pub(super) async fn in_crm(scene: &Scene, who: Who, item: u32, act: TaskAct) -> Played<bool> {
    let of_user = format!("/api/tasks?user={}", who.login());
    if let TaskAct::Create(due) = act {
        let task = json!({"subject": title(item, 0), "dueDate": due.map(due_in_crm)});
        return Ok(scene.crm.post(&of_user, &task).await.is_success());
    }
    let tasks = done(&scene.crm.get(&of_user).await, "the tasks of a user")?;
    let is_meant = |task: &&Value| item_of(text(task, "subject")) == Some(item);
    let Some(task) = entries(&tasks).iter().find(is_meant) else { return Ok(false) };
    let url = format!("/api/tasks/{}", text(task, "id"));
    let patch = match act {
        TaskAct::Create(_) => return Ok(false),
        TaskAct::Rename(version) => json!({"subject": title(item, version)}),
        TaskAct::Describe(version) => json!({"description": description(version)}),
        TaskAct::Due(due) => json!({"dueDate": due.map(due_in_crm)}),
        TaskAct::Weigh(weight) => json!({"priority": weight_word(weight)}),
        TaskAct::Progress(progress) => json!({"status": match progress {
            Progress::Open => "open",
            Progress::Begun => "in_progress",
            Progress::Done => "closed",
        }}),
        TaskAct::Delete => return Ok(scene.crm.delete(&url).await.is_success()),
    };
    Ok(scene.crm.patch(&url, &patch).await.is_success())
}

/// Does something with a task of To Do; whether it took it.
pub(super) async fn in_todo(scene: &Scene, who: Who, item: u32, act: TaskAct) -> Played<bool> {
    let graph = scene.graph(who).await?;
    let list = default_list(&graph).await?;
    if let TaskAct::Create(due) = act {
        let task = json!({"title": title(item, 0), "dueDateTime": due.map(due_in_todo)});
        return Ok(graph.post(&list, &task).await.is_success());
    }
    let tasks = all_pages(&graph, &format!("{list}?$top=100")).await?;
    let is_meant = |task: &&Value| item_of(text(task, "title")) == Some(item);
    let Some(task) = tasks.iter().find(is_meant) else { return Ok(false) };
    let url = format!("{list}/{}", text(task, "id"));
    let patch = match act {
        TaskAct::Create(_) => return Ok(false),
        TaskAct::Rename(version) => json!({"title": title(item, version)}),
        TaskAct::Describe(version) => json!({"body": {"contentType": "html", "content": description(version)}}),
        TaskAct::Due(due) => json!({"dueDateTime": due.map(due_in_todo)}),
        TaskAct::Weigh(weight) => json!({"importance": weight_word(weight)}),
        TaskAct::Progress(progress) => json!({"status": match progress {
            Progress::Open => "notStarted",
            Progress::Begun => "inProgress",
            Progress::Done => "completed",
        }}),
        TaskAct::Delete => return Ok(graph.delete(&url).await.is_success()),
    };
    Ok(graph.patch(&url, &patch).await.is_success())
}

/// The path of the tasks of the built-in list.
pub(in crate::sim) async fn default_list(graph: &Caller) -> Played<String> {
    let lists = all_pages(graph, "/v1.0/me/todo/lists").await?;
    let default = lists.iter().find(|list| list["wellknownListName"] == "defaultList");
    let id = default.map(|list| text(list, "id")).ok_or(Mishap::Value("a default list"))?;
    Ok(format!("/v1.0/me/todo/lists/{id}/tasks"))
}

/// Both sides use the same three words.
const fn weight_word(weight: Weight) -> &'static str {
    match weight {
        Weight::Low => "low",
        Weight::Normal => "normal",
        Weight::High => "high",
    }
}

/// Afternoon in Europe: the same day everywhere that matters here.
fn due_in_crm(number: i32) -> String {
    format!("{}T15:00:00Z", day(number))
}

fn due_in_todo(number: i32) -> Value {
    json!({"dateTime": reading(day(number).and_time(NaiveTime::MIN)), "timeZone": "Europe/Berlin"})
}
