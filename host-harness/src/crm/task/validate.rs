//! Which values of a task fit together, whoever writes them.
//!
//! How a status may change is in [`super::workflow`].

use super::due::is_usual_year;
use super::record::TaskValues;
use super::{DESCRIPTION_BYTES_MAX, REMINDER_MINUTES_MAX, SUBJECT_LENGTH_MAX};
use crate::crm::error::InvalidValue;

/// Fields that are accepted or refused together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskGroup {
    /// The subject.
    Title,
    /// The description.
    Body,
    /// When it is due.
    Due,
    /// The reminder.
    Reminder,
    /// How much it matters.
    Importance,
    /// How far it is.
    Status,
    /// Whose it is, and what names it.
    Identity,
}

/// A value that is not accepted, and the group it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) group: TaskGroup,
    pub(crate) value: InvalidValue,
}

/// Makes a refusal of a value of this group.
pub(crate) fn in_group(group: TaskGroup) -> impl Fn(InvalidValue) -> Refused {
    move |value| Refused { group, value }
}

/// Checks the values of a task by themselves.
pub(crate) fn validate(values: &TaskValues) -> Result<(), Refused> {
    subject(&values.subject).map_err(in_group(TaskGroup::Title))?;
    description(values.description.as_deref()).map_err(in_group(TaskGroup::Body))?;
    due_date(values).map_err(in_group(TaskGroup::Due))?;
    reminder(values.reminder_minutes.map(i64::from)).map_err(in_group(TaskGroup::Reminder))?;
    Ok(())
}

fn subject(subject: &str) -> Result<(), InvalidValue> {
    let length = subject.chars().count();
    let refused = |code, found: &str, hint| InvalidValue {
        field: "subject",
        code,
        expected: format!("one line of 1 to {SUBJECT_LENGTH_MAX} characters"),
        found: found.to_owned(),
        hint,
    };
    if subject.trim().is_empty() {
        return Err(refused("blank-subject", "a blank one", "give the task a subject"));
    }
    if length > SUBJECT_LENGTH_MAX as usize {
        return Err(refused("subject-too-long", &length.to_string(), "shorten the subject"));
    }
    if subject.contains(['\n', '\r', '\0']) {
        return Err(refused("subject-not-one-line", "a line break", "put the rest into the description"));
    }
    Ok(())
}

fn description(description: Option<&str>) -> Result<(), InvalidValue> {
    let size = description.map_or(0, str::len);
    if size <= DESCRIPTION_BYTES_MAX as usize {
        return Ok(());
    }
    Err(InvalidValue {
        field: "description",
        code: "description-too-large",
        expected: format!("at most {DESCRIPTION_BYTES_MAX} bytes"),
        found: size.to_string(),
        hint: "shorten the description; pictures belong into attachments",
    })
}

fn due_date(values: &TaskValues) -> Result<(), InvalidValue> {
    match values.due_date {
        // Oro: "Due date must be set".
        None if values.reminder_minutes.is_some() => Err(InvalidValue {
            field: "dueDate",
            code: "due-date-missing",
            expected: "present, because the task has a reminder".to_owned(),
            found: "nothing".to_owned(),
            hint: "set a due date, or remove the reminder as well",
        }),
        Some(due) if !is_usual_year(due.date_naive()) => Err(InvalidValue {
            field: "dueDate",
            code: "year-out-of-range",
            expected: "in the years 2 to 9998".to_owned(),
            found: "another year".to_owned(),
            hint: "choose another date",
        }),
        Some(_) | None => Ok(()),
    }
}

/// Checks the minutes between a reminder and when the task is due.
pub(crate) fn reminder(minutes: Option<i64>) -> Result<Option<u32>, InvalidValue> {
    let Some(minutes) = minutes else {
        return Ok(None);
    };
    match u32::try_from(minutes) {
        Ok(minutes) if minutes <= REMINDER_MINUTES_MAX => Ok(Some(minutes)),
        _ => Err(InvalidValue {
            field: "reminderMinutes",
            code: "invalid-reminder",
            expected: format!("a number from 0 to {REMINDER_MINUTES_MAX}"),
            found: minutes.to_string(),
            hint: "remind at most a year before the task is due and not after it, or send `null` for no reminder",
        }),
    }
}
