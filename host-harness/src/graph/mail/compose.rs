//! New messages: blank ones, and answers to others (api/message-createreply,
//! -createreplyall, -createforward).
//!
//! An answer belongs to the conversation of what it answers, and quotes it
//! below a line. DIFFERENCE: with a body of its own it quotes nothing; what the
//! service does then is not documented. How the quotation looks is Outlook's
//! taste, not a promise.

use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use super::model::{Line, Message, Recipient};
use crate::graph::attachment;
use crate::graph::calendar::body;
use crate::graph::model::{Address, Mailbox, StoredBody};
use crate::graph::names::same_name;
use crate::graph::state::State;
use crate::graph::zones;

/// The line below which an answer quotes.
pub(crate) const QUOTATION: &str = "<hr tabindex=\"-1\">";

/// How a message is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Reply,
    ReplyAll,
    Forward,
}

/// A new `internetMessageId` in the domain of the sender.
pub(crate) fn internet_message_id(state: &mut State, sender: &str) -> String {
    let number = state.next_number();
    let digest = Sha256::digest(format!("{}/{number}", state.meta.tenant.id));
    let unique = digest.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    let domain = sender.rsplit_once('@').map_or(sender, |(_, domain)| domain);
    format!("<{unique:032X}@{domain}>")
}

/// The address of who owns a mailbox.
pub(crate) fn owner(mailbox: &Mailbox) -> Address {
    Address { name: mailbox.display_name.clone(), address: mailbox.user_principal_name.clone() }
}

/// An empty draft, not yet in any folder. It begins a conversation.
pub(crate) fn blank(state: &mut State, mailbox: &Mailbox) -> Message {
    let from = owner(mailbox);
    let internet_message_id = internet_message_id(state, &from.address);
    Message::new(from, internet_message_id, state.now)
}

/// A draft that answers a message, not yet in any folder. The zone is the one
/// that the quotation tells times in.
pub(crate) fn answer(
    state: &mut State,
    mailbox: &Mailbox,
    original: &Message,
    kind: Kind,
    comment: Option<&str>,
    zone: Tz,
) -> Message {
    let mut draft = blank(state, mailbox);
    join(state, &mut draft, original);
    let prefix = match kind {
        Kind::Reply | Kind::ReplyAll => "RE: ",
        Kind::Forward => "FW: ",
    };
    draft.subject = subject(prefix, &original.subject);
    draft.importance.clone_from(&original.importance);
    draft.body = quoted(original, comment.unwrap_or_default(), zone);
    draft.recipients = recipients(original, kind, &draft.from);
    if kind == Kind::Forward {
        draft.attachments.clone_from(&original.attachments);
        for attachment in &mut draft.attachments {
            attachment.id = attachment::new_id(state);
        }
    }
    draft
}

/// Lets a draft belong to the conversation of another message.
pub(crate) fn join(state: &mut State, draft: &mut Message, original: &Message) {
    draft.topic.clone_from(&original.topic);
    draft.thread.clone_from(&original.thread);
    draft.thread.push(u32::try_from(state.next_number() & u64::from(u32::MAX)).unwrap_or(0));
}

/// The subject with the prefix once.
fn subject(prefix: &str, subject: &str) -> String {
    let has_it = subject.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
    if has_it { subject.to_owned() } else { format!("{prefix}{subject}") }
}

/// Whom an answer goes to: who is named for answers, or who sent it (RFC 5322,
/// section 3.6.2); and, for all, whoever else got it, without oneself.
fn recipients(original: &Message, kind: Kind, own: &Address) -> Vec<Recipient> {
    if kind == Kind::Forward {
        return Vec::new();
    }
    let senders = if original.reply_to.is_empty() { std::slice::from_ref(&original.from) } else { &original.reply_to };
    let mut list: Vec<Recipient> =
        senders.iter().map(|address| Recipient { address: address.clone(), line: Line::To }).collect();
    if kind == Kind::ReplyAll {
        for other in original.recipients.iter().filter(|other| other.line != Line::Bcc) {
            let is_same = |address: &Address| same_name(&address.address, &other.address.address);
            if !is_same(own) && !list.iter().any(|known| is_same(&known.address)) {
                list.push(other.clone());
            }
        }
    }
    list
}

/// The comment above the line, and below it what is answered.
fn quoted(original: &Message, comment: &str, zone: Tz) -> StoredBody {
    let people = |line: Line| {
        let listed = original.recipients.iter().filter(|recipient| recipient.line == line);
        listed.map(|recipient| recipient.address.name.clone()).collect::<Vec<_>>().join("; ")
    };
    let sent = zones::to_wall(original.sent, zone).format("%A, %B %-d, %Y %-I:%M:%S %p").to_string();
    let from = format!("{} <{}>", original.from.name, original.from.address);
    let mut lines = vec![("From", from), ("Sent", sent), ("To", people(Line::To))];
    if original.recipients.iter().any(|recipient| recipient.line == Line::Cc) {
        lines.push(("Cc", people(Line::Cc)));
    }
    lines.push(("Subject", original.subject.clone()));
    let lines: Vec<String> =
        lines.iter().map(|(name, value)| format!("<b>{name}:</b> {}<br>\r\n", body::escaped(value))).collect();
    let head = lines.concat();
    let comment = body::escaped(comment).replace('\n', "<br>\r\n");
    body::from_html(&format!(
        "<div>{comment}</div>\r\n{QUOTATION}\r\n<div id=\"divRplyFwdMsg\" dir=\"ltr\">{head}</div>\r\n<div>{}</div>",
        body::inner(&original.body)
    ))
}
