//! `/api/calendar-events`: the calendars of the CRM's users, as people use
//! them.
//!
//! Events are shown with the meeting that they belong to. A write does what a
//! person's would: `notifyAttendees` says whom the CRM writes to, where that is
//! its duty. Oro's interface is silent by default; here the default is what its
//! dialog proposes, `all`, because an emulation that stays silent shows nothing.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{ApiError, Body, Of, Params};
use crate::crm::event::{CalendarEvent, Deletion, EventInput, EventInstance};
use crate::crm::meeting::{MeetingEvent, NotifyAttendees, Reply};
use crate::crm::{CrmError, EventId};
use crate::web::Web;

/// The member of a body, and the parameter of a deletion, that says whom the
/// CRM writes to.
const NOTIFY_ATTENDEES: &str = "notifyAttendees";

/// How an event is deleted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deleting {
    notify_attendees: Option<String>,
}

/// A guest's answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    status: String,
}

/// Whose calendar, and from when on until when.
#[derive(Debug, Deserialize)]
pub(super) struct Between {
    user: Option<String>,
    start: Option<String>,
    end: Option<String>,
}

fn id(text: &str) -> Result<EventId, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("there is no calendar event with this identifier"))
}

fn shown(web: &Web, event: CalendarEvent) -> Result<Json<MeetingEvent>, ApiError> {
    Ok(Json(web.app.crm().with_meeting(event)?))
}

pub(super) async fn list(State(web): State<Web>, Params(of): Params<Of>) -> Result<Json<Vec<MeetingEvent>>, ApiError> {
    let user = of.open(&web)?;
    Ok(Json(web.app.crm().with_meetings(web.app.crm().events_of(user.id)?)?))
}

/// What a person sees in the calendar: occurrences, not series.
pub(super) async fn instances(
    State(web): State<Web>,
    Params(between): Params<Between>,
) -> Result<Json<Vec<EventInstance>>, ApiError> {
    let from = instant(between.start.as_deref(), "start")?;
    let until = instant(between.end.as_deref(), "end")?;
    let user = Of { user: between.user }.open(&web)?;
    Ok(Json(web.app.crm().event_instances(user.id, from, until)?))
}

fn instant(text: Option<&str>, name: &str) -> Result<DateTime<Utc>, ApiError> {
    let found = text.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    found.map(|instant| instant.to_utc()).ok_or_else(|| {
        let message = format!("expected a query parameter `{name}` with an instant such as `2026-03-01T09:00:00Z`");
        ApiError::invalid("invalid-instant", message)
    })
}

pub(super) async fn create(
    State(web): State<Web>,
    Params(of): Params<Of>,
    Body(body): Body<Value>,
) -> Result<(StatusCode, Json<MeetingEvent>), ApiError> {
    let user = of.open(&web)?;
    let (input, notify) = read(body)?;
    let event = web.app.create_event(user.id, input, notify).await?;
    Ok((StatusCode::CREATED, shown(&web, event)?))
}

pub(super) async fn show(State(web): State<Web>, Path(path): Path<String>) -> Result<Json<MeetingEvent>, ApiError> {
    shown(&web, web.app.crm().any_event(id(&path)?)?)
}

pub(super) async fn change(
    State(web): State<Web>,
    Path(path): Path<String>,
    Body(body): Body<Value>,
) -> Result<Json<MeetingEvent>, ApiError> {
    let stored = web.app.crm().any_event(id(&path)?)?;
    let (input, notify) = read(body)?;
    shown(&web, web.app.update_event(stored.owner, stored.id, input, notify).await?)
}

/// 204 where the event is gone; 200 with the event where it is an occurrence of
/// a series, which stays as cancelled.
pub(super) async fn delete(
    State(web): State<Web>,
    Path(path): Path<String>,
    Params(deleting): Params<Deleting>,
) -> Result<Response, ApiError> {
    let stored = web.app.crm().any_event(id(&path)?)?;
    let notify = notify_of(deleting.notify_attendees.as_deref())?;
    Ok(match web.app.delete_event(stored.owner, stored.id, notify).await? {
        Deletion::Removed => StatusCode::NO_CONTENT.into_response(),
        Deletion::Cancelled(event) => shown(&web, *event)?.into_response(),
    })
}

/// Answers as the owner of the calendar that the event is in.
pub(super) async fn reply(
    State(web): State<Web>,
    Path(path): Path<String>,
    Body(answer): Body<Answer>,
) -> Result<Json<MeetingEvent>, ApiError> {
    let stored = web.app.crm().any_event(id(&path)?)?;
    let reply: Reply = answer
        .status
        .parse()
        .map_err(|error| ApiError::invalid("invalid-reply", format!("`status`: {error}; send one of them")))?;
    shown(&web, web.app.reply_to_event(stored.owner, stored.id, reply).await?)
}

/// The fields of an event, and whom the CRM writes to.
fn read(mut body: Value) -> Result<(EventInput, NotifyAttendees), ApiError> {
    let word = body.as_object_mut().and_then(|body| body.remove(NOTIFY_ATTENDEES));
    let notify = match &word {
        None => notify_of(None)?,
        // What is no text is no word either.
        Some(word) => notify_of(Some(word.as_str().unwrap_or_default()))?,
    };
    Ok((EventInput::from_json(body).map_err(CrmError::from)?, notify))
}

fn notify_of(word: Option<&str>) -> Result<NotifyAttendees, ApiError> {
    word.map_or(Ok(NotifyAttendees::All), str::parse).map_err(|error| {
        let message = format!("`{NOTIFY_ATTENDEES}`: {error}; send one of them, or leave it out for `all`");
        ApiError::invalid("invalid-notify-attendees", message)
    })
}
