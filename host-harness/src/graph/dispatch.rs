//! The way of a request through the emulated services: fault script, login or
//! Graph, common headers, record.

use serde_json::json;

use super::annotations;
use super::api::{self, batch};
use super::call::Call;
use super::conformance::{self, Way};
use super::cors;
use super::crowd::Counts;
use super::fault::{Kind, Script, Strike};
use super::login::refusal::LoginRefusal;
use super::login::{self, claims};
use super::reply::{Content, Delivery, Refusal, Reply};
use super::requests::{Collection, Entry, Part};
use super::state::State;
use super::subscriptions::watch;
use crate::graph::routes::routes;

/// Where a `redirect` leads: a host that is nobody's.
const ELSEWHERE: &str = "https://elsewhere.example/collect";

/// Answers a request that is not one of the control interface.
/// `under_way` counts those at the same time, this one included.
pub(crate) fn serve(state: &mut State, call: &Call, under_way: Counts) -> Reply {
    let collection = Collection::of(&call.words());
    if let Some(reply) = cors::preflight(call, collection) {
        let reply = with_common_headers(state, call, reply, collection);
        record(state, call, &reply, collection, Vec::new());
        return reply;
    }
    if collection != Collection::Login {
        state.requests.crowd(under_way);
        if !call.is_too_large {
            conformance::asked(state, call);
        }
    }
    let is_crowded = under_way.is_over(&state.meta.behaviour);
    let (reply, parts) = if call.is_too_large {
        // Before any service, and before any fault of one.
        let is_login = collection == Collection::Login;
        (if is_login { Reply::empty(413) } else { graph_error(state, call, Refusal::too_large()) }, Vec::new())
    } else if is_crowded && collection != Collection::Login {
        let message = "Application is over its MailboxConcurrency limit.";
        let refusal = Refusal::new(429, "ApplicationThrottled", message).header("retry-after", "1".to_owned());
        (graph_error(state, call, refusal), Vec::new())
    } else {
        routes!(match (collection, call.method.as_str()) {
            (Collection::Batch, "POST") => serve_batch(state, call),
            (_, _) => (suffer(state, call, true), Vec::new()),
        })
    };
    let reply = with_common_headers(state, call, reply, collection);
    let reply = if collection == Collection::Login { reply } else { cors::of_graph(reply, call) };
    if collection != Collection::Login {
        conformance::sent(state, call, &reply, Way::Alone);
    }
    record(state, call, &reply, collection, parts);
    reply
}

/// Lets a request suffer what the script has for it. A part of a batch is never
/// without a body, because the batch has one.
fn suffer(state: &mut State, call: &Call, is_alone: bool) -> Reply {
    let Some(strike) = state.faults.strike(&call.method, &call.path, call.header("client-request-id")) else {
        return perform(state, call);
    };
    if !(is_alone && strike.kind.is_of_the_body()) {
        return struck(state, call, &strike, perform);
    }
    let performed = perform(state, call);
    if body_bytes(&performed).is_empty() {
        state.faults.spare(&strike);
        return performed;
    }
    struck(state, call, &strike, |_, _| performed.clone())
}

