//! Actions on meetings: answers, cancellation, reminders (api/event-accept,
//! api/event-decline, api/event-tentativelyaccept, api/event-cancel).

use std::collections::BTreeMap;

use serde_json::Value;

use super::Context;
use super::events::{Target, find};
use crate::graph::calendar::{meeting, remove as removal};
use crate::graph::model::Response;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Parameters under their names in lower case: both spellings are in use.
fn parameters(context: &Context<'_>) -> BTreeMap<String, Value> {
    let body: Value = serde_json::from_slice(&context.call.body).unwrap_or_default();
    let pairs = body.as_object().cloned().unwrap_or_default();
    pairs.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// `POST …/events/{id}/{action}`; `action` is in lower case.
pub(crate) fn perform(state: &mut State, context: &Context<'_>, id: &str, action: &str) -> Result<Reply, Refusal> {
    let response = match action {
        "accept" => Response::Accepted,
        "decline" => Response::Declined,
        "tentativelyaccept" => Response::TentativelyAccepted,
        "cancel" => return cancel(state, context, id),
        _ => return Err(super::not_emulated(context.call)),
    };
    let target = find(state, context, id)?;
    if target.occurrence.is_some() {
        return Err(Refusal::not_emulated("Answering a single occurrence of a series"));
    }
    let event = state.events.get(&target.event).ok_or_else(Refusal::item_not_found)?;
    if event.is_organizer {
        return Err(Refusal::new(
            400,
            "ErrorInvalidRequest",
            "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
        ));
    }
    let given = parameters(context);
    let sends = given.get("sendresponse").and_then(Value::as_bool).unwrap_or(true);
    if given.get("proposednewtime").is_some_and(|value| !value.is_null()) {
        let allows = event.properties.get("allowNewTimeProposals").and_then(Value::as_bool).unwrap_or(true);
        if !allows || !sends || response == Response::Accepted {
            let message = "Your request can't be completed. A new time can't be proposed for this meeting in this way.";
            return Err(Refusal::new(400, "ErrorInvalidRequest", message));
        }
    }
    meeting::respond(state, target.event, response, sends);
    Ok(Reply::empty(202))
}

fn cancel(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let Target { event, occurrence } = find(state, context, id)?;
    let is_organizer = state.events.get(&event).is_some_and(|event| event.is_organizer);
    if !is_organizer {
        let message = "Your request can't be completed. You need to be an organizer to cancel a meeting.";
        return Err(Refusal::new(400, "ErrorInvalidRequest", message));
    }
    match occurrence {
        None => removal::event(state, event),
        Some(date) => removal::occurrence(state, event, date),
    }
    Ok(Reply::empty(202))
}
