//! The page of a task of To Do: what it is, what stands for it in the CRM, and why
//! nothing does.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{href, href_of as list_of, sources, twins};
use crate::app::Resource;
use crate::crm::task::Task;
use crate::web::calendar::MicrosoftItemView;
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::items::ItemLine;
use crate::web::link::Records;
use crate::web::mailbox::{self, Mailbox};
use crate::web::viewer::{Place, Viewer};
use crate::web::{Web, render};

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
    let Mailbox { name, .. } = mailbox::of(&web, &user).await?.map_err(PageError::Invalid)?;
    let todo = sources::microsoft(&web, &user).await?.map_err(PageError::Invalid)?;
    let task = todo.into_iter().find(|task| task.id == wanted.id).ok_or(PageError::NotFound)?;
    let records = Records::of_external(&web, &viewer, &user, Resource::Tasks, &[&wanted.id]).await?;
    let named = records.record_ids();
    let tasks = web.app.crm().tasks_of(user.id)?;
    let is_named = |one: &&Task| named.contains(&one.id.to_string()) || task.crm_id == Some(one.id);
    let looks = |one: &&Task| task.crm_id.is_none() && twins::looks_like(one, &task, user.time_zone.0);
    let crm = tasks.iter().find(is_named).or_else(|| tasks.iter().find(looks)).map(|one| ItemLine {
        title: one.values.subject.clone(),
        when: one.values.due_date.map(|due| viewer.dates().instant(due)).unwrap_or_default(),
        href: Some(href(one.id)),
    });
    let item = mailbox::item_href(&web, &name, "tasks", &task.id);
    let view = MicrosoftItemView {
        title: task.title,
        when: task.due_on.map(|day| viewer.dates().day(day)).unwrap_or_default(),
        note: None,
        back_href: list_of(&user.login),
        back_label: "Tasks",
        link: records.of_microsoft(crm.is_some(), item),
        crm,
    };
    Ok(render::page("microsoft_item.html", &viewer.chrome(&web, Place::Tasks), &view)?.into_response())
}
