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

/// `…/checklistItems`, `…/linkedResources`, and one of them by its id.
pub(super) fn answer(state: &mut State, context: &Context<'_>, number: TaskNo, kind: Kind) -> Result<Reply, Refusal> {
    let id = context.raw(6);
    let body = &context.call.body;
    routes!(match (context.call.method.as_str(), id.is_empty()) {
        ("GET", true) => all(state, context, number, kind),
        ("GET", false) if id == "$count" => {
            LIST.check(context, kind.name())?;
            Ok(count_only(kind.of_task(stored(state, number)?).len()))
        }
        ("POST", true) => {
            let added = part::add(state, number, kind, &properties::object(body)?)?;
            Ok(entity(state, context, kind, &added, 201))
        }
        ("GET", false) => {
            ITEM.check(context, kind.name())?;
            let found = part::find(stored(state, number)?, kind, id)?;
            Ok(entity(state, context, kind, found, 200))
        }
        ("PATCH", false) => {
            let changed = part::update(state, number, kind, id, &properties::object(body)?)?;
            Ok(entity(state, context, kind, &changed, 200))
        }
        ("DELETE", false) => {
            part::remove(state, number, kind, id)?;
            Ok(Reply::empty(204))
        }
        (_, _) => Err(not_emulated(context.call)),
    })
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
