//! Task lists (api/todo-list-lists, api/todo-post-lists, api/todotasklist-get,
//! api/todotasklist-update, api/todotasklist-delete).

use serde_json::{Map, Value};

use super::expanded_extensions;
use crate::graph::api::Context;
use crate::graph::api::filter::{Operator, compared, selected};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
use crate::graph::api::projection::split;
use crate::graph::extension::{self, Wanted};
use crate::graph::model::Extensions;
use crate::graph::names::same_name;
use crate::graph::property;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, TaskList, WellKnown};
use crate::graph::todo::properties::{self, LIST};
use crate::graph::todo::{lists, output};

/// The collection in metadata links.
const LISTS: &str = "todo/lists";

/// Options that the list of lists understands, and one list. Nothing of To Do
/// can be searched.
const LIST_OF_LISTS: Options =
    Options::of(&["$select", "$expand", "$filter", "$top", "$skip", "$count"], &["$search"]).selecting("todoTaskList");
const ITEM: Options = Options::of(&["$select", "$expand"], &["$search"]).selecting("todoTaskList");

/// The extensions in `$expand`, which are all that can be expanded.
fn expanded(context: &Context<'_>) -> Result<Option<Wanted>, Refusal> {
    let mut expanded = None;
    for entry in split(context.call.query.get("$expand").unwrap_or_default(), ',') {
        match expanded_extensions(entry)? {
            (_, Some(wanted)) => expanded = Some(wanted),
            (_, None) => return Err(Refusal::not_emulated(&format!("$expand={entry} on task lists"))),
        }
    }
    Ok(expanded)
}

fn shown(list: &TaskList, context: &Context<'_>, expanded: Option<&Wanted>) -> Map<String, Value> {
    let mut map = selected(output::list(list), context.call.query.get("$select"));
    if let Some(wanted) = expanded {
        map.insert("extensions".to_owned(), wanted.write(&list.extensions));
    }
    map
}

/// `GET …/todo/lists`.
pub(super) fn all(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    LIST_OF_LISTS.check(context, "task lists")?;
    let wanted = context.call.query.get("$filter").map(wanted_name).transpose()?;
    let lists = state.task_lists_of(context.mailbox.number);
    let lists: Vec<&TaskList> =
        lists.filter(|list| wanted.as_ref().is_none_or(|name| same_name(&list.name, name))).collect();
    if context.call.words().last() == Some(&"$count") {
        return Ok(count_only(lists.len()));
    }
    let (page, expanded) = (Page::of_outlook(state, context)?, expanded(context)?);
    Ok(collection(state, context, LISTS, page, &lists, |list| shown(list, context, expanded.as_ref())))
}

/// The name in `$filter=displayName eq '…'`, the one filter that there is.
fn wanted_name(filter: &str) -> Result<String, Refusal> {
    match compared(filter, "displayName") {
        Some((Operator::Eq, name)) => Ok(name),
        Some(_) | None => Err(Refusal::not_emulated("A filter on task lists other than `displayName eq '…'`")),
    }
}

/// `GET …/todo/lists/{id}`.
pub(super) fn show(state: &State, context: &Context<'_>, number: ListNo) -> Result<Reply, Refusal> {
    ITEM.check(context, "a task list")?;
    let expanded = expanded(context)?;
    entity(state, context, number, expanded.as_ref(), 200)
}

/// The answer that holds one list.
fn entity(
    state: &State,
    context: &Context<'_>,
    number: ListNo,
    expanded: Option<&Wanted>,
    status: u16,
) -> Result<Reply, Refusal> {
    let list = state.task_lists.get(&number).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, LISTS, shown(list, context, expanded), status))
}

/// What can be written to a list: its name, which another one may have, too,
/// and extensions along with a create.
fn given(context: &Context<'_>) -> Result<(String, Option<Extensions>), Refusal> {
    let mut given = properties::object(&context.call.body)?;
    let extensions = given.remove("extensions").map(|value| extension::read_all(&value)).transpose()?;
    let given = LIST.take_all(&given)?;
    let name = given.get("displayName").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| property::invalid("displayName"))?;
    Ok((name.to_owned(), extensions))
}

/// `POST …/todo/lists`. Extensions that came along are answered along.
pub(super) fn create(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (name, extensions) = given(context)?;
    let expanded = extensions.as_ref().map(|_| Wanted::default());
    let number = lists::add(state, context.mailbox.number, name, WellKnown::None, extensions.unwrap_or_default());
    entity(state, context, number, expanded.as_ref(), 201)
}

/// `PATCH …/todo/lists/{id}`.
pub(super) fn rename(state: &mut State, context: &Context<'_>, number: ListNo) -> Result<Reply, Refusal> {
    let (name, extensions) = given(context)?;
    if extensions.is_some() {
        let message = "The property 'extensions' can only be set when a task list is created.";
        return Err(Refusal::invalid_property(message));
    }
    lists::rename(state, number, name)?;
    entity(state, context, number, None, 200)
}

/// `DELETE …/todo/lists/{id}`.
pub(super) fn remove(state: &mut State, number: ListNo) -> Result<Reply, Refusal> {
    lists::remove(state, number)?;
    Ok(Reply::empty(204))
}
