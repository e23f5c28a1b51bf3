//! Sends drafts, and answers messages (api/message-send, -reply, -replyall,
//! -forward, -createreply, -createreplyall, -createforward).
//!
//! An answer is made as a draft, which stays or is sent at once. What a client
//! gives as `message` is written to it.

use serde_json::Value;

use super::drafts::{finish, object, parameter};
use super::messages::written;
use super::stored;
use crate::graph::api::Context;
use crate::graph::api::body::is_mime;
use crate::graph::mail::compose::{self, Kind};
use crate::graph::mail::folders::built_in;
use crate::graph::mail::input::{Input, people};
use crate::graph::mail::mime::read;
use crate::graph::mail::model::{Line, Message, MessageNo, Recipient, WellKnown};
use crate::graph::mail::{messages, sending};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

/// How an action answers a message, if it does, and whether the answer is sent
/// at once.
pub(super) fn answering(action: &str) -> Option<(Kind, bool)> {
    routes!(match action {
        "createreply" => Some((Kind::Reply, false)),
        "createreplyall" => Some((Kind::ReplyAll, false)),
        "createforward" => Some((Kind::Forward, false)),
        "reply" => Some((Kind::Reply, true)),
        "replyall" => Some((Kind::ReplyAll, true)),
        "forward" => Some((Kind::Forward, true)),
        _ => None,
    })
}

/// `POST …/messages/{id}/send`.
pub(super) fn send(state: &mut State, context: &Context<'_>, number: MessageNo) -> Result<Reply, Refusal> {
    sending::send(state, &context.mailbox, number)?;
    Ok(Reply::empty(202))
}

/// `POST …/messages/{id}/reply` and its kin.
pub(super) fn answer(
    state: &mut State,
    context: &Context<'_>,
    number: MessageNo,
    kind: Kind,
    is_sent: bool,
) -> Result<Reply, Refusal> {
    let original = stored(state, number)?.clone();
    let mut draft = if is_mime(context.call) {
        from_mime(state, context, &original)?
    } else {
        from_json(state, context, &original, kind)?
    };
    finish(state, &mut draft);
    if is_sent {
        sending::send_new(state, &context.mailbox, draft, true)?;
        return Ok(Reply::empty(202));
    }
    let drafts = built_in(state, context.mailbox.number, WellKnown::Drafts).ok_or_else(Refusal::item_not_found)?;
    let made = messages::insert(state, context.mailbox.number, drafts, draft);
    written(state, context, made, 201)
}

fn from_mime(state: &mut State, context: &Context<'_>, original: &Message) -> Result<Message, Refusal> {
    let mut draft = compose::blank(state, &context.mailbox);
    read::into_draft(&context.call.body, &mut draft, state.now)?;
    compose::join(state, &mut draft, original);
    Ok(draft)
}

fn from_json(state: &mut State, context: &Context<'_>, original: &Message, kind: Kind) -> Result<Message, Refusal> {
    let given = object(context)?;
    let comment = parameter(&given, "comment").and_then(Value::as_str);
    let message = parameter(&given, "message").and_then(Value::as_object).cloned().unwrap_or_default();
    let input = Input::read(&message, state.now)?;
    if comment.is_some_and(|comment| !comment.is_empty()) && input.body.is_some() {
        return Err(invalid("The parameter 'Comment' and the property 'body' exclude each other."));
    }
    let recipients = people("toRecipients", parameter(&given, "toRecipients").unwrap_or(&Value::Null))?;
    if !recipients.is_empty() && input.names_recipients() {
        return Err(invalid("The parameter 'ToRecipients' and the property 'toRecipients' exclude each other."));
    }
    let mut draft = compose::answer(state, &context.mailbox, original, kind, comment, context.view.zone);
    draft.recipients.extend(recipients.into_iter().map(|address| Recipient { address, line: Line::To }));
    input.apply(&mut draft);
    Ok(draft)
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "ErrorInvalidRequest", message)
}
