//! The tasks of a user: a list, and the buttons of the workflow while it is
//! active. A task is edited in [`edit`] with the form of [`form`].
//!
//! Days and times are those of the viewer's zone.

mod edit;
mod form;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::Web;
use super::dates;
use super::error::PageError;
use super::forms::encoded;
use super::render;
use super::viewer::{Place, Viewer};
use crate::crm::task::{Task, TaskPriority, TaskStatus, Transition};
use crate::crm::users::User;

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new().route("/tasks", get(show).post(edit::create)).merge(edit::routes())
}

/// The address of a user's tasks.
pub fn href_of(login: &str) -> String {
    format!("/tasks?user={}", encoded(login))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
    #[serde(default)]
    view: String,
}

#[derive(Debug, Serialize)]
struct TasksView {
    /// Whose tasks they are, where they are not the viewer's own.
    owner: Option<String>,
    zone: &'static str,
    here: String,
    new_href: String,
    /// Whether closed tasks are shown, too.
    all: bool,
    open_href: String,
    all_href: String,
    workflow: bool,
    rows: Vec<RowView>,
}

/// A word and its colour.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Badge {
    label: &'static str,
    tone: &'static str,
}

/// A button that moves a task.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Step {
    word: &'static str,
    label: &'static str,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct RowView {
    subject: String,
    href: String,
    due: Option<String>,
    overdue: bool,
    priority: Badge,
    status: Badge,
    /// Where its steps are taken.
    move_action: String,
    /// None while the workflow is not active.
    steps: Vec<Step>,
}

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let (workflow, now) = (web.app.crm().task_workflow()?, web.app.clock().now());
    let (zone, all) = (viewer.user.time_zone, wanted.view == "all");
    let tasks = web.app.crm().tasks_of(user.id)?;
    let shown = tasks.iter().filter(|task| all || task.values.status != TaskStatus::Closed);
    let view = view(&viewer, &user, all, workflow, shown.map(|task| row(task, now, zone.0, workflow)).collect());
    Ok(render::page("tasks.html", &viewer.chrome(&web, Place::Tasks), &view)?.into_response())
}

fn view(viewer: &Viewer, user: &User, all: bool, workflow: bool, rows: Vec<RowView>) -> TasksView {
    let open_href = href_of(&user.login);
    let all_href = format!("{open_href}&view=all");
    TasksView {
        owner: (user.id != viewer.user.id).then(|| user.display_name.clone()),
        zone: viewer.user.time_zone.name(),
        here: if all { all_href.clone() } else { open_href.clone() },
        new_href: format!("/tasks/new?user={}", encoded(&user.login)),
        all,
        open_href,
        all_href,
        workflow,
        rows,
    }
}

fn row(task: &Task, now: DateTime<Utc>, zone: Tz, workflow: bool) -> RowView {
    let values = &task.values;
    let href = format!("/tasks/{}", task.id);
    RowView {
        subject: values.subject.clone(),
        due: values.due_date.map(|due| dates::in_zone(due, zone)),
        overdue: values.status != TaskStatus::Closed && values.due_date.is_some_and(|due| due < now),
        priority: priority(values.priority),
        status: status(values.status),
        move_action: format!("{href}/transition"),
        href,
        steps: if workflow { steps(values.status) } else { Vec::new() },
    }
}

const fn priority(priority: TaskPriority) -> Badge {
    match priority {
        TaskPriority::Low => Badge { label: "Low", tone: "" },
        TaskPriority::Normal => Badge { label: "Normal", tone: "" },
        TaskPriority::High => Badge { label: "High", tone: "warn" },
    }
}

const fn status(status: TaskStatus) -> Badge {
    match status {
        TaskStatus::Open => Badge { label: "Open", tone: "" },
        TaskStatus::InProgress => Badge { label: "In progress", tone: "accent" },
        TaskStatus::Closed => Badge { label: "Closed", tone: "good" },
    }
}

fn steps(status: TaskStatus) -> Vec<Step> {
    Transition::allowed(status).map(|transition| Step { word: transition.as_str(), label: label(transition) }).collect()
}

/// What Oro calls a transition.
const fn label(transition: Transition) -> &'static str {
    match transition {
        Transition::StartProgress => "Start progress",
        Transition::StopProgress => "Stop progress",
        Transition::Close => "Close",
        Transition::Reopen => "Reopen",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;
    use crate::crm::fixtures::{crm, instant, person};
    use crate::crm::task::TaskInput;

    #[test]
    fn a_row_shows_the_viewers_time_and_what_is_late() {
        let crm = crm();
        let alice = person(&crm, "alice");
        let input = serde_json::json!({"subject": "Call", "dueDate": "2026-03-02T23:30:00Z", "priority": "high"});
        let task = crm.create_task(alice.id, TaskInput::from_json(input).unwrap()).unwrap();
        let at = |now: &str, workflow| row(&task, instant(now), dates::zone("Europe/Berlin"), workflow);
        let before = at("2026-03-02T23:30:00Z", false);
        assert_eq!((before.due.as_deref(), before.overdue), (Some("Tue 3 Mar 2026, 00:30"), false));
        assert_eq!((before.priority.label, before.status.label, before.steps.len()), ("High", "Open", 0));
        let after = at("2026-03-02T23:30:01Z", true);
        assert!(after.overdue);
        assert_eq!(after.steps.iter().map(|step| step.word).collect::<Vec<_>>(), ["start_progress", "close"]);
        let closed = TaskInput::from_json(serde_json::json!({"status": "closed"})).unwrap();
        let closed = crm.update_task(alice.id, task.id, closed).unwrap();
        let row = row(&closed, instant("2027-01-01T00:00:00Z"), Tz::UTC, true);
        assert!(!row.overdue, "what is done is not late");
        assert_eq!(row.steps, [Step { word: "reopen", label: "Reopen" }]);
    }
}
