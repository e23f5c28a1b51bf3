#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::crm::event::all_day::{EventTime, Timed};
use crate::crm::event::input::EventInput;
use crate::crm::event::journal::{Cursor, EventChange};
use crate::crm::event::mutation::{Applied, EventMutation, MutationError};
use crate::crm::event::record::EventVersion;
use crate::crm::event::whole::WholeEvent;
use crate::crm::event::{DayOfWeek, Meeting, Pattern, Repeats, SeriesEnd, SeriesRule};
use crate::crm::fixtures::{crm, fresh_key, held, instant, person};

fn input(fields: &Value) -> EventInput {
    EventInput::from_json(fields.clone()).unwrap()
}

fn mondays() -> SeriesRule {
    SeriesRule { pattern: Pattern::Weekly(vec![DayOfWeek::Monday]), interval: 1, end: SeriesEnd::Never }
}

fn hour(owner: &User, start: &str) -> EventTime {
    let start = instant(start);
    EventTime::Timed(Timed { start, end: start + chrono::TimeDelta::hours(1), zone: owner.time_zone })
}

fn at(original: &str, state: OccurrenceState) -> OccurrenceException {
    OccurrenceException { original_start: OriginalStart::At(instant(original)), state }
}

fn titled(original: &str, title: &str) -> OccurrenceException {
    let fields = OccurrenceFields { title: Some(title.to_owned()), ..OccurrenceFields::default() };
    at(original, OccurrenceState::Changed(fields))
}

fn moved(owner: &User, original: &str, start: &str) -> OccurrenceException {
    let fields = OccurrenceFields { time: Some(hour(owner, start)), ..OccurrenceFields::default() };
    at(original, OccurrenceState::Changed(fields))
}

const FIRST: &str = "2026-03-02T09:00:00Z";
const SECOND: &str = "2026-03-09T09:00:00Z";
const THIRD: &str = "2026-03-16T09:00:00Z";

/// A series on Mondays at ten in Berlin.
fn series(crm: &Crm, owner: &User, exceptions: Vec<OccurrenceException>) -> WholeEvent {
    let fields = EventFields {
        title: Some("Stand-up".to_owned()),
        time: Some(hour(owner, FIRST)),
        recurrence: Some(Repeats::By(mondays())),
        exceptions: Some(exceptions),
        ..EventFields::default()
    };
    let key = "series".to_owned();
    stored(apply(crm, owner, EventMutation::Create { idempotency_key: key, meeting: None, fields }))
}

fn apply(crm: &Crm, owner: &User, mutation: EventMutation) -> Result<Applied, MutationError> {
    crm.apply_to_events(owner.id, held(crm, owner), vec![mutation]).unwrap().remove(0)
}

fn update(crm: &Crm, owner: &User, event: &CalendarEvent, fields: EventFields) -> Result<Applied, MutationError> {
    let expected = event.version.clone();
    apply(
        crm,
        owner,
        EventMutation::Update { id: event.id, idempotency_key: fresh_key(), expected, meeting: None, fields },
    )
}

#[track_caller]
fn stored(applied: Result<Applied, MutationError>) -> WholeEvent {
    match applied {
        Ok(Applied::Stored(event)) => *event,
        other => panic!("expected a stored event, but found {other:?}"),
    }
}

fn only(exceptions: Vec<OccurrenceException>) -> EventFields {
    EventFields { exceptions: Some(exceptions), ..EventFields::default() }
}

/// Title, start and whether it is cancelled, of each exception.
fn exceptions(event: &WholeEvent) -> Vec<(String, String, bool)> {
    let of = |event: &CalendarEvent| {
        let start = event.values.start.format("%m-%dT%H:%M").to_string();
        (event.values.title.clone(), start, event.values.cancelled)
    };
    event.exceptions.iter().map(of).collect()
}

fn said(title: &str, start: &str, cancelled: bool) -> (String, String, bool) {
    (title.to_owned(), start.to_owned(), cancelled)
}

/// Identifiers and versions of what a reader finds behind a cursor.
fn news(crm: &Crm, owner: &User, cursor: &mut Cursor) -> Vec<(EventId, Option<EventVersion>)> {
    let page = crm.event_changes(owner.id, Some(cursor), 100).unwrap();
    *cursor = page.next;
    let news = page.changes.into_iter().map(|change| match change {
        EventChange::Upserted(event) => (event.event.id, Some(event.event.version)),
        EventChange::Deleted { id, .. } => (id, None),
    });
    news.collect()
}

