//! A series is copied with its exceptions, and an occurrence can have guests of
//! its own.

use super::*;

fn weekly() -> Value {
    json!({"type": "weekly", "interval": 1, "dayOfWeek": ["monday"], "startTime": "2026-03-02T09:00:00Z",
           "timeZone": "Europe/Berlin"})
}

fn series(crm: &Crm, alice: &User, logins: &[&str]) -> CalendarEvent {
    let fields = json!({"recurrence": weekly(), "attendees": guests(logins)});
    crm.create_event_on(alice.id, input(&fields), BOTH).unwrap()
}

/// An occurrence an hour later.
fn exception(crm: &Crm, alice: &User, series: &CalendarEvent, fields: &Value) -> CalendarEvent {
    let mut later = json!({"recurringEventId": series.id, "originalStart": "2026-03-09T08:00:00Z", "title": "Later",
        "start": "2026-03-09T09:00:00Z", "end": "2026-03-09T10:00:00Z"});
    later.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    crm.create_event_on(alice.id, input(&later), BOTH).unwrap()
}

/// What is in a calendar: `title`, or `title*` of a series, or `title!` of an
/// occurrence that does not take place.
fn calendar(crm: &Crm, owner: &User) -> Vec<String> {
    let events = crm.events_of(owner.id).unwrap();
    let mark = |event: &CalendarEvent| match (event.values.recurrence.is_some(), event.values.cancelled) {
        (true, _) => "*",
        (false, true) => "!",
        (false, false) => "",
    };
    events.iter().map(|event| format!("{}{}", event.values.title, mark(event))).collect()
}

#[test]
fn a_series_is_copied_with_the_exceptions_before_and_after() {
    let crm = crm();
    let (alice, bob, cleo) = (person(&crm, "alice"), person(&crm, "bob"), person(&crm, "cleo"));
    let series = series(&crm, &alice, &["bob"]);
    mails(&crm);
    let later = exception(&crm, &alice, &series, &json!({}));
    assert_eq!(status_of(&later, "bob"), AttendeeStatus::None, "the guests are those of the series");
    assert_eq!(mails(&crm), ["update bob"]);
    assert_eq!(calendar(&crm, &bob), ["Review*", "Later"]);
    crm.update_event_on(alice.id, series.id, patch(json!({"attendees": guests(&["bob", "cleo"])})), BOTH).unwrap();
    assert_eq!(calendar(&crm, &cleo), ["Review*", "Later"], "the exception had the guests of the series");
    let copies = crm.with_meeting(crm.any_event(later.id).unwrap()).unwrap().copies.unwrap();
    assert_eq!(copies.len(), 2, "{copies:?}");

    crm.update_event_on(alice.id, later.id, patch(json!({"title": "Much later"})), BOTH).unwrap();
    crm.delete_event_on(alice.id, later.id, BOTH).unwrap();
    assert_eq!(calendar(&crm, &bob), ["Review*", "Much later!"]);
    crm.update_event_on(alice.id, series.id, patch(json!({"end": "2026-03-02T09:30:00Z"})), BOTH).unwrap();
    assert_eq!(calendar(&crm, &bob), ["Review*"], "another rule has no exceptions yet");
    crm.delete_event_on(alice.id, series.id, BOTH).unwrap();
    assert_eq!((calendar(&crm, &bob).len(), calendar(&crm, &cleo).len()), (0, 0));
}

#[test]
fn an_occurrence_that_a_guest_is_not_invited_to_does_not_take_place_for_them() {
    let crm = crm();
    let (alice, bob, cleo) = (person(&crm, "alice"), person(&crm, "bob"), person(&crm, "cleo"));
    let series = series(&crm, &alice, &["bob"]);
    mails(&crm);
    let later = exception(&crm, &alice, &series, &json!({"attendees": guests(&["cleo"])}));
    assert_eq!(calendar(&crm, &bob), ["Review*", "Later!"]);
    assert_eq!(calendar(&crm, &cleo), ["Later"], "invited to this one alone");
    assert_eq!(mails(&crm), ["invitation cleo", "cancellation bob"]);
    crm.update_event_on(alice.id, later.id, patch(json!({"attendees": guests(&["bob"])})), BOTH).unwrap();
    assert_eq!((calendar(&crm, &bob), calendar(&crm, &cleo)), (vec!["Review*".into(), "Later".into()], vec![]));
}

