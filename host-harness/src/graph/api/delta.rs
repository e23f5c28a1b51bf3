//! Rounds of change tracking (concepts/delta-query-overview): the way from a
//! token to a page and the next token, the same for every collection.
//!
//! A round lists what changed since the last one, page by page, and ends with
//! a delta link. What the round is about is part of the token. Which changes
//! there are says `delta_history`, what a page looks like `delta_page`, what a
//! token says `delta_token`. Which requests begin a round is in
//! `calendar_delta`, `todo::delta` and `mail::delta`.

use std::num::NonZero;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::delta_token::Token;
use super::mail::delta as mail;
use super::{Context, delta_history, delta_page, delta_token};
use crate::graph::calendar::instance::Window;
use crate::graph::mail::model::{FolderNo, MessageNo};
use crate::graph::model::{ContainerNo, EventNo, MailboxNo};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;
use crate::graph::todo::model::{ListNo, TaskNo};
use crate::graph::todo::output::Relations;

/// Items of a page when the client does not say.
const PAGE_SIZE: usize = 10;
/// Largest page, whatever the client asks for.
const PAGE_SIZE_MAX: usize = 1000;
/// Tokens remembered for one mailbox; older ones are evicted, as the
/// documentation says of the service's cache.
const TOKENS_MAX: usize = 200;

/// What a round is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    View(Window),
    /// Events that end after the instant, if one is given.
    Events {
        start: Option<DateTime<Utc>>,
    },
    /// The task lists of a mailbox.
    Lists,
    /// The tasks of a list, each with what was expanded.
    Tasks(Relations),
    /// The messages of a mail folder. What was asked about them is in the
    /// options of the round.
    Messages,
    /// Mail folders, all of a mailbox or those in one of them.
    Folders,
}

impl Subject {
    /// The collection that is tracked.
    pub fn tracked(self) -> Tracked {
        match self {
            Self::View(_) => Tracked::View,
            Self::Events { .. } => Tracked::Events,
            Self::Lists => Tracked::Lists,
            Self::Tasks(_) => Tracked::Tasks,
            Self::Messages => Tracked::Messages,
            Self::Folders => Tracked::Folders,
        }
    }

    /// The options that begin a round about the same thing.
    pub fn options(self) -> String {
        match self {
            Self::View(window) => {
                format!("startDateTime={}&endDateTime={}&", written(window.start), written(window.end))
            }
            Self::Events { start: Some(start) } => format!("startDateTime={}&", written(start)),
            Self::Tasks(relations) if relations.any() => format!("$expand={}&", relations.names().join(",")),
            Self::Events { start: None } | Self::Lists | Self::Tasks(_) | Self::Messages | Self::Folders => {
                String::new()
            }
        }
    }
}

/// The collections that have change tracking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracked {
    View,
    Events,
    Lists,
    Tasks,
    Messages,
    Folders,
}

impl Tracked {
    /// Whether rounds keep the options that they were begun with.
    fn keeps_options(self) -> bool {
        matches!(self, Self::Messages | Self::Folders)
    }

    /// The segment of the path that names the collection.
    fn segment(self) -> &'static str {
        match self {
            Self::View => "calendarView",
            Self::Events => "events",
            Self::Lists => "lists",
            Self::Tasks => "tasks",
            Self::Messages => "messages",
            Self::Folders => "mailFolders",
        }
    }

    /// The type of its items.
    fn item_type(self) -> &'static str {
        match self {
            Self::View | Self::Events => "event",
            Self::Lists => "todoTaskList",
            Self::Tasks => "todoTask",
            Self::Messages => "message",
            Self::Folders => "mailFolder",
        }
    }
}

/// Something to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    Event(EventNo),
    List(ListNo),
    Task(TaskNo),
    Message(MessageNo),
    Folder(FolderNo),
    /// A tombstone by its place in the history.
    Gone(u64),
}

