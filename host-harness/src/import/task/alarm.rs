//! When somebody is reminded of a task (RFC 5545, sections 3.6.6 and 3.8.6.3).

use chrono::{DateTime, NaiveTime, Utc};
use icalendar::{Component, Property, Related, Todo};

use crate::graph::zones::to_utc;
use crate::import::duration;
use crate::import::moment::{self, Clock, Moment};

/// The alarms of a task.
pub(super) struct Alarms {
    /// When they go off, as far as that can be said.
    pub(super) instants: Vec<DateTime<Utc>>,
    /// How many there are.
    pub(super) found: usize,
}

/// Reads all alarms of a task. One whose action is `NONE` is a placeholder of
/// programs that want to say that there is none.
pub(super) fn all(todo: &Todo, start: Option<Moment>, due: Option<Moment>, clock: &Clock<'_>) -> Alarms {
    let alarms = todo.components().iter().filter(|component| component.component_kind() == "VALARM");
    let is_meant = |action: Option<&str>| !action.is_some_and(|action| action.trim().eq_ignore_ascii_case("NONE"));
    let alarms: Vec<_> = alarms.filter(|alarm| is_meant(alarm.property_value("ACTION"))).collect();
    let triggers = alarms.iter().filter_map(|alarm| alarm.properties().get("TRIGGER"));
    let instants = triggers.filter_map(|trigger| instant(trigger, start, due, clock)).collect();
    Alarms { instants, found: alarms.len() }
}

/// When an alarm goes off: at a fixed time, or before or after the start or,
/// related to the end, what is due. Where a task has only one of the two, that
/// one is meant.
fn instant(trigger: &Property, start: Option<Moment>, due: Option<Moment>, clock: &Clock<'_>) -> Option<DateTime<Utc>> {
    let Some(length) = duration::read(trigger.value()) else {
        return match moment::single(trigger, clock).ok()? {
            Moment::Time(reading) => Some(reading.instant),
            Moment::Day(_) => None,
        };
    };
    let related = trigger.params().get("RELATED").map(icalendar::Parameter::value);
    let to_due = related.is_some_and(|related| related.parse() == Ok(Related::End));
    let from = if to_due { due.or(start) } else { start.or(due) };
    let from = match from? {
        // A day stands for its midnight where the person lives.
        Moment::Day(on) => to_utc(on.and_time(NaiveTime::MIN), clock.person),
        Moment::Time(reading) => reading.instant,
    };
    from.checked_add_signed(length)
}
