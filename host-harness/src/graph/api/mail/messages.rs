//! Messages (api/user-list-messages, api/mailfolder-list-messages,
//! api/message-get, api/message-update, api/message-delete,
//! api/eventmessage-get).

use std::cmp::Reverse;

use serde_json::{Map, Value};

use super::drafts::finish;
use super::projection::Projection;
use super::search::{FOUND_MAX, Search};
use super::{destination, stored};
use crate::graph::api::filter::{Comparable, Filter, Operand, Vocabulary, sort};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
use crate::graph::api::{Context, inside, projection};
use crate::graph::calendar::output::etag;
use crate::graph::ids;
use crate::graph::mail::input::Input;
use crate::graph::mail::meeting::event_of;
use crate::graph::mail::mime::write;
use crate::graph::mail::model::{FolderNo, Message, MessageNo};
use crate::graph::mail::{folders, messages, output};
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// The collection in metadata links.
const MESSAGES: &str = "messages";

/// Options that a list of messages understands, one message, and its MIME.
const LIST: Options =
    Options::of(&["$select", "$expand", "$filter", "$orderby", "$search", "$top", "$skip", "$count"], &["$deltatoken"]);
const ITEM: Options = Options::only(&["$select", "$expand"]);
const CONTENT: Options = Options::only(&[]);

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
        "from/emailaddress/name",
        "sender/emailaddress/name",
        "flag/flagstatus",
        "inferenceclassification",
        "parentfolderid",
    ],
    has_extended: true,
    folds_texts: false,
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
            "isdraft" => Some(Operand::Flag(self.is_draft)),
            "hasattachments" => Some(Operand::Flag(output::has_attachments(self))),
            "from/emailaddress/name" | "sender/emailaddress/name" => text(&self.from.name),
            "flag/flagstatus" => text(match &self.marks.flag {
                None => "notFlagged",
                Some(flag) if flag.is_complete => "complete",
                Some(_) => "flagged",
            }),
            "inferenceclassification" => text(if self.marks.is_other { "other" } else { "focused" }),
            "parentfolderid" => text(&ids::folder_id(self.folder)),
            "conversationid" => text(&output::conversation_id(self)),
            "internetmessageid" => text(&self.internet_message_id),
            "from/emailaddress/address" | "sender/emailaddress/address" => text(&self.from.address),
            _ => None,
        }
    }

    fn extended(&self, id: &str) -> Option<&str> {
        self.custom.single.get(id).map(String::as_str)
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
    inside::MESSAGES.require(context, query)?;
    let messages = state.messages_of(context.mailbox.number, folder);
    let messages = messages.filter(|message| folder.is_some() || folders::is_listed(state, message));
    if let Some(search) = query.get("$search") {
        return found(context, search, messages);
    }
    let filter = Filter::parse(query.get("$filter"), &VOCABULARY)?;
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

/// What a search finds, the newest first. It can be neither filtered nor sorted
/// (concepts/search-query-parameter).
fn found<'a>(
    context: &Context<'_>,
    search: &str,
    messages: impl Iterator<Item = &'a Message>,
) -> Result<Vec<&'a Message>, Refusal> {
    for (option, name, code) in
        [("$orderby", "$orderBy", "SearchWithOrderBy"), ("$filter", "$filter", "SearchWithFilter")]
    {
        if context.call.query.get(option).is_some() {
            let message = format!("The query parameter '{name}' is not supported with '$search'.");
            return Err(Refusal::new(400, code, message));
        }
    }
    let search = Search::read(search)?;
    let mut found: Vec<&Message> = messages.filter(|message| search.accepts(message)).collect();
    found.sort_by_key(|message| Reverse((message.sent, message.number)));
    found.truncate(FOUND_MAX);
    Ok(found)
}

/// `GET …/messages`, of the mailbox or of one folder.
pub(super) fn list(state: &State, context: &Context<'_>, folder: Option<FolderNo>) -> Result<Reply, Refusal> {
    LIST.check(context, "messages")?;
    let messages = matching(state, context, folder)?;
    let page = Page::of_outlook(state, context)?;
    let projection = Projection::read(context, &context.call.query, state.meta.behaviour.cloud)?;
    let write = |message: &&Message| projection.write(state, message, &context.view);
    Ok(collection(state, context, MESSAGES, page, &messages, write))
}

/// `GET …/messages/$count`.
pub(super) fn number_of(state: &State, context: &Context<'_>, folder: Option<FolderNo>) -> Result<Reply, Refusal> {
    LIST.check(context, "the number of messages")?;
    Ok(count_only(matching(state, context, folder)?.len()))
}

/// A message as a write answers it.
pub(super) fn written(state: &State, context: &Context<'_>, number: MessageNo, status: u16) -> Result<Reply, Refusal> {
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
    ITEM.check(context, "a message")?;
    let projection = Projection::read(context, &context.call.query, state.meta.behaviour.cloud)?;
    let map = projection.write(state, stored(state, number)?, &context.view);
    let etag = etag(&map);
    Ok(context.entity(state, MESSAGES, map, 200).header("etag", etag))
}

/// `GET …/messages/{id}/microsoft.graph.eventMessage/event`.
pub(super) fn event(state: &State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.require(Access::ReadMail)?;
    ITEM.check(context, "an event")?;
    let instance = event_of(state, stored(state, number)?).ok_or_else(Refusal::item_not_found)?;
    let projection = projection::Projection::read(context, state.meta.behaviour.cloud)?;
    let map = projection.write_one(&instance, &context.view);
    let etag = etag(&map);
    Ok(context.entity(state, "events", map, 200).header("etag", etag))
}

/// `PATCH …/messages/{id}`.
pub(super) fn update(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    let known = stored(state, number)?;
    context.check_version(&output::change_key(known))?;
    let is_draft = known.is_draft;
    let given: Map<String, Value> = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let input = Input::read(&given, state.now)?;
    input.check_update(is_draft)?;
    let mut message = stored(state, number)?.clone();
    input.apply(&mut message);
    finish(state, &mut message);
    messages::change(state, number, |stored| *stored = message);
    written(state, context, number, 200)
}

/// `GET …/messages/{id}/$value`.
pub(super) fn content(state: &State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.require(Access::ReadMail)?;
    CONTENT.check(context, "the content of a message")?;
    let text = write::message(stored(state, number)?);
    Ok(Reply::file("text/plain".to_owned(), text.into_bytes()))
}

/// `DELETE …/messages/{id}`.
pub(super) fn remove(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    context.check_version(&output::change_key(stored(state, number)?))?;
    messages::delete(state, number);
    Ok(Reply::empty(204))
}
