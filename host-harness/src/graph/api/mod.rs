//! The emulated Graph, version 1.0: who may call, and which handler answers.
//!
//! Has the signed-in user, mailbox settings, ids, calendars, tasks, mail and
//! subscriptions.
//! What Graph has and the emulator has not is refused with 501 and named; what
//! Graph has not, as Graph refuses it. Batches are unpacked
//! before this by `batch`; each part comes here as a call of its own.

pub(crate) mod actions;
pub(crate) mod attachments;
pub(crate) mod batch;
mod batch_part;
mod body;
pub(crate) mod calendar_delta;
mod calendar_groups;
mod calendar_routes;
pub(crate) mod calendars;
mod categories;
pub(crate) mod delta;
pub(crate) mod delta_history;
pub(crate) mod delta_page;
pub(crate) mod delta_token;
mod directory;
pub(crate) mod event_filter;
pub(crate) mod events;
pub(crate) mod exchange_ids;
mod expression;
pub(crate) mod extensions;
pub(crate) mod filter;
pub(crate) mod inside;
pub(crate) mod list;
pub(crate) mod mail;
mod mailbox_settings;
mod metadata;
pub(crate) mod options;
mod outlook;
mod payload;
pub(crate) mod projection;
mod schedule;
pub(crate) mod subscriptions;
pub(crate) mod todo;
pub(crate) mod uploads;
mod users;

use serde_json::{Map, Value, json};

use super::bearer::Shown;
use super::calendar::output::View;
use super::call::{Call, Prefer};
use super::conformance::{self, Existence};
use super::ids::IdForm;
use super::login::grants::{AccessToken, Subject};
use super::login::{claims, userinfo};
use super::model::Mailbox;
use super::permissions::Access;
use super::reply::{Refusal, Reply};
use super::state::State;
use crate::graph::routes::routes;

/// A call on one mailbox that may be made.
pub(crate) struct Context<'a> {
    pub call: &'a Call,
    pub token: AccessToken,
    pub mailbox: Mailbox,
    pub prefer: Prefer,
    pub view: View,
    /// How many segments name the mailbox: `v1.0/me` or `v1.0/users/{id}`.
    depth: usize,
}

impl Context<'_> {
    /// A segment behind the mailbox, as it was sent.
    pub fn raw(&self, index: usize) -> &str {
        self.call.raw(self.depth + index)
    }

    /// An argument of the function that a segment behind the mailbox calls.
    pub fn argument(&self, index: usize, name: &str) -> Option<&str> {
        self.call.argument(self.depth + index, name)
    }

    /// Where the last `words` of the path begin behind the mailbox.
    fn position_of(&self, words: &[&str]) -> usize {
        self.call.segments.len().saturating_sub(self.depth + words.len())
    }

    /// The path up to the mailbox, for links.
    pub fn root(&self) -> String {
        match self.depth {
            2 => "/v1.0/me".to_owned(),
            _ => format!("/v1.0/users/{}", self.mailbox.object_id),
        }
    }

    /// The `@odata.context` of an answer: the path says it. `what` of the mailbox
    /// an operation answers, its path does not say.
    pub fn odata_context(&self, state: &State, what: &str) -> String {
        let owner = &self.mailbox.object_id;
        let said = conformance::context(self.call, owner).unwrap_or_else(|| format!("users('{owner}')/{what}"));
        format!("{}/v1.0/$metadata#{said}", state.base_url)
    }

    /// The answer that holds one item of a collection.
    fn entity(&self, state: &State, collection: &str, mut map: Map<String, Value>, status: u16) -> Reply {
        let metadata = self.odata_context(state, &format!("{collection}/$entity"));
        map.insert("@odata.context".to_owned(), json!(metadata));
        Reply::json(status, Value::Object(map))
    }

    /// Compares `If-Match`, if the caller sent it, with the change key of the
    /// item as it is now.
    fn check_version(&self, change_key: &str) -> Result<(), Refusal> {
        let Some(given) = self.call.header("if-match").map(str::trim) else {
            return Ok(());
        };
        let given_key = given.strip_prefix("W/").unwrap_or(given).trim_matches('"');
        if given == "*" || given_key == change_key { Ok(()) } else { Err(Refusal::stale_change_key()) }
    }

    fn require(&self, access: Access) -> Result<(), Refusal> {
        if self.token.may(access) {
            Ok(())
        } else if self.token.subject == Subject::Application && self.token.permissions.is_empty() {
            Err(Refusal::no_permissions())
        } else {
            Err(Refusal::access_denied())
        }
    }
}

