//! Reads extended properties, whatever they belong to
//! (resources/extended-properties-overview,
//! api/singlevaluelegacyextendedproperty-post-singlevalueextendedproperties,
//! api/multivaluelegacyextendedproperty-post-multivalueextendedproperties).

use std::collections::BTreeMap;

use serde_json::Value;

use super::reply::Refusal;

/// Reads `singleValueExtendedProperties`.
pub(crate) fn single(value: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    properties(value, false, one_value)
}

/// Reads `multiValueExtendedProperties`.
pub(crate) fn multiple(value: &Value) -> Result<BTreeMap<String, Vec<String>>, Refusal> {
    properties(value, true, several_values)
}

/// Reads extended properties: those of several values have a type of arrays in
/// their ids, the others have not.
fn properties<T>(
    value: &Value,
    of_arrays: bool,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<BTreeMap<String, T>, Refusal> {
    let invalid =
        || Refusal::new(400, "ErrorInvalidProperty", "The extended property is not valid: expected an id and a value.");
    let list = value.as_array().ok_or_else(invalid)?;
    let mut properties = BTreeMap::new();
    for entry in list {
        let id = entry.get("id").and_then(Value::as_str).and_then(id);
        let id = id.filter(|id| is_of_arrays(id) == of_arrays).ok_or_else(invalid)?;
        let value = entry.get("value").and_then(&read).ok_or_else(invalid)?;
        properties.insert(id, value);
    }
    Ok(properties)
}

fn one_value(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn several_values(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(one_value).collect()
}

fn is_of_arrays(id: &str) -> bool {
    id.split(' ').next().is_some_and(|kind| kind.ends_with("Array"))
}

/// The id of an extended property with the parts that compare without case
/// brought to one form; `None` if it is not one.
pub(crate) fn id(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(' ').collect();
    match parts.as_slice() {
        [kind, guid, "Name", name @ ..] if is_guid(guid) && !name.is_empty() => {
            Some(format!("{kind} {} Name {}", guid.to_ascii_lowercase(), name.join(" ")))
        }
        [kind, guid, "Id", id] if is_guid(guid) => {
            Some(format!("{kind} {} Id {}", guid.to_ascii_lowercase(), id.to_ascii_lowercase()))
        }
        [kind, tag] if tag.starts_with("0x") => Some(format!("{kind} {}", tag.to_ascii_lowercase())),
        _ => None,
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 38 && text.starts_with('{') && text.ends_with('}')
}
