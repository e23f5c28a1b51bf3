//! Tasks as the component sees them: with the date and the instant that their
//! owner's clock makes of what is stored.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::Connection;

use super::due::due_on;
use super::record::{Task, TaskValues};
use super::rows::task_in;
use crate::crm::ids::TaskId;
use crate::crm::users::User;

/// A task in the eyes of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedTask {
    /// The task. Its due date is an instant.
    pub task: Task,
    /// The date of that instant in the owner's zone.
    pub due_on: Option<NaiveDate>,
    /// When the owner is reminded.
    pub reminder_at: Option<DateTime<Utc>>,
}

impl OwnedTask {
    fn of(task: Task, owner: &User) -> Self {
        let due_on = task.values.due_date.map(|due| due_on(due, owner.time_zone.0));
        let reminder_at = reminder_at(&task.values);
        Self { task, due_on, reminder_at }
    }
}

/// When somebody is reminded of a task.
pub(super) fn reminder_at(values: &TaskValues) -> Option<DateTime<Utc>> {
    let (due, minutes) = (values.due_date?, values.reminder_minutes?);
    due.checked_sub_signed(TimeDelta::minutes(i64::from(minutes)))
}

/// The task with this identifier; none where it is not one of `owner`.
pub(super) fn owned_in(connection: &Connection, owner: &User, id: TaskId) -> rusqlite::Result<Option<OwnedTask>> {
    let task = task_in(connection, id)?.filter(|task| task.owner == owner.id);
    Ok(task.map(|task| OwnedTask::of(task, owner)))
}
