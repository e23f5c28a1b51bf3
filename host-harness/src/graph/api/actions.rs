//! Actions on events: answers, cancellation, forwarding, reminders, purging
//! (api/event-accept, api/event-decline, api/event-tentativelyaccept,
//! api/event-cancel, api/event-forward, api/event-snoozereminder,
//! api/event-dismissreminder, api/event-permanentdelete).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::Context;
use super::events::{Target, find};
use crate::graph::calendar::answer::{self, Answer};
use crate::graph::calendar::{exception, input, remove as removal};
use crate::graph::model::{Event, Response};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

/// Parameters under their names in lower case: both spellings are in use. An
/// action without parameters may come without a body. Which there are, and of
/// which types, was looked at before.
fn parameters(context: &Context<'_>) -> Result<BTreeMap<String, Value>, Refusal> {
    let sent = &context.call.body;
    if sent.iter().all(u8::is_ascii_whitespace) {
        return Ok(BTreeMap::new());
    }
    let body: Map<String, Value> = serde_json::from_slice(sent).map_err(|_| Refusal::unreadable())?;
    Ok(body.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect())
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "ErrorInvalidRequest", message)
}

/// `POST …/events/{id}/{action}`; `action` is in lower case.
pub(crate) fn perform(state: &mut State, context: &Context<'_>, id: &str, action: &str) -> Result<Reply, Refusal> {
    let cloud = state.meta.behaviour.cloud;
    routes!(match action {
        "accept" => respond(state, context, id, Response::Accepted),
        "decline" => respond(state, context, id, Response::Declined),
        "tentativelyaccept" => respond(state, context, id, Response::TentativelyAccepted),
        "cancel" => cancel(state, context, id),
        "forward" if cloud.forwards_meetings() => forward(state, context, id),
        "permanentdelete" if cloud.purges_events() => purge(state, context, id),
        "forward" | "permanentdelete" => Err(Refusal::no_segment(action)),
        "snoozereminder" => snooze(state, context, id),
        "dismissreminder" => remind(state, context, id),
        _ => Err(super::not_emulated(context.call)),
    })
}

fn respond(state: &mut State, context: &Context<'_>, id: &str, response: Response) -> Result<Reply, Refusal> {
    let Target { event: number, occurrence } = find(state, context, id)?;
    let event = state.events.get(&number).ok_or_else(Refusal::item_not_found)?;
    if event.is_organizer {
        return Err(invalid(
            "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
        ));
    }
    let given = parameters(context)?;
    let sends = given.get("sendresponse").and_then(Value::as_bool).unwrap_or(true);
    let proposed = given.get("proposednewtime").filter(|value| !value.is_null());
    if proposed.is_some() && (!sends || !allows_proposals(event, occurrence)) {
        let message = "Your request can't be completed. A new time can't be proposed for this meeting in this way.";
        return Err(invalid(message));
    }
    let proposed = proposed.map(|slot| input::time_slot(slot, "ProposedNewTime")).transpose()?;
    let answer = Answer { response, proposed, sends, comment: comment(&given).map(str::to_owned) };
    answer::respond(state, number, occurrence, &answer);
    Ok(Reply::empty(202))
}

/// Whether the organiser lets guests propose other times.
fn allows_proposals(event: &Event, date: Option<NaiveDate>) -> bool {
    let changed = date.and_then(|date| exception::opened(event, date, event.modified));
    let own = changed.as_ref().and_then(|changed| changed.properties.get("allowNewTimeProposals"));
    let allows = own.or_else(|| event.properties.get("allowNewTimeProposals"));
    allows.and_then(Value::as_bool).unwrap_or(true)
}

/// What somebody says to an action, if there is anything.
fn comment(given: &BTreeMap<String, Value>) -> Option<&str> {
    given.get("comment").and_then(Value::as_str).filter(|comment| !comment.is_empty())
}

fn cancel(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let Target { event, occurrence } = find(state, context, id)?;
    let is_organizer = state.events.get(&event).is_some_and(|event| event.is_organizer);
    if !is_organizer {
        return Err(invalid("Your request can't be completed. You need to be an organizer to cancel a meeting."));
    }
    let given = parameters(context)?;
    match occurrence {
        None => removal::event(state, event, comment(&given)),
        Some(date) => removal::occurrence(state, event, date, comment(&given)),
    }
    Ok(Reply::empty(202))
}

fn forward(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let Target { event, occurrence } = find(state, context, id)?;
    let given = parameters(context)?;
    let recipients = input::recipients(given.get("torecipients").unwrap_or(&Value::Null))?;
    if recipients.is_empty() {
        return Err(Refusal::new(400, "ErrorInvalidRecipients", "At least one recipient is required."));
    }
    answer::forward(state, event, occurrence, &recipients, &context.mailbox, comment(&given));
    Ok(Reply::empty(202))
}

/// DIFFERENCE: the documentation mentions no mails, so there are none: guests
/// keep their copies of what an organiser purged.
fn purge(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let Target { event, occurrence } = find(state, context, id)?;
    match occurrence {
        None => removal::bury(state, event),
        Some(date) => removal::strike_out(state, event, date),
    }
    Ok(Reply::empty(204))
}

fn snooze(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let given = parameters(context)?;
    let time = given.get("newremindertime").ok_or_else(|| invalid("The parameter 'NewReminderTime' is missing."))?;
    input::moment(time, "NewReminderTime")?;
    remind(state, context, id)
}

/// A reminder that was put off or dismissed shows in no property, but it is a
/// change of the item.
fn remind(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let Target { event: number, occurrence } = find(state, context, id)?;
    let event = state.events.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    if let Some(date) = occurrence {
        let opened = exception::opened(&event, date, state.now).ok_or_else(Refusal::item_not_found)?;
        exception::put(state, number, date, opened);
        return Ok(Reply::empty(200));
    }
    let (change, now) = (state.next_change(), state.now);
    if let Some(event) = state.events.get_mut(&number) {
        event.change = change;
        event.modified = now;
    }
    Ok(Reply::empty(200))
}
