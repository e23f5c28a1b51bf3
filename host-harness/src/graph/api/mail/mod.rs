//! Outlook mail: who may call, and which handler answers
//! (resources/mail-api-overview).
//!
//! `folders` and `messages` are the collections and what can be done with one
//! of their items, `delta` their changes. `drafts` makes new messages, `actions`
//! sends and answers them.

mod actions;
pub(crate) mod delta;
mod drafts;
mod folders;
pub(crate) mod messages;
pub(crate) mod projection;
mod search;

use serde_json::{Map, Value};

use super::extensions::{self, Owner};
use super::{Context, attachments, not_emulated, part_path, require_immutable_ids, with_preferences};
use crate::graph::ids;
use crate::graph::mail::folders::built_in;
use crate::graph::mail::model::{FolderNo, Message, MessageNo, WellKnown};
use crate::graph::mail::output;
use crate::graph::mail::sending::settle;
use crate::graph::permissions::Access;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

/// Well-known names of folders that exist only where somebody needed them, and
/// nobody does here (resources/mailfolder).
const MISSING_FOLDERS: [&str; 6] =
    ["Clutter", "Conflicts", "LocalFailures", "Scheduled", "ServerFailures", "SyncIssues"];

/// Answers a call on `…/messages`, `…/mailFolders` or `…/sendMail`; `words` is the path
/// behind the mailbox.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    context.require(access(&context.call.method, words))?;
    require_immutable_ids(state, context)?;
    settle(state, context.mailbox.number);
    let reply = routes!(match words {
        ["sendmail"] if context.call.method == "POST" => drafts::send_mail(state, context),
        ["mailfolders", rest @ ..] => {
            let root = find_folder(state, context, WellKnown::MsgFolderRoot.name())?;
            folders::route(state, context, root, rest, 1)
        }
        ["messages", rest @ ..] => route_messages(state, context, None, rest, 1),
        _ => Err(not_emulated(context.call)),
    })?;
    Ok(with_preferences(reply, &context.prefer))
}

/// What a request needs at least.
fn access(method: &str, words: &[&str]) -> Access {
    match (method, words) {
        ("GET", _) => Access::ReadMailBasic,
        ("POST", ["sendmail"] | [.., "send" | "reply" | "replyall" | "forward"]) => Access::SendMail,
        (_, _) => Access::WriteMail,
    }
}

/// `words` is the path behind `messages`, and `at` the place of its first
/// segment behind the mailbox.
fn route_messages(
    state: &mut State,
    context: &Context<'_>,
    folder: Option<FolderNo>,
    words: &[&str],
    at: usize,
) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words, folder) {
        ("GET", [], _) => return messages::list(state, context, folder),
        ("POST", [], _) => return drafts::create(state, context, folder),
        ("GET", ["$count"], _) => return messages::number_of(state, context, folder),
        ("GET", ["delta"], Some(folder)) => return delta::messages(state, context, folder),
        ("GET", ["delta"], None) => {
            // There is no change tracking over a whole mailbox
            // (msgraph-metadata#607).
            let message = "Unsupported request: Change tracking is not supported against 'microsoft.graph.message'.";
            return Err(Refusal::new(400, "BadRequest", message));
        }
        (_, [] | ["$count" | "delta"], _) => return Err(not_emulated(context.call)),
        (_, _, _) => {}
    });
    let number = find_message(state, context, folder, context.raw(at))?;
    routes!(match (context.call.method.as_str(), words.get(1..).unwrap_or_default()) {
        ("GET", []) => messages::show(state, context, number),
        ("PATCH", []) => messages::update(state, context, number),
        ("DELETE", []) => messages::remove(state, context, number),
        ("POST", ["move"]) => messages::relocate(state, context, number),
        ("POST", ["copy"]) => messages::copy(state, context, number),
        ("POST", ["permanentdelete"]) => messages::purge(state, context, number),
        ("POST", ["send"]) => actions::send(state, context, number),
        ("GET", ["$value"]) => messages::content(state, context, number),
        (_, ["attachments", rest @ ..]) => {
            context.require(Access::ReadMail)?;
            attachments::answer(state, context, attachments::Owner::Message(number), rest, at + 2)
        }
        (_, ["extensions", rest @ ..]) => {
            // Named among what is left out (concepts/permissions-reference).
            context.require(Access::ReadMail)?;
            let path = part_path("messages", &output::id(stored(state, number)?, &context.view), "extensions");
            extensions::answer(state, context, Owner::Message(number), &path, rest, context.raw(at + 2))
        }
        ("POST", [action]) => match actions::answering(action) {
            Some((kind, is_sent)) => actions::answer(state, context, number, kind, is_sent),
            None => Err(not_emulated(context.call)),
        },
        ("GET", [cast, "event"]) if projection::is_event_message(cast) => messages::event(state, context, number),
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The folder of a well-known name or an id, if the mailbox has it.
///
/// DIFFERENCE: what was never an id is said to be refused as malformed. Here
/// it is a folder that is not found.
fn find_folder(state: &State, context: &Context<'_>, text: &str) -> Result<FolderNo, Refusal> {
    let mailbox = context.mailbox.number;
    let named = WellKnown::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text));
    if let Some(folder) = named.and_then(|role| built_in(state, mailbox, role)) {
        return Ok(folder);
    }
    if let Some(name) = MISSING_FOLDERS.iter().find(|name| name.eq_ignore_ascii_case(text)) {
        // The words of domainaware/parsedmarc#609.
        return Err(Refusal::new(404, "ErrorItemNotFound", format!("Default folder {name} not found.")));
    }
    let not_found =
        || Refusal::new(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.");
    let number = ids::parse_folder_id(text).ok_or_else(not_found)?;
    let known = state.mail_folders.get(&number).filter(|folder| folder.mailbox == mailbox);
    known.map(|folder| folder.number).ok_or_else(Refusal::item_not_found)
}

/// The folder that a message or a folder is to be moved or copied to.
fn destination(state: &State, context: &Context<'_>) -> Result<FolderNo, Refusal> {
    let body: Map<String, Value> = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let given = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("destinationId"));
    let given = given.and_then(|(_, value)| value.as_str()).filter(|text| !text.is_empty());
    let given =
        given.ok_or_else(|| Refusal::new(400, "ErrorInvalidRequest", "The parameter 'DestinationId' is missing."))?;
    find_folder(state, context, given)
}

/// The message of an id, if it is in the mailbox and in the folder.
fn find_message(
    state: &State,
    context: &Context<'_>,
    folder: Option<FolderNo>,
    id: &str,
) -> Result<MessageNo, Refusal> {
    let (number, moves) = ids::parse_message_id(id).ok_or_else(Refusal::malformed_id)?;
    let message = state.messages.get(&number).filter(|message| message.mailbox == context.mailbox.number);
    let message = message.filter(|message| moves.is_none_or(|moves| moves == message.moves));
    let message = message.filter(|message| folder.is_none_or(|folder| folder == message.folder));
    message.map(|message| message.number).ok_or_else(Refusal::item_not_found)
}

fn stored(state: &State, number: MessageNo) -> Result<&Message, Refusal> {
    state.messages.get(&number).ok_or_else(Refusal::item_not_found)
}
