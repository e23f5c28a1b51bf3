#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::*;
use crate::crm::event::{AttendeeStatus, CalendarEvent, Deletion, EventChange, EventInput};
use crate::crm::fixtures::{crm, new_user, person};
use crate::crm::ids::{EventId, UserId};
use crate::crm::users::{NewUser, User};
use crate::crm::{Crm, CrmError};

mod joining;

mod series;

/// Nobody syncs: everything is the CRM's duty.
const BOTH: Terms = Terms { duties: Duties::ALL, organizer_duties: Duties::ALL, notify: NotifyAttendees::All };

/// An input from JSON: `fields` over a usual event.
fn input(fields: &Value) -> EventInput {
    let mut event = json!({"title": "Review", "start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"});
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    EventInput::from_json(event).unwrap()
}

fn patch(fields: Value) -> EventInput {
    EventInput::from_json(fields).unwrap()
}

fn guests(logins: &[&str]) -> Value {
    logins.iter().map(|login| json!({"email": format!("{login}@example.org")})).collect()
}

/// A meeting of `alice` with these guests.
fn meeting(crm: &Crm, alice: &User, logins: &[&str]) -> CalendarEvent {
    crm.create_event_on(alice.id, input(&json!({"attendees": guests(logins)})), BOTH).unwrap()
}

fn only(crm: &Crm, owner: UserId) -> CalendarEvent {
    let events = crm.events_of(owner).unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    events[0].clone()
}

fn status_of(event: &CalendarEvent, login: &str) -> AttendeeStatus {
    let address = format!("{login}@example.org");
    event.values.attendees.iter().find(|guest| guest.email.as_ref() == Some(&address)).unwrap().status
}

/// The mails so far as `kind to`, which are forgotten then.
fn mails(crm: &Crm) -> Vec<String> {
    let mails = crm.outbox().unwrap();
    crm.empty_outbox().unwrap();
    mails.iter().map(|mail| format!("{} {}", mail.kind, mail.to.split('@').next().unwrap())).collect()
}

#[test]
fn guests_who_are_colleagues_get_a_copy_and_others_a_mail() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let parent = meeting(&crm, &alice, &["BOB", "stranger"]);
    let copy = only(&crm, bob.id);
    assert_eq!((&copy.values.uid, &copy.values.title), (&parent.values.uid, &parent.values.title));
    assert_eq!(copy.values.organizer_email.as_deref(), Some("alice@example.org"));
    assert!(!copy.is_organizer && parent.is_organizer);
    assert_eq!(own_status(&copy.values, &bob), Some(AttendeeStatus::None));
    let shown = crm.with_meeting(parent).unwrap();
    assert_eq!(
        shown.copies.unwrap()[0],
        CopyOf { user: "bob".into(), event_id: copy.id, status: Some(AttendeeStatus::None) }
    );
    assert_eq!(shown.guest_users, [GuestUser { email: bob.email, user: bob.login }]);
    assert_eq!(crm.with_meeting(copy).unwrap().parent_event_id, Some(shown.event.id));
    assert_eq!(mails(&crm), ["invitation BOB", "invitation stranger"]);
}

#[test]
fn another_organization_has_no_guests_here() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let olga = crm.create_user(&NewUser { organization: "Other".into(), ..new_user("olga") }).unwrap();
    let parent = meeting(&crm, &alice, &["olga"]);
    assert!(crm.events_of(olga.id).unwrap().is_empty());
    assert!(crm.with_meeting(parent).unwrap().guest_users.is_empty());
    // Neither are events of two organizations one meeting.
    let theirs = json!({"uid": "shared", "organizerEmail": "alice@example.org", "attendees": guests(&["olga"])});
    crm.create_event(alice.id, input(&json!({"uid": "shared"}))).unwrap();
    let event = crm.create_event(olga.id, input(&theirs)).unwrap();
    crm.note_meeting(olga.id, event.id, "m", None).unwrap();
    assert_eq!(crm.with_meeting(event).unwrap().parent_event_id, None);
}

#[test]
fn duties_that_somebody_else_has_are_left_to_them() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let terms = Terms { duties: Duties::NONE, ..BOTH };
    let event = crm.create_event_on(alice.id, input(&json!({"attendees": guests(&["bob"])})), terms).unwrap();
    crm.update_event_on(alice.id, event.id, patch(json!({"title": "Other"})), terms).unwrap();
    crm.delete_event_on(alice.id, event.id, terms).unwrap();
    assert!(crm.events_of(bob.id).unwrap().is_empty());
    assert!(mails(&crm).is_empty());
}