#[test]
fn a_series_is_written_with_its_exceptions_as_one() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let mut cursor = crm.event_changes(alice.id, None, 10).unwrap().next;
    let wanted = vec![
        at(FIRST, OccurrenceState::Cancelled),
        titled(SECOND, "Retro"),
        moved(&alice, THIRD, "2026-03-17T12:00:00Z"),
    ];
    let whole = series(&crm, &alice, wanted);
    let expected = [
        said("Stand-up", "03-02T09:00", true),
        said("Retro", "03-09T09:00", false),
        said("Stand-up", "03-17T12:00", false),
    ];
    assert_eq!(exceptions(&whole), expected);
    assert!(whole.exceptions.iter().all(|exception| exception.values.uid == whole.event.values.uid));
    assert_eq!(news(&crm, &alice, &mut cursor), [(whole.event.id, Some(whole.event.version.clone()))]);
    assert_eq!(crm.events_by_id(alice.id, &[whole.event.id]).unwrap(), vec![Some(whole)]);
}

#[test]
fn the_set_is_replaced_and_what_stays_keeps_its_identifier() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let before = series(&crm, &alice, vec![titled(FIRST, "One"), titled(SECOND, "Two")]);
    let wanted = vec![at(SECOND, OccurrenceState::Cancelled), titled(THIRD, "Three")];
    let after = stored(update(&crm, &alice, &before.event, only(wanted.clone())));
    assert_eq!(exceptions(&after), [said("Two", "03-09T09:00", true), said("Three", "03-16T09:00", false)]);
    assert_eq!(after.exceptions[0].id, before.exceptions[1].id);
    assert_ne!(after.event.version, before.event.version);
    // Said again, it is no change.
    let again = only(vec![at("2026-03-09T09:00:30Z", OccurrenceState::Cancelled), titled(THIRD, "Three")]);
    assert_eq!(stored(update(&crm, &alice, &after.event, again)), after);
    let none = stored(update(&crm, &alice, &after.event, only(Vec::new())));
    assert!(none.exceptions.is_empty());
    assert_ne!(none.event.version, after.event.version);
}

#[test]
fn groups_that_an_exception_does_not_name_are_the_series_again() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let before = series(&crm, &alice, vec![moved(&alice, SECOND, "2026-03-10T12:00:00Z")]);
    let after = stored(update(&crm, &alice, &before.event, only(vec![titled(SECOND, "Two")])));
    assert_eq!(exceptions(&after), [said("Two", "03-09T09:00", false)]);
}

#[test]
fn what_names_no_occurrence_is_refused_and_nothing_is_written() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let whole = series(&crm, &alice, vec![titled(SECOND, "Two")]);
    let long = "x".repeat(300);
    let cases = [
        vec![titled("2026-03-11T09:00:00Z", "Wednesday")],
        vec![titled(THIRD, "Three"), titled(THIRD, "Again")],
        vec![titled(THIRD, &long)],
    ];
    for wanted in cases {
        let refused = update(&crm, &alice, &whole.event, only(wanted));
        assert!(matches!(refused, Err(MutationError::Invalid { group: FieldGroup::Exceptions, .. })), "{refused:?}");
    }
    assert_eq!(crm.events_by_id(alice.id, &[whole.event.id]).unwrap(), vec![Some(whole)]);
}

#[test]
fn a_series_that_is_moved_loses_its_exceptions_but_for_those_that_come_along() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let before = series(&crm, &alice, vec![titled(SECOND, "Two"), titled(THIRD, "Three")]);
    let fields = EventFields {
        time: Some(hour(&alice, "2026-03-02T12:00:00Z")),
        recurrence: Some(Repeats::By(mondays())),
        exceptions: Some(vec![titled("2026-03-16T12:00:00Z", "Kept")]),
        ..EventFields::default()
    };
    let after = stored(update(&crm, &alice, &before.event, fields));
    assert_eq!(exceptions(&after), [said("Kept", "03-16T12:00", false)]);
    let retimed = EventFields { time: Some(hour(&alice, "2026-03-02T13:00:00Z")), ..EventFields::default() };
    assert!(stored(update(&crm, &alice, &after.event, retimed)).exceptions.is_empty());
}

#[test]
fn a_rule_that_means_the_same_is_no_change() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let rule = json!({"type": "weekly", "interval": 1, "dayOfWeek": ["monday"], "timeZone": "Europe/Berlin",
        "startTime": "2026-02-27T00:00:00Z", "endTime": "2026-05-04T12:34:56Z"});
    let by_hand = json!({"title": "T", "start": FIRST, "end": "2026-03-02T10:00:00Z", "recurrence": rule});
    let event = crm.create_event(alice.id, input(&by_hand)).unwrap();
    let until = SeriesEnd::Until("2026-05-04".parse().unwrap());
    let fields = EventFields {
        time: Some(hour(&alice, FIRST)),
        recurrence: Some(Repeats::By(SeriesRule { end: until, ..mondays() })),
        ..EventFields::default()
    };
    assert_eq!(stored(update(&crm, &alice, &event, fields)).event, event);
}

