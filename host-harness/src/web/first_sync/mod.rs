//! Before the first run of an account that was connected on the pages: what it would
//! create, change and delete on each side, whom it would send mails, and the two ways
//! on, to start it or to change the settings.
//!
//! What is shown is kept with the session ([`shown`]), and compared with a second
//! preview when somebody starts: what would send or delete more than they have seen
//! is shown to them again instead of being run. Until then the first run waits
//! (`app::first_sync`). What the page says is in `view`.

mod obstacle;
pub mod shown;
pub mod view;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use self::obstacle::Obstacle;
use self::shown::{Again, Shown};
use self::view::{FirstSyncView, Found, Outcome, PreviewView, Then};
use super::Web;
use super::account::account_page;
use super::blocked::{explanation, sentence_of};
use super::error::PageError;
use super::forms::encoded;
use super::preview as preview_page;
use super::reader::Reader;
use super::render;
use super::report::ReportView;
use super::run_now::names;
use super::session::Parting;
use super::settings::in_effect;
use super::switched_off;
use super::viewer::{Place, Posted, Viewer};
use crate::app::{AppError, Blocked, Ran, Resource, StatusRow, WaitsFor};
use crate::crm::users::User;

/// The page.
pub const PATH: &str = "/first-sync";

/// Steps that the page waits for, of each resource. Of a large mailbox the rest goes
/// on by itself.
const STEPS_MAX: u32 = 10;

/// Why a run that was asked for has not begun although the mailbox was free.
const NOT_CONFIRMED: &str = "A Microsoft account was connected, or was being connected, while this was asked for. See what \
                             a run of it would do, then start it.";

/// The page and its buttons.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/first-sync", get(show))
        .route("/first-sync/preview", post(preview))
        .route("/first-sync/start", post(start))
}

/// Where a viewer finds the page of a user.
pub fn page_of(viewer: &Viewer, user: &User) -> String {
    if viewer.user.id == user.id { PATH.to_owned() } else { format!("{PATH}?user={}", encoded(&user.login)) }
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, wanted.user.trim())?;
    let outcome = web.sessions.take_first_sync(&viewer.session, user.id);
    let obstacle = match &outcome {
        Some(Outcome::Started { .. }) => None,
        Some(Outcome::Preview(_) | Outcome::Refused(_)) | None => obstacle(&web, &viewer, &user).await?,
    };
    let account = web.app.account(user.id).await?.map(|account| account.name);
    let view = FirstSyncView::new(&viewer, &user, account, obstacle, outcome);
    let view = if view.asks() { view.with_settings(in_effect::of(&web, &viewer, &user).await?) } else { view };
    Ok(render::page("first_sync.html", &viewer.chrome(&web, Place::Elsewhere), &view)?.into_response())
}

/// Why there is nothing to preview; none where there is.
async fn obstacle(web: &Web, viewer: &Viewer, user: &User) -> Result<Option<Obstacle>, PageError> {
    let rows = enabled(web, user).await?;
    let installation = web.app.installation().await?;
    if rows.is_empty() {
        let for_everybody = switched_off::of_both(&installation, viewer);
        return Ok(Some(Obstacle::nothing_enabled(viewer, user, for_everybody)));
    }
    if !installation.is_configured() {
        return Ok(Some(Obstacle::application(viewer)));
    }
    let is_about_account = |row: &&StatusRow| row.waits_for.is_some_and(WaitsFor::is_about_account) || !row.connected;
    let lacking: Vec<&StatusRow> = rows.iter().filter(is_about_account).collect();
    // What one resource lacks keeps no other one from being looked at and started.
    if lacking.len() < rows.len() && web.app.first_sync_waits(user.id)? {
        return Ok(None);
    }
    Ok(Some(match lacking.first() {
        Some(row) => Obstacle::account(explanation(row, viewer).unwrap_or_default(), account_page(viewer, user.id)),
        None => Obstacle::started(user),
    }))
}

/// What is on for a user.
async fn enabled(web: &Web, user: &User) -> Result<Vec<StatusRow>, PageError> {
    let rows = web.app.status_of(user).await?;
    Ok(rows.into_iter().filter(|row| row.enabled).collect())
}

async fn preview(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let found = look(&web, &user).await?;
    Ok(show_found(&web, &posted.viewer, &user, &found, None).await)
}

