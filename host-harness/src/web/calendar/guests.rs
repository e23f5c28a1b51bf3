//! The people of an event on its page: who organises it, who is invited and
//! has answered what, and the viewer's own answer.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::opened::Opened;
use crate::crm::event::{Attendee, AttendeeStatus};
use crate::crm::meeting::{MeetingEvent, Reply};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::viewer::{Posted, Viewer};

/// The people of an event.
#[derive(Debug, Serialize)]
pub struct PeopleView {
    organizer: String,
    guests: Vec<GuestView>,
    /// Where the viewer answers; none where they have nothing to answer.
    reply: Option<ReplyView>,
}

#[derive(Debug, Serialize)]
struct GuestView {
    name: String,
    status: &'static str,
    tone: Option<&'static str>,
    /// Whether the guest is a user of the organization.
    colleague: bool,
}

#[derive(Debug, Serialize)]
struct ReplyView {
    action: String,
    status: &'static str,
    choices: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Choice {
    word: &'static str,
    label: &'static str,
    chosen: bool,
}

/// The people of an event in the calendar of `owner`; none where there are no
/// guests and the owner organises it.
pub fn people_of(meeting: &MeetingEvent, owner: &User, viewer: &User) -> Option<PeopleView> {
    let values = &meeting.event.values;
    if values.attendees.is_empty() && meeting.event.is_organizer {
        return None;
    }
    let organizer = match &values.organizer_email {
        Some(address) if !meeting.event.is_organizer => address.clone(),
        Some(_) | None => owner.display_name.clone(),
    };
    let guest = |attendee: &Attendee| GuestView {
        name: name_of(attendee),
        status: label(attendee.status),
        tone: tone(attendee.status),
        colleague: meeting.guest_users.iter().any(|user| is_theirs(attendee, &user.email)),
    };
    let answers = viewer.id == owner.id && !values.cancelled;
    let reply = meeting.own_status.filter(|_| answers).map(|status| ReplyView {
        action: format!("/calendar/events/{}/reply", meeting.event.id),
        status: label(status),
        choices: Reply::ALL.iter().map(|reply| choice(*reply, status)).collect(),
    });
    Some(PeopleView { organizer, guests: values.attendees.iter().map(guest).collect(), reply })
}

/// Answers an invitation. Nobody answers for somebody else, administrators
/// included.
pub async fn reply(
    State(web): State<Web>,
    Opened { event, user, .. }: Opened,
    posted: Posted,
) -> Result<Response, PageError> {
    if !is_own(&posted.viewer, &user) {
        return Err(PageError::Forbidden);
    }
    let reply: Reply =
        posted.form.trimmed("status").parse().map_err(|error| PageError::Invalid(format!("The answer: {error}.")))?;
    web.app.reply_to_event(user.id, event.id, reply).await?;
    let said = match reply {
        Reply::Accepted => "You have accepted.",
        Reply::Tentative => "You have answered that you may come.",
        Reply::Declined => "You have declined.",
    };
    web.sessions.set_flash(&posted.viewer.session, "good", said);
    Ok(Redirect::to(&format!("/calendar/events/{}", event.id)).into_response())
}

fn is_own(viewer: &Viewer, owner: &User) -> bool {
    viewer.user.id == owner.id
}

fn is_theirs(attendee: &Attendee, email: &str) -> bool {
    attendee.email.as_deref().is_some_and(|address| address.to_lowercase() == email.to_lowercase())
}

fn name_of(attendee: &Attendee) -> String {
    match (&attendee.display_name, &attendee.email) {
        // Microsoft takes the address for the name of a guest it does not know.
        (Some(name), Some(address)) if name.to_lowercase() == address.to_lowercase() => address.clone(),
        (Some(name), Some(address)) => format!("{name} ({address})"),
        (Some(name), None) => name.clone(),
        (None, Some(address)) => address.clone(),
        (None, None) => String::new(),
    }
}

fn choice(reply: Reply, status: AttendeeStatus) -> Choice {
    let label = match reply {
        Reply::Accepted => "Yes",
        Reply::Tentative => "Maybe",
        Reply::Declined => "No",
    };
    Choice { word: reply.as_str(), label, chosen: AttendeeStatus::from(reply) == status }
}

const fn label(status: AttendeeStatus) -> &'static str {
    match status {
        AttendeeStatus::None => "Not answered",
        AttendeeStatus::Accepted => "Accepted",
        AttendeeStatus::Declined => "Declined",
        AttendeeStatus::Tentative => "Tentative",
    }
}

/// The colour of an answer.
const fn tone(status: AttendeeStatus) -> Option<&'static str> {
    match status {
        AttendeeStatus::None => None,
        AttendeeStatus::Accepted => Some("good"),
        AttendeeStatus::Declined => Some("bad"),
        AttendeeStatus::Tentative => Some("warn"),
    }
}
