//! Brings mails about meetings into mailboxes: into the Inbox of everybody who
//! gets one, and into the Sent Items of who sent it (resources/eventmessage).
//!
//! A mail keeps what it said when it was sent; only whether it is out of date
//! changes later. Which event it belongs to is looked up when it is asked for.
//!
//! DIFFERENCE: what becomes of an invitation that was answered is not
//! documented. Outlook moves it to Deleted Items; here it stays in the Inbox.
//!
//! DIFFERENCE: a comment stands in place of the event's description; Outlook
//! puts it above. Files of the event do not come along.

use serde_json::{Map, Value};

use super::compose::internet_message_id;
use super::folders::built_in;
use super::messages;
use super::model::{Line, MeetingPart, Message, MessageNo, Purpose, Recipient, Request, RequestKind, WellKnown};
use crate::graph::calendar::body;
use crate::graph::calendar::instance::{Instance, Kind, instants, occurrence, whole};
use crate::graph::calendar::letter::Letter;
use crate::graph::calendar::output::{self, View};
use crate::graph::model::{Event, LoneOccurrence, MailKind, MailboxNo, StoredBody};
use crate::graph::state::State;

/// Delivers a letter. Nobody else sees who is on the hidden line, nor, where the
/// organiser hides the guests, anybody else (`hideAttendees` of
/// resources/event).
///
/// DIFFERENCE: who tells the organiser that a meeting was forwarded is the
/// service, in the name of the guest. Here that leaves no sent copy.
pub(crate) fn post(state: &mut State, letter: &Letter<'_>) {
    let message = composed(state, letter);
    let number_of = |state: &State, name: &str| state.mailbox_named(name).map(|mailbox| mailbox.number);
    let sender = number_of(state, &letter.from.address).filter(|_| letter.kind != MailKind::ForwardNotice);
    if let Some(mailbox) = sender {
        put(state, mailbox, WellKnown::SentItems, Message { is_read: true, ..message.clone() });
    }
    let hides = letter.event.properties.get("hideAttendees").is_some_and(|value| value == true);
    for Recipient { address, .. } in &letter.recipients {
        let Some(mailbox) = number_of(state, &address.address) else { continue };
        outdate(state, mailbox, message.meeting.as_ref());
        let mut received = message.clone();
        received.recipients.retain(|other| other.address == *address || (!hides && other.line != Line::Bcc));
        put(state, mailbox, WellKnown::Inbox, received);
    }
}

/// Puts a message into a built-in folder.
fn put(state: &mut State, mailbox: MailboxNo, role: WellKnown, message: Message) {
    if let Some(folder) = built_in(state, mailbox, role) {
        messages::insert(state, mailbox, folder, message);
    }
}

/// Marks earlier requests about the same thing (`isOutOfDate` of
/// resources/eventmessage). DIFFERENCE: whether the service does so for a
/// cancellation, too, is not documented.
fn outdate(state: &mut State, mailbox: MailboxNo, new: Option<&MeetingPart>) {
    let Some(new) = new.filter(|new| matches!(new.purpose, Purpose::Request(_) | Purpose::Cancellation)) else {
        return;
    };
    let ends_all = new.occurrence.is_none() && matches!(new.purpose, Purpose::Cancellation);
    let is_outdated = |known: &MeetingPart| {
        let is_request = matches!(known.purpose, Purpose::Request(_)) && !known.is_out_of_date;
        let is_about_it = known.occurrence == new.occurrence || ends_all;
        is_request && known.uid == new.uid && is_about_it
    };
    let outdated: Vec<MessageNo> = state
        .messages_of(mailbox, None)
        .filter(|message| message.meeting.as_ref().is_some_and(is_outdated))
        .map(|message| message.number)
        .collect();
    for number in outdated {
        let (change, now) = (state.next_change(), state.now);
        if let Some(message) = state.messages.get_mut(&number) {
            message.meeting.iter_mut().for_each(|part| part.is_out_of_date = true);
            message.change = change;
            message.modified = now;
        }
    }
}

