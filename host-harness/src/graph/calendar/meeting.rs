//! Meetings: what reaches the guests.
//!
//! A guest with a mailbox in this tenant gets a copy with the same iCalendar
//! id; every guest gets the mails, which end in the outbox. Graph has no
//! silent update: each write of the organiser to something guests see is
//! mailed (api/event-update).

use chrono::NaiveDate;

use super::properties;
use crate::graph::model::{
    Address, Attendee, Change, Event, EventNo, MailKind, Mailbox, OutgoingMail, Response, ResponseStatus, Tombstone,
};
use crate::graph::state::State;

/// Sends a mail of its own accord, as Exchange does.
pub(crate) fn send(
    state: &mut State,
    event: &Event,
    kind: MailKind,
    from: &Address,
    to: &Address,
    occurrence: Option<NaiveDate>,
) {
    let subject = event.properties.get("subject").and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let mail = OutgoingMail {
        kind,
        from: from.address.clone(),
        to: to.address.clone(),
        subject,
        i_cal_u_id: event.ical_uid.clone(),
        occurrence,
        at: state.now,
    };
    let number = state.next_number();
    state.outbox.insert(number, mail);
}

/// Invites everybody to a new event.
pub(crate) fn invite_all(state: &mut State, number: EventNo) {
    let Some(event) = state.events.get(&number).cloned() else {
        return;
    };
    for guest in &event.attendees {
        invite(state, &event, guest);
    }
}

fn invite(state: &mut State, event: &Event, guest: &Attendee) {
    send(state, event, MailKind::Invitation, &event.organizer, &guest.address, None);
    deliver(state, event, guest, true);
}

/// Tells the guests what changed. `before` is the event as it was; with
/// `content` everybody is told, without only who came or went.
pub(crate) fn announce(state: &mut State, before: &Event, content: bool, occurrence: Option<NaiveDate>) {
    let Some(after) = state.events.get(&before.number).cloned() else {
        return;
    };
    let (old, new) = match occurrence {
        None => (before.attendees.clone(), after.attendees.clone()),
        Some(date) => (guests_on(before, date), guests_on(&after, date)),
    };
    for guest in &old {
        if !includes(&new, guest) {
            send(state, &after, MailKind::Cancellation, &after.organizer, &guest.address, occurrence);
            if occurrence.is_none() {
                cancel_copy(state, &after, guest);
            }
        }
    }
    for guest in &new {
        let is_known = includes(&old, guest);
        if !is_known {
            send(state, &after, MailKind::Invitation, &after.organizer, &guest.address, occurrence);
        } else if content {
            send(state, &after, MailKind::Update, &after.organizer, &guest.address, occurrence);
        }
        let moved = after.span != before.span || after.recurrence != before.recurrence;
        deliver(state, &after, guest, !is_known || moved);
    }
}

fn guests_on(event: &Event, date: NaiveDate) -> Vec<Attendee> {
    match event.exceptions.get(&date) {
        Some(Change::Moved(changed)) => changed.attendees.clone().unwrap_or_else(|| event.attendees.clone()),
        Some(Change::Cancelled) | None => event.attendees.clone(),
    }
}

fn includes(guests: &[Attendee], guest: &Attendee) -> bool {
    guests.iter().any(|other| other.address.address.eq_ignore_ascii_case(&guest.address.address))
}

/// Brings the guest's copy, if the guest has a mailbox here, to the
/// organiser's version. `asks` resets the answer.
fn deliver(state: &mut State, event: &Event, guest: &Attendee, asks: bool) {
    let Some(mailbox) = state.mailbox_named(&guest.address.address).cloned() else {
        return;
    };
    let copy = copy_of(state, event, &mailbox);
    let change = state.next_change();
    let mut copy = copy.unwrap_or_else(|| fresh_copy(state, event, &mailbox));
    for name in properties::shared_names() {
        match event.properties.get(name) {
            Some(value) => copy.properties.insert(name.to_owned(), value.clone()),
            None => copy.properties.remove(name),
        };
    }
    copy.span = event.span.clone();
    copy.recurrence.clone_from(&event.recurrence);
    copy.generation = event.generation;
    copy.exceptions.clone_from(&event.exceptions);
    copy.body = event.body.clone();
    copy.attendees.clone_from(&event.attendees);
    copy.is_cancelled = event.is_cancelled;
    copy.change = change;
    copy.modified = state.now;
    copy.bump_at = state.bump_at();
    if asks {
        copy.response = ResponseStatus { response: Response::NotResponded, time: None };
    }
    state.events.insert(copy.number, copy);
}

