//! What a run did and what a preview would do, as pages, JSON and the command
//! line show it.
//!
//! A run is one or more steps of the component for one mailbox, added up. The
//! component's own report types end here. Next: [`super::sync`].

use serde::{Deserialize, Serialize};

use super::resource::Resource;
use super::wait::WaitReason;
use crate::host::types as wire;

/// What was written on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideReport {
    /// Items created.
    pub created: u32,
    /// Items changed.
    pub updated: u32,
    /// Items deleted.
    pub deleted: u32,
}

impl SideReport {
    fn add(&mut self, counts: &wire::SideCounts) {
        self.created = self.created.saturating_add(counts.created);
        self.updated = self.updated.saturating_add(counts.updated);
        self.deleted = self.deleted.saturating_add(counts.deleted);
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Something that was left as it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueReport {
    /// A stable word for the rule.
    pub code: String,
    /// The CRM's record, where one is concerned.
    pub item_id: Option<String>,
    /// Microsoft's item, where one is concerned.
    pub external_id: Option<String>,
    /// What happened and what to do next, for people.
    pub message: String,
}

impl From<wire::Issue> for IssueReport {
    fn from(issue: wire::Issue) -> Self {
        Self { code: issue.code, item_id: issue.item_id, external_id: issue.external_id, message: issue.message }
    }
}

/// The codes of issues and alerts about guard rails (`wit/plugin/sync.wit`,
/// `release`).
pub const GUARD_RAILS: [&str; 3] = ["suddenly-empty", "too-many-deletions", "thrash"];

/// Why nothing can be done until something changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blocked {
    /// The feature is not enabled for this user.
    Disabled,
    /// No account is connected.
    NotConnected,
    /// The account is parked until somebody acts.
    Parked,
    /// A permission is missing.
    MissingPermission,
    /// A guard rail stopped the run until an administrator releases it.
    GuardRail,
    /// Another holder has the mailbox.
    StaleFence,
    /// The application's settings are incomplete.
    NotConfigured,
    /// The CRM, or the cloud of the account, has nothing of the kind.
    NotOffered,
    /// Nobody has confirmed the first run yet. The host says so by itself, of what is
    /// due, and of what was asked for while an account was being connected.
    FirstSync,
}

impl Blocked {
    /// A stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::NotConnected => "not-connected",
            Self::Parked => "parked",
            Self::MissingPermission => "missing-permission",
            Self::GuardRail => "guard-rail",
            Self::StaleFence => "stale-fence",
            Self::NotConfigured => "not-configured",
            Self::NotOffered => "not-offered",
            Self::FirstSync => "first-sync",
        }
    }

    /// What it means and what to do about it, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Disabled => {
                "This resource is not enabled for the user. Enable it in the settings of the user; in the system \
                 configuration it has to be on, too."
            }
            Self::NotConnected => "No Microsoft account is connected. Connect one in the user's settings.",
            Self::Parked => "The Microsoft account needs attention before it is synchronized again. See its alert.",
            Self::MissingPermission => "A Microsoft permission is missing. Run Check Connection to see which one.",
            Self::GuardRail => {
                "A guard rail stopped the run before anything was written. Its alert says why; an administrator can release it \
                 there."
            }
            Self::StaleFence => {
                "This mailbox is in use, usually by a run that is going on. Try again in a moment; the status shows how far \
                 that run is."
            }
            Self::NotOffered => "This resource does not exist in Microsoft's cloud of the account, or not in the CRM.",
            Self::FirstSync => "The first synchronization waits for confirmation: see what it would do, then start it.",
            Self::NotConfigured => "Application ID, secret or tenant is missing. Fill them in at the system level.",
        }
    }
}

impl From<wire::BlockedReason> for Blocked {
    fn from(reason: wire::BlockedReason) -> Self {
        match reason {
            wire::BlockedReason::Disabled => Self::Disabled,
            wire::BlockedReason::NotConnected => Self::NotConnected,
            wire::BlockedReason::Parked => Self::Parked,
            wire::BlockedReason::MissingPermission => Self::MissingPermission,
            wire::BlockedReason::GuardRail => Self::GuardRail,
            wire::BlockedReason::StaleFence => Self::StaleFence,
            wire::BlockedReason::NotConfigured => Self::NotConfigured,
            wire::BlockedReason::NotOffered => Self::NotOffered,
        }
    }
}

