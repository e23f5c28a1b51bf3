//! What people do to events in Outlook and no Graph call can do: move them to
//! another calendar, and keep them in zones that have no name.
//!
//! Used by the management interface.

use serde::Deserialize;
use thiserror::Error;

use super::ids::{self, IdForm};
use super::model::{CalendarNo, Event, EventNo, Tombstone};
use super::setup::{SetupError, find_mailbox};
use super::state::State;

/// Why the scene cannot be set that way.
#[derive(Debug, Error)]
pub(crate) enum SceneError {
    /// There is no such event, or not in this mailbox.
    #[error("expected the id of an event in the mailbox, but found another text")]
    NoEvent,
    /// There is no such calendar, or not in this mailbox.
    #[error("expected the id of a calendar in the mailbox, but found another text")]
    NoCalendar,
    /// A single event has no recurrence to name a zone of.
    #[error("expected a series to name the zone of its recurrence, but found a single event")]
    NoRecurrence,
    /// The mailbox is not there.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl SceneError {
    /// How the management interface answers it.
    pub(crate) fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::NoEvent | Self::NoCalendar => (404, "notFound"),
            Self::NoRecurrence => (400, "invalidValue"),
            Self::Setup(error) => error.status_and_code(),
        }
    }
}

/// Names of zones to be shown for an event; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewZones {
    #[serde(rename = "originalStartTimeZone")]
    pub original_start: Option<String>,
    #[serde(rename = "originalEndTimeZone")]
    pub original_end: Option<String>,
    #[serde(rename = "recurrenceTimeZone")]
    pub recurrence: Option<String>,
}

/// The event of an id of either form.
fn find<'a>(state: &'a State, id: &str) -> Result<&'a Event, SceneError> {
    let item = ids::parse_item_id(id).filter(|item| item.occurrence.is_none()).ok_or(SceneError::NoEvent)?;
    let event = state.events.get(&item.event).ok_or(SceneError::NoEvent)?;
    if item.moves.is_some_and(|moves| moves != event.moves) { Err(SceneError::NoEvent) } else { Ok(event) }
}

/// Moves an event to another calendar of its mailbox: its default id changes,
/// the immutable one stays (concepts/outlook-immutable-id). Answers the new
/// default id.
pub(crate) fn move_event(
    state: &mut State,
    user: &str,
    event_id: &str,
    calendar_id: &str,
) -> Result<String, SceneError> {
    let mailbox = find_mailbox(state, user)?.number;
    let event = find(state, event_id).ok().filter(|event| event.mailbox == mailbox).cloned();
    let event = event.ok_or(SceneError::NoEvent)?;
    let calendar = ids::parse_calendar_id(calendar_id).and_then(|number| state.calendars.get(&number));
    let calendar = calendar.filter(|calendar| calendar.mailbox == mailbox).map(|calendar| calendar.number);
    let calendar = calendar.ok_or(SceneError::NoCalendar)?;
    if calendar != event.calendar {
        leave_tombstone(state, &event);
        arrive(state, event.number, calendar);
    }
    let moves = state.events.get(&event.number).map_or(event.moves, |event| event.moves);
    Ok(ids::item_id(event.number, moves, None, IdForm::Default))
}

/// The old calendar remembers the event as deleted, under its old id.
fn leave_tombstone(state: &mut State, event: &Event) {
    let change = state.next_change();
    let tombstone = Tombstone {
        event: event.number,
        mailbox: event.mailbox,
        calendar: event.calendar,
        moves: event.moves,
        change,
        at: state.now,
    };
    state.tombstones.insert(change, tombstone);
}

fn arrive(state: &mut State, number: EventNo, calendar: CalendarNo) {
    let (change, now) = (state.next_change(), state.now);
    if let Some(event) = state.events.get_mut(&number) {
        event.calendar = calendar;
        event.moves += 1;
        event.change = change;
        event.modified = now;
    }
}

/// Gives an event other names of zones. The names are shown and mean nothing:
/// the event stays where it is, and a series keeps its rule.
pub(crate) fn rename_zones(state: &mut State, event_id: &str, zones: NewZones) -> Result<(), SceneError> {
    let event = find(state, event_id)?;
    if zones.recurrence.is_some() && !event.is_series() {
        return Err(SceneError::NoRecurrence);
    }
    let number = event.number;
    let (change, now) = (state.next_change(), state.now);
    if let Some(event) = state.events.get_mut(&number) {
        if let Some(name) = zones.original_start {
            event.original_zones.0 = name;
        }
        if let Some(name) = zones.original_end {
            event.original_zones.1 = name;
        }
        if let (Some(name), Some(recurrence)) = (zones.recurrence, &mut event.recurrence) {
            recurrence.zone_label = Some(name);
        }
        event.change = change;
        event.modified = now;
    }
    Ok(())
}
