//! The checklist and the linked resources of a task
//! (api/todotask-list-checklistitems, api/todotask-post-checklistitems,
//! api/checklistitem-get, -update and -delete; api/todotask-list-linkedresources,
//! api/todotask-post-linkedresources, api/linkedresource-get, -update and
//! -delete).

use super::{stored, tasks_path};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
use crate::graph::api::{Context, not_emulated};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::todo::model::{Part, TaskNo};
use crate::graph::todo::part::{self, Kind};
use crate::graph::todo::{output, properties};

/// Options that the lists understand, and one of the items.
pub(super) const LIST: Options = Options::of(&["$top", "$skip", "$count"], &["$search"]);
pub(super) const ITEM: Options = Options::of(&[], &["$search"]);

/// `…/checklistItems`, `…/linkedResources`, and one of them by its id; `rest` is the path
/// behind them.
pub(super) fn answer(
    state: &mut State,
    context: &Context<'_>,
    number: TaskNo,
    kind: Kind,
    rest: &[&str],
) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), kind, rest) {
        ("GET", Kind::ChecklistItem, []) => all(state, context, number, kind),
        ("GET", Kind::ChecklistItem, ["$count"]) => number_of(state, context, number, kind),
        ("POST", Kind::ChecklistItem, []) => add(state, context, number, kind),
        ("GET", Kind::ChecklistItem, [_]) => show(state, context, number, kind),
        ("PATCH", Kind::ChecklistItem, [_]) => update(state, context, number, kind),
        ("DELETE", Kind::ChecklistItem, [_]) => remove(state, context, number, kind),
        ("GET", Kind::LinkedResource, []) => all(state, context, number, kind),
        ("GET", Kind::LinkedResource, ["$count"]) => number_of(state, context, number, kind),
        ("POST", Kind::LinkedResource, []) => add(state, context, number, kind),
        ("GET", Kind::LinkedResource, [_]) => show(state, context, number, kind),
        ("PATCH", Kind::LinkedResource, [_]) => update(state, context, number, kind),
        ("DELETE", Kind::LinkedResource, [_]) => remove(state, context, number, kind),
        (_, _, _) => Err(not_emulated(context.call)),
    })
}

fn number_of(state: &State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    LIST.check(context, kind.name())?;
    Ok(count_only(kind.of_task(stored(state, number)?).len()))
}

fn add(state: &mut State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    let added = part::add(state, number, kind, &properties::object(&context.call.body)?)?;
    Ok(entity(state, context, kind, &added, 201))
}

fn show(state: &State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    ITEM.check(context, kind.name())?;
    let found = part::find(stored(state, number)?, kind, id(context))?;
    Ok(entity(state, context, kind, found, 200))
}

fn update(state: &mut State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    let changed = part::update(state, number, kind, id(context), &properties::object(&context.call.body)?)?;
    Ok(entity(state, context, kind, &changed, 200))
}

fn remove(state: &mut State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    part::remove(state, number, kind, id(context))?;
    Ok(Reply::empty(204))
}

/// The id of the one that the path names.
fn id<'c>(context: &'c Context<'_>) -> &'c str {
    context.raw(6)
}

/// The collection in metadata links.
fn path(context: &Context<'_>, kind: Kind) -> String {
    format!("{}('{}')/{}", tasks_path(context), context.raw(4), kind.name())
}

fn entity(state: &State, context: &Context<'_>, kind: Kind, part: &Part, status: u16) -> Reply {
    context.entity(state, &path(context, kind), output::part(part), status)
}

fn all(state: &State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    LIST.check(context, kind.name())?;
    let parts = kind.of_task(stored(state, number)?);
    Ok(collection(state, context, &path(context, kind), Page::whole(context)?, parts, output::part))
}
