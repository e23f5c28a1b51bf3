//! Files attached to tasks (resources/taskfileattachment).
//!
//! DIFFERENCE: whether a file that is added or deleted is a change of the task
//! is not documented, nor what becomes of the files of a task that moves to
//! another list. Here the etag moves, and rounds of change tracking report the
//! task; its files move along, and keep their ids.

use super::edit::store;
use super::model::{Attachment, Task, TaskNo};
use crate::graph::model::FileAttachment;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The type of a file in requests and answers.
pub(crate) const TYPE: &str = "#microsoft.graph.taskFileAttachment";

/// Finds one by its id.
pub(crate) fn find<'a>(task: &'a Task, id: &str) -> Result<&'a Attachment, Refusal> {
    let is_it = |known: &&Attachment| known.file.id.eq_ignore_ascii_case(id);
    task.attachments.iter().find(is_it).ok_or_else(Refusal::item_not_found)
}

/// Adds a file to a task (api/todotask-post-attachments), and hands it back.
pub(crate) fn add(state: &mut State, number: TaskNo, file: FileAttachment) -> Result<Attachment, Refusal> {
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let added = Attachment { file: FileAttachment { id: state.guid(), ..file }, modified: state.now };
    task.attachments.push(added.clone());
    store(state, task);
    Ok(added)
}

/// Removes a file (api/taskfileattachment-delete).
pub(crate) fn remove(state: &mut State, number: TaskNo, id: &str) -> Result<(), Refusal> {
    let mut task = state.tasks.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    let id = find(&task, id)?.file.id.clone();
    task.attachments.retain(|known| known.file.id != id);
    store(state, task);
    Ok(())
}