fn struck(state: &mut State, call: &Call, strike: &Strike, perform: impl Fn(&mut State, &Call) -> Reply) -> Reply {
    let reply = match strike.kind {
        Kind::DropRequest => Reply::empty(503).delivered(Delivery::Dropped),
        Kind::DropResponse => perform(state, call).delivered(Delivery::Dropped),
        Kind::Truncate => perform(state, call).delivered(Delivery::Truncated),
        Kind::Slow => perform(state, call).delivered(Delivery::Delayed { seconds: strike.slow_seconds }),
        Kind::HtmlPage => {
            let page = "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>The proxy received an invalid response.</h1></body></html>";
            Reply::html(strike.status.unwrap_or(502), page.to_owned())
        }
        Kind::Throttle => failed(
            state,
            call,
            strike,
            429,
            "ApplicationThrottled",
            "Application is over its MailboxConcurrency limit.",
        ),
        Kind::Unavailable => {
            failed(state, call, strike, 503, "ServiceUnavailable", "The service is temporarily unavailable.")
        }
        Kind::GatewayTimeout => failed(state, call, strike, 504, "UnknownError", ""),
        Kind::Gone => failed(
            state,
            call,
            strike,
            410,
            "SyncStateNotFound",
            "The sync state generation is not found; generation=0;",
        ),
        Kind::Unauthorized => failed(
            state,
            call,
            strike,
            401,
            "InvalidAuthenticationToken",
            "Lifetime validation failed, the token is expired.",
        ),
        Kind::ClaimsChallenge => challenged(state, call, strike),
        Kind::Redirect => {
            let performed = perform(state, call);
            let status = strike.status.unwrap_or(307);
            Reply { status, content: Content::Empty, ..performed }.header("location", ELSEWHERE.to_owned())
        }
        Kind::OtherAnswer => Reply::json(strike.status.unwrap_or(200), json!({ "displayName": "Somebody else" })),
        Kind::WrongType => {
            let performed = perform(state, call);
            let bytes = body_bytes(&performed);
            Reply { content: Content::File(bytes), ..performed }
                .header("content-type", "application/octet-stream".to_owned())
        }
    };
    // No service says with success that it has failed.
    let is_no_refusal = strike.status.is_some_and(|status| status < 400);
    reply.foreign(is_no_refusal || !strike.kind.is_of_service())
}

/// A scripted failure in the shape of the service it hits.
fn failed(
    state: &mut State,
    call: &Call,
    strike: &Strike,
    status: u16,
    code: &'static str,
    message: &'static str,
) -> Reply {
    let status = strike.status.unwrap_or(status);
    let mut reply = if Collection::of(&call.words()) == Collection::Login {
        let (error, number) =
            if status == 401 { ("invalid_client", 70_002) } else { ("temporarily_unavailable", 90_006) };
        LoginRefusal::new(status, error, number, "The service is temporarily unable to answer.").into_reply(state, call)
    } else {
        graph_error(state, call, Refusal::new(status, strike.code.as_deref().unwrap_or(code), message))
    };
    if let Some(after) = &strike.retry_after {
        reply = reply.header("retry-after", after.clone());
    }
    reply
}

/// A scripted challenge, as for a token from before this moment. The login
/// service challenges nobody: there it is a failure like another.
fn challenged(state: &mut State, call: &Call, strike: &Strike) -> Reply {
    if Collection::of(&call.words()) == Collection::Login {
        return failed(state, call, strike, 401, "InvalidAuthenticationToken", "");
    }
    let mut refusal = claims::challenge(state, state.now.timestamp());
    refusal.status = strike.status.unwrap_or(refusal.status);
    if let Some(code) = &strike.code {
        refusal.code.clone_from(code);
    }
    let reply = graph_error(state, call, refusal);
    match &strike.retry_after {
        Some(after) => reply.header("retry-after", after.clone()),
        None => reply,
    }
}

/// Answers without faults.
fn perform(state: &mut State, call: &Call) -> Reply {
    if Collection::of(&call.words()) == Collection::Login {
        return login::answer(state, call);
    }
    // A part of this batch may have been the first to subscribe.
    watch::begin(state);
    let answered = annotations::require(call).and_then(|()| api::answer(state, call));
    // Here and not at the end of a batch, whose parts may change one thing twice.
    watch::notice(state);
    let reply = match answered {
        Ok(reply) => reply,
        Err(refusal) => graph_error(state, call, refusal),
    };
    if reply.status < 400 { annotations::apply(call, reply) } else { reply }
}

/// Whether a request will reach its service, faults considered. `script` is a
/// copy that counts on from request to request, as the true one will.
pub(crate) fn will_perform(script: &mut Script, call: &Call) -> bool {
    let strike = script.strike(&call.method, &call.path, call.header("client-request-id"));
    strike.is_none_or(|strike| strike.kind.is_performed())
}

/// Runs a batch; faults hit its parts, or the whole by its own path.
fn serve_batch(state: &mut State, call: &Call) -> (Reply, Vec<Part>) {
    if let Some(strike) = state.faults.strike(&call.method, &call.path, call.header("client-request-id")) {
        let parts = std::cell::RefCell::new(Vec::new());
        let reply = struck(state, call, &strike, |state, call| {
            let (reply, made) = unpack(state, call);
            *parts.borrow_mut() = made;
            reply
        });
        return (reply, parts.into_inner());
    }
    unpack(state, call)
}

