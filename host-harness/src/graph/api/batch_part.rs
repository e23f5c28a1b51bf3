//! Reads one part of a batch (concepts/json-batching).
//!
//! What makes the batch itself malformed is refused with the whole; what is
//! wrong with the one call alone is answered in its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::Value;

use super::batch::bad;
use crate::graph::call::Call;
use crate::graph::names::folded;
use crate::graph::reply::Refusal;

/// One part as it was sent.
pub(super) struct Request {
    pub id: String,
    /// The id as ids compare: without case.
    pub key: String,
    pub call: Call,
    /// Keys of the parts that have to succeed first.
    pub depends_on: Vec<String>,
    /// Why the call cannot be made.
    pub fault: Option<Refusal>,
}

/// Reads a part; the token is that of the whole.
pub(super) fn read(outer: &Call, entry: &Value) -> Result<Request, Refusal> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(id), Some(method), Some(url)) = (text("id"), text("method"), text("url")) else {
        return Err(bad("A request in a batch needs an id, a method and a url."));
    };
    let mut headers = headers(entry)?;
    if let Some(authorization) = outer.header("authorization") {
        headers.entry("authorization".to_owned()).or_insert_with(|| authorization.to_owned());
    }
    let relative = relative(url)?;
    let (body, fault) = match body(entry.get("body"), headers.get("content-type").map(String::as_str))? {
        Some(body) => (body, None),
        None => (Bytes::new(), Some(bad("The body of a request in a batch is not base64."))),
    };
    let first = relative.split(['/', '?', '(']).next().unwrap_or_default();
    let is_version = matches!(first.to_ascii_lowercase().as_str(), "v1.0" | "beta");
    let fault = fault.or_else(|| is_version.then(|| Refusal::no_segment(first)));
    Ok(Request {
        id: id.to_owned(),
        key: folded(id),
        call: Call::new(method, &format!("/v1.0/{relative}"), headers, body)
            .within(outer)
            .at(outer.origin.clone())
            .with_proofs(Arc::clone(&outer.proofs))
            .sent_by_component(outer.is_of_component),
        depends_on: dependencies(entry)?,
        fault,
    })
}

/// The headers, by their names in lower case.
fn headers(entry: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let malformed = || bad("The headers of a request in a batch are an object of texts.");
    let given = match entry.get("headers") {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(given) => given.as_object().ok_or_else(malformed)?,
    };
    let pair = |(name, value): (&String, &Value)| {
        value.as_str().map(|value| (name.to_ascii_lowercase(), value.to_owned())).ok_or_else(malformed)
    };
    given.iter().map(pair).collect()
}

/// The path behind the version, without the sign in front.
fn relative(url: &str) -> Result<&str, Refusal> {
    let relative = url.trim_start_matches('/');
    let path = relative.split('?').next().unwrap_or_default();
    let is_batch = path.to_ascii_lowercase().replace("%24", "$").starts_with("$batch");
    if path.contains("://") || is_batch {
        return Err(bad("The url of a request in a batch is relative and not a batch itself."));
    }
    Ok(relative)
}

/// The bytes of a body: JSON as it stands, anything else in base64. `None`
/// where it is not that.
fn body(body: Option<&Value>, content_type: Option<&str>) -> Result<Option<Bytes>, Refusal> {
    match (body, content_type) {
        (None | Some(Value::Null), _) => Ok(Some(Bytes::new())),
        (Some(_), None) => Err(bad("A request in a batch with a body needs a Content-Type header.")),
        (Some(Value::String(text)), Some(content_type)) if !content_type.to_ascii_lowercase().contains("json") => {
            let decoded =
                STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).or_else(|_| URL_SAFE_NO_PAD.decode(text));
            Ok(decoded.ok().map(Bytes::from))
        }
        (Some(body), Some(_)) => Ok(Some(Bytes::from(body.to_string()))),
    }
}

fn dependencies(entry: &Value) -> Result<Vec<String>, Refusal> {
    let malformed = || bad("The dependsOn of a request in a batch is a list of ids.");
    let given = match entry.get("dependsOn") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(given) => given.as_array().ok_or_else(malformed)?,
    };
    given.iter().map(|id| id.as_str().map(str::to_lowercase).ok_or_else(malformed)).collect()
}
