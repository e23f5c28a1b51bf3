//! Open extensions, whatever they belong to: custom data under a name
//! (resources/opentypeextension, api/opentypeextension-post-opentypeextension,
//! -update).
//!
//! Which things have them, and the requests, are in `api::extensions`. The
//! limits of two extensions and 2 KB are those of directory objects
//! (concepts/extensibility-overview); none is documented for these.
//!
//! DIFFERENCE: names of Microsoft's own domain and data that is not flat are
//! not to be written, says the documentation. Here they are refused, so that a
//! client which does is found out. A name that is taken is a conflict, as it is
//! for other resources; for these it is not documented.

use serde_json::{Map, Value, json};

use super::api::filter::{Operator, compared};
use super::model::Extensions;
use super::property;
use super::reply::Refusal;

/// What stands before the name in an id.
const TYPE: &str = "microsoft.graph.openTypeExtension";

/// The domains that names must not begin with.
const RESERVED: [&str; 2] = ["com.microsoft", "com.onmicrosoft"];

/// The name in an id or a path segment, which may be qualified. A path lost
/// the namespace when it was taken apart.
pub(crate) fn short_name(text: &str) -> String {
    let text = text.trim().trim_matches('\'');
    let text = text.strip_prefix("microsoft.graph.").unwrap_or(text);
    text.strip_prefix("openTypeExtension.").unwrap_or(text).to_owned()
}

/// An extension as it is answered.
pub(crate) fn write(name: &str, data: &Map<String, Value>) -> Map<String, Value> {
    let mut map = data.clone();
    map.insert("@odata.type".to_owned(), json!(format!("#{TYPE}")));
    map.insert("id".to_owned(), json!(format!("{TYPE}.{name}")));
    map.insert("extensionName".to_owned(), json!(name));
    map
}

/// Reads a new extension: its name and its data.
pub(crate) fn read(value: &Value) -> Result<(String, Map<String, Value>), Refusal> {
    let given = value.as_object().ok_or_else(|| invalid("An extension is an object."))?;
    let name = given_name(given)?.ok_or_else(|| invalid("The extensionName of an extension is missing."))?;
    let lower = name.to_ascii_lowercase();
    let is_reserved =
        |domain: &&str| lower.strip_prefix(domain).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if RESERVED.iter().any(is_reserved) {
        return Err(invalid(&format!("The extensionName '{name}' begins with a domain that is reserved.")));
    }
    let mut data = read_data(given)?;
    data.retain(|_, value| !value.is_null());
    Ok((name, data))
}

/// Reads the extensions that come along with what they belong to.
pub(crate) fn read_all(value: &Value) -> Result<Extensions, Refusal> {
    let mut extensions = Extensions::new();
    for entry in value.as_array().ok_or_else(|| property::invalid("extensions"))? {
        let (name, data) = read(entry)?;
        if find(&extensions, &name).is_some() {
            return Err(exists());
        }
        extensions.insert(name, data);
    }
    Ok(extensions)
}

/// Reads what an extension of this name has after a change: what is not named,
/// or named as null, is gone (api/opentypeextension-update).
pub(crate) fn read_change(value: &Value, name: &str) -> Result<Map<String, Value>, Refusal> {
    let given = value.as_object().ok_or_else(|| invalid("An extension is an object."))?;
    if given_name(given)?.is_some_and(|given| !given.eq_ignore_ascii_case(name)) {
        return Err(property::read_only("extensionName"));
    }
    let mut data = read_data(given)?;
    data.retain(|_, value| !value.is_null());
    Ok(data)
}

/// The name in a body.
fn given_name(given: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match given.get("extensionName") {
        None => Ok(None),
        Some(Value::String(name)) => Ok(Some(short_name(name)).filter(|name| !name.is_empty())),
        Some(_) => Err(property::invalid("extensionName")),
    }
}

/// The custom data of a body, without what the service adds: primitive values
/// and lists of them.
fn read_data(given: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let type_name = given.get("@odata.type").map(|value| value.as_str().unwrap_or_default().trim_start_matches('#'));
    if type_name.is_some_and(|type_name| !type_name.eq_ignore_ascii_case(TYPE)) {
        return Err(invalid(&format!("The @odata.type of an open extension is {TYPE}.")));
    }
    let is_data = |name: &str| !matches!(name, "id" | "extensionName") && !name.contains('@');
    let is_primitive = |value: &Value| !value.is_object() && !value.is_array();
    let mut data = Map::new();
    for (name, value) in given.iter().filter(|(name, _)| is_data(name)) {
        if !is_primitive(value) && !value.as_array().is_some_and(|list| list.iter().all(is_primitive)) {
            return Err(property::invalid(name));
        }
        data.insert(name.clone(), value.clone());
    }
    Ok(data)
}

/// Finds one by its name, which compares without case.
pub(crate) fn find<'a>(extensions: &'a Extensions, name: &str) -> Option<(&'a String, &'a Map<String, Value>)> {
    extensions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// The refusal of a second one of a name.
pub(crate) fn exists() -> Refusal {
    Refusal::new(409, "ErrorExtensionAlreadyExists", "An extension with this name already exists on the item.")
}

fn invalid(detail: &str) -> Refusal {
    Refusal::new(400, "ErrorInvalidRequest", detail.to_owned())
}

/// Which extensions of an item are expanded.
///
/// DIFFERENCE: without a filter, messages are reported to refuse it
/// (msgraph-metadata#617); api/opentypeextension-get says nothing of that. Here
/// all of them are answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// `None` for all.
    name: Option<String>,
}

impl Wanted {
    /// Reads the filter in `extensions($filter=id eq '…')`, which is the one
    /// there is.
    pub fn read(filter: Option<&str>) -> Result<Self, Refusal> {
        let Some(filter) = filter else {
            return Ok(Self::default());
        };
        match compared(filter, "id").or_else(|| compared(filter, "Id")) {
            Some((Operator::Eq, name)) => Ok(Self { name: Some(short_name(&name)) }),
            Some(_) | None => Err(Refusal::not_emulated("A filter on extensions other than `id eq '…'`")),
        }
    }

    /// Writes those of an item.
    pub fn write(&self, extensions: &Extensions) -> Value {
        let is_wanted = |known: &str| self.name.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(known));
        let wanted = extensions.iter().filter(|(name, _)| is_wanted(name));
        wanted.map(|(name, data)| Value::Object(write(name, data))).collect()
    }
}