/// The guest's copy before anything is brought over.
fn fresh_copy(state: &mut State, event: &Event, mailbox: &Mailbox) -> Event {
    let mut copy = event.clone();
    copy.number = EventNo(state.next_item(mailbox.number));
    copy.mailbox = mailbox.number;
    copy.calendar = mailbox.default_calendar;
    copy.moves = 0;
    copy.is_organizer = false;
    copy.extended.clear();
    copy.transaction = None;
    copy.created = state.now;
    for personal in ["categories", "isReminderOn", "reminderMinutesBeforeStart"] {
        copy.properties.remove(personal);
    }
    // Until the guest answers, the time is held, not taken.
    copy.properties.insert("showAs".to_owned(), "tentative".into());
    copy
}

fn copy_of(state: &State, event: &Event, mailbox: &Mailbox) -> Option<Event> {
    state.events_of(mailbox.number, None).find(|other| other.ical_uid == event.ical_uid && !other.is_organizer).cloned()
}

/// Marks the guest's copy as cancelled; it stays until the guest removes it.
fn cancel_copy(state: &mut State, event: &Event, guest: &Attendee) {
    let Some(mailbox) = state.mailbox_named(&guest.address.address).cloned() else {
        return;
    };
    let Some(copy) = copy_of(state, event, &mailbox) else {
        return;
    };
    let (change, now) = (state.next_change(), state.now);
    if let Some(copy) = state.events.get_mut(&copy.number) {
        let subject = copy.properties.get("subject").and_then(|value| value.as_str()).unwrap_or_default();
        copy.properties.insert("subject".to_owned(), format!("Canceled: {subject}").into());
        copy.properties.insert("showAs".to_owned(), "free".into());
        copy.is_cancelled = true;
        copy.change = change;
        copy.modified = now;
    }
}

/// Tells all guests that the organiser called it off.
pub(crate) fn call_off(state: &mut State, event: &Event, occurrence: Option<NaiveDate>) {
    for guest in &event.attendees {
        send(state, event, MailKind::Cancellation, &event.organizer, &guest.address, occurrence);
        match occurrence {
            None => cancel_copy(state, event, guest),
            Some(_) => deliver(state, event, guest, false),
        }
    }
}

/// Takes a guest's answer (api/event-accept, -decline, -tentativelyaccept).
pub(crate) fn respond(state: &mut State, number: EventNo, response: Response, sends: bool) {
    let (change, now) = (state.next_change(), state.now);
    let Some(copy) = state.events.get(&number).cloned() else {
        return;
    };
    let Some(mailbox) = state.mailboxes.get(&copy.mailbox).cloned() else {
        return;
    };
    let status = ResponseStatus { response, time: Some(now) };
    if response == Response::Declined {
        bury(state, number);
    } else if let Some(event) = state.events.get_mut(&number) {
        let shown = if response == Response::Accepted { "busy" } else { "tentative" };
        event.properties.insert("showAs".to_owned(), shown.into());
        event.response = status;
        set_status(&mut event.attendees, &mailbox, status);
        event.change = change;
        event.modified = now;
    }
    if !sends {
        return;
    }
    let from = Address { name: mailbox.display_name.clone(), address: mailbox.user_principal_name.clone() };
    send(state, &copy, MailKind::Response, &from, &copy.organizer, None);
    let organizer = state.mailbox_named(&copy.organizer.address).map(|organizer| organizer.number);
    let Some(organizer) = organizer else { return };
    let original =
        state.events_of(organizer, None).find(|event| event.ical_uid == copy.ical_uid).map(|event| event.number);
    let change = state.next_change();
    if let Some(event) = original.and_then(|number| state.events.get_mut(&number)) {
        set_status(&mut event.attendees, &mailbox, status);
        event.change = change;
        event.modified = now;
    }
}

fn set_status(attendees: &mut [Attendee], mailbox: &Mailbox, status: ResponseStatus) {
    for guest in attendees {
        if guest.address.address.eq_ignore_ascii_case(&mailbox.user_principal_name) {
            guest.status = status;
        }
    }
}

/// Removes an event and leaves a tombstone for delta rounds.
pub(crate) fn bury(state: &mut State, number: EventNo) {
    let Some(event) = state.events.remove(&number) else {
        return;
    };
    let change = state.next_change();
    let tombstone = Tombstone {
        event: number,
        mailbox: event.mailbox,
        calendar: event.calendar,
        moves: event.moves,
        change,
        at: state.now,
    };
    state.tombstones.insert(change, tombstone);
}
