//! One event: create, read, change, delete (api/user-post-events,
//! api/event-get, api/event-update, api/event-delete).

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::Context;
use super::filter::{expanded_properties, extended_entries};
use super::list::item;
use crate::graph::calendar::edit::{self, Created};
use crate::graph::calendar::instance::{Instance, Kind, occurrence, whole};
use crate::graph::calendar::{input, output, remove as removal};
use crate::graph::ids;
use crate::graph::model::{CalendarNo, Change, Event, EventNo};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// What an id points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub event: EventNo,
    /// The original date, if it is an occurrence or an exception.
    pub occurrence: Option<NaiveDate>,
}

/// Finds what an id points at in the mailbox of the call.
pub(crate) fn find(state: &State, context: &Context<'_>, id: &str) -> Result<Target, Refusal> {
    let item = ids::parse_item_id(id).ok_or_else(Refusal::malformed_id)?;
    let event = state.events.get(&item.event).filter(|event| event.mailbox == context.mailbox.number);
    let event = event.ok_or_else(Refusal::item_not_found)?;
    if item.moves.is_some_and(|moves| moves != event.moves) {
        return Err(Refusal::item_not_found());
    }
    match item.occurrence {
        None => Ok(Target { event: event.number, occurrence: None }),
        Some((date, generation)) if generation == event.generation && occurrence(event, date).is_some() => {
            Ok(Target { event: event.number, occurrence: Some(date) })
        }
        Some(_) => Err(Refusal::item_not_found()),
    }
}

fn instance(state: &State, target: Target) -> Result<Instance<'_>, Refusal> {
    let event = state.events.get(&target.event).ok_or_else(Refusal::item_not_found)?;
    match target.occurrence {
        None => Ok(whole(event)),
        Some(date) => occurrence(event, date).ok_or_else(Refusal::item_not_found),
    }
}

/// Compares `If-Match`, if the caller sent it.
fn check_version(state: &State, context: &Context<'_>, target: Target) -> Result<(), Refusal> {
    let Some(given) = context.call.header("if-match") else {
        return Ok(());
    };
    let key = output::change_key(&instance(state, target)?);
    let given = given.trim();
    let given_key = given.strip_prefix("W/").unwrap_or(given).trim_matches('"');
    if given == "*" || given_key == key { Ok(()) } else { Err(Refusal::stale_change_key()) }
}

/// The answer that holds one event.
fn entity(state: &State, context: &Context<'_>, target: Target, status: u16) -> Result<Reply, Refusal> {
    let instance = instance(state, target)?;
    let expand = context.call.query.get("$expand");
    let mut map = item(context, &instance, &expanded_properties(expand)?);
    if let Kind::Master = instance.kind {
        add_changed_occurrences(state, context, instance.event, &mut map);
    }
    map.insert("@odata.context".to_owned(), json!(context.odata_context(state, "events/$entity")));
    Ok(Reply::json(status, Value::Object(map)))
}

/// `cancelledOccurrences` needs `$select`, `exceptionOccurrences` needs
/// `$select` and `$expand`, and both exist on the master alone.
fn add_changed_occurrences(state: &State, context: &Context<'_>, event: &Event, map: &mut Map<String, Value>) {
    let names = |option: &str, name: &str| {
        let list = context.call.query.get(option).unwrap_or_default().to_ascii_lowercase();
        list.split([',', '(', ')']).any(|entry| entry.trim() == name)
    };
    if !state.meta.behaviour.cloud.lists_changed_occurrences() {
        return;
    }
    if names("$select", "cancelledoccurrences") {
        let master = ids::item_id(event.number, event.moves, None, context.view.form);
        let cancelled = event.exceptions.iter().filter(|(_, change)| matches!(change, Change::Cancelled));
        let list: Vec<String> = cancelled.map(|(date, _)| format!("OID.{master}.{date}")).collect();
        map.insert("cancelledOccurrences".to_owned(), json!(list));
    }
    if names("$select", "exceptionoccurrences") && names("$expand", "exceptionoccurrences") {
        let changed = event.exceptions.keys().filter_map(|date| occurrence(event, *date));
        let list: Vec<Value> = changed.map(|instance| Value::Object(output::full(&instance, &context.view))).collect();
        map.insert("exceptionOccurrences".to_owned(), json!(list));
    }
}

/// `POST …/events`.
pub(crate) fn create(state: &mut State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    let input = input::read(&context.call.body)?;
    let wanted: Vec<String> = input.extended.keys().cloned().collect();
    let (Created::New(number) | Created::Repeated(number)) = edit::create(state, &context.mailbox, calendar, input)?;
    let target = Target { event: number, occurrence: None };
    let instance = instance(state, target)?;
    let id = output::id(&instance, context.view.form);
    let mut map = output::full(&instance, &context.view);
    let entries = extended_entries(&instance, &wanted);
    if !entries.is_empty() {
        map.insert("singleValueExtendedProperties".to_owned(), Value::Array(entries));
    }
    map.insert("@odata.context".to_owned(), json!(context.odata_context(state, "events/$entity")));
    let location = format!("{}{}/events('{id}')", state.base_url, context.root());
    Ok(Reply::json(201, Value::Object(map)).header("location", location))
}

/// `GET …/events/{id}`.
pub(crate) fn show(state: &State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    let reply = entity(state, context, target, 200)?;
    let etag = reply.value().and_then(|value| value.get("@odata.etag")).and_then(Value::as_str).map(str::to_owned);
    Ok(match etag {
        Some(etag) => reply.header("etag", etag),
        None => reply,
    })
}

/// `PATCH …/events/{id}`.
pub(crate) fn update(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    check_version(state, context, target)?;
    let input = input::read(&context.call.body)?;
    if input.transaction_id.is_some() {
        return Err(Refusal::invalid_property(
            "The property 'transactionId' can only be set when an event is created.",
        ));
    }
    match target.occurrence {
        None => edit::update(state, target.event, input)?,
        Some(date) => edit::update_occurrence(state, target.event, date, input)?,
    }
    entity(state, context, target, 200)
}

/// `DELETE …/events/{id}`.
pub(crate) fn remove(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    check_version(state, context, target)?;
    match target.occurrence {
        None => removal::event(state, target.event),
        Some(date) => removal::occurrence(state, target.event, date),
    }
    Ok(Reply::empty(204))
}
