//! What the forms of the pages do.
//!
//! Each does what the management request of its name does, by way of it, and
//! leads back to its page with a word of what was done. What is refused is shown
//! on the page: a field that cannot be read in the words of the form, the rest in
//! those of the management interface.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use super::notice::Notice;
use super::render::Frame;
use super::{Tab, no_page, switches, words};
use crate::graph::call::Call;
use crate::graph::control::{self, Expire};
use crate::graph::fault::{Kind, STATUSES};
use crate::graph::login::manage::NewSignInState;
use crate::graph::reply::{Content, Reply};
use crate::graph::state::State;

/// The fields of a form.
type Form = BTreeMap<String, String>;

/// Performs a posted form.
pub(crate) fn act(state: &mut State, call: &Call, path: &[&str]) -> Reply {
    let form = call.form();
    let (tab, place, outcome) = match path {
        ["requests", "clear"] => (Tab::Requests, String::new(), clear(state, "requests", Notice::RequestsCleared)),
        ["conformance", "clear"] => {
            (Tab::Conformance, String::new(), clear(state, "conformance", Notice::ConformanceCleared))
        }
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
            let number = state.notices.add(notice);
            Reply::empty(303).header("location", format!("{}?done={number}{fragment}", tab.href()))
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
    let error = |name: &str| answered.get("error").and_then(|error| error.get(name)).and_then(Value::as_str);
    // Nobody who fills in a form has written JSON.
    let message = error("message").filter(|_| error("code") != Some("invalidBody"));
    Err(message.unwrap_or("a field has a value that is not taken").to_owned())
}

fn clear(state: &mut State, what: &str, notice: Notice) -> Result<Notice, String> {
    manage(state, "DELETE", what, None).map(|_| notice)
}

/// A field that was filled in.
fn filled<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// A field with what it does not take.
fn refused(label: &str, expected: &str, text: &str) -> String {
    let found = if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") };
    format!("{label}: expected {expected}, but found {found}")
}

/// A field as a number of a range.
fn number(label: &str, text: &str, range: &RangeInclusive<u32>) -> Result<Value, String> {
    let number = text.parse::<u32>().ok().filter(|number| range.contains(number));
    let expected = || format!("a whole number from {} to {}", range.start(), range.end());
    number.map(Value::from).ok_or_else(|| refused(label, &expected(), text))
}

/// A field as one of the names that it offers.
fn one_of(label: &str, form: &Form, name: &str, names: &[&str]) -> Result<Value, String> {
    let text = filled(form, name).unwrap_or_default();
    switches::one_of(names, text).map_err(|expected| refused(label, &expected, text))
}

fn add_fault(state: &mut State, form: &Form) -> Result<Notice, String> {
    let numbers = [
        ("skip", "Let pass first", 0..=u32::MAX),
        ("times", "Strike so often", 1..=u32::MAX),
        ("status", "Status", u32::from(*STATUSES.start())..=u32::from(*STATUSES.end())),
    ];
    let mut fault = Map::new();
    let mut matcher = Map::new();
    for name in ["method", "path"] {
        matcher.extend(filled(form, name).map(|value| (name.to_owned(), json!(value))));
    }
    fault.insert("match".to_owned(), Value::Object(matcher));
    fault.insert("do".to_owned(), one_of("Fault", form, "do", &Kind::ALL.map(Kind::word))?);
    for (name, label, range) in numbers {
        if let Some(text) = filled(form, name) {
            fault.insert(name.to_owned(), number(label, text, &range)?);
        }
    }
    fault.extend(filled(form, "code").map(|code| ("code".to_owned(), json!(code))));
    // Seconds also say how long a slow answer takes; anything else is a header.
    fault.extend(filled(form, "retryAfter").map(|after| match after.parse::<u32>() {
        Ok(seconds) => ("retryAfterSeconds".to_owned(), json!(seconds)),
        Err(_) => ("retryAfter".to_owned(), json!(after)),
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
    let read = switches::read(&switch, text);
    let read = read.map_err(|expected| refused(&words::spelled(&switch.name), &expected, text));
    let outcome = read.and_then(|value| manage(state, "POST", "behaviour", Some(json!({ name: value }))));
    (Tab::Behaviour, switch.name, outcome.map(|_| Notice::SwitchSet))
}

fn reset_switches(state: &mut State) -> Result<Notice, String> {
    let names = switches::all(&state.meta.behaviour).into_iter().map(|switch| (switch.name, Value::Null));
    let change = Value::Object(names.collect());
    manage(state, "POST", "behaviour", Some(change)).map(|_| Notice::SwitchesReset)
}

fn expire(state: &mut State, form: &Form) -> Result<Notice, String> {
    let what = one_of("What", form, "what", switches::choices::<Expire>("what"))?;
    let request = json!({ "what": what, "userPrincipalName": filled(form, "user") });
    let answered = manage(state, "POST", "expire", Some(request))?;
    let count = answered.get("expired").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    Ok(Notice::Expired(count.unwrap_or_default()))
}

fn set_sign_in(state: &mut State, form: &Form) -> Result<Notice, String> {
    let sign_in = one_of("Sign-in", form, "state", switches::choices::<NewSignInState>("state"))?;
    let request = json!({ "userPrincipalName": filled(form, "user").unwrap_or_default(), "state": sign_in });
    manage(state, "POST", "signin", Some(request)).map(|_| Notice::SignInSet)
}
