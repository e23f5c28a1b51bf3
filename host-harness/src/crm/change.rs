//! What somebody does to single fields of a record: an absent field keeps what
//! is there, `null` empties it, anything else sets it.
//!
//! Reads it from JSON. Which fields there are is said in
//! [`super::event::input`] and [`super::task::input`].

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::error::InvalidValue;

/// What an input does to a field.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field is absent: keep what is there.
    #[default]
    Keep,
    /// The field is `null`: empty it.
    Clear,
    /// The field has a value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Change<T> {
    /// The value of a field that can be empty.
    pub(crate) fn over(self, kept: Option<T>) -> Option<T> {
        match self {
            Self::Keep => kept,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same with another type of value.
    pub(crate) fn try_map<U, E>(self, convert: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(convert(value)?),
        })
    }

    /// The value of a field that is never empty.
    pub(crate) fn filled(self, kept: T, field: &'static str) -> Result<T, InvalidValue> {
        match self {
            Self::Keep => Ok(kept),
            Self::Set(value) => Ok(value),
            Self::Clear => Err(empty(field)),
        }
    }
}

/// Nothing where something has to be.
pub(crate) fn empty(field: &'static str) -> InvalidValue {
    InvalidValue {
        field,
        code: "missing-field",
        expected: "present".to_owned(),
        found: "nothing".to_owned(),
        hint: "send a value for it",
    }
}

/// Reads the fields of `what` from a JSON object.
///
/// # Errors
/// The JSON has another shape: an unknown field, or one of a wrong type.
pub(crate) fn read_body<T: DeserializeOwned>(value: Value, what: &str) -> Result<T, InvalidValue> {
    let refused = |found| InvalidValue {
        field: "body",
        code: "invalid-body",
        expected: format!("an object with the fields of {what}"),
        found,
        hint: "correct what is named",
    };
    if !value.is_object() {
        // An array would be taken for the fields in their order.
        return Err(refused("another kind of JSON value".to_owned()));
    }
    serde_json::from_value(value).map_err(|error| refused(unquoted(&error.to_string())))
}

/// An error of the JSON reader without the text that it quotes, which may be
/// somebody's.
fn unquoted(error: &str) -> String {
    match (error.split_once('"'), error.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{}{after}", before.trim_end()),
        _ => error.to_owned(),
    }
}

/// Reads an instant (RFC 3339), cut to the milliseconds that are stored.
pub(crate) fn read_instant(text: Change<String>, field: &'static str) -> Result<Change<DateTime<Utc>>, InvalidValue> {
    text.try_map(|text| {
        DateTime::parse_from_rfc3339(&text).map(|instant| instant.to_utc().trunc_subsecs(3)).map_err(|_| InvalidValue {
            field,
            code: "invalid-instant",
            expected: "an instant such as `2026-03-01T09:00:00Z`".to_owned(),
            found: "a text that is none".to_owned(),
            hint: "write date, time and `Z` as RFC 3339 does",
        })
    })
}
