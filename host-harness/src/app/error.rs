//! Why the application service did not do what it was asked.
//!
//! Every error has a stable word (`code`), says what happened, and has a hint
//! that says what to do. None holds a token, a secret or the text of an item.
//! Next: [`super::report`].

use tandem_runtime::{LoadError, PluginFailure};

use super::report::Blocked;
use super::wait::WaitReason;
use crate::crm::CrmError;
use crate::crm::database::OpenError;
use crate::host::types::{AccountError, FieldError, HostError};

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The CRM could not be prepared.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// The component cannot be loaded.
    #[error(transparent)]
    Plugin(#[from] LoadError),
    /// The component was loaded, but does not answer.
    #[error(transparent)]
    Failed(#[from] PluginFailure),
    /// An address given to the harness is not usable.
    #[error("expected {option} to be an http or https address, but found `{found}`")]
    Address {
        /// Which option.
        option: &'static str,
        /// What was given.
        found: String,
    },
    /// Only one of the two real endpoints was given.
    #[error("expected a login address and a Graph address together, but found only one of them")]
    HalfReal,
    /// The emulator could not be prepared.
    #[error(transparent)]
    Emulator(#[from] crate::graph::OpenError),
}

impl StartError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Data(error) => error.hint(),
            Self::Crm(error) => error.hint(),
            Self::Plugin(error) => error.hint(),
            Self::Failed(failure) => failure.hint(),
            Self::Address { .. } => "write it like http://127.0.0.1:8081 or https://graph.microsoft.com/v1.0",
            Self::HalfReal => "give both, or neither to use the emulator",
            Self::Emulator(_) => "name another data directory, or move the emulator's file away",
        }
    }
}

/// Why a call to the application failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The component ended the call badly.
    #[error(transparent)]
    Plugin(#[from] PluginFailure),
    /// The CRM refused.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// Nothing can be done until something changes.
    #[error("{}", .0.sentence())]
    Blocked(Blocked),
    /// Nothing can be done before a wait is over.
    #[error("there is a wait of {} s before anything can be done ({})", .milliseconds.div_ceil(1000), .reason.code())]
    Waiting {
        /// How long.
        milliseconds: u64,
        /// For what.
        reason: WaitReason,
    },
    /// Microsoft or the network is not available.
    #[error("Microsoft did not answer")]
    Unavailable {
        /// When to try again, in milliseconds, where Microsoft said so.
        retry_after_ms: Option<u64>,
    },
}

impl AppError {
    /// A stable word for the cause, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Plugin(failure) => failure.code(),
            Self::Crm(error) => error.code(),
            Self::Blocked(_) => "blocked",
            Self::Waiting { .. } | Self::Unavailable { .. } => "unavailable",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Plugin(failure) => failure.hint(),
            Self::Crm(error) => error.hint(),
            Self::Blocked(_) => "change what blocks it, then try again",
            Self::Waiting { reason, .. } => reason.sentence(),
            Self::Unavailable { .. } => "try again later",
        }
    }
}

/// Why a decision is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum ReversalError {
    /// It was taken back before.
    #[error("this decision was taken back already")]
    Already,
    /// It cannot be; the component's sentence for people.
    #[error("{0}")]
    Refused(String),
    /// The call failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<CrmError> for ReversalError {
    fn from(error: CrmError) -> Self {
        Self::App(error.into())
    }
}

impl From<PluginFailure> for ReversalError {
    fn from(failure: PluginFailure) -> Self {
        Self::App(failure.into())
    }
}

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The component refused some of the fields. Nothing was stored.
    #[error("{} of the fields cannot be saved", .0.len())]
    Fields(Vec<FieldError>),
    /// The call failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<CrmError> for SaveError {
    fn from(error: CrmError) -> Self {
        Self::App(error.into())
    }
}

impl From<PluginFailure> for SaveError {
    fn from(failure: PluginFailure) -> Self {
        Self::App(failure.into())
    }
}

