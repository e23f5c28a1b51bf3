//! Keeps, marks, moves, copies and deletes messages (api/message-update,
//! api/message-move, api/message-copy, api/message-delete).

use super::folders::built_in;
use super::model::{FolderNo, Message, MessageNo, WellKnown};
use crate::graph::attachment;
use crate::graph::model::MailboxNo;
use crate::graph::state::State;

/// Puts a new message into a folder.
pub(crate) fn insert(state: &mut State, mailbox: MailboxNo, folder: FolderNo, mut message: Message) -> MessageNo {
    message.number = MessageNo(state.next_item(mailbox));
    message.mailbox = mailbox;
    message.folder = folder;
    message.change = state.next_change();
    message.entered = message.change;
    let number = message.number;
    state.messages.insert(number, message);
    number
}

/// Changes a message, which gets another change key.
pub(crate) fn change(state: &mut State, number: MessageNo, work: impl FnOnce(&mut Message)) {
    let (change, now) = (state.next_change(), state.now);
    if let Some(message) = state.messages.get_mut(&number) {
        work(message);
        message.change = change;
        message.modified = now;
    }
}

/// Deletes a message: into Deleted Items, from there to what can be recovered,
/// and from there for good.
///
/// DIFFERENCE: api/message-delete names no folders. What Outlook calls deleting
/// is moving, and Graph does the same. Whether the immutable id still leads to
/// what can be recovered is not documented; here it does, until it is purged.
pub(crate) fn delete(state: &mut State, number: MessageNo) {
    let Some(message) = state.messages.get(&number) else {
        return;
    };
    let (mailbox, folder) = (message.mailbox, message.folder);
    let bin = built_in(state, mailbox, WellKnown::DeletedItems);
    let dumpster = built_in(state, mailbox, WellKnown::RecoverableItemsDeletions);
    match (bin, dumpster) {
        (_, Some(dumpster)) if dumpster == folder => bury(state, number),
        (Some(bin), _) if bin != folder => relocate(state, number, bin),
        (_, Some(dumpster)) => relocate(state, number, dumpster),
        (Some(_) | None, None) => bury(state, number),
    }
}

/// Moves a message to another folder: its default id changes, the immutable
/// one stays (concepts/outlook-immutable-id), and the old folder remembers it.
///
/// DIFFERENCE: a move to where it is already is not documented; here it is one
/// like any other.
pub(crate) fn relocate(state: &mut State, number: MessageNo, folder: FolderNo) {
    let Some(message) = state.messages.get(&number) else {
        return;
    };
    let (mailbox, old_folder, moves) = (message.mailbox, message.folder, message.moves);
    state.leave_tombstone(mailbox, old_folder.into(), number.0, moves);
    change(state, number, |message| {
        message.folder = folder;
        message.moves += 1;
        // Wherever it was on its way to, it is here now.
        message.arrives_at = None;
    });
    if let Some(message) = state.messages.get_mut(&number) {
        message.entered = message.change;
    }
}

/// Copies a message to a folder. The copy is another message of the same
/// conversation, with the same `internetMessageId`.
pub(crate) fn copy(state: &mut State, number: MessageNo, folder: FolderNo) -> Option<MessageNo> {
    let now = state.now;
    let mut copy = state.messages.get(&number)?.clone();
    copy.moves = 0;
    copy.arrives_at = None;
    copy.created = now;
    copy.modified = now;
    for attachment in &mut copy.attachments {
        attachment.id = attachment::new_id(state);
    }
    Some(insert(state, copy.mailbox, folder, copy))
}

/// Removes a message for good (api/message-permanentdelete).
pub(crate) fn bury(state: &mut State, number: MessageNo) {
    if let Some(message) = state.messages.remove(&number) {
        state.leave_tombstone(message.mailbox, message.folder.into(), number.0, message.moves);
    }
}
