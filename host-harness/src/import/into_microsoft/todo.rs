//! The tasks of a batch into the default list of To Do, as its app would write
//! them.
//!
//! To Do has no key that makes a repeated create harmless. What an import adds
//! gets a linked resource that names where it is from (resources/linkedresource);
//! by that it is found again, in whatever list it is then.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::left;
use crate::crm::random::uuid_of_text;
use crate::demo::outlook::{Call, Outlook};
use crate::graph::SetupError;
use crate::graph::calendar::recurrence_json;
use crate::import::batch::{ImportBatch, ImportReport};
use crate::import::reason::{Left, SkipReason};
use crate::import::task::{ImportedTask, TaskDay, TaskProgress};

/// Where a task is from, in the words of its linked resource.
const APPLICATION: &str = "iCalendar file";

/// Adds all tasks.
pub(super) async fn add_all(
    outlook: &Outlook,
    batch: &ImportBatch,
    report: &mut ImportReport,
) -> Result<(), SetupError> {
    if batch.tasks.is_empty() {
        return Ok(());
    }
    let lists = outlook.list_all("/me/todo/lists?$select=id,wellknownListName").await?;
    let is_default = |list: &&Value| list.get("wellknownListName").is_some_and(|name| name == "defaultList");
    let Some(default_list) = lists.iter().find(is_default).and_then(id) else {
        // Not in every cloud (concepts/todo-concept-overview).
        let refused = |task: &ImportedTask| Left::whole(task.uid.as_deref(), SkipReason::Refused).because("no To Do");
        batch.tasks.iter().for_each(|task| report.leave(refused(task)));
        return Ok(());
    };
    let mut seen = origins(outlook, &lists).await?;
    let mut new = Vec::new();
    for task in &batch.tasks {
        let is_new = task.uid.as_ref().is_none_or(|uid| seen.insert(uuid_of_text(uid)));
        if is_new {
            new.push(task);
        } else {
            report.leave(Left::whole(task.uid.as_deref(), SkipReason::Duplicate));
        }
    }
    let path = format!("/me/todo/lists/{default_list}/tasks");
    let create = |task: &&ImportedTask| Call { method: "POST", path: path.clone(), body: Some(todo_task(task)) };
    let calls: Vec<Call> = new.iter().map(create).collect();
    for (task, answer) in new.into_iter().zip(outlook.call_all(&calls).await?) {
        if answer.is_success() {
            report.tasks.recurring += usize::from(task.recurrence.is_some());
            report.tasks.count(task.homeless.iter().copied());
        } else {
            report.leave(left(task.uid.as_deref(), SkipReason::Refused, answer.code().to_owned()));
        }
    }
    Ok(())
}

fn id(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

/// What earlier imports have added, by their linked resources.
async fn origins(outlook: &Outlook, lists: &[Value]) -> Result<BTreeSet<String>, SetupError> {
    let mut origins = BTreeSet::new();
    for list in lists.iter().filter_map(id) {
        let tasks = outlook.list_all(&format!("/me/todo/lists/{list}/tasks?$expand=linkedResources")).await?;
        let linked = tasks.iter().filter_map(|task| task.get("linkedResources")?.as_array()).flatten();
        let ours = linked.filter(|resource| resource.get("applicationName").is_some_and(|name| name == APPLICATION));
        origins.extend(ours.filter_map(|resource| resource.get("externalId")?.as_str().map(str::to_owned)));
    }
    Ok(origins)
}

/// A new task (api/todotasklist-post-tasks).
fn todo_task(task: &ImportedTask) -> Value {
    let status = match task.progress {
        TaskProgress::NotStarted => "notStarted",
        TaskProgress::InProgress => "inProgress",
        TaskProgress::Completed => "completed",
    };
    let origin = |uid: &String| json!([{ "applicationName": APPLICATION, "displayName": task.title, "externalId": uuid_of_text(uid) }]);
    let text = |text: &String| json!({ "contentType": "text", "content": text });
    let fields = [
        ("title", Some(json!(task.title))),
        ("status", Some(json!(status))),
        ("importance", Some(json!(task.importance.graph()))),
        ("body", task.description.as_ref().map(text)),
        ("categories", Some(json!(task.categories)).filter(|_| !task.categories.is_empty())),
        ("dueDateTime", task.due.map(midnight)),
        ("startDateTime", task.start.map(midnight)),
        ("completedDateTime", task.completed.map(midnight)),
        ("isReminderOn", Some(json!(task.remind_at.is_some()))),
        ("reminderDateTime", task.remind_at.map(instant)),
        ("recurrence", task.recurrence.as_ref().map(recurrence_json::write)),
        ("linkedResources", task.uid.as_ref().map(origin)),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A date: To Do keeps no times of day.
fn midnight(day: TaskDay) -> Value {
    let wall = day.on.and_time(NaiveTime::MIN).format("%Y-%m-%dT%H:%M:%S");
    json!({ "dateTime": wall.to_string(), "timeZone": day.zone.name() })
}

fn instant(at: DateTime<Utc>) -> Value {
    json!({ "dateTime": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" })
}

#[cfg(test)]
mod tests;
