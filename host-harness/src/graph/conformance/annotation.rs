//! Annotations in answers and in writes (`OData` JSON Format 4.01, section 4.6),
//! as far as Graph has them.

use serde_json::Value;

use super::schema::{Operation, Schema, Structure};
use super::value::json_kind;
use super::violation::{Findings, Place, What};

/// What an annotation holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Count,
    Etag,
    Reason,
}

/// Annotations of an object.
const OF_OBJECT: [(&str, Holds); 9] = [
    ("@odata.context", Holds::Text),
    ("@odata.etag", Holds::Etag),
    ("@odata.type", Holds::Text),
    ("@odata.id", Holds::Text),
    ("@odata.editLink", Holds::Text),
    ("@odata.readLink", Holds::Text),
    ("@odata.mediaContentType", Holds::Text),
    ("@odata.mediaReadLink", Holds::Text),
    ("@removed", Holds::Reason),
];

/// Annotations of a property, behind its name.
const OF_PROPERTY: [(&str, Holds); 8] = [
    ("@odata.context", Holds::Text),
    ("@odata.type", Holds::Text),
    ("@odata.navigationLink", Holds::Text),
    ("@odata.associationLink", Holds::Text),
    ("@odata.nextLink", Holds::Text),
    ("@odata.count", Holds::Count),
    ("@odata.mediaReadLink", Holds::Text),
    ("@odata.mediaEditLink", Holds::Text),
];

/// Looks at one annotation of an object of a type.
pub(super) fn examine(structure: &Structure, name: &str, value: &Value, place: &Place<'_>, findings: &mut Findings) {
    let (property, annotation) = name.split_at(name.find('@').unwrap_or(0));
    let place = place.property(name);
    let known = if property.is_empty() {
        OF_OBJECT.iter().find(|(known, _)| *known == annotation)
    } else if structure.property(property).is_some() {
        OF_PROPERTY.iter().find(|(known, _)| *known == annotation)
    } else {
        None
    };
    match known {
        Some((_, holds)) => examine_value(*holds, value, &place, findings),
        None => findings.add(What::WrongAnnotation, &place, "an annotation that there is", format!("`{name}`")),
    }
}

/// Annotations of an object that a client may send: with the type it says what
/// it means, and the others come back with what it has read.
const IN_WRITES: [&str; 4] = ["@odata.type", "@odata.etag", "@odata.id", "@odata.context"];

/// The one annotation of a property that a client may send.
const TYPE_OF_PROPERTY: &str = "@odata.type";

/// Looks at one annotation of an object that a client sends. Those of other
/// namespaces are judged only if `is_strict`: services pass over them.
pub(super) fn examine_written(
    schema: &Schema,
    structure: &Structure,
    (name, value): (&str, &Value),
    place: &Place<'_>,
    is_strict: bool,
    findings: &mut Findings,
) {
    let (property, annotation) = name.split_at(name.find('@').unwrap_or(0));
    let place = place.property(name);
    let is_custom = annotation.contains('.') && !annotation.starts_with("@odata.");
    let known = structure.property(property);
    if is_custom && !is_strict {
        return;
    }
    let fits = match (property, known) {
        ("", _) => IN_WRITES.contains(&annotation) && value.is_string(),
        (_, Some(known)) => annotation == TYPE_OF_PROPERTY && schema.is_named(known.kind, value),
        (_, None) => structure.is_open && annotation == TYPE_OF_PROPERTY && schema.is_some_type(value),
    };
    if !fits {
        findings.add(What::WrongAnnotation, &place, "an annotation that a client sends", format!("`{name}`"));
    }
}

/// Looks at one annotation among the parameters of an action.
pub(super) fn examine_of_parameters(
    schema: &Schema,
    operation: &Operation,
    (name, value): (&str, &Value),
    is_strict: bool,
    findings: &mut Findings,
) {
    let (parameter, annotation) = name.split_at(name.find('@').unwrap_or(0));
    let is_custom = annotation.contains('.') && !annotation.starts_with("@odata.");
    let kind = operation.parameters.get(&parameter.to_ascii_lowercase());
    let fits = annotation == TYPE_OF_PROPERTY && kind.is_some_and(|kind| schema.is_named(*kind, value));
    if !fits && (is_strict || !is_custom) {
        let place = Place::ROOT.property(name);
        findings.add(What::WrongAnnotation, &place, "an annotation that a client sends", format!("`{name}`"));
    }
}

/// Notes an annotation that nobody wanted.
pub(super) fn unasked(name: &str, place: &Place<'_>, findings: &mut Findings) {
    findings.add(What::WrongAnnotation, place, "no annotations", format!("`{name}`"));
}

/// Looks at the value of an annotation of a list.
pub(super) fn examine_of_list(name: &str, value: &Value, place: &Place<'_>, findings: &mut Findings) {
    let holds = match name {
        "@odata.context" | "@odata.nextLink" | "@odata.deltaLink" => Holds::Text,
        "@odata.count" => Holds::Count,
        _ => {
            return findings.add(What::WrongAnnotation, place, "an annotation of a list", format!("`{name}`"));
        }
    };
    examine_value(holds, value, &place.property(name), findings);
}

fn examine_value(holds: Holds, value: &Value, place: &Place<'_>, findings: &mut Findings) {
    let (fits, expected) = match holds {
        Holds::Text => (value.is_string(), "a text"),
        Holds::Count => (value.is_u64(), "a number"),
        Holds::Etag => {
            let is_weak = |text: &str| text.len() > 4 && text.starts_with("W/\"") && text.ends_with('"');
            (value.as_str().is_some_and(is_weak), "a weak entity tag")
        }
        Holds::Reason => {
            let reason = value.get("reason").and_then(Value::as_str);
            (matches!(reason, Some("deleted" | "changed")), "a reason: `deleted` or `changed`")
        }
    };
    if !fits {
        findings.add(What::WrongAnnotation, place, expected, json_kind(value));
    }
}
