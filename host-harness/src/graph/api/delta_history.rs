//! Which changes of a collection a round of change tracking has to report.
//!
//! Every item knows its place in the history of changes, and a deleted one has
//! left a tombstone there. Reports nothing itself; that is `delta_page`'s.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar_delta::concerns;
use super::delta::{Subject, Tracked, Unit};
use super::mail;
use crate::graph::mail::model::FolderNo;
use crate::graph::model::{CalendarNo, ContainerNo, MailboxNo};
use crate::graph::state::State;
use crate::graph::todo::model::ListNo;

/// The last change of an item.
struct Entry {
    change: u64,
    at: DateTime<Utc>,
    unit: Unit,
}

/// What is in the collection now.
fn present(state: &State, mailbox: MailboxNo, container: ContainerNo, tracked: Tracked) -> Vec<Entry> {
    match tracked {
        Tracked::View | Tracked::Events => state
            .events_of(mailbox, Some(CalendarNo(container.0)))
            .map(|event| Entry { change: event.change, at: event.modified, unit: Unit::Event(event.number) })
            .collect(),
        Tracked::Lists => state
            .task_lists_of(mailbox)
            .map(|list| Entry { change: list.change, at: list.modified, unit: Unit::List(list.number) })
            .collect(),
        Tracked::Tasks => state
            .tasks_of(mailbox, ListNo(container.0))
            .map(|task| Entry { change: task.change, at: task.modified, unit: Unit::Task(task.number) })
            .collect(),
        Tracked::Messages => state
            .messages_of(mailbox, Some(FolderNo(container.0)))
            .map(|message| Entry { change: message.change, at: message.modified, unit: Unit::Message(message.number) })
            .collect(),
        Tracked::Folders => state
            .mail_folders_of(mailbox)
            .filter(|folder| mail::delta::holds(mailbox, container, folder))
            .map(|folder| Entry { change: folder.change, at: folder.modified, unit: Unit::Folder(folder.number) })
            .collect(),
    }
}

/// What left the collection after a change.
fn gone(state: &State, mailbox: MailboxNo, container: ContainerNo, since: u64) -> impl Iterator<Item = Entry> {
    state
        .tombstones
        .range(since.saturating_add(1)..)
        .map(|(_, tombstone)| tombstone)
        .filter(move |tombstone| tombstone.mailbox == mailbox && tombstone.container == container)
        .map(|tombstone| Entry { change: tombstone.change, at: tombstone.at, unit: Unit::Gone(tombstone.change) })
}

/// The last change that rounds may show. A lag hides what is younger.
pub(crate) fn visible_upto(state: &State, mailbox: MailboxNo, container: ContainerNo, tracked: Tracked) -> u64 {
    let Some(seconds) = state.meta.behaviour.delta_lag_seconds else {
        return state.meta.change;
    };
    let limit = state.now - TimeDelta::seconds(i64::from(seconds));
    let entries = present(state, mailbox, container, tracked).into_iter().chain(gone(state, mailbox, container, 0));
    let first = entries.filter(|entry| entry.at > limit).map(|entry| entry.change).min();
    first.map_or(state.meta.change, |first| first.saturating_sub(1))
}

/// What a first round lists: everything that is there and belongs to it.
pub(crate) fn listed(
    state: &State,
    mailbox: MailboxNo,
    container: ContainerNo,
    subject: Subject,
    upto: u64,
) -> Vec<Unit> {
    let mut entries = present(state, mailbox, container, subject.tracked());
    entries.retain(|entry| entry.change <= upto && belongs(state, subject, entry.unit));
    in_order(entries)
}

fn belongs(state: &State, subject: Subject, unit: Unit) -> bool {
    match unit {
        Unit::Event(number) => state.events.get(&number).is_some_and(|event| concerns(subject, event)),
        Unit::List(_) | Unit::Task(_) | Unit::Message(_) | Unit::Folder(_) | Unit::Gone(_) => true,
    }
}

/// What changed after `since` and up to `upto`.
pub(crate) fn changed(
    state: &State,
    mailbox: MailboxNo,
    container: ContainerNo,
    tracked: Tracked,
    since: u64,
    upto: u64,
) -> Vec<Unit> {
    let mut entries = present(state, mailbox, container, tracked);
    entries.extend(gone(state, mailbox, container, since));
    entries.retain(|entry| entry.change > since && entry.change <= upto);
    in_order(entries)
}

fn in_order(mut entries: Vec<Entry>) -> Vec<Unit> {
    entries.sort_by_key(|entry| entry.change);
    entries.into_iter().map(|entry| entry.unit).collect()
}
