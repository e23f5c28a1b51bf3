//! By which rule a task is due again.
//!
//! A rule of a file counts from the start of a task, one of To Do from the day
//! on which it is due. Where these are different days, the dates decide whether
//! both rules are the same.

use chrono::TimeDelta;
use icalendar::Component as _;

use super::TaskEntry;
use super::entry::day;
use super::record::TaskDay;
use crate::graph::calendar::pattern::{End, Recurrence};
use crate::graph::zones::to_wall;
use crate::import::moment::{Clock, Moment};
use crate::import::rrule::Refusal;
use crate::import::rrule::convert::{Start, recurrence};
use crate::import::rrule::parse::Rule;

/// Dates after which two rules that were the same so far are the same for
/// ever: the months after which the calendar repeats.
const DATES: usize = 4800;

/// Properties beside the rule that add or remove dates, which To Do cannot.
const DATE_LISTS: [&str; 3] = ["EXRULE", "RDATE", "EXDATE"];

/// The rule in To Do's words, or what of it To Do does not have.
pub(super) fn of(
    entry: &TaskEntry,
    start: Option<Moment>,
    due: Option<Moment>,
    clock: &Clock<'_>,
) -> Result<Recurrence, String> {
    let todo = &entry.todo;
    if entry.rules > 1 {
        return Err("several RRULE".to_owned());
    }
    let has = |name: &str| todo.properties().contains_key(name) || todo.multi_properties().contains_key(name);
    if let Some(name) = DATE_LISTS.into_iter().find(|name| has(name)) {
        return Err(name.to_owned());
    }
    let due = due.map(|due| day(due, clock)).ok_or("neither DUE nor DTSTART")?;
    let start = start.map_or(due, |start| day(start, clock));
    let rule = Rule::parse(todo.property_value("RRULE").unwrap_or_default()).map_err(part)?;
    let from_start = recurrence(&rule, anchor(&start)).map_err(part)?;
    if from_start.dates().next() != Some(start.on) {
        return Err("the first date is not on the rule".to_owned());
    }
    let later = due.on - start.on;
    let from_due = if later.is_zero() { from_start } else { moved(&rule, &from_start, &due, later)? };
    Ok(Recurrence { zone: due.zone.name().to_owned(), ..from_due })
}

/// The same rule for what is due so many days later.
fn moved(rule: &Rule, from_start: &Recurrence, due: &TaskDay, later: TimeDelta) -> Result<Recurrence, String> {
    let end = match from_start.end {
        End::On(last) => End::On(last + later),
        End::Never | End::After(_) => from_start.end,
    };
    let from_due = Recurrence { end, ..recurrence(rule, anchor(due)).map_err(part)? };
    let expected = from_start.dates().take(DATES).map(|date| date + later);
    if from_due.dates().take(DATES).eq(expected) {
        Ok(from_due)
    } else {
        Err("DUE and DTSTART on different days".to_owned())
    }
}

/// What a rule starts from, on the clock of the person.
fn anchor(day: &TaskDay) -> Start {
    Start { date: day.on, time: day.at.map(|at| (to_wall(at, day.zone).time(), day.zone)) }
}

fn part(refusal: Refusal) -> String {
    if refusal.part.is_empty() { refusal.reason.explanation().to_owned() } else { refusal.part }
}
