//! Upload sessions for files of messages and events
//! (api/attachment-createuploadsession, concepts/outlook-large-attachments).
//!
//! The session is made at Graph, and used at an address of Outlook's own, which
//! here is the emulator's, too: the secret in it lets a client in, and a token
//! for Graph is turned away. Outlook answers in its own spelling.
//!
//! DIFFERENCE: in which words Outlook refuses a secret is not documented.

use serde_json::{Map, Value, json};

use super::{Context, attachments, events};
use crate::graph::attachment::Attachment;
use crate::graph::calendar::output::instant;
use crate::graph::call::Call;
use crate::graph::login::grants::{digest, new_secret};
use crate::graph::property;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::upload::{self, Announced, Progress, Range, Target, Upload};

/// Reads what is announced under the name that an action has for it.
pub(crate) fn announced(context: &Context<'_>, parameter: &str) -> Result<Announced, Refusal> {
    let body: Map<String, Value> = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let given = body.iter().find(|(name, _)| name.eq_ignore_ascii_case(parameter));
    let missing = |name: &str| Refusal::new(400, "ErrorInvalidRequest", format!("The parameter '{name}' is missing."));
    let given = given.and_then(|(_, value)| value.as_object()).ok_or_else(|| missing(parameter))?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let known = ["attachmentType", "name", "size", "contentType", "isInline", "contentId"];
    if let Some(name) = given.keys().find(|name| !name.contains('@') && !known.contains(&name.as_str())) {
        return Err(property::unknown(name, parameter));
    }
    match text("attachmentType").map(|kind| kind.to_ascii_lowercase()).as_deref() {
        Some("file") => {}
        // Items and links have no bytes of their own.
        Some(_) => return Err(property::invalid("attachmentType")),
        None => return Err(missing("attachmentType")),
    }
    let size = given.get("size").ok_or_else(|| missing("size"))?;
    let size = size.as_u64().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    Ok(Announced {
        name: text("name").ok_or_else(|| missing("name"))?,
        content_type: text("contentType"),
        size: size.ok_or_else(|| property::invalid("size"))?,
        is_inline: given.get("isInline").and_then(Value::as_bool).unwrap_or(false),
        content_id: text("contentId"),
    })
}

/// `POST …/attachments/createUploadSession` of a message or an event. `kind` is
/// the collection that it is in, and `id` its id.
pub(crate) fn create(
    state: &mut State,
    context: &Context<'_>,
    target: Target,
    kind: &str,
    id: &str,
) -> Result<Reply, Refusal> {
    let file = announced(context, "AttachmentItem")?;
    if file.size < state.meta.behaviour.upload_bytes_min {
        let message = "Attachment size must be greater than the minimum size.";
        return Err(Refusal::new(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", message));
    }
    if file.size > state.meta.behaviour.upload_bytes_max {
        let message = "The attachment size exceeds the limit.";
        return Err(Refusal::new(413, "ErrorAttachmentSizeLimitExceeded", message));
    }
    let secret = new_secret(state, "");
    let made = upload::begin(state, context.mailbox.number, target, file, Some(digest(&secret)));
    let user = format!("{}@{}", context.mailbox.object_id, state.meta.tenant.id);
    let escaped = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let url = format!(
        "{}/api/v2.0/Users('{user}')/{kind}('{}')/AttachmentSessions('{}')?authtoken={secret}",
        state.base_url,
        escaped(id),
        escaped(&made.id),
    );
    Ok(Reply::json(201, session(state, &made, &url)))
}

/// A new session as Graph answers it.
pub(crate) fn session(state: &State, upload: &Upload, url: &str) -> Value {
    json!({
        "@odata.context": format!("{}/v1.0/$metadata#microsoft.graph.uploadSession", state.base_url),
        "uploadUrl": url,
        "expirationDateTime": instant(upload.expires_at),
        "nextExpectedRanges": ["0-"],
    })
}

/// How far a session is, in Outlook's spelling.
pub(crate) fn progress(upload: &Upload) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("ExpirationDateTime".to_owned(), json!(instant(upload.expires_at)));
    map.insert("NextExpectedRanges".to_owned(), json!([upload.received.to_string()]));
    map
}

/// The bytes that a request brings.
pub(crate) fn range(call: &Call) -> Option<Range> {
    call.header("content-range").and_then(Range::read)
}

/// Answers a call on the address of a session; `words` is the path.
pub(super) fn answer(state: &mut State, call: &Call, words: &[&str]) -> Result<Reply, Refusal> {
    let ["api", "v2.0", "users", _, "messages" | "events", _, "attachmentsessions", _] = words else {
        return Err(super::not_emulated(call));
    };
    if call.header("authorization").is_some() {
        let message = "The audience claim value is invalid for current resource. Audience claim is 'https://graph.microsoft.com', request url is 'https://outlook.office.com' and resource type is 'Exchange'.";
        return Err(Refusal::new(401, "InvalidAudienceForResource", message));
    }
    let id = call.raw(7).to_owned();
    let secret = digest(call.query.get("authtoken").unwrap_or_default());
    let known = upload::find(state, &id).filter(|upload| upload.secret.as_ref() == Some(&secret)).cloned();
    let known = known.ok_or_else(|| {
        Refusal::new(401, "InvalidAuthenticationToken", "The token in the URL is not, or no longer, valid.")
    })?;
    let method = call.method.as_str();
    routes!(match method {
        "GET" => Ok(shown(state, call, &known)),
        "DELETE" => {
            upload::cancel(state, &id);
            Ok(Reply::empty(204))
        }
        "PUT" => match upload::receive(state, &id, range(call), &call.body)? {
            Progress::Open(upload) => Ok(shown(state, call, &upload)),
            Progress::Whole(upload, bytes) => {
                let attachment = attach(state, &upload, &bytes)?;
                let escaped: String = url::form_urlencoded::byte_serialize(attachment.as_bytes()).collect();
                let (item, _) = call.path.rsplit_once('/').unwrap_or_default();
                let location = format!("{}{item}/Attachments('{escaped}')", state.base_url);
                Ok(Reply::empty(201).header("location", location))
            }
        },
        _ => Err(Refusal::method_not_allowed()),
    })
}

fn shown(state: &State, call: &Call, upload: &Upload) -> Reply {
    let mut map = progress(upload);
    let (item, _) = call.path.trim_start_matches("/api/v2.0/").rsplit_once('/').unwrap_or_default();
    let metadata = format!("{}/api/v2.0/$metadata#{item}/AttachmentSessions/$entity", state.base_url);
    map.insert("@odata.context".to_owned(), json!(metadata));
    Reply::json(200, Value::Object(map))
}

/// Attaches a file that is whole, and answers its id.
fn attach(state: &mut State, upload: &Upload, bytes: &[u8]) -> Result<String, Refusal> {
    let Announced { name, content_type, is_inline, content_id, .. } = upload.file.clone();
    let file = Attachment { is_inline, content_id, ..Attachment::file(name, content_type, bytes, state.now) };
    let owner = match upload.target {
        Target::Message(number) => attachments::Owner::Message(number),
        Target::Event(event, occurrence) => attachments::Owner::Event(events::Target { event, occurrence }),
        Target::Task(_) => return Err(Refusal::item_not_found()),
    };
    attachments::add(state, owner, file)
}
