//! One day of a series: opened by the start that the rule gives it, changed alone
//! as an exception, or cancelled (Oro row C4).
//!
//! Whether a change is meant for this day or for the whole series is asked first,
//! as Oro does; see [`ChoiceView`]. What becomes of exceptions when the series
//! itself changes is the CRM's rule.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::events::{NOTIFIED, done, page};
use super::form::{EventForm, EventFormView, field_of};
use super::of_crm;
use super::opened::Opened;
use super::told::Audience;
use crate::crm::event::exceptions::occurrence;
use crate::crm::event::{CalendarEvent, Change, EventInput, EventKind, EventValues, EventVersion, Series};
use crate::crm::meeting::{Reply, own_status};
use crate::crm::users::User;
use crate::crm::{CrmError, EventId};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::forms::encoded;
use crate::web::problems::Problems;
use crate::web::viewer::{Posted, Viewer};

/// What to know before one day alone is edited.
const NOTE: &str = "This is one occurrence of a series: a change applies to it alone.";

/// A day of a series.
#[derive(Debug)]
pub enum Occurrence {
    /// It is as the rule has it. Boxed, because it is large, as the other is.
    ByRule(Box<Day>),
    /// It is an event of its own.
    Exception(Box<CalendarEvent>),
}

/// A day that is as the rule has it.
#[derive(Debug)]
pub struct Day {
    /// The series, as it was read.
    pub series: CalendarEvent,
    /// What names the day.
    pub original: DateTime<Utc>,
    /// What the day would be as an event of its own.
    pub values: EventValues,
}

/// Which of the two a person wants to change.
#[derive(Debug, Serialize)]
pub struct ChoiceView {
    /// The heading.
    pub title: String,
    /// The question.
    pub question: String,
    /// What happens to the whole series, where that is more than it seems.
    pub warning: Option<String>,
    /// The day alone.
    pub this: Answer,
    /// All of the series.
    pub all: Answer,
    /// Back.
    pub cancel_href: String,
}

/// One answer: a link to a form, or a form that does it.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Where it leads; none where it is posted.
    pub href: Option<String>,
    /// Where it is posted to.
    pub action: Option<String>,
    /// What is posted with it.
    pub occurrence: Option<String>,
}

impl Answer {
    /// An answer that leads on.
    pub const fn link(href: String) -> Self {
        Self { href: Some(href), action: None, occurrence: None }
    }

    /// An answer that does it.
    pub const fn post(action: String, occurrence: Option<String>) -> Self {
        Self { href: None, action: Some(action), occurrence }
    }
}

