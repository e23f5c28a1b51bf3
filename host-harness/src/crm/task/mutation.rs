//! What the component writes into somebody's tasks. How its writes are made is
//! in [`crate::crm::mutation`].

use rusqlite::Connection;

use super::fields::TaskFields;
use super::journal::TASKS;
use super::owned::{OwnedTask, owned_in};
use super::record::{Task, TaskStatus, TaskValues, TaskVersion};
use super::rows::task_in;
use super::validate::{Refused, TaskGroup};
use super::workflow::Restricted;
use super::write::{Refusal, StatusBy, WriteError};
use crate::crm::component_state::Fence;
use crate::crm::error::{InvalidValue, at_most};
use crate::crm::ids::{TaskId, UserId};
use crate::crm::journal::{Keyed, UnusableKey};
use crate::crm::mutation::{Applied, ApplyError, MUTATIONS_MAX, apply_each, held_by};
use crate::crm::refusal::{self, in_group};
use crate::crm::users::{User, user_in};
use crate::crm::{Crm, CrmError};

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskMutation {
    /// Create a task; `title` is present.
    Create {
        /// Repeating it with the same key answers with the first one's task.
        idempotency_key: String,
        /// Its fields.
        fields: TaskFields,
    },
    /// Replace some fields of a task.
    Update {
        /// Which task.
        id: TaskId,
        /// The version that the change is based on.
        expected: TaskVersion,
        /// As for a create.
        idempotency_key: String,
        /// The fields to replace.
        fields: TaskFields,
    },
    /// Delete a task.
    Delete {
        /// Which task.
        id: TaskId,
        /// The version that the decision is based on.
        expected: TaskVersion,
    },
}

/// What a mutation led to.
pub type TaskApplied = Applied<OwnedTask>;

/// Why a mutation was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskMutationError {
    /// The task is not one of this user.
    #[error("expected a task of this user, but found none under this identifier")]
    NotFound,
    /// The task was changed meanwhile.
    #[error("expected the version that was read, but found that the task was changed meanwhile")]
    VersionMismatch,
    /// The workflow is active, so that the status is changed by people alone.
    /// Without the status, the same mutation can be made.
    #[error("expected the status `{from}` to stay, because the task workflow is active, but found `{to}`")]
    WorkflowRestricted {
        /// The status as it is; that of a new task is open.
        from: TaskStatus,
        /// What it should have become.
        to: TaskStatus,
    },
    /// A value is not acceptable.
    #[error("{value}")]
    Invalid {
        /// The group it belongs to.
        group: TaskGroup,
        /// The value.
        value: InvalidValue,
    },
}

/// Why a mutation was not made, or the whole call.
type Failure = refusal::Failure<TaskMutationError>;

impl From<TaskMutationError> for Failure {
    fn from(error: TaskMutationError) -> Self {
        Self::Refused(error)
    }
}

impl From<Refused> for TaskMutationError {
    fn from(Refused { group, value }: Refused) -> Self {
        Self::Invalid { group, value }
    }
}

impl From<Refusal> for TaskMutationError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Value(refused) => refused.into(),
            Refusal::Restricted(Restricted { from, to }) => Self::WorkflowRestricted { from, to },
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.into())
    }
}

impl From<UnusableKey> for Failure {
    fn from(UnusableKey(value): UnusableKey) -> Self {
        in_group(TaskGroup::Identity)(value).into()
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        error.map(Into::into)
    }
}

impl Crm {
    /// Makes the mutations one by one among the tasks of `owner`, and answers
    /// for each in their order.
    ///
    /// # Errors
    /// Another holder than that of `fence`, more than [`MUTATIONS_MAX`] mutations,
    /// no such owner, or the database fails: then none was made.
    pub fn apply_to_tasks(
        &self,
        owner: UserId,
        fence: Fence,
        mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, ApplyError> {
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            held_by(transaction, &owner.scope(), fence)?;
            let results = apply_each(transaction, mutations, |connection, mutation| match mutation {
                TaskMutation::Create { idempotency_key, fields } => {
                    self.apply_task_create(connection, &owner, &idempotency_key, fields)
                }
                TaskMutation::Update { id, expected, idempotency_key, fields } => {
                    self.apply_task_update(connection, &owner, (id, &expected), &idempotency_key, fields)
                }
                TaskMutation::Delete { id, expected } => self.apply_task_delete(connection, &owner, id, &expected),
            })?;
            Ok(results)
        })
    }

    /// What the writes with these keys have made or changed among the tasks of
    /// `owner`, in their order; none where a write was not made.
    ///
    /// # Errors
    /// More than [`MUTATIONS_MAX`] keys.
    pub fn applied_to_tasks(&self, owner: UserId, keys: &[String]) -> Result<Vec<Option<Keyed<TaskId>>>, CrmError> {
        at_most(MUTATIONS_MAX, "keys", keys.len())?;
        self.read(|connection| keys.iter().map(|key| Ok(TASKS.keyed(connection, owner, key)?)).collect())
    }

    fn apply_task_create(
        &self,
        connection: &Connection,
        owner: &User,
        key: &str,
        fields: TaskFields,
    ) -> Result<TaskApplied, Failure> {
        let id = TASKS.once(connection, (owner.id, key), self.now(), || {
            let values = fields.over(TaskValues::blank(), owner.time_zone.0)?;
            Ok::<_, Failure>(keyed(&self.insert_task_in(connection, owner, owner, values)?))
        })?;
        Ok(Applied::of(owned_in(connection, owner, id)?))
    }

    fn apply_task_update(
        &self,
        connection: &Connection,
        owner: &User,
        (id, expected): (TaskId, &TaskVersion),
        key: &str,
        fields: TaskFields,
    ) -> Result<TaskApplied, Failure> {
        let id = TASKS.once(connection, (owner.id, key), self.now(), || {
            let task = task_in(connection, id)?.filter(|task| task.owner == owner.id);
            let task = in_version(task.ok_or(TaskMutationError::NotFound)?, expected)?;
            let values = fields.over(task.values.clone(), owner.time_zone.0)?;
            self.update_task_in(connection, task, owner, &values, StatusBy::Setting)?;
            let written = task_in(connection, id)?.ok_or(CrmError::Damaged { what: "task" })?;
            Ok::<_, Failure>(keyed(&written))
        })?;
        Ok(Applied::of(owned_in(connection, owner, id)?))
    }

    fn apply_task_delete(
        &self,
        connection: &Connection,
        owner: &User,
        id: TaskId,
        expected: &TaskVersion,
    ) -> Result<TaskApplied, Failure> {
        match task_in(connection, id)? {
            None => Ok(TaskApplied::Removed),
            Some(task) if task.owner != owner.id => Err(TaskMutationError::NotFound.into()),
            Some(task) => {
                self.delete_task_in(connection, &in_version(task, expected)?)?;
                Ok(TaskApplied::Removed)
            }
        }
    }
}

/// A task that was just written, in the version that it has by that.
fn keyed(task: &Task) -> Keyed<TaskId> {
    Keyed { item: task.id, version: task.version.as_str().to_owned() }
}

fn in_version(task: Task, expected: &TaskVersion) -> Result<Task, TaskMutationError> {
    if task.version == *expected { Ok(task) } else { Err(TaskMutationError::VersionMismatch) }
}

#[cfg(test)]
mod tests;
