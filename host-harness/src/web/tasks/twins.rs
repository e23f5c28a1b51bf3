//! Which task of To Do is a task of the CRM, as far as its page can know it (see
//! [`crate::web::link`]).

use chrono_tz::Tz;

use super::sources::{self, TodoTask};
use super::view::{is_closed, is_completed, mark_of_crm, mark_of_todo};
use crate::crm::task::Task;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::link::{How, Twin};
use crate::web::mailbox;

/// What there is of a task in To Do; `named` is what records of the sync call it
/// there.
///
/// # Errors
/// The CRM cannot be read, or the component fails.
pub async fn find(web: &Web, user: &User, task: &Task, named: &[String]) -> Result<Twin, PageError> {
    let todo = match sources::microsoft(web, user).await? {
        Ok(todo) => todo,
        Err(sentence) => return Ok(Twin::Hidden(sentence)),
    };
    let zone = user.time_zone.0;
    let known = |other: &TodoTask| {
        if named.contains(&other.id) {
            Some(How::Named)
        } else if other.crm_id == Some(task.id) {
            Some(How::Address)
        } else if other.crm_id.is_none() && looks_like(task, other, zone) {
            Some(How::Looks)
        } else {
            None
        }
    };
    let found = todo.iter().filter_map(|other| known(other).map(|how| (other, how))).min_by_key(|(_, how)| *how);
    let Some((other, how)) = found else { return Ok(Twin::None) };
    let Some(account) = web.app.account(user.id).await? else { return Ok(Twin::None) };
    let differs = !looks_like(task, other, zone) || is_closed(task) != is_completed(other);
    Ok(Twin::Found { href: mailbox::item_href(web, &account.name, "tasks", &other.id), how, differs })
}

/// Title and day: what both sides have of a task.
pub fn looks_like(task: &Task, other: &TodoTask, zone: Tz) -> bool {
    let (one, other) = (mark_of_crm(task, zone), mark_of_todo(other));
    (one.title, one.due_on) == (other.title, other.due_on)
}
