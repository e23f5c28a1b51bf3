//! Files attached to events (resources/fileattachment, api/event-list-attachments,
//! api/event-post-attachments, api/attachment-get, api/attachment-delete).
//!
//! Files in one request, and larger ones by `uploads`; items and links are not
//! emulated. An occurrence without
//! files of its own shows those of its series, and becomes an exception with
//! copies of them when it gets one.
//!
//! DIFFERENCE: guests get the files that are there when they are invited; what
//! becomes of later ones is not documented, here they stay with the organiser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::events::{Target, find, instance};
use super::filter::selected;
use super::list::{Page, collection, count_only};
use super::options::Options;
use super::{Context, not_emulated, uploads};
use crate::graph::calendar::instance::{Instance, Kind};
use crate::graph::calendar::{exception, output};
use crate::graph::model::{Change, FileAttachment};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::upload;

const TYPE: &str = "#microsoft.graph.fileAttachment";

/// Bytes of a file that one request may bring (api/event-post-attachments,
/// api/todotask-post-attachments: smaller than 3 MB). The smaller reading of a
/// megabyte: with the larger one, the limit of a request would come first.
const FILE_BYTES_MAX: usize = 3_000_000;

/// Options that the list understands; where nobody needs the content, it can be
/// left out by `$select`.
const LIST: Options = Options::of(&["$select", "$top", "$skip", "$count"], &["$search", "$skiptoken", "$deltatoken"]);
const CONTENT: Options = Options::only(&[]);
const ITEM: Options = Options::of(&["$select"], &["$filter", "$orderby", "$top", "$skip", "$count", "$search"]);

/// `…/events/{id}/attachments`, one of them and its content; `words` is the path
/// behind the collection, `attachment` the id in it.
pub(crate) fn answer(
    state: &mut State,
    context: &Context<'_>,
    id: &str,
    attachment: &str,
    words: &[&str],
) -> Result<Reply, Refusal> {
    let target = find(state, context, id)?;
    match (context.call.method.as_str(), words) {
        ("GET", [] | ["$count"]) => list(state, context, target, words),
        ("POST", []) => create(state, context, target),
        ("POST", ["createuploadsession"]) => {
            uploads::create(state, context, upload::Target::Event(target.event, target.occurrence), "Events", id)
        }
        ("GET", [_]) => show(state, context, target, attachment),
        ("DELETE", [_]) => remove(state, target, attachment),
        ("GET", [_, "$value"]) => {
            CONTENT.check(context, "the content of an attachment")?;
            content(state, target, attachment)
        }
        (_, _) => Err(not_emulated(context.call)),
    }
}

/// The files that an instance shows.
pub(crate) fn of<'a>(instance: &Instance<'a>) -> &'a [FileAttachment] {
    let own = match instance.kind {
        Kind::Exception(_, changed) => changed.attachments.as_deref(),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    own.unwrap_or(&instance.event.attachments)
}

fn file<'a>(state: &'a State, target: Target, id: &str) -> Result<&'a FileAttachment, Refusal> {
    let files = of(&instance(state, target)?);
    files.iter().find(|file| file.id == id).ok_or_else(Refusal::item_not_found)
}

fn list(state: &State, context: &Context<'_>, target: Target, words: &[&str]) -> Result<Reply, Refusal> {
    LIST.check(context, "attachments")?;
    let files = of(&instance(state, target)?);
    if words == ["$count"] {
        return Ok(count_only(files.len()));
    }
    let write = |file: &FileAttachment| selected(write(file), context.call.query.get("$select"));
    Ok(collection(state, context, "events/attachments", Page::whole(context)?, files, write))
}

fn show(state: &State, context: &Context<'_>, target: Target, id: &str) -> Result<Reply, Refusal> {
    ITEM.check(context, "an attachment")?;
    let map = selected(write(file(state, target, id)?), context.call.query.get("$select"));
    Ok(context.entity(state, "events/attachments", map, 200))
}

/// The file as it was before it was put in base64.
fn content(state: &State, target: Target, id: &str) -> Result<Reply, Refusal> {
    let file = file(state, target, id)?;
    let bytes = STANDARD.decode(&file.content).map_err(|_| Refusal::unreadable())?;
    Ok(Reply::file(file.content_type.clone(), bytes))
}

fn create(state: &mut State, context: &Context<'_>, target: Target) -> Result<Reply, Refusal> {
    let mut file = read(&context.call.body, TYPE)?;
    let change = state.next_change();
    file.id = format!("ATTACHMENT{change}");
    let map = write(&file);
    let location = format!(
        "{}{}/events('{}')/attachments('{}')",
        state.base_url,
        context.root(),
        output::id(&instance(state, target)?, context.view.form),
        file.id
    );
    changed(state, target, change)?.push(file);
    Ok(context.entity(state, "events/attachments", map, 201).header("location", location))
}

fn remove(state: &mut State, target: Target, id: &str) -> Result<Reply, Refusal> {
    file(state, target, id)?;
    let change = state.next_change();
    changed(state, target, change)?.retain(|file| file.id != id);
    Ok(Reply::empty(204))
}

/// Attaches a file that came in pieces, and answers its id.
pub(crate) fn add(state: &mut State, target: Target, file: FileAttachment) -> Result<String, Refusal> {
    instance(state, target)?;
    let change = state.next_change();
    let id = format!("ATTACHMENT{change}");
    changed(state, target, change)?.push(FileAttachment { id: id.clone(), ..file });
    Ok(id)
}

/// The files of an item, which gets a new version.
fn changed(state: &mut State, target: Target, change: u64) -> Result<&mut Vec<FileAttachment>, Refusal> {
    let now = state.now;
    let event = state.events.get_mut(&target.event).ok_or_else(Refusal::item_not_found)?;
    let Some(date) = target.occurrence else {
        (event.change, event.modified) = (change, now);
        return Ok(&mut event.attachments);
    };
    let mut opened = exception::opened(event, date, now).ok_or_else(Refusal::item_not_found)?;
    (opened.change, opened.modified) = (change, now);
    opened.attachments.get_or_insert_with(|| event.attachments.clone());
    event.exceptions.insert(date, Change::Moved(Box::new(opened)));
    match event.exceptions.get_mut(&date) {
        Some(Change::Moved(changed)) => Ok(changed.attachments.get_or_insert_default()),
        Some(Change::Cancelled) | None => Err(Refusal::item_not_found()),
    }
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

/// A file as it is answered.
pub(crate) fn write(file: &FileAttachment) -> Map<String, Value> {
    let FileAttachment { id, name, content_type, size, content } = file;
    let shown = json!({
        "@odata.type": TYPE, "@odata.mediaContentType": content_type, "id": id, "name": name,
        "contentType": content_type, "size": size, "isInline": false, "contentId": null, "contentLocation": null,
        "contentBytes": content,
    });
    shown.as_object().cloned().unwrap_or_default()
}
