//! What is attached to events and messages; larger files come by `uploads`
//! (api/event-list-attachments, api/event-post-attachments,
//! api/message-list-attachments, api/message-post-attachments,
//! api/attachment-get, api/attachment-delete).
//!
//! The same requests for both. An occurrence without attachments of its own
//! shows those of its series, and becomes an exception with copies of them when
//! it gets one.
//!
//! DIFFERENCE: guests get what is there when they are invited; what becomes of
//! later attachments is not documented, here they stay with the organiser.

use serde_json::{Map, Value};

use super::events::{self, instance};
use super::filter::selected;
use super::list::{Page, collection, count_only};
use super::options::{Options, check_select};
use super::projection::{parsing_failed, split};
use super::{Context, not_emulated, part_path, uploads};
use crate::graph::attachment::{self, Attachment, Content};
use crate::graph::calendar::exception;
use crate::graph::calendar::instance::{Instance, Kind};
use crate::graph::calendar::output;
use crate::graph::mail::input::Input;
use crate::graph::mail::mime::write;
use crate::graph::mail::model::{Message, MessageNo};
use crate::graph::mail::{compose, messages};
use crate::graph::model::Change;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::upload;

/// Options that the list understands, one of it, and what is in it. Where
/// nobody needs the content, it can be left out by `$select`.
const LIST: Options =
    Options::of(&["$select", "$expand", "$top", "$skip", "$count"], &["$search", "$skiptoken", "$deltatoken"])
        .selecting(TYPE);
const ITEM: Options = Options::only(&["$select", "$expand"]).selecting(TYPE);
const CONTENT: Options = Options::only(&[]);

/// The type whose properties are selected; files, items and links are made from it.
const TYPE: &str = "attachment";

/// What is asked of each attachment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    select: Option<String>,
    /// Whether what an attached item is comes along.
    with_item: bool,
}

impl Shape {
    /// Reads the options of a request, whose `$select` has been checked.
    fn read(context: &Context<'_>) -> Result<Self, Refusal> {
        Ok(Self { select: context.call.query.get("$select").map(str::to_owned), with_item: expands_item(context)? })
    }

    /// Reads the `$select` of attachments that come along with their item.
    pub fn expanded(select: Option<&str>) -> Result<Self, Refusal> {
        check_select(select, TYPE)?;
        Ok(Self { select: select.map(str::to_owned), with_item: false })
    }

    /// Writes an attachment. What is expanded is there, whatever is selected.
    pub fn write(&self, attachment: &Attachment) -> Map<String, Value> {
        let mut map = attachment.write(self.with_item);
        let item = map.remove_entry("item");
        selected(map, self.select.as_deref()).into_iter().chain(item).collect()
    }
}

/// What has attachments here, besides tasks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    Event(events::Target),
    Message(MessageNo),
}

/// `…/attachments` and what is behind it, which is `words`; `at` is the place of
/// the first segment there.
pub(crate) fn answer(
    state: &mut State,
    context: &Context<'_>,
    owner: Owner,
    words: &[&str],
    at: usize,
) -> Result<Reply, Refusal> {
    let id = context.raw(at);
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => list(state, context, owner, words),
        ("GET", ["$count"]) => list(state, context, owner, words),
        ("POST", []) => create(state, context, owner),
        ("POST", ["createuploadsession"]) => {
            let (_, item) = owner.name(state, context)?;
            let (target, kind) = match owner {
                Owner::Event(target) => (upload::Target::Event(target.event, target.occurrence), "Events"),
                Owner::Message(number) => (upload::Target::Message(number), "Messages"),
            };
            uploads::create(state, context, target, kind, &item)
        }
        ("GET", [_]) => show(state, context, owner, id),
        ("DELETE", [_]) => remove(state, owner, id),
        ("GET", [_, "$value"]) => content(state, context, owner, id),
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The attachments that an instance shows.
pub(crate) fn of<'a>(instance: &Instance<'a>) -> &'a [Attachment] {
    let own = match instance.kind {
        Kind::Exception(_, changed) => changed.attachments.as_deref(),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    own.unwrap_or(&instance.event.attachments)
}

/// Whether an attached item is asked for with what it is.
fn expands_item(context: &Context<'_>) -> Result<bool, Refusal> {
    let mut with_item = false;
    for entry in split(context.call.query.get("$expand").unwrap_or_default(), ',') {
        if entry.eq_ignore_ascii_case("microsoft.graph.itemAttachment/item") {
            with_item = true;
        } else {
            let detail = format!("Could not find a property named '{entry}' on type 'microsoft.graph.attachment'.");
            return Err(parsing_failed(&detail));
        }
    }
    Ok(with_item)
}

fn list(state: &State, context: &Context<'_>, owner: Owner, words: &[&str]) -> Result<Reply, Refusal> {
    LIST.check(context, "attachments")?;
    let found = owner.shown(state)?;
    if words == ["$count"] {
        return Ok(count_only(found.len()));
    }
    let shape = Shape::read(context)?;
    let write = |attachment: &Attachment| shape.write(attachment);
    Ok(collection(state, context, &owner.path(state, context)?, Page::whole(context)?, found, write))
}

