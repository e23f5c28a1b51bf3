#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::crm::event::record::EventKind;
use crate::crm::fixtures::{crm, instant, new_user, person};
use crate::crm::users::NewUser;

/// An input from JSON: `fields` over a usual event.
fn input(fields: &Value) -> EventInput {
    let mut event = json!({"title": "Stand-up", "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T09:15:00Z"});
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    EventInput::from_json(event).unwrap()
}

fn patch(fields: Value) -> EventInput {
    EventInput::from_json(fields).unwrap()
}

fn weekly() -> Value {
    json!({"type": "weekly", "interval": 1, "dayOfWeek": ["monday"], "startTime": "2026-03-02T09:00:00Z",
           "timeZone": "Europe/Berlin"})
}

/// A series with one exception.
fn series(crm: &Crm, owner: UserId) -> (CalendarEvent, CalendarEvent) {
    let series = crm.create_event(owner, input(&json!({"recurrence": weekly()}))).unwrap();
    let fields = json!({"recurringEventId": series.id, "originalStart": "2026-03-09T09:00:00Z", "title": "Later",
                        "start": "2026-03-09T10:00:00Z", "end": "2026-03-09T10:15:00Z"});
    let exception = crm.create_event(owner, input(&fields)).unwrap();
    (series, exception)
}

#[test]
fn a_new_event_has_defaults_a_uid_and_a_version() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = crm.create_event(alice.id, input(&json!({}))).unwrap();
    assert_eq!(event.values.uid.len(), 36);
    assert_eq!(event.values.time_zone, alice.time_zone);
    assert!(event.is_organizer);
    assert_eq!(crm.event_of(alice.id, event.id).unwrap(), event);
    let other = crm.create_event(alice.id, input(&json!({}))).unwrap();
    assert_ne!((other.values.uid, other.version), (event.values.uid, event.version));
}

#[test]
fn the_json_has_the_fields_of_the_interface() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let fields = json!({"description": "<p>x</p>", "allDay": false, "reminderMinutes": 15, "recurrence": weekly(),
        "timeZone": "America/New_York", "uid": "abc",
        "attendees": [{"email": "g@example.org", "displayName": "G", "status": "accepted", "type": "optional"}]});
    let event = crm.create_event(alice.id, input(&fields)).unwrap();
    let shown = serde_json::to_value(&event).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        let value = if name == "recurrence" { shown[name].clone() } else { value.clone() };
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["recurrence"]["dayOfWeek"], json!(["monday"]));
    assert_eq!((&shown["start"], &shown["isOrganizer"]), (&json!("2026-03-02T09:00:00Z"), &json!(true)));
    for name in ["id", "version", "organizerEmail", "recurringEventId", "originalStart", "cancelled"] {
        assert!(shown.get(name).is_some(), "{name}");
    }
}

#[test]
fn a_patch_keeps_clears_and_sets() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = crm.create_event(alice.id, input(&json!({"description": "d", "reminderMinutes": 5}))).unwrap();
    let changed = crm.update_event(alice.id, event.id, patch(json!({"description": null, "title": "New"}))).unwrap();
    assert_eq!((changed.values.description, changed.values.reminder_minutes), (None, Some(5)));
    assert_eq!(changed.values.title, "New");
    assert_ne!(changed.version, event.version);
}

#[test]
fn a_patch_that_changes_nothing_is_no_change() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = crm.create_event(alice.id, input(&json!({}))).unwrap();
    let same = patch(json!({"title": "Stand-up", "start": "2026-03-02T10:00:00+01:00"}));
    assert_eq!(crm.update_event(alice.id, event.id, same).unwrap().version, event.version);
}

#[test]
fn a_named_version_is_checked() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = crm.create_event(alice.id, input(&json!({}))).unwrap();
    crm.update_event(alice.id, event.id, patch(json!({"title": "One", "version": event.version}))).unwrap();
    let late = crm.update_event(alice.id, event.id, patch(json!({"title": "Two", "version": event.version})));
    assert!(matches!(late, Err(CrmError::VersionMismatch)));
    assert_eq!(crm.event_of(alice.id, event.id).unwrap().values.title, "One");
}

