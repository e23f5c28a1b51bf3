//! What is written to the CRM of a task?
//!
//! Pure: what the CRM then refuses all the same is left out by
//! [`without_refused`], and the rest is written without it.

use super::fit::fit_task;
use super::task_match_key;
use crate::mapping::fit::FitIssue;
use crate::model::{FieldGroup, FieldSet, FieldValue, Record};
use crate::ports::TaskCapabilities;

/// A write of a task to the CRM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrmWrite {
    /// What is written.
    pub record: Record,
    /// What stays out, because people alone may change it.
    pub left_out: FieldSet,
    /// What was lost on the way.
    pub issues: Vec<FitIssue>,
}

/// The write of a new task. Where a workflow keeps the status, it is open, and
/// people move it on.
pub fn new_crm_task(record: &Record, capabilities: &TaskCapabilities) -> CrmWrite {
    let (mut record, issues) = fit_task(record.only(capabilities.writes), capabilities);
    let mut left_out = FieldSet::EMPTY;
    if capabilities.status_by_workflow {
        if !record.get(FieldGroup::Status).is_none_or(FieldValue::is_blank) {
            left_out.insert(FieldGroup::Status);
        }
        record.remove(FieldGroup::Status);
    }
    CrmWrite { record, left_out, issues }
}

/// The write of `changes` to a task that looks like `shown`. A reminder that
/// needs a date goes with it.
pub fn changed_crm_task(shown: &Record, changes: &Record, capabilities: &TaskCapabilities) -> CrmWrite {
    let mut groups = changes.groups();
    let (after, issues) = fit_task(shown.overlaid(changes), capabilities);
    if after.get(FieldGroup::Reminder) != shown.get(FieldGroup::Reminder)
        && groups.contains(FieldGroup::Due)
        && capabilities.writes.contains(FieldGroup::Reminder)
    {
        groups.insert(FieldGroup::Reminder);
    }
    CrmWrite { record: after.only(groups), left_out: FieldSet::EMPTY, issues }
}

/// The key by which a task of To Do is recognised as one of the CRM's: that of
/// what the CRM shows of it, so that a title that it has cut is found again.
pub fn match_key_in_crm(record: &Record, capabilities: &TaskCapabilities) -> String {
    task_match_key(&fit_task(record.clone(), capabilities).0)
}

/// What the CRM would show of a task of To Do, instead of `ours`: without a date
/// on either side, no reminder. Where one side has a date, the CRM would have a
/// reminder as well, as soon as it had that.
pub fn as_shown_in_crm(ours: &Record, theirs: &Record, capabilities: &TaskCapabilities) -> Record {
    let (mut shown, _) = fit_task(theirs.clone(), capabilities);
    if ours.due().is_some()
        && capabilities.holds.contains(FieldGroup::Reminder)
        && let Some(reminder) = theirs.get(FieldGroup::Reminder)
    {
        shown.set(reminder.clone());
    }
    shown
}

/// What is left to be written without the groups that were refused; none where
/// that is the same, nothing, or a new task without a title.
pub fn without_refused(record: &Record, refused: FieldSet, is_new: bool) -> Option<Record> {
    let rest = record.only(record.groups().without(refused));
    let is_possible = if is_new { rest.get(FieldGroup::Title).is_some() } else { !rest.is_empty() };
    (rest != *record && is_possible).then_some(rest)
}

#[cfg(test)]
mod tests;
