//! All that a preview would write, a page at a time, behind a report that has no room for
//! it: whoever releases a guard rail has to be able to read everything that it holds.
//!
//! It is what the preview has found, as it is kept with the session: a page of it is no
//! look of its own, so that all of them are of one and the same moment.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Web;
use super::error::PageError;
use super::first_sync;
use super::forms::encoded;
use super::listing::{Asked, Pager};
use super::render;
use super::report::{OPERATIONS_LAID_OUT_MAX, OPERATIONS_SHOWN_MAX, OperationLine, in_reading_order, operation_line};
use super::viewer::{Place, Viewer};
use crate::app::{PlannedWrite, PreviewReport, Resource};
use crate::crm::users::User;

/// The page of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/preview", get(show))
}

/// What a preview has found.
#[derive(Clone, Debug)]
pub struct KeptPreview {
    /// When it began to look at both sides.
    pub at: DateTime<Utc>,
    /// What would be written, in the order in which it is read.
    pub writes: Arc<[PlannedWrite]>,
}

/// Keeps what a preview would write for the pages that it is read on, where its report may
/// have no room for it; `at` is when it began to look.
pub fn keep(web: &Web, viewer: &Viewer, user: &User, at: DateTime<Utc>, report: &PreviewReport) {
    let found = || KeptPreview { at, writes: in_reading_order(&report.operations).into_iter().cloned().collect() };
    let preview = (report.operations.len() > OPERATIONS_SHOWN_MAX).then(found);
    web.sessions.keep_preview(&viewer.session, (user.id, report.resource), preview);
}

/// The first page of what is kept of a resource of a user.
pub fn page_of(user: &User, resource: Resource) -> String {
    page(&user.login, resource, 1)
}

fn page(login: &str, resource: Resource, number: usize) -> String {
    format!("/preview?user={}&resource={}&page={number}", encoded(login), resource.as_str())
}

/// What is asked of the page.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    resource: String,
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Debug, Serialize)]
struct PreviewView {
    subtitle: String,
    /// When both sides were looked at; none where nothing is kept.
    at: Option<String>,
    /// Where a preview is asked for.
    back_href: String,
    operations: Vec<OperationLine>,
    pager: Pager,
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.asked.user)?;
    let resource = wanted.resource.parse().unwrap_or(Resource::Calendar);
    let kept = web.sessions.preview(&viewer.session, (user.id, resource));
    let at = kept.as_ref().map(|kept| viewer.dates().instant(kept.at));
    let writes = kept.map(|kept| kept.writes).unwrap_or_default();
    let pages = writes.len().div_ceil(OPERATIONS_LAID_OUT_MAX).max(1);
    let number = wanted.asked.page().min(pages);
    let shown = writes.iter().skip((number - 1) * OPERATIONS_LAID_OUT_MAX).take(OPERATIONS_LAID_OUT_MAX);
    let (place, resource_page) = match resource {
        Resource::Tasks => (Place::Tasks, "/tasks"),
        Resource::Calendar | Resource::Mail => (Place::Calendar, "/calendar"),
    };
    let back_href = if web.app.first_sync_waits(user.id)? {
        first_sync::page_of(&viewer, &user)
    } else {
        format!("{resource_page}?user={}", encoded(&user.login))
    };
    let view = PreviewView {
        subtitle: format!("{} of {}", resource.label(), user.display_name),
        at,
        back_href,
        operations: shown.map(|write| operation_line(&web.product, write)).collect(),
        pager: Pager::new(writes.len(), ("item", "items"), (number, pages), |number| {
            page(&user.login, resource, number)
        }),
    };
    Ok(render::page("preview.html", &viewer.chrome(&web, place), &view)?.into_response())
}
