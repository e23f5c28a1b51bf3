//! Errors of the login service and their AADSTS numbers
//! (entra/identity-platform/reference-error-codes).

use serde_json::json;

use crate::graph::call::Call;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Length of a GUID in text, in characters.
const GUID_LENGTH: usize = 36;

/// A refused login request.
#[derive(Clone, Debug)]
pub(crate) struct LoginRefusal {
    pub status: u16,
    /// The OAuth error, which clients act on.
    pub error: &'static str,
    /// The number behind `AADSTS`.
    pub number: u32,
    pub message: String,
    /// What kind of interaction helps.
    pub suberror: Option<&'static str>,
    /// What the next request has to prove, as JSON.
    pub claims: Option<String>,
}

impl LoginRefusal {
    /// A refusal with its OAuth error and its number.
    pub fn new(status: u16, error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Self { status, error, number, message: message.into(), suberror: None, claims: None }
    }

    /// A code or token that gives nothing, or no longer.
    pub fn invalid_grant(number: u32, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_grant", number, message)
    }

    /// An application that has not proved who it is.
    pub fn invalid_client(number: u32, message: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", number, message)
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

    /// A request parameter that cannot be read.
    pub fn malformed() -> Self {
        Self::new(400, "invalid_request", 9_002_313, "Invalid request. Request is malformed or invalid.")
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

    /// Nobody has allowed the application what it asks for.
    pub fn consent_missing(error: &'static str, client_id: &str) -> Self {
        let message = format!(
            "The user or administrator has not consented to use the application with ID '{client_id}'. Send an interactive authorization request for this user and resource."
        );
        Self::new(400, error, 65_001, message).with_suberror("consent_required")
    }

    /// Says what kind of interaction helps.
    pub fn with_suberror(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }

    /// Says what the next request has to prove.
    pub fn with_claims(self, claims: String) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// The text that travels in `error_description`.
    pub fn description(&self, trace: &str, correlation: &str, timestamp: &str) -> String {
        format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
            self.number, self.message
        )
    }

    /// The JSON answer of an endpoint. A client that names its request finds the
    /// name in the answer.
    pub fn into_reply(self, state: &mut State, call: &Call) -> Reply {
        let (trace, drawn) = (state.guid(), state.guid());
        let correlation = &name_of_request(call).unwrap_or(drawn);
        let timestamp = state.now.format("%Y-%m-%d %H:%M:%SZ").to_string();
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(&trace, correlation, &timestamp),
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{}/error?code={}", state.base_url, self.number),
        });
        if let Some(map) = body.as_object_mut() {
            if let Some(suberror) = self.suberror {
                map.insert("suberror".to_owned(), json!(suberror));
            }
            if let Some(claims) = self.claims {
                map.insert("claims".to_owned(), json!(claims));
            }
        }
        Reply::json(self.status, body)
    }
}

/// How the client calls its request: MSAL for Python in a header, MSAL for
/// JavaScript among the parameters.
fn name_of_request(call: &Call) -> Option<String> {
    let name = "client-request-id";
    let found = call.header(name).or_else(|| call.query.get(name)).map(str::to_owned);
    found.or_else(|| call.form().remove(name)).filter(|name| name.len() == GUID_LENGTH)
}
