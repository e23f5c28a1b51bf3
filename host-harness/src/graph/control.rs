//! The management interface under `/_control`: what tests use to set the
//! scene, break things and look behind the curtain.
//!
//! Three requests do what people do in Outlook and no Graph call can:
//! `POST /_control/move` `{userPrincipalName, eventId, calendarId}` moves an
//! event to another calendar of its mailbox and answers `{eventId}`, its new
//! default id; `POST /_control/moveTask` `{userPrincipalName, taskId, listId}`
//! moves a task to another list and answers `{taskId}`, its new id;
//! `POST /_control/events/{id}/zone` `{originalStartTimeZone?,
//! originalEndTimeZone?, recurrenceTimeZone?}` gives an event foreign names
//! of zones, such as `tzone://Microsoft/Custom`, and answers 204. The
//! switches of `POST /_control/behaviour` are the fields of `behaviour`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::call::Call;
use super::fault::{Fault, FaultError};
use super::login::manage;
use super::model::MailboxNo;
use super::reply::Reply;
use super::scene::{self, NewZones, SceneError};
use super::setup::{self, NewApp, NewMailbox, SetupError};
use super::state::State;
use super::subscriptions::control::{self as notifications, Raise};
use super::subscriptions::lifecycle::LifecycleError;

/// A management request that cannot be done.
#[derive(Debug, Error)]
pub(crate) enum ControlError {
    #[error("expected a JSON body of the documented form, but found: {0}")]
    Body(serde_json::Error),
    #[error("no management request `{0}`")]
    Unknown(String),
    #[error(transparent)]
    Fault(#[from] FaultError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Scene(#[from] SceneError),
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
}

impl ControlError {
    fn into_reply(self) -> Reply {
        let (status, code) = match &self {
            Self::Body(_) => (400, "invalidBody"),
            Self::Unknown(_) => (404, "notFound"),
            Self::Fault(_) => (400, "invalidFault"),
            Self::Setup(error) => error.status_and_code(),
            Self::Scene(error) => error.status_and_code(),
            Self::Lifecycle(error) => error.status_and_code(),
        };
        Reply::json(status, json!({ "error": { "code": code, "message": self.to_string() } }))
    }
}

/// What can be made to expire.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Expiry {
    DeltaTokens,
    AccessTokens,
    RefreshTokens,
    ClientSecret,
    /// Graph asks for a newer token, as continuous access evaluation does.
    Sessions,
    Consents,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Expire {
    what: Expiry,
    user_principal_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Move {
    user_principal_name: String,
    event_id: String,
    calendar_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoveTask {
    user_principal_name: String,
    task_id: String,
    list_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TokenRequest {
    user_principal_name: String,
    scopes: Vec<String>,
}

/// The refusal of a body that is longer than what is taken.
pub(crate) fn too_large() -> Reply {
    let message = "expected a body of at most 4 MiB, but found a longer one";
    let reply = Reply::json(413, json!({ "error": { "code": "tooLarge", "message": message } }));
    reply.header("content-type", "application/json".to_owned())
}

/// Answers a management request other than `reset`, which replaces the state.
pub(crate) fn answer(state: &mut State, call: &Call) -> Reply {
    dispatch(state, call).unwrap_or_else(ControlError::into_reply)
}

/// What a group of requests answers; `None` to one that is none of them.
type Answered = Result<Option<Reply>, ControlError>;

fn dispatch(state: &mut State, call: &Call) -> Result<Reply, ControlError> {
    let words = call.words();
    let words = words.get(1..).unwrap_or_default();
    if let Some(reply) = records(state, call, words) {
        return Ok(reply);
    }
    for group in [tenant, items, switches] {
        if let Some(reply) = group(state, call, words)? {
            return Ok(reply);
        }
    }
    Err(ControlError::Unknown(format!("{} {}", call.method, call.path)))
}

/// Who is there, and what they may do.
fn tenant(state: &mut State, call: &Call, words: &[&str]) -> Answered {
    Ok(Some(match (call.method.as_str(), words) {
        ("POST", ["mailboxes"]) => Reply::json(201, setup::create_mailbox(state, body::<NewMailbox>(call)?)?),
        ("GET", ["mailboxes"]) => Reply::json(200, json!(setup::mailboxes(state))),
        ("POST", ["apps"]) => Reply::json(201, setup::register_app(state, body::<NewApp>(call)?)?),
        ("POST", ["token"]) => {
            let request: TokenRequest = body(call)?;
            let token = setup::issue_token(state, &request.user_principal_name, &request.scopes)?;
            Reply::json(200, json!({ "accessToken": token }))
        }
        ("POST", ["signin"]) => {
            manage::set_sign_in(state, &body(call)?)?;
            Reply::empty(204)
        }
        ("POST", ["expire"]) => Reply::json(200, json!({ "expired": expire(state, &body(call)?)? })),
        (_, _) => return Ok(None),
    }))
}

/// What people do in Outlook, and no request to Graph can.
fn items(state: &mut State, call: &Call, words: &[&str]) -> Answered {
    Ok(Some(match (call.method.as_str(), words) {
        ("POST", ["move"]) => {
            let request: Move = body(call)?;
            let moved =
                scene::move_event(state, &request.user_principal_name, &request.event_id, &request.calendar_id)?;
            Reply::json(200, json!({ "eventId": moved }))
        }
        ("POST", ["movetask"]) => {
            let request: MoveTask = body(call)?;
            let moved = scene::move_task(state, &request.user_principal_name, &request.task_id, &request.list_id)?;
            Reply::json(200, json!({ "taskId": moved }))
        }
        ("POST", ["events", _, "zone"]) => {
            scene::rename_zones(state, call.raw(2), body::<NewZones>(call)?)?;
            Reply::empty(204)
        }
        (_, _) => return Ok(None),
    }))
}

/// What has happened.
fn records(state: &mut State, call: &Call, words: &[&str]) -> Option<Reply> {
    match (call.method.as_str(), words) {
        ("GET", ["requests"]) => return Some(Reply::json(200, json!(state.requests.report()))),
        ("GET", ["conformance"]) => return Some(Reply::json(200, json!(state.conformance))),
        ("GET", ["notifications"]) => return Some(Reply::json(200, notifications::posts(state))),
        ("GET", ["outbox"]) => {
            let mails: Vec<Value> = state.outbox.values().map(|mail| json!(mail)).collect();
            return Some(Reply::json(200, json!(mails)));
        }
        ("DELETE", ["requests"]) => state.requests.clear(),
        ("DELETE", ["conformance"]) => state.conformance.clear(),
        ("DELETE", ["notifications"]) => state.deliveries.clear(),
        ("DELETE", ["outbox"]) => {
            for number in state.outbox.keys_where(|_| true) {
                state.outbox.remove(&number);
            }
        }
        (_, _) => return None,
    }
    Some(Reply::empty(204))
}

/// What is told to go otherwise than usual.
fn switches(state: &mut State, call: &Call, words: &[&str]) -> Answered {
    match (call.method.as_str(), words) {
        ("GET", ["behaviour"]) => return Ok(Some(Reply::json(200, json!(state.meta.behaviour)))),
        ("POST", ["behaviour"]) => {
            let change: Map<String, Value> = body(call)?;
            state.meta.behaviour = state.meta.behaviour.changed(&change).map_err(ControlError::Body)?;
            return Ok(Some(Reply::json(200, json!(state.meta.behaviour))));
        }
        ("POST", ["lifecycle"]) => {
            return Ok(Some(Reply::json(200, notifications::raise(state, &body::<Raise>(call)?)?)));
        }
        ("DELETE", ["faults"]) => {
            state.faults.clear();
            return Ok(Some(Reply::empty(204)));
        }
        ("POST", ["faults"]) => state.faults.extend(body::<Vec<Fault>>(call)?)?,
        ("GET", ["faults"]) => {}
        (_, _) => return Ok(None),
    }
    Ok(Some(Reply::json(200, json!(state.faults.lines()))))
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, ControlError> {
    let bytes: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(bytes).map_err(ControlError::Body)
}

/// The seed in the body of a reset, if there is one.
pub(crate) fn reset_seed(call: &Call) -> Result<Option<u64>, Reply> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reset {
        seed: Option<u64>,
    }
    body::<Reset>(call).map(|reset| reset.seed).map_err(ControlError::into_reply)
}

/// Ends tokens; answers how many.
fn expire(state: &mut State, request: &Expire) -> Result<usize, ControlError> {
    let only = match &request.user_principal_name {
        None => None,
        Some(name) => Some(setup::find_mailbox(state, name)?.number),
    };
    let concerns = |mailbox: MailboxNo| only.is_none_or(|wanted| wanted == mailbox);
    let count = match request.what {
        Expiry::DeltaTokens => {
            let keys = state.deltas.keys_where(|delta| concerns(delta.mailbox));
            for key in &keys {
                state.deltas.remove(key);
            }
            keys.len()
        }
        Expiry::AccessTokens => {
            let keys = state.access_tokens.keys_where(|token| {
                use super::login::grants::Subject;
                match token.subject {
                    Subject::User(mailbox) => concerns(mailbox),
                    Subject::Application => only.is_none(),
                }
            });
            for key in &keys {
                if let Some(token) = state.access_tokens.get_mut(key) {
                    token.revoked = true;
                }
            }
            keys.len()
        }
        Expiry::RefreshTokens => {
            let keys = state.refresh_tokens.keys_where(|token| concerns(token.mailbox));
            for key in &keys {
                if let Some(token) = state.refresh_tokens.get_mut(key) {
                    token.revoked = true;
                }
            }
            keys.len()
        }
        Expiry::ClientSecret => {
            let keys = state.apps.keys_where(|app| app.client_secret.is_some());
            for key in &keys {
                if let Some(app) = state.apps.get_mut(key) {
                    app.secret_expired = true;
                }
            }
            keys.len()
        }
        Expiry::Sessions => manage::challenge_sessions(state, only),
        Expiry::Consents => manage::withdraw_consents(state, only),
    };
    Ok(count)
}
