//! A user's page: how each resource stands and what it has done, with everything
//! that can be done about it in its place: run it, compare all once more, try again
//! what is set aside, release a guard rail.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::TimeDelta;
use serde::Serialize;

use super::chart::BARS_MAX;
use super::history::HistoryView;
use super::row::{RowView, is_shown};
use crate::app::{Blocked, OpenWrite, Resource, Side, StatusRow, WaitsFor, WriteAction, is_releasable};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::access::Target;
use crate::web::account::account_page;
use crate::web::alerts::release_from;
use crate::web::blocked::sentence_of;
use crate::web::confirm::ConfirmView;
use crate::web::error::PageError;
use crate::web::items::{ItemLine, about, own_item};
use crate::web::reader::Reader;
use crate::web::render;
use crate::web::report::ReportView;
use crate::web::run_now;
use crate::web::set_aside::{SetAsideLine, lines_of};
use crate::web::shared_account::{SharedNotice, notice_of};
use crate::web::viewer::{Place, Posted, Viewer};

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/status/{id}", get(show))
        .route("/status/{id}/sync", post(sync))
        .route("/status/{id}/compare-again", post(compare_again))
        .route("/status/{id}/compare-again/{resource}", get(ask_compare_again))
}

#[derive(Debug, Serialize)]
struct UserView {
    name: String,
    login: String,
    address: String,
    zone: String,
    account_href: String,
    /// For whom else the account is connected.
    shared: Option<SharedNotice>,
    sync_action: String,
    report: Option<ReportView>,
    resources: Vec<ResourceView>,
    set_aside: Vec<SetAsideLine>,
    version: u64,
}

#[derive(Debug, Serialize)]
struct ResourceView {
    row: RowView,
    id: String,
    /// Whether there is an account and the resource is on: only then there is
    /// something to run.
    can_run: bool,
    compare_again_href: String,
    release_href: Option<String>,
    open_writes: Vec<OpenWriteLine>,
    history: HistoryView,
}

#[derive(Debug, Serialize)]
struct OpenWriteLine {
    side: String,
    action: &'static str,
    item: Option<ItemLine>,
}

fn user_of(web: &Web, viewer: &Viewer, path: &str) -> Result<User, PageError> {
    viewer.open_user(web, path.parse().map_err(|_| PageError::NotFound)?)
}

fn page_of(user: &User) -> String {
    format!("/status/{}", user.id)
}

async fn show(State(web): State<Web>, viewer: Viewer, Path(path): Path<String>) -> Result<Response, PageError> {
    let user = user_of(&web, &viewer, &path)?;
    let version = web.app.live_version(&[user.id].into());
    let mut resources = Vec::new();
    for row in web.app.status_of(&user).await?.into_iter().filter(is_shown) {
        resources.push(resource_of(&web, &viewer, &user, row).await?);
    }
    let view = UserView {
        name: user.display_name.clone(),
        address: page_of(&user),
        zone: viewer.user.time_zone.0.name().to_owned(),
        account_href: account_page(&viewer, user.id),
        shared: notice_of(&web, &viewer, &user)?,
        sync_action: format!("{}/sync", page_of(&user)),
        report: web.sessions.take_report(&viewer.session, user.id),
        resources,
        set_aside: lines_of(&web, &viewer, &user).await?,
        version,
        login: user.login,
    };
    Ok(render::page("status_user.html", &viewer.chrome(&web, Place::Status), &view)?.into_response())
}

async fn resource_of(web: &Web, viewer: &Viewer, user: &User, row: StatusRow) -> Result<ResourceView, PageError> {
    let manifest = web.app.manifest().await?;
    let word = row.resource.as_str();
    let runs = web.app.run_history(user.id, row.resource, u32::try_from(BARS_MAX).unwrap_or(u32::MAX))?;
    let history = match runs.last() {
        Some(oldest) => {
            let since = web.app.late_since(user.id, row.resource, oldest)?;
            HistoryView::new(
                &runs,
                since,
                TimeDelta::seconds(row.interval_seconds),
                viewer.dates(),
                Reader::of(viewer, user.id),
            )
        }
        None => HistoryView::default(),
    };
    let open = row.open_writes.iter().map(|write| open_write(web, viewer, row.resource, write));
    Ok(ResourceView {
        id: format!("resource-{word}"),
        can_run: row.enabled && row.connected && can_begin(&row),
        compare_again_href: format!("{}/compare-again/{word}", page_of(user)),
        release_href: release_href(web, viewer, user, row.resource)?,
        open_writes: open.collect::<Result<_, _>>()?,
        history,
        row: RowView::new(&row, user, viewer, &manifest, web.app.running(user.id).as_ref()),
    })
}

