//! What the component writes into a calendar. How its writes are made is in
//! [`crate::crm::mutation`].
//!
//! The component may change the guests of any event: for a meeting that somebody
//! else organises it brings what the organiser decided. No invitation is ever
//! sent from here (Oro row C5).

use rusqlite::Connection;

use super::fields::{EventFields, Meeting, OccurrenceException, with_organizer_of};
use super::journal::EVENTS;
use super::record::{CalendarEvent, EventValues, EventVersion};
use super::validate::{FieldGroup, Refused};
use super::whole::{WholeEvent, whole_in};
use super::write::{Deletion, WriteError};
use crate::crm::change::empty;
use crate::crm::component_state::Fence;
use crate::crm::error::{InvalidValue, at_most};
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::journal::{Keyed, UnusableKey};
use crate::crm::meeting::ties;
use crate::crm::mutation::{self, ApplyError, MUTATIONS_MAX, apply_each, held_by};
use crate::crm::refusal::{self, in_group};
use crate::crm::users::{User, user_and_calendar_in};
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
        /// As for a create.
        idempotency_key: String,
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
pub type Applied = mutation::Applied<WholeEvent>;

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

/// Why a mutation was not made, or the whole call.
type Failure = refusal::Failure<MutationError>;

impl From<MutationError> for Failure {
    fn from(error: MutationError) -> Self {
        Self::Refused(error)
    }
}

impl From<Refused> for MutationError {
    fn from(Refused { group, value }: Refused) -> Self {
        Self::Invalid { group, value }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.into())
    }
}

impl From<UnusableKey> for Failure {
    fn from(UnusableKey(value): UnusableKey) -> Self {
        in_group(FieldGroup::Identity)(value).into()
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        error.map(Into::into)
    }
}

impl Crm {
    /// Makes the mutations one by one in the default calendar of `owner`, and
    /// answers for each in their order.
    ///
    /// # Errors
    /// Another holder than that of `fence`, more than [`MUTATIONS_MAX`]
    /// mutations, no such owner, or the database fails: then none was made.
    pub fn apply_to_events(
        &self,
        owner: UserId,
        fence: Fence,
        mutations: Vec<EventMutation>,
    ) -> Result<Vec<Result<Applied, MutationError>>, ApplyError> {
        self.write(|transaction| {
            let (owner, calendar) = user_and_calendar_in(transaction, owner)?;
            held_by(transaction, &owner.scope(), fence)?;
            let results = apply_each(transaction, mutations, |connection, mutation| match mutation {
                EventMutation::Create { idempotency_key, meeting, fields } => {
                    self.apply_create(connection, calendar, &owner, &idempotency_key, meeting.as_ref(), fields)
                }
                EventMutation::Update { id, expected, idempotency_key, meeting, fields } => {
                    let id = EVENTS.once(connection, (calendar, &idempotency_key), self.now(), || {
                        self.apply_update(connection, calendar, &owner, (id, &expected), meeting.as_ref(), fields)?;
                        keyed_in(connection, calendar, &owner, id)
                    })?;
                    Ok(Applied::of(whole_in(connection, calendar, &owner, id)?))
                }
                EventMutation::Delete { id, expected } => {
                    self.apply_delete(connection, calendar, &owner, id, &expected)
                }
            })?;
            Ok(results)
        })
    }

    /// What the writes with these keys have made or changed in the default
    /// calendar of `owner`, in their order; none where a write was not made.
    ///
    /// # Errors
    /// More than [`MUTATIONS_MAX`] keys, or no such owner.
    pub fn applied_to_events(&self, owner: UserId, keys: &[String]) -> Result<Vec<Option<Keyed<EventId>>>, CrmError> {
        at_most(MUTATIONS_MAX, "keys", keys.len())?;
        self.read(|connection| {
            let (_, calendar) = user_and_calendar_in(connection, owner)?;
            keys.iter().map(|key| Ok(EVENTS.keyed(connection, calendar, key)?)).collect()
        })
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
        let id = EVENTS.once(connection, (calendar, key), self.now(), || {
            let exceptions = fields.exceptions.take();
            let values = new_values(fields, owner, meeting)?;
            let event = self.insert_event_in(connection, calendar, owner, values)?;
            self.write_beside(connection, calendar, owner, &event, meeting, exceptions)?;
            keyed_in(connection, calendar, owner, event.id)
        })?;
        Ok(Applied::of(whole_in(connection, calendar, owner, id)?))
    }

    fn apply_update(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        (id, expected): (EventId, &EventVersion),
        meeting: Option<&Meeting>,
        mut fields: EventFields,
    ) -> Result<(), Failure> {
        let stored = whole_in(connection, calendar, owner, id)?.ok_or(MutationError::NotFound)?.event;
        if stored.version != *expected {
            return Err(MutationError::VersionMismatch.into());
        }
        let exceptions = fields.exceptions.take();
        // Whose meeting it is belongs to the values, so that the journal, the
        // exceptions and the owner's answer know it.
        let values = fields.over(with_organizer_of(stored.values.clone(), owner, meeting), owner)?;
        let event = self.update_event_in(connection, calendar, owner, stored, values)?;
        self.write_beside(connection, calendar, owner, &event, meeting, exceptions)
    }

    /// Writes what an event has beside its values: which meeting it is a copy of
    /// (Oro row C7), and its exceptions.
    fn write_beside(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        event: &CalendarEvent,
        meeting: Option<&Meeting>,
        exceptions: Option<Vec<OccurrenceException>>,
    ) -> Result<(), Failure> {
        if let Some(meeting) = meeting {
            ties::note_in(connection, calendar, event.id, &meeting.uid, None, self.now())?;
            self.remove_superseded_copies_in(connection, event.id)?;
        }
        if let Some(exceptions) = exceptions {
            self.replace_exceptions(connection, calendar, owner, event, exceptions)?;
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

/// An event that was just written, in the version that it has by that.
fn keyed_in(
    connection: &Connection,
    calendar: CalendarId,
    owner: &User,
    id: EventId,
) -> Result<Keyed<EventId>, Failure> {
    let damaged = CrmError::Damaged { what: "calendar event" };
    let written = whole_in(connection, calendar, owner, id)?.ok_or(damaged)?.event;
    Ok(Keyed { item: id, version: written.version.as_str().to_owned() })
}

fn new_values(fields: EventFields, owner: &User, meeting: Option<&Meeting>) -> Result<EventValues, Failure> {
    let Some(time) = fields.time else {
        return Err(in_group(FieldGroup::Time)(empty("start")).into());
    };
    let mut values = EventValues::blank(owner.time_zone);
    values.set_time(&time);
    // Whose meeting it is decides whether the owner has an answer to give.
    Ok(fields.over(with_organizer_of(values, owner, meeting), owner)?)
}

#[cfg(test)]
mod tests;
