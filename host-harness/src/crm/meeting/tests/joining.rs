//! One meeting that came from several mailboxes is found again.

use super::*;

/// What the organiser's and a guest's own synchronization bring, in this order.
fn brought(crm: &Crm, organizer_first: bool) -> (CalendarEvent, CalendarEvent) {
    let (alice, bob) = (person(crm, "alice"), person(crm, "bob"));
    let fields = json!({"organizerEmail": "Alice@example.org", "attendees": guests(&["bob"])});
    let mut events = Vec::new();
    let order = if organizer_first { [&alice, &bob] } else { [&bob, &alice] };
    for owner in order {
        let event = crm.create_event(owner.id, input(&fields)).unwrap();
        crm.note_meeting(owner.id, event.id, "040000008200E00074C5B7101A82E008", Some("alice@example.org")).unwrap();
        events.push(event);
    }
    let copy = events.swap_remove(usize::from(organizer_first));
    (events.swap_remove(0), copy)
}

#[test]
fn copies_are_joined_by_the_uid_of_the_meeting_whichever_came_first() {
    for organizer_first in [true, false] {
        let crm = crm();
        let (parent, copy) = brought(&crm, organizer_first);
        assert_ne!(parent.values.uid, copy.values.uid);
        let shown = crm.with_meeting(copy.clone()).unwrap();
        assert_eq!(shown.parent_event_id, Some(parent.id), "organizer first: {organizer_first}");
        assert_eq!(shown.meeting_uid.as_deref(), Some("040000008200E00074C5B7101A82E008"));
        let copies = crm.with_meeting(parent).unwrap().copies.unwrap();
        assert_eq!(copies, [CopyOf { user: "bob".into(), event_id: copy.id, status: Some(AttendeeStatus::None) }]);
        // Nothing about the event itself has changed.
        assert_eq!(crm.any_event(copy.id).unwrap(), copy);
    }
}

#[test]
fn copies_are_joined_by_uid_and_organizer() {
    for organizer_first in [true, false] {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let fields = json!({"uid": "same", "organizerEmail": "alice@example.org", "attendees": guests(&["bob"])});
        let order = if organizer_first { [&alice, &bob] } else { [&bob, &alice] };
        for owner in order {
            crm.create_event(owner.id, input(&fields)).unwrap();
        }
        let parent = only(&crm, alice.id);
        assert_eq!(crm.with_meeting(only(&crm, bob.id)).unwrap().parent_event_id, Some(parent.id));
    }
}

#[test]
fn another_organizer_is_another_meeting() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let ours = crm.create_event(alice.id, input(&json!({"uid": "same"}))).unwrap();
    let theirs =
        crm.create_event(bob.id, input(&json!({"uid": "same", "organizerEmail": "boss@example.org"}))).unwrap();
    for (owner, id) in [(&alice, ours.id), (&bob, theirs.id)] {
        let ties = crm.note_meeting(owner.id, id, "m", None).unwrap();
        assert_eq!(ties.parent, None);
    }
    assert!(crm.with_meeting(ours).unwrap().copies.unwrap().is_empty());
}

#[test]
fn a_joined_copy_takes_nothing_over_and_stays_when_its_parent_goes() {
    let crm = crm();
    let (parent, copy) = brought(&crm, true);
    let (alice, bob) = (parent.owner, copy.owner);
    crm.update_event_on(alice, parent.id, patch(json!({"title": "Renamed"})), Terms::SILENT).unwrap();
    assert_eq!(crm.event_of(bob, copy.id).unwrap(), copy);
    crm.delete_event_on(alice, parent.id, Terms::SILENT).unwrap();
    assert_eq!(crm.event_of(bob, copy.id).unwrap(), copy);
    assert_eq!(crm.with_meeting(copy).unwrap().parent_event_id, None);
}

#[test]
fn a_joined_copy_is_looked_after_once_that_is_the_crms_duty() {
    let crm = crm();
    let (parent, copy) = brought(&crm, false);
    let (alice, bob) = (parent.owner, copy.owner);
    crm.update_event_on(alice, parent.id, patch(json!({"title": "Renamed"})), BOTH).unwrap();
    let followed = only(&crm, bob);
    assert_eq!((followed.id, &*followed.values.title), (copy.id, "Renamed"));
    assert_eq!(followed.values.uid, copy.values.uid);
    crm.delete_event_on(alice, parent.id, BOTH).unwrap();
    assert!(crm.events_of(bob).unwrap().is_empty());
}

