//! What a data directory is: one `SQLite` file, and beside it the key that
//! secrets are encrypted with.
//!
//! Opens it, refuses what it cannot understand without touching it, and brings
//! an older schema up to date. What the tables mean is in the modules that use
//! them. Next: [`super::users`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior};

use super::secrets::{KeyFileError, SealError, SealingKey};
use super::{Crm, Randomness};
use crate::clock::HarnessClock;
use crate::private;

/// The database's name in the data directory.
pub const DATABASE_FILE: &str = "crm.sqlite";

/// The encryption key's name in the data directory.
pub const KEY_FILE: &str = "secret.key";

/// Marks the file as ours (`PRAGMA application_id`): "TNDM".
const APPLICATION_ID: i32 = 0x544e_444d;

/// How long a writer waits for another process, such as `tandem sync` beside
/// `tandem serve`. Transactions here take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What leads from each version to the next one. A released entry is never
/// edited: a database that has passed it will not see the edit.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001-initial.sql"),
    include_str!("schema/0002-meetings.sql"),
    include_str!("schema/0003-announcements.sql"),
    include_str!("schema/0004-tasks.sql"),
    include_str!("schema/0005-conflicts.sql"),
    include_str!("schema/0006-written-versions.sql"),
    include_str!("schema/0007-plans.sql"),
    include_str!("schema/0008-overview.sql"),
    include_str!("schema/0009-conflict-lists.sql"),
    include_str!("schema/0010-first-runs.sql"),
    include_str!("schema/0011-conflict-counts.sql"),
    include_str!("schema/0012-connected-accounts.sql"),
    include_str!("schema/0013-reversals.sql"),
];

/// The text that is encrypted into the database, so that a wrong key is noticed
/// at the start and not at the first secret.
const KEY_CHECK: &[u8] = b"tandem";

/// Where `KEY_CHECK` stands in `meta`, and what binds the cipher text to it.
const KEY_CHECK_NAME: &str = "key-check";

/// Why a data directory cannot be used. It was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory does not exist and cannot be made.
    #[error("expected a data directory at `{}`, but it cannot be created", path.display())]
    DirectoryNotCreated {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The files in it cannot be written.
    #[error("expected a writable data directory at `{}`, but nothing can be written there", path.display())]
    NotWritable {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database file is something else.
    #[error("expected a Tandem database at `{}`, but found another kind of file", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer Tandem has written it.
    #[error("expected a database of version {supported} or older at `{}`, but found version {found}", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// The version that this program writes.
        supported: usize,
        /// The version that was found.
        found: i64,
    },
    /// The key file is missing or unusable.
    #[error("expected the encryption key of this database at `{}`, but it cannot be used", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// Why not.
        source: KeyFileError,
    },
    /// Secrets cannot be encrypted on this machine.
    #[error("secrets cannot be encrypted on this machine")]
    Encryption(#[from] SealError),
    /// The database did not do its work.
    #[error("the database could not be opened")]
    Storage(#[from] rusqlite::Error),
}

impl OpenError {
    /// What to do about it, in a sentence without full stop.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::DirectoryNotCreated { .. } | Self::NotWritable { .. } => {
                "name a directory you may write with `--data DIR`, or use `--data :memory:`"
            }
            Self::NotADatabase { .. } => "name another directory with `--data DIR`, or move that file away",
            Self::NewerVersion { .. } => {
                "use the newer `tandem` that wrote it, or name another directory with `--data DIR`"
            }
            Self::Key { .. } => {
                "put the key file back from a backup (32 bytes, readable by you alone), or start with another data \
                 directory; without the key the stored secrets cannot be read"
            }
            Self::Encryption(_) => "check that the system provides random bytes",
            Self::Storage(_) => "check that the disk is not full and that no other program holds the data directory",
        }
    }

    /// Message and hint in one line, for people.
    pub fn sentence(&self) -> String {
        format!("{self}; {}", self.hint())
    }
}

