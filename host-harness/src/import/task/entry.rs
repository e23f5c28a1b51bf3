//! One `VTODO` by itself: what it says, or why it is left out.

use std::collections::BTreeSet;

use icalendar::{Component, Todo};

use super::record::{ImportedTask, TaskDay, TaskProgress};
use super::{TaskEntry, alarm, rule};
use crate::graph::zones::to_wall;
use crate::import::details::{LeftOutField, Sensitivity, categories_of, importance_of, sensitivity_of};
use crate::import::duration;
use crate::import::event::{is_cancelled, text_of, title_of};
use crate::import::moment::{self, Clock, Moment};
use crate::import::reason::SkipReason;

/// A task that was read.
pub(super) struct ReadTask {
    pub(super) task: ImportedTask,
    /// Whether the title had to be shortened or made up.
    pub(super) title_adjusted: bool,
    /// What of its rule To Do does not have, where that is so.
    pub(super) rule_left: Option<String>,
}

/// Reads a task.
pub(super) fn read(entry: &TaskEntry, clock: &Clock<'_>) -> Result<ReadTask, SkipReason> {
    let todo = &entry.todo;
    if is_cancelled(todo) {
        return Err(SkipReason::Cancelled);
    }
    let start = moment_of(todo, "DTSTART", SkipReason::NoStart, clock)?;
    let mut due = due_of(todo, start, clock)?;
    let is_recurring = entry.rules > 0;
    if is_recurring {
        // To Do counts from the date on which a task is due, and one that
        // repeats has such a date.
        due = due.or(start);
    }
    let progress = progress_of(todo);
    let (recurrence, rule_left) = match (is_recurring, progress) {
        (true, TaskProgress::NotStarted | TaskProgress::InProgress) => split(rule::of(entry, start, due, clock)),
        // The last of its dates is done.
        (true, TaskProgress::Completed) => (None, Some("STATUS=COMPLETED".to_owned())),
        (false, _) => (None, None),
    };
    let alarms = alarm::all(todo, start, due, clock);
    let (title, title_adjusted) = title_of(todo.property_value("SUMMARY"));
    let mut homeless = homeless(todo, progress);
    if alarms.found > usize::from(!alarms.instants.is_empty()) {
        homeless.insert(LeftOutField::Alarms);
    }
    if rule_left.is_some() {
        homeless.insert(LeftOutField::Recurrence);
    }
    let task = ImportedTask {
        uid: text_of(todo, "UID"),
        title,
        description: text_of(todo, "DESCRIPTION"),
        due: due.map(|due| day(due, clock)),
        start: start.map(|start| day(start, clock)),
        completed: completed_of(todo, progress, clock).map(|completed| day(completed, clock)),
        progress,
        remind_at: alarms.instants.into_iter().min(),
        importance: importance_of(todo),
        categories: categories_of(todo),
        recurrence,
        homeless,
    };
    Ok(ReadTask { task, title_adjusted, rule_left })
}

fn split<T, E>(result: Result<T, E>) -> (Option<T>, Option<E>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    }
}

/// The day of a moment where the person lives.
pub(super) fn day(moment: Moment, clock: &Clock<'_>) -> TaskDay {
    match moment {
        Moment::Day(on) => TaskDay { on, at: None, zone: clock.person },
        Moment::Time(reading) => {
            let on = to_wall(reading.instant, clock.person).date();
            TaskDay { on, at: Some(reading.instant), zone: clock.person }
        }
    }
}

fn moment_of(todo: &Todo, name: &str, unreadable: SkipReason, clock: &Clock<'_>) -> Result<Option<Moment>, SkipReason> {
    let Some(property) = todo.properties().get(name) else { return Ok(None) };
    moment::single(property, clock).map(Some).map_err(|reason| match reason {
        SkipReason::UnknownZone => SkipReason::UnknownZone,
        _ => unreadable,
    })
}

/// `DUE`, or `DURATION` after the start.
fn due_of(todo: &Todo, start: Option<Moment>, clock: &Clock<'_>) -> Result<Option<Moment>, SkipReason> {
    let due = moment_of(todo, "DUE", SkipReason::UnreadableEnd, clock)?;
    let (None, Some(length)) = (due, todo.property_value("DURATION")) else { return Ok(due) };
    let length = duration::read(length).ok_or(SkipReason::UnreadableEnd)?;
    let after = match start {
        // A length without a start says nothing (section 3.8.2.5).
        None => return Ok(None),
        Some(Moment::Day(on)) => on.checked_add_signed(length).map(Moment::Day),
        Some(Moment::Time(reading)) => reading.after(length).map(Moment::Time),
    };
    after.map(Some).ok_or(SkipReason::UnreadableEnd)
}

/// `STATUS`; where it is absent, what else tells that somebody has begun or is
/// done.
fn progress_of(todo: &Todo) -> TaskProgress {
    match text_of(todo, "STATUS").map(|word| word.to_ascii_uppercase()).as_deref() {
        Some("COMPLETED") => TaskProgress::Completed,
        Some("IN-PROCESS") => TaskProgress::InProgress,
        Some(_) => TaskProgress::NotStarted,
        None if todo.properties().contains_key("COMPLETED") => TaskProgress::Completed,
        None => match todo.get_percent_complete() {
            None | Some(0) => TaskProgress::NotStarted,
            Some(1..=99) => TaskProgress::InProgress,
            Some(100..) => TaskProgress::Completed,
        },
    }
}

/// When a task was done; that of one that is not says nothing.
fn completed_of(todo: &Todo, progress: TaskProgress, clock: &Clock<'_>) -> Option<Moment> {
    let property = todo.properties().get("COMPLETED").filter(|_| progress == TaskProgress::Completed)?;
    moment::single(property, clock).ok()
}

/// What no side has a place for, alarms and rules aside.
fn homeless(todo: &Todo, progress: TaskProgress) -> BTreeSet<LeftOutField> {
    let has = |name: &str| todo.properties().contains_key(name) || todo.multi_properties().contains_key(name);
    let is_between = matches!(todo.get_percent_complete(), Some(1..=99));
    let fields = [
        (text_of(todo, "LOCATION").is_some(), LeftOutField::Location),
        (sensitivity_of(todo) != Sensitivity::default(), LeftOutField::Class),
        (is_between && progress != TaskProgress::Completed, LeftOutField::Progress),
        (has("ATTENDEE"), LeftOutField::Assignees),
        (has("RELATED-TO"), LeftOutField::Relations),
    ];
    fields.into_iter().filter(|(is_there, _)| *is_there).map(|(_, field)| field).collect()
}
