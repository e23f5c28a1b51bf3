//! What a run that is not over waits for, as pages, JSON and the command line
//! say it. Next: [`super::report`].

use serde::{Deserialize, Serialize};

use crate::host::types as wire;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitReason {
    /// Microsoft asks for fewer requests.
    Throttled,
    /// Microsoft fails or does not answer.
    MicrosoftUnavailable,
    /// The account has no mailbox that can be used.
    MailboxUnavailable,
    /// Something was not as it can be.
    Stopped,
    /// The CRM failed.
    HostUnavailable,
}

impl WaitReason {
    /// A stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::MicrosoftUnavailable => "microsoft-unavailable",
            Self::MailboxUnavailable => "mailbox-unavailable",
            Self::Stopped => "stopped",
            Self::HostUnavailable => "host-unavailable",
        }
    }

    /// What it means, and that nobody has to act or where to look, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Throttled => "Microsoft asks for fewer requests at the moment.",
            Self::MicrosoftUnavailable => {
                "Microsoft 365 or the network is not available. It is tried again by itself, after longer waits the \
                 longer this lasts."
            }
            Self::MailboxUnavailable => {
                "The account has no mailbox that can be used, or it is full. See its alert for what to do."
            }
            Self::Stopped => "Something was not as expected, so the run was stopped. See its alert.",
            Self::HostUnavailable => "The CRM was not available. It is tried again by itself.",
        }
    }
}

impl From<wire::WaitReason> for WaitReason {
    fn from(reason: wire::WaitReason) -> Self {
        match reason {
            wire::WaitReason::Throttled => Self::Throttled,
            wire::WaitReason::MicrosoftUnavailable => Self::MicrosoftUnavailable,
            wire::WaitReason::MailboxUnavailable => Self::MailboxUnavailable,
            wire::WaitReason::Stopped => Self::Stopped,
            wire::WaitReason::HostUnavailable => Self::HostUnavailable,
        }
    }
}
