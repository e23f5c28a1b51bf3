//! What guests do with a meeting: answer it, propose another time, forward it
//! (api/event-accept, api/event-decline, api/event-tentativelyaccept,
//! api/event-forward, concepts/outlook-calendar-meeting-proposals).
//!
//! DIFFERENCE: the documentation does not say what becomes of a declined
//! event. Outlook removes it, or keeps it as free time if the user wants so;
//! here a switch decides.
//!
//! DIFFERENCE: nor does it say what the answer to a series means to its
//! exceptions. Here it answers those that were answered like the series; an
//! occurrence that got another answer keeps it.

use chrono::NaiveDate;

use super::exception::{guests_on, opened, put};
use super::letter::{Letter, recipient, send};
use super::meeting::find;
use super::{copies, remove};
use crate::graph::model::{
    Address, Attendee, Change, Event, EventNo, MailKind, Mailbox, Response, ResponseStatus, Span,
};
use crate::graph::names::same_name;
use crate::graph::state::State;

/// An answer as a guest gives it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub response: Response,
    /// The times that the guest would rather have.
    pub proposed: Option<Span>,
    /// Whether the organiser is told.
    pub sends: bool,
    pub comment: Option<String>,
}

/// What an answer leaves in the entry of a guest.
#[derive(Clone, Debug)]
struct Entry {
    status: ResponseStatus,
    proposed: Option<Span>,
}

/// The name and address of a mailbox's owner.
fn owner(mailbox: &Mailbox) -> Address {
    Address { name: mailbox.display_name.clone(), address: mailbox.user_principal_name.clone() }
}

/// Takes a guest's answer to a whole event or to one occurrence.
pub(crate) fn respond(state: &mut State, number: EventNo, occurrence: Option<NaiveDate>, answer: &Answer) {
    let Some(copy) = state.events.get(&number).cloned() else {
        return;
    };
    let Some(mailbox) = state.mailboxes.get(&copy.mailbox).cloned() else {
        return;
    };
    let status = ResponseStatus { response: answer.response, time: Some(state.now) };
    let entry = Entry { status, proposed: answer.proposed.clone() };
    let leaves = answer.response == Response::Declined && !state.meta.behaviour.keep_declined;
    match occurrence {
        None if leaves => remove::bury(state, number),
        None => answer_whole(state, number, &mailbox, &entry),
        Some(date) if leaves => remove::strike_out(state, number, date),
        Some(date) => answer_occurrence(state, &copy, date, &mailbox, &entry),
    }
    if !answer.sends {
        return;
    }
    let about = copy.lone.as_ref().map(|lone| lone.date).or(occurrence);
    let from = owner(&mailbox);
    let letter = Letter {
        occurrence: about,
        answer: Some(answer),
        comment: answer.comment.as_deref(),
        ..Letter::to_organizer(MailKind::Response, &copy, &from)
    };
    send(state, &letter);
    if let Some(original) = original_of(state, &copy) {
        note_answer(state, original, about, &mailbox, &entry);
    }
}

/// How the time of an answered meeting is shown.
fn shown_as(response: Response) -> &'static str {
    match response {
        Response::Accepted | Response::Organizer => "busy",
        Response::TentativelyAccepted | Response::None | Response::NotResponded => "tentative",
        Response::Declined => "free",
    }
}

fn answer_whole(state: &mut State, number: EventNo, mailbox: &Mailbox, entry: &Entry) {
    let (change, now) = (state.next_change(), state.now);
    if let Some(event) = state.events.get_mut(&number) {
        event.change = change;
        event.modified = now;
        answer_exceptions(event, mailbox, entry.status);
        event.properties.insert("showAs".to_owned(), shown_as(entry.status.response).into());
        event.response = entry.status;
        enter(&mut event.attendees, mailbox, entry);
    }
}

/// Takes the answer to a series over into the exceptions that were answered
/// like the series, which still has its old answer. Those are the newest
/// changes together with their series. Times that are proposed for a series
/// are none for an exception.
fn answer_exceptions(event: &mut Event, mailbox: &Mailbox, status: ResponseStatus) {
    let (change, modified) = (event.change, event.modified);
    let known = event.attendees.iter().find(|guest| is_of(guest, mailbox)).map(|guest| guest.status.response);
    let known_own = event.response.response;
    let changed = event.exceptions.values_mut().filter_map(|change| match change {
        Change::Moved(changed) => Some(changed),
        Change::Cancelled => None,
    });
    for changed in changed {
        let mut is_answered = false;
        let guests = changed.attendees.iter_mut().flatten();
        for guest in guests.filter(|guest| is_of(guest, mailbox) && Some(guest.status.response) == known) {
            guest.status = status;
            guest.proposed = None;
            is_answered = true;
        }
        if changed.response.is_some_and(|own| own.response == known_own) {
            changed.response = Some(status);
            changed.properties.insert("showAs".to_owned(), shown_as(status.response).into());
            is_answered = true;
        }
        if is_answered {
            changed.change = change;
            changed.modified = modified;
        }
    }
}

