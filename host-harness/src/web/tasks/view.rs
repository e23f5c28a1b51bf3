//! What the page of tasks shows: the CRM's tasks and those of To Do, each with
//! its partner on the other side.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::pairs::partners;
use super::planned::{Layout, LayoutLink, Planned};
use super::sources::{TodoStatus, TodoTask};
use super::{Badge, Step, href, microsoft_task, priority, status, steps};
use crate::crm::task::{Task, TaskStatus};
use crate::web::banner::{Banner, RunButtons};
use crate::web::dates::Dates;
use crate::web::mailbox::UnseenNote;
use crate::web::report::ReportView;

/// The page.
#[derive(Debug, Serialize)]
pub struct TasksView {
    /// Whether it is a list, a week or a month.
    pub layout: Layout,
    /// The addresses of the others.
    pub layouts: Vec<LayoutLink>,
    /// The days of a week or a month.
    #[serde(flatten)]
    pub planned: Option<Planned>,
    /// Whose tasks they are, where they are not the viewer's own.
    pub owner: Option<String>,
    /// The same by login.
    pub login: String,
    /// The zone of times.
    pub zone: &'static str,
    /// The address of the page.
    pub here: String,
    /// Where a task is added.
    pub new_href: String,
    /// Whether closed tasks are shown, too.
    pub all: bool,
    /// Without closed ones.
    pub open_href: String,
    /// With closed ones.
    pub all_href: String,
    /// Whether a status is changed with buttons.
    pub workflow: bool,
    /// The CRM's tasks.
    pub rows: Vec<RowView>,
    /// To Do's tasks; none where that side is not shown.
    pub todo: Option<Vec<TodoRow>>,
    /// Why it is not shown.
    pub microsoft_note: Option<UnseenNote>,
    /// What a run or a preview came to.
    pub report: Option<ReportView>,
    /// What keeps both sides from being kept in step.
    pub banners: Vec<Banner>,
    /// Which buttons of a run there are.
    pub run: RunButtons,
}

/// Whether a task is on the other side as well.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// Whether it is.
    pub present: bool,
    /// Where on this page, unless it is filtered out.
    pub href: Option<String>,
}

/// A task of the CRM.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct RowView {
    /// Its place on the page.
    pub anchor: String,
    /// What it is called.
    pub subject: String,
    /// Where it is edited.
    pub href: String,
    /// When it is due.
    pub due: Option<String>,
    /// Whether that is over.
    pub overdue: bool,
    /// How important it is.
    pub priority: Badge,
    /// How far it is.
    pub status: Badge,
    /// Where its steps are taken.
    pub move_action: String,
    /// None while the workflow is not active.
    pub steps: Vec<Step>,
    /// Its partner; none where that side is not shown.
    pub other: Option<Other>,
}

/// A task of To Do.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct TodoRow {
    /// Its place on the page.
    pub anchor: String,
    /// What it is called.
    pub title: String,
    /// The page that shows it.
    pub href: String,
    /// The list that it stands in.
    pub list: String,
    /// The day on which it is due.
    pub due: Option<String>,
    /// Whether that is over.
    pub overdue: bool,
    /// How important it is.
    pub priority: Badge,
    /// How far it is.
    pub status: Badge,
    /// Its partner.
    pub other: Other,
}

/// What decides how tasks are shown.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// Whose tasks they are, by login.
    pub login: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
    /// How days and times are written for the viewer.
    pub dates: Dates,
    /// The zone of the person whose tasks they are: their days are To Do's.
    pub owner_zone: Tz,
    /// Whether closed tasks are shown, too.
    pub all: bool,
    /// Whether the workflow is active.
    pub workflow: bool,
}

