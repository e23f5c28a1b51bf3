//! What does a task of Microsoft To Do say, in our words, and how is it written?
//!
//! [`read_task`] turns a task into a record, or into one [`TaskIssue`] that names
//! what is wrong with it. On which day a task is due is a question of its own
//! ([`due`]), as are the JSON of writes ([`write`](mod@write)) and what the CRM can
//! hold ([`fit`]). By which rule a task repeats, its checklist, its start, its
//! files and its categories are Microsoft's alone: neither read nor written.

mod crm;
mod due;
mod fit;
mod write;

use std::fmt;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::body;
use super::times::parsed_local;
use super::zones::{ZoneIssue, zone_from_graph};
use crate::graph::wire::{self, DateTimeTimeZone, TodoStatus, TodoTask};
use crate::model::{
    FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Html, Importance, Instant, LinkId, Record, TaskStatus,
    Zone,
};

pub use crm::{CrmWrite, as_shown_in_crm, changed_crm_task, match_key_in_crm, new_crm_task, without_refused};
pub use fit::fit_task;
pub use write::{create_task_body, linked_resource, patch_task_body};

/// A property of a task that holds a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskTime {
    /// The day on which it is due.
    Due,
    /// The reminder.
    Reminder,
}

impl fmt::Display for TaskTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Due => "due date",
            Self::Reminder => "reminder",
        })
    }
}

/// Why a task cannot be read. The task is left as it is on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TaskIssue {
    /// Nothing to link it by.
    #[error("expected a task with an id, but found none")]
    MissingId,
    /// Not a date and a time.
    #[error("expected a date and a time for the {0}, but found another text")]
    MalformedTime(TaskTime),
    /// In a zone that means nothing here.
    #[error("the time zone of the {0} is not known")]
    UnknownZone(TaskTime, #[source] ZoneIssue),
}

impl TaskIssue {
    /// The name in reports; never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingId => "missing-id",
            Self::MalformedTime(_) => "malformed-time",
            Self::UnknownZone(..) => "unknown-zone",
        }
    }
}

/// A key that a task bears: the external id of a linked resource. Another
/// application's may be anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlation {
    /// The key.
    pub link: LinkId,
    /// The linked resource that it is of.
    pub resource: Option<String>,
}

/// A task of Graph, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedTask {
    /// Its id, which is another one after a move to another list
    /// (`resources/todotask`).
    pub id: GraphId,
    /// Its version, where the answer carries one.
    pub version: Option<GraphVersion>,
    /// When it was changed last. For people; never decides who wins.
    pub modified_at: Option<Instant>,
    /// Its groups: title, body, due, reminder, importance and status.
    pub record: Record,
    /// Groups that may be written.
    pub writable: FieldSet,
    /// Groups that have a value which is too large to be compared.
    pub unread: FieldSet,
    /// Whether it repeats. Completing it brings the next one, and the task that
    /// keeps the id may be either (RogerSelwyn/MS365-ToDo#62, #25).
    pub is_recurring: bool,
    /// The keys that it bears; none where the answer does not say.
    pub correlations: Option<Vec<Correlation>>,
}

/// Reads a task of a mailbox whose time zone is `zone`.
///
/// # Errors
/// See [`TaskIssue`].
pub fn read_task(task: &TodoTask, zone: Zone) -> Result<MappedTask, TaskIssue> {
    let id = task.id.as_deref().map(GraphId::new).ok_or(TaskIssue::MissingId)?;
    let record = record(task, zone)?;
    let is_recurring = task.recurrence.is_some();
    Ok(MappedTask {
        id,
        version: task.etag.as_deref().map(GraphVersion::new),
        modified_at: task.last_modified_date_time.as_deref().and_then(instant_with_offset),
        writable: writable(&record, is_recurring),
        unread: unread(task, &record),
        record,
        is_recurring,
        correlations: correlations(task),
    })
}

/// All groups of a task. Null is a value: none, empty, default. A group whose
/// value this version does not know is left out.
fn record(task: &TodoTask, zone: Zone) -> Result<Record, TaskIssue> {
    let due = task.due_date_time.as_ref().map(|due| {
        let at = instant(due, TaskTime::Due)?;
        due::day_of(at, zone).ok_or(TaskIssue::MalformedTime(TaskTime::Due))
    });
    let values = [
        Some(FieldValue::Title(task.title.clone().unwrap_or_default())),
        task.body.as_ref().map_or_else(|| Some(Html::default()), body::read_item).map(FieldValue::Body),
        Some(FieldValue::RemindAt(remind_at(task)?)),
        importance(task).map(FieldValue::Importance),
        status(task).map(FieldValue::Status),
        Some(FieldValue::Due(due.transpose()?)),
    ];
    Ok(values.into_iter().flatten().collect())
}

