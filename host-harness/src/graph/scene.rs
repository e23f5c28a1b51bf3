//! What people do in Outlook and To Do and no Graph call can do: move an event
//! to another calendar, keep it in zones that have no name, and move a task to
//! another list.
//!
//! Used by the management interface.

use serde::Deserialize;
use thiserror::Error;

use super::ids::{self, IdForm};
use super::model::{CalendarNo, Event, EventNo};
use super::setup::{SetupError, find_mailbox};
use super::state::State;
use super::todo::edit;

/// Why the scene cannot be set that way.
#[derive(Debug, Error)]
pub(crate) enum SceneError {
    /// There is no such event, or not in this mailbox.
    #[error("expected the id of an event in the mailbox, but found another text")]
    NoEvent,
    /// There is no such calendar, or not in this mailbox.
    #[error("expected the id of a calendar in the mailbox, but found another text")]
    NoCalendar,
    /// There is no such task, or not in this mailbox.
    #[error("expected the id of a task in the mailbox, but found another text")]
    NoTask,
    /// There is no such list, or not in this mailbox.
    #[error("expected the id of a task list in the mailbox, but found another text")]
    NoList,
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
            Self::NoEvent | Self::NoCalendar | Self::NoTask | Self::NoList => (404, "notFound"),
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
        // The old calendar remembers the event as deleted, under its old id.
        state.leave_tombstone(mailbox, event.calendar.into(), event.number.0, event.moves);
        arrive(state, event.number, calendar);
    }
    let moves = state.events.get(&event.number).map_or(event.moves, |event| event.moves);
    Ok(ids::item_id(event.number, moves, None, IdForm::Default))
}

/// Moves a task to another list of its mailbox, with all that belongs to it.
/// Answers its new id; in the list where it is already it keeps its own.
pub(crate) fn move_task(state: &mut State, user: &str, task_id: &str, list_id: &str) -> Result<String, SceneError> {
    let mailbox = find_mailbox(state, user)?.number;
    let task = ids::parse_task_id(task_id).and_then(|number| state.tasks.get(&number));
    let task = task.filter(|task| task.mailbox == mailbox).ok_or(SceneError::NoTask)?.number;
    let list = ids::parse_list_id(list_id).and_then(|number| state.task_lists.get(&number));
    let list = list.filter(|list| list.mailbox == mailbox).ok_or(SceneError::NoList)?.number;
    Ok(ids::task_id(edit::relocate(state, task, list)))
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
