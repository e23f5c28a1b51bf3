//! The status page: a row per user and resource with Oro's five columns, what it
//! waits for, lag and open alerts (Oro row E1).

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::Web;
use super::access::{self, Target};
use super::account::account_page;
use super::dates;
use super::error::PageError;
use super::render;
use super::report::Badge;
use super::viewer::{Place, Viewer};
use crate::app::{Blocked, StatusRow, WaitsFor};
use crate::crm::UserId;
use crate::crm::users::User;

/// The page of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/status", get(show))
}

#[derive(Debug, Serialize)]
struct StatusView {
    subtitle: String,
    rows: Vec<RowView>,
}

#[derive(Debug, Serialize)]
struct RowView {
    user: String,
    resource: &'static str,
    enabled: Badge,
    in_progress: bool,
    last_sync_at: String,
    next_sync_at: String,
    waits_for: Option<Waiting>,
    lag: String,
    open_alerts: u32,
}

/// What a resource waits for, and where that is seen to.
#[derive(Debug, Serialize)]
struct Waiting {
    text: String,
    link: Option<Link>,
}

#[derive(Debug, Serialize)]
struct Link {
    href: String,
    label: &'static str,
}

/// The users whose state a viewer may see: those of the organization for its
/// administrators, otherwise the viewer alone.
pub fn visible_users(web: &Web, viewer: &Viewer) -> Result<BTreeMap<UserId, User>, PageError> {
    let users = web.app.crm().users_of(viewer.user.organization_id)?;
    let may = |user: &User| access::check(viewer.person(), Target::User(user.id, user.organization_id)).is_ok();
    Ok(users.into_iter().filter(may).map(|user| (user.id, user)).collect())
}

async fn show(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    let users = visible_users(&web, &viewer)?;
    let zone = viewer.user.time_zone.0;
    let rows = web.app.status().await?;
    let shown = rows.iter().filter_map(|row| users.get(&row.user_id).map(|user| view(row, user, &viewer)));
    let subtitle = if viewer.user.administrator {
        format!("Users of {}, times in {}", viewer.user.organization, zone.name())
    } else {
        format!("Your account, times in {}", zone.name())
    };
    let page = StatusView { subtitle, rows: shown.collect() };
    Ok(render::page("status.html", &viewer.chrome(&web, Place::Status), &page)?.into_response())
}

fn view(row: &StatusRow, user: &User, viewer: &Viewer) -> RowView {
    let zone = viewer.user.time_zone.0;
    let lag = row.lag_seconds.and_then(TimeDelta::try_seconds).filter(|lag| *lag > TimeDelta::zero());
    RowView {
        user: user.display_name.clone(),
        resource: row.resource.label(),
        enabled: enabled(row),
        in_progress: row.in_progress,
        last_sync_at: instant(row.last_sync_at, zone, "Never"),
        next_sync_at: instant(row.next_sync_at, zone, "Not scheduled"),
        waits_for: waiting(row, user, viewer),
        lag: lag.map_or_else(|| "–".to_owned(), dates::span),
        open_alerts: row.open_alerts,
    }
}

fn waiting(row: &StatusRow, user: &User, viewer: &Viewer) -> Option<Waiting> {
    let (waits_for, text) = (row.waits_for?, row.explanation.clone()?);
    let link = match waits_for {
        WaitsFor::Change(Blocked::GuardRail) => Some(Link { href: "/alerts".to_owned(), label: "Alerts" }),
        _ if waits_for.is_about_account() => {
            Some(Link { href: account_page(viewer, user.id), label: "Microsoft Account" })
        }
        WaitsFor::Wait(_) | WaitsFor::Account(_) | WaitsFor::Change(_) => None,
    };
    Some(Waiting { text, link })
}

/// Enabled is a setting; without an account nothing runs all the same.
fn enabled(row: &StatusRow) -> Badge {
    match (row.enabled, row.connected) {
        (true, true) => Badge { kind: "good", text: "Yes" },
        (true, false) => Badge { kind: "warn", text: "Yes, not connected" },
        (false, _) => Badge { kind: "", text: "No" },
    }
}

/// An instant in a zone, or a word where there is none.
pub fn instant(instant: Option<DateTime<Utc>>, zone: Tz, none: &str) -> String {
    instant.map_or_else(|| none.to_owned(), |instant| dates::in_zone(instant, zone))
}
