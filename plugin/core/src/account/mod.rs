//! The Microsoft account of a user: connecting it, keeping it alive, letting go.
//!
//! Authorisation code flow with PKCE against the Microsoft identity platform
//! v2.0 (Oro rows A1 to A5). Tokens live in the host's secret store only; what
//! may be seen about the account lives in its storage. Nothing here knows what
//! the token is used for.
//!
//! Read `connect` ([`begin`] and [`finish`]), `refresh` ([`access_token`]: a
//! valid token, or why not), `classify` (what Microsoft's errors mean), `state`
//! (what is remembered), `park` (waiting for somebody), `check` and
//! `disconnect`.

mod application;
mod authorize;
mod callback;
mod check;
mod classify;
mod connect;
mod disconnect;
mod failure;
mod park;
mod pending;
mod pkce;
mod profile;
mod refresh;
pub mod scope;
mod secret;
mod state;
#[cfg(test)]
pub(crate) mod testing;
mod token_request;
mod tokens;

pub use authorize::ADMIN_CONSENT_STATE;
pub use callback::Callback;
pub use check::{CheckOutcome, CheckStep, ConnectionReport, check};
pub use connect::{Authorization, begin, finish};
pub use disconnect::disconnect;
pub use failure::AuthFailure;
pub use refresh::{
    AccessToken, AccountPorts, access_token, access_token_for, force_refresh, forget_access_token, renew,
};
pub use secret::Secret;
#[cfg(test)]
pub(crate) use state::ACCOUNT_KEY;
pub use state::{Account, AccountRecord, Parked, ParkedReason, current};
pub use token_request::RETRY_DELAY;
pub use tokens::TokenSet;

#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod connect_tests;
#[cfg(test)]
mod refresh_tests;