#[test]
fn bad_values_are_named_and_change_nothing() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = crm.create_event(alice.id, input(&json!({"organizerEmail": "boss@example.org"}))).unwrap();
    let cases = [
        (json!({"title": " "}), "blank-title"),
        (json!({"title": null}), "missing-field"),
        (json!({"title": "x".repeat(256)}), "title-too-long"),
        (json!({"title": "a\nb"}), "title-not-one-line"),
        (json!({"description": "x".repeat(300_000)}), "description-too-large"),
        (json!({"start": "2026-03-02T10:00:00Z"}), "end-before-start"),
        (json!({"start": "yesterday"}), "invalid-instant"),
        (json!({"start": "0001-01-01T00:00:00Z"}), "year-out-of-range"),
        (json!({"end": null}), "missing-field"),
        (json!({"timeZone": "Nowhere/City"}), "unknown-time-zone"),
        (json!({"reminderMinutes": -1}), "invalid-reminder"),
        (json!({"reminderMinutes": 1_000_000}), "invalid-reminder"),
        (
            json!({"recurrence": {"type": "daily", "interval": 0, "startTime": "2026-03-02T09:00:00Z",
                               "timeZone": "UTC"}}),
            "invalid-recurrence",
        ),
        (json!({"cancelled": true}), "invalid-series"),
        (json!({"originalStart": "2026-03-02T09:00:00Z"}), "invalid-series"),
        (json!({"uid": "other"}), "unchangeable"),
        (json!({"organizerEmail": "new@example.org"}), "unchangeable"),
        (json!({"isOrganizer": true}), "organizer-contradiction"),
        (json!({"attendees": [{"email": "a@example.org"}]}), "attendees-of-another-organizer"),
    ];
    for (fields, code) in cases {
        let refused = crm.update_event(alice.id, event.id, patch(fields.clone())).unwrap_err();
        assert_eq!(refused.code(), code, "{fields}");
        assert!(refused.sentence().contains("; "), "{refused}");
    }
    assert_eq!(crm.events_of(alice.id).unwrap(), vec![event]);
}

#[test]
fn bad_guests_are_named_and_no_event_is_made() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let guest = |email: &str| json!({"email": email});
    let lists = [
        (json!([guest("nobody")]), "invalid-address"),
        (json!([{"status": "none"}]), "unnamed-attendee"),
        (json!([guest("a@example.org"), guest("A@example.org")]), "repeated-attendee"),
        (json!((0..501).map(|n| guest(&format!("g{n}@example.org"))).collect::<Vec<_>>()), "too-many-attendees"),
    ];
    for (attendees, code) in lists {
        let refused = crm.create_event(alice.id, input(&json!({"attendees": attendees}))).unwrap_err();
        assert_eq!(refused.code(), code);
    }
    assert_eq!(crm.events_of(alice.id).unwrap(), vec![]);
}

#[test]
fn a_title_of_255_characters_is_accepted_whatever_they_are() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.create_event(alice.id, input(&json!({"title": "ü".repeat(255)}))).unwrap();
}

#[test]
fn the_owner_organizes_what_names_nobody_or_them() {
    let crm = crm();
    let alice = person(&crm, "alice");
    for (address, organizes) in [(None, true), (Some("ALICE@example.org"), true), (Some("boss@example.org"), false)] {
        let event = crm.create_event(alice.id, input(&json!({"organizerEmail": address}))).unwrap();
        assert_eq!(event.is_organizer, organizes);
        assert_eq!(crm.event_of(alice.id, event.id).unwrap().is_organizer, organizes);
    }
}

#[test]
fn a_uid_is_unique_in_one_calendar() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    crm.create_event(alice.id, input(&json!({"uid": "same"}))).unwrap();
    crm.create_event(bob.id, input(&json!({"uid": "same"}))).unwrap();
    assert_eq!(crm.create_event(alice.id, input(&json!({"uid": "same"}))).unwrap_err().code(), "uid-taken");
    assert_eq!(crm.create_event(alice.id, input(&json!({"uid": "x".repeat(37)}))).unwrap_err().code(), "invalid-uid");
}

