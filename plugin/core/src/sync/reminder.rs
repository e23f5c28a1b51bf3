//! Where the reminder of a task is after its date has changed.
//!
//! A CRM keeps a reminder as a time before the due date, moves it along with the
//! date, and has none without a date (Oro row T3). So what is written of the date
//! says something about the reminder, too, and what is to become of that is
//! decided here, after the merge has decided about each group on its own.

use crate::model::{FieldGroup, FieldValue, Instant, Record};

use super::merge::both_versions;
use super::{Merge, Policy, PresentEnd, Side};

/// The merge with the reminder that the CRM is to show after it. Where nothing is
/// said about it, it moves along with the date that is written.
#[must_use]
pub fn with_reminder(policy: Policy, mut merge: Merge, crm: &PresentEnd, m365: &PresentEnd, needs_due: bool) -> Merge {
    let group = FieldGroup::Reminder;
    if !policy.writes(Side::Crm) || !crm.accepts(group) || merge.to_crm.get(group).is_some() {
        return merge;
    }
    let moves = merge.to_crm.get(FieldGroup::Due).is_some();
    let has_day = crm.now.overlaid(&merge.to_crm).due().is_some();
    let (ours, theirs) = (remind_at(&crm.now), remind_at(&m365.now));
    let is_agreed = merge.settled.contains(group);
    let flows = merge.to_m365.get(group).is_some();
    match (is_agreed && !flows, ours, theirs) {
        // It stays where the user has set it in To Do.
        (true, _, Some(at)) if moves => merge.to_crm.set(FieldValue::RemindAt(Some(at))),
        // To Do keeps one without a date; now that there is one, the CRM can, too.
        (true, None, Some(at)) if has_day && !crm.changed(group) && is_kept_alone(crm, m365) => {
            merge.to_crm.set(FieldValue::RemindAt(Some(at)));
        }
        // An edit of the CRM's own, which is open there, goes with the date.
        (false, ours, _) if moves && !is_agreed && needs_due && !has_day => {
            if ours.is_some() {
                merge.conflicts.push(both_versions(group, crm, m365));
            }
            merge.to_crm.set(FieldValue::RemindAt(None));
            merge.settled.insert(group);
        }
        // The same where it goes on to To Do, whose write may fail.
        (false, Some(_), _) if moves && flows && needs_due && !has_day => {
            if merge.conflicts.iter().any(|conflict| conflict.group == group) {
                return merge;
            }
            merge.conflicts.push(both_versions(group, crm, m365));
            if policy.winner() == Side::Crm {
                merge.yielded.insert(group);
            }
        }
        // It stays where the user has set it in the CRM.
        (false, Some(at), _) if moves => merge.to_crm.set(FieldValue::RemindAt(Some(at))),
        (true | false, _, _) => {}
    }
    merge
}

/// Whether both have agreed that To Do has a reminder and the CRM has none.
fn is_kept_alone(crm: &PresentEnd, m365: &PresentEnd) -> bool {
    remind_at(&crm.base).is_none() && remind_at(&m365.base).is_some()
}

fn remind_at(record: &Record) -> Option<Instant> {
    match record.get(FieldGroup::Reminder) {
        Some(FieldValue::RemindAt(at)) => *at,
        _ => None,
    }
}
