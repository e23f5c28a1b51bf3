//! What a step was asked, and what it says it did.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{FieldSet, Record};
use crate::ports::{ApplyError, Fence, HostError};
use crate::settings::Feature;
use crate::sync::{Issue, NoticeKind, Side};

use super::store::StateError;

/// How much one step may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests to Microsoft.
    pub requests: u32,
    /// Items to decide about.
    pub items: u32,
    /// Time after which nothing new is begun.
    pub time: Duration,
}

/// What to work on, for the holder of this fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// The kind of items.
    pub resource: Feature,
    /// The holder.
    pub fence: Fence,
}

/// When to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At the next interval.
    Idle,
    /// Now: there is more to do.
    Again,
    /// Not before a time is over.
    After(Wait),
    /// Not before something changes.
    Blocked(Blocked),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitReason {
    /// Microsoft asks for fewer requests, or has named a time.
    Throttled,
    /// Microsoft or the way there: it fails, or does not answer.
    MicrosoftUnavailable,
    /// The account has no mailbox that can be used, or it is full.
    MailboxUnavailable,
    /// Something was not as it can be, and is tried again later.
    Stopped,
    /// The host.
    HostUnavailable,
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// For what.
    pub reason: WaitReason,
}

impl Wait {
    /// How long to wait where a host fails without saying for how long.
    const HOST_TIME: Duration = Duration::from_mins(1);

    /// After state that cannot be read or written.
    pub const FOR_STATE: Self = Self { time: Self::HOST_TIME, reason: WaitReason::Stopped };

    /// After a failure of the host.
    pub fn for_host(error: &HostError) -> Self {
        let time = match error {
            HostError::Unavailable(time) => time.unwrap_or(Self::HOST_TIME),
            HostError::AccessDenied | HostError::Other(_) | HostError::Unreadable(_) | HostError::Breach(_) => {
                Self::HOST_TIME
            }
        };
        let reason = match error {
            HostError::Unavailable(_) | HostError::AccessDenied | HostError::Other(_) => WaitReason::HostUnavailable,
            HostError::Unreadable(_) | HostError::Breach(_) => WaitReason::Stopped,
        };
        Self { time, reason }
    }
}

/// Why nothing can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The feature is off for this user.
    Disabled,
    /// No account.
    NotConnected,
    /// The account waits for somebody to act.
    Parked,
    /// A permission is missing.
    MissingPermission,
    /// A guard rail is up until an administrator releases it.
    GuardRail,
    /// Another holder has the mailbox.
    StaleFence,
    /// The application's settings are incomplete.
    NotConfigured,
    /// The CRM, or the cloud of the account, has nothing of the kind.
    NotOffered,
}

/// What was written on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideCounts {
    /// Items created.
    pub created: u32,
    /// Items changed.
    pub updated: u32,
    /// Items deleted.
    pub deleted: u32,
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// On the CRM's side.
    pub crm: SideCounts,
    /// On Microsoft's side.
    pub m365: SideCounts,
    /// Items recognised as one.
    pub adopted: u32,
    /// Items in which edits of both sides were put together.
    pub merged: u32,
    /// Conflicts decided.
    pub conflicts: u32,
    /// Requests to Graph; a batch is one.
    pub requests: u32,
}

impl Counts {
    /// The counts of `side`.
    pub const fn of(&mut self, side: Side) -> &mut SideCounts {
        match side {
            Side::Crm => &mut self.crm,
            Side::M365 => &mut self.m365,
        }
    }
}

/// The report of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When to come back.
    pub next: Next,
    /// What was done.
    pub counts: Counts,
    /// What was left.
    pub issues: Vec<Issue>,
}

impl Report {
    /// The report of a step that could not begin.
    pub fn blocked(reason: Blocked) -> Self {
        Self { next: Next::Blocked(reason), counts: Counts::default(), issues: Vec::new() }
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    /// Create.
    Create,
    /// Change.
    Update,
    /// Delete.
    Delete,
}

/// The mails that one write would cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedNotice {
    /// What for.
    pub kind: NoticeKind,
    /// To how many people.
    pub people: u32,
}

/// One write that a run would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedOperation {
    /// Where.
    pub side: Side,
    /// What.
    pub action: PlannedAction,
    /// The item's groups, for its title.
    pub record: Record,
    /// The groups that would be written.
    pub groups: FieldSet,
    /// The mails that Microsoft would send for it.
    pub notice: Option<PlannedNotice>,
}

/// What a run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The writes.
    pub operations: Vec<PlannedOperation>,
    /// Items that would be recognised as one.
    pub adopted: u32,
    /// Conflicts that would be decided.
    pub conflicts: u32,
    /// Operations that would make Microsoft send mails.
    pub invitations: u32,
    /// To how many different people.
    pub people: u32,
    /// What would be left.
    pub issues: Vec<Issue>,
    /// Whether both sides were read to the end.
    pub complete: bool,
    /// Requests to Graph for it.
    pub requests: u32,
}

/// Why a step ends early. Whatever was committed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The budget is used up.
    BudgetSpent,
    /// A wait is needed.
    Wait(Wait),
    /// Nothing can be done before something changes.
    Blocked(Blocked),
    /// The host failed; its own wait, if it named one.
    Host(HostError),
    /// The state is not readable, or a commit was refused.
    State(StateError),
}

/// Why a decision is not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReversed {
    /// It was taken back before.
    Already,
    /// It cannot be; in words for people.
    Refused(String),
    /// Nothing can be done at present.
    Halted(Halt),
}

impl From<Halt> for NotReversed {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

/// What taking a decision back would lead to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReversalPreview {
    /// The writes.
    pub operations: Vec<PlannedOperation>,
    /// How many of them would make Microsoft send mails.
    pub invitations: u32,
    /// To how many different people.
    pub people: u32,
    /// Whether another change of the item is on its way, so that what this would do
    /// is not known before.
    pub waits: bool,
}

impl From<ApplyError> for Halt {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::StaleFence => Self::Blocked(Blocked::StaleFence),
            ApplyError::Host(error) => Self::Host(error),
        }
    }
}

impl From<StateError> for Halt {
    fn from(error: StateError) -> Self {
        match error {
            StateError::StaleFence => Self::Blocked(Blocked::StaleFence),
            StateError::Host(host) => Self::Host(host),
            StateError::Unreadable { .. } | StateError::Refused(_) => Self::State(error),
        }
    }
}
