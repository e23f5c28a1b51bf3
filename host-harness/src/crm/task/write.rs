//! What every write of a task keeps true, whoever makes it: valid values, a
//! status that the workflow allows, an owner of the same organization, and a
//! journal entry for each change with everybody whom it concerns.
//!
//! Everything here runs within the caller's transaction. People's writes are
//! in [`super::store`], the component's in [`super::mutation`].

use rusqlite::Connection;

use super::journal::TASKS;
use super::record::{Task, TaskStatus, TaskValues};
use super::rows::{delete_row, insert_row, task_in, update_row};
use super::validate::{Refused, validate};
use super::workflow::{Restricted, is_active};
use crate::crm::ids::TaskId;
use crate::crm::journal::JournalKind;
use crate::crm::random::uuid_random;
use crate::crm::refusal::Failure;
use crate::crm::users::User;
use crate::crm::{Crm, CrmError};

/// What is refused of a write of a task.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A value is not acceptable.
    Value(Refused),
    /// The workflow is active.
    Restricted(Restricted),
}

/// Why a write of a task was not made.
pub(crate) type WriteError = Failure<Refusal>;

impl From<Refused> for WriteError {
    fn from(refused: Refused) -> Self {
        Self::Refused(Refusal::Value(refused))
    }
}

impl From<Refusal> for CrmError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Value(refused) => refused.into(),
            Refusal::Restricted(restricted) => restricted.value().into(),
        }
    }
}

/// By what a status changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusBy {
    /// It is set, as any other field.
    Setting,
    /// A transition leads to it.
    Transition,
}

impl Crm {
    /// Adds a task within a transaction. One without a uid gets one.
    pub(crate) fn insert_task_in(
        &self,
        connection: &Connection,
        owner: &User,
        creator: &User,
        mut values: TaskValues,
    ) -> Result<Task, WriteError> {
        if values.uid.is_empty() {
            values.uid = uuid_random(self.randomness().bytes(), TASKS.head(connection)?);
        }
        validate(&values)?;
        // The workflow begins with open.
        check_status(connection, TaskStatus::Open, values.status, StatusBy::Setting)?;
        let id = insert_row(connection, owner, creator, &values, self.now())?;
        TASKS.append(connection, owner.id, id, JournalKind::Upserted, self.now())?;
        written(connection, id)
    }

    /// Replaces the values of `stored` within a transaction, and gives it to
    /// `owner`, who is of the same organization. The one who had it meets it as
    /// deleted.
    pub(crate) fn update_task_in(
        &self,
        connection: &Connection,
        stored: Task,
        owner: &User,
        values: &TaskValues,
        by: StatusBy,
    ) -> Result<Task, WriteError> {
        if owner.id == stored.owner && *values == stored.values {
            return Ok(stored);
        }
        validate(values)?;
        check_status(connection, stored.values.status, values.status, by)?;
        update_row(connection, stored.id, owner, values, self.now())?;
        if owner.id != stored.owner {
            TASKS.append(connection, stored.owner, stored.id, JournalKind::Deleted, self.now())?;
        }
        TASKS.append(connection, owner.id, stored.id, JournalKind::Upserted, self.now())?;
        written(connection, stored.id)
    }

    /// Deletes `stored` within a transaction.
    pub(crate) fn delete_task_in(&self, connection: &Connection, stored: &Task) -> rusqlite::Result<()> {
        delete_row(connection, stored.id)?;
        TASKS.append(connection, stored.owner, stored.id, JournalKind::Deleted, self.now())?;
        Ok(())
    }
}

fn written(connection: &Connection, id: TaskId) -> Result<Task, WriteError> {
    Ok(task_in(connection, id)?.ok_or(CrmError::Damaged { what: "task" })?)
}

fn check_status(connection: &Connection, from: TaskStatus, to: TaskStatus, by: StatusBy) -> Result<(), WriteError> {
    match by {
        StatusBy::Setting if from != to && is_active(connection)? => {
            Err(WriteError::Refused(Refusal::Restricted(Restricted { from, to })))
        }
        StatusBy::Setting | StatusBy::Transition => Ok(()),
    }
}
