//! `/api/sync`, and what the pages show of it: the status.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{ApiError, Body, Params};
use crate::app::{Resource, SetAside, StatusRow};
use crate::crm::overview::Whose;
use crate::web::Web;

/// What to run.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Run {
    user: String,
    /// One resource; every enabled one, one after the other, where it is absent.
    resource: Option<String>,
    #[serde(default)]
    preview: bool,
    /// Compare everything once more, not only what has changed.
    #[serde(default)]
    again: bool,
    max_steps: Option<u32>,
}

pub(super) async fn run(State(web): State<Web>, Body(run): Body<Run>) -> Result<Response, ApiError> {
    let resource = run.resource.as_deref().map(resource_of).transpose()?;
    if run.max_steps == Some(0) {
        return Err(ApiError::invalid("invalid-body", "expected `maxSteps` to be at least 1, but found 0"));
    }
    if run.preview && run.again {
        let message = "expected `preview` or `again`, but found both: what is compared again is remembered, and a \
                       preview changes nothing";
        return Err(ApiError::invalid("invalid-body", message));
    }
    let (app, user) = (&web.app, web.app.crm().user_by_login(&run.user)?.id);
    if run.again {
        match resource {
            Some(resource) => app.compare_again(user, resource).await?,
            None => app.compare_enabled_again(user).await?,
        }
    }
    Ok(match (resource, run.preview) {
        (Some(resource), true) => Json(app.preview(user, resource).await?).into_response(),
        (Some(resource), false) => Json(app.sync(user, resource, run.max_steps).await?).into_response(),
        (None, true) => Json(app.preview_enabled(user).await?).into_response(),
        (None, false) => Json(app.sync_enabled(user, run.max_steps).await?).into_response(),
    })
}

fn resource_of(word: &str) -> Result<Resource, ApiError> {
    match word.parse().map_err(|error| ApiError::invalid("unknown-resource", format!("{error}")))? {
        resource @ (Resource::Calendar | Resource::Tasks) => Ok(resource),
        Resource::Mail => Err(ApiError::not_available("mails")),
    }
}

/// What is to be tried again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retry {
    user: String,
    resource: String,
    /// All that is set aside, where it is absent.
    keys: Option<Vec<String>>,
}

/// What a retry has come to.
#[derive(Debug, Serialize)]
pub(super) struct Retried {
    retried: u32,
}

/// Of whom.
#[derive(Debug, Deserialize)]
pub(super) struct Owner {
    user: String,
}

pub(super) async fn set_aside(
    State(web): State<Web>,
    Params(of): Params<Owner>,
) -> Result<Json<Vec<SetAside>>, ApiError> {
    let user = web.app.crm().user_by_login(&of.user)?.id;
    Ok(Json(web.app.set_aside(user).await?))
}

pub(super) async fn retry(State(web): State<Web>, Body(retry): Body<Retry>) -> Result<Json<Retried>, ApiError> {
    let user = web.app.crm().user_by_login(&retry.user)?.id;
    let retried = web.app.retry(user, resource_of(&retry.resource)?, retry.keys).await?;
    Ok(Json(Retried { retried }))
}

pub(super) async fn status(State(web): State<Web>) -> Result<Json<Vec<StatusRow>>, ApiError> {
    Ok(Json(web.app.status(Whose::All).await?))
}
