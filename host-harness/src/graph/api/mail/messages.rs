//! Messages (api/user-list-messages, api/mailfolder-list-messages,
//! api/message-get, api/message-update, api/message-delete,
//! api/eventmessage-get).

use std::cmp::Reverse;

use serde_json::{Map, Value};

use super::projection::Projection;
use super::{MAIL_READ_CONTENT, count, destination, require_options, stored};
use crate::graph::api::filter::{Comparable, Filter, Operand, Vocabulary, sort};
use crate::graph::api::list::{Page, collection};
use crate::graph::api::{Context, projection};
use crate::graph::calendar::output::etag;
use crate::graph::mail::meeting::event_of;
use crate::graph::mail::model::{FolderNo, Message, MessageNo};
use crate::graph::mail::{folders, messages, output};
use crate::graph::property::{self, Check};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// The collection in metadata links.
const MESSAGES: &str = "messages";

/// Options that a list of messages understands.
const LIST_OPTIONS: [&str; 7] = ["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count"];

/// Messages, as far as they can be compared here.
pub(crate) const VOCABULARY: Vocabulary = Vocabulary {
    paths: &[
        "receiveddatetime",
        "sentdatetime",
        "createddatetime",
        "lastmodifieddatetime",
        "subject",
        "importance",
        "isread",
        "isdraft",
        "hasattachments",
        "conversationid",
        "internetmessageid",
        "from/emailaddress/address",
        "sender/emailaddress/address",
    ],
    has_extended: false,
    refuse: |_| {
        let message = "The query filter contains one or more invalid nodes.";
        Refusal::new(400, "ErrorInvalidUrlQueryFilter", message)
    },
};

impl Comparable for Message {
    fn operand(&self, path: &str) -> Option<Operand> {
        let text = |text: &str| Some(Operand::Text(text.to_owned()));
        match path {
            "receiveddatetime" => Some(Operand::At(self.received)),
            "sentdatetime" => Some(Operand::At(self.sent)),
            "createddatetime" => Some(Operand::At(self.created)),
            "lastmodifieddatetime" => Some(Operand::At(self.modified)),
            "subject" => text(&self.subject),
            "importance" => text(&self.importance),
            "isread" => Some(Operand::Flag(self.is_read)),
            "isdraft" | "hasattachments" => Some(Operand::Flag(false)),
            "conversationid" => text(&output::conversation_id(self)),
            "internetmessageid" => text(&self.internet_message_id),
            "from/emailaddress/address" | "sender/emailaddress/address" => text(&self.from.address),
            _ => None,
        }
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// The messages of the mailbox or of one folder that fit the filter, the
/// newest first.
fn matching<'a>(
    state: &'a State,
    context: &Context<'_>,
    folder: Option<FolderNo>,
) -> Result<Vec<&'a Message>, Refusal> {
    let query = &context.call.query;
    let filter = Filter::parse(query.get("$filter"), &VOCABULARY)?;
    let messages = state.messages_of(context.mailbox.number, folder);
    let messages = messages.filter(|message| folder.is_some() || folders::is_listed(state, message));
    let mut messages: Vec<&Message> = messages.filter(|message| filter.accepts(message)).collect();
    messages.sort_by_key(|message| Reverse((message.received, message.number)));
    let order = sort(&mut messages, query.get("$orderby"), &VOCABULARY, MESSAGES)?;
    if query.get("$filter").is_some() && order.is_some() && order.as_deref() != filter.first_path() {
        // What is sorted by has to be filtered by, and first
        // (api/user-list-messages, "using filter and orderby").
        let message = "The restriction or sort order is too complex for this operation.";
        return Err(Refusal::new(400, "InefficientFilter", message));
    }
    Ok(messages)
}

