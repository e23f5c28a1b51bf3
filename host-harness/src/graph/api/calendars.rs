//! Calendars of a mailbox (api/user-list-calendars, api/calendar-get,
//! api/user-post-calendars, api/calendar-update, api/calendar-delete).
//!
//! Guests are not told when a calendar goes with the meetings in it: the
//! documentation mentions no mails.

use serde_json::{Map, Value, json};

use super::Context;
use super::filter::{Operator, compared, selected};
use super::list::{Page, collection};
use crate::graph::calendar::remove as removal;
use crate::graph::ids;
use crate::graph::model::{Calendar, CalendarNo, Mailbox};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// Options that the list understands.
const LIST_OPTIONS: [&str; 4] = ["$select", "$filter", "$top", "$skip"];

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

/// `GET /me/calendars`, on one page unless asked otherwise. There is no delta
/// of calendars.
pub(crate) fn list(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut options = context.call.query.names().filter(|name| name.starts_with('$'));
    if let Some(name) = options.find(|name| !LIST_OPTIONS.contains(name)) {
        return Err(Refusal::not_emulated(&format!("The query option {name} on calendars")));
    }
    let wanted = context.call.query.get("$filter").map(wanted_name).transpose()?;
    let mut calendars = state.calendars_of(context.mailbox.number);
    calendars.retain(|calendar| wanted.as_ref().is_none_or(|name| calendar.name.eq_ignore_ascii_case(name)));
    let page = Page::whole(context)?;
    Ok(collection(state, context, "calendars", page, &calendars, |calendar| shown(calendar, context)))
}

/// The name in `$filter=name eq '…'`, the one filter that there is.
fn wanted_name(filter: &str) -> Result<String, Refusal> {
    match compared(filter, "name") {
        Some((Operator::Eq, name)) => Ok(name),
        Some(_) | None => Err(Refusal::not_emulated("A filter on calendars other than `name eq '…'`")),
    }
}

/// A calendar with what was selected of it.
fn shown(calendar: &Calendar, context: &Context<'_>) -> Map<String, Value> {
    selected(write(calendar, &context.mailbox), context.call.query.get("$select"))
}

/// `GET /me/calendar` and `GET /me/calendars/{id}`.
pub(crate) fn show(state: &State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    let calendar = state.calendars.get(&number).ok_or_else(Refusal::item_not_found)?;
    Ok(context.entity(state, "calendars", shown(calendar, context), 200))
}

/// The name in a request body, which is all that can be written.
fn given_name(state: &State, context: &Context<'_>, except: Option<CalendarNo>) -> Result<String, Refusal> {
    let body: Value = serde_json::from_slice(&context.call.body).unwrap_or_default();
    let name = body.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid_property("The name of a calendar must not be empty."))?;
    let is_taken = state
        .calendars_of(context.mailbox.number)
        .iter()
        .any(|calendar| Some(calendar.number) != except && calendar.name.eq_ignore_ascii_case(name));
    if is_taken {
        let message = "A folder with the specified name already exists.";
        return Err(Refusal::new(409, "ErrorFolderExists", message));
    }
    Ok(name.to_owned())
}

/// `POST /me/calendars`.
pub(crate) fn create(state: &mut State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let name = given_name(state, context, None)?;
    let number = add(state, &context.mailbox, name);
    let reply = show(state, context, number)?;
    Ok(Reply { status: 201, ..reply })
}

/// Adds a calendar to a mailbox.
pub(crate) fn add(state: &mut State, mailbox: &Mailbox, name: String) -> CalendarNo {
    let number = CalendarNo(state.next_item(mailbox.number));
    let change = state.next_change();
    let calendar = Calendar { number, mailbox: mailbox.number, name, color: "auto".to_owned(), change };
    state.calendars.insert(number, calendar);
    number
}

/// `PATCH /me/calendars/{id}`.
pub(crate) fn rename(state: &mut State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    let name = given_name(state, context, Some(number))?;
    let change = state.next_change();
    if let Some(calendar) = state.calendars.get_mut(&number) {
        calendar.name = name;
        calendar.change = change;
    }
    show(state, context, number)
}

/// `DELETE /me/calendars/{id}`, with everything in it.
pub(crate) fn remove(state: &mut State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
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
