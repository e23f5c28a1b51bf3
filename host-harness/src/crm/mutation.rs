//! How the component's writes are made, of events and of tasks.
//!
//! A mutation names the version it is based on, or brings a key that makes a
//! repeated create harmless. Mutations of one call are durable together, and
//! one that is refused does not touch the others. What they say is in
//! [`super::event::mutation`] and [`super::task::mutation`].

use rusqlite::{Connection, Transaction};

use super::Scope;
use super::component_state::{Fence, fence_in};
use super::error::{CrmError, at_most};
use super::refusal::{Failure, or_taken_back};

/// The most mutations of one call.
pub const MUTATIONS_MAX: usize = 100;

/// What a mutation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied<T> {
    /// The record as it is now stored.
    Stored(Box<T>),
    /// The record is gone; also when it was gone before.
    Removed,
}

/// Why no mutation of a call was made.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Somebody else holds the scope.
    #[error("expected the number of the present holder, but found another one")]
    StaleFence,
    /// The CRM did not do its work.
    #[error(transparent)]
    Crm(#[from] CrmError),
}

impl From<rusqlite::Error> for ApplyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

/// Makes sure that whoever writes holds the scope: an older holder would make
/// what its successor has made already.
pub(crate) fn held_by(connection: &Connection, scope: &Scope, fence: Fence) -> Result<(), ApplyError> {
    if fence_in(connection, scope)? == Some(fence) { Ok(()) } else { Err(ApplyError::StaleFence) }
}

impl<T> Applied<T> {
    /// What has become of a record that was there once.
    pub(crate) fn of(found: Option<T>) -> Self {
        found.map_or(Self::Removed, |record| Self::Stored(Box::new(record)))
    }
}

/// Makes the mutations one by one, and answers for each in their order.
///
/// # Errors
/// More than [`MUTATIONS_MAX`] mutations, or the database fails.
pub(crate) fn apply_each<M, T, E>(
    transaction: &mut Transaction<'_>,
    mutations: Vec<M>,
    mut apply: impl FnMut(&Connection, M) -> Result<Applied<T>, Failure<E>>,
) -> Result<Vec<Result<Applied<T>, E>>, CrmError> {
    at_most(MUTATIONS_MAX, "mutations", mutations.len())?;
    let one = |mutation| or_taken_back(transaction.savepoint()?, |savepoint| apply(savepoint, mutation));
    mutations.into_iter().map(one).collect()
}
