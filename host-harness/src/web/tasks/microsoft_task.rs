//! The page of a task of To Do.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{href_of as list_of, sources, twins};
use crate::app::Resource;
use crate::crm::CrmError;
use crate::crm::notices::NoticeResource;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::items::item_of;
use crate::web::mailbox::{self, Mailbox};
use crate::web::microsoft_item::{self, Counterpart, Looks, MicrosoftItem};
use crate::web::viewer::Viewer;

/// Which task.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    user: String,
    /// What Graph calls it.
    #[serde(default)]
    id: String,
}

/// The address of the page of a task.
pub fn href_of(login: &str, id: &str) -> String {
    format!("/tasks/microsoft?user={}&id={}", encoded(login), encoded(id))
}

pub(super) async fn show(
    State(web): State<Web>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let Mailbox { name, .. } = mailbox::of(&web, &user).await??;
    let todo = sources::microsoft(&web, &user).await??;
    let task = todo.into_iter().find(|task| task.id == wanted.id).ok_or(PageError::NotFound)?;
    let dates = viewer.dates();
    let item = MicrosoftItem {
        mailbox: &name,
        id: &task.id,
        linked_as: &task.id,
        when: task.due_on.map(|day| dates.day(day)).unwrap_or_default(),
        title: task.title.clone(),
        note: None,
        back_href: list_of(&user.login),
    };
    let counterpart = |record: &str| {
        let line = item_of(web.app.crm(), &user, dates, NoticeResource::Tasks, record)?;
        let ours = record.parse().ok().map(|id| web.app.crm().any_task(id)).transpose();
        let is_alike = match ours {
            Ok(ours) => ours.is_some_and(|ours| twins::look_alike(user.time_zone.0, &ours, &task)),
            Err(CrmError::NotFound { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Counterpart { line, looks: if is_alike { Looks::Alike } else { Looks::Different } })
    };
    microsoft_item::page(&web, &viewer, &user, Resource::Tasks, item, counterpart).await
}
