//! Creates, changes, moves and deletes tasks (api/todotasklist-post-tasks,
//! api/todotask-update, api/todotask-delete).
//!
//! DIFFERENCE: a new due date of a recurring task is reported to leave that
//! task as it is and to open another one (microsoft-graph-docs#5424,
//! RogerSelwyn/MS365-ToDo#133). Here it is the same task with a new date, which
//! keeps its rule; what comes next counts from the new date.

use chrono::Utc;
use serde_json::{Map, Value};

use super::input::{Given, TaskInput};
use super::model::{Day, ListNo, Status, Task, TaskBody, TaskNo};
use super::{part, recur};
use crate::graph::calendar::recurrence_json;
use crate::graph::model::MailboxNo;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The zone in which the service itself writes dates.
const SERVICE_ZONE: &str = "UTC";

/// Creates a task in a list. One that is created as completed brings no next
/// one.
pub(crate) fn create(
    state: &mut State,
    mailbox: MailboxNo,
    list: ListNo,
    mut input: TaskInput,
) -> Result<TaskNo, Refusal> {
    let linked_resources = input.linked_resources.take().unwrap_or_default();
    let extensions = input.extensions.take().unwrap_or_default();
    let now = state.now;
    let mut task = Task {
        number: TaskNo(0),
        mailbox,
        list,
        properties: Map::new(),
        status: Status::NotStarted,
        body: TaskBody::default(),
        due: None,
        start: None,
        completed: None,
        reminder: None,
        recurrence: None,
        checklist_items: Vec::new(),
        linked_resources: Vec::new(),
        attachments: Vec::new(),
        extensions,
        change: 0,
        created: now,
        modified: now,
        body_modified: now,
    };
    apply(state, &mut task, input)?;
    task.number = TaskNo(state.next_item(mailbox));
    task.change = state.next_change();
    task.linked_resources = linked_resources.into_iter().map(|properties| part::made(state, properties)).collect();
    let number = task.number;
    state.tasks.insert(number, task);
    Ok(number)
}

/// Changes a task. Completing a recurring one brings the next.
pub(crate) fn update(state: &mut State, number: TaskNo, input: TaskInput) -> Result<(), Refusal> {
    if input.linked_resources.is_some() {
        let message = "The property 'linkedResources' can only be set when a task is created.";
        return Err(Refusal::invalid_property(message));
    }
    // An extension is added to what exists by a request of its own
    // (api/opentypeextension-post-opentypeextension).
    if input.extensions.is_some() {
        return Err(Refusal::invalid_property("The property 'extensions' can only be set when a task is created."));
    }
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let was_open = task.status != Status::Completed;
    apply(state, &mut task, input)?;
    if was_open && task.status == Status::Completed {
        recur::complete(state, task);
    } else {
        store(state, task);
    }
    Ok(())
}

/// Stores a task as changed.
pub(crate) fn store(state: &mut State, mut task: Task) {
    task.change = state.next_change();
    task.modified = state.now;
    state.tasks.insert(task.number, task);
}

/// Writes a request over a task.
fn apply(state: &State, task: &mut Task, input: TaskInput) -> Result<(), Refusal> {
    for (name, value) in input.properties {
        set(&mut task.properties, name, value);
    }
    if let Some(body) = input.body {
        task.body = body;
        task.body_modified = state.now;
    }
    input.due.apply(&mut task.due);
    input.start.apply(&mut task.start);
    input.reminder.apply(&mut task.reminder);
    apply_recurrence(task, input.recurrence)?;
    task.status = input.status.unwrap_or(task.status);
    apply_completed(state, task, input.completed)
}

fn set(properties: &mut Map<String, Value>, name: String, value: Value) {
    if value.is_null() {
        properties.remove(&name);
    } else {
        properties.insert(name, value);
    }
}

/// The rule and the due date go together. Neither is documented: a rule
/// without a date gives the task its first one, and a recurring task cannot
/// lose its date.
fn apply_recurrence(task: &mut Task, given: Given<Value>) -> Result<(), Refusal> {
    match given {
        Given::Nothing => {}
        Given::Cleared => task.recurrence = None,
        Given::Value(value) => {
            let zone = task.due.as_ref().map_or(SERVICE_ZONE, |due| due.zone.as_str());
            let recurrence = recurrence_json::read_any(&value, zone)?;
            if task.due.is_none() {
                let first = recurrence.dates().next().unwrap_or(recurrence.start);
                task.due = Some(Day { date: first, zone: recurrence.zone.clone() });
            }
            task.recurrence = Some(recurrence);
        }
    }
    if task.recurrence.is_some() && task.due.is_none() {
        return Err(Refusal::invalid_property("A recurring task needs a due date."));
    }
    Ok(())
}

/// A completed task has the date on which it was completed, any other has
/// none.
///
/// DIFFERENCE: the service writes the date of completion as midnight in UTC,
/// so that west of Greenwich `Prefer: outlook.timezone` shows the day before
/// (microsoft-graph-docs#8192, acknowledged as a fault). What a client writes
/// is kept in the client's zone. What becomes of a date of completion without
/// the status is not documented; here it is refused.
fn apply_completed(state: &State, task: &mut Task, given: Given<Day>) -> Result<(), Refusal> {
    let is_completed = task.status == Status::Completed;
    match given {
        Given::Value(day) if is_completed => task.completed = Some(day),
        Given::Value(_) => {
            let message = "completedDateTime belongs to the status 'completed'.";
            return Err(Refusal::invalid_property(message));
        }
        Given::Cleared => task.completed = None,
        Given::Nothing => {}
    }
    if is_completed {
        let today = || Day { date: state.now.with_timezone(&Utc).date_naive(), zone: SERVICE_ZONE.to_owned() };
        task.completed.get_or_insert_with(today);
    } else {
        task.completed = None;
    }
    Ok(())
}

/// Deletes a task and leaves a tombstone for delta rounds.
pub(crate) fn remove(state: &mut State, number: TaskNo) {
    if let Some(task) = state.tasks.remove(&number) {
        state.leave_tombstone(task.mailbox, task.list.into(), number.0, 0);
    }
}

/// Moves a task to another list, with all that belongs to it: its id changes
/// (resources/todotask), and the old list remembers it as deleted. Answers the
/// number that it has now.
pub(crate) fn relocate(state: &mut State, number: TaskNo, list: ListNo) -> TaskNo {
    let Some(mut task) = state.tasks.get(&number).filter(|task| task.list != list).cloned() else {
        return number;
    };
    remove(state, number);
    task.number = TaskNo(state.next_item(task.mailbox));
    task.list = list;
    let moved = task.number;
    store(state, task);
    moved
}
