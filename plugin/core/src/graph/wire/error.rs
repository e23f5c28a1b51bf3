//! Graph's error body (`concepts/errors`).

use serde::Deserialize;
use serde_json::Value;

/// The body of an answer that reports a failure.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ErrorBody {
    /// The failure.
    pub error: ErrorDetail,
}

/// A failure. Its `message` is for people and may quote the item, so it is
/// compared with one that is known, and never kept.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorDetail {
    /// What programs branch on.
    pub code: Option<String>,
    /// What people read; whatever it is, the code beside it counts.
    pub message: Option<Value>,
    /// More detail; spelt both ways in the wild.
    #[serde(alias = "innererror")]
    pub inner_error: Option<InnerError>,
    /// With a refused create: the event that the transaction id made before.
    #[serde(rename = "@event.existingEventId")]
    pub existing_event_id: Option<String>,
}

/// More detail of a failure.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct InnerError {
    /// A narrower code.
    pub code: Option<String>,
    /// What Microsoft's support asks for.
    #[serde(rename = "request-id")]
    pub request_id: Option<String>,
}
