//! A mailbox as its owner would see it: the head that all its pages share, and
//! the week of its calendars, in its own zone.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::render::{self, Frame};
use super::times::Times;
use super::week::{self, DAYS, Day, Entry, Placed};
use super::words::{self, in_path, later, titled};
use super::{item, mail, no_page, tasks};
use crate::graph::calendar::instance::{Instance, Kind, Window, in_window};
use crate::graph::calendar::output::{self, View};
use crate::graph::call::Call;
use crate::graph::dates;
use crate::graph::ids;
use crate::graph::model::{Calendar, CalendarNo, Mailbox};
use crate::graph::reply::Reply;
use crate::graph::state::State;
use crate::graph::zones;

/// Colours by which calendars are told apart; further ones begin again.
const COLOURS: usize = 6;

/// The parts of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Calendar,
    Tasks,
    Mail,
}

/// Draws a page of a mailbox.
pub(crate) fn draw(state: &State, call: &Call, frame: &Frame, owner: &Mailbox, path: &[&str]) -> Reply {
    // Ids keep their case.
    let id = call.raw(4);
    match path {
        [] | ["calendar"] => calendar(state, call, frame, owner),
        ["tasks"] => tasks::draw(state, frame, owner),
        ["mail"] => mail::draw(state, call, frame, owner),
        ["events", _] => item::event(state, frame, owner, id),
        ["tasks", _] => item::task(state, frame, owner, id),
        ["messages", _] => item::message(state, frame, owner, id),
        _ => no_page(),
    }
}

/// The address of a mailbox's pages.
pub(crate) fn root(owner: &Mailbox) -> String {
    format!("/_emulator/mailboxes/{}", in_path(&owner.object_id))
}

/// What stands above all pages of a mailbox.
pub(crate) fn head(owner: &Mailbox, current: Part) -> Value {
    let root = root(owner);
    let part = |part: Part, label: &str, path: &str| json!({ "label": label, "href": format!("{root}/{path}"), "current": part == current });
    json!({
        "name": owner.display_name,
        "address": owner.user_principal_name,
        "zone": owner.time_zone,
        "parts": [
            part(Part::Calendar, "Calendar", "calendar"),
            part(Part::Tasks, "Tasks", "tasks"),
            part(Part::Mail, "Mail", "mail"),
        ],
    })
}

/// How Graph's answers are wanted here: in the zone of the mailbox.
pub(crate) fn view(owner: &Mailbox) -> View {
    View { zone: words::zone_of(owner), zone_name: owner.time_zone.clone(), ..View::plain() }
}

fn calendar(state: &State, call: &Call, frame: &Frame, owner: &Mailbox) -> Reply {
    let zone = words::zone_of(owner);
    let today = zones::to_wall(state.now, zone).date();
    let date = call.query.get("date").and_then(dates::date).unwrap_or(today);
    let first = words::monday(date);
    let calendars = state.calendars_of(owner.number);
    let asked = call.query.get("calendar").and_then(ids::parse_calendar_id);
    let chosen = asked.filter(|number| calendars.iter().any(|calendar| calendar.number == *number));
    let colours: BTreeMap<CalendarNo, usize> =
        calendars.iter().enumerate().map(|(place, calendar)| (calendar.number, place % COLOURS)).collect();
    let entries = entries(state, owner, chosen, first, &colours);
    let week = week::week(first, &entries);
    let href = |date: NaiveDate| {
        let calendar = chosen.map(|number| format!("&calendar={}", in_path(&ids::calendar_id(number))));
        format!("{}/calendar?date={date}{}", root(owner), calendar.unwrap_or_default())
    };
    let option = |calendar: &&Calendar| {
        json!({
            "id": ids::calendar_id(calendar.number),
            "name": calendar.name,
            "colour": colours.get(&calendar.number),
            "chosen": Some(calendar.number) == chosen,
            "events": state.events_of(owner.number, Some(calendar.number)).count(),
        })
    };
    let slots = (week.hours.1 - week.hours.0) * 4;
    let view = json!({
        "head": head(owner, Part::Calendar),
        "action": format!("{}/calendar", root(owner)),
        "range": words::range(first, later(first, DAYS - 1)),
        "date": first.to_string(),
        "previous": href(words::earlier(first, DAYS)),
        "next": href(later(first, DAYS)),
        "today": href(today),
        "calendars": calendars.iter().map(option).collect::<Vec<_>>(),
        "all": chosen.is_none(),
        "slots": slots,
        "hours": (week.hours.0..week.hours.1).map(|hour| format!("{hour:02}:00")).collect::<Vec<_>>(),
        "days": week.days.iter().map(|one| day(one, today)).collect::<Vec<_>>(),
        "count": entries.len(),
    });
    render::page("week.html", frame, view)
}

