//! An event as it is shown with the meeting that it belongs to.

use rusqlite::Connection;
use serde::Serialize;

use super::guests::{guest_users_in, own_status};
use super::ties::{copies_of, ties_in};
use crate::crm::event::{AttendeeStatus, CalendarEvent};
use crate::crm::ids::EventId;
use crate::crm::users::user_in;
use crate::crm::{Crm, CrmError};

/// An event and what it has to do with those of other calendars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingEvent {
    /// The event.
    #[serde(flatten)]
    pub event: CalendarEvent,
    /// The iCalendar UID that the meeting has in Microsoft 365, where it was
    /// noted.
    pub meeting_uid: Option<String>,
    /// The organiser's event, of which this one is a copy.
    pub parent_event_id: Option<EventId>,
    /// The owner's answer; none where they are not a guest.
    pub own_status: Option<AttendeeStatus>,
    /// Which guests are users of the organization (Oro row C8).
    pub guest_users: Vec<GuestUser>,
    /// The copies in other calendars; none in an event that the owner does not
    /// organise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<Vec<CopyOf>>,
}

/// A guest who is a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuestUser {
    /// The address.
    pub email: String,
    /// The user's login.
    pub user: String,
}

/// A copy of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyOf {
    /// In whose calendar, by login.
    pub user: String,
    /// Which event.
    pub event_id: EventId,
    /// Their answer; none where they are not among the guests by name.
    pub status: Option<AttendeeStatus>,
}

impl Crm {
    /// Events with the meetings that they belong to, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub fn with_meetings(&self, events: Vec<CalendarEvent>) -> Result<Vec<MeetingEvent>, CrmError> {
        self.read(|connection| events.into_iter().map(|event| meeting_in(connection, event)).collect())
    }

    /// An event with the meeting that it belongs to.
    ///
    /// # Errors
    /// The database fails.
    pub fn with_meeting(&self, event: CalendarEvent) -> Result<MeetingEvent, CrmError> {
        self.read(|connection| meeting_in(connection, event))
    }
}

fn meeting_in(connection: &Connection, event: CalendarEvent) -> Result<MeetingEvent, CrmError> {
    let owner = user_in(connection, event.owner)?;
    let ties = ties_in(connection, event.id)?.unwrap_or_default();
    let guests = guest_users_in(connection, &event.values.attendees, &owner)?;
    let guest_users = guests.into_iter().map(|(user, _)| GuestUser { email: user.email, user: user.login }).collect();
    let copies = if event.is_organizer {
        let copies = copies_of(connection, event.id)?.into_iter().map(|copy| CopyOf {
            status: own_status(&copy.event.values, &copy.owner),
            event_id: copy.event.id,
            user: copy.owner.login,
        });
        Some(copies.collect())
    } else {
        None
    };
    Ok(MeetingEvent {
        own_status: own_status(&event.values, &owner),
        meeting_uid: ties.meeting_uid,
        parent_event_id: ties.parent,
        guest_users,
        copies,
        event,
    })
}