/// When the component wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "when")]
pub enum NextCall {
    /// Nothing is left: at the next interval.
    Idle,
    /// There is more to do now; the run was ended by its number of steps.
    Again,
    /// Not before this time.
    After {
        /// Milliseconds from the end of the run.
        milliseconds: u64,
        /// What is waited for.
        reason: WaitReason,
    },
    /// Not before something changes.
    Blocked {
        /// What has to change.
        reason: Blocked,
    },
}

impl From<wire::Next> for NextCall {
    fn from(next: wire::Next) -> Self {
        match next {
            wire::Next::Idle => Self::Idle,
            wire::Next::Again => Self::Again,
            wire::Next::After(wait) => Self::After { milliseconds: wait.time, reason: wait.reason.into() },
            wire::Next::Blocked(reason) => Self::Blocked { reason: reason.into() },
        }
    }
}

/// What one run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunReport {
    /// Whose mailbox, by login.
    pub user: String,
    /// Which resource.
    pub resource: Resource,
    /// Written in the CRM.
    pub crm: SideReport,
    /// Written in Microsoft 365.
    pub microsoft: SideReport,
    /// Items of both sides recognised as one.
    pub adopted: u32,
    /// Items in which edits of both sides were put together.
    pub merged: u32,
    /// Conflicts decided.
    pub conflicts: u32,
    /// Requests sent to Microsoft.
    pub requests: u32,
    /// Steps made.
    pub steps: u32,
    /// When to run again.
    pub next: NextCall,
    /// Why nothing can be done; the same as in `next`.
    pub blocked: Option<Blocked>,
    /// What was left as it is, each once, ordered.
    pub issues: Vec<IssueReport>,
}

impl RunReport {
    /// Whether it ended because Microsoft asks for fewer requests.
    pub(super) const fn is_throttled(&self) -> bool {
        matches!(self.next, NextCall::After { reason: WaitReason::Throttled, .. })
    }

    /// The report of a run that has not made a step.
    pub(crate) fn begin(user: String, resource: Resource) -> Self {
        Self {
            user,
            resource,
            crm: SideReport::default(),
            microsoft: SideReport::default(),
            adopted: 0,
            merged: 0,
            conflicts: 0,
            requests: 0,
            steps: 0,
            next: NextCall::Again,
            blocked: None,
            issues: Vec::new(),
        }
    }

    /// Adds what one more step did.
    pub(super) fn add(&mut self, report: wire::Report) {
        let wire::Report { next, counts, issues } = report;
        self.crm.add(&counts.crm);
        self.microsoft.add(&counts.microsoft);
        self.adopted = self.adopted.saturating_add(counts.adopted);
        self.merged = self.merged.saturating_add(counts.merged);
        self.conflicts = self.conflicts.saturating_add(counts.conflicts);
        self.requests = self.requests.saturating_add(counts.requests);
        self.steps = self.steps.saturating_add(1);
        self.next = next.into();
        self.blocked = match self.next {
            NextCall::Blocked { reason } => Some(reason),
            NextCall::Idle | NextCall::Again | NextCall::After { .. } => None,
        };
        self.issues.extend(issues.into_iter().map(IssueReport::from));
        self.issues.sort();
        self.issues.dedup();
    }

    /// Notes that the run ended because of this: another holder has taken the mailbox
    /// over, say.
    pub(super) fn block(&mut self, reason: Blocked) {
        self.next = NextCall::Blocked { reason };
        self.blocked = Some(reason);
    }

    /// Whether nothing was written on either side.
    pub fn wrote_nothing(&self) -> bool {
        self.crm.is_empty() && self.microsoft.is_empty()
    }
}

/// Which side a planned write goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The CRM.
    Crm,
    /// Microsoft 365.
    Microsoft,
}

/// What a planned write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteAction {
    /// Create an item.
    Create,
    /// Change an item.
    Update,
    /// Delete an item.
    Delete,
}

impl From<wire::PlannedSide> for Side {
    fn from(side: wire::PlannedSide) -> Self {
        match side {
            wire::PlannedSide::Crm => Self::Crm,
            wire::PlannedSide::Microsoft => Self::Microsoft,
        }
    }
}

