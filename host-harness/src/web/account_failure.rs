//! What is said about each way in which an account can fail (Oro rows A3, A4,
//! A5): what happened, and the next step. Who has to take that step differs,
//! and the text says so.

use super::error::sentence;
use crate::app::AccountFailure;
use crate::app::types::AccountError;

/// A failure in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// A stable word, also the code of the JSON interface.
    pub code: &'static str,
    /// Two or three words for it.
    pub badge: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub next_step: &'static str,
    /// Names of fields or permissions, or Microsoft's own code.
    pub details: Vec<String>,
    /// The address to pass on to an administrator.
    pub consent_address: Option<String>,
}

/// A failure in words, whether the component or the application found it.
pub fn explain(failure: &AccountFailure) -> Explained {
    let code = failure.code();
    match failure {
        AccountFailure::Account(error) => explain_error(code, error),
        AccountFailure::UnknownState => explain_error(code, &AccountError::InvalidState),
        AccountFailure::App(error) => Explained {
            code,
            badge: "Not connected",
            title: "That did not work",
            message: sentence(error, error.hint()),
            next_step: "Nothing was changed.",
            details: Vec::new(),
            consent_address: None,
        },
    }
}

fn explain_error(code: &'static str, error: &AccountError) -> Explained {
    let consent_address = match error {
        AccountError::AdminConsentNeeded(address) => Some(address.clone()),
        AccountError::NotConfigured(_)
        | AccountError::NotConnected
        | AccountError::InvalidState
        | AccountError::Cancelled
        | AccountError::MissingPermissions(_)
        | AccountError::Refused(_)
        | AccountError::ApplicationRefused(_)
        | AccountError::WrongTenant(_)
        | AccountError::Unavailable(_)
        | AccountError::StaleFence
        | AccountError::Host(_) => None,
    };
    Explained {
        code,
        badge: badge(error),
        title: title(error),
        message: message(error).to_owned(),
        next_step: next_step(error),
        details: details(error),
        consent_address,
    }
}

fn badge(error: &AccountError) -> &'static str {
    match error {
        AccountError::NotConfigured(_) => "Not set up",
        AccountError::Cancelled => "Cancelled",
        AccountError::AdminConsentNeeded(_) => "Administrator needed",
        AccountError::MissingPermissions(_) => "Permission missing",
        AccountError::Refused(_) => "Sign-in refused",
        AccountError::ApplicationRefused(_) => "Application refused",
        AccountError::WrongTenant(_) => "Wrong directory",
        AccountError::Unavailable(_) => "Not reached",
        AccountError::NotConnected | AccountError::InvalidState | AccountError::StaleFence | AccountError::Host(_) => {
            "Not connected"
        }
    }
}

fn title(error: &AccountError) -> &'static str {
    match error {
        AccountError::NotConfigured(_) => "Not set up yet",
        AccountError::NotConnected => "Not connected",
        AccountError::InvalidState => "This sign-in cannot be used",
        AccountError::Cancelled => "Cancelled",
        AccountError::AdminConsentNeeded(_) => "An administrator has to agree first",
        AccountError::MissingPermissions(_) => "Permissions are missing",
        AccountError::Refused(_) => "Microsoft refused the sign-in",
        AccountError::ApplicationRefused(_) => "Microsoft refused the application",
        AccountError::WrongTenant(_) => "Another Microsoft 365 organization",
        AccountError::Unavailable(_) => "Microsoft cannot be reached",
        AccountError::StaleFence => "A run is under way",
        AccountError::Host(_) => "The CRM could not store it",
    }
}

