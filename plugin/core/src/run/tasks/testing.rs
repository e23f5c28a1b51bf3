//! The tasks of a host that is made for tests.

use crate::model::{CrmId, FieldSet};
use crate::ports::{
    AppliedWrite, ApplyError, CrmChangesError, CrmTasks, Fence, HostError, TaskApplied, TaskCapabilities, TaskItem,
    TaskMutation, TaskMutationError, TaskPage,
};
use crate::run::testing::Host;

/// A CRM without any task.
impl CrmTasks for Host {
    fn task_capabilities(&mut self) -> Result<TaskCapabilities, HostError> {
        let groups = if self.has_tasks { FieldSet::all() } else { FieldSet::EMPTY };
        Ok(TaskCapabilities {
            holds: groups,
            writes: groups,
            title_length_max: 255,
            body_size_max: 65_536,
            knows_in_progress: true,
            status_by_workflow: false,
            due_has_time: true,
            reminder_needs_due: true,
        })
    }

    fn task_changes(&mut self, _: Option<&str>, _: u32) -> Result<TaskPage, CrmChangesError> {
        Ok(TaskPage { changes: Vec::new(), next: "cursor".to_owned(), more: false })
    }

    fn tasks(&mut self, ids: &[CrmId]) -> Result<Vec<Option<TaskItem>>, HostError> {
        Ok(vec![None; ids.len()])
    }

    fn applied_to_tasks(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        Ok(vec![None; keys.len()])
    }

    fn apply_to_tasks(
        &mut self,
        _: Fence,
        mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, ApplyError> {
        Ok(mutations.iter().map(|_| Err(TaskMutationError::NotFound)).collect())
    }
}
