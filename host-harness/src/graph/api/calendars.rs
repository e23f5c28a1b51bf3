//! Calendars of a mailbox (api/user-list-calendars, api/calendar-get,
//! api/user-post-calendars, api/calendar-update, api/calendar-delete,
//! api/calendar-permanentdelete, api/calendargroup-list-calendars,
//! api/calendargroup-post-calendars).
//!
//! Guests are not told when a calendar goes with the meetings in it: the
//! documentation mentions no mails.
//!
//! DIFFERENCE: `hexColor` is the colour that somebody chose, of which only the
//! theme can be written. Which value belongs to which theme is not documented;
//! here it stays empty, as for who has never chosen one.

use serde_json::{Map, Value, json};

use super::filter::{Comparable, Filter, Operand, Vocabulary, selected, sort};
use super::list::{Page, collection as list_of, count_only};
use super::options::Options;
use super::{Context, not_emulated};
use crate::graph::calendar::group::{self, GroupNo};
use crate::graph::calendar::remove as removal;
use crate::graph::ids;
use crate::graph::model::{Calendar, CalendarNo, Mailbox};
use crate::graph::names::same_name;
use crate::graph::property::{self, Check};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::routes::routes;
use crate::graph::state::State;

const LIST: Options = Options::of(
    &["$select", "$filter", "$orderby", "$top", "$skip", "$count"],
    &["$search", "$skiptoken", "$deltatoken"],
)
.selecting("calendar");
const ITEM: Options = Options::of(
    &["$select"],
    &["$filter", "$orderby", "$top", "$skip", "$count", "$search", "$skiptoken", "$deltatoken"],
)
.selecting("calendar");

/// The members of `calendarColor`.
const COLOR: Check = Check::OneOf(&[
    "auto",
    "lightBlue",
    "lightGreen",
    "lightOrange",
    "lightGray",
    "lightYellow",
    "lightTeal",
    "lightPink",
    "lightBrown",
    "lightRed",
    "maxColor",
]);

/// What the service computes.
const READ_ONLY: [&str; 10] = [
    "id",
    "allowedOnlineMeetingProviders",
    "canEdit",
    "canShare",
    "canViewPrivateItems",
    "changeKey",
    "hexColor",
    "isRemovable",
    "isTallyingResponses",
    "owner",
];

/// What can be written, but not here.
const NOT_EMULATED: [&str; 6] = [
    "defaultOnlineMeetingProvider",
    "calendarPermissions",
    "calendarView",
    "events",
    "multiValueExtendedProperties",
    "singleValueExtendedProperties",
];

/// The refusal of a filter or an order on a type with these properties.
pub(super) fn not_filtered(text: &str, type_name: &str, properties: &[&str]) -> Refusal {
    let begins = text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len());
    let name = text.get(..begins).unwrap_or_default();
    if properties.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        let message = format!("The property '{name}' does not support filtering.");
        return Refusal::new(400, "ErrorInvalidProperty", message);
    }
    let message = format!("Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'.");
    Refusal::new(400, "BadRequest", message)
}

const VOCABULARY: Vocabulary = Vocabulary {
    paths: &["name"],
    has_extended: false,
    folds_texts: false,
    refuse: |text| {
        let known: Vec<&str> = READ_ONLY.iter().copied().chain(["name", "color", "isDefaultCalendar"]).collect();
        not_filtered(text, "calendar", &known)
    },
};

impl Comparable for Calendar {
    fn operand(&self, path: &str) -> Option<Operand> {
        (path == "name").then(|| Operand::Text(self.name.clone()))
    }

    fn extended(&self, _id: &str) -> Option<&str> {
        None
    }
}

fn write(calendar: &Calendar, owner: &Mailbox) -> Map<String, Value> {
    let is_default = calendar.number == owner.default_calendar;
    let value = json!({
        "id": ids::calendar_id(calendar.number),
        "name": calendar.name,
        "color": calendar.color,
        "hexColor": "",
        "changeKey": ids::change_key(calendar.number.0, calendar.change),
        "canEdit": true,
        "canShare": true,
        "canViewPrivateItems": true,
        "isDefaultCalendar": is_default,
        "isRemovable": !is_default,
        "isTallyingResponses": is_default,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "owner": { "name": owner.display_name, "address": owner.user_principal_name },
    });
    value.as_object().cloned().unwrap_or_default()
}

/// The calendars of the mailbox or of one group, and a new one. There is no delta of
/// calendars.
pub(super) fn collection(state: &mut State, context: &Context<'_>, group: Option<GroupNo>) -> Result<Reply, Refusal> {
    let method = context.call.method.as_str();
    routes!(match method {
        "GET" => list(state, context, group),
        "POST" => create(state, context, group),
        _ => Err(not_emulated(context.call)),
    })
}

/// How many there are.
pub(super) fn number_of(state: &State, context: &Context<'_>, group: Option<GroupNo>) -> Result<Reply, Refusal> {
    let method = context.call.method.as_str();
    routes!(match method {
        "GET" => Ok(count_only(asked_for(state, context, group)?.len())),
        _ => Err(not_emulated(context.call)),
    })
}

/// On one page unless asked otherwise.
fn list(state: &State, context: &Context<'_>, group: Option<GroupNo>) -> Result<Reply, Refusal> {
    let calendars = asked_for(state, context, group)?;
    let what = group.map_or_else(|| "calendars".to_owned(), group_path);
    Ok(list_of(state, context, &what, Page::whole(context)?, &calendars, |calendar| shown(calendar, context)))
}

