//! The user's tasks in the CRM.

use tandem_core::model::CrmId;
use tandem_core::ports::breach::{self, Changes, about_each, one_for_each};
use tandem_core::ports::{
    AppliedWrite, ApplyError, CrmChangesError, CrmTasks, Fence, HostError, TaskApplied, TaskCapabilities, TaskItem,
    TaskMutation, TaskMutationError, TaskPage,
};

use super::Host;
use crate::bindings::tandem::host::tasks;
use crate::convert;

impl CrmTasks for Host {
    fn task_capabilities(&mut self) -> Result<TaskCapabilities, HostError> {
        tasks::get_capabilities().map(convert::task_capabilities).map_err(convert::host_error)
    }

    fn task_changes(&mut self, after: Option<&str>, limit: u32) -> Result<TaskPage, CrmChangesError> {
        match tasks::changes(after, limit) {
            Ok(page) => {
                let page = convert::task_page(page);
                let changes = Changes { call: "tasks.changes", after, limit, next: &page.next, more: page.more };
                changes.check(page.changes.iter().map(breach::changed_task)).map_err(CrmChangesError::Host)?;
                Ok(page)
            }
            Err(tasks::ChangesError::CursorExpired) => Err(CrmChangesError::CursorExpired),
            Err(tasks::ChangesError::Host(error)) => Err(CrmChangesError::Host(convert::host_error(error))),
        }
    }

    fn tasks(&mut self, ids: &[CrmId]) -> Result<Vec<Option<TaskItem>>, HostError> {
        let asked: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        let found = tasks::get_many(&asked).map_err(convert::host_error)?;
        let items = found.into_iter().map(|task| task.map(convert::task_item)).collect();
        about_each("tasks.get-many", ids, items, |id, item| item.id == *id)
    }

    fn applied_to_tasks(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        let found = tasks::get_applied(keys).map(convert::applied_writes).map_err(convert::host_error)?;
        one_for_each("tasks.get-applied", keys.len(), found)
    }

    fn apply_to_tasks(
        &mut self,
        fence: Fence,
        mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, ApplyError> {
        let targets = breach::task_targets(&mutations);
        let mutations: Vec<tasks::Mutation> = mutations.into_iter().map(convert::task_mutation).collect();
        let outcomes = tasks::apply(fence.0, &mutations).map_err(convert::apply_error)?;
        let outcomes = outcomes.into_iter().map(convert::task_applied).collect();
        breach::applied("tasks.apply", &targets, outcomes, breach::stored_task).map_err(ApplyError::Host)
    }
}
