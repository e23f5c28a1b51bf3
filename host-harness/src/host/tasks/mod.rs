//! `tandem:host/tasks`: the tasks that the user of the scope owns.
//!
//! The translation of tasks is in [`convert`]. Next: [`super::notices`].

mod convert;

use std::sync::Arc;

use tandem_runtime::StoreState;
use wasmtime::component::Linker;

use super::bindings::tandem::host::{tasks as wire, types};
use super::context::{CallContext, Host, HostFacts, HostView, answered, host_error, view};
use super::records::{applied_writes, apply_understood, by_text, made_or_not};
use super::types::HostError;
use crate::crm::component_state::Fence;
use crate::crm::journal::{CHANGES_MAX, ChangesError, Cursor};
use crate::crm::mutation::ApplyError;
use crate::crm::task::{DESCRIPTION_BYTES_MAX, OwnedTask, SUBJECT_LENGTH_MAX, TaskApplied, TaskMutationError};
use crate::crm::{Crm, CrmError, TaskId, UserId};

/// What one mutation led to, in the CRM's words.
type Outcome = Result<TaskApplied, TaskMutationError>;

impl From<HostError> for wire::MutationError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl wire::Host for HostView<'_> {
    async fn get_capabilities(&mut self) -> wasmtime::Result<Result<wire::Capabilities, HostError>> {
        Ok(answered(self.serve_user(|crm, _| capabilities(crm)).await?))
    }

    async fn changes(
        &mut self,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<wire::ChangePage, wire::ChangesError>> {
        let tasks = self.tasks();
        let (liar, from) = (&self.context.liar, self.context.liar.cursor(after.clone()));
        let page = self.serve_user(move |crm, user| tasks.page(crm, user, from.as_deref(), limit)).await?;
        let told = |page: wire::ChangePage| {
            let honest = (page.changes, page.next, page.more);
            let (changes, next, more) = liar.page(after.as_deref(), limit, honest);
            wire::ChangePage { changes, next, more }
        };
        Ok(page.unwrap_or_else(|error| Err(wire::ChangesError::Host(error))).map(told))
    }

    async fn get_many(&mut self, ids: Vec<String>) -> wasmtime::Result<Result<Vec<Option<wire::Task>>, HostError>> {
        let tasks = self.tasks();
        let found = answered(self.serve_user(move |crm, user| tasks.by_text(crm, user, &ids)).await?);
        Ok(found.map(|found| self.context.liar.answers(found, |task: &mut wire::Task| task.id.push('x'))))
    }

    async fn get_applied(
        &mut self,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<Option<types::AppliedWrite>>, HostError>> {
        let found = self.serve_user(move |crm, user| crm.applied_to_tasks(user, &keys)).await?;
        Ok(answered(found).map(|found| self.context.liar.answers(applied_writes(found), |_| {})))
    }

    async fn apply(
        &mut self,
        fence: types::Fence,
        mutations: Vec<wire::Mutation>,
    ) -> wasmtime::Result<Result<Vec<Result<wire::Applied, wire::MutationError>>, types::ApplyError>> {
        let tasks = self.tasks();
        let made = self.serve_user(move |crm, user| tasks.apply_all(crm, user, Fence::claimed(fence), mutations));
        let other = |result: &mut Result<wire::Applied, wire::MutationError>| {
            if let Ok(wire::Applied::Stored(task)) = result {
                task.id.push('x');
            }
        };
        Ok(made_or_not(made.await?).map(|made| self.context.liar.results(made, other)))
    }
}

impl HostView<'_> {
    fn tasks(&self) -> Tasks {
        Tasks { facts: Arc::clone(&self.context.facts) }
    }
}

/// What the CRM's tasks can hold.
fn capabilities(crm: &Crm) -> Result<wire::Capabilities, CrmError> {
    Ok(wire::Capabilities {
        holds: wire::TaskGroups::all(),
        writes: wire::TaskGroups::all(),
        title_length_max: SUBJECT_LENGTH_MAX,
        body_size_max: DESCRIPTION_BYTES_MAX,
        statuses: wire::TaskStatuses::all(),
        status_by_workflow: crm.task_workflow()?,
        due_has_time: true,
        reminder_needs_due: true,
    })
}

/// The CRM's tasks in the contract's words: each names the page that shows it.
struct Tasks {
    facts: Arc<HostFacts>,
}

impl Tasks {
    fn page(
        &self,
        crm: &Crm,
        user: UserId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<wire::ChangePage, wire::ChangesError> {
        let limit = usize::try_from(limit).unwrap_or(CHANGES_MAX);
        let after = after.map(Cursor::remembered);
        match crm.task_changes(user, after.as_ref(), limit) {
            Ok(page) => Ok(wire::ChangePage {
                changes: page.changes.into_iter().map(|change| convert::change_of(change, &self.facts)).collect(),
                next: page.next.as_str().to_owned(),
                more: page.more,
            }),
            Err(ChangesError::CursorExpired) => Err(wire::ChangesError::CursorExpired),
            Err(ChangesError::Crm(error)) => Err(wire::ChangesError::Host(host_error(&error))),
        }
    }

    fn by_text(&self, crm: &Crm, user: UserId, ids: &[String]) -> Result<Vec<Option<wire::Task>>, CrmError> {
        let found = by_text(ids, |ids: &[TaskId]| crm.tasks_by_id(user, ids))?;
        Ok(found.into_iter().map(|task| task.map(|task| self.task(task))).collect())
    }

    fn apply_all(
        &self,
        crm: &Crm,
        user: UserId,
        fence: Fence,
        mutations: Vec<wire::Mutation>,
    ) -> Result<Vec<Result<wire::Applied, wire::MutationError>>, ApplyError> {
        apply_understood(mutations, convert::mutation_of, |mutations| {
            let outcomes = crm.apply_to_tasks(user, fence, mutations)?;
            Ok(outcomes.into_iter().map(|outcome| self.outcome(outcome)).collect())
        })
    }

    fn outcome(&self, outcome: Outcome) -> Result<wire::Applied, wire::MutationError> {
        match outcome {
            Ok(TaskApplied::Stored(task)) => Ok(wire::Applied::Stored(self.task(*task))),
            Ok(TaskApplied::Removed) => Ok(wire::Applied::Removed),
            Err(TaskMutationError::NotFound) => Err(wire::MutationError::NotFound),
            Err(TaskMutationError::VersionMismatch) => Err(wire::MutationError::VersionMismatch),
            Err(TaskMutationError::WorkflowRestricted { .. }) => Err(wire::MutationError::WorkflowRestricted),
            Err(TaskMutationError::Invalid { group, value }) => {
                Err(wire::MutationError::Invalid((convert::groups_of(group), value.expected)))
            }
        }
    }

    fn task(&self, task: OwnedTask) -> wire::Task {
        convert::task_of(task, &self.facts)
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<StoreState<CallContext>>) -> wasmtime::Result<()> {
    wire::add_to_linker::<_, Host>(linker, view)
}

#[cfg(test)]
mod tests;
