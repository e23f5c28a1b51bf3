//! What the sign-in page sent back with the browser.
//!
//! Says what the answer means; whether it answers us is decided by
//! [`super::connect`] before.

use super::Secret;
use super::application::Application;
use super::authorize::admin_consent_url;
use super::classify::{Endpoint, FailureClass, aadsts_number, classify, detail};
use super::failure::AuthFailure;

/// The query parameters of the redirect.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// `state`.
    pub state: String,
    /// `code`, where the user agreed.
    pub code: Option<Secret>,
    /// `error`, where not.
    pub error: Option<String>,
    /// `error_description`.
    pub error_description: Option<String>,
}

/// Shows the error word only: state and code are credentials, and descriptions
/// name users.
impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Callback(code: {}, error: {:?})", self.code.is_some(), self.error)
    }
}

impl Callback {
    /// The code, or why there is none. An error outweighs a code beside it.
    pub(super) fn code(&self, application: &Application) -> Result<&Secret, AuthFailure> {
        let Some(error) = &self.error else {
            return self.code.as_ref().filter(|code| !code.is_empty()).ok_or(AuthFailure::InvalidState);
        };
        let number = self.error_description.as_deref().and_then(aadsts_number);
        let detail = detail(error, number);
        Err(match classify(Endpoint::Authorize, error, number) {
            FailureClass::Cancelled => AuthFailure::Cancelled,
            FailureClass::Reconnect => AuthFailure::Refused(detail),
            FailureClass::AdminConsent => AuthFailure::AdminConsentNeeded(admin_consent_url(application)),
            FailureClass::ApplicationRefused | FailureClass::Configuration => AuthFailure::ApplicationRefused(detail),
            FailureClass::WrongTenant => AuthFailure::WrongTenant(detail),
            FailureClass::Retry => AuthFailure::Unavailable(None),
        })
    }
}
