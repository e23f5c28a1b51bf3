//! The user's calendar in the CRM.

use thiserror::Error;

use crate::model::{Address, CivilDate, CrmId, CrmVersion, FieldSet, Instant, Record, Weekdays};

use super::{Fence, HostError};

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
    /// Which rules it can hold.
    pub recurrence: RecurrenceLimits,
}

/// Which rules a side can hold. Intervals count the unit of their pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecurrenceLimits {
    /// Days.
    pub interval_max_daily: u16,
    /// Weeks.
    pub interval_max_weekly: u16,
    /// Months.
    pub interval_max_monthly: u16,
    /// Years.
    pub interval_max_yearly: u16,
    /// The most occurrences that a series can be ended by.
    pub count_max: u32,
    /// On which days weeks can begin.
    pub week_starts: Weekdays,
    /// Whether the nth day takes any set of days; otherwise one day, Monday to
    /// Friday, the weekend or all seven (Oro row C3).
    pub any_days_of_nth: bool,
}

impl RecurrenceLimits {
    /// What Oro's calendar takes (Oro row C3); yearly intervals are counted in
    /// months there, of which it takes 999.
    #[cfg(test)]
    pub const ORO: Self = Self {
        interval_max_daily: 99,
        interval_max_weekly: 999,
        interval_max_monthly: 999,
        interval_max_yearly: 83,
        count_max: 999,
        week_starts: Weekdays::SUNDAY,
        any_days_of_nth: false,
    };
}

/// When an occurrence takes place by the rule: what names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginalStart {
    /// Of a timed series.
    At(Instant),
    /// Of a series of whole days.
    On(CivilDate),
}

/// What became of an occurrence, as the CRM has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmOccurrence {
    /// It does not take place.
    Cancelled,
    /// It has these groups, whether or not they differ from the series'; in a
    /// mutation those that differ, all others are as in the series.
    Changed(Record),
}

/// An occurrence that is not as the rule has it, as the CRM names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmException {
    /// Which.
    pub original_start: OriginalStart,
    /// What became of it.
    pub state: CrmOccurrence,
}

/// Which meeting of Microsoft 365 an event is a copy of (Oro row C7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// `iCalUId` of the meeting; of a series, of its master.
    pub uid: String,
    /// Who organises it.
    pub organizer: Address,
}

/// Whether people have still to be told of a change in the CRM (Oro row C5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// Nobody was told: Microsoft's mails are the first.
    Due,
    /// The CRM has told them, or nobody is to be told: Microsoft's mails would
    /// be one too many.
    Settled,
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
    /// The UID of the meeting that was noted with it.
    pub meeting_uid: Option<String>,
    /// Whether the user organises it.
    pub is_organizer: bool,
    /// Whether people have still to be told of its last change.
    pub announcement: Announcement,
    /// Its groups, all but the exceptions. The zone of a rule is the time's.
    pub record: Record,
    /// Groups that have a value which is too large to be compared.
    pub unread: FieldSet,
    /// What is different on single days of a series.
    pub exceptions: Vec<CrmException>,
}

/// A difference on the CRM side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmChange {
    /// Created or changed.
    Upserted(CrmItem),
    /// Deleted: a tombstone that the CRM keeps.
    Deleted {
        /// Which.
        id: CrmId,
        /// Whether people have still to be told.
        announcement: Announcement,
    },
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
        /// Which meeting it is a copy of.
        meeting: Option<Meeting>,
        /// The groups, all but the exceptions.
        record: Record,
        /// The exceptions of a series.
        exceptions: Vec<CrmException>,
    },
    /// Change some groups.
    Update {
        /// Which.
        id: CrmId,
        /// Based on.
        expected: CrmVersion,
        /// The key of the write, as of a create.
        idempotency_key: String,
        /// Which meeting it has turned out to be.
        meeting: Option<Meeting>,
        /// The groups to replace, all but the exceptions. A recurrence comes
        /// with the time.
        record: Record,
        /// All exceptions that the series has afterwards; none leaves them to
        /// the CRM's own rule (Oro row C4).
        exceptions: Option<Vec<CrmException>>,
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

/// Why no mutation of a call was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApplyError {
    /// Another holder has the scope.
    #[error("another holder has this mailbox")]
    StaleFence,
    /// As for every call.
    #[error("the CRM could not be written")]
    Host(#[source] HostError),
}

/// What a write has left behind, told by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedWrite {
    /// The record; it may be gone by now.
    pub id: CrmId,
    /// The version that the write gave it.
    pub version: CrmVersion,
}

/// The user's calendar in the CRM (`tandem:host/calendar`).
pub trait CrmCalendar {
    /// What it can hold.
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError>;
    /// Changes behind `after`; everything without it.
    fn changes(&mut self, after: Option<&str>, limit: u32) -> Result<CrmPage, CrmChangesError>;
    /// Items by id, in their order.
    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError>;
    /// What the writes with these keys have left behind, in their order; none where
    /// a write was not made, or nobody knows any more.
    fn applied(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError>;
    /// Makes the mutations one by one, for the present holder alone.
    fn apply(
        &mut self,
        fence: Fence,
        mutations: Vec<CrmMutation>,
    ) -> Result<Vec<Result<CrmApplied, CrmMutationError>>, ApplyError>;
}