#[test]
fn a_guest_of_one_occurrence_can_become_one_of_the_series_and_back() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let series = series(&crm, &alice, &["x"]);
    exception(&crm, &alice, &series, &json!({"attendees": guests(&["x", "bob"])}));
    assert_eq!(calendar(&crm, &bob), ["Later"]);
    crm.update_event_on(alice.id, series.id, patch(json!({"attendees": guests(&["x", "bob"])})), BOTH).unwrap();
    assert_eq!(calendar(&crm, &bob), ["Review*", "Later"]);
    assert_eq!(crm.events_of(bob.id).unwrap()[1].values.recurring_event_id, Some(crm.events_of(bob.id).unwrap()[0].id));
    let own_list = patch(json!({"attendees": guests(&["y"])}));
    crm.update_event_on(alice.id, series.id, own_list, BOTH).unwrap();
    // The exception had the guests of the series by then, and shares the new ones.
    assert_eq!(calendar(&crm, &bob), Vec::<String>::new());
}

#[test]
fn an_answer_to_a_series_is_one_to_the_exceptions_that_had_the_same() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let series = series(&crm, &alice, &["bob"]);
    let later = exception(&crm, &alice, &series, &json!({}));
    let copy = crm.events_of(bob.id).unwrap().remove(0);
    mails(&crm);
    crm.reply_to_event(bob.id, copy.id, Reply::Accepted, BOTH).unwrap();
    for id in [series.id, later.id] {
        assert_eq!(status_of(&crm.event_of(alice.id, id).unwrap(), "bob"), AttendeeStatus::Accepted);
    }
    assert_eq!(mails(&crm), ["reply alice"]);
    let occurrence = crm.events_of(bob.id).unwrap().remove(1);
    crm.reply_to_event(bob.id, occurrence.id, Reply::Declined, BOTH).unwrap();
    crm.reply_to_event(bob.id, copy.id, Reply::Tentative, BOTH).unwrap();
    assert_eq!(status_of(&crm.event_of(alice.id, later.id).unwrap(), "bob"), AttendeeStatus::Declined);
}

#[test]
fn a_guest_who_deletes_an_occurrence_has_declined_it_alone() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let series = series(&crm, &alice, &["bob"]);
    let later = exception(&crm, &alice, &series, &json!({}));
    let occurrence = crm.events_of(bob.id).unwrap().remove(1);
    let deleted = crm.delete_event_on(bob.id, occurrence.id, BOTH).unwrap();
    assert!(matches!(deleted, Deletion::Cancelled(_)));
    assert_eq!(status_of(&crm.event_of(alice.id, later.id).unwrap(), "bob"), AttendeeStatus::Declined);
    assert_eq!(status_of(&crm.event_of(alice.id, series.id).unwrap(), "bob"), AttendeeStatus::None);
    crm.update_event_on(alice.id, later.id, patch(json!({"title": "Much later"})), BOTH).unwrap();
    assert_eq!(calendar(&crm, &bob), ["Review*", "Much later!"], "it stays away");
    let copy = crm.events_of(bob.id).unwrap().remove(0);
    let own = json!({"recurringEventId": copy.id, "originalStart": "2026-03-16T08:00:00Z"});
    assert_eq!(crm.create_event_on(bob.id, input(&own), BOTH).unwrap_err().code(), "copy-of-a-meeting");
    crm.delete_event_on(bob.id, copy.id, BOTH).unwrap();
    crm.update_event_on(alice.id, later.id, patch(json!({"title": "Latest"})), BOTH).unwrap();
    assert_eq!(calendar(&crm, &bob), Vec::<String>::new());
}

