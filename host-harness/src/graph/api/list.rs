//! Lists of events: collections, calendar views and instances
//! (api/user-list-events, api/calendar-list-calendarview, api/event-list-instances).

use std::num::NonZero;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Context;
use super::event_filter::EVENTS;
use super::events::{Target, find, require_changed_occurrences};
use super::filter::{Filter, sort};
use super::inside;
use super::options::Options;
use super::projection::Projection;
use crate::graph::calendar::instance::{Instance, Window, in_window, occurrence, whole};
use crate::graph::dates;
use crate::graph::model::{CalendarNo, Event};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Items of a page when `$top` is absent.
const PAGE_SIZE: usize = 10;
/// Largest `$top` of Outlook collections.
const PAGE_SIZE_MAX: usize = 1000;

/// Options that a list of events understands. Events cannot be searched
/// (resources/calendar).
const OPTIONS: Options = Options::of(
    &["$top", "$skip", "$select", "$filter", "$orderby", "$expand", "$count"],
    &["$search", "$skiptoken", "$deltatoken"],
);

/// `GET …/events`: single events and masters.
pub(crate) fn events(state: &State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    let instances = state.events_of(context.mailbox.number, Some(calendar)).map(whole).collect();
    page(state, context, instances, "events")
}

/// `GET …/calendarView`: single events, occurrences and exceptions.
pub(crate) fn view(state: &State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    let window = window(context)?;
    let events = state.events_of(context.mailbox.number, Some(calendar));
    let mut instances: Vec<Instance<'_>> = events.flat_map(|event| in_window(event, window)).collect();
    instances.sort_by_key(|instance| crate::graph::calendar::instance::instants(&instance.span).start);
    page(state, context, instances, "calendarView")
}

/// `GET …/events/{id}/instances`.
pub(crate) fn instances(state: &State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let window = window(context)?;
    let event = master(state, context, id)?;
    page(state, context, in_window(event, window), "events/instances")
}

/// `GET …/events/{id}/exceptionOccurrences`, where the cloud has it.
pub(crate) fn exceptions(state: &State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    require_changed_occurrences(state)?;
    let master = master(state, context, id)?;
    let changed = master.exceptions.keys().filter_map(|date| occurrence(master, *date)).collect();
    page(state, context, changed, "events/exceptionOccurrences")
}

/// The series of an id.
fn master<'a>(state: &'a State, context: &Context<'_>, id: &str) -> Result<&'a Event, Refusal> {
    let Target { event, occurrence } = find(state, context, id)?;
    let event = state.events.get(&event).filter(|event| event.is_series() && occurrence.is_none());
    event.ok_or_else(|| {
        Refusal::new(400, "ErrorInvalidRequest", "Your request can't be completed. Only a series master has instances.")
    })
}

/// The window of a request; both ends are required, UTC unless they say.
///
/// DIFFERENCE: no page says how long it may be, and here any length will do; the
/// service has been seen to refuse more than 1,825 days
/// (microsoft-graph-docs-contrib#6321).
pub(crate) fn window(context: &Context<'_>) -> Result<Window, Refusal> {
    let (start, end) = (context.call.query.get("startdatetime"), context.call.query.get("enddatetime"));
    let (Some(start), Some(end)) = (start, end) else {
        return Err(Refusal::invalid_parameter(
            "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
        ));
    };
    let window = Window { start: instant(start, "StartDateTime")?, end: instant(end, "EndDateTime")? };
    if window.end < window.start {
        return Err(Refusal::invalid_parameter(
            "The value of parameter 'EndDateTime' must not be before 'StartDateTime'.",
        ));
    }
    Ok(window)
}

/// Reads an instant from a query parameter.
pub(crate) fn instant(text: &str, name: &str) -> Result<DateTime<Utc>, Refusal> {
    // An unescaped plus sign of an offset arrives as a space.
    let repaired = text.replace(' ', "+");
    let utc = || Some(dates::wall_clock(text.trim_end_matches('Z'))?.and_utc());
    let read = dates::instant(&repaired).or_else(utc);
    read.ok_or_else(|| Refusal::invalid_parameter(format!("The value '{text}' of parameter '{name}' is invalid.")))
}

