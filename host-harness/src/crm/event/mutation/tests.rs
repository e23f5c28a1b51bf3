#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;
use crate::clock::HarnessClock;
use crate::crm::event::all_day::{AllDay, EventTime, Timed};
use crate::crm::event::fields::{Guest, Reminder};
use crate::crm::event::input::EventInput;
use crate::crm::event::journal::{EventChange, IDEMPOTENCY_AGE_MAX};
use crate::crm::event::record::{AttendeeStatus, AttendeeType};
use crate::crm::fixtures::{crm, crm_with_clock, fresh_key, held, instant, noon, person};
use crate::crm::mutation::MUTATIONS_MAX;

fn timed(user: &User) -> EventTime {
    EventTime::Timed(Timed {
        start: instant("2026-03-02T09:00:00Z"),
        end: instant("2026-03-02T10:00:00Z"),
        zone: user.time_zone,
    })
}

fn create(key: &str, title: &str, time: EventTime) -> EventMutation {
    let fields = EventFields { title: Some(title.to_owned()), time: Some(time), ..EventFields::default() };
    EventMutation::Create { idempotency_key: key.to_owned(), meeting: None, fields }
}

fn update(event: &CalendarEvent, fields: EventFields) -> EventMutation {
    EventMutation::Update {
        id: event.id,
        expected: event.version.clone(),
        idempotency_key: fresh_key(),
        meeting: None,
        fields,
    }
}

fn delete(event: &CalendarEvent) -> EventMutation {
    EventMutation::Delete { id: event.id, expected: event.version.clone() }
}

fn titled(title: &str) -> EventFields {
    EventFields { title: Some(title.to_owned()), ..EventFields::default() }
}

/// Applies one mutation.
fn apply(crm: &Crm, owner: &User, mutation: EventMutation) -> Result<Applied, MutationError> {
    crm.apply_to_events(owner.id, held(crm, owner), vec![mutation]).unwrap().remove(0)
}

#[track_caller]
fn stored(applied: Result<Applied, MutationError>) -> CalendarEvent {
    match applied {
        Ok(Applied::Stored(event)) => event.event,
        other => panic!("expected a stored event, but found {other:?}"),
    }
}

/// An event that a person has made.
fn by_hand(crm: &Crm, owner: &User, fields: &Value) -> CalendarEvent {
    let mut event = json!({"title": "T", "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"});
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    crm.create_event(owner.id, EventInput::from_json(event).unwrap()).unwrap()
}

#[test]
fn a_repeated_create_answers_with_the_first_ones_event() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let first = stored(apply(&crm, &alice, create("k", "T", timed(&alice))));
    let renamed = stored(apply(&crm, &alice, update(&first, titled("New"))));
    assert_eq!(stored(apply(&crm, &alice, create("k", "T", timed(&alice)))), renamed);
    assert_eq!(crm.events_of(alice.id).unwrap().len(), 1);
    assert_eq!(apply(&crm, &alice, delete(&renamed)), Ok(Applied::Removed));
    assert_eq!(apply(&crm, &alice, create("k", "T", timed(&alice))), Ok(Applied::Removed));
    let bob = person(&crm, "bob");
    assert_eq!(stored(apply(&crm, &bob, create("k", "Of Bob", timed(&bob)))).values.title, "Of Bob");
}

#[test]
fn keys_are_kept_for_30_days() {
    let clock = HarnessClock::fixed(noon());
    let crm = crm_with_clock(&clock);
    let alice = person(&crm, "alice");
    let first = stored(apply(&crm, &alice, create("k", "T", timed(&alice))));
    clock.advance(IDEMPOTENCY_AGE_MAX);
    crm.purge_event_history().unwrap();
    assert_eq!(stored(apply(&crm, &alice, create("k", "T", timed(&alice)))), first);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(crm.purge_event_history().unwrap().idempotency_keys, 1);
    assert_ne!(stored(apply(&crm, &alice, create("k", "T", timed(&alice)))).id, first.id);
}

#[test]
fn a_refused_create_does_not_use_up_its_key() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let refused = apply(&crm, &alice, create("k", " ", timed(&alice)));
    assert!(matches!(refused, Err(MutationError::Invalid { group: FieldGroup::Title, .. })));
    stored(apply(&crm, &alice, create("k", "T", timed(&alice))));
    let timeless = EventMutation::Create { idempotency_key: "l".into(), meeting: None, fields: titled("T") };
    assert!(matches!(apply(&crm, &alice, timeless), Err(MutationError::Invalid { group: FieldGroup::Time, .. })));
}

#[test]
fn an_old_version_is_refused() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let old = by_hand(&crm, &alice, &json!({}));
    let new = stored(apply(&crm, &alice, update(&old, titled("New"))));
    assert_eq!(apply(&crm, &alice, update(&old, titled("Late"))), Err(MutationError::VersionMismatch));
    assert_eq!(apply(&crm, &alice, delete(&old)), Err(MutationError::VersionMismatch));
    assert_eq!(crm.event_of(alice.id, new.id).unwrap(), new);
}

