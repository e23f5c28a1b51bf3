//! Runs and previews of everything that is enabled for a user, one resource
//! after the other.
//!
//! The mailbox stays with one holder from the first resource to the last. What
//! fails or is blocked stops no other resource; what came of each is told
//! beside the sum. Next: [`super::schedule`].

use serde::Serialize;

use super::error::AppError;
use super::report::{Blocked, IssueReport, NextCall, PlannedWrite, PreviewReport, RunReport, SideReport};
use super::resource::Resource;
use super::start::App;
use super::sync::{RUN_STEPS_MAX, holder};
use crate::crm::UserId;
use crate::crm::users::User;

/// What the runs of a user's resources did together. With one resource it is
/// the report of its run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunsReport {
    /// Whose mailbox, by login.
    pub user: String,
    /// Which resource, where it was only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
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
    /// When to run again: what is the most urgent. Idle where all are.
    pub next: NextCall,
    /// Why nothing can be done for the first resource that is blocked. Others
    /// may have been synchronised.
    pub blocked: Option<Blocked>,
    /// What was left as it is, each once, ordered.
    pub issues: Vec<IssueReport>,
    /// The run of each resource, in their order.
    pub resources: Vec<RunReport>,
}

/// What a preview of a user's resources says together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewsReport {
    /// Whose mailbox, by login.
    pub user: String,
    /// Which resource, where it was only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The writes, in the order in which they would be made.
    pub operations: Vec<PlannedWrite>,
    /// Items that would be recognised as one.
    pub adopted: u32,
    /// Conflicts that would be decided.
    pub conflicts: u32,
    /// Writes that would make Microsoft send mails.
    pub invitations: u32,
    /// To how many different people; only events have some.
    pub people: u32,
    /// Why nothing can be said of the first resource that is blocked.
    pub blocked: Option<Blocked>,
    /// What would be left, and why.
    pub issues: Vec<IssueReport>,
    /// Whether both sides of every resource were read to the end.
    pub complete: bool,
    /// Requests sent to Microsoft for it.
    pub requests: u32,
    /// The preview of each resource, in their order.
    pub resources: Vec<PreviewReport>,
}

/// What came of the run of a resource.
pub type Ran = (Resource, Result<RunReport, AppError>);

impl App {
    /// Synchronises every enabled resource of a user now, each as
    /// [`App::sync`] does. Where nothing is enabled it is the calendar, whose
    /// report says so.
    ///
    /// # Errors
    /// As for [`App::sync`]; the first failure, after all resources had their
    /// turn.
    pub async fn sync_enabled(&self, user: UserId, max_steps: Option<u32>) -> Result<RunsReport, AppError> {
        let login = self.crm().user(user)?.login;
        let runs = self.sync_each(user, max_steps).await?;
        let runs = runs.into_iter().map(|(_, run)| run).collect::<Result<Vec<_>, _>>()?;
        Ok(RunsReport::of(login, runs))
    }

    /// The same with what came of each resource: a run that fails hides nothing of the
    /// others.
    ///
    /// # Errors
    /// There is no such user, they run already for longer than anybody waits, the
    /// application ends, or the CRM cannot write down what came of a run.
    pub async fn sync_each(&self, user: UserId, max_steps: Option<u32>) -> Result<Vec<Ran>, AppError> {
        let user = self.crm().user(user)?;
        let running = self.turn(&user).await?;
        let steps_max = max_steps.unwrap_or(RUN_STEPS_MAX);
        let app = self.clone();
        self.detached(async move {
            let ran = app.run_all(&user, steps_max).await;
            app.end_run(running);
            ran
        })
        .await
    }

    /// What [`App::sync_enabled`] would do.
    ///
    /// # Errors
    /// As for [`App::preview`].
    pub async fn preview_enabled(&self, user: UserId) -> Result<PreviewsReport, AppError> {
        let (user, resources) = self.user_and_resources(user).await?;
        let app = self.clone();
        self.detached(async move {
            let mut previews = Vec::with_capacity(resources.len());
            for resource in &resources {
                previews.push(app.preview_of(user.clone(), *resource).await?);
            }
            Ok(PreviewsReport::of(user.login, previews))
        })
        .await
    }

    /// Has the next run of every enabled resource compare everything, see
    /// [`App::compare_again`].
    ///
    /// # Errors
    /// As for [`App::compare_again`].
    pub async fn compare_enabled_again(&self, user: UserId) -> Result<(), AppError> {
        let (_, resources) = self.user_and_resources(user).await?;
        for resource in &resources {
            self.compare_again(user, *resource).await?;
        }
        Ok(())
    }

