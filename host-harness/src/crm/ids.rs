//! Identifiers. Each kind is its own type, so that a user cannot be passed
//! where an event is meant.
//!
//! All are numbers that are never given twice, not even after a deletion: a
//! reused number would make another record look like the deleted one to
//! whoever remembers it. In JSON they are strings. Next: [`super::error`].

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an identifier, which is a positive whole number, but found something else")]
pub struct NotAnId;

macro_rules! ids {
    ($( $(#[$meta:meta])* $name:ident, )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The number itself.
            pub const fn number(self) -> i64 {
                self.0
            }

            pub(crate) const fn from_number(number: i64) -> Self {
                Self(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}", self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Accepts the canonical spelling only, so that one record has one
            /// name.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let number: i64 = text.parse().map_err(|_| NotAnId)?;
                if number > 0 && number.to_string() == text { Ok(Self(number)) } else { Err(NotAnId) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.0.into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_i64().map(Self::from_number)
            }
        }
    )+ };
}

ids! {
    /// An organization: a company that uses the CRM.
    OrganizationId,
    /// A person who works in the CRM.
    UserId,
    /// A calendar: one per user and organization (Oro row C1).
    CalendarId,
    /// An event of a calendar.
    EventId,
    /// A task.
    TaskId,
    /// An alert.
    AlertId,
    /// A recorded conflict.
    ConflictId,
    /// A run in the history.
    RunId,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        assert_eq!("12".parse::<EventId>().unwrap().number(), 12);
        for wrong in ["", "0", "-1", "+1", "01", " 1", "1.0", "x", "9223372036854775808"] {
            assert_eq!(wrong.parse::<EventId>(), Err(NotAnId), "{wrong:?}");
        }
    }

    #[test]
    fn an_id_is_a_string_in_json() {
        let id = EventId::from_number(7);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"7\"");
        assert_eq!(serde_json::from_str::<EventId>("\"7\"").unwrap(), id);
    }
}
