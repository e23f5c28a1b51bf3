#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::crm::fixtures::{crm, held, instant, person};
use crate::host::bindings::tandem::host::types::Date;
use crate::host::bindings::tandem::host::{calendar as wire, event, recurrence as rules};

fn nothing() -> wire::EventFields {
    wire::EventFields {
        title: None,
        body: None,
        time: None,
        recurrence: None,
        exceptions: None,
        attendees: None,
        reminder: None,
        location: None,
        categories: None,
        show_as: None,
        sensitivity: None,
        importance: None,
        response: None,
    }
}

fn unchanged() -> event::OccurrenceFields {
    event::OccurrenceFields {
        title: None,
        body: None,
        time: None,
        attendees: None,
        reminder: None,
        location: None,
        categories: None,
        show_as: None,
        sensitivity: None,
        importance: None,
        response: None,
    }
}

fn at(text: &str) -> i64 {
    instant(text).timestamp_millis()
}

fn timed(start: &str, end: &str) -> event::EventTime {
    let zone = "America/New_York".to_owned();
    event::EventTime::Timed(event::Timed { start_at: at(start), end_at: at(end), zone })
}

fn date(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

fn create(fields: wire::EventFields) -> wire::Mutation {
    let create = wire::CreateEvent { idempotency_key: "k".to_owned(), meeting: None, fields };
    wire::Mutation::Create(create)
}

fn fence_of(crm: &Crm, user: UserId) -> Fence {
    held(crm, &crm.user(user).unwrap())
}

fn write(crm: &Crm, user: UserId, mutation: wire::Mutation) -> wire::Event {
    match apply_all(crm, user, fence_of(crm, user), vec![mutation]).unwrap().remove(0) {
        Ok(wire::Applied::Stored(event)) => event,
        other => panic!("expected a stored event, but found {other:?}"),
    }
}

/// Writes a series, and expects it to be read as it was written.
fn comes_back(time: &event::EventTime, rule: rules::RecurrenceRule, exceptions: &[event::Exception]) {
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let fields = wire::EventFields {
        title: Some("T".to_owned()),
        time: Some(time.clone()),
        recurrence: Some(rules::Recurrence::Rule(rule)),
        exceptions: Some(exceptions.to_vec()),
        ..nothing()
    };
    let event = write(&crm, alice, create(fields));
    assert_eq!(event.fields.time.as_ref(), Some(time));
    assert_eq!(event.fields.recurrence, Some(rules::Recurrence::Rule(rule)));
    let found = event.fields.exceptions.clone().unwrap();
    let originals = |exceptions: &[event::Exception]| -> Vec<event::OriginalStart> {
        exceptions.iter().map(|exception| exception.original_start).collect()
    };
    assert_eq!(originals(&found), originals(exceptions));
    // Written back as it was read, it stays as it is.
    let update = wire::UpdateEvent {
        id: event.id.clone(),
        expected: event.version.clone(),
        idempotency_key: "again".to_owned(),
        meeting: None,
        fields: event.fields.clone(),
    };
    let again = write(&crm, alice, wire::Mutation::Update(update));
    assert_eq!((again.version, again.fields), (event.version, event.fields));
}

#[test]
fn a_series_with_exceptions_comes_back_as_it_was_written() {
    let days = rules::Weekdays::MONDAY | rules::Weekdays::THURSDAY;
    let weekly = rules::Weekly { days, week_start: rules::Weekday::Sunday };
    let rule = rules::RecurrenceRule {
        pattern: rules::RecurrencePattern::Weekly(weekly),
        interval: 2,
        end: rules::RecurrenceEnd::Until(date(2026, 6, 30)),
    };
    let moved = event::OccurrenceFields {
        title: Some("Moved".to_owned()),
        time: Some(timed("2026-03-06T15:00:00Z", "2026-03-06T16:00:00Z")),
        ..unchanged()
    };
    let exceptions = [
        event::Exception {
            original_start: event::OriginalStart::At(at("2026-03-05T14:00:00Z")),
            state: event::OccurrenceState::Changed(moved),
        },
        event::Exception {
            // The clocks have changed.
            original_start: event::OriginalStart::At(at("2026-03-16T13:00:00Z")),
            state: event::OccurrenceState::Cancelled,
        },
    ];
    comes_back(&timed("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z"), rule, &exceptions);
}

#[test]
fn a_series_of_whole_days_comes_back_as_it_was_written() {
    let time = event::EventTime::AllDay(event::AllDay { start_on: date(2026, 1, 31), end_before: date(2026, 2, 2) });
    let rule = rules::RecurrenceRule {
        pattern: rules::RecurrencePattern::Monthly(31),
        interval: 1,
        end: rules::RecurrenceEnd::Count(999),
    };
    let cancelled = event::Exception {
        original_start: event::OriginalStart::On(date(2026, 2, 28)),
        state: event::OccurrenceState::Cancelled,
    };
    comes_back(&time, rule, &[cancelled]);
}

#[test]
fn a_yearly_series_comes_back_up_to_the_limit() {
    let rule = |interval| rules::RecurrenceRule {
        pattern: rules::RecurrencePattern::Yearly(rules::DayOfYear { month: 3, day: 2 }),
        interval,
        end: rules::RecurrenceEnd::Never,
    };
    let time = timed("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z");
    let most = recurrence::limits().interval_max_yearly;
    comes_back(&time, rule(most), &[]);
    let crm = crm();
    let alice = person(&crm, "alice").id;
    let fields = wire::EventFields {
        title: Some("T".to_owned()),
        time: Some(time),
        recurrence: Some(rules::Recurrence::Rule(rule(most + 1))),
        ..nothing()
    };
    let refused = apply_all(&crm, alice, fence_of(&crm, alice), vec![create(fields)]).unwrap().remove(0);
    let Err(wire::MutationError::Invalid((group, _))) = refused else { panic!("found {refused:?}") };
    assert_eq!(group, wire::FieldGroups::RECURRENCE);
}