/// The instant of a reminder that is on. One that is off keeps its time in the
/// mailbox, which means nothing.
fn remind_at(task: &TodoTask) -> Result<Option<Instant>, TaskIssue> {
    let reminder = task.reminder_date_time.as_ref().filter(|_| task.is_reminder_on == Some(true));
    reminder.map(|reminder| instant(reminder, TaskTime::Reminder)).transpose()
}

/// An instant of an answer, whatever zone it came in.
fn instant(value: &DateTimeTimeZone, what: TaskTime) -> Result<Instant, TaskIssue> {
    let malformed = || TaskIssue::MalformedTime(what);
    let local = value.date_time.as_deref().and_then(parsed_local).ok_or_else(malformed)?;
    let name = value.time_zone.as_deref().unwrap_or("UTC");
    let zone = zone_from_graph(name).map_err(|issue| TaskIssue::UnknownZone(what, issue))?;
    zone.instant_of_local(local).ok_or_else(malformed)
}

fn instant_with_offset(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| Instant::from(time.to_utc()))
}

fn importance(task: &TodoTask) -> Option<Importance> {
    match task.importance.as_ref() {
        Some(wire::Importance::Low) => Some(Importance::Low),
        Some(wire::Importance::Normal) | None => Some(Importance::Normal),
        Some(wire::Importance::High) => Some(Importance::High),
        Some(wire::Importance::Unrecognised(_)) => None,
    }
}

/// Waiting and deferred tasks are ones that somebody has begun with (Oro row
/// T2).
fn status(task: &TodoTask) -> Option<TaskStatus> {
    match task.status.as_ref() {
        Some(TodoStatus::NotStarted) | None => Some(TaskStatus::Open),
        Some(TodoStatus::InProgress | TodoStatus::WaitingOnOthers | TodoStatus::Deferred) => {
            Some(TaskStatus::InProgress)
        }
        Some(TodoStatus::Completed) => Some(TaskStatus::Closed),
        Some(TodoStatus::Unrecognised(_)) => None,
    }
}

/// A group without a readable value is not written, or the value that nobody
/// here understands would be lost. The date of a task that repeats is not,
/// because the service then leaves that task as it is and opens another one
/// (microsoft-graph-docs#5424).
fn writable(record: &Record, is_recurring: bool) -> FieldSet {
    record.groups().iter().filter(|group| !(is_recurring && *group == FieldGroup::Due)).collect()
}

/// Groups of `task` that are not in its `record`, because their value is too
/// large to be compared.
fn unread(task: &TodoTask, record: &Record) -> FieldSet {
    let has_body = task.body.is_some() && record.get(FieldGroup::Body).is_none();
    if has_body { FieldSet::EMPTY.with(FieldGroup::Body) } else { FieldSet::EMPTY }
}

/// What `task` says of the keys that it bears; none where it does not say, as
/// where a page leaves the relation out.
pub fn correlations(task: &TodoTask) -> Option<Vec<Correlation>> {
    let linked = task.linked_resources.as_ref()?.iter();
    let keys = linked.filter_map(|resource| {
        let key = resource.external_id.as_deref().filter(|key| !key.is_empty())?;
        Some(Correlation { link: LinkId::new(key), resource: resource.id.clone() })
    });
    Some(keys.collect())
}

/// The key by which unlinked tasks of both sides are recognised as one: title,
/// importance and day (Oro row E10). Blanks around a title and its case do not
/// count; an importance that is not said is normal.
pub fn task_match_key(record: &Record) -> String {
    let importance = match record.get(FieldGroup::Importance) {
        Some(FieldValue::Importance(importance)) => *importance,
        _ => Importance::Normal,
    };
    let due = record.due().map(|due| due.to_string()).unwrap_or_default();
    format!("{due}|{}|{}", super::write::importance_text(importance), record.title().trim().to_lowercase())
}

#[cfg(test)]
mod tests;