/// Makes a directory that is not there yet, for its owner alone: what is in it are
/// people's calendars.
fn create_private(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

impl Crm {
    /// Opens the CRM in `directory`, which is created where it is missing.
    ///
    /// # Errors
    /// See [`OpenError`]; the directory is then as it was.
    pub fn open(directory: &Path, clock: HarnessClock, randomness: Randomness) -> Result<Self, OpenError> {
        create_private(directory)
            .map_err(|source| OpenError::DirectoryNotCreated { path: directory.to_owned(), source })?;
        let file = directory.join(DATABASE_FILE);
        // Where it cannot be made, SQLite says why it cannot be opened.
        drop(private::create_file(&file));
        let mut connection = Connection::open(&file).map_err(|error| refusal(error, directory, &file))?;
        prepare(&mut connection, &randomness).map_err(|error| match error {
            OpenError::Storage(error) => refusal(error, directory, &file),
            OpenError::NewerVersion { supported, found, .. } => {
                OpenError::NewerVersion { path: file.clone(), supported, found }
            }
            OpenError::NotADatabase { .. } => OpenError::NotADatabase { path: file.clone() },
            other @ (OpenError::DirectoryNotCreated { .. }
            | OpenError::NotWritable { .. }
            | OpenError::Key { .. }
            | OpenError::Encryption(_)) => other,
        })?;
        let key = key_of(&connection, &directory.join(KEY_FILE))?;
        Ok(Self::assemble(connection, Arc::new(key), clock, randomness))
    }

    /// A CRM that is gone when its last handle is.
    ///
    /// # Errors
    /// The machine has no randomness for a key.
    pub fn in_memory(clock: HarnessClock, randomness: Randomness) -> Result<Self, OpenError> {
        let mut connection = Connection::open_in_memory()?;
        prepare(&mut connection, &randomness)?;
        Ok(Self::assemble(connection, Arc::new(SealingKey::generate()?), clock, randomness))
    }

    /// A copy in memory of this CRM as it is now, by another clock. Neither sees
    /// what happens to the other one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn fork(&self, clock: HarnessClock) -> Result<Self, OpenError> {
        let mut connection = Connection::open_in_memory()?;
        // All pages at once, as no number of pages says.
        Backup::new(&self.lock(), &mut connection)?.step(-1)?;
        let randomness = self.randomness().fork();
        prepare(&mut connection, &randomness)?;
        Ok(Self::assemble(connection, Arc::clone(&self.shared.key), clock, randomness))
    }
}

fn refusal(error: rusqlite::Error, directory: &Path, file: &Path) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path: file.to_owned() },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            OpenError::NotWritable { path: directory.to_owned(), source: Box::new(error) }
        }
        _ => OpenError::Storage(error),
    }
}

/// Looks first and writes afterwards: what is not ours stays untouched.
fn prepare(connection: &mut Connection, randomness: &Randomness) -> Result<(), OpenError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables != 0) {
        return Err(OpenError::NotADatabase { path: PathBuf::new() });
    }
    refuse_newer(version_of(connection)?)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A call that has returned is durable, so the log is flushed every time.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    super::folded::teach(connection)?;
    migrate(connection, randomness)
}

fn version_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// How many of the migrations a database of this version has passed.
fn refuse_newer(found: i64) -> Result<usize, OpenError> {
    let supported = MIGRATIONS.len();
    match usize::try_from(found) {
        Ok(passed) if passed <= supported => Ok(passed),
        _ => Err(OpenError::NewerVersion { path: PathBuf::new(), supported, found }),
    }
}

fn migrate(connection: &mut Connection, randomness: &Randomness) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again under the lock: another process may have been faster.
    let passed = refuse_newer(version_of(&transaction)?)?;
    for migration in MIGRATIONS.iter().skip(passed) {
        transaction.execute_batch(migration)?;
    }
    if passed < MIGRATIONS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))?;
        super::journal::name_incarnation(&transaction, randomness)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The key beside the database: made once, and checked against the database
/// ever after.
fn key_of(connection: &Connection, path: &Path) -> Result<SealingKey, OpenError> {
    let refused = |source| OpenError::Key { path: path.to_owned(), source };
    let check: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM meta WHERE name = ?1", [KEY_CHECK_NAME], |row| row.get(0))
        .optional()?;
    if let Some(sealed) = check {
        let key = SealingKey::load(path).map_err(refused)?;
        key.open(KEY_CHECK_NAME, &sealed).map_err(|_| refused(KeyFileError::OtherKey))?;
        return Ok(key);
    }
    let key = SealingKey::load_or_create(path).map_err(refused)?;
    let sealed = key.seal(KEY_CHECK_NAME, KEY_CHECK)?;
    connection.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?1, ?2)", (KEY_CHECK_NAME, sealed))?;
    Ok(key)
}

#[cfg(test)]
mod tests;
