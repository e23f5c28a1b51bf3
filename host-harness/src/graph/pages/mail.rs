//! The mail folders of a mailbox, and the messages of one of them.

use serde_json::{Value, json};

use super::mailbox::{self, Part};
use super::render::{self, Frame};
use super::words::{self, in_path, titled};
use crate::graph::calendar::output::View;
use crate::graph::call::Call;
use crate::graph::ids;
use crate::graph::mail::model::{Folder, Message, WellKnown};
use crate::graph::mail::output;
use crate::graph::model::Mailbox;
use crate::graph::reply::Reply;
use crate::graph::state::State;

/// Messages on a page.
const PAGE_SIZE: usize = 50;

/// Draws the page.
pub(crate) fn draw(state: &State, call: &Call, frame: &Frame, owner: &Mailbox) -> Reply {
    let folders: Vec<&Folder> = state.mail_folders_of(owner.number).filter(|folder| is_shown(state, folder)).collect();
    let asked = call.query.get("folder");
    let named = |folder: &&&Folder| match asked {
        None => folder.role == Some(WellKnown::Inbox),
        Some(id) => ids::parse_folder_id(id) == Some(folder.number),
    };
    let Some(current) = folders.iter().find(named).copied() else {
        return render::message(404, "No such folder", "It may have been deleted since.");
    };
    let skip: usize = call.query.get("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
    let mut messages: Vec<&Message> = state.messages_of(owner.number, Some(current.number)).collect();
    messages.sort_by_key(|message| std::cmp::Reverse((message.received, message.number)));
    let href = |folder: &Folder, skip: usize| {
        let skip = if skip == 0 { String::new() } else { format!("&skip={skip}") };
        format!("{}/mail?folder={}{skip}", mailbox::root(owner), in_path(&ids::folder_id(folder.number)))
    };
    let end = skip.saturating_add(PAGE_SIZE);
    let view = mailbox::view(owner);
    let page = json!({
        "head": mailbox::head(owner, Part::Mail),
        "folders": folders.iter().map(|one| folder(state, one, &href(one, 0), one.number == current.number)).collect::<Vec<_>>(),
        "folder": current.name,
        "messages": messages.iter().skip(skip).take(PAGE_SIZE).map(|one| message(one, owner, &view)).collect::<Vec<_>>(),
        "total": messages.len(),
        "newer": (skip > 0).then(|| href(current, skip.saturating_sub(PAGE_SIZE))),
        "older": (end < messages.len()).then(|| href(current, end)),
    });
    render::page("mail.html", frame, page)
}

/// Folders that stand beside the others are shown when something is in them.
fn is_shown(state: &State, folder: &Folder) -> bool {
    let stands_outside = folder.role.is_some_and(WellKnown::stands_outside);
    !stands_outside || state.messages_of(folder.mailbox, Some(folder.number)).next().is_some()
}

fn folder(state: &State, folder: &Folder, href: &str, is_current: bool) -> Value {
    let messages = || state.messages_of(folder.mailbox, Some(folder.number));
    let parent = folder.parent.and_then(|parent| state.mail_folders.get(&parent));
    json!({
        "name": folder.name,
        "href": href,
        "current": is_current,
        "total": messages().count(),
        "unread": messages().filter(|message| !message.is_read).count(),
        // Below another folder than the one that holds them all.
        "inside": parent.filter(|parent| parent.role != Some(WellKnown::MsgFolderRoot)).map(|parent| &parent.name),
    })
}

fn message(message: &Message, owner: &Mailbox, view: &View) -> Value {
    json!({
        "subject": titled(&message.subject),
        "href": format!("{}/messages/{}", mailbox::root(owner), in_path(&output::id(message, view))),
        "from": words::person(&message.from),
        "at": words::at(message.received, view.zone),
        "unread": !message.is_read,
        "draft": message.is_draft,
        "meeting": message.meeting.is_some(),
        "files": output::has_attachments(message),
    })
}
