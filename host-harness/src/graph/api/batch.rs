//! `$batch`: several calls in one request (concepts/json-batching).
//!
//! Parts run one after the other in the order given; a part whose dependency
//! failed is answered 424. Answers come in another order than the requests,
//! as the documentation allows. Running a part is the caller's: it counts and
//! breaks parts as it does requests. How a part is read is in `batch_part`.
//!
//! DIFFERENCE: the page recommends that a batch is fully sequential or fully
//! parallel. The service refuses any other (microsoft-graph-docs#16280), and a
//! dependency on a request further down (msgraph-sdk-dotnet-core#891).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::batch_part::{self, Request};
use super::body;
use crate::graph::call::Call;
use crate::graph::reply::{Content, Delivery, Refusal, Reply};
use crate::graph::requests::{Collection, Part};
use crate::graph::state::State;

/// Parts of one batch.
const PARTS_MAX: usize = 20;

/// Runs a batch. `run` answers one part, `refuse` one that is not run.
pub(crate) fn answer(
    state: &mut State,
    outer: &Call,
    run: impl Fn(&mut State, &Call) -> Reply,
    refuse: impl Fn(&mut State, &Call, Refusal) -> Reply,
) -> Result<(Reply, Vec<Part>), Refusal> {
    body::require_type(outer)?;
    let requests = read(outer)?;
    let mut statuses: BTreeMap<String, u16> = BTreeMap::new();
    let (mut responses, mut parts) = (Vec::new(), Vec::new());
    let mut delivery = Delivery::Whole;
    for request in requests {
        let is_blocked = request.depends_on.iter().any(|key| statuses.get(key).is_none_or(|status| *status >= 400));
        let reply = match request.fault.filter(|_| !is_blocked).or(is_blocked.then(failed_dependency)) {
            Some(refusal) => refuse(state, &request.call, refusal),
            None => run(state, &request.call),
        };
        if reply.delivery != Delivery::Whole {
            delivery = reply.delivery;
        }
        statuses.insert(request.key.clone(), reply.status);
        parts.push(Part {
            id: request.id.clone(),
            method: request.call.method.clone(),
            path: request.call.path.clone(),
            query: request.call.query.names().map(str::to_owned).collect(),
            collection: Collection::of(&request.call.words()),
            status: reply.status,
        });
        responses.push(response(&request.id, reply));
    }
    let turn = state.random_below(responses.len());
    responses.rotate_left(turn);
    Ok((Reply::json(200, json!({ "responses": responses })).delivered(delivery), parts))
}

/// The parts of a batch that can be run, before any of them is.
pub(crate) fn calls(outer: &Call) -> Vec<Call> {
    let readable = read(outer).unwrap_or_default().into_iter().filter(|request| request.fault.is_none());
    readable.map(|request| request.call).collect()
}

fn failed_dependency() -> Refusal {
    Refusal::new(424, "FailedDependency", "The request depends on a request that failed.")
}

fn response(id: &str, reply: Reply) -> Value {
    let mut headers: BTreeMap<&str, String> =
        reply.headers.into_iter().map(|(name, value)| (header_name(name), value)).collect();
    let body = match reply.content {
        Content::Empty => Value::Null,
        Content::Json(value) => {
            headers.entry("Content-Type").or_insert_with(|| "application/json".to_owned());
            headers.insert("OData-Version", "4.0".to_owned());
            value
        }
        // What is not JSON travels in base64.
        Content::Html(page) => {
            headers.insert("Content-Type", "text/html".to_owned());
            json!(STANDARD.encode(page))
        }
        Content::File(bytes) => json!(STANDARD.encode(bytes)),
    };
    headers.insert("Cache-Control", "no-cache".to_owned());
    let mut response = json!({ "id": id, "status": reply.status, "headers": headers });
    if let (false, Some(map)) = (body.is_null(), response.as_object_mut()) {
        map.insert("body".to_owned(), body);
    }
    response
}

/// Header names as parts of a batch spell them.
fn header_name(name: &'static str) -> &'static str {
    match name {
        "retry-after" => "Retry-After",
        "content-type" => "Content-Type",
        "location" => "Location",
        "preference-applied" => "Preference-Applied",
        "etag" => "ETag",
        "www-authenticate" => "WWW-Authenticate",
        other => other,
    }
}

pub(super) fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "BadRequest", message)
}

fn read(outer: &Call) -> Result<Vec<Request>, Refusal> {
    let body: Value = serde_json::from_slice(&outer.body).map_err(|_| bad("Invalid batch payload format."))?;
    let list = body.get("requests").and_then(Value::as_array).ok_or_else(|| bad("Invalid batch payload format."))?;
    if list.is_empty() || list.len() > PARTS_MAX {
        return Err(bad(format!("Number of batch request steps must be between 1 and {PARTS_MAX}.")));
    }
    let mut requests: Vec<Request> = Vec::new();
    for entry in list {
        let request = batch_part::read(outer, entry)?;
        if requests.iter().any(|known| known.key == request.key) {
            return Err(bad("The ids of the requests in a batch must be unique."));
        }
        let is_known = |key: &String| requests.iter().any(|known| known.key == *key);
        if !request.depends_on.iter().all(is_known) {
            return Err(bad(format!("Invalid dependency for request Id '{}'.", request.id)));
        }
        requests.push(request);
    }
    if is_sequential(&requests) || is_parallel(&requests) {
        Ok(requests)
    } else {
        Err(bad("Batch should be either fully sequential or fully parallel."))
    }
}

/// Each part waits for the one before it.
fn is_sequential(requests: &[Request]) -> bool {
    let pairs = requests.iter().zip(requests.iter().skip(1));
    pairs.into_iter().all(|(before, after)| after.depends_on == [before.key.as_str()])
}

/// No part waits, or all that wait do so for the same one.
fn is_parallel(requests: &[Request]) -> bool {
    let mut waiting = requests.iter().map(|request| &request.depends_on).filter(|depends_on| !depends_on.is_empty());
    let first = waiting.next();
    waiting.all(|other| Some(other) == first) && first.is_none_or(|depends_on| depends_on.len() == 1)
}
