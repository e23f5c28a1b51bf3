//! User Management: the way to the configuration of an organization and of its
//! users, for their administrators.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::Web;
use super::access::Target;
use super::error::PageError;
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
    users: Vec<UserLine>,
}

#[derive(Debug, Serialize)]
struct UserLine {
    name: String,
    login: String,
    email: String,
    zone: &'static str,
    role: &'static str,
    configuration_href: String,
    calendar_href: String,
    tasks_href: String,
}

async fn show(State(web): State<Web>, viewer: Viewer) -> Result<Response, PageError> {
    let organization = viewer.user.organization_id;
    viewer.require(Target::Organization(organization))?;
    let users = web.app.crm().users_of(organization)?;
    let view = UsersView {
        organization: viewer.user.organization.clone(),
        organization_href: format!("/configuration/organization/{organization}"),
        users: users.into_iter().map(line).collect(),
    };
    Ok(render::page("users.html", &viewer.chrome(&web, Place::Users), &view)?.into_response())
}

fn line(user: User) -> UserLine {
    UserLine {
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
