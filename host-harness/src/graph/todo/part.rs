//! What belongs to a task: its checklist and its linked resources
//! (resources/checklistitem, resources/linkedresource).
//!
//! DIFFERENCE: whether a change of these is a change of the task is not
//! documented. Here it is: its etag moves, and rounds of change tracking
//! report it.

use serde_json::{Map, Value, json};

use super::edit::store;
use super::model::{Part, Task, TaskNo};
use super::properties::{CHECKLIST_ITEM, LINKED_RESOURCE, Writable};
use crate::graph::calendar::output::instant;
use crate::graph::property;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ChecklistItem,
    LinkedResource,
}

impl Kind {
    /// The kind behind a segment in lower case.
    pub fn of(segment: &str) -> Option<Self> {
        match segment {
            "checklistitems" => Some(Self::ChecklistItem),
            "linkedresources" => Some(Self::LinkedResource),
            _ => None,
        }
    }

    /// The name of the collection.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChecklistItem => "checklistItems",
            Self::LinkedResource => "linkedResources",
        }
    }

    fn writable(self) -> &'static Writable {
        match self {
            Self::ChecklistItem => &CHECKLIST_ITEM,
            Self::LinkedResource => &LINKED_RESOURCE,
        }
    }

    /// Those of a task.
    pub fn of_task(self, task: &Task) -> &[Part] {
        match self {
            Self::ChecklistItem => &task.checklist_items,
            Self::LinkedResource => &task.linked_resources,
        }
    }

    fn of_task_mut(self, task: &mut Task) -> &mut Vec<Part> {
        match self {
            Self::ChecklistItem => &mut task.checklist_items,
            Self::LinkedResource => &mut task.linked_resources,
        }
    }
}

/// One with a new id.
pub(crate) fn made(state: &mut State, properties: Map<String, Value>) -> Part {
    Part { id: state.guid(), properties }
}

/// Finds one by its id.
pub(crate) fn find<'a>(task: &'a Task, kind: Kind, id: &str) -> Result<&'a Part, Refusal> {
    kind.of_task(task).iter().find(|part| part.id.eq_ignore_ascii_case(id)).ok_or_else(Refusal::item_not_found)
}

/// Adds one to a task (api/todotask-post-checklistitems,
/// api/todotask-post-linkedresources), and hands it back.
pub(crate) fn add(state: &mut State, number: TaskNo, kind: Kind, given: &Map<String, Value>) -> Result<Part, Refusal> {
    let mut properties = kind.writable().take_all(given)?;
    if kind == Kind::ChecklistItem {
        // Documented as required (api/todotask-post-checklistitems).
        if properties.get("displayName").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(property::invalid("displayName"));
        }
        properties.insert("createdDateTime".to_owned(), json!(instant(state.now)));
        settle(state, &mut properties);
    }
    properties.retain(|_, value| !value.is_null());
    let part = made(state, properties);
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    kind.of_task_mut(&mut task).push(part.clone());
    store(state, task);
    Ok(part)
}

/// Changes one (api/checklistitem-update, api/linkedresource-update), and
/// hands it back.
pub(crate) fn update(
    state: &mut State,
    number: TaskNo,
    kind: Kind,
    id: &str,
    given: &Map<String, Value>,
) -> Result<Part, Refusal> {
    let given = kind.writable().take_all(given)?;
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let mut part = find(&task, kind, id)?.clone();
    part.properties.extend(given);
    if kind == Kind::ChecklistItem {
        settle(state, &mut part.properties);
    }
    part.properties.retain(|_, value| !value.is_null());
    for known in kind.of_task_mut(&mut task).iter_mut().filter(|known| known.id == part.id) {
        *known = part.clone();
    }
    store(state, task);
    Ok(part)
}

/// Removes one (api/checklistitem-delete, api/linkedresource-delete).
pub(crate) fn remove(state: &mut State, number: TaskNo, kind: Kind, id: &str) -> Result<(), Refusal> {
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let id = find(&task, kind, id)?.id.clone();
    kind.of_task_mut(&mut task).retain(|known| known.id != id);
    store(state, task);
    Ok(())
}

/// A checked item has the time at which it was checked, any other has none.
fn settle(state: &State, properties: &mut Map<String, Value>) {
    let is_checked = properties.get("isChecked").and_then(Value::as_bool).unwrap_or(false);
    properties.insert("isChecked".to_owned(), json!(is_checked));
    if !is_checked {
        properties.remove("checkedDateTime");
    } else if properties.get("checkedDateTime").is_none_or(Value::is_null) {
        properties.insert("checkedDateTime".to_owned(), json!(instant(state.now)));
    }
}
