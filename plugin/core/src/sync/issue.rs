//! What is left as it is, and why: said once, with the next step to take.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{CrmId, GraphId};

/// The rule that an issue names. Stable words for tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueCode {
    /// The CRM cannot hold the rule of the series.
    RecurrenceNotSupported,
    /// Microsoft does not let an occurrence pass its neighbour.
    OccurrenceCrossing,
    /// The item cannot be translated.
    NotMappable,
    /// The item was planned in a zone without a name, and is in step at its
    /// instants.
    ZoneUnknown,
    /// The side's rules do not let this user change these groups.
    NotWritable,
    /// Microsoft would send a mail that nobody's edit justifies.
    WouldNotify,
    /// Somebody else's meeting is not in this mailbox, and only its organiser can
    /// bring it there.
    NotInvited,
    /// The side refused the write for good.
    Refused,
    /// The item kept changing while it was being written.
    KeepsChanging,
    /// Something is too large for the other side and was cut or left out.
    TooLarge,
    /// A calendar that the settings name does not exist or cannot be read.
    CalendarNotFound,
    /// A calendar is not synchronised any more.
    CalendarLeft,
    /// A task list that the settings name does not exist.
    TaskListNotFound,
    /// A task is in a list that is not synchronised.
    TaskListLeft,
    /// A workflow of the CRM keeps the status.
    WorkflowRestricted,
    /// The CRM has answered what the contract rules out.
    HostBreach,
    /// What is kept of the synchronisation cannot be read.
    StateUnreadable,
    /// A guard rail is up: a side shows nothing any more.
    SuddenlyEmpty,
    /// A guard rail is up: too many deletions at once.
    TooManyDeletions,
    /// A guard rail is up: the same is written again and again.
    Thrash,
}

impl IssueCode {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RecurrenceNotSupported => "recurrence-not-supported",
            Self::OccurrenceCrossing => "occurrence-crossing",
            Self::NotMappable => "not-mappable",
            Self::ZoneUnknown => "zone-unknown",
            Self::NotWritable => "not-writable",
            Self::WouldNotify => "would-notify",
            Self::NotInvited => "not-invited",
            Self::Refused => "refused",
            Self::KeepsChanging => "keeps-changing",
            Self::TooLarge => "too-large",
            Self::CalendarNotFound => "calendar-not-found",
            Self::CalendarLeft => "calendar-left",
            Self::TaskListNotFound => "task-list-not-found",
            Self::TaskListLeft => "task-list-left",
            Self::WorkflowRestricted => "workflow-restricted",
            Self::HostBreach => "host-breach",
            Self::StateUnreadable => "state-unreadable",
            Self::SuddenlyEmpty => "suddenly-empty",
            Self::TooManyDeletions => "too-many-deletions",
            Self::Thrash => "thrash",
        }
    }
}

impl fmt::Display for IssueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that was left as it is. Never holds content of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The rule.
    pub code: IssueCode,
    /// The CRM's record.
    pub crm: Option<CrmId>,
    /// Microsoft's item.
    pub m365: Option<GraphId>,
    /// What happened and what to do next, in sentences for people.
    pub message: String,
}
