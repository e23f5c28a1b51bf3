//! Durable state of the component: small values under keys, per scope.
//!
//! A commit is all or nothing, may depend on what the keys were, and is refused
//! to a holder whose number is no longer the highest. The semantics are those
//! of the contract's `storage` interface. Secrets are in [`super::secrets`].

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::at_most;
use super::{Crm, CrmError, Scope};

/// The longest key in bytes.
pub const KEY_BYTES_MAX: usize = 512;

/// The largest value in bytes.
pub const VALUE_BYTES_MAX: usize = 1024 * 1024;

/// The most keys of one read, entries of one page, and writes of one commit.
pub const KEYS_MAX: usize = 1_000;

/// The most bytes of one commit and of one page, so that either fits into
/// memory several times over.
pub const COMMIT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The number of the holder of a scope. A higher one was handed out later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(i64);

impl Fence {
    /// The number itself.
    pub fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// A number that somebody claims to hold. One that was never handed out
    /// does no harm: it is refused.
    pub fn claimed(number: u64) -> Self {
        Self(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Counts the writes of one key, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(i64);

impl Revision {
    /// The number itself.
    pub fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// A number that somebody remembers.
    pub fn remembered(number: u64) -> Self {
        Self(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub(crate) const fn from_number(number: i64) -> Self {
        Self(number)
    }
}

/// What a key has to be for a write to go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Whatever it is.
    Any,
    /// The key does not exist.
    Absent,
    /// The key exists in exactly this revision.
    Revision(Revision),
}

impl Expectation {
    /// Whether a key that is now in `present` meets it.
    pub(crate) fn is_met_by(self, present: Option<Revision>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => present.is_none(),
            Self::Revision(revision) => present == Some(revision),
        }
    }
}

/// A stored value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateEntry {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub value: Vec<u8>,
    /// Its revision. A key that is deleted and written again begins anew.
    pub revision: Revision,
}

/// A part of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePage {
    /// The entries, ordered by the bytes of their keys.
    pub entries: Vec<StateEntry>,
    /// Whether there are more behind the last one.
    pub more: bool,
}

/// One write of a commit.
#[derive(Clone, Debug)]
pub struct StateWrite {
    /// The key.
    pub key: String,
    /// The new value, or none to delete the key.
    pub value: Option<Vec<u8>>,
    /// The condition, for the whole commit.
    pub expect: Expectation,
}

/// Why a commit was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else holds the scope.
    #[error("expected the number of the present holder, but found another one")]
    StaleFence,
    /// A key is not what the write expected.
    #[error("expected the key `{key}` as it was read, but found it changed")]
    ExpectationFailed {
        /// The first such key, in the order of the writes.
        key: String,
    },
    /// A key, a value or the commit is too large.
    #[error("expected {what} of at most {max}, but found {found}")]
    TooLarge {
        /// What is too large, with its unit.
        what: &'static str,
        /// The limit.
        max: usize,
        /// What was given.
        found: usize,
    },
    /// A key occurs twice.
    #[error("expected each key once, but found `{key}` twice")]
    RepeatedKey {
        /// The key.
        key: String,
    },
    /// The CRM did not do its work.
    #[error(transparent)]
    Crm(#[from] CrmError),
}

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

impl Crm {
    /// Hands the scope to a new holder: every earlier number is refused from
    /// now on.
    pub fn raise_fence(&self, scope: &Scope) -> Result<Fence, CrmError> {
        self.write(|transaction| raise_fence_in(transaction, scope))
    }

    /// Whether nobody was handed the scope after the holder of this number.
    pub fn is_held_by(&self, scope: &Scope, fence: Fence) -> Result<bool, CrmError> {
        self.read(|connection| Ok(fence_in(connection, scope)? == Some(fence)))
    }

    /// The entries of `keys`, in their order; none where a key does not exist.
    ///
    /// # Errors
    /// More than [`KEYS_MAX`] keys.
    pub fn state_of_keys(&self, scope: &Scope, keys: &[String]) -> Result<Vec<Option<StateEntry>>, CrmError> {
        at_most(KEYS_MAX, "keys", keys.len())?;
        self.read(|connection| keys.iter().map(|key| entry_in(connection, scope, key)).collect())
    }

