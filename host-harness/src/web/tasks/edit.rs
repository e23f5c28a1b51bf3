//! A task: new, change, move, delete.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::form::{Choice, TaskForm, TaskFormView, WorkflowView, field_of};
use super::{href, href_of, priority, status, steps, twins};
use crate::app::{ItemName, Resource};
use crate::crm::TaskId;
use crate::crm::task::{REMINDER_MINUTES_MAX, Task, TaskPriority, TaskStatus, Transition};
use crate::crm::users::User;
use crate::web::Web;
use crate::web::confirm::{ConfirmView, deletion_note};
use crate::web::error::PageError;
use crate::web::forms::local_path;
use crate::web::link::{LinkView, RecordNow, Records, There};
use crate::web::problems::Problems;
use crate::web::render;
use crate::web::viewer::{Place, Posted, Viewer};

/// The pages of this module; the list has its own.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/tasks/new", get(blank))
        .route("/tasks/{id}", get(show).post(update))
        .route("/tasks/{id}/transition", post(transition))
        .route("/tasks/{id}/delete", get(ask_delete).post(delete))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    user: String,
}

/// What of a task is on its page, beside the form.
struct Opened<'a> {
    task: &'a Task,
    /// The version that the person saw.
    version: &'a str,
}

/// A task that the viewer may open, and whose it is.
fn open(web: &Web, viewer: &Viewer, id: &str) -> Result<(Task, User), PageError> {
    let id: TaskId = id.parse().map_err(|_| PageError::NotFound)?;
    let task = web.app.crm().any_task(id)?;
    let user = viewer.open_user(web, task.owner)?;
    Ok((task, user))
}

/// What is known of a task on the other side.
async fn link(web: &Web, viewer: &Viewer, user: &User, task: &Task) -> Result<LinkView, PageError> {
    let records = Records::of(web, viewer, user, Resource::Tasks, ItemName::Record(task.id.to_string())).await?;
    let there = match records.link() {
        Some(link) => twins::there(web, user, task, &link.external_id).await?,
        None => There::Unread,
    };
    let changed_at = web.app.crm().task_changed_at(task.id)?;
    Ok(records.of_record(RecordNow { version: task.version.as_str(), changed_at, is_cancelled: false }, there))
}

