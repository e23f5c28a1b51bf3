//! Which handler answers a path that leads to a calendar or an event:
//! `…/calendar`, `…/calendars/{id}`, `…/calendarGroups/{id}/calendars/{id}`, and
//! `…/events` and `…/calendarView` of the default calendar or of one of these
//! (resources/calendar, resources/calendargroup, resources/event).

use super::extensions::{self, Owner};
use super::{
    Context, actions, attachments, calendar_delta, calendar_groups, calendars, events, list, not_emulated, part_path,
    require_immutable_ids, schedule, with_preferences,
};
use crate::graph::ids;
use crate::graph::model::CalendarNo;
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

/// Answers a call; `words` is the path behind the mailbox.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    context.require(access(&context.call.method, words))?;
    require_immutable_ids(state, context)?;
    let reply = route(state, context, words)?;
    Ok(with_preferences(reply, &context.prefer))
}

/// What a request needs at least. Who sees the outside of events alone gets
/// nothing that belongs to one.
fn access(method: &str, words: &[&str]) -> Access {
    match (method, words) {
        (_, [.., "getschedule"]) => Access::ReadSchedules,
        ("GET", [.., "calendar" | "calendars" | "calendargroups"] | ["calendargroups", _] | [.., "calendars", _]) => {
            Access::ReadCalendars
        }
        ("GET", words) if words.iter().any(|word| matches!(*word, "attachments" | "extensions")) => Access::ReadEvents,
        ("GET", _) => Access::ReadEventsBasic,
        (_, _) => Access::WriteCalendars,
    }
}

fn route(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    routes!(match words {
        ["calendars"] => calendars::collection(state, context, None),
        ["calendars", "$count"] => calendars::number_of(state, context, None),
        ["calendargroups"] => calendar_groups::answer(state, context, words),
        ["calendargroups", _] => calendar_groups::answer(state, context, words),
        ["calendargroups", _, "calendars"] => {
            let group = calendar_groups::find(state, context)?;
            calendars::collection(state, context, Some(group))
        }
        ["calendargroups", _, "calendars", "$count"] => {
            let group = calendar_groups::find(state, context)?;
            calendars::number_of(state, context, Some(group))
        }
        ["calendar", rest @ ..] => route_calendar(state, context, context.mailbox.default_calendar, rest),
        ["calendars", _, rest @ ..] => {
            let calendar = find_calendar(state, context, context.raw(1))?;
            route_calendar(state, context, calendar, rest)
        }
        ["calendargroups", _, "calendars", _, rest @ ..] => {
            let group = calendar_groups::find(state, context)?;
            let calendar = find_calendar(state, context, context.raw(3))?;
            calendar_groups::require_in(state, calendar, group)?;
            route_calendar(state, context, calendar, rest)
        }
        _ => route_collections(state, context, context.mailbox.default_calendar, words),
    })
}

/// The calendar of an id, if it belongs to the mailbox.
fn find_calendar(state: &State, context: &Context<'_>, id: &str) -> Result<CalendarNo, Refusal> {
    let number = ids::parse_calendar_id(id).ok_or_else(Refusal::malformed_id)?;
    let known = state.calendars.get(&number).filter(|calendar| calendar.mailbox == context.mailbox.number);
    known.map(|calendar| calendar.number).ok_or_else(Refusal::item_not_found)
}

fn route_calendar(
    state: &mut State,
    context: &Context<'_>,
    calendar: CalendarNo,
    words: &[&str],
) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => calendars::show(state, context, calendar),
        ("PATCH", []) => calendars::update(state, context, calendar),
        ("DELETE", []) => calendars::remove(state, context, calendar),
        ("POST", ["permanentdelete"]) => calendars::purge(state, context, calendar),
        ("POST", ["getschedule"]) => schedule::answer(state, context),
        (_, _) => route_collections(state, context, calendar, words),
    })
}

/// The events of a calendar, and its view.
fn route_collections(
    state: &mut State,
    context: &Context<'_>,
    calendar: CalendarNo,
    words: &[&str],
) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words) {
        ("GET", ["events"]) => list::events(state, context, calendar),
        ("GET", ["events", "$count"]) => list::events(state, context, calendar),
        ("POST", ["events"]) => events::create(state, context, calendar),
        ("GET", ["events", "delta"]) => calendar_delta::events(state, context, calendar),
        ("GET", ["calendarview"]) => list::view(state, context, calendar),
        ("GET", ["calendarview", "$count"]) => list::view(state, context, calendar),
        ("GET", ["calendarview", "delta"]) => calendar_delta::calendar_view(state, context, calendar),
        (_, ["events" | "calendarview", _, rest @ ..]) => {
            let at = context.position_of(words);
            route_event(state, context, at + 1, rest)
        }
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// One event; `at` is where its id stands behind the mailbox.
fn route_event(state: &mut State, context: &Context<'_>, at: usize, words: &[&str]) -> Result<Reply, Refusal> {
    let id = context.raw(at);
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => events::show(state, context, id),
        ("PATCH", []) => events::update(state, context, id),
        ("DELETE", []) => events::remove(state, context, id),
        ("GET", ["calendar"]) => events::calendar(state, context, id),
        ("GET", ["instances"]) => list::instances(state, context, id),
        ("GET", ["instances", "$count"]) => list::instances(state, context, id),
        ("GET", ["exceptionoccurrences"]) => list::exceptions(state, context, id),
        ("GET", ["exceptionoccurrences", "$count"]) => list::exceptions(state, context, id),
        ("GET", ["instances" | "exceptionoccurrences", "delta"]) => Err(calendar_delta::not_tracked("event")),
        (_, ["instances", _, rest @ ..]) => {
            events::require_instance(state, context, id, context.raw(at + 2))?;
            route_event(state, context, at + 2, rest)
        }
        (_, ["exceptionoccurrences", _, rest @ ..]) => {
            events::require_exception(state, context, id, context.raw(at + 2))?;
            route_event(state, context, at + 2, rest)
        }
        (_, ["attachments", rest @ ..]) => {
            let owner = attachments::Owner::Event(events::find(state, context, id)?);
            attachments::answer(state, context, owner, rest, at + 2)
        }
        (_, ["extensions", rest @ ..]) => {
            let target = events::find(state, context, id)?;
            let path = part_path("events", id, "extensions");
            extensions::answer(state, context, Owner::Event(target), &path, rest, context.raw(at + 2))
        }
        ("POST", [action]) => actions::perform(state, context, id, action),
        (_, _) => Err(not_emulated(context.call)),
    })
}
