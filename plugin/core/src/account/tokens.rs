//! The tokens of an account, and their only serialisation: into a secret.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::model::{AccountId, Instant};

use super::Secret;

/// How long before its end a token counts as spent. Longer than any step runs,
/// so that a step never meets the end in the middle; Oro's five seconds (A4)
/// were made for single requests.
const EXPIRY_MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The layout of the stored bytes.
const STORED_VERSION: u32 = 1;

/// What was granted for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSet {
    /// Whose.
    pub account: AccountId,
    /// For requests to Graph; none where it was forgotten.
    pub access: Option<Secret>,
    /// For the next access token.
    pub refresh: Secret,
    /// End of the access token.
    pub expires_at: Instant,
    /// Permissions of the access token.
    pub scopes: Vec<String>,
}

/// [`TokenSet`] inside the secret store.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    account: AccountId,
    access: Option<String>,
    refresh: String,
    expires_at: Instant,
    scopes: Vec<String>,
}

impl TokenSet {
    /// The access token, if it can be used for the length of a step from `now`.
    pub fn fresh_access(&self, now: Instant) -> Option<&Secret> {
        self.access.as_ref().filter(|_| self.expires_at > now.plus(EXPIRY_MARGIN))
    }

    /// The bytes for the secret store; none for tokens that are no text, which
    /// Microsoft's always are.
    pub fn to_secret(&self) -> Option<Secret> {
        let access = match &self.access {
            Some(access) => Some(access.expose_text()?.to_owned()),
            None => None,
        };
        let stored = Stored {
            version: STORED_VERSION,
            account: self.account.clone(),
            access,
            refresh: self.refresh.expose_text()?.to_owned(),
            expires_at: self.expires_at,
            scopes: self.scopes.clone(),
        };
        serde_json::to_vec(&stored).ok().map(Secret::new)
    }

    /// Reads the bytes back; none where they are of another version.
    pub fn from_secret(secret: &Secret) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(secret.expose()).ok()?;
        (stored.version == STORED_VERSION).then(|| Self {
            account: stored.account,
            access: stored.access.map(Secret::from_text),
            refresh: Secret::from_text(stored.refresh),
            expires_at: stored.expires_at,
            scopes: stored.scopes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> TokenSet {
        TokenSet {
            account: AccountId::new("a"),
            access: Some(Secret::from_text("access~")),
            refresh: Secret::from_text("refresh~"),
            expires_at: Instant::from_epoch_milliseconds(3_600_000),
            scopes: vec!["User.Read".to_owned()],
        }
    }

    #[test]
    fn tokens_survive_the_secret_store_and_are_never_printed() {
        let tokens = tokens();
        let back = tokens.to_secret().as_ref().and_then(TokenSet::from_secret);
        assert_eq!(back.as_ref(), Some(&tokens));
        let printed = format!("{tokens:?}");
        assert!(!printed.contains("access~") && !printed.contains("refresh~"), "{printed}");
        assert_eq!(TokenSet::from_secret(&Secret::from_text("{\"version\":2}")), None);
    }

    #[test]
    fn a_token_counts_as_spent_five_minutes_before_its_end() {
        let minute = 60_000;
        for (now_minutes, expected) in [(0, true), (54, true), (55, false), (60, false), (600, false)] {
            let now = Instant::from_epoch_milliseconds(now_minutes * minute);
            assert_eq!(tokens().fresh_access(now).is_some(), expected, "after {now_minutes} minutes");
        }
    }
}
