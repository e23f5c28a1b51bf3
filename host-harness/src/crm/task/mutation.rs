//! What the component writes into somebody's tasks.
//!
//! A mutation names the version it is based on, or brings a key that makes a
//! repeated create harmless. Mutations of one call are durable together, and
//! one that is refused does not touch the others.

use rusqlite::{Connection, Transaction};

use super::fields::TaskFields;
use super::journal::TASKS;
use super::owned::{OwnedTask, owned_in};
use super::record::{Task, TaskStatus, TaskValues, TaskVersion};
use super::rows::task_in;
use super::validate::{Refused, TaskGroup};
use super::workflow::Restricted;
use super::write::{StatusBy, WriteError};
use crate::crm::error::InvalidValue;
use crate::crm::ids::{TaskId, UserId};
use crate::crm::journal::{KeyError, MUTATIONS_MAX};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskApplied {
    /// The task as it is now stored.
    Stored(Box<OwnedTask>),
    /// The task is gone; also when it was gone before.
    Removed,
}

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

/// A refusal of one mutation, or a failure of the whole call.
enum Failure {
    Mutation(TaskMutationError),
    Crm(CrmError),
}

impl From<TaskMutationError> for Failure {
    fn from(error: TaskMutationError) -> Self {
        Self::Mutation(error)
    }
}

impl From<Refused> for Failure {
    fn from(Refused { group, value }: Refused) -> Self {
        Self::Mutation(TaskMutationError::Invalid { group, value })
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Crm(error.into())
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unusable(value) => Refused { group: TaskGroup::Identity, value }.into(),
            KeyError::Storage(error) => error.into(),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(refused) => refused.into(),
            WriteError::Restricted(Restricted { from, to }) => {
                Self::Mutation(TaskMutationError::WorkflowRestricted { from, to })
            }
            WriteError::Crm(error) => Self::Crm(error),
        }
    }
}

impl Crm {
    /// Makes the mutations one by one among the tasks of `owner`, and answers
    /// for each in their order.
    ///
    /// # Errors
    /// More than [`MUTATIONS_MAX`] mutations, no such owner, or the database
    /// fails: then none was made.
    pub fn apply_to_tasks(
        &self,
        owner: UserId,
        mutations: Vec<TaskMutation>,
    ) -> Result<Vec<Result<TaskApplied, TaskMutationError>>, CrmError> {
        if mutations.len() > MUTATIONS_MAX {
            return Err(CrmError::TooMany { what: "mutations", max: MUTATIONS_MAX, found: mutations.len() });
        }
        self.write(|transaction| {
            let owner = user_in(transaction, owner)?;
            mutations.into_iter().map(|mutation| self.apply_task(transaction, &owner, mutation)).collect()
        })
    }

    /// Makes one mutation, or takes back what it had begun.
    fn apply_task(
        &self,
        transaction: &mut Transaction<'_>,
        owner: &User,
        mutation: TaskMutation,
    ) -> Result<Result<TaskApplied, TaskMutationError>, CrmError> {
        let savepoint = transaction.savepoint()?;
        let outcome = match mutation {
            TaskMutation::Create { idempotency_key, fields } => {
                self.apply_task_create(&savepoint, owner, &idempotency_key, fields)
            }
            TaskMutation::Update { id, expected, fields } => {
                self.apply_task_update(&savepoint, owner, id, &expected, fields)
            }
            TaskMutation::Delete { id, expected } => self.apply_task_delete(&savepoint, owner, id, &expected),
        };
        match outcome {
            Ok(applied) => {
                savepoint.commit()?;
                Ok(Ok(applied))
            }
            // Dropping the savepoint rolls back to it.
            Err(Failure::Mutation(error)) => Ok(Err(error)),
            Err(Failure::Crm(error)) => Err(error),
        }
    }

    fn apply_task_create(
        &self,
        connection: &Connection,
        owner: &User,
        key: &str,
        fields: TaskFields,
    ) -> Result<TaskApplied, Failure> {
        if let Some(id) = TASKS.item_of_key(connection, owner.id, key)? {
            let task = owned_in(connection, owner, id)?;
            return Ok(task.map_or(TaskApplied::Removed, |task| TaskApplied::Stored(Box::new(task))));
        }
        let values = fields.over(TaskValues::blank(), owner.time_zone.0)?;
        let task = self.insert_task_in(connection, owner, owner, values)?;
        TASKS.remember_key(connection, owner.id, key, task.id, self.now())?;
        stored(connection, owner, task.id)
    }

    fn apply_task_update(
        &self,
        connection: &Connection,
        owner: &User,
        id: TaskId,
        expected: &TaskVersion,
        fields: TaskFields,
    ) -> Result<TaskApplied, Failure> {
        let task = task_in(connection, id)?.filter(|task| task.owner == owner.id);
        let task = in_version(task.ok_or(TaskMutationError::NotFound)?, expected)?;
        let values = fields.over(task.values.clone(), owner.time_zone.0)?;
        self.update_task_in(connection, task, owner, &values, StatusBy::Setting)?;
        stored(connection, owner, id)
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

fn in_version(task: Task, expected: &TaskVersion) -> Result<Task, TaskMutationError> {
    if task.version == *expected { Ok(task) } else { Err(TaskMutationError::VersionMismatch) }
}

fn stored(connection: &Connection, owner: &User, id: TaskId) -> Result<TaskApplied, Failure> {
    let task = owned_in(connection, owner, id)?.ok_or(Failure::Crm(CrmError::Damaged { what: "task" }))?;
    Ok(TaskApplied::Stored(Box::new(task)))
}

#[cfg(test)]
mod tests;
