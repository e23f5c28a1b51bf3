//! Mail folders (api/user-list-mailfolders, api/user-post-mailfolders,
//! api/mailfolder-get, -update, -delete, -move, -copy, -permanentdelete,
//! -list-childfolders, -post-childfolders).
//!
//! DIFFERENCE: search folders (resources/mailsearchfolder), message rules and
//! extended properties of folders are not emulated.

use serde_json::{Map, Value};

use super::{destination, find_folder};
use crate::graph::api::filter::{Comparable, Filter, Operand, Vocabulary, selected, sort};
use crate::graph::api::list::{Page, collection, count_only};
use crate::graph::api::options::Options;
use crate::graph::api::projection::{parsing_failed, split};
use crate::graph::api::{Context, not_emulated};
use crate::graph::mail::folders;
use crate::graph::mail::model::{Folder, FolderNo};
use crate::graph::mail::output;
use crate::graph::names::folded;
use crate::graph::property::{self, Check};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

/// The collection in metadata links.
const FOLDERS: &str = "mailFolders";

/// Options that a list of folders understands, and one folder.
const LIST: Options = Options::of(
    &["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count"],
    &["$search", "$skiptoken", "$deltatoken"],
);
const ITEM: Options = Options::only(&["$select", "$expand"]);

/// The properties of `mailFolder` in the metadata of version 1.0.
pub(super) const PROPERTIES: [&str; 7] =
    ["id", "childFolderCount", "displayName", "isHidden", "parentFolderId", "totalItemCount", "unreadItemCount"];

/// Folders, as far as they can be compared here.
const VOCABULARY: Vocabulary = Vocabulary {
    paths: &["displayname", "ishidden"],
    has_extended: false,
    folds_texts: true,
    refuse: |_| Refusal::not_emulated("A filter on mail folders by anything but their names"),
};

impl Comparable for Folder {
    fn operand(&self, path: &str) -> Option<Operand> {
        match path {
            // Names of folders compare without case.
            "displayname" => Some(Operand::Text(folded(&self.name))),
            "ishidden" => Some(Operand::Flag(self.is_hidden)),
            _ => None,
        }
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// Checks the names in `$select`.
pub(super) fn check_select(select: Option<&str>) -> Result<(), Refusal> {
    let mut names = select.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let is_unknown = |name: &&str| *name != "*" && !PROPERTIES.iter().any(|known| known.eq_ignore_ascii_case(name));
    match names.find(is_unknown) {
        Some(name) => Err(unknown_property(name)),
        None => Ok(()),
    }
}

fn unknown_property(name: &str) -> Refusal {
    parsing_failed(&format!("Could not find a property named '{name}' on type 'microsoft.graph.mailFolder'."))
}

/// What is asked of each folder.
struct Shape<'a> {
    select: Option<&'a str>,
    /// Whether the folders in it come along.
    with_children: bool,
    with_hidden: bool,
}

impl<'a> Shape<'a> {
    fn read(context: &'a Context<'_>) -> Result<Self, Refusal> {
        let query = &context.call.query;
        let select = query.get("$select").filter(|select| !select.split(',').any(|name| name.trim() == "*"));
        check_select(select)?;
        let with_hidden = query.get("includehiddenfolders").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let mut shape = Self { select, with_children: false, with_hidden };
        for entry in split(query.get("$expand").unwrap_or_default(), ',') {
            match entry.to_ascii_lowercase().as_str() {
                "childfolders" => shape.with_children = true,
                "messages" | "messagerules" => {
                    return Err(Refusal::not_emulated(&format!("$expand={entry} on mail folders")));
                }
                other if other.starts_with("childfolders(") || other.contains("extendedproperties") => {
                    return Err(Refusal::not_emulated(&format!("$expand={entry} on mail folders")));
                }
                _ => return Err(unknown_property(entry)),
            }
        }
        Ok(shape)
    }

    fn write(&self, state: &State, folder: &Folder) -> Map<String, Value> {
        let mut map = selected(output::folder(state, folder), self.select);
        if self.with_children {
            let inner = folders::children(state, folder.mailbox, folder.number).into_iter();
            let inner = inner.filter(|folder| self.with_hidden || !folder.is_hidden);
            let written = inner.map(|folder| Value::Object(output::folder(state, folder))).collect();
            map.insert("childFolders".to_owned(), written);
        }
        map
    }
}

/// `words` is the path behind `mailFolders` or `childFolders`, and `at` the
/// place of its first segment behind the mailbox.
pub(super) fn route(
    state: &mut State,
    context: &Context<'_>,
    parent: FolderNo,
    words: &[&str],
    at: usize,
) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => list(state, context, parent),
        ("GET", ["$count"]) => {
            LIST.check(context, "the number of mail folders")?;
            Ok(count_only(matching(state, context, parent)?.len()))
        }
        ("POST", []) => create(state, context, parent),
        ("GET", ["delta"]) => super::delta::folders(state, context, (at > 1).then_some(parent)),
        (_, [_, rest @ ..]) if !matches!(words, ["$count" | "delta"]) => {
            let folder = find_folder(state, context, context.raw(at))?;
            let is_inside = state.mail_folders.get(&folder).is_some_and(|folder| folder.parent == Some(parent));
            // Any folder can be asked for below the mailbox.
            if at > 1 && !is_inside {
                return Err(Refusal::item_not_found());
            }
            route_one(state, context, folder, rest, at)
        }
        (_, _) => Err(not_emulated(context.call)),
    })
}

