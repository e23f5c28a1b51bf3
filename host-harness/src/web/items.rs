//! The item that an alert or an issue is about, by its name.
//!
//! Reports and alerts hold identifiers alone, so that nobody else's titles are in
//! them. The page of the user whose item it is looks the title and the day up, and
//! leads to it; for everybody else an item has no name.

use chrono_tz::Tz;
use serde::Serialize;

use super::Web;
use super::calendar::of_crm;
use super::dates;
use super::error::PageError;
use super::viewer::Viewer;
use crate::app::Resource;
use crate::app::options::TASK_PAGES;
use crate::crm::notices::NoticeResource;
use crate::crm::{CrmError, EventId, TaskId};

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
    let zone = viewer.user.time_zone.0;
    let found = match about {
        NoticeResource::Account => return Ok(None),
        NoticeResource::Calendar => id.parse().ok().map(|id| event(web, viewer, id, zone)),
        NoticeResource::Tasks => id.parse().ok().map(|id| task(web, viewer, id, zone)),
    };
    match found {
        None | Some(Err(CrmError::NotFound { .. })) => Ok(None),
        Some(found) => Ok(found?),
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

fn event(web: &Web, viewer: &Viewer, id: EventId, zone: Tz) -> Result<Option<ItemLine>, CrmError> {
    let event = web.app.crm().any_event(id)?;
    let shown = of_crm(&event);
    let line = ItemLine { when: shown.when_text(zone), title: shown.title, href: shown.href };
    Ok((event.owner == viewer.user.id).then_some(line))
}

fn task(web: &Web, viewer: &Viewer, id: TaskId, zone: Tz) -> Result<Option<ItemLine>, CrmError> {
    let task = web.app.crm().any_task(id)?;
    let line = ItemLine {
        title: task.values.subject.clone(),
        when: task.values.due_date.map(|due| dates::in_zone(due, zone)).unwrap_or_default(),
        href: Some(format!("{TASK_PAGES}{id}")),
    };
    Ok((task.owner == viewer.user.id).then_some(line))
}