/// The rows of both sides.
pub fn rows(tasks: &[Task], todo: Option<&[TodoTask]>, seen: Seen<'_>) -> (Vec<RowView>, Option<Vec<TodoRow>>) {
    let others: Vec<&TodoTask> = todo.unwrap_or_default().iter().collect();
    let forth = partners(&tasks.iter().collect::<Vec<&Task>>(), &others);
    let in_crm = tasks.iter().zip(&forth).filter(|(task, _)| seen.all || !is_closed(task));
    let rows = in_crm.map(|(task, partner)| {
        let partner = partner.and_then(|place| Some((place, todo?.get(place)?)));
        let href =
            partner.filter(|(_, other)| seen.all || !is_completed(other)).map(|(place, _)| anchor_of_todo(place));
        let other = todo.map(|_| other(partner.is_some(), href));
        row(task, seen, other)
    });
    let rows = rows.collect();
    let in_todo = todo.map(|todo| {
        let shown = todo.iter().enumerate().filter(|(_, task)| seen.all || !is_completed(task));
        let row = |(place, task): (usize, &TodoTask)| {
            let partner = forth.iter().position(|partner| *partner == Some(place)).and_then(|place| tasks.get(place));
            let href = partner.filter(|other| seen.all || !is_closed(other)).map(anchor_of_crm);
            todo_row(place, task, seen, other(partner.is_some(), href))
        };
        shown.map(row).collect()
    });
    (rows, in_todo)
}

pub(super) fn is_closed(task: &Task) -> bool {
    task.values.status == TaskStatus::Closed
}

pub(super) fn is_completed(task: &TodoTask) -> bool {
    task.status == TodoStatus::Completed
}

fn anchor_of_crm(task: &Task) -> String {
    format!("task-{}", task.id)
}

fn anchor_of_todo(place: usize) -> String {
    format!("todo-{}", place + 1)
}

fn other(present: bool, anchor: Option<String>) -> Other {
    Other { present, href: anchor.map(|anchor| format!("#{anchor}")) }
}

fn row(task: &Task, seen: Seen<'_>, other: Option<Other>) -> RowView {
    let values = &task.values;
    let href = href(task.id);
    RowView {
        anchor: anchor_of_crm(task),
        subject: values.subject.clone(),
        due: values.due_date.map(|due| seen.dates.instant(due)),
        overdue: !is_closed(task) && values.due_date.is_some_and(|due| due < seen.now),
        priority: priority(values.priority),
        status: status(values.status),
        move_action: format!("{href}/transition"),
        href,
        steps: if seen.workflow { steps(values.status) } else { Vec::new() },
        other,
    }
}

