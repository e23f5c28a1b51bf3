//! The one mechanism behind what changed in a calendar and among somebody's
//! tasks since a reader last looked.
//!
//! A journal keeps the last change of every item: a new one takes the place of
//! the older one and goes to the end. So a reader meets each item once, in the
//! order of last changes, and a deletion stays as a tombstone (Oro row E6)
//! until it is purged. A reader whose place was purged behind it is told so.
//! Beside it stand the keys that make a repeated create harmless.
//!
//! Which tables a journal consists of, a [`Journal`] says; what an item is, its
//! users do: [`super::event::journal`] and [`super::task::journal`].

use std::fmt::Display;
use std::marker::PhantomData;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::CrmError;
use super::error::InvalidValue;
use super::random::Randomness;
use super::stored::{Millis, words};

/// The most changes of one page.
pub const CHANGES_MAX: usize = 500;

/// How long a tombstone is kept. The contract promises 90 days.
pub const TOMBSTONE_AGE_MAX: TimeDelta = TimeDelta::days(90);

/// How long the key of a write is kept. The contract promises 30 days.
pub const IDEMPOTENCY_AGE_MAX: TimeDelta = TimeDelta::days(30);

/// The longest idempotency key in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// Where the name of this database's journals stands in `meta`.
const INCARNATION_NAME: &str = "journal-incarnation";

words! {
    /// What happened to an item last.
    pub enum JournalKind {
        /// It was created or changed.
        Upserted = "upserted",
        /// It was deleted, or went to another holder.
        Deleted = "deleted",
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

/// A page of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePage<C> {
    /// The changes, an item at most once, in the order of its last change.
    pub changes: Vec<C>,
    /// Where the next page begins.
    pub next: Cursor,
    /// Whether there are more changes now.
    pub more: bool,
}

impl<C> ChangePage<C> {
    /// The same page with what `convert` makes of its changes.
    pub(crate) fn try_map<D, E>(self, convert: impl FnMut(C) -> Result<D, E>) -> Result<ChangePage<D>, E> {
        let changes = self.changes.into_iter().map(convert).collect::<Result<_, E>>()?;
        Ok(ChangePage { changes, next: self.next, more: self.more })
    }
}

/// Why changes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The cursor is unknown or too old.
    #[error("expected a cursor of this journal that is younger than its oldest tombstone, but found another one")]
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

/// What a write with an idempotency key has made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed<I> {
    /// The record, which may be gone by now.
    pub item: I,
    /// The version that the write gave it.
    pub version: String,
}

/// What a cursor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Entries up to this one were given.
    after: i64,
    /// The end of the journal when the reader began. A tombstone up to there is
    /// of an item that the reader never saw.
    listed_until: i64,
}

/// A journal, by the names of its tables. `H` identifies who holds the items
/// (a calendar, a user), `I` an item.
pub(crate) struct Journal<H, I> {
    /// How its cursors begin, so that one of another journal is not mistaken
    /// for one of this.
    pub(crate) cursor_format: &'static str,
    /// The table of entries: `sequence`, [`Self::holder`], [`Self::item`],
    /// `kind`, `written_at`; an item once per holder. An entry that is replaced
    /// gets a new number, so the number of the last one is a version.
    pub(crate) entries: &'static str,
    /// The table of idempotency keys: [`Self::holder`], `key`, [`Self::item`],
    /// `version`, `created_at`.
    pub(crate) keys: &'static str,
    /// The column that names the holder, in both tables.
    pub(crate) holder: &'static str,
    /// The column that names the item, in both tables.
    pub(crate) item: &'static str,
    /// The table of holders.
    pub(crate) holders: &'static str,
    /// Its column with the youngest entry that was purged.
    pub(crate) floor: &'static str,
    /// Which entries (as `journal`) readers meet.
    pub(crate) met: &'static str,
    /// The types of the identifiers.
    pub(crate) of: PhantomData<fn(H) -> I>,
}

