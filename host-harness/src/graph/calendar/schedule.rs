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

/// A digit for each slot of the range, the last of which may be cut off.
pub(crate) fn availability(items: &[Instance<'_>], window: Window, slot: TimeDelta) -> String {
    let mut view = String::new();
    let mut start = window.start;
    while start < window.end && slot > TimeDelta::zero() {
        let end = (start + slot).min(window.end);
        view.push(held(items, start, end));
        start = end;
    }
    view
}

fn held(items: &[Instance<'_>], start: DateTime<Utc>, end: DateTime<Utc>) -> char {
    let range = Window { start, end };
    let digits = items.iter().filter(|item| range.meets(&item.span)).filter_map(|item| {
        let status = status(item);
        HELD.iter().find(|(name, _)| *name == status).map(|(_, digit)| *digit)
    });
    digits.max().unwrap_or('0')
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
