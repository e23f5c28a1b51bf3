//! Bytes that must not be seen.
//!
//! A wrapper, not a vault: it keeps tokens and secrets out of logs, reports and
//! error texts, because they cannot be printed without saying `expose`.

use std::fmt;

/// A token, a client secret or anything else that is nobody's business. Has no
/// `Display`; `Debug` shows that there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Wraps bytes.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Wraps a text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into().into_bytes())
    }

    /// The bytes, to be sent or stored encrypted.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The text, where it is one.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_depend_on_the_content() {
        assert_eq!(format!("{:?}", Secret::from_text("hush")), format!("{:?}", Secret::new(vec![])));
    }
}
