//! Is the JSON of a write of the official types, down to the last property?
//!
//! Asked of every write on a mailbox before any area reads it, so that a handler
//! finds only values that are possible; subscriptions are read by themselves. Who
//! may write a property, and which values make sense together, is for the areas to
//! say. The types and what a value of them is are those of `conformance`, whose
//! judge finds no more in what was accepted here: for it, this is the same question
//! asked of others than the component.
//!
//! The refusals are those of the service: a value of another type cannot be
//! deserialized (msgraph-sdk-javascript#404, msgraph-sdk-dotnet#2860), a name of
//! a type or of a member that there is not is named (msgraph-sdk-dotnet#1117).
//!
//! DIFFERENCE: a property that a value within the item does not have is
//! reported as not to be deserialized, too, and not named. Here it is refused in
//! the words for a property of the item, so that whoever writes a client sees
//! which one it is.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::graph::call::Call;
use crate::graph::conformance::primitive::Edm;
use crate::graph::conformance::schema::{Kind, Operation, SCHEMA, Schema, Shape, TypeNo};
use crate::graph::conformance::{self, Target, is_written_in_quotes};
use crate::graph::property;
use crate::graph::reply::Refusal;

/// Types that the extract of the metadata leaves out, and that can stand where
/// a listed one is declared. The areas know what to do with them.
const UNLISTED: [&str; 2] = ["contact", "customTimeZone"];

/// Reads the body of a write. Members of enumerations are taken in any case, and
/// some parameters in quotes, as the examples of the reference write them; what is
/// handed back is the body in the spelling of the metadata, where that is another
/// one.
pub(super) fn read(call: &Call) -> Result<Option<Bytes>, Refusal> {
    let is_empty = call.body.iter().all(u8::is_ascii_whitespace);
    if is_empty || !call.is_json() || !matches!(call.method.as_str(), "POST" | "PATCH") {
        return Ok(None);
    }
    let Some(target) = conformance::target(call) else { return Ok(None) };
    let mut map: Map<String, Value> = serde_json::from_slice(&call.body).map_err(|_| Refusal::unreadable())?;
    let words = if call.words().contains(&"mailboxsettings") { Words::Settings } else { Words::Items };
    let mut reader = Reader { schema: &SCHEMA, words, in_any_spelling: false, is_respelled: false };
    match target {
        Target::Entity(number, _)
        | Target::Collection(number, _)
        | Target::Value(Kind { shape: Shape::Structure(number), .. }, _) => reader.structure(number, &mut map)?,
        Target::Operation(operation) if operation.is_action => reader.parameters(operation, &mut map)?,
        Target::Value(..)
        | Target::Operation(_)
        | Target::Service
        | Target::Metadata
        | Target::Batch
        | Target::Raw { .. }
        | Target::Count(_) => {}
    }
    Ok(reader.is_respelled.then(|| Bytes::from(Value::Object(map).to_string())))
}

/// Whose words a refusal is in.
#[derive(Clone, Copy)]
enum Words {
    Items,
    /// Those that api/user-update-mailboxsettings documents, section Errors.
    Settings,
}

/// Goes through one body.
struct Reader<'s> {
    schema: &'s Schema,
    words: Words,
    /// Whether names are taken in any spelling, as in parameters of actions:
    /// the example of api/event-forward has `EmailAddress`.
    in_any_spelling: bool,
    is_respelled: bool,
}

