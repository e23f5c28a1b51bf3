//! Task lists (api/todo-list-lists, api/todo-post-lists, api/todotasklist-get,
//! api/todotasklist-update, api/todotasklist-delete).

use serde_json::{Map, Value};

use crate::graph::api::Context;
use crate::graph::api::filter::{Operator, compared, selected};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
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
const LIST_OF_LISTS: Options = Options::of(&["$select", "$filter", "$top", "$skip", "$count"], &["$search"]);
const ITEM: Options = Options::of(&["$select"], &["$search"]);

fn shown(list: &TaskList, context: &Context<'_>) -> Map<String, Value> {
    selected(output::list(list), context.call.query.get("$select"))
}

/// `GET …/todo/lists`.
pub(super) fn all(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    LIST_OF_LISTS.check(context, "task lists")?;
    let wanted = context.call.query.get("$filter").map(wanted_name).transpose()?;
    let lists = state.task_lists_of(context.mailbox.number);
    let lists: Vec<&TaskList> =
        lists.filter(|list| wanted.as_ref().is_none_or(|name| list.name.eq_ignore_ascii_case(name))).collect();
    if context.call.words().last() == Some(&"$count") {
        return Ok(count_only(lists.len()));
    }
    let page = Page::of_outlook(state, context)?;
    Ok(collection(state, context, LISTS, page, &lists, |list| shown(list, context)))
}

/// The name in `$filter=displayName eq '…'`, the one filter that there is.
fn wanted_name(filter: &str) -> Result<String, Refusal> {
    match compared(filter, "displayName") {
        Some((Operator::Eq, name)) => Ok(name),
        Some(_) | None => Err(Refusal::not_emulated("A filter on task lists other than `displayName eq '…'`")),
    }
}

/// `GET …/todo/lists/{id}`, and what is answered to a write.
pub(super) fn show(state: &State, context: &Context<'_>, number: ListNo, status: u16) -> Result<Reply, Refusal> {
    ITEM.check(context, "a task list")?;
    let list = state.task_lists.get(&number).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, LISTS, shown(list, context), status))
}

/// The name in a request body, which is all that can be written. Two lists
/// may have the same one.
fn given_name(context: &Context<'_>) -> Result<String, Refusal> {
    let given = LIST.take_all(&properties::object(&context.call.body)?)?;
    let name = given.get("displayName").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| property::invalid("displayName"))
}

/// `POST …/todo/lists`.
pub(super) fn create(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let name = given_name(context)?;
    let number = lists::add(state, context.mailbox.number, name, WellKnown::None);
    show(state, context, number, 201)
}

/// `PATCH …/todo/lists/{id}`.
pub(super) fn rename(state: &mut State, context: &Context<'_>, number: ListNo) -> Result<Reply, Refusal> {
    lists::rename(state, number, given_name(context)?)?;
    show(state, context, number, 200)
}

/// `DELETE …/todo/lists/{id}`.
pub(super) fn remove(state: &mut State, number: ListNo) -> Result<Reply, Refusal> {
    lists::remove(state, number)?;
    Ok(Reply::empty(204))
}
