//! What is different on single days of a series of Microsoft's?
//!
//! The answer to [`crate::graph::Requests::get_series`] carries everything;
//! where a cloud lacks that, [`crate::mapping::instances`] finds it out.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::{EventKind, fields, is_stub};
use crate::graph::wire::Event;
use crate::mapping::series::{differing, series_of};
use crate::model::{CivilDate, EventTime, Exceptions, GraphId, Occurrence, Record};
use crate::recurrence::Series;

/// What an answer says about the exceptions of a series.
#[derive(Default)]
pub(in crate::mapping) struct Found {
    /// All of them; none where the answer does not carry all, or one cannot be
    /// read: a series without one of its exceptions would look like one whose
    /// exception was taken back.
    pub exceptions: Option<Exceptions>,
    /// The ids of the exceptions, by day; also of those that differ in nothing.
    pub ids: BTreeMap<CivilDate, GraphId>,
    /// Those that name no day of the rule, or cannot be read.
    pub stray: Vec<GraphId>,
    /// Whether one of them has a description that is too large to be compared.
    pub too_long: bool,
}

/// The exceptions in `event`, whose groups are `series`.
pub(in crate::mapping) fn read(event: &Event, series: &Record, is_organizer: bool) -> Found {
    let mut found = Found::default();
    let Some(of) = series_of(series) else { return found };
    let mut exceptions = Exceptions::new();
    let mut is_readable = true;
    for exception in event.exception_occurrences.iter().flatten() {
        let Some(id) = exception.id.as_deref().map(GraphId::new) else {
            is_readable = false;
            continue;
        };
        let Some(day) = exception.original_start.as_deref().and_then(|text| day_of_original(&of, text)) else {
            found.stray.push(id);
            continue;
        };
        match state(exception, series, is_organizer, of.time_of(day)) {
            State::AsByRule => {}
            State::Differs(occurrence) => {
                exceptions.insert(day, occurrence);
            }
            State::TooLong => found.too_long = true,
            State::Unreadable => {
                is_readable = false;
                found.stray.push(id.clone());
            }
        }
        found.ids.insert(day, id);
    }
    for text in event.cancelled_occurrences.iter().flatten() {
        match day_of_cancelled(&of, text) {
            // Whatever else is said of it: it does not take place.
            Some(day) => {
                exceptions.insert(day, Occurrence::Cancelled);
            }
            None => found.stray.push(GraphId::new(text)),
        }
    }
    let is_whole = event.exception_occurrences.is_some()
        && event.cancelled_occurrences.is_some()
        && event.more_exception_occurrences.is_none();
    found.exceptions = (is_whole && is_readable).then_some(exceptions);
    found
}

/// What an occurrence is, compared with its series.
pub(in crate::mapping) enum State {
    /// Nothing is different.
    AsByRule,
    /// Something is.
    Differs(Occurrence),
    /// It has a description that is too large to be compared: left out, it would
    /// look like the series'.
    TooLong,
    /// It is a stub, or says something that means nothing here.
    Unreadable,
}

/// Compares an exception with its `series`, whose rule has it at `day_time`.
pub(in crate::mapping) fn state(
    exception: &Event,
    series: &Record,
    is_organizer: bool,
    day_time: Option<EventTime>,
) -> State {
    // In a guest's calendar, what the organiser called off stays until it is
    // removed by hand.
    if exception.is_cancelled == Some(true) {
        return State::Differs(Occurrence::Cancelled);
    }
    let Some(day_time) = day_time.filter(|_| !is_stub(exception)) else { return State::Unreadable };
    match fields::record(exception, EventKind::Exception, is_organizer) {
        Ok(record) if !fields::unread(exception, &record).is_empty() => State::TooLong,
        Ok(record) => {
            let changed = differing(&record, series, day_time);
            if changed.is_empty() { State::AsByRule } else { State::Differs(Occurrence::Changed(changed)) }
        }
        Err(_) => State::Unreadable,
    }
}

/// The day of the rule that an `originalStart` names. It is an instant, cut to
/// the minute, in whatever zone the answer is; of whole days, it is midnight in
/// that zone.
pub(in crate::mapping) fn day_of_original(series: &Series, text: &str) -> Option<CivilDate> {
    let (local, at) = match DateTime::parse_from_rfc3339(text.trim()) {
        Ok(time) => (time.naive_local(), time.to_utc()),
        // Documented with an offset; other times of an answer have none.
        Err(_) => text.trim().parse::<NaiveDateTime>().map(|local| (local, local.and_utc())).ok()?,
    };
    let date = CivilDate::from(local.date());
    let is_whole_day = matches!(series.first(), EventTime::AllDay { .. }) && local.time() == NaiveTime::MIN;
    if is_whole_day && series.falls_on(date) { Some(date) } else { series.day_of(at.into()) }
}

/// The day that an entry of `cancelledOccurrences` names
/// (`resources/event`: `OID.{id}.{yyyy-MM-dd}`, where the id may hold dots).
/// Which zone the day is meant in is not documented: the one of the series, and
/// where the rule has nothing on that day, UTC.
fn day_of_cancelled(series: &Series, text: &str) -> Option<CivilDate> {
    let (_, date) = text.trim().strip_prefix("OID.")?.rsplit_once('.')?;
    let date: NaiveDate = date.parse().ok()?;
    let is_day_in_utc = |day: &CivilDate| {
        series.falls_on(*day) && series.time_of(*day).is_some_and(|time| time.span().0.to_utc().date_naive() == date)
    };
    let around = [date.pred_opt(), date.succ_opt()];
    Some(CivilDate::from(date))
        .filter(|day| series.falls_on(*day))
        .or_else(|| around.into_iter().flatten().map(CivilDate::from).find(is_day_in_utc))
}

#[cfg(test)]
mod tests;