fn unpack(state: &mut State, call: &Call) -> (Reply, Vec<Part>) {
    let run = |state: &mut State, part: &Call| {
        conformance::asked(state, part);
        let reply = suffer(state, part, false);
        conformance::sent(state, part, &reply, Way::InBatch);
        reply
    };
    let refuse = |state: &mut State, part: &Call, refusal: Refusal| {
        conformance::asked(state, part);
        let reply = graph_error(state, part, refusal);
        conformance::sent(state, part, &reply, Way::InBatch);
        reply
    };
    let allowed = api::authenticate(state, call);
    match allowed.and_then(|_| batch::answer(state, call, run, refuse)) {
        Ok(answered) => answered,
        Err(refusal) => (graph_error(state, call, refusal), Vec::new()),
    }
}

fn graph_error(state: &mut State, call: &Call, refusal: Refusal) -> Reply {
    let request_id = state.guid();
    let client_request_id = call.header("client-request-id").unwrap_or(&request_id).to_owned();
    let date = state.now.format("%Y-%m-%dT%H:%M:%S").to_string();
    refusal.into_reply(&request_id, &client_request_id, &date)
}

fn with_common_headers(state: &mut State, call: &Call, reply: Reply, collection: Collection) -> Reply {
    let request_id = state.guid();
    let client_request_id = call.header("client-request-id").unwrap_or(&request_id).to_owned();
    let date = state.now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let reply = reply.header("client-request-id", client_request_id).header("date", date);
    let reply = match collection {
        Collection::Login => reply.header("x-ms-request-id", request_id),
        Collection::User
        | Collection::Calendar
        | Collection::Todo
        | Collection::Mail
        | Collection::Subscriptions
        | Collection::Batch
        | Collection::Other => {
            let diagnostic = json!({ "ServerInfo": { "DataCenter": "Emulator", "Slice": "E", "Ring": "1", "ScaleUnit": "000", "RoleInstance": "0" } });
            reply
                .header("request-id", request_id)
                .header("odata-version", "4.0".to_owned())
                .header("x-ms-ags-diagnostic", diagnostic.to_string())
        }
    };
    match (&reply.content, collection) {
        (Content::Json(_), Collection::Login) => {
            reply.header("content-type", "application/json; charset=utf-8".to_owned())
        }
        // Errors and batches speak of no annotations.
        (Content::Json(_), _) if !reply.headers.iter().any(|(name, _)| *name == "content-type") => {
            reply.header("content-type", "application/json".to_owned())
        }
        (Content::Html(_), _) => reply.header("content-type", "text/html; charset=utf-8".to_owned()),
        (Content::Empty | Content::Json(_) | Content::File(_), _) => reply,
    }
}

fn record(state: &mut State, call: &Call, reply: &Reply, collection: Collection, parts: Vec<Part>) {
    let entry = Entry {
        at: state.now,
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.names().map(str::to_owned).collect(),
        collection,
        status: reply.status,
        dropped: reply.delivery == Delivery::Dropped,
        request_bytes: if call.is_too_large { announced_bytes(call) } else { call.body.len() },
        bytes: body_bytes(reply).len(),
        parts,
    };
    state.requests.add(entry);
}

/// How long a body is that was not read to its end, as far as the client has said.
fn announced_bytes(call: &Call) -> usize {
    call.header("content-length").and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// The body as it is sent.
pub(crate) fn body_bytes(reply: &Reply) -> Vec<u8> {
    let mut bytes = match &reply.content {
        Content::Empty => Vec::new(),
        Content::Json(value) => value.to_string().into_bytes(),
        Content::Html(page) => page.clone().into_bytes(),
        Content::File(bytes) => bytes.clone(),
    };
    match reply.delivery {
        Delivery::Truncated => bytes.truncate(bytes.len() / 2),
        Delivery::Whole | Delivery::Dropped | Delivery::Delayed { .. } => {}
    }
    bytes
}
