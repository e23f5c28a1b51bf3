//! Requests as they come in, the newest first.
//!
//! Shows what the record holds: no headers, no bodies and no values of a query.

use serde_json::{Value, json};

use super::render::{self, Frame};
use super::words;
use crate::graph::call::Call;
use crate::graph::reply::Reply;
use crate::graph::requests::{Entry, Part};
use crate::graph::state::State;

/// Requests on a page.
const PAGE_SIZE: usize = 100;

/// How often the page is read again, in seconds.
const REFRESH_SECONDS: u32 = 5;

/// Draws the page. It stands still where it was told to, and where older
/// requests are looked at.
pub(crate) fn draw(state: &State, call: &Call, frame: &Frame) -> Reply {
    let log = &state.requests;
    let skip: usize = call.query.get("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
    let is_still = call.query.get("still").is_some() || skip > 0;
    let kept = log.newest().count();
    let end = skip.saturating_add(PAGE_SIZE);
    let link = |skip: usize| if skip == 0 { "?still=1".to_owned() } else { format!("?skip={skip}") };
    let totals: Vec<Value> = log
        .totals()
        .iter()
        .map(|(collection, methods)| {
            let name = serde_json::to_value(collection).unwrap_or_default();
            let methods: Vec<Value> =
                methods.iter().map(|(method, count)| json!({ "method": method, "count": count })).collect();
            json!({ "name": words::spelled(&words::plain(&name)), "methods": methods })
        })
        .collect();
    let view = json!({
        "count": log.len(),
        "in_progress_max": log.under_way_max().of_application,
        "totals": totals,
        "requests": log.newest().skip(skip).take(PAGE_SIZE).map(entry).collect::<Vec<_>>(),
        "is_still": is_still,
        "refresh_seconds": REFRESH_SECONDS,
        "newer": (skip > 0).then(|| link(skip.saturating_sub(PAGE_SIZE))),
        "older": (end < kept).then(|| link(end)),
    });
    let refresh_seconds = (!is_still).then_some(REFRESH_SECONDS);
    render::page("requests.html", &frame.refreshing(refresh_seconds), view)
}

fn entry(entry: &Entry) -> Value {
    json!({
        "at": words::precisely(entry.at),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query.join(", "),
        "status": entry.status,
        "tone": tone(entry.status),
        "dropped": entry.dropped,
        "request_bytes": entry.request_bytes,
        "bytes": entry.bytes,
        "parts": entry.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn part(part: &Part) -> Value {
    json!({
        "id": part.id,
        "method": part.method,
        "path": part.path,
        "query": part.query.join(", "),
        "status": part.status,
        "tone": tone(part.status),
    })
}

/// How a status is coloured; the number says it as well.
fn tone(status: u16) -> &'static str {
    match status {
        200..300 => "good",
        300..400 => "",
        400..500 => "warn",
        _ => "bad",
    }
}
