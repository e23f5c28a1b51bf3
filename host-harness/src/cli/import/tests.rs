#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::import::{Left, LeftOutField, Remark, TaskReport};

/// The report of an import that has left these things out.
fn report(left: Vec<Left>) -> ImportReport {
    let mut skipped = BTreeMap::new();
    for left in &left {
        *skipped.entry(left.reason).or_default() += 1;
    }
    ImportReport { created: 1, skipped, left, adjusted_titles: 1, ..ImportReport::default() }
}

fn imported(side: &'static str, report: ImportReport) -> Imported {
    Imported { user: "anna".to_owned(), side, report }
}

fn left(uid: &str, reason: SkipReason) -> Left {
    Left { uid: Some(uid.to_owned()), title: Some(format!("Title {uid}")), reason, detail: None, at: None }
}

#[test]
fn the_text_says_what_was_left_out_and_why() {
    let mut left = vec![left("a", SkipReason::NoStart), left("b", SkipReason::NoStart)];
    left.push(Left { title: None, ..left[0].clone() });
    let imported = imported(
        "microsoft",
        ImportReport {
            without_guests: 3,
            recoded_lines: 2,
            left_out_fields: BTreeMap::from([(LeftOutField::Location, 2), (LeftOutField::Alarms, 1)]),
            ..report(left)
        },
    );
    let expected = "\
Imported 1 event into the calendar of anna in the emulated Microsoft 365.
Shortened or made up 1 title.
Read 2 lines as Windows-1252, for they are not UTF-8.
Left out the guests of 3 events: writing them would send invitations.
Left out, because the calendar has no place for it: place (LOCATION) of 2 events, further alarms (VALARM) of 1 event.
Left out 3:
  3  no readable start (DTSTART) (2 UIDs): \"Title a\", \"Title b\"
";
    assert_eq!(text(&imported), expected);
    let value = serde_json::to_value(&imported).unwrap();
    assert_eq!(value["skipped"], json!({ "no-start": 3 }));
    assert_eq!((&value["created"], &value["withoutGuests"]), (&json!(1), &json!(3)));
    assert_eq!(value["leftOutFields"], json!({ "location": 2, "alarms": 1 }));
    let entries = json!([
        { "uid": "a", "title": "Title a", "reason": "no-start" },
        { "uid": "b", "title": "Title b", "reason": "no-start" },
        { "uid": "a", "reason": "no-start" },
    ]);
    assert_eq!(value["left"], entries);
}

#[test]
fn the_text_counts_tasks_and_names_a_few_of_what_was_left_out() {
    let long = "A title that is much too long to stand in a list with others";
    let mut left: Vec<Left> = ('a'..='g').map(|uid| left(&uid.to_string(), SkipReason::Cancelled)).collect();
    left[1].title = Some(long.to_owned());
    let remark =
        |detail: &str| Remark { uid: None, kind: RemarkKind::TaskRule, detail: Some(detail.to_owned()), at: None };
    let report = ImportReport {
        created: 0,
        adjusted_titles: 0,
        remarks: vec![remark("EXDATE"), remark("BYSETPOS=2"), remark("EXDATE")],
        tasks: TaskReport {
            created: 4,
            recurring: 1,
            left_out_fields: BTreeMap::from([(LeftOutField::Start, 2), (LeftOutField::Recurrence, 3)]),
        },
        ..report(left)
    };
    let expected = "\
Imported 4 tasks into To Do of anna in the emulated Microsoft 365.
Among them 1 recurring task.
3 recurring tasks were imported as single tasks, because To Do has no such rule: BYSETPOS=2, EXDATE.
Left out, because the list of tasks has no place for it: start (DTSTART) of 2 tasks, repetition (RRULE) of 3 tasks.
Left out 7:
  7  cancelled (STATUS:CANCELLED) (7 UIDs): \
\"Title a\", \"A title that is much too long to stand i…\", \"Title c\", \"Title d\", \"Title e\" and 2 more
";
    let imported = imported("microsoft", report);
    assert_eq!(text(&imported), expected);
    let value = serde_json::to_value(&imported).unwrap();
    assert_eq!(
        value["tasks"],
        json!({ "created": 4, "recurring": 1, "leftOutFields": { "start": 2, "recurrence": 3 } })
    );
    assert_eq!(value["left"].as_array().unwrap().len(), 7);
}

#[test]
fn the_text_counts_series_and_says_how_they_were_read() {
    let remark = |kind| Remark { uid: Some("a".to_owned()), kind, detail: None, at: None };
    let kinds = [RemarkKind::FloatingSeries, RemarkKind::Orphan, RemarkKind::Orphan, RemarkKind::UntilIsADate];
    let report = ImportReport {
        created: 14,
        series: 5,
        exceptions: 7,
        cancelled_occurrences: 1,
        extra_dates: 2,
        remarks: kinds.map(remark).to_vec(),
        ..report(Vec::new())
    };
    let expected = "\
Imported 14 events into the calendar of anna in the CRM.
Among them 5 recurring events with 7 changed occurrences and 1 cancelled occurrence.
2 extra dates were imported as single events.
2 changed occurrences were imported as single events, because the file lacks their series or their dates.
1 recurring event was read in the zone of the calendar, because the file names none.
1 recurring event was taken to include its last day, which has no time.
Shortened or made up 1 title.
";
    assert_eq!(text(&imported("crm", report)), expected);
}
