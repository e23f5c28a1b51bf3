//! Translates between the two forms of ids (api/user-translateexchangeids).
//!
//! The forms of other protocols (`ewsId`, `entryId`, `immutableEntryId`) have
//! no meaning here and are refused by name.

use serde_json::{Value, json};

use super::Context;
use crate::graph::ids::{self, IdForm};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Ids in one request (api/user-translateexchangeids).
const IDS_MAX: usize = 1_000;

/// A parameter by its name: documentation and metadata differ in its case.
fn parameter<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let mut named = body.as_object()?.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value)
}

fn form(body: &Value, name: &str) -> Result<IdForm, Refusal> {
    match parameter(body, name).and_then(Value::as_str) {
        Some("restId") => Ok(IdForm::Default),
        Some("restImmutableEntryId") => Ok(IdForm::Immutable),
        Some(other @ ("ewsId" | "entryId" | "immutableEntryId")) => {
            Err(Refusal::not_emulated(&format!("The id format '{other}'")))
        }
        Some(_) | None => Err(Refusal::new(400, "BadRequest", format!("The value of '{name}' is not an id format."))),
    }
}

/// `POST …/translateExchangeIds`.
pub(crate) fn translate(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let body: Value = serde_json::from_slice(&context.call.body).unwrap_or_default();
    let (source, target) = (form(&body, "sourceIdType")?, form(&body, "targetIdType")?);
    let given = parameter(&body, "inputIds").and_then(Value::as_array);
    let given = given.ok_or_else(|| Refusal::new(400, "BadRequest", "The collection 'inputIds' is missing."))?;
    if given.len() > IDS_MAX {
        return Err(Refusal::new(400, "ErrorInvalidRequest", "The number of ids exceeds the limit of 1000."));
    }
    let value: Vec<Value> = given
        .iter()
        .map(|id| {
            let id = id.as_str().unwrap_or_default();
            match translated(state, context, id, source, target) {
                Ok(translated) => json!({ "sourceId": id, "targetId": translated }),
                Err(refusal) => {
                    let details = json!({ "code": refusal.code, "message": refusal.message });
                    json!({ "sourceId": id, "errorDetails": details })
                }
            }
        })
        .collect();
    let metadata = format!("{}/v1.0/$metadata#Collection(microsoft.graph.convertIdResult)", state.base_url);
    Ok(Reply::json(200, json!({ "@odata.context": metadata, "value": value })))
}

fn translated(
    state: &State,
    context: &Context<'_>,
    id: &str,
    source: IdForm,
    target: IdForm,
) -> Result<String, Refusal> {
    if ids::parse_calendar_id(id).is_some() || ids::parse_folder_id(id).is_some() {
        // Ids of containers do not change in the first place.
        return Ok(id.to_owned());
    }
    let item = ids::parse_item_id(id).ok_or_else(Refusal::malformed_id)?;
    let given = if item.moves.is_some() { IdForm::Default } else { IdForm::Immutable };
    if given != source {
        return Err(Refusal::malformed_id());
    }
    if let Some((number, moves)) = ids::parse_message_id(id)
        && let Some(message) = state.messages.get(&number)
    {
        let is_here = message.mailbox == context.mailbox.number && moves.is_none_or(|moves| moves == message.moves);
        let message = Some(message).filter(|_| is_here).ok_or_else(Refusal::item_not_found)?;
        return Ok(ids::message_id(message.number, message.moves, target));
    }
    let event = state.events.get(&item.event).filter(|event| event.mailbox == context.mailbox.number);
    let event = event.filter(|event| item.moves.is_none_or(|moves| moves == event.moves));
    let event = event.ok_or_else(Refusal::item_not_found)?;
    Ok(ids::item_id(event.number, event.moves, item.occurrence, target))
}
