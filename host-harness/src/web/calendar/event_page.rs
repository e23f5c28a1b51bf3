//! The page of an event: what it is, how it repeats, who takes part, and what is
//! known of it on Microsoft's side.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::events::{Asked, FOREIGN_NOTE};
use super::guests::{PeopleView, people_of};
use super::occurrence::{self, Occurrence};
use super::opened::Opened;
use super::rule::words;
use super::told::{Audience, Told};
use super::{href_of, of_crm, twins};
use crate::app::{ItemName, Resource};
use crate::crm::event::{CalendarEvent, EventKind, EventTime, EventValues, Series};
use crate::crm::users::User;
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::link::{LinkView, RecordNow, Records, There};
use crate::web::viewer::{Place, Viewer};
use crate::web::{Web, render, text};

/// What an occurrence is that nobody sees in the calendar any more.
pub const CANCELLED_NOTE: &str = "This occurrence of a series is cancelled.";

/// Days of a series that are named on its page. Whoever has more finds them in the
/// calendar.
const EXCEPTIONS_SHOWN_MAX: usize = 20;

#[derive(Debug, Serialize)]
struct EventView {
    title: String,
    owner: Option<String>,
    back_href: String,
    kind: Option<&'static str>,
    note: Option<&'static str>,
    /// Whom Microsoft would tell of an edit or a deletion.
    told: Option<String>,
    facts: Vec<Fact>,
    description: Vec<String>,
    /// The series of a day.
    series_href: Option<String>,
    /// The days of a series that are not as its rule has them.
    exceptions: Vec<ExceptionLine>,
    more_exceptions: usize,
    people: Option<PeopleView>,
    link: LinkView,
    /// None where there is nothing to edit any more.
    edit_href: Option<String>,
    delete_href: Option<String>,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Debug, Serialize)]
struct ExceptionLine {
    when: String,
    title: String,
    state: &'static str,
    href: String,
}

/// What the page is about: an event, or a day of one that is as the rule has it.
struct Subject {
    /// The event; of a day by rule, its series.
    event: CalendarEvent,
    /// What is shown of it.
    values: EventValues,
    /// Of such a day, when the rule has it.
    occurrence: Option<DateTime<Utc>>,
}

pub(super) async fn show(
    State(web): State<Web>,
    Opened { viewer, event, user }: Opened,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let subject = match (asked.occurrence.as_str(), event.values.kind()) {
        ("", _) | (_, EventKind::Exception) => Subject { values: event.values.clone(), event, occurrence: None },
        (name, EventKind::Single | EventKind::Series) => match occurrence::find(&web, event, name)? {
            Occurrence::Exception(exception) => {
                return Ok(Redirect::to(&format!("/calendar/events/{}", exception.id)).into_response());
            }
            Occurrence::ByRule(day) => {
                Subject { values: day.values, event: day.series, occurrence: Some(day.original) }
            }
        },
    };
    let view = view(&web, &viewer, &user, subject).await?;
    Ok(render::page("event.html", &viewer.chrome(&web, Place::Calendar), &view)?.into_response())
}

async fn view(web: &Web, viewer: &Viewer, user: &User, subject: Subject) -> Result<EventView, PageError> {
    let Subject { event, values, occurrence } = subject;
    let is_cancelled = values.cancelled;
    let series = occurrence::series_of(&event).map(|(series, _)| series).or(occurrence.as_ref().map(|_| event.id));
    let (exceptions, more_exceptions) = match (&occurrence, event.values.kind()) {
        (None, EventKind::Series) => exceptions(web, viewer, &event)?,
        (Some(_), _) | (None, EventKind::Single | EventKind::Exception) => (Vec::new(), 0),
    };
    let original = occurrence.or(event.values.original_start);
    let query = occurrence.map(|day| format!("?occurrence={}", encoded(&occurrence::name_of(day)))).unwrap_or_default();
    let here = format!("/calendar/events/{}", event.id);
    let meeting = web.app.crm().with_meeting(event.clone())?;
    let records = records(web, viewer, user, &event).await?;
    let audience = Audience::about(web, user, &event).knowing(records.standing());
    let told = match occurrence {
        None => audience.event(&event).await,
        Some(_) => audience.day(&event, &values).await,
    };
    Ok(EventView {
        title: values.title.clone(),
        owner: (user.id != viewer.user.id).then(|| user.display_name.clone()),
        back_href: href_of(&user.login),
        kind: kind(&event, series.is_some()),
        note: match (is_cancelled, event.is_organizer) {
            (true, _) => Some(CANCELLED_NOTE),
            (false, false) => Some(FOREIGN_NOTE),
            (false, true) => None,
        },
        told: told.map(Told::of_either),
        facts: facts(web, viewer, &event, &values, series)?,
        description: values.description.as_deref().map(lines).unwrap_or_default(),
        series_href: series.map(|series| format!("/calendar/events/{series}")),
        exceptions,
        more_exceptions,
        people: people_of(&meeting, user, &viewer.user),
        link: link(web, user, records, &twins::Sought { event: &event, values: &values, original }).await?,
        edit_href: (!is_cancelled).then(|| format!("{here}/edit{query}")),
        delete_href: (!is_cancelled).then(|| format!("{here}/delete{query}")),
    })
}

