//! `/api/users/{login}/microsoft/…`: the buttons of the section "Microsoft
//! Account".
//!
//! A connection that is begun here is bound to no browser: a script follows
//! the address itself.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::ApiError;
use crate::app::CheckReport;
use crate::crm::UserId;
use crate::web::Web;

fn user(web: &Web, login: &str) -> Result<UserId, ApiError> {
    Ok(web.app.crm().user_by_login(login)?.id)
}

pub(super) async fn connect(State(web): State<Web>, Path(login): Path<String>) -> Result<Json<Value>, ApiError> {
    let authorization = web.app.begin_connect(user(&web, &login)?, None).await?;
    Ok(Json(json!({ "authorizeUrl": authorization.url })))
}

pub(super) async fn check(State(web): State<Web>, Path(login): Path<String>) -> Result<Json<CheckReport>, ApiError> {
    Ok(Json(web.app.check_connection(user(&web, &login)?).await?.into()))
}

pub(super) async fn disconnect(State(web): State<Web>, Path(login): Path<String>) -> Result<Json<Value>, ApiError> {
    web.app.disconnect(user(&web, &login)?).await?;
    Ok(Json(json!({ "connected": false })))
}
