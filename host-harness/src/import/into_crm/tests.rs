#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::crm::event::{Announcement, EventChange};
use crate::crm::fixtures::{crm, person};
use crate::import::read;

const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
    BEGIN:VEVENT\r\nUID:one@example.org\r\nSUMMARY:One\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n\
    DESCRIPTION:a <b>\\nc\r\nORGANIZER:mailto:boss@example.org\r\n\
    ATTENDEE;CN=Ann:mailto:ann@example.org\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:two-with-an-identifier-longer-than-the-column@example.org\r\nSUMMARY:Two\r\n\
    DTSTART;VALUE=DATE:20260305\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:one@example.org\r\nSUMMARY:One again\r\nDTSTART:20260302T090000Z\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

#[test]
fn an_import_can_be_repeated() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let batch = read(FILE, Tz::UTC).unwrap();
    let first = import_into_crm(&crm, alice.id, &batch).unwrap();
    assert_eq!((first.created, first.skipped), (2, BTreeMap::from([(SkipReason::Duplicate, 1)])));
    let second = import_into_crm(&crm, alice.id, &batch).unwrap();
    assert_eq!((second.created, second.skipped), (0, BTreeMap::from([(SkipReason::Duplicate, 3)])));
    assert_eq!(crm.events_of(alice.id).unwrap().len(), 2);
}

#[test]
fn what_the_file_says_is_what_the_crm_holds() {
    let crm = crm();
    let alice = person(&crm, "alice");
    import_into_crm(&crm, alice.id, &read(FILE, Tz::UTC).unwrap()).unwrap();
    let events = crm.events_of(alice.id).unwrap();
    let one = events.iter().find(|event| event.values.title == "One").unwrap();
    assert_eq!(one.values.description.as_deref(), Some("a &lt;b&gt;<br>c"));
    assert_eq!(one.values.uid, "one@example.org");
    assert!(!one.is_organizer);
    assert_eq!(one.values.attendees.first().unwrap().display_name.as_deref(), Some("Ann"));
    let two = events.iter().find(|event| event.values.title == "Two").unwrap();
    assert!(two.values.all_day);
    assert_eq!(two.values.uid.len(), 36);
}

#[test]
fn guests_come_along_and_nobody_is_told_of_it() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let guest = "ATTENDEE:mailto:ann@example.org";
    let own = format!("ORGANIZER:mailto:{}", alice.email.to_uppercase());
    let organizers = ["X-NONE:", "ORGANIZER:urn:uuid:1", own.as_str(), "ORGANIZER:mailto:boss@example.org"];
    let events = organizers.iter().enumerate().map(|(number, organizer)| {
        let title = format!("UID:{number}\r\nSUMMARY:{number}\r\nDTSTART:20260302T090000Z");
        format!("BEGIN:VEVENT\r\n{title}\r\n{organizer}\r\n{guest}\r\nEND:VEVENT\r\n")
    });
    let file = format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", events.collect::<String>());
    let report = import_into_crm(&crm, alice.id, &read(&file, Tz::UTC).unwrap()).unwrap();
    assert_eq!((report.created, report.without_guests), (4, 0));
    let changes = crm.event_changes(alice.id, None, 10).unwrap().changes;
    let shown: Vec<(usize, Announcement)> = changes
        .iter()
        .map(|change| match change {
            EventChange::Upserted(whole) => (whole.event.values.attendees.len(), whole.announcement),
            EventChange::Deleted { .. } => panic!("expected events, but found a tombstone"),
        })
        .collect();
    assert_eq!(shown, [(1, Announcement::Settled); 4]);
    assert!(crm.outbox().unwrap().is_empty());
}