fn kind(event: &CalendarEvent, is_of_series: bool) -> Option<&'static str> {
    match (event.values.kind(), is_of_series) {
        (EventKind::Single, _) => None,
        (EventKind::Series, false) => Some("Series"),
        (EventKind::Series, true) => Some("Occurrence of a series"),
        (EventKind::Exception, _) => Some("Changed occurrence of a series"),
    }
}

fn lines(html: &str) -> Vec<String> {
    text::from_html(html).lines().map(str::to_owned).collect()
}

/// What there is to say of an event, without what is empty.
fn facts(
    web: &Web,
    viewer: &Viewer,
    event: &CalendarEvent,
    values: &EventValues,
    series: Option<crate::crm::EventId>,
) -> Result<Vec<Fact>, PageError> {
    let is_series = event.values.kind() == EventKind::Series && series.is_none();
    let when = if is_series { "First event" } else { "When" };
    let mut facts = vec![Fact { name: when, value: occurrence::when(event, values, viewer) }];
    if let EventTime::Timed(timed) = values.time()
        && timed.zone != viewer.user.time_zone
    {
        facts.push(Fact { name: "Planned in", value: timed.zone.name().to_owned() });
    }
    let rule = match series {
        Some(series) if series != event.id => Series::of(&web.app.crm().any_event(series)?.values)?,
        Some(_) | None => Series::of(&event.values)?,
    };
    facts.extend(rule.map(|series| Fact { name: "Repeats", value: words::sentence(&series.rule, viewer.dates()) }));
    let reminder = match values.reminder_minutes {
        None => "None".to_owned(),
        Some(1) => "1 minute before".to_owned(),
        Some(minutes) => format!("{minutes} minutes before"),
    };
    facts.push(Fact { name: "Reminder", value: reminder });
    Ok(facts)
}

/// The days of a series that are not as its rule has them, and how many more there
/// are.
fn exceptions(web: &Web, viewer: &Viewer, series: &CalendarEvent) -> Result<(Vec<ExceptionLine>, usize), PageError> {
    let whole = web.app.crm().events_by_id(series.owner, &[series.id])?.pop().flatten();
    let found = whole.map(|whole| whole.exceptions).unwrap_or_default();
    let line = |event: &CalendarEvent| {
        let shown = of_crm(event);
        ExceptionLine {
            when: shown.when_text(viewer.dates()),
            title: shown.title,
            state: if event.values.cancelled { "Cancelled" } else { "Changed" },
            href: format!("/calendar/events/{}", event.id),
        }
    };
    let lines = found.iter().take(EXCEPTIONS_SHOWN_MAX).map(line).collect();
    Ok((lines, found.len().saturating_sub(EXCEPTIONS_SHOWN_MAX)))
}

/// What the sync has on record of an event. The component knows a series as one item.
async fn records(web: &Web, viewer: &Viewer, user: &User, event: &CalendarEvent) -> Result<Records, PageError> {
    let item = event.item().to_string();
    Records::of(web, viewer, user, Resource::Calendar, ItemName::Record(item)).await
}

/// What is known of an event on Microsoft's side.
async fn link(web: &Web, user: &User, records: Records, sought: &twins::Sought<'_>) -> Result<LinkView, PageError> {
    let item = sought.event.item();
    let there = match records.link() {
        Some(link) => twins::there(web, user, sought, &link.external_id).await?,
        None => There::Unread,
    };
    let crm = web.app.crm();
    let version = crm.any_event(item)?.version;
    let now = RecordNow {
        version: version.as_str(),
        changed_at: crm.event_changed_at(item)?,
        is_cancelled: sought.values.cancelled,
    };
    Ok(records.of_record(now, there))
}