/// What a token stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeltaState {
    pub mailbox: MailboxNo,
    #[serde(alias = "calendar")]
    pub container: ContainerNo,
    pub subject: Subject,
    /// Everything up to this change has been or is being reported.
    pub upto: u64,
    /// Everything up to this change was reported by the rounds before.
    #[serde(default)]
    pub since: u64,
    /// What was asked when the first round began, where that is not in the
    /// subject: query options.
    #[serde(default)]
    pub options: String,
    /// Whether this is the first round, which reports no removals.
    pub is_first: bool,
    /// What is left of the round; empty for a delta link.
    pub queue: Vec<Unit>,
    /// Whether the page before had no items by chance.
    pub was_empty: bool,
}

/// Answers a request on the changes of a collection: one with a token goes on,
/// one without begins a round about what `begun` reads from the request.
pub(crate) fn serve(
    state: &mut State,
    context: &Context<'_>,
    tracked: Tracked,
    container: ContainerNo,
    begun: impl FnOnce() -> Result<Subject, Refusal>,
) -> Result<Reply, Refusal> {
    match token(context) {
        Some(token) => resume(state, context, tracked, container, &token),
        None => begin(state, context, container, begun()?),
    }
}

/// The token of a request. An empty one, as in the `Location` of a refusal,
/// stands for a new round.
fn token(context: &Context<'_>) -> Option<String> {
    let query = &context.call.query;
    let token = query.get("$deltatoken").or_else(|| query.get("$skiptoken"));
    token.filter(|token| !token.is_empty()).map(str::to_owned)
}

fn begin(state: &mut State, context: &Context<'_>, container: ContainerNo, subject: Subject) -> Result<Reply, Refusal> {
    let (mailbox, tracked) = (context.mailbox.number, subject.tracked());
    let upto = delta_history::visible_upto(state, mailbox, container, tracked);
    let queue = delta_history::listed(state, mailbox, container, subject, upto);
    let options = if tracked.keeps_options() { mail::frozen(&context.call.query) } else { String::new() };
    let (since, is_first, was_empty) = (0, true, false);
    let round = DeltaState { mailbox, container, subject, upto, since, options, is_first, queue, was_empty };
    answer(state, context, &narrowed(state, round)?)
}

/// A round without what it was told to leave out.
fn narrowed(state: &State, mut round: DeltaState) -> Result<DeltaState, Refusal> {
    if round.subject.tracked().keeps_options() {
        let queue = std::mem::take(&mut round.queue);
        round.queue = mail::narrowed(state, &round, queue)?;
    }
    Ok(round)
}

fn resume(
    state: &mut State,
    context: &Context<'_>,
    tracked: Tracked,
    container: ContainerNo,
    token: &str,
) -> Result<Reply, Refusal> {
    let read = delta_token::read(token);
    let known = read.as_ref().and_then(|read| state.deltas.get(&read.key)).filter(|known| {
        let same_kind = known.subject.tracked() == tracked;
        known.mailbox == context.mailbox.number && known.container == container && same_kind
    });
    let Some(known) = known.cloned() else {
        let read = read.filter(|read| read.subject.tracked() == tracked);
        return Err(sync_state_not_found(state, context, read));
    };
    let is_next_page = context.call.query.get("$skiptoken").is_some();
    if is_next_page {
        return answer(state, context, &known);
    }
    let upto = delta_history::visible_upto(state, known.mailbox, container, tracked).max(known.upto);
    let queue = delta_history::changed(state, known.mailbox, container, tracked, known.upto, upto);
    let round = DeltaState { upto, since: known.upto, is_first: false, queue, was_empty: false, ..known };
    answer(state, context, &narrowed(state, round)?)
}

