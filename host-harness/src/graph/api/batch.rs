//! `$batch`: several calls in one request (concepts/json-batching).
//!
//! Parts run one after the other in the order given; a part whose dependency
//! failed is answered 424. Answers come in another order than the requests,
//! as the documentation allows. Running a part is the caller's: it counts and
//! breaks parts as it does requests.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::graph::call::Call;
use crate::graph::reply::{Content, Delivery, Refusal, Reply};
use crate::graph::requests::{Collection, Part};
use crate::graph::state::State;

/// Parts of one batch.
const PARTS_MAX: usize = 20;

/// One part as it was sent.
struct Request {
    id: String,
    call: Call,
    depends_on: Vec<String>,
}

/// Runs a batch. `run` answers one part.
pub(crate) fn answer(
    state: &mut State,
    outer: &Call,
    run: impl Fn(&mut State, &Call) -> Reply,
) -> Result<(Reply, Vec<Part>), Refusal> {
    let requests = read(outer)?;
    let mut statuses: BTreeMap<String, u16> = BTreeMap::new();
    let (mut responses, mut parts) = (Vec::new(), Vec::new());
    let mut delivery = Delivery::Whole;
    for request in requests {
        let is_blocked = request.depends_on.iter().any(|id| statuses.get(id).is_none_or(|status| *status >= 400));
        let reply = if is_blocked { failed_dependency() } else { run(state, &request.call) };
        if reply.delivery != Delivery::Whole {
            delivery = reply.delivery;
        }
        statuses.insert(request.id.clone(), reply.status);
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

fn failed_dependency() -> Reply {
    let message = "The request depends on a request that failed.";
    Reply::json(424, json!({ "error": { "code": "FailedDependency", "message": message } }))
}

fn response(id: &str, reply: Reply) -> Value {
    let mut headers: BTreeMap<&str, String> =
        reply.headers.into_iter().map(|(name, value)| (header_name(name), value)).collect();
    let body = match reply.content {
        Content::Empty => Value::Null,
        Content::Json(value) => {
            headers.insert("Content-Type", "application/json".to_owned());
            value
        }
        // What is not JSON travels in base64.
        Content::Html(page) => {
            headers.insert("Content-Type", "text/html".to_owned());
            json!(STANDARD.encode(page))
        }
        Content::File(bytes) => json!(STANDARD.encode(bytes)),
    };
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

fn bad(message: impl Into<String>) -> Refusal {
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
        let request = read_part(outer, entry)?;
        if requests.iter().any(|known| known.id.eq_ignore_ascii_case(&request.id)) {
            return Err(bad("The ids of the requests in a batch must be unique."));
        }
        let is_known = |id: &String| requests.iter().any(|known| known.id == *id);
        if !request.depends_on.iter().all(is_known) {
            return Err(bad("A request may only depend on requests before it in the batch."));
        }
        requests.push(request);
    }
    Ok(requests)
}

fn read_part(outer: &Call, entry: &Value) -> Result<Request, Refusal> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let (Some(id), Some(method), Some(url)) = (text("id"), text("method"), text("url")) else {
        return Err(bad("A request in a batch needs an id, a method and a url."));
    };
    let mut headers = BTreeMap::new();
    if let Some(authorization) = outer.header("authorization") {
        headers.insert("authorization".to_owned(), authorization.to_owned());
    }
    for (name, value) in entry.get("headers").and_then(Value::as_object).into_iter().flatten() {
        headers.insert(name.to_ascii_lowercase(), value.as_str().unwrap_or_default().to_owned());
    }
    let body = match entry.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(_) if !headers.contains_key("content-type") => {
            return Err(bad("A request in a batch with a body needs a Content-Type header."));
        }
        Some(body) => Bytes::from(body.to_string()),
    };
    let relative = url.trim_start_matches('/');
    if relative.contains("://") || relative.to_ascii_lowercase().starts_with("$batch") {
        return Err(bad("The url of a request in a batch is relative and not a batch itself."));
    }
    let depends_on = entry.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
    Ok(Request {
        id: id.to_owned(),
        call: Call::new(method, &format!("/v1.0/{relative}"), headers, body),
        depends_on: depends_on.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}
