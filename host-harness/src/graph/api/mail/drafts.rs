//! New messages (api/user-post-messages, api/mailfolder-post-messages,
//! api/user-sendmail), as JSON or as MIME in base64.

use serde_json::{Map, Value};

use super::messages::written;
use crate::graph::api::Context;
use crate::graph::api::body::is_mime;
use crate::graph::attachment;
use crate::graph::mail::folders::built_in;
use crate::graph::mail::input::Input;
use crate::graph::mail::messages;
use crate::graph::mail::mime::read;
use crate::graph::mail::model::{FolderNo, Message, WellKnown};
use crate::graph::mail::{compose, sending};
use crate::graph::property;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// The object of a request; an empty body is an empty object.
pub(super) fn object(context: &Context<'_>) -> Result<Map<String, Value>, Refusal> {
    if context.call.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())
}

/// A parameter of an action, whatever the spelling.
pub(super) fn parameter<'a>(given: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    given.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Gives attachments their ids, and people of the tenant their names.
pub(super) fn finish(state: &mut State, message: &mut Message) {
    for attachment in message.attachments.iter_mut().filter(|attachment| attachment.id.is_empty()) {
        attachment.id = attachment::new_id(state);
    }
    let people = message.recipients.iter_mut().map(|recipient| &mut recipient.address);
    let people = people.chain(&mut message.reply_to).chain(std::iter::once(&mut message.from));
    for person in people.filter(|person| person.name.is_empty()) {
        let known = state.mailbox_named(&person.address).map(|mailbox| mailbox.display_name.clone());
        person.name = known.unwrap_or_else(|| person.address.clone());
    }
}

/// `POST …/messages`, which puts the draft among the drafts, and
/// `POST …/mailFolders/{id}/messages`.
pub(super) fn create(state: &mut State, context: &Context<'_>, folder: Option<FolderNo>) -> Result<Reply, Refusal> {
    let mut draft = compose::blank(state, &context.mailbox);
    if is_mime(context.call) {
        read::into_draft(&context.call.body, &mut draft, state.now)?;
        draft.topic.clone_from(&draft.internet_message_id);
    } else {
        let given: Map<String, Value> =
            serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
        Input::read(&given, state.now)?.apply(&mut draft);
    }
    finish(state, &mut draft);
    let drafts = built_in(state, context.mailbox.number, WellKnown::Drafts);
    let folder = folder.or(drafts).ok_or_else(Refusal::item_not_found)?;
    let number = messages::insert(state, context.mailbox.number, folder, draft);
    let reply = written(state, context, number, 201)?;
    let id = reply.value().and_then(|message| message.get("id")).and_then(Value::as_str).unwrap_or_default();
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let location = format!("{}{}/messages('{id}')", state.base_url, context.root());
    Ok(reply.header("location", location))
}

/// `POST …/sendMail`.
pub(super) fn send_mail(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut draft = compose::blank(state, &context.mailbox);
    let mut is_saved = true;
    if is_mime(context.call) {
        read::into_draft(&context.call.body, &mut draft, state.now)?;
        draft.topic.clone_from(&draft.internet_message_id);
    } else {
        let given = object(context)?;
        let message = parameter(&given, "message").and_then(Value::as_object);
        let message =
            message.ok_or_else(|| Refusal::new(400, "ErrorInvalidRequest", "The parameter 'Message' is missing."))?;
        is_saved = saved(parameter(&given, "saveToSentItems"))?;
        Input::read(message, state.now)?.apply(&mut draft);
    }
    finish(state, &mut draft);
    sending::send_new(state, &context.mailbox, draft, is_saved)?;
    Ok(Reply::empty(202))
}

/// Whether a copy is kept.
fn saved(value: Option<&Value>) -> Result<bool, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(property::invalid("SaveToSentItems")),
    }
}
