#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::crm::event::input::EventInput;
use crate::crm::fixtures::{crm, instant, person};

fn add(crm: &Crm, owner: UserId, fields: &Value) -> CalendarEvent {
    let mut event = json!({"title": "T", "start": "2026-03-23T08:00:00Z", "end": "2026-03-23T09:00:00Z"});
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    crm.create_event(owner, EventInput::from_json(event).unwrap()).unwrap()
}

fn mondays() -> Value {
    json!({"recurrence": {"type": "weekly", "interval": 1, "dayOfWeek": ["monday"],
        "startTime": "2026-03-23T08:00:00Z", "timeZone": "Europe/Berlin"}})
}

/// Title and start of what is seen.
fn seen(crm: &Crm, owner: UserId, from: &str, until: &str) -> Vec<String> {
    let instances = crm.event_instances(owner, instant(from), instant(until)).unwrap();
    instances.iter().map(|instance| format!("{} {}", instance.title, instance.start.format("%m-%dT%H:%M"))).collect()
}

#[test]
fn occurrences_of_a_series_are_seen_and_the_series_is_not_an_entry() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let series = add(&crm, alice.id, &mondays());
    add(&crm, alice.id, &json!({"title": "Once", "start": "2026-03-31T08:00:00Z", "end": "2026-03-31T09:00:00Z"}));
    assert_eq!(
        seen(&crm, alice.id, "2026-03-24T00:00:00Z", "2026-04-07T00:00:00Z"),
        ["T 03-30T07:00", "Once 03-31T08:00", "T 04-06T07:00"]
    );
    let instances =
        crm.event_instances(alice.id, instant("2026-03-30T00:00:00Z"), instant("2026-03-31T00:00:00Z")).unwrap();
    let shown = serde_json::to_value(&instances).unwrap();
    assert_eq!((&shown[0]["eventId"], &shown[0]["seriesId"]), (&json!(series.id), &json!(series.id)));
    assert_eq!(shown[0]["originalStart"], json!("2026-03-30T07:00:00Z"));
    assert_eq!(shown[0]["timeZone"], json!("Europe/Berlin"));
    assert_eq!(shown[0]["cancelled"], json!(false));
    assert!(shown[0].get("startDate").is_none());
}

#[test]
fn exceptions_stand_at_their_own_time_and_cancelled_ones_nowhere() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let series = add(&crm, alice.id, &mondays());
    let exception = |original: &str, fields: &Value| {
        let mut all = json!({"recurringEventId": series.id, "originalStart": original});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        add(&crm, alice.id, &all)
    };
    exception(
        "2026-03-30T07:00:00Z",
        &json!({"title": "Moved", "start": "2026-05-01T10:00:00Z", "end": "2026-05-01T11:00:00Z"}),
    );
    exception("2026-04-06T07:00:00Z", &json!({"cancelled": true}));
    assert_eq!(
        seen(&crm, alice.id, "2026-03-20T00:00:00Z", "2026-04-14T00:00:00Z"),
        ["T 03-23T08:00", "T 04-13T07:00"]
    );
    let may = seen(&crm, alice.id, "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z");
    assert_eq!(may, ["Moved 05-01T10:00"]);
}

#[test]
fn what_touches_the_stretch_is_in_it() {
    let crm = crm();
    let alice = person(&crm, "alice");
    add(&crm, alice.id, &mondays());
    let times = |from: &str, until: &str| seen(&crm, alice.id, from, until).len();
    assert_eq!(times("2026-03-30T07:59:00Z", "2026-03-30T09:00:00Z"), 1);
    assert_eq!(times("2026-03-30T08:00:00Z", "2026-03-30T09:00:00Z"), 0);
    assert_eq!(times("2026-03-30T06:00:00Z", "2026-03-30T07:00:00Z"), 0);
    assert_eq!(times("2026-03-30T06:00:00Z", "2026-03-30T07:00:01Z"), 1);
}

#[test]
fn whole_days_are_named_with_the_last_one_counted_in() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let rule = json!({"type": "monthly", "interval": 1, "dayOfMonth": 31, "startTime": "2026-03-30T22:00:00Z",
        "timeZone": "Europe/Berlin"});
    let fields = json!({"allDay": true, "start": "2026-03-30T22:00:00Z", "end": "2026-04-01T21:59:00Z",
        "recurrence": rule});
    add(&crm, alice.id, &fields);
    let instances =
        crm.event_instances(alice.id, instant("2026-03-01T00:00:00Z"), instant("2026-05-01T00:00:00Z")).unwrap();
    let days: Vec<(String, String)> = instances
        .iter()
        .map(|instance| (instance.start_date.unwrap().to_string(), instance.end_date.unwrap().to_string()))
        .collect();
    let day = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    assert_eq!(days, [day("2026-03-31", "2026-04-01"), day("2026-04-30", "2026-05-01")]);
}

#[test]
fn an_occurrence_longer_than_the_stretch_is_in_it() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let rule = json!({"type": "monthly", "interval": 1, "dayOfMonth": 1, "startTime": "2026-01-01T08:00:00Z",
        "timeZone": "Europe/Berlin"});
    let fields = json!({"start": "2026-01-01T08:00:00Z", "end": "2026-01-21T08:00:00Z", "recurrence": rule});
    add(&crm, alice.id, &fields);
    assert_eq!(seen(&crm, alice.id, "2026-02-15T00:00:00Z", "2026-02-16T00:00:00Z"), ["T 02-01T08:00"]);
}

#[test]
fn a_stretch_has_a_longest_length_and_another_calendar_its_own_entries() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    add(&crm, alice.id, &mondays());
    let (from, until) = (instant("2026-01-01T00:00:00Z"), instant("2037-01-01T00:00:00Z"));
    assert!(matches!(crm.event_instances(alice.id, from, until), Err(CrmError::TooMany { .. })));
    assert!(crm.event_instances(bob.id, from, from + TimeDelta::days(365)).unwrap().is_empty());
    assert!(crm.event_instances(alice.id, until, from).unwrap().is_empty());
}
