//! Groups of calendars (api/user-list-calendargroups,
//! api/user-post-calendargroups, api/calendargroup-get, -update and -delete).
//! Their calendars are answered by `calendars`.
//!
//! DIFFERENCE: what becomes of the calendars of a group that is deleted is not
//! documented. Here a group goes only when it is empty, so that no client
//! relies on the one or the other.

use serde_json::{Map, Value, json};

use super::filter::{Comparable, selected};
use super::filter::{Filter, Operand, Vocabulary, sort};
use super::list::{Page, collection, count_only};
use super::options::Options;
use super::{Context, calendars, not_emulated};
use crate::graph::calendar::group::{self, CalendarGroup, GroupNo};
use crate::graph::ids;
use crate::graph::model::CalendarNo;
use crate::graph::names::same_name;
use crate::graph::property;
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

/// The collection in metadata links.
const GROUPS: &str = "calendarGroups";

const LIST: Options = Options::of(
    &["$select", "$filter", "$orderby", "$top", "$skip", "$count"],
    &["$search", "$skiptoken", "$deltatoken"],
)
.selecting("calendarGroup");
const ITEM: Options = Options::of(
    &["$select"],
    &["$filter", "$orderby", "$top", "$skip", "$count", "$search", "$skiptoken", "$deltatoken"],
)
.selecting("calendarGroup");

const VOCABULARY: Vocabulary = Vocabulary {
    paths: &["name"],
    has_extended: false,
    folds_texts: false,
    refuse: |text| calendars::not_filtered(text, "calendarGroup", &["id", "name", "changekey", "classid"]),
};

impl Comparable for CalendarGroup {
    fn operand(&self, path: &str) -> Option<Operand> {
        (path == "name").then(|| Operand::Text(self.name.clone()))
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// `…/calendarGroups`, its count, and one of them; `words` is the path.
pub(super) fn answer(state: &mut State, context: &Context<'_>, words: &[&str]) -> Result<Reply, Refusal> {
    routes!(match (context.call.method.as_str(), words) {
        ("GET", [_]) => list(state, context, false),
        ("GET", [_, "$count"]) => list(state, context, true),
        ("POST", [_]) => create(state, context),
        ("GET", [_, _]) => {
            ITEM.check(context, "a calendar group")?;
            show(state, context, find(state, context)?, 200)
        }
        ("PATCH", [_, _]) => rename(state, context),
        ("DELETE", [_, _]) => remove(state, context),
        (_, _) => Err(not_emulated(context.call)),
    })
}

/// The group that the path names, if it belongs to the mailbox.
pub(super) fn find(state: &State, context: &Context<'_>) -> Result<GroupNo, Refusal> {
    let number = ids::parse_group_id(context.raw(1)).ok_or_else(Refusal::malformed_id)?;
    let known = state.calendar_groups.get(&number).filter(|group| group.mailbox == context.mailbox.number);
    known.map(|group| group.number).ok_or_else(Refusal::item_not_found)
}

/// Refuses a calendar that is in another group than the path says.
pub(super) fn require_in(state: &State, calendar: CalendarNo, wanted: GroupNo) -> Result<(), Refusal> {
    if group::of_calendar(state, calendar) == Some(wanted) { Ok(()) } else { Err(Refusal::item_not_found()) }
}

fn write(group: &CalendarGroup) -> Map<String, Value> {
    let value = json!({
        "id": ids::group_id(group.number),
        "name": group.name,
        "classId": group.class_id,
        "changeKey": ids::change_key(group.number.0, group.change),
    });
    value.as_object().cloned().unwrap_or_default()
}

fn list(state: &State, context: &Context<'_>, counts: bool) -> Result<Reply, Refusal> {
    LIST.check(context, "calendar groups")?;
    let mut groups = group::of_mailbox(state, context.mailbox.number);
    let filter = Filter::parse(context.call.query.get("$filter"), &VOCABULARY)?;
    groups.retain(|group| filter.accepts(group));
    sort(&mut groups, context.call.query.get("$orderby"), &VOCABULARY, "calendar groups")?;
    if counts {
        return Ok(count_only(groups.len()));
    }
    let write = |group: &&CalendarGroup| selected(write(group), context.call.query.get("$select"));
    Ok(collection(state, context, GROUPS, Page::whole(context)?, &groups, write))
}

fn show(state: &State, context: &Context<'_>, number: GroupNo, status: u16) -> Result<Reply, Refusal> {
    let group = state.calendar_groups.get(&number).ok_or_else(Refusal::item_not_found)?;
    let map = selected(write(group), context.call.query.get("$select"));
    Ok(context.entity(state, GROUPS, map, status))
}

/// The name in a request body, which is all that can be written.
fn given_name(state: &State, context: &Context<'_>, except: Option<GroupNo>) -> Result<String, Refusal> {
    let body: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let given = body.as_object().ok_or_else(Refusal::unreadable)?;
    for name in given.keys().filter(|name| !name.contains('@')) {
        match name.as_str() {
            "name" => {}
            "id" | "changeKey" | "classId" => return Err(property::read_only(name)),
            "calendars" => return Err(Refusal::not_emulated("Writing calendars together with their group")),
            _ => return Err(property::unknown(name, "calendarGroup")),
        }
    }
    let name = given.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid_property("The name of a calendar group must not be empty."))?;
    let groups = group::of_mailbox(state, context.mailbox.number);
    let is_taken = groups.iter().any(|group| Some(group.number) != except && same_name(&group.name, name));
    if is_taken {
        return Err(Refusal::new(409, "ErrorFolderExists", "A folder with the specified name already exists."));
    }
    Ok(name.to_owned())
}

fn create(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let name = given_name(state, context, None)?;
    let number = group::add(state, context.mailbox.number, name);
    let location = format!("{}{}/{GROUPS}('{}')", state.base_url, context.root(), ids::group_id(number));
    Ok(show(state, context, number, 201)?.header("location", location))
}

fn rename(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let number = find(state, context)?;
    let name = given_name(state, context, Some(number))?;
    let change = state.next_change();
    if let Some(group) = state.calendar_groups.get_mut(&number) {
        group.name = name;
        group.change = change;
    }
    show(state, context, number, 200)
}

fn remove(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let number = find(state, context)?;
    let group = state.calendar_groups.get(&number).ok_or_else(Refusal::item_not_found)?;
    if group.is_built_in() {
        let message = "The default calendar group can't be deleted.";
        return Err(Refusal::new(400, "ErrorDeleteDistinguishedFolder", message));
    }
    let calendars = state.calendars_of(context.mailbox.number);
    if calendars.iter().any(|calendar| calendar.group == Some(number)) {
        return Err(Refusal::new(
            400,
            "ErrorInvalidRequest",
            "A calendar group with calendars in it can't be deleted.",
        ));
    }
    state.calendar_groups.remove(&number);
    Ok(Reply::empty(204))
}
