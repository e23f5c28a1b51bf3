//! A task of a file, in words that fit both sides, and what became of tasks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::graph::calendar::pattern::Recurrence;
use crate::import::details::{Importance, LeftOutField};

/// A day, in the eyes of the person whose task it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskDay {
    /// The date where the person lives.
    pub on: NaiveDate,
    /// The instant, where the file names a time of day.
    pub at: Option<DateTime<Utc>>,
    /// Where the person lives.
    pub zone: Tz,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskProgress {
    /// Nobody works on it.
    NotStarted,
    /// Somebody does.
    InProgress,
    /// It is done.
    Completed,
}

/// A task of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTask {
    /// Its UID, where it has one.
    pub uid: Option<String>,
    /// The title: one line, not blank, at most as long as the CRM allows.
    pub title: String,
    /// The description, plain text.
    pub description: Option<String>,
    /// When it is due.
    pub due: Option<TaskDay>,
    /// When it can be begun with.
    pub start: Option<TaskDay>,
    /// When it was done, if it is.
    pub completed: Option<TaskDay>,
    /// How far it is.
    pub progress: TaskProgress,
    /// When the person is reminded.
    pub remind_at: Option<DateTime<Utc>>,
    pub(crate) importance: Importance,
    pub(crate) categories: Vec<String>,
    /// By which rule it is due again, from its due date on. Only what To Do
    /// repeats exactly.
    pub(crate) recurrence: Option<Recurrence>,
    /// What it says and no side has a place for.
    pub(crate) homeless: BTreeSet<LeftOutField>,
}

impl ImportedTask {
    /// What it says and the CRM has no column for (Oro section 7.4).
    pub(crate) fn of_microsoft_only(&self) -> impl Iterator<Item = LeftOutField> {
        let fields = [
            (self.start.is_some(), LeftOutField::Start),
            (self.completed.is_some(), LeftOutField::CompletedOn),
            (!self.categories.is_empty(), LeftOutField::Categories),
            (self.recurrence.is_some(), LeftOutField::Recurrence),
        ];
        fields.into_iter().filter(|(is_there, _)| *is_there).map(|(_, field)| field)
    }
}

/// What an import did with tasks.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskReport {
    /// Tasks that were created.
    pub created: usize,
    /// How many of these are recurring.
    pub recurring: usize,
    /// What there is no place for, in how many of the tasks that were created.
    pub left_out_fields: BTreeMap<LeftOutField, usize>,
}

impl TaskReport {
    /// Counts a task that was created without these.
    pub(crate) fn count(&mut self, left_out: impl IntoIterator<Item = LeftOutField>) {
        self.created += 1;
        for field in left_out {
            *self.left_out_fields.entry(field).or_default() += 1;
        }
    }
}
