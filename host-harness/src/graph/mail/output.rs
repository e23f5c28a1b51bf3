//! Writes folders and messages as Graph answers them (resources/mailfolder,
//! resources/message, resources/eventmessage, resources/eventmessagerequest,
//! resources/eventmessageresponse).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::compose::QUOTATION;
use super::mime::write;
use super::model::{Flag, Folder, Line, MeetingPart, Message, Purpose, Request};
use crate::graph::calendar::body;
use crate::graph::calendar::instance::instants;
use crate::graph::calendar::output::{View, address, moment, object, time_slot};
use crate::graph::calendar::recurrence_json;
use crate::graph::call::BodyType;
use crate::graph::model::{Address, Response};
use crate::graph::state::State;
use crate::graph::{ids, zones};

/// A folder with its counts.
pub(crate) fn folder(state: &State, folder: &Folder) -> Map<String, Value> {
    let messages = || state.messages_of(folder.mailbox, Some(folder.number));
    let children = state.mail_folders_of(folder.mailbox).filter(|other| other.parent == Some(folder.number));
    object(json!({
        "id": ids::folder_id(folder.number),
        "displayName": folder.name,
        // What holds all folders is in one that no client can open.
        "parentFolderId": folder.parent.map(ids::folder_id),
        "childFolderCount": children.count(),
        "unreadItemCount": messages().filter(|message| !message.is_read).count(),
        "totalItemCount": messages().count(),
        "isHidden": folder.is_hidden,
    }))
}

/// The id of a message.
pub(crate) fn id(message: &Message, view: &View) -> String {
    ids::message_id(message.number, message.moves, view.form)
}

/// The change key of a message, which is in its etag.
pub(crate) fn change_key(message: &Message) -> String {
    ids::change_key(message.number.0, message.change)
}

/// The id of the conversation that a message belongs to.
pub(crate) fn conversation_id(message: &Message) -> String {
    URL_SAFE.encode(ids::conversation(message.mailbox, &message.topic))
}

/// Whether a message has files that are not part of its text
/// (resources/message).
pub(crate) fn has_attachments(message: &Message) -> bool {
    message.attachments.iter().any(|attachment| !attachment.is_inline)
}

/// The place of a message in its conversation: the head and five bytes for each
/// answer ([MS-OXOMSG] 2.2.1.3).
fn conversation_index(message: &Message) -> Vec<u8> {
    let mut bytes = ids::conversation(message.mailbox, &message.topic).to_vec();
    for answer in &message.thread {
        bytes.extend_from_slice(&answer.to_be_bytes());
        bytes.push(0);
    }
    bytes
}

fn flag(flag: Option<&Flag>, view: &View) -> Value {
    let Some(flag) = flag else {
        return json!({ "flagStatus": "notFlagged" });
    };
    let mut map = object(json!({ "flagStatus": if flag.is_complete { "complete" } else { "flagged" } }));
    let times = [("startDateTime", flag.start), ("dueDateTime", flag.due), ("completedDateTime", flag.completed)];
    for (name, time) in times {
        if let Some(time) = time {
            map.insert(name.to_owned(), at(time, view));
        }
    }
    Value::Object(map)
}

/// An instant as messages have it: to the second.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The whole message.
pub(crate) fn message(message: &Message, view: &View) -> Map<String, Value> {
    let mut map = envelope(message, view);
    let kind = match view.body_type {
        BodyType::Html => "html",
        BodyType::Text => "text",
    };
    let content = body::content(&message.body, view.body_type);
    map.insert("body".to_owned(), json!({ "contentType": kind, "content": content }));
    map.insert("bodyPreview".to_owned(), json!(body::preview(&message.body)));
    if let Some(part) = &message.meeting {
        map.extend(meeting(part, view));
    }
    map
}

/// The head of a message: of a draft, the sender's own headers alone.
pub(crate) fn headers(message: &Message) -> Value {
    let list = if message.is_draft { message.headers.clone() } else { write::headers(message) };
    list.iter().map(|header| json!({ "name": header.name, "value": header.value })).collect()
}

/// What a message says that those before it in the conversation do not.
pub(crate) fn unique_body(message: &Message, view: &View) -> Value {
    let html = message.body.html.split(QUOTATION).next().unwrap_or_default();
    let own = body::from_html(html);
    let kind = match view.body_type {
        BodyType::Html => "html",
        BodyType::Text => "text",
    };
    json!({ "contentType": kind, "content": body::content(&own, view.body_type) })
}

