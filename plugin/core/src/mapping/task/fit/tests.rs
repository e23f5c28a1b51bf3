#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::model::{CivilDate, FieldSet, Html, Importance, Instant, TaskStatus};

/// Of a CRM that holds everything and asks for nothing.
fn capabilities() -> TaskCapabilities {
    TaskCapabilities {
        holds: FieldSet::all(),
        writes: FieldSet::all(),
        title_length_max: 12,
        body_size_max: 20,
        knows_in_progress: true,
        status_by_workflow: false,
        due_has_time: true,
        reminder_needs_due: false,
    }
}

fn reminder() -> FieldValue {
    FieldValue::RemindAt(Some(Instant::from_epoch_milliseconds(0)))
}

fn due() -> FieldValue {
    FieldValue::Due(CivilDate::from_parts(2026, 3, 10))
}

fn record(values: impl IntoIterator<Item = FieldValue>) -> Record {
    values.into_iter().collect()
}

fn title(text: &str) -> FieldValue {
    FieldValue::Title(text.to_owned())
}

fn body(text: &str) -> FieldValue {
    FieldValue::Body(Html::from_canonical(text.to_owned()))
}

#[test]
fn what_fits_is_left_as_it_is() {
    let whole = record([
        title("Call Ada"),
        body("<p>Offer</p>"),
        FieldValue::Importance(Importance::High),
        FieldValue::Status(TaskStatus::InProgress),
        due(),
        reminder(),
    ]);
    let strict = TaskCapabilities { reminder_needs_due: true, ..capabilities() };
    for limits in [capabilities(), strict] {
        assert_eq!(fit_task(whole.clone(), &limits), (whole.clone(), Vec::new()));
        assert_eq!(fit_task(Record::NONE, &limits), (Record::NONE, Vec::new()));
    }
}

#[test]
fn texts_that_are_too_long_are_cut_or_left_out_and_said_so() {
    let (fitted, issues) = fit_task(record([title("Grüße 🎉 an alle"), body(&"x".repeat(21))]), &capabilities());
    assert_eq!(fitted, record([title("Grüße 🎉 an a")]));
    assert_eq!(
        issues,
        [FitIssue::TitleCut { length: 15, kept: 12 }, FitIssue::BodyLeftOut { bytes: 21, limit_bytes: 20 }]
    );
}

#[test]
fn a_task_without_a_title_gets_one_but_a_change_of_something_else_does_not() {
    for empty in ["", " \t"] {
        assert_eq!(fit_task(record([title(empty)]), &capabilities()), (record([title("(No subject)")]), Vec::new()));
    }
    assert_eq!(fit_task(record([due()]), &capabilities()), (record([due()]), Vec::new()));
}

#[test]
fn a_group_that_the_crm_does_not_store_goes_silently() {
    let holds = [FieldGroup::Title, FieldGroup::Due].into_iter().collect();
    let limits = TaskCapabilities { holds, reminder_needs_due: true, ..capabilities() };
    let whole = record([title("Call Ada"), body(&"x".repeat(21)), FieldValue::Due(None), reminder()]);
    assert_eq!(fit_task(whole, &limits), (record([title("Call Ada"), FieldValue::Due(None)]), Vec::new()));
}

#[test]
fn a_status_is_shown_as_the_crm_knows_it() {
    let table = [
        (TaskStatus::Open, true, TaskStatus::Open),
        (TaskStatus::InProgress, true, TaskStatus::InProgress),
        (TaskStatus::Closed, true, TaskStatus::Closed),
        (TaskStatus::Open, false, TaskStatus::Open),
        (TaskStatus::InProgress, false, TaskStatus::Open),
        (TaskStatus::Closed, false, TaskStatus::Closed),
    ];
    for (status, knows_in_progress, expected) in table {
        let limits = TaskCapabilities { knows_in_progress, ..capabilities() };
        let fitted = fit_task(record([FieldValue::Status(status)]), &limits);
        assert_eq!(fitted, (record([FieldValue::Status(expected)]), Vec::new()), "{status:?} {knows_in_progress}");
    }
}

#[test]
fn a_reminder_of_no_day_is_left_out_where_the_crm_needs_one() {
    let none = || FieldValue::RemindAt(None);
    let no_day = || FieldValue::Due(None);
    let table = [
        (vec![no_day(), reminder()], true, vec![no_day(), none()], true),
        (vec![no_day(), reminder()], false, vec![no_day(), reminder()], false),
        (vec![no_day(), none()], true, vec![no_day(), none()], false),
        (vec![due(), reminder()], true, vec![due(), reminder()], false),
        // Nothing is known of the day.
        (vec![reminder()], true, vec![reminder()], false),
    ];
    for (given, reminder_needs_due, expected, is_said) in table {
        let limits = TaskCapabilities { reminder_needs_due, ..capabilities() };
        let (fitted, issues) = fit_task(record(given.clone()), &limits);
        assert_eq!(fitted, record(expected), "{given:?}");
        let said: Vec<_> = issues.iter().map(|issue| (issue.code(), issue.group())).collect();
        let all = [("reminder-left-out", FieldGroup::Reminder)];
        assert_eq!(said, all[..usize::from(is_said)], "{given:?}");
    }
}

#[test]
fn what_was_fitted_fits() {
    let limits = TaskCapabilities { knows_in_progress: false, reminder_needs_due: true, ..capabilities() };
    let whole = record([
        title("A title that is too long"),
        body(&"x".repeat(99)),
        FieldValue::Status(TaskStatus::InProgress),
        FieldValue::Due(None),
        reminder(),
    ]);
    let (once, issues) = fit_task(whole, &limits);
    assert_eq!(issues.len(), 3);
    assert_eq!(fit_task(once.clone(), &limits), (once, Vec::new()));
}
