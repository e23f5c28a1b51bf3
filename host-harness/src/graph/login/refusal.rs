//! Errors of the login service and their AADSTS numbers
//! (entra/identity-platform/reference-error-codes).

use serde_json::json;

use crate::graph::reply::Reply;
use crate::graph::state::State;

/// A refused login request.
#[derive(Clone, Debug)]
pub(crate) struct LoginRefusal {
    pub status: u16,
    /// The OAuth error, which clients act on.
    pub error: &'static str,
    /// The number behind `AADSTS`.
    pub number: u32,
    pub message: String,
    pub suberror: Option<&'static str>,
}

impl LoginRefusal {
    /// A refusal with its OAuth error and its number.
    pub fn new(status: u16, error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Self { status, error, number, message: message.into(), suberror: None }
    }

    /// A request parameter is missing.
    pub fn missing(parameter: &str) -> Self {
        Self::new(
            400,
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// The application is not registered here.
    pub fn unknown_app(client_id: &str) -> Self {
        Self::new(
            400,
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{client_id}' was not found in the directory."),
        )
    }

    /// An administrator has to consent first.
    pub fn admin_consent_required() -> Self {
        Self::new(
            400,
            "consent_required",
            90_094,
            "An administrator of this organization has set a policy that requires administrator approval for the permissions of this application.",
        )
    }

    /// The text that travels in `error_description`.
    pub fn description(&self, trace: &str, correlation: &str, timestamp: &str) -> String {
        format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            self.number, self.message
        )
    }

    /// The JSON answer of the token endpoint.
    pub fn into_reply(self, state: &mut State) -> Reply {
        let (trace, correlation) = (state.guid(), state.guid());
        let timestamp = state.now.format("%Y-%m-%d %H:%M:%SZ").to_string();
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(&trace, &correlation, &timestamp),
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{}/error?code={}", state.base_url, self.number),
        });
        if let (Some(suberror), Some(map)) = (self.suberror, body.as_object_mut()) {
            map.insert("suberror".to_owned(), json!(suberror));
        }
        Reply::json(self.status, body)
    }
}
