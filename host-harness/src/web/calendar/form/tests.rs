#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::crm::event::{DayOfWeek, Pattern, SeriesEnd, SeriesRule};

fn posted(pairs: &[(&str, &str)]) -> EventForm {
    EventForm::posted(&FormFields::new(
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    ))
}

fn timed() -> Vec<(&'static str, &'static str)> {
    vec![
        ("title", "Review"),
        ("start_on", "2026-07-01"),
        ("start_at", "09:00"),
        ("end_on", "2026-07-01"),
        ("end_at", "10:30"),
        ("time_zone", "Europe/Berlin"),
        ("reminder", ""),
    ]
}

#[test]
fn times_are_those_of_the_zone_in_the_form() {
    let input = posted(&timed()).input(None, None).unwrap();
    assert_eq!(input.start, Change::Set("2026-07-01T07:00:00+00:00".to_owned()));
    assert_eq!(input.end, Change::Set("2026-07-01T08:30:00+00:00".to_owned()));
    assert_eq!(input.time_zone, Change::Set("Europe/Berlin".to_owned()));
    assert_eq!(input.reminder_minutes, Change::Clear);
}

#[test]
fn what_cannot_be_read_is_said_in_a_sentence() {
    let table = [
        ("start_on", "tomorrow", "first day"),
        ("end_at", "", "time such as"),
        ("time_zone", "Berlin", "IANA"),
        ("reminder", "soon", "minutes"),
    ];
    for (name, value, said) in table {
        let mut pairs = timed();
        pairs.retain(|(found, _)| *found != name);
        pairs.push((name, value));
        let problems = serde_json::to_value(posted(&pairs).input(None, None).unwrap_err()).unwrap();
        assert_eq!(problems[0]["field"], name);
        assert!(problems[0]["text"].as_str().unwrap().contains(said), "{name}: {problems}");
    }
    let mut skipped = timed();
    skipped.retain(|(name, _)| !matches!(*name, "start_on" | "start_at"));
    skipped.extend([("start_on", "2026-03-29"), ("start_at", "02:30")]);
    let problems = serde_json::to_value(posted(&skipped).input(None, None).unwrap_err()).unwrap();
    assert_eq!(problems[0]["field"], "start_at");
    assert!(problems[0]["text"].as_str().unwrap().contains("skips"), "{problems}");
}

#[test]
fn an_end_before_the_start_is_said_beside_it_in_the_words_of_the_form() {
    let with = |changed: &[(&'static str, &'static str)]| {
        let mut pairs = timed();
        pairs.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        pairs.extend(changed);
        let problems = serde_json::to_value(posted(&pairs).input(None, None).unwrap_err()).unwrap();
        let said = |one: &serde_json::Value| (one["field"].as_str().unwrap().to_owned(), one["text"].clone());
        problems.as_array().unwrap().iter().map(said).collect::<Vec<_>>()
    };
    let table: [(&[_], &str, &str); 3] = [
        (&[("end_at", "08:00")], "end_at", "later time under “Ends at”"),
        (&[("end_on", "2026-06-30")], "end_on", "under “Ends on” the day of “Starts on”"),
        (&[("end_on", "2026-06-30"), ("all_day", "1")], "end_on", "under “Ends on” the day of “Starts on”"),
    ];
    for (changed, field, words) in table {
        let said = with(changed);
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].0, field);
        let text = said[0].1.as_str().unwrap();
        assert!(text.starts_with("The end is before the start. Choose ") && text.contains(words), "{text}");
        assert!(!text.contains('`'), "{text}");
    }
    let both = with(&[("end_at", "08:00"), ("title", ""), ("reminder", "-5")]);
    let fields: Vec<&str> = both.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["title", "end_at", "reminder"], "{both:?}");
    // The same moment is an event without length, which both sides can hold.
    let mut pairs = timed();
    pairs.retain(|(name, _)| *name != "end_at");
    pairs.push(("end_at", "09:00"));
    assert!(posted(&pairs).input(None, None).is_ok());
}

#[test]
fn what_is_too_long_or_too_early_is_said_in_the_words_of_the_form() {
    let long = "x".repeat(256);
    for (name, value, words) in
        [("title", long.as_str(), "longer than 255 characters"), ("reminder", "527041", "from 0 to 527040 minutes")]
    {
        let mut pairs = timed();
        pairs.retain(|(found, _)| *found != name);
        let mut pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
        pairs.push((name, value));
        let problems = serde_json::to_value(posted(&pairs).input(None, None).unwrap_err()).unwrap();
        assert_eq!(problems[0]["field"], name);
        assert!(problems[0]["text"].as_str().unwrap().contains(words), "{problems}");
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let mut pairs = timed();
    pairs.retain(|(name, _)| !matches!(*name, "title" | "start_on" | "reminder"));
    pairs.extend([("start_on", "soon"), ("reminder", "late"), ("repeat", "daily"), ("every", "0")]);
    let problems = serde_json::to_value(posted(&pairs).input(None, None).unwrap_err()).unwrap();
    let fields: Vec<&str> = problems.as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["title", "start_on", "every", "ends", "reminder"]);
}

