//! Errors of the JSON interface: a status and `{"error": {"code", "message"}}`,
//! with the fields or names concerned where there are some.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::types::{AccountError, FieldError};
use crate::app::{AccountFailure, AppError, ReversalError, SaveError};
use crate::crm::CrmError;
use crate::web::account_failure::explain;
use crate::web::error::sentence;

/// Why a call was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Refused fields, of a change of settings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldMessage>,
    /// Names or an address, of a connection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
}

/// A refused field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct FieldMessage {
    key: String,
    message: String,
}

#[derive(Serialize)]
struct Envelope {
    error: ApiError,
}

impl ApiError {
    /// An error with a message that says what was expected and what to do.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new(), details: Vec::new() }
    }

    /// A body or parameter that cannot be read.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// There is nothing under this path or name.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// The interface is documented and belongs to a later version.
    pub fn not_available(what: &str) -> Self {
        let message = format!("{what} are not part of this version; calendar events, tasks and settings are");
        Self::new(StatusCode::NOT_IMPLEMENTED, "not-available", message)
    }

    /// Refused fields, each with its own message.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let fields: Vec<FieldMessage> =
            errors.into_iter().map(|error| FieldMessage { key: error.key, message: error.message }).collect();
        let listed: Vec<String> = fields.iter().map(|field| format!("{}: {}", field.key, field.message)).collect();
        Self { fields, ..Self::invalid("invalid-settings", format!("nothing was saved; {}", listed.join("; "))) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(Envelope { error: self })).into_response()
    }
}

impl From<CrmError> for ApiError {
    fn from(error: CrmError) -> Self {
        let status = match &error {
            CrmError::Invalid(_) | CrmError::TooMany { .. } => StatusCode::BAD_REQUEST,
            CrmError::NotFound { .. } => StatusCode::NOT_FOUND,
            CrmError::Taken { .. } | CrmError::VersionMismatch => StatusCode::CONFLICT,
            CrmError::Damaged { .. } | CrmError::Seal(_) | CrmError::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.code(), error.sentence())
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        let (code, hint, text) = (error.code(), error.hint(), sentence(&error, error.hint()));
        match error {
            AppError::Crm(error) => error.into(),
            AppError::Blocked(reason) => Self::new(StatusCode::CONFLICT, code, reason.sentence()),
            AppError::Plugin(_) => {
                tracing::error!(code, hint, "a call of the JSON interface failed in the component");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, text)
            }
            AppError::Waiting { .. } | AppError::Unavailable { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, text)
            }
        }
    }
}

impl From<ReversalError> for ApiError {
    fn from(error: ReversalError) -> Self {
        match error {
            ReversalError::App(error) => error.into(),
            ReversalError::Already => Self::new(StatusCode::CONFLICT, "already-reversed", error.to_string()),
            ReversalError::Refused(words) => Self::new(StatusCode::CONFLICT, "not-reversible", words),
        }
    }
}

impl From<SaveError> for ApiError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Fields(errors) => Self::fields(errors),
            SaveError::App(error) => error.into(),
        }
    }
}

impl From<AccountFailure> for ApiError {
    fn from(failure: AccountFailure) -> Self {
        let explained = explain(&failure);
        let status = match failure {
            AccountFailure::App(error) => return error.into(),
            AccountFailure::UnknownState => StatusCode::BAD_REQUEST,
            AccountFailure::Account(error) => account_status(&error),
        };
        let details = explained.details.into_iter().chain(explained.consent_address).collect();
        Self { details, ..Self::new(status, explained.code, format!("{} {}", explained.message, explained.next_step)) }
    }
}

fn account_status(error: &AccountError) -> StatusCode {
    match error {
        AccountError::InvalidState | AccountError::Cancelled => StatusCode::BAD_REQUEST,
        AccountError::NotConfigured(_)
        | AccountError::NotConnected
        | AccountError::AdminConsentNeeded(_)
        | AccountError::MissingPermissions(_)
        | AccountError::Refused(_)
        | AccountError::ApplicationRefused(_)
        | AccountError::WrongTenant(_)
        | AccountError::StaleFence => StatusCode::CONFLICT,
        AccountError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        AccountError::Host(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use serde_json::{Value, json};

    use super::*;

    fn shape(error: ApiError) -> (StatusCode, Value) {
        (error.status, serde_json::to_value(Envelope { error }).unwrap())
    }

    #[test]
    fn an_error_has_a_code_and_a_message_and_nothing_else() {
        let (status, body) = shape(ApiError::not_found("there is no such user"));
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(body, json!({ "error": { "code": "not-found", "message": "there is no such user" } }));
    }

    #[test]
    fn every_refused_field_has_its_own_message() {
        let refused = FieldError { key: "interval".to_owned(), message: "expected 1 to 1440, but found 0".to_owned() };
        let (status, body) = shape(SaveError::Fields(vec![refused]).into());
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(
            body["error"]["fields"][0],
            json!({ "key": "interval", "message": "expected 1 to 1440, but found 0" })
        );
        assert_eq!(body["error"]["code"], "invalid-settings");
    }

    #[test]
    fn an_account_error_names_what_it_concerns() {
        let missing = AccountError::MissingPermissions(vec!["Calendars.ReadWrite".to_owned()]);
        let (status, body) = shape(AccountFailure::Account(missing).into());
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(body["error"]["code"], "missing-permissions");
        assert_eq!(body["error"]["details"], json!(["Calendars.ReadWrite"]));
    }
}
