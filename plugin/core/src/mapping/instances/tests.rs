#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::mapping::read_event;
use crate::model::{EventTime, FieldValue, Zone};

fn at(text: &str) -> Instant {
    Instant::from(chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

fn date(text: &str) -> CivilDate {
    text.parse::<chrono::NaiveDate>().unwrap().into()
}

fn whole(id: &str, day: &str, kind: &str) -> Value {
    json!({
        "id": id, "type": kind, "iCalUId": "uid", "subject": "Standup", "isAllDay": false, "isOrganizer": true,
        "start": { "dateTime": format!("{day}T09:00:00"), "timeZone": "UTC" },
        "end": { "dateTime": format!("{day}T10:00:00"), "timeZone": "UTC" },
    })
}

/// Every day at nine in UTC, without an end.
fn master() -> MappedEvent {
    let mut event = whole("M", "2026-03-02", "seriesMaster");
    event["recurrence"] = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "noEnd", "startDate": "2026-03-02", "recurrenceTimeZone": "UTC" },
    });
    read_event(&serde_json::from_value(event).unwrap()).unwrap()
}

/// The occurrence of a day, as the rule has it.
fn plain(day: &str) -> Value {
    let mut event = whole(&format!("O{day}"), day, "occurrence");
    event["originalStart"] = json!(format!("{day}T09:00:00Z"));
    event
}

/// The occurrence of a day with another title.
fn renamed(day: &str) -> Value {
    let mut event = plain(day);
    event["type"] = json!("exception");
    event["subject"] = json!("Review");
    event
}

fn events(values: Vec<Value>) -> Vec<Event> {
    values.into_iter().map(|value| serde_json::from_value(value).unwrap()).collect()
}

fn review() -> Occurrence {
    Occurrence::Changed(vec![FieldValue::Title("Review".to_owned())].into())
}

fn found(instances: Vec<Value>, from: &str, to: &str) -> FoundInWindow {
    read_exceptions_from_instances(&master(), &events(instances), (at(from), at(to)))
}

/// The first week of June.
const JUNE: [&str; 2] = ["2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z"];

#[test]
fn a_day_of_the_rule_without_an_occurrence_was_called_off() {
    let instances = vec![
        plain("2026-06-01"),
        plain("2026-06-02"),
        renamed("2026-06-03"),
        plain("2026-06-05"),
        plain("2026-06-06"),
        plain("2026-06-07"),
    ];
    let found = found(instances, JUNE[0], JUNE[1]);
    assert_eq!(found.exceptions, [(date("2026-06-03"), review()), (date("2026-06-04"), Occurrence::Cancelled)].into());
    assert_eq!(found.told.len(), 7);
    assert_eq!(found.ids[&date("2026-06-02")], GraphId::new("O2026-06-02"));
    assert_eq!(found.stray, []);
}

#[test]
fn at_the_edge_of_the_window_an_occurrence_may_only_have_been_moved() {
    let found = found(Vec::new(), JUNE[0], JUNE[1]);
    let days: Vec<_> = found.exceptions.keys().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05", "2026-06-06"]);
}

