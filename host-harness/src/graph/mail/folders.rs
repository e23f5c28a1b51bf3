//! The folders of a mailbox (resources/mailfolder): the built-in ones, and what
//! can be done with folders.
//!
//! Two folders stand beside the one that holds all others: where searches are
//! kept, and where that lies which was deleted for good and can still be
//! recovered.

use super::messages;
use super::model::{Folder, FolderNo, Message, MessageNo, WellKnown, children_of, folders_of};
use crate::graph::model::MailboxNo;
use crate::graph::names::{folded, same_name};
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// Adds the built-in folders to a new mailbox.
pub(crate) fn add_built_in(state: &mut State, mailbox: MailboxNo) {
    for role in WellKnown::ALL {
        if built_in(state, mailbox, role).is_some() {
            continue;
        }
        let number = FolderNo(state.next_item(mailbox));
        let parent = if role.stands_outside() { None } else { built_in(state, mailbox, WellKnown::MsgFolderRoot) };
        let (change, modified) = (state.next_change(), state.now);
        let name = role.display_name().to_owned();
        let folder = Folder { number, mailbox, parent, name, role: Some(role), is_hidden: false, change, modified };
        state.mail_folders.insert(number, folder);
    }
}

/// Adds the built-in folders to mailboxes that were stored before there were
/// any, or before there were all of them.
pub(crate) fn complete(state: &mut State) {
    let mailboxes: Vec<MailboxNo> = state.mailboxes.values().map(|mailbox| mailbox.number).collect();
    for mailbox in mailboxes {
        add_built_in(state, mailbox);
    }
}

/// The built-in folder of a role.
pub(crate) fn built_in(state: &State, mailbox: MailboxNo, role: WellKnown) -> Option<FolderNo> {
    state.mail_folders_of(mailbox).find(|folder| folder.role == Some(role)).map(|folder| folder.number)
}

/// The folders in a folder, by name.
pub(crate) fn children(state: &State, mailbox: MailboxNo, parent: FolderNo) -> Vec<&Folder> {
    let mut found: Vec<&Folder> =
        state.mail_folders_of(mailbox).filter(|folder| folder.parent == Some(parent)).collect();
    found.sort_by_key(|folder| (folded(&folder.name), folder.number));
    found
}

/// Whether a list of folders that change tracking knows has this one.
pub(crate) fn is_tracked(folder: &Folder) -> bool {
    !folder.role.is_some_and(WellKnown::stands_outside)
}

fn known(state: &State, number: FolderNo) -> Result<&Folder, Refusal> {
    state.mail_folders.get(&number).ok_or_else(Refusal::item_not_found)
}

/// Refuses a name that another folder in the same place has.
fn require_free_name(state: &State, mailbox: MailboxNo, parent: FolderNo, name: &str) -> Result<(), Refusal> {
    let is_taken = children(state, mailbox, parent).iter().any(|folder| same_name(&folder.name, name));
    if is_taken {
        return Err(Refusal::new(409, "ErrorFolderExists", "A folder with the specified name already exists."));
    }
    Ok(())
}

/// Refuses to touch a built-in folder.
fn require_own(folder: &Folder, code: &str, message: &str) -> Result<(), Refusal> {
    if folder.role.is_some() { Err(Refusal::new(400, code, message)) } else { Ok(()) }
}

/// Creates a folder (api/user-post-mailfolders, api/mailfolder-post-childfolders).
pub(crate) fn create(
    state: &mut State,
    mailbox: MailboxNo,
    parent: FolderNo,
    name: &str,
    is_hidden: bool,
) -> Result<FolderNo, Refusal> {
    require_free_name(state, mailbox, parent, name)?;
    Ok(add(state, mailbox, parent, name, is_hidden))
}

fn add(state: &mut State, mailbox: MailboxNo, parent: FolderNo, name: &str, is_hidden: bool) -> FolderNo {
    let number = FolderNo(state.next_item(mailbox));
    let (change, modified) = (state.next_change(), state.now);
    let (parent, name) = (Some(parent), name.to_owned());
    let folder = Folder { number, mailbox, parent, name, role: None, is_hidden, change, modified };
    state.mail_folders.insert(number, folder);
    number
}

/// Renames a folder (api/mailfolder-update). DIFFERENCE: how the service
/// refuses another name for a built-in folder is not documented.
pub(crate) fn rename(state: &mut State, number: FolderNo, name: &str) -> Result<(), Refusal> {
    let folder = known(state, number)?;
    require_own(folder, "ErrorFolderSavePropertyError", "A distinguished folder cannot be renamed.")?;
    let (mailbox, parent) = (folder.mailbox, folder.parent.ok_or_else(Refusal::item_not_found)?);
    if !same_name(&folder.name, name) {
        require_free_name(state, mailbox, parent, name)?;
    }
    put(state, number, parent, name);
    Ok(())
}

/// Gives a folder its place and its name.
fn put(state: &mut State, number: FolderNo, parent: FolderNo, name: &str) {
    let (change, now) = (state.next_change(), state.now);
    if let Some(folder) = state.mail_folders.get_mut(&number) {
        folder.parent = Some(parent);
        name.clone_into(&mut folder.name);
        folder.change = change;
        folder.modified = now;
    }
}

