//! One event: create, read, change, delete (api/user-post-events,
//! api/event-get, api/event-update, api/event-delete).

use chrono::NaiveDate;

use super::options::Options;
use super::projection::Projection;
use super::{Context, calendars};
use crate::graph::calendar::edit::{self, Created};
use crate::graph::calendar::instance::{Instance, Kind, occurrence, whole};
use crate::graph::calendar::{exception, input, output, remove as removal};
use crate::graph::ids;
use crate::graph::model::{CalendarNo, EventNo};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Options that a single event understands.
const OPTIONS: Options = Options::only(&["$select", "$expand"]);

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

/// What a target is now.
pub(crate) fn instance(state: &State, target: Target) -> Result<Instance<'_>, Refusal> {
    let event = state.events.get(&target.event).ok_or_else(Refusal::item_not_found)?;
    match target.occurrence {
        None => Ok(whole(event)),
        Some(date) => occurrence(event, date).ok_or_else(Refusal::item_not_found),
    }
}

/// Compares `If-Match`, if the caller sent it.
fn check_version(state: &State, context: &Context<'_>, target: Target) -> Result<(), Refusal> {
    context.check_version(&output::change_key(&instance(state, target)?, &context.view))
}

/// `POST …/events`.
pub(crate) fn create(state: &mut State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    let input = input::read(&context.call.body, state.now)?;
    let written_along = Projection::of_creation(input.extensions.is_some());
    let (Created::New(number) | Created::Repeated(number)) = edit::create(state, &context.mailbox, calendar, input)?;
    let target = Target { event: number, occurrence: None };
    let instance = instance(state, target)?;
    let id = output::id(&instance, context.view.form);
    let location = format!("{}{}/events('{id}')", state.base_url, context.root());
    let map = written_along.write(&instance, &context.view);
    Ok(context.entity(state, "events", map, 201).header("location", location))
}

/// `GET …/events/{id}`. `If-None-Match` is passed over, as observed: the
/// event is answered whether or not it changed.
pub(crate) fn show(state: &State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    OPTIONS.check(context, "an event")?;
    let target = find(state, context, id)?;
    let projection = Projection::read(context, state.meta.behaviour.cloud)?;
    let map = projection.write_one(&instance(state, target)?, &context.view);
    let etag = output::etag(&map);
    Ok(context.entity(state, "events", map, 200).header("etag", etag))
}

/// `GET …/events/{id}/calendar`.
pub(crate) fn calendar(state: &State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    let event = state.events.get(&target.event).ok_or_else(Refusal::item_not_found)?;
    calendars::show(state, context, event.calendar)
}

/// Refuses in `…/events/{id}/instances/{id}` what is no occurrence of just this
/// series.
pub(crate) fn require_instance(state: &State, context: &Context<'_>, master: &str, id: &str) -> Result<(), Refusal> {
    let (master, target) = (find(state, context, master)?, find(state, context, id)?);
    let is_instance = target.event == master.event && target.occurrence.is_some();
    if is_instance { Ok(()) } else { Err(Refusal::item_not_found()) }
}

/// Refuses in `…/events/{id}/exceptionOccurrences/{id}` what is no changed occurrence of
/// just this series, and everything where the cloud does not have them.
pub(crate) fn require_exception(state: &State, context: &Context<'_>, master: &str, id: &str) -> Result<(), Refusal> {
    require_changed_occurrences(state)?;
    require_instance(state, context, master, id)?;
    let is_changed = matches!(instance(state, find(state, context, id)?)?.kind, Kind::Exception(..));
    if is_changed { Ok(()) } else { Err(Refusal::item_not_found()) }
}

/// Refuses the segment `exceptionOccurrences` where the cloud does not have it.
pub(super) fn require_changed_occurrences(state: &State) -> Result<(), Refusal> {
    let is_there = state.meta.behaviour.cloud.lists_changed_occurrences();
    if is_there { Ok(()) } else { Err(Refusal::no_segment("exceptionOccurrences")) }
}

/// `PATCH …/events/{id}`.
pub(crate) fn update(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    check_version(state, context, target)?;
    let input = input::read(&context.call.body, state.now)?;
    if input.transaction_id.is_some() {
        return Err(Refusal::invalid_property(
            "The property 'transactionId' can only be set when an event is created.",
        ));
    }
    // An extension is added to an event that exists by a request of its own
    // (api/opentypeextension-post-opentypeextension).
    if input.extensions.is_some() {
        return Err(Refusal::invalid_property("The property 'extensions' can only be set when an event is created."));
    }
    if input.names_attachments {
        return Err(Refusal::invalid_property("The property 'attachments' cannot be set when an event is changed."));
    }
    match target.occurrence {
        None => edit::update(state, target.event, input)?,
        Some(date) => exception::update(state, target.event, date, input)?,
    }
    let map = output::full(&instance(state, target)?, &context.view);
    Ok(context.entity(state, "events", map, 200))
}

/// `DELETE …/events/{id}`.
pub(crate) fn remove(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    check_version(state, context, target)?;
    match target.occurrence {
        None => removal::event(state, target.event, None),
        Some(date) => removal::occurrence(state, target.event, date, None),
    }
    Ok(Reply::empty(204))
}
