//! What the logic asks of the world, as traits.
//!
//! The component's shell implements them over the contract in `wit/`; the
//! meaning, the limits and the errors are the contract's. Calls block: a step
//! is a sequence, and only HTTP requests run side by side.

use std::time::Duration;

use thiserror::Error;

use crate::account::Secret;
use crate::model::{CrmId, CrmVersion, FieldSet, Instant, Record, Zone};
use crate::settings::Layers;
use crate::sync::{ConflictRecord, Side};

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

/// What the host says about itself and the user (`tandem:host/config`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostProfile {
    /// The product's name.
    pub product_name: String,
    /// Redirect URI, to the letter.
    pub redirect_uri: String,
    /// Login endpoints: scheme and authority, no slash at the end.
    pub login_url: String,
    /// Graph: scheme, authority and version, no slash at the end.
    pub graph_url: String,
    /// The user's address.
    pub user_address: Option<String>,
    /// The user's zone; UTC where the host's name is unknown.
    pub user_zone: Zone,
}

/// Settings and profile.
pub trait Config {
    /// The stored layers.
    fn layers(&mut self) -> Result<Layers, HostError>;
    /// The profile.
    fn profile(&mut self) -> Result<HostProfile, HostError>;
}

/// A request's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A header whose value may be a secret: `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, lower case.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Header({})", self.name)
    }
}

/// A request to Microsoft. `Debug` shows neither the URL's query nor the body.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<Header>,
    /// Body.
    pub body: Option<Vec<u8>>,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        write!(f, "HttpRequest({} {path})", self.method.as_str())
    }
}

/// An answer. `Debug` shows the status only.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, complete.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer. The request may have been performed all the same.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportFailure {
    /// The host refuses to reach this name; it was not performed.
    #[error("the host does not allow requests to `{0}`")]
    Denied(String),
    /// The connection could not be made or broke.
    #[error("the connection failed: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than the limit.
    #[error("expected an answer of at most {limit_bytes} bytes, but found a larger one")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
}

/// Requests to Microsoft.
pub trait Http {
    /// Sends the requests, as many side by side as the shell allows (at most
    /// four per mailbox), and answers in their order.
    fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<Result<HttpResponse, TransportFailure>>;
}

/// What the CRM's calendar can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrmCapabilities {
    /// Groups it stores.
    pub holds: FieldSet,
    /// Groups that may be written.
    pub writes: FieldSet,
    /// The longest title, in Unicode scalar values.
    pub title_length_max: u32,
    /// The longest description, in bytes.
    pub body_size_max: u32,
}

/// What kind of CRM record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrmKind {
    /// Takes place once.
    Single,
    /// The rule of a series.
    Series,
    /// One occurrence that differs.
    Exception,
}

/// A record of the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmItem {
    /// Its id.
    pub id: CrmId,
    /// Its version.
    pub version: CrmVersion,
    /// Its iCalendar UID.
    pub uid: String,
    /// What kind of record it is.
    pub kind: CrmKind,
    /// Whether the user organises it.
    pub is_organizer: bool,
    /// Its groups.
    pub record: Record,
}

/// A difference on the CRM side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmChange {
    /// Created or changed.
    Upserted(CrmItem),
    /// Deleted: a tombstone that the CRM keeps.
    Deleted(CrmId),
}

/// A page of differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmPage {
    /// Differences, an item at most once.
    pub changes: Vec<CrmChange>,
    /// Where the next page begins.
    pub next: String,
    /// Whether there are more now.
    pub more: bool,
}

/// Why differences could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CrmChangesError {
    /// Read from the beginning.
    #[error("the CRM no longer knows the cursor")]
    CursorExpired,
    /// As for every call.
    #[error("the CRM's changes could not be read")]
    Host(#[source] HostError),
}

/// One write to the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmMutation {
    /// Create; repeating the key answers with what the first one made.
    Create {
        /// The key.
        idempotency_key: String,
        /// The groups.
        record: Record,
    },
    /// Change some groups.
    Update {
        /// Which.
        id: CrmId,
        /// Based on.
        expected: CrmVersion,
        /// The groups to replace.
        record: Record,
    },
    /// Delete.
    Delete {
        /// Which.
        id: CrmId,
        /// Based on.
        expected: CrmVersion,
    },
}

