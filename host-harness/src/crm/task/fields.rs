//! What a mutation says about a task, and what the task then is.
//!
//! Whether the values are acceptable is decided in [`super::validate`], and
//! whether a status may be set in [`super::workflow`].

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::due::{due_at, due_on};
use super::owned::reminder_at;
use super::record::{TaskPriority, TaskStatus, TaskValues};
use super::validate::{Refused, TaskGroup};
use crate::crm::bounds::reminder_minutes;
use crate::crm::change::Change;
use crate::crm::error::InvalidValue;
use crate::crm::refusal::in_group;

/// The fields of a task; what is none or kept stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TaskFields {
    /// The title.
    pub title: Option<String>,
    /// The description, HTML; empty for none.
    pub body: Option<String>,
    /// The date on which it is due, in the owner's zone. The time of day that
    /// the task has stays, see [`due_at`].
    pub due_on: Change<NaiveDate>,
    /// When the owner is reminded: not behind the due instant, with which a
    /// reminder that is kept moves. It is stored in whole minutes before it, so
    /// it can come back later by less than a minute.
    pub reminder_at: Change<DateTime<Utc>>,
    /// How much it matters.
    pub importance: Option<TaskPriority>,
    /// How far it is.
    pub status: Option<TaskStatus>,
}

impl TaskFields {
    /// The values of a task after this change, for an owner in this zone.
    pub(super) fn over(self, mut values: TaskValues, zone: Tz) -> Result<TaskValues, Refused> {
        if let Some(title) = self.title {
            values.subject = title;
        }
        if let Some(body) = self.body {
            values.description = Some(body).filter(|text| !text.is_empty());
        }
        values.due_date = match self.due_on {
            Change::Keep => values.due_date,
            Change::Clear => None,
            Change::Set(date) => Some(due_at(date, values.due_date, zone).ok_or_else(no_such_day)?),
        };
        // The reminder is before the instant that the task is due at now.
        values.reminder_minutes = match self.reminder_at {
            Change::Keep => values.reminder_minutes,
            Change::Clear => None,
            Change::Set(at) => Some(minutes_before(at, &values, zone).map_err(in_group(TaskGroup::Reminder))?),
        };
        values.priority = self.importance.unwrap_or(values.priority);
        values.status = self.status.unwrap_or(values.status);
        Ok(values)
    }
}

fn no_such_day() -> Refused {
    in_group(TaskGroup::Due)(InvalidValue {
        field: "dueDate",
        code: "no-such-day",
        expected: "a date of the years 2 to 9998 that the owner's time zone has had".to_owned(),
        found: "another one".to_owned(),
        hint: "choose another date",
    })
}

fn minutes_before(at: DateTime<Utc>, values: &TaskValues, zone: Tz) -> Result<u32, InvalidValue> {
    let Some(due) = values.due_date else {
        return Err(InvalidValue {
            field: "reminderMinutes",
            code: "due-date-missing",
            expected: "absent, because the task has no due date".to_owned(),
            found: "a reminder".to_owned(),
            hint: "set a due date as well",
        });
    };
    // What reads as this instant stays as it is stored.
    if let (Some(minutes), Some(stored)) = (values.reminder_minutes, reminder_at(values))
        && stored == at
    {
        return Ok(minutes);
    }
    if at > due {
        return Err(InvalidValue {
            field: "reminderMinutes",
            code: "reminder-after-due",
            expected: format!("not behind the due instant, which is on {}", due_on(due, zone)),
            found: "a later one".to_owned(),
            hint: "remind earlier, or move the due date",
        });
    }
    let before: TimeDelta = due - at;
    reminder_minutes(before.num_minutes())
}
