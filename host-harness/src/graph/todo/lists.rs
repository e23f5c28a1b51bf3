//! Makes, renames and deletes task lists (resources/todotasklist).

use super::edit;
use super::model::{ListNo, TaskList, WellKnown, lists_of};
use crate::graph::model::{Extensions, MailboxNo};
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// The lists that every mailbox has.
const BUILT_IN: [(&str, WellKnown); 2] =
    [("Tasks", WellKnown::DefaultList), ("Flagged Emails", WellKnown::FlaggedEmails)];

/// Adds the built-in lists to a new mailbox.
pub(crate) fn add_built_in(state: &mut State, mailbox: MailboxNo) {
    for (name, role) in BUILT_IN {
        add(state, mailbox, name.to_owned(), role, Extensions::new());
    }
}

/// Adds the built-in lists to mailboxes that were stored before there were
/// any.
pub(crate) fn complete(state: &mut State) {
    let mailboxes: Vec<MailboxNo> = state.mailboxes.values().map(|mailbox| mailbox.number).collect();
    for mailbox in mailboxes {
        if state.task_lists_of(mailbox).next().is_none() {
            add_built_in(state, mailbox);
        }
    }
}

/// Adds a list.
pub(crate) fn add(
    state: &mut State,
    mailbox: MailboxNo,
    name: String,
    role: WellKnown,
    extensions: Extensions,
) -> ListNo {
    let number = ListNo(state.next_item(mailbox));
    let list = TaskList { number, mailbox, name, role, extensions, change: state.next_change(), modified: state.now };
    state.task_lists.insert(number, list);
    number
}

/// Refuses to change a built-in list. The words are those of the service for
/// a new name (microsoft-graph-docs#15794); for a deletion they are ours.
fn require_own(state: &State, number: ListNo, done: &str) -> Result<(), Refusal> {
    let list = state.task_lists.get(&number).ok_or_else(Refusal::item_not_found)?;
    match list.role {
        WellKnown::None => Ok(()),
        WellKnown::DefaultList | WellKnown::FlaggedEmails => {
            let message = format!("Your request can't be completed. A default task folder can't be {done}.");
            Err(Refusal::new(400, "ErrorInvalidRequest", message))
        }
    }
}

/// Gives a list another name (api/todotasklist-update).
pub(crate) fn rename(state: &mut State, number: ListNo, name: String) -> Result<(), Refusal> {
    require_own(state, number, "renamed")?;
    let (change, now) = (state.next_change(), state.now);
    if let Some(list) = state.task_lists.get_mut(&number) {
        list.name = name;
        list.change = change;
        list.modified = now;
    }
    Ok(())
}

/// Deletes a list with everything in it (api/todotasklist-delete).
pub(crate) fn remove(state: &mut State, number: ListNo) -> Result<(), Refusal> {
    require_own(state, number, "deleted")?;
    let Some(list) = state.task_lists.remove(&number) else {
        return Ok(());
    };
    let tasks: Vec<_> = state.tasks_of(list.mailbox, number).map(|task| task.number).collect();
    for task in tasks {
        edit::remove(state, task);
    }
    state.leave_tombstone(list.mailbox, lists_of(list.mailbox), number.0, 0);
    Ok(())
}