#[test]
fn what_the_crm_has_no_column_for_is_counted() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let lines = ["LOCATION:Room 1", "CATEGORIES:Work", "CLASS:PRIVATE", "TRANSP:TRANSPARENT", "PRIORITY:1"];
    let event =
        |more: &str| format!("BEGIN:VEVENT\r\nSUMMARY:S\r\nDTSTART:20260302T090000Z\r\n{more}\r\nEND:VEVENT\r\n");
    let file = format!("BEGIN:VCALENDAR\r\n{}{}END:VCALENDAR\r\n", event(&lines.join("\r\n")), event(lines[0]));
    let report = import_into_crm(&crm, alice.id, &read(&file, Tz::UTC).unwrap()).unwrap();
    let counted = serde_json::to_value(&report.left_out_fields).unwrap();
    assert_eq!(counted, json!({"location": 2, "categories": 1, "class": 1, "shownAs": 1, "priority": 1}));
}

/// The only series of a calendar with one event of these lines.
fn series(lines: &[&str]) -> ImportBatch {
    let event = format!("BEGIN:VEVENT\r\nUID:s\r\nSUMMARY:S\r\n{}\r\nEND:VEVENT", lines.join("\r\n"));
    read(&format!("BEGIN:VCALENDAR\r\n{event}\r\nEND:VCALENDAR\r\n"), Tz::Europe__Berlin).unwrap()
}

#[track_caller]
fn check_rule(rule: &str, expected: &serde_json::Value) {
    let batch = series(&["DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT1H", &format!("RRULE:{rule}")]);
    assert_eq!(batch.left, [], "{rule}");
    let written = serde_json::to_value(recurrence(&batch.series[0])).unwrap();
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&written[field], value, "{rule}: {field}");
    }
}

#[test]
fn all_six_types_are_written_as_the_crm_has_them() {
    check_rule("FREQ=DAILY;INTERVAL=3", &json!({"type": "daily", "interval": 3, "endTime": null, "occurrences": null}));
    check_rule(
        "FREQ=WEEKLY;BYDAY=WE,MO;COUNT=5",
        &json!({"type": "weekly", "dayOfWeek": ["monday", "wednesday"], "occurrences": 5}),
    );
    check_rule(
        "FREQ=MONTHLY;UNTIL=20260605T070000Z",
        &json!({"type": "monthly", "dayOfMonth": 5, "endTime": "2026-06-05T07:00:00Z", "startTime": "2026-01-05T08:00:00Z"}),
    );
    check_rule(
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        &json!({"type": "monthnth", "instance": 5,
            "dayOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"], "startTime": "2026-01-30T08:00:00Z"}),
    );
    check_rule(
        "FREQ=YEARLY;INTERVAL=2",
        &json!({"type": "yearly", "interval": 24, "dayOfMonth": 5, "monthOfYear": 1, "timeZone": "Europe/Berlin"}),
    );
    check_rule(
        "FREQ=YEARLY;BYMONTH=6;BYDAY=2MO",
        &json!({"type": "yearnth", "interval": 12, "instance": 2, "monthOfYear": 6, "dayOfWeek": ["monday"]}),
    );
}

#[test]
fn whole_days_are_counted_in_utc() {
    let batch = series(&["DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY;UNTIL=20260202"]);
    let rule = recurrence(&batch.series[0]);
    let instants = (rule.start_time.to_string(), rule.end_time.unwrap().to_string());
    assert_eq!(instants, ("2026-01-05 00:00:00 UTC".to_owned(), "2026-02-02 00:00:00 UTC".to_owned()));
    assert_eq!(rule.time_zone.name(), "UTC");
}

