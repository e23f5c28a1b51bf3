//! What changed among somebody's tasks since he last looked.
//!
//! How a journal works is in [`crate::crm::journal`]. A task that goes to
//! another user is deleted in the eyes of the one who had it, and new in those
//! of the one who gets it.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};

use super::owned::{OwnedTask, owned_in};
use crate::crm::error::at_most;
use crate::crm::ids::{TaskId, UserId};
use crate::crm::journal::{CHANGES_MAX, ChangePage, ChangesError, Cursor, Journal, JournalKind, PurgedHistory};
use crate::crm::users::user_in;
use crate::crm::{Crm, CrmError};

/// The journal of the tasks of a user.
pub(crate) const TASKS: Journal<UserId, TaskId> = Journal {
    cursor_format: "t1",
    entries: "task_journal",
    keys: "task_idempotency",
    holder: "owner_id",
    item: "task_id",
    holders: "user",
    floor: "task_journal_floor",
    met: "TRUE",
    of: PhantomData,
};

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskChange {
    /// The task was created or changed, or came from somebody else; its present
    /// state.
    Upserted(Box<OwnedTask>),
    /// The task was deleted, or went to somebody else.
    Deleted {
        /// Which.
        id: TaskId,
    },
}

/// A page of changes of tasks.
pub type TaskChanges = ChangePage<TaskChange>;

impl Crm {
    /// Up to `limit` changes (at least 1, at most [`CHANGES_MAX`]) of the tasks
    /// of `owner` behind `after`; without it, every task once.
    ///
    /// # Errors
    /// The cursor has expired, or the owner does not exist.
    pub fn task_changes(
        &self,
        owner: UserId,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<TaskChanges, ChangesError> {
        self.read(|connection| {
            let owner = user_in(connection, owner)?;
            TASKS.page(connection, owner.id, after, limit)?.try_map(|(id, kind)| match kind {
                JournalKind::Deleted => Ok(TaskChange::Deleted { id }),
                JournalKind::Upserted => {
                    let task = owned_in(connection, &owner, id)?;
                    Ok(TaskChange::Upserted(Box::new(task.ok_or(CrmError::Damaged { what: "journal" })?)))
                }
            })
        })
    }

    /// The tasks of `owner` with these identifiers, in their order; none where
    /// one is not his.
    ///
    /// # Errors
    /// More than [`CHANGES_MAX`] identifiers, or the owner does not exist.
    pub fn tasks_by_id(&self, owner: UserId, ids: &[TaskId]) -> Result<Vec<Option<OwnedTask>>, CrmError> {
        at_most(CHANGES_MAX, "identifiers", ids.len())?;
        self.read(|connection| {
            let owner = user_in(connection, owner)?;
            Ok(ids.iter().map(|id| owned_in(connection, &owner, *id)).collect::<Result<_, _>>()?)
        })
    }

    /// When a task was changed last; none where that was forgotten.
    ///
    /// # Errors
    /// The database fails.
    pub fn task_changed_at(&self, id: TaskId) -> Result<Option<DateTime<Utc>>, CrmError> {
        self.read(|connection| Ok(TASKS.changed_at(connection, id)?))
    }

    /// Forgets tombstones and idempotency keys whose time is over, of all
    /// users' tasks.
    pub fn purge_task_history(&self) -> Result<PurgedHistory, CrmError> {
        self.write(|transaction| Ok(TASKS.purge(transaction, self.now())?))
    }
}

#[cfg(test)]
mod tests;
