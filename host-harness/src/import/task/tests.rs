#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono_tz::Tz;

use super::*;
use crate::crm::fixtures::instant;
use crate::graph::calendar::pattern::{End, Pattern};
use crate::import::details::{Importance, LeftOutField};
use crate::import::read;

/// Where the person lives.
const HOME: Tz = Tz::Europe__Berlin;

/// What a calendar with tasks of these lines holds.
fn batch(tasks: &[&[&str]]) -> ImportBatch {
    let task = |lines: &&[&str]| format!("BEGIN:VTODO\r\n{}\r\nEND:VTODO\r\n", lines.join("\r\n"));
    let tasks: String = tasks.iter().map(task).collect();
    read(&format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{tasks}END:VCALENDAR\r\n"), HOME).unwrap()
}

#[track_caller]
fn one(lines: &[&str]) -> ImportedTask {
    let batch = batch(&[&[&["UID:u", "SUMMARY:Call"], lines].concat()]);
    assert_eq!(batch.left, [], "{lines:?}");
    batch.tasks[0].clone()
}

fn day(on: &str, at: Option<&str>) -> TaskDay {
    TaskDay { on: on.parse().unwrap(), at: at.map(instant), zone: HOME }
}

#[test]
fn a_task_is_due_on_a_day_of_the_person() {
    let table: [(&[&str], Option<TaskDay>); 9] = [
        (&[], None),
        (&["DUE;VALUE=DATE:20260305"], Some(day("2026-03-05", None))),
        (&["DUE:20260305T100000Z"], Some(day("2026-03-05", Some("2026-03-05T10:00:00Z")))),
        // Late in the evening in New York is the next morning in Berlin.
        (&["DUE;TZID=America/New_York:20260305T200000"], Some(day("2026-03-06", Some("2026-03-06T01:00:00Z")))),
        (&["DUE:20260305T100000"], Some(day("2026-03-05", Some("2026-03-05T09:00:00Z")))),
        (&["DTSTART;VALUE=DATE:20260305", "DURATION:P2D"], Some(day("2026-03-07", None))),
        (&["DTSTART:20260305T100000Z", "DURATION:PT1H"], Some(day("2026-03-05", Some("2026-03-05T11:00:00Z")))),
        (&["DTSTART:20260305T100000Z"], None),
        (&["DURATION:PT1H"], None),
    ];
    for (lines, due) in table {
        assert_eq!(one(lines).due, due, "{lines:?}");
    }
    assert_eq!(one(&["DTSTART;VALUE=DATE:20260305"]).start, Some(day("2026-03-05", None)));
}

#[test]
fn what_is_done_is_told_by_the_status_or_by_what_stands_for_it() {
    use TaskProgress::{Completed, InProgress, NotStarted};
    let table: [(&[&str], TaskProgress); 9] = [
        (&[], NotStarted),
        (&["STATUS:NEEDS-ACTION", "PERCENT-COMPLETE:100"], NotStarted),
        (&["STATUS:IN-PROCESS"], InProgress),
        (&["STATUS:completed"], Completed),
        (&["STATUS:X-WAITING"], NotStarted),
        (&["PERCENT-COMPLETE:0"], NotStarted),
        (&["PERCENT-COMPLETE:50"], InProgress),
        (&["PERCENT-COMPLETE:100"], Completed),
        (&["COMPLETED:20260305T230000Z"], Completed),
    ];
    for (lines, progress) in table {
        assert_eq!(one(lines).progress, progress, "{lines:?}");
    }
    let done = one(&["STATUS:COMPLETED", "COMPLETED:20260305T233000Z"]);
    assert_eq!(done.completed, Some(day("2026-03-06", Some("2026-03-05T23:30:00Z"))));
    assert_eq!(one(&["STATUS:NEEDS-ACTION", "COMPLETED:20260305T233000Z"]).completed, None);
}

#[test]
fn a_priority_has_three_steps() {
    let expected = [(0, Importance::Normal), (1, Importance::High), (4, Importance::High), (5, Importance::Normal)];
    for (priority, importance) in expected.into_iter().chain([(6, Importance::Low), (9, Importance::Low)]) {
        assert_eq!(one(&[&format!("PRIORITY:{priority}")]).importance, importance, "{priority}");
    }
}

/// The lines of a task, the triggers of its alarms, when the person is reminded,
/// and whether an alarm is left out.
type Reminded<'a> = (&'a [&'a str], &'a [&'a str], Option<&'a str>, bool);

/// When the person is reminded of a task with these lines and an alarm each of
/// these triggers, and whether an alarm is left out.
fn reminded(lines: &[&str], triggers: &[&str]) -> (Option<String>, bool) {
    let alarm = |trigger: &&str| format!("BEGIN:VALARM\r\n{trigger}\r\nEND:VALARM");
    let alarms: Vec<String> = triggers.iter().map(alarm).collect();
    let alarms: Vec<&str> = alarms.iter().map(String::as_str).collect();
    let task = one(&[lines, &alarms].concat());
    (task.remind_at.map(|at| at.to_rfc3339()), task.homeless.contains(&LeftOutField::Alarms))
}

#[test]
fn the_first_alarm_to_go_off_reminds_and_further_ones_are_counted() {
    let both = ["DTSTART:20260305T090000Z", "DUE:20260306T090000Z"];
    let table: [Reminded<'_>; 9] = [
        (&both, &["TRIGGER:-PT15M"], Some("2026-03-05T08:45:00+00:00"), false),
        (&both, &["TRIGGER;RELATED=END:-PT15M"], Some("2026-03-06T08:45:00+00:00"), false),
        (&both[1..], &["TRIGGER:-PT15M"], Some("2026-03-06T08:45:00+00:00"), false),
        (&[], &["TRIGGER;VALUE=DATE-TIME:20260304T080000Z"], Some("2026-03-04T08:00:00+00:00"), false),
        // A day begins at its midnight in Berlin.
        (&["DUE;VALUE=DATE:20260305"], &["TRIGGER;RELATED=END:PT9H"], Some("2026-03-05T08:00:00+00:00"), false),
        (&both, &["TRIGGER:PT0S", "TRIGGER:-P1D"], Some("2026-03-04T09:00:00+00:00"), true),
        (&both, &["ACTION:NONE\r\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z"], None, false),
        (&[], &["TRIGGER:-PT15M"], None, true),
        (&both, &["TRIGGER:soon"], None, true),
    ];
    for (lines, triggers, at, is_counted) in table {
        assert_eq!(reminded(lines, triggers), (at.map(str::to_owned), is_counted), "{lines:?} {triggers:?}");
    }
}

#[test]
fn texts_and_categories_are_read_and_what_no_side_has_is_counted() {
    use LeftOutField::{Assignees, Class, Location, Progress, Relations};
    let task = one(&[
        "DESCRIPTION:two\\nlines",
        "CATEGORIES:Work,Home\\, garden",
        "CLASS:PRIVATE",
        "LOCATION:Office",
        "PERCENT-COMPLETE:30",
        "RELATED-TO:parent@example.org",
        "ATTENDEE:mailto:ben@example.org",
    ]);
    assert_eq!((task.title.as_str(), task.description.as_deref()), ("Call", Some("two\nlines")));
    assert_eq!(task.categories, ["Work", "Home, garden"]);
    let homeless: Vec<_> = task.homeless.into_iter().collect();
    assert_eq!(homeless, [Location, Class, Progress, Assignees, Relations]);
}

#[test]
fn a_rule_is_read_where_to_do_has_exactly_its_dates() {
    use chrono::Weekday::{Mon, Sun, Wed};
    let monday = "DUE;TZID=Europe/Berlin:20260302T170000";
    let weekly = |days| Pattern::Weekly { days, first_day: Sun };
    let last = |date: &str| End::On(date.parse().unwrap());
    let table: [(&[&str], Pattern, End); 6] = [
        (&[monday, "RRULE:FREQ=WEEKLY;COUNT=5"], weekly(vec![Mon]), End::After(5)),
        (&["DUE;VALUE=DATE:20260302", "RRULE:FREQ=DAILY;UNTIL=20260310"], Pattern::Daily, last("2026-03-10")),
        // Without a due date, a recurring task is due on its start.
        (&["DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=MONTHLY"], Pattern::AbsoluteMonthly { day: 2 }, End::Never),
        // Due two days after the start: every Wednesday, the last one two days
        // after the last start.
        (
            &["DTSTART;VALUE=DATE:20260302", "DUE;VALUE=DATE:20260304", "RRULE:FREQ=WEEKLY;UNTIL=20260316"],
            weekly(vec![Wed]),
            last("2026-03-18"),
        ),
        (
            &["DTSTART;VALUE=DATE:20260301", "DUE;VALUE=DATE:20260305", "RRULE:FREQ=MONTHLY"],
            Pattern::AbsoluteMonthly { day: 5 },
            End::Never,
        ),
        (&[monday, "RRULE:FREQ=WEEKLY;BYDAY=MO,WE"], weekly(vec![Mon, Wed]), End::Never),
    ];
    for (lines, pattern, end) in table {
        let task = one(lines);
        let rule = task.recurrence.unwrap_or_else(|| panic!("expected a rule of {lines:?}"));
        assert_eq!((&rule.pattern, rule.end, rule.zone.as_str()), (&pattern, end, "Europe/Berlin"), "{lines:?}");
        assert_eq!(Some(rule.start), task.due.map(|due| due.on));
        assert_eq!(task.homeless.into_iter().next(), None, "{lines:?}");
    }
}

#[test]
fn a_task_whose_rule_to_do_has_not_is_a_single_one_and_the_part_is_named() {
    let monday = "DUE;VALUE=DATE:20260302";
    let table: [(&[&str], &str); 10] = [
        (&[monday, "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15"], "BYMONTHDAY=1,15"),
        (&[monday, "RRULE:FREQ=HOURLY"], "FREQ=HOURLY"),
        (&[monday, "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260303"], "EXDATE"),
        (&[monday, "RRULE:FREQ=DAILY", "RDATE;VALUE=DATE:20270303"], "RDATE"),
        (&[monday, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "several RRULE"),
        (&[monday, "RRULE:FREQ=WEEKLY;BYDAY=TU"], "the first date is not on the rule"),
        (&["RRULE:FREQ=DAILY"], "neither DUE nor DTSTART"),
        (&[monday, "STATUS:COMPLETED", "RRULE:FREQ=DAILY"], "STATUS=COMPLETED"),
        (
            &["DTSTART;VALUE=DATE:20260302", "DUE;VALUE=DATE:20260304", "RRULE:FREQ=WEEKLY;BYDAY=MO"],
            "DUE and DTSTART on different days",
        ),
        (
            &["DTSTART;VALUE=DATE:20260127", "DUE;VALUE=DATE:20260201", "RRULE:FREQ=MONTHLY"],
            "DUE and DTSTART on different days",
        ),
    ];
    for (lines, part) in table {
        let batch = batch(&[&[&["UID:u"], lines].concat()]);
        let task = &batch.tasks[0];
        assert_eq!((&task.recurrence, task.homeless.contains(&LeftOutField::Recurrence)), (&None, true), "{lines:?}");
        let remark =
            Remark { uid: Some("u".to_owned()), kind: RemarkKind::TaskRule, detail: Some(part.to_owned()), at: None };
        assert_eq!(batch.remarks, [remark], "{lines:?}");
    }
}

#[test]
fn what_is_left_out_is_counted_with_its_reason() {
    let table: [(&[&str], SkipReason); 7] = [
        (&["STATUS:CANCELLED"], SkipReason::Cancelled),
        (&["DUE:soon"], SkipReason::UnreadableEnd),
        (&["DTSTART:soon"], SkipReason::NoStart),
        (&["DTSTART;VALUE=DATE:20260302", "DURATION:long"], SkipReason::UnreadableEnd),
        (&["DUE;TZID=Mars:20260302T090000"], SkipReason::UnknownZone),
        (&["DTSTART;TZID=Mars:20260302T090000"], SkipReason::UnknownZone),
        (&["RECURRENCE-ID;VALUE=DATE:20260302", "STATUS:COMPLETED"], SkipReason::TaskOccurrence),
    ];
    for (lines, reason) in table {
        let batch = batch(&[lines]);
        let reasons: Vec<SkipReason> = batch.left.iter().map(|left| left.reason).collect();
        assert_eq!((reasons, batch.tasks.len()), (vec![reason], 0), "{lines:?}");
    }
}

#[test]
fn of_two_versions_of_a_task_the_later_one_counts() {
    let old: &[&str] = &["UID:u", "SUMMARY:Old", "SEQUENCE:1"];
    let new: &[&str] = &["UID:u", "SUMMARY:New", "SEQUENCE:2"];
    for tasks in [[old, new], [new, old]] {
        let batch = batch(&tasks);
        assert_eq!(batch.left, [Left::whole(Some("u"), SkipReason::Duplicate)]);
        assert_eq!(batch.tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["New"]);
    }
    assert_eq!(batch(&[&["SUMMARY:A"], &["SUMMARY:A"]]).tasks.len(), 2);
}
