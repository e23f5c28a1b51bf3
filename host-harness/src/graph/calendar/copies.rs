//! The copies of meetings in the calendars of guests.
//!
//! A guest with a mailbox in this tenant has an event of the guest's own with
//! the iCalendar id of the organiser's. An update brings what is shared to
//! the organiser's version and leaves alone what is the guest's: the answer,
//! reminder, categories, show-as, extended properties, extensions, files of
//! single occurrences, and which occurrences the guest removed.
//!
//! DIFFERENCE: what a guest of one occurrence alone gets is not documented.
//! Here it is a single event with the iCalendar id of that occurrence.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::exception::{differs_for_guests, guests_on, opened, put, unchanged};
use super::{meeting, properties, remove};
use crate::graph::ids;
use crate::graph::model::{
    Attendee, Change, ChangedOccurrence, Event, EventNo, LoneOccurrence, Mailbox, Response, ResponseStatus,
};
use crate::graph::names::same_name;
use crate::graph::state::State;

/// What Exchange puts before the subject of something called off.
const CANCELLED_PREFIX: &str = "Canceled: ";

/// The answer of somebody who has not answered.
const UNANSWERED: ResponseStatus = ResponseStatus { response: Response::NotResponded, time: None };

/// The subject of something called off.
pub(crate) fn cancelled_subject(subject: &str) -> String {
    if subject.starts_with(CANCELLED_PREFIX) { subject.to_owned() } else { format!("{CANCELLED_PREFIX}{subject}") }
}

fn mailbox_of(state: &State, guest: &Attendee) -> Option<Mailbox> {
    state.mailbox_named(&guest.address.address).cloned()
}

/// The guest's copy of the whole event.
fn copy_of(state: &State, event: &Event, mailbox: &Mailbox) -> Option<Event> {
    state.events_of(mailbox.number, None).find(|other| other.ical_uid == event.ical_uid && !other.is_organizer).cloned()
}

/// The guest's copy of one occurrence alone.
fn lone_copy_of(state: &State, event: &Event, mailbox: &Mailbox, date: NaiveDate) -> Option<Event> {
    let wanted = LoneOccurrence { series_uid: event.ical_uid.clone(), date };
    state.events_of(mailbox.number, None).find(|other| other.lone.as_ref() == Some(&wanted)).cloned()
}

/// Stores a copy as the newest change of its mailbox.
fn keep(state: &mut State, mut copy: Event) {
    copy.change = state.next_change();
    copy.modified = state.now;
    copy.bump_at = state.bump_at();
    if copy.properties.get("hideAttendees").is_some_and(|value| value == true) {
        hide_others(state, &mut copy);
    }
    state.events.insert(copy.number, copy);
}

/// Leaves of the guests only the one whose copy it is (resources/event).
fn hide_others(state: &State, copy: &mut Event) {
    let Some(mailbox) = state.mailboxes.get(&copy.mailbox) else {
        return;
    };
    let of_exceptions = copy.exceptions.values_mut().filter_map(|change| match change {
        Change::Moved(changed) => changed.attendees.as_mut(),
        Change::Cancelled => None,
    });
    for guests in of_exceptions.chain([&mut copy.attendees]) {
        guests.retain(|guest| same_name(&guest.address.address, &mailbox.user_principal_name));
    }
}

/// Brings the guest's copy, if the guest has a mailbox here, to the
/// organiser's version. `asks` resets the answer.
pub(crate) fn deliver(state: &mut State, event: &Event, guest: &Attendee, asks: bool) {
    let Some(mailbox) = mailbox_of(state, guest) else {
        return;
    };
    drop_lone_copies(state, event, &mailbox);
    let known = copy_of(state, event, &mailbox);
    let own = known.as_ref().filter(|copy| copy.generation == event.generation).map(|copy| copy.exceptions.clone());
    let mut copy = known.unwrap_or_else(|| fresh_copy(state, event, &mailbox));
    if copy.is_cancelled && !event.is_cancelled {
        copy.properties.insert("showAs".to_owned(), "tentative".into());
    }
    bring_over(&mut copy, event);
    copy.exceptions = layered(&own.unwrap_or_default(), event, guest);
    if asks {
        copy.response = UNANSWERED;
    }
    keep(state, copy);
}

