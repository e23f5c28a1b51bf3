//! `/api/alerts`: what asks for something to be done, how much of it there is,
//! and the release of a guard rail.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::{ApiError, Params};
use crate::app::{OrganizationSummary, ReleaseError, ShownAlert};
use crate::crm::notices::AlertList;
use crate::web::Web;
use crate::web::error::sentence;

/// Which alerts: of one user or of everybody, open or resolved.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    user: Option<String>,
    #[serde(default)]
    resolved: bool,
}

pub(super) async fn list(
    State(web): State<Web>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Vec<ShownAlert>>, ApiError> {
    let list = if wanted.resolved { AlertList::Resolved } else { AlertList::Open };
    Ok(Json(web.app.alerts(wanted.user.as_deref(), list)?))
}

pub(super) async fn summary(State(web): State<Web>) -> Result<Json<Vec<OrganizationSummary>>, ApiError> {
    Ok(Json(web.app.alert_summaries()?))
}

/// What a release may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Released {
    /// The message that was read: more may be held back by now.
    read: Option<String>,
}

/// Releases the guard rail that an alert is about, and answers with the alert,
/// which is over by then. A script that has shown the alert to somebody says what
/// it said.
pub(super) async fn release(
    State(web): State<Web>,
    Path(id): Path<String>,
    body: Option<Json<Released>>,
) -> Result<Json<ShownAlert>, ApiError> {
    let id = id.parse().map_err(|_| ApiError::not_found("there is no alert with this identifier"))?;
    let Released { read } = body.map(|Json(body)| body).unwrap_or_default();
    Ok(Json(web.app.release(id, read.as_deref()).await?))
}

impl From<ReleaseError> for ApiError {
    fn from(error: ReleaseError) -> Self {
        let (code, text) = (error.code(), sentence(&error, error.hint()));
        match error {
            ReleaseError::App(error) => error.into(),
            ReleaseError::NotAGuardRail | ReleaseError::Over | ReleaseError::Changed => {
                Self::new(StatusCode::CONFLICT, code, text)
            }
        }
    }
}
