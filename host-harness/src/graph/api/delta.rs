//! Rounds of change tracking: `calendarView/delta` and `events/delta`
//! (api/event-delta, concepts/delta-query-events, concepts/delta-query-overview).
//!
//! A round lists what changed since the last one, page by page, and ends with
//! a delta link. The window is part of the token. What lies outside of it is
//! reported as removed whenever it changes, whether or not it was ever seen.
//! What a page looks like is in `delta_page`, what a token says in
//! `delta_token`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Context, delta_page, delta_token, list};
use crate::graph::calendar::instance::{Window, in_window, instants, whole};
use crate::graph::model::{CalendarNo, Event, EventNo, MailboxNo};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Items of a page when the client does not say.
const PAGE_SIZE: usize = 10;
/// Largest page, whatever the client asks for.
const PAGE_SIZE_MAX: usize = 1000;
/// Tokens remembered for one mailbox; older ones are evicted, as the
/// documentation says of the service's cache.
const TOKENS_MAX: usize = 200;

/// Options that a round refuses by documentation.
const REFUSED_OPTIONS: [&str; 5] = ["$select", "$expand", "$filter", "$orderby", "$search"];

/// What a round is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    View(Window),
    /// Events that end after the instant, if one is given.
    Events {
        start: Option<DateTime<Utc>>,
    },
}

/// Something to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    Event(EventNo),
    /// A tombstone by its place in the history.
    Gone(u64),
}

/// What a token stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeltaState {
    pub mailbox: MailboxNo,
    pub calendar: CalendarNo,
    pub subject: Subject,
    /// Everything up to this change has been or is being reported.
    pub upto: u64,
    /// Whether this is the first round, which reports no removals.
    pub is_first: bool,
    /// What is left of the round; empty for a delta link.
    pub queue: Vec<Unit>,
    /// Whether the page before had no items by chance.
    pub was_empty: bool,
}

/// `GET …/calendarView/delta`.
pub(crate) fn calendar_view(state: &mut State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    if let Some(name) = context.call.query.names().find(|name| REFUSED_OPTIONS.contains(name)) {
        let message = format!(
            "The following parameters are not supported with change tracking over the 'CalendarView' resource: '{name}'."
        );
        return Err(Refusal::new(400, "ErrorInvalidUrlQuery", message));
    }
    if let Some(token) = token(context) {
        return resume(state, context, calendar, &token, true);
    }
    let window = list::window(context)?;
    Ok(begin(state, context, calendar, Subject::View(window)))
}

/// `GET …/events/delta`.
pub(crate) fn events(state: &mut State, context: &Context<'_>, calendar: CalendarNo) -> Result<Reply, Refusal> {
    if let Some(token) = token(context) {
        return resume(state, context, calendar, &token, false);
    }
    let start = match context.call.query.get("startdatetime") {
        None => None,
        Some(text) => Some(list::instant(text, "StartDateTime")?),
    };
    Ok(begin(state, context, calendar, Subject::Events { start }))
}

/// The token of a request. An empty one, as in the `Location` of a refusal,
/// stands for a new round.
fn token(context: &Context<'_>) -> Option<String> {
    let query = &context.call.query;
    let token = query.get("$deltatoken").or_else(|| query.get("$skiptoken"));
    token.filter(|token| !token.is_empty()).map(str::to_owned)
}

/// The last change that rounds may show. A lag hides what is younger.
fn visible_upto(state: &State, mailbox: MailboxNo, calendar: CalendarNo) -> u64 {
    let Some(seconds) = state.meta.behaviour.delta_lag_seconds else {
        return state.meta.change;
    };
    let limit = state.now - TimeDelta::seconds(i64::from(seconds));
    let events =
        state.events_of(mailbox, Some(calendar)).filter(|event| event.modified > limit).map(|event| event.change);
    let gone = tombstones(state, mailbox, calendar, 0).filter(|(_, at)| *at > limit).map(|(change, _)| change);
    events.chain(gone).min().map_or(state.meta.change, |first| first.saturating_sub(1))
}

fn tombstones(
    state: &State,
    mailbox: MailboxNo,
    calendar: CalendarNo,
    since: u64,
) -> impl Iterator<Item = (u64, DateTime<Utc>)> {
    state
        .tombstones
        .range(since.saturating_add(1)..)
        .map(|(_, tombstone)| tombstone)
        .filter(move |tombstone| tombstone.mailbox == mailbox && tombstone.calendar == calendar)
        .map(|tombstone| (tombstone.change, tombstone.at))
}

/// Whether an event belongs to what a round is about.
pub(crate) fn concerns(subject: Subject, event: &Event) -> bool {
    match subject {
        Subject::View(window) => !in_window(event, window).is_empty(),
        Subject::Events { start } => {
            let span = whole(event).span;
            start.is_none_or(|start| event.is_series() || instants(&span).end > start)
        }
    }
}

fn begin(state: &mut State, context: &Context<'_>, calendar: CalendarNo, subject: Subject) -> Reply {
    let mailbox = context.mailbox.number;
    let upto = visible_upto(state, mailbox, calendar);
    let mut events: Vec<&Event> = state
        .events_of(mailbox, Some(calendar))
        .filter(|event| event.change <= upto && concerns(subject, event))
        .collect();
    events.sort_by_key(|event| event.change);
    let queue = events.into_iter().map(|event| Unit::Event(event.number)).collect();
    let round = DeltaState { mailbox, calendar, subject, upto, is_first: true, queue, was_empty: false };
    answer(state, context, &round)
}