/// Who is invited to the whole series needs no copies of single occurrences.
fn drop_lone_copies(state: &mut State, event: &Event, mailbox: &Mailbox) {
    let is_lone = |copy: &&Event| copy.lone.as_ref().is_some_and(|lone| lone.series_uid == event.ical_uid);
    let lone: Vec<EventNo> = state.events_of(mailbox.number, None).filter(is_lone).map(|copy| copy.number).collect();
    for number in lone {
        remove::bury(state, number);
    }
}

/// The shared part of an event, exceptions aside.
fn bring_over(copy: &mut Event, event: &Event) {
    for name in properties::shared_names() {
        match event.properties.get(name) {
            Some(value) => copy.properties.insert(name.to_owned(), value.clone()),
            None => copy.properties.remove(name),
        };
    }
    copy.span = event.span.clone();
    copy.recurrence.clone_from(&event.recurrence);
    copy.generation = event.generation;
    copy.body = event.body.clone();
    copy.attendees.clone_from(&event.attendees);
    copy.is_cancelled = event.is_cancelled;
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
    copy.extended_lists.clear();
    copy.extensions.clear();
    copy.exceptions.clear();
    copy.transaction = None;
    copy.response = UNANSWERED;
    copy.created = state.now;
    copy.properties.retain(|name, _| properties::is_shared(name));
    // Until the guest answers, the time is held, not taken.
    copy.properties.insert("showAs".to_owned(), "tentative".into());
    copy
}

/// The guest's exceptions after an update of the whole series: what the
/// organiser changed, under what is the guest's own.
fn layered(own: &BTreeMap<NaiveDate, Change>, event: &Event, guest: &Attendee) -> BTreeMap<NaiveDate, Change> {
    let mut exceptions = BTreeMap::new();
    for (date, change) in own {
        match change {
            Change::Cancelled => {
                exceptions.insert(*date, Change::Cancelled);
            }
            Change::Moved(changed) if changed.is_cancelled => {
                exceptions.insert(*date, change.clone());
            }
            Change::Moved(changed) if has_own_part(changed) => {
                let ruled = unchanged(event, *date, changed.modified).map(|ruled| combined(ruled, Some(changed)));
                exceptions.extend(ruled.map(|ruled| (*date, Change::Moved(Box::new(ruled)))));
            }
            Change::Moved(_) => {}
        }
    }
    for (date, change) in &event.exceptions {
        let known = exceptions.get(date);
        let is_settled = known.is_some_and(|known| match known {
            Change::Cancelled => true,
            Change::Moved(changed) => changed.is_cancelled,
        });
        let is_guest = meeting::find(guests_on(event, *date), guest).is_some();
        match change {
            _ if is_settled => {}
            // Called off before this guest was invited.
            Change::Cancelled => {
                exceptions.insert(*date, Change::Cancelled);
            }
            Change::Moved(_) if !is_guest => {
                exceptions.insert(*date, Change::Cancelled);
            }
            Change::Moved(shared) if differs_for_guests(event, *date, shared) => {
                let own = known.and_then(moved).cloned();
                let combined = combined(shared.as_ref().clone(), own.as_ref());
                exceptions.insert(*date, Change::Moved(Box::new(combined)));
            }
            Change::Moved(_) => {}
        }
    }
    let in_series = |date: &NaiveDate| event.recurrence.as_ref().is_some_and(|recurrence| recurrence.has(*date));
    exceptions.retain(|date, _| in_series(date));
    exceptions
}

fn moved(change: &Change) -> Option<&ChangedOccurrence> {
    match change {
        Change::Moved(changed) => Some(changed),
        Change::Cancelled => None,
    }
}

fn has_own_part(changed: &ChangedOccurrence) -> bool {
    changed.response.is_some()
        || !changed.extended.is_empty()
        || !changed.extended_lists.is_empty()
        || !changed.extensions.is_empty()
        || changed.attachments.is_some()
        || changed.properties.keys().any(|name| !properties::is_shared(name))
}