/// What the calendars show in a week.
fn entries(
    state: &State,
    owner: &Mailbox,
    calendar: Option<CalendarNo>,
    first: NaiveDate,
    colours: &BTreeMap<CalendarNo, usize>,
) -> Vec<Entry> {
    let view = view(owner);
    // All-day events are dates, whose instants lie up to a day beside the zone's.
    let midnight = |date: NaiveDate| zones::to_utc(date.and_time(chrono::NaiveTime::MIN), view.zone);
    let window = Window { start: midnight(words::earlier(first, 1)), end: midnight(later(first, DAYS + 1)) };
    let events = state.events_of(owner.number, calendar);
    let mut entries: Vec<Entry> = events
        .flat_map(|event| in_window(event, window))
        .map(|instance| entry(&instance, owner, &view, colours))
        .filter(|entry| entry.touches(first, DAYS))
        .collect();
    entries.sort_by_key(|entry| (entry.start, entry.end));
    entries
}

fn entry(instance: &Instance<'_>, owner: &Mailbox, view: &View, colours: &BTreeMap<CalendarNo, usize>) -> Entry {
    let times = Times::of(&instance.span, view.zone);
    let graph = output::full(instance, view);
    let text = |name: &str| graph.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut marks = Vec::new();
    if instance.is_cancelled() {
        marks.push("cancelled");
    }
    match instance.kind {
        Kind::Occurrence(_) => marks.push("series"),
        Kind::Exception(_, _) => marks.push("exception"),
        Kind::Single | Kind::Master => {}
    }
    match text("showAs") {
        "tentative" => marks.push("tentative"),
        "free" => marks.push("free"),
        "oof" => marks.push("out of office"),
        "workingElsewhere" => marks.push("elsewhere"),
        _ => {}
    }
    let place = graph.get("location").and_then(|place| place.get("displayName")).map(words::plain);
    let id = output::id(instance, view.form);
    let shown = json!({
        "title": titled(text("subject")),
        "href": format!("{}/events/{}", root(owner), in_path(&id)),
        "when": times.in_short(),
        "place": place.filter(|place| !place.is_empty()),
        "colour": colours.get(&instance.event.calendar).copied().unwrap_or_default(),
        "cancelled": instance.is_cancelled(),
        "tentative": text("showAs") == "tentative",
        "free": text("showAs") == "free",
        "marks": marks,
    });
    Entry { start: times.start, end: times.end.max(times.start), is_all_day: times.is_all_day, shown }
}

fn day(day: &Day<'_>, today: NaiveDate) -> Value {
    let shown = |entry: &&Entry| json!({ "event": entry.shown, "continues": entry.continues_on(day.date) });
    let placed = |placed: &Placed<'_>| {
        json!({
            "events": placed.entries.iter().map(shown).collect::<Vec<_>>(),
            "place": format!("t{} h{} l{} n{}", placed.top, placed.height, placed.lane, placed.lanes),
        })
    };
    json!({
        "name": day.date.format("%A").to_string(),
        "date": day.date.format("%-d %b").to_string(),
        "today": day.date == today,
        "whole": day.whole.iter().map(shown).collect::<Vec<_>>(),
        "timed": day.timed.iter().map(placed).collect::<Vec<_>>(),
    })
}