/// The refusal of a token that is no longer, or never was, known. A token
/// that was given out leads to a new round about the same thing, unless the
/// switch keeps that back.
fn sync_state_not_found(state: &State, context: &Context<'_>, token: Option<Token>) -> Refusal {
    let generation = state.meta.change;
    let message = format!("The sync state generation is not found; generation={generation};");
    let refusal = Refusal::new(410, "SyncStateNotFound", message);
    let Some(token) = token.filter(|_| !state.meta.behaviour.gone_without_location) else {
        return refusal;
    };
    let mut options = token.subject.options();
    if !token.options.is_empty() {
        options = format!("{options}{}&", token.options);
    }
    refusal.header("location", format!("{}{}?{options}$deltatoken=", state.base_url, context.call.path))
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// One page of a round.
fn answer(state: &mut State, context: &Context<'_>, round: &DeltaState) -> Result<Reply, Refusal> {
    let limit = state.meta.behaviour.page_size_max.map_or(PAGE_SIZE_MAX, NonZero::get).min(PAGE_SIZE_MAX);
    let size = context.prefer.page_size.or_else(|| mail::page_size(round)).unwrap_or(PAGE_SIZE).min(limit);
    let is_empty = state.meta.behaviour.empty_pages && !round.was_empty && state.chance(3);
    let (mut items, taken) = if is_empty { (Vec::new(), 0) } else { delta_page::items(state, context, round, size)? };
    if state.meta.behaviour.replay && !items.is_empty() && state.chance(2) {
        let repeated = state.random_below(items.len());
        items.extend(items.get(repeated).cloned());
    }
    let rest = round.queue.get(taken..).unwrap_or_default().to_vec();
    let has_more = is_empty || !rest.is_empty();
    let next = DeltaState { queue: rest, was_empty: is_empty, ..round.clone() };
    let (name, parameter) =
        if has_more { ("@odata.nextLink", "$skiptoken") } else { ("@odata.deltaLink", "$deltatoken") };
    let tracked = next.subject.tracked();
    let (what, item_type) = (tracked.segment(), tracked.item_type());
    let mail_path = mail::path(&next);
    let link_token = keep(state, next);
    let path = format!("{}{}", link_path(state, context), mail_path.unwrap_or_else(|| format!("/{what}")));
    let metadata = format!("{}/v1.0/$metadata#Collection({item_type})", state.base_url);
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(metadata));
    body.insert("value".to_owned(), Value::Array(items.into_iter().map(Value::Object).collect()));
    body.insert(name.to_owned(), json!(format!("{}{path}/delta?{parameter}={link_token}", state.base_url)));
    Ok(Reply::json(200, Value::Object(body)).header("preference-applied", "odata.track-changes".to_owned()))
}

/// The path in front of the collection. Links are opaque, so their shape is
/// free; a client that takes them apart is found out here.
fn link_path(state: &mut State, context: &Context<'_>) -> String {
    let root = if state.chance(2) { context.root() } else { format!("/v1.0/users('{}')", context.mailbox.object_id) };
    let escaped =
        |index: usize| -> String { url::form_urlencoded::byte_serialize(context.raw(index).as_bytes()).collect() };
    let words = context.call.words();
    match words.get(context.depth..) {
        Some(["calendars", ..]) => format!("{root}/calendars('{}')", escaped(1)),
        Some(["calendargroups", _, "calendars", ..]) => {
            format!("{root}/calendarGroups('{}')/calendars('{}')", escaped(1), escaped(3))
        }
        Some(["calendar", ..]) => format!("{root}/calendar"),
        Some(["todo", "lists", _, "tasks", ..]) => format!("{root}/todo/lists('{}')", escaped(2)),
        Some(["todo", ..]) => format!("{root}/todo"),
        Some(_) | None => root,
    }
}

/// Keeps what a new token stands for, and hands the token out. The oldest
/// tokens of the mailbox give way.
fn keep(state: &mut State, round: DeltaState) -> String {
    let mailbox = round.mailbox;
    let key = format!("{:010}/{:012}", mailbox.0, state.next_number());
    let token = delta_token::write(state, &key, round.subject, &round.options);
    state.deltas.insert(key, round);
    let range = format!("{:010}/", mailbox.0)..format!("{:010}0", mailbox.0);
    let known: Vec<String> = state.deltas.range(range).map(|(key, _)| key.clone()).collect();
    for key in known.iter().take(known.len().saturating_sub(TOKENS_MAX)) {
        state.deltas.remove(key);
    }
    token
}