/// The shared part of one exception with the own part of another.
fn combined(mut shared: ChangedOccurrence, own: Option<&ChangedOccurrence>) -> ChangedOccurrence {
    shared.properties.retain(|name, _| properties::is_shared(name));
    shared.response = own.and_then(|own| own.response);
    shared.attachments = own.and_then(|own| own.attachments.clone());
    shared.extended = own.map(|own| own.extended.clone()).unwrap_or_default();
    shared.extended_lists = own.map(|own| own.extended_lists.clone()).unwrap_or_default();
    shared.extensions = own.map(|own| own.extensions.clone()).unwrap_or_default();
    for (name, value) in own.into_iter().flat_map(|own| &own.properties) {
        if !properties::is_shared(name) {
            shared.properties.insert(name.clone(), value.clone());
        }
    }
    shared
}

/// Brings one occurrence of the guest's copy to the organiser's version, and
/// back if the guest removed it: the guest is asked about this one.
pub(crate) fn deliver_occurrence(state: &mut State, event: &Event, guest: &Attendee, date: NaiveDate, asks: bool) {
    let (Some(mailbox), Some(shared)) = (mailbox_of(state, guest), opened(event, date, state.now)) else {
        return;
    };
    let Some(copy) = copy_of(state, event, &mailbox) else {
        deliver_lone(state, event, &mailbox, date, shared);
        return;
    };
    let own = copy.exceptions.get(&date).and_then(moved).cloned();
    let was_cancelled = own.as_ref().is_some_and(|own| own.is_cancelled);
    let mut changed = combined(shared, own.as_ref());
    if was_cancelled {
        changed.properties.remove("showAs");
    }
    if asks {
        changed.response = Some(UNANSWERED);
    }
    put(state, copy.number, date, changed);
}

/// Gives a guest one occurrence as a single event.
fn deliver_lone(state: &mut State, event: &Event, mailbox: &Mailbox, date: NaiveDate, shared: ChangedOccurrence) {
    let known = lone_copy_of(state, event, mailbox, date);
    let mut copy = known.unwrap_or_else(|| {
        let mut copy = fresh_copy(state, event, mailbox);
        copy.ical_uid = ids::occurrence_uid(&event.ical_uid, date);
        copy.lone = Some(LoneOccurrence { series_uid: event.ical_uid.clone(), date });
        copy
    });
    bring_over(&mut copy, event);
    copy.attendees = guests_on(event, date).to_vec();
    copy.recurrence = None;
    copy.span = shared.span;
    copy.body = shared.body.unwrap_or(copy.body);
    copy.properties.extend(shared.properties.into_iter().filter(|(name, _)| properties::is_shared(name)));
    keep(state, copy);
}

/// Marks the guest's copy as called off; it stays until the guest removes it.
pub(crate) fn cancel(state: &mut State, event: &Event, guest: &Attendee) {
    let copy = mailbox_of(state, guest).and_then(|mailbox| copy_of(state, event, &mailbox));
    if let Some(copy) = copy {
        cancel_whole(state, copy);
    }
}

fn cancel_whole(state: &mut State, mut copy: Event) {
    let subject = copy.properties.get("subject").and_then(|value| value.as_str()).unwrap_or_default();
    let subject = cancelled_subject(subject);
    copy.properties.insert("subject".to_owned(), subject.into());
    copy.properties.insert("showAs".to_owned(), "free".into());
    copy.is_cancelled = true;
    keep(state, copy);
}

/// Marks one occurrence as called off in the guest's copy: it becomes a
/// cancelled exception and stays until the guest removes it.
pub(crate) fn cancel_occurrence(state: &mut State, event: &Event, guest: &Attendee, date: NaiveDate) {
    let Some(mailbox) = mailbox_of(state, guest) else {
        return;
    };
    if let Some(lone) = lone_copy_of(state, event, &mailbox, date) {
        cancel_whole(state, lone);
        return;
    }
    let Some(copy) = copy_of(state, event, &mailbox) else {
        return;
    };
    let Some(mut changed) = opened(&copy, date, state.now) else {
        return;
    };
    let subject = changed.properties.get("subject").or_else(|| copy.properties.get("subject"));
    let subject = cancelled_subject(subject.and_then(|value| value.as_str()).unwrap_or_default());
    changed.properties.insert("subject".to_owned(), subject.into());
    changed.properties.insert("showAs".to_owned(), "free".into());
    changed.is_cancelled = true;
    put(state, copy.number, date, changed);
}
