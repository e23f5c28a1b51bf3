//! `/api/calendar-events`: the calendars of the CRM's users.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::{ApiError, Body, Params};
use crate::crm::EventId;

use crate::crm::event::{CalendarEvent, Deletion, EventInput};
use crate::crm::users::User;
use crate::web::Web;

/// Whose calendar.
#[derive(Debug, Deserialize)]
pub(super) struct Of {
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

fn id(text: &str) -> Result<EventId, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("there is no calendar event with this identifier"))
}

pub(super) async fn list(State(web): State<Web>, Params(of): Params<Of>) -> Result<Json<Vec<CalendarEvent>>, ApiError> {
    let user = of.open(&web)?;
    Ok(Json(web.app.crm().events_of(user.id)?))
}

pub(super) async fn create(
    State(web): State<Web>,
    Params(of): Params<Of>,
    Body(body): Body<Value>,
) -> Result<(StatusCode, Json<CalendarEvent>), ApiError> {
    let user = of.open(&web)?;
    let input = EventInput::from_json(body).map_err(crate::crm::CrmError::from)?;
    Ok((StatusCode::CREATED, Json(web.app.crm().create_event(user.id, input)?)))
}

pub(super) async fn show(State(web): State<Web>, Path(path): Path<String>) -> Result<Json<CalendarEvent>, ApiError> {
    Ok(Json(web.app.crm().any_event(id(&path)?)?))
}

pub(super) async fn change(
    State(web): State<Web>,
    Path(path): Path<String>,
    Body(body): Body<Value>,
) -> Result<Json<CalendarEvent>, ApiError> {
    let stored = web.app.crm().any_event(id(&path)?)?;
    let input = EventInput::from_json(body).map_err(crate::crm::CrmError::from)?;
    Ok(Json(web.app.crm().update_event(stored.owner, stored.id, input)?))
}

/// 204 where the event is gone; 200 with the event where it is an occurrence of
/// a series, which stays as cancelled.
pub(super) async fn delete(State(web): State<Web>, Path(path): Path<String>) -> Result<Response, ApiError> {
    let stored = web.app.crm().any_event(id(&path)?)?;
    Ok(match web.app.crm().delete_event(stored.owner, stored.id)? {
        Deletion::Removed => StatusCode::NO_CONTENT.into_response(),
        Deletion::Cancelled(event) => Json(*event).into_response(),
    })
}
