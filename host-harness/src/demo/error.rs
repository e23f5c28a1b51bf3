//! Why the demonstration did not get to its end.
//!
//! Next: [`super::organization`].

use crate::app::{AccountFailure, AppError, Blocked, SaveError};
use crate::crm::CrmError;
use crate::graph::SetupError;

/// Why the demonstration did not get to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is no emulator to fill.
    #[error("expected the Microsoft emulator, but found that real endpoints are in use")]
    NoEmulator,
    /// The CRM refused something.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// The emulated tenant refused something.
    #[error("the emulated Microsoft 365 could not be filled")]
    Microsoft(#[from] SetupError),
    /// The settings were refused.
    #[error("the settings of the demonstration were not accepted: {}", fields(.0))]
    Settings(#[source] SaveError),
    /// The account could not be connected.
    #[error("the Microsoft account could not be connected")]
    Connect(#[from] AccountFailure),
    /// The login did not do what it does for a browser.
    #[error("expected the login to {expected}, but found status {status}")]
    Login {
        /// What should have happened.
        expected: &'static str,
        /// What it answered.
        status: u16,
    },
    /// Graph did not do what Outlook asked it for.
    #[error("expected Graph to {action} the item, but found status {status} ({code})")]
    Outlook {
        /// What was asked.
        action: &'static str,
        /// What it answered.
        status: u16,
        /// Graph's word for it.
        code: String,
    },
    /// A run could not be made.
    #[error(transparent)]
    App(#[from] AppError),
    /// A run cannot be made before something changes.
    #[error("the run \"{run}\" was blocked: {}", .reason.sentence())]
    Blocked {
        /// Which run.
        run: &'static str,
        /// Why.
        reason: Blocked,
    },
    /// A run ended before its work was done.
    #[error("expected the run \"{run}\" to finish, but found that it left work to do")]
    NotDone {
        /// Which run.
        run: &'static str,
    },
    /// Something of the sample data has gone.
    #[error("expected a sample item on the side of {side}, but found none")]
    NoSample {
        /// Where it was looked for.
        side: &'static str,
    },
}

impl DemoError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoEmulator => "start without `--login-url` and `--graph-url`",
            Self::Crm(error) => error.hint(),
            Self::Connect(failure) => failure.hint(),
            Self::App(error) => error.hint(),
            Self::Microsoft(_)
            | Self::Settings(_)
            | Self::Login { .. }
            | Self::Outlook { .. }
            | Self::Blocked { .. }
            | Self::NotDone { .. }
            | Self::NoSample { .. } => {
                "start again with another data directory and `TANDEM_LOG=debug`, and look into the log"
            }
        }
    }
}

fn fields(error: &SaveError) -> String {
    match error {
        SaveError::Fields(errors) => {
            errors.iter().map(|error| format!("`{}`: {}", error.key, error.message)).collect::<Vec<_>>().join("; ")
        }
        SaveError::App(error) => error.to_string(),
    }
}
