//! When people are free: what a calendar tells of a range of time
//! (resources/scheduleinformation, resources/scheduleitem).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::instance::{Instance, Kind, Window, in_window, instants};
use super::output::{View, moment, object};
use crate::graph::model::Mailbox;
use crate::graph::state::State;
use crate::graph::zones;

/// How the time of an event is held, in the order of what prevails where events
/// overlap. Working elsewhere counts as free (resources/scheduleinformation).
const HELD: [(&str, char); 3] = [("tentative", '1'), ("busy", '2'), ("oof", '3')];

/// The events of the default calendar that a range shows, earliest first.
pub(crate) fn items<'a>(state: &'a State, mailbox: &Mailbox, window: Window) -> Vec<Instance<'a>> {
    let events = state.events_of(mailbox.number, Some(mailbox.default_calendar));
    let shown = events.flat_map(|event| in_window(event, window));
    let mut items: Vec<Instance<'a>> = shown.filter(|instance| !instance.is_cancelled()).collect();
    items.sort_by_key(|instance| (instants(&instance.span).start, instance.event.number));
    items
}

/// A digit for each slot of the range, the last of which may be cut off. Each
/// item counts where it begins and behind its end, so that one walk over the
/// slots knows what holds them.
pub(crate) fn availability(items: &[Instance<'_>], window: Window, slot: TimeDelta) -> String {
    let spans = items.iter().filter(|item| window.meets(&item.span)).filter_map(|item| {
        let status = status(item);
        let rank = HELD.iter().position(|(name, _)| *name == status)?;
        Some((rank, instants(&item.span)))
    });
    merged(spans, window, slot)
}

/// The same of spans, each with its place among what prevails.
fn merged(spans: impl Iterator<Item = (usize, Window)>, window: Window, slot: TimeDelta) -> String {
    let (length, whole) = (slot.num_seconds().max(1), (window.end - window.start).num_seconds());
    let count = places(whole, length);
    let mut steps = vec![[0_i64; HELD.len()]; count + 1];
    let mut step = |at: usize, rank: usize, by: i64| {
        if let Some(held) = steps.get_mut(at).and_then(|step| step.get_mut(rank)) {
            *held += by;
        }
    };
    for (rank, span) in spans {
        let first = usize::try_from((span.start - window.start).num_seconds().max(0) / length).unwrap_or(0);
        let behind = places((span.end.min(window.end) - window.start).num_seconds(), length).max(first + 1);
        step(first, rank, 1);
        step(behind.min(count), rank, -1);
    }
    let mut held = [0_i64; HELD.len()];
    let digits = steps.iter().take(count).map(|step| {
        held.iter_mut().zip(step).for_each(|(held, step)| *held += step);
        let prevailing = HELD.iter().zip(held).rev().find(|(_, number)| *number > 0);
        prevailing.map_or('0', |((_, digit), _)| *digit)
    });
    digits.collect()
}

/// How many slots it takes to reach so many seconds.
fn places(seconds: i64, length: i64) -> usize {
    let seconds = seconds.max(0);
    usize::try_from(seconds / length + i64::from(seconds % length > 0)).unwrap_or(0)
}

/// One item; who asks sees what it is about where `is_detailed`.
pub(crate) fn write(item: &Instance<'_>, view: &View, is_detailed: bool) -> Map<String, Value> {
    let instants = instants(&item.span);
    let at = |at: DateTime<Utc>| moment(zones::to_wall(at, view.zone), view);
    let mut map = object(json!({ "status": status(item), "start": at(instants.start), "end": at(instants.end) }));
    let is_private = matches!(text(item, "sensitivity").as_deref(), Some("private" | "confidential"));
    if is_detailed {
        map.insert("isPrivate".to_owned(), json!(is_private));
    }
    if is_detailed && !is_private {
        map.insert("subject".to_owned(), json!(text(item, "subject").unwrap_or_default()));
        let place = property(item, "location").and_then(|place| place.get("displayName").cloned());
        map.insert("location".to_owned(), place.unwrap_or_else(|| json!("")));
    }
    map
}

/// The value of `showAs`.
fn status(item: &Instance<'_>) -> String {
    text(item, "showAs").unwrap_or_else(|| "busy".to_owned())
}

fn text(item: &Instance<'_>, name: &str) -> Option<String> {
    property(item, name).and_then(Value::as_str).map(str::to_owned)
}

/// A stored property of an occurrence, or of its series.
fn property<'a>(item: &Instance<'a>, name: &str) -> Option<&'a Value> {
    let own = match item.kind {
        Kind::Exception(_, changed) => changed.properties.get(name),
        Kind::Single | Kind::Master | Kind::Occurrence(_) => None,
    };
    own.or_else(|| item.event.properties.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn window(start: i64, end: i64) -> Window {
        Window { start: at(start), end: at(end) }
    }

    fn view(spans: &[(usize, i64, i64)], slot: i64) -> String {
        let spans = spans.iter().map(|(rank, start, end)| (*rank, window(*start, *end)));
        merged(spans, window(0, 100), TimeDelta::minutes(slot))
    }

    #[test]
    fn each_slot_shows_what_prevails_in_it() {
        let cases = [
            (vec![], "0000"),
            (vec![(1, 30, 60)], "0200"),
            (vec![(1, 29, 61)], "2220"),
            (vec![(0, 0, 90), (2, 45, 50)], "1310"),
            (vec![(1, -500, 500)], "2222"),
            (vec![(1, 95, 500)], "0002"),
            (vec![(1, -500, 1)], "2000"),
            // A moment holds the slot that begins with it.
            (vec![(1, 30, 30)], "0200"),
            (vec![(1, 0, 30), (1, 0, 30), (0, 30, 60)], "2100"),
        ];
        for (spans, expected) in cases {
            assert_eq!(view(&spans, 30), expected, "{spans:?}");
        }
    }

    #[test]
    fn the_work_grows_with_events_and_slots_and_not_with_their_product() {
        // Sixty thousand events times twice as many slots would be seven thousand million comparisons.
        let long: Vec<(usize, Window)> = (0..60_000).map(|_| (1, window(0, 600_000))).collect();
        let view = merged(long.into_iter(), window(0, 600_000), TimeDelta::minutes(5));
        assert_eq!(view, "2".repeat(120_000));
    }
}
