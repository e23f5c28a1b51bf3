//! Deleting an event of the CRM's side: what is meant, what comes of it on the other
//! side, and who is told of it is said before it is done.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};

use super::events::{Asked, NOTIFIED, done, of_day};
use super::occurrence::{self, Answer, ChoiceView, Occurrence};
use super::opened::Opened;
use super::told::{Audience, OneDay, Told};
use crate::app::Resource;
use crate::crm::event::{CalendarEvent, EventKind, EventValues};
use crate::web::confirm::{ConfirmView, deletion_note};
use crate::web::error::PageError;
use crate::web::viewer::{Place, Posted};
use crate::web::{Web, render};

/// What a deletion of somebody else's event is.
const DECLINE_NOTE: &str = "Somebody else organizes it: you decline it, the organizer is told, and it leaves your \
                            calendar alone.";

/// Asks before a deletion, and where only a day of a series may be meant, what is meant.
pub async fn ask(
    State(web): State<Web>,
    Opened { viewer, event, user }: Opened,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let audience = Audience::about(&web, &user, &event);
    let chrome = viewer.chrome(&web, Place::Calendar);
    let here = format!("/calendar/events/{}", event.id);
    let note = if event.is_organizer {
        deletion_note(&web, &user, Resource::Calendar, event.item().to_string()).await
    } else {
        DECLINE_NOTE
    };
    let choice = |event: &CalendarEvent, values: &EventValues, (series, told), this, cancel_href| ChoiceView {
        title: "Delete recurring event".to_owned(),
        question: format!(
            "“{}”, {}, is one event of a series. What do you want to delete?",
            values.title,
            occurrence::when(event, values, &viewer)
        ),
        warning: Some(noted(note, told)),
        this,
        all: Answer::post(format!("/calendar/events/{series}/delete"), None),
        cancel_href,
    };
    let choice = match of_day(&web, event.clone(), &asked)? {
        Some(Occurrence::ByRule(day)) => {
            let this = Answer::post(format!("{here}/delete"), Some(occurrence::name_of(day.original)));
            let back = occurrence::href_of(day.series.id, day.original);
            let told = audience.choice(OneDay::ByRule(&day.values), &day.series).await;
            Some(choice(&day.series, &day.values, (day.series.id, told), this, back))
        }
        Some(Occurrence::Exception(exception)) => match occurrence::series_of(&exception) {
            Some((series, _)) => {
                let page = format!("/calendar/events/{}", exception.id);
                let this = Answer::post(format!("{page}/delete"), None);
                let whole = web.app.crm().any_event(series)?;
                let told = audience.choice(OneDay::Exception(&exception), &whole).await;
                Some(choice(&exception, &exception.values, (series, told), this, page))
            }
            None => None,
        },
        None => None,
    };
    if let Some(choice) = choice {
        return Ok(render::page("event_choice.html", &chrome, &choice)?.into_response());
    }
    let what = match event.values.kind() {
        EventKind::Series => " with all of its occurrences",
        EventKind::Single | EventKind::Exception => "",
    };
    let told = audience.event(&event).await.and_then(Told::of_deletion);
    let question = format!("Delete “{}”{what}? {}", event.values.title, noted(note, told));
    let view = ConfirmView::post("Delete", question, &format!("{here}/delete"), &here);
    Ok(render::page("confirm.html", &chrome, &view)?.into_response())
}

/// Deletes an event, or cancels a day of a series.
pub async fn delete(
    State(web): State<Web>,
    Opened { event, user, .. }: Opened,
    posted: Posted,
) -> Result<Response, PageError> {
    let asked = Asked { occurrence: posted.form.trimmed("occurrence").to_owned(), scope: String::new() };
    let kind = event.values.kind();
    if let Some(day) = of_day(&web, event.clone(), &asked)? {
        return occurrence::cancel(&web, &posted.viewer, &user, day).await;
    }
    web.app.delete_event(user.id, event.id, NOTIFIED).await?;
    let said = match kind {
        EventKind::Series => "The series was deleted.",
        EventKind::Single | EventKind::Exception => "The event was deleted.",
    };
    Ok(done(&web, &posted.viewer, &user, event.values.start, said))
}

/// What a deletion brings with it, and whom it tells.
fn noted(note: &str, told: Option<String>) -> String {
    told.map_or_else(|| note.to_owned(), |told| format!("{note} {told}"))
}
