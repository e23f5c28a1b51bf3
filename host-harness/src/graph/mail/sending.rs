//! Sends messages: into the Inbox of everybody in the tenant who gets one, into
//! the record of what left, and into the Sent Items of who sent it
//! (api/message-send, api/user-sendmail).
//!
//! On request the sent message lies in the Outbox for a while, as it does when
//! the service is slow (`sentItemsLagSeconds`).
//!
//! DIFFERENCE: nobody is told that an address does not exist; the record says
//! that a mail went there. Data of applications stays with the sender: whether
//! any of it travels is not documented.

use chrono::TimeDelta;

use super::compose::owner;
use super::folders::built_in;
use super::input::{has_too_many, too_many_recipients};
use super::messages;
use super::model::{Custom, FolderNo, Line, Marks, Message, MessageNo, WellKnown};
use crate::graph::attachment;
use crate::graph::model::{Mailbox, MailboxNo, OutgoingMail, Sort};
use crate::graph::names::same_name;
use crate::graph::reply::Refusal;
use crate::graph::state::State;
use crate::graph::upload::{self, Target};

/// Sends a draft of a mailbox. Its immutable id stays.
pub(crate) fn send(state: &mut State, mailbox: &Mailbox, number: MessageNo) -> Result<(), Refusal> {
    let draft = state.messages.get(&number).cloned().ok_or_else(Refusal::item_not_found)?;
    if !draft.is_draft {
        return Err(Refusal::new(400, "ErrorInvalidRequest", "Only drafts can be sent."));
    }
    let message = finished(state, mailbox, draft)?;
    deliver(state, &message);
    // What has left takes no more files.
    upload::cancel_all(state, Target::Message(number));
    let (folder, arrives_at) = way(state, mailbox.number)?;
    messages::change(state, number, |stored| *stored = message);
    messages::relocate(state, number, folder);
    if let Some(stored) = state.messages.get_mut(&number) {
        stored.arrives_at = arrives_at;
    }
    Ok(())
}

/// Sends a message that is in no folder yet.
pub(crate) fn send_new(state: &mut State, mailbox: &Mailbox, draft: Message, is_saved: bool) -> Result<(), Refusal> {
    let message = finished(state, mailbox, draft)?;
    deliver(state, &message);
    if is_saved {
        let (folder, arrives_at) = way(state, mailbox.number)?;
        messages::insert(state, mailbox.number, folder, Message { arrives_at, ..message });
    }
    Ok(())
}

/// Where a message lies that was sent, and until when it has not arrived.
fn way(state: &State, mailbox: MailboxNo) -> Result<(FolderNo, Option<chrono::DateTime<chrono::Utc>>), Refusal> {
    let lag = state.meta.behaviour.sent_items_lag_seconds;
    let role = if lag.is_some() { WellKnown::Outbox } else { WellKnown::SentItems };
    let folder = built_in(state, mailbox, role).ok_or_else(Refusal::item_not_found)?;
    Ok((folder, lag.map(|seconds| state.now + TimeDelta::seconds(i64::from(seconds)))))
}

/// Lets what was sent a while ago, and still lies in the Outbox, arrive in Sent
/// Items.
pub(crate) fn settle(state: &mut State, mailbox: MailboxNo) {
    let (now, outbox) = (state.now, built_in(state, mailbox, WellKnown::Outbox));
    let is_due = |message: &&Message| Some(message.folder) == outbox && message.arrives_at.is_some_and(|at| at <= now);
    let due: Vec<MessageNo> = state.messages_of(mailbox, None).filter(is_due).map(|message| message.number).collect();
    for number in due {
        if let Some(folder) = built_in(state, mailbox, WellKnown::SentItems) {
            messages::relocate(state, number, folder);
        }
    }
}

/// A draft as it is sent, if it can be.
fn finished(state: &State, mailbox: &Mailbox, draft: Message) -> Result<Message, Refusal> {
    let invalid = |message: &str| Refusal::new(400, "ErrorInvalidRecipients", message);
    if draft.recipients.is_empty() {
        return Err(invalid("At least one recipient is required."));
    }
    if has_too_many(&draft) {
        return Err(too_many_recipients());
    }
    let is_address =
        |text: &str| text.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if !draft.recipients.iter().all(|recipient| is_address(&recipient.address.address)) {
        return Err(invalid("At least one recipient isn't valid."));
    }
    if !same_name(&draft.from.address, &mailbox.user_principal_name) {
        let message = "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.";
        return Err(Refusal::new(403, "ErrorSendAsDenied", message));
    }
    let now = state.now;
    let from = owner(mailbox);
    Ok(Message { from, is_draft: false, is_read: true, sent: now, received: now, modified: now, ..draft })
}

/// Brings a message to everybody who gets it, and notes that it left.
fn deliver(state: &mut State, message: &Message) {
    let mut reached: Vec<MailboxNo> = Vec::new();
    for recipient in &message.recipients {
        let mail = OutgoingMail {
            kind: Sort::message(),
            from: message.from.address.clone(),
            to: recipient.address.address.clone(),
            subject: message.subject.clone(),
            i_cal_u_id: String::new(),
            internet_message_id: Some(message.internet_message_id.clone()),
            occurrence: None,
            response: None,
            at: state.now,
        };
        let number = state.next_number();
        state.outbox.insert(number, mail);
        let mailbox = state.mailbox_named(&recipient.address.address).map(|mailbox| mailbox.number);
        if let Some(mailbox) = mailbox.filter(|mailbox| !reached.contains(mailbox)) {
            reached.push(mailbox);
            receive(state, mailbox, message);
        }
    }
}

/// Puts a copy into an Inbox. Nobody sees who is on the hidden line.
fn receive(state: &mut State, mailbox: MailboxNo, message: &Message) {
    let Some(folder) = built_in(state, mailbox, WellKnown::Inbox) else {
        return;
    };
    let now = state.now;
    let mut received = message.clone();
    received.recipients.retain(|other| other.line != Line::Bcc);
    received.is_read = false;
    received.moves = 0;
    received.custom = Custom::default();
    received.marks = Marks {
        delivery_receipt: message.marks.delivery_receipt,
        read_receipt: message.marks.read_receipt,
        ..Marks::default()
    };
    received.created = now;
    for attachment in &mut received.attachments {
        attachment.id = attachment::new_id(state);
    }
    messages::insert(state, mailbox, folder, received);
}
