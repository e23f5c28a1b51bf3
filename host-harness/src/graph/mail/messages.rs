//! Keeps, marks and deletes messages (api/message-update, api/message-delete).

use super::folders::built_in;
use super::model::{FolderNo, MessageNo, WellKnown};
use crate::graph::state::State;

/// Marks a message as read or unread.
pub(crate) fn mark(state: &mut State, number: MessageNo, is_read: bool) {
    let (change, now) = (state.next_change(), state.now);
    if let Some(message) = state.messages.get_mut(&number) {
        message.is_read = is_read;
        message.change = change;
        message.modified = now;
    }
}

/// Deletes a message: into Deleted Items, and from there for good.
///
/// DIFFERENCE: api/message-delete does not name the folder. What Outlook calls
/// deleting is moving there, and Graph does the same; the folder for what is
/// deleted for good (`recoverableitemsdeletions`) is not emulated.
pub(crate) fn delete(state: &mut State, number: MessageNo) {
    let Some(message) = state.messages.get(&number) else {
        return;
    };
    match built_in(state, message.mailbox, WellKnown::DeletedItems) {
        Some(bin) if bin != message.folder => relocate(state, number, bin),
        Some(_) | None => bury(state, number),
    }
}

/// Moves a message to another folder: its default id changes, the immutable
/// one stays (concepts/outlook-immutable-id), and the old folder remembers it.
fn relocate(state: &mut State, number: MessageNo, folder: FolderNo) {
    let Some(message) = state.messages.get(&number) else {
        return;
    };
    let (mailbox, old_folder, moves) = (message.mailbox, message.folder, message.moves);
    state.leave_tombstone(mailbox, old_folder.into(), number.0, moves);
    let (change, now) = (state.next_change(), state.now);
    if let Some(message) = state.messages.get_mut(&number) {
        message.folder = folder;
        message.moves += 1;
        message.change = change;
        message.modified = now;
    }
}

/// Removes a message for good.
fn bury(state: &mut State, number: MessageNo) {
    if let Some(message) = state.messages.remove(&number) {
        state.leave_tombstone(message.mailbox, message.folder.into(), number.0, message.moves);
    }
}