/// What went wrong with an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountFailure {
    /// The component says so.
    #[error("{}", describe(.0))]
    Account(AccountError),
    /// Nobody began the connection that came back.
    #[error("this connection was not begun here, was finished already, or has expired")]
    UnknownState,
    /// The call failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl AccountFailure {
    /// A stable word for the cause, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Account(error) => match error {
                AccountError::NotConfigured(_) => "not-configured",
                AccountError::NotConnected => "not-connected",
                AccountError::InvalidState => "invalid-state",
                AccountError::Cancelled => "cancelled",
                AccountError::AdminConsentNeeded(_) => "admin-consent-needed",
                AccountError::MissingPermissions(_) => "missing-permissions",
                AccountError::Refused(_) => "refused",
                AccountError::ApplicationRefused(_) => "application-refused",
                AccountError::WrongTenant(_) => "wrong-tenant",
                AccountError::Unavailable(_) => "unavailable",
                AccountError::StaleFence => "stale-fence",
                AccountError::Host(_) => "host",
            },
            Self::UnknownState => "invalid-state",
            Self::App(error) => error.code(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Account(error) => match error {
                AccountError::NotConfigured(_) => {
                    "ask an administrator to fill in the Microsoft settings at the system level"
                }
                AccountError::NotConnected => "connect an account in the user's settings",
                AccountError::InvalidState | AccountError::Cancelled => "begin the connection again",
                AccountError::AdminConsentNeeded(_) => "send the address to an administrator of the Microsoft tenant",
                AccountError::MissingPermissions(_) => "connect again and accept every permission",
                AccountError::Refused(_) => "connect the account again",
                AccountError::ApplicationRefused(_) => {
                    "ask an administrator to check the application id and secret at the system level"
                }
                AccountError::WrongTenant(_) => {
                    "ask an administrator to check the directory (tenant) id and the application id at the system \
                     level, and connect with an account of that directory"
                }
                AccountError::Unavailable(_) | AccountError::StaleFence => "try again in a moment",
                AccountError::Host(_) => "try again; if it stays, look into the log",
            },
            Self::UnknownState => "begin the connection again",
            Self::App(error) => error.hint(),
        }
    }
}

impl From<CrmError> for AccountFailure {
    fn from(error: CrmError) -> Self {
        Self::App(error.into())
    }
}

impl From<PluginFailure> for AccountFailure {
    fn from(failure: PluginFailure) -> Self {
        Self::App(failure.into())
    }
}

fn describe(error: &AccountError) -> String {
    match error {
        AccountError::NotConfigured(fields) => format!("the Microsoft settings are incomplete: {}", fields.join(", ")),
        AccountError::NotConnected => "no Microsoft account is connected".to_owned(),
        AccountError::InvalidState => {
            "this connection was not begun here, was finished already, or has expired".to_owned()
        }
        AccountError::Cancelled => "the connection was cancelled at Microsoft".to_owned(),
        AccountError::AdminConsentNeeded(_) => {
            "an administrator of the Microsoft tenant has to consent first".to_owned()
        }
        AccountError::MissingPermissions(names) => format!("these permissions were not granted: {}", names.join(", ")),
        AccountError::Refused(detail) => format!("Microsoft refused the sign-in: {detail}"),
        AccountError::ApplicationRefused(detail) => format!("Microsoft refused the application: {detail}"),
        AccountError::WrongTenant(detail) => {
            format!(
                "the directory (tenant) does not exist, does not know the application, is not the account's, or has to \
                 be named because the application works with one directory alone: {detail}"
            )
        }
        AccountError::Unavailable(_) => "Microsoft did not answer".to_owned(),
        AccountError::StaleFence => "somebody else is working on this mailbox".to_owned(),
        AccountError::Host(HostError::Unavailable(_)) => "the CRM did not answer".to_owned(),
        AccountError::Host(HostError::AccessDenied) => "the CRM does not allow this".to_owned(),
        AccountError::Host(HostError::Other(_)) => "the CRM could not serve the component".to_owned(),
    }
}
