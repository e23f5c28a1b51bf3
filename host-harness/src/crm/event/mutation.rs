//! What the component writes into a calendar.
//!
//! A mutation names the version it is based on, or brings a key that makes a
//! repeated create harmless. Mutations of one call are durable together, and
//! one that is refused does not touch the others. The component may change the
//! guests of any event: for a meeting that somebody else organises it brings
//! what the organiser decided. No invitation is ever sent from here (Oro row
//! C5).

use rusqlite::{Connection, Transaction};

use super::fields::{EventFields, Meeting, OccurrenceException, with_organizer_of};
use super::journal::EVENTS;
use super::record::{CalendarEvent, EventValues, EventVersion};
use super::validate::{FieldGroup, Refused};
use super::whole::{WholeEvent, whole_in};
use super::write::{Deletion, WriteError};
use crate::crm::error::InvalidValue;
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::journal::KeyError;
pub use crate::crm::journal::MUTATIONS_MAX;
use crate::crm::meeting::ties;
use crate::crm::users::{User, default_calendar_in, user_in};
use crate::crm::{Crm, CrmError};

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventMutation {
    /// Create an event; `title` and `time` are present.
    Create {
        /// Repeating it with the same key answers with the first one's event.
        idempotency_key: String,
        /// Which meeting it is a copy of.
        meeting: Option<Meeting>,
        /// Its fields.
        fields: EventFields,
    },
    /// Replace some groups of an event.
    Update {
        /// Which event.
        id: EventId,
        /// The version that the change is based on.
        expected: EventVersion,
        /// Which meeting it has turned out to be.
        meeting: Option<Meeting>,
        /// The groups to replace.
        fields: EventFields,
    },
    /// Delete an event.
    Delete {
        /// Which event.
        id: EventId,
        /// The version that the decision is based on.
        expected: EventVersion,
    },
}

/// What a mutation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The event as it is now stored.
    Stored(Box<WholeEvent>),
    /// The event is gone; also when it was gone before.
    Removed,
}

/// Why a mutation was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MutationError {
    /// The event is not in this calendar.
    #[error("expected an event of this calendar, but found none under this identifier")]
    NotFound,
    /// The event was changed meanwhile.
    #[error("expected the version that was read, but found that the event was changed meanwhile")]
    VersionMismatch,
    /// A value is not acceptable.
    #[error("{value}")]
    Invalid {
        /// The group it belongs to.
        group: FieldGroup,
        /// The value.
        value: InvalidValue,
    },
}

/// A refusal of one mutation, or a failure of the whole call.
enum Failure {
    Mutation(MutationError),
    Crm(CrmError),
}

impl From<MutationError> for Failure {
    fn from(error: MutationError) -> Self {
        Self::Mutation(error)
    }
}

impl From<CrmError> for Failure {
    fn from(error: CrmError) -> Self {
        Self::Crm(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unusable(value) => Self::Mutation(MutationError::Invalid { group: FieldGroup::Identity, value }),
            KeyError::Storage(error) => Self::Crm(error.into()),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(Refused { group, value }) => Self::Mutation(MutationError::Invalid { group, value }),
            WriteError::Crm(error) => Self::Crm(error),
        }
    }
}

