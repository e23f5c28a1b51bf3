//! The item that an alert or an issue is about, by its name.
//!
//! Reports and alerts hold identifiers alone, so that nobody else's titles are in
//! them. The page of the user whose item it is looks the title and the day up, and
//! leads to it; for everybody else an item has no name.

use serde::Serialize;

use super::Web;
use super::calendar::of_crm;
use super::dates::Dates;
use super::error::PageError;
use super::viewer::Viewer;
use crate::app::Resource;
use crate::app::options::TASK_PAGES;
use crate::crm::notices::NoticeResource;
use crate::crm::users::User;
use crate::crm::{Crm, CrmError, EventId, TaskId};

/// An item with its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ItemLine {
    /// The title.
    pub title: String,
    /// When it takes place, or is due.
    pub when: String,
    /// Its page.
    pub href: Option<String>,
}

/// The record of the CRM with this identifier; none where it is not the viewer's
/// own, or is gone.
pub fn own_item(web: &Web, viewer: &Viewer, about: NoticeResource, id: &str) -> Result<Option<ItemLine>, PageError> {
    Ok(item_of(web.app.crm(), &viewer.user, viewer.dates(), about, id)?)
}

/// The record of the CRM with this identifier; none where it is not `owner`'s, or
/// is gone.
///
/// # Errors
/// The database fails.
pub fn item_of(
    crm: &Crm,
    owner: &User,
    dates: Dates,
    about: NoticeResource,
    id: &str,
) -> Result<Option<ItemLine>, CrmError> {
    let found = match about {
        NoticeResource::Account => return Ok(None),
        NoticeResource::Calendar => id.parse().ok().map(|id| event(crm, owner, dates, id)),
        NoticeResource::Tasks => id.parse().ok().map(|id| task(crm, owner, dates, id)),
    };
    match found {
        None | Some(Err(CrmError::NotFound { .. })) => Ok(None),
        Some(found) => found,
    }
}

/// The version of a record of the CRM; none where it is gone.
///
/// # Errors
/// The database fails.
pub fn version_of(crm: &Crm, about: NoticeResource, id: &str) -> Result<Option<String>, CrmError> {
    let found = match about {
        NoticeResource::Account => return Ok(None),
        NoticeResource::Calendar => id.parse().ok().map(|id| Ok(crm.any_event(id)?.version.as_str().to_owned())),
        NoticeResource::Tasks => id.parse().ok().map(|id| Ok(crm.any_task(id)?.version.as_str().to_owned())),
    };
    match found {
        None | Some(Err(CrmError::NotFound { .. })) => Ok(None),
        Some(found) => found.map(Some),
    }
}

/// What alerts call a resource.
pub const fn about(resource: Resource) -> NoticeResource {
    match resource {
        Resource::Calendar => NoticeResource::Calendar,
        Resource::Tasks => NoticeResource::Tasks,
        // No alert is about mail, and no item of it has a page.
        Resource::Mail => NoticeResource::Account,
    }
}

fn event(crm: &Crm, owner: &User, dates: Dates, id: EventId) -> Result<Option<ItemLine>, CrmError> {
    let event = crm.any_event(id)?;
    let shown = of_crm(&event);
    let line = ItemLine { when: shown.when_text(dates), title: shown.title, href: shown.href };
    Ok((event.owner == owner.id).then_some(line))
}

fn task(crm: &Crm, owner: &User, dates: Dates, id: TaskId) -> Result<Option<ItemLine>, CrmError> {
    let task = crm.any_task(id)?;
    let line = ItemLine {
        title: task.values.subject.clone(),
        when: task.values.due_date.map(|due| dates.instant(due)).unwrap_or_default(),
        href: Some(format!("{TASK_PAGES}{id}")),
    };
    Ok((task.owner == owner.id).then_some(line))
}
