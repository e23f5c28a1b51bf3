//! Open extensions of events (resources/opentypeextension,
//! api/opentypeextension-post-opentypeextension, -get, -update, -delete).
//!
//! Custom data under a name. An occurrence without data of its own shows that
//! of its series, and becomes an exception when data is written to it.
//!
//! DIFFERENCE: what becomes of the data of the series when it is deleted on one
//! occurrence is not documented. Here it is not found there: an occurrence
//! loses only what is its own, and then shows that of the series again.
//!
//! DIFFERENCE: change tracking does not see extensions; here their changes
//! leave the change key alone as well, so that nothing but a read tells.

use serde_json::{Map, Value, json};

use super::events::{Target, find, instance};
use super::list::{Page, collection};
use super::options::Options;
use super::{Context, not_emulated};
use crate::graph::calendar::exception;
use crate::graph::calendar::instance::{Instance, Kind};
use crate::graph::model::{Change, Extensions};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Options that the list and one of it understand.
pub(super) const LIST: Options = Options::of(&["$top", "$skip", "$count"], &["$search", "$skiptoken", "$deltatoken"]);
pub(super) const ITEM: Options = Options::of(&[], &["$filter", "$orderby", "$top", "$skip", "$count", "$search"]);

/// What stands before the name in an id.
const TYPE: &str = "microsoft.graph.openTypeExtension";

/// The name in an id or a path segment, which may be qualified. A path lost
/// the namespace when it was taken apart.
pub(crate) fn short_name(text: &str) -> String {
    let text = text.trim().trim_matches('\'');
    let text = text.strip_prefix("microsoft.graph.").unwrap_or(text);
    text.strip_prefix("openTypeExtension.").unwrap_or(text).to_owned()
}

/// The extensions of an instance: its own before those of its series.
pub(crate) fn of<'a>(instance: &Instance<'a>) -> Vec<(&'a String, &'a Map<String, Value>)> {
    let own = match instance.kind {
        Kind::Exception(_, changed) => Some(&changed.extensions),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    match own.filter(|own| !own.is_empty()) {
        Some(own) => own.iter().collect(),
        None => instance.event.extensions.iter().collect(),
    }
}

/// An extension as it is answered.
pub(crate) fn write(name: &str, data: &Map<String, Value>) -> Map<String, Value> {
    let mut map = data.clone();
    map.insert("@odata.type".to_owned(), json!(format!("#{TYPE}")));
    map.insert("id".to_owned(), json!(format!("{TYPE}.{name}")));
    map.insert("extensionName".to_owned(), json!(name));
    map
}

/// Reads an extension from a body: its name and its data.
pub(crate) fn read(value: &Value) -> Result<(String, Map<String, Value>), Refusal> {
    let invalid = |detail: &str| Refusal::new(400, "ErrorInvalidRequest", detail.to_owned());
    let given = value.as_object().ok_or_else(|| invalid("An extension is an object."))?;
    let name = given.get("extensionName").and_then(Value::as_str).map(short_name).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid("The extensionName of an extension is missing."))?;
    Ok((name, data_of(given)))
}

/// The custom data of a body, without what the service adds.
pub(crate) fn data_of(given: &Map<String, Value>) -> Map<String, Value> {
    let is_data = |name: &str| !matches!(name, "id" | "extensionName") && !name.contains('@');
    given.iter().filter(|(name, _)| is_data(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// `…/events/{id}/extensions` and `…/events/{id}/extensions/{name}`; `name`
/// is empty for the collection.
pub(crate) fn answer(state: &mut State, context: &Context<'_>, id: &str, name: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    let name = short_name(name);
    match (context.call.method.as_str(), name.is_empty()) {
        ("GET", true) => list(state, context, target),
        ("GET", false) => {
            ITEM.check(context, "an extension")?;
            show(state, context, target, &name, 200)
        }
        ("POST", true) => create(state, context, target),
        ("PATCH", false) => update(state, context, target, &name),
        ("DELETE", false) => remove(state, target, &name),
        (_, _) => Err(not_emulated(context.call)),
    }
}

fn list(state: &State, context: &Context<'_>, target: Target) -> Result<Reply, Refusal> {
    LIST.check(context, "extensions")?;
    let found = instance(state, target)?;
    let extensions = of(&found);
    let write = |(name, data): &(&String, &Map<String, Value>)| write(name, data);
    Ok(collection(state, context, "events/extensions", Page::whole(context)?, &extensions, write))
}

fn show(state: &State, context: &Context<'_>, target: Target, name: &str, status: u16) -> Result<Reply, Refusal> {
    let found = instance(state, target)?;
    let known = of(&found).into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (name, data) = known.ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, "events/extensions", write(name, data), status))
}

fn body(context: &Context<'_>) -> Result<Value, Refusal> {
    serde_json::from_slice(&context.call.body)
        .map_err(|_| Refusal::new(400, "BadRequest", "Unable to read JSON request payload."))
}

fn create(state: &mut State, context: &Context<'_>, target: Target) -> Result<Reply, Refusal> {
    let (name, data) = read(&body(context)?)?;
    if is_shown(state, target, &name)? {
        // Not documented for Outlook; other resources answer a conflict.
        let message = "An extension with this name already exists on the item.";
        return Err(Refusal::new(409, "ErrorExtensionAlreadyExists", message));
    }
    own_extensions(state, target)?.insert(name.clone(), data);
    show(state, context, target, &name, 201)
}

fn update(state: &mut State, context: &Context<'_>, target: Target, name: &str) -> Result<Reply, Refusal> {
    let given = body(context)?.as_object().map(data_of).unwrap_or_default();
    if !is_shown(state, target, name)? {
        return Err(Refusal::item_not_found());
    }
    let own = own_extensions(state, target)?.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (_, data) = own.ok_or_else(Refusal::item_not_found)?;
    for (name, value) in given {
        if value.is_null() {
            data.remove(&name);
        } else {
            data.insert(name, value);
        }
    }
    show(state, context, target, name, 200)
}

fn remove(state: &mut State, target: Target, name: &str) -> Result<Reply, Refusal> {
    let event = state.events.get(&target.event).ok_or_else(Refusal::item_not_found)?;
    let own = match target.occurrence.map(|date| event.exceptions.get(&date)) {
        None => &event.extensions,
        Some(Some(Change::Moved(changed))) => &changed.extensions,
        Some(Some(Change::Cancelled) | None) => return Err(Refusal::item_not_found()),
    };
    if !own.keys().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(Refusal::item_not_found());
    }
    own_extensions(state, target)?.retain(|known, _| !known.eq_ignore_ascii_case(name));
    Ok(Reply::empty(204))
}

/// Whether an item shows an extension, be it its own or that of its series.
/// Asked before a change, so that a refused one leaves no exception behind.
fn is_shown(state: &State, target: Target, name: &str) -> Result<bool, Refusal> {
    let found = instance(state, target)?;
    Ok(of(&found).into_iter().any(|(known, _)| known.eq_ignore_ascii_case(name)))
}

/// The extensions that belong to an item itself, to be changed. An occurrence
/// takes those of its series over when it gets its own.
fn own_extensions(state: &mut State, target: Target) -> Result<&mut Extensions, Refusal> {
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