/// The message of a letter, not yet in any mailbox.
fn composed(state: &mut State, letter: &Letter<'_>) -> Message {
    let instance = letter.subject_matter();
    let written = output::full(&instance, &View::plain());
    let internet_message_id = internet_message_id(state, &letter.from.address);
    Message {
        topic: letter.uid().to_owned(),
        subject: letter.subject(),
        body: body_of(letter, &instance),
        importance: written.get("importance").and_then(Value::as_str).unwrap_or("normal").to_owned(),
        recipients: letter.recipients.clone(),
        is_read: false,
        meeting: Some(part(letter, &instance, &written)),
        is_draft: false,
        ..Message::new(letter.from.clone(), internet_message_id, state.now)
    }
}

fn body_of(letter: &Letter<'_>, instance: &Instance<'_>) -> StoredBody {
    if let Some(comment) = letter.comment {
        return body::from_text(comment);
    }
    match letter.kind {
        MailKind::Response | MailKind::ForwardNotice => StoredBody { html: String::new() },
        MailKind::Invitation | MailKind::Update | MailKind::Cancellation => {
            let own = match instance.kind {
                Kind::Exception(_, changed) => changed.body.as_ref(),
                Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
            };
            own.unwrap_or(&letter.event.body).clone()
        }
    }
}

/// What the mail says about the meeting; `written` is the event as its owner
/// sees it.
fn part(letter: &Letter<'_>, instance: &Instance<'_>, written: &Map<String, Value>) -> MeetingPart {
    let recurrence = match instance.kind {
        Kind::Master => letter.event.recurrence.clone(),
        Kind::Single | Kind::Occurrence(_) | Kind::Exception(_, _) => None,
    };
    let event_type = match instance.kind {
        // Who is invited to one occurrence alone has it as a single event.
        Kind::Single if letter.occurrence.is_some() || letter.event.lone.is_some() => "exception",
        _ => output::kind_name(&instance.kind),
    };
    MeetingPart {
        purpose: purpose(letter, instance, written),
        uid: letter.uid().to_owned(),
        occurrence: letter.occurrence,
        event_type: event_type.to_owned(),
        span: instance.span.clone(),
        location: written.get("location").cloned().unwrap_or_default(),
        recurrence,
        is_out_of_date: false,
    }
}

fn purpose(letter: &Letter<'_>, instance: &Instance<'_>, written: &Map<String, Value>) -> Purpose {
    let kind = match letter.kind {
        MailKind::Invitation => RequestKind::NewMeetingRequest,
        MailKind::Update if letter.asks => RequestKind::FullUpdate,
        MailKind::Update => RequestKind::InformationalUpdate,
        MailKind::Cancellation => return Purpose::Cancellation,
        MailKind::ForwardNotice => return Purpose::Notice,
        MailKind::Response => {
            let proposed = letter.answer.and_then(|answer| answer.proposed.clone());
            return Purpose::Answer { response: letter.answer.map(|it| it.response).unwrap_or_default(), proposed };
        }
    };
    let is_set = |name: &str| written.get(name).and_then(Value::as_bool).unwrap_or(true);
    let former = letter.former().filter(|_| letter.kind == MailKind::Update);
    let previous_span =
        former.as_ref().map(|former| &former.span).filter(|span| instants(span) != instants(&instance.span));
    let former_location = former.as_ref().and_then(|former| output::full(former, &View::plain()).remove("location"));
    Purpose::Request(Box::new(Request {
        kind,
        allows_new_time: is_set("allowNewTimeProposals"),
        asks_response: is_set("responseRequested"),
        previous_span: previous_span.cloned(),
        previous_location: former_location.filter(|location| written.get("location") != Some(location)),
    }))
}

/// The event that a mail belongs to in its mailbox: for an occurrence that
/// occurrence, or the single event that stands for it. `None` if it is gone.
pub(crate) fn event_of<'a>(state: &'a State, message: &Message) -> Option<Instance<'a>> {
    let part = message.meeting.as_ref()?;
    let find = |wanted: &dyn Fn(&Event) -> bool| state.events_of(message.mailbox, None).find(|event| wanted(event));
    let of_uid = find(&|event| event.ical_uid == part.uid);
    let Some(date) = part.occurrence else {
        return of_uid.map(whole);
    };
    let lone = LoneOccurrence { series_uid: part.uid.clone(), date };
    let is_lone = |event: &Event| event.lone.as_ref() == Some(&lone);
    find(&is_lone).map(whole).or_else(|| of_uid.and_then(|series| occurrence(series, date)))
}
