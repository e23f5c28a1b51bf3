//! Tasks of files: `VTODO` (RFC 5545, section 3.6.2).
//!
//! As with events, nothing is approximated. What no side has a place for is
//! counted; what only one of them has, that way in does.
//!
//! Reading order: [`record`] (what was read), [`entry`] (one `VTODO` by itself)
//! with [`alarm`] and [`rule`], and here which of them count.

pub mod record;

mod entry;

mod alarm;

mod rule;

use std::collections::BTreeMap;

use icalendar::{Component as _, Todo};

use self::entry::ReadTask;
use super::batch::ImportBatch;
use super::event::text_of;
use super::group::revision;
use super::moment::Clock;
use super::reason::{Left, Remark, RemarkKind, SkipReason};

pub use record::{ImportedTask, TaskDay, TaskProgress, TaskReport};

/// A `VTODO`.
pub(super) struct TaskEntry {
    pub(super) todo: Todo,
    /// How many `RRULE` it has; the task shows only one of them.
    pub(super) rules: usize,
}

/// Reads the tasks of a calendar in the order of the file.
pub(super) fn read_all(entries: Vec<TaskEntry>, clock: &Clock<'_>, batch: &mut ImportBatch) {
    for entry in newest(entries, batch) {
        let uid = text_of(&entry.todo, "UID");
        match entry::read(&entry, clock) {
            Ok(ReadTask { task, title_adjusted, rule_left }) => {
                batch.adjusted_titles += usize::from(title_adjusted);
                if let Some(detail) = rule_left {
                    batch.remarks.push(Remark { uid, kind: RemarkKind::TaskRule, detail: Some(detail), at: None });
                }
                batch.tasks.push(task);
            }
            Err(reason) => batch.left.push(Left::whole(uid.as_deref(), reason)),
        }
    }
}

/// Of two versions of one task the later one, of two equal ones the first.
/// Changed occurrences are left out: no side has any.
fn newest(entries: Vec<TaskEntry>, batch: &mut ImportBatch) -> Vec<TaskEntry> {
    let mut kept: Vec<TaskEntry> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        let uid = text_of(&entry.todo, "UID");
        if let Some(original) = entry.todo.property_value("RECURRENCE-ID") {
            let original = original.trim();
            batch.left.push(Left::value(uid.as_deref(), SkipReason::TaskOccurrence, "RECURRENCE-ID", original));
            continue;
        }
        let known = uid.as_ref().and_then(|uid| places.get(uid)).and_then(|place| kept.get_mut(*place));
        match known {
            None => {
                places.extend(uid.map(|uid| (uid, kept.len())));
                kept.push(entry);
            }
            Some(known) => {
                batch.left.push(Left::whole(uid.as_deref(), SkipReason::Duplicate));
                if revision(&entry.todo) > revision(&known.todo) {
                    *known = entry;
                }
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests;
