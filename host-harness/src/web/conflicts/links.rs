//! Where the item of a conflict is to be seen, on either side.

use serde::Serialize;

use crate::app::options::TASK_PAGES;
use crate::crm::CrmError;
use crate::crm::notices::{Conflict, NoticeResource};
use crate::crm::users::User;
use crate::web::forms::encoded;
use crate::web::notices::resource_label;
use crate::web::{Web, calendar, tasks};

/// Outlook on the web shows an event at this address, before its identifier.
const OUTLOOK_EVENTS: &str = "https://outlook.office.com/calendar/item/";

/// To Do on the web shows a task at this address, before its identifier.
const TO_DO_TASKS: &str = "https://to-do.office.com/tasks/id/";

/// Where an item is to be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Links {
    /// The page of the CRM's record; none where there is none (any more).
    pub crm: Option<String>,
    /// Microsoft's item; beside the emulator, the page that shows what is there.
    pub microsoft: Option<String>,
}

impl Links {
    /// Of the item of a conflict of this user.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn of(web: &Web, user: &User, conflict: &Conflict) -> Result<Self, CrmError> {
        let crm = title_of(web, user, conflict)?.and(conflict.item_id.as_deref()).and_then(|id| {
            Some(match conflict.resource {
                NoticeResource::Account => return None,
                NoticeResource::Calendar => format!("/calendar/events/{id}"),
                NoticeResource::Tasks => format!("{TASK_PAGES}{id}"),
            })
        });
        let is_real = web.app.options().graph_url.is_some();
        let microsoft = conflict.external_id.as_deref().and_then(|id| {
            Some(match (conflict.resource, is_real) {
                (NoticeResource::Account, _) => return None,
                (NoticeResource::Calendar, true) => format!("{OUTLOOK_EVENTS}{}", encoded(id)),
                (NoticeResource::Tasks, true) => format!("{TO_DO_TASKS}{}", encoded(id)),
                (NoticeResource::Calendar, false) => calendar::href_of(&user.login),
                (NoticeResource::Tasks, false) => tasks::href_of(&user.login),
            })
        });
        Ok(Self { crm, microsoft })
    }
}

/// The title of the item of a conflict of this user's own, as it is now, or was.
///
/// # Errors
/// The CRM cannot be read.
pub(super) fn title(web: &Web, user: &User, conflict: &Conflict) -> Result<String, CrmError> {
    let title = title_of(web, user, conflict)?.unwrap_or_else(|| conflict.title.clone());
    Ok(if title.is_empty() { resource_label(conflict.resource).to_owned() } else { title })
}

/// The title of the record that a conflict of this user's is about, as it is now;
/// none where the record is gone.
fn title_of(web: &Web, user: &User, conflict: &Conflict) -> Result<Option<String>, CrmError> {
    let Some(id) = conflict.item_id.as_ref() else { return Ok(None) };
    let crm = web.app.crm();
    let found = match conflict.resource {
        NoticeResource::Account => None,
        NoticeResource::Calendar => {
            id.parse().ok().map(|id| crm.any_event(id).map(|event| (event.owner, event.values.title)))
        }
        NoticeResource::Tasks => {
            id.parse().ok().map(|id| crm.any_task(id).map(|task| (task.owner, task.values.subject)))
        }
    };
    match found {
        None | Some(Err(CrmError::NotFound { .. })) => Ok(None),
        Some(Ok((owner, title))) => Ok((owner == user.id).then_some(title)),
        Some(Err(error)) => Err(error),
    }
}
