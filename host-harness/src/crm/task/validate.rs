//! Which values of a task fit together, whoever writes them.
//!
//! How a status may change is in [`super::workflow`].

use super::SUBJECT_LENGTH_MAX;
use super::record::TaskValues;
use crate::crm::bounds::{OneLine, description, is_usual_year, reminder_minutes};
use crate::crm::error::InvalidValue;
use crate::crm::refusal::{self, in_group};

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

/// A value of a task that is not accepted.
pub(crate) type Refused = refusal::Refused<TaskGroup>;

/// The subject: a column of Oro's.
const SUBJECT: OneLine = OneLine {
    field: "subject",
    length_max: SUBJECT_LENGTH_MAX,
    blank: ("blank-subject", "give the task a subject"),
    too_long: ("subject-too-long", "shorten the subject"),
    broken: ("subject-not-one-line", "put the rest into the description"),
};

/// Checks the values of a task by themselves.
pub(crate) fn validate(values: &TaskValues) -> Result<(), Refused> {
    SUBJECT.check(&values.subject).map_err(in_group(TaskGroup::Title))?;
    description(values.description.as_deref()).map_err(in_group(TaskGroup::Body))?;
    due_date(values).map_err(in_group(TaskGroup::Due))?;
    values.reminder_minutes.map(reminder_minutes).transpose().map_err(in_group(TaskGroup::Reminder))?;
    Ok(())
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
        Some(due) if !is_usual_year(&due) => Err(InvalidValue {
            field: "dueDate",
            code: "year-out-of-range",
            expected: "in the years 2 to 9998".to_owned(),
            found: "another year".to_owned(),
            hint: "choose another date",
        }),
        Some(_) | None => Ok(()),
    }
}
