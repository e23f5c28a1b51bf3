//! Accounts, checks, and why they fail.

use tandem_core::account::{Account, AuthFailure, Callback, CheckOutcome, ConnectionReport, ParkedReason, Secret};

use super::common::host_error_out;
use crate::bindings::exports::tandem::plugin::account as wit;

/// What the sign-in page sent back.
pub fn callback(callback: wit::Callback) -> Callback {
    Callback {
        state: callback.state,
        code: callback.code.map(Secret::from_text),
        error: callback.error,
        error_description: callback.error_description,
    }
}

/// A connected account.
pub fn connected_account(account: Account) -> wit::Account {
    wit::Account {
        id: account.id.as_str().to_owned(),
        name: account.name,
        display_name: account.display_name,
        connected_at: account.connected_at.epoch_milliseconds(),
        scopes: account.scopes,
        missing_scopes: account.missing_scopes,
        parked: account.parked.map(|reason| match reason {
            ParkedReason::ReconnectNeeded => wit::ParkedReason::ReconnectNeeded,
            ParkedReason::AdminConsentNeeded => wit::ParkedReason::AdminConsentNeeded,
            ParkedReason::ApplicationRefused => wit::ParkedReason::ApplicationRefused,
            ParkedReason::WrongTenant => wit::ParkedReason::WrongTenant,
        }),
        consent_address: account.consent_address,
    }
}

/// The result of Check Connection.
pub fn connection_report(report: ConnectionReport) -> wit::ConnectionReport {
    let outcome = |outcome| match outcome {
        CheckOutcome::Passed => wit::CheckOutcome::Passed,
        CheckOutcome::Failed(text) => wit::CheckOutcome::Failed(text),
        CheckOutcome::Skipped => wit::CheckOutcome::Skipped,
    };
    wit::ConnectionReport {
        ok: report.ok,
        account_name: report.account_name,
        steps: report
            .steps
            .into_iter()
            .map(|step| wit::CheckStep {
                name: step.name.to_owned(),
                label: step.label.to_owned(),
                outcome: outcome(step.outcome),
            })
            .collect(),
        missing_permissions: report.missing_permissions,
    }
}

/// Why there is no account or no token.
pub fn account_error(failure: AuthFailure) -> wit::AccountError {
    match failure {
        AuthFailure::NotConfigured(fields) => {
            wit::AccountError::NotConfigured(fields.into_iter().map(|field| field.key().to_owned()).collect())
        }
        AuthFailure::NotConnected => wit::AccountError::NotConnected,
        AuthFailure::InvalidState => wit::AccountError::InvalidState,
        AuthFailure::Cancelled => wit::AccountError::Cancelled,
        AuthFailure::AdminConsentNeeded(url) => wit::AccountError::AdminConsentNeeded(url),
        AuthFailure::MissingPermissions(names) => wit::AccountError::MissingPermissions(names),
        AuthFailure::Refused(detail) => wit::AccountError::Refused(detail),
        AuthFailure::ApplicationRefused(detail) => wit::AccountError::ApplicationRefused(detail),
        AuthFailure::WrongTenant(detail) => wit::AccountError::WrongTenant(detail),
        // The contract has one word for both.
        AuthFailure::Unavailable(wait) | AuthFailure::Throttled(wait) => {
            wit::AccountError::Unavailable(wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
        }
        AuthFailure::StaleFence => wit::AccountError::StaleFence,
        AuthFailure::Host(error) => wit::AccountError::Host(host_error_out(error)),
    }
}
