//! Events of the CRM's side: new and change. The page of an event is in
//! [`super::event_page`], a day of a series in [`super::occurrence`], deleting in
//! [`super::deletion`].

use axum::Router;
use axum::extract::{Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::form::{EventForm, EventFormView, field_of};
use super::occurrence::{self, Answer, ChoiceView, Occurrence};
use super::opened::Opened;
use super::rule::{RuleForm, words};
use super::told::{Audience, Told};
use super::{deletion, event_page, guests, href_of};
use crate::crm::event::{CalendarEvent, EventKind};
use crate::crm::meeting::NotifyAttendees;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::dates::Dates;
use crate::web::error::PageError;
use crate::web::forms::FormFields;
use crate::web::problems::Problems;
use crate::web::render;
use crate::web::viewer::{Place, Posted, Viewer};

/// Whom a change on a page is told to: every guest, as Oro's dialog proposes.
pub(super) const NOTIFIED: NotifyAttendees = NotifyAttendees::All;

/// What a guest has to know before editing.
pub(super) const FOREIGN_NOTE: &str = "Somebody else organizes this event and decides what it is and who is invited. \
                                       The reminder and your answer are yours.";

/// What a change of a series brings with it (Oro row C4).
const SERIES_NOTE: &str = "This is the whole series. A new rule, time or length drops what was changed or cancelled on \
                           single days; anything else reaches the days that have nothing of their own.";

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/calendar/events", post(create))
        .route("/calendar/events/new", get(blank))
        .route("/calendar/events/{id}", get(event_page::show).post(update))
        .route("/calendar/events/{id}/edit", get(edit))
        .route("/calendar/events/{id}/occurrence", post(occurrence::change))
        .route("/calendar/events/{id}/delete", get(deletion::ask).post(deletion::delete))
        .route("/calendar/events/{id}/reply", post(guests::reply))
        .route("/calendar/rule", get(in_words))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
}

/// Which part of a series somebody asks about.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// The occurrence, by its name; empty for the event as a whole.
    #[serde(default)]
    pub(super) occurrence: String,
    /// `this` for the day alone, once that was chosen.
    #[serde(default)]
    pub(super) scope: String,
}

pub(super) fn page(
    web: &Web,
    viewer: &Viewer,
    status: StatusCode,
    view: &EventFormView,
) -> Result<Response, PageError> {
    Ok((status, render::page("event_form.html", &viewer.chrome(web, Place::Calendar), view)?).into_response())
}

fn new_view(user: &User, dates: Dates, form: EventForm, problems: Problems) -> EventFormView {
    EventFormView {
        title: "New event",
        action: "/calendar/events".to_owned(),
        back_href: href_of(&user.login),
        login: user.login.clone(),
        version: None,
        locked: false,
        problems,
        note: None,
        told: None,
        of_guests: None,
        occurrence: None,
        rule: form.rule_view(dates),
        form,
    }
}

fn edit_view(
    event: &CalendarEvent,
    (user, dates): (&User, Dates),
    version: &str,
    form: EventForm,
    problems: Problems,
) -> EventFormView {
    let note = match (event.is_organizer, event.values.kind()) {
        (_, EventKind::Exception) if event.values.cancelled => Some(event_page::CANCELLED_NOTE),
        (false, EventKind::Single | EventKind::Series | EventKind::Exception) => Some(FOREIGN_NOTE),
        (true, EventKind::Single) => None,
        (true, EventKind::Series) => Some(SERIES_NOTE),
        (true, EventKind::Exception) => Some("This is one occurrence of a series: a change applies to it alone."),
    };
    let title = match event.values.kind() {
        EventKind::Single => "Edit event",
        EventKind::Series => "Edit all events",
        EventKind::Exception => "Edit this event",
    };
    EventFormView {
        title,
        action: format!("/calendar/events/{}", event.id),
        back_href: format!("/calendar/events/{}", event.id),
        login: user.login.clone(),
        version: Some(version.to_owned()),
        locked: !event.is_organizer,
        problems,
        note,
        told: None,
        of_guests: None,
        occurrence: None,
        // Who does not organise it does not decide how it repeats.
        rule: form.rule_view(dates).filter(|_| event.is_organizer),
        form,
    }
}

async fn blank(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let form = EventForm::blank(web.app.clock().now(), user.time_zone.0);
    let list = Audience::of_new(&web, &user).list().await;
    let view = new_view(&user, viewer.dates(), form, Problems::default()).telling(None, list);
    page(&web, &viewer, StatusCode::OK, &view)
}

async fn create(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let form = EventForm::posted(&posted.form);
    let stored = match form.input(None, None) {
        Ok(input) => {
            web.app.create_event(user.id, input, NOTIFIED).await.map_err(|error| Problems::of_app(&error, field_of))
        }
        Err(problems) => Err(problems),
    };
    match stored {
        Ok(event) => {
            let told = Audience::about(&web, &user, &event).event(&event).await.map(Told::of_either);
            let said = told.map_or_else(String::new, |told| format!(" {told}"));
            Ok(done(&web, &posted.viewer, &user, event.values.start, &format!("The event was created.{said}")))
        }
        Err(problems) => {
            let list = Audience::of_new(&web, &user).list().await;
            let view = new_view(&user, posted.viewer.dates(), form, problems).telling(None, list);
            page(&web, &posted.viewer, StatusCode::BAD_REQUEST, &view)
        }
    }
}