#[test]
fn an_occurrence_that_goes_takes_the_copies_for_that_day_alone_along() {
    let crm = crm();
    let (alice, bob, cleo) = (person(&crm, "alice"), person(&crm, "bob"), person(&crm, "cleo"));
    for terms in [BOTH, Terms::SILENT] {
        let series = series(&crm, &alice, &["bob"]);
        exception(&crm, &alice, &series, &json!({"attendees": guests(&["bob", "cleo"])}));
        assert_eq!(
            (calendar(&crm, &bob), calendar(&crm, &cleo)),
            (vec!["Review*".into(), "Later".into()], vec!["Later".to_owned()])
        );
        let retimed = patch(json!({"end": "2026-03-02T09:30:00Z"}));
        crm.update_event_on(alice.id, series.id, retimed, terms).unwrap();
        assert_eq!((calendar(&crm, &bob), calendar(&crm, &cleo)), (vec!["Review*".to_owned()], vec![]), "{terms:?}");
        let news = crm.event_changes(bob.id, None, 100).unwrap().changes;
        assert!(matches!(news.as_slice(), [EventChange::Upserted(event)] if event.exceptions.is_empty()), "{news:?}");
        crm.delete_event_on(alice.id, series.id, BOTH).unwrap();
    }
}

#[test]
fn joined_series_of_somebody_who_is_uninvited_are_let_go_with_their_exceptions() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let fields = json!({"recurrence": weekly(), "uid": "same", "organizerEmail": "alice@example.org",
        "attendees": guests(&["bob"])});
    for owner in [&alice, &bob] {
        let series = crm.create_event(owner.id, input(&fields)).unwrap();
        let fields = json!({"recurringEventId": series.id, "originalStart": "2026-03-09T09:00:00Z"});
        crm.create_event(owner.id, input(&fields)).unwrap();
    }
    let (parents, copies) = (crm.events_of(alice.id).unwrap(), crm.events_of(bob.id).unwrap());
    assert!(copies.iter().all(|copy| crm.with_meeting(copy.clone()).unwrap().parent_event_id.is_some()));
    let uninvited = patch(json!({"attendees": guests(&["x"])}));
    crm.update_event_on(alice.id, parents[0].id, uninvited, BOTH).unwrap();
    assert_eq!(crm.events_of(bob.id).unwrap(), copies);
    assert!(copies.into_iter().all(|copy| crm.with_meeting(copy).unwrap().parent_event_id.is_none()));
}

#[test]
fn a_new_guest_of_a_series_reaches_the_occurrences_that_somebody_has_answered() {
    for terms in [BOTH, Terms::SILENT] {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let series = series(&crm, &alice, &["bob"]);
        let later = exception(&crm, &alice, &series, &json!({}));
        let occurrence = crm.events_of(bob.id).unwrap().remove(1);
        crm.reply_to_event(bob.id, occurrence.id, Reply::Accepted, BOTH).unwrap();
        let more = patch(json!({"attendees": guests(&["bob", "x"])}));
        crm.update_event_on(alice.id, series.id, more, terms).unwrap();
        let later = crm.event_of(alice.id, later.id).unwrap();
        assert_eq!(status_of(&later, "bob"), AttendeeStatus::Accepted);
        assert_eq!(status_of(&later, "x"), AttendeeStatus::None);
    }
}

#[test]
fn joined_series_join_their_exceptions() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let fields = json!({"recurrence": weekly(), "uid": "same", "organizerEmail": "alice@example.org",
        "attendees": guests(&["bob"])});
    let occurrence = |owner: &User, series: &CalendarEvent| {
        let fields = json!({"recurringEventId": series.id, "originalStart": "2026-03-09T08:00:00Z"});
        crm.create_event(owner.id, input(&fields)).unwrap()
    };
    let copy = crm.create_event(bob.id, input(&fields)).unwrap();
    let before = occurrence(&bob, &copy);
    assert!(!before.is_organizer, "the organizer is that of the series");
    let parent = crm.create_event(alice.id, input(&fields)).unwrap();
    assert_eq!(crm.with_meeting(before.clone()).unwrap().parent_event_id, None);
    let after = occurrence(&alice, &parent);
    assert_eq!(crm.with_meeting(before).unwrap().parent_event_id, Some(after.id));
}
