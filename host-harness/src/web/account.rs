//! Connecting a Microsoft account: the buttons of the section "Microsoft
//! Account", and the redirect URI to which Microsoft's login comes back (Oro
//! rows A1 to A5).
//!
//! What the section shows, and what each outcome means, is in
//! [`super::account_view`] and [`super::account_failure`].

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::Web;
use super::account_failure::{Explained, explain};
use super::account_view::CheckView;
use super::confirm::ConfirmView;
use super::error::PageError;
use super::first_sync;
use super::render::{self, Chrome};
use super::report::Badge;
use super::session::Parting;
use super::viewer::{Place, Posted, Viewer, session_of};
use crate::app::options::REDIRECT_PATH;
use crate::app::types::{Account, Callback};
use crate::crm::UserId;
use crate::crm::users::User;

/// One's own configuration.
pub const MY_CONFIGURATION: &str = "/configuration/my";

/// The configuration of everybody.
pub const SYSTEM_CONFIGURATION: &str = "/configuration/system";

/// The buttons and the redirect URI.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/configuration/user/{id}/microsoft/connect", post(connect))
        .route("/configuration/user/{id}/microsoft/check", post(check))
        .route("/configuration/user/{id}/microsoft/disconnect", get(ask_disconnect).post(disconnect))
        .route(REDIRECT_PATH, get(finish))
}

/// The address below which a user's buttons are.
pub fn base_of(user: UserId) -> String {
    format!("/configuration/user/{user}/microsoft")
}

/// The page with a user's settings, as a viewer opens it.
pub fn settings_page(viewer: &Viewer, user: UserId) -> String {
    if viewer.user.id == user { MY_CONFIGURATION.to_owned() } else { format!("/configuration/user/{user}") }
}

/// The page that shows a user's account to a viewer.
pub fn account_page(viewer: &Viewer, user: UserId) -> String {
    format!("{}#microsoft-account", settings_page(viewer, user))
}

fn id(text: &str) -> Result<UserId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

async fn connect(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_user(&web, id(&path)?)?;
    web.sessions.forget_attempt(&posted.viewer.session, user.id);
    match web.app.begin_connect(user.id, Some(&posted.viewer.session.binding)).await {
        Ok(authorization) => Ok(Redirect::to(&authorization.url).into_response()),
        Err(failure) => {
            let explained = explain(&failure);
            let view = ResultView::failed(&explained, &account_page(&posted.viewer, user.id));
            web.sessions.note_attempt(&posted.viewer.session, user.id, explained);
            result_page(&posted.viewer.chrome(&web, Place::Elsewhere), StatusCode::CONFLICT, &view)
        }
    }
}

async fn check(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_user(&web, id(&path)?)?;
    let view = match web.app.check_connection(user.id).await {
        Ok(report) => CheckView::new(&report),
        Err(failure) => CheckView::failed(&explain(&failure)),
    };
    web.sessions.set_parting(&posted.viewer.session, Parting::Check(user.id, view));
    Ok(Redirect::to(&account_page(&posted.viewer, user.id)).into_response())
}

async fn ask_disconnect(
    State(web): State<Web>,
    viewer: Viewer,
    Path(path): Path<String>,
) -> Result<Response, PageError> {
    let user = viewer.open_user(&web, id(&path)?)?;
    let name = web.app.account(user.id).await?.map(|account| account.name).ok_or(PageError::NotFound)?;
    let question =
        format!("Disconnect {name}? Synchronization stops. Everything that was synchronized stays on both sides.");
    let action = format!("{}/disconnect", base_of(user.id));
    let view = ConfirmView::post("Disconnect", question, &action, &account_page(&viewer, user.id));
    Ok(render::page("confirm.html", &viewer.chrome(&web, Place::Elsewhere), &view)?.into_response())
}

async fn disconnect(State(web): State<Web>, Path(path): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_user(&web, id(&path)?)?;
    let session = &posted.viewer.session;
    match web.app.disconnect(user.id).await {
        Ok(()) => {
            web.sessions.forget_attempt(session, user.id);
            web.sessions.set_flash(session, "good", "The Microsoft account was disconnected.");
        }
        Err(failure) => {
            let explained = explain(&failure);
            web.sessions.set_flash(session, "bad", format!("{} {}", explained.message, explained.next_step));
        }
    }
    Ok(Redirect::to(&account_page(&posted.viewer, user.id)).into_response())
}

/// What Microsoft's login sends back.
#[derive(Debug, Deserialize)]
struct Returned {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    /// Sent with an administrator's answer, which connects nobody
    /// (learn.microsoft.com/entra/identity-platform/v2-admin-consent).
    admin_consent: Option<String>,
}

impl Returned {
    /// What an administrator answered for everybody; none where this is the
    /// end of somebody's own sign-in.
    fn consent(&self) -> Option<bool> {
        let answer = self.admin_consent.as_deref()?;
        Some(self.error.is_none() && answer.eq_ignore_ascii_case("true"))
    }
}