fn answer_occurrence(state: &mut State, copy: &Event, date: NaiveDate, mailbox: &Mailbox, entry: &Entry) {
    let Some(mut changed) = opened(copy, date, state.now) else {
        return;
    };
    changed.properties.insert("showAs".to_owned(), shown_as(entry.status.response).into());
    changed.response = Some(entry.status);
    let mut guests = guests_on(copy, date).to_vec();
    enter(&mut guests, mailbox, entry);
    changed.attendees = Some(guests);
    put(state, copy.number, date, changed);
}

/// The organiser's event behind a guest's copy.
fn original_of(state: &State, copy: &Event) -> Option<EventNo> {
    let uid = copy.lone.as_ref().map_or(&copy.ical_uid, |lone| &lone.series_uid);
    let organizer = state.mailbox_named(&copy.organizer.address)?.number;
    state
        .events_of(organizer, None)
        .find(|event| event.ical_uid == *uid && event.is_organizer)
        .map(|event| event.number)
}

/// Writes an answer into the organiser's event. The answer to one occurrence
/// makes it an exception there.
fn note_answer(state: &mut State, number: EventNo, occurrence: Option<NaiveDate>, mailbox: &Mailbox, entry: &Entry) {
    let Some(original) = state.events.get(&number).cloned() else {
        return;
    };
    if let Some(date) = occurrence {
        if let Some(mut changed) = opened(&original, date, state.now) {
            let mut guests = guests_on(&original, date).to_vec();
            enter(&mut guests, mailbox, entry);
            changed.attendees = Some(guests);
            put(state, number, date, changed);
        }
        return;
    }
    let (change, now) = (state.next_change(), state.now);
    if let Some(event) = state.events.get_mut(&number) {
        event.change = change;
        event.modified = now;
        answer_exceptions(event, mailbox, entry.status);
        enter(&mut event.attendees, mailbox, entry);
    }
}

fn is_of(guest: &Attendee, mailbox: &Mailbox) -> bool {
    same_name(&guest.address.address, &mailbox.user_principal_name)
}

/// Writes an answer into the entry of a guest.
fn enter(attendees: &mut [Attendee], mailbox: &Mailbox, entry: &Entry) {
    for guest in attendees.iter_mut().filter(|guest| is_of(guest, mailbox)) {
        guest.status = entry.status;
        guest.proposed.clone_from(&entry.proposed);
    }
}

/// Forwards a meeting: the recipients become guests in the organiser's event
/// and are invited by who forwards; the organiser is told if that is a guest.
pub(crate) fn forward(
    state: &mut State,
    number: EventNo,
    occurrence: Option<NaiveDate>,
    recipients: &[Attendee],
    forwarder: &Mailbox,
    comment: Option<&str>,
) {
    let Some(event) = state.events.get(&number).cloned() else {
        return;
    };
    let about = event.lone.as_ref().map(|lone| lone.date).or(occurrence);
    let from = owner(forwarder);
    let invitation = Letter {
        occurrence: about,
        from: &from,
        recipients: recipients.iter().map(recipient).collect(),
        comment,
        ..Letter::to_guests(MailKind::Invitation, &event, &[])
    };
    send(state, &invitation);
    if !event.is_organizer {
        let notice = Letter::to_organizer(MailKind::ForwardNotice, &event, &from);
        send(state, &Letter { occurrence: about, ..notice });
    }
    let original = if event.is_organizer { Some(number) } else { original_of(state, &event) };
    if let Some(original) = original {
        admit(state, original, about, recipients);
    }
}

/// Adds guests to the organiser's event and fills their calendars.
fn admit(state: &mut State, number: EventNo, occurrence: Option<NaiveDate>, recipients: &[Attendee]) {
    let Some(original) = state.events.get(&number).cloned() else {
        return;
    };
    let known = occurrence.map_or(original.attendees.as_slice(), |date| guests_on(&original, date));
    let is_new = |guest: &&Attendee| {
        find(known, guest).is_none() && !same_name(&guest.address.address, &original.organizer.address)
    };
    let added: Vec<Attendee> = recipients.iter().filter(is_new).cloned().collect();
    if let Some(date) = occurrence {
        let Some(mut changed) = opened(&original, date, state.now) else {
            return;
        };
        changed.attendees = Some(known.iter().chain(&added).cloned().collect());
        put(state, number, date, changed);
    } else {
        let (change, now) = (state.next_change(), state.now);
        if let Some(event) = state.events.get_mut(&number) {
            event.attendees.extend(added.iter().cloned());
            event.change = change;
            event.modified = now;
        }
    }
    let Some(after) = state.events.get(&number).cloned() else {
        return;
    };
    for guest in &added {
        match occurrence {
            Some(date) => copies::deliver_occurrence(state, &after, guest, date, true),
            None => copies::deliver(state, &after, guest, true),
        }
    }
}
