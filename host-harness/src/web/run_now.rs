//! "Sync now" and "Preview" of the page of a resource: the buttons post here,
//! and the page shows the report once.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use serde::Serialize;

use super::Web;
use super::blocked::{self, Link};
use super::error::PageError;
use super::forms::{encoded, local_path};
use super::items::{ItemLine, about, own_item};
use super::preview;
use super::reader::Reader;
use super::remedy::Remedy;
use super::report::ReportView;
use super::session::Parting;
use super::switched_off;
use super::viewer::{Posted, Viewer};
use crate::app::{AppError, Blocked, IssueReport, Resource};
use crate::crm::notices::NoticeResource;
use crate::crm::users::User;

/// The button "Preview" of another page: it leads to the page of the resource, which
/// shows the report.
#[derive(Clone, Debug, Serialize)]
pub struct PreviewForm {
    action: String,
    user: String,
    next: String,
}

impl PreviewForm {
    /// Of what a notice about a user is about; none for the account, which has nothing
    /// to preview.
    pub fn of(about: NoticeResource, user: &User) -> Option<Self> {
        let page = match about {
            NoticeResource::Account => return None,
            NoticeResource::Calendar => "/calendar",
            NoticeResource::Tasks => "/tasks",
        };
        Some(Self {
            action: format!("{page}/preview"),
            user: user.login.clone(),
            next: format!("{page}?user={}", encoded(&user.login)),
        })
    }
}

/// The two buttons of the page at `page`.
pub fn routes(page: &'static str, resource: Resource) -> Router<Web> {
    Router::new()
        .route(&format!("{page}/sync"), post(async move |web, posted| sync(web, posted, page, resource).await))
        .route(&format!("{page}/preview"), post(async move |web, posted| look(web, posted, page, resource).await))
}

async fn sync(
    State(web): State<Web>,
    posted: Posted,
    page: &'static str,
    resource: Resource,
) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let report = run(&web, &posted.viewer, &user, resource).await;
    Ok(back_with(&web, &posted.viewer, next(&posted, page), &user, report))
}

/// Runs a resource of a user now, and says what came of it.
pub async fn run(web: &Web, viewer: &Viewer, user: &User, resource: Resource) -> ReportView {
    match web.app.sync(user.id, resource, None).await {
        Ok(run) if run.blocked == Some(Blocked::Disabled) && run.wrote_nothing() => {
            switched_off(web, viewer, user, resource, "Sync now").await
        }
        Ok(run) => {
            let view =
                ReportView::of_run(&web.product, &run, Reader::of(viewer, user.id), &names(web, viewer, resource));
            view.leading_to(run.blocked.and_then(|reason| blocked::link(reason, viewer, user)))
        }
        Err(error) => refused("Sync now", viewer, user, &error),
    }
}

async fn look(
    State(web): State<Web>,
    posted: Posted,
    page: &'static str,
    resource: Resource,
) -> Result<Response, PageError> {
    let viewer = &posted.viewer;
    let user = viewer.open_login(&web, posted.form.trimmed("user"))?;
    let began = web.app.clock().now();
    let report = match web.app.preview(user.id, resource).await {
        Ok(report) if report.blocked == Some(Blocked::Disabled) => {
            switched_off(&web, viewer, &user, resource, "Preview").await
        }
        Ok(report) => {
            let names = names(&web, viewer, resource);
            let view = ReportView::of_preview(&web.product, &report, Reader::of(viewer, user.id), &names);
            preview::keep(&web, viewer, &user, began, &report);
            let view = view.with_all_at(preview::page_of(&user, resource));
            view.leading_to(report.blocked.and_then(|reason| blocked::link(reason, viewer, &user)))
        }
        Err(error) => refused("Preview", viewer, &user, &error),
    };
    Ok(back_with(&web, viewer, next(&posted, page), &user, report))
}

/// What the items of a report are called, where they are the viewer's own. A name
/// that cannot be read is none: the report is worth more.
pub fn names(web: &Web, viewer: &Viewer, resource: Resource) -> impl Fn(&IssueReport) -> Option<ItemLine> {
    let (web, viewer) = (web.clone(), viewer.clone());
    move |issue| own_item(&web, &viewer, about(resource), issue.item_id.as_deref()?).ok().flatten()
}

fn refused(title: &'static str, viewer: &Viewer, user: &User, error: &AppError) -> ReportView {
    let link = match error {
        AppError::Blocked(reason) => blocked::link(*reason, viewer, user),
        AppError::Plugin(_) | AppError::Crm(_) | AppError::Waiting { .. } | AppError::Unavailable { .. } => None,
    };
    ReportView::refused(title, blocked::sentence_of(error, Reader::of(viewer, user.id))).leading_to(link)
}

/// Of a resource that is off: where that is, and the way there.
async fn switched_off(web: &Web, viewer: &Viewer, user: &User, resource: Resource, title: &'static str) -> ReportView {
    let Remedy { hint, href, label } = switched_off::or_less_exactly(web, viewer, user, resource).await;
    ReportView::refused(title, hint).leading_to(href.map(|href| Link { href, label }))
}

/// The page that the form came from.
fn next<'a>(posted: &'a Posted, page: &'a str) -> &'a str {
    match local_path(posted.form.trimmed("next")) {
        "/" => page,
        path => path,
    }
}

/// Leads back to a page, which shows the report once.
pub fn back_with(web: &Web, viewer: &Viewer, page: &str, user: &User, report: ReportView) -> Response {
    web.sessions.set_parting(&viewer.session, Parting::Report(user.id, report));
    Redirect::to(page).into_response()
}
