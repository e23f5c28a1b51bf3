//! `/api/users`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::{ApiError, Body};
use crate::crm::users::{NewUser, User};
use crate::web::Web;

pub(super) async fn list(State(web): State<Web>) -> Result<Json<Vec<User>>, ApiError> {
    Ok(Json(web.app.crm().all_users()?))
}

pub(super) async fn create(
    State(web): State<Web>,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<User>), ApiError> {
    Ok((StatusCode::CREATED, Json(web.app.crm().create_user(&new)?)))
}