#[test]
fn a_series_comes_with_what_was_changed_and_cancelled() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let file = "BEGIN:VCALENDAR\r\n\
        BEGIN:VEVENT\r\nUID:s\r\nSUMMARY:S\r\nDTSTART;TZID=Europe/Berlin:20260316T090000\r\nDURATION:PT1H\r\n\
        RRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE;TZID=Europe/Berlin:20260330T090000\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:s\r\nSUMMARY:Moved\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260323T090000\r\n\
        DTSTART;TZID=Europe/Berlin:20260324T100000\r\nDURATION:PT2H\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";
    let report = import_into_crm(&crm, alice.id, &read(file, Tz::UTC).unwrap()).unwrap();
    assert_eq!((report.created, report.series, report.exceptions, report.cancelled_occurrences), (1, 1, 1, 1));
    let events = crm.events_of(alice.id).unwrap();
    let exceptions: Vec<_> = events
        .iter()
        .filter_map(|event| {
            let values = &event.values;
            let original = values.original_start?.to_rfc3339();
            Some((original, values.start.to_rfc3339(), values.cancelled, values.title.as_str()))
        })
        .collect();
    let moved = ("2026-03-23T08:00:00+00:00".to_owned(), "2026-03-24T09:00:00+00:00".to_owned(), false, "Moved");
    let off = ("2026-03-30T07:00:00+00:00".to_owned(), "2026-03-30T07:00:00+00:00".to_owned(), true, "S");
    assert_eq!(exceptions, [moved, off]);
}

#[test]
fn what_only_the_crm_cannot_repeat_is_left_out_here() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let left = |rule: &str| {
        let batch = series(&["DTSTART;TZID=Europe/Berlin:20260106T090000", &format!("RRULE:{rule}")]);
        assert_eq!((batch.series.len(), batch.left.len()), (1, 0), "{rule}");
        let report = import_into_crm(&crm, alice.id, &batch).unwrap();
        assert_eq!(report.created, 0, "{rule}");
        (report.left[0].reason, report.left[0].detail.clone().unwrap())
    };
    let weeks = left("FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU");
    assert_eq!(weeks, (SkipReason::RuleWeekStart, "weeks from Mon".to_owned()));
    assert_eq!(left("FREQ=DAILY;INTERVAL=100"), (SkipReason::RuleInterval, "interval 100".to_owned()));
    assert_eq!(left("FREQ=YEARLY;INTERVAL=84"), (SkipReason::RuleInterval, "interval 1008".to_owned()));
}

#[test]
fn a_series_that_is_left_out_here_takes_its_other_dates_along() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = |lines: &[&str]| {
        format!("BEGIN:VEVENT\r\nUID:s\r\nSUMMARY:S\r\n{}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n", lines.join("\r\n"))
    };
    let rule = "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU";
    let whole = event(&["DTSTART:20260106T090000Z", rule, "RDATE:20260107T150000Z"]);
    let orphan = event(&["RECURRENCE-ID:20260108T090000Z", "DTSTART:20260108T110000Z"]);
    let file = format!("BEGIN:VCALENDAR\r\n{whole}{orphan}END:VCALENDAR\r\n");
    let report = import_into_crm(&crm, alice.id, &read(&file, Tz::UTC).unwrap()).unwrap();
    assert!(crm.events_of(alice.id).unwrap().is_empty());
    let left: Vec<_> =
        report.left.iter().map(|left| (left.reason, left.uid.as_deref().unwrap(), left.title.as_deref())).collect();
    assert_eq!(
        left,
        [
            (SkipReason::RuleWeekStart, "s", Some("S")),
            (SkipReason::SeriesLeftOut, "s#2026-01-08T09:00:00Z", Some("S")),
            (SkipReason::SeriesLeftOut, "s#2026-01-07T15:00:00Z", Some("S")),
        ]
    );
    assert_eq!((report.created, report.extra_dates, report.remarks.len()), (0, 0, 0));
}

#[test]
fn everything_that_is_there_already_has_its_name() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let batch = series(&["DTSTART:20260106T090000Z", "RRULE:FREQ=DAILY;COUNT=3", "RDATE:20260107T150000Z"]);
    assert_eq!(import_into_crm(&crm, alice.id, &batch).unwrap().created, 2);
    let again = import_into_crm(&crm, alice.id, &batch).unwrap();
    let names: Vec<_> = again.left.iter().map(|left| (left.reason, left.title.as_deref())).collect();
    assert_eq!(names, [(SkipReason::Duplicate, Some("S")); 2]);
}
