//! Writes lists and tasks as Graph answers them (resources/todotasklist,
//! resources/todotask). What a task does not have is left out, as in the
//! examples of the documentation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::model::{Day, Part, Task, TaskList};
use crate::graph::calendar::output::{View, instant, moment, object};
use crate::graph::calendar::recurrence_json;
use crate::graph::{ids, zones};

/// Which parts of a task are answered with it: `$expand`, as rounds of change
/// tracking have it, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Relations {
    pub linked_resources: bool,
    pub checklist_items: bool,
}

impl Relations {
    /// Whether there is one.
    pub fn any(self) -> bool {
        self.linked_resources || self.checklist_items
    }

    /// Their names.
    pub fn names(self) -> Vec<&'static str> {
        let all = [(self.linked_resources, "linkedResources"), (self.checklist_items, "checklistItems")];
        all.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| name).collect()
    }

    /// As a number, for tokens.
    pub fn bits(self) -> u8 {
        u8::from(self.linked_resources) | (u8::from(self.checklist_items) << 1)
    }

    /// From that number.
    pub fn from_bits(bits: u8) -> Self {
        Self { linked_resources: bits & 1 != 0, checklist_items: bits & 2 != 0 }
    }
}

/// A list.
pub(crate) fn list(list: &TaskList) -> Map<String, Value> {
    object(json!({
        "@odata.etag": format!("W/\"{}\"", ids::change_key(list.number.0, list.change)),
        "id": ids::list_id(list.number),
        "displayName": list.name,
        "isOwner": true,
        "isShared": false,
        "wellknownListName": list.role,
    }))
}

/// The change key of a task, which is in its etag.
pub(crate) fn change_key(task: &Task) -> String {
    ids::change_key(task.number.0, task.change)
}

/// A task with the relations that were asked for.
///
/// DIFFERENCE: a list without a filter is reported to leave `recurrence` out
/// (RogerSelwyn/MS365-ToDo#133); one report is not enough to do it here.
pub(crate) fn task(task: &Task, view: &View, relations: Relations) -> Map<String, Value> {
    let mut map = object(json!({
        "importance": "normal",
        "isReminderOn": false,
        "title": "",
        "categories": [],
        "@odata.etag": format!("W/\"{}\"", change_key(task)),
        "id": ids::task_id(task.number),
        "status": task.status,
        "createdDateTime": instant(task.created),
        "lastModifiedDateTime": instant(task.modified),
        "bodyLastModifiedDateTime": instant(task.body_modified),
        "hasAttachments": !task.attachments.is_empty(),
        "body": { "content": task.body.content, "contentType": if task.body.is_html { "html" } else { "text" } },
    }));
    map.extend(task.properties.iter().map(|(name, value)| (name.clone(), value.clone())));
    let date = |day: &Day| moment(zones::to_wall(day.midnight(), view.zone), view);
    let optional = [
        ("dueDateTime", task.due.as_ref().map(date)),
        ("startDateTime", task.start.as_ref().map(date)),
        ("completedDateTime", task.completed.as_ref().map(date)),
        ("reminderDateTime", task.reminder.map(|at| moment(zones::to_wall(at, view.zone), view))),
        ("recurrence", task.recurrence.as_ref().map(recurrence_json::write)),
        ("linkedResources", relations.linked_resources.then(|| parts(&task.linked_resources))),
        ("checklistItems", relations.checklist_items.then(|| parts(&task.checklist_items))),
    ];
    map.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    map
}

fn parts(parts: &[Part]) -> Value {
    parts.iter().map(|entry| Value::Object(part(entry))).collect()
}

/// A checklist item or a linked resource.
pub(crate) fn part(part: &Part) -> Map<String, Value> {
    let mut map = part.properties.clone();
    map.insert("id".to_owned(), json!(part.id));
    map
}