#[test]
fn who_is_not_among_the_guests_is_not_joined_until_they_are() {
    for organizer_first in [true, false] {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        // Bob is invited through a list.
        let fields = json!({"organizerEmail": "alice@example.org", "attendees": guests(&["everybody"])});
        let order = if organizer_first { [&alice, &bob] } else { [&bob, &alice] };
        for owner in order {
            let event = crm.create_event(owner.id, input(&fields)).unwrap();
            crm.note_meeting(owner.id, event.id, "m", Some("alice@example.org")).unwrap();
        }
        let (parent, copy) = (only(&crm, alice.id), only(&crm, bob.id));
        assert_eq!(crm.with_meeting(copy.clone()).unwrap().parent_event_id, None, "organizer first: {organizer_first}");
        crm.update_event_on(alice.id, parent.id, patch(json!({"title": "Renamed"})), BOTH).unwrap();
        assert_eq!(only(&crm, bob.id), copy);
        let invited = patch(json!({"attendees": guests(&["everybody", "bob"])}));
        crm.update_event_on(alice.id, parent.id, invited, BOTH).unwrap();
        let joined = only(&crm, bob.id);
        assert_eq!((joined.id, &*joined.values.title), (copy.id, "Renamed"));
        assert_eq!(crm.with_meeting(joined).unwrap().parent_event_id, Some(parent.id));
    }
}

#[test]
fn a_joined_copy_of_somebody_who_is_uninvited_is_let_go_and_stays() {
    let crm = crm();
    let (parent, copy) = brought(&crm, true);
    let (alice, bob) = (parent.owner, copy.owner);
    let uninvited = patch(json!({"title": "Renamed", "attendees": guests(&["cleo"])}));
    crm.update_event_on(alice, parent.id, uninvited, BOTH).unwrap();
    assert_eq!(only(&crm, bob), copy);
    assert_eq!(crm.with_meeting(copy).unwrap().parent_event_id, None);
}

#[test]
fn an_organizer_is_noted_once_and_a_new_uid_dissolves_the_old_ties() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let parent = crm.create_event(alice.id, input(&json!({"attendees": guests(&["bob"])}))).unwrap();
    let copy = crm.create_event(bob.id, input(&json!({}))).unwrap();
    crm.note_meeting(alice.id, parent.id, "first", Some(&alice.email)).unwrap();
    let ties = crm.note_meeting(bob.id, copy.id, "first", Some(&alice.email)).unwrap();
    assert_eq!(ties, Ties { meeting_uid: Some("first".into()), parent: Some(parent.id), is_guest_copy: false });
    let noted = crm.event_of(bob.id, copy.id).unwrap();
    assert_eq!((noted.is_organizer, noted.values.organizer_email.as_deref()), (false, Some("alice@example.org")));
    crm.note_meeting(bob.id, copy.id, "first", Some("boss@example.org")).unwrap();
    assert_eq!(crm.event_of(bob.id, copy.id).unwrap(), noted);
    assert_eq!(crm.note_meeting(bob.id, copy.id, "second", None).unwrap().parent, None);
    assert_eq!(crm.note_meeting(bob.id, copy.id, "", None).unwrap().meeting_uid.as_deref(), Some("second"));
    assert_eq!(crm.note_meeting(alice.id, parent.id, "second", None).unwrap().parent, None);
    assert_eq!(crm.with_meeting(noted).unwrap().parent_event_id, Some(parent.id));
}

#[test]
fn a_uid_of_any_length_is_kept_and_found_again() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let event = crm.create_event(alice.id, input(&json!({}))).unwrap();
    let note = |uid: String| crm.note_meeting(alice.id, event.id, &uid, None).unwrap().meeting_uid.unwrap();
    assert_eq!(note("ü".repeat(255)), "ü".repeat(255));
    let long = note("x".repeat(256));
    assert_eq!((long.len(), note("x".repeat(256))), (36, long));
}

#[test]
fn nobody_notes_anything_in_another_calendar() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let event = crm.create_event(alice.id, input(&json!({}))).unwrap();
    let refused = crm.note_meeting(bob.id, event.id, "m", None);
    assert!(matches!(refused, Err(CrmError::NotFound { .. })));
    assert_eq!(crm.with_meeting(event).unwrap().meeting_uid, None);
}

#[test]
fn a_copy_that_the_crm_has_made_gives_way_to_the_one_that_the_guests_mailbox_brings() {
    for organizer_first in [true, false] {
        let crm = crm();
        let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
        let parent = crm.create_event_on(alice.id, input(&json!({"attendees": guests(&["bob"])})), BOTH).unwrap();
        let made = only(&crm, bob.id);
        let brought = json!({"title": "Renamed", "organizerEmail": "alice@example.org", "attendees": guests(&["bob"])});
        let brought = crm.create_event(bob.id, input(&brought)).unwrap();
        let mut noted = [(alice.id, parent.id), (bob.id, brought.id)];
        if !organizer_first {
            noted.reverse();
        }
        for (owner, id) in noted {
            crm.note_meeting(owner, id, "m", Some("alice@example.org")).unwrap();
        }
        let left = only(&crm, bob.id);
        assert_eq!((left.id, left.id == made.id), (brought.id, false), "organizer first: {organizer_first}");
        assert_eq!(crm.with_meeting(left).unwrap().parent_event_id, Some(parent.id));
    }
}
