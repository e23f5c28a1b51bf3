//! The tasks of a user: both sides next to each other, the buttons of
//! [`run_now`] with their reports, and those of the workflow while it is active.
//!
//! What the page shows is computed in [`view`], as a week or a month in
//! [`planned`], from the CRM's tasks and what [`sources`] reads of To Do, with the
//! partners that [`pairs`] finds by their links. A task is edited in [`edit`] with the form of
//! [`form`], beside what [`twins`] finds of it on the other side; one of To Do has
//! the page of [`microsoft_task`]. Times are those of the viewer's zone.

mod edit;
mod form;
mod microsoft_task;
mod pairs;
mod planned;
mod sources;
mod twins;
mod view;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use self::planned::{Layout, Links};
use self::sources::TodoTask;
use self::view::{Seen, TasksView};
use super::Web;
use super::banner::{self, Above, RunButtons};
use super::error::PageError;
use super::forms::encoded;
use super::mailbox::{Unseen, UnseenNote};
use super::render;
use super::report::ReportView;
use super::run_now;
use super::viewer::{Place, Viewer};
use crate::app::Resource;
use crate::app::options::TASK_PAGES;
use crate::crm::TaskId;
use crate::crm::task::{Task, TaskPriority, TaskStatus, Transition};
use crate::crm::users::User;

/// The pages of this module.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/tasks", get(show).post(edit::create))
        .route("/tasks/microsoft", get(microsoft_task::show))
        .merge(run_now::routes("/tasks", Resource::Tasks))
        .merge(edit::routes())
}

/// The address of a user's tasks.
pub fn href_of(login: &str) -> String {
    format!("/tasks?user={}", encoded(login))
}

/// The address of a task.
fn href(task: TaskId) -> String {
    format!("{TASK_PAGES}{task}")
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
    #[serde(default)]
    view: String,
    #[serde(default)]
    layout: String,
    #[serde(default)]
    date: String,
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

async fn show(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    let seen = Seen {
        login: &user.login,
        now: web.app.clock().now(),
        dates: viewer.dates(),
        owner_zone: user.time_zone.0,
        all: wanted.view == "all",
        workflow: web.app.crm().task_workflow()?,
    };
    let tasks = web.app.crm().tasks_of(user.id)?;
    let todo = match sources::microsoft(&web, &user).await? {
        Ok(todo) => Ok(twins::linked(&web, &user, &tasks, todo).await?),
        Err(unseen) => Err(unseen),
    };
    let report = web.sessions.take_report(&viewer.session, user.id);
    let Above { banners, run } = banner::of(&web, &viewer, &user, Resource::Tasks).await?;
    let links =
        Links { login: &user.login, all: seen.all, layout: Layout::of(&wanted.layout), date: wanted.date.parse().ok() };
    let page = TasksView { banners, run, ..page(&web.product, &viewer, &user, seen, links, (&tasks, &todo), report) };
    Ok(render::page("tasks.html", &viewer.chrome(&web, Place::Tasks), &page)?.into_response())
}

fn page(
    product: &str,
    viewer: &Viewer,
    user: &User,
    seen: Seen<'_>,
    links: Links<'_>,
    (tasks, todo): (&[Task], &Result<Vec<TodoTask>, Unseen>),
    report: Option<ReportView>,
) -> TasksView {
    let shown = todo.as_ref().ok().map(Vec::as_slice);
    let (rows, todo_rows) = match links.layout {
        Layout::List => view::rows(tasks, shown, seen),
        Layout::Week | Layout::Month => (Vec::new(), None),
    };
    TasksView {
        owner: (user.id != viewer.user.id).then(|| user.display_name.clone()),
        login: user.login.clone(),
        zone: viewer.user.time_zone.name(),
        here: links.to(),
        new_href: format!("/tasks/new?user={}", encoded(&user.login)),
        all: seen.all,
        open_href: Links { all: false, ..links }.to(),
        all_href: Links { all: true, ..links }.to(),
        workflow: seen.workflow,
        layout: links.layout,
        layouts: links.layouts(),
        planned: planned::planned(product, links, seen, tasks, shown),
        rows,
        todo: todo_rows,
        microsoft_note: todo.as_ref().err().map(|unseen| UnseenNote::of(*unseen, viewer, user)),
        report,
        banners: Vec::new(),
        run: RunButtons::default(),
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