/// `GET …/messages`, of the mailbox or of one folder.
pub(super) fn list(state: &State, context: &Context<'_>, folder: Option<FolderNo>) -> Result<Reply, Refusal> {
    require_options(context, &LIST_OPTIONS, "messages")?;
    let messages = matching(state, context, folder)?;
    let page = Page::of_outlook(state, context)?;
    let projection = Projection::read(context, &context.call.query, state.meta.behaviour.cloud)?;
    let write = |message: &&Message| projection.write(state, message, &context.view);
    Ok(collection(state, context, MESSAGES, page, &messages, write))
}

/// `GET …/messages/$count`.
pub(super) fn number_of(state: &State, context: &Context<'_>, folder: Option<FolderNo>) -> Result<Reply, Refusal> {
    require_options(context, &["$filter"], "the number of messages")?;
    Ok(count(matching(state, context, folder)?.len()))
}

/// A message as a write answers it.
fn written(state: &State, context: &Context<'_>, number: MessageNo, status: u16) -> Result<Reply, Refusal> {
    let map = output::message(stored(state, number)?, &context.view);
    let etag = etag(&map);
    Ok(context.entity(state, MESSAGES, map, status).header("etag", etag))
}

/// `POST …/messages/{id}/move`.
pub(super) fn relocate(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    let target = destination(state, context)?;
    messages::relocate(state, number, target);
    written(state, context, number, 201)
}

/// `POST …/messages/{id}/copy`.
pub(super) fn copy(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    let target = destination(state, context)?;
    let made = messages::copy(state, number, target).ok_or_else(Refusal::item_not_found)?;
    written(state, context, made, 201)
}

/// `POST …/messages/{id}/permanentDelete`.
pub(super) fn purge(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.check_version(&output::change_key(stored(state, number)?))?;
    messages::bury(state, number);
    Ok(Reply::empty(204))
}

/// `GET …/messages/{id}`.
pub(super) fn show(state: &State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    require_options(context, &["$select", "$expand"], "a message")?;
    let projection = Projection::read(context, &context.call.query, state.meta.behaviour.cloud)?;
    let map = projection.write(state, stored(state, number)?, &context.view);
    let etag = etag(&map);
    Ok(context.entity(state, MESSAGES, map, 200).header("etag", etag))
}

/// `GET …/messages/{id}/microsoft.graph.eventMessage/event`.
pub(super) fn event(state: &State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.require(&MAIL_READ_CONTENT)?;
    let instance = event_of(state, stored(state, number)?).ok_or_else(Refusal::item_not_found)?;
    let projection = projection::Projection::read(context, state.meta.behaviour.cloud)?;
    let map = projection.write_one(&instance, &context.view);
    let etag = etag(&map);
    Ok(context.entity(state, "events", map, 200).header("etag", etag))
}

/// What else of a message that was sent can be written, but not here
/// (api/message-update).
const NOT_EMULATED: [&str; 6] = [
    "categories",
    "flag",
    "importance",
    "inferenceClassification",
    "multiValueExtendedProperties",
    "singleValueExtendedProperties",
];

/// The mark in a request body, which is all that can be written.
fn given_mark(context: &Context<'_>) -> Result<Option<bool>, Refusal> {
    let body: Map<String, Value> = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let mut mark = None;
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "isRead" if Check::Flag.accepts(value) => mark = value.as_bool(),
            "isRead" => return Err(property::invalid(name)),
            other if NOT_EMULATED.contains(&other) => {
                return Err(Refusal::not_emulated(&format!("Writing the property '{other}' of a message")));
            }
            other if super::projection::is_property(other) => return Err(property::read_only(other)),
            other => return Err(property::unknown(other, "message")),
        }
    }
    Ok(mark)
}

/// `PATCH …/messages/{id}`.
pub(super) fn update(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.check_version(&output::change_key(stored(state, number)?))?;
    if let Some(is_read) = given_mark(context)? {
        messages::change(state, number, |message| message.is_read = is_read);
    }
    written(state, context, number, 200)
}

/// `DELETE …/messages/{id}`.
pub(super) fn remove(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.check_version(&output::change_key(stored(state, number)?))?;
    messages::delete(state, number);
    Ok(Reply::empty(204))
}
