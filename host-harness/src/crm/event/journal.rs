//! What changed in a calendar since somebody last looked.
//!
//! The journal keeps the last change of every event: a new one takes the place
//! of the older one and goes to the end. So a reader meets each event once, in
//! the order of last changes, and a deletion stays as a tombstone (Oro row E6)
//! until it is purged. A reader whose place was purged behind it is told so.
//! A series is one event: its exceptions have entries, for their own versions,
//! but readers meet the series alone, which gets an entry with each of theirs.
//! Whether a change is the reader's own is for the reader to know. Whether
//! people have still to be told of it, the writer says: see [`Announcement`].

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::record::CalendarEvent;
use super::whole::{WholeEvent, whole_in};
use crate::crm::ids::{CalendarId, EventId, UserId};
use crate::crm::random::Randomness;
use crate::crm::stored::{Millis, words};
use crate::crm::users::{default_calendar_in, user_in};
use crate::crm::{Crm, CrmError};

/// The most changes of one page.
pub const CHANGES_MAX: usize = 500;

/// How long a tombstone is kept. The contract promises 90 days.
pub const TOMBSTONE_AGE_MAX: TimeDelta = TimeDelta::days(90);

/// How long the key of a create is kept. The contract promises 30 days.
pub const IDEMPOTENCY_AGE_MAX: TimeDelta = TimeDelta::days(30);

/// How a cursor begins that this module understands.
const CURSOR_FORMAT: &str = "1";

/// Where the name of this journal stands in `meta`.
const INCARNATION_NAME: &str = "journal-incarnation";

words! {
    /// What happened to an event last.
    pub enum JournalKind {
        /// It was created or changed.
        Upserted = "upserted",
        /// It was deleted.
        Deleted = "deleted",
    }
}

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

/// Where the next page of changes begins. Opaque outside of this module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor that somebody remembers; whether it is one is found out when
    /// it is used.
    pub fn remembered(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
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

/// A page of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The changes, an event at most once, in the order of its last change.
    pub changes: Vec<EventChange>,
    /// Where the next page begins.
    pub next: Cursor,
    /// Whether there are more changes now.
    pub more: bool,
}

/// Why changes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The cursor is unknown or too old.
    #[error("expected a cursor of this calendar that is younger than its oldest tombstone, but found another one")]
    CursorExpired,
    /// The CRM did not do its work.
    #[error(transparent)]
    Crm(#[from] CrmError),
}

impl From<rusqlite::Error> for ChangesError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

/// What a purge removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PurgedHistory {
    /// Tombstones older than [`TOMBSTONE_AGE_MAX`].
    pub tombstones: usize,
    /// Keys older than [`IDEMPOTENCY_AGE_MAX`].
    pub idempotency_keys: usize,
}

/// An entry: its number, of which event, what happened, and who knows of it.
type Entry = (i64, EventId, JournalKind, Announcement);

/// What a cursor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Entries up to this one were given.
    after: i64,
    /// The end of the journal when the reader began. A tombstone up to there is
    /// of an event that the reader never saw.
    listed_until: i64,
}

impl Crm {
    /// Up to `limit` changes (at least 1, at most [`CHANGES_MAX`]) in the
    /// default calendar of `owner` behind `after`; without it, every event
    /// once.
    ///
    /// # Errors
    /// The cursor has expired, or the owner does not exist.
    pub fn event_changes(&self, owner: UserId, after: Option<&Cursor>, limit: usize) -> Result<Changes, ChangesError> {
        let limit = limit.clamp(1, CHANGES_MAX);
        self.read(|connection| {
            let owner = user_in(connection, owner)?;
            let calendar = default_calendar_in(connection, &owner)?;
            let mut place = match after {
                Some(cursor) => place_of(connection, calendar, cursor)?,
                None => Place { after: 0, listed_until: head(connection)? },
            };
            let mut entries = entries_behind(connection, calendar, place, limit)?;
            let more = entries.len() > limit;
            entries.truncate(limit);
            let mut changes = Vec::with_capacity(entries.len());
            for (sequence, id, kind, announcement) in entries {
                place.after = sequence;
                changes.push(match kind {
                    JournalKind::Deleted => EventChange::Deleted { id, announcement },
                    JournalKind::Upserted => {
                        let event = whole_in(connection, calendar, &owner, id)?;
                        EventChange::Upserted(Box::new(event.ok_or(CrmError::Damaged { what: "journal" })?))
                    }
                });
            }
            if !more {
                place.after = place.after.max(place.listed_until);
            }
            Ok(Changes { changes, next: cursor_of(connection, calendar, place)?, more })
        })
    }

    /// The events of `owner` with these identifiers, in their order; none where
    /// one is not in this calendar, or is an exception of a series.
    ///
    /// # Errors
    /// More than [`CHANGES_MAX`] identifiers, or the owner does not exist.
    pub fn events_by_id(&self, owner: UserId, ids: &[EventId]) -> Result<Vec<Option<WholeEvent>>, CrmError> {
        if ids.len() > CHANGES_MAX {
            return Err(CrmError::TooMany { what: "identifiers", max: CHANGES_MAX, found: ids.len() });
        }
        self.read(|connection| {
            let owner = user_in(connection, owner)?;
            let calendar = default_calendar_in(connection, &owner)?;
            ids.iter().map(|id| whole_in(connection, calendar, &owner, *id)).collect()
        })
    }

