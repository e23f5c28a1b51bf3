//! What changed in a calendar since somebody last looked.
//!
//! How a journal works is in [`crate::crm::journal`]. Here is what is special
//! about events: a series is one event, so its exceptions have entries, for
//! their own versions, but readers meet the series alone, which gets an entry
//! with each of theirs. Whether a change is the reader's own is for the reader
//! to know. Whether people have still to be told of it, the writer says: see
//! [`Announcement`].

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::record::CalendarEvent;
use super::whole::{WholeEvent, whole_in};
use crate::crm::error::at_most;
use crate::crm::ids::{CalendarId, EventId, UserId};
pub use crate::crm::journal::{
    CHANGES_MAX, ChangesError, Cursor, IDEMPOTENCY_AGE_MAX, JournalKind, PurgedHistory, TOMBSTONE_AGE_MAX,
};
use crate::crm::journal::{ChangePage, Journal};
use crate::crm::stored::words;
use crate::crm::users::user_and_calendar_in;
use crate::crm::{Crm, CrmError};

/// The journal of the events of a calendar.
pub(crate) const EVENTS: Journal<CalendarId, EventId> = Journal {
    cursor_format: "1",
    entries: "calendar_event_journal",
    keys: "calendar_event_idempotency",
    holder: "calendar_id",
    item: "event_id",
    holders: "calendar",
    floor: "journal_floor",
    met: "NOT EXISTS (SELECT 1 FROM calendar_event AS event
        WHERE event.id = journal.event_id AND recurring_event_id IS NOT NULL)",
    of: PhantomData,
};

words! {
    /// Whether people have still to be told of a change: its guests, or the
    /// organiser of a guest's answer (Oro row C5).
    pub enum Announcement {
        /// Nobody was told.
        Due = "due",
        /// The CRM has told them, or nobody is to be told.
        Settled = "settled",
    }
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventChange {
    /// The event was created or changed; its present state.
    Upserted(Box<WholeEvent>),
    /// The event was deleted.
    Deleted {
        /// Which.
        id: EventId,
        /// Whether people have still to be told.
        announcement: Announcement,
    },
}

/// A page of changes of events.
pub type Changes = ChangePage<EventChange>;

impl Crm {
    /// Up to `limit` changes (at least 1, at most [`CHANGES_MAX`]) in the
    /// default calendar of `owner` behind `after`; without it, every event
    /// once.
    ///
    /// # Errors
    /// The cursor has expired, or the owner does not exist.
    pub fn event_changes(&self, owner: UserId, after: Option<&Cursor>, limit: usize) -> Result<Changes, ChangesError> {
        self.read(|connection| {
            let (owner, calendar) = user_and_calendar_in(connection, owner)?;
            EVENTS.page(connection, calendar, after, limit)?.try_map(|(id, kind)| match kind {
                JournalKind::Deleted => Ok(EventChange::Deleted { id, announcement: announcement_of(connection, id)? }),
                JournalKind::Upserted => {
                    let event = whole_in(connection, calendar, &owner, id)?;
                    Ok(EventChange::Upserted(Box::new(event.ok_or(CrmError::Damaged { what: "journal" })?)))
                }
            })
        })
    }

    /// The events of `owner` with these identifiers, in their order; none where
    /// one is not in this calendar, or is an exception of a series.
    ///
    /// # Errors
    /// More than [`CHANGES_MAX`] identifiers, or the owner does not exist.
    pub fn events_by_id(&self, owner: UserId, ids: &[EventId]) -> Result<Vec<Option<WholeEvent>>, CrmError> {
        at_most(CHANGES_MAX, "identifiers", ids.len())?;
        self.read(|connection| {
            let (owner, calendar) = user_and_calendar_in(connection, owner)?;
            ids.iter().map(|id| whole_in(connection, calendar, &owner, *id)).collect()
        })
    }

    /// When an event was changed last; none where that was forgotten. A series
    /// changes with each of its exceptions.
    ///
    /// # Errors
    /// The database fails.
    pub fn event_changed_at(&self, id: EventId) -> Result<Option<DateTime<Utc>>, CrmError> {
        self.read(|connection| Ok(EVENTS.changed_at(connection, id)?))
    }

    /// Whether people have still to be told of the last edit of an event or a series.
    ///
    /// # Errors
    /// The CRM cannot be read.
    pub fn event_announcement(&self, id: EventId) -> Result<Announcement, CrmError> {
        self.read(|connection| Ok(announcement_of(connection, id)?))
    }

    /// Forgets tombstones and idempotency keys whose time is over, in all
    /// calendars.
    pub fn purge_event_history(&self) -> Result<PurgedHistory, CrmError> {
        self.write(|transaction| Ok(EVENTS.purge(transaction, self.now())?))
    }
}

/// Appends the last change of an event and answers with its number. Who tells
/// people stays as it was after the last edit that a person made, and is said
/// anew by [`announce`].
pub(crate) fn append(
    connection: &Connection,
    calendar: CalendarId,
    event: EventId,
    kind: JournalKind,
    at: DateTime<Utc>,
) -> rusqlite::Result<i64> {
    let announcement = announcement_of(connection, event)?;
    let sequence = EVENTS.append(connection, calendar, event, kind, at)?;
    // A new entry is settled.
    if announcement != Announcement::Settled {
        set_announcement(connection, event, announcement)?;
    }
    Ok(sequence)
}

/// Says of a person's edit whether others have still to be told of it. Of an
/// exception, its series says so, which is what readers meet.
pub(crate) fn announce(
    connection: &Connection,
    edited: &CalendarEvent,
    announcement: Announcement,
) -> rusqlite::Result<()> {
    set_announcement(connection, edited.item(), announcement)
}

fn set_announcement(connection: &Connection, event: EventId, announcement: Announcement) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE calendar_event_journal SET announcement = ?2 WHERE event_id = ?1")?
        .execute(params![event, announcement])?;
    Ok(())
}

/// Who tells people of the last edit of an event; without an entry, nobody has
/// still to be told.
pub(super) fn announcement_of(connection: &Connection, event: EventId) -> rusqlite::Result<Announcement> {
    let found = connection
        .prepare_cached("SELECT announcement FROM calendar_event_journal WHERE event_id = ?1")?
        .query_row([event], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(Announcement::Settled))
}

/// Removes the entry of an exception that is gone: it was part of its series,
/// so it leaves no tombstone.
pub(super) fn forget(connection: &Connection, exception: EventId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM calendar_event_journal WHERE event_id = ?1")?.execute([exception])?;
    Ok(())
}

#[cfg(test)]
mod tests;
