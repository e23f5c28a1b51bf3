//! Why there is no account or no token, by what can be done about it.
//!
//! The cases of `account-error` in the contract. No case carries Microsoft's
//! descriptions: they name users.

use std::time::Duration;

use thiserror::Error;

use crate::ports::{CommitError, HostError, SecretError};
use crate::settings::Field;

/// How soon to come back where a stored value changed under us: the other
/// writer has finished already.
const AFTER_RACE: Duration = Duration::from_secs(1);

/// What is wrong with a directory in the settings, behind a "because": any of these, which
/// Microsoft's number tells apart and people need not.
pub(super) const WRONG_TENANT: &str = "the directory (tenant) in the settings does not exist, does not know the \
     application, is not the account's, or has to be named because the application works with one directory alone";

/// What went wrong with an account.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthFailure {
    /// An administrator has to fill these in first (Oro row A5).
    #[error("expected the settings of the Microsoft application, but found some empty")]
    NotConfigured(Vec<Field>),
    /// No account is connected.
    #[error("expected a connected Microsoft account, but found none")]
    NotConnected,
    /// Unknown, used, expired, or of another session: begin again.
    #[error("expected the answer to a sign-in that was begun here, but found another or an old one")]
    InvalidState,
    /// The user did not agree, or cancelled.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// An administrator of the tenant has to consent, at this address.
    #[error("an administrator of the Microsoft directory has to consent first")]
    AdminConsentNeeded(String),
    /// These were not granted.
    #[error("expected all permissions, but found some missing: {}", .0.join(", "))]
    MissingPermissions(Vec<String>),
    /// Connect again. Carries `error (AADSTS number)`.
    #[error("microsoft refused the sign-in: {0}")]
    Refused(String),
    /// An administrator has to mend the application's settings. Carries
    /// `error (AADSTS number)`.
    #[error("microsoft refused the application: {0}")]
    ApplicationRefused(String),
    /// The directory in the settings is not there, does not know the application, is
    /// not the account's, or has to be named. Carries `error (AADSTS number)`.
    #[error("{what}: {0}", what = WRONG_TENANT)]
    WrongTenant(String),
    /// Later, and no sooner than after this time where it is given.
    #[error("microsoft or the network is not available")]
    Unavailable(Option<Duration>),
    /// Microsoft asks for fewer requests: later, and no sooner than after this time where
    /// it has named one.
    #[error("microsoft asks for fewer requests")]
    Throttled(Option<Duration>),
    /// Another holder has the scope.
    #[error("another holder has this mailbox")]
    StaleFence,
    /// As for every call.
    #[error("the host could not serve the account")]
    Host(#[source] HostError),
}

impl AuthFailure {
    /// What to do next, in a sentence for people.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotConfigured(_) => {
                "An administrator has to fill in the Azure Active Directory Application Settings."
            }
            Self::NotConnected => "Connect a Microsoft account on the Microsoft Settings page of the user.",
            Self::InvalidState => "Press Connect again and finish the sign-in within ten minutes in the same browser.",
            Self::Cancelled => "Press Connect again and accept the request to use the account.",
            Self::AdminConsentNeeded(_) => "Send the address to an administrator of the directory, then connect again.",
            Self::MissingPermissions(_) => {
                "Add the permissions to the application registration, consent to them, then connect again."
            }
            Self::Refused(_) => "Connect the Microsoft account again.",
            Self::ApplicationRefused(_) => {
                "An administrator has to check the application (client) ID, the client secret and its expiry, and the \
                 directory (tenant) ID."
            }
            Self::WrongTenant(_) => {
                "An administrator has to check the directory (tenant) ID and the application (client) ID; then connect with \
                 an account of that directory."
            }
            Self::Unavailable(_) | Self::Throttled(_) => "Nothing has to be done; it is tried again.",
            Self::StaleFence => "Nothing has to be done; the other holder goes on.",
            Self::Host(_) => "Try again; the log of the CRM says more.",
        }
    }

    /// The failure behind a refused commit.
    pub(super) fn of_commit(error: CommitError) -> Self {
        match error {
            CommitError::StaleFence => Self::StaleFence,
            CommitError::ExpectationFailed(_) => Self::Unavailable(Some(AFTER_RACE)),
            CommitError::TooLarge => Self::Host(HostError::Other(error.to_string())),
            CommitError::Host(host) => Self::Host(host),
        }
    }

    /// The failure behind a secret that was not written.
    pub(super) fn of_secret(error: SecretError) -> Self {
        match error {
            SecretError::ExpectationFailed => Self::Unavailable(Some(AFTER_RACE)),
            SecretError::ReadOnly => Self::Host(HostError::Other(error.to_string())),
            SecretError::Host(host) => Self::Host(host),
        }
    }

    /// A stored value that cannot be read back.
    pub(super) const fn of_stored(what: &'static str) -> Self {
        Self::Host(HostError::Unreadable(what))
    }
}
