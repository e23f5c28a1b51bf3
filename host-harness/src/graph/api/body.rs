//! What a request says that its body is.
//!
//! Graph reads JSON. Messages may come as MIME in base64, which calls itself
//! plain text (api/user-post-messages, api/user-sendmail, api/message-reply and
//! its kin). Anything else is refused as the service does it
//! (microsoft-graph-docs-contrib#7141). Bytes of files are put, and say what
//! they like.

use crate::graph::call::Call;
use crate::graph::reply::Refusal;

/// What the refusal names as supported.
const SUPPORTED: &str =
    "application/json;odata.metadata=minimal, application/json;odata.metadata=none, application/json";

/// Refuses a body that is of none of the types which the request takes.
pub(super) fn require_type(call: &Call) -> Result<(), Refusal> {
    if call.body.is_empty() || !matches!(call.method.as_str(), "POST" | "PATCH") {
        return Ok(());
    }
    match call.media_type().as_deref() {
        None => Err(Refusal::unreadable()),
        Some("application/json") => Ok(()),
        Some("text/plain") if takes_mime(call) => Ok(()),
        Some(other) => Err(unsupported(other)),
    }
}

/// Whether a request brings MIME instead of JSON.
pub(crate) fn is_mime(call: &Call) -> bool {
    takes_mime(call) && call.media_type().as_deref() == Some("text/plain")
}

fn takes_mime(call: &Call) -> bool {
    const ANSWERS: [&str; 6] = ["reply", "replyall", "forward", "createreply", "createreplyall", "createforward"];
    match call.words().as_slice() {
        [.., "sendmail" | "messages"] => true,
        [.., "messages", _, action] => ANSWERS.contains(action),
        _ => false,
    }
}

fn unsupported(media_type: &str) -> Refusal {
    let message = format!(
        "A supported MIME type could not be found that matches the content type of the response. None of the supported type(s) '{SUPPORTED}' matches the content type '{media_type}'."
    );
    Refusal::new(415, "RequestBodyRead", message)
}
