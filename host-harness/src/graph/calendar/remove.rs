//! Deletes events and single occurrences (api/event-delete, api/event-cancel,
//! api/event-permanentdelete).

use chrono::NaiveDate;

use super::meeting;
use crate::graph::model::{Change, EventNo};
use crate::graph::state::State;

/// Deletes a single event or a whole series. The organiser's deletion calls
/// the meeting off, with what the organiser has to say to it; a guest's
/// removes only the own copy.
pub(crate) fn event(state: &mut State, number: EventNo, comment: Option<&str>) {
    let Some(event) = state.events.get(&number).cloned() else {
        return;
    };
    if event.is_organizer {
        meeting::call_off(state, &event, comment);
    }
    bury(state, number);
}

/// Deletes one occurrence: the series remembers it as cancelled.
pub(crate) fn occurrence(state: &mut State, number: EventNo, date: NaiveDate, comment: Option<&str>) {
    let Some(before) = state.events.get(&number).cloned() else {
        return;
    };
    strike_out(state, number, date);
    if before.is_organizer {
        meeting::call_off_occurrence(state, &before, date, comment);
    }
}

/// Takes one occurrence out of a calendar, and tells nobody.
pub(crate) fn strike_out(state: &mut State, number: EventNo, date: NaiveDate) {
    let (change, now) = (state.next_change(), state.now);
    if let Some(event) = state.events.get_mut(&number) {
        event.exceptions.insert(date, Change::Cancelled);
        event.change = change;
        event.modified = now;
    }
}

/// Removes an event and leaves a tombstone for delta rounds.
pub(crate) fn bury(state: &mut State, number: EventNo) {
    let Some(event) = state.events.remove(&number) else {
        return;
    };
    state.leave_tombstone(event.mailbox, event.calendar.into(), number.0, event.moves);
}