fn todo_row(place: usize, task: &TodoTask, seen: Seen<'_>, other: Other) -> TodoRow {
    let today = seen.now.with_timezone(&seen.owner_zone).date_naive();
    let (label, tone) = match task.status {
        TodoStatus::NotStarted => ("Not started", ""),
        TodoStatus::InProgress => ("In progress", "accent"),
        TodoStatus::Completed => ("Completed", "good"),
        TodoStatus::WaitingOnOthers => ("Waiting on others", ""),
        TodoStatus::Deferred => ("Deferred", ""),
    };
    TodoRow {
        anchor: anchor_of_todo(place),
        title: task.title.clone(),
        href: microsoft_task::href_of(seen.login, &task.id),
        list: task.list.clone(),
        due: task.due_on.map(|day| seen.dates.day(day)),
        overdue: !is_completed(task) && task.due_on.is_some_and(|due| due < today),
        priority: match task.importance.as_str() {
            "low" => Badge { label: "Low", tone: "" },
            "high" => Badge { label: "High", tone: "warn" },
            _ => Badge { label: "Normal", tone: "" },
        },
        status: Badge { label, tone },
        other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;
    use crate::crm::Crm;
    use crate::crm::fixtures::{crm, instant, person};
    use crate::crm::task::TaskInput;
    use crate::crm::users::User;

    fn seen(now: &str, all: bool) -> Seen<'static> {
        let berlin = crate::web::dates::zone("Europe/Berlin");
        Seen {
            login: "alice",
            now: instant(now),
            dates: Dates::of_zone(berlin),
            owner_zone: berlin,
            all,
            workflow: false,
        }
    }

    fn task(crm: &Crm, owner: &User, fields: serde_json::Value) -> Task {
        crm.create_task(owner.id, TaskInput::from_json(fields).unwrap()).unwrap()
    }

    fn todo(title: &str, due: &str, status: TodoStatus) -> TodoTask {
        let (list, importance) = ("Tasks".to_owned(), "high".to_owned());
        TodoTask {
            id: title.to_owned(),
            crm_id: None,
            title: title.to_owned(),
            list,
            due_on: due.parse().ok(),
            importance,
            status,
        }
    }

    #[test]
    fn a_row_shows_the_viewers_time_and_what_is_late() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let fields = serde_json::json!({"subject": "Call", "dueDate": "2026-03-02T23:30:00Z", "priority": "high"});
        let task = task(&crm, &alice, fields);
        let at = |now: &str, workflow| row(&task, Seen { workflow, ..seen(now, false) }, None);
        let before = at("2026-03-02T23:30:00Z", false);
        assert_eq!((before.due.as_deref(), before.overdue), (Some("Tue, 3 Mar 2026, 00:30"), false));
        assert_eq!((before.priority.label, before.status.label, before.steps.len()), ("High", "Open", 0));
        let after = at("2026-03-02T23:30:01Z", true);
        assert!(after.overdue);
        assert_eq!(after.steps.iter().map(|step| step.word).collect::<Vec<_>>(), ["start_progress", "close"]);
        let closed = TaskInput::from_json(serde_json::json!({"status": "closed"})).unwrap();
        let closed = crm.update_task(alice.id, task.id, closed).unwrap();
        let row = row(&closed, Seen { workflow: true, ..seen("2027-01-01T00:00:00Z", false) }, None);
        assert!(!row.overdue, "what is done is not late");
        assert_eq!(row.steps, [Step { word: "reopen", label: "Reopen" }]);
    }

    #[test]
    fn a_day_of_to_do_is_late_when_it_is_over_for_the_owner() {
        let on_the_5th = todo("Call", "2026-03-05", TodoStatus::NotStarted);
        let at = |now: &str| todo_row(0, &on_the_5th, seen(now, false), other(false, None));
        assert!(!at("2026-03-05T22:59:00Z").overdue, "it is still the 5th in Berlin");
        let after = at("2026-03-05T23:00:00Z");
        assert!(after.overdue);
        assert_eq!((after.due.as_deref(), after.anchor.as_str()), (Some("Thu, 5 Mar 2026"), "todo-1"));
        let done = todo("Call", "2026-03-05", TodoStatus::Completed);
        assert!(!todo_row(0, &done, seen("2026-03-09T00:00:00Z", false), other(false, None)).overdue);
    }

    #[test]
    fn partners_lead_to_each_other_where_both_are_shown() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let call = task(&crm, &alice, serde_json::json!({"subject": "Call", "dueDate": "2026-03-05T23:30:00Z"}));
        let mine = task(&crm, &alice, serde_json::json!({"subject": "Mine"}));
        // It is linked, and has neither title nor day in common; the other one has both.
        let linked = TodoTask { crm_id: Some(call.id), ..todo("Phone", "2026-03-09", TodoStatus::Completed) };
        let in_todo = [todo("Call", "2026-03-06", TodoStatus::NotStarted), linked];
        let tasks = [call, mine];

        let (rows_of_crm, rows_of_todo) = rows(&tasks, Some(&in_todo), seen("2026-03-02T09:00:00Z", true));
        let rows_of_todo = rows_of_todo.unwrap();
        assert_eq!(rows_of_crm[0].other, Some(Other { present: true, href: Some("#todo-2".to_owned()) }));
        assert_eq!(rows_of_crm[1].other, Some(Other { present: false, href: None }));
        let anchor = format!("#{}", rows_of_crm[0].anchor);
        assert_eq!(rows_of_todo[1].other, Other { present: true, href: Some(anchor) });
        assert_eq!(rows_of_todo[0].other, Other { present: false, href: None });

        let (open, shown) = rows(&tasks, Some(&in_todo), seen("2026-03-02T09:00:00Z", false));
        assert_eq!(open[0].other, Some(Other { present: true, href: None }), "completed ones are not on the page");
        assert_eq!(shown.unwrap().len(), 1);
        let (alone, none) = rows(&tasks, None, seen("2026-03-02T09:00:00Z", true));
        assert_eq!((alone[0].other.is_none(), none), (true, None), "nothing is said about a side that is not shown");
    }
}
