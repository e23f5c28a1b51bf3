//! Mail folders (api/user-list-mailfolders, api/mailfolder-get,
//! api/mailfolder-list-childfolders).

use serde_json::{Map, Value};

use super::require_options;
use crate::graph::api::Context;
use crate::graph::api::filter::{Operator, compared, selected};
use crate::graph::api::list::{Page, collection};
use crate::graph::mail::model::{Folder, FolderNo};
use crate::graph::mail::output;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// The collection in metadata links.
const FOLDERS: &str = "mailFolders";

/// Options that a list of folders understands.
const LIST_OPTIONS: [&str; 5] = ["$select", "$filter", "$top", "$skip", "$count"];

fn shown(state: &State, folder: &Folder, context: &Context<'_>) -> Map<String, Value> {
    selected(output::folder(state, folder), context.call.query.get("$select"))
}

/// `GET …/mailFolders` and `GET …/mailFolders/{id}/childFolders`.
pub(super) fn children(state: &State, context: &Context<'_>, parent: FolderNo) -> Result<Reply, Refusal> {
    require_options(context, &LIST_OPTIONS, "mail folders")?;
    let wanted = context.call.query.get("$filter").map(wanted_name).transpose()?;
    let folders = state.mail_folders_of(context.mailbox.number).filter(|folder| folder.parent == Some(parent));
    let folders: Vec<&Folder> =
        folders.filter(|folder| wanted.as_ref().is_none_or(|name| folder.name.eq_ignore_ascii_case(name))).collect();
    let page = Page::of_outlook(state, context)?;
    Ok(collection(state, context, FOLDERS, page, &folders, |folder| shown(state, folder, context)))
}

/// The name in `$filter=displayName eq '…'`, the one filter that there is.
fn wanted_name(filter: &str) -> Result<String, Refusal> {
    match compared(filter, "displayName") {
        Some((Operator::Eq, name)) => Ok(name),
        Some(_) | None => Err(Refusal::not_emulated("A filter on mail folders other than `displayName eq '…'`")),
    }
}

/// `GET …/mailFolders/{id}`.
pub(super) fn show(state: &State, context: &Context<'_>, number: FolderNo) -> Result<Reply, Refusal> {
    require_options(context, &["$select"], "a mail folder")?;
    let folder = state.mail_folders.get(&number).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, FOLDERS, shown(state, folder, context), 200))
}