#[test]
fn a_copy_follows_its_parent_but_for_the_guests_reply_and_reminder() {
    let crm = crm();
    let (alice, bob, cleo) = (person(&crm, "alice"), person(&crm, "bob"), person(&crm, "cleo"));
    let parent = meeting(&crm, &alice, &["bob"]);
    let copy = only(&crm, bob.id);
    crm.update_event_on(bob.id, copy.id, patch(json!({"reminderMinutes": 5})), BOTH).unwrap();
    crm.reply_to_event(bob.id, copy.id, Reply::Tentative, BOTH).unwrap();
    mails(&crm);
    let change = json!({"title": "Moved", "start": "2026-03-03T09:00:00Z", "end": "2026-03-03T10:00:00Z",
        "reminderMinutes": 30, "attendees": guests(&["bob", "cleo"])});
    crm.update_event_on(alice.id, parent.id, patch(change), BOTH).unwrap();
    let copy = crm.event_of(bob.id, copy.id).unwrap();
    assert_eq!((&*copy.values.title, copy.values.reminder_minutes), ("Moved", Some(5)));
    assert_eq!(own_status(&copy.values, &bob), Some(AttendeeStatus::Tentative));
    assert_eq!(only(&crm, cleo.id).values.title, "Moved");
    assert_eq!(mails(&crm), ["update bob", "invitation cleo"]);
    crm.update_event_on(alice.id, parent.id, patch(json!({"reminderMinutes": null})), BOTH).unwrap();
    assert!(mails(&crm).is_empty(), "a reminder is nobody else's business");
    crm.update_event_on(alice.id, parent.id, patch(json!({"attendees": guests(&["cleo"])})), BOTH).unwrap();
    assert!(crm.events_of(bob.id).unwrap().is_empty());
    assert_eq!(mails(&crm), ["update cleo", "cancellation bob"]);
    crm.delete_event_on(alice.id, parent.id, BOTH).unwrap();
    assert!(crm.events_of(cleo.id).unwrap().is_empty());
    assert_eq!(mails(&crm), ["cancellation cleo"]);
}

#[test]
fn whom_the_crm_writes_to_is_the_persons_choice() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let notified = |notify: NotifyAttendees, expected: [&[&str]; 3]| {
        let terms = Terms { notify, ..BOTH };
        let new = input(&json!({"attendees": guests(&["x", "y"])}));
        let event = crm.create_event_on(alice.id, new, terms).unwrap();
        assert_eq!(mails(&crm), expected[0], "{notify} at the beginning");
        let change = patch(json!({"title": "Other", "attendees": guests(&["y", "z"])}));
        crm.update_event_on(alice.id, event.id, change, terms).unwrap();
        assert_eq!(mails(&crm), expected[1], "{notify} after a change");
        crm.delete_event_on(alice.id, event.id, terms).unwrap();
        assert_eq!(mails(&crm), expected[2], "{notify} at the end");
    };
    let (begin, end): (&[&str], &[&str]) = (&["invitation x", "invitation y"], &["cancellation y", "cancellation z"]);
    notified(NotifyAttendees::All, [begin, &["update y", "invitation z", "cancellation x"], end]);
    notified(NotifyAttendees::AddedOrDeleted, [begin, &["invitation z", "cancellation x"], end]);
    notified(NotifyAttendees::None, [&[], &[], &[]]);
}

#[test]
fn a_reply_reaches_the_organizers_event_and_the_other_copies() {
    let crm = crm();
    let (alice, bob, cleo) = (person(&crm, "alice"), person(&crm, "bob"), person(&crm, "cleo"));
    let parent = meeting(&crm, &alice, &["bob", "cleo"]);
    mails(&crm);
    let copy = only(&crm, bob.id);
    let answered = crm.reply_to_event(bob.id, copy.id, Reply::Accepted, BOTH).unwrap();
    assert_eq!(own_status(&answered.values, &bob), Some(AttendeeStatus::Accepted));
    assert_ne!(answered.version, copy.version);
    for event in [crm.event_of(alice.id, parent.id).unwrap(), only(&crm, cleo.id)] {
        assert_eq!(status_of(&event, "bob"), AttendeeStatus::Accepted);
        assert_eq!(status_of(&event, "cleo"), AttendeeStatus::None);
    }
    assert_eq!(mails(&crm), ["reply alice"]);
    // Where the organiser's calendar is kept by somebody else, so is the answer.
    let terms = Terms { organizer_duties: Duties::NONE, ..BOTH };
    crm.reply_to_event(bob.id, copy.id, Reply::Declined, terms).unwrap();
    assert_eq!(status_of(&crm.event_of(alice.id, parent.id).unwrap(), "bob"), AttendeeStatus::Accepted);
}