fn resume(
    state: &mut State,
    context: &Context<'_>,
    calendar: CalendarNo,
    token: &str,
    is_view: bool,
) -> Result<Reply, Refusal> {
    let read = delta_token::read(token);
    let known = read.as_ref().and_then(|read| state.deltas.get(&read.key)).filter(|known| {
        let same_kind = matches!(known.subject, Subject::View(_)) == is_view;
        known.mailbox == context.mailbox.number && known.calendar == calendar && same_kind
    });
    let Some(known) = known.cloned() else {
        let subject = read.map(|read| read.subject).filter(|subject| matches!(subject, Subject::View(_)) == is_view);
        return Err(sync_state_not_found(state, context, subject));
    };
    let is_next_page = context.call.query.get("$skiptoken").is_some();
    if is_next_page {
        return Ok(answer(state, context, &known));
    }
    let upto = visible_upto(state, known.mailbox, calendar).max(known.upto);
    let changed = state
        .events_of(known.mailbox, Some(calendar))
        .filter(|event| event.change > known.upto && event.change <= upto)
        .map(|event| (event.change, Unit::Event(event.number)));
    let gone = tombstones(state, known.mailbox, calendar, known.upto)
        .filter(|(change, _)| *change <= upto)
        .map(|(change, _)| (change, Unit::Gone(change)));
    let mut units: Vec<(u64, Unit)> = changed.chain(gone).collect();
    units.sort_by_key(|(change, _)| *change);
    let queue = units.into_iter().map(|(_, unit)| unit).collect();
    let round = DeltaState { upto, is_first: false, queue, was_empty: false, ..known };
    Ok(answer(state, context, &round))
}

/// The refusal of a token that is no longer, or never was, known. A token
/// that was given out leads to a new round about the same thing, unless the
/// switch keeps that back.
fn sync_state_not_found(state: &State, context: &Context<'_>, subject: Option<Subject>) -> Refusal {
    let generation = state.meta.change;
    let message = format!("The sync state generation is not found; generation={generation};");
    let refusal = Refusal::new(410, "SyncStateNotFound", message);
    let Some(subject) = subject.filter(|_| !state.meta.behaviour.gone_without_location) else {
        return refusal;
    };
    let window = match subject {
        Subject::View(window) => {
            format!("startDateTime={}&endDateTime={}&", written(window.start), written(window.end))
        }
        Subject::Events { start: Some(start) } => format!("startDateTime={}&", written(start)),
        Subject::Events { start: None } => String::new(),
    };
    refusal.header("location", format!("{}{}?{window}$deltatoken=", state.base_url, context.call.path))
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// One page of a round.
fn answer(state: &mut State, context: &Context<'_>, round: &DeltaState) -> Reply {
    let limit = state.meta.behaviour.page_size_max.unwrap_or(PAGE_SIZE_MAX).min(PAGE_SIZE_MAX);
    let size = context.prefer.page_size.unwrap_or(PAGE_SIZE).min(limit);
    let is_empty = state.meta.behaviour.empty_pages && !round.was_empty && state.chance(3);
    let (mut items, taken) = if is_empty { (Vec::new(), 0) } else { delta_page::items(state, context, round, size) };
    if state.meta.behaviour.replay && !items.is_empty() && state.chance(2) {
        let repeated = state.random_below(items.len());
        items.extend(items.get(repeated).cloned());
    }
    let rest = round.queue.get(taken..).unwrap_or_default().to_vec();
    let has_more = is_empty || !rest.is_empty();
    let next = DeltaState { queue: rest, was_empty: is_empty, ..round.clone() };
    let (name, parameter) =
        if has_more { ("@odata.nextLink", "$skiptoken") } else { ("@odata.deltaLink", "$deltatoken") };
    let what = match next.subject {
        Subject::View(_) => "calendarView",
        Subject::Events { .. } => "events",
    };
    let link_token = keep(state, next);
    let path = link_path(state, context);
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(format!("{}/v1.0/$metadata#Collection(event)", state.base_url)));
    body.insert("value".to_owned(), Value::Array(items.into_iter().map(Value::Object).collect()));
    body.insert(name.to_owned(), json!(format!("{}{path}/{what}/delta?{parameter}={link_token}", state.base_url)));
    Reply::json(200, Value::Object(body)).header("preference-applied", "odata.track-changes".to_owned())
}

/// The path in front of the collection. Links are opaque, so their shape is
/// free; a client that takes them apart is found out here.
fn link_path(state: &mut State, context: &Context<'_>) -> String {
    let root = if state.chance(2) { context.root() } else { format!("/v1.0/users('{}')", context.mailbox.object_id) };
    let words = context.call.words();
    match words.get(context.depth..) {
        Some(["calendars", ..]) => {
            let id: String = url::form_urlencoded::byte_serialize(context.raw(1).as_bytes()).collect();
            format!("{root}/calendars('{id}')")
        }
        Some(["calendar", ..]) => format!("{root}/calendar"),
        Some(_) | None => root,
    }
}

/// Keeps what a new token stands for, and hands the token out. The oldest
/// tokens of the mailbox give way.
fn keep(state: &mut State, round: DeltaState) -> String {
    let mailbox = round.mailbox;
    let key = format!("{:010}/{:012}", mailbox.0, state.next_number());
    let token = delta_token::write(state, &key, round.subject);
    state.deltas.insert(key, round);
    let range = format!("{:010}/", mailbox.0)..format!("{:010}0", mailbox.0);
    let known: Vec<String> = state.deltas.range(range).map(|(key, _)| key.clone()).collect();
    for key in known.iter().take(known.len().saturating_sub(TOKENS_MAX)) {
        state.deltas.remove(key);
    }
    token
}