    /// Up to `limit` entries (at most [`KEYS_MAX`], at least 1) whose keys
    /// begin with `prefix` and come behind `after`.
    pub fn list_state(
        &self,
        scope: &Scope,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<StatePage, CrmError> {
        let limit = limit.clamp(1, KEYS_MAX);
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT key, value, revision FROM component_state
                 WHERE organization_id = ?1 AND user_id = ?2 AND key >= ?3 AND (?4 IS NULL OR key > ?4)
                 ORDER BY key",
            )?;
            let mut rows = statement.query(params![
                scope.organization,
                scope.user_key(),
                prefix.as_bytes(),
                after.map(str::as_bytes)
            ])?;
            let mut page = StatePage { entries: Vec::new(), more: false };
            let mut bytes = 0;
            while let Some(row) = rows.next()? {
                let key = text_of_key(row.get(0)?)?;
                if !key.starts_with(prefix) {
                    break;
                }
                let value: Vec<u8> = row.get(1)?;
                bytes += value.len();
                if page.entries.len() == limit || bytes > COMMIT_BYTES_MAX {
                    page.more = true;
                    break;
                }
                page.entries.push(StateEntry { key, value, revision: Revision(row.get(2)?) });
            }
            Ok(page)
        })
    }

    /// Makes all `writes`, or none.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub fn commit_state(&self, scope: &Scope, fence: Fence, writes: &[StateWrite]) -> Result<(), CommitError> {
        check_sizes(writes)?;
        self.write(|transaction| {
            if fence_in(transaction, scope)? != Some(fence) {
                return Err(CommitError::StaleFence);
            }
            for write in writes {
                let present = revision_in(transaction, scope, &write.key)?;
                if !write.expect.is_met_by(present) {
                    return Err(CommitError::ExpectationFailed { key: write.key.clone() });
                }
            }
            writes.iter().try_for_each(|write| write_in(transaction, scope, write))?;
            Ok(count_commit_in(transaction, scope)?)
        })
    }
}

/// Raises the fence within a transaction.
pub(crate) fn raise_fence_in(connection: &Connection, scope: &Scope) -> Result<Fence, CrmError> {
    let number = connection
        .prepare_cached(
            "INSERT INTO component_fence (organization_id, user_id, fence) VALUES (?1, ?2, 1)
             ON CONFLICT DO UPDATE SET fence = fence + 1 RETURNING fence",
        )?
        .query_row(params![scope.organization, scope.user_key()], |row| row.get(0))?;
    Ok(Fence(number))
}

/// Notes that the component has stored something in a scope, so that what it said of
/// itself before holds no more.
fn count_commit_in(connection: &Connection, scope: &Scope) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE component_fence SET commits = commits + 1 WHERE organization_id = ?1 AND user_id = ?2")?
        .execute(params![scope.organization, scope.user_key()])?;
    Ok(())
}

pub(crate) fn fence_in(connection: &Connection, scope: &Scope) -> rusqlite::Result<Option<Fence>> {
    connection
        .prepare_cached("SELECT fence FROM component_fence WHERE organization_id = ?1 AND user_id = ?2")?
        .query_row(params![scope.organization, scope.user_key()], |row| row.get(0).map(Fence))
        .optional()
}

fn entry_in(connection: &Connection, scope: &Scope, key: &str) -> Result<Option<StateEntry>, CrmError> {
    let entry = connection
        .prepare_cached(
            "SELECT value, revision FROM component_state WHERE organization_id = ?1 AND user_id = ?2 AND key = ?3",
        )?
        .query_row(params![scope.organization, scope.user_key(), key.as_bytes()], |row| {
            Ok(StateEntry { key: key.to_owned(), value: row.get(0)?, revision: Revision(row.get(1)?) })
        })
        .optional()?;
    Ok(entry)
}

fn revision_in(connection: &Connection, scope: &Scope, key: &str) -> rusqlite::Result<Option<Revision>> {
    connection
        .prepare_cached(
            "SELECT revision FROM component_state WHERE organization_id = ?1 AND user_id = ?2 AND key = ?3",
        )?
        .query_row(params![scope.organization, scope.user_key(), key.as_bytes()], |row| row.get(0).map(Revision))
        .optional()
}

fn write_in(connection: &Connection, scope: &Scope, write: &StateWrite) -> rusqlite::Result<()> {
    let key = write.key.as_bytes();
    match &write.value {
        Some(value) => connection
            .prepare_cached(
                "INSERT INTO component_state (organization_id, user_id, key, value, revision)
                 VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT DO UPDATE SET value = excluded.value, revision = revision + 1",
            )?
            .execute(params![scope.organization, scope.user_key(), key, value])?,
        None => connection
            .prepare_cached("DELETE FROM component_state WHERE organization_id = ?1 AND user_id = ?2 AND key = ?3")?
            .execute(params![scope.organization, scope.user_key(), key])?,
    };
    Ok(())
}

/// Keys are stored as bytes, so that their order is that of the contract.
fn text_of_key(bytes: Vec<u8>) -> Result<String, CrmError> {
    String::from_utf8(bytes).map_err(|_| CrmError::Damaged { what: "state key" })
}

fn check_sizes(writes: &[StateWrite]) -> Result<(), CommitError> {
    within("a commit in writes", KEYS_MAX, writes.len())?;
    let mut total = 0;
    let mut keys = BTreeSet::new();
    for write in writes {
        let size = write.value.as_ref().map_or(0, Vec::len);
        within("a key in bytes", KEY_BYTES_MAX, write.key.len())?;
        within("a value in bytes", VALUE_BYTES_MAX, size)?;
        total += write.key.len() + size;
        if !keys.insert(&write.key) {
            return Err(CommitError::RepeatedKey { key: write.key.clone() });
        }
    }
    within("a commit in bytes", COMMIT_BYTES_MAX, total)
}

fn within(what: &'static str, max: usize, found: usize) -> Result<(), CommitError> {
    if found > max { Err(CommitError::TooLarge { what, max, found }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