/// Asks both sides what the first run would do, a resource after the other.
async fn look(web: &Web, user: &User) -> Result<Vec<Found>, PageError> {
    let mut found = Vec::new();
    for row in enabled(web, user).await? {
        let began = web.app.clock().now();
        found.push(Found { resource: row.resource, began, preview: web.app.preview(user.id, row.resource).await });
    }
    Ok(found)
}

/// Leads to the page, which shows what was found, and remembers that it does.
async fn show_found(web: &Web, viewer: &Viewer, user: &User, found: &[Found], again: Option<Again>) -> Response {
    let shown = Shown::new(user.id, account_id(web, user).await, found);
    web.sessions.set_shown(&viewer.session, Some(shown));
    if viewer.user.id == user.id {
        // Titles are for their owner alone.
        let reports = found.iter().filter_map(|found| Some((found.began, found.report()?)));
        reports.for_each(|(began, report)| preview_page::keep(web, viewer, user, began, report));
    }
    let named = |resource: Resource| names(web, viewer, resource);
    let view = PreviewView::new(&web.product, Reader::of(viewer, user.id), found, again, &named);
    back(web, viewer, user, Outcome::Preview(Box::new(view)))
}

/// The account that is connected; none where that cannot be read, which no preview
/// has shown.
async fn account_id(web: &Web, user: &User) -> Option<String> {
    web.app.account(user.id).await.ok().flatten().map(|account| account.id)
}

fn back(web: &Web, viewer: &Viewer, user: &User, outcome: Outcome) -> Response {
    web.sessions.set_parting(&viewer.session, Parting::FirstSync(user.id, outcome));
    Redirect::to(&page_of(viewer, user)).into_response()
}

/// Starts the first run, unless it would send or delete more than was shown.
async fn start(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    let viewer = &posted.viewer;
    let user = viewer.open_login(&web, posted.form.trimmed("user"))?;
    if !web.app.first_sync_waits(user.id)? {
        // Pressed twice, or started elsewhere.
        return Ok(Redirect::to(&page_of(viewer, &user)).into_response());
    }
    let found = look(&web, &user).await?;
    let shown = web.sessions.shown(&viewer.session, user.id);
    let account = account_id(&web, &user).await;
    if let Err(again) = shown::compare(shown.as_ref(), account.as_deref(), &found) {
        return Ok(show_found(&web, viewer, &user, &found, Some(again)).await);
    }
    web.sessions.set_shown(&viewer.session, None);
    let outcome = run(&web, viewer, &user).await;
    Ok(back(&web, viewer, &user, outcome))
}

async fn run(web: &Web, viewer: &Viewer, user: &User) -> Outcome {
    let reader = Reader::of(viewer, user.id);
    let ran = web.app.sync_each(user.id, Some(STEPS_MAX)).await;
    let waits = web.app.first_sync_waits(user.id).unwrap_or(false);
    outcome(ran, waits, reader, |(resource, run)| match run {
        Ok(run) => {
            let names = names(web, viewer, *resource);
            ReportView::of_run(&web.product, run, reader, &names).titled(resource.label())
        }
        Err(error) => ReportView::refused(resource.label(), sentence_of(error, reader)),
    })
}

/// What starting has come to, where the first run still waits or does not; `told` is what is
/// said of a run.
fn outcome(ran: Result<Vec<Ran>, AppError>, waits: bool, reader: Reader, told: impl Fn(&Ran) -> ReportView) -> Outcome {
    let has_begun =
        |(_, run): &Ran| run.as_ref().map_or(true, |run| run.steps > 0 || run.blocked != Some(Blocked::FirstSync));
    let refused = |sentence| ReportView::refused("First run", sentence);
    match ran {
        // Another account was being connected, so that none was confirmed.
        Ok(runs) if waits && !runs.iter().any(has_begun) => {
            Outcome::Refused(Box::new(refused(NOT_CONFIRMED.to_owned())))
        }
        Ok(runs) => Outcome::Started {
            reports: runs.iter().map(told).collect(),
            then: Then::of(runs.iter().map(|(_, run)| run.as_ref().ok().map(|run| run.next))),
        },
        // The mailbox was in use for too long to confirm anything.
        Err(error) if waits => Outcome::Refused(Box::new(refused(sentence_of(&error, reader)))),
        Err(error) => Outcome::Started { reports: vec![refused(sentence_of(&error, reader))], then: Then::Waits },
    }
}

#[cfg(test)]
mod tests;
