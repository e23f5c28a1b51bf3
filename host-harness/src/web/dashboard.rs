//! The dashboard: what is connected, when it last ran, what needs attention,
//! and what comes next in the viewer's own calendar.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::TimeDelta;
use serde::Serialize;

use super::Web;
use super::account::account_page;
use super::account_view::standing_of;
use super::calendar::of_instance;
use super::error::PageError;
use super::notices::whose;
use super::remedy::Remedy;
use super::render;
use super::status::instant;
use super::viewer::{Place, Viewer};
use crate::app::{Blocked, StatusRow, WaitsFor, parked_sentence};
use crate::crm::notices::{AlertList, AlertSearch};

/// How far the list of what comes next reaches.
const UPCOMING: TimeDelta = TimeDelta::days(7);
/// Entries of that list: as many as fit on a screen with the rest.
const UPCOMING_MAX: usize = 6;

/// The page of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/", get(show))
}

#[derive(Debug, Serialize)]
struct DashboardView {
    subtitle: String,
    first_sync_waits: bool,
    account: AccountTile,
    last_sync: String,
    next_sync: String,
    open_alerts: usize,
    alerts_text: &'static str,
    conflicts: u32,
    upcoming: Vec<Upcoming>,
}

#[derive(Debug, Serialize)]
struct AccountTile {
    title: String,
    text: String,
    href: String,
    action: &'static str,
}

#[derive(Debug, Serialize)]
struct Upcoming {
    when: String,
    title: String,
    href: Option<String>,
}

async fn show(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    let dates = viewer.dates();
    let now = web.app.clock().now();
    let rows: Vec<StatusRow> = web.app.status_of(&viewer.user).await?;
    let last = rows.iter().filter_map(|row| row.last_sync_at).max();
    let next = rows.iter().filter_map(|row| row.next_sync_at).min();
    let open_alerts = open_alerts(&web, &viewer)?;
    let entries = web.app.crm().event_instances(viewer.user.id, now, now + UPCOMING)?;
    let upcoming = entries.iter().take(UPCOMING_MAX).map(|entry| {
        let shown = of_instance(entry);
        Upcoming { when: shown.when_text(dates), title: shown.title, href: shown.href }
    });
    let view = DashboardView {
        subtitle: dates.instant(now),
        first_sync_waits: rows.iter().any(|row| row.waits_for == Some(WaitsFor::Change(Blocked::FirstSync))),
        account: account_tile(&web, &viewer).await?,
        last_sync: instant(last, dates, "Never"),
        next_sync: next.map_or_else(|| "Nothing is scheduled.".to_owned(), |at| format!("Next: {}", dates.instant(at))),
        open_alerts,
        alerts_text: if open_alerts == 0 { "Nothing needs attention." } else { "Each one says what to do." },
        conflicts: web.app.crm().conflict_count(whose(&viewer))?,
        upcoming: upcoming.collect(),
    };
    Ok(render::page("dashboard.html", &viewer.chrome(&web, Place::Dashboard), &view)?.into_response())
}

/// How many open alerts the viewer may see.
fn open_alerts(web: &Web, viewer: &Viewer) -> Result<usize, PageError> {
    let search = AlertSearch { whose: whose(viewer), list: AlertList::Open, text: String::new() };
    Ok(web.app.crm().alert_count(&search)?)
}

async fn account_tile(web: &Web, viewer: &Viewer) -> Result<AccountTile, PageError> {
    let href = account_page(viewer, viewer.user.id);
    let tile = |title: &str, text: &str, action| AccountTile {
        title: title.to_owned(),
        text: text.to_owned(),
        href: href.clone(),
        action,
    };
    if !web.app.installation().await?.is_configured() {
        let remedy = Remedy::for_application(viewer);
        let own = tile("Not set up", &remedy.hint, "My Configuration");
        return Ok(match remedy.href {
            Some(href) => AccountTile { href, action: remedy.label, ..own },
            None => own,
        });
    }
    Ok(match web.app.account(viewer.user.id).await? {
        Some(account) => {
            let (badge, connect) = standing_of(&account);
            let why = account.parked.map(|reason| format!(". {}", parked_sentence(reason))).unwrap_or_default();
            tile(badge.text, &format!("{}{why}", account.name), connect.unwrap_or("Manage"))
        }
        None => tile("Not connected", "Connect your Microsoft 365 account.", "Connect"),
    })
}
