//! The folders of a mailbox (resources/mailfolder).

use super::model::{Folder, FolderNo, WellKnown};
use crate::graph::model::MailboxNo;
use crate::graph::state::State;

/// Adds the built-in folders to a new mailbox.
pub(crate) fn add_built_in(state: &mut State, mailbox: MailboxNo) {
    let mut root = None;
    for role in WellKnown::ALL {
        let number = FolderNo(state.next_item(mailbox));
        let name = role.display_name().to_owned();
        let folder = Folder { number, mailbox, parent: root, name, role: Some(role), change: state.next_change() };
        state.mail_folders.insert(number, folder);
        root = root.or(Some(number));
    }
}

/// Adds the built-in folders to mailboxes that were stored before there were
/// any.
pub(crate) fn complete(state: &mut State) {
    let mailboxes: Vec<MailboxNo> = state.mailboxes.values().map(|mailbox| mailbox.number).collect();
    for mailbox in mailboxes {
        if state.mail_folders_of(mailbox).next().is_none() {
            add_built_in(state, mailbox);
        }
    }
}

/// The built-in folder of a role.
pub(crate) fn built_in(state: &State, mailbox: MailboxNo, role: WellKnown) -> Option<FolderNo> {
    state.mail_folders_of(mailbox).find(|folder| folder.role == Some(role)).map(|folder| folder.number)
}