#[test]
fn a_single_event_becomes_a_series_and_back_by_either_hand() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let single = crm
        .create_event(alice.id, input(&json!({"title": "T", "start": FIRST, "end": "2026-03-02T10:00:00Z"})))
        .unwrap();
    let refused = update(&crm, &alice, &single, only(vec![titled(SECOND, "Two")]));
    assert!(matches!(refused, Err(MutationError::Invalid { group: FieldGroup::Exceptions, .. })));
    let fields = EventFields {
        time: Some(hour(&alice, FIRST)),
        recurrence: Some(Repeats::By(mondays())),
        exceptions: Some(vec![titled(SECOND, "Two")]),
        ..EventFields::default()
    };
    let whole = stored(update(&crm, &alice, &single, fields));
    assert_eq!((whole.event.id, whole.exceptions.len()), (single.id, 1));
    let once = EventFields {
        time: Some(hour(&alice, FIRST)),
        recurrence: Some(Repeats::Once),
        exceptions: Some(Vec::new()),
        ..EventFields::default()
    };
    let back = stored(update(&crm, &alice, &whole.event, once));
    assert_eq!((back.event.values, back.exceptions.len()), (single.values.clone(), 0));

    let mut cursor = crm.event_changes(alice.id, None, 10).unwrap().next;
    let recurrence = mondays().recurrence(&hour(&alice, FIRST));
    let patch = input(&json!({"recurrence": recurrence}));
    crm.update_event(alice.id, single.id, patch).unwrap();
    let exception = json!({"title": "Two", "recurringEventId": single.id, "originalStart": SECOND,
        "start": SECOND, "end": "2026-03-09T10:00:00Z"});
    crm.create_event(alice.id, input(&exception)).unwrap();
    crm.update_event(alice.id, single.id, input(&json!({"recurrence": null}))).unwrap();
    let found = crm.events_by_id(alice.id, &[single.id]).unwrap().remove(0).unwrap();
    assert_eq!((found.event.values, found.exceptions.len()), (single.values, 0));
    assert_eq!(news(&crm, &alice, &mut cursor), [(single.id, Some(found.event.version))]);
}

#[test]
fn a_series_changes_with_its_exceptions_and_an_exception_never_shows_up() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let whole = series(&crm, &alice, Vec::new());
    let mut cursor = crm.event_changes(alice.id, None, 10).unwrap().next;
    let exception = json!({"title": "Two", "recurringEventId": whole.event.id, "originalStart": SECOND,
        "start": SECOND, "end": "2026-03-09T10:00:00Z"});
    let exception = crm.create_event(alice.id, input(&exception)).unwrap();
    let mut versions = vec![whole.event.version.clone()];
    let mut expect_news = |crm: &Crm| {
        let found = news(crm, &alice, &mut cursor);
        let [(id, Some(version))] = found.as_slice() else { panic!("expected the series, but found {found:?}") };
        assert_eq!(*id, whole.event.id);
        assert!(!versions.contains(version));
        versions.push(version.clone());
    };
    expect_news(&crm);
    crm.update_event(alice.id, exception.id, input(&json!({"title": "Deux"}))).unwrap();
    expect_news(&crm);
    crm.delete_event(alice.id, exception.id).unwrap();
    expect_news(&crm);
    assert_eq!(crm.events_by_id(alice.id, &[exception.id]).unwrap(), vec![None]);
    let stored = crm.event_of(alice.id, exception.id).unwrap();
    let hidden = update(&crm, &alice, &stored, EventFields::default());
    assert_eq!(hidden, Err(MutationError::NotFound));
    let delete = EventMutation::Delete { id: stored.id, expected: stored.version };
    assert_eq!(apply(&crm, &alice, delete), Err(MutationError::NotFound));
    let listed = crm.event_changes(alice.id, None, 100).unwrap().changes;
    assert!(matches!(listed.as_slice(), [EventChange::Upserted(event)] if event.exceptions.len() == 1));
}

#[test]
fn a_deleted_series_is_one_tombstone() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let whole = series(&crm, &alice, vec![titled(SECOND, "Two"), at(THIRD, OccurrenceState::Cancelled)]);
    let mut cursor = crm.event_changes(alice.id, None, 10).unwrap().next;
    crm.delete_event(alice.id, whole.event.id).unwrap();
    assert_eq!(news(&crm, &alice, &mut cursor), [(whole.event.id, None)]);
}