#[test]
fn only_a_guest_can_answer_and_only_what_takes_place() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let parent = meeting(&crm, &alice, &["bob"]);
    let listless = crm.create_event(bob.id, input(&json!({"organizerEmail": "boss@example.org"}))).unwrap();
    let cases = [(alice.id, parent.id, "reply-of-organizer"), (bob.id, listless.id, "reply-of-stranger")];
    for (owner, id, code) in cases {
        let refused = crm.reply_to_event(owner, id, Reply::Accepted, BOTH).unwrap_err();
        assert_eq!(refused.code(), code);
        assert!(refused.sentence().starts_with("expected `status` to be "), "{refused}");
    }
    let foreign = crm.reply_to_event(alice.id, listless.id, Reply::Accepted, BOTH);
    assert!(matches!(foreign, Err(CrmError::NotFound { .. })));
}

#[test]
fn an_answer_changes_the_own_row_alone() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    meeting(&crm, &alice, &["bob", "x"]);
    let values = only(&crm, bob.id).values;
    let answered = with_own_status(values.clone(), &bob, AttendeeStatus::Declined);
    assert_eq!(own_status(&answered, &bob), Some(AttendeeStatus::Declined));
    assert_eq!(with_own_status(answered, &bob, AttendeeStatus::None), values);
    let organized = only(&crm, alice.id).values;
    assert_eq!(own_status(&organized, &alice), None);
    assert_eq!(with_own_status(organized.clone(), &alice, AttendeeStatus::Accepted), organized);
}

#[test]
fn a_guest_who_deletes_the_copy_has_declined_and_gets_no_other_one() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let parent = meeting(&crm, &alice, &["bob"]);
    mails(&crm);
    let deletion = crm.delete_event_on(bob.id, only(&crm, bob.id).id, BOTH).unwrap();
    assert_eq!(deletion, Deletion::Removed);
    assert_eq!(status_of(&crm.event_of(alice.id, parent.id).unwrap(), "bob"), AttendeeStatus::Declined);
    assert_eq!(mails(&crm), ["reply alice"]);
    crm.update_event_on(alice.id, parent.id, patch(json!({"title": "Other"})), BOTH).unwrap();
    assert!(crm.events_of(bob.id).unwrap().is_empty());
    let again = patch(json!({"attendees": guests(&["bob"])}));
    crm.update_event_on(alice.id, parent.id, again, BOTH).unwrap();
    assert_eq!(only(&crm, bob.id).values.title, "Other", "invited anew");
}

#[test]
fn a_copy_is_changed_in_its_parent() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let parent = meeting(&crm, &alice, &["bob"]);
    let copy = only(&crm, bob.id);
    for (fields, code) in [
        (json!({"title": "Mine"}), "copy-of-a-meeting"),
        (json!({"end": "2026-03-02T11:00:00Z"}), "copy-of-a-meeting"),
        (json!({"attendees": []}), "attendees-of-another-organizer"),
        (json!({"organizerEmail": "bob@example.org"}), "unchangeable"),
        (json!({"uid": "mine"}), "unchangeable"),
    ] {
        let refused = crm.update_event_on(bob.id, copy.id, patch(fields.clone()), BOTH).unwrap_err();
        assert_eq!(refused.code(), code, "{fields}");
    }
    let moved = crm.update_event_on(alice.id, parent.id, patch(json!({"organizerEmail": "bob@example.org"})), BOTH);
    assert_eq!(moved.unwrap_err().code(), "unchangeable");
    assert_eq!(only(&crm, bob.id), copy);
}

#[test]
fn the_crms_own_copies_go_with_the_parent_whoever_deletes_it() {
    let crm = crm();
    let (alice, bob) = (person(&crm, "alice"), person(&crm, "bob"));
    let parent = meeting(&crm, &alice, &["bob"]);
    crm.delete_event_on(alice.id, parent.id, Terms::SILENT).unwrap();
    assert!(crm.events_of(bob.id).unwrap().is_empty());
}

#[test]
fn the_outbox_forgets_the_oldest_mails() {
    let crm = crm();
    let alice = person(&crm, "alice");
    let many: Vec<String> = (0..500).map(|number| format!("g{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for _ in 0..21 {
        meeting(&crm, &alice, &many);
    }
    let kept = crm.outbox().unwrap();
    assert_eq!(kept.len(), usize::try_from(outbox::MAILS_MAX).unwrap());
    assert!(kept.iter().all(|mail| mail.event_id > EventId::from_number(1)), "the first meeting's are gone");
}
