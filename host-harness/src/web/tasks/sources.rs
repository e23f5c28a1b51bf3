//! The tasks of Microsoft's side in the shape that the page shows.
//!
//! Read from the emulator itself, as a person would see them in To Do; it costs
//! no request and is in no count.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

use crate::crm::TaskId;
use crate::crm::users::User;
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::mailbox::{self, Mailbox, Unseen};

/// How far a task is (resources/todotask).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TodoStatus {
    /// `notStarted`.
    NotStarted,
    /// `inProgress`.
    InProgress,
    /// `completed`.
    Completed,
    /// `waitingOnOthers`.
    WaitingOnOthers,
    /// `deferred`.
    Deferred,
}

/// A task of To Do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodoTask {
    /// What Graph calls it.
    pub id: String,
    /// The task of the CRM that it is linked with; none where nobody has asked
    /// ([`super::twins::linked`]).
    pub crm_id: Option<TaskId>,
    /// What it is called.
    pub title: String,
    /// The list that it stands in.
    pub list: String,
    /// The day on which it is due.
    pub due_on: Option<NaiveDate>,
    /// `low`, `normal` or `high`.
    pub importance: String,
    /// How far it is.
    pub status: TodoStatus,
}

/// Microsoft's tasks, or why they are not shown.
pub async fn microsoft(web: &Web, user: &User) -> Result<Result<Vec<TodoTask>, Unseen>, PageError> {
    let Mailbox { microsoft, name } = match mailbox::of(web, user).await? {
        Ok(mailbox) => mailbox,
        Err(unseen) => return Ok(Err(unseen)),
    };
    match microsoft.tasks(&name) {
        Ok(tasks) => Ok(Ok(by_due(tasks.into_iter().map(|(list, task)| of_graph(list, &task)).collect()))),
        Err(_) => Ok(Err(Unseen::Gone)),
    }
}

/// The tasks in the order of their days, like those of the CRM; those of no day
/// come last.
fn by_due(mut tasks: Vec<TodoTask>) -> Vec<TodoTask> {
    tasks.sort_by(|one, two| {
        let key = |task: &TodoTask| (task.due_on.is_none(), task.due_on);
        key(one).cmp(&key(two)).then_with(|| one.title.cmp(&two.title))
    });
    tasks
}

fn of_graph(list: String, task: &Value) -> TodoTask {
    let text = |path: &str| task.pointer(path).and_then(Value::as_str).unwrap_or_default();
    TodoTask {
        id: text("/id").to_owned(),
        crm_id: None,
        title: text("/title").to_owned(),
        list,
        due_on: text("/dueDateTime/dateTime").parse().ok().map(|due: NaiveDateTime| due.date()),
        importance: text("/importance").to_owned(),
        status: match text("/status") {
            "inProgress" => TodoStatus::InProgress,
            "completed" => TodoStatus::Completed,
            "waitingOnOthers" => TodoStatus::WaitingOnOthers,
            "deferred" => TodoStatus::Deferred,
            _ => TodoStatus::NotStarted,
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_of_graph_is_due_on_a_day_and_may_have_no_day() {
        let task = json!({
            "title": "Call", "status": "waitingOnOthers", "importance": "high",
            "dueDateTime": { "dateTime": "2026-03-05T00:00:00.0000000", "timeZone": "Europe/Berlin" },
        });
        let shown = of_graph("Work".to_owned(), &task);
        assert_eq!(shown.due_on, Some("2026-03-05".parse().unwrap()));
        assert_eq!((shown.list.as_str(), shown.importance.as_str()), ("Work", "high"));
        assert_eq!(shown.status, TodoStatus::WaitingOnOthers);
        let bare = of_graph("Work".to_owned(), &json!({ "title": "Call" }));
        assert_eq!(bare.due_on, None);
    }

    #[test]
    fn tasks_are_in_the_order_of_their_days_and_those_of_no_day_come_last() {
        let task = |title: &str, day: Option<&str>| {
            let due = day.map(|day| json!({ "dateTime": format!("{day}T00:00:00.0000000"), "timeZone": "UTC" }));
            of_graph("Work".to_owned(), &json!({ "title": title, "dueDateTime": due }))
        };
        let tasks = vec![
            task("no day", None),
            task("later", Some("2026-03-09")),
            task("b", Some("2026-03-05")),
            task("a", Some("2026-03-05")),
        ];
        let titles: Vec<String> = by_due(tasks).into_iter().map(|task| task.title).collect();
        assert_eq!(titles, ["a", "b", "later", "no day"]);
    }
}
