//! The report of the demonstration, as `tandem demo --json` prints it.
//!
//! The text form is [`crate::cli`]'s. Every number is one that the component
//! reported or that was counted in the CRM's records.

use serde::Serialize;

use super::agreement::Agreement;
use crate::app::{IssueReport, Resource, RunReport, SideReport};
use crate::crm::notices::{Conflict, ConflictField, ConflictRule, Winner};
use crate::crm::users::User;

/// What a run did on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideEntry {
    /// Items created.
    pub created: u32,
    /// Items changed.
    pub updated: u32,
    /// Items deleted.
    pub deleted: u32,
    /// Conflicts decided in favour of this side.
    pub conflicts: u32,
    /// Requests over HTTP. The CRM is called inside of the process, so it gets
    /// none.
    pub requests: u32,
}

impl SideEntry {
    fn new(written: SideReport, conflicts: u32, requests: u32) -> Self {
        let SideReport { created, updated, deleted } = written;
        Self { created, updated, deleted, conflicts, requests }
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEntry {
    /// What the run shows.
    pub name: &'static str,
    /// What it synchronised.
    pub resource: Resource,
    /// The CRM's side.
    pub crm: SideEntry,
    /// Microsoft's side.
    pub microsoft: SideEntry,
    /// Items created on both sides.
    pub created: u32,
    /// Items changed on both sides.
    pub updated: u32,
    /// Items deleted on both sides.
    pub deleted: u32,
    /// Items of both sides recognised as one.
    pub adopted: u32,
    /// Items in which edits of both sides were put together.
    pub merged: u32,
    /// Conflicts decided.
    pub conflicts: u32,
    /// Requests sent to Microsoft.
    pub requests: u32,
    /// Steps of the component.
    pub steps: u32,
    /// What was left as it is, and why.
    pub issues: Vec<IssueReport>,
}

impl RunEntry {
    /// The entry of a run, with the decisions that it recorded.
    pub(super) fn new<'a>(name: &'static str, run: RunReport, recorded: impl Iterator<Item = &'a Conflict>) -> Self {
        let (mut for_crm, mut for_microsoft) = (0, 0);
        for conflict in recorded {
            match conflict.winner {
                Winner::Crm => for_crm += 1,
                Winner::Microsoft => for_microsoft += 1,
            }
        }
        Self {
            name,
            resource: run.resource,
            crm: SideEntry::new(run.crm, for_crm, 0),
            microsoft: SideEntry::new(run.microsoft, for_microsoft, run.requests),
            created: run.crm.created.saturating_add(run.microsoft.created),
            updated: run.crm.updated.saturating_add(run.microsoft.updated),
            deleted: run.crm.deleted.saturating_add(run.microsoft.deleted),
            adopted: run.adopted,
            merged: run.merged,
            conflicts: run.conflicts,
            requests: run.requests,
            steps: run.steps,
            issues: run.issues,
        }
    }

    /// Whether nothing was written on either side.
    pub const fn wrote_nothing(&self) -> bool {
        self.created == 0 && self.updated == 0 && self.deleted == 0
    }
}

/// A recorded decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictEntry {
    /// By which rule.
    pub rule: ConflictRule,
    /// Whose version was kept.
    pub winner: Winner,
    /// The groups that differed, with all their versions.
    pub fields: Vec<ConflictField>,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DemoReport {
    /// The organisation.
    pub organization: String,
    /// Whose calendar it is.
    pub user: String,
    /// The runs in their order.
    pub runs: Vec<RunEntry>,
    /// The recorded decisions.
    pub conflicts: Vec<ConflictEntry>,
    /// What both calendars say after the last run.
    pub agreement: Agreement,
    /// What both task lists say; none where tasks are not synchronised.
    pub task_agreement: Option<Agreement>,
    /// Whether the last run of each resource wrote nothing, and both sides say
    /// the same.
    pub converged: bool,
}

impl DemoReport {
    pub(super) fn new(
        user: &User,
        runs: Vec<RunEntry>,
        conflicts: &[Conflict],
        (agreement, task_agreement): (Agreement, Option<Agreement>),
    ) -> Self {
        let last = |resource: Resource| runs.iter().rfind(|run| run.resource == resource);
        let at_rest = !runs.is_empty() && Resource::ALL.into_iter().filter_map(last).all(RunEntry::wrote_nothing);
        let entry = |conflict: &Conflict| ConflictEntry {
            rule: conflict.rule,
            winner: conflict.winner,
            fields: conflict.fields.clone(),
        };
        Self {
            organization: user.organization.clone(),
            user: user.login.clone(),
            converged: at_rest && agreement.is_complete() && task_agreement.is_none_or(|tasks| tasks.is_complete()),
            runs,
            conflicts: conflicts.iter().map(entry).collect(),
            agreement,
            task_agreement,
        }
    }
}
