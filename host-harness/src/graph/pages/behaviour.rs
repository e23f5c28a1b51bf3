//! The switches of behaviour, what can be made to expire, and what users meet at
//! the sign-in.

use serde_json::{Value, json};

use super::explained;
use super::render::{self, Frame};
use super::switches::{self, Switch, Takes};
use super::words;
use crate::graph::control::Expire;
use crate::graph::login::manage::NewSignInState;
use crate::graph::model::Mailbox;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Draws the page.
pub(crate) fn draw(state: &State, frame: &Frame) -> Reply {
    let switches: Vec<Value> = switches::all(&state.meta.behaviour).iter().map(switch).collect();
    let changed = switches.iter().filter(|switch| switch.get("changed") == Some(&Value::Bool(true))).count();
    let view = json!({
        "switches": switches,
        "changed": changed,
        "expiries": named(switches::choices::<Expire>("what")),
        "sign_ins": named(switches::choices::<NewSignInState>("state")),
        "users": state.mailboxes.values().map(user).collect::<Vec<_>>(),
    });
    render::page("behaviour.html", frame, view)
}

fn named(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({ "name": name, "label": words::spelled(name) })).collect()
}

fn switch(switch: &Switch) -> Value {
    let (kind, choices, least) = match &switch.takes {
        Takes::Truth => ("truth", Vec::new(), None),
        Takes::Number { least, .. } => ("number", Vec::new(), *least),
        Takes::Choice(names) => ("choice", named(names), None),
        Takes::Text => ("text", Vec::new(), None),
    };
    let is_required = !matches!(switch.takes, Takes::Number { is_optional: true, .. } | Takes::Text);
    json!({
        "name": switch.name,
        "label": words::spelled(&switch.name),
        "line": explained::line(&switch.name),
        "kind": kind,
        "choices": choices,
        "least": least,
        "required": is_required,
        "value": words::plain(&switch.value),
        "shown": shown(&switch.value),
        "initial": shown(&switch.initial),
        "changed": switch.value != switch.initial,
        "on": switch.value == true,
    })
}

/// A value in words.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Null => "not set".to_owned(),
        Value::String(name) => words::spelled(name).to_lowercase(),
        other => other.to_string(),
    }
}

fn user(owner: &Mailbox) -> Value {
    let state = serde_json::to_value(owner.sign_in.state).unwrap_or_default();
    json!({ "name": owner.display_name, "address": owner.user_principal_name, "sign_in": words::plain(&state) })
}
