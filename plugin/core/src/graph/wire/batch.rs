//! The answer to a batch (`concepts/json-batching`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The parts, in any order.
#[derive(Deserialize)]
pub struct BatchAnswer {
    /// The answers of the parts.
    pub responses: Vec<BatchPart>,
}

/// The answer to one part.
#[derive(Deserialize)]
pub struct BatchPart {
    /// The id that the request gave it.
    pub id: String,
    /// Its own status.
    pub status: u16,
    /// Its own headers. A value is a text, or anything a lax server makes of it.
    #[serde(default)]
    pub headers: BTreeMap<String, Value>,
    /// JSON, or base64 text where it is not JSON.
    #[serde(default)]
    pub body: Option<Value>,
}
