//! Upload sessions for files of tasks (api/taskfileattachment-createuploadsession,
//! concepts/todo-attachments, resources/attachmentsession).
//!
//! Unlike those of Outlook they stay at Graph and need its token, take files of
//! any size up to 25 MB, and are part of the task.

use serde_json::{Map, Value, json};

use super::parts::{ITEM, LIST};
use super::{stored, tasks_path};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::uploads::{announced, progress, range, session};
use crate::graph::api::{Context, not_emulated};
use crate::graph::attachment::Attachment;
use crate::graph::calendar::output::{instant, object};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::todo::attachment;
use crate::graph::todo::model::TaskNo;
use crate::graph::upload::{self, Progress, Target, Upload};

/// Bytes of a file that a task takes: 25 MB.
const FILE_BYTES_MAX: usize = 25 * 1024 * 1024;

/// The address of a task, without its parts.
fn task_url(state: &State, context: &Context<'_>) -> String {
    let escaped =
        |index: usize| -> String { url::form_urlencoded::byte_serialize(context.raw(index).as_bytes()).collect() };
    let user = &context.mailbox.object_id;
    format!("{}/v1.0/users/{user}/todo/lists/{}/tasks/{}", state.base_url, escaped(2), escaped(4))
}

/// `POST …/attachments/createUploadSession`.
pub(super) fn create(state: &mut State, context: &Context<'_>, number: TaskNo) -> Result<Reply, Refusal> {
    stored(state, number)?;
    let file = announced(context, "attachmentInfo")?;
    if file.size > FILE_BYTES_MAX {
        return Err(Refusal::new(413, "ErrorAttachmentSizeLimitExceeded", "The attachment size exceeds the limit."));
    }
    let made = upload::begin(state, context.mailbox.number, Target::Task(number), file, None);
    let id: String = url::form_urlencoded::byte_serialize(made.id.as_bytes()).collect();
    let url = format!("{}/attachmentSessions/{id}", task_url(state, context));
    Ok(Reply::json(200, session(state, &made, &url)))
}

/// `…/attachmentSessions`, one of them, and its content; `rest` is the path
/// behind the collection. Bytes are taken at the address itself, too, which is
/// what clients are handed.
pub(super) fn answer(
    state: &mut State,
    context: &Context<'_>,
    number: TaskNo,
    rest: &[&str],
) -> Result<Reply, Refusal> {
    let id = context.raw(6).to_owned();
    let path = format!("{}('{}')/attachmentSessions", tasks_path(context), context.raw(4));
    let is_of_task = |upload: &Upload| upload.target == Target::Task(number) && state.now < upload.expires_at;
    if rest.is_empty() || rest == ["$count"] {
        LIST.check(context, "upload sessions")?;
        let found: Vec<&Upload> = state.uploads.values().filter(|upload| is_of_task(upload)).collect();
        return routes!(match (context.call.method.as_str(), rest) {
            ("GET", []) => Ok(collection(state, context, &path, Page::whole(context)?, &found, |upload| shown(upload))),
            ("GET", ["$count"]) => Ok(count_only(found.len())),
            (_, _) => Err(not_emulated(context.call)),
        });
    }
    let known = upload::find(state, &id).filter(|upload| is_of_task(upload)).cloned();
    let known = known.ok_or_else(Refusal::item_not_found)?;
    routes!(match (context.call.method.as_str(), rest) {
        ("GET", [_]) => {
            ITEM.check(context, "an upload session")?;
            Ok(context.entity(state, &path, shown(&known), 200))
        }
        ("DELETE", [_]) => {
            upload::cancel(state, &id);
            Ok(Reply::empty(204))
        }
        ("PUT", [_]) => receive(state, context, number, &id),
        ("PUT", [_, "content"]) => receive(state, context, number, &id),
        (_, _) => Err(not_emulated(context.call)),
    })
}

fn receive(state: &mut State, context: &Context<'_>, number: TaskNo, id: &str) -> Result<Reply, Refusal> {
    match upload::receive(state, id, range(context.call), &context.call.body)? {
        Progress::Open(upload) => Ok(Reply::json(200, Value::Object(progress(&upload)))),
        Progress::Whole(upload, bytes) => {
            let file = Attachment::file(upload.file.name, upload.file.content_type, &bytes, state.now);
            let added = attachment::add(state, number, file)?;
            let location = format!("{}/Attachments/{}", task_url(state, context), added.id);
            Ok(Reply::empty(201).header("location", location))
        }
    }
}

/// A session as it is answered (resources/attachmentsession).
fn shown(upload: &Upload) -> Map<String, Value> {
    object(json!({
        "id": upload.id,
        "expirationDateTime": instant(upload.expires_at),
        "nextExpectedRanges": [upload.received.to_string()],
    }))
}
