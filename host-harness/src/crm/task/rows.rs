//! Tasks as they stand in their table.
//!
//! Nothing is checked here; see [`super::write`].

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::record::{Task, TaskValues, TaskVersion};
use crate::crm::ids::{TaskId, UserId};
use crate::crm::stored::Millis;
use crate::crm::users::User;

/// Every column of a task, in the order of [`task_from_row`]; a condition
/// follows. The number of the owner's last journal entry is the version.
pub(super) const TASK_QUERY: &str =
    "SELECT task.id, sequence, task.owner_id, owner.login, creator.login, created_at, updated_at, subject,
        description, due_at, priority, status, reminder_minutes, uid
    FROM task
    JOIN user AS owner ON owner.id = task.owner_id
    JOIN user AS creator ON creator.id = task.created_by_id
    JOIN task_journal AS journal ON journal.task_id = task.id AND journal.owner_id = task.owner_id";

/// The task with this identifier, whoever owns it.
pub(super) fn task_in(connection: &Connection, id: TaskId) -> rusqlite::Result<Option<Task>> {
    connection.prepare_cached(&format!("{TASK_QUERY} WHERE task.id = ?1"))?.query_row([id], task_from_row).optional()
}

/// The task with this uid, whoever owns it.
pub(super) fn task_id_of_uid_in(connection: &Connection, uid: &str) -> rusqlite::Result<Option<TaskId>> {
    connection.prepare_cached("SELECT id FROM task WHERE uid = ?1")?.query_row([uid], |row| row.get(0)).optional()
}

/// The tasks of a user, by when they are due; those without a due date last.
pub(super) fn tasks_in(connection: &Connection, owner: UserId) -> rusqlite::Result<Vec<Task>> {
    connection
        .prepare_cached(&format!("{TASK_QUERY} WHERE task.owner_id = ?1 ORDER BY due_at IS NULL, due_at, task.id"))?
        .query_map([owner], task_from_row)?
        .collect()
}

/// Adds a row.
pub(super) fn insert_row(
    connection: &Connection,
    owner: &User,
    creator: &User,
    values: &TaskValues,
    at: DateTime<Utc>,
) -> rusqlite::Result<TaskId> {
    connection
        .prepare_cached(
            "INSERT INTO task (owner_id, organization_id, created_by_id, uid, subject, description, due_at, priority,
                status, reminder_minutes, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
        )?
        .execute(params![
            owner.id,
            owner.organization_id,
            creator.id,
            values.uid,
            values.subject,
            values.description,
            values.due_date.map(Millis),
            values.priority,
            values.status,
            values.reminder_minutes,
            Millis(at),
        ])?;
    Ok(TaskId::from_number(connection.last_insert_rowid()))
}

/// Replaces what can change in a row.
pub(super) fn update_row(
    connection: &Connection,
    id: TaskId,
    owner: &User,
    values: &TaskValues,
    at: DateTime<Utc>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE task SET owner_id = ?2, subject = ?3, description = ?4, due_at = ?5, priority = ?6, status = ?7,
                reminder_minutes = ?8, updated_at = ?9
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            owner.id,
            values.subject,
            values.description,
            values.due_date.map(Millis),
            values.priority,
            values.status,
            values.reminder_minutes,
            Millis(at),
        ])?;
    Ok(())
}

/// Removes a row.
pub(super) fn delete_row(connection: &Connection, id: TaskId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM task WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Reads a row of [`TASK_QUERY`].
fn task_from_row(row: &Row<'_>) -> rusqlite::Result<Task> {
    let values = TaskValues {
        subject: row.get(7)?,
        description: row.get(8)?,
        due_date: row.get::<_, Option<Millis>>(9)?.map(|instant| instant.0),
        priority: row.get(10)?,
        status: row.get(11)?,
        reminder_minutes: row.get(12)?,
        uid: row.get(13)?,
    };
    Ok(Task {
        id: row.get(0)?,
        version: TaskVersion::of_sequence(row.get(1)?),
        owner: row.get(2)?,
        assigned_to: row.get(3)?,
        created_by: row.get(4)?,
        created_at: row.get::<_, Millis>(5)?.0,
        updated_at: row.get::<_, Millis>(6)?.0,
        values,
    })
}