/// Answers a call on Graph.
pub(crate) fn answer(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    if let Some(answered) = metadata::answer(state, call) {
        return answered;
    }
    let words = call.words();
    let path = words.as_slice();
    routes!(match (call.method.as_str(), path) {
        (_, ["api", ..]) => return uploads::answer(state, call, path),
        ("GET", ["oidc", "userinfo"]) => return userinfo::show(state, &authenticate(state, call)?),
        ("POST", ["oidc", "userinfo"]) => return userinfo::show(state, &authenticate(state, call)?),
        (_, _) => {}
    });
    let token = authenticate(state, call)?;
    body::require_type(call)?;
    require_annotations(call)?;
    let reply = answer_to(state, call, token, path)?;
    require_options(call)?;
    debug_assert!(call.method != "GET" || call.query.is_examined(), "{} passes over query options", call.path);
    Ok(reply)
}

/// Answers a call of somebody who showed a token.
fn answer_to(state: &mut State, call: &Call, token: AccessToken, words: &[&str]) -> Result<Reply, Refusal> {
    require_existence(call)?;
    if let Some(answered) = directory::answer(state, call, &token) {
        return answered;
    }
    let (mailbox, depth) = routes!(match words {
        ["v1.0", "subscriptions", rest @ ..] => return subscriptions::answer(state, call, &token, rest),
        ["v1.0", "users", _] if token.may(Access::ReadPeople) => {
            (state.mailbox_named(call.raw(2)).cloned().ok_or_else(|| no_mailbox(call.raw(2)))?, 3)
        }
        ["v1.0", "me", ..] => (own_mailbox(state, &token)?, 2),
        ["v1.0", "users", _, ..] => (named_mailbox(state, &token, call.raw(2))?, 3),
        _ => return Err(not_emulated(call)),
    });
    let is_of_tasks = words.get(depth) == Some(&"todo");
    let in_words = |refusal| if is_of_tasks { todo::in_own_words(refusal) } else { refusal };
    let respelled = payload::read(call).map_err(in_words)?.map(|body| call.clone().with_body(body));
    let call = respelled.as_ref().unwrap_or(call);
    let prefer = call.prefer();
    let (zone, zone_name) = prefer.zone().map_err(|name| Refusal::unknown_time_zone(&name))?;
    let form = if prefer.immutable_ids { IdForm::Immutable } else { IdForm::Default };
    let view = View {
        zone,
        zone_name: zone_name.to_owned(),
        body_type: prefer.body_type.unwrap_or_default(),
        form,
        occurrence_drift: occurrence_drift(state),
        hides_body: inside::EVENTS.is_hidden_from(&token),
    };
    let context = Context { call, token, mailbox, prefer, view, depth };
    route(state, &context, words.get(depth..).unwrap_or_default())
}

/// How far the change keys of occurrences have moved by themselves: a step a
/// day, if they are told to.
fn occurrence_drift(state: &State) -> u64 {
    let days = u64::try_from(state.now.timestamp().div_euclid(SECONDS_PER_DAY)).unwrap_or(0);
    if state.meta.behaviour.occurrence_keys_move_daily { days } else { 0 }
}

/// Length of a day without leap seconds, in seconds.
const SECONDS_PER_DAY: i64 = 86_400;

fn route(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => {
            context.require(Access::ReadProfile)?;
            users::profile(state, context)
        }
        (_, ["mailboxsettings", rest @ ..]) => mailbox_settings::answer(state, context, rest),
        ("POST", ["translateexchangeids"]) => {
            context.require(Access::TranslateIds)?;
            exchange_ids::translate(state, context)
        }
        (_, ["outlook", rest @ ..]) => outlook::answer(state, context, rest),
        (_, ["calendar" | "calendars" | "calendargroups" | "events" | "calendarview", ..]) => {
            calendar_routes::answer(state, context, words)
        }
        (_, ["mailfolders" | "messages" | "sendmail", ..]) => mail::answer(state, context, words),
        (_, ["todo", rest @ ..]) => todo::answer(state, context, rest),
        (_, _) => Err(not_emulated(context.call)),
    })
}

fn require_immutable_ids(state: &State, context: &Context<'_>) -> Result<(), Refusal> {
    if state.meta.behaviour.require_immutable_id && !context.prefer.immutable_ids {
        let message = "The emulator was told to refuse requests without Prefer: IdType=\"ImmutableId\".";
        return Err(Refusal::new(400, "ErrorInvalidRequest", message));
    }
    Ok(())
}

