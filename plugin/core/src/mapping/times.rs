//! When does an event take place, and how is that written?
//!
//! Requests ask for UTC, so a timed event comes in UTC and its zone from
//! `originalStartTimeZone`. That is the zone at creation: an organizer who
//! moved the event to another zone later is not seen, which changes no instant
//! and matters to a series only. All-day events are dates and are never
//! converted (`resources/event`, `isAllDay`).

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike};
use serde_json::{Value, json};

use super::event::{Edge, MapIssue};
use super::zones::{ZoneIssue, written_zone, zone_from_graph};
use crate::graph::wire::{DateTimeTimeZone, Event};
use crate::model::{EventTime, Instant, InvalidEventTime, Zone};

/// When `event` takes place.
pub fn read_time(event: &Event) -> Result<EventTime, MapIssue> {
    let start = event.start.as_ref().ok_or(MapIssue::MissingTime(Edge::Start))?;
    let end = event.end.as_ref().ok_or(MapIssue::MissingTime(Edge::End))?;
    let time = if event.is_all_day == Some(true) {
        let (start_on, end_before) = (whole_day(start, Edge::Start)?, whole_day(end, Edge::End)?);
        EventTime::all_day(start_on.into(), end_before.into())
    } else {
        let zone = planned_zone(event);
        EventTime::timed(instant(start, Edge::Start)?, instant(end, Edge::End)?, zone)
    };
    time.map_err(|invalid| match invalid {
        InvalidEventTime::EndBeforeStart => MapIssue::EndBeforeStart,
        InvalidEventTime::NoDay => MapIssue::NoDay,
    })
}

/// The zone an event was planned in, UTC where Exchange's name means none:
/// [`unnamed_zone`] says why then.
fn planned_zone(event: &Event) -> Zone {
    event.original_start_time_zone.as_deref().and_then(|name| zone_from_graph(name).ok()).unwrap_or(Zone::UTC)
}

/// Why the zone that a timed event was planned in means nothing here. Its
/// instants are known all the same.
pub fn unnamed_zone(event: &Event) -> Option<ZoneIssue> {
    let name = event.original_start_time_zone.as_deref().filter(|_| event.is_all_day != Some(true))?;
    zone_from_graph(name).err()
}

/// An instant of an answer, whatever zone it came in.
fn instant(value: &DateTimeTimeZone, edge: Edge) -> Result<Instant, MapIssue> {
    let local = local_time(value, edge)?;
    let name = value.time_zone.as_deref().unwrap_or("UTC");
    let zone = zone_from_graph(name).map_err(|issue| MapIssue::UnknownZone(edge, issue))?;
    zone.instant_of_local(local).ok_or(MapIssue::MalformedTime(edge))
}

/// The date of an all-day bound. The zone beside it is an echo of the request
/// and says nothing.
fn whole_day(value: &DateTimeTimeZone, edge: Edge) -> Result<NaiveDate, MapIssue> {
    let local = local_time(value, edge)?;
    if local.time() == NaiveTime::MIN { Ok(local.date()) } else { Err(MapIssue::NotMidnight(edge)) }
}

fn local_time(value: &DateTimeTimeZone, edge: Edge) -> Result<NaiveDateTime, MapIssue> {
    let text = value.date_time.as_deref().ok_or(MapIssue::MissingTime(edge))?;
    parsed_local(text).ok_or(MapIssue::MalformedTime(edge))
}

/// The date and time in a `dateTimeTimeZone`, none where it is another text, or
/// outside of the years 1 to 9999, of which one can be written. The first and the
/// last day are outside, too: in another zone they are of another year.
pub(super) fn parsed_local(text: &str) -> Option<NaiveDateTime> {
    // No offset by the documentation; a `Z` is what some proxies make of UTC.
    let text = text.trim();
    let local: NaiveDateTime = text.strip_suffix('Z').unwrap_or(text).parse().ok()?;
    let (year, is_edge) = (local.year(), matches!((local.year(), local.ordinal()), (1, 1) | (9999, 365)));
    ((1..=9999).contains(&year) && !is_edge).then_some(local)
}

/// The properties that write `time`: `start`, `end` and `isAllDay`
/// (`api/event-update`).
///
/// Timed bounds are written as local times of the event's zone, because Outlook
/// shows that zone. Where a bound falls into the hour that clocks show twice, a
/// local time would be ambiguous, and both are written in UTC.
pub fn written_time(time: &EventTime) -> [(&'static str, Value); 3] {
    let (start, end, is_all_day) = match *time {
        EventTime::Timed { start_at, end_at, zone } => {
            let (name, meant) = written_zone(zone);
            match (unambiguous_local(start_at, meant), unambiguous_local(end_at, meant)) {
                (Some(start), Some(end)) => (wire_time(start, name), wire_time(end, name), false),
                _ => (
                    wire_time(start_at.to_utc().naive_utc(), "UTC"),
                    wire_time(end_at.to_utc().naive_utc(), "UTC"),
                    false,
                ),
            }
        }
        EventTime::AllDay { start_on, end_before } => {
            let midnight = |date: NaiveDate| wire_time(date.and_time(NaiveTime::MIN), "UTC");
            (midnight(start_on.naive()), midnight(end_before.naive()), true)
        }
    };
    [("start", start), ("end", end), ("isAllDay", Value::Bool(is_all_day))]
}

/// The same for a timed series, always on the clock of `zone`, which Exchange
/// knows as `name`. In the hour that clocks show twice the first time is meant,
/// as [`Zone::instant_of_local`] reads it.
pub(super) fn written_time_in(
    start_at: Instant,
    end_at: Instant,
    name: &str,
    zone: Zone,
) -> [(&'static str, Value); 3] {
    let local = |at: Instant| wire_time(at.to_utc().with_timezone(&zone.tz()).naive_local(), name);
    [("start", local(start_at)), ("end", local(end_at)), ("isAllDay", Value::Bool(false))]
}

/// The local time of an instant, if no other instant has the same one.
fn unambiguous_local(at: Instant, zone: Zone) -> Option<NaiveDateTime> {
    let local = at.to_utc().with_timezone(&zone.tz()).naive_local();
    zone.tz().from_local_datetime(&local).single().map(|_| local)
}

/// Without an offset, as Graph wants it; a fraction only where there is one.
pub(super) fn wire_time(local: NaiveDateTime, zone_name: &str) -> Value {
    let format = if local.nanosecond() == 0 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.3f" };
    json!({ "dateTime": local.format(format).to_string(), "timeZone": zone_name })
}

#[cfg(test)]
mod tests;
