//! Where Microsoft is: its clouds have addresses of their own
//! (concepts/deployments, "Microsoft Graph and Graph Explorer service root
//! endpoints"; entra/identity-platform/authentication-national-cloud).
//!
//! The addresses are the host's to know and not a field of the settings: whoever
//! could change them there would have the client secret sent to a server of their
//! choice. Next: [`super::serve`].

use clap::ValueEnum;

/// A cloud of Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cloud {
    /// Worldwide, also GCC.
    Global,
    /// US Government L4 (GCC High).
    Usgov,
    /// US Government L5 (Department of Defense).
    UsgovDod,
    /// China, operated by 21Vianet; has no To Do.
    China,
}

impl Cloud {
    /// Where people and applications sign in.
    pub const fn login_url(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::Usgov | Self::UsgovDod => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// Where Graph is, with its version.
    pub const fn graph_url(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com/v1.0",
            Self::Usgov => "https://graph.microsoft.us/v1.0",
            Self::UsgovDod => "https://dod-graph.microsoft.us/v1.0",
            Self::China => "https://microsoftgraph.chinacloudapi.cn/v1.0",
        }
    }
}