#[test]
fn exceptions_follow_the_series_in_what_they_had_from_it() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let before = series(&crm, &alice, vec![titled(SECOND, "Two"), moved(&alice, THIRD, "2026-03-17T12:00:00Z")]);
    let patch = json!({"title": "Daily", "description": "d", "reminderMinutes": 5,
        "attendees": [{"email": "g@example.org"}]});
    crm.update_event(alice.id, before.event.id, input(&patch)).unwrap();
    let after = crm.events_by_id(alice.id, &[before.event.id]).unwrap().remove(0).unwrap();
    assert_eq!(exceptions(&after), [said("Two", "03-09T09:00", false), said("Daily", "03-17T12:00", false)]);
    for exception in &after.exceptions {
        let values = &exception.values;
        assert_eq!((values.description.as_deref(), values.reminder_minutes), (Some("d"), Some(5)));
        assert_eq!(values.attendees.len(), 1);
    }
    // The component's writes as well.
    let fields = EventFields { title: Some("Weekly".to_owned()), ..EventFields::default() };
    let last = stored(update(&crm, &alice, &after.event, fields));
    assert_eq!(exceptions(&last), [said("Two", "03-09T09:00", false), said("Weekly", "03-17T12:00", false)]);
}

#[test]
fn exceptions_of_whole_days_are_named_by_the_day() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let days = crate::crm::event::AllDay { start_on: day("2026-03-02"), end_before: day("2026-03-03") };
    let on = |date: &str| OccurrenceException {
        original_start: OriginalStart::On(day(date)),
        state: OccurrenceState::Cancelled,
    };
    let fields = EventFields {
        title: Some("Fair".to_owned()),
        time: Some(EventTime::AllDay(days)),
        recurrence: Some(Repeats::By(mondays())),
        exceptions: Some(vec![on("2026-03-09")]),
        ..EventFields::default()
    };
    let create = EventMutation::Create { idempotency_key: "k".to_owned(), meeting: None, fields };
    let whole = stored(apply(&crm, &alice, create));
    assert_eq!(whole.exceptions[0].values.original_start, Some(instant("2026-03-09T00:00:00Z")));
    let again = only(vec![on("2026-03-09")]);
    assert_eq!(stored(update(&crm, &alice, &whole.event, again)), whole);
    let refused = update(&crm, &alice, &whole.event, only(vec![on("2026-03-10")]));
    assert!(matches!(refused, Err(MutationError::Invalid { group: FieldGroup::Exceptions, .. })));
}

#[test]
fn an_organizer_who_is_found_out_later_organizes_the_exceptions_too() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let before = series(&crm, &alice, vec![titled(SECOND, "Two")]);
    assert!(before.event.is_organizer && before.exceptions[0].is_organizer);
    let mut cursor = crm.event_changes(alice.id, None, 10).unwrap().next;
    let found_out = |event: &CalendarEvent, organizer: &str, fields: EventFields| {
        let meeting = Some(Meeting { uid: "040000".into(), organizer: organizer.into() });
        let update = EventMutation::Update {
            id: event.id,
            expected: event.version.clone(),
            idempotency_key: fresh_key(),
            meeting,
            fields,
        };
        stored(apply(&crm, &alice, update))
    };
    let own = found_out(&before.event, "ALICE@example.org", EventFields::default());
    assert_eq!((&own.event, &own.exceptions), (&before.event, &before.exceptions));
    let noted = found_out(&before.event, "boss@example.org", EventFields::default());
    assert_ne!(noted.event.version, before.event.version);
    assert_eq!(news(&crm, &alice, &mut cursor), [(noted.event.id, Some(noted.event.version.clone()))]);
    let wanted = only(vec![titled(SECOND, "Two"), titled(THIRD, "Three")]);
    let after = found_out(&noted.event, "another@example.org", wanted);
    for event in [&noted.event, &noted.exceptions[0], &after.event, &after.exceptions[0], &after.exceptions[1]] {
        assert_eq!(event.values.organizer_email.as_deref(), Some("boss@example.org"), "the first one stays");
        assert!(!event.is_organizer);
    }
}

#[test]
fn exceptions_of_the_same_mutation_have_the_organizer_that_it_brings() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let before = series(&crm, &alice, vec![titled(SECOND, "Two")]);
    let meeting = Some(Meeting { uid: "040000".into(), organizer: "boss@example.org".into() });
    let fields = only(vec![titled(SECOND, "Deux"), titled(THIRD, "Three")]);
    let (id, expected) = (before.event.id, before.event.version);
    let after = stored(apply(
        &crm,
        &alice,
        EventMutation::Update { id, idempotency_key: fresh_key(), expected, meeting, fields },
    ));
    assert_eq!(after.exceptions.len(), 2);
    for event in after.exceptions.iter().chain([&after.event]) {
        assert_eq!((event.is_organizer, event.values.organizer_email.as_deref()), (false, Some("boss@example.org")));
    }
}
