use super::*;
use crate::mapping::task::task_match_key;
use crate::model::{CivilDate, Importance, Instant, TaskStatus};

fn capabilities() -> TaskCapabilities {
    let groups = [
        FieldGroup::Title,
        FieldGroup::Body,
        FieldGroup::Reminder,
        FieldGroup::Importance,
        FieldGroup::Status,
        FieldGroup::Due,
    ];
    TaskCapabilities {
        holds: groups.into_iter().collect(),
        writes: groups.into_iter().collect(),
        title_length_max: 8,
        body_size_max: 100,
        knows_in_progress: false,
        status_by_workflow: false,
        due_has_time: true,
        reminder_needs_due: true,
    }
}

fn title(text: &str) -> FieldValue {
    FieldValue::Title(text.to_owned())
}

fn record(values: impl IntoIterator<Item = FieldValue>) -> Record {
    values.into_iter().collect()
}

#[test]
fn a_task_is_recognised_by_what_the_crm_shows_of_it() {
    for (theirs, ours) in [("quarterly report", "quarterl"), ("", "(No subj"), ("visit", "Visit ")] {
        let theirs = record([title(theirs), FieldValue::Importance(Importance::High)]);
        let ours = record([title(ours), FieldValue::Importance(Importance::High)]);
        assert_eq!(match_key_in_crm(&theirs, &capabilities()), task_match_key(&ours));
    }
}

#[test]
fn what_the_crm_would_show_depends_on_a_date_of_either_side() {
    let at = FieldValue::RemindAt(Some(Instant::from_epoch_milliseconds(0)));
    let due = FieldValue::Due(CivilDate::from_parts(1970, 1, 2));
    let none = FieldValue::Due(None);
    let reminder = |ours: &FieldValue, theirs: &FieldValue| {
        let theirs = record([theirs.clone(), at.clone()]);
        as_shown_in_crm(&record([ours.clone()]), &theirs, &capabilities()).get(FieldGroup::Reminder).cloned()
    };
    assert_eq!(reminder(&none, &none), Some(FieldValue::RemindAt(None)));
    for (ours, theirs) in [(&due, &due), (&due, &none), (&none, &due)] {
        assert_eq!(reminder(ours, theirs).as_ref(), Some(&at));
    }
}

#[test]
fn what_is_refused_is_left_out_and_the_rest_is_written() {
    let task = record([title("visit"), FieldValue::Status(TaskStatus::Closed)]);
    let refused = |group| FieldSet::EMPTY.with(group);
    assert_eq!(without_refused(&task, refused(FieldGroup::Status), true), Some(record([title("visit")])));
    // Without a title, there is no task; a change of the rest there is.
    assert_eq!(without_refused(&task, refused(FieldGroup::Title), true), None);
    assert!(without_refused(&task, refused(FieldGroup::Title), false).is_some());
    assert_eq!(without_refused(&task, refused(FieldGroup::Due), false), None);
    assert_eq!(without_refused(&task, task.groups(), false), None);
}

#[test]
fn a_workflow_keeps_the_status_of_a_new_task() {
    let capabilities = TaskCapabilities { status_by_workflow: true, ..capabilities() };
    let open = record([title("visit"), FieldValue::Status(TaskStatus::Open)]);
    assert_eq!(new_crm_task(&open, &capabilities).left_out, FieldSet::EMPTY);
    let closed = record([title("visit"), FieldValue::Status(TaskStatus::Closed)]);
    let write = new_crm_task(&closed, &capabilities);
    assert_eq!((write.record, write.left_out.contains(FieldGroup::Status)), (record([title("visit")]), true));
}