/// What every message has, without the content.
fn envelope(message: &Message, view: &View) -> Map<String, Value> {
    let (key, id) = (change_key(message), id(message, view));
    let link: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let person = |person: &Address| json!({ "emailAddress": address(person) });
    let from = person(&message.from);
    let marks = &message.marks;
    let on = |line: Line| -> Value {
        let listed = message.recipients.iter().filter(|recipient| recipient.line == line);
        listed.map(|recipient| person(&recipient.address)).collect()
    };
    object(json!({
        "@odata.etag": format!("W/\"{key}\""),
        "id": id,
        "changeKey": key,
        "categories": marks.categories,
        "createdDateTime": instant(message.created),
        "lastModifiedDateTime": instant(message.modified),
        "receivedDateTime": instant(message.received),
        "sentDateTime": instant(message.sent),
        "hasAttachments": has_attachments(message),
        "internetMessageId": message.internet_message_id,
        "subject": message.subject,
        "importance": message.importance,
        "parentFolderId": ids::folder_id(message.folder),
        "conversationId": conversation_id(message),
        "conversationIndex": STANDARD.encode(conversation_index(message)),
        "isDeliveryReceiptRequested": marks.delivery_receipt,
        "isReadReceiptRequested": marks.read_receipt,
        "isRead": message.is_read,
        "isDraft": message.is_draft,
        "webLink": format!("https://outlook.office365.com/owa/?ItemID={link}&exvsurl=1&viewmodel=ReadMessageItem"),
        "inferenceClassification": if marks.is_other { "other" } else { "focused" },
        "sender": from,
        "from": from,
        "toRecipients": on(Line::To),
        "ccRecipients": on(Line::Cc),
        "bccRecipients": on(Line::Bcc),
        "replyTo": message.reply_to.iter().map(person).collect::<Value>(),
        "flag": flag(marks.flag.as_ref(), view),
    }))
}

fn at(instant: DateTime<Utc>, view: &View) -> Value {
    moment(zones::to_wall(instant, view.zone), view)
}

/// What a mail about a meeting has besides.
///
/// DIFFERENCE: of a meeting that lasts the whole day, the mail has the
/// instants of its midnights and `isAllDay` false, as observed
/// (microsoft-graph-docs#1802); the documentation would have it true.
fn meeting(part: &MeetingPart, view: &View) -> Map<String, Value> {
    let times = instants(&part.span);
    let mut map = object(json!({
        "@odata.type": format!("#microsoft.graph.{}", type_name(&part.purpose)),
        "meetingMessageType": meeting_message_type(&part.purpose),
        "type": part.event_type,
        "startDateTime": at(times.start, view),
        "endDateTime": at(times.end, view),
        "isAllDay": false,
        "location": part.location,
        "recurrence": part.recurrence.as_ref().map(recurrence_json::write),
        "isOutOfDate": part.is_out_of_date,
        "isDelegated": false,
    }));
    match &part.purpose {
        Purpose::Request(request) => map.extend(of_request(request, part, view)),
        Purpose::Answer { response, proposed } => {
            map.insert("responseType".to_owned(), json!(response));
            map.insert("proposedNewTime".to_owned(), json!(proposed.as_ref().map(|slot| time_slot(slot, view))));
        }
        Purpose::Cancellation | Purpose::Notice => {}
    }
    map
}

fn of_request(request: &Request, part: &MeetingPart, view: &View) -> Map<String, Value> {
    let times = instants(&part.span);
    let previous = request.previous_span.as_ref().map(instants);
    let start = previous.map(|previous| previous.start).filter(|start| *start != times.start);
    let end = previous.map(|previous| previous.end).filter(|end| *end != times.end);
    object(json!({
        "meetingRequestType": request.kind,
        "allowNewTimeProposals": request.allows_new_time,
        "responseRequested": request.asks_response,
        "previousStartDateTime": start.map(|start| at(start, view)),
        "previousEndDateTime": end.map(|end| at(end, view)),
        "previousLocation": request.previous_location,
    }))
}

/// The type of a mail in the metadata.
fn type_name(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::Request(_) => "eventMessageRequest",
        Purpose::Answer { .. } => "eventMessageResponse",
        Purpose::Cancellation | Purpose::Notice => "eventMessage",
    }
}

/// A value of `meetingMessageType`; one of them is spelled like this in the
/// metadata and on the page resources/eventmessage.
fn meeting_message_type(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::Request(_) => "meetingRequest",
        Purpose::Cancellation => "meetingCancelled",
        Purpose::Answer { response: Response::Accepted, .. } => "meetingAccepted",
        Purpose::Answer { response: Response::TentativelyAccepted, .. } => "meetingTenativelyAccepted",
        Purpose::Answer { response: Response::Declined, .. } => "meetingDeclined",
        Purpose::Answer { response: Response::None | Response::Organizer | Response::NotResponded, .. }
        | Purpose::Notice => "none",
    }
}
