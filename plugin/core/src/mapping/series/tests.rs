#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use chrono::{DateTime, NaiveDate, Weekday};

use super::*;
use crate::model::{CrmId, CrmVersion, Html, Pattern, RangeEnd, Reminder, Rule, Weekdays, Zone};

fn at(text: &str) -> Instant {
    Instant::from(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

fn date(text: &str) -> CivilDate {
    text.parse::<NaiveDate>().unwrap().into()
}

fn timed(start: &str, end: &str) -> EventTime {
    EventTime::timed(at(start), at(end), "Europe/Vienna".parse().unwrap()).unwrap()
}

fn weekly() -> Rule {
    let pattern = Pattern::Weekly { days: Weekdays::one(Weekday::Mon), week_start: Weekday::Mon };
    Rule { pattern, interval: 1, end: RangeEnd::Count(10), zone: None }
}

/// Mondays, 10:00 in Vienna, with the CRM's odd seconds.
fn series() -> Record {
    [
        FieldValue::Title("Standup".to_owned()),
        FieldValue::Body(Html::from_canonical("<p>Agenda</p>".to_owned())),
        FieldValue::Time(timed("2026-03-02T09:00:12.865Z", "2026-03-02T10:00:12.865Z")),
        FieldValue::Recurrence(Recurrence::Rule(weekly())),
        FieldValue::Reminder(Reminder::None),
    ]
    .into_iter()
    .collect()
}

fn item(record: Record, exceptions: Vec<CrmException>) -> CrmItem {
    CrmItem {
        announcement: crate::ports::Announcement::Due,
        id: CrmId::new("1"),
        version: CrmVersion::new("1"),
        uid: "uid".to_owned(),
        meeting_uid: None,
        is_organizer: true,
        record,
        unread: FieldSet::EMPTY,
        exceptions,
    }
}

fn changed(original: &str, values: Vec<FieldValue>) -> CrmException {
    CrmException { original_start: OriginalStart::At(at(original)), state: CrmOccurrence::Changed(values.into()) }
}

fn cancelled(original: OriginalStart) -> CrmException {
    CrmException { original_start: original, state: CrmOccurrence::Cancelled }
}

fn title(text: &str) -> FieldValue {
    FieldValue::Title(text.to_owned())
}

#[test]
fn a_series_of_the_crm_has_the_form_of_both_sides() {
    let found = crm_record(&item(series(), Vec::new()), FieldSet::all()).unwrap();
    let rule = found.record.rule().unwrap();
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    let sunday = Pattern::Weekly { days: Weekdays::one(Weekday::Mon), week_start: Weekday::Sun };
    assert_eq!((rule.zone, rule.pattern), (Some(berlin), sunday));
    assert_eq!(found.record.time(), series().time());
    assert_eq!(found.record.get(FieldGroup::Exceptions), Some(&FieldValue::Exceptions(Exceptions::new())));
    assert_eq!(found.record.get(FieldGroup::Response), Some(&FieldValue::Response(AttendeeStatus::None)));
    // A start beside the rule is moved to the first day of the rule.
    let mut wednesday = series();
    wednesday.set(FieldValue::Time(timed("2026-02-25T09:00:00Z", "2026-02-25T10:00:00Z")));
    let moved = crm_record(&item(wednesday, Vec::new()), FieldSet::all()).unwrap();
    assert_eq!(moved.record.time(), Some(&timed("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")));
}

#[test]
fn a_crm_without_series_or_answers_is_not_given_any() {
    let holds: FieldSet = [FieldGroup::Title, FieldGroup::Time].into_iter().collect();
    let found = crm_record(&item(series(), vec![cancelled(OriginalStart::On(date("2026-03-09")))]), holds).unwrap();
    assert_eq!(found.record.groups(), holds);
    assert_eq!(found.record.time(), series().time());
}

#[test]
fn an_answer_of_a_guest_is_kept_and_an_organisers_is_none() {
    let mut record = series();
    record.set(FieldValue::Response(AttendeeStatus::Accepted));
    for (is_organizer, expected) in [(true, AttendeeStatus::None), (false, AttendeeStatus::Accepted)] {
        let found = crm_record(&CrmItem { is_organizer, ..item(record.clone(), Vec::new()) }, FieldSet::all()).unwrap();
        assert_eq!(found.record.get(FieldGroup::Response), Some(&FieldValue::Response(expected)));
    }
}

#[test]
fn exceptions_of_the_crm_are_differences_by_day() {
    let time = |start: &str, end: &str| FieldValue::Time(timed(start, end));
    let by_rule = || time("2026-03-16T09:00:12.865Z", "2026-03-16T10:00:12.865Z");
    let moved = || time("2026-03-24T09:00:00Z", "2026-03-24T10:00:00Z");
    let exceptions = vec![
        // The whole occurrence is given: what is equal is no difference.
        changed("2026-03-09T09:00:12.865Z", vec![title("Review"), FieldValue::Reminder(Reminder::None)]),
        changed("2026-03-16T09:00:12.865Z", vec![title("Standup"), by_rule()]),
        // Named by the whole minute.
        changed("2026-03-23T09:00:00Z", vec![moved()]),
        // After the change of clocks.
        cancelled(OriginalStart::At(at("2026-03-30T08:00:00Z"))),
        changed("2026-03-30T08:00:00Z", vec![title("Too late")]),
        // No day of the rule.
        changed("2026-03-12T09:00:00Z", vec![title("Lost")]),
        cancelled(OriginalStart::At(at("2026-06-01T08:00:00Z"))),
    ];
    let found = crm_record(&item(series(), exceptions), FieldSet::all()).unwrap();
    let expected: Exceptions = [
        (date("2026-03-09"), Occurrence::Changed(vec![title("Review")].into())),
        (date("2026-03-23"), Occurrence::Changed(vec![moved()].into())),
        (date("2026-03-30"), Occurrence::Cancelled),
    ]
    .into();
    assert_eq!(found.record.exceptions(), expected);
    let ignored = ["2026-03-12T09:00:00Z", "2026-06-01T08:00:00Z"].map(|text| OriginalStart::At(at(text)));
    assert_eq!(found.ignored, ignored);
}

#[test]
fn seconds_of_a_series_are_no_move_of_an_occurrence() {
    let day_time = timed("2026-03-09T09:00:12.865Z", "2026-03-09T10:00:12.865Z");
    let table = [
        (timed("2026-03-09T09:00:00Z", "2026-03-09T10:00:00Z"), true),
        (timed("2026-03-09T09:00:59Z", "2026-03-09T10:00:59Z"), true),
        (timed("2026-03-09T09:01:00Z", "2026-03-09T10:00:12Z"), false),
        (timed("2026-03-09T09:00:12Z", "2026-03-09T10:30:12Z"), false),
        (EventTime::all_day(date("2026-03-09"), date("2026-03-10")).unwrap(), false),
    ];
    for (time, same) in table {
        let differs = differing(&vec![FieldValue::Time(time)].into(), &series(), day_time);
        assert_eq!(differs.is_empty(), same, "{time:?}");
    }
}

#[test]
fn only_groups_that_the_series_shows_can_differ() {
    let of: Record = vec![
        title("Review"),
        FieldValue::Location("Room 1".to_owned()),
        FieldValue::Recurrence(Recurrence::None),
        FieldValue::Exceptions(Exceptions::new()),
    ]
    .into();
    let differs = differing(&of, &series(), timed("2026-03-09T09:00:00Z", "2026-03-09T10:00:00Z"));
    assert_eq!(differs, vec![title("Review")].into());
}

#[test]
fn what_is_written_to_the_crm_is_read_again_as_the_same_exceptions() {
    let whole = crm_record(&item(series(), Vec::new()), FieldSet::all()).unwrap().record;
    let exceptions: Exceptions = [
        (date("2026-03-09"), Occurrence::Changed(vec![title("Review")].into())),
        (date("2026-03-16"), Occurrence::Changed(vec![FieldValue::Location("Room 1".to_owned())].into())),
        (date("2026-03-17"), Occurrence::Cancelled),
        (date("2026-03-30"), Occurrence::Cancelled),
    ]
    .into();
    let holds: FieldSet = FieldSet::all().iter().filter(|group| *group != FieldGroup::Location).collect();
    let written = crm_exceptions(&whole, &exceptions, holds);
    let starts: Vec<_> = written.iter().map(|exception| exception.original_start).collect();
    // The CRM's own seconds name them; a day that is not of the rule names none.
    assert_eq!(
        starts,
        ["2026-03-09T09:00:12.865Z", "2026-03-30T08:00:12.865Z"].map(|text| OriginalStart::At(at(text)))
    );
    let again = crm_record(&item(series(), written), holds).unwrap();
    let kept: Vec<_> = again.record.exceptions().into_iter().collect();
    assert_eq!(
        kept,
        [(date("2026-03-09"), exceptions[&date("2026-03-09")].clone()), (date("2026-03-30"), Occurrence::Cancelled)]
    );
    assert_eq!(crm_exceptions(&vec![title("Once")].into(), &exceptions, holds), []);
}

#[test]
fn whole_days_are_named_by_their_date() {
    let days = |start: &str, end: &str| FieldValue::Time(EventTime::all_day(date(start), date(end)).unwrap());
    let mut record = series();
    record.set(days("2026-03-02", "2026-03-04"));
    let exceptions = vec![
        cancelled(OriginalStart::On(date("2026-03-09"))),
        CrmException {
            original_start: OriginalStart::On(date("2026-03-16")),
            state: CrmOccurrence::Changed(vec![days("2026-03-17", "2026-03-19")].into()),
        },
        cancelled(OriginalStart::On(date("2026-03-10"))),
    ];
    let found = crm_record(&item(record, exceptions.clone()), FieldSet::all()).unwrap();
    assert_eq!(found.record.rule().unwrap().zone, None);
    assert_eq!(found.ignored, [OriginalStart::On(date("2026-03-10"))]);
    assert_eq!(crm_exceptions(&found.record, &found.record.exceptions(), FieldSet::all()), exceptions[..2]);
}

#[test]
fn a_rule_of_the_crm_that_means_nothing_has_a_reason() {
    let with = |change: fn(&mut Rule)| {
        let mut record = series();
        let mut rule = weekly();
        change(&mut rule);
        record.set(FieldValue::Recurrence(Recurrence::Rule(rule)));
        crm_record(&item(record, Vec::new()), FieldSet::all()).unwrap_err().code()
    };
    let no_days = Pattern::Weekly { days: Weekdays::NONE, week_start: Weekday::Mon };
    assert_eq!(with(|rule| rule.interval = 0), "recurrence-interval");
    assert_eq!(with(|rule| rule.end = RangeEnd::Count(0)), "recurrence-count");
    assert_eq!(
        with(|rule| rule.end = RangeEnd::Until(CivilDate::from_parts(2026, 1, 1).unwrap())),
        "recurrence-no-occurrence"
    );
    let mut record = series();
    record.set(FieldValue::Recurrence(Recurrence::Rule(Rule { pattern: no_days, ..weekly() })));
    assert_eq!(
        crm_record(&item(record.clone(), Vec::new()), FieldSet::all()).unwrap_err().code(),
        "recurrence-no-days"
    );
    record.remove(FieldGroup::Time);
    assert_eq!(crm_record(&item(record, Vec::new()), FieldSet::all()), Err(RecurrenceIssue::NoTime));
}
