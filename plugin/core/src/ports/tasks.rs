//! The user's tasks in the CRM.

use thiserror::Error;

use crate::model::{CrmId, CrmVersion, FieldSet, Record, TaskStatus};

use super::{AppliedWrite, ApplyError, CrmChangesError, Fence, HostError};

/// What the CRM's tasks can hold (Oro rows T1 to T3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of the contract, answered on its own")]
pub struct TaskCapabilities {
    /// Groups it stores.
    pub holds: FieldSet,
    /// Groups that may be written.
    pub writes: FieldSet,
    /// The longest title, in Unicode scalar values.
    pub title_length_max: u32,
    /// The longest description, in bytes.
    pub body_size_max: u32,
    /// Whether a task can be in progress, beside open and closed.
    pub knows_in_progress: bool,
    /// Whether a workflow is in force, so that a status is changed by people
    /// alone (Oro row T2).
    pub status_by_workflow: bool,
    /// Whether a task that is due has a time of day, which a write of the date
    /// keeps (Oro row T3).
    pub due_has_time: bool,
    /// Whether a reminder needs a due date (Oro row T3).
    pub reminder_needs_due: bool,
}

impl TaskCapabilities {
    /// `status` as the CRM shows it.
    pub const fn shown(self, status: TaskStatus) -> TaskStatus {
        match status {
            TaskStatus::InProgress if !self.knows_in_progress => TaskStatus::Open,
            TaskStatus::Open | TaskStatus::InProgress | TaskStatus::Closed => status,
        }
    }
}

/// A task of the CRM. Its groups: title, body, due, reminder
/// ([`crate::model::FieldValue::RemindAt`]), importance and status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskItem {
    /// Its id.
    pub id: CrmId,
    /// Its version.
    pub version: CrmVersion,
    /// The page of the CRM that shows it, where there is one.
    pub web_url: Option<String>,
    /// Its groups.
    pub record: Record,
    /// Groups that have a value which is too large to be compared.
    pub unread: FieldSet,
}

/// A difference on the CRM side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskChange {
    /// Created, changed, or assigned to the user.
    Upserted(TaskItem),
    /// Deleted, or assigned to somebody else: a tombstone that the CRM keeps.
    Deleted(CrmId),
}

/// A page of differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPage {
    /// Differences, an item at most once.
    pub changes: Vec<TaskChange>,
    /// Where the next page begins.
    pub next: String,
    /// Whether there are more now.
    pub more: bool,
}

/// One write to the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskMutation {
    /// Create; repeating the key answers with what the first one made.
    Create {
        /// The key.
        idempotency_key: String,
        /// The groups.
        record: Record,
    },
    /// Change some groups.
    Update {
        /// Which.
        id: CrmId,
        /// Based on.
        expected: CrmVersion,
        /// The key of the write, as of a create.
        idempotency_key: String,
        /// The groups to replace.
        record: Record,
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
pub enum TaskApplied {
    /// The task as it is stored now.
    Stored(TaskItem),
    /// Gone.
    Removed,
}

/// Why one mutation was not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TaskMutationError {
    /// It does not exist, or is not the user's any more.
    #[error("the CRM's task does not exist any more")]
    NotFound,
    /// It changed meanwhile.
    #[error("the CRM's task changed meanwhile")]
    VersionMismatch,
    /// Not allowed.
    #[error("the user may not change this task in the CRM")]
    AccessDenied,
    /// A workflow keeps the status. Without it, the same mutation can be made.
    #[error("the workflow of the CRM does not let the status be set directly")]
    WorkflowRestricted,
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

/// The user's tasks in the CRM (`tandem:host/tasks`): those assigned to the user.
pub trait CrmTasks {
    /// What they can hold.
    fn task_capabilities(&mut self) -> Result<TaskCapabilities, HostError>;
    /// Changes behind `after`; everything without it.
    fn task_changes(&mut self, after: Option<&str>, limit: u32) -> Result<TaskPage, CrmChangesError>;
    /// Tasks by id, in their order.
    fn tasks(&mut self, ids: &[CrmId]) -> Result<Vec<Option<TaskItem>>, HostError>;
    /// What the writes with these keys have left behind, in their order; none where
    /// a write was not made, or nobody knows any more.
    fn applied_to_tasks(&mut self, keys: &[String]) -> Result<Vec<Option<AppliedWrite>>, HostError>;
    /// Makes the mutations one by one, for the present holder alone.
    fn apply_to_tasks(
        &mut self,
        fence: Fence,
        mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, ApplyError>;
}
