//! What the component writes into a calendar.
//!
//! A mutation names the version it is based on, or brings a key that makes a
//! repeated create harmless. Mutations of one call are durable together, and
//! one that is refused does not touch the others. The component may change the
//! guests of any event: for a meeting that somebody else organises it brings
//! what the organiser decided. No invitation is ever sent from here (Oro row
//! C5).

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::all_day::EventTime;
use super::record::{Attendee, AttendeeStatus, AttendeeType, CalendarEvent, EventValues, EventVersion};
use super::rows::event_in;
use super::validate::{FieldGroup, Refused};
use super::write::{Deletion, WriteError};
use crate::crm::error::InvalidValue;
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::stored::Millis;
use crate::crm::users::{User, default_calendar_in, user_in};
use crate::crm::{Crm, CrmError};

/// The most mutations of one call.
pub const MUTATIONS_MAX: usize = 100;

/// The longest idempotency key in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// The reminder of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// None.
    None,
    /// This many minutes before the start.
    MinutesBefore(u32),
}

/// A guest as the component names one: always by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The address.
    pub address: String,
    /// The name shown, empty where there is none.
    pub display_name: String,
    /// The answer.
    pub status: AttendeeStatus,
    /// The part.
    pub kind: AttendeeType,
}

/// The fields of an event by group; none leaves the group as it is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EventFields {
    /// The title.
    pub title: Option<String>,
    /// The description, HTML; empty for none.
    pub description: Option<String>,
    /// When it takes place.
    pub time: Option<EventTime>,
    /// All guests that have an address.
    pub guests: Option<Vec<Guest>>,
    /// The reminder.
    pub reminder: Option<Reminder>,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventMutation {
    /// Create an event; `title` and `time` are present.
    Create {
        /// Repeating it with the same key answers with the first one's event.
        idempotency_key: String,
        /// Its fields.
        fields: EventFields,
    },
    /// Replace some groups of an event.
    Update {
        /// Which event.
        id: EventId,
        /// The version that the change is based on.
        expected: EventVersion,
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
    /// The event as it is now stored; after the deletion of an exception, the
    /// cancelled exception.
    Stored(Box<CalendarEvent>),
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
            EventMutation::Create { idempotency_key, fields } => {
                self.apply_create(&savepoint, calendar, owner, &idempotency_key, fields)
            }
            EventMutation::Update { id, expected, fields } => {
                self.apply_update(&savepoint, calendar, owner, id, &expected, fields)
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
        fields: EventFields,
    ) -> Result<Applied, Failure> {
        if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX {
            return Err(missing(FieldGroup::Identity, "idempotencyKey", "a key of 1 to 255 bytes").into());
        }
        let first: Option<EventId> = connection
            .prepare_cached("SELECT event_id FROM calendar_event_idempotency WHERE calendar_id = ?1 AND key = ?2")?
            .query_row(params![calendar, key], |row| row.get(0))
            .optional()?;
        if let Some(id) = first {
            let event = event_in(connection, calendar, id)?;
            return Ok(event.map_or(Applied::Removed, |event| Applied::Stored(Box::new(event))));
        }
        let event = self.insert_event_in(connection, calendar, owner, new_values(fields, owner)?)?;
        connection
            .prepare_cached(
                "INSERT INTO calendar_event_idempotency (calendar_id, key, event_id, created_at)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![calendar, key, event.id, Millis(self.now())])?;
        Ok(Applied::Stored(Box::new(event)))
    }

    fn apply_update(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        id: EventId,
        expected: &EventVersion,
        fields: EventFields,
    ) -> Result<Applied, Failure> {
        let stored = event_in(connection, calendar, id)?.ok_or(MutationError::NotFound)?;
        if stored.version != *expected {
            return Err(MutationError::VersionMismatch.into());
        }
        let values = fields.over(stored.values.clone());
        let event = self.update_event_in(connection, calendar, owner, stored, values)?;
        Ok(Applied::Stored(Box::new(event)))
    }

    fn apply_delete(
        &self,
        connection: &Connection,
        calendar: CalendarId,
        owner: &User,
        id: EventId,
        expected: &EventVersion,
    ) -> Result<Applied, Failure> {
        let Some(stored) = event_in(connection, calendar, id)? else {
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
            Deletion::Cancelled(event) => Ok(Applied::Stored(event)),
        }
    }
}

impl EventFields {
    /// The values of an event after this change.
    fn over(self, mut values: EventValues) -> EventValues {
        if let Some(title) = self.title {
            values.title = title;
        }
        if let Some(description) = self.description {
            values.description = Some(description).filter(|text| !text.is_empty());
        }
        // Equal days may stand there as other instants: those stay.
        if let Some(time) = self.time.filter(|time| *time != values.time()) {
            values.set_time(&time);
        }
        if let Some(guests) = self.guests {
            values.attendees = merge_guests(&values.attendees, guests);
        }
        match self.reminder {
            Some(Reminder::None) => values.reminder_minutes = None,
            Some(Reminder::MinutesBefore(minutes)) => values.reminder_minutes = Some(minutes),
            None => {}
        }
        values
    }
}

/// The guests after a write of those with an address: guests by name alone are
/// nothing the writer knows of, so they stay, and so does the mark of the
/// organiser, for whom the writer has no word.
fn merge_guests(stored: &[Attendee], guests: Vec<Guest>) -> Vec<Attendee> {
    let was_organizer = |address: &str| {
        stored.iter().any(|attendee| {
            attendee.kind == AttendeeType::Organizer
                && attendee.email.as_deref().is_some_and(|email| email.to_lowercase() == address.to_lowercase())
        })
    };
    let mut merged: Vec<Attendee> = guests
        .into_iter()
        .map(|guest| Attendee {
            kind: if was_organizer(&guest.address) { AttendeeType::Organizer } else { guest.kind },
            email: Some(guest.address),
            display_name: Some(guest.display_name).filter(|name| !name.is_empty()),
            status: guest.status,
        })
        .collect();
    merged.extend(stored.iter().filter(|attendee| attendee.email.is_none()).cloned());
    merged
}

fn new_values(fields: EventFields, owner: &User) -> Result<EventValues, MutationError> {
    let Some(time) = fields.time else {
        return Err(missing(FieldGroup::Time, "start", "present"));
    };
    let mut values = EventValues::blank(owner.time_zone);
    values.set_time(&time);
    Ok(fields.over(values))
}

fn missing(group: FieldGroup, field: &'static str, expected: &str) -> MutationError {
    let value = InvalidValue {
        field,
        code: "missing-field",
        expected: expected.to_owned(),
        found: "nothing, or more".to_owned(),
        hint: "send a value for it",
    };
    MutationError::Invalid { group, value }
}

#[cfg(test)]
mod tests;
