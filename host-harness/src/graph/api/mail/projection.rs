//! What of a message is answered: `$select` and `$expand` (resources/message,
//! resources/eventmessage, api/eventmessage-get, concepts/query-parameters).
//!
//! What only mails about meetings have is named with its type in front, such
//! as `microsoft.graph.eventMessage/startDateTime`, because collections of
//! messages hold both.

use serde_json::{Map, Value, json};

use crate::graph::api::attachments;
use crate::graph::api::event_filter::quoted_extended_ids;
use crate::graph::api::options::cast;
use crate::graph::api::projection::{Projection as EventProjection, only_option, parsing_failed, split};
use crate::graph::api::{Context, inside};
use crate::graph::behaviour::Cloud;
use crate::graph::calendar::output::View;
use crate::graph::call::Query;
use crate::graph::extension::Wanted;
use crate::graph::mail::meeting::event_of;
use crate::graph::mail::model::Message;
use crate::graph::mail::output;
use crate::graph::reply::Refusal;
use crate::graph::state::State;
use crate::graph::types::TYPES;

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

/// What is answered only where it is selected (resources/message).
const ON_REQUEST: [&str; 2] = ["internetMessageHeaders", "uniqueBody"];

/// What belongs to a message and is answered only where it is expanded.
const RELATIONS: [&str; 4] =
    ["attachments", "extensions", "multiValueExtendedProperties", "singleValueExtendedProperties"];

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

/// Whether a segment of a path, in lower case and without the namespace, is
/// the type of mails about meetings or one of its kinds.
pub(super) fn is_event_message(segment: &str) -> bool {
    matches!(segment, "eventmessage" | "eventmessagerequest" | "eventmessageresponse")
}

/// Whether a message has a property of this name.
pub(crate) fn is_property(name: &str) -> bool {
    let answered = OF_MESSAGE.iter().chain(&OF_EVENT_MESSAGE).chain(&OF_REQUEST).chain(&OF_RESPONSE);
    answered.chain(&ON_REQUEST).any(|known| *known == name)
}

/// What is asked of each message.
#[derive(Clone, Debug, Default)]
pub(super) struct Projection {
    /// Names as they are answered; `None` for all.
    select: Option<Vec<&'static str>>,
    /// What is asked of the event of a mail about a meeting.
    event: Option<EventProjection>,
    relations: Relations,
    hides_content: bool,
}

impl Projection {
    /// Reads the options of a request, or those that a round of change tracking
    /// was begun with.
    pub fn read(context: &Context<'_>, query: &Query, cloud: Cloud) -> Result<Self, Refusal> {
        inside::MESSAGES.require(context, query)?;
        let hides_content = inside::MESSAGES.is_hidden_from(&context.token);
        let select = read_select(query.get("$select"))?;
        let mut projection = Self { select, event: None, relations: Relations::default(), hides_content };
        for entry in split(query.get("$expand").unwrap_or_default(), ',') {
            projection.expand(context, entry, cloud)?;
        }
        Ok(projection)
    }

    /// Takes one entry of `$expand`, such as
    /// `microsoft.graph.eventMessage/event($select=subject)`.
    fn expand(&mut self, context: &Context<'_>, entry: &str, cloud: Cloud) -> Result<(), Refusal> {
        let (path, options) = match entry.split_once('(') {
            Some((path, rest)) => {
                (path.trim(), rest.strip_suffix(')').ok_or_else(|| parsing_failed("unbalanced parentheses"))?)
            }
            None => (entry.trim(), ""),
        };
        match cast(path) {
            Some((type_name, name)) if is_event_message(&type_name) && name.eq_ignore_ascii_case("event") => {
                self.event = Some(EventProjection::behind(context, options, cloud)?);
                Ok(())
            }
            Some(_) => Err(unknown_property(path)),
            None => self.relations.expand(path, options),
        }
    }

    fn selects(&self, name: &str) -> bool {
        self.select.as_ref().is_some_and(|names| names.contains(&name))
    }

