//! Meetings as the organiser sees them: which mails a change causes.
//!
//! The mails are `letter`s; what arrives in a guest's calendar is in `copies`,
//! and what guests do is in `answer`.
//!
//! Graph has no silent update (api/event-update). Reminder, categories,
//! show-as, extended properties and extensions concern nobody else and are
//! not mailed.
//!
//! DIFFERENCE: whether a write of equal values is mailed is not documented.
//! Here it is, so that a client which writes what is there already is found
//! out.

use chrono::NaiveDate;

use super::exception::{differs_for_guests, guests_on, same_times};
use super::instance::occurrence;
use super::letter::{Letter, send};
use super::{copies, edit};
use crate::graph::model::{Attendee, Change, Event, EventNo, MailKind};
use crate::graph::names::same_name;
use crate::graph::state::State;

/// Invites everybody to a new event.
pub(crate) fn invite_all(state: &mut State, number: EventNo) {
    let Some(event) = state.events.get(&number).cloned() else {
        return;
    };
    let guests: Vec<&Attendee> = event.attendees.iter().collect();
    send(state, &Letter::to_guests(MailKind::Invitation, &event, &guests));
    for guest in guests {
        copies::deliver(state, &event, guest, true);
    }
}

/// The entry of a guest in a list.
pub(crate) fn find<'a>(guests: &'a [Attendee], guest: &Attendee) -> Option<&'a Attendee> {
    guests.iter().find(|other| same_name(&other.address.address, &guest.address.address))
}

/// Which mail a guest gets: with `content` everybody is told, without only
/// who came, or whose own entry changed.
fn mail_for(guest: &Attendee, old: &[Attendee], content: bool) -> Option<MailKind> {
    match find(old, guest) {
        None => Some(MailKind::Invitation),
        Some(known) if content || known.kind != guest.kind => Some(MailKind::Update),
        Some(_) => None,
    }
}

/// Which guests get a mail, and which.
fn due<'a>(guests: &'a [Attendee], old: &[Attendee], content: bool) -> Vec<(&'a Attendee, MailKind)> {
    guests.iter().filter_map(|guest| Some((guest, mail_for(guest, old, content)?))).collect()
}

/// Sends what is due after a change, updates first. `template` says what
/// changed.
fn tell(state: &mut State, template: &Letter<'_>, due: &[(&Attendee, MailKind)]) {
    for kind in [MailKind::Update, MailKind::Invitation] {
        let guests: Vec<&Attendee> = due.iter().filter(|(_, own)| *own == kind).map(|(guest, _)| *guest).collect();
        let recipients = Letter::to_guests(kind, template.event, &guests).recipients;
        send(state, &Letter { kind, recipients, ..template.clone() });
    }
}

/// Tells the guests what changed in a single event or a whole series.
/// `before` is the event as it was. A series with exceptions is mailed once,
/// and once more for each of its exceptions (api/event-update).
pub(crate) fn announce(state: &mut State, before: &Event, content: bool) {
    let Some(after) = state.events.get(&before.number).cloned() else {
        return;
    };
    let is_gone = |guest: &&Attendee| find(&after.attendees, guest).is_none();
    let gone: Vec<&Attendee> = before.attendees.iter().filter(is_gone).collect();
    send(state, &Letter::to_guests(MailKind::Cancellation, &after, &gone));
    for guest in gone {
        copies::cancel(state, &after, guest);
    }
    for (date, mut guests) in lone_guests(before) {
        guests.retain(|guest| find(guests_on(&after, date), guest).is_none());
        call_off_for(state, before, date, &guests, None);
    }
    let moved = !same_times(&after.span, &before.span) || !edit::same_rule(&after, before);
    let due = due(&after.attendees, &before.attendees, content);
    let template = Letter::to_guests(MailKind::Update, &after, &[]);
    tell(state, &Letter { before: Some(before), asks: moved, ..template }, &due);
    for (guest, kind) in due {
        copies::deliver(state, &after, guest, moved || kind == MailKind::Invitation);
    }
    if content {
        announce_exceptions(state, before, &after);
    }
}

fn announce_exceptions(state: &mut State, before: &Event, after: &Event) {
    for (date, change) in &after.exceptions {
        let Change::Moved(changed) = change else { continue };
        if !differs_for_guests(after, *date, changed) {
            continue;
        }
        let guests: Vec<&Attendee> = guests_on(after, *date).iter().collect();
        let letter = Letter::to_guests(MailKind::Update, after, &guests).about(*date);
        send(state, &Letter { before: Some(before), ..letter });
        for guest in guests {
            if find(&after.attendees, guest).is_none() {
                copies::deliver_occurrence(state, after, guest, *date, false);
            }
        }
    }
}

/// Guests who are invited to single occurrences only, by occurrence.
fn lone_guests(event: &Event) -> Vec<(NaiveDate, Vec<&Attendee>)> {
    let is_lone = |guest: &&Attendee| find(&event.attendees, guest).is_none();
    let dates = event.exceptions.keys();
    dates.map(|date| (*date, guests_on(event, *date).iter().filter(is_lone).collect())).collect()
}

/// Tells the guests what changed in one occurrence.
pub(crate) fn announce_occurrence(state: &mut State, before: &Event, date: NaiveDate, content: bool) {
    let Some(after) = state.events.get(&before.number).cloned() else {
        return;
    };
    let (old, new) = (guests_on(before, date), guests_on(&after, date));
    let gone: Vec<&Attendee> = old.iter().filter(|guest| find(new, guest).is_none()).collect();
    call_off_for(state, &after, date, &gone, None);
    let span = |event| occurrence(event, date).map(|instance| instance.span);
    let moved = match (span(before), span(&after)) {
        (Some(before), Some(after)) => !same_times(&before, &after),
        (_, _) => true,
    };
    let due = due(new, old, content);
    let template = Letter::to_guests(MailKind::Update, &after, &[]).about(date);
    tell(state, &Letter { before: Some(before), asks: moved, ..template }, &due);
    for (guest, kind) in due {
        copies::deliver_occurrence(state, &after, guest, date, moved || kind == MailKind::Invitation);
    }
}

/// Tells all guests that the organiser called it off, in words if there are
/// any.
pub(crate) fn call_off(state: &mut State, event: &Event, comment: Option<&str>) {
    let guests: Vec<&Attendee> = event.attendees.iter().collect();
    send(state, &Letter { comment, ..Letter::to_guests(MailKind::Cancellation, event, &guests) });
    for guest in guests {
        copies::cancel(state, event, guest);
    }
    for (date, guests) in lone_guests(event) {
        call_off_for(state, event, date, &guests, comment);
    }
}

/// Tells the guests of one occurrence that it does not take place. `before`
/// is the series with the occurrence still in it.
pub(crate) fn call_off_occurrence(state: &mut State, before: &Event, date: NaiveDate, comment: Option<&str>) {
    let guests: Vec<&Attendee> = guests_on(before, date).iter().collect();
    call_off_for(state, before, date, &guests, comment);
}

/// Tells some guests that one occurrence does not take place for them.
fn call_off_for(state: &mut State, event: &Event, date: NaiveDate, guests: &[&Attendee], comment: Option<&str>) {
    let letter = Letter::to_guests(MailKind::Cancellation, event, guests).about(date);
    send(state, &Letter { comment, ..letter });
    for guest in guests {
        copies::cancel_occurrence(state, event, guest, date);
    }
}
