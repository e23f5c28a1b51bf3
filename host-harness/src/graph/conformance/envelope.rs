//! Is a batch one, and is it answered as a whole (concepts/json-batching)?
//!
//! What is in the parts is looked at as if each came by itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::deviations;
use super::value::json_kind;
use super::violation::{Findings, Place, What};

/// Properties of a part of a batch.
const OF_PART: [&str; 7] = ["id", "method", "url", "headers", "body", "dependsOn", "atomicityGroup"];

/// Looks at a batch.
pub(super) fn examine_request(map: &Map<String, Value>, findings: &mut Findings) {
    nothing_but(map, "requests", findings);
    let place = Place::ROOT.property("requests");
    let Some(Value::Array(parts)) = map.get("requests") else {
        return findings.add(What::MissingProperty, &place, "a list", "nothing");
    };
    let mut ids = BTreeSet::new();
    for part in parts {
        let place = place.item();
        let text = |name: &str| part.get(name).and_then(Value::as_str);
        let (Some(id), Some(_), Some(_)) = (text("id"), text("method"), text("url")) else {
            findings.add(What::MissingProperty, &place, "the texts `id`, `method` and `url`", "others");
            continue;
        };
        if !ids.insert(id.to_ascii_lowercase()) {
            findings.add(What::WrongType, &place.property("id"), "an id of its own", "that of another part");
        }
        for name in part.as_object().into_iter().flat_map(Map::keys) {
            if !OF_PART.contains(&name.as_str()) && !deviations::is_passed_over_in_a_part(name) {
                let expected = "a property of a part of a batch";
                findings.add(What::UnknownProperty, &place.property(name), expected, format!("`{name}`"));
            }
        }
        let has_type = header(part, "content-type").is_some();
        if part.get("body").is_some_and(|body| !body.is_null()) && !has_type {
            findings.add(What::MissingProperty, &place, "a Content-Type for the body", "none");
        }
    }
}

/// Looks at the answer to the batch in `asked`: each part is answered once.
pub(super) fn examine_answer(asked: &[u8], map: &Map<String, Value>, findings: &mut Findings) {
    nothing_but(map, "responses", findings);
    let place = Place::ROOT.property("responses");
    let Some(Value::Array(responses)) = map.get("responses") else {
        return findings.add(What::WrongAnswer, &place, "a list", "another content");
    };
    for response in responses {
        response_is_one(response, &place.item(), findings);
    }
    let asked: Value = serde_json::from_slice(asked).unwrap_or_default();
    let asked = asked.get("requests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if ids(asked) != ids(responses) {
        findings.add(What::WrongAnswer, &place, "one answer to each part", "others");
    }
}

fn ids(parts: &[Value]) -> Vec<&str> {
    let mut ids: Vec<&str> = parts.iter().filter_map(|part| part.get("id")?.as_str()).collect();
    ids.sort_unstable();
    ids
}

fn response_is_one(response: &Value, place: &Place<'_>, findings: &mut Findings) {
    let has = |name: &str, fits: fn(&Value) -> bool| response.get(name).is_some_and(fits);
    if !(has("id", Value::is_string) && has("status", Value::is_u64)) {
        findings.add(What::WrongAnswer, place, "a text `id` and a number `status`", "others");
    }
    for (name, value) in response.as_object().into_iter().flatten() {
        let fits = match name.as_str() {
            "id" | "status" | "body" => true,
            "headers" => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            _ => false,
        };
        if !fits {
            let expected = "a property of an answer in a batch";
            findings.add(What::UnknownProperty, &place.property(name), expected, format!("`{name}`"));
        }
    }
    let Some(body) = response.get("body") else { return };
    let is_json = header(response, "content-type").is_some_and(|text| text.to_ascii_lowercase().contains("json"));
    let fits = if is_json { body.is_object() } else { body.is_string() };
    if !fits {
        let expected = if is_json { "an object" } else { "a text in base64" };
        findings.add(What::WrongAnswer, &place.property("body"), expected, json_kind(body));
    }
}

/// A header of a part or of its answer.
fn header<'p>(part: &'p Value, wanted: &str) -> Option<&'p str> {
    let headers = part.get("headers").and_then(Value::as_object);
    let found = headers.and_then(|map| map.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)));
    found.and_then(|(_, value)| value.as_str())
}

/// An envelope has one property.
fn nothing_but(map: &Map<String, Value>, name: &str, findings: &mut Findings) {
    for other in map.keys().filter(|other| *other != name) {
        let expected = format!("`{name}` alone");
        findings.add(What::UnknownProperty, &Place::ROOT.property(other), expected, format!("`{other}`"));
    }
}
