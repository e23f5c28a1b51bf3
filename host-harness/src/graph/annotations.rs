//! How much an answer says about itself: the annotations that the header
//! `Accept` or the option `$format` asks for (OASIS `OData` JSON Format 4.01,
//! section 3.1).
//!
//! Without a wish, as much as Graph gives by itself. Nobody is known to ask
//! Graph for everything, so that is not here.

use serde_json::Value;

use super::call::Call;
use super::reply::{Content, Refusal, Reply};

/// The levels that are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Minimal,
    None,
}

/// What stays where no annotations are wanted: without it a client would not
/// get any further.
const LASTING: [&str; 3] = ["@odata.nextLink", "@odata.deltaLink", "@odata.count"];

/// What a call asks for.
fn asked(call: &Call) -> Result<Level, Refusal> {
    let wishes = [call.query.get("$format"), call.header("accept")];
    let parameters = wishes.into_iter().flatten().flat_map(|wish| wish.split([',', ';']));
    let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
    let is_level = |name: &str| {
        let name = name.trim();
        name.eq_ignore_ascii_case("odata.metadata") || name.eq_ignore_ascii_case("metadata")
    };
    let level = pairs.find(|(name, _)| is_level(name)).map(|(_, value)| value.trim().to_ascii_lowercase());
    match level.as_deref() {
        None | Some("minimal") => Ok(Level::Minimal),
        Some("none") => Ok(Level::None),
        Some(other) => Err(Refusal::not_emulated(&format!("An answer with odata.metadata={other}"))),
    }
}

/// Whether a call asks for an answer without annotations.
pub(crate) fn wants_none(call: &Call) -> bool {
    matches!(asked(call), Ok(Level::None))
}

/// Whether an annotation is in every answer.
pub(crate) fn is_lasting(name: &str) -> bool {
    LASTING.contains(&name) || !name.contains("@odata.")
}

/// Refuses a call that asks for what is not here.
pub(crate) fn require(call: &Call) -> Result<(), Refusal> {
    asked(call).map(|_| ())
}

/// The answer with as many annotations as the call asks for, and with its
/// type.
pub(crate) fn apply(call: &Call, mut reply: Reply) -> Reply {
    let Content::Json(value) = &mut reply.content else {
        return reply;
    };
    let level = match asked(call) {
        Ok(Level::None) => {
            strip(value);
            "none"
        }
        Ok(Level::Minimal) | Err(_) => "minimal",
    };
    let content_type =
        format!("application/json;odata.metadata={level};odata.streaming=true;IEEE754Compatible=false;charset=utf-8");
    reply.header("content-type", content_type)
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| is_lasting(name));
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
