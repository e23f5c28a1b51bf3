//! Passwords and client secrets: compared and stored, and never printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that stays out of logs and error messages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Whether this is what somebody presents.
    pub fn is(&self, presented: &str) -> bool {
        self.0 == presented
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
