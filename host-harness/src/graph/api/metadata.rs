//! What Graph says of itself: the service document and the metadata, as far as
//! the types of this emulator go (OASIS `OData` 4.01 part 1, section 11.1; OASIS
//! `OData` CSDL XML 4.01). Neither needs a token.
//!
//! Written from `graph::types`, without what the cloud at hand does not have.
//! Operations with types that are not in there are left out.

use std::fmt::Write as _;

use serde_json::json;

use crate::graph::behaviour::Cloud;
use crate::graph::call::Call;
use crate::graph::conformance::ROOTS;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::types::{Operation, TYPES, Type};

/// The namespace of Graph's types.
const NAMESPACE: &str = "microsoft.graph";

/// `GET /v1.0/` and `GET /v1.0/$metadata`; `None` for any other path.
pub(super) fn answer(state: &State, call: &Call) -> Option<Result<Reply, Refusal>> {
    routes!(match (call.method.as_str(), call.words().as_slice()) {
        ("GET", ["v1.0"]) => Some(Ok(service_document(state))),
        ("GET", ["v1.0", "$metadata"]) => Some(Ok(metadata(state.meta.behaviour.cloud))),
        (_, ["v1.0"] | ["v1.0", "$metadata"]) => Some(Err(Refusal::method_not_allowed())),
        (_, _) => None,
    })
}

fn service_document(state: &State) -> Reply {
    let value: Vec<_> = ROOTS
        .iter()
        .map(|(name, _, is_collection, _)| json!({ "name": name, "kind": element(*is_collection), "url": name }))
        .collect();
    Reply::json(200, json!({ "@odata.context": format!("{}/v1.0/$metadata", state.base_url), "value": value }))
}

/// What an entry point is.
fn element(is_collection: bool) -> &'static str {
    if is_collection { "EntitySet" } else { "Singleton" }
}

fn metadata(cloud: Cloud) -> Reply {
    Reply::file("application/xml".to_owned(), document(cloud).into_bytes())
}

/// Whether a cloud has a type.
fn has_type(cloud: Cloud, name: &str) -> bool {
    let is_of_todo = name.starts_with("todo")
        || matches!(
            name,
            "checklistItem" | "linkedResource" | "taskFileAttachment" | "taskStatus" | "wellknownListName"
        );
    (cloud.has_todo() || !is_of_todo)
        && (cloud.has_categories() || !matches!(name, "outlookCategory" | "categoryColor"))
}

/// Whether a cloud has a property of a type.
fn has_property(cloud: Cloud, owner: &str, name: &str, kind: &str) -> bool {
    let is_changed_occurrences = owner == "event" && matches!(name, "cancelledOccurrences" | "exceptionOccurrences");
    (cloud.lists_changed_occurrences() || !is_changed_occurrences) && has_type(cloud, bare(kind))
}

/// The name in a type, without collection and nullability.
fn bare(kind: &str) -> &str {
    let kind = kind.trim_end_matches('!');
    kind.strip_prefix("Collection(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(kind)
}

/// A type as CSDL names it.
fn qualified(kind: &str) -> String {
    let (kind, name) = (kind.trim_end_matches('!'), bare(kind));
    if name.starts_with("Edm.") { kind.to_owned() } else { kind.replace(name, &format!("{NAMESPACE}.{name}")) }
}

fn nullability(kind: &str) -> &'static str {
    if kind.ends_with('!') { " Nullable=\"false\"" } else { "" }
}

fn document(cloud: Cloud) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices>",
    );
    let _ = write!(xml, "<Schema Namespace=\"{NAMESPACE}\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">");
    for (name, found) in TYPES.types.iter().filter(|(name, _)| has_type(cloud, name)) {
        write_type(&mut xml, cloud, name, found);
    }
    let listed = |kind: &String| {
        let name = bare(kind);
        name.starts_with("Edm.") || (TYPES.types.contains_key(name) && has_type(cloud, name))
    };
    let complete = |found: &&Operation| {
        listed(&found.on) && found.params.values().all(listed) && found.returns.as_ref().is_none_or(listed)
    };
    for operation in TYPES.operations.iter().filter(complete) {
        write_operation(&mut xml, operation);
    }
    xml.push_str("<EntityContainer Name=\"GraphService\">");
    for (name, of, is_collection, _) in ROOTS {
        let kind = element(is_collection);
        let attribute = if is_collection { "EntityType" } else { "Type" };
        let _ = write!(xml, "<{kind} Name=\"{name}\" {attribute}=\"{NAMESPACE}.{of}\"/>");
    }
    xml.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    xml
}

fn write_type(xml: &mut String, cloud: Cloud, name: &str, found: &Type) {
    let element = match found.kind.as_str() {
        "enum" => "EnumType",
        "complex" => "ComplexType",
        _ => "EntityType",
    };
    let base = found.base.as_ref().map(|base| format!(" BaseType=\"{NAMESPACE}.{base}\"")).unwrap_or_default();
    let open = if found.open { " OpenType=\"true\"" } else { "" };
    let is_root = name == "entity";
    let (r#abstract, key) =
        if is_root { (" Abstract=\"true\"", "<Key><PropertyRef Name=\"id\"/></Key>") } else { ("", "") };
    let _ = write!(xml, "<{element} Name=\"{name}\"{base}{abstract}{open}>{key}", r#abstract = r#abstract);
    for member in &found.members {
        let _ = write!(xml, "<Member Name=\"{member}\"/>");
    }
    for (property, kind) in found.props.iter().filter(|(property, kind)| has_property(cloud, name, property, kind)) {
        let _ = write!(xml, "<Property Name=\"{property}\" Type=\"{}\"{}/>", qualified(kind), nullability(kind));
    }
    for (relation, kind) in found.nav.iter().filter(|(relation, kind)| has_property(cloud, name, relation, kind)) {
        let _ = write!(
            xml,
            "<NavigationProperty Name=\"{relation}\" Type=\"{}\" ContainsTarget=\"true\"/>",
            qualified(kind)
        );
    }
    let _ = write!(xml, "</{element}>");
}

fn write_operation(xml: &mut String, operation: &Operation) {
    let element = if operation.kind == "action" { "Action" } else { "Function" };
    let _ = write!(xml, "<{element} Name=\"{}\" IsBound=\"true\">", operation.name);
    let _ = write!(xml, "<Parameter Name=\"bindingParameter\" Type=\"{}\"/>", qualified(&operation.on));
    for (name, kind) in &operation.params {
        let _ = write!(xml, "<Parameter Name=\"{name}\" Type=\"{}\"{}/>", qualified(kind), nullability(kind));
    }
    if let Some(kind) = &operation.returns {
        let _ = write!(xml, "<ReturnType Type=\"{}\"{}/>", qualified(kind), nullability(kind));
    }
    let _ = write!(xml, "</{element}>");
}
