//! What To Do shows of the task that a task of the CRM is linked with, and which tasks
//! are linked at all. The component says it (see [`crate::web::link`]).

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::sources::{self, TodoTask};
use super::view::{is_closed, is_completed};
use crate::app::{ItemName, Resource};
use crate::crm::task::Task;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::link::There;
use crate::web::mailbox;
use crate::web::titles;

/// What To Do shows now of the task that a task is linked with.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn there(web: &Web, user: &User, task: &Task, external_id: &str) -> Result<There, PageError> {
    let Ok(todo) = sources::microsoft(web, user).await? else { return Ok(There::Unread) };
    let Some(account) = web.app.account(user.id).await? else { return Ok(There::Unread) };
    let Some(other) = todo.iter().find(|other| other.id == external_id) else { return Ok(There::Gone) };
    let differs = !look_alike(user.time_zone.0, task, other);
    Ok(There::Here { href: mailbox::item_href(web, &account.name, "tasks", external_id), differs })
}

/// Whether a task has the same values as one of To Do in what both pages show, on the
/// days of its owner.
pub fn look_alike(owner_zone: Tz, task: &Task, other: &TodoTask) -> bool {
    let due_on = task.values.due_date.map(|due| due.with_timezone(&owner_zone).date_naive());
    let is_same = (due_on, is_closed(task)) == (other.due_on, is_completed(other));
    is_same && titles::are_one(&task.values.subject, &other.title)
}

/// The same tasks of To Do, each with the task of the CRM that it is linked with.
///
/// # Errors
/// The component fails.
pub async fn linked(
    web: &Web,
    user: &User,
    tasks: &[Task],
    mut todo: Vec<TodoTask>,
) -> Result<Vec<TodoTask>, PageError> {
    if todo.is_empty() {
        return Ok(todo);
    }
    let names = tasks.iter().map(|task| ItemName::Record(task.id.to_string())).collect();
    let standings = web.app.links_of(user, Resource::Tasks, names).await?;
    let links = tasks.iter().zip(standings).filter_map(|(task, standing)| Some((standing.link?.external_id, task.id)));
    let links: BTreeMap<String, _> = links.collect();
    for task in &mut todo {
        task.crm_id = links.get(&task.id).copied();
    }
    Ok(todo)
}