#[test]
fn a_rule_begins_with_the_event_and_goes_when_it_is_chosen_so() {
    let mut pairs = timed();
    pairs.extend([("repeat", "weekly"), ("every", "1"), ("weekday", "monday"), ("weekday", "wednesday")]);
    pairs.extend([("ends", "after"), ("count", "6")]);
    let Change::Set(rule) = posted(&pairs).input(None, None).unwrap().recurrence else { panic!("expected a rule") };
    assert_eq!(rule.day_of_week, [DayOfWeek::Monday, DayOfWeek::Wednesday]);
    assert_eq!((rule.occurrences, rule.start_time.to_rfc3339()), (Some(6), "2026-07-01T07:00:00+00:00".to_owned()));

    let values = series();
    let once = EventForm { rule: Some(RuleForm::proposed("2026-03-02".parse().unwrap())), ..EventForm::of(&values) };
    let input = once.input(Some(&values), None).unwrap();
    assert_eq!(input, EventInput { recurrence: Change::Clear, ..EventInput::default() });
}

/// A series on Mondays at nine in Berlin.
fn series() -> EventValues {
    let zone = ZoneName::parse("Europe/Berlin", "timeZone").unwrap();
    let start: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
    let time = EventTime::Timed(Timed { start, end: start + TimeDelta::hours(1), zone });
    let pattern = Pattern::Weekly(vec![DayOfWeek::Monday]);
    let rule = SeriesRule { pattern, interval: 1, end: SeriesEnd::Until("2026-06-30".parse().unwrap()) };
    EventValues {
        title: "Stand-up".to_owned(),
        start,
        end: start + TimeDelta::hours(1),
        recurrence: Some(rule.recurrence(&time)),
        ..EventValues::blank(zone)
    }
}

#[test]
fn saving_the_form_of_a_series_sends_nothing_that_did_not_change() {
    let values = series();
    let unchanged = EventForm::of(&values).input(Some(&values), None).unwrap();
    assert_eq!(unchanged, EventInput::default());
    let renamed = EventForm { title: "Daily".to_owned(), ..EventForm::of(&values) };
    let expected = EventInput { title: Change::Set("Daily".to_owned()), ..EventInput::default() };
    assert_eq!(renamed.input(Some(&values), None).unwrap(), expected);
}

#[test]
fn a_series_that_is_moved_stays_one_from_its_new_time_on() {
    let values = series();
    let moved = EventForm { start_at: "10:00".to_owned(), end_at: "11:00".to_owned(), ..EventForm::of(&values) };
    let input = moved.input(Some(&values), None).unwrap();
    let Change::Set(recurrence) = input.recurrence else { panic!("expected the rule to go along") };
    let before = values.recurrence.unwrap();
    assert_eq!(recurrence.start_time, before.start_time + TimeDelta::hours(1));
    assert_eq!((recurrence.day_of_week, recurrence.end_time), (before.day_of_week, before.end_time));
}

#[test]
fn guests_are_sent_where_they_differ_and_said_beside_their_field() {
    let mut pairs = timed();
    assert_eq!(posted(&pairs).input(None, None).unwrap().attendees, Change::Keep, "a form without the field");
    pairs.push(("guests", "ben@acme.example\r\nCleo <cleo@acme.example>"));
    let Change::Set(guests) = posted(&pairs).input(None, None).unwrap().attendees else { panic!("expected guests") };
    assert_eq!(guests.len(), 2);

    let values = EventValues { attendees: guests, ..series() };
    assert_eq!(EventForm::of(&values).input(Some(&values), None).unwrap(), EventInput::default());
    let none_left = EventForm { guests: Some(String::new()), ..EventForm::of(&values) };
    let expected = EventInput { attendees: Change::Set(Vec::new()), ..EventInput::default() };
    assert_eq!(none_left.input(Some(&values), None).unwrap(), expected);
    // What has no field for them says nothing of them.
    let unsaid = EventForm { guests: None, ..EventForm::of(&values) };
    assert_eq!(unsaid.input(Some(&values), None).unwrap(), EventInput::default());

    let wrong = EventForm { guests: Some("ben@acme.example\nCleo".to_owned()), ..EventForm::of(&values) };
    let problems = serde_json::to_value(wrong.input(Some(&values), None).unwrap_err()).unwrap();
    assert_eq!(problems[0]["field"], "guests");
    assert!(problems[0]["text"].as_str().unwrap().starts_with("Line 2 (“Cleo”)"), "{problems}");
}
