//! What is attached to messages; larger files come by `api::uploads` (api/message-list-attachments,
//! api/message-post-attachments, api/attachment-get, api/attachment-delete).

use serde_json::Value;

use super::{MAIL_READ_CONTENT, stored};
use crate::graph::api::filter::selected;
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
use crate::graph::api::projection::{parsing_failed, split};
use crate::graph::api::{Context, not_emulated, part_path, uploads};
use crate::graph::mail::attachment::{Attachment, Content};
use crate::graph::mail::compose;
use crate::graph::mail::input::Input;
use crate::graph::mail::messages::{self, attachment_id};
use crate::graph::mail::mime::write;
use crate::graph::mail::model::MessageNo;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::upload::Target;

/// Options that a list understands, one attachment, and what is in it.
const LIST: Options =
    Options::of(&["$select", "$expand", "$top", "$skip", "$count"], &["$search", "$skiptoken", "$deltatoken"]);
const ITEM: Options = Options::only(&["$select", "$expand"]);
const CONTENT: Options = Options::only(&[]);

/// `…/messages/{id}/attachments` and what is behind it; `at` is the place of
/// the first segment there.
pub(super) fn answer(
    state: &mut State,
    context: &Context<'_>,
    number: MessageNo,
    rest: &[&str],
    at: usize,
) -> Result<Reply, Refusal> {
    context.require(&MAIL_READ_CONTENT)?;
    let id = context.raw(at);
    match (context.call.method.as_str(), rest) {
        ("GET", []) => list(state, context, number),
        ("GET", ["$count"]) => {
            LIST.check(context, "the number of attachments")?;
            Ok(count_only(stored(state, number)?.attachments.len()))
        }
        ("POST", []) => create(state, context, number),
        ("POST", ["createuploadsession"]) => {
            let message = crate::graph::mail::output::id(stored(state, number)?, &context.view);
            uploads::create(state, context, Target::Message(number), "Messages", &message)
        }
        ("GET", [_]) => show(state, context, number, id),
        ("DELETE", [_]) => remove(state, number, id),
        ("GET", [_, "$value"]) => content(state, context, number, id),
        (_, _) => Err(not_emulated(context.call)),
    }
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

/// The collection in metadata links.
fn path(context: &Context<'_>, number: MessageNo, state: &State) -> Result<String, Refusal> {
    let id = crate::graph::mail::output::id(stored(state, number)?, &context.view);
    Ok(part_path("messages", &id, "attachments"))
}

fn list(state: &State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    LIST.check(context, "attachments")?;
    let (with_item, select) = (expands_item(context)?, context.call.query.get("$select"));
    let found = &stored(state, number)?.attachments;
    let what = path(context, number, state)?;
    let page = Page::whole(context)?;
    Ok(collection(state, context, &what, page, found, |attachment| selected(attachment.write(with_item), select)))
}

fn find<'a>(state: &'a State, number: MessageNo, id: &str) -> Result<&'a Attachment, Refusal> {
    let mut attachments = stored(state, number)?.attachments.iter();
    attachments.find(|attachment| attachment.id == id).ok_or_else(Refusal::item_not_found)
}

fn show(state: &State, context: &Context<'_>, number: MessageNo, id: &str) -> Result<Reply, Refusal> {
    ITEM.check(context, "an attachment")?;
    let map = find(state, number, id)?.write(expands_item(context)?);
    let map = selected(map, context.call.query.get("$select"));
    Ok(context.entity(state, &path(context, number, state)?, map, 200))
}

fn create(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    let given: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let mut attachment = Attachment::read(&given, state.now)?;
    attachment.id = attachment_id(state);
    let map = attachment.write(false);
    messages::change(state, number, |message| message.attachments.push(attachment));
    Ok(context.entity(state, &path(context, number, state)?, map, 201))
}

fn remove(state: &mut State, number: MessageNo, id: &str) -> Result<Reply, Refusal> {
    find(state, number, id)?;
    messages::change(state, number, |message| message.attachments.retain(|attachment| attachment.id != id));
    Ok(Reply::empty(204))
}

/// A file as it was before it was put in base64, or an attached message as
/// MIME. A link has no content (api/attachment-get).
fn content(state: &mut State, context: &Context<'_>, number: MessageNo, id: &str) -> Result<Reply, Refusal> {
    CONTENT.check(context, "the content of an attachment")?;
    let attachment = find(state, number, id)?.clone();
    match &attachment.content {
        Content::File { .. } => {
            let bytes = attachment.bytes().ok_or_else(Refusal::unreadable)?;
            let kind = attachment.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            Ok(Reply::file(kind, bytes))
        }
        Content::Item(item) => {
            let is_message = item
                .get("@odata.type")
                .is_some_and(|kind| kind.as_str().is_some_and(|kind| kind.ends_with(".message")));
            let Some(given) = item.as_object().filter(|_| is_message) else {
                return Err(Refusal::not_emulated("The content of an attached event or contact"));
            };
            let mut message = compose::blank(state, &context.mailbox);
            Input::read(given, state.now)?.apply(&mut message);
            Ok(Reply::file("text/plain".to_owned(), write::message(&message).into_bytes()))
        }
        Content::Reference => {
            Err(Refusal::new(405, "ErrorInvalidRequest", "The content of a reference attachment cannot be read."))
        }
    }
}
