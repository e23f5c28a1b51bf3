//! Items that are set aside, with a button for each that has it tried again.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::Web;
use super::dates::{Dates, Moment};
use super::error::PageError;
use super::forms::{encoded, local_path};
use super::items::{ItemLine, about, own_item};
use super::render;
use super::status::visible_users;
use super::viewer::{Place, Posted, Viewer};
use crate::app::{Resource, SetAside};
use crate::crm::UserId;
use crate::crm::overview::Whose;
use crate::crm::users::User;

/// The page of this module, and its button.
pub fn routes() -> Router<Web> {
    Router::new().route("/set-aside", get(show)).route("/set-aside/retry", post(retry))
}

/// The word of the component for what it has not sent, because guests would be told. It
/// waits for somebody who has them told: the same write, tried again, is held back again.
pub const WOULD_NOTIFY: &str = "would-notify";

/// Other users that are listed: the status has all of them, a page at a time.
const OTHERS_SHOWN_MAX: usize = 50;

/// Whose items.
#[derive(Debug, Deserialize)]
struct Of {
    #[serde(default)]
    user: String,
}

#[derive(Debug, Serialize)]
struct SetAsideView {
    subtitle: String,
    /// Of which other users an administrator finds items here, those with the most first.
    others: Option<Others>,
    /// Whether these are the viewer's own.
    is_own: bool,
    name: String,
    login: String,
    address: String,
    items: Vec<SetAsideLine>,
}

/// Other users of whom something is set aside.
#[derive(Debug, Serialize)]
struct Others {
    users: Vec<OtherLine>,
    /// How many there are beyond those.
    more: usize,
}

#[derive(Debug, Serialize)]
struct OtherLine {
    name: String,
    href: String,
    items: u32,
}

/// An item that is set aside.
#[derive(Debug, Serialize)]
pub struct SetAsideLine {
    since: Option<Moment>,
    last: Option<Moment>,
    resource: &'static str,
    resource_word: &'static str,
    /// The record, where the viewer may see it.
    record: Option<ItemLine>,
    is_in_crm: bool,
    message: String,
    hint: String,
    attempts: u32,
    key: String,
    /// Whether the same item, tried again, can come to another end.
    can_be_retried: bool,
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(of): Query<Of>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, of.user.trim())?;
    let items = lines_of(&web, &viewer, &user).await?;
    let view = SetAsideView {
        subtitle: format!(
            "What cannot be brought into step for {}, or waits for somebody. It is left alone until it changes on either \
             side; everything else goes on.",
            user.display_name
        ),
        others: others(&web, &viewer, user.id).await?,
        is_own: user.id == viewer.user.id,
        name: user.display_name.clone(),
        address: href(&user.login),
        login: user.login,
        items,
    };
    Ok(render::page("set_aside.html", &viewer.chrome(&web, Place::SetAside), &view)?.into_response())
}

/// What is set aside of a user, as a viewer may see it.
pub async fn lines_of(web: &Web, viewer: &Viewer, user: &User) -> Result<Vec<SetAsideLine>, PageError> {
    let dates = viewer.dates();
    let items = web.app.set_aside(user.id).await?;
    items.into_iter().map(|item| line(web, viewer, item, dates)).collect()
}

/// Everybody but `shown` of whom something is set aside; none for whoever sees nobody else.
async fn others(web: &Web, viewer: &Viewer, shown: UserId) -> Result<Option<Others>, PageError> {
    if !viewer.user.administrator {
        return Ok(None);
    }
    let rows = match web.app.status(Whose::Organization(viewer.user.organization_id)).await {
        Ok(rows) => rows,
        // The page is looked at where something is wrong: what is shown of one user stays shown.
        Err(error) => {
            tracing::warn!(%error, "of whom something is set aside is not known");
            return Ok(None);
        }
    };
    let mut items: BTreeMap<UserId, u32> = BTreeMap::new();
    for row in rows {
        let of_user = items.entry(row.user_id).or_default();
        *of_user = of_user.saturating_add(row.set_aside);
    }
    let users = visible_users(web, viewer)?.into_values().filter(|user| user.id != shown);
    let line = |user: User| {
        let items = items.get(&user.id).copied().filter(|items| *items > 0)?;
        Some(OtherLine { href: href(&user.login), name: user.display_name, items })
    };
    let mut users: Vec<OtherLine> = users.filter_map(line).collect();
    users.sort_by_cached_key(|line| (Reverse(line.items), line.name.to_lowercase()));
    let more = users.len().saturating_sub(OTHERS_SHOWN_MAX);
    users.truncate(OTHERS_SHOWN_MAX);
    Ok(Some(Others { users, more }))
}

fn href(login: &str) -> String {
    format!("/set-aside?user={}", encoded(login))
}

fn line(web: &Web, viewer: &Viewer, item: SetAside, dates: Dates) -> Result<SetAsideLine, PageError> {
    let record = match &item.item_id {
        Some(id) => own_item(web, viewer, about(item.resource), id)?,
        None => None,
    };
    let is_in_crm = item.item_id.is_some();
    Ok(SetAsideLine {
        since: item.first_at.map(|at| dates.moment(at)),
        last: item.last_at.map(|at| dates.moment(at)),
        resource: item.resource.label(),
        resource_word: item.resource.as_str(),
        record,
        is_in_crm,
        can_be_retried: item.code != WOULD_NOTIFY,
        message: item.message,
        hint: item.hint,
        attempts: item.attempts,
        key: item.key,
    })
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
    let next = match local_path(posted.form.trimmed("next")) {
        "/" => href(&user.login),
        path => path.to_owned(),
    };
    Ok(Redirect::to(&next).into_response())
}
