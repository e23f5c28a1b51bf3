//! Guests of an event, each address once.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A mail address, folded to lower case: it identifies a guest within an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// The address without surrounding space, in lower case.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    /// The folded address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A guest's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttendeeStatus {
    /// No answer yet.
    #[default]
    None,
    /// Comes.
    Accepted,
    /// Does not come.
    Declined,
    /// May come.
    Tentative,
}

/// A guest's part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttendeeKind {
    /// Has to come.
    #[default]
    Required,
    /// May come.
    Optional,
    /// A room or a device.
    Resource,
}

/// A guest, without the address, which is the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// The name shown; empty where there is none.
    pub display_name: String,
    /// The answer.
    pub status: AttendeeStatus,
    /// The part.
    pub kind: AttendeeKind,
}

/// The guests of an event.
pub type Attendees = BTreeMap<Address, Attendee>;
