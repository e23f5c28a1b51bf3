//! What people send to create or change a task.
//!
//! One shape for both, in which each field is a [`Change`]; what a new task
//! does not say has a default. Whether the values fit together is decided in
//! [`super::validate`], and whether a status may be set in [`super::workflow`].

use std::str::FromStr;

use serde::Deserialize;

use super::record::{TaskPriority, TaskStatus, TaskValues, TaskVersion};
use crate::crm::bounds::reminder_minutes;
use crate::crm::change::{Change, read_body, read_instant};
use crate::crm::error::InvalidValue;
use crate::crm::stored::UnknownWord;

/// A task as people send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TaskInput {
    /// The subject.
    pub subject: Change<String>,
    /// The description, HTML.
    pub description: Change<String>,
    /// RFC 3339.
    pub due_date: Change<String>,
    /// A [`TaskPriority`].
    pub priority: Change<String>,
    /// A [`TaskStatus`].
    pub status: Change<String>,
    /// Minutes before it is due.
    pub reminder_minutes: Change<i64>,
    /// Who has to do it, by login; a new task is for whoever makes it.
    pub assigned_to: Change<String>,
    /// The version that a change is based on; checked where it is given.
    pub version: Change<TaskVersion>,
}

impl TaskInput {
    /// Reads an input from JSON.
    ///
    /// # Errors
    /// The JSON has another shape: an unknown field, or one of a wrong type.
    pub fn from_json(value: serde_json::Value) -> Result<Self, InvalidValue> {
        read_body(value, "a task")
    }

    /// The values of a task after this change.
    pub(crate) fn over(self, kept: TaskValues) -> Result<TaskValues, InvalidValue> {
        let priority: Change<TaskPriority> = word(self.priority, "priority", "unknown-priority")?;
        let status: Change<TaskStatus> = word(self.status, "status", "unknown-status")?;
        Ok(TaskValues {
            subject: self.subject.filled(kept.subject, "subject")?,
            description: self.description.over(kept.description),
            due_date: read_instant(self.due_date, "dueDate")?.over(kept.due_date),
            priority: priority.filled(kept.priority, "priority")?,
            status: status.filled(kept.status, "status")?,
            reminder_minutes: self.reminder_minutes.try_map(reminder_minutes)?.over(kept.reminder_minutes),
            uid: kept.uid,
        })
    }
}

fn word<T: FromStr<Err = UnknownWord>>(
    text: Change<String>,
    field: &'static str,
    code: &'static str,
) -> Result<Change<T>, InvalidValue> {
    text.try_map(|text| {
        text.parse().map_err(|unknown: UnknownWord| InvalidValue {
            field,
            code,
            expected: format!("one of {}", unknown.expected),
            found: "another word".to_owned(),
            hint: "send one of them, or leave the field out",
        })
    })
}
