#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::import::read as read_file;
use crate::import::reason::Remark;

/// A weekly series of three on Wednesdays at nine in Berlin, with these lines.
fn weekly(lines: &[&str]) -> String {
    event(
        &[
            &[
                "SUMMARY:Weekly",
                "DTSTART;TZID=Europe/Berlin:20260114T090000",
                "DURATION:PT1H",
                "RRULE:FREQ=WEEKLY;COUNT=3",
            ],
            lines,
        ]
        .concat(),
    )
}

fn event(lines: &[&str]) -> String {
    format!("BEGIN:VEVENT\r\nUID:u\r\n{}\r\nEND:VEVENT\r\n", lines.join("\r\n"))
}

/// A change of the occurrence of a day, to ten o'clock of the same day.
fn change(day: &str, lines: &[&str]) -> String {
    let (id, start) =
        (format!("RECURRENCE-ID;TZID=Europe/Berlin:{day}T090000"), format!("DTSTART;TZID=Europe/Berlin:{day}T100000"));
    event(&[&[id.as_str(), start.as_str(), "DURATION:PT1H", "SUMMARY:Changed"], lines].concat())
}

fn batch(events: &[String]) -> ImportBatch {
    read_file(&format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", events.concat()), Tz::Europe__Berlin).unwrap()
}

/// The exceptions of the only series: the date, and the title of a change.
fn exceptions(batch: &ImportBatch) -> Vec<(String, Option<&str>)> {
    assert_eq!(batch.series.len(), 1, "{batch:?}");
    let mut found = Vec::new();
    for (date, change) in &batch.series[0].exceptions {
        let title = match change {
            OccurrenceChange::Cancelled => None,
            OccurrenceChange::Changed(event) => Some(event.title.as_str()),
        };
        found.push((date.to_string(), title));
    }
    found
}

/// The single events: those beside a series, then all others.
fn singles(batch: &ImportBatch) -> Vec<&ImportedEvent> {
    batch.series.iter().flat_map(|series| &series.beside).chain(&batch.events).collect()
}

fn starts(batch: &ImportBatch) -> Vec<String> {
    singles(batch).into_iter().map(|event| start_text(&event.time)).collect()
}

fn kinds(remarks: &[Remark]) -> Vec<RemarkKind> {
    remarks.iter().map(|remark| remark.kind).collect()
}

#[test]
fn excluded_dates_of_every_form_are_cancelled() {
    let forms = [
        "EXDATE;TZID=Europe/Berlin:20260121T090000,20260128T090000",
        "EXDATE:20260121T080000Z,20260128T080000Z",
        "EXDATE;VALUE=DATE:20260121,20260128",
        "EXDATE;TZID=America/New_York:20260121T030000\r\nEXDATE:20260128T080000Z",
    ];
    for form in forms {
        let batch = batch(&[weekly(&[form])]);
        assert_eq!(exceptions(&batch), [("2026-01-21".to_owned(), None), ("2026-01-28".to_owned(), None)], "{form}");
        assert_eq!(batch.left, []);
    }
    let beside = batch(&[weekly(&["EXDATE;TZID=Europe/Berlin:20260121T100000"])]);
    assert_eq!(exceptions(&beside), []);
}

#[test]
fn changes_are_told_from_cancellations_and_from_what_changes_nothing() {
    let same = change("20260114", &[]).replace("T100000", "T090000").replace("SUMMARY:Changed", "SUMMARY:Weekly");
    let off = change("20260121", &["STATUS:CANCELLED"]);
    let batch = batch(&[weekly(&[]), same, off, change("20260128", &[])]);
    assert_eq!(exceptions(&batch), [("2026-01-21".to_owned(), None), ("2026-01-28".to_owned(), Some("Changed"))]);
    assert_eq!((singles(&batch).len(), batch.left.len()), (0, 0));
}

#[test]
fn a_change_without_an_organiser_has_that_of_its_series() {
    let boss = "ORGANIZER:mailto:boss@example.org";
    let batch = batch(&[weekly(&[boss]), change("20260121", &[]), change("20260122", &[])]);
    let change = batch.series[0].exceptions.values().next().unwrap();
    assert!(
        matches!(change, OccurrenceChange::Changed(event) if event.organizer.as_deref() == Some("boss@example.org"))
    );
    assert_eq!(singles(&batch)[0].organizer.as_deref(), Some("boss@example.org"));
}

#[test]
fn a_change_may_stand_before_its_series_and_name_a_day_alone() {
    let day = change("20260121", &[])
        .replace("RECURRENCE-ID;TZID=Europe/Berlin:20260121T090000", "RECURRENCE-ID;VALUE=DATE:20260121");
    let batch = batch(&[day, weekly(&[])]);
    assert_eq!(exceptions(&batch), [("2026-01-21".to_owned(), Some("Changed"))]);
}

#[test]
fn what_was_excluded_stays_excluded() {
    let batch = batch(&[weekly(&["EXDATE:20260121T080000Z"]), change("20260121", &[])]);
    assert_eq!(exceptions(&batch), [("2026-01-21".to_owned(), None)]);
    assert_eq!(batch.left, [Left::occurrence(Some("u"), SkipReason::Cancelled, "2026-01-21T08:00:00Z".to_owned())]);
}

#[test]
fn a_change_of_all_that_follows_is_left_out() {
    let following = change("20260121", &[]).replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;");
    let batch = batch(&[weekly(&[]), following]);
    assert_eq!(exceptions(&batch), []);
    let at = "2026-01-21T08:00:00Z".to_owned();
    assert_eq!(batch.left, [Left::occurrence(Some("u"), SkipReason::ThisAndFuture, at)]);
}

#[test]
fn changes_without_their_series_or_its_date_are_single_events() {
    let orphans = batch(&[change("20260121", &[]), change("20260128", &[]), change("20260204", &["STATUS:CANCELLED"])]);
    assert_eq!(starts(&orphans), ["2026-01-21T09:00:00Z", "2026-01-28T09:00:00Z"]);
    assert_eq!(kinds(&orphans.remarks), [RemarkKind::Orphan, RemarkKind::Orphan]);
    assert_eq!(orphans.events[0].uid.as_deref(), Some("u#2026-01-21T08:00:00Z"));
    assert_eq!(orphans.left.iter().map(|left| left.reason).collect::<Vec<_>>(), [SkipReason::Cancelled]);
    let beside = batch(&[weekly(&[]), change("20260122", &[])]);
    assert_eq!((exceptions(&beside), starts(&beside)), (Vec::new(), vec!["2026-01-22T09:00:00Z".to_owned()]));
}

#[test]
fn additional_dates_become_single_events_unless_the_rule_has_them() {
    let dates = "RDATE;TZID=Europe/Berlin:20260121T090000,20260130T150000";
    let period = "RDATE;VALUE=PERIOD:20260201T100000Z/PT3H";
    let batch = batch(&[weekly(&[dates, period, "EXDATE:20260201T100000Z"])]);
    assert_eq!((exceptions(&batch), starts(&batch)), (Vec::new(), vec!["2026-01-30T14:00:00Z".to_owned()]));
    assert_eq!((kinds(&batch.remarks), singles(&batch)[0].title.as_str()), (vec![RemarkKind::ExtraDate], "Weekly"));
}

#[test]
fn dates_without_a_rule_are_single_events_that_can_be_changed() {
    let lines =
        ["SUMMARY:Dates", "DTSTART;TZID=Europe/Berlin:20260121T090000", "DURATION:PT1H", "RDATE:20260128T080000Z"];
    let batch = batch(&[event(&lines), change("20260128", &[])]);
    assert_eq!(
        (batch.series.len(), starts(&batch)),
        (0, vec!["2026-01-21T08:00:00Z".to_owned(), "2026-01-28T09:00:00Z".to_owned()])
    );
    assert_eq!(batch.events[1].title, "Changed");
}

#[test]
fn a_start_beside_its_rule_is_a_single_event() {
    let lines = [
        "SUMMARY:Mondays",
        "DTSTART;TZID=Europe/Berlin:20260114T090000",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU",
    ];
    let batch = batch(&[event(&lines)]);
    assert_eq!(
        (starts(&batch), kinds(&batch.remarks)),
        (vec!["2026-01-14T08:00:00Z".to_owned()], vec![RemarkKind::StartOffRule])
    );
    let series = &batch.series[0];
    // The week of the start counts: the next one that does begins on the 25th.
    assert_eq!(
        (start_text(&series.master.time), series.rule.start.to_string()),
        ("2026-01-26T08:00:00Z".to_owned(), "2026-01-26".to_owned())
    );
}

#[test]
fn an_unreadable_date_is_reported_and_costs_nothing_else() {
    let batch = batch(&[weekly(&["EXDATE:soon,20260121T080000Z", "RDATE;VALUE=DATE:20260301"])]);
    assert_eq!(exceptions(&batch), [("2026-01-21".to_owned(), None)]);
    let left =
        |part, value: &str| Left::occurrence(Some("u"), SkipReason::UnreadableDate, value.to_owned()).because(part);
    assert_eq!(batch.left, [left("RDATE", "20260301"), left("EXDATE", "soon")]);
}

#[test]
fn a_change_of_an_unreadable_date_is_reported_as_one() {
    let batch = batch(&[weekly(&[]), change("20260121", &[]).replace("20260121T090000", "soon")]);
    assert_eq!((exceptions(&batch), singles(&batch).len()), (Vec::new(), 0));
    let left = Left::occurrence(Some("u"), SkipReason::UnreadableDate, "soon".to_owned());
    assert_eq!(batch.left, [left.because("RECURRENCE-ID")]);
}

#[test]
fn a_series_that_is_left_out_takes_its_changes_along() {
    let hourly = weekly(&[]).replace("FREQ=WEEKLY", "FREQ=HOURLY");
    let batch = batch(&[hourly, change("20260121", &[])]);
    assert!(batch.series.is_empty() && batch.events.is_empty());
    let reasons: Vec<SkipReason> = batch.left.iter().map(|left| left.reason).collect();
    assert_eq!(reasons, [SkipReason::RuleFrequency, SkipReason::SeriesLeftOut]);
    assert_eq!(batch.left[0].detail.as_deref(), Some("FREQ=HOURLY"));
}

#[test]
fn the_later_version_wins_wherever_it_stands() {
    let old = weekly(&["SEQUENCE:1"]);
    let new = weekly(&["SEQUENCE:2"]).replace("COUNT=3", "COUNT=5");
    let modified = |at: &str| change("20260121", &[&format!("LAST-MODIFIED:{at}"), &format!("LOCATION:{at}")]);
    let changes = [modified("20260102T000000Z"), modified("20260101T000000Z")];
    for file in [
        [vec![old.clone(), new.clone()], changes.to_vec()].concat(),
        [vec![new, old], changes.iter().rev().cloned().collect()].concat(),
    ] {
        let batch = batch(&file);
        assert_eq!(batch.series[0].rule.end, End::After(5));
        let change = batch.series[0].exceptions.values().next().unwrap();
        assert!(
            matches!(change, OccurrenceChange::Changed(event) if event.location.as_deref() == Some("20260102T000000Z"))
        );
        assert_eq!(batch.left.iter().map(|left| left.reason).collect::<Vec<_>>(), [SkipReason::Duplicate; 2]);
    }
}

#[test]
fn floating_series_and_ends_without_a_time_are_remarked() {
    let lines = ["SUMMARY:F", "DTSTART:20260114T090000", "RRULE:FREQ=WEEKLY;UNTIL=20260128"];
    let batch = batch(&[event(&lines)]);
    let mut found: Vec<_> = batch.remarks.iter().map(|remark| (remark.kind, remark.at.as_deref())).collect();
    found.sort();
    let last = Some("2026-01-28T08:00:00Z");
    assert_eq!(found, [(RemarkKind::FloatingSeries, None), (RemarkKind::UntilIsADate, last)]);
    assert_eq!((batch.series[0].rule.dates().count(), batch.series[0].rule.zone.as_str()), (3, "Europe/Berlin"));
}

#[test]
fn a_rule_in_utc_stays_in_utc() {
    let lines = ["SUMMARY:U", "DTSTART:20260114T090000Z", "RRULE:FREQ=WEEKLY"];
    let text = format!("BEGIN:VCALENDAR\r\nX-WR-TIMEZONE:Europe/Berlin\r\n{}END:VCALENDAR\r\n", event(&lines));
    let batch = read_file(&text, Tz::Europe__Berlin).unwrap();
    assert_eq!((batch.series[0].rule.zone.as_str(), kinds(&batch.remarks)), ("UTC", vec![RemarkKind::UtcSeries]));
}

#[test]
fn a_series_without_dates_or_with_several_rules_is_left_out() {
    let reason = |text: String| batch(&[text]).left.first().map(|left| left.reason);
    assert_eq!(reason(weekly(&[]).replace("COUNT=3", "UNTIL=20260101T000000Z")), Some(SkipReason::EmptySeries));
    assert_eq!(reason(weekly(&["RRULE:FREQ=DAILY;COUNT=2"])), Some(SkipReason::SeveralRules));
    assert_eq!(reason(weekly(&["EXRULE:FREQ=DAILY;COUNT=2"])), Some(SkipReason::SeveralRules));
    assert_eq!(reason(weekly(&["STATUS:CANCELLED"])), Some(SkipReason::Cancelled));
}
