//! Files attached to events (resources/fileattachment, api/event-list-attachments,
//! api/event-post-attachments, api/attachment-get, api/attachment-delete).
//!
//! Files of single events and of series as a whole, in one request. Files of one
//! occurrence, items, links and upload sessions are not emulated.
//!
//! DIFFERENCE: guests get the files that are there when they are invited; what
//! becomes of later ones is not documented, here they stay with the organiser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Context;
use super::events::{Target, find};
use crate::graph::model::{Event, FileAttachment};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

const TYPE: &str = "#microsoft.graph.fileAttachment";

/// Bytes of a file that one request may bring (api/event-post-attachments,
/// api/todotask-post-attachments: smaller than 3 MB). The smaller reading of a
/// megabyte: with the larger one, the limit of a request would come first.
const FILE_BYTES_MAX: usize = 3_000_000;

/// `…/events/{id}/attachments` and `…/attachments/{attachment}`; `attachment` is
/// empty for the collection.
pub(crate) fn answer(state: &mut State, context: &Context<'_>, id: &str, attachment: &str) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    if target.occurrence.is_some() {
        return Err(super::not_emulated(context.call));
    }
    match (context.call.method.as_str(), attachment) {
        ("GET", "") => list(state, context, target),
        ("POST", "") => create(state, context, target),
        ("GET", attachment) => show(state, context, target, attachment),
        ("DELETE", attachment) => remove(state, target, attachment),
        (_, _) => Err(super::not_emulated(context.call)),
    }
}

fn event(state: &State, target: Target) -> Result<&Event, Refusal> {
    state.events.get(&target.event).ok_or_else(Refusal::item_not_found)
}

fn list(state: &State, context: &Context<'_>, target: Target) -> Result<Reply, Refusal> {
    let value: Vec<Value> = event(state, target)?.attachments.iter().map(|file| Value::Object(write(file))).collect();
    Ok(Reply::json(
        200,
        json!({ "@odata.context": context.odata_context(state, "events/attachments"), "value": value }),
    ))
}

fn show(state: &State, context: &Context<'_>, target: Target, id: &str) -> Result<Reply, Refusal> {
    let found = event(state, target)?.attachments.iter().find(|file| file.id == id);
    Ok(context.entity(state, "events/attachments", write(found.ok_or_else(Refusal::item_not_found)?), 200))
}

fn create(state: &mut State, context: &Context<'_>, target: Target) -> Result<Reply, Refusal> {
    let mut file = read(&context.call.body, TYPE)?;
    let change = state.next_change();
    file.id = format!("ATTACHMENT{change}");
    let map = write(&file);
    changed(state, target, change)?.attachments.push(file);
    Ok(context.entity(state, "events/attachments", map, 201))
}

fn remove(state: &mut State, target: Target, id: &str) -> Result<Reply, Refusal> {
    if !event(state, target)?.attachments.iter().any(|file| file.id == id) {
        return Err(Refusal::item_not_found());
    }
    let change = state.next_change();
    changed(state, target, change)?.attachments.retain(|file| file.id != id);
    Ok(Reply::empty(204))
}

/// The event with a new version.
fn changed(state: &mut State, target: Target, change: u64) -> Result<&mut Event, Refusal> {
    let now = state.now;
    let event = state.events.get_mut(&target.event).ok_or_else(Refusal::item_not_found)?;
    (event.change, event.modified) = (change, now);
    Ok(event)
}

/// The file of a request, which has to be of this type. It has no id yet.
pub(crate) fn read(body: &[u8], type_name: &str) -> Result<FileAttachment, Refusal> {
    let given: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::new(400, "BadRequest", "Unable to read JSON request payload."))?;
    let invalid = |detail: &str| Refusal::new(400, "ErrorInvalidRequest", detail.to_owned());
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    if text("@odata.type") != Some(type_name) {
        return Err(Refusal::new(501, "notEmulated", "Only file attachments are emulated."));
    }
    let name = text("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid("The name of an attachment is missing."))?.to_owned();
    let content = text("contentBytes").ok_or_else(|| invalid("The contentBytes are missing."))?;
    let bytes = STANDARD.decode(content).map_err(|_| invalid("The contentBytes are not base64."))?;
    if bytes.len() >= FILE_BYTES_MAX {
        return Err(Refusal::new(413, "ErrorMessageSizeExceeded", "The attachment is too large for one request."));
    }
    let content_type = text("contentType").unwrap_or("application/octet-stream").to_owned();
    Ok(FileAttachment { id: String::new(), name, content_type, size: bytes.len(), content: content.to_owned() })
}

fn write(file: &FileAttachment) -> Map<String, Value> {
    let FileAttachment { id, name, content_type, size, content } = file;
    let shown = json!({
        "@odata.type": TYPE, "id": id, "name": name, "contentType": content_type, "size": size, "isInline": false,
        "contentBytes": content,
    });
    shown.as_object().cloned().unwrap_or_default()
}
