//! What every write of an event keeps true, whoever makes it: valid values,
//! a uid of its own, exceptions that belong to their series, and a journal
//! entry for each change.
//!
//! Everything here runs within the caller's transaction. People's writes are
//! in [`super::store`], the component's in [`super::mutation`].

use rusqlite::Connection;

use super::exceptions;
use super::journal::{self, JournalKind};
use super::record::{CalendarEvent, EventKind, EventValues, EventVersion};
use super::rows::{delete_row, event_id_of_uid_in, event_in, exception_exists, insert_row, update_row};
use super::series::Series;
use super::store::series_in;
use super::validate::{FieldGroup, Refused, is_organizer, validate, validate_unchangeable};
use crate::crm::Crm;
use crate::crm::error::InvalidValue;
use crate::crm::ids::{CalendarId, EventId};
use crate::crm::meeting;
use crate::crm::random::uuid_random;
use crate::crm::refusal::Failure;
use crate::crm::users::User;

/// Why a write of an event was not made.
pub(crate) type WriteError = Failure<Refused>;

/// What a deletion led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The event is gone, and so are the exceptions of a series.
    Removed,
    /// An exception stays and says that its occurrence does not take place
    /// (Oro row C4).
    Cancelled(Box<CalendarEvent>),
}

impl Crm {
    /// Adds an event within a transaction. An empty uid is filled in.
    pub(crate) fn insert_event_in(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        mut values: EventValues,
    ) -> Result<CalendarEvent, WriteError> {
        if values.uid.is_empty() {
            values.uid = self.uid_for(connection, calendar, &values)?;
        }
        validate(&values)?;
        check_neighbours(connection, calendar, &values)?;
        let id = insert_row(connection, calendar, &values, is_organizer(&values, owner))?;
        let event = self.journalled(connection, calendar, owner, id, values)?;
        meeting::join_in(connection, id)?;
        Ok(event)
    }

    /// Replaces the values of `stored` within a transaction.
    pub(crate) fn update_event_in(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        stored: CalendarEvent,
        values: EventValues,
    ) -> Result<CalendarEvent, WriteError> {
        if values == stored.values {
            return Ok(stored);
        }
        validate(&values)?;
        validate_unchangeable(&stored.values, &values)?;
        if stored.values.kind() == EventKind::Series {
            // The exceptions name occurrences of the old rule (Oro row C4).
            if exceptions::are_dropped_by(&stored.values, &values) {
                self.remove_exceptions(connection, stored.id)?;
            } else {
                self.let_exceptions_follow(connection, calendar, owner, &stored, &values)?;
            }
        }
        update_row(connection, &stored, &values, is_organizer(&values, owner))?;
        if stored.values.attendees != values.attendees {
            // Who is invited now may have an event of the meeting already.
            meeting::join_in(connection, stored.id)?;
        }
        self.journalled(connection, calendar, owner, stored.id, values)
    }

    /// Deletes `stored` within a transaction.
    pub(crate) fn delete_event_in(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        stored: CalendarEvent,
    ) -> Result<Deletion, WriteError> {
        match stored.values.kind() {
            EventKind::Exception => {
                let values = EventValues { cancelled: true, ..stored.values.clone() };
                let cancelled = self.update_event_in(connection, calendar, owner, stored, values)?;
                Ok(Deletion::Cancelled(Box::new(cancelled)))
            }
            EventKind::Single | EventKind::Series => {
                self.remove_exceptions(connection, stored.id)?;
                self.remove(connection, calendar, stored.id)?;
                Ok(Deletion::Removed)
            }
        }
    }

    /// Removes an event that has no exceptions (any more), and the copies of it
    /// that the CRM has made, which nobody else would remove.
    pub(crate) fn remove(&self, connection: &Connection, calendar: CalendarId, id: EventId) -> Result<(), WriteError> {
        self.remove_copies_in(connection, id)?;
        delete_row(connection, id)?;
        journal::append(connection, calendar, id, JournalKind::Deleted, self.now())?;
        Ok(())
    }

    /// Writes the journal entry that makes a change visible, and answers with
    /// the event as it now is. A series changes with each of its exceptions.
    fn journalled(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        id: EventId,
        values: EventValues,
    ) -> Result<CalendarEvent, WriteError> {
        let sequence = journal::append(connection, calendar, id, JournalKind::Upserted, self.now())?;
        if let Some(series) = values.recurring_event_id {
            journal::append(connection, calendar, series, JournalKind::Upserted, self.now())?;
        }
        let version = EventVersion::of_sequence(sequence);
        Ok(CalendarEvent { id, version, is_organizer: is_organizer(&values, owner), owner: owner.id, values })
    }

    /// The uid of an event that brings none: that of its series, or a new one.
    fn uid_for(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        values: &EventValues,
    ) -> Result<String, WriteError> {
        match series_in(connection, calendar, values)? {
            Some(series) => Ok(series.values.uid),
            None => Ok(uuid_random(self.randomness().bytes(), journal::EVENTS.head(connection)?)),
        }
    }
}

/// What a new event needs of the others in its calendar: a uid of its own, or
/// a series to be an exception of, with an occurrence that it stands for. One
/// that the rule does not have could be neither shown nor synchronised.
fn check_neighbours(connection: &Connection, calendar: CalendarId, values: &EventValues) -> Result<(), WriteError> {
    let Some(series_id) = values.recurring_event_id else {
        if event_id_of_uid_in(connection, calendar, &values.uid)?.is_none() {
            return Ok(());
        }
        let hint = "leave `uid` out to get a new one, or change the event that has it";
        return Err(refused("uid", "uid-taken", "unique in the calendar", hint, FieldGroup::Identity));
    };
    let series = event_in(connection, calendar, series_id)?.filter(|event| event.values.kind() == EventKind::Series);
    let Some(series) = series else {
        let hint = "name an event of this calendar that has a recurrence";
        return Err(refused("recurringEventId", "unknown-series", "a series", hint, FieldGroup::Recurrence));
    };
    if series.values.uid != values.uid {
        let hint = "leave `uid` out: an exception has that of its series";
        return Err(refused("uid", "uid-of-exception", "that of the series", hint, FieldGroup::Identity));
    }
    let rule = Series::of(&series.values)?;
    if rule.zip(values.original_start).and_then(|(rule, original)| rule.day_of(original)).is_none() {
        let (expected, hint) =
            ("the start of an occurrence of the series", "name the start that the rule gives the occurrence");
        return Err(refused("originalStart", "unknown-occurrence", expected, hint, FieldGroup::Recurrence));
    }
    if exception_exists(connection, series_id, values.original_start)? {
        let hint = "change the exception that is there";
        return Err(refused("originalStart", "exception-exists", "without exception", hint, FieldGroup::Recurrence));
    }
    Ok(())
}

fn refused(
    field: &'static str,
    code: &'static str,
    expected: &str,
    hint: &'static str,
    group: FieldGroup,
) -> WriteError {
    let found = "another one".to_owned();
    WriteError::Refused(Refused {
        group,
        value: InvalidValue { field, code, expected: expected.to_owned(), found, hint },
    })
}
