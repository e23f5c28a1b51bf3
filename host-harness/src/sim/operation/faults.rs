//! What goes wrong at Microsoft.

use serde_json::{Value, json};

/// What goes wrong with requests to Microsoft.
pub use crate::graph::fault::Kind as FaultKind;

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

/// Which of the component's requests a fault is for. Those of people are none of
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A page of changes.
    Page,
    /// Whatever is read, by itself or as a part of a batch.
    Read,
    /// A create or an answer to an invitation, by itself or as a part of a batch.
    Create,
    /// A change, by itself or as a part of a batch.
    Update,
    /// A deletion, by itself or as a part of a batch.
    Delete,
    /// A batch as a whole.
    Batch,
    /// Signing in and renewing a sign-in.
    Login,
    /// Whatever is asked for, by people as well.
    Any,
}

impl Target {
    /// All of them that histories draw.
    pub const DRAWN: [Self; 7] =
        [Self::Page, Self::Read, Self::Create, Self::Update, Self::Delete, Self::Batch, Self::Login];

    /// Their method, where it tells them from others.
    const fn method(self) -> Option<&'static str> {
        match self {
            Self::Page | Self::Read => Some("GET"),
            Self::Create => Some("POST"),
            Self::Update => Some("PATCH"),
            Self::Delete => Some("DELETE"),
            Self::Batch | Self::Login | Self::Any => None,
        }
    }

    /// A part of the path of such requests.
    const fn path(self) -> &'static str {
        match self {
            Self::Page => "/delta",
            // A batch is a `POST`, too.
            Self::Create => "/v1.0/me/",
            Self::Batch => "/v1.0/$batch",
            Self::Login => "/oauth2/v2.0/token",
            Self::Read | Self::Update | Self::Delete | Self::Any => "",
        }
    }

    /// How the component's requests are told from those of people, where both ask
    /// for the same.
    const fn client(self) -> Option<&'static str> {
        match self {
            Self::Page | Self::Read | Self::Create | Self::Update | Self::Delete | Self::Batch => Some("tandem-"),
            Self::Login | Self::Any => None,
        }
    }

    /// What matches them in a script.
    pub fn matcher(self) -> Value {
        json!({"method": self.method(), "path": self.path(), "client": self.client()})
    }

    /// Its name for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Batch => "batch",
            Self::Login => "login",
            Self::Any => "any",
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