/// A whole number in a query option.
fn number(context: &Context<'_>, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = context.call.query.get(name) else {
        return Ok(None);
    };
    let value = text.parse().map_err(|_| {
        let message = format!("Invalid value '{text}' for {name} query option found. The {name} query option requires a non-negative integer value.");
        Refusal::new(400, "BadRequest", message)
    })?;
    Ok(Some(value))
}

fn page(state: &State, context: &Context<'_>, mut instances: Vec<Instance<'_>>, what: &str) -> Result<Reply, Refusal> {
    let query = &context.call.query;
    OPTIONS.check(context, "events")?;
    inside::EVENTS.require(context, query)?;
    let filter = Filter::parse(query.get("$filter"), &EVENTS)?;
    instances.retain(|instance| filter.accepts(instance));
    sort(&mut instances, query.get("$orderby"), &EVENTS, "events")?;
    if context.call.words().last() == Some(&"$count") {
        return Ok(count_only(instances.len()));
    }
    let page = Page::of_outlook(state, context)?;
    let projection = Projection::read(context, state.meta.behaviour.cloud)?;
    let write = |instance: &Instance<'_>| projection.write(instance, &context.view);
    Ok(collection(state, context, what, page, &instances, write))
}

/// The part of a list that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    skip: usize,
    top: usize,
}

impl Page {
    /// As Outlook collections have it: ten items unless the client says.
    pub fn of_outlook(state: &State, context: &Context<'_>) -> Result<Self, Refusal> {
        let limit = state.meta.behaviour.page_size_max.map_or(PAGE_SIZE_MAX, NonZero::get).min(PAGE_SIZE_MAX);
        let asked = number(context, "$top")?.or(context.prefer.page_size).unwrap_or(PAGE_SIZE);
        Ok(Self { skip: number(context, "$skip")?.unwrap_or(0), top: asked.clamp(1, limit) })
    }

    /// Everything on one page unless the client says.
    pub fn whole(context: &Context<'_>) -> Result<Self, Refusal> {
        let top = number(context, "$top")?.map_or(usize::MAX, |top| top.max(1));
        Ok(Self { skip: number(context, "$skip")?.unwrap_or(0), top })
    }
}

/// The answer that holds one page of `items`.
pub(crate) fn collection<T>(
    state: &State,
    context: &Context<'_>,
    what: &str,
    page: Page,
    items: &[T],
    write: impl Fn(&T) -> Map<String, Value>,
) -> Reply {
    let shown = items.iter().skip(page.skip).take(page.top);
    let value: Vec<Value> = shown.map(|item| Value::Object(write(item))).collect();
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(context.odata_context(state, what)));
    if context.call.query.get("$count").is_some_and(|count| count.eq_ignore_ascii_case("true")) {
        body.insert("@odata.count".to_owned(), json!(items.len()));
    }
    body.insert("value".to_owned(), Value::Array(value));
    let end = page.skip.saturating_add(page.top);
    if end < items.len() {
        body.insert("@odata.nextLink".to_owned(), json!(next_link(state, context, end)));
    }
    Reply::json(200, Value::Object(body))
}

/// The answer of `$count` as a segment: a number as text.
pub(crate) fn count_only(count: usize) -> Reply {
    Reply::file("text/plain".to_owned(), count.to_string().into_bytes())
}

/// The same request further down the list.
fn next_link(state: &State, context: &Context<'_>, skip: usize) -> String {
    let mut query = context.call.query.to_map();
    query.insert("$skip".to_owned(), skip.to_string());
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            format!("{name}={value}")
        })
        .collect();
    format!("{}{}?{}", state.base_url, context.call.path, pairs.join("&"))
}
