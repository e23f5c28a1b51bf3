//! Open extensions of events, messages, tasks and task lists
//! (api/opentypeextension-post-opentypeextension, -get, -update, -delete).
//!
//! The same requests for all of them. An occurrence without data of its own
//! shows that of its series, and becomes an exception when data is written to
//! it.
//!
//! DIFFERENCE: what becomes of the data of the series when it is deleted on one
//! occurrence is not documented. Here it is not found there: an occurrence
//! loses only what is its own, and then shows that of the series again.
//!
//! DIFFERENCE: change tracking does not see extensions; here their changes
//! leave the change key alone as well, so that nothing but a read tells.

use serde_json::{Map, Value};

use super::events::{Target, instance};
use super::list::{Page, collection, count_only};
use super::options::Options;
use super::{Context, not_emulated};
use crate::graph::calendar::exception;
use crate::graph::calendar::instance::{Instance, Kind};
use crate::graph::extension;
use crate::graph::mail::model::MessageNo;
use crate::graph::model::{Change, Extensions};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, TaskNo};

/// Options that the list and one of it understand.
const LIST: Options = Options::of(&["$top", "$skip", "$count"], &["$search", "$skiptoken", "$deltatoken"]);
const ITEM: Options = Options::of(&[], &["$filter", "$orderby", "$top", "$skip", "$count", "$search"]);

/// What has extensions here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    Event(Target),
    Message(MessageNo),
    Task(TaskNo),
    List(ListNo),
}

/// `…/extensions` and one of them; `words` is the path behind it, `name` the
/// first segment there, and `collection` what it is called in metadata links.
pub(crate) fn answer(
    state: &mut State,
    context: &Context<'_>,
    owner: Owner,
    collection: &str,
    words: &[&str],
    name: &str,
) -> Result<Reply, Refusal> {
    let name = extension::short_name(name);
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => list(state, context, owner, collection),
        ("GET", ["$count"]) => {
            LIST.check(context, "extensions")?;
            Ok(count_only(owner.shown(state)?.len()))
        }
        ("POST", []) => create(state, context, owner, collection),
        ("GET", [_]) => {
            ITEM.check(context, "an extension")?;
            show(state, context, owner, collection, &name, 200)
        }
        ("PATCH", [_]) => update(state, context, owner, collection, &name),
        ("DELETE", [_]) => remove(state, owner, &name),
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The extensions of an instance: its own before those of its series.
pub(crate) fn of<'a>(instance: &Instance<'a>) -> &'a Extensions {
    let own = match instance.kind {
        Kind::Exception(_, changed) => Some(&changed.extensions),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    own.filter(|own| !own.is_empty()).unwrap_or(&instance.event.extensions)
}

fn list(state: &State, context: &Context<'_>, owner: Owner, path: &str) -> Result<Reply, Refusal> {
    LIST.check(context, "extensions")?;
    let extensions: Vec<(&String, &Map<String, Value>)> = owner.shown(state)?.iter().collect();
    let write = |(name, data): &(&String, &Map<String, Value>)| extension::write(name, data);
    Ok(collection(state, context, path, Page::whole(context)?, &extensions, write))
}

fn show(
    state: &State,
    context: &Context<'_>,
    owner: Owner,
    path: &str,
    name: &str,
    status: u16,
) -> Result<Reply, Refusal> {
    let (name, data) = extension::find(owner.shown(state)?, name).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, path, extension::write(name, data), status))
}

fn body(context: &Context<'_>) -> Result<Value, Refusal> {
    serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())
}

fn create(state: &mut State, context: &Context<'_>, owner: Owner, path: &str) -> Result<Reply, Refusal> {
    let (name, data) = extension::read(&body(context)?)?;
    // Asked before the change, so that a refused one leaves no exception behind.
    if extension::find(owner.shown(state)?, &name).is_some() {
        return Err(extension::exists());
    }
    owner.own(state)?.insert(name.clone(), data);
    show(state, context, owner, path, &name, 201)
}

fn update(state: &mut State, context: &Context<'_>, owner: Owner, path: &str, name: &str) -> Result<Reply, Refusal> {
    let (known, _) = extension::find(owner.shown(state)?, name).ok_or_else(Refusal::item_not_found)?;
    let known = known.clone();
    let data = extension::read_change(&body(context)?, &known)?;
    owner.own(state)?.insert(known, data);
    show(state, context, owner, path, name, 200)
}

fn remove(state: &mut State, owner: Owner, name: &str) -> Result<Reply, Refusal> {
    let (known, _) = extension::find(owner.held(state)?, name).ok_or_else(Refusal::item_not_found)?;
    let known = known.clone();
    owner.own(state)?.remove(&known);
    Ok(Reply::empty(204))
}

impl Owner {
    /// What it shows, be it its own or that of its series.
    fn shown(self, state: &State) -> Result<&Extensions, Refusal> {
        match self {
            Self::Event(target) => Ok(of(&instance(state, target)?)),
            Self::Message(_) | Self::Task(_) | Self::List(_) => self.held(state),
        }
    }

    /// What belongs to it alone.
    fn held(self, state: &State) -> Result<&Extensions, Refusal> {
        let held = match self {
            Self::Event(target) => state.events.get(&target.event).and_then(|event| match target.occurrence {
                None => Some(&event.extensions),
                Some(date) => match event.exceptions.get(&date) {
                    Some(Change::Moved(changed)) => Some(&changed.extensions),
                    Some(Change::Cancelled) | None => None,
                },
            }),
            Self::Message(number) => state.messages.get(&number).map(|message| &message.custom.extensions),
            Self::Task(number) => state.tasks.get(&number).map(|task| &task.extensions),
            Self::List(number) => state.task_lists.get(&number).map(|list| &list.extensions),
        };
        held.ok_or_else(Refusal::item_not_found)
    }

    /// What belongs to it alone, to be changed.
    fn own(self, state: &mut State) -> Result<&mut Extensions, Refusal> {
        let own = match self {
            Self::Event(target) => return own_of_event(state, target),
            Self::Message(number) => state.messages.get_mut(&number).map(|message| &mut message.custom.extensions),
            Self::Task(number) => state.tasks.get_mut(&number).map(|task| &mut task.extensions),
            Self::List(number) => state.task_lists.get_mut(&number).map(|list| &mut list.extensions),
        };
        own.ok_or_else(Refusal::item_not_found)
    }
}

/// The extensions of an event itself, to be changed. An occurrence takes those
/// of its series over when it gets its own.
fn own_of_event(state: &mut State, target: Target) -> Result<&mut Extensions, Refusal> {
    let now = state.now;
    let event = state.events.get_mut(&target.event).ok_or_else(Refusal::item_not_found)?;
    let Some(date) = target.occurrence else {
        return Ok(&mut event.extensions);
    };
    let inherited = event.extensions.clone();
    if !event.exceptions.contains_key(&date) {
        let unchanged = exception::unchanged(event, date, now).ok_or_else(Refusal::item_not_found)?;
        event.exceptions.insert(date, Change::Moved(Box::new(unchanged)));
    }
    match event.exceptions.get_mut(&date) {
        Some(Change::Moved(changed)) => {
            if changed.extensions.is_empty() {
                changed.extensions = inherited;
            }
            Ok(&mut changed.extensions)
        }
        Some(Change::Cancelled) | None => Err(Refusal::item_not_found()),
    }
}