/// Whether a run that is asked for here would begin, and may: what an account waits for
/// keeps every run from beginning, and the first one is begun where it says what it does.
fn can_begin(row: &StatusRow) -> bool {
    match row.waits_for {
        Some(WaitsFor::Account(_) | WaitsFor::Change(Blocked::FirstSync | Blocked::NotConfigured)) => false,
        Some(WaitsFor::Wait(_) | WaitsFor::Change(_)) | None => true,
    }
}

/// Where the guard rail of a resource is released, for who may.
fn release_href(web: &Web, viewer: &Viewer, user: &User, resource: Resource) -> Result<Option<String>, PageError> {
    if viewer.require(Target::Organization(user.organization_id)).is_err() {
        return Ok(None);
    }
    let alerts = web.app.crm().alerts_of_runs(user.id)?;
    let rail = alerts.into_iter().find(|alert| is_releasable(alert) && alert.resource == about(resource));
    Ok(rail.map(|alert| release_from(alert.id, &page_of(user))))
}

fn open_write(web: &Web, viewer: &Viewer, resource: Resource, write: &OpenWrite) -> Result<OpenWriteLine, PageError> {
    let item = match &write.item_id {
        Some(id) => own_item(web, viewer, about(resource), id)?,
        None => None,
    };
    Ok(OpenWriteLine {
        side: match write.side {
            Side::Crm => web.product.clone(),
            Side::Microsoft => "Microsoft".to_owned(),
        },
        action: match write.action {
            WriteAction::Create => "Create",
            WriteAction::Update => "Change",
            WriteAction::Delete => "Delete",
        },
        item,
    })
}

fn resource(word: &str) -> Result<Resource, PageError> {
    word.parse().map_err(|error| PageError::Invalid(format!("The form names no resource: {error}.")))
}

async fn sync(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let user = user_of(&web, &posted.viewer, &path)?;
    let resource = resource(posted.form.trimmed("resource"))?;
    let report = run_now::run(&web, &posted.viewer, &user, resource).await;
    Ok(run_now::back_with(&web, &posted.viewer, &page_of(&user), &user, report))
}

/// Says what will happen before it does.
async fn ask_compare_again(
    State(web): State<Web>,
    viewer: Viewer,
    Path((path, word)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let user = user_of(&web, &viewer, &path)?;
    let resource = super::row::of_word(&word).ok_or(PageError::NotFound)?;
    let question = format!(
        "{}, {}: read both sides from the beginning and compare everything? What belongs together stays so, and only \
         what differs is written. It takes more requests than an ordinary run.",
        user.display_name,
        resource.label()
    );
    let action = format!("{}/compare-again", page_of(&user));
    let view = ConfirmView::post("Compare everything", question, &action, &page_of(&user))
        .harmless()
        .with("resource", resource.as_str());
    Ok(render::page("confirm.html", &viewer.chrome(&web, Place::Status), &view)?.into_response())
}

async fn compare_again(
    State(web): State<Web>,
    Path(path): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    let user = user_of(&web, &posted.viewer, &path)?;
    let resource = resource(posted.form.trimmed("resource"))?;
    let session = &posted.viewer.session;
    match web.app.compare_again(user.id, resource).await {
        Ok(()) => {
            web.app.run_soon(user.id, resource)?;
            let done = format!("{}: both sides are compared from the beginning by the next run.", resource.label());
            web.sessions.set_flash(session, "good", done);
        }
        Err(error) => web.sessions.set_flash(session, "bad", sentence_of(&error, Reader::of(&posted.viewer, user.id))),
    }
    Ok(Redirect::to(&page_of(&user)).into_response())
}
