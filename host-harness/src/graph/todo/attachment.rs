//! Files attached to tasks (resources/taskfileattachment).
//!
//! DIFFERENCE: whether a file that is added or deleted is a change of the task
//! is not documented, nor what becomes of the files of a task that moves to
//! another list. Here the etag moves, and rounds of change tracking report the
//! task; its files move along, and keep their ids.

use super::edit::store;
use super::model::{Task, TaskNo};
use crate::graph::attachment::Attachment;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// Finds one by its id.
pub(crate) fn find<'a>(task: &'a Task, id: &str) -> Result<&'a Attachment, Refusal> {
    let is_it = |known: &&Attachment| known.id.eq_ignore_ascii_case(id);
    task.attachments.iter().find(is_it).ok_or_else(Refusal::item_not_found)
}

/// Adds a file to a task (api/todotask-post-attachments), and hands it back.
pub(crate) fn add(state: &mut State, number: TaskNo, file: Attachment) -> Result<Attachment, Refusal> {
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let added = Attachment { id: state.guid(), ..file };
    task.attachments.push(added.clone());
    store(state, task);
    Ok(added)
}

/// Removes a file (api/taskfileattachment-delete).
pub(crate) fn remove(state: &mut State, number: TaskNo, id: &str) -> Result<(), Refusal> {
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let id = find(&task, id)?.id.clone();
    task.attachments.retain(|known| known.id != id);
    store(state, task);
    Ok(())
}