/// The form of an event; where only a day of a series may be meant, what is meant
/// is asked first.
async fn edit(
    State(web): State<Web>,
    Opened { viewer, event, user }: Opened,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let is_chosen = asked.scope == "this";
    let (event, day) = match of_day(&web, event.clone(), &asked)? {
        Some(Occurrence::Exception(exception)) => (*exception, None),
        Some(Occurrence::ByRule(day)) => (day.series.clone(), Some(day)),
        None => (event, None),
    };
    if !is_chosen && let Some(choice) = edit_choice(&viewer, &event, day.as_deref()) {
        return Ok(render::page("event_choice.html", &viewer.chrome(&web, Place::Calendar), &choice)?.into_response());
    }
    let version = event.version.as_str();
    let audience = Audience::about(&web, &user, &event);
    let (view, told) = if let Some(day) = day {
        let told = audience.day(&day.series, &day.values).await;
        (occurrence::view(&day, &user, version, occurrence::form_of(&day), Problems::default()), told)
    } else {
        let told = audience.event(&event).await;
        let form = EventForm::of(&event.values);
        (edit_view(&event, (&user, viewer.dates()), version, form, Problems::default()), told)
    };
    page(&web, &viewer, StatusCode::OK, &view.telling(told, audience.list().await))
}

/// The day of a series that somebody asks about; none for a whole event.
pub(super) fn of_day(web: &Web, event: CalendarEvent, asked: &Asked) -> Result<Option<Occurrence>, PageError> {
    match (asked.occurrence.as_str(), event.values.kind()) {
        (_, EventKind::Exception) => Ok(Some(Occurrence::Exception(Box::new(event)))),
        ("", EventKind::Single | EventKind::Series) => Ok(None),
        (name, EventKind::Single | EventKind::Series) => Ok(Some(occurrence::find(web, event, name)?)),
    }
}

/// The question whether a day or all of its series is meant; none for an event
/// that is meant as a whole.
fn edit_choice(viewer: &Viewer, event: &CalendarEvent, day: Option<&occurrence::Day>) -> Option<ChoiceView> {
    let (series, original) = match day {
        Some(day) => (day.series.id, day.original),
        None => occurrence::series_of(event)?,
    };
    let values = day.map_or(&event.values, |day| &day.values);
    let here = format!("/calendar/events/{}", event.id);
    let this = match day {
        Some(day) => occurrence::edit_href(series, day.original),
        None => format!("{here}/edit?scope=this"),
    };
    Some(ChoiceView {
        title: "Edit recurring event".to_owned(),
        question: format!(
            "“{}”, {}, is one event of a series. What do you want to edit?",
            values.title,
            occurrence::when(event, values, viewer)
        ),
        warning: None,
        this: Answer::link(this),
        all: Answer::link(format!("/calendar/events/{series}/edit")),
        cancel_href: if day.is_some() { occurrence::href_of(series, original) } else { here },
    })
}

async fn update(
    State(web): State<Web>,
    Opened { event, user, .. }: Opened,
    posted: Posted,
) -> Result<Response, PageError> {
    let form = EventForm::posted(&posted.form);
    // The version that the person saw, so that a synchronization in between
    // is not overwritten unseen.
    let version = posted.form.trimmed("version").to_owned();
    let stored = match form.input(Some(&event.values), Some(&version)) {
        Ok(input) => web
            .app
            .update_event(user.id, event.id, input, NOTIFIED)
            .await
            .map_err(|error| Problems::of_app(&error, field_of)),
        Err(problems) => Err(problems),
    };
    match stored {
        Ok(event) => Ok(done(&web, &posted.viewer, &user, event.values.start, "The event was saved.")),
        Err(problems) => {
            // Still the version that the person saw: what came in between has
            // to be looked at before it can be replaced.
            let audience = Audience::about(&web, &user, &event);
            let (told, list) = (audience.event(&event).await, audience.list().await);
            let view = edit_view(&event, (&user, posted.viewer.dates()), &version, form, problems).telling(told, list);
            page(&web, &posted.viewer, StatusCode::BAD_REQUEST, &view)
        }
    }
}

/// The rule that fields say, in words, for the form while it is filled in.
async fn in_words(viewer: Viewer, RawQuery(query): RawQuery) -> String {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let rule = RuleForm::posted(&FormFields::new(pairs)).map(|form| form.rule(None));
    match rule {
        Some(Ok(Some(rule))) => words::sentence(&rule, viewer.dates()),
        Some(Ok(None) | Err(_)) | None => String::new(),
    }
}

/// Back to the calendar, where it shows the day of what was done.
pub(super) fn done(web: &Web, viewer: &Viewer, user: &User, at: DateTime<Utc>, text: &str) -> Response {
    web.sessions.set_flash(&viewer.session, "good", text);
    let date = at.with_timezone(&viewer.user.time_zone.0).date_naive();
    Redirect::to(&format!("{}&date={date}", href_of(&user.login))).into_response()
}
