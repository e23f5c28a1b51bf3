//! The To Do lists of a mailbox with their tasks.

use serde_json::{Value, json};

use super::mailbox::{self, Part};
use super::render::{self, Frame};
use super::words::{self, in_path, plain, spelled, titled};
use crate::graph::ids;
use crate::graph::model::Mailbox;
use crate::graph::reply::Reply;
use crate::graph::state::State;
use crate::graph::todo::model::{Day, Part as Item, Status, Task, WellKnown};

/// Draws the page.
pub(crate) fn draw(state: &State, frame: &Frame, owner: &Mailbox) -> Reply {
    let lists: Vec<Value> = state
        .task_lists_of(owner.number)
        .map(|list| {
            let mut tasks: Vec<&Task> = state.tasks_of(owner.number, list.number).collect();
            // What is open first, as in To Do.
            tasks.sort_by_key(|task| task.status == Status::Completed);
            let open = tasks.iter().filter(|task| task.status != Status::Completed).count();
            json!({
                "name": list.name,
                "role": match list.role {
                    WellKnown::DefaultList => "default list",
                    WellKnown::FlaggedEmails => "flagged mails",
                    WellKnown::None => "",
                },
                "open": open,
                "tasks": tasks.into_iter().map(|one| task(one, owner)).collect::<Vec<_>>(),
            })
        })
        .collect();
    render::page("tasks.html", frame, json!({ "head": mailbox::head(owner, Part::Tasks), "lists": lists }))
}

fn task(task: &Task, owner: &Mailbox) -> Value {
    let text = |name: &str| task.properties.get(name).map(plain).unwrap_or_default();
    let status = serde_json::to_value(task.status).unwrap_or_default();
    let day = |day: &Option<Day>| day.as_ref().map(|day| words::day(day.date));
    let checklist = task.checklist_items.len();
    let is_checked = |item: &&Item| item.properties.get("isChecked") == Some(&Value::Bool(true));
    let checked = task.checklist_items.iter().filter(is_checked).count();
    json!({
        "title": titled(&text("title")),
        "href": format!("{}/tasks/{}", mailbox::root(owner), in_path(&ids::task_id(task.number))),
        "status": spelled(&plain(&status)),
        "done": task.status == Status::Completed,
        "important": text("importance") == "high",
        "due": day(&task.due),
        "reminder": task.reminder.map(|at| words::at(at, words::zone_of(owner))),
        "repeats": task.recurrence.is_some(),
        "checklist": (checklist > 0).then(|| format!("{checked} of {checklist}")),
    })
}
