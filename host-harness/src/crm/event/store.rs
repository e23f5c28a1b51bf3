//! Reading and writing events: what people do with their calendar.
//!
//! Every call names the owner, so that an identifier alone opens nobody else's
//! calendar. What a write has to keep true is in [`super::write`].

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::input::{Change, EventInput};
use super::record::{CalendarEvent, EventValues};
use super::rows::{event_in, events_where};
use super::validate::{validate_guests_are_theirs, validate_organizer_claim};
pub use super::write::Deletion;
use crate::crm::error::InvalidValue;
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::meeting::Terms;
use crate::crm::stored::Millis;
use crate::crm::users::{User, user_and_calendar_in};
use crate::crm::{Crm, CrmError};

impl Crm {
    /// Adds an event to the default calendar of `owner`, and does nothing about
    /// its guests: [`Crm::create_event_on`] does.
    ///
    /// # Errors
    /// A value is not acceptable, or the owner does not exist.
    pub fn create_event(&self, owner: UserId, input: EventInput) -> Result<CalendarEvent, CrmError> {
        self.create_event_on(owner, input, Terms::SILENT)
    }

    /// The events of `owner`, ordered by start.
    pub fn events_of(&self, owner: UserId) -> Result<Vec<CalendarEvent>, CrmError> {
        self.events_between(owner, DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC)
    }

    /// The events of `owner` that take place at some time from `from` on and
    /// before `until`, ordered by start. Series are judged by their first
    /// occurrence.
    pub fn events_between(
        &self,
        owner: UserId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<CalendarEvent>, CrmError> {
        self.read(|connection| {
            let (_, calendar) = user_and_calendar_in(connection, owner)?;
            let condition = "event.calendar_id = ?1 AND end_at >= ?2 AND start_at < ?3 ORDER BY start_at, event.id";
            events_where(connection, condition, params![calendar, Millis(from), Millis(until)])
        })
    }

    /// The event of `owner` with this identifier.
    ///
    /// # Errors
    /// There is none in this calendar.
    pub fn event_of(&self, owner: UserId, id: EventId) -> Result<CalendarEvent, CrmError> {
        self.read(|connection| {
            let (_, calendar) = user_and_calendar_in(connection, owner)?;
            event_in(connection, calendar, id)?.ok_or_else(not_found)
        })
    }

    /// The event with this identifier in whoever's calendar: for the control
    /// interface, which names no user. Pages use [`Self::event_of`].
    ///
    /// # Errors
    /// There is none.
    pub fn any_event(&self, id: EventId) -> Result<CalendarEvent, CrmError> {
        self.read(|connection| events_where(connection, "event.id = ?1", [id])?.pop().ok_or_else(not_found))
    }

    /// Changes an event of `owner`, and does nothing about its guests:
    /// [`Crm::update_event_on`] does. A change that leaves everything as it was
    /// is none: the version stays.
    ///
    /// # Errors
    /// A value is not acceptable, the event does not exist, or it is not in
    /// the version that the input names.
    pub fn update_event(&self, owner: UserId, id: EventId, input: EventInput) -> Result<CalendarEvent, CrmError> {
        self.update_event_on(owner, id, input, Terms::SILENT)
    }

    /// Deletes an event of `owner`, and does nothing about its guests:
    /// [`Crm::delete_event_on`] does. An exception of a series is cancelled
    /// instead, for the series would bring the occurrence back.
    ///
    /// # Errors
    /// The event does not exist.
    pub fn delete_event(&self, owner: UserId, id: EventId) -> Result<Deletion, CrmError> {
        self.delete_event_on(owner, id, Terms::SILENT)
    }

    /// Adds what somebody has entered, within a transaction.
    pub(crate) fn enter_event_in(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        input: EventInput,
    ) -> Result<CalendarEvent, CrmError> {
        let claim = input.is_organizer.clone();
        let (says_guests, says_organizer) = (input.attendees != Change::Keep, input.organizer_email != Change::Keep);
        let based_on = input.version.clone();
        let mut values = input.into_new(owner)?;
        if let Some(series) = series_in(connection, calendar, &values)? {
            // A new exception is a change of its series, which may have another
            // time or rule by now.
            series.version.check(&based_on)?;
            // What an exception does not say is as in its series.
            if !says_guests {
                values.attendees.clone_from(&series.values.attendees);
            }
            if !says_organizer {
                values.organizer_email.clone_from(&series.values.organizer_email);
            }
            validate_guests_are_theirs(&series.values, &values, owner)?;
        }
        check_claim(&claim, &values, owner)?;
        Ok(self.insert_event_in(connection, calendar, owner, values)?)
    }

    /// The values of a stored event after what somebody has entered.
    pub(crate) fn entered_over(
        stored: &CalendarEvent,
        owner: &User,
        input: EventInput,
    ) -> Result<EventValues, CrmError> {
        stored.version.check(&input.version)?;
        let claim = input.is_organizer.clone();
        let values = input.over(stored.values.clone())?;
        check_claim(&claim, &values, owner)?;
        validate_guests_are_theirs(&stored.values, &values, owner)?;
        Ok(values)
    }
}

/// The series that an exception belongs to; none for other events, and where
/// there is no such series.
pub(crate) fn series_in(
    connection: &Connection,
    calendar: CalendarId,
    values: &EventValues,
) -> Result<Option<CalendarEvent>, CrmError> {
    Ok(values.recurring_event_id.map(|id| event_in(connection, calendar, id)).transpose()?.flatten())
}

/// No event under this identifier, or not in this calendar.
pub(crate) fn not_found() -> CrmError {
    CrmError::NotFound { kind: "calendar event", named_by: "identifier" }
}

fn check_claim(claim: &Change<bool>, values: &EventValues, owner: &User) -> Result<(), InvalidValue> {
    match claim {
        Change::Keep | Change::Clear => Ok(()),
        Change::Set(claimed) => validate_organizer_claim(*claimed, values, owner),
    }
}

#[cfg(test)]
mod tests;