#[test]
fn deleting_what_is_gone_succeeds_and_changing_it_does_not() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = by_hand(&crm, &alice, &json!({}));
    crm.delete_event(alice.id, event.id).unwrap();
    assert_eq!(apply(&crm, &alice, delete(&event)), Ok(Applied::Removed));
    assert_eq!(apply(&crm, &alice, update(&event, titled("x"))), Err(MutationError::NotFound));
}

#[test]
fn an_event_of_somebody_else_is_not_found() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let event = by_hand(&crm, &alice, &json!({}));
    assert_eq!(apply(&crm, &bob, update(&event, titled("x"))), Err(MutationError::NotFound));
    assert_eq!(apply(&crm, &bob, delete(&event)), Err(MutationError::NotFound));
    assert_eq!(crm.event_of(alice.id, event.id).unwrap(), event);
}

#[test]
fn a_refused_mutation_does_not_touch_the_others() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = by_hand(&crm, &alice, &json!({}));
    let answers = crm
        .apply_to_events(
            alice.id,
            held(&crm, &alice),
            vec![
                create("a", "A", timed(&alice)),
                update(&event, titled(&"x".repeat(300))),
                create("b", "B", timed(&alice)),
            ],
        )
        .unwrap();
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let mut titles: Vec<String> =
        crm.events_of(alice.id).unwrap().into_iter().map(|event| event.values.title).collect();
    titles.sort();
    assert_eq!(titles, ["A", "B", "T"]);
    let many = vec![delete(&event); MUTATIONS_MAX + 1];
    assert!(matches!(
        crm.apply_to_events(alice.id, held(&crm, &alice), many),
        Err(ApplyError::Crm(CrmError::TooMany { .. }))
    ));
}

#[test]
fn invalid_values_name_their_group() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = by_hand(&crm, &alice, &json!({}));
    let backwards = EventTime::Timed(Timed {
        start: instant("2026-03-02T10:00:00Z"),
        end: instant("2026-03-02T09:00:00Z"),
        zone: alice.time_zone,
    });
    let guest = Guest {
        address: "nobody".into(),
        display_name: String::new(),
        status: AttendeeStatus::None,
        kind: AttendeeType::Required,
    };
    let nothing = EventFields::default;
    let cases = [
        (titled(" "), FieldGroup::Title),
        (EventFields { description: Some("x".repeat(300_000)), ..nothing() }, FieldGroup::Body),
        (EventFields { time: Some(backwards), ..nothing() }, FieldGroup::Time),
        (EventFields { guests: Some(vec![guest]), ..nothing() }, FieldGroup::Attendees),
        (EventFields { reminder: Some(Reminder::MinutesBefore(u32::MAX)), ..nothing() }, FieldGroup::Reminder),
    ];
    for (fields, group) in cases {
        match apply(&crm, &alice, update(&event, fields)) {
            Err(MutationError::Invalid { group: named, .. }) => assert_eq!(named, group),
            other => panic!("expected {group:?} to be refused, but found {other:?}"),
        }
    }
}

#[test]
fn groups_that_are_none_stay() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = by_hand(&crm, &alice, &json!({"description": "d", "reminderMinutes": 5}));
    let same = stored(apply(&crm, &alice, update(&event, EventFields::default())));
    assert_eq!(same, event);
    let fields =
        EventFields { description: Some(String::new()), reminder: Some(Reminder::None), ..EventFields::default() };
    let cleared = stored(apply(&crm, &alice, update(&event, fields)));
    assert_eq!((cleared.values.description, cleared.values.reminder_minutes), (None, None));
    assert_eq!(cleared.values.title, "T");
}

#[test]
fn days_are_written_as_midnights_of_utc_and_equal_days_stay_as_they_stand() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let days = AllDay { start_on: "2026-03-02".parse().unwrap(), end_before: "2026-03-04".parse().unwrap() };
    let written = stored(apply(&crm, &alice, create("k", "T", EventTime::AllDay(days))));
    assert_eq!(
        (written.values.start, written.values.end),
        (instant("2026-03-02T00:00:00Z"), instant("2026-03-03T23:59:00Z"))
    );
    assert_eq!(written.values.time(), EventTime::AllDay(days));
    let fields = json!({"allDay": true, "start": "2026-03-01T23:00:00Z", "end": "2026-03-03T22:59:00Z"});
    let local = by_hand(&crm, &alice, &fields);
    let time = EventFields { time: Some(EventTime::AllDay(days)), ..EventFields::default() };
    assert_eq!(stored(apply(&crm, &alice, update(&local, time))), local);
}