    /// A user and what runs for them.
    async fn user_and_resources(&self, user: UserId) -> Result<(User, Vec<Resource>), AppError> {
        let user = self.crm().user(user)?;
        let resources = self.resources_of(&user).await?;
        Ok((user, resources))
    }

    /// What runs for a user; where nothing is enabled, what says so.
    async fn resources_of(&self, user: &User) -> Result<Vec<Resource>, AppError> {
        let mut resources = self.enabled_resources(user.id).await?;
        if resources.is_empty() {
            resources.push(Resource::Calendar);
        }
        Ok(resources)
    }

    async fn run_all(&self, user: &User, steps_max: u32) -> Result<Vec<Ran>, AppError> {
        let resources = self.resources_of(user).await?;
        let holder = holder();
        let mut has_mailbox = false;
        let mut results = Vec::with_capacity(resources.len());
        for (number, resource) in resources.iter().enumerate() {
            if !has_mailbox && let Err(error) = self.claim(user, *resource, &holder).await {
                results.push((*resource, Err(error)));
                continue;
            }
            let then = resources.get(number + 1).copied();
            let ran = self.run_claimed(user, &holder, (*resource, then), steps_max).await?;
            has_mailbox = ran.keeps_mailbox;
            results.push((*resource, ran.result));
        }
        Ok(results)
    }
}

impl RunsReport {
    fn of(user: String, resources: Vec<RunReport>) -> Self {
        let sum = |part: fn(&RunReport) -> u32| total(&resources, part);
        let written = |side: fn(&RunReport) -> &SideReport| SideReport {
            created: resources.iter().map(|run| side(run).created).fold(0, u32::saturating_add),
            updated: resources.iter().map(|run| side(run).updated).fold(0, u32::saturating_add),
            deleted: resources.iter().map(|run| side(run).deleted).fold(0, u32::saturating_add),
        };
        Self {
            user,
            resource: the_only(&resources, |run| run.resource),
            crm: written(|run| &run.crm),
            microsoft: written(|run| &run.microsoft),
            adopted: sum(|run| run.adopted),
            merged: sum(|run| run.merged),
            conflicts: sum(|run| run.conflicts),
            requests: sum(|run| run.requests),
            steps: sum(|run| run.steps),
            next: resources.iter().map(|run| run.next).min_by_key(urgency).unwrap_or(NextCall::Idle),
            blocked: resources.iter().find_map(|run| run.blocked),
            issues: each_once(resources.iter().flat_map(|run| &run.issues)),
            resources,
        }
    }
}

impl PreviewsReport {
    fn of(user: String, resources: Vec<PreviewReport>) -> Self {
        let sum = |part: fn(&PreviewReport) -> u32| total(&resources, part);
        Self {
            user,
            resource: the_only(&resources, |preview| preview.resource),
            operations: resources.iter().flat_map(|preview| preview.operations.iter().cloned()).collect(),
            adopted: sum(|preview| preview.adopted),
            conflicts: sum(|preview| preview.conflicts),
            invitations: sum(|preview| preview.invitations),
            people: sum(|preview| preview.people),
            blocked: resources.iter().find_map(|preview| preview.blocked),
            issues: each_once(resources.iter().flat_map(|preview| &preview.issues)),
            complete: resources.iter().all(|preview| preview.complete),
            requests: sum(|preview| preview.requests),
            resources,
        }
    }
}

fn total<T>(reports: &[T], part: fn(&T) -> u32) -> u32 {
    reports.iter().map(part).fold(0, u32::saturating_add)
}

fn the_only<T>(reports: &[T], resource: fn(&T) -> Resource) -> Option<Resource> {
    match reports {
        [only] => Some(resource(only)),
        _ => None,
    }
}

fn each_once<'a>(issues: impl Iterator<Item = &'a IssueReport>) -> Vec<IssueReport> {
    let mut issues: Vec<IssueReport> = issues.cloned().collect();
    issues.sort();
    issues.dedup();
    issues
}

/// The smaller, the sooner somebody should look: at once, after a wait, when
/// something has changed, at the next interval.
const fn urgency(next: &NextCall) -> (u8, u64) {
    match next {
        NextCall::Again => (0, 0),
        NextCall::After { milliseconds, .. } => (1, *milliseconds),
        NextCall::Blocked { .. } => (2, 0),
        NextCall::Idle => (3, 0),
    }
}

#[cfg(test)]
mod tests;
