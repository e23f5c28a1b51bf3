//! What a subscription may watch, and who may watch it
//! (resources/change-notifications-api-overview, "supported resources";
//! api/subscription-post-subscriptions, "permissions").

use std::collections::BTreeMap;

use bytes::Bytes;

use super::behaviour::Switches;
use super::model::{ChangeKind, Watched};
use crate::graph::api::event_filter::EVENTS;
use crate::graph::api::filter::{Filter, selected_name};
use crate::graph::api::inside;
use crate::graph::api::mail::messages::VOCABULARY as MESSAGES;
use crate::graph::api::options::Options;
use crate::graph::call::Call;
use crate::graph::ids;
use crate::graph::login::grants::{AccessToken, Subject};
use crate::graph::mail::folders::built_in;
use crate::graph::mail::model::WellKnown;
use crate::graph::model::{Mailbox, MailboxNo};
use crate::graph::permissions::Access;
use crate::graph::reply::Refusal;
use crate::graph::state::State;

/// First words of resources that Graph has, but this emulator has not.
const ELSEWHERE: [&str; 13] = [
    "applications",
    "chats",
    "communications",
    "copilot",
    "drives",
    "groups",
    "print",
    "security",
    "serviceprincipals",
    "sites",
    "solutions",
    "teams",
    "appcatalogs",
];
/// The same of a user.
const ELSEWHERE_OF_USER: [&str; 6] = ["chats", "contactfolders", "contacts", "drive", "joinedteams", "onlinemeetings"];

/// Options of a resource: what of items is sent along, and of which.
const OPTIONS: Options = Options::of(&["$select", "$filter"], &["$top", "$skip", "$orderby", "$count"]);

/// What is done to a subscription, in the words of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Reauthorize,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Read => "Read",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::Reauthorize => "Reauthorize",
        }
    }

    /// A refusal by the service behind the resource, as Graph passes it on
    /// (microsoft-graph-docs#14948, #21403).
    pub fn refused(self, status: u16, reason: &str) -> Refusal {
        let word = match status {
            403 => "Forbidden",
            404 => "NotFound",
            _ => "BadRequest",
        };
        let message = format!("Operation: {}; Exception: [Status Code: {word}; Reason: {reason}]", self.name());
        Refusal::new(status, "ExtensionError", message)
    }
}

/// What a resource names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub mailbox: MailboxNo,
    pub watched: Watched,
}

/// Finds what is to be watched.
///
/// DIFFERENCE: `/me/events` is said to be all events of the mailbox
/// (concepts/outlook-change-notifications-overview). Only those of the default
/// calendar have been seen to be told of (microsoft-graph-docs-contrib#51), and
/// clients subscribe to each calendar by itself.
pub(crate) fn find(state: &State, token: &AccessToken, resource: &str) -> Result<Target, Refusal> {
    let call = call_of(resource);
    let words = call.words();
    let (mailbox, depth) = match words.as_slice() {
        ["me", _, ..] => (own(state, token)?, 1),
        ["users", _, _, ..] => (named(state, token, call.raw(1))?, 2),
        ["users", ..] => return Err(elsewhere(resource)),
        [first, ..] if ELSEWHERE.contains(first) => return Err(elsewhere(resource)),
        _ => return Err(unsupported(resource)),
    };
    let key = call.raw(depth + 1);
    let watched = match words.get(depth..).unwrap_or_default() {
        ["calendars"] => Some(Watched::Calendars),
        ["events"] | ["calendar", "events"] => Some(Watched::Events(mailbox.default_calendar)),
        ["calendars", _, "events"] => calendar(state, mailbox, key),
        ["messages"] => Some(Watched::Messages(None)),
        ["mailfolders", _, "messages"] => folder(state, mailbox, key),
        ["todo", "lists", _, "tasks"] => list(state, mailbox, call.raw(depth + 2)),
        [first, ..] if ELSEWHERE_OF_USER.contains(first) => return Err(elsewhere(resource)),
        _ => return Err(unsupported(resource)),
    };
    let watched =
        watched.ok_or_else(|| Operation::Create.refused(404, "The specified object was not found in the store."))?;
    if matches!(watched, Watched::Tasks(_)) && !state.meta.behaviour.cloud.has_todo() {
        return Err(Operation::Create.refused(400, "Invalid resource specified in payload"));
    }
    Ok(Target { mailbox: mailbox.number, watched })
}