impl Reader<'_> {
    fn parameters(&mut self, operation: &Operation, map: &mut Map<String, Value>) -> Result<(), Refusal> {
        self.in_any_spelling = true;
        for (name, value) in map.iter_mut().filter(|(name, _)| !name.contains('@')) {
            let kind = operation.parameters.get(&name.to_ascii_lowercase());
            let kind = kind.ok_or_else(|| unknown_parameter(name, operation))?;
            if is_written_in_quotes(&operation.name, name) {
                self.unquote(value);
            }
            self.value(*kind, name, value)?;
        }
        Ok(())
    }

    /// Puts the value that is written in a text in its place, if there is one.
    fn unquote(&mut self, value: &mut Value) {
        if let Some(inner) = value.as_str().and_then(|text| serde_json::from_str(text).ok()) {
            *value = inner;
            self.is_respelled = true;
        }
    }

    fn structure(&mut self, declared: TypeNo, map: &mut Map<String, Value>) -> Result<(), Refusal> {
        let Some(number) = self.actual(declared, map)? else { return Ok(()) };
        let Some(structure) = self.schema.structure(number) else { return Ok(()) };
        // Annotations such as `@odata.type` are not properties.
        for (name, value) in map.iter_mut().filter(|(name, _)| !name.contains('@')) {
            let respelled = || structure.property_of_path(&name.to_ascii_lowercase()).filter(|_| self.in_any_spelling);
            match structure.property(name).or_else(respelled) {
                Some(property) => self.value(property.kind, name, value)?,
                None if structure.is_open => {}
                None => return Err(property::unknown(name, &structure.name)),
            }
        }
        Ok(())
    }

    /// The type that a value names, or the one that is declared; `None` for one
    /// that is not listed.
    fn actual(&self, declared: TypeNo, map: &Map<String, Value>) -> Result<Option<TypeNo>, Refusal> {
        let Some(named) = map.get("@odata.type") else { return Ok(Some(declared)) };
        let named = named.as_str().ok_or_else(not_deserialized)?;
        let qualified = named.strip_prefix('#').unwrap_or(named);
        let name = qualified.strip_prefix("microsoft.graph.");
        if name.is_some_and(|name| UNLISTED.contains(&name)) {
            return Ok(None);
        }
        let number = name.and_then(|name| self.schema.number(name)).ok_or_else(|| unresolved(qualified))?;
        if self.schema.is_a(number, declared) { Ok(Some(number)) } else { Err(not_deserialized()) }
    }

    fn value(&mut self, kind: Kind, name: &str, value: &mut Value) -> Result<(), Refusal> {
        match value {
            Value::Null if kind.is_nullable && !kind.is_collection => Ok(()),
            Value::Null if !kind.is_collection => Err(never_null(name, &self.schema.kind_name(kind))),
            Value::Array(items) if kind.is_collection => {
                items.iter_mut().try_for_each(|item| self.single(kind.shape, item))
            }
            _ if kind.is_collection => Err(not_deserialized()),
            _ => self.single(kind.shape, value),
        }
    }

    fn single(&mut self, shape: Shape, value: &mut Value) -> Result<(), Refusal> {
        match (shape, value) {
            (Shape::Unlisted, _) => Ok(()),
            (Shape::Primitive(edm), value) if edm.accepts(value) => Ok(()),
            (Shape::Primitive(edm), Value::String(text)) => Err(self.no_literal(text, edm)),
            (Shape::Enumeration(number), Value::String(text)) => self.member(number, text),
            (Shape::Structure(number), Value::Object(map)) => self.structure(number, map),
            (Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Structure(_), _) => Err(not_deserialized()),
        }
    }

    fn member(&mut self, number: TypeNo, text: &mut String) -> Result<(), Refusal> {
        let mut members = self.schema.members(number).iter();
        let known = members.find(|member| member.eq_ignore_ascii_case(text)).ok_or_else(|| self.no_member(text))?;
        if known != text {
            known.clone_into(text);
            self.is_respelled = true;
        }
        Ok(())
    }

    fn no_member(&self, text: &str) -> Refusal {
        let code = match self.words {
            Words::Items => "RequestBodyRead",
            Words::Settings => "InvalidArguments",
        };
        Refusal::new(400, code, format!("Requested value '{text}' was not found."))
    }

    fn no_literal(&self, text: &str, edm: Edm) -> Refusal {
        match self.words {
            Words::Items => not_deserialized(),
            Words::Settings => {
                let message = format!("Cannot convert the literal '{text}' to the expected type 'Edm.{edm:?}'.");
                Refusal::new(400, "RequestBodyRead", message)
            }
        }
    }
}

/// The refusal of a value that is not of its type.
fn not_deserialized() -> Refusal {
    Refusal::new(400, "UnableToDeserializePostBody", "were unable to deserialize ")
}

fn unresolved(type_name: &str) -> Refusal {
    let message = format!(
        "A type named '{type_name}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type."
    );
    Refusal::new(400, "RequestBodyRead", message)
}

fn never_null(name: &str, type_name: &str) -> Refusal {
    let namespace = if type_name.starts_with("Edm.") { "" } else { "microsoft.graph." };
    let type_name = format!("{namespace}{type_name}[Nullable=False]");
    let message = format!(
        "A null value was found for the property named '{name}', which has the expected type '{type_name}'. The expected type '{type_name}' does not allow null values."
    );
    Refusal::new(400, "RequestBodyRead", message)
}

fn unknown_parameter(name: &str, operation: &Operation) -> Refusal {
    let message = format!(
        "The parameter '{name}' in the request payload is not a valid parameter for the operation '{}'.",
        operation.name
    );
    Refusal::new(400, "RequestBodyRead", message)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

    use serde_json::json;

    use super::*;

    /// What is read of a parameter that may be written in quotes.
    fn unquoted(kind: Kind, mut value: Value) -> Result<(Value, bool), Refusal> {
        let mut reader = Reader { schema: &SCHEMA, words: Words::Items, in_any_spelling: true, is_respelled: false };
        reader.unquote(&mut value);
        reader.value(kind, "parameter", &mut value)?;
        Ok((value, reader.is_respelled))
    }

    #[test]
    fn a_value_in_quotes_is_handed_on_without_them_and_as_the_metadata_spell_it() {
        let kind = |shape| Kind { shape, is_collection: false, is_nullable: true };
        let importance = kind(Shape::Enumeration(SCHEMA.number("importance").unwrap()));
        let flag = kind(Shape::Primitive(Edm::Boolean));
        let cases = [
            (importance, json!("HIGH"), json!("high"), true),
            (importance, json!("high"), json!("high"), false),
            (importance, json!("\"HIGH\""), json!("high"), true),
            (importance, json!("\"high\""), json!("high"), true),
            (flag, json!("false"), json!(false), true),
            (flag, json!(false), json!(false), false),
            (flag, json!("null"), json!(null), true),
        ];
        for (kind, sent, read, is_respelled) in cases {
            assert_eq!(unquoted(kind, sent.clone()).unwrap(), (read, is_respelled), "{sent}");
        }
        for (kind, sent) in [(flag, "False"), (flag, "\"true\""), (flag, "1"), (importance, "\"urgent\"")] {
            assert_eq!(unquoted(kind, json!(sent)).unwrap_err().status, 400, "{sent}");
        }
    }
}
