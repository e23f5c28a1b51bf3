//! Meetings as the organiser sees them: which mails a change causes.
//!
//! Every guest gets the mails, which end in the outbox, whether or not the
//! guest has a mailbox in this tenant; what arrives in a guest's calendar is
//! in `copies`, and what guests do is in `answer`.
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
use super::{copies, edit};
use crate::graph::model::{Address, Attendee, Change, Event, EventNo, MailKind, OutgoingMail, Response};
use crate::graph::state::State;

/// A mail to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    pub kind: MailKind,
    pub from: &'a Address,
    pub to: &'a Address,
    pub occurrence: Option<NaiveDate>,
    pub response: Option<Response>,
}

/// Sends a mail of its own accord, as Exchange does.
pub(crate) fn send(state: &mut State, event: &Event, draft: Draft<'_>) {
    let changed = draft.occurrence.and_then(|date| match event.exceptions.get(&date) {
        Some(Change::Moved(changed)) => changed.properties.get("subject"),
        Some(Change::Cancelled) | None => None,
    });
    let subject = changed.or_else(|| event.properties.get("subject"));
    let subject = subject.and_then(|value| value.as_str()).unwrap_or_default();
    let mail = OutgoingMail {
        kind: draft.kind,
        from: draft.from.address.clone(),
        to: draft.to.address.clone(),
        subject: prefixed(draft.kind, draft.response, subject),
        i_cal_u_id: event.lone.as_ref().map_or(&event.ical_uid, |lone| &lone.series_uid).clone(),
        occurrence: draft.occurrence,
        response: draft.response,
        at: state.now,
    };
    let number = state.next_number();
    state.outbox.insert(number, mail);
}

/// The subject as mails about meetings carry it.
fn prefixed(kind: MailKind, response: Option<Response>, subject: &str) -> String {
    match (kind, response) {
        (MailKind::Cancellation, _) => copies::cancelled_subject(subject),
        (MailKind::Response, Some(Response::Accepted)) => format!("Accepted: {subject}"),
        (MailKind::Response, Some(Response::TentativelyAccepted)) => format!("Tentative: {subject}"),
        (MailKind::Response, Some(Response::Declined)) => format!("Declined: {subject}"),
        (MailKind::ForwardNotice, _) => format!("Meeting Forward Notification: {subject}"),
        (MailKind::Invitation | MailKind::Update | MailKind::Response, _) => subject.to_owned(),
    }
}

/// A mail from the organiser to a guest.
fn tell(state: &mut State, event: &Event, kind: MailKind, guest: &Attendee, occurrence: Option<NaiveDate>) {
    let draft = Draft { kind, from: &event.organizer, to: &guest.address, occurrence, response: None };
    send(state, event, draft);
}

/// Invites everybody to a new event.
pub(crate) fn invite_all(state: &mut State, number: EventNo) {
    let Some(event) = state.events.get(&number).cloned() else {
        return;
    };
    for guest in &event.attendees {
        tell(state, &event, MailKind::Invitation, guest, None);
        copies::deliver(state, &event, guest, true);
    }
}

/// The entry of a guest in a list.
pub(crate) fn find<'a>(guests: &'a [Attendee], guest: &Attendee) -> Option<&'a Attendee> {
    guests.iter().find(|other| other.address.address.eq_ignore_ascii_case(&guest.address.address))
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

/// Tells the guests what changed in a single event or a whole series.
/// `before` is the event as it was. A series with exceptions is mailed once,
/// and once more for each of its exceptions (api/event-update).
pub(crate) fn announce(state: &mut State, before: &Event, content: bool) {
    let Some(after) = state.events.get(&before.number).cloned() else {
        return;
    };
    for guest in &before.attendees {
        if find(&after.attendees, guest).is_none() {
            tell(state, &after, MailKind::Cancellation, guest, None);
            copies::cancel(state, &after, guest);
        }
    }
    for (date, guest) in lone_guests(before) {
        if find(guests_on(&after, date), &guest).is_none() {
            tell(state, before, MailKind::Cancellation, &guest, Some(date));
            copies::cancel_occurrence(state, before, &guest, date);
        }
    }
    let moved = !same_times(&after.span, &before.span) || !edit::same_rule(&after, before);
    for guest in &after.attendees {
        let mail = mail_for(guest, &before.attendees, content);
        if let Some(kind) = mail {
            tell(state, &after, kind, guest, None);
            copies::deliver(state, &after, guest, moved || kind == MailKind::Invitation);
        }
    }
    if content {
        announce_exceptions(state, &after);
    }
}

fn announce_exceptions(state: &mut State, after: &Event) {
    for (date, change) in &after.exceptions {
        let Change::Moved(changed) = change else { continue };
        if !differs_for_guests(after, *date, changed) {
            continue;
        }
        for guest in guests_on(after, *date) {
            tell(state, after, MailKind::Update, guest, Some(*date));
            if find(&after.attendees, guest).is_none() {
                copies::deliver_occurrence(state, after, guest, *date, false);
            }
        }
    }
}

/// Guests who are invited to single occurrences only.
fn lone_guests(event: &Event) -> Vec<(NaiveDate, Attendee)> {
    let own = event.exceptions.keys().flat_map(|date| guests_on(event, *date).iter().map(|guest| (*date, guest)));
    own.filter(|(_, guest)| find(&event.attendees, guest).is_none())
        .map(|(date, guest)| (date, guest.clone()))
        .collect()
}

/// Tells the guests what changed in one occurrence.
pub(crate) fn announce_occurrence(state: &mut State, before: &Event, date: NaiveDate, content: bool) {
    let Some(after) = state.events.get(&before.number).cloned() else {
        return;
    };
    let (old, new) = (guests_on(before, date), guests_on(&after, date));
    for guest in old {
        if find(new, guest).is_none() {
            tell(state, &after, MailKind::Cancellation, guest, Some(date));
            copies::cancel_occurrence(state, &after, guest, date);
        }
    }
    let span = |event| occurrence(event, date).map(|instance| instance.span);
    let moved = match (span(before), span(&after)) {
        (Some(before), Some(after)) => !same_times(&before, &after),
        (_, _) => true,
    };
    for guest in new {
        if let Some(kind) = mail_for(guest, old, content) {
            tell(state, &after, kind, guest, Some(date));
            copies::deliver_occurrence(state, &after, guest, date, moved || kind == MailKind::Invitation);
        }
    }
}

/// Tells all guests that the organiser called it off.
pub(crate) fn call_off(state: &mut State, event: &Event) {
    for guest in &event.attendees {
        tell(state, event, MailKind::Cancellation, guest, None);
        copies::cancel(state, event, guest);
    }
    for (date, guest) in lone_guests(event) {
        tell(state, event, MailKind::Cancellation, &guest, Some(date));
        copies::cancel_occurrence(state, event, &guest, date);
    }
}

/// Tells the guests of one occurrence that it does not take place. `before`
/// is the series with the occurrence still in it.
pub(crate) fn call_off_occurrence(state: &mut State, before: &Event, date: NaiveDate) {
    for guest in guests_on(before, date) {
        tell(state, before, MailKind::Cancellation, guest, Some(date));
        copies::cancel_occurrence(state, before, guest, date);
    }
}
