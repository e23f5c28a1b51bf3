//! What can the CRM hold of a task?

use crate::mapping::fit::{FitIssue, NO_SUBJECT, TextLimits, texts_fit};
use crate::model::{FieldGroup, FieldValue, Record};
use crate::ports::TaskCapabilities;

/// The part of `record` that the CRM can hold, and what was lost on the way.
/// Groups that it does not store are left out without an issue, and a status
/// that it does not know is shown as it shows it: that is so for every record.
///
/// A reminder needs a day in some CRMs (Oro row T3). The record says that there
/// is none where it says both: so a write that takes the day away has to take the
/// reminder of the result along. Of a record that does not say on which day, the
/// reminder stays.
pub fn fit_task(record: Record, capabilities: &TaskCapabilities) -> (Record, Vec<FitIssue>) {
    let mut held = record;
    for group in held.groups().without(capabilities.holds).iter() {
        held.remove(group);
    }
    if held.get(FieldGroup::Title).is_some() && held.title().trim().is_empty() {
        held.set(FieldValue::Title(NO_SUBJECT.to_owned()));
    }
    let limits =
        TextLimits { title_length_max: capabilities.title_length_max, body_size_max: capabilities.body_size_max };
    let mut issues = Vec::new();
    let mut fitted = texts_fit(held, limits, &mut issues);
    if let Some(FieldValue::Status(status)) = fitted.get(FieldGroup::Status) {
        fitted.set(FieldValue::Status(capabilities.shown(*status)));
    }
    let has_no_day = fitted.get(FieldGroup::Due).is_some_and(FieldValue::is_blank);
    let reminds = fitted.get(FieldGroup::Reminder).is_some_and(|reminder| !reminder.is_blank());
    if capabilities.reminder_needs_due && has_no_day && reminds {
        issues.push(FitIssue::ReminderLeftOut);
        fitted.set(FieldValue::RemindAt(None));
    }
    (fitted, issues)
}

#[cfg(test)]
mod tests;
