#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::import::{Left, LeftOutField, Remark};

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
    Left { uid: Some(uid.to_owned()), reason, detail: None, at: None }
}

#[test]
fn the_text_says_what_was_left_out_and_why() {
    let left = vec![left("a", SkipReason::Task), left("b", SkipReason::Task)];
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
Shortened or made up the title of 1 event.
Read 2 lines as Windows-1252, for they are not UTF-8.
Left out the guests of 3 events: writing them would send invitations.
Left out, because the calendar has no place for it: place (LOCATION) of 2 events, further alarms (VALARM) of 1 event.
Left out 2:
  2  a task (VTODO): tasks cannot be imported yet (2 UIDs)
";
    assert_eq!(text(&imported), expected);
    let value = serde_json::to_value(&imported).unwrap();
    assert_eq!(value["skipped"], json!({ "task": 2 }));
    assert_eq!((&value["created"], &value["withoutGuests"]), (&json!(1), &json!(3)));
    assert_eq!(value["leftOutFields"], json!({ "location": 2, "alarms": 1 }));
    assert_eq!(value["left"], json!([{ "uid": "a", "reason": "task" }, { "uid": "b", "reason": "task" }]));
}

#[test]
fn the_text_counts_series_and_says_how_they_were_read() {
    let remark = |kind| Remark { uid: Some("a".to_owned()), kind, at: None };
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
Shortened or made up the title of 1 event.
";
    assert_eq!(text(&imported("crm", report)), expected);
}
