//! Is a request one that there is: the path, the method, the options, and what
//! the body says?

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::annotation;
use super::deviations;
use super::envelope;
use super::exists;
use super::projection::WHOLE;
use super::query;
use super::route::{Lost, Route, Target};
use super::schema::{Kind, Operation, Schema, Shape, TypeNo};
use super::value::{Examiner, Side, json_kind};
use super::violation::{Findings, Place, What};
use crate::graph::call::Call;

/// Looks at a request. Options that are not `OData`'s own are judged only if
/// `is_strict`.
pub(super) fn examine(
    schema: &Schema,
    call: &Call,
    route: &Result<Route<'_>, Lost>,
    is_strict: bool,
    findings: &mut Findings,
) {
    let target = match route {
        Ok(route) => route.target,
        Err(lost) => {
            let expected = format!("a segment of {}", lost.on);
            return findings.add(What::UnknownPath, &Place::ROOT, expected, segment(call.raw(lost.at)));
        }
    };
    if !target.has(&call.method) {
        return findings.add(What::UnknownOperation, &Place::ROOT, "a method that there is", call.method.as_str());
    }
    query::examine(schema, call, target, items(target), is_strict, findings);
    if let Some(body) = body(schema, call, target, findings) {
        examine_body(schema, call, target, &body, is_strict, findings);
    }
}

/// A segment, if it cannot be somebody's id.
fn segment(text: &str) -> String {
    let is_word = text.len() <= 40 && text.chars().all(|character| character.is_ascii_alphabetic() || character == '$');
    if is_word { format!("`{text}`") } else { "another segment".to_owned() }
}

/// The type whose properties the options name.
pub(super) fn items(target: Target<'_>) -> Option<TypeNo> {
    let of = |kind: Kind| match kind.shape {
        Shape::Structure(number) => Some(number),
        Shape::Primitive(_) | Shape::Enumeration(_) | Shape::Unlisted => None,
    };
    match target {
        Target::Entity(number, _) | Target::Collection(number, _) => Some(number),
        Target::Value(kind, _) => of(kind),
        Target::Operation(operation) => operation.returns.and_then(of),
        Target::Service | Target::Metadata | Target::Batch | Target::Raw { .. } | Target::Count(_) => None,
    }
}

/// The JSON of a body, if there is one. Files and some mails come as they are;
/// everything else is JSON and says so.
fn body(schema: &Schema, call: &Call, target: Target<'_>, findings: &mut Findings) -> Option<Value> {
    if call.body.iter().all(u8::is_ascii_whitespace) || call.method == "PUT" {
        // Who sends no parameters may lack some, too.
        let is_action = matches!(target, Target::Operation(operation) if operation.is_action);
        return is_action.then(|| Value::Object(Map::new()));
    }
    let content_type = call.header("content-type").unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "text/plain" && takes_mime(schema, call, target) {
        return None;
    }
    if kind != "application/json" {
        let found = if kind.is_empty() { "none" } else { "another" };
        findings.add(What::WrongType, &Place::ROOT, "the content type of JSON", found);
        return None;
    }
    let read = serde_json::from_slice(&call.body).ok();
    if read.is_none() {
        findings.add(What::WrongType, &Place::ROOT, "JSON", "something else");
    }
    read
}

/// Whether a mail may come in MIME.
fn takes_mime(schema: &Schema, call: &Call, target: Target<'_>) -> bool {
    match target {
        Target::Collection(number, _) => call.method == "POST" && schema.name(number) == "message",
        Target::Operation(operation) => exists::takes_mime(&operation.name),
        _ => false,
    }
}

fn examine_body(
    schema: &Schema,
    call: &Call,
    target: Target<'_>,
    body: &Value,
    is_strict: bool,
    findings: &mut Findings,
) {
    let place = Place::ROOT;
    let side = if call.method == "PATCH" { Side::Update } else { Side::Creation };
    let number = match target {
        Target::Entity(number, _)
        | Target::Collection(number, _)
        | Target::Value(Kind { shape: Shape::Structure(number), .. }, _) => number,
        Target::Operation(operation) if operation.is_action => {
            return parameters(schema, operation, body, is_strict, findings);
        }
        Target::Batch => {
            if let Some(map) = object(body, findings) {
                envelope::examine_request(map, findings);
            }
            return;
        }
        Target::Value(..)
        | Target::Operation(_)
        | Target::Service
        | Target::Metadata
        | Target::Raw { .. }
        | Target::Count(_) => return findings.add(What::WrongType, &place, "no body", json_kind(body)),
    };
    if matches!(call.method.as_str(), "GET" | "DELETE") {
        return findings.add(What::WrongType, &place, "no body", json_kind(body));
    }
    match body {
        Value::Object(map) => {
            let mut examiner = Examiner { is_strict, ..Examiner::new(schema, side, findings) };
            examiner.structure(number, map, &WHOLE, &place);
        }
        _ => findings.add(What::WrongType, &place, schema.name(number), json_kind(body)),
    }
}

fn object<'b>(body: &'b Value, findings: &mut Findings) -> Option<&'b Map<String, Value>> {
    let found = body.as_object();
    if found.is_none() {
        findings.add(What::WrongType, &Place::ROOT, "an object", json_kind(body));
    }
    found
}

fn parameters(schema: &Schema, operation: &Operation, body: &Value, is_strict: bool, findings: &mut Findings) {
    let Some(sent) = object(body, findings) else { return };
    missing(operation, sent, findings);
    for (name, value) in sent {
        let place = Place::ROOT.property(name);
        if name.contains('@') {
            annotation::examine_of_parameters(schema, operation, (name.as_str(), value), is_strict, findings);
        } else if let Some(kind) = operation.parameters.get(&name.to_ascii_lowercase()) {
            let value = unquoted(operation, name, value);
            let mut examiner =
                Examiner { in_any_spelling: true, is_strict, ..Examiner::new(schema, Side::Creation, findings) };
            examiner.value(*kind, &value, &WHOLE, &place);
        } else {
            let expected = format!("a parameter of {}", operation.name);
            findings.add(What::UnknownProperty, &place, expected, format!("`{name}`"));
        }
    }
}

/// What an action has to be told, and is not.
fn missing(operation: &Operation, sent: &Map<String, Value>, findings: &mut Findings) {
    let is_sent = |wanted: &str| sent.iter().any(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_null());
    for name in operation.needed.iter().filter(|name| !is_sent(name)) {
        findings.add(What::MissingProperty, &Place::ROOT, format!("the parameter `{name}`"), "nothing");
    }
}

/// The value within a text, of a parameter that may be one.
fn unquoted<'b>(operation: &Operation, name: &str, value: &'b Value) -> Cow<'b, Value> {
    let text = value.as_str().filter(|_| deviations::is_written_in_quotes(&operation.name, name));
    text.and_then(|text| serde_json::from_str(text).ok()).map_or(Cow::Borrowed(value), Cow::Owned)
}