impl<H: ToSql + Display + Copy, I: ToSql + FromSql + Copy> Journal<H, I> {
    /// Up to `limit` entries (at least 1, at most [`CHANGES_MAX`]) of a holder
    /// behind `after`; without it, those of every item that is there.
    pub(crate) fn page(
        &self,
        connection: &Connection,
        holder: H,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ChangePage<(I, JournalKind)>, ChangesError> {
        let limit = limit.clamp(1, CHANGES_MAX);
        let mut place = match after {
            Some(cursor) => self.place_of(connection, holder, cursor)?,
            None => Place { after: 0, listed_until: self.head(connection)? },
        };
        let mut entries = self.entries_behind(connection, holder, place, limit)?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        if let Some((sequence, ..)) = entries.last() {
            place.after = *sequence;
        }
        if !more {
            place.after = place.after.max(place.listed_until);
        }
        let changes = entries.into_iter().map(|(_, item, kind)| (item, kind)).collect();
        Ok(ChangePage { changes, next: self.cursor_of(connection, holder, place)?, more })
    }

    /// Appends the last change of an item and answers with its number.
    pub(crate) fn append(
        &self,
        connection: &Connection,
        holder: H,
        item: I,
        kind: JournalKind,
        at: DateTime<Utc>,
    ) -> rusqlite::Result<i64> {
        let Self { entries, holder: holder_column, item: item_column, .. } = self;
        connection
            .prepare_cached(&format!("DELETE FROM {entries} WHERE {item_column} = ?1 AND {holder_column} = ?2"))?
            .execute(params![item, holder])?;
        let sql =
            format!("INSERT INTO {entries} ({holder_column}, {item_column}, kind, written_at) VALUES (?1, ?2, ?3, ?4)");
        connection.prepare_cached(&sql)?.execute(params![holder, item, kind, Millis(at)])?;
        Ok(connection.last_insert_rowid())
    }

    /// When an item was changed last, whoever holds it.
    pub(crate) fn changed_at(&self, connection: &Connection, item: I) -> rusqlite::Result<Option<DateTime<Utc>>> {
        let Self { entries, item: item_column, .. } = self;
        let at: Option<Option<Millis>> = connection
            .prepare_cached(&format!("SELECT MAX(written_at) FROM {entries} WHERE {item_column} = ?1"))?
            .query_row([item], |row| row.get(0))
            .optional()?;
        Ok(at.flatten().map(|Millis(at)| at))
    }

    /// The last number that was ever given; 0 before the first one.
    pub(crate) fn head(&self, connection: &Connection) -> rusqlite::Result<i64> {
        let head = connection
            .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
            .query_row([self.entries], |row| row.get(0))
            .optional()?;
        Ok(head.unwrap_or(0))
    }

    /// The item that a write with this key has made or changed, which may be gone
    /// by now; the first time, the one of `make`, which says in which version.
    ///
    /// # Errors
    /// The key is empty or too long, or nothing was written.
    pub(crate) fn once<E: From<UnusableKey> + From<rusqlite::Error>>(
        &self,
        connection: &Connection,
        (holder, key): (H, &str),
        at: DateTime<Utc>,
        make: impl FnOnce() -> Result<Keyed<I>, E>,
    ) -> Result<I, E> {
        if key.is_empty() || key.len() > IDEMPOTENCY_KEY_BYTES_MAX {
            return Err(unusable(key).into());
        }
        if let Some(known) = self.keyed(connection, holder, key)? {
            return Ok(known.item);
        }
        let written = make()?;
        self.remember_key(connection, holder, key, &written, at)?;
        Ok(written.item)
    }

    /// What a write with this key has made or changed.
    pub(crate) fn keyed(&self, connection: &Connection, holder: H, key: &str) -> rusqlite::Result<Option<Keyed<I>>> {
        let Self { keys, holder: holder_column, item, .. } = self;
        let sql = format!("SELECT {item}, version FROM {keys} WHERE {holder_column} = ?1 AND key = ?2");
        connection
            .prepare_cached(&sql)?
            .query_row(params![holder, key], |row| Ok(Keyed { item: row.get(0)?, version: row.get(1)? }))
            .optional()
    }

    fn remember_key(
        &self,
        connection: &Connection,
        holder: H,
        key: &str,
        made: &Keyed<I>,
        at: DateTime<Utc>,
    ) -> rusqlite::Result<()> {
        let Self { keys, holder: holder_column, item: item_column, .. } = self;
        let sql = format!(
            "INSERT INTO {keys} ({holder_column}, key, {item_column}, version, created_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        );
        connection.prepare_cached(&sql)?.execute(params![holder, key, made.item, made.version, Millis(at)])?;
        Ok(())
    }

    /// Forgets tombstones and keys whose time is over, of all holders.
    pub(crate) fn purge(&self, connection: &Connection, now: DateTime<Utc>) -> rusqlite::Result<PurgedHistory> {
        let Self { entries, keys, holder, holders, floor, .. } = self;
        let tombstones_before = Millis(now - TOMBSTONE_AGE_MAX);
        let keys_before = Millis(now - IDEMPOTENCY_AGE_MAX);
        connection.execute(
            &format!(
                "UPDATE {holders} SET {floor} = max({floor}, coalesce(
                    (SELECT max(sequence) FROM {entries}
                     WHERE {holder} = {holders}.id AND kind = ?1 AND written_at < ?2), 0))"
            ),
            params![JournalKind::Deleted, tombstones_before],
        )?;
        let tombstones = connection.execute(
            &format!("DELETE FROM {entries} WHERE kind = ?1 AND written_at < ?2"),
            params![JournalKind::Deleted, tombstones_before],
        )?;
        let idempotency_keys =
            connection.execute(&format!("DELETE FROM {keys} WHERE created_at < ?1"), params![keys_before])?;
        Ok(PurgedHistory { tombstones, idempotency_keys })
    }

