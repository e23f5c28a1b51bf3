//! The state on disk: one `SQLite` file, written through after each request.
//!
//! The file holds JSON rows by table and key; what they mean is `state`'s.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use thiserror::Error;

use super::state::State;
use super::table::RowChange;
use crate::private;

/// Version of the file. A newer file is refused, there is no older one yet.
const FORMAT_VERSION: i64 = 1;

/// Why the stored state of the Microsoft emulator cannot be used.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be opened, read or written.
    #[error("the emulator's database `{}` cannot be used", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What `SQLite` says.
        source: rusqlite::Error,
    },
    /// The file was written by a later version of the harness.
    #[error("expected the emulator's database in format {FORMAT_VERSION} or older, but found format {found}\nhint: use the version of tandem that wrote `{}`, or another data directory", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: i64,
    },
    /// The signing key of a new file cannot be made.
    #[error("the emulator has no token signing key")]
    Key(#[source] crate::graph::KeyError),
    /// A row does not have the form it was written in.
    #[error("the emulator's database `{}` holds a damaged row in table `{table}`: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The table of the row.
        table: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens or creates the file and fills `state` with what it holds.
    /// The second value is the stored signing key, if there is one.
    pub fn open(path: &Path, state: &mut State) -> Result<(Self, Option<Vec<u8>>), OpenError> {
        let database = |source| OpenError::Database { path: path.to_owned(), source };
        // Where it cannot be made, SQLite says why it cannot be opened.
        drop(private::create_file(path));
        let connection = Connection::open(path).map_err(database)?;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(database)?;
        if found > FORMAT_VERSION {
            return Err(OpenError::NewerFormat { path: path.to_owned(), found });
        }
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
                 CREATE TABLE IF NOT EXISTS objects (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
                 CREATE TABLE IF NOT EXISTS signing_key (one INTEGER PRIMARY KEY CHECK (one = 1), pkcs8 BLOB NOT NULL);
                 PRAGMA user_version = {FORMAT_VERSION};"
            ))
            .map_err(database)?;
        let store = Self { connection };
        for (kind, id, body) in store.rows().map_err(database)? {
            state.load(&kind, &id, &body).map_err(|detail| OpenError::Damaged {
                path: path.to_owned(),
                table: kind,
                detail,
            })?;
        }
        let key = store
            .connection
            .query_row("SELECT pkcs8 FROM signing_key", [], |row| row.get(0))
            .optional()
            .map_err(database)?;
        Ok((store, key))
    }

    fn rows(&self) -> Result<Vec<(String, String, String)>, rusqlite::Error> {
        let mut statement = self.connection.prepare("SELECT kind, id, body FROM objects")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect()
    }

    /// Writes the changes of one request, all or none.
    pub fn write(&mut self, changes: &[RowChange]) -> Result<(), rusqlite::Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction()?;
        for change in changes {
            match &change.body {
                Some(body) => transaction
                    .prepare_cached("INSERT OR REPLACE INTO objects (kind, id, body) VALUES (?1, ?2, ?3)")?
                    .execute(params![change.table, change.key, body])?,
                None => transaction
                    .prepare_cached("DELETE FROM objects WHERE kind = ?1 AND id = ?2")?
                    .execute(params![change.table, change.key])?,
            };
        }
        transaction.commit()
    }

    /// Empties the file; the signing key stays.
    pub fn clear(&self) -> Result<(), rusqlite::Error> {
        self.connection.execute("DELETE FROM objects", []).map(|_| ())
    }

    /// Keeps the signing key.
    pub fn write_key(&self, pkcs8: &[u8]) -> Result<(), rusqlite::Error> {
        self.connection
            .execute("INSERT OR REPLACE INTO signing_key (one, pkcs8) VALUES (1, ?1)", params![pkcs8])
            .map(|_| ())
    }
}