#[test]
fn guests_without_address_and_the_mark_of_the_organizer_survive() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = by_hand(
        &crm,
        &alice,
        &json!({"attendees": [{"displayName": "By name"}, {"email": "boss@example.org", "type": "organizer"}]}),
    );
    let guest = |address: &str| Guest {
        address: address.to_owned(),
        display_name: String::new(),
        status: AttendeeStatus::Accepted,
        kind: AttendeeType::Required,
    };
    let guests = Some(vec![guest("Boss@example.org"), guest("new@example.org")]);
    let written = stored(apply(&crm, &alice, update(&event, EventFields { guests, ..EventFields::default() })));
    let seen: Vec<(Option<&str>, AttendeeType)> =
        written.values.attendees.iter().map(|guest| (guest.email.as_deref(), guest.kind)).collect();
    let expected = [
        (Some("Boss@example.org"), AttendeeType::Organizer),
        (Some("new@example.org"), AttendeeType::Required),
        (None, AttendeeType::Required),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_component_may_bring_the_guests_of_another_organizers_meeting() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = by_hand(&crm, &alice, &json!({"organizerEmail": "boss@example.org"}));
    let guest = Guest {
        address: "new@example.org".into(),
        display_name: "New".into(),
        status: AttendeeStatus::None,
        kind: AttendeeType::Optional,
    };
    let fields = EventFields { guests: Some(vec![guest]), ..EventFields::default() };
    assert_eq!(stored(apply(&crm, &alice, update(&event, fields))).values.attendees.len(), 1);
}

#[test]
fn writes_of_the_component_are_journalled_like_those_of_people() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let start = crm.event_changes(alice.id, None, 10).unwrap().next;
    let event = stored(apply(&crm, &alice, create("k", "T", timed(&alice))));
    let page = crm.event_changes(alice.id, Some(&start), 10).unwrap();
    assert!(matches!(page.changes.as_slice(), [EventChange::Upserted(whole)] if whole.event == event));
    apply(&crm, &alice, delete(&event)).unwrap();
    let page = crm.event_changes(alice.id, Some(&page.next), 10).unwrap();
    let announcement = crate::crm::event::Announcement::Settled;
    assert_eq!(page.changes, vec![EventChange::Deleted { id: event.id, announcement }]);
}

#[test]
fn a_meeting_of_somebody_else_is_organized_by_them_and_answered_by_the_owner() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let guest = |address: &str, status| Guest {
        address: address.into(),
        display_name: String::new(),
        status,
        kind: AttendeeType::Required,
    };
    let make = |key: &str, organizer: &str| {
        let guests =
            vec![guest("Alice@example.org", AttendeeStatus::None), guest("bob@example.org", AttendeeStatus::Declined)];
        let fields = EventFields {
            title: Some("T".into()),
            time: Some(timed(&alice)),
            guests: Some(guests),
            response: Some(AttendeeStatus::Tentative),
            ..EventFields::default()
        };
        let meeting = Some(Meeting { uid: "040000".into(), organizer: organizer.into() });
        match apply(&crm, &alice, EventMutation::Create { idempotency_key: key.into(), meeting, fields }) {
            Ok(Applied::Stored(whole)) => *whole,
            other => panic!("expected a stored event, but found {other:?}"),
        }
    };
    let theirs = make("k", "boss@example.org");
    assert!(!theirs.event.is_organizer);
    assert_eq!(theirs.event.values.organizer_email.as_deref(), Some("boss@example.org"));
    assert_eq!(theirs.own_status(&theirs.event.values), AttendeeStatus::Tentative);
    let statuses: Vec<AttendeeStatus> = theirs.event.values.attendees.iter().map(|guest| guest.status).collect();
    assert_eq!(statuses, [AttendeeStatus::Tentative, AttendeeStatus::Declined]);
    let own = make("l", "ALICE@example.org");
    assert!(own.event.is_organizer && own.event.values.organizer_email.is_none());
    assert_eq!(own.own_status(&own.event.values), AttendeeStatus::None);
}

#[test]
fn what_a_key_has_written_can_be_asked_for() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let made = stored(apply(&crm, &alice, create("k", "T", timed(&alice))));
    let change = |key: &str, title: &str| EventMutation::Update {
        id: made.id,
        expected: made.version.clone(),
        idempotency_key: key.to_owned(),
        meeting: None,
        fields: titled(title),
    };
    assert!(apply(&crm, &alice, change("refused", &"x".repeat(300))).is_err());
    let changed = stored(apply(&crm, &alice, change("u", "New")));
    // Repeated, it makes nothing, although the version has moved on.
    assert_eq!(stored(apply(&crm, &alice, change("u", "Newer"))), changed);
    let keys = ["k", "refused", "u"].map(str::to_owned);
    let write = |event: &CalendarEvent| Some(Keyed { item: made.id, version: event.version.as_str().to_owned() });
    assert_eq!(crm.applied_to_events(alice.id, &keys).unwrap(), [write(&made), None, write(&changed)]);
    assert_eq!(crm.applied_to_events(bob.id, &keys).unwrap(), [None, None, None]);
}

#[test]
fn nothing_is_written_for_a_holder_that_was_replaced() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let old = held(&crm, &alice);
    let new = held(&crm, &alice);
    let write = |fence| crm.apply_to_events(alice.id, fence, vec![create("k", "T", timed(&alice))]);
    assert!(matches!(write(old), Err(ApplyError::StaleFence)));
    assert!(crm.events_of(alice.id).unwrap().is_empty());
    assert_eq!(write(new).unwrap().len(), 1);
}