/// What names an occurrence in an address: when the rule has it.
pub fn name_of(original: DateTime<Utc>) -> String {
    original.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The page of an occurrence of a series.
pub fn href_of(series: EventId, original: DateTime<Utc>) -> String {
    format!("/calendar/events/{series}?occurrence={}", encoded(&name_of(original)))
}

/// The form of an occurrence, once it was chosen.
pub fn edit_href(series: EventId, original: DateTime<Utc>) -> String {
    format!("/calendar/events/{series}/edit?occurrence={}&scope=this", encoded(&name_of(original)))
}

/// The occurrence of `series` that a name means.
///
/// # Errors
/// The event is no series, or its rule has no such occurrence (any more).
pub fn find(web: &Web, series: CalendarEvent, name: &str) -> Result<Occurrence, PageError> {
    let gone = || {
        PageError::Invalid(
            "The series has no occurrence at this time any more. Open the calendar to see it.".to_owned(),
        )
    };
    let named: DateTime<Utc> = name.parse().map_err(|_| gone())?;
    let rule = Series::of(&series.values)?.ok_or_else(gone)?;
    let day = rule.day_of(named).ok_or_else(gone)?;
    let whole = web.app.crm().events_by_id(series.owner, &[series.id])?.pop().flatten();
    let exceptions = whole.map(|whole| whole.exceptions).unwrap_or_default();
    let is_of_day = |event: &CalendarEvent| event.values.original_start.and_then(|at| rule.day_of(at)) == Some(day);
    if let Some(exception) = exceptions.into_iter().find(is_of_day) {
        return Ok(Occurrence::Exception(Box::new(exception)));
    }
    let values = EventValues { recurring_event_id: Some(series.id), ..occurrence(&rule, &series.values, day) };
    let original = values.original_start.unwrap_or(named);
    Ok(Occurrence::ByRule(Box::new(Day { series, original, values })))
}

/// The form of a day that is as the rule has it.
pub fn view(day: &Day, user: &User, version: &str, form: EventForm, problems: Problems) -> EventFormView {
    let here = format!("/calendar/events/{}", day.series.id);
    EventFormView {
        title: "Edit this event",
        action: format!("{here}/occurrence"),
        back_href: href_of(day.series.id, day.original),
        login: user.login.clone(),
        version: Some(version.to_owned()),
        locked: !day.series.is_organizer,
        problems,
        note: Some(NOTE),
        told: None,
        of_guests: None,
        occurrence: Some(name_of(day.original)),
        rule: None,
        form,
    }
}

/// The form of a day.
pub fn form_of(day: &Day) -> EventForm {
    EventForm::of(&day.values).without_rule()
}

/// Makes an exception of a day that somebody has changed.
pub async fn change(
    State(web): State<Web>,
    Opened { event, user, .. }: Opened,
    posted: Posted,
) -> Result<Response, PageError> {
    let Occurrence::ByRule(day) = find(&web, event, posted.form.trimmed("occurrence"))? else {
        return Err(PageError::from(CrmError::VersionMismatch));
    };
    let form = EventForm::posted(&posted.form).without_rule();
    let version = posted.form.trimmed("version").to_owned();
    let stored = match form.input(Some(&day.values), None) {
        Ok(input) if input == EventInput::default() => Ok(None),
        Ok(input) => {
            let input = as_exception(input, &day, &version);
            let stored = web.app.create_event(user.id, input, NOTIFIED).await;
            stored.map(Some).map_err(|error| Problems::of_app(&error, field_of))
        }
        Err(problems) => Err(problems),
    };
    match stored {
        Ok(event) => {
            let at = event.map_or(day.original, |event| event.values.start);
            Ok(done(&web, &posted.viewer, &user, at, "This event was saved; the series is as it was."))
        }
        Err(problems) => {
            let audience = Audience::about(&web, &user, &day.series);
            let told = audience.day(&day.series, &day.values).await;
            let view = view(&day, &user, &version, form, problems).telling(told, audience.list().await);
            page(&web, &posted.viewer, StatusCode::BAD_REQUEST, &view)
        }
    }
}

/// Takes an occurrence out of a calendar. An organiser cancels it, for the series
/// would bring it back if it were deleted. A guest declines it: Microsoft lets
/// nobody else cancel a day, and takes a declined one out of the guest's calendar.
pub async fn cancel(web: &Web, viewer: &Viewer, user: &User, found: Occurrence) -> Result<Response, PageError> {
    let (event, values, day) = match found {
        Occurrence::Exception(exception) => ((*exception).clone(), exception.values, None),
        Occurrence::ByRule(day) => (day.series.clone(), day.values.clone(), Some(day)),
    };
    // Nobody answers for somebody else.
    let declines = !event.is_organizer && viewer.user.id == user.id && own_status(&values, user).is_some();
    let id = match day {
        None => event.id,
        Some(day) => {
            // Until it is declined, the exception is as the rule has the day.
            let cancelled = Change::Set(!declines);
            let input = EventInput { cancelled, ..EventInput::default() };
            let input = as_exception(input, &day, day.series.version.as_str());
            web.app.create_event(user.id, input, NOTIFIED).await?.id
        }
    };
    if declines {
        web.app.reply_to_event(user.id, id, Reply::Declined).await?;
        let said = "You have declined this event; the rest of the series is as it was.";
        return Ok(done(web, viewer, user, values.start, said));
    }
    if id == event.id {
        web.app.delete_event(user.id, id, NOTIFIED).await?;
    }
    Ok(done(web, viewer, user, values.start, "This event was cancelled; the rest of the series is as it was."))
}

/// The input that makes an exception of a day: what was changed over what the day
/// has from its series, because an exception says all of it.
fn as_exception(input: EventInput, day: &Day, version: &str) -> EventInput {
    let values = &day.values;
    let text = |change: Change<String>, kept: Option<&String>| match (change, kept) {
        (Change::Keep, Some(kept)) => Change::Set(kept.clone()),
        (change, _) => change,
    };
    let at = |change: Change<String>, kept: DateTime<Utc>| text(change, Some(&kept.to_rfc3339()));
    EventInput {
        title: text(input.title, Some(&values.title)),
        description: text(input.description, values.description.as_ref()),
        start: at(input.start, values.start),
        end: at(input.end, values.end),
        time_zone: text(input.time_zone, Some(&values.time_zone.name().to_owned())),
        all_day: if input.all_day == Change::Keep { Change::Set(values.all_day) } else { input.all_day },
        reminder_minutes: match (input.reminder_minutes, values.reminder_minutes) {
            (Change::Keep, Some(minutes)) => Change::Set(minutes.into()),
            (change, _) => change,
        },
        recurring_event_id: Change::Set(day.series.id),
        original_start: Change::Set(day.original.to_rfc3339()),
        version: Change::Set(EventVersion::remembered(version)),
        ..input
    }
}

/// What names the day that an exception stands for, with its series.
pub fn series_of(event: &CalendarEvent) -> Option<(EventId, DateTime<Utc>)> {
    match event.values.kind() {
        EventKind::Exception => event.values.recurring_event_id.zip(event.values.original_start),
        EventKind::Single | EventKind::Series => None,
    }
}

/// When a day takes place, for a question about it.
pub fn when(event: &CalendarEvent, values: &EventValues, viewer: &Viewer) -> String {
    let shown = of_crm(&CalendarEvent { values: values.clone(), ..event.clone() });
    shown.when_text(viewer.dates())
}
