//! Microsoft To Do: who may call, and which handler answers
//! (resources/todo-overview).
//!
//! A refused request is put in To Do's own words, with the store's inside:
//! `invalidRequest` and the reason in `innerError` (observed in
//! microsoft-graph-docs#15794 and #10503).
//!
//! DIFFERENCE: ids that were never one are said to be refused as malformed, as
//! `RequestBroker--ParseUri`, or not at all. Here what is not the id of
//! something in the mailbox is not found.

mod attachments;
mod delta;
mod lists;
mod parts;
mod sessions;
mod task_filter;
mod tasks;

use super::extensions::{self, Owner};
use super::projection::only_option;
use super::{Context, not_emulated, part_path, with_preferences};
use crate::graph::call::Prefer;
use crate::graph::extension::Wanted;
use crate::graph::ids;
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, Task, TaskNo};
use crate::graph::todo::output;
use crate::graph::todo::part::Kind;

/// Answers a call on `…/todo`; `words` is the path behind it.
pub(crate) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    if !state.meta.behaviour.cloud.has_todo() {
        return Err(Refusal::no_segment("todo"));
    }
    context.require(if context.call.method == "GET" { Access::ReadTasks } else { Access::WriteTasks })?;
    let reply = route(state, context, words).map_err(in_own_words)?;
    // To Do knows neither immutable ids nor a preferred kind of body.
    let honoured = Prefer { immutable_ids: false, body_type: None, ..context.prefer.clone() };
    Ok(with_preferences(reply, &honoured))
}

/// A refusal of the store as To Do puts it.
pub(super) fn in_own_words(refusal: Refusal) -> Refusal {
    if refusal.status == 400 { refusal.inside("invalidRequest", "Invalid request") } else { refusal }
}

fn route(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    let method = context.call.method.as_str();
    routes!(match (method, words) {
        ("GET", ["lists"]) => return lists::all(state, context),
        ("GET", ["lists", "$count"]) => return lists::all(state, context),
        ("POST", ["lists"]) => return lists::create(state, context),
        ("GET", ["lists", "delta"]) => return delta::lists(state, context),
        _ => {}
    });
    let ["lists", _, rest @ ..] = words else {
        return Err(not_emulated(context.call));
    };
    let list = find_list(state, context)?;
    routes!(match (method, rest) {
        ("GET", []) => lists::show(state, context, list),
        ("PATCH", []) => lists::rename(state, context, list),
        ("DELETE", []) => lists::remove(state, list),
        (_, ["extensions", rest @ ..]) => {
            let path = part_path("todo/lists", context.raw(2), "extensions");
            extensions::answer(state, context, Owner::List(list), &path, rest, context.raw(4))
        }
        ("GET", ["tasks"]) => tasks::all(state, context, list),
        ("GET", ["tasks", "$count"]) => tasks::all(state, context, list),
        ("POST", ["tasks"]) => tasks::create(state, context, list),
        ("GET", ["tasks", "delta"]) => delta::tasks(state, context, list),
        ("GET", ["tasks", _]) => tasks::show(state, context, find_task(state, context, list)?),
        ("PATCH", ["tasks", _]) => tasks::update(state, context, find_task(state, context, list)?),
        ("DELETE", ["tasks", _]) => tasks::remove(state, context, find_task(state, context, list)?),
        (_, ["tasks", _, "extensions", rest @ ..]) => {
            let task = find_task(state, context, list)?;
            let path = part_path(&tasks_path(context), context.raw(4), "extensions");
            extensions::answer(state, context, Owner::Task(task), &path, rest, context.raw(6))
        }
        (_, ["tasks", _, "attachments", rest @ ..]) => {
            attachments::answer(state, context, find_task(state, context, list)?, rest)
        }
        (_, ["tasks", _, "attachmentsessions", rest @ ..]) => {
            sessions::answer(state, context, find_task(state, context, list)?, rest)
        }
        (_, ["tasks", _, relation, rest @ ..]) => match Kind::of(relation) {
            Some(kind) => parts::answer(state, context, find_task(state, context, list)?, kind, rest),
            None => Err(not_emulated(context.call)),
        },
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The list of the path, if it belongs to the mailbox.
fn find_list(state: &State, context: &Context<'_>) -> Result<ListNo, Refusal> {
    let list = ids::parse_list_id(context.raw(2)).and_then(|number| state.task_lists.get(&number));
    let list = list.filter(|list| list.mailbox == context.mailbox.number);
    list.map(|list| list.number).ok_or_else(Refusal::item_not_found)
}

/// The task of the path, if it is in the list.
fn find_task(state: &State, context: &Context<'_>, list: ListNo) -> Result<TaskNo, Refusal> {
    let task = ids::parse_task_id(context.raw(4)).and_then(|number| state.tasks.get(&number));
    task.filter(|task| task.list == list).map(|task| task.number).ok_or_else(Refusal::item_not_found)
}

fn stored(state: &State, number: TaskNo) -> Result<&Task, Refusal> {
    state.tasks.get(&number).ok_or_else(Refusal::item_not_found)
}

/// Compares `If-Match`, where To Do is told to look at it.
fn check_version(state: &State, context: &Context<'_>, number: TaskNo) -> Result<(), Refusal> {
    if state.meta.behaviour.todo_if_match {
        context.check_version(&output::change_key(stored(state, number)?))
    } else {
        Ok(())
    }
}

/// The name of the tasks of the path's list in a metadata link.
fn tasks_path(context: &Context<'_>) -> String {
    format!("todo/lists('{}')/tasks", context.raw(2))
}

/// The name in an entry of `$expand`, and which extensions it asks for if it is
/// theirs.
fn expanded_extensions(entry: &str) -> Result<(&str, Option<Wanted>), Refusal> {
    let (name, options) = match entry.split_once('(') {
        Some((name, rest)) => (name.trim(), rest.strip_suffix(')').unwrap_or_default()),
        None => (entry, ""),
    };
    let is_theirs = name.eq_ignore_ascii_case("extensions");
    let wanted = is_theirs.then(|| Wanted::read(only_option(options, "$filter")?)).transpose()?;
    Ok((name, wanted))
}