/// What a mutation led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmApplied {
    /// The record as it is stored now.
    Stored(CrmItem),
    /// Gone.
    Removed,
}

/// Why one mutation was not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CrmMutationError {
    /// It does not exist.
    #[error("the CRM's record does not exist any more")]
    NotFound,
    /// It changed meanwhile.
    #[error("the CRM's record changed meanwhile")]
    VersionMismatch,
    /// Not allowed.
    #[error("the user may not change this record in the CRM")]
    AccessDenied,
    /// Not accepted: which groups, and what the CRM expects.
    #[error("the CRM does not accept a value: {reason}")]
    Invalid {
        /// The groups.
        groups: FieldSet,
        /// For people.
        reason: String,
    },
    /// As for every call.
    #[error("the CRM failed")]
    Host(#[source] HostError),
}

/// The user's calendar in the CRM (`tandem:host/calendar`).
pub trait CrmCalendar {
    /// What it can hold.
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError>;
    /// Changes behind `after`; everything without it.
    fn changes(&mut self, after: Option<&str>, limit: u32) -> Result<CrmPage, CrmChangesError>;
    /// Items by id, in their order.
    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError>;
    /// Makes the mutations one by one.
    fn apply(&mut self, mutations: Vec<CrmMutation>) -> Result<Vec<Result<CrmApplied, CrmMutationError>>, HostError>;
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertResource {
    /// The Microsoft account.
    Account,
    /// Calendar events.
    Calendar,
}

/// At what step something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStep {
    /// Signing in.
    Authenticate,
    /// Reading a list.
    GetList,
    /// Reading one item.
    Get,
    /// Translating.
    Map,
    /// Writing.
    Save,
    /// Deciding.
    Plan,
}

/// The family of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// Signing in.
    Auth,
    /// The rest.
    Sync,
}

/// Something for people to act on (Oro row E12). No content of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub resource: AlertResource,
    /// Its family.
    pub kind: AlertKind,
    /// Which side was being written, if any.
    pub towards: Option<Side>,
    /// Step.
    pub step: AlertStep,
    /// Stable word.
    pub code: &'static str,
    /// The CRM's record.
    pub item_id: Option<String>,
    /// Microsoft's item.
    pub external_id: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// Which alerts are over; none matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Of this resource.
    pub resource: Option<AlertResource>,
    /// Of this family.
    pub kind: Option<AlertKind>,
    /// With this code.
    pub code: Option<&'static str>,
    /// Of this CRM record.
    pub item_id: Option<String>,
    /// Of this Microsoft item.
    pub external_id: Option<String>,
}

/// Alerts and conflicts for people (`tandem:host/notices`).
pub trait Notices {
    /// Raises or renews.
    fn raise(&mut self, alerts: Vec<Alert>) -> Result<(), HostError>;
    /// Resolves what matches.
    fn resolve(&mut self, filter: AlertFilter) -> Result<(), HostError>;
    /// Records decisions.
    fn record_conflicts(&mut self, conflicts: Vec<ConflictRecord>) -> Result<(), HostError>;
}

/// Time.
pub trait Clock {
    /// The time of day.
    fn now(&mut self) -> Instant;
    /// Time since some fixed point, for measuring.
    fn elapsed(&mut self) -> Duration;
}

/// Randomness.
pub trait Entropy {
    /// Unpredictable bytes.
    fn random_bytes(&mut self, count: usize) -> Vec<u8>;
}

/// How much attention a line deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Broken.
    Error,
    /// Unusual.
    Warn,
    /// What.
    Info,
    /// How.
    Debug,
}

/// Diagnostics; never content, tokens or secrets.
pub trait Log {
    /// Writes one line.
    fn log(&mut self, level: LogLevel, message: &str, fields: &[(&str, String)]);
}

/// Everything that a run needs, from one shell.
pub trait Ports: Storage + Secrets + Config + Http + CrmCalendar + Notices + Clock + Entropy + Log {}

impl<T: Storage + Secrets + Config + Http + CrmCalendar + Notices + Clock + Entropy + Log> Ports for T {}
