//! The tasks of a batch into those of a user (Oro section 7.4): without start,
//! date of completion and repetition, and due at an instant.

use chrono::{DateTime, Utc};

use super::html_of;
use crate::crm::task::due::due_at;
use crate::crm::task::{AddedTask, NewTask, REMINDER_MINUTES_MAX, TaskPriority, TaskStatus, TaskValues};
use crate::crm::{Crm, CrmError, UserId};
use crate::import::batch::{ImportBatch, ImportReport};
use crate::import::details::{Importance, LeftOutField};
use crate::import::reason::{Left, SkipReason};
use crate::import::task::{ImportedTask, TaskProgress};

/// Adds all tasks.
pub(super) fn add_all(
    crm: &Crm,
    owner: UserId,
    batch: &ImportBatch,
    report: &mut ImportReport,
) -> Result<(), CrmError> {
    let mut tasks = Vec::new();
    let mut written = Vec::new();
    for task in &batch.tasks {
        match values(task) {
            Some(values) => {
                written.push((task, values.reminder_minutes));
                tasks.push(NewTask { uid: task.uid.clone(), values });
            }
            None => report.leave(Left::whole(task.uid.as_deref(), SkipReason::Refused).because("dueDate")),
        }
    }
    for ((task, reminder), added) in written.into_iter().zip(crm.add_tasks(owner, tasks)?) {
        let uid = task.uid.as_deref();
        match added {
            AddedTask::Created { opened, .. } => {
                let lost_reminder = task.remind_at.is_some() && reminder.is_none();
                let of_this = [(opened, LeftOutField::Status), (lost_reminder, LeftOutField::Reminder)];
                let of_this = of_this.into_iter().filter(|(is_lost, _)| *is_lost).map(|(_, field)| field);
                report.tasks.count(task.homeless.iter().copied().chain(task.of_microsoft_only()).chain(of_this));
            }
            AddedTask::Duplicate(_) => report.leave(Left::whole(uid, SkipReason::Duplicate)),
            AddedTask::Refused(value) => report.leave(Left::whole(uid, SkipReason::Refused).because(value.field)),
        }
    }
    Ok(())
}

/// The task in the CRM's words; none where no zone has the day on which it is
/// due.
fn values(task: &ImportedTask) -> Option<TaskValues> {
    let due_date = match task.due {
        Some(due) => Some(due.at.or_else(|| due_at(due.on, None, due.zone))?),
        None => None,
    };
    Some(TaskValues {
        subject: task.title.clone(),
        description: task.description.as_deref().map(html_of),
        due_date,
        priority: match task.importance {
            Importance::Low => TaskPriority::Low,
            Importance::Normal => TaskPriority::Normal,
            Importance::High => TaskPriority::High,
        },
        status: match task.progress {
            TaskProgress::NotStarted => TaskStatus::Open,
            TaskProgress::InProgress => TaskStatus::InProgress,
            TaskProgress::Completed => TaskStatus::Closed,
        },
        reminder_minutes: reminder_minutes(task.remind_at, due_date),
        uid: String::new(),
    })
}

/// The reminder as the CRM keeps it, where it can: in minutes before what is
/// due.
fn reminder_minutes(remind_at: Option<DateTime<Utc>>, due: Option<DateTime<Utc>>) -> Option<u32> {
    let minutes = (due? - remind_at?).num_minutes();
    u32::try_from(minutes).ok().filter(|minutes| *minutes <= REMINDER_MINUTES_MAX && remind_at <= due)
}

#[cfg(test)]
mod tests;
