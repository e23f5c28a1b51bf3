//! The files of a task (api/todotask-list-attachments,
//! api/todotask-post-attachments, api/taskfileattachment-get and -delete).
//!
//! A file comes in one request, or in pieces by `sessions`.
//!
//! DIFFERENCE: how a file of 3 MB and more is refused is not documented, and
//! larger ones are reported to be taken from personal accounts
//! (mpalermiti/outlook-mcp#67). Here the limit holds, as for events.
//!
//! DIFFERENCE: the pages have applications write files, or not, by their age.
//! Here they write them as they write tasks (msgraph-sdk-dotnet#3055: small
//! ones can be added).

use serde_json::Value;

use super::parts::{ITEM, LIST};
use super::{sessions, stored, tasks_path};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::{Context, not_emulated};
use crate::graph::attachment::Attachment;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;
use crate::graph::todo::attachment;
use crate::graph::todo::model::TaskNo;

/// `…/attachments`, one of them by its id, and its content; `rest` is the path
/// behind the collection.
pub(super) fn answer(
    state: &mut State,
    context: &Context<'_>,
    number: TaskNo,
    rest: &[&str],
) -> Result<Reply, Refusal> {
    let id = context.raw(6);
    routes!(match (context.call.method.as_str(), rest) {
        ("GET", []) => all(state, context, number),
        ("GET", ["$count"]) => {
            LIST.check(context, "attachments")?;
            Ok(count_only(stored(state, number)?.attachments.len()))
        }
        ("POST", []) => {
            let given: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
            let added = attachment::add(state, number, Attachment::read_of_task(&given, state.now)?)?;
            Ok(context.entity(state, &path(context), added.write_of_task(true), 201))
        }
        ("POST", ["createuploadsession"]) => sessions::create(state, context, number),
        ("GET", [_]) => {
            ITEM.check(context, "an attachment")?;
            let found = attachment::find(stored(state, number)?, id)?;
            Ok(context.entity(state, &path(context), found.write_of_task(true), 200))
        }
        ("GET", [_, "$value"]) => {
            ITEM.check(context, "the content of an attachment")?;
            content(state, number, id)
        }
        ("DELETE", [_]) => {
            attachment::remove(state, number, id)?;
            Ok(Reply::empty(204))
        }
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The collection in metadata links.
fn path(context: &Context<'_>) -> String {
    format!("{}('{}')/attachments", tasks_path(context), context.raw(4))
}

fn all(state: &State, context: &Context<'_>, number: TaskNo) -> Result<Reply, Refusal> {
    LIST.check(context, "attachments")?;
    let files = &stored(state, number)?.attachments;
    Ok(collection(state, context, &path(context), Page::whole(context)?, files, |file| file.write_of_task(false)))
}

/// The file as it was before it was put in base64.
fn content(state: &State, number: TaskNo, id: &str) -> Result<Reply, Refusal> {
    let file = attachment::find(stored(state, number)?, id)?;
    Ok(Reply::file(file.served_as(), file.bytes().ok_or_else(Refusal::unreadable)?))
}
