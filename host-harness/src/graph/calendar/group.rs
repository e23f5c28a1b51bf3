//! Groups of calendars (resources/calendargroup).
//!
//! Every mailbox has one of them from the beginning, which holds the calendars
//! that are made without naming a group.

use serde::{Deserialize, Serialize};

use crate::graph::model::{CalendarNo, MailboxNo, item_range};
use crate::graph::state::State;
use crate::graph::table::number;

number! {
    /// A group: the mailbox's number in the high bits, as items have it.
    GroupNo
}

/// Name and class of the group that every mailbox has
/// (api/user-list-calendargroups).
const BUILT_IN_NAME: &str = "My Calendars";
const BUILT_IN_CLASS: &str = "0006f0b7-0000-0000-c000-000000000046";

/// A group of a mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CalendarGroup {
    pub number: GroupNo,
    pub mailbox: MailboxNo,
    pub name: String,
    pub class_id: String,
    pub change: u64,
}

impl CalendarGroup {
    /// Whether it is the one that every mailbox has.
    pub fn is_built_in(&self) -> bool {
        self.class_id == BUILT_IN_CLASS
    }
}

/// The groups of a mailbox, the built-in one first.
pub(crate) fn of_mailbox(state: &State, mailbox: MailboxNo) -> Vec<&CalendarGroup> {
    let range = item_range(mailbox);
    state.calendar_groups.range(GroupNo(range.start)..GroupNo(range.end)).map(|(_, group)| group).collect()
}

/// The group that a calendar is in, if there still is any.
pub(crate) fn of_calendar(state: &State, number: CalendarNo) -> Option<GroupNo> {
    let calendar = state.calendars.get(&number)?;
    let built_in = || of_mailbox(state, calendar.mailbox).first().map(|group| group.number);
    calendar.group.or_else(built_in)
}

/// Adds a group with a class of its own.
pub(crate) fn add(state: &mut State, mailbox: MailboxNo, name: String) -> GroupNo {
    let class_id = state.guid();
    insert(state, mailbox, name, class_id)
}

/// Adds the group that every mailbox has.
pub(crate) fn add_built_in(state: &mut State, mailbox: MailboxNo) {
    insert(state, mailbox, BUILT_IN_NAME.to_owned(), BUILT_IN_CLASS.to_owned());
}

/// Adds the built-in group to mailboxes that were stored before there were any.
pub(crate) fn complete(state: &mut State) {
    let mailboxes: Vec<MailboxNo> = state.mailboxes.values().map(|mailbox| mailbox.number).collect();
    for mailbox in mailboxes {
        if of_mailbox(state, mailbox).is_empty() {
            add_built_in(state, mailbox);
        }
    }
}

fn insert(state: &mut State, mailbox: MailboxNo, name: String, class_id: String) -> GroupNo {
    let number = GroupNo(state.next_item(mailbox));
    let group = CalendarGroup { number, mailbox, name, class_id, change: state.next_change() };
    state.calendar_groups.insert(number, group);
    number
}
