//! The user's calendar in the CRM.

use thiserror::Error;

use crate::model::{CrmId, CrmVersion, FieldSet, Record};

use super::HostError;

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
