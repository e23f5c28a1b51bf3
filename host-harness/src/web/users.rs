//! User Management: the way to the configuration of an organization and of its
//! users, for their administrators.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::Web;
use super::access::Target;
use super::error::PageError;
use super::forms::encoded;
use super::listing::{Asked, Pager};
use super::render;
use super::sign_in::role;
use super::viewer::{Place, Viewer};
use crate::crm::users::User;

/// The page of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/users", get(show))
}

#[derive(Debug, Serialize)]
struct UsersView {
    organization: String,
    organization_href: String,
    /// What was searched for.
    q: String,
    users: Vec<UserLine>,
    pager: Pager,
}

#[derive(Debug, Serialize)]
struct UserLine {
    name: String,
    login: String,
    email: String,
    zone: &'static str,
    role: &'static str,
    /// Whether their Microsoft account is connected for somebody else as well.
    shared: bool,
    configuration_href: String,
    calendar_href: String,
    tasks_href: String,
}

/// Users of one page: what a person looks through, and a browser lays out at once.
const USERS_PER_PAGE: usize = 100;

async fn show(State(web): State<Web>, viewer: Viewer, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let organization = viewer.user.organization_id;
    viewer.require(Target::Organization(organization))?;
    let mut users = web.app.crm().users_of(organization)?;
    users.retain(|user| user.is_like(asked.text()));
    users.sort_by_cached_key(|user| (user.display_name.to_lowercase(), user.login.clone()));
    let (found, pages) = (users.len(), users.len().div_ceil(USERS_PER_PAGE).max(1));
    let page = asked.page().min(pages);
    let shown = users.into_iter().skip((page - 1) * USERS_PER_PAGE).take(USERS_PER_PAGE);
    let shared = web.app.crm().users_of_shared_accounts(organization)?;
    let view = UsersView {
        organization: viewer.user.organization.clone(),
        organization_href: format!("/configuration/organization/{organization}"),
        users: shown.map(|user| line(shared.contains(&user.id), user)).collect(),
        pager: Pager::new(found, ("user", "users"), (page, pages), |page| {
            format!("/users?q={}&page={page}", encoded(&asked.q))
        }),
        q: asked.q.clone(),
    };
    Ok(render::page("users.html", &viewer.chrome(&web, Place::Users), &view)?.into_response())
}

fn line(shared: bool, user: User) -> UserLine {
    UserLine {
        shared,
        zone: user.time_zone.name(),
        role: role(user.administrator),
        configuration_href: format!("/configuration/user/{}", user.id),
        calendar_href: super::calendar::href_of(&user.login),
        tasks_href: super::tasks::href_of(&user.login),
        name: user.display_name,
        login: user.login,
        email: user.email,
    }
}