/// A resource as the request that reads it.
fn call_of(resource: &str) -> Call {
    Call::new("GET", &format!("/{}", resource.trim_start_matches('/')), BTreeMap::new(), Bytes::new())
}

/// What follows the path of a resource.
pub(crate) fn options(resource: &str) -> &str {
    resource.split_once('?').map_or("", |(_, options)| options)
}

/// The properties of items that are sent along: what `$select` names, without
/// which no data is sent of Outlook's items
/// (concepts/outlook-change-notifications-overview, "include resource data").
pub(crate) fn select(resource: &str, watched: Watched, has_data: bool) -> Result<Option<String>, Refusal> {
    let refused = |reason: &str| Err(Operation::Create.refused(400, reason));
    let select = checked(resource, watched)?.query.get("$select").map(str::to_owned);
    match (watched, has_data, select) {
        (_, false, None) => Ok(None),
        (_, false, Some(_)) => refused("The query option '$select' requires 'includeResourceData'."),
        (Watched::Calendars | Watched::Tasks(_), true, _) => {
            refused("Resource data is not supported for this resource.")
        }
        (Watched::Events(_) | Watched::Messages(_), true, None) => {
            refused("Resource data requires the query option '$select' in parameter 'Resource'.")
        }
        (Watched::Events(_) | Watched::Messages(_), true, Some(names)) => {
            let mut selected = names.split(',').map(selected_name);
            // Everything would be the body, too.
            if selected.any(|name| ["body", "uniquebody", "*"].contains(&name.as_str())) {
                return refused("The properties 'body' and 'uniqueBody' cannot be selected in parameter 'Resource'.");
            }
            Ok(Some(names))
        }
    }
}

/// A resource as the request that reads it, whose options are those that a resource
/// can have.
fn checked(resource: &str, watched: Watched) -> Result<Call, Refusal> {
    let call = call_of(resource);
    let options = match watched {
        Watched::Calendars => OPTIONS.selecting("calendar"),
        Watched::Events(_) => OPTIONS.selecting("event"),
        Watched::Messages(_) => OPTIONS.selecting("message"),
        Watched::Tasks(_) => OPTIONS.selecting("todoTask"),
    };
    options.check_call(&call, "the resource of a subscription").map_err(|refusal| match refusal.status {
        400 => Operation::Create.refused(400, &refusal.message),
        _ => refusal,
    })?;
    Ok(call)
}

/// Which items are watched: what a filter does not accept is as if it were not
/// there (concepts/outlook-change-notifications-overview, "refine the conditions").
pub(crate) fn filter(resource: &str, watched: Watched) -> Result<Filter, Refusal> {
    let call = call_of(resource);
    let text = call.query.get("$filter");
    match watched {
        Watched::Events(_) => Filter::parse(text, &EVENTS),
        Watched::Messages(_) => Filter::parse(text, &MESSAGES),
        Watched::Calendars | Watched::Tasks(_) if text.is_some() => {
            Err(Operation::Create.refused(400, "The query option '$filter' is not supported for this resource."))
        }
        Watched::Calendars | Watched::Tasks(_) => Ok(Filter::default()),
    }
}

fn elsewhere(resource: &str) -> Refusal {
    Refusal::not_emulated(&format!("A subscription to '{resource}'"))
}

fn unsupported(resource: &str) -> Refusal {
    Operation::Create.refused(400, &format!("The value '{resource}' of parameter 'Resource' is not supported."))
}

fn own<'a>(state: &'a State, token: &AccessToken) -> Result<&'a Mailbox, Refusal> {
    let mailbox = match &token.subject {
        Subject::User(number) => state.mailboxes.get(number),
        Subject::Application => None,
    };
    let message = "/me request is only valid with delegated authentication flow.";
    mailbox.ok_or_else(|| Refusal::new(400, "BadRequest", message))
}