/// Moves a folder with all that is in it (api/mailfolder-move). Its id stays,
/// and so do those of its messages.
pub(crate) fn relocate(state: &mut State, number: FolderNo, target: FolderNo) -> Result<(), Refusal> {
    let folder = known(state, number)?.clone();
    require_own(&folder, "ErrorMoveDistinguishedFolder", "Distinguished folders cannot be moved.")?;
    if is_within(state, target, number) {
        let message = "The folder cannot be moved or copied into itself or a folder in it.";
        return Err(Refusal::new(400, "ErrorMoveCopyFailed", message));
    }
    if folder.parent != Some(target) {
        require_free_name(state, folder.mailbox, target, &folder.name)?;
        shift(state, &folder, target, &folder.name);
    }
    Ok(())
}

/// Moves a folder; its former place remembers it.
fn shift(state: &mut State, folder: &Folder, target: FolderNo, name: &str) {
    if let Some(parent) = folder.parent {
        state.leave_tombstone(folder.mailbox, children_of(parent), folder.number.0, 0);
    }
    put(state, folder.number, target, name);
}

/// Whether a folder is another one or somewhere in it.
pub(crate) fn is_within(state: &State, folder: FolderNo, ancestor: FolderNo) -> bool {
    let mut at = Some(folder);
    while let Some(number) = at {
        if number == ancestor {
            return true;
        }
        at = state.mail_folders.get(&number).and_then(|folder| folder.parent);
    }
    false
}

/// Copies a folder with all that is in it (api/mailfolder-copy).
pub(crate) fn copy(state: &mut State, number: FolderNo, target: FolderNo) -> Result<FolderNo, Refusal> {
    let folder = known(state, number)?.clone();
    if is_within(state, target, number) {
        let message = "The folder cannot be moved or copied into itself or a folder in it.";
        return Err(Refusal::new(400, "ErrorMoveCopyFailed", message));
    }
    require_free_name(state, folder.mailbox, target, &folder.name)?;
    Ok(duplicate(state, &folder, target))
}

fn duplicate(state: &mut State, folder: &Folder, target: FolderNo) -> FolderNo {
    let made = add(state, folder.mailbox, target, &folder.name, folder.is_hidden);
    let within: Vec<MessageNo> =
        state.messages_of(folder.mailbox, Some(folder.number)).map(|message| message.number).collect();
    for message in within {
        messages::copy(state, message, made);
    }
    let inner: Vec<Folder> = children(state, folder.mailbox, folder.number).into_iter().cloned().collect();
    for child in inner {
        duplicate(state, &child, made);
    }
    made
}

/// Deletes a folder: into Deleted Items, and from there for good.
///
/// DIFFERENCE: api/mailfolder-delete does not say so; clients report it
/// (kellylford/QuickMail#115), and Outlook does the same. Where Deleted Items
/// has a folder of this name already, the name gets a number.
pub(crate) fn delete(state: &mut State, number: FolderNo) -> Result<(), Refusal> {
    let folder = known(state, number)?.clone();
    require_own(&folder, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")?;
    let bin = built_in(state, folder.mailbox, WellKnown::DeletedItems).ok_or_else(Refusal::item_not_found)?;
    if is_within(state, number, bin) {
        return purge(state, number);
    }
    let taken: Vec<String> = children(state, folder.mailbox, bin).iter().map(|folder| folded(&folder.name)).collect();
    let numbered = (1..).map(|count| format!("{}{count}", folder.name));
    let mut names = std::iter::once(folder.name.clone()).chain(numbered);
    let name = names.find(|name| !taken.contains(&folded(name))).unwrap_or_default();
    shift(state, &folder, bin, &name);
    Ok(())
}

/// Removes a folder and all that is in it for good
/// (api/mailfolder-permanentdelete).
pub(crate) fn purge(state: &mut State, number: FolderNo) -> Result<(), Refusal> {
    let folder = known(state, number)?.clone();
    require_own(&folder, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")?;
    let inner: Vec<FolderNo> =
        children(state, folder.mailbox, number).into_iter().map(|folder| folder.number).collect();
    for child in inner {
        purge(state, child)?;
    }
    let within: Vec<MessageNo> =
        state.messages_of(folder.mailbox, Some(number)).map(|message| message.number).collect();
    for message in within {
        messages::bury(state, message);
    }
    state.mail_folders.remove(&number);
    if let Some(parent) = folder.parent {
        state.leave_tombstone(folder.mailbox, children_of(parent), number.0, 0);
    }
    state.leave_tombstone(folder.mailbox, folders_of(folder.mailbox), number.0, 0);
    Ok(())
}

/// Whether a list of the messages of a whole mailbox has this one: what was
/// deleted for good is not in it.
pub(crate) fn is_listed(state: &State, message: &Message) -> bool {
    Some(message.folder) != built_in(state, message.mailbox, WellKnown::RecoverableItemsDeletions)
}
