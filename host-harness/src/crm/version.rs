//! Versions of records. Each kind of record has its own type.
//!
//! A version changes with every change of a record. It is opaque: only equality
//! means something. Which one a record has, its journal says.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::error::CrmError;

macro_rules! versions {
    ($( $(#[$meta:meta])* $name:ident, )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A version that somebody remembers.
            pub fn remembered(text: &str) -> Self {
                Self(text.to_owned())
            }

            /// The text of it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The version that a journal entry stands for.
            pub(crate) fn of_sequence(sequence: i64) -> Self {
                Self(format!("v{sequence}"))
            }

            /// Checks what a person's change says that it is based on.
            pub(crate) fn check(&self, based_on: &Change<Self>) -> Result<(), CrmError> {
                match based_on {
                    Change::Set(version) if version != self => Err(CrmError::VersionMismatch),
                    Change::Set(_) | Change::Clear | Change::Keep => Ok(()),
                }
            }
        }
    )+ };
}

versions! {
    /// The version of an event.
    EventVersion,
    /// The version of a task.
    TaskVersion,
}
