//! The script of faults: what is left of it, and a form to add a line.

use serde_json::{Value, json};

use super::render::{self, Frame};
use crate::graph::fault::{Fault, Kind, STATUSES};
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// The methods that a form offers.
const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// Draws the page.
pub(crate) fn draw(state: &State, frame: &Frame) -> Reply {
    let kinds = Kind::ALL.map(|kind| json!({ "word": kind.word(), "meaning": meaning(kind) }));
    let lines: Vec<Value> = state.faults.lines().into_iter().map(line).collect();
    let statuses = json!({ "least": STATUSES.start(), "most": STATUSES.end() });
    let view = json!({ "kinds": kinds, "methods": METHODS, "lines": lines, "statuses": statuses });
    render::page("faults.html", frame, view)
}

fn line(fault: &Fault) -> Value {
    let seconds = fault.retry_after_seconds.map(|seconds| seconds.to_string());
    json!({
        "kind": fault.kind.word(),
        "meaning": meaning(fault.kind),
        "method": fault.matcher.method,
        "path": fault.matcher.path,
        "client": fault.matcher.client,
        "skip": fault.skip,
        "times": fault.times,
        "status": fault.status,
        "code": fault.code,
        "retry_after": fault.retry_after.clone().or(seconds),
    })
}

/// What a kind does, in a few words.
fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Throttle => "429, too many requests",
        Kind::Unavailable => "503, or another refusal",
        Kind::GatewayTimeout => "504",
        Kind::DropResponse => "done, and the connection breaks",
        Kind::DropRequest => "not done, and the connection breaks",
        Kind::Gone => "410, the cursor is forgotten",
        Kind::HtmlPage => "the page of a proxy",
        Kind::Truncate => "done, and half of the answer",
        Kind::Slow => "done, and answered late",
        Kind::Unauthorized => "401, the token is over",
        Kind::ClaimsChallenge => "401, the token has to prove more",
        Kind::Redirect => "done, and led to another host",
        Kind::OtherAnswer => "the answer to another question",
        Kind::WrongType => "done, and answered as no JSON",
    }
}
