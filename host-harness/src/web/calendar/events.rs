//! Events of the CRM's side: new, change, delete.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::form::{EventForm, EventFormView};
use super::guests::{self, PeopleView, people_of};
use super::href_of;
use crate::app::AppError;
use crate::crm::EventId;
use crate::crm::event::{CalendarEvent, EventKind};
use crate::crm::meeting::NotifyAttendees;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::confirm::ConfirmView;
use crate::web::error::{PageError, sentence};
use crate::web::render;
use crate::web::viewer::{Place, Posted, Viewer};

/// Whom a change on a page is told to: every guest, as Oro's dialog proposes.
const NOTIFIED: NotifyAttendees = NotifyAttendees::All;

/// What a guest has to know before editing.
const FOREIGN_NOTE: &str = "Somebody else organizes this event and decides what it is and who is invited. The reminder \
                            and your answer are yours.";

/// What an occurrence is that nobody sees in the calendar any more.
const CANCELLED_NOTE: &str = "This occurrence of a series is cancelled.";

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/calendar/events", post(create))
        .route("/calendar/events/new", get(blank))
        .route("/calendar/events/{id}", get(edit).post(update))
        .route("/calendar/events/{id}/delete", get(ask_delete).post(delete))
        .route("/calendar/events/{id}/reply", post(guests::reply))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
}

/// An event that the viewer may open, and whose it is.
pub(super) fn open(web: &Web, viewer: &Viewer, id: &str) -> Result<(CalendarEvent, User), PageError> {
    let id: EventId = id.parse().map_err(|_| PageError::NotFound)?;
    let event = web.app.crm().any_event(id)?;
    let user = viewer.open_user(web, event.owner)?;
    Ok((event, user))
}

fn page(web: &Web, viewer: &Viewer, status: StatusCode, view: &EventFormView) -> Result<Response, PageError> {
    Ok((status, render::page("event_form.html", &viewer.chrome(web, Place::Calendar), view)?).into_response())
}

fn new_view(user: &User, form: EventForm, error: Option<String>) -> EventFormView {
    EventFormView {
        title: "New event",
        action: "/calendar/events".to_owned(),
        back_href: href_of(&user.login),
        login: user.login.clone(),
        version: None,
        delete_href: None,
        locked: false,
        error,
        note: None,
        people: None,
        form,
    }
}

fn edit_view(
    event: &CalendarEvent,
    user: &User,
    people: Option<PeopleView>,
    version: &str,
    form: EventForm,
    error: Option<String>,
) -> EventFormView {
    let note = match (event.is_organizer, event.values.kind()) {
        (_, EventKind::Exception) if event.values.cancelled => Some(CANCELLED_NOTE),
        (false, EventKind::Single | EventKind::Series | EventKind::Exception) => Some(FOREIGN_NOTE),
        (true, EventKind::Single) => None,
        (true, EventKind::Series) => Some("This is a series: a change applies to all of its occurrences."),
        (true, EventKind::Exception) => Some("This is one occurrence of a series: a change applies to it alone."),
    };
    EventFormView {
        title: "Event",
        action: format!("/calendar/events/{}", event.id),
        back_href: href_of(&user.login),
        login: user.login.clone(),
        version: Some(version.to_owned()),
        delete_href: Some(format!("/calendar/events/{}/delete", event.id)),
        locked: !event.is_organizer,
        error,
        note,
        people,
        form,
    }
}

async fn blank(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let form = EventForm::blank(web.app.clock().now(), user.time_zone.0);
    page(&web, &viewer, StatusCode::OK, &new_view(&user, form, None))
}

async fn create(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let form = EventForm::posted(&posted.form);
    let stored = match form.input(None, None) {
        Ok(input) => web.app.create_event(user.id, input, NOTIFIED).await.map_err(|error| said(&error)),
        Err(error) => Err(error),
    };
    match stored {
        Ok(_) => Ok(done(&web, &posted.viewer, &user, "The event was created.")),
        Err(error) => page(&web, &posted.viewer, StatusCode::BAD_REQUEST, &new_view(&user, form, Some(error))),
    }
}

async fn edit(State(web): State<Web>, viewer: Viewer, Path(id): Path<String>) -> Result<Response, PageError> {
    let (event, user) = open(&web, &viewer, &id)?;
    let people = people(&web, &viewer, &event, &user)?;
    let view = edit_view(&event, &user, people, event.version.as_str(), EventForm::of(&event.values), None);
    page(&web, &viewer, StatusCode::OK, &view)
}

async fn update(State(web): State<Web>, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let (event, user) = open(&web, &posted.viewer, &id)?;
    let form = EventForm::posted(&posted.form);
    // The version that the person saw, so that a synchronization in between
    // is not overwritten unseen.
    let version = posted.form.trimmed("version").to_owned();
    let stored = match form.input(Some(&event.values), Some(&version)) {
        Ok(input) => web.app.update_event(user.id, event.id, input, NOTIFIED).await.map_err(|error| said(&error)),
        Err(error) => Err(error),
    };
    match stored {
        Ok(_) => Ok(done(&web, &posted.viewer, &user, "The event was saved.")),
        Err(error) => {
            // Still the version that the person saw: what came in between has
            // to be looked at before it can be replaced.
            let people = people(&web, &posted.viewer, &event, &user)?;
            let view = edit_view(&event, &user, people, &version, form, Some(error));
            page(&web, &posted.viewer, StatusCode::BAD_REQUEST, &view)
        }
    }
}

async fn ask_delete(State(web): State<Web>, viewer: Viewer, Path(id): Path<String>) -> Result<Response, PageError> {
    let (event, _) = open(&web, &viewer, &id)?;
    let here = format!("/calendar/events/{}", event.id);
    let question = format!(
        "Delete “{}”? The next sync deletes it on the other side as well, where the direction allows it.",
        event.values.title
    );
    let view = ConfirmView::post("Delete", question, &format!("{here}/delete"), &here);
    Ok(render::page("confirm.html", &viewer.chrome(&web, Place::Calendar), &view)?.into_response())
}

async fn delete(State(web): State<Web>, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let (event, user) = open(&web, &posted.viewer, &id)?;
    web.app.delete_event(user.id, event.id, NOTIFIED).await?;
    Ok(done(&web, &posted.viewer, &user, "The event was deleted."))
}

fn done(web: &Web, viewer: &Viewer, user: &User, text: &str) -> Response {
    web.sessions.set_flash(&viewer.session, "good", text);
    Redirect::to(&href_of(&user.login)).into_response()
}

fn people(web: &Web, viewer: &Viewer, event: &CalendarEvent, user: &User) -> Result<Option<PeopleView>, PageError> {
    Ok(people_of(&web.app.crm().with_meeting(event.clone())?, user, &viewer.user))
}

fn said(error: &AppError) -> String {
    sentence(error, error.hint())
}
