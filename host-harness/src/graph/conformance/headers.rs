//! Has an answer the headers that Graph sends with every one
//! (concepts/best-practices-concept, `OData` JSON Format 4.01, section 3)?

use super::violation::{Findings, Place, What};
use crate::graph::annotations;
use crate::graph::call::Call;
use crate::graph::reply::{Content, Reply};

/// What every answer has.
const COMMON: [&str; 4] = ["request-id", "client-request-id", "date", "odata-version"];

/// Looks at the headers of an answer that travels alone.
pub(super) fn examine(call: &Call, reply: &Reply, findings: &mut Findings) {
    let header = |wanted: &str| reply.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
    for name in COMMON.into_iter().filter(|name| header(name).is_none()) {
        findings.add(What::WrongAnswer, &Place::ROOT, format!("the header `{name}`"), "none");
    }
    let content_type = header("content-type");
    let (expected, fits) = match reply.content {
        Content::Empty => ("no Content-Type", content_type.is_none()),
        Content::Json(_) => ("the type of JSON with its level of annotations", is_json(call, reply, content_type)),
        Content::Html(_) | Content::File(_) => ("a Content-Type", content_type.is_some()),
    };
    if !fits {
        findings.add(What::WrongAnswer, &Place::ROOT, expected, content_type.map_or("none", |_| "another"));
    }
}

/// Whether the type of JSON is said. Errors and batches speak of no annotations.
fn is_json(call: &Call, reply: &Reply, content_type: Option<&str>) -> bool {
    let level = if annotations::wants_none(call) { "none" } else { "minimal" };
    let is_plain = reply.status >= 400 || call.words().last() == Some(&"$batch");
    content_type.is_some_and(|text| {
        let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
        let is_said = parameters.split(';').any(|pair| pair.strip_prefix("odata.metadata=") == Some(level));
        name == "application/json" && (is_plain || is_said)
    })
}