    /// Writes a message.
    pub fn write(&self, state: &State, message: &Message, view: &View) -> Map<String, Value> {
        let mut map = output::message(message, view);
        if self.selects("internetMessageHeaders") {
            map.insert("internetMessageHeaders".to_owned(), output::headers(message));
        }
        if self.selects("uniqueBody") {
            map.insert("uniqueBody".to_owned(), output::unique_body(message, view));
        }
        if self.hides_content {
            map.retain(|name, _| !inside::MESSAGES.has(name));
        }
        if let Some(names) = &self.select {
            // The id and the annotations always stay.
            map.retain(|name, _| name == "id" || name.starts_with('@') || names.contains(&name.as_str()));
        }
        if let Some(wanted) = self.event.as_ref().filter(|_| message.meeting.is_some()) {
            let event = event_of(state, message).map(|instance| Value::Object(wanted.write_one(&instance, view)));
            map.insert("event".to_owned(), event.unwrap_or_default());
        }
        self.relations.write(message, &mut map);
        map
    }
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
        let (own, official): (&[&str], _) = match type_name.as_str() {
            "message" => (&[], "message"),
            "eventmessage" => (&[], "eventMessage"),
            "eventmessagerequest" => (&OF_REQUEST, "eventMessageRequest"),
            "eventmessageresponse" => (&OF_RESPONSE, "eventMessageResponse"),
            _ => return Err(unknown_property(entry)),
        };
        if !TYPES.has_path(official, path) {
            return Err(unknown_property(path));
        }
        let shared: &[&str] = if type_name == "message" { &[] } else { &OF_EVENT_MESSAGE };
        let name = path.split('/').next().unwrap_or_default();
        let is_named = |known: &&&'static str| known.eq_ignore_ascii_case(name);
        let on_request = OF_MESSAGE.iter().chain(&ON_REQUEST).chain(&RELATIONS);
        let known = on_request.chain(shared).chain(own).find(is_named);
        names.push(*known.ok_or_else(|| unknown_property(name))?);
    }
    Ok(Some(names))
}

/// What of the relations of a message is expanded.
#[derive(Clone, Debug, Default)]
struct Relations {
    attachments: Option<attachments::Shape>,
    extensions: Option<Wanted>,
    single: Vec<String>,
    multiple: Vec<String>,
}

impl Relations {
    fn expand(&mut self, name: &str, options: &str) -> Result<(), Refusal> {
        let option = |wanted: &str| only_option(options, wanted);
        let ids = || quoted_extended_ids(option("$filter")?.unwrap_or_default());
        match name.to_ascii_lowercase().as_str() {
            "attachments" => self.attachments = Some(attachments::Shape::expanded(option("$select")?)?),
            "extensions" => self.extensions = Some(Wanted::read(option("$filter")?)?),
            "singlevalueextendedproperties" => self.single.extend(ids()?),
            "multivalueextendedproperties" => self.multiple.extend(ids()?),
            _ => return Err(unknown_property(name)),
        }
        Ok(())
    }

    fn write(&self, message: &Message, map: &mut Map<String, Value>) {
        let custom = &message.custom;
        if let Some(shape) = &self.attachments {
            let written = message.attachments.iter().map(|attachment| Value::Object(shape.write(attachment)));
            map.insert("attachments".to_owned(), written.collect());
        }
        if let Some(wanted) = &self.extensions {
            map.insert("extensions".to_owned(), wanted.write(&custom.extensions));
        }
        let single: Vec<Value> = self
            .single
            .iter()
            .filter_map(|id| custom.single.get(id).map(|value| json!({ "id": id, "value": value })))
            .collect();
        if !single.is_empty() {
            map.insert("singleValueExtendedProperties".to_owned(), Value::Array(single));
        }
        let multiple: Vec<Value> = self
            .multiple
            .iter()
            .filter_map(|id| custom.multiple.get(id).map(|value| json!({ "id": id, "value": value })))
            .collect();
        if !multiple.is_empty() {
            map.insert("multiValueExtendedProperties".to_owned(), Value::Array(multiple));
        }
    }
}

fn unknown_property(name: &str) -> Refusal {
    parsing_failed(&format!("Could not find a property named '{name}' on type 'microsoft.graph.message'."))
}
