//! Calendars of a mailbox (api/user-list-calendars, api/calendar-get,
//! api/user-post-calendars, api/calendar-update, api/calendar-delete).

use serde_json::{Value, json};

use super::Context;
use crate::graph::calendar::meeting;
use crate::graph::ids;
use crate::graph::model::{Calendar, CalendarNo, Mailbox};
use crate::graph::reply::{Refusal, Reply};
use crate::graph::state::State;

/// The one option that the list may pass over: an answer with more properties
/// than were asked for misleads nobody.
const LIST_OPTIONS: [&str; 1] = ["$select"];

fn write(calendar: &Calendar, owner: &Mailbox) -> Value {
    let is_default = calendar.number == owner.default_calendar;
    json!({
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
    })
}

/// `GET /me/calendars`, on one page. There is no delta of calendars.
pub(crate) fn list(state: &State, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut options = context.call.query.names().filter(|name| name.starts_with('$'));
    if let Some(name) = options.find(|name| !LIST_OPTIONS.contains(name)) {
        return Err(Refusal::not_emulated(&format!("The query option {name} on calendars")));
    }
    let calendars = state.calendars_of(context.mailbox.number);
    let value: Vec<Value> = calendars.into_iter().map(|calendar| write(calendar, &context.mailbox)).collect();
    Ok(Reply::json(200, json!({ "@odata.context": context.odata_context(state, "calendars"), "value": value })))
}

/// `GET /me/calendar` and `GET /me/calendars/{id}`.
pub(crate) fn show(state: &State, context: &Context<'_>, number: CalendarNo) -> Result<Reply, Refusal> {
    let calendar = state.calendars.get(&number).ok_or_else(Refusal::item_not_found)?;
    let mut value = write(calendar, &context.mailbox);
    if let Some(map) = value.as_object_mut() {
        map.insert("@odata.context".to_owned(), json!(context.odata_context(state, "calendars/$entity")));
    }
    Ok(Reply::json(200, value))
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
        meeting::bury(state, event);
    }
    state.calendars.remove(&number);
    Ok(Reply::empty(204))
}
