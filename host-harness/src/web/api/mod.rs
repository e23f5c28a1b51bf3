//! The JSON interface of the CRM listener, for tests and tools.
//!
//! It needs no session: it answers on the loopback interface alone, and refuses
//! what a page of another origin could send (see [`super::security`]). Field
//! names and paths are a contract with scripts outside the project.

mod account;
mod alerts;
mod config;
mod conflicts;
mod control;
mod error;
mod events;
mod outbox;
mod sync;
mod tasks;
mod users;

pub use error::ApiError;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Web;
use super::security::{CrossSite, check_cross_site};
use crate::crm::users::User;

/// The paths of the interface.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/api/users", get(users::list).post(users::create))
        .route("/api/users/{login}/microsoft/connect", post(account::connect))
        .route("/api/users/{login}/microsoft/check", post(account::check))
        .route("/api/users/{login}/microsoft/disconnect", post(account::disconnect))
        .route("/api/calendar-events", get(events::list).post(events::create))
        .route("/api/calendar-events/instances", get(events::instances))
        .route("/api/calendar-events/{id}", get(events::show).patch(events::change).delete(events::delete))
        .route("/api/calendar-events/{id}/reply", post(events::reply))
        .route("/api/outbox", get(outbox::list).delete(outbox::empty))
        .route("/api/config/effective", get(config::effective))
        .route("/api/config/{level}/{id}", get(config::show).put(config::save))
        .route("/api/sync", post(sync::run))
        .route("/api/set-aside", get(sync::set_aside))
        .route("/api/set-aside/retry", post(sync::retry))
        .route("/api/status", get(sync::status))
        .route("/api/alerts", get(alerts::list))
        .route("/api/alerts/summary", get(alerts::summary))
        .route("/api/alerts/{id}/release", post(alerts::release))
        .route("/api/conflicts", get(conflicts::list))
        .route("/api/conflicts/{id}/reverse", post(conflicts::reverse).get(conflicts::offer))
        .route("/api/tasks", get(tasks::list).post(tasks::create))
        .route("/api/tasks/{id}", get(tasks::show).patch(tasks::change).delete(tasks::delete))
        .route("/api/tasks/{id}/transition", post(tasks::transition))
        .route("/api/control/clock", post(control::clock))
        .route("/api/control/crash", post(control::crash))
        .route("/api/control/task-workflow", get(control::task_workflow).put(control::set_task_workflow))
        .route("/api/{*path}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(refuse_cross_site))
}

async fn refuse_cross_site(request: Request, next: Next) -> Response {
    match check_cross_site(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refusal(refused).into_response(),
    }
}

fn refusal(refused: CrossSite) -> ApiError {
    match refused {
        CrossSite::ForeignOrigin => ApiError::new(StatusCode::FORBIDDEN, "foreign-origin", refused.to_string()),
        CrossSite::ContentType => {
            ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", refused.to_string())
        }
    }
}

async fn unknown() -> ApiError {
    ApiError::not_found("there is nothing at this path of the JSON interface")
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "this path does not know this method")
}

/// Whose records.
#[derive(Debug, Deserialize)]
struct Of {
    user: Option<String>,
}

impl Of {
    fn open(&self, web: &Web) -> Result<User, ApiError> {
        let login = self
            .user
            .as_deref()
            .ok_or_else(|| ApiError::invalid("missing-user", "expected a query parameter `user` with a login"))?;
        Ok(web.app.crm().user_by_login(login)?)
    }
}

/// A JSON body; one that cannot be read is an error in the interface's shape.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Web> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, web).await.map_err(|_| {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "the body is too long or broke off")
        })?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            ApiError::invalid(
                "invalid-body",
                format!("expected a JSON body of the documented shape, but found: {error}"),
            )
        })?;
        Ok(Self(value))
    }
}

/// Query parameters; those that cannot be read are an error in the interface's
/// shape.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Web> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, ApiError> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(params)| Self(params)).map_err(|error| {
            ApiError::invalid(
                "invalid-parameters",
                format!("expected the documented query parameters, but found: {error}"),
            )
        })
    }
}
