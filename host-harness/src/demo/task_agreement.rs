//! Whether both task lists show the same, task by task and field by field:
//! title, day on which it is due, importance, how far it is, and the text of the
//! body.
//!
//! Reads both sides without the component, as [`super::agreement`] does. Next:
//! [`super::report`].

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use serde_json::Value;

use super::agreement::{Agreement, count, text_of};
use super::error::DemoError;
use crate::crm::Crm;
use crate::crm::task::{Task, TaskPriority, TaskStatus};
use crate::crm::users::User;
use crate::graph::Microsoft;

/// What is compared of a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Facts {
    title: String,
    due_on: Option<NaiveDate>,
    importance: String,
    status: String,
    text: String,
}

/// Compares the tasks of `user` with those of the mailbox of the same address.
pub(super) fn compare(crm: &Crm, user: &User, microsoft: &Microsoft) -> Result<Agreement, DemoError> {
    let (in_crm, in_todo) = (crm.tasks_of(user.id)?, microsoft.tasks(&user.email)?);
    let zone = user.time_zone.0;
    Ok(count(in_crm.iter().map(|task| of_crm(task, zone)), in_todo.iter().map(|(_, task)| of_todo(task))))
}

fn of_crm(task: &Task, zone: Tz) -> Facts {
    let values = &task.values;
    let importance = match values.priority {
        TaskPriority::Low => "low",
        TaskPriority::Normal => "normal",
        TaskPriority::High => "high",
    };
    let status = match values.status {
        TaskStatus::Open => "notStarted",
        TaskStatus::InProgress => "inProgress",
        TaskStatus::Closed => "completed",
    };
    Facts {
        title: values.subject.clone(),
        due_on: values.due_date.map(|due| due.with_timezone(&zone).date_naive()),
        importance: importance.to_owned(),
        status: status.to_owned(),
        text: text_of(values.description.as_deref().unwrap_or_default()),
    }
}

fn of_todo(task: &Value) -> Facts {
    let text = |path: &str| task.pointer(path).and_then(Value::as_str).unwrap_or_default();
    Facts {
        title: text("/title").to_owned(),
        due_on: text("/dueDateTime/dateTime").parse().ok().map(|due: NaiveDateTime| due.date()),
        importance: text("/importance").to_owned(),
        status: text("/status").to_owned(),
        text: text_of(text("/body/content")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::crm::fixtures::{crm, person};
    use crate::crm::task::TaskInput;

    #[test]
    fn a_task_is_the_same_in_the_words_of_either_side() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let fields = json!({
            "subject": "Call", "description": "<p>About <b>it</b></p>", "dueDate": "2026-03-05T23:30:00Z",
            "priority": "high", "status": "in_progress",
        });
        let task = crm.create_task(alice.id, TaskInput::from_json(fields).unwrap()).unwrap();
        let todo = json!({
            "title": "Call", "importance": "high", "status": "inProgress",
            "dueDateTime": { "dateTime": "2026-03-06T00:00:00.0000000", "timeZone": "W. Europe Standard Time" },
            "body": { "contentType": "html", "content": "<html><body>About <b>it</b></body></html>" },
        });
        assert_eq!(of_crm(&task, Tz::Europe__Berlin), of_todo(&todo));
        assert_ne!(of_crm(&task, Tz::UTC), of_todo(&todo), "in UTC it is due a day before");
    }
}
