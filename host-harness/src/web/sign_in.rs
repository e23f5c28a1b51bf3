//! Signing in as one of the demonstration users, and out again.
//!
//! There is no password: the CRM is emulated, and answers on the loopback
//! interface alone.

use std::time::Instant;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::Web;
use super::error::PageError;
use super::forms::local_path;
use super::render::{self, Chrome};
use super::viewer::{Posted, PostedByAnyone, clear_cookie, session_of, set_cookie};

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/sign-in", get(show).post(sign_in)).route("/sign-out", post(sign_out))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
}

#[derive(Debug, Serialize)]
struct SignInView {
    next: String,
    organizations: Vec<OrganizationLine>,
}

#[derive(Debug, Serialize)]
struct OrganizationLine {
    name: String,
    users: Vec<UserLine>,
}

#[derive(Debug, Serialize)]
struct UserLine {
    login: String,
    name: String,
    role: &'static str,
}

/// What a user is called in lists.
pub fn role(administrator: bool) -> &'static str {
    if administrator { "Administrator" } else { "User" }
}

async fn show(State(web): State<Web>, Query(wanted): Query<Wanted>, parts: Parts) -> Result<Response, PageError> {
    let (session, cookie) = if let Some(session) = session_of(&parts) {
        (session, None)
    } else {
        let (cookie, session) = web.sessions.begin(None, Instant::now())?;
        (session, Some(cookie))
    };
    let crm = web.app.crm();
    let mut organizations = Vec::new();
    for organization in crm.organizations()? {
        let users = crm.users_of(organization.id)?.into_iter();
        let lines =
            users.map(|user| UserLine { login: user.login, name: user.display_name, role: role(user.administrator) });
        organizations.push(OrganizationLine { name: organization.name, users: lines.collect() });
    }
    let view = SignInView { next: local_path(&wanted.next).to_owned(), organizations };
    let mut response =
        render::page("sign_in.html", &Chrome::anonymous(&web.product, session.csrf), &view)?.into_response();
    if let Some(cookie) = cookie {
        set_cookie(&mut response, &cookie);
    }
    Ok(response)
}

async fn sign_in(State(web): State<Web>, posted: PostedByAnyone) -> Result<Response, PageError> {
    let user = web.app.crm().user_by_login(posted.form.trimmed("login"))?;
    // A new session, so that nobody can hand a signed-in one to a victim.
    web.sessions.end(&posted.session);
    let (cookie, _) = web.sessions.begin(Some(user.id), Instant::now())?;
    let mut response = Redirect::to(local_path(posted.form.trimmed("next"))).into_response();
    set_cookie(&mut response, &cookie);
    Ok(response)
}

async fn sign_out(State(web): State<Web>, posted: Posted) -> Response {
    web.sessions.end(&posted.viewer.session);
    let mut response = Redirect::to("/sign-in").into_response();
    clear_cookie(&mut response);
    response
}
