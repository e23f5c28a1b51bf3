//! The bearer token of a request, and what it turned out to be.
//!
//! Whoever counts a request, answers it, runs a part of it or compares its answer
//! wants to know whose it is. Verifying a signature is most of the work of a short
//! request, so it is done once, by the first who asks, and the others are told what
//! came of it. Only that is kept that never changes: whether the signature is that
//! of the tenant's key, and which token it is. Whether that token still counts
//! changes while a request waits, and is asked of the state each time.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::login::keys::SigningKey;

/// What stands in `Authorization`. Clones are verified together. Printed, it does not
/// say the token.
#[derive(Clone, Default)]
pub(crate) struct Bearer {
    /// Absent where there is no token of this kind.
    text: Option<String>,
    shown: Arc<OnceLock<Shown>>,
}

/// What a request shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// No token.
    Nothing,
    /// Something that the tenant has not signed.
    Foreign,
    /// A token of the tenant, by its id.
    Signed { token_id: String },
}

impl fmt::Debug for Bearer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.as_ref().map(|_| "…");
        formatter.debug_struct("Bearer").field("text", &text).field("shown", &self.shown).finish()
    }
}

impl Bearer {
    /// Reads the header.
    pub fn read(authorization: Option<&str>) -> Self {
        let parts = authorization.and_then(|header| header.split_once(' '));
        let token = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        Self { text: token.filter(|token| !token.is_empty()).map(str::to_owned), shown: Arc::default() }
    }

    /// This one, or the other one if both are the same token.
    pub fn or_same(self, other: &Self) -> Self {
        if self.text == other.text { other.clone() } else { self }
    }

    /// What it is, of the tenant with this key.
    pub fn shown(&self, key: &SigningKey) -> &Shown {
        self.shown.get_or_init(|| {
            let Some(text) = &self.text else { return Shown::Nothing };
            key.verify(text).map_or(Shown::Foreign, |claims| {
                let token_id = claims.get("uti").and_then(|value| value.as_str()).unwrap_or_default();
                Shown::Signed { token_id: token_id.to_owned() }
            })
        })
    }
}
