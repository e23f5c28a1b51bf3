//! Outlook mail: who may call, and which handler answers
//! (resources/mail-api-overview).
//!
//! Folders, and messages to be read, marked and deleted; nothing can be
//! written or sent yet.

mod folders;
mod messages;
mod projection;

use super::{Context, not_emulated, require_immutable_ids, with_preferences};
use crate::graph::ids;
use crate::graph::mail::folders::built_in;
use crate::graph::mail::model::{FolderNo, Message, MessageNo, WellKnown};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Permissions that let a caller read mail (api/user-list-messages).
const MAIL_READ: [&str; 3] = ["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"];
/// Those that let a caller read what a mail says, too.
const MAIL_READ_CONTENT: [&str; 2] = ["Mail.Read", "Mail.ReadWrite"];
/// Permissions that let a caller change mail (api/message-update).
const MAIL_WRITE: [&str; 1] = ["Mail.ReadWrite"];

/// Well-known names of folders that are not here (resources/mailfolder).
const OTHER_FOLDERS: [&str; 13] = [
    "archive",
    "clutter",
    "conflicts",
    "conversationhistory",
    "drafts",
    "junkemail",
    "localfailures",
    "outbox",
    "recoverableitemsdeletions",
    "scheduled",
    "searchfolders",
    "serverfailures",
    "syncissues",
];

/// Answers a call on `…/messages` or `…/mailFolders`; `words` is the path
/// behind the mailbox.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    let is_read = context.call.method == "GET";
    context.require(if is_read { &MAIL_READ } else { &MAIL_WRITE })?;
    require_immutable_ids(state, context)?;
    let reply = match words {
        ["mailfolders", rest @ ..] => route_folders(state, context, rest),
        ["messages", rest @ ..] => route_messages(state, context, None, rest),
        _ => Err(not_emulated(context.call)),
    }?;
    Ok(with_preferences(reply, &context.prefer))
}

fn route_folders(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    let method = context.call.method.as_str();
    if words.is_empty() && method == "GET" {
        let root = find_folder(state, context, WellKnown::MsgFolderRoot.name())?;
        return folders::children(state, context, root);
    }
    let [_, rest @ ..] = words else {
        return Err(not_emulated(context.call));
    };
    let folder = find_folder(state, context, context.raw(1))?;
    match (method, rest) {
        ("GET", []) => folders::show(state, context, folder),
        ("GET", ["childfolders"]) => folders::children(state, context, folder),
        (_, ["messages", rest @ ..]) => route_messages(state, context, Some(folder), rest),
        (_, _) => Err(not_emulated(context.call)),
    }
}

/// `words` is the path behind `messages`.
fn route_messages(
    state: &mut State,
    context: &Context<'_>,
    folder: Option<FolderNo>,
    words: &[&str],
) -> Result<Reply, Refusal> {
    let id = context.raw(if folder.is_some() { 3 } else { 1 });
    match (context.call.method.as_str(), words) {
        ("GET", []) => messages::list(state, context, folder),
        // There is a delta of each folder, but not here.
        (_, ["delta", ..]) => Err(not_emulated(context.call)),
        ("GET", [_]) => messages::show(state, context, find_message(state, context, folder, id)?),
        ("PATCH", [_]) => messages::update(state, context, find_message(state, context, folder, id)?),
        ("DELETE", [_]) => messages::remove(state, context, find_message(state, context, folder, id)?),
        ("GET", [_, cast, "event"]) if projection::is_event_message(cast) => {
            messages::event(state, context, find_message(state, context, folder, id)?)
        }
        (_, _) => Err(not_emulated(context.call)),
    }
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
    if OTHER_FOLDERS.iter().any(|name| name.eq_ignore_ascii_case(text)) {
        return Err(Refusal::not_emulated(&format!("The mail folder '{text}'")));
    }
    let not_found =
        || Refusal::new(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.");
    let number = ids::parse_folder_id(text).ok_or_else(not_found)?;
    let known = state.mail_folders.get(&number).filter(|folder| folder.mailbox == mailbox);
    known.map(|folder| folder.number).ok_or_else(Refusal::item_not_found)
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

/// Refuses query options that would be passed over in silence.
fn require_options(context: &Context<'_>, known: &[&str], what: &str) -> Result<(), Refusal> {
    let mut options = context.call.query.names().filter(|name| name.starts_with('$'));
    match options.find(|name| !known.contains(name)) {
        Some(name) => Err(Refusal::not_emulated(&format!("The query option {name} on {what}"))),
        None => Ok(()),
    }
}
