//! "Sync now" and "Preview" of the page of a resource: the buttons post here,
//! and the page shows the report once.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;

use super::Web;
use super::error::{PageError, sentence};
use super::forms::local_path;
use super::items::{ItemLine, about, own_item};
use super::report::ReportView;
use super::session::Parting;
use super::viewer::Posted;
use crate::app::{AppError, IssueReport, Resource};
use crate::crm::users::User;

/// The two buttons of the page at `page`.
pub fn routes(page: &'static str, resource: Resource) -> Router<Web> {
    Router::new()
        .route(&format!("{page}/sync"), post(async move |web, posted| sync(web, posted, page, resource).await))
        .route(&format!("{page}/preview"), post(async move |web, posted| preview(web, posted, page, resource).await))
}

async fn sync(
    State(web): State<Web>,
    posted: Posted,
    page: &'static str,
    resource: Resource,
) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let report = match web.app.sync(user.id, resource, None).await {
        Ok(run) => ReportView::of_run(&web.product, &run, &names(&web, &posted, resource)),
        Err(error) => refused("Sync now", &error),
    };
    Ok(back_with(&web, &posted, page, &user, report))
}

async fn preview(
    State(web): State<Web>,
    posted: Posted,
    page: &'static str,
    resource: Resource,
) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let report = match web.app.preview(user.id, resource).await {
        Ok(preview) => ReportView::of_preview(&web.product, &preview, &names(&web, &posted, resource)),
        Err(error) => refused("Preview", &error),
    };
    Ok(back_with(&web, &posted, page, &user, report))
}

/// What the items of a report are called, where they are the viewer's own. A name
/// that cannot be read is none: the report is worth more.
fn names(web: &Web, posted: &Posted, resource: Resource) -> impl Fn(&IssueReport) -> Option<ItemLine> {
    let (web, viewer) = (web.clone(), posted.viewer.clone());
    move |issue| own_item(&web, &viewer, about(resource), issue.item_id.as_deref()?).ok().flatten()
}

fn refused(title: &'static str, error: &AppError) -> ReportView {
    let sentence = match error {
        AppError::Blocked(reason) => reason.sentence().to_owned(),
        AppError::Plugin(_) | AppError::Crm(_) | AppError::Waiting { .. } | AppError::Unavailable { .. } => {
            sentence(error, error.hint())
        }
    };
    ReportView::refused(title, sentence)
}

fn back_with(web: &Web, posted: &Posted, page: &'static str, user: &User, report: ReportView) -> Response {
    web.sessions.set_parting(&posted.viewer.session, Parting::Report(user.id, report));
    let next = match local_path(posted.form.trimmed("next")) {
        "/" => page,
        path => path,
    };
    Redirect::to(next).into_response()
}
