//! What the login service has granted: consents, codes and tokens.
//!
//! Codes and refresh tokens are kept as digests, so that the stored state
//! holds nothing that could be presented. Access tokens are kept by their
//! token id for revocation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sign_in::SignedIn;
use crate::graph::model::MailboxNo;
use crate::graph::permissions::Access;
use crate::graph::state::State;

/// Life of an authorisation code: "about 10 minutes" in the documentation.
pub(crate) const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);
/// Life of a device code and of what the user types for it.
pub(crate) const DEVICE_CODE_LIFE: TimeDelta = TimeDelta::minutes(15);
/// Life of an access token; answered as `expires_in` less one second, as the
/// service does.
pub(crate) const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::seconds(3600);
/// Life of an access token that can be challenged: "up to 28 hours" in the
/// documentation, and a day here.
pub(crate) const CHALLENGEABLE_TOKEN_LIFE: TimeDelta = TimeDelta::hours(24);
/// A refresh token that is not used for so long ends.
pub(crate) const REFRESH_TOKEN_LIFE: TimeDelta = TimeDelta::days(90);
/// Life of all refresh tokens that come of one sign-in of a single-page application.
pub(crate) const SPA_TOKEN_LIFE: TimeDelta = TimeDelta::hours(24);

/// What a user allowed an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Consent {
    pub scopes: Vec<String>,
}

/// The key of a consent.
pub(crate) fn consent_key(mailbox: MailboxNo, client_id: &str) -> String {
    format!("{mailbox}/{client_id}")
}

/// How the verifier of a code is compared (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChallengeMethod {
    Plain,
    S256,
}

/// The challenge that came with the authorisation request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub method: ChallengeMethod,
    pub value: String,
}

impl Challenge {
    /// Whether `verifier` is what the challenge was made of.
    pub fn fits(&self, verifier: &str) -> bool {
        match self.method {
            ChallengeMethod::Plain => self.value == verifier,
            ChallengeMethod::S256 => self.value == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
        }
    }
}

/// An authorisation code that was handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AuthCode {
    pub mailbox: MailboxNo,
    pub client_id: String,
    pub redirect_uri: String,
    /// In the spelling of the request.
    pub scopes: Vec<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub issued_at: DateTime<Utc>,
    pub used: bool,
    #[serde(default)]
    pub signed_in: SignedIn,
    /// What the client said in `claims` that it can cope with.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Whether it went to the redirect of a single-page application.
    #[serde(default)]
    pub is_spa: bool,
}

/// A refresh token that was handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub mailbox: MailboxNo,
    pub client_id: String,
    pub scopes: Vec<String>,
    pub last_used_at: DateTime<Utc>,
    pub revoked: bool,
    #[serde(default)]
    pub signed_in: SignedIn,
    /// When a single-page application got the first of these tokens; absent for
    /// any other application.
    #[serde(default)]
    pub spa_since: Option<DateTime<Utc>>,
}

/// Who an access token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    /// A signed-in user, through an application.
    User(MailboxNo),
    /// The application itself.
    Application,
}

/// An access token that was handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub subject: Subject,
    pub client_id: String,
    /// Permission names without a resource prefix.
    pub permissions: Vec<String>,
    pub expires_at: DateTime<Utc>,
    pub revoked: bool,
    /// The scopes of the sign-in itself, which `oidc/userinfo` asks for.
    #[serde(default)]
    pub of_sign_in: Vec<String>,
    /// What the client said in `claims` that it can cope with.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Set when Graph has to ask for a newer token than this: not before which
    /// second of the epoch that has to be issued.
    #[serde(default)]
    pub challenged_since: Option<i64>,
}

impl AccessToken {
    /// Whether what was granted is enough for this.
    pub fn may(&self, access: Access) -> bool {
        access.is_given(&self.subject, &self.permissions)
    }
}

/// What a device waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Decision {
    Pending,
    /// A user has signed in for the device.
    Accepted(MailboxNo, SignedIn),
    /// A user has signed in who may not allow it without an administrator.
    AdminNeeded,
    Declined,
}

/// A device that waits for its user on another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeviceGrant {
    pub client_id: String,
    /// What the user types.
    pub user_code: String,
    /// In the spelling of the request.
    pub scopes: Vec<String>,
    pub capabilities: Vec<String>,
    pub issued_at: DateTime<Utc>,
    /// How long the device has to wait between two polls, in seconds.
    pub interval_seconds: i64,
    pub polled_at: Option<DateTime<Utc>>,
    pub decision: Decision,
    pub used: bool,
}

/// The key that a presented secret is kept under.
pub(crate) fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// A new secret text with a well-known beginning.
pub(crate) fn new_secret(state: &mut State, prefix: &str) -> String {
    let bytes: [u8; 96] = state.random_bytes();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Forgets what has expired so long ago that nobody can tell it apart from
/// nothing. A refresh token is told that it is too old for as long again as it
/// lived.
pub(crate) fn forget_expired(state: &mut State) {
    let limit = state.now - ACCESS_TOKEN_LIFE;
    for key in state.access_tokens.keys_where(|token| token.expires_at < limit) {
        state.access_tokens.remove(&key);
    }
    for key in state.codes.keys_where(|code| code.issued_at + CODE_LIFE < limit) {
        state.codes.remove(&key);
    }
    for key in state.devices.keys_where(|device| device.issued_at + DEVICE_CODE_LIFE < limit) {
        state.devices.remove(&key);
    }
    let now = state.now;
    let is_over = |token: &RefreshToken| {
        let of_page = token.spa_since.is_some_and(|since| now - since > SPA_TOKEN_LIFE * 2);
        of_page || now - token.last_used_at > REFRESH_TOKEN_LIFE * 2
    };
    for key in state.refresh_tokens.keys_where(is_over) {
        state.refresh_tokens.remove(&key);
    }
}
