//! What is different on single days of a series, where only its occurrences
//! can be asked for?
//!
//! Some clouds have no list of what was called off, so it is the difference
//! between the rule and the occurrences that take place
//! (`api/event-list-instances`). That is certain only well inside of a window:
//! an occurrence that was moved out of it is missing, too.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::event::exceptions::{State, day_of_original, state};
use super::event::{EventKind, MappedEvent};
use super::series::series_of;
use super::times::read_time;
use crate::graph::wire::{self, Event};
use crate::model::{CivilDate, Exceptions, GraphId, Instant, Occurrence};
use crate::recurrence::Series;

/// How far an occurrence is taken to be moved at most, where its neighbours do
/// not say so: a move is bounded by them (`api/event-update`,
/// `ErrorOccurrenceCrossingBoundary`), but the first and the last one lack one,
/// and those of a rare series may lie outside of the window.
const MOVE_MAX: TimeDelta = TimeDelta::days(31);

/// What the occurrences in a window say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundInWindow {
    /// What is different.
    pub exceptions: Exceptions,
    /// The days that the occurrences say something about; of all others they
    /// say nothing.
    pub told: BTreeSet<CivilDate>,
    /// The ids of the occurrences, by the day on which the rule has them.
    pub ids: BTreeMap<CivilDate, GraphId>,
    /// Those that name no day of the rule, or cannot be read.
    pub stray: Vec<GraphId>,
    /// Whether one of them has a description that is too large to be compared.
    pub too_long: bool,
    /// Where was looked, from the first instant to the one behind the last.
    pub window: Option<(Instant, Instant)>,
}

/// Compares all `instances` that Graph gives for a `window`, from the first
/// instant to the one behind the last, with the rule of `master`. A day of the
/// rule without an occurrence was called off.
pub fn read_exceptions_from_instances(
    master: &MappedEvent,
    instances: &[Event],
    window: (Instant, Instant),
) -> FoundInWindow {
    let mut found = FoundInWindow { window: Some(window), ..FoundInWindow::default() };
    let Some(series) = series_of(&master.record) else { return found };
    let mut there = BTreeSet::new();
    for instance in instances {
        let Some(id) = instance.id.as_deref().map(GraphId::new) else { continue };
        let Some(day) = day_of_instance(&series, instance) else {
            found.stray.push(id);
            continue;
        };
        there.insert(day);
        let is_by_rule = instance.kind == Some(wire::EventType::Occurrence) && instance.is_cancelled != Some(true);
        let compared = || state(instance, &master.record, master.is_organizer, series.time_of(day));
        match if is_by_rule { State::AsByRule } else { compared() } {
            State::AsByRule => {}
            State::Differs(occurrence) => {
                found.exceptions.insert(day, occurrence);
            }
            State::TooLong => {
                found.too_long = true;
                continue;
            }
            State::Unreadable => {
                found.stray.push(id);
                continue;
            }
        }
        found.told.insert(day);
        found.ids.insert(day, id);
    }
    for day in certain_days(&series, window) {
        // One that is there was not called off, even if it cannot be read.
        if !there.contains(&day) {
            found.exceptions.insert(day, Occurrence::Cancelled);
            found.told.insert(day);
        }
    }
    found
}

/// The exceptions of the series of `master` after a look at a window: what was `found` there,
/// and what was `known` before of its other days. An occurrence that is known to
/// have been moved out of the window is not missing in it.
pub fn merge_outside_window(master: &MappedEvent, known: &Exceptions, found: FoundInWindow) -> Exceptions {
    let FoundInWindow { mut exceptions, told, window, .. } = found;
    // A day that the rule has no more has taken its exception with it.
    let series = series_of(&master.record);
    let still = |day: &CivilDate| series.as_ref().is_some_and(|series| series.falls_on(*day));
    for (day, occurrence) in known.iter().filter(|(day, _)| still(day)) {
        let is_missing = matches!(exceptions.get(day), Some(Occurrence::Cancelled));
        let is_elsewhere = is_missing && window.is_some_and(|window| is_moved_out(occurrence, window));
        if !told.contains(day) || is_elsewhere {
            exceptions.insert(*day, occurrence.clone());
        }
    }
    exceptions
}

/// Whether an occurrence takes place outside of a window.
fn is_moved_out(occurrence: &Occurrence, (from, to): (Instant, Instant)) -> bool {
    match occurrence {
        Occurrence::Changed(changed) => changed.time().is_some_and(|time| {
            let (start, end) = time.span();
            end <= from || start >= to
        }),
        Occurrence::Cancelled => false,
    }
}

/// The day of the rule that an instance is of. One without an original start,
/// and without changes, is where the rule has it.
pub(crate) fn day_of_instance(series: &Series, instance: &Event) -> Option<CivilDate> {
    if let Some(text) = instance.original_start.as_deref() {
        return day_of_original(series, text);
    }
    match super::event::kind(instance) {
        Ok(EventKind::Occurrence) => series.day_of(read_time(instance).ok()?.span().0),
        Ok(EventKind::Single | EventKind::SeriesMaster | EventKind::Exception) | Err(_) => None,
    }
}

/// The days whose occurrence would be in the window even if it was moved: their
/// neighbours lie wholly inside, or the edge is farther away than a move goes.
fn certain_days(series: &Series, (from, to): (Instant, Instant)) -> Vec<CivilDate> {
    let touching: Vec<CivilDate> = series.days_touching(from, to).collect();
    let starts_behind = |day: CivilDate, from: Instant| series.time_of(day).is_some_and(|time| time.span().0 >= from);
    let ends_before = |day: CivilDate, to: Instant| series.time_of(day).is_some_and(|time| time.span().1 <= to);
    let bounded_in_front = |at: usize, day: CivilDate| {
        let before = at.checked_sub(1).and_then(|at| touching.get(at));
        before.is_some_and(|before| starts_behind(*before, from)) || starts_behind(day, from.plus(MOVE_MAX))
    };
    let bounded_behind = |at: usize, day: CivilDate| {
        let behind = touching.get(at + 1);
        behind.is_some_and(|behind| ends_before(*behind, to)) || ends_before(day, to.plus(-MOVE_MAX))
    };
    let numbered = touching.iter().copied().enumerate();
    numbered.filter(|(at, day)| bounded_in_front(*at, *day) && bounded_behind(*at, *day)).map(|(_, day)| day).collect()
}

#[cfg(test)]
mod tests;