fn find<'a>(state: &'a State, owner: Owner, id: &str) -> Result<&'a Attachment, Refusal> {
    owner.shown(state)?.iter().find(|attachment| attachment.id == id).ok_or_else(Refusal::item_not_found)
}

fn show(state: &State, context: &Context<'_>, owner: Owner, id: &str) -> Result<Reply, Refusal> {
    ITEM.check(context, "an attachment")?;
    let map = Shape::read(context)?.write(find(state, owner, id)?);
    Ok(context.entity(state, &owner.path(state, context)?, map, 200))
}

fn create(state: &mut State, context: &Context<'_>, owner: Owner) -> Result<Reply, Refusal> {
    let given: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let attachment = Attachment::read(&given, state.now)?;
    let map = attachment.write(false);
    let id = add(state, owner, attachment)?;
    let path = owner.path(state, context)?;
    let location = format!("{}{}/{path}('{id}')", state.base_url, context.root());
    let map = map.into_iter().chain([("id".to_owned(), Value::String(id))]).collect();
    Ok(context.entity(state, &path, map, 201).header("location", location))
}

/// Attaches something that was read, and answers its id.
pub(crate) fn add(state: &mut State, owner: Owner, attachment: Attachment) -> Result<String, Refusal> {
    owner.shown(state)?;
    let id = attachment::new_id(state);
    let added = Attachment { id: id.clone(), ..attachment };
    change(state, owner, |attachments| attachments.push(added))?;
    Ok(id)
}

fn remove(state: &mut State, owner: Owner, id: &str) -> Result<Reply, Refusal> {
    find(state, owner, id)?;
    change(state, owner, |attachments| attachments.retain(|attachment| attachment.id != id))?;
    Ok(Reply::empty(204))
}

/// A file as it was before it was put in base64, or an attached message as
/// MIME. A link has no content (api/attachment-get).
fn content(state: &State, context: &Context<'_>, owner: Owner, id: &str) -> Result<Reply, Refusal> {
    CONTENT.check(context, "the content of an attachment")?;
    let attachment = find(state, owner, id)?;
    match &attachment.content {
        Content::File { .. } => {
            let bytes = attachment.bytes().ok_or_else(Refusal::unreadable)?;
            Ok(Reply::file(attachment.served_as(), bytes))
        }
        Content::Item(item) => {
            let type_name = item.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
            let Some(given) = item.as_object().filter(|_| type_name.ends_with(".message")) else {
                return Err(Refusal::not_emulated("The content of an attached event"));
            };
            // A read gives no ids away: that of the attachment does for the mail's.
            let from = compose::owner(&context.mailbox);
            let mut message = Message::new(from, format!("<{id}@{}>", context.mailbox.object_id), attachment.modified);
            Input::read(given, attachment.modified)?.apply(&mut message);
            Ok(Reply::file("text/plain".to_owned(), write::message(&message).into_bytes()))
        }
        Content::Reference => {
            Err(Refusal::new(405, "ErrorInvalidRequest", "The content of a reference attachment cannot be read."))
        }
    }
}

impl Owner {
    /// The collection that it is in, and its id.
    fn name(self, state: &State, context: &Context<'_>) -> Result<(&'static str, String), Refusal> {
        match self {
            Self::Event(target) => Ok(("events", output::id(&instance(state, target)?, context.view.form))),
            Self::Message(number) => {
                let message = state.messages.get(&number).ok_or_else(Refusal::item_not_found)?;
                Ok(("messages", crate::graph::mail::output::id(message, &context.view)))
            }
        }
    }

    /// The collection of its attachments in links.
    fn path(self, state: &State, context: &Context<'_>) -> Result<String, Refusal> {
        let (collection, id) = self.name(state, context)?;
        Ok(part_path(collection, &id, "attachments"))
    }

    /// What it shows, be it its own or that of its series.
    fn shown(self, state: &State) -> Result<&[Attachment], Refusal> {
        match self {
            Self::Event(target) => Ok(of(&instance(state, target)?)),
            Self::Message(number) => {
                let message = state.messages.get(&number).ok_or_else(Refusal::item_not_found)?;
                Ok(&message.attachments)
            }
        }
    }
}

/// Changes the attachments of an item, which gets a new version.
fn change(state: &mut State, owner: Owner, work: impl FnOnce(&mut Vec<Attachment>)) -> Result<(), Refusal> {
    match owner {
        Owner::Event(target) => work(opened(state, target)?),
        Owner::Message(number) => messages::change(state, number, |message| work(&mut message.attachments)),
    }
    Ok(())
}

/// The attachments of an event with a new version.
fn opened(state: &mut State, target: events::Target) -> Result<&mut Vec<Attachment>, Refusal> {
    let (change, now) = (state.next_change(), state.now);
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
