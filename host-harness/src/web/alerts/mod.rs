//! The alerts: their list (`list`), and for administrators the release of a guard rail
//! (Oro rows E12, E13).

mod list;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::Web;
use super::access::Target;
use super::confirm::ConfirmView;
use super::error::{PageError, sentence};
use super::forms::{encoded, local_path};
use super::notices::resource_label;
use super::render;
use super::run_now::PreviewForm;
use super::viewer::{Place, Posted, Viewer};
use crate::app::{ReleaseError, is_releasable};
use crate::crm::AlertId;
use crate::crm::notices::Alert;

/// The address of this page.
const PAGE: &str = "/alerts";

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new().route(PAGE, get(list::show)).route("/alerts/{id}/release", get(ask).post(release))
}

/// The address of the open alerts of a user, by login; of everybody's for none.
pub fn page_of(login: &str) -> String {
    if login.is_empty() { PAGE.to_owned() } else { format!("{PAGE}?user={}", encoded(login)) }
}

fn href(id: AlertId) -> String {
    format!("{PAGE}/{id}/release")
}

/// Where a guard rail is released by somebody who comes from the page `from`, and goes
/// back there.
pub fn release_from(id: AlertId, from: &str) -> String {
    format!("{}?next={}", href(id), encoded(from))
}

/// The page that somebody came from: of this module, where none is named.
fn back(next: &str) -> &str {
    match local_path(next) {
        "/" => PAGE,
        page => page,
    }
}

/// Where somebody comes from who is asked.
#[derive(Debug, Deserialize)]
struct Origin {
    #[serde(default)]
    next: String,
}

/// The alert of a path, for those who may release it.
fn open(web: &Web, viewer: &Viewer, path: &str) -> Result<Alert, PageError> {
    let id: AlertId = path.parse().map_err(|_| PageError::NotFound)?;
    let alert = web.app.crm().alert(id)?;
    viewer.require(Target::Organization(alert.organization_id))?;
    Ok(alert)
}

/// Says what will happen before it does.
async fn ask(
    State(web): State<Web>,
    viewer: Viewer,
    Path(path): Path<String>,
    Query(origin): Query<Origin>,
) -> Result<Response, PageError> {
    let alert = open(&web, &viewer, &path)?;
    if !is_releasable(&alert) {
        return Err(PageError::NotFound);
    }
    let owner = alert.user_id.map(|id| web.app.crm().user(id)).transpose()?;
    let of_whom = owner.as_ref().map(|user| format!(" of {}", user.display_name)).unwrap_or_default();
    let title = format!("Release the guard rail: {}{of_whom}", resource_label(alert.resource));
    let question = format!("{} {}", alert.message, alert.hint);
    let next = back(&origin.next);
    let view = ConfirmView::post("Release", question, &href(alert.id), next)
        .titled(title)
        .with("read", &alert.message)
        .with("next", next)
        .with_preview(owner.and_then(|owner| PreviewForm::of(alert.resource, &owner)));
    Ok(render::page("confirm.html", &viewer.chrome(&web, Place::Alerts), &view)?.into_response())
}

async fn release(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let alert = open(&web, &posted.viewer, &path)?;
    let session = &posted.viewer.session;
    // Without what was read, nobody has read anything.
    match web.app.release(alert.id, Some(posted.form.get("read").unwrap_or_default())).await {
        Ok(_) => {
            let done = "The guard rail was released. What it held back is carried out by the next run, once.";
            web.sessions.set_flash(session, "good", done);
        }
        Err(error @ ReleaseError::App(crate::app::AppError::Plugin(_))) => {
            tracing::error!(%error, "a guard rail was not released");
            web.sessions.set_flash(session, "bad", sentence(&error, error.hint()));
        }
        Err(error) => web.sessions.set_flash(session, "bad", sentence(&error, error.hint())),
    }
    Ok(Redirect::to(back(posted.form.trimmed("next"))).into_response())
}
