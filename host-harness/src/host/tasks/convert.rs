//! Tasks and mutations between the contract and the CRM, without catch-all
//! arms.

use chrono::{DateTime, NaiveDate, Utc};

use crate::crm::change::Change;
use crate::crm::task::{
    OwnedTask, TaskChange, TaskFields, TaskGroup, TaskMutation, TaskPriority, TaskStatus, TaskVersion,
};
use crate::host::bindings::tandem::host::event::Importance;
use crate::host::bindings::tandem::host::tasks as wire;
use crate::host::context::HostFacts;
use crate::host::times::{date_from, date_of, instant_from};

/// The contract's name of a group. An identity cannot be written by the
/// component and has none.
pub(super) fn groups_of(group: TaskGroup) -> wire::TaskGroups {
    match group {
        TaskGroup::Title => wire::TaskGroups::TITLE,
        TaskGroup::Body => wire::TaskGroups::BODY,
        TaskGroup::Due => wire::TaskGroups::DUE,
        TaskGroup::Reminder => wire::TaskGroups::REMINDER,
        TaskGroup::Importance => wire::TaskGroups::IMPORTANCE,
        TaskGroup::Status => wire::TaskGroups::STATUS,
        TaskGroup::Identity => wire::TaskGroups::empty(),
    }
}

pub(super) fn change_of(change: TaskChange, facts: &HostFacts) -> wire::Change {
    match change {
        TaskChange::Upserted(task) => wire::Change::Upserted(task_of(*task, facts)),
        TaskChange::Deleted { id } => wire::Change::Deleted(id.to_string()),
    }
}

/// A task in the eyes of its owner.
pub(super) fn task_of(owned: OwnedTask, facts: &HostFacts) -> wire::Task {
    let OwnedTask { task, due_on, reminder_at } = owned;
    let reminder = reminder_at.map(|at| wire::TaskReminder::At(at.timestamp_millis()));
    wire::Task {
        web_url: Some(format!("{}{}", facts.task_pages, task.id)),
        id: task.id.to_string(),
        version: task.version.as_str().to_owned(),
        fields: wire::TaskFields {
            title: Some(task.values.subject),
            body: Some(task.values.description.unwrap_or_default()),
            due: Some(due_on.map_or(wire::TaskDue::None, |day| wire::TaskDue::On(date_of(day)))),
            reminder: Some(reminder.unwrap_or(wire::TaskReminder::None)),
            importance: Some(importance_of(task.values.priority)),
            status: Some(status_of(task.values.status)),
        },
    }
}

/// The mutation in the CRM's words.
///
/// # Errors
/// The group that cannot be understood, and what it expects.
pub(super) fn mutation_of(mutation: wire::Mutation) -> Result<TaskMutation, wire::MutationError> {
    Ok(match mutation {
        wire::Mutation::Create(create) => {
            TaskMutation::Create { idempotency_key: create.idempotency_key, fields: fields_of(create.fields)? }
        }
        wire::Mutation::Update(update) => TaskMutation::Update {
            id: update.id.parse().map_err(|_| wire::MutationError::NotFound)?,
            expected: TaskVersion::remembered(&update.expected),
            idempotency_key: update.idempotency_key,
            fields: fields_of(update.fields)?,
        },
        wire::Mutation::Delete(delete) => TaskMutation::Delete {
            id: delete.id.parse().map_err(|_| wire::MutationError::NotFound)?,
            expected: TaskVersion::remembered(&delete.expected),
        },
    })
}

fn fields_of(fields: wire::TaskFields) -> Result<TaskFields, wire::MutationError> {
    let wire::TaskFields { title, body, due, reminder, importance, status } = fields;
    Ok(TaskFields {
        title,
        body,
        due_on: due.map_or(Ok(Change::Keep), due_from)?,
        reminder_at: reminder.map_or(Ok(Change::Keep), reminder_from)?,
        importance: importance.map(importance_from),
        status: status.map(status_from),
    })
}

fn due_from(due: wire::TaskDue) -> Result<Change<NaiveDate>, wire::MutationError> {
    match due {
        wire::TaskDue::None => Ok(Change::Clear),
        wire::TaskDue::On(day) => {
            date_from(day).map(Change::Set).ok_or_else(|| invalid(wire::TaskGroups::DUE, "a day of the calendar"))
        }
    }
}

fn reminder_from(reminder: wire::TaskReminder) -> Result<Change<DateTime<Utc>>, wire::MutationError> {
    match reminder {
        wire::TaskReminder::None => Ok(Change::Clear),
        wire::TaskReminder::At(at) => instant_from(at)
            .map(Change::Set)
            .ok_or_else(|| invalid(wire::TaskGroups::REMINDER, "an instant of the years 1 to 9999")),
    }
}

fn invalid(group: wire::TaskGroups, expected: &str) -> wire::MutationError {
    wire::MutationError::Invalid((group, expected.to_owned()))
}

const fn importance_of(priority: TaskPriority) -> Importance {
    match priority {
        TaskPriority::Low => Importance::Low,
        TaskPriority::Normal => Importance::Normal,
        TaskPriority::High => Importance::High,
    }
}

const fn importance_from(importance: Importance) -> TaskPriority {
    match importance {
        Importance::Low => TaskPriority::Low,
        Importance::Normal => TaskPriority::Normal,
        Importance::High => TaskPriority::High,
    }
}

const fn status_of(status: TaskStatus) -> wire::TaskStatus {
    match status {
        TaskStatus::Open => wire::TaskStatus::Open,
        TaskStatus::InProgress => wire::TaskStatus::InProgress,
        TaskStatus::Closed => wire::TaskStatus::Closed,
    }
}

const fn status_from(status: wire::TaskStatus) -> TaskStatus {
    match status {
        wire::TaskStatus::Open => TaskStatus::Open,
        wire::TaskStatus::InProgress => TaskStatus::InProgress,
        wire::TaskStatus::Closed => TaskStatus::Closed,
    }
}
