//! `/api/outbox`: the mails that the CRM would have sent to guests and
//! organisers, the oldest first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::ApiError;
use crate::crm::meeting::Mail;
use crate::web::Web;

pub(super) async fn list(State(web): State<Web>) -> Result<Json<Vec<Mail>>, ApiError> {
    Ok(Json(web.app.crm().outbox()?))
}

pub(super) async fn empty(State(web): State<Web>) -> Result<StatusCode, ApiError> {
    web.app.crm().empty_outbox()?;
    Ok(StatusCode::NO_CONTENT)
}