/// Says which preferences were honoured; a delta round says it in its own way.
fn with_preferences(mut reply: Reply, prefer: &Prefer) -> Reply {
    let says_already = reply.headers.iter().any(|(name, _)| *name == "preference-applied");
    match prefer.applied() {
        Some(applied) if says_already => {
            for (name, value) in &mut reply.headers {
                if *name == "preference-applied" {
                    *value = format!("{value}, {applied}");
                }
            }
            reply
        }
        Some(applied) => reply.header("preference-applied", applied),
        None => reply,
    }
}

/// Refuses what Graph does not have itself, before any area is asked, in the
/// words of the service that says so: the directory, or Outlook for all that is
/// in a mailbox. What is left and not emulated is for the handlers to name.
fn require_existence(call: &Call) -> Result<(), Refusal> {
    let is_of_mailbox = match call.words().as_slice() {
        [_, "me", rest @ ..] | [_, "users", _, rest @ ..] => !rest.is_empty(),
        _ => false,
    };
    match conformance::existence(call) {
        Existence::There | Existence::Unlisted => Ok(()),
        Existence::NoMethod if is_of_mailbox => Err(Refusal::not_allowed()),
        Existence::NoMethod => Err(Refusal::method_not_allowed()),
        Existence::NoSegment(at) => Err(Refusal::no_segment(call.raw(at))),
    }
}

/// The name of a collection that belongs to an item in a metadata link.
fn part_path(collection: &str, id: &str, part: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("{collection}('{id}')/{part}")
}

/// The refusal of an operation that is not here.
fn not_emulated(call: &Call) -> Refusal {
    Refusal::not_emulated(&format!("{} {}", call.method, call.path))
}

/// Options that nobody has refused name what there is. Asked last, because each
/// area refuses in the words of its service; reads have changed nothing.
fn require_options(call: &Call) -> Result<(), Refusal> {
    if call.method != "GET" {
        return Ok(());
    }
    conformance::wrong_option(call).map_or(Ok(()), |name| {
        Err(Refusal::new(400, "BadRequest", format!("The value of the query option '{name}' is not valid.")))
    })
}

/// Annotations of a write are those that clients send.
fn require_annotations(call: &Call) -> Result<(), Refusal> {
    if !matches!(call.method.as_str(), "POST" | "PATCH") {
        return Ok(());
    }
    conformance::wrong_annotation(call).map_or(Ok(()), |name| {
        Err(Refusal::new(400, "RequestBodyRead", format!("The annotation '{name}' cannot be read in a request.")))
    })
}

fn unauthenticated(state: &State, message: &str) -> Refusal {
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/v2.0/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"",
        state.base_url
    );
    Refusal::new(401, "InvalidAuthenticationToken", message).header("www-authenticate", challenge)
}

/// Checks the access token: signature, life, revocation.
pub(crate) fn authenticate(state: &State, call: &Call) -> Result<AccessToken, Refusal> {
    let token_id = match call.bearer.shown(&state.key) {
        Shown::Nothing => return Err(unauthenticated(state, "Access token is empty.")),
        Shown::Foreign => {
            return Err(unauthenticated(state, "Access token validation failure. Invalid signature or format."));
        }
        Shown::Signed { token_id } => token_id,
    };
    let known = state.access_tokens.get(token_id).filter(|known| !known.revoked && state.now < known.expires_at);
    let known = known.ok_or_else(|| unauthenticated(state, "Lifetime validation failed, the token is expired."))?;
    match known.challenged_since {
        Some(since) => Err(claims::challenge(state, since)),
        None => Ok(known.clone()),
    }
}

fn own_mailbox(state: &State, token: &AccessToken) -> Result<Mailbox, Refusal> {
    match &token.subject {
        Subject::User(number) => state.mailboxes.get(number).cloned().ok_or_else(|| no_mailbox("me")),
        Subject::Application => {
            Err(Refusal::new(400, "BadRequest", "/me request is only valid with delegated authentication flow."))
        }
    }
}

fn named_mailbox(state: &State, token: &AccessToken, name: &str) -> Result<Mailbox, Refusal> {
    let mailbox = state.mailbox_named(name).cloned().ok_or_else(|| no_mailbox(name))?;
    match &token.subject {
        // Calendars are not shared between users here.
        Subject::User(number) if *number != mailbox.number => Err(Refusal::access_denied()),
        Subject::User(_) | Subject::Application => Ok(mailbox),
    }
}

fn no_mailbox(name: &str) -> Refusal {
    let message =
        format!("Resource '{name}' does not exist or one of its queried reference-property objects are not present.");
    Refusal::new(404, "Request_ResourceNotFound", message)
}
