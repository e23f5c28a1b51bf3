//! What goes wrong at Microsoft.

/// What Microsoft forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The cursors of rounds.
    DeltaTokens,
    /// What requests are made with.
    AccessTokens,
    /// What connections live from.
    RefreshTokens,
    /// What the application proves itself with.
    ClientSecret,
}

/// What goes wrong with requests to Microsoft: the faults of the management
/// interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "described where the emulator performs them")]
pub enum FaultKind {
    Throttle,
    Unavailable,
    GatewayTimeout,
    DropResponse,
    DropRequest,
    Gone,
    HtmlPage,
    Truncate,
    Slow,
    Unauthorized,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Throttle,
        Self::Unavailable,
        Self::GatewayTimeout,
        Self::DropResponse,
        Self::DropRequest,
        Self::Gone,
        Self::HtmlPage,
        Self::Truncate,
        Self::Slow,
        Self::Unauthorized,
    ];

    /// Its name in the management interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Unavailable => "unavailable",
            Self::GatewayTimeout => "gatewayTimeout",
            Self::DropResponse => "dropResponse",
            Self::DropRequest => "dropRequest",
            Self::Gone => "gone",
            Self::HtmlPage => "htmlPage",
            Self::Truncate => "truncate",
            Self::Slow => "slow",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// Which of the component's requests a fault is for. Those of people are none of
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// What is asked for by itself.
    Single,
    /// What is asked for in a batch.
    Batch,
    /// A create by itself.
    Create,
    /// Signing in and renewing a sign-in.
    Login,
    /// Whatever is asked for, by people as well.
    Any,
}

impl Target {
    /// Their method, where it tells them from others.
    pub const fn method(self) -> Option<&'static str> {
        match self {
            Self::Create => Some("POST"),
            Self::Single | Self::Batch | Self::Login | Self::Any => None,
        }
    }

    /// A part of the path of such requests: people are `/me` at Graph.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Single => "/v1.0/users/",
            // People create nothing while a run is going on that this is meant for.
            Self::Create => "/v1.0/me/",
            Self::Batch => "/v1.0/$batch",
            Self::Login => "/oauth2/v2.0/token",
            Self::Any => "",
        }
    }
}

impl Expiry {
    /// Its name in the kinds of operations.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::DeltaTokens => "delta-tokens",
            Self::AccessTokens => "access-tokens",
            Self::RefreshTokens => "refresh-tokens",
            Self::ClientSecret => "client-secret",
        }
    }

    /// Its name in the management interface.
    pub const fn wire(self) -> &'static str {
        match self {
            Self::DeltaTokens => "deltaTokens",
            Self::AccessTokens => "accessTokens",
            Self::RefreshTokens => "refreshTokens",
            Self::ClientSecret => "clientSecret",
        }
    }
}
