//! Tasks (api/todotasklist-list-tasks, api/todotasklist-post-tasks,
//! api/todotask-get, api/todotask-update, api/todotask-delete).

use serde_json::{Map, Value};

use super::{check_version, stored, task_filter, tasks_path};
use crate::graph::api::Context;
use crate::graph::api::filter::sort;
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
use crate::graph::api::projection::split;
use crate::graph::calendar::output::etag;
use crate::graph::extension::Wanted;
use crate::graph::ids;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, Task, TaskNo};
use crate::graph::todo::output::{self, Relations};
use crate::graph::todo::part::Kind;
use crate::graph::todo::{edit, input};

/// Options that the list of tasks understands, and one task.
const LIST: Options = Options::of(&["$filter", "$orderby", "$top", "$skip", "$count", "$expand"], &["$search"]);
const ITEM: Options = Options::of(&["$expand"], &["$search"]);

/// DIFFERENCE: the pages of To Do recommend `$select`. The service refuses it
/// on tasks, whatever is selected, in a change as well (microsoft-graph-docs-contrib#3625,
/// msgraph-sdk-dotnet#2900, jordanburke/microsoft-todo-mcp-server#18).
pub(super) fn refuse_select(context: &Context<'_>) -> Result<(), Refusal> {
    if context.call.query.names().any(|name| name == "$select") {
        return Err(parse_uri("The query option $select is not supported on tasks."));
    }
    Ok(())
}

pub(super) fn parse_uri(message: &str) -> Refusal {
    Refusal::new(400, "RequestBroker--ParseUri", message)
}

/// What is answered with a task.
#[derive(Clone, Debug, Default)]
pub(super) struct Expanded {
    pub relations: Relations,
    pub extensions: Option<Wanted>,
}

impl Expanded {
    /// Reads `$expand`.
    pub fn read(context: &Context<'_>) -> Result<Self, Refusal> {
        let mut expanded = Self::default();
        for entry in split(context.call.query.get("$expand").unwrap_or_default(), ',') {
            let (name, extensions) = super::expanded_extensions(entry)?;
            match Kind::of(&name.to_ascii_lowercase()) {
                _ if extensions.is_some() => expanded.extensions = extensions,
                Some(Kind::LinkedResource) if name == entry => expanded.relations.linked_resources = true,
                Some(Kind::ChecklistItem) if name == entry => expanded.relations.checklist_items = true,
                Some(_) | None => return Err(Refusal::not_emulated(&format!("$expand={entry} on tasks"))),
            }
        }
        Ok(expanded)
    }

    /// Writes a task with it.
    fn write(&self, task: &Task, context: &Context<'_>) -> Map<String, Value> {
        let mut map = output::task(task, &context.view, self.relations);
        if let Some(wanted) = &self.extensions {
            map.insert("extensions".to_owned(), wanted.write(&task.extensions));
        }
        map
    }
}

/// `GET …/tasks`.
pub(super) fn all(state: &State, context: &Context<'_>, list: ListNo) -> Result<Reply, Refusal> {
    refuse_select(context)?;
    LIST.check(context, "tasks")?;
    let query = &context.call.query;
    let filter = task_filter::parse(query.get("$filter"))?;
    let mut tasks: Vec<&Task> =
        state.tasks_of(context.mailbox.number, list).filter(|task| filter.accepts(task)).collect();
    sort(&mut tasks, query.get("$orderby"), &task_filter::TASKS, "tasks")?;
    if context.call.words().last() == Some(&"$count") {
        return Ok(count_only(tasks.len()));
    }
    let (page, expanded) = (Page::of_outlook(state, context)?, Expanded::read(context)?);
    let write = |task: &&Task| expanded.write(task, context);
    Ok(collection(state, context, &tasks_path(context), page, &tasks, write))
}

/// The answer that holds one task.
fn entity(
    state: &State,
    context: &Context<'_>,
    number: TaskNo,
    expanded: &Expanded,
    status: u16,
) -> Result<Reply, Refusal> {
    let map = expanded.write(stored(state, number)?, context);
    let etag = etag(&map);
    Ok(context.entity(state, &tasks_path(context), map, status).header("etag", etag))
}

/// `POST …/tasks`. Linked resources and extensions that came along are answered
/// along.
pub(super) fn create(state: &mut State, context: &Context<'_>, list: ListNo) -> Result<Reply, Refusal> {
    let input = input::read(&context.call.body)?;
    let relations = Relations { linked_resources: input.linked_resources.is_some(), ..Relations::default() };
    let expanded = Expanded { relations, extensions: input.extensions.as_ref().map(|_| Wanted::default()) };
    let number = edit::create(state, context.mailbox.number, list, input)?;
    let (path, id) = (tasks_path(context), ids::task_id(number));
    let location = format!("{}{}/{path}('{id}')", state.base_url, context.root());
    Ok(entity(state, context, number, &expanded, 201)?.header("location", location))
}

/// `GET …/tasks/{id}`.
pub(super) fn show(state: &State, context: &Context<'_>, number: TaskNo) -> Result<Reply, Refusal> {
    refuse_select(context)?;
    ITEM.check(context, "a task")?;
    entity(state, context, number, &Expanded::read(context)?, 200)
}

/// `PATCH …/tasks/{id}`.
pub(super) fn update(state: &mut State, context: &Context<'_>, number: TaskNo) -> Result<Reply, Refusal> {
    refuse_select(context)?;
    check_version(state, context, number)?;
    edit::update(state, number, input::read(&context.call.body)?)?;
    entity(state, context, number, &Expanded::default(), 200)
}

/// `DELETE …/tasks/{id}`.
pub(super) fn remove(state: &mut State, context: &Context<'_>, number: TaskNo) -> Result<Reply, Refusal> {
    check_version(state, context, number)?;
    edit::remove(state, number);
    Ok(Reply::empty(204))
}
