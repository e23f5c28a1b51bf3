//! The next task of a recurring one.
//!
//! Exchange knows no occurrences of tasks: there is one open task, and
//! completing it brings the next. Which of the two keeps the id has been
//! observed both ways (RogerSelwyn/MS365-ToDo#25 and #62); a switch says which
//! it is here.
//!
//! DIFFERENCE: nothing of this is documented. Our reading: the open one has
//! the rule, and the finished one has none any more; the linked resources and
//! the extensions are copied to the other in both cases, the checklist too,
//! unchecked in the open one; start and reminder move along with the due date. Attached files stay
//! with the finished one, whichever id it has, and the open one has none.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::edit::store;
use super::model::{Day, Status, Task, TaskNo};
use super::part;
use crate::graph::behaviour::TodoSpawn;
use crate::graph::calendar::instance::zone;
use crate::graph::dates;
use crate::graph::state::State;
use crate::graph::zones;

/// Stores a task that was just completed, and the one that comes next, if the
/// rule has a further date.
pub(crate) fn complete(state: &mut State, mut finished: Task) {
    let Some(mut open) = next(&finished) else {
        store(state, finished);
        return;
    };
    finished.recurrence = None;
    match state.meta.behaviour.todo_spawn {
        TodoSpawn::NewTask => {
            become_copy(state, &mut open);
            open.created = state.now;
        }
        TodoSpawn::SameIdMovesOn => become_copy(state, &mut finished),
    }
    store(state, finished);
    store(state, open);
}

/// A copy has an id of its own, and so has all that belongs to it.
fn become_copy(state: &mut State, task: &mut Task) {
    task.number = TaskNo(state.next_item(task.mailbox));
    for parts in [&mut task.checklist_items, &mut task.linked_resources] {
        *parts = parts.drain(..).map(|known| part::made(state, known.properties)).collect();
    }
    for known in &mut task.attachments {
        known.id = state.guid();
    }
}

/// The open task after a finished one, as if it were the same.
fn next(finished: &Task) -> Option<Task> {
    let (due, recurrence) = (finished.due.as_ref()?, finished.recurrence.as_ref()?);
    let date = recurrence.dates().find(|date| *date > due.date)?;
    let later = date - due.date;
    let mut open = finished.clone();
    open.status = Status::NotStarted;
    open.completed = None;
    open.attachments.clear();
    open.due = Some(Day { date, zone: due.zone.clone() });
    open.start = finished.start.as_ref().map(|start| Day { date: start.date + later, zone: start.zone.clone() });
    open.reminder = finished.reminder.map(|at| later_on_the_wall(at, later, due));
    for item in &mut open.checklist_items {
        item.properties.insert("isChecked".to_owned(), json!(false));
        item.properties.remove("checkedDateTime");
    }
    Some(open)
}

/// The same time of day in the zone of the due date, so many days later.
fn later_on_the_wall(at: DateTime<Utc>, later: TimeDelta, due: &Day) -> DateTime<Utc> {
    let zone = zone(&due.zone);
    zones::to_utc(dates::later(zones::to_wall(at, zone), later), zone)
}