fn message(error: &AccountError) -> &'static str {
    match error {
        AccountError::NotConfigured(_) => "The Azure application settings are incomplete.",
        AccountError::NotConnected => "No Microsoft account is connected.",
        AccountError::InvalidState => {
            "It was used already, has expired, or was begun in another browser or by another user."
        }
        AccountError::Cancelled => "You did not let the application use your account. Nothing was connected.",
        AccountError::AdminConsentNeeded(_) => {
            "Your Microsoft 365 organization lets only administrators accept the permissions of this application."
        }
        AccountError::MissingPermissions(_) => {
            "Microsoft did not grant everything that the enabled synchronization needs."
        }
        AccountError::Refused(_) => "The sign-in was not accepted.",
        AccountError::ApplicationRefused(_) => "The credentials of the Azure application are wrong or expired.",
        AccountError::WrongTenant(_) => {
            "The account is not of the directory (tenant) that the CRM works with, or that directory does not know the \
             application."
        }
        AccountError::Unavailable(_) => "Microsoft or the network is not available right now.",
        AccountError::StaleFence => "A synchronization of this account is under way.",
        AccountError::Host(_) => "The CRM could not read or write what the connection needs.",
    }
}

fn next_step(error: &AccountError) -> &'static str {
    match error {
        AccountError::NotConfigured(_) => "An administrator has to fill them in.",
        AccountError::NotConnected => "Connect one first.",
        AccountError::InvalidState => "Go back and press Connect again.",
        AccountError::Cancelled => "Connect again whenever you like.",
        AccountError::AdminConsentNeeded(_) => {
            "Pass the address below on to an administrator, and connect again afterwards."
        }
        AccountError::MissingPermissions(_) => {
            "Connect again and accept all permissions; an administrator can help where the question does not appear."
        }
        AccountError::Refused(_) => "Connect again.",
        AccountError::ApplicationRefused(_) => {
            "An administrator has to check client ID, client secret and tenant in the system configuration."
        }
        AccountError::WrongTenant(_) => {
            "Connect with the account of your work; otherwise an administrator has to check the directory (tenant) ID \
             and the application (client) ID."
        }
        AccountError::Unavailable(_) => "Try again in a few minutes.",
        AccountError::StaleFence => "Try again in a moment.",
        AccountError::Host(_) => "Try again; an administrator has to look at it if it stays.",
    }
}

fn details(error: &AccountError) -> Vec<String> {
    match error {
        AccountError::NotConfigured(names) | AccountError::MissingPermissions(names) => names.clone(),
        AccountError::Refused(reason)
        | AccountError::ApplicationRefused(reason)
        | AccountError::WrongTenant(reason) => {
            vec![reason.clone()]
        }
        AccountError::NotConnected
        | AccountError::InvalidState
        | AccountError::Cancelled
        | AccountError::AdminConsentNeeded(_)
        | AccountError::Unavailable(_)
        | AccountError::StaleFence
        | AccountError::Host(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::collections::BTreeSet;

    use super::*;
    use crate::app::types::HostError;

    #[test]
    fn every_failure_has_its_own_code_title_and_next_step() {
        let failures = [
            AccountError::NotConfigured(vec!["tenant".to_owned()]),
            AccountError::NotConnected,
            AccountError::InvalidState,
            AccountError::Cancelled,
            AccountError::AdminConsentNeeded("https://login.example/adminconsent".to_owned()),
            AccountError::MissingPermissions(vec!["User.Read".to_owned()]),
            AccountError::Refused("invalid_grant".to_owned()),
            AccountError::ApplicationRefused("invalid_client".to_owned()),
            AccountError::WrongTenant("invalid_request".to_owned()),
            AccountError::Unavailable(None),
            AccountError::StaleFence,
            AccountError::Host(HostError::AccessDenied),
        ];
        let count = failures.len();
        let explained: Vec<Explained> =
            failures.into_iter().map(|error| explain(&AccountFailure::Account(error))).collect();
        assert_eq!(explained.iter().map(|one| one.code).collect::<BTreeSet<_>>().len(), count);
        assert_eq!(explained.iter().map(|one| one.title).collect::<BTreeSet<_>>().len(), count);
        assert!(explained.iter().all(|one| !one.message.is_empty() && one.next_step.ends_with('.')));
        assert_eq!(explained[4].consent_address.as_deref(), Some("https://login.example/adminconsent"));
        assert_eq!(explained[5].details, ["User.Read"]);
    }

    #[test]
    fn an_unknown_state_reads_like_one_that_was_used() {
        let used = explain(&AccountFailure::Account(AccountError::InvalidState));
        assert_eq!(explain(&AccountFailure::UnknownState), used);
    }
}
