//! What the forms of the pages do.
//!
//! Each does what the management request of its name does, by way of it, and
//! leads back to its page with a word of what was done. What is refused is shown
//! on the page, with the words of the management interface.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::notice::Notice;
use super::render::Frame;
use super::{Tab, no_page, switches};
use crate::graph::call::Call;
use crate::graph::control;
use crate::graph::reply::{Content, Reply};
use crate::graph::state::State;

/// The fields of a form.
type Form = BTreeMap<String, String>;

/// Performs a posted form.
pub(crate) fn act(state: &mut State, call: &Call, path: &[&str]) -> Reply {
    let form = call.form();
    let (tab, place, outcome) = match path {
        ["requests", "clear"] => (Tab::Requests, String::new(), clear(state, "requests", Notice::RequestsCleared)),
        ["faults"] => (Tab::Faults, String::new(), add_fault(state, &form)),
        ["faults", "clear"] => (Tab::Faults, String::new(), clear(state, "faults", Notice::FaultsCleared)),
        ["behaviour"] => set_switch(state, &form),
        ["behaviour", "reset"] => (Tab::Behaviour, String::new(), reset_switches(state)),
        ["expire"] => (Tab::Behaviour, "expire".to_owned(), expire(state, &form)),
        ["sign-in"] => (Tab::Behaviour, "sign-in".to_owned(), set_sign_in(state, &form)),
        ["outbox", "clear"] => (Tab::Outbox, String::new(), clear(state, "outbox", Notice::OutboxCleared)),
        ["notifications", "clear"] => {
            (Tab::Notifications, String::new(), clear(state, "notifications", Notice::NotificationsCleared))
        }
        _ => return no_page(),
    };
    match outcome {
        Ok(notice) => {
            let fragment = if place.is_empty() { place } else { format!("#{place}") };
            Reply::empty(303).header("location", format!("{}?done={}{fragment}", tab.href(), notice.word()))
        }
        Err(failure) => tab.draw(state, call, &Frame::failed(state, tab, failure)),
    }
}

/// Performs a management request; the text of a refusal where it is one.
fn manage(state: &mut State, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let call = Call::new(method, &format!("/_control/{path}"), BTreeMap::new(), body.into());
    let reply = control::answer(state, &call);
    let answered = match reply.content {
        Content::Json(value) => value,
        Content::Empty | Content::Html(_) | Content::File(_) => Value::Null,
    };
    if reply.status < 400 {
        return Ok(answered);
    }
    let message = answered.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
    Err(message.unwrap_or("the request cannot be done").to_owned())
}

fn clear(state: &mut State, what: &str, notice: Notice) -> Result<Notice, String> {
    manage(state, "DELETE", what, None).map(|_| notice)
}

/// A field that was filled in.
fn filled<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// A field as a number. One that is none goes on as it is, and is refused.
fn number(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
}

fn add_fault(state: &mut State, form: &Form) -> Result<Notice, String> {
    let mut fault = Map::new();
    let mut matcher = Map::new();
    for name in ["method", "path"] {
        matcher.extend(filled(form, name).map(|value| (name.to_owned(), json!(value))));
    }
    fault.insert("match".to_owned(), Value::Object(matcher));
    fault.insert("do".to_owned(), json!(filled(form, "do").unwrap_or_default()));
    for name in ["skip", "times", "status"] {
        fault.extend(filled(form, name).map(|value| (name.to_owned(), number(value))));
    }
    fault.extend(filled(form, "code").map(|code| ("code".to_owned(), json!(code))));
    // Seconds also say how long a slow answer takes; anything else is a header.
    fault.extend(filled(form, "retryAfter").map(|after| match number(after) {
        Value::Number(seconds) => ("retryAfterSeconds".to_owned(), Value::Number(seconds)),
        _ => ("retryAfter".to_owned(), json!(after)),
    }));
    manage(state, "POST", "faults", Some(json!([fault]))).map(|_| Notice::FaultAdded)
}

fn set_switch(state: &mut State, form: &Form) -> (Tab, String, Result<Notice, String>) {
    let name = filled(form, "name").unwrap_or_default();
    let known = switches::all(&state.meta.behaviour).into_iter().find(|switch| switch.name == name);
    let Some(switch) = known else {
        return (Tab::Behaviour, String::new(), Err(format!("unknown switch `{name}`")));
    };
    let text = filled(form, "value").unwrap_or_default();
    let change = json!({ name: switches::read(&switch, text) });
    let outcome = manage(state, "POST", "behaviour", Some(change)).map(|_| Notice::SwitchSet);
    (Tab::Behaviour, switch.name, outcome)
}

fn reset_switches(state: &mut State) -> Result<Notice, String> {
    let names = switches::all(&state.meta.behaviour).into_iter().map(|switch| (switch.name, Value::Null));
    let change = Value::Object(names.collect());
    manage(state, "POST", "behaviour", Some(change)).map(|_| Notice::SwitchesReset)
}

fn expire(state: &mut State, form: &Form) -> Result<Notice, String> {
    let request =
        json!({ "what": filled(form, "what").unwrap_or_default(), "userPrincipalName": filled(form, "user") });
    let answered = manage(state, "POST", "expire", Some(request))?;
    let count = answered.get("expired").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    Ok(Notice::Expired(count.unwrap_or_default()))
}

fn set_sign_in(state: &mut State, form: &Form) -> Result<Notice, String> {
    let field = |name: &str| filled(form, name).unwrap_or_default();
    let request = json!({ "userPrincipalName": field("user"), "state": field("state") });
    manage(state, "POST", "signin", Some(request)).map(|_| Notice::SignInSet)
}
