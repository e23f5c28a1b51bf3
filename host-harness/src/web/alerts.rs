//! The alerts page: what happened, what to do about it, and for administrators
//! the release of a guard rail (Oro rows E12, E13).
//!
//! A user sees their own alerts, with the names of their items; an administrator
//! sees those of the organization, without other people's titles.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::Web;
use super::access::Target;
use super::confirm::ConfirmView;
use super::error::{PageError, sentence};
use super::forms::{encoded, local_path};
use super::items::{ItemLine, own_item};
use super::notices::{resource_label, visible_alerts};
use super::render;
use super::run_now::PreviewForm;
use super::status::visible_users;
use super::viewer::{Place, Posted, Viewer};
use crate::app::{ReleaseError, is_releasable};
use crate::crm::notices::{ALERTS_MAX, Alert, AlertList, AlertSummary};
use crate::crm::users::User;
use crate::crm::{AlertId, UserId};

/// The address of this page.
const PAGE: &str = "/alerts";

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new().route(PAGE, get(show)).route("/alerts/{id}/release", get(ask).post(release))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    resolved: bool,
    /// Whose, by login; all that the viewer may see where none is given.
    #[serde(default)]
    user: String,
}

#[derive(Debug, Serialize)]
struct AlertsView {
    subtitle: &'static str,
    /// Whose they are, where they are one user's.
    of: Option<String>,
    open_href: String,
    resolved_href: String,
    resolved: bool,
    /// How many are listed, where there may be more.
    limit: Option<usize>,
    /// How many there are of which cause, where there are several.
    causes: Vec<CauseLine>,
    alerts: Vec<AlertLine>,
}

#[derive(Debug, Serialize)]
struct CauseLine {
    resource: &'static str,
    cause: String,
    count: u32,
}

#[derive(Debug, Serialize)]
struct AlertLine {
    since: String,
    /// When it was said last, where that is later.
    last: Option<String>,
    over: Option<String>,
    user: String,
    resource: &'static str,
    message: String,
    hint: String,
    item: Option<ItemLine>,
    /// What shows the items that a guard rail holds.
    preview: Option<PreviewForm>,
    release_href: Option<String>,
    /// What somebody may do who may not release it.
    ask_administrator: bool,
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let list = if wanted.resolved { AlertList::Resolved } else { AlertList::Open };
    let users = visible_users(&web, &viewer)?;
    let one = if wanted.user.is_empty() { None } else { Some(viewer.open_login(&web, &wanted.user)?) };
    let alerts = match &one {
        Some(user) => web.app.crm().alerts_of_user(user.id, list)?,
        None => visible_alerts(&web, &viewer, list)?,
    };
    let limit = (alerts.len() == ALERTS_MAX).then_some(ALERTS_MAX);
    let lines = alerts.into_iter().map(|alert| line(&web, &viewer, &users, alert));
    let view = AlertsView {
        subtitle: "What needs somebody to act, and what to do about it.",
        open_href: page_of(&wanted.user, false),
        resolved_href: page_of(&wanted.user, true),
        resolved: wanted.resolved,
        limit,
        causes: if wanted.resolved || one.is_some() { Vec::new() } else { causes(&web, &viewer)? },
        of: one.map(|user| user.display_name),
        alerts: lines.collect::<Result<_, _>>()?,
    };
    Ok(render::page("alerts.html", &viewer.chrome(&web, Place::Alerts), &view)?.into_response())
}

/// The address of the alerts of a user, by login; of everybody's for none.
pub fn page_of(login: &str, is_resolved: bool) -> String {
    let resolved = is_resolved.then_some(("resolved", "true"));
    let user = Some(("user", login)).filter(|_| !login.is_empty());
    let query: Vec<String> =
        user.into_iter().chain(resolved).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { PAGE.to_owned() } else { format!("{PAGE}?{}", query.join("&")) }
}

/// The summary for administrators, where it says more than the list.
fn causes(web: &Web, viewer: &Viewer) -> Result<Vec<CauseLine>, PageError> {
    if !viewer.user.administrator {
        return Ok(Vec::new());
    }
    let summary = web.app.crm().summarize_alerts(viewer.user.organization_id)?;
    let is_short = summary.iter().all(|cause| cause.count < 2);
    let line = |AlertSummary { resource, code, count, .. }: AlertSummary| CauseLine {
        resource: resource_label(resource),
        cause: code.replace('-', " "),
        count,
    };
    Ok(if is_short { Vec::new() } else { summary.into_iter().map(line).collect() })
}

fn line(web: &Web, viewer: &Viewer, users: &BTreeMap<UserId, User>, alert: Alert) -> Result<AlertLine, PageError> {
    let dates = viewer.dates();
    let owner = alert.user_id.and_then(|id| users.get(&id));
    let user = owner.map(|user| user.display_name.clone());
    let is_own = alert.user_id == Some(viewer.user.id);
    let item = match alert.item_id.as_deref().filter(|_| is_own) {
        Some(id) => own_item(web, viewer, alert.resource, id)?,
        None => None,
    };
    let may_release = viewer.require(Target::Organization(alert.organization_id)).is_ok();
    let releasable = is_releasable(&alert);
    Ok(AlertLine {
        since: dates.instant(alert.created_at),
        last: (alert.updated_at > alert.created_at && alert.resolved_at.is_none())
            .then(|| dates.instant(alert.updated_at)),
        over: alert.resolved_at.map(|at| dates.instant(at)),
        user: user.unwrap_or_else(|| "Everybody".to_owned()),
        resource: resource_label(alert.resource),
        item,
        preview: owner.filter(|_| releasable).and_then(|owner| PreviewForm::of(alert.resource, owner)),
        release_href: (releasable && may_release).then(|| href(alert.id)),
        ask_administrator: releasable && !may_release,
        message: alert.message,
        hint: alert.hint,
    })
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
