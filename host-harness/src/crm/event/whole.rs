//! Events as the component sees them: a series with its exceptions is one.
//!
//! Oro stores each exception as an event of its own (Oro section 7.2); the
//! contract's event is the whole series, whose version moves with any of its
//! exceptions. Who may see which event is decided by the callers.

use rusqlite::Connection;

use super::journal::{Announcement, announcement_of};
use super::record::{AttendeeStatus, CalendarEvent, EventKind, EventValues};
use super::rows::{event_in, exceptions_of};
use crate::crm::CrmError;
use crate::crm::ids::{CalendarId, EventId};
use crate::crm::meeting::ties::ties_in;
use crate::crm::users::User;

/// An event with what is different on single days of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeEvent {
    /// The event, or the series.
    pub event: CalendarEvent,
    /// The exceptions of a series, ordered by original start.
    pub exceptions: Vec<CalendarEvent>,
    /// The UID of the meeting in Microsoft 365 that was noted with it.
    pub meeting_uid: Option<String>,
    /// The address of the calendar's owner, whose answer is told apart.
    pub owner_address: String,
    /// Whether people have still to be told of its last change.
    pub announcement: Announcement,
}

impl WholeEvent {
    /// The owner's own answer to an event that somebody else organises.
    pub fn own_status(&self, values: &EventValues) -> AttendeeStatus {
        if self.event.is_organizer {
            return AttendeeStatus::None;
        }
        let own = self.owner_address.to_lowercase();
        let is_own = |email: &Option<String>| email.as_ref().is_some_and(|email| email.to_lowercase() == own);
        let row = values.attendees.iter().find(|attendee| is_own(&attendee.email));
        row.map_or(AttendeeStatus::None, |attendee| attendee.status)
    }
}

/// The whole event with this identifier; none for an exception, which is part
/// of another one.
pub(super) fn whole_in(
    connection: &Connection,
    calendar: CalendarId,
    owner: &User,
    id: EventId,
) -> Result<Option<WholeEvent>, CrmError> {
    let event = event_in(connection, calendar, id)?;
    event
        .filter(|event| event.values.kind() != EventKind::Exception)
        .map(|event| with_exceptions(connection, calendar, owner, event))
        .transpose()
}

fn with_exceptions(
    connection: &Connection,
    calendar: CalendarId,
    owner: &User,
    event: CalendarEvent,
) -> Result<WholeEvent, CrmError> {
    let exceptions = match event.values.kind() {
        EventKind::Series => exceptions_in(connection, calendar, event.id)?,
        EventKind::Single | EventKind::Exception => Vec::new(),
    };
    let meeting_uid = ties_in(connection, event.id)?.and_then(|ties| ties.meeting_uid);
    let announcement = announcement_of(connection, event.id)?;
    Ok(WholeEvent { event, exceptions, meeting_uid, owner_address: owner.email.clone(), announcement })
}

/// The exceptions of a series, ordered by original start.
pub(super) fn exceptions_in(
    connection: &Connection,
    calendar: CalendarId,
    series: EventId,
) -> Result<Vec<CalendarEvent>, CrmError> {
    let mut found = Vec::new();
    for id in exceptions_of(connection, series)? {
        found.extend(event_in(connection, calendar, id)?);
    }
    found.sort_by_key(|event| (event.values.original_start, event.id));
    Ok(found)
}
