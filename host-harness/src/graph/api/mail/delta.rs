//! Rounds about the messages of one folder, and about folders
//! (api/message-delta, api/mailfolder-delta, concepts/delta-query-messages).
//!
//! What was asked at first is frozen into the token, and read from there for
//! every page. A message that moves is reported as removed from the folder it
//! left and as present in the folder it came to.
//!
//! With immutable ids a message that left a folder and came back between two
//! rounds is reported as removed and never again, until it changes
//! (microsoft-graph-docs#21752): its removal and its return have the same id.
//!
//! DIFFERENCE: what a first round with `changeType` lists is not documented.
//! Here everything that is there counts as created.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::folders::check_select;
use super::projection::Projection;
use crate::graph::api::Context;
use crate::graph::api::delta::{DeltaState, Subject, Tracked, Unit, serve};
use crate::graph::api::filter::selected;
use crate::graph::api::options::{Options, untracked};
use crate::graph::call::Query;
use crate::graph::ids::{self, IdForm};
use crate::graph::mail::model::{Folder, FolderNo, Message, MessageNo, children_of, folders_of};
use crate::graph::mail::{folders as rules, output};
use crate::graph::model::{ContainerNo, MailboxNo};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Options that begin a round about messages, and those of a token.
const MESSAGES: Options =
    Options::of_changes("Message", &["$select", "$top", "$expand", "$filter", "$orderby", "$deltatoken", "$skiptoken"]);
/// The same for folders.
const FOLDERS: Options = Options::of_changes("MailFolder", &["$select", "$top", "$deltatoken", "$skiptoken"]);

/// `GET …/mailFolders/delta`, or `GET …/childFolders/delta` of a parent.
pub(super) fn folders(state: &mut State, context: &Context<'_>, parent: Option<FolderNo>) -> Result<Reply, Refusal> {
    FOLDERS.check(context, "the changes of mail folders")?;
    let container = parent.map_or_else(|| folders_of(context.mailbox.number), children_of);
    serve(state, context, Tracked::Folders, container, || {
        check_select(context.call.query.get("$select"))?;
        Ok(Subject::Folders)
    })
}

/// `GET …/mailFolders/{id}/messages/delta`.
pub(super) fn messages(state: &mut State, context: &Context<'_>, folder: FolderNo) -> Result<Reply, Refusal> {
    MESSAGES.check(context, "the changes of messages")?;
    let cloud = state.meta.behaviour.cloud;
    serve(state, context, Tracked::Messages, folder.into(), || {
        Wish::read(&context.call.query)?;
        Projection::read(context, &context.call.query, cloud)?;
        Ok(Subject::Messages)
    })
}

/// Which changes are reported (`changeType` of api/message-delta).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeType {
    Created,
    Updated,
    Deleted,
}

/// What was asked when a round began.
#[derive(Clone, Debug, Default)]
struct Wish {
    change_type: Option<ChangeType>,
    /// The instant that messages were received at or after; the flag leaves the
    /// instant itself out.
    received: Option<(DateTime<Utc>, bool)>,
    newest_first: bool,
    with_hidden: bool,
}

impl Wish {
    fn read(query: &Query) -> Result<Self, Refusal> {
        let change_type = match query.get("changetype").map(str::to_ascii_lowercase).as_deref() {
            None => None,
            Some("created") => Some(ChangeType::Created),
            Some("updated") => Some(ChangeType::Updated),
            Some("deleted") => Some(ChangeType::Deleted),
            Some(other) => {
                let message = format!("The value '{other}' of parameter 'changeType' is invalid.");
                return Err(Refusal::invalid_parameter(message));
            }
        };
        let order = query.get("$orderby").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let newest_first = match order.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None => false,
            Some("receiveddatetime desc") => true,
            Some(_) => return Err(untracked("$orderby", "Message")),
        };
        let received = query.get("$filter").map(received).transpose()?;
        let with_hidden = query.get("includehiddenfolders").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Ok(Self { change_type, received, newest_first, with_hidden })
    }

    fn accepts(&self, message: &Message, is_first: bool, since: u64) -> bool {
        let is_new = is_first || message.entered > since;
        let is_wanted = match self.change_type {
            None => true,
            Some(ChangeType::Created) => is_new,
            Some(ChangeType::Updated) => !is_new,
            Some(ChangeType::Deleted) => false,
        };
        let is_late_enough =
            self.received.is_none_or(|(at, is_strict)| message.received > at || (message.received == at && !is_strict));
        is_wanted && is_late_enough
    }
}

/// The one filter that there is: `receivedDateTime ge …` or `gt …`.
fn received(filter: &str) -> Result<(DateTime<Utc>, bool), Refusal> {
    let words: Vec<&str> = filter.split_whitespace().collect();
    let read = match words.as_slice() {
        [path, operator, value] if path.eq_ignore_ascii_case("receivedDateTime") => {
            let is_strict = match operator.to_ascii_lowercase().as_str() {
                "gt" => Some(true),
                "ge" => Some(false),
                _ => None,
            };
            let value = value.trim_matches('\'');
            let at = crate::graph::api::list::instant(value, "receivedDateTime").ok();
            at.zip(is_strict)
        }
        _ => None,
    };
    read.ok_or_else(|| untracked("$filter", "Message"))
}