/// Those that the options of a request ask for, in their order.
fn asked_for<'a>(
    state: &'a State,
    context: &Context<'_>,
    group: Option<GroupNo>,
) -> Result<Vec<&'a Calendar>, Refusal> {
    LIST.check(context, "calendars")?;
    let query = &context.call.query;
    let mut calendars = state.calendars_of(context.mailbox.number);
    calendars.retain(|calendar| group.is_none() || group::of_calendar(state, calendar.number) == group);
    let filter = Filter::parse(query.get("$filter"), &VOCABULARY)?;
    calendars.retain(|calendar| filter.accepts(calendar));
    sort(&mut calendars, query.get("$orderby"), &VOCABULARY, "calendars")?;
    Ok(calendars)
}

/// The calendars of a group in metadata links.
fn group_path(group: GroupNo) -> String {
    format!("calendarGroups('{}')/calendars", ids::group_id(group))
}

/// A calendar with what was selected of it.
fn shown(calendar: &Calendar, context: &Context<'_>) -> Map<String, Value> {
    selected(write(calendar, &context.mailbox), context.call.query.get("$select"))
}

/// A calendar, alone.
pub(super) fn show(state: &State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    ITEM.check(context, "a calendar")?;
    let calendar = state.calendars.get(&number).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, "calendars", shown(calendar, context), 200))
}

/// What a request says about a calendar.
#[derive(Default)]
struct Given {
    name: Option<String>,
    color: Option<String>,
    is_default: Option<bool>,
}

fn read(state: &State, context: &Context<'_>, except: Option<CalendarNo>) -> Result<Given, Refusal> {
    let body: Value = serde_json::from_slice(&context.call.body).map_err(|_| Refusal::unreadable())?;
    let mut given = Given::default();
    for (name, value) in body.as_object().ok_or_else(Refusal::unreadable)? {
        match name.as_str() {
            name if name.contains('@') => {}
            "name" => given.name = Some(checked_name(state, context, value, except)?),
            "color" => {
                let color = value.as_str().filter(|_| COLOR.accepts(value)).ok_or_else(|| property::invalid(name))?;
                given.color = Some(color.to_owned());
            }
            "isDefaultCalendar" => {
                given.is_default = Some(value.as_bool().ok_or_else(|| property::invalid(name))?);
            }
            name if READ_ONLY.contains(&name) => return Err(property::read_only(name)),
            name if NOT_EMULATED.contains(&name) => {
                return Err(Refusal::not_emulated(&format!("Writing the property '{name}' of a calendar")));
            }
            name => return Err(property::unknown(name, "calendar")),
        }
    }
    let is_default = except == Some(context.mailbox.default_calendar);
    if given.is_default.is_some_and(|wanted| wanted != is_default) {
        return Err(Refusal::not_emulated("Making another calendar the default one"));
    }
    Ok(given)
}

/// A name that no other calendar of the mailbox has.
fn checked_name(
    state: &State,
    context: &Context<'_>,
    value: &Value,
    except: Option<CalendarNo>,
) -> Result<String, Refusal> {
    let name = value.as_str().map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid_property("The name of a calendar must not be empty."))?;
    let is_taken = state
        .calendars_of(context.mailbox.number)
        .iter()
        .any(|calendar| Some(calendar.number) != except && same_name(&calendar.name, name));
    if is_taken {
        return Err(Refusal::new(409, "ErrorFolderExists", "A folder with the specified name already exists."));
    }
    Ok(name.to_owned())
}

fn create(state: &mut State, context: &Context<'_>, group: Option<GroupNo>) -> Result<Reply, Refusal> {
    let given = read(state, context, None)?;
    let name = given.name.ok_or_else(|| Refusal::invalid_property("The name of a calendar must not be empty."))?;
    let number = add(state, &context.mailbox, name);
    let is_built_in = |group: &GroupNo| state.calendar_groups.get(group).is_some_and(group::CalendarGroup::is_built_in);
    let group = group.filter(|group| !is_built_in(group));
    if let Some(calendar) = state.calendars.get_mut(&number) {
        calendar.group = group;
        if let Some(color) = given.color {
            calendar.color = color;
        }
    }
    let location = format!("{}{}/calendars('{}')", state.base_url, context.root(), ids::calendar_id(number));
    let reply = show(state, context, number)?.header("location", location);
    Ok(Reply { status: 201, ..reply })
}

/// Adds a calendar to a mailbox.
pub(crate) fn add(state: &mut State, mailbox: &Mailbox, name: String) -> CalendarNo {
    let number = CalendarNo(state.next_item(mailbox.number));
    let change = state.next_change();
    let calendar = Calendar { number, mailbox: mailbox.number, name, color: "auto".to_owned(), group: None, change };
    state.calendars.insert(number, calendar);
    number
}

/// Gives a calendar another name or colour.
pub(super) fn update(state: &mut State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    let given = read(state, context, Some(number))?;
    let change = state.next_change();
    if let Some(calendar) = state.calendars.get_mut(&number) {
        if let Some(name) = given.name {
            calendar.name = name;
        }
        if let Some(color) = given.color {
            calendar.color = color;
        }
        calendar.change = change;
    }
    show(state, context, number)
}

/// Deletes a calendar with everything in it.
pub(super) fn remove(state: &mut State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    if number == context.mailbox.default_calendar {
        let message = "The default calendar can't be deleted.";
        return Err(Refusal::new(400, "ErrorDeleteDistinguishedFolder", message));
    }
    let events: Vec<_> = state.events_of(context.mailbox.number, Some(number)).map(|event| event.number).collect();
    for event in events {
        removal::bury(state, event);
    }
    state.calendars.remove(&number);
    Ok(Reply::empty(204))
}

/// Deletes a calendar so that nobody gets it back, where the cloud can do that.
/// There is no other place for what is deleted here.
pub(super) fn purge(state: &mut State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    if !state.meta.behaviour.cloud.purges_events() {
        return Err(Refusal::no_segment("permanentDelete"));
    }
    remove(state, context, number)
}
