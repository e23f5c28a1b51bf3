//! What a calendar shows: single events, and the occurrences of series.
//!
//! A series is expanded in its own zone, so that ten o'clock stays ten o'clock
//! when the clocks change. An exception stands where it was moved to.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::pattern::Recurrence;
use crate::graph::dates;
use crate::graph::model::{Change, ChangedOccurrence, Event, Span};
use crate::graph::zones;

/// Days added around a window before dates are compared with instants: no
/// zone is further from UTC, and no occurrence longer than this is expected
/// to be found by its end alone.
const MARGIN_DAYS: u64 = 2;

/// A window of instants, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Window {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// Which of the kinds of `eventType` something is.
#[derive(Clone, Debug)]
pub(crate) enum Kind<'a> {
    Single,
    Master,
    Occurrence(NaiveDate),
    Exception(NaiveDate, &'a ChangedOccurrence),
}

/// Something with a place in the calendar.
#[derive(Clone, Debug)]
pub(crate) struct Instance<'a> {
    pub event: &'a Event,
    pub kind: Kind<'a>,
    pub span: Span,
}

impl Instance<'_> {
    /// Whether the organiser called it off: the whole event, or this
    /// occurrence.
    pub fn is_cancelled(&self) -> bool {
        let own = match self.kind {
            Kind::Exception(_, changed) => changed.is_cancelled,
            Kind::Single | Kind::Master | Kind::Occurrence(_) => false,
        };
        own || self.event.is_cancelled
    }
}

/// The zone of a name that was checked when it was written.
pub(crate) fn zone(name: &str) -> Tz {
    zones::resolve(name).unwrap_or(Tz::UTC)
}

/// The instants of a span. Where a change of the clock skips its start, the end
/// does not come before it: the span is as long as it is on the wall.
pub(crate) fn instants(span: &Span) -> Window {
    let start = zones::to_utc(span.start, zone(&span.start_zone));
    let end = zones::to_utc(span.end, zone(&span.end_zone));
    let on_the_wall = span.end.signed_duration_since(span.start);
    let is_skipped = span.start_zone == span.end_zone && on_the_wall > TimeDelta::zero() && end <= start;
    Window { start, end: if is_skipped { start + on_the_wall } else { end } }
}

impl Window {
    /// Whether a span lies in the window at least in part.
    pub fn meets(&self, span: &Span) -> bool {
        let instants = instants(span);
        let is_moment = instants.start == instants.end;
        instants.start < self.end && (instants.end > self.start || (is_moment && instants.start >= self.start))
    }
}

/// The event itself: a single one or the master.
pub(crate) fn whole(event: &Event) -> Instance<'_> {
    let kind = if event.is_series() { Kind::Master } else { Kind::Single };
    Instance { event, kind, span: first_span(event) }
}

/// The span shown for the event itself: for a series that of its first
/// occurrence, which may be later than the start of the range.
fn first_span(event: &Event) -> Span {
    let first =
        event.recurrence.as_ref().and_then(|recurrence| recurrence.dates().next().map(|date| (recurrence, date)));
    match first {
        Some((recurrence, date)) => occurrence_span(event, recurrence, date),
        None => event.span.clone(),
    }
}

/// Start and end in the zone of the series, of which the times of all
/// occurrences are.
///
/// An item's start and end are instants in Exchange, and a rule takes its times
/// of day from them (CDO, `RecurrencePattern.EndTime`). Where the clocks skip a
/// reading of the first occurrence, what they show instead holds on all days.
fn walls(event: &Event, recurrence: &Recurrence) -> (NaiveDateTime, NaiveDateTime) {
    let Span { start, end, all_day, .. } = event.span;
    if all_day {
        return (start, end);
    }
    let series_zone = zone(&recurrence.zone);
    let on_the_wall = |span: &Span| {
        let instants = instants(span);
        (zones::to_wall(instants.start, series_zone), zones::to_wall(instants.end, series_zone))
    };
    let is_own_zone = event.span.start_zone == recurrence.zone && event.span.end_zone == recurrence.zone;
    let (start, end) = if is_own_zone { (start, end) } else { on_the_wall(&event.span) };
    let first = recurrence.dates().next().unwrap_or(start.date());
    on_the_wall(&span_of(recurrence, first, (start, end)))
}

/// A timed span that begins on a date at the time of day of a start and is as
/// long on the wall.
fn span_of(recurrence: &Recurrence, date: NaiveDate, (start, end): (NaiveDateTime, NaiveDateTime)) -> Span {
    let shifted = date.and_time(start.time());
    Span {
        start: shifted,
        start_zone: recurrence.zone.clone(),
        end: dates::later(shifted, end - start),
        end_zone: recurrence.zone.clone(),
        all_day: false,
    }
}

/// The span that the rule gives to the occurrence of a date.
pub(crate) fn occurrence_span(event: &Event, recurrence: &Recurrence, date: NaiveDate) -> Span {
    Span { all_day: event.span.all_day, ..span_of(recurrence, date, walls(event, recurrence)) }
}

/// The occurrence of a date, if the series has it and it is not cancelled.
pub(crate) fn occurrence(event: &Event, date: NaiveDate) -> Option<Instance<'_>> {
    let recurrence = event.recurrence.as_ref()?;
    match event.exceptions.get(&date) {
        Some(Change::Cancelled) => None,
        Some(Change::Moved(changed)) => {
            Some(Instance { event, kind: Kind::Exception(date, changed), span: changed.span.clone() })
        }
        None => recurrence.has(date).then(|| Instance {
            event,
            kind: Kind::Occurrence(date),
            span: occurrence_span(event, recurrence, date),
        }),
    }
}

/// What of an event a window shows: the single event, or occurrences and
/// exceptions in the order of their original dates.
pub(crate) fn in_window(event: &Event, window: Window) -> Vec<Instance<'_>> {
    let Some(recurrence) = &event.recurrence else {
        let single = whole(event);
        return if window.meets(&single.span) { vec![single] } else { Vec::new() };
    };
    let mut instances = Vec::new();
    let last = window.end.date_naive().checked_add_days(Days::new(MARGIN_DAYS)).unwrap_or(NaiveDate::MAX);
    for date in recurrence.dates().take_while(|date| *date <= last) {
        if event.exceptions.contains_key(&date) {
            continue;
        }
        let span = occurrence_span(event, recurrence, date);
        if window.meets(&span) {
            instances.push(Instance { event, kind: Kind::Occurrence(date), span });
        }
    }
    for (date, change) in &event.exceptions {
        match change {
            Change::Moved(changed) if window.meets(&changed.span) => {
                instances.push(Instance { event, kind: Kind::Exception(*date, changed), span: changed.span.clone() });
            }
            Change::Moved(_) | Change::Cancelled => {}
        }
    }
    instances.sort_by_key(|instance| match instance.kind {
        Kind::Occurrence(date) | Kind::Exception(date, _) => date,
        Kind::Single | Kind::Master => NaiveDate::MIN,
    });
    instances
}

/// The dates before and after an occurrence, cancelled ones included.
pub(crate) fn neighbours(recurrence: &Recurrence, date: NaiveDate) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let mut before = None;
    for other in recurrence.dates() {
        if other > date {
            return (before, Some(other));
        }
        if other < date {
            before = Some(other);
        }
    }
    (before, None)
}
