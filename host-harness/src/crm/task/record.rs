//! What a task is. Field names in JSON are those of the CRM's interface.
//!
//! Oro section 7.4: no start, no completion date, no recurrence, no checklist,
//! no whole days.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::crm::ids::{TaskId, UserId};
use crate::crm::stored::words;
pub use crate::crm::version::TaskVersion;

words! {
    /// How much a task matters, from little to much.
    pub enum TaskPriority {
        /// Little.
        Low = "low",
        /// As most do.
        Normal = "normal",
        /// Much.
        High = "high",
    }
}

words! {
    /// How far a task is. The words are unchangeable in Oro.
    pub enum TaskStatus {
        /// Nobody works on it.
        Open = "open",
        /// Somebody does.
        InProgress = "in_progress",
        /// It is done.
        Closed = "closed",
    }
}

/// The fields of a task that people and the component write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskValues {
    /// The subject: one line, not blank.
    pub subject: String,
    /// The description, HTML.
    pub description: Option<String>,
    /// When it is due.
    pub due_date: Option<DateTime<Utc>>,
    /// How much it matters.
    pub priority: TaskPriority,
    /// How far it is.
    pub status: TaskStatus,
    /// Minutes between the reminder and when it is due. One without a due date
    /// does not exist.
    pub reminder_minutes: Option<u32>,
    /// Names the task everywhere and always: a UUID, made by the CRM.
    pub uid: String,
}

impl TaskValues {
    /// What a new task starts from: Oro's defaults.
    pub(crate) const fn blank() -> Self {
        Self {
            subject: String::new(),
            description: None,
            due_date: None,
            priority: TaskPriority::Normal,
            status: TaskStatus::Open,
            reminder_minutes: None,
            uid: String::new(),
        }
    }
}

/// A stored task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// Its version.
    pub version: TaskVersion,
    /// Who has to do it. Decides what of the CRM it belongs to.
    #[serde(skip)]
    pub owner: UserId,
    /// The same by login: Oro's "Assigned To".
    pub assigned_to: String,
    /// Who has made it, by login.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Its fields.
    #[serde(flatten)]
    pub values: TaskValues,
}
