//! Durable state and secrets, and the errors that every call to the host shares.

use std::time::Duration;

use thiserror::Error;

use super::Breach;
use crate::account::Secret;

/// Why the host could not serve a call. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HostError {
    /// Later, and no sooner than after this time where it is given.
    #[error("the host is not available")]
    Unavailable(Option<Duration>),
    /// Not for this scope.
    #[error("the host denies access to this scope")]
    AccessDenied,
    /// Anything else, for a log.
    #[error("the host failed: {0}")]
    Other(String),
    /// What was stored is not what this version stores.
    #[error("expected a stored {0} of this version, but found something else")]
    Unreadable(&'static str),
    /// It answered what the contract rules out: nothing is concluded from that.
    #[error("the host does not keep the contract")]
    Breach(#[from] Breach),
}

/// The number of the holder of the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub u64);

/// Counts the writes of a key or a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(pub u64);

/// A stored value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub value: Vec<u8>,
    /// Its revision.
    pub revision: Revision,
}

/// What a key has to be for a write to go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Anything.
    Any,
    /// Not there.
    Absent,
    /// At this revision.
    Revision(Revision),
}

/// One write of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The key.
    pub key: String,
    /// The new value; none deletes.
    pub value: Option<Vec<u8>>,
    /// The condition.
    pub expect: Expectation,
}

/// Why a commit was refused. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommitError {
    /// Another holder has the scope.
    #[error("another holder has this mailbox")]
    StaleFence,
    /// An expectation was not met.
    #[error("the stored value of `{0}` changed meanwhile")]
    ExpectationFailed(String),
    /// Over the contract's limits.
    #[error("the commit is larger than the contract allows")]
    TooLarge,
    /// As for every call.
    #[error("the commit could not be made")]
    Host(#[source] HostError),
}

/// Durable state under keys (`tandem:host/storage`).
pub trait Storage {
    /// The entries of `keys`, in their order.
    fn get_many(&mut self, keys: &[String]) -> Result<Vec<Option<Entry>>, HostError>;
    /// Entries under `prefix` behind `after`, and whether there are more.
    fn list(&mut self, prefix: &str, after: Option<&str>, limit: u32) -> Result<(Vec<Entry>, bool), HostError>;
    /// Makes all writes, or none.
    fn commit(&mut self, fence: Fence, writes: Vec<Write>) -> Result<(), CommitError>;
}

/// Which secret (`tandem:host/secrets`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretName {
    /// Of the application registration; read-only.
    ClientSecret,
    /// Tokens of the account.
    AccountTokens,
    /// Verifier of a connection being made.
    PendingAuthorization,
}

/// Why a secret was not written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// It was changed meanwhile.
    #[error("the stored secret changed meanwhile")]
    ExpectationFailed,
    /// It is not ours to write.
    #[error("this secret cannot be written here")]
    ReadOnly,
    /// As for every call.
    #[error("the secret could not be stored")]
    Host(#[source] HostError),
}

/// Secrets, encrypted at rest by the host.
pub trait Secrets {
    /// The secret and its revision.
    fn secret(&mut self, name: SecretName) -> Result<Option<(Secret, Revision)>, HostError>;
    /// Replaces or deletes it, atomically.
    fn put_secret(&mut self, name: SecretName, value: Option<Secret>, expect: Expectation) -> Result<(), SecretError>;
}