impl From<wire::PlannedAction> for WriteAction {
    fn from(action: wire::PlannedAction) -> Self {
        match action {
            wire::PlannedAction::Create => Self::Create,
            wire::PlannedAction::Update => Self::Update,
            wire::PlannedAction::Delete => Self::Delete,
        }
    }
}

/// What Microsoft would tell people in a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// That they are invited.
    Invitation,
    /// That something has changed.
    Update,
    /// That it does not take place.
    Cancellation,
    /// What the user answers.
    Reply,
}

/// The mails that a planned write would cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedNotice {
    /// What for.
    pub kind: NoticeKind,
    /// To how many people.
    pub people: u32,
}

impl From<wire::PlannedNotice> for PlannedNotice {
    fn from(notice: wire::PlannedNotice) -> Self {
        let kind = match notice.kind {
            wire::NoticeKind::Invitation => NoticeKind::Invitation,
            wire::NoticeKind::Update => NoticeKind::Update,
            wire::NoticeKind::Cancellation => NoticeKind::Cancellation,
            wire::NoticeKind::Reply => NoticeKind::Reply,
        };
        Self { kind, people: notice.people }
    }
}

/// One write that a run would make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedWrite {
    /// On which side.
    pub side: Side,
    /// What.
    pub action: WriteAction,
    /// The title of the item, for the user's own eyes.
    pub title: String,
    /// The groups of fields it would write.
    pub fields: Vec<String>,
    /// The mails that Microsoft would send about it.
    pub notice: Option<PlannedNotice>,
}

impl From<wire::PlannedOperation> for PlannedWrite {
    fn from(operation: wire::PlannedOperation) -> Self {
        let notice = operation.notice.map(PlannedNotice::from);
        Self {
            side: operation.side.into(),
            action: operation.action.into(),
            title: operation.title,
            fields: operation.fields,
            notice,
        }
    }
}

/// What a run would do. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewReport {
    /// Whose mailbox, by login.
    pub user: String,
    /// Which resource.
    pub resource: Resource,
    /// The writes, in the order in which they would be made.
    pub operations: Vec<PlannedWrite>,
    /// Items that would be recognised as one.
    pub adopted: u32,
    /// Conflicts that would be decided.
    pub conflicts: u32,
    /// Writes that would make Microsoft send mails.
    pub invitations: u32,
    /// To how many different people.
    pub people: u32,
    /// Why nothing can be said, and nothing could be done.
    pub blocked: Option<Blocked>,
    /// What would be left, and why.
    pub issues: Vec<IssueReport>,
    /// Whether both sides were read to the end.
    pub complete: bool,
    /// Requests sent to Microsoft for it.
    pub requests: u32,
}

impl PreviewReport {
    pub(super) fn from_wire(user: String, resource: Resource, report: wire::PreviewReport) -> Self {
        Self {
            user,
            resource,
            operations: report.operations.into_iter().map(PlannedWrite::from).collect(),
            adopted: report.adopted,
            conflicts: report.conflicts,
            invitations: report.invitations,
            people: report.people,
            blocked: None,
            issues: report.issues.into_iter().map(IssueReport::from).collect(),
            complete: report.complete,
            requests: report.requests,
        }
    }

    /// The preview of a resource of which nothing can be said before something
    /// changes.
    pub(super) fn blocked(user: String, resource: Resource, reason: Blocked) -> Self {
        Self {
            user,
            resource,
            operations: Vec::new(),
            adopted: 0,
            conflicts: 0,
            invitations: 0,
            people: 0,
            blocked: Some(reason),
            issues: Vec::new(),
            complete: false,
            requests: 0,
        }
    }

    /// Whether a guard rail would stop the run before its first write.
    pub fn is_held_back(&self) -> bool {
        self.issues.iter().any(|issue| GUARD_RAILS.contains(&issue.code.as_str()))
    }

    /// How many mails Microsoft would send, one to each person about each
    /// write.
    pub fn mails(&self) -> u32 {
        let people = self.operations.iter().filter_map(|operation| operation.notice).map(|notice| notice.people);
        people.fold(0, u32::saturating_add)
    }
}