fn route_one(
    state: &mut State,
    context: &Context<'_>,
    folder: FolderNo,
    rest: &[&str],
    at: usize,
) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), rest) {
        ("GET", []) => {
            ITEM.check(context, "a mail folder")?;
            show(state, context, folder, 200)
        }
        ("PATCH", []) => update(state, context, folder),
        ("DELETE", []) => {
            folders::delete(state, folder)?;
            Ok(Reply::empty(204))
        }
        ("POST", ["permanentdelete"]) => {
            folders::purge(state, folder)?;
            Ok(Reply::empty(204))
        }
        ("POST", ["move"]) => {
            let target = destination(state, context)?;
            folders::relocate(state, folder, target)?;
            show(state, context, folder, 201)
        }
        ("POST", ["copy"]) => {
            let target = destination(state, context)?;
            let made = folders::copy(state, folder, target)?;
            show(state, context, made, 201)
        }
        (_, ["childfolders", rest @ ..]) => route(state, context, folder, rest, at + 2),
        (_, ["messages", rest @ ..]) => super::route_messages(state, context, Some(folder), rest, at + 2),
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The folders in a folder that are asked for.
fn matching<'a>(state: &'a State, context: &Context<'_>, parent: FolderNo) -> Result<Vec<&'a Folder>, Refusal> {
    let query = &context.call.query;
    let filter = Filter::parse(query.get("$filter"), &VOCABULARY)?;
    let shape = Shape::read(context)?;
    let mut found = folders::children(state, context.mailbox.number, parent);
    found.retain(|folder| (shape.with_hidden || !folder.is_hidden) && filter.accepts(folder));
    sort(&mut found, query.get("$orderby"), &VOCABULARY, "mail folders")?;
    Ok(found)
}

/// `GET …/mailFolders` and `GET …/mailFolders/{id}/childFolders`.
fn list(state: &State, context: &Context<'_>, parent: FolderNo) -> Result<Reply, Refusal> {
    LIST.check(context, "mail folders")?;
    let shape = Shape::read(context)?;
    let found = matching(state, context, parent)?;
    let page = Page::of_outlook(state, context)?;
    Ok(collection(state, context, FOLDERS, page, &found, |folder| shape.write(state, folder)))
}

/// `GET …/mailFolders/{id}`, and the answer to a write.
fn show(state: &State, context: &Context<'_>, number: FolderNo, status: u16) -> Result<Reply, Refusal> {
    let shape = Shape::read(context)?;
    let folder = state.mail_folders.get(&number).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, FOLDERS, shape.write(state, folder), status))
}

/// What can be written of a folder.
#[derive(Default)]
struct Input {
    name: Option<String>,
    is_hidden: Option<bool>,
}

fn input(context: &Context<'_>) -> Result<Input, Refusal> {
    let body: Map<String, Value> = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let is_search = body.get("@odata.type").and_then(Value::as_str).is_some_and(|name| name.ends_with("SearchFolder"));
    if is_search {
        return Err(Refusal::not_emulated("A mail search folder"));
    }
    let mut input = Input::default();
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "displayName" => match value.as_str().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => input.name = Some(text.to_owned()),
                None => return Err(property::invalid(name)),
            },
            "isHidden" if Check::Flag.accepts(value) => input.is_hidden = value.as_bool(),
            "isHidden" => return Err(property::invalid(name)),
            "childFolders"
            | "messages"
            | "messageRules"
            | "singleValueExtendedProperties"
            | "multiValueExtendedProperties" => {
                return Err(Refusal::not_emulated(&format!("Writing the property '{name}' of a mail folder")));
            }
            other if PROPERTIES.contains(&other) => return Err(property::read_only(other)),
            other => return Err(property::unknown(other, "mailFolder")),
        }
    }
    Ok(input)
}

/// `POST …/mailFolders` and `POST …/mailFolders/{id}/childFolders`.
fn create(state: &mut State, context: &Context<'_>, parent: FolderNo) -> Result<Reply, Refusal> {
    let input = input(context)?;
    let name = input.name.ok_or_else(|| property::invalid("displayName"))?;
    let is_hidden = input.is_hidden.unwrap_or(false);
    let made = folders::create(state, context.mailbox.number, parent, &name, is_hidden)?;
    show(state, context, made, 201)
}

/// `PATCH …/mailFolders/{id}`: the name alone. Whether a folder is hidden can
/// be said when it is created, and never again (resources/mailfolder).
fn update(state: &mut State, context: &Context<'_>, folder: FolderNo) -> Result<Reply, Refusal> {
    let input = input(context)?;
    if input.is_hidden.is_some() {
        return Err(property::read_only("isHidden"));
    }
    if let Some(name) = input.name {
        folders::rename(state, folder, &name)?;
    }
    show(state, context, folder, 200)
}