    /// Forgets tombstones and idempotency keys whose time is over, in all
    /// calendars.
    pub fn purge_event_history(&self) -> Result<PurgedHistory, CrmError> {
        let tombstones_before = Millis(self.now() - TOMBSTONE_AGE_MAX);
        let keys_before = Millis(self.now() - IDEMPOTENCY_AGE_MAX);
        self.write(|transaction| {
            transaction.execute(
                "UPDATE calendar SET journal_floor = max(journal_floor, coalesce(
                    (SELECT max(sequence) FROM calendar_event_journal
                     WHERE calendar_id = calendar.id AND kind = ?1 AND written_at < ?2), 0))",
                params![JournalKind::Deleted, tombstones_before],
            )?;
            let tombstones = transaction.execute(
                "DELETE FROM calendar_event_journal WHERE kind = ?1 AND written_at < ?2",
                params![JournalKind::Deleted, tombstones_before],
            )?;
            let idempotency_keys = transaction
                .execute("DELETE FROM calendar_event_idempotency WHERE created_at < ?1", params![keys_before])?;
            Ok(PurgedHistory { tombstones, idempotency_keys })
        })
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
    connection.prepare_cached("DELETE FROM calendar_event_journal WHERE event_id = ?1")?.execute([event])?;
    connection
        .prepare_cached(
            "INSERT INTO calendar_event_journal (calendar_id, event_id, kind, written_at, announcement)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![calendar, event, kind, Millis(at), announcement])?;
    Ok(connection.last_insert_rowid())
}

/// Says of a person's edit whether others have still to be told of it. Of an
/// exception, its series says so, which is what readers meet.
pub(crate) fn announce(
    connection: &Connection,
    edited: &CalendarEvent,
    announcement: Announcement,
) -> rusqlite::Result<()> {
    let met = edited.values.recurring_event_id.unwrap_or(edited.id);
    connection
        .prepare_cached("UPDATE calendar_event_journal SET announcement = ?2 WHERE event_id = ?1")?
        .execute(params![met, announcement])?;
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

/// The last number that was ever given; 0 before the first one.
pub(crate) fn head(connection: &Connection) -> rusqlite::Result<i64> {
    let head = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'calendar_event_journal'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(head.unwrap_or(0))
}

/// Gives a new database's journal a name of its own, so that a cursor of
/// another database is not mistaken for one of this.
pub(crate) fn name_incarnation(connection: &Connection, randomness: &Randomness) -> rusqlite::Result<()> {
    let name = u64::from_be_bytes(randomness.bytes().first_chunk().copied().unwrap_or_default());
    connection.execute(
        "INSERT OR IGNORE INTO meta (name, value) VALUES (?1, ?2)",
        params![INCARNATION_NAME, format!("{name:016x}")],
    )?;
    Ok(())
}

fn incarnation(connection: &Connection) -> rusqlite::Result<String> {
    connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([INCARNATION_NAME], |row| row.get(0))
}

fn entries_behind(
    connection: &Connection,
    calendar: CalendarId,
    place: Place,
    limit: usize,
) -> rusqlite::Result<Vec<Entry>> {
    // One more than the page shows that there is a next one.
    let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    connection
        .prepare_cached(
            "SELECT sequence, event_id, kind, announcement FROM calendar_event_journal AS journal
             WHERE calendar_id = ?1 AND sequence > ?2 AND NOT (kind = ?3 AND sequence <= ?4)
                AND NOT EXISTS (SELECT 1 FROM calendar_event AS event
                    WHERE event.id = journal.event_id AND recurring_event_id IS NOT NULL)
             ORDER BY sequence LIMIT ?5",
        )?
        .query_map(params![calendar, place.after, JournalKind::Deleted, place.listed_until, rows], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect()
}

fn cursor_of(connection: &Connection, calendar: CalendarId, place: Place) -> rusqlite::Result<Cursor> {
    let incarnation = incarnation(connection)?;
    Ok(Cursor(format!("{CURSOR_FORMAT}.{incarnation}.{calendar}.{}.{}", place.after, place.listed_until)))
}

/// Reads a cursor and checks that nothing it has not seen was purged.
fn place_of(connection: &Connection, calendar: CalendarId, cursor: &Cursor) -> Result<Place, ChangesError> {
    let parts: Vec<&str> = cursor.0.split('.').collect();
    let [format, incarnation_name, calendar_id, after, listed_until] = parts.as_slice() else {
        return Err(ChangesError::CursorExpired);
    };
    let place = match (after.parse(), listed_until.parse()) {
        (Ok(after), Ok(listed_until)) => Place { after, listed_until },
        _ => return Err(ChangesError::CursorExpired),
    };
    let ours = *format == CURSOR_FORMAT
        && *incarnation_name == incarnation(connection)?
        && *calendar_id == calendar.to_string();
    let floor: i64 = connection
        .prepare_cached("SELECT journal_floor FROM calendar WHERE id = ?1")?
        .query_row([calendar], |row| row.get(0))?;
    let seen = place.after.max(place.listed_until);
    // A restored backup has a shorter journal than the reader has seen.
    if ours && floor <= seen && seen <= head(connection)? { Ok(place) } else { Err(ChangesError::CursorExpired) }
}

#[cfg(test)]
mod tests;
