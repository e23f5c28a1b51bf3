//! The CRM's calendar and tasks.

use tandem_core::model::{CrmId, CrmVersion};
use tandem_core::ports::{
    Announcement, AppliedWrite, ApplyError, CrmApplied, CrmCalendar, CrmCapabilities, CrmChange, CrmChangesError,
    CrmItem, CrmMutation, CrmMutationError, CrmPage, CrmTasks, Fence, HostError, TaskApplied, TaskCapabilities,
    TaskItem, TaskMutation, TaskMutationError, TaskPage,
};

use super::{Defect, Defective};

impl CrmCalendar for Defective {
    fn capabilities(&mut self) -> Result<CrmCapabilities, HostError> {
        self.host.capabilities()
    }

    fn changes(&mut self, after: Option<&str>, limit: u32) -> Result<CrmPage, CrmChangesError> {
        let mut page = self.host.changes(after, limit)?;
        if self.makes(Defect::EverythingIsNew) {
            for change in &mut page.changes {
                match change {
                    CrmChange::Upserted(item) => item.announcement = Announcement::Due,
                    CrmChange::Deleted { announcement, .. } => *announcement = Announcement::Due,
                }
            }
        }
        Ok(page)
    }

    fn items(&mut self, ids: &[CrmId]) -> Result<Vec<Option<CrmItem>>, HostError> {
        self.host.items(ids)
    }

    fn applied(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        self.host.applied(keys)
    }

    fn apply(
        &mut self,
        fence: Fence,
        mut mutations: Vec<CrmMutation>,
    ) -> Result<Vec<Result<CrmApplied, CrmMutationError>>, ApplyError> {
        for mutation in &mut mutations {
            match mutation {
                CrmMutation::Create { idempotency_key, .. } => self.rekey(idempotency_key),
                CrmMutation::Update { id, expected, idempotency_key, .. } => {
                    self.rekey(idempotency_key);
                    self.expect_anything(id, expected);
                }
                CrmMutation::Delete { id, expected } => self.expect_anything(id, expected),
            }
        }
        let count = mutations.len();
        match self.host.apply(fence, mutations) {
            Err(ApplyError::StaleFence) if self.makes(Defect::ForgetFence) => {
                Ok(vec![Err(CrmMutationError::VersionMismatch); count])
            }
            applied => applied,
        }
    }
}

impl CrmTasks for Defective {
    fn task_capabilities(&mut self) -> Result<TaskCapabilities, HostError> {
        self.host.task_capabilities()
    }

    fn task_changes(&mut self, after: Option<&str>, limit: u32) -> Result<TaskPage, CrmChangesError> {
        self.host.task_changes(after, limit)
    }

    fn tasks(&mut self, ids: &[CrmId]) -> Result<Vec<Option<TaskItem>>, HostError> {
        self.host.tasks(ids)
    }

    fn applied_to_tasks(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError> {
        self.host.applied_to_tasks(keys)
    }

    fn apply_to_tasks(
        &mut self,
        fence: Fence,
        mut mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, ApplyError> {
        for mutation in &mut mutations {
            match mutation {
                TaskMutation::Create { idempotency_key, .. } => self.rekey(idempotency_key),
                TaskMutation::Update { id, expected, idempotency_key, .. } => {
                    self.rekey(idempotency_key);
                    self.expect_any_task(id, expected);
                }
                TaskMutation::Delete { id, expected } => self.expect_any_task(id, expected),
            }
        }
        let count = mutations.len();
        match self.host.apply_to_tasks(fence, mutations) {
            Err(ApplyError::StaleFence) if self.makes(Defect::ForgetFence) => {
                Ok(vec![Err(TaskMutationError::VersionMismatch); count])
            }
            applied => applied,
        }
    }
}

impl Defective {
    fn rekey(&mut self, key: &mut String) {
        if self.makes(Defect::NewKeyEachTime) {
            *key = self.new_key();
        }
    }

    /// Replaces the version that an event was decided about by the one that it has.
    fn expect_anything(&mut self, id: &CrmId, expected: &mut CrmVersion) {
        if self.makes(Defect::IgnoreVersion)
            && let Ok(Some(Some(item))) = self.host.items(std::slice::from_ref(id)).map(|mut items| items.pop())
        {
            *expected = item.version;
        }
    }

    /// The same for a task.
    fn expect_any_task(&mut self, id: &CrmId, expected: &mut CrmVersion) {
        if self.makes(Defect::IgnoreVersion)
            && let Ok(Some(Some(task))) = self.host.tasks(std::slice::from_ref(id)).map(|mut tasks| tasks.pop())
        {
            *expected = task.version;
        }
    }
}