async fn finish(State(web): State<Web>, viewer: Option<Viewer>, parts: Parts) -> Result<Response, PageError> {
    let Query(returned) = Query::<Returned>::try_from_uri(&parts.uri)
        .map_err(|_| PageError::Invalid("Microsoft's answer cannot be read. Press Connect again.".to_owned()))?;
    if let Some(given) = returned.consent() {
        let chrome = chrome_of(&web, viewer.as_ref());
        let status = if given { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        return result_page(&chrome, status, &ResultView::consent(given));
    }
    let session = session_of(&parts);
    let binding = session.as_ref().map(|session| session.binding.as_str());
    let callback = Callback {
        state: returned.state,
        code: returned.code,
        error: returned.error,
        error_description: returned.error_description,
    };
    let chrome = chrome_of(&web, viewer.as_ref());
    let begun_for = web.app.crm().connect_state(&callback.state)?.map(|begun| begun.user);
    let back = |user: Option<UserId>| match (&viewer, user) {
        (Some(viewer), Some(user)) => account_page(viewer, user),
        (Some(_), None) | (None, _) => format!("{MY_CONFIGURATION}#microsoft-account"),
    };
    match web.app.finish_connect(binding, callback).await {
        Ok((user, account)) => {
            let waits = web.app.first_sync_waits(user.id)?;
            let first_sync = viewer.as_ref().filter(|_| waits).map(|viewer| first_sync::page_of(viewer, &user));
            let rows = web.app.status_of(&user).await?;
            let is_first = rows.iter().all(|row| row.last_sync_at.is_none());
            if let Some(viewer) = &viewer {
                web.sessions.forget_attempt(&viewer.session, user.id);
            }
            let view = ResultView::connected(&user, &account, (is_first, first_sync), &back(Some(user.id)));
            let view = ResultView { account: Some(base_of(user.id)), ..view };
            result_page(&chrome, StatusCode::OK, &view)
        }
        Err(failure) => {
            let explained = explain(&failure);
            let owner = viewer.as_ref().and_then(|viewer| Some((viewer, viewer.open_user(&web, begun_for?).ok()?)));
            let user = owner.as_ref().map(|(_, user)| user.id);
            let view = ResultView { account: user.map(base_of), ..ResultView::failed(&explained, &back(user)) };
            if let Some((viewer, user)) = owner {
                web.sessions.note_attempt(&viewer.session, user.id, explained);
            }
            result_page(&chrome, StatusCode::BAD_REQUEST, &view)
        }
    }
}

/// The frame of a page on which somebody may be signed in or not.
fn chrome_of(web: &Web, viewer: Option<&Viewer>) -> Chrome {
    match viewer {
        Some(viewer) => viewer.chrome(web, Place::Elsewhere),
        None => Chrome::anonymous(&web.product, String::new()),
    }
}

fn result_page(chrome: &Chrome, status: StatusCode, view: &ResultView) -> Result<Response, PageError> {
    Ok((status, render::page("connect_result.html", chrome, view)?).into_response())
}

/// The page in the popup.
#[derive(Debug, Serialize)]
struct ResultView {
    outcome: &'static str,
    title: String,
    badge: Badge,
    message: String,
    details: Vec<String>,
    next_step: String,
    consent_address: Option<String>,
    /// Where the first run is looked at, if it waits.
    first_sync_href: Option<String>,
    back_href: String,
    /// The account that it was about, by [`base_of`] its user, where the viewer may know
    /// it: pages with another one are not meant.
    account: Option<String>,
}

impl ResultView {
    fn connected(
        user: &User,
        account: &Account,
        (is_first, first_sync_href): (bool, Option<String>),
        back_href: &str,
    ) -> Self {
        let complete = account.missing_scopes.is_empty();
        let next = match (&first_sync_href, is_first) {
            (Some(_), _) => "Nothing is synchronized yet: see first what would happen, then start it.",
            (None, true) => "To see the first synchronization, open the calendar or the tasks and press Sync now.",
            (None, false) => "To bring both sides into step now, open the calendar or the tasks and press Sync now.",
        };
        Self {
            outcome: "connected",
            title: "Connected".to_owned(),
            badge: if complete {
                Badge { kind: "good", text: "Connected" }
            } else {
                Badge { kind: "warn", text: "Permission missing" }
            },
            message: format!("{} is now connected with {}.", user.display_name, account.name),
            details: account.missing_scopes.clone(),
            next_step: if complete {
                next.to_owned()
            } else {
                "The permissions above were not granted. Connect again and accept all of them. Until then only what \
                 does not need them is synchronized: start it from the Microsoft Settings."
                    .to_owned()
            },
            consent_address: None,
            // Where permissions are missing, the account says so first, and leads on from there.
            first_sync_href: first_sync_href.filter(|_| complete),
            back_href: back_href.to_owned(),
            account: None,
        }
    }

    /// What an administrator answered for everybody.
    fn consent(given: bool) -> Self {
        let (outcome, title, badge, message, next_step) = if given {
            (
                "consented",
                "Thank you",
                Badge { kind: "good", text: "Consent given" },
                "The application may be used in your Microsoft 365 organization.",
                "Everybody can connect their own account now.",
            )
        } else {
            (
                "not-consented",
                "No consent was given",
                Badge { kind: "bad", text: "Not consented" },
                "The application may not be used in your Microsoft 365 organization.",
                "Open the address again to consent, or tell the person who sent it to you.",
            )
        };
        Self {
            outcome,
            title: title.to_owned(),
            badge,
            message: message.to_owned(),
            details: Vec::new(),
            next_step: next_step.to_owned(),
            consent_address: None,
            first_sync_href: None,
            back_href: format!("{MY_CONFIGURATION}#microsoft-account"),
            account: None,
        }
    }

    fn failed(explained: &Explained, back_href: &str) -> Self {
        Self {
            outcome: explained.code,
            title: explained.title.to_owned(),
            badge: Badge { kind: "bad", text: explained.badge },
            message: explained.message.clone(),
            details: explained.details.clone(),
            next_step: explained.next_step.to_owned(),
            consent_address: explained.consent_address.clone(),
            first_sync_href: None,
            back_href: back_href.to_owned(),
            account: None,
        }
    }
}
