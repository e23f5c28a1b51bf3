//! Annotations in answers (`OData` JSON Format 4.01, section 4.6), as far as
//! Graph has them.

use serde_json::Value;

use super::schema::Structure;
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
