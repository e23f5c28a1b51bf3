//! Deletes events and single occurrences (api/event-delete, api/event-cancel).

use chrono::NaiveDate;

use super::meeting;
use crate::graph::model::{Change, EventNo};
use crate::graph::state::State;

/// Deletes a single event or a whole series. The organiser's deletion calls
/// the meeting off; a guest's removes only the own copy.
pub(crate) fn event(state: &mut State, number: EventNo) {
    let Some(event) = state.events.get(&number).cloned() else {
        return;
    };
    if event.is_organizer {
        meeting::call_off(state, &event, None);
    }
    meeting::bury(state, number);
}

/// Deletes one occurrence: the series remembers it as cancelled.
pub(crate) fn occurrence(state: &mut State, number: EventNo, date: NaiveDate) {
    let (change, now) = (state.next_change(), state.now);
    let Some(event) = state.events.get_mut(&number) else {
        return;
    };
    event.exceptions.insert(date, Change::Cancelled);
    event.change = change;
    event.modified = now;
    let event = event.clone();
    if event.is_organizer {
        meeting::call_off(state, &event, Some(date));
    }
}
