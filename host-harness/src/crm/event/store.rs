//! Reading and writing events: what people do with their calendar.
//!
//! Every call names the owner, so that an identifier alone opens nobody else's
//! calendar. What a write has to keep true is in [`super::write`].

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::input::{Change, EventInput};
use super::record::{CalendarEvent, EventValues};
use super::rows::{EVENT_QUERY, event_from_row, event_in};
use super::validate::{validate_guests_are_theirs, validate_organizer_claim};
pub use super::write::Deletion;
use super::write::WriteError;
use crate::crm::error::InvalidValue;
use crate::crm::ids::{EventId, UserId};
use crate::crm::stored::Millis;
use crate::crm::users::{User, default_calendar_in, user_in};
use crate::crm::{Crm, CrmError};

impl Crm {
    /// Adds an event to the default calendar of `owner`.
    ///
    /// # Errors
    /// A value is not acceptable, or the owner does not exist.
    pub fn create_event(&self, owner: UserId, input: EventInput) -> Result<CalendarEvent, CrmError> {
        let claim = input.is_organizer.clone();
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            let calendar = default_calendar_in(transaction, &owner)?;
            let values = input.into_new(&owner).map_err(WriteError::from)?;
            check_claim(&claim, &values, &owner)?;
            Ok(self.insert_event_in(transaction, calendar, &owner, values)?)
        })
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
            let owner = user_in(connection, owner)?;
            let calendar = default_calendar_in(connection, &owner)?;
            let sql = format!(
                "{EVENT_QUERY} WHERE event.calendar_id = ?1 AND end_at >= ?2 AND start_at < ?3
                 ORDER BY start_at, event.id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![calendar, Millis(from), Millis(until)])?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push(event_from_row(connection, row)?);
            }
            Ok(events)
        })
    }

    /// The event of `owner` with this identifier.
    ///
    /// # Errors
    /// There is none in this calendar.
    pub fn event_of(&self, owner: UserId, id: EventId) -> Result<CalendarEvent, CrmError> {
        self.read(|connection| {
            let owner = user_in(connection, owner)?;
            let calendar = default_calendar_in(connection, &owner)?;
            event_in(connection, calendar, id)?.ok_or_else(not_found)
        })
    }

    /// The event with this identifier in whoever's calendar: for the control
    /// interface, which names no user. Pages use [`Self::event_of`].
    ///
    /// # Errors
    /// There is none.
    pub fn any_event(&self, id: EventId) -> Result<CalendarEvent, CrmError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{EVENT_QUERY} WHERE event.id = ?1"))?;
            let mut rows = statement.query([id])?;
            rows.next()?.map(|row| event_from_row(connection, row)).transpose()?.ok_or_else(not_found)
        })
    }

    /// Changes an event of `owner`. A change that leaves everything as it was
    /// is none: the version stays.
    ///
    /// # Errors
    /// A value is not acceptable, the event does not exist, or it is not in
    /// the version that the input names.
    pub fn update_event(&self, owner: UserId, id: EventId, input: EventInput) -> Result<CalendarEvent, CrmError> {
        let (claim, based_on) = (input.is_organizer.clone(), input.version.clone());
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            let calendar = default_calendar_in(transaction, &owner)?;
            let stored = event_in(transaction, calendar, id)?.ok_or_else(not_found)?;
            if matches!(based_on, Change::Set(version) if version != stored.version) {
                return Err(CrmError::VersionMismatch);
            }
            let values = input.over(stored.values.clone()).map_err(WriteError::from)?;
            check_claim(&claim, &values, &owner)?;
            validate_guests_are_theirs(&stored.values, &values, &owner)?;
            Ok(self.update_event_in(transaction, calendar, &owner, stored, values)?)
        })
    }

    /// Deletes an event of `owner`. An exception of a series is cancelled
    /// instead, for the series would bring the occurrence back.
    ///
    /// # Errors
    /// The event does not exist.
    pub fn delete_event(&self, owner: UserId, id: EventId) -> Result<Deletion, CrmError> {
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            let calendar = default_calendar_in(transaction, &owner)?;
            let stored = event_in(transaction, calendar, id)?.ok_or_else(not_found)?;
            Ok(self.delete_event_in(transaction, calendar, &owner, stored)?)
        })
    }
}

fn not_found() -> CrmError {
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