    fn entries_behind(
        &self,
        connection: &Connection,
        holder: H,
        place: Place,
        limit: usize,
    ) -> rusqlite::Result<Vec<(i64, I, JournalKind)>> {
        let Self { entries, holder: holder_column, item, met, .. } = self;
        // One more than the page shows that there is a next one.
        let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let sql = format!(
            "SELECT sequence, {item}, kind FROM {entries} AS journal
             WHERE {holder_column} = ?1 AND sequence > ?2 AND NOT (kind = ?3 AND sequence <= ?4) AND {met}
             ORDER BY sequence LIMIT ?5"
        );
        connection
            .prepare_cached(&sql)?
            .query_map(params![holder, place.after, JournalKind::Deleted, place.listed_until, rows], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect()
    }

    fn cursor_of(&self, connection: &Connection, holder: H, place: Place) -> rusqlite::Result<Cursor> {
        let (format, incarnation) = (self.cursor_format, incarnation(connection)?);
        Ok(Cursor(format!("{format}.{incarnation}.{holder}.{}.{}", place.after, place.listed_until)))
    }

    /// Reads a cursor and checks that nothing it has not seen was purged.
    fn place_of(&self, connection: &Connection, holder: H, cursor: &Cursor) -> Result<Place, ChangesError> {
        let parts: Vec<&str> = cursor.0.split('.').collect();
        let [format, incarnation_name, holder_id, after, listed_until] = parts.as_slice() else {
            return Err(ChangesError::CursorExpired);
        };
        let place = match (after.parse(), listed_until.parse()) {
            (Ok(after), Ok(listed_until)) => Place { after, listed_until },
            _ => return Err(ChangesError::CursorExpired),
        };
        let ours = *format == self.cursor_format
            && *incarnation_name == incarnation(connection)?
            && *holder_id == holder.to_string();
        let floor: i64 = connection
            .prepare_cached(&format!("SELECT {} FROM {} WHERE id = ?1", self.floor, self.holders))?
            .query_row([holder], |row| row.get(0))?;
        let seen = place.after.max(place.listed_until);
        // A restored backup has a shorter journal than the reader has seen.
        if ours && floor <= seen && seen <= self.head(connection)? {
            Ok(place)
        } else {
            Err(ChangesError::CursorExpired)
        }
    }
}

/// A key of a create that is none.
#[derive(Debug)]
pub(crate) struct UnusableKey(pub(crate) InvalidValue);

fn unusable(key: &str) -> UnusableKey {
    UnusableKey(InvalidValue {
        field: "idempotencyKey",
        code: "invalid-key",
        expected: format!("a key of 1 to {IDEMPOTENCY_KEY_BYTES_MAX} bytes"),
        found: format!("one of {}", key.len()),
        hint: "send a key of its own with each write, and the same one when it is repeated",
    })
}

/// Gives a new database's journals a name of their own, so that a cursor of
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