#[test]
fn the_ends_of_a_series_have_to_lie_well_inside() {
    let first_days = |from: &str| {
        let found = found(Vec::new(), from, "2026-03-05T00:00:00Z");
        found.exceptions.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(first_days("2026-02-01T00:00:00Z").first().map(String::as_str), Some("2026-03-03"));
    assert_eq!(first_days("2026-01-01T00:00:00Z").first().map(String::as_str), Some("2026-03-02"));
}

#[test]
fn in_a_rare_series_what_lies_far_from_the_edge_was_called_off() {
    let mut event = whole("M", "2020-06-02", "seriesMaster");
    event["recurrence"] = json!({
        "pattern": { "type": "absoluteYearly", "interval": 3, "dayOfMonth": 2, "month": 6 },
        "range": { "type": "noEnd", "startDate": "2020-06-02", "recurrenceTimeZone": "UTC" },
    });
    let master = read_event(&serde_json::from_value(event).unwrap()).unwrap();
    let cancelled = |to: &str| {
        let window = (at("2025-06-01T00:00:00Z"), at(to));
        read_exceptions_from_instances(&master, &[], window).exceptions.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(cancelled("2026-07-04T00:00:00Z"), [date("2026-06-02")]);
    assert_eq!(cancelled("2026-07-01T00:00:00Z"), [], "it may have been moved out of the window");
}

#[test]
fn an_occurrence_that_was_moved_into_the_window_keeps_its_day() {
    let mut moved = renamed("2026-05-31");
    moved["start"]["dateTime"] = json!("2026-06-01T06:00:00");
    moved["end"]["dateTime"] = json!("2026-06-01T07:00:00");
    let found = found(vec![moved], JUNE[0], JUNE[1]);
    let Some(Occurrence::Changed(record)) = found.exceptions.get(&date("2026-05-31")) else { panic!("changed") };
    assert_eq!(record.time().unwrap().span().0, at("2026-06-01T06:00:00Z"));
}

#[test]
fn what_cannot_be_read_is_there_all_the_same() {
    let stub = json!({ "id": "S", "type": "exception", "originalStart": "2026-06-03T09:00:00Z" });
    let nameless = json!({ "id": "N", "type": "exception" });
    let found = found(vec![stub, nameless], JUNE[0], JUNE[1]);
    assert!(!found.told.contains(&date("2026-06-03")) && !found.exceptions.contains_key(&date("2026-06-03")));
    assert_eq!(found.stray, [GraphId::new("S"), GraphId::new("N")]);
}

#[test]
fn a_stub_is_where_the_rule_has_it() {
    let stub = json!({
        "id": "O", "type": "occurrence",
        "start": { "dateTime": "2026-06-03T09:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-06-03T10:00:00", "timeZone": "UTC" },
    });
    let found = found(vec![stub], JUNE[0], JUNE[1]);
    assert_eq!(found.ids[&date("2026-06-03")], GraphId::new("O"));
    assert!(found.told.contains(&date("2026-06-03")) && !found.exceptions.contains_key(&date("2026-06-03")));
}

#[test]
fn a_guests_copy_of_what_was_called_off_is_called_off() {
    let mut copy = plain("2026-06-03");
    copy["isCancelled"] = json!(true);
    let found = found(vec![copy], JUNE[0], JUNE[1]);
    assert_eq!(found.exceptions[&date("2026-06-03")], Occurrence::Cancelled);
    assert_eq!(found.ids[&date("2026-06-03")], GraphId::new("O2026-06-03"));
}

#[test]
fn what_is_known_of_other_days_stays() {
    let days = ["2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05", "2026-06-06"];
    let found = found(days.map(plain).into(), JUNE[0], JUNE[1]);
    let known: Exceptions = [
        (date("2026-05-01"), Occurrence::Cancelled),
        // Taken back since.
        (date("2026-06-03"), review()),
        // At the edge, where nothing is told.
        (date("2026-06-07"), review()),
        (date("2027-01-01"), review()),
    ]
    .into();
    let expected: Exceptions = known.clone().into_iter().filter(|(day, _)| *day != date("2026-06-03")).collect();
    // Before the series began: a day of an earlier rule.
    let known = known.into_iter().chain([(date("2026-03-01"), review())]).collect();
    assert_eq!(merge_outside_window(&master(), &known, found), expected);
}

/// Of a yearly series, the neighbours are far away: how far an occurrence is
/// moved, nothing bounds.
#[test]
fn an_occurrence_that_is_known_to_be_moved_out_of_the_window_was_not_called_off() {
    let moved = |start: &str, end: &str| {
        let time = EventTime::Timed { start_at: at(start), end_at: at(end), zone: Zone::UTC };
        Occurrence::Changed(vec![FieldValue::Time(time)].into())
    };
    let days = ["2026-06-01", "2026-06-02", "2026-06-04", "2026-06-05", "2026-06-06", "2026-06-07"];
    let look = || found(days.map(plain).into(), JUNE[0], JUNE[1]);
    let day = date("2026-06-03");
    let outside: Exceptions = [(day, moved("2026-09-15T09:00:00Z", "2026-09-15T10:00:00Z"))].into();
    assert_eq!(merge_outside_window(&master(), &outside, look()), outside);
    let over_the_edge: Exceptions = [(day, moved("2026-06-07T23:00:00Z", "2026-06-08T01:00:00Z"))].into();
    assert_eq!(merge_outside_window(&master(), &over_the_edge, look()), [(day, Occurrence::Cancelled)].into());
    let inside: Exceptions = [(day, moved("2026-06-03T15:00:00Z", "2026-06-03T16:00:00Z"))].into();
    assert_eq!(merge_outside_window(&master(), &inside, look()), [(day, Occurrence::Cancelled)].into());
}

#[test]
fn an_event_that_takes_place_once_has_no_exceptions() {
    let single = read_event(&serde_json::from_value(whole("1", "2026-06-03", "singleInstance")).unwrap()).unwrap();
    let found = read_exceptions_from_instances(&single, &events(vec![plain("2026-06-03")]), (at(JUNE[0]), at(JUNE[1])));
    assert_eq!((found.exceptions, found.told), Default::default());
}