#[test]
fn an_exception_belongs_to_a_series_of_its_calendar() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let (series, exception) = series(&crm, alice.id);
    assert_eq!(exception.values.uid, series.values.uid);
    assert_eq!(exception.values.kind(), EventKind::Exception);
    let of = |id: EventId, start: &str| input(&json!({"recurringEventId": id, "originalStart": start}));
    let again = crm.create_event(alice.id, of(series.id, "2026-03-09T09:00:00Z")).unwrap_err();
    assert_eq!(again.code(), "exception-exists");
    let off_the_rule = crm.create_event(alice.id, of(series.id, "2026-03-11T09:00:00Z")).unwrap_err();
    assert_eq!(off_the_rule.code(), "unknown-occurrence");
    assert!(off_the_rule.sentence().contains("`originalStart` to be the start of an occurrence"), "{off_the_rule}");
    let of_exception = crm.create_event(alice.id, of(exception.id, "2026-03-16T09:00:00Z")).unwrap_err();
    assert_eq!(of_exception.code(), "unknown-series");
    let of_another = crm.create_event(bob.id, of(series.id, "2026-03-16T09:00:00Z")).unwrap_err();
    assert_eq!(of_another.code(), "unknown-series");
}

#[test]
fn a_deleted_exception_is_cancelled_and_a_deleted_series_takes_its_exceptions_along() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let (series, exception) = series(&crm, alice.id);
    let deleted = crm.delete_event(alice.id, exception.id).unwrap();
    assert!(matches!(deleted, Deletion::Cancelled(event) if event.values.cancelled));
    assert_eq!(crm.delete_event(alice.id, series.id).unwrap(), Deletion::Removed);
    assert!(crm.events_of(alice.id).unwrap().is_empty());
}

#[test]
fn a_changed_rule_drops_the_exceptions_and_another_field_does_not() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let (series, exception) = series(&crm, alice.id);
    crm.update_event(alice.id, series.id, patch(json!({"title": "Renamed"}))).unwrap();
    assert!(crm.event_of(alice.id, exception.id).is_ok());
    crm.update_event(alice.id, series.id, patch(json!({"end": "2026-03-02T09:30:00Z"}))).unwrap();
    assert!(matches!(crm.event_of(alice.id, exception.id), Err(CrmError::NotFound { .. })));
}

#[test]
fn nobody_reaches_another_calendar() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    let event = crm.create_event(alice.id, input(&json!({}))).unwrap();
    let missing = |result: Result<(), CrmError>| matches!(result, Err(CrmError::NotFound { .. }));
    assert!(missing(crm.event_of(olga.id, event.id).map(drop)));
    assert!(missing(crm.update_event(olga.id, event.id, patch(json!({"title": "x"}))).map(drop)));
    assert!(missing(crm.delete_event(olga.id, event.id).map(drop)));
    assert_eq!(crm.events_by_id(olga.id, &[event.id]).unwrap(), vec![None]);
    assert!(crm.events_of(olga.id).unwrap().is_empty());
    assert_eq!(crm.any_event(event.id).unwrap().owner, alice.id);
}

#[test]
fn a_period_shows_what_touches_it() {
    let crm = crm();
    let alice = person(&crm, "alice");
    crm.create_event(
        alice.id,
        input(&json!({"title": "later", "start": "2026-03-03T09:00:00Z",
                                            "end": "2026-03-03T10:00:00Z"})),
    )
    .unwrap();
    crm.create_event(alice.id, input(&json!({"title": "first"}))).unwrap();
    let titles = |from: &str, until: &str| -> Vec<String> {
        let events = crm.events_between(alice.id, instant(from), instant(until)).unwrap();
        events.into_iter().map(|event| event.values.title).collect()
    };
    assert_eq!(titles("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z"), ["first", "later"]);
    assert_eq!(titles("2026-03-02T09:05:00Z", "2026-03-03T09:00:00Z"), ["first"]);
}
