//! Reading and writing tasks: what people do with theirs.
//!
//! Calls of people name the owner, so that an identifier alone opens nobody
//! else's task. What a write has to keep true is in [`super::write`].

use rusqlite::Connection;

use super::input::TaskInput;
use super::record::{Task, TaskValues};
use super::rows::{task_in, tasks_in};
use super::workflow::{Transition, is_active};
use super::write::StatusBy;
use crate::crm::change::{Change, empty};
use crate::crm::error::InvalidValue;
use crate::crm::ids::{TaskId, UserId};
use crate::crm::users::{User, user_by_login_in, user_in};
use crate::crm::{Crm, CrmError};

impl Crm {
    /// Adds a task that `creator` makes, for himself or for the colleague whom
    /// the input names.
    ///
    /// # Errors
    /// A value is not acceptable, or the creator does not exist.
    pub fn create_task(&self, creator: UserId, input: TaskInput) -> Result<Task, CrmError> {
        self.write(|transaction| {
            let creator = user_in(transaction, creator)?;
            let owner = assigned(transaction, &input.assigned_to, &creator)?;
            let values = input.over(TaskValues::blank())?;
            Ok(self.insert_task_in(transaction, &owner, &creator, values)?)
        })
    }

    /// The tasks of `owner`, by when they are due; those without a due date
    /// last.
    ///
    /// # Errors
    /// The owner does not exist.
    pub fn tasks_of(&self, owner: UserId) -> Result<Vec<Task>, CrmError> {
        self.read(|connection| {
            let owner = user_in(connection, owner)?;
            Ok(tasks_in(connection, owner.id)?)
        })
    }

    /// The task with this identifier, whoever owns it: for the control
    /// interface, which names no user, and for pages, which look at the owner
    /// before they show it.
    ///
    /// # Errors
    /// There is none.
    pub fn any_task(&self, id: TaskId) -> Result<Task, CrmError> {
        self.read(|connection| task_in(connection, id)?.ok_or_else(not_found))
    }

    /// Changes a task of `owner`, and gives it to somebody else where the input
    /// says so. A change that leaves everything as it was is none: the version
    /// stays.
    ///
    /// # Errors
    /// A value is not acceptable, the task does not exist, or it is not in the
    /// version that the input names.
    pub fn update_task(&self, owner: UserId, id: TaskId, input: TaskInput) -> Result<Task, CrmError> {
        self.write(|transaction| {
            let stored = task_of(transaction, owner, id)?;
            stored.version.check(&input.version)?;
            let owner = user_in(transaction, stored.owner)?;
            let owner = assigned(transaction, &input.assigned_to, &owner)?;
            let values = input.over(stored.values.clone())?;
            Ok(self.update_task_in(transaction, stored, &owner, &values, StatusBy::Setting)?)
        })
    }

    /// Moves a task of `owner` to another status while the workflow is active.
    ///
    /// # Errors
    /// The task does not exist, its status does not allow the transition, or
    /// the workflow is not active.
    pub fn move_task(&self, owner: UserId, id: TaskId, transition: Transition) -> Result<Task, CrmError> {
        self.write(|transaction| {
            let stored = task_of(transaction, owner, id)?;
            if !is_active(transaction)? {
                return Err(inactive(transition).into());
            }
            let status = transition.taken_from(stored.values.status)?;
            let owner = user_in(transaction, stored.owner)?;
            let values = TaskValues { status, ..stored.values.clone() };
            Ok(self.update_task_in(transaction, stored, &owner, &values, StatusBy::Transition)?)
        })
    }

    /// Deletes a task of `owner`.
    ///
    /// # Errors
    /// The task does not exist.
    pub fn delete_task(&self, owner: UserId, id: TaskId) -> Result<(), CrmError> {
        self.write(|transaction| {
            let stored = task_of(transaction, owner, id)?;
            Ok(self.delete_task_in(transaction, &stored)?)
        })
    }
}

fn task_of(connection: &Connection, owner: UserId, id: TaskId) -> Result<Task, CrmError> {
    task_in(connection, id)?.filter(|task| task.owner == owner).ok_or_else(not_found)
}

/// No task under this identifier, or not of this user.
fn not_found() -> CrmError {
    CrmError::NotFound { kind: "task", named_by: "identifier" }
}

/// Who has to do a task: whom the input names, or `otherwise`. People of
/// another organization do not exist for a task.
fn assigned(connection: &Connection, login: &Change<String>, otherwise: &User) -> Result<User, CrmError> {
    let login = match login {
        Change::Keep => return Ok(otherwise.clone()),
        Change::Clear => return Err(empty("assignedTo").into()),
        Change::Set(login) => login,
    };
    let colleague = user_by_login_in(connection, login)?;
    let colleague = colleague.filter(|user| user.organization_id == otherwise.organization_id);
    Ok(colleague.ok_or_else(|| InvalidValue {
        field: "assignedTo",
        code: "unknown-user",
        expected: "the login of a user of the same organization".to_owned(),
        found: "another text".to_owned(),
        hint: "send the login of a colleague, or leave the field out",
    })?)
}

fn inactive(transition: Transition) -> InvalidValue {
    InvalidValue {
        field: "transition",
        code: "workflow-inactive",
        expected: "absent, because the task workflow is not active".to_owned(),
        found: format!("`{transition}`"),
        hint: "change the `status` of the task instead",
    }
}

#[cfg(test)]
mod tests;