fn named<'a>(state: &'a State, token: &AccessToken, name: &str) -> Result<&'a Mailbox, Refusal> {
    let mailbox = state.mailbox_named(name);
    let mailbox = mailbox.ok_or_else(|| Operation::Create.refused(404, "Resource could not be discovered."))?;
    match &token.subject {
        Subject::User(number) if *number != mailbox.number => Err(denied(Operation::Create)),
        Subject::User(_) | Subject::Application => Ok(mailbox),
    }
}

fn calendar(state: &State, mailbox: &Mailbox, id: &str) -> Option<Watched> {
    let calendar = state.calendars.get(&ids::parse_calendar_id(id)?)?;
    (calendar.mailbox == mailbox.number).then_some(Watched::Events(calendar.number))
}

fn folder(state: &State, mailbox: &Mailbox, text: &str) -> Option<Watched> {
    let named = WellKnown::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text));
    let built_in = named.and_then(|role| built_in(state, mailbox.number, role));
    let folder = state.mail_folders.get(&built_in.or_else(|| ids::parse_folder_id(text))?)?;
    (folder.mailbox == mailbox.number).then_some(Watched::Messages(Some(folder.number)))
}

fn list(state: &State, mailbox: &Mailbox, id: &str) -> Option<Watched> {
    let list = state.task_lists.get(&ids::parse_list_id(id)?)?;
    (list.mailbox == mailbox.number).then_some(Watched::Tasks(list.number))
}

fn denied(operation: Operation) -> Refusal {
    operation.refused(403, "Access is denied. Check credentials and try again.")
}

/// Whether the token sees all that comes to its client: what a read would hide from
/// it is not sent to it either, nor does a filter find it.
pub(crate) fn require_inside(
    token: &AccessToken,
    watched: Watched,
    resource: &str,
    has_data: bool,
    operation: Operation,
) -> Result<(), Refusal> {
    let inside = match watched {
        Watched::Events(_) => &inside::EVENTS,
        Watched::Messages(_) => &inside::MESSAGES,
        Watched::Calendars | Watched::Tasks(_) => return Ok(()),
    };
    let is_told = has_data || inside.is_told_by(&call_of(resource).query);
    if is_told && !inside.is_seen_by(token) { Err(denied(operation)) } else { Ok(()) }
}

/// Whether the token reaches what is watched: what lets a caller read it, too.
pub(crate) fn require(token: &AccessToken, watched: Watched, operation: Operation) -> Result<(), Refusal> {
    let access = match watched {
        Watched::Calendars | Watched::Events(_) => Access::WatchCalendars,
        Watched::Messages(_) => Access::WatchMail,
        Watched::Tasks(_) => Access::WatchTasks,
    };
    if token.may(access) { Ok(()) } else { Err(denied(operation)) }
}

/// The changes that are told of: those of `changeType`, as far as what is
/// watched has them.
///
/// DIFFERENCE: no page says that calendars can be watched. They can, but not for
/// `created`: a new one is told of as updated (seen in closeio/sync-engine).
pub(crate) fn kinds(change_type: &str, watched: Watched) -> Result<Vec<ChangeKind>, Refusal> {
    let mut kinds = Vec::new();
    for name in change_type.split(',').map(str::trim) {
        let kind = ChangeKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
        let kind = kind.ok_or_else(|| {
            let message = format!("The value '{name}' of 'changeType' is not one of created, updated and deleted.");
            Refusal::new(400, "InvalidRequest", message)
        })?;
        if kind == ChangeKind::Created && watched == Watched::Calendars {
            let reason = "The value 'created' of parameter 'ChangeType' is not supported for this resource.";
            return Err(Operation::Create.refused(400, reason));
        }
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// How long a subscription may live, in minutes.
pub(crate) fn minutes_max(switches: &Switches, watched: Watched, has_data: bool) -> u32 {
    match (watched, has_data) {
        (Watched::Tasks(_), _) => switches.task_subscription_minutes_max,
        (Watched::Calendars | Watched::Events(_) | Watched::Messages(_), true) => {
            switches.rich_subscription_minutes_max
        }
        (Watched::Calendars | Watched::Events(_) | Watched::Messages(_), false) => switches.subscription_minutes_max,
    }
}
