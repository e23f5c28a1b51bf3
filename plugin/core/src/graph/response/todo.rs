//! What did Graph answer about Microsoft To Do?

use serde::Deserialize;

use super::{Collection, entry, read_json, round_page};
use crate::graph::failure::{Failure, Subject};
use crate::graph::wire::{
    LinkedResource, PageLink, TodoDeltaItem, TodoDeltaPage, TodoListPage, TodoTask, TodoTaskList, TodoTaskPage,
};
use crate::mapping::zone_from_graph;
use crate::model::Zone;
use crate::ports::HttpResponse;

/// A page of the task lists of the mailbox (`api/todo-list-lists`). A cloud
/// without To Do comes as [`Failure::lacks_todo`].
pub fn read_todo_lists(response: &HttpResponse) -> Result<TodoListPage, Failure> {
    let found: Collection<TodoTaskList> = read_json(response, Subject::Mailbox, "a list of task lists")?;
    Ok(TodoListPage { lists: found.value, next: found.next_link.map(PageLink::new) })
}

/// A page of a round over a list (`api/todotask-delta`). An entry that cannot be
/// read does not take the others with it. A list that does not exist comes as
/// [`crate::graph::Reaction::ItemGone`].
pub fn read_todo_delta_page(response: &HttpResponse) -> Result<TodoDeltaPage, Failure> {
    let (entries, next) = round_page(response, Subject::TaskListRound)?;
    let item = |value| match entry::<TodoTask>(value) {
        (Some(id), None) => TodoDeltaItem::Removed(id),
        (Some(_), Some(Ok(task))) => TodoDeltaItem::Changed(Box::new(task)),
        (id, _) => TodoDeltaItem::Malformed(id),
    };
    Ok(TodoDeltaPage { items: entries.into_iter().map(item).collect(), next })
}

/// A task that was read or changed (`api/todotask-get`, `api/todotask-update`).
pub fn read_todo_task(response: &HttpResponse) -> Result<TodoTask, Failure> {
    task(response, Subject::Item)
}

/// A task that was created (`api/todotasklist-post-tasks`). A list that does not
/// exist comes as [`crate::graph::Reaction::ItemGone`].
pub fn read_todo_created(response: &HttpResponse) -> Result<TodoTask, Failure> {
    task(response, Subject::NewTask)
}

fn task(response: &HttpResponse, subject: Subject) -> Result<TodoTask, Failure> {
    let expected = "a task with an id";
    let task: TodoTask = read_json(response, subject, expected)?;
    if task.id.is_some() { Ok(task) } else { Err(Failure::unreadable(response, expected)) }
}

/// A page of the tasks of a list (`api/todotasklist-list-tasks`). An entry that
/// cannot be read fails the page: passed over, it might be the one that is
/// looked for.
pub fn read_todo_tasks(response: &HttpResponse) -> Result<TodoTaskPage, Failure> {
    let found: Collection<TodoTask> = read_json(response, Subject::TaskListRound, "a list of tasks")?;
    Ok(TodoTaskPage { tasks: found.value, next: found.next_link.map(PageLink::new) })
}

/// That a linked resource was added (`api/todotask-post-linkedresources`). A
/// task that does not exist comes as [`crate::graph::Reaction::ItemGone`].
pub fn read_linked_resource_added(response: &HttpResponse) -> Result<(), Failure> {
    read_json::<LinkedResource>(response, Subject::Item, "a linked resource").map(|_| ())
}

#[derive(Deserialize)]
struct Setting {
    value: Option<String>,
}

/// The time zone of the mailbox (`api/user-get-mailboxsettings`): a Windows or
/// an IANA name.
///
/// # Errors
/// A zone that only the mailbox knows, and one that nobody has chosen yet, come
/// as [`crate::graph::Reaction::SkipItem`]: asking again does not help, and another
/// zone may be taken.
pub fn read_mailbox_zone(response: &HttpResponse) -> Result<Zone, Failure> {
    let expected = "the name of a known time zone";
    let setting: Setting = read_json(response, Subject::Mailbox, expected)?;
    let name = setting.value.unwrap_or_default();
    zone_from_graph(&name).map_err(|_| Failure::not_understood(response, expected))
}

#[cfg(test)]
mod tests;
