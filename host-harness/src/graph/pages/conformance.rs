//! What was compared with Graph's official types, and what does not conform: the
//! question with which somebody tries a client.

use serde_json::{Value, json};

use super::render::{self, Frame};
use super::words;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Draws the page, from what the management interface answers.
pub(crate) fn draw(state: &State, frame: &Frame) -> Reply {
    let told = json!(state.conformance);
    let part = |name: &str| told.get(name).cloned().unwrap_or_default();
    let violations = part("violations");
    let violations: Vec<Value> = violations.as_array().into_iter().flatten().map(violation).collect();
    let view = json!({
        "answers": part("answersChecked"),
        "requests": part("requestsChecked"),
        "violations": violations,
    });
    render::page("conformance.html", frame, view)
}

fn violation(told: &Value) -> Value {
    let part = |name: &str| told.get(name).map(words::plain).unwrap_or_default();
    json!({
        "what": words::spelled(&part("what")),
        "where": part("where"),
        "expected": part("expected"),
        "found": part("found"),
    })
}