/// The page of a task, or of a new one.
async fn page(
    web: &Web,
    viewer: &Viewer,
    user: &User,
    opened: Option<&Opened<'_>>,
    form: TaskForm,
    problems: Problems,
) -> Result<Response, PageError> {
    let workflow = web.app.crm().task_workflow()?;
    let people = web.app.crm().users_of(user.organization_id)?;
    let here = opened.map(|opened| href(opened.task.id));
    let link = match opened {
        Some(opened) => Some(link(web, viewer, user, opened.task).await?),
        None => None,
    };
    let answer = if problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let view = TaskFormView {
        title: if opened.is_some() { "Task" } else { "New task" },
        action: here.clone().unwrap_or_else(|| "/tasks".to_owned()),
        back_href: href_of(&user.login),
        login: user.login.clone(),
        zone: viewer.user.time_zone.name(),
        reminder_max: REMINDER_MINUTES_MAX,
        version: opened.map(|opened| opened.version.to_owned()),
        delete_href: here.as_ref().map(|here| format!("{here}/delete")),
        workflow: opened.filter(|_| workflow).map(|opened| WorkflowView {
            action: format!("{}/transition", href(opened.task.id)),
            status: status(opened.task.values.status),
            steps: steps(opened.task.values.status),
        }),
        has_status: !workflow,
        priorities: TaskPriority::ALL.iter().map(|word| choice(word.as_str(), priority(*word).label)).collect(),
        statuses: TaskStatus::ALL.iter().map(|word| choice(word.as_str(), status(*word).label)).collect(),
        people: people.iter().map(|user| choice(&user.login, &user.display_name)).collect(),
        problems,
        link,
        form,
    };
    Ok((answer, render::page("task_form.html", &viewer.chrome(web, Place::Tasks), &view)?).into_response())
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

async fn blank(State(web): State<Web>, viewer: Viewer, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    let user = viewer.open_login(&web, &wanted.user)?;
    page(&web, &viewer, &user, None, TaskForm::blank(&user.login), Problems::default()).await
}

pub(super) async fn create(State(web): State<Web>, posted: Posted) -> Result<Response, PageError> {
    let user = posted.viewer.open_login(&web, posted.form.trimmed("user"))?;
    let form = TaskForm::posted(&posted.form);
    let stored = match form.input(None, None, posted.viewer.user.time_zone.0) {
        Ok(input) => web.app.create_task(user.id, input).await.map_err(|error| Problems::of_crm(&error, field_of)),
        Err(problems) => Err(problems),
    };
    match stored {
        Ok(_) => Ok(done(&web, &posted.viewer, &href_of(&user.login), "The task was created.")),
        Err(problems) => page(&web, &posted.viewer, &user, None, form, problems).await,
    }
}

async fn show(State(web): State<Web>, viewer: Viewer, Path(id): Path<String>) -> Result<Response, PageError> {
    let (task, user) = open(&web, &viewer, &id)?;
    let form = TaskForm::of(&task, viewer.user.time_zone.0);
    let opened = Opened { version: task.version.as_str(), task: &task };
    page(&web, &viewer, &user, Some(&opened), form, Problems::default()).await
}

async fn update(State(web): State<Web>, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let (task, user) = open(&web, &posted.viewer, &id)?;
    let form = TaskForm::posted(&posted.form);
    // The version that the person saw, so that a synchronization in between
    // is not overwritten unseen.
    let version = posted.form.trimmed("version").to_owned();
    let stored = match form.input(Some(&task), Some(&version), posted.viewer.user.time_zone.0) {
        Ok(input) => {
            web.app.update_task(user.id, task.id, input).await.map_err(|error| Problems::of_crm(&error, field_of))
        }
        Err(problems) => Err(problems),
    };
    match stored {
        Ok(_) => Ok(done(&web, &posted.viewer, &href_of(&user.login), "The task was saved.")),
        Err(problems) => {
            // Still the version that the person saw: what came in between has
            // to be looked at before it can be replaced.
            let opened = Opened { version: &version, task: &task };
            page(&web, &posted.viewer, &user, Some(&opened), form, problems).await
        }
    }
}

/// Moves a task along the workflow, from the list or from its page.
async fn transition(State(web): State<Web>, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let (task, user) = open(&web, &posted.viewer, &id)?;
    let word = posted.form.trimmed("transition");
    let transition: Transition = word.parse().map_err(|error| PageError::Invalid(format!("The step: {error}.")))?;
    web.app.move_task(user.id, task.id, transition).await?;
    let to = match local_path(posted.form.trimmed("next")) {
        "/" => href(task.id),
        path => path.to_owned(),
    };
    let said = match transition {
        Transition::StartProgress => "The task is in progress.",
        Transition::StopProgress => "The task is open again; its progress was stopped.",
        Transition::Close => "The task was closed.",
        Transition::Reopen => "The task is open again.",
    };
    Ok(done(&web, &posted.viewer, &to, said))
}

async fn ask_delete(State(web): State<Web>, viewer: Viewer, Path(id): Path<String>) -> Result<Response, PageError> {
    let (task, user) = open(&web, &viewer, &id)?;
    let here = href(task.id);
    let note = deletion_note(&web, &user, Resource::Tasks, task.id.to_string()).await;
    let question = format!("Delete “{}”? {note}", task.values.subject);
    let view = ConfirmView::post("Delete", question, &format!("{here}/delete"), &here);
    Ok(render::page("confirm.html", &viewer.chrome(&web, Place::Tasks), &view)?.into_response())
}

async fn delete(State(web): State<Web>, Path(id): Path<String>, posted: Posted) -> Result<Response, PageError> {
    let (task, user) = open(&web, &posted.viewer, &id)?;
    web.app.delete_task(user.id, task.id).await?;
    Ok(done(&web, &posted.viewer, &href_of(&user.login), "The task was deleted."))
}

fn done(web: &Web, viewer: &Viewer, to: &str, text: &str) -> Response {
    web.sessions.set_flash(&viewer.session, "good", text);
    Redirect::to(to).into_response()
}
