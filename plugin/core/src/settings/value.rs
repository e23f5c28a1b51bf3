//! Raw values and the levels that store them.
//!
//! The shapes of `tandem:host/config`, so that the shell converts one to one.
//! What a field accepts is in [`super::rule`].

use std::fmt;

/// What stands for a stored secret on a page. A fixed length, so that it says
/// nothing about the secret's own; posting it back keeps the stored one (Oro
/// row S2).
pub const SECRET_MASK: &str = "********";

/// One raw value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// A switch.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text, also the key of a choice.
    Text(String),
    /// Explicitly empty: a value like others, which hides the level above (Oro
    /// row S10).
    None,
}

impl SettingValue {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::None => true,
            Self::Boolean(_) | Self::Integer(_) => false,
        }
    }
}

/// The levels, from the most general to the most specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The whole CRM installation.
    System,
    /// One organization.
    Organization,
    /// One user.
    User,
}

impl Level {
    /// The level above; none above the system, where the built-in value is.
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::System => None,
            Self::Organization => Some(Self::System),
            Self::User => Some(Self::Organization),
        }
    }

    /// This level, then the one above it, and so on: the order of resolution.
    pub fn upwards(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |level| level.parent())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "system",
            Self::Organization => "organization",
            Self::User => "user",
        })
    }
}
