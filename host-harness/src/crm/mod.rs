//! The emulated CRM: who works in it, what is in their calendars, and what the
//! component has asked it to keep.
//!
//! [`Crm`] is one cheap handle over one `SQLite` database; every method is a
//! complete transaction. Nothing here knows WebAssembly, HTTP or pages: those
//! are in `host`, `app` and `web`, which call these methods. Time and
//! randomness come in through the handle, so that a fixed clock and a seed
//! reproduce a run.
//!
//! Reading order: [`database`] (what a data directory is), [`users`], what
//! events and tasks have in common ([`change`] and [`bounds`] of what people
//! send, [`version`], [`refusal`], [`journal`] of what changed since,
//! [`mutation`] of the component), [`event`] (the calendar and its writes),
//! [`meeting`] (what events of several calendars have to do with each other),
//! [`task`], then what the component leaves here: [`component_state`],
//! [`secrets`], [`config`], [`notices`], [`runs`], [`first_sync`],
//! [`connected_account`], [`overview`], [`connect_state`]. A [`page`] is of a long list.

pub mod stored;

mod folded;

pub mod page;

pub mod ids;

pub mod error;

pub mod random;

pub mod database;

pub mod scope;

pub mod users;

pub mod change;

pub mod bounds;

pub mod version;

pub(crate) mod refusal;

pub mod journal;

pub mod mutation;

pub mod event;

pub mod meeting;

pub mod task;

pub mod component_state;

pub mod secrets;

pub mod config;

pub mod notices;

pub mod runs;

pub mod first_sync;

pub mod connected_account;

pub mod overview;

pub mod connect_state;

#[cfg(test)]
pub(crate) mod fixtures;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SubsecRound as _, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::clock::HarnessClock;
pub use error::{CrmError, InvalidValue};
pub use ids::{AlertId, ConflictId, EventId, OrganizationId, RunId, TaskId, UserId};
pub use random::Randomness;
pub use scope::Scope;
use secrets::SealingKey;

/// The CRM. Clones are handles to the same one.
#[derive(Clone)]
pub struct Crm {
    shared: Arc<Shared>,
}

struct Shared {
    connection: Mutex<Connection>,
    clock: HarnessClock,
    randomness: Randomness,
    key: Arc<SealingKey>,
}

impl Crm {
    fn assemble(connection: Connection, key: Arc<SealingKey>, clock: HarnessClock, randomness: Randomness) -> Self {
        let shared = Shared { connection: Mutex::new(connection), clock, randomness, key };
        Self { shared: Arc::new(shared) }
    }

    /// The CRM's time, cut to the milliseconds that the database keeps.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now().trunc_subsecs(3)
    }

    fn randomness(&self) -> &Randomness {
        &self.shared.randomness
    }

    fn key(&self) -> &SealingKey {
        &self.shared.key
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic interrupted was rolled back when it was
        // dropped, so the connection is as good as before.
        self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `body` on one consistent view of the database.
    fn read<T, E: From<rusqlite::Error>>(&self, body: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        body(&transaction)
    }

    /// Runs `body` in a transaction that is committed when it succeeds and
    /// leaves nothing behind when it fails. Takes the write lock at the start,
    /// because a reader that turns into a writer can be refused half-way.
    fn write<T, E: From<rusqlite::Error>>(
        &self,
        body: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = body(&mut transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

impl std::fmt::Debug for Crm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Crm").finish_non_exhaustive()
    }
}