/// What of the changes of a collection belongs to a round with these options.
/// `since` is where the round before ended.
pub(in crate::graph::api) fn narrowed(
    state: &State,
    round: &DeltaState,
    units: Vec<Unit>,
) -> Result<Vec<Unit>, Refusal> {
    let wish = Wish::read(&Query::parse(&round.options))?;
    let mut kept: Vec<Unit> = units
        .into_iter()
        .filter(|unit| match unit {
            Unit::Message(number) => {
                state.messages.get(number).is_some_and(|message| wish.accepts(message, round.is_first, round.since))
            }
            Unit::Folder(number) => {
                state.mail_folders.get(number).is_some_and(|folder| wish.with_hidden || !folder.is_hidden)
            }
            Unit::Gone(_) => wish.change_type.is_none_or(|kind| kind == ChangeType::Deleted),
            Unit::Event(_) | Unit::List(_) | Unit::Task(_) => true,
        })
        .collect();
    if wish.newest_first {
        let received = |unit: &Unit| match unit {
            Unit::Message(number) => state.messages.get(number).map(|message| message.received),
            _ => None,
        };
        kept.sort_by_key(|unit| std::cmp::Reverse(received(unit)));
    }
    if wish.received.is_some() {
        kept.truncate(state.meta.behaviour.filtered_delta_max);
    }
    Ok(kept)
}

/// How the items of a page are written.
pub(in crate::graph::api) struct Writer {
    projection: Projection,
    select: Option<String>,
}

impl Writer {
    /// Reads what was asked when the round began.
    pub fn read(state: &State, context: &Context<'_>, round: &DeltaState) -> Result<Self, Refusal> {
        let query = Query::parse(&round.options);
        let projection = match round.subject {
            Subject::Messages => Projection::read(context, &query, state.meta.behaviour.cloud)?,
            Subject::Folders | Subject::View(_) | Subject::Events { .. } | Subject::Lists | Subject::Tasks(_) => {
                Projection::default()
            }
        };
        Ok(Self { projection, select: query.get("$select").map(str::to_owned) })
    }

    /// A message, if it is in the folder of the round still.
    pub fn message(
        &self,
        state: &State,
        context: &Context<'_>,
        round: &DeltaState,
        number: MessageNo,
    ) -> Option<Map<String, Value>> {
        let message =
            state.messages.get(&number).filter(|message| ContainerNo::from(message.folder) == round.container)?;
        if context.view.form == IdForm::Immutable && !round.is_first && has_left(state, round, number) {
            return None;
        }
        let mut map = self.projection.write(state, message, &context.view);
        map.entry("@odata.type").or_insert_with(|| json!(MESSAGE_TYPE));
        Some(map)
    }

    /// A folder, if it is where the round is about still.
    pub fn folder(&self, state: &State, round: &DeltaState, number: FolderNo) -> Option<Map<String, Value>> {
        let folder = state.mail_folders.get(&number)?;
        let is_there = holds(round.mailbox, round.container, folder);
        is_there.then(|| selected(output::folder(state, folder), self.select.as_deref()))
    }
}

const MESSAGE_TYPE: &str = "#microsoft.graph.message";

/// Whether a message was in the folder before and left it in this round.
fn has_left(state: &State, round: &DeltaState, number: MessageNo) -> bool {
    let left = state.tombstones.range(round.since.saturating_add(1)..=round.upto).map(|(_, tombstone)| tombstone);
    left.into_iter().any(|tombstone| tombstone.item == number.0 && tombstone.container == round.container)
}

/// Whether a collection of folders has this one.
pub(in crate::graph::api) fn holds(mailbox: MailboxNo, container: ContainerNo, folder: &Folder) -> bool {
    let is_of_all = container == folders_of(mailbox) && rules::is_tracked(folder);
    is_of_all || folder.parent.is_some_and(|parent| children_of(parent) == container)
}

/// What is said of a message that is no longer in a folder.
pub(in crate::graph::api) fn removed(item: u64, moves: u32, form: IdForm) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("@odata.type".to_owned(), json!(MESSAGE_TYPE));
    map.insert("id".to_owned(), json!(ids::message_id(MessageNo(item), moves, form)));
    map.insert("@removed".to_owned(), json!({ "reason": "deleted" }));
    map
}

/// The path of a collection behind the mailbox, as links have it: with the id
/// of the folder, however the request named it.
pub(in crate::graph::api) fn path(round: &DeltaState) -> Option<String> {
    let escaped = |folder: FolderNo| -> String {
        url::form_urlencoded::byte_serialize(ids::folder_id(folder).as_bytes()).collect()
    };
    match round.subject {
        Subject::Messages => Some(format!("/mailFolders('{}')/messages", escaped(FolderNo(round.container.0)))),
        Subject::Folders if round.container == folders_of(round.mailbox) => Some("/mailFolders".to_owned()),
        Subject::Folders => {
            let parent = crate::graph::mail::model::parent_of(round.container);
            Some(format!("/mailFolders('{}')/childFolders", escaped(parent)))
        }
        Subject::View(_) | Subject::Events { .. } | Subject::Lists | Subject::Tasks(_) => None,
    }
}

/// The options of a request that its round keeps.
pub(in crate::graph::api) fn frozen(query: &Query) -> String {
    let kept = query.to_map().into_iter().filter(|(name, _)| !matches!(name.as_str(), "$deltatoken" | "$skiptoken"));
    let escaped = |value: &str| -> String { url::form_urlencoded::byte_serialize(value.as_bytes()).collect() };
    let pairs: Vec<String> = kept.map(|(name, value)| format!("{name}={}", escaped(&value))).collect();
    pairs.join("&")
}

/// The size of pages that the round was begun with.
pub(in crate::graph::api) fn page_size(round: &DeltaState) -> Option<usize> {
    Query::parse(&round.options).get("$top")?.parse().ok().filter(|size| *size > 0)
}
