//! Why a page is not shown, and the page that is shown instead.
//!
//! A handler answers with a [`PageError`]; the middleware in [`super::viewer`]
//! draws it within the frame of whoever is signed in.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

use super::access::Denied;
use super::render::RenderError;
use super::session::NoRandomness;
use crate::app::{AppError, ReversalError, SaveError};
use crate::crm::CrmError;

/// Why a page is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Nobody is signed in; carries the address to come back to.
    #[error("nobody is signed in")]
    SignIn(String),
    /// There is no such page for this viewer.
    #[error("the page does not exist for this viewer")]
    NotFound,
    /// The page exists, and is not this viewer's to open.
    #[error("the viewer may not open the page")]
    Forbidden,
    /// What is on it is shown to somebody else alone; the sentence says to whom, and
    /// what this viewer can see instead.
    #[error("{0}")]
    Private(String),
    /// The form was not sent from a page of this session.
    #[error("the form token is not the session's")]
    FormToken,
    /// The address takes forms alone.
    #[error("the address cannot be opened, only posted to")]
    WrongMethod,
    /// What was sent cannot be used; the sentence says why.
    #[error("{0}")]
    Invalid(String),
    /// The application could not do it; the sentence says why.
    #[error("{0}")]
    Unavailable(String),
}

/// The view of the error page.
#[derive(Debug, Serialize)]
pub struct ErrorView {
    title: &'static str,
    message: String,
    back_href: &'static str,
    back_label: &'static str,
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Private(_) | Self::FormToken => StatusCode::FORBIDDEN,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What a refusal means that comes from before any handler, such as a
    /// query that cannot be read: it has a status and no page of its own.
    pub fn of_refusal(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::WrongMethod),
            refused if refused.is_client_error() => Some(Self::Invalid(
                "The address of the page cannot be read. Open the page from the navigation.".to_owned(),
            )),
            _ => None,
        }
    }

    /// What the error page says.
    pub fn view(&self) -> ErrorView {
        let (title, message) = match self {
            Self::SignIn(_) => ("Sign in", "Sign in to open this page.".to_owned()),
            Self::NotFound => (
                "Page not found",
                "There is nothing at this address, or it is not part of your organization.".to_owned(),
            ),
            Self::Forbidden => {
                ("Access denied", "This page is for administrators, or belongs to somebody else.".to_owned())
            }
            Self::Private(sentence) => ("Shown to its owner alone", sentence.clone()),
            Self::FormToken => (
                "This form has expired",
                "Nothing was changed. Go back, reload the page and send the form again.".to_owned(),
            ),
            Self::WrongMethod => (
                "Nothing to open here",
                "This address belongs to a button. Nothing was changed. Open the page with the button instead."
                    .to_owned(),
            ),
            Self::Invalid(sentence) => ("That did not work", sentence.clone()),
            Self::Unavailable(sentence) => ("Not available right now", sentence.clone()),
        };
        Self::framed(title, message)
    }

    fn framed(title: &'static str, message: String) -> ErrorView {
        ErrorView { title, message, back_href: "/", back_label: "Dashboard" }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::SignIn(next) = &self {
            let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            return Redirect::to(&format!("/sign-in?next={encoded}")).into_response();
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Denied> for PageError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotFound => Self::NotFound,
            Denied::Forbidden => Self::Forbidden,
        }
    }
}

impl From<CrmError> for PageError {
    fn from(error: CrmError) -> Self {
        match &error {
            CrmError::NotFound { .. } => Self::NotFound,
            CrmError::Invalid(_) | CrmError::Taken { .. } | CrmError::VersionMismatch | CrmError::TooMany { .. } => {
                Self::Invalid(sentence(&error, error.hint()))
            }
            CrmError::Damaged { .. } | CrmError::Seal(_) | CrmError::Storage(_) => {
                tracing::error!(code = error.code(), "a page could not be shown: {error}");
                Self::Unavailable(sentence(&error, error.hint()))
            }
        }
    }
}

impl From<AppError> for PageError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Crm(error) => error.into(),
            AppError::Blocked(reason) => Self::Unavailable(reason.sentence().to_owned()),
            AppError::Plugin(_) | AppError::Waiting { .. } | AppError::Unavailable { .. } => {
                tracing::error!(code = error.code(), "a page could not be shown: {error}");
                Self::Unavailable(sentence(&error, error.hint()))
            }
        }
    }
}

impl From<ReversalError> for PageError {
    fn from(error: ReversalError) -> Self {
        match error {
            ReversalError::App(error) => error.into(),
            ReversalError::Already => Self::Invalid(format!("{}.", capitalised(&error.to_string()))),
            ReversalError::Refused(words) => Self::Invalid(words),
        }
    }
}

impl From<SaveError> for PageError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Fields(fields) => Self::Invalid(format!("{} of the fields cannot be saved.", fields.len())),
            SaveError::App(error) => error.into(),
        }
    }
}

impl From<RenderError> for PageError {
    fn from(error: RenderError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        tracing::error!("{error}: {cause}");
        Self::Unavailable("The page could not be drawn. See the log of the server.".to_owned())
    }
}

impl From<NoRandomness> for PageError {
    fn from(error: NoRandomness) -> Self {
        tracing::error!("{error}");
        Self::Unavailable("No session can be begun right now. Try again in a moment.".to_owned())
    }
}

/// An error and its hint as two sentences for people.
pub fn sentence(error: &dyn std::error::Error, hint: &str) -> String {
    format!("{} {}", capitalised(&error.to_string()), capitalised(hint))
}

/// A sentence for people, from a text as errors have it.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}
