//! The two ends of the synchronisation.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An end of the synchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The CRM.
    Crm,
    /// Microsoft 365.
    M365,
}

impl Side {
    /// The side across.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Crm => Self::M365,
            Self::M365 => Self::Crm,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crm => "the CRM",
            Self::M365 => "Microsoft 365",
        })
    }
}
