//! `/api/tasks`: the tasks of the CRM's users, as people use them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{ApiError, Body, Of, Params};
use crate::crm::task::{Task, TaskInput, Transition};
use crate::crm::{CrmError, TaskId};
use crate::web::Web;

/// Where to move a task while the workflow is active.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    transition: String,
}

/// The task of a path.
fn stored(web: &Web, id: &str) -> Result<Task, ApiError> {
    let id: TaskId = id.parse().map_err(|_| ApiError::not_found("there is no task with this identifier"))?;
    Ok(web.app.crm().any_task(id)?)
}

fn read(body: Value) -> Result<TaskInput, ApiError> {
    Ok(TaskInput::from_json(body).map_err(CrmError::from)?)
}

pub(super) async fn list(State(web): State<Web>, Params(of): Params<Of>) -> Result<Json<Vec<Task>>, ApiError> {
    let user = of.open(&web)?;
    Ok(Json(web.app.crm().tasks_of(user.id)?))
}

/// The user of the query makes the task; it is for him where the body names
/// nobody else.
pub(super) async fn create(
    State(web): State<Web>,
    Params(of): Params<Of>,
    Body(body): Body<Value>,
) -> Result<(StatusCode, Json<Task>), ApiError> {
    let user = of.open(&web)?;
    Ok((StatusCode::CREATED, Json(web.app.create_task(user.id, read(body)?).await?)))
}

pub(super) async fn show(State(web): State<Web>, Path(path): Path<String>) -> Result<Json<Task>, ApiError> {
    Ok(Json(stored(&web, &path)?))
}

pub(super) async fn change(
    State(web): State<Web>,
    Path(path): Path<String>,
    Body(body): Body<Value>,
) -> Result<Json<Task>, ApiError> {
    let stored = stored(&web, &path)?;
    Ok(Json(web.app.update_task(stored.owner, stored.id, read(body)?).await?))
}

pub(super) async fn delete(State(web): State<Web>, Path(path): Path<String>) -> Result<StatusCode, ApiError> {
    let stored = stored(&web, &path)?;
    web.app.delete_task(stored.owner, stored.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn transition(
    State(web): State<Web>,
    Path(path): Path<String>,
    Body(wanted): Body<Move>,
) -> Result<Json<Task>, ApiError> {
    let stored = stored(&web, &path)?;
    let transition: Transition = wanted
        .transition
        .parse()
        .map_err(|error| ApiError::invalid("unknown-transition", format!("`transition`: {error}; send one of them")))?;
    Ok(Json(web.app.move_task(stored.owner, stored.id, transition).await?))
}
