//! What of a message is answered: `$select` and `$expand` (resources/message,
//! resources/eventmessage, api/eventmessage-get, concepts/query-parameters).
//!
//! What only mails about meetings have is named with its type in front, such
//! as `microsoft.graph.eventMessage/startDateTime`, because collections of
//! messages hold both.

use serde_json::{Map, Value};

use super::MAIL_READ_CONTENT;
use crate::graph::api::Context;
use crate::graph::api::projection::{Projection as EventProjection, parsing_failed, split};
use crate::graph::behaviour::Cloud;
use crate::graph::calendar::output::View;
use crate::graph::call::Query;
use crate::graph::mail::meeting::event_of;
use crate::graph::mail::model::Message;
use crate::graph::mail::output;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The properties of `message` in the metadata of version 1.0, as far as they
/// are answered.
const OF_MESSAGE: [&str; 29] = [
    "id",
    "bccRecipients",
    "body",
    "bodyPreview",
    "categories",
    "ccRecipients",
    "changeKey",
    "conversationId",
    "conversationIndex",
    "createdDateTime",
    "flag",
    "from",
    "hasAttachments",
    "importance",
    "inferenceClassification",
    "internetMessageId",
    "isDeliveryReceiptRequested",
    "isDraft",
    "isRead",
    "isReadReceiptRequested",
    "lastModifiedDateTime",
    "parentFolderId",
    "receivedDateTime",
    "replyTo",
    "sender",
    "sentDateTime",
    "subject",
    "toRecipients",
    "webLink",
];

/// What else a message has, but not here.
const NOT_EMULATED: [&str; 6] = [
    "attachments",
    "extensions",
    "internetMessageHeaders",
    "multiValueExtendedProperties",
    "singleValueExtendedProperties",
    "uniqueBody",
];

/// What `eventMessage` adds, and what each of its two kinds adds.
const OF_EVENT_MESSAGE: [&str; 9] = [
    "endDateTime",
    "isAllDay",
    "isDelegated",
    "isOutOfDate",
    "location",
    "meetingMessageType",
    "recurrence",
    "startDateTime",
    "type",
];
const OF_REQUEST: [&str; 6] = [
    "allowNewTimeProposals",
    "meetingRequestType",
    "previousEndDateTime",
    "previousLocation",
    "previousStartDateTime",
    "responseRequested",
];
const OF_RESPONSE: [&str; 2] = ["proposedNewTime", "responseType"];

/// What a caller who may only see the outside of a mail does not get
/// (concepts/permissions-reference, `Mail.ReadBasic`).
const CONTENT: [&str; 2] = ["body", "bodyPreview"];

/// Whether a segment of a path, in lower case and without the namespace, is
/// the type of mails about meetings or one of its kinds.
pub(super) fn is_event_message(segment: &str) -> bool {
    matches!(segment, "eventmessage" | "eventmessagerequest" | "eventmessageresponse")
}

/// Whether a message has a property of this name.
pub(super) fn is_property(name: &str) -> bool {
    let answered = OF_MESSAGE.iter().chain(&OF_EVENT_MESSAGE).chain(&OF_REQUEST).chain(&OF_RESPONSE);
    answered.chain(&NOT_EMULATED).any(|known| *known == name)
}

/// What is asked of each message.
#[derive(Clone, Debug, Default)]
pub(super) struct Projection {
    /// Names as they are answered; `None` for all.
    select: Option<Vec<&'static str>>,
    /// What is asked of the event of a mail about a meeting.
    event: Option<EventProjection>,
    hides_content: bool,
}

impl Projection {
    /// Reads the options of a request, or those that a round of change tracking
    /// was begun with.
    pub fn read(context: &Context<'_>, query: &Query, cloud: Cloud) -> Result<Self, Refusal> {
        let hides_content = context.require(&MAIL_READ_CONTENT).is_err();
        let select = read_select(query.get("$select"))?;
        let mut projection = Self { select, event: None, hides_content };
        for entry in split(query.get("$expand").unwrap_or_default(), ',') {
            context.require(&MAIL_READ_CONTENT)?;
            projection.event = Some(expanded(entry, cloud)?);
        }
        Ok(projection)
    }

    /// Writes a message.
    pub fn write(&self, state: &State, message: &Message, view: &View) -> Map<String, Value> {
        let mut map = output::message(message, view);
        if self.hides_content {
            map.retain(|name, _| !CONTENT.contains(&name.as_str()));
        }
        if let Some(names) = &self.select {
            // The id and the annotations always stay.
            map.retain(|name, _| name == "id" || name.starts_with('@') || names.contains(&name.as_str()));
        }
        if let Some(wanted) = self.event.as_ref().filter(|_| message.meeting.is_some()) {
            let event = event_of(state, message).map(|instance| Value::Object(wanted.write_one(&instance, view)));
            map.insert("event".to_owned(), event.unwrap_or_default());
        }
        map
    }
}

/// Type and name of `microsoft.graph.{type}/{name}`, the type in lower case.
fn cast(text: &str) -> Option<(String, &str)> {
    let (type_name, name) = text.split_once('/')?;
    let type_name = type_name.to_ascii_lowercase();
    type_name.strip_prefix("microsoft.graph.").map(|type_name| (type_name.to_owned(), name))
}

fn read_select(select: Option<&str>) -> Result<Option<Vec<&'static str>>, Refusal> {
    let Some(select) = select.filter(|select| !select.trim().is_empty()) else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for entry in select.split(',').map(str::trim) {
        if entry == "*" {
            return Ok(None);
        }
        let (type_name, path) = cast(entry).unwrap_or(("message".to_owned(), entry));
        let own: &[&str] = match type_name.as_str() {
            "message" | "eventmessage" => &[],
            "eventmessagerequest" => &OF_REQUEST,
            "eventmessageresponse" => &OF_RESPONSE,
            _ => return Err(unknown_property(entry)),
        };
        let shared: &[&str] = if type_name == "message" { &[] } else { &OF_EVENT_MESSAGE };
        let name = path.split('/').next().unwrap_or_default();
        let is_named = |known: &&&'static str| known.eq_ignore_ascii_case(name);
        if NOT_EMULATED.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(Refusal::not_emulated(&format!("$select={name} on messages")));
        }
        let known = OF_MESSAGE.iter().chain(shared).chain(own).find(is_named);
        names.push(*known.ok_or_else(|| unknown_property(name))?);
    }
    Ok(Some(names))
}

/// What is asked of the event in one entry of `$expand`, such as
/// `microsoft.graph.eventMessage/event($select=subject)`.
fn expanded(entry: &str, cloud: Cloud) -> Result<EventProjection, Refusal> {
    let (path, options) = match entry.split_once('(') {
        Some((path, rest)) => (path, rest.strip_suffix(')').ok_or_else(|| parsing_failed("unbalanced parentheses"))?),
        None => (entry, ""),
    };
    match cast(path.trim()) {
        Some((type_name, name)) if is_event_message(&type_name) && name.eq_ignore_ascii_case("event") => {
            EventProjection::nested(options, cloud)
        }
        _ if NOT_EMULATED.iter().any(|known| known.eq_ignore_ascii_case(path.trim())) => {
            Err(Refusal::not_emulated(&format!("$expand={path} on messages")))
        }
        _ => Err(unknown_property(path.trim())),
    }
}

fn unknown_property(name: &str) -> Refusal {
    parsing_failed(&format!("Could not find a property named '{name}' on type 'microsoft.graph.message'."))
}
