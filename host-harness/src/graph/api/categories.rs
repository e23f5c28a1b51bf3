//! The list of categories of a mailbox (api/outlookuser-list-mastercategories,
//! api/outlookuser-post-mastercategories, api/outlookcategory-get, -update and
//! -delete).
//!
//! Events and tasks keep the names of their categories when a category goes, as
//! Outlook has it: they are texts of the items.
//!
//! DIFFERENCE: the name is unique by documentation; how another one of the same
//! name is refused is not said. Here it is a conflict.

use serde_json::{Map, Value, json};

use super::calendars::not_filtered;
use super::filter::{Comparable, Filter, Operand, Vocabulary, selected, sort};
use super::list::{Page, collection, count_only};
use super::options::Options;
use super::{Context, not_emulated};
use crate::graph::names::same_name;
use crate::graph::permissions::Access;
use crate::graph::property;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::settings::categories::{self, Category};
use crate::graph::state::State;

/// The collection in metadata links.
const CATEGORIES: &str = "outlook/masterCategories";

const LIST: Options = Options::of(
    &["$select", "$filter", "$orderby", "$top", "$skip", "$count"],
    &["$expand", "$search", "$skiptoken", "$deltatoken"],
)
.selecting("outlookCategory");
const ITEM: Options = Options::only(&["$select"]).selecting("outlookCategory");

const VOCABULARY: Vocabulary = Vocabulary {
    paths: &["displayname", "color"],
    has_extended: false,
    folds_texts: false,
    refuse: |text| not_filtered(text, "outlookCategory", &["id"]),
};

impl Comparable for Category {
    fn operand(&self, path: &str) -> Option<Operand> {
        match path {
            "displayname" => Some(Operand::Text(self.name.clone())),
            "color" => Some(Operand::Text(self.color.clone())),
            _ => None,
        }
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// `…/outlook/masterCategories`, its count, and one of them; `words` is the path
/// behind the collection.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    if !state.meta.behaviour.cloud.has_categories() {
        return Err(Refusal::no_segment("masterCategories"));
    }
    context.require(if context.call.method == "GET" { Access::ReadSettings } else { Access::WriteSettings })?;
    let id = context.raw(2);
    routes!(match (context.call.method.as_str(), words) {
        ("GET", []) => list(state, context, words),
        ("GET", ["$count"]) => list(state, context, words),
        ("POST", []) => create(state, context),
        ("GET", [_]) => {
            ITEM.check(context, "a category")?;
            let known = categories::of(&context.mailbox);
            let found = known.iter().find(|category| category.id == id).ok_or_else(Refusal::item_not_found)?;
            Ok(entity(state, context, found, 200))
        }
        ("PATCH", [_]) => update(state, context, id),
        ("DELETE", [_]) => remove(state, context, id),
        (_, _) => Err(not_emulated(context.call)),
    })
}

fn write(category: &Category) -> Map<String, Value> {
    let value = json!({ "id": category.id, "displayName": category.name, "color": category.color });
    value.as_object().cloned().unwrap_or_default()
}

fn list(state: &State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    LIST.check(context, "categories")?;
    let query = &context.call.query;
    let mut known = categories::of(&context.mailbox);
    let filter = Filter::parse(query.get("$filter"), &VOCABULARY)?;
    known.retain(|category| filter.accepts(category));
    sort(&mut known, query.get("$orderby"), &VOCABULARY, "categories")?;
    if words == ["$count"] {
        return Ok(count_only(known.len()));
    }
    let write = |category: &Category| selected(write(category), query.get("$select"));
    Ok(collection(state, context, CATEGORIES, Page::whole(context)?, &known, write))
}

fn entity(state: &State, context: &Context<'_>, category: &Category, status: u16) -> Reply {
    context.entity(state, CATEGORIES, selected(write(category), context.call.query.get("$select")), status)
}

/// Name and colour of a request.
fn read(context: &Context<'_>) -> Result<(Option<String>, Option<String>), Refusal> {
    let body: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let (mut name, mut color) = (None, None);
    for (property, value) in body.as_object().ok_or_else(Refusal::unreadable)? {
        match property.as_str() {
            property if property.contains('@') => {}
            "displayName" => {
                let given = value.as_str().map(str::trim).filter(|given| !given.is_empty());
                name = Some(given.ok_or_else(|| property::invalid(property))?.to_owned());
            }
            "color" => {
                let given = value.as_str().and_then(categories::color);
                color = Some(given.ok_or_else(|| property::invalid(property))?);
            }
            "id" => return Err(property::read_only(property)),
            _ => return Err(property::unknown(property, "outlookCategory")),
        }
    }
    Ok((name, color))
}

fn create(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let (name, color) = read(context)?;
    let name = name.ok_or_else(|| Refusal::invalid_property("The displayName of a category must not be empty."))?;
    let mut known = categories::of(&context.mailbox);
    if known.iter().any(|category| same_name(&category.name, &name)) {
        return Err(Refusal::new(409, "ErrorItemAlreadyExists", "A category with the specified name already exists."));
    }
    let made = Category { id: state.guid(), name, color: color.unwrap_or_else(|| "none".to_owned()) };
    known.push(made.clone());
    keep(state, context, known);
    let location = format!("{}{}/{CATEGORIES}('{}')", state.base_url, context.root(), made.id);
    Ok(entity(state, context, &made, 201).header("location", location))
}

/// Gives a category another colour. The name stays what it is.
fn update(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let mut known = categories::of(&context.mailbox);
    let found = known.iter_mut().find(|category| category.id == id).ok_or_else(Refusal::item_not_found)?;
    let (name, color) = read(context)?;
    if name.is_some_and(|name| name != found.name) {
        return Err(property::read_only("displayName"));
    }
    if let Some(color) = color {
        found.color = color;
    }
    let changed = found.clone();
    keep(state, context, known);
    Ok(entity(state, context, &changed, 200))
}

fn remove(state: &mut State, context: &Context<'_>, id: &str) -> Result<Reply, Refusal> {
    let mut known = categories::of(&context.mailbox);
    let before = known.len();
    known.retain(|category| category.id != id);
    if known.len() == before {
        return Err(Refusal::item_not_found());
    }
    keep(state, context, known);
    Ok(Reply::empty(204))
}

fn keep(state: &mut State, context: &Context<'_>, known: Vec<Category>) {
    if let Some(mailbox) = state.mailboxes.get_mut(&context.mailbox.number) {
        mailbox.categories = Some(known);
    }
}
