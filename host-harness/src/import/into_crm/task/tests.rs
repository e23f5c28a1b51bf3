#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::crm::fixtures::{crm, instant, person};
use crate::import::{import_into_crm, read};

/// What a calendar with tasks of these lines holds, for a person in Berlin.
fn batch(tasks: &[&[&str]]) -> ImportBatch {
    let task = |lines: &&[&str]| format!("BEGIN:VTODO\r\nSUMMARY:Call\r\n{}\r\nEND:VTODO\r\n", lines.join("\r\n"));
    let tasks: String = tasks.iter().map(task).collect();
    read(&format!("BEGIN:VCALENDAR\r\n{tasks}END:VCALENDAR\r\n"), Tz::Europe__Berlin).unwrap()
}

const ALARM: &str = "BEGIN:VALARM\r\nTRIGGER;RELATED=END:-PT30M\r\nEND:VALARM";

#[test]
fn what_the_file_says_is_what_the_crm_holds() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let whole: &[&str] =
        &["UID:a", "DESCRIPTION:a <b>\\nc", "DUE:20260305T160000Z", "PRIORITY:1", "STATUS:IN-PROCESS", ALARM];
    let report = import_into_crm(&crm, alice.id, &batch(&[whole])).unwrap();
    assert_eq!((report.created, report.tasks.created, report.tasks.left_out_fields), (0, 1, BTreeMap::new()));
    let expected = TaskValues {
        subject: "Call".to_owned(),
        description: Some("a &lt;b&gt;<br>c".to_owned()),
        due_date: Some(instant("2026-03-05T16:00:00Z")),
        priority: TaskPriority::High,
        status: TaskStatus::InProgress,
        reminder_minutes: Some(30),
        uid: String::new(),
    };
    let found = crm.tasks_of(alice.id).unwrap()[0].values.clone();
    assert_eq!(TaskValues { uid: String::new(), ..found }, expected);
}

#[test]
fn a_day_ends_where_its_owner_is() {
    let batch = batch(&[&["DUE;VALUE=DATE:20260305"], &["DUE;VALUE=DATE:20260705"], &[]]);
    let due: Vec<_> = batch.tasks.iter().map(|task| values(task).unwrap().due_date).collect();
    assert_eq!(due, [Some(instant("2026-03-05T22:59:00Z")), Some(instant("2026-07-05T21:59:00Z")), None]);
}

#[test]
fn what_the_crm_has_no_column_for_is_counted() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let tasks: [&[&str]; 5] = [
        &["DTSTART;VALUE=DATE:20260305", "CATEGORIES:Work", "CLASS:PRIVATE"],
        &["DUE;VALUE=DATE:20260305", "RRULE:FREQ=WEEKLY", "RELATED-TO:x"],
        &["STATUS:COMPLETED", "COMPLETED:20260305T120000Z"],
        // Reminders that the CRM cannot keep: without a due date, and behind it.
        &["BEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20260305T120000Z\r\nEND:VALARM"],
        &["DUE:20260305T120000Z", "BEGIN:VALARM\r\nTRIGGER:PT5M\r\nEND:VALARM"],
    ];
    let report = import_into_crm(&crm, alice.id, &batch(&tasks)).unwrap();
    let counted = serde_json::to_value(&report.tasks).unwrap();
    let fields = json!({
        "start": 1, "categories": 1, "class": 1, "recurrence": 1, "relations": 1, "completedOn": 1, "reminder": 2,
    });
    assert_eq!(counted, json!({ "created": 5, "recurring": 0, "leftOutFields": fields }));
}

#[test]
fn a_workflow_that_keeps_the_status_is_counted() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.set_task_workflow(true).unwrap();
    let report = import_into_crm(&crm, alice.id, &batch(&[&["STATUS:COMPLETED"], &[]])).unwrap();
    assert_eq!(report.tasks.left_out_fields, BTreeMap::from([(LeftOutField::Status, 1)]));
    assert!(crm.tasks_of(alice.id).unwrap().iter().all(|task| task.values.status == TaskStatus::Open));
}

#[test]
fn an_import_can_be_repeated_and_names_what_it_leaves_out() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let batch = batch(&[&["UID:a"], &["UID:b", "DUE:99990101T000000Z"], &["UID:c", "STATUS:CANCELLED"]]);
    let first = import_into_crm(&crm, alice.id, &batch).unwrap();
    let second = import_into_crm(&crm, alice.id, &batch).unwrap();
    let both = BTreeMap::from([(SkipReason::Cancelled, 1), (SkipReason::Refused, 1)]);
    assert_eq!((first.tasks.created, first.skipped), (1, both.clone()));
    let all: BTreeMap<_, _> = both.into_iter().chain([(SkipReason::Duplicate, 1)]).collect();
    assert_eq!((second.tasks.created, second.skipped), (0, all));
    let named = |left: &Left| (left.uid.clone().unwrap(), left.title.clone().unwrap());
    let left: Vec<_> = first.left.iter().map(named).collect();
    assert_eq!(left, [("c", "Call"), ("b", "Call")].map(|(uid, title)| (uid.to_owned(), title.to_owned())));
}
