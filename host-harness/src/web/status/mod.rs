//! How the synchronisation of everybody stands: a row per user and resource
//! (`list`, `row`, `state`), and a page per user (`user`) with the history of runs and
//! its chart (`history`, `chart`). What changes while somebody looks is drawn anew (`live`).

mod chart;
mod history;
mod list;
mod live;
mod row;
mod state;
mod user;

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use chrono::{DateTime, Utc};

use super::Web;
use super::access::{self, Target};
use super::dates::Dates;
use super::error::PageError;
use super::viewer::Viewer;
use crate::crm::UserId;
use crate::crm::users::User;

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/status", get(list::show)).route("/status/changes", get(live::changes)).merge(user::routes())
}

/// The users whose state a viewer may see: those of the organization for its
/// administrators, otherwise the viewer alone.
pub fn visible_users(web: &Web, viewer: &Viewer) -> Result<BTreeMap<UserId, User>, PageError> {
    let users = if viewer.user.administrator {
        web.app.crm().users_of(viewer.user.organization_id)?
    } else {
        vec![viewer.user.clone()]
    };
    let may = |user: &User| access::check(viewer.person(), Target::User(user.id, user.organization_id)).is_ok();
    Ok(users.into_iter().filter(may).map(|user| (user.id, user)).collect())
}

/// An instant as the viewer reads it, or a word where there is none.
pub fn instant(instant: Option<DateTime<Utc>>, dates: Dates, none: &str) -> String {
    instant.map_or_else(|| none.to_owned(), |instant| dates.instant(instant))
}
