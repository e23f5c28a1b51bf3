//! Items that are set aside, with a button for each that has it tried again.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Web;
use super::error::PageError;
use super::forms::encoded;
use super::render;
use super::status::instant;
use super::viewer::{Place, Posted, Viewer};
use crate::app::{Resource, SetAside};

/// The page of this module, and its button.
pub fn routes() -> Router<Web> {
    Router::new().route("/set-aside", get(show)).route("/set-aside/retry", post(retry))
}

/// Whose items.
#[derive(Debug, Deserialize)]
struct Of {
    #[serde(default)]
    user: String,
}

#[derive(Debug, Serialize)]
struct SetAsideView {
    subtitle: String,
    login: String,
    items: Vec<ItemLine>,
}

#[derive(Debug, Serialize)]
struct ItemLine {
    since: String,
    last: String,
    resource: &'static str,
    resource_word: &'static str,
    title: &'static str,
    href: Option<String>,
    message: String,
    attempts: u32,
    key: String,
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(of): Query<Of>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, of.user.trim())?;
    let zone = viewer.user.time_zone.0;
    let items = web.app.set_aside(user.id).await?.into_iter().map(|item| line(item, zone)).collect();
    let view = SetAsideView {
        subtitle: format!(
            "What cannot be brought into step for {}. It waits until it changes on either side; everything else goes on.",
            user.display_name
        ),
        login: user.login,
        items,
    };
    Ok(render::page("set_aside.html", &viewer.chrome(&web, Place::Alerts), &view)?.into_response())
}

fn line(item: SetAside, zone: Tz) -> ItemLine {
    let href = item.item_id.as_ref().map(|id| match item.resource {
        Resource::Tasks => format!("/tasks/{id}"),
        Resource::Calendar | Resource::Mail => format!("/calendar/events/{id}"),
    });
    ItemLine {
        since: instant(item.first_at, zone, "–"),
        last: instant(item.last_at, zone, "–"),
        resource: item.resource.label(),
        resource_word: item.resource.as_str(),
        title: if href.is_some() { "Open the record" } else { "In Microsoft 365 only" },
        href,
        message: item.message,
        attempts: item.attempts,
        key: item.key,
    }
}

async fn retry(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let resource: Resource = posted
        .form
        .trimmed("resource")
        .parse()
        .map_err(|error| PageError::Invalid(format!("The form names no resource: {error}.")))?;
    let key = posted.form.get("key").unwrap_or_default().to_owned();
    let tried = web.app.retry(user.id, resource, Some(vec![key])).await?;
    let (kind, text) = match tried {
        0 => ("warn", "The item is not set aside any more."),
        _ => ("good", "The item is tried again with the next run, which begins now."),
    };
    web.sessions.set_flash(&posted.viewer.session, kind, text);
    Ok(Redirect::to(&format!("/set-aside?user={}", encoded(&user.login))).into_response())
}
