//! How the value of one property is checked against its type, and the
//! refusals of properties that cannot be written, in Graph's words.
//!
//! Which properties a type has, and which of them can be written, is in the
//! tables of `calendar::properties` and `todo::properties`.

use serde_json::Value;

use super::dates;
use super::reply::Refusal;

/// The type of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    Text,
    Flag,
    Minutes,
    Texts,
    /// A point in time with its offset.
    Instant,
    OneOf(&'static [&'static str]),
}

impl Check {
    /// Whether a value other than null is one of the type.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Flag => value.is_boolean(),
            Self::Minutes => value.as_i64().is_some_and(|minutes| i32::try_from(minutes).is_ok()),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Self::Instant => value.as_str().is_some_and(|text| dates::instant(text).is_some()),
            Self::OneOf(names) => value.as_str().is_some_and(|given| names.contains(&given)),
        }
    }
}

/// The refusal of a value of another type.
pub(crate) fn invalid(name: &str) -> Refusal {
    Refusal::invalid_property(&format!("The value of '{name}' is not valid."))
}

/// The refusal of a property that the service computes.
pub(crate) fn read_only(name: &str) -> Refusal {
    Refusal::invalid_property(&format!("The property '{name}' is read-only."))
}

/// The refusal of a property that the type does not have.
pub(crate) fn unknown(name: &str, type_name: &str) -> Refusal {
    Refusal::new(
        400,
        "RequestBodyRead",
        format!(
            "The property '{name}' does not exist on type 'microsoft.graph.{type_name}'. Make sure to only use property names that are defined by the type."
        ),
    )
}