impl Crm {
    /// Makes the mutations one by one in the default calendar of `owner`, and
    /// answers for each in their order.
    ///
    /// # Errors
    /// More than [`MUTATIONS_MAX`] mutations, no such owner, or the database
    /// fails: then none was made.
    pub fn apply_to_events(
        &self,
        owner: UserId,
        mutations: Vec<EventMutation>,
    ) -> Result<Vec<Result<Applied, MutationError>>, CrmError> {
        if mutations.len() > MUTATIONS_MAX {
            return Err(CrmError::TooMany { what: "mutations", max: MUTATIONS_MAX, found: mutations.len() });
        }
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            let calendar = default_calendar_in(transaction, &owner)?;
            mutations.into_iter().map(|mutation| self.apply_one(transaction, calendar, &owner, mutation)).collect()
        })
    }

    /// Makes one mutation, or takes back what it had begun.
    fn apply_one(
        &self,
        transaction: &mut Transaction<'_>,
        calendar: CalendarId,
        owner: &User,
        mutation: EventMutation,
    ) -> Result<Result<Applied, MutationError>, CrmError> {
        let savepoint = transaction.savepoint()?;
        let outcome = match mutation {
            EventMutation::Create { idempotency_key, meeting, fields } => {
                self.apply_create(&savepoint, calendar, owner, &idempotency_key, meeting.as_ref(), fields)
            }
            EventMutation::Update { id, expected, meeting, fields } => {
                self.apply_update(&savepoint, calendar, owner, (id, &expected), meeting.as_ref(), fields)
            }
            EventMutation::Delete { id, expected } => self.apply_delete(&savepoint, calendar, owner, id, &expected),
        };
        match outcome {
            Ok(applied) => {
                savepoint.commit()?;
                Ok(Ok(applied))
            }
            // Dropping the savepoint rolls back to it.
            Err(Failure::Mutation(error)) => Ok(Err(error)),
            Err(Failure::Crm(error)) => Err(error),
        }
    }

    fn apply_create(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        key: &str,
        meeting: Option<&Meeting>,
        mut fields: EventFields,
    ) -> Result<Applied, Failure> {
        if let Some(id) = EVENTS.item_of_key(connection, calendar, key)? {
            let event = whole_in(connection, calendar, owner, id)?;
            return Ok(event.map_or(Applied::Removed, |event| Applied::Stored(Box::new(event))));
        }
        let exceptions = fields.exceptions.take();
        let values = new_values(fields, owner, meeting)?;
        let event = self.insert_event_in(connection, calendar, owner, values)?;
        self.note(connection, calendar, event.id, meeting)?;
        EVENTS.remember_key(connection, calendar, key, event.id, self.now())?;
        self.stored(connection, calendar, owner, &event, exceptions)
    }

    /// Writes the exceptions, and answers with the whole event.
    fn stored(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        event: &CalendarEvent,
        exceptions: Option<Vec<OccurrenceException>>,
    ) -> Result<Applied, Failure> {
        if let Some(exceptions) = exceptions {
            self.replace_exceptions(connection, calendar, owner, event, exceptions)?;
        }
        let whole = whole_in(connection, calendar, owner, event.id)?;
        Ok(Applied::Stored(Box::new(whole.ok_or(CrmError::Damaged { what: "calendar event" })?)))
    }

    fn apply_update(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        (id, expected): (EventId, &EventVersion),
        meeting: Option<&Meeting>,
        mut fields: EventFields,
    ) -> Result<Applied, Failure> {
        let stored = whole_in(connection, calendar, owner, id)?.ok_or(MutationError::NotFound)?.event;
        if stored.version != *expected {
            return Err(MutationError::VersionMismatch.into());
        }
        let exceptions = fields.exceptions.take();
        // Whose meeting it is belongs to the values, so that the journal, the
        // exceptions and the owner's answer know it.
        let values = fields.over(with_organizer_of(stored.values.clone(), owner, meeting), owner)?;
        let event = self.update_event_in(connection, calendar, owner, stored, values)?;
        self.note(connection, calendar, event.id, meeting)?;
        self.stored(connection, calendar, owner, &event, exceptions)
    }

    /// Notes which meeting an event is a copy of (Oro row C7). Its organiser is
    /// written with the values.
    fn note(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        event: EventId,
        meeting: Option<&Meeting>,
    ) -> Result<(), Failure> {
        if let Some(meeting) = meeting {
            ties::note_in(connection, calendar, event, &meeting.uid, None, self.now())?;
            self.remove_superseded_copies_in(connection, event)?;
        }
        Ok(())
    }

    fn apply_delete(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        id: EventId,
        expected: &EventVersion,
    ) -> Result<Applied, Failure> {
        let Some(WholeEvent { event: stored, .. }) = whole_in(connection, calendar, owner, id)? else {
            let elsewhere: bool = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM calendar_event WHERE id = ?1)")?
                .query_row([id], |row| row.get(0))?;
            return if elsewhere { Err(MutationError::NotFound.into()) } else { Ok(Applied::Removed) };
        };
        if stored.version != *expected {
            return Err(MutationError::VersionMismatch.into());
        }
        match self.delete_event_in(connection, calendar, owner, stored)? {
            Deletion::Removed => Ok(Applied::Removed),
            // Of an exception, which the component cannot name.
            Deletion::Cancelled(_) => Err(MutationError::NotFound.into()),
        }
    }
}

fn new_values(fields: EventFields, owner: &User, meeting: Option<&Meeting>) -> Result<EventValues, Failure> {
    let Some(time) = fields.time else {
        return Err(without_time().into());
    };
    let mut values = EventValues::blank(owner.time_zone);
    values.set_time(&time);
    // Whose meeting it is decides whether the owner has an answer to give.
    Ok(fields.over(with_organizer_of(values, owner, meeting), owner)?)
}

fn without_time() -> MutationError {
    let value = InvalidValue {
        field: "start",
        code: "missing-field",
        expected: "present".to_owned(),
        found: "nothing".to_owned(),
        hint: "send a value for it",
    };
    MutationError::Invalid { group: FieldGroup::Time, value }
}

#[cfg(test)]
mod tests;
