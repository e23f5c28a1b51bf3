//! What did Graph answer?
//!
//! Each function reads one kind of answer and turns everything else into a
//! [`Failure`] that says what to do. A page of a proxy with status 200 and a
//! body that was cut short are failures of the transport, never empty answers:
//! an empty list would look like deletions. What concerns tasks is in [`todo`].

mod todo;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::{Failure, Subject};
use super::wire::{
    BatchAnswer, BatchPart, Calendar, CalendarPage, Continuation, DeltaItem, DeltaPage, Event, InstancePage, PageLink,
};
use crate::model::GraphId;
use crate::ports::HttpResponse;

pub use todo::{
    read_linked_resource_added, read_mailbox_zone, read_todo_created, read_todo_delta_page, read_todo_lists,
    read_todo_task, read_todo_tasks,
};

/// The account that a token belongs to (`resources/user`).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The object id.
    pub id: String,
    /// The name signed in with.
    #[serde(default)]
    pub user_principal_name: Option<String>,
    /// The mail address, where there is one.
    #[serde(default)]
    pub mail: Option<String>,
    /// The name shown.
    #[serde(default)]
    pub display_name: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    value: Vec<Value>,
    #[serde(rename = "@odata.nextLink", default)]
    next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink", default)]
    delta_link: Option<String>,
}

#[derive(Deserialize)]
struct Collection<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink", default)]
    next_link: Option<String>,
}

/// The account behind the token (`api/user-get`).
pub fn read_me(response: &HttpResponse) -> Result<Me, Failure> {
    read_json(response, Subject::Mailbox, "a user")
}

/// Nothing but that a collection may be read (`api/user-list-events`).
pub fn read_probe(response: &HttpResponse) -> Result<(), Failure> {
    read_json::<Page>(response, Subject::Mailbox, "a page").map(|_| ())
}

/// A page of a round over the default calendar
/// (`concepts/delta-query-overview`). An entry that cannot be read does not take
/// the others with it.
pub fn read_delta_page(response: &HttpResponse) -> Result<DeltaPage, Failure> {
    let (entries, continuation) = round_page(response, Subject::Round)?;
    let item = |value| match entry::<Event>(value) {
        (Some(id), None) => DeltaItem::Removed(id),
        (Some(_), Some(Ok(event))) => DeltaItem::Changed(Box::new(event)),
        (id, _) => DeltaItem::Malformed(id),
    };
    Ok(DeltaPage { items: entries.into_iter().map(item).collect(), continuation })
}

/// The entries of a page of a round, unread, and where the round goes on.
fn round_page(response: &HttpResponse, subject: Subject) -> Result<(Vec<Value>, Continuation), Failure> {
    let expected = "a page with a link to go on";
    let page: Page = read_json(response, subject, expected)?;
    let continuation = match (page.next_link, page.delta_link) {
        // Never both by the documentation; going on loses nothing.
        (Some(next), _) => Continuation::Next(PageLink::new(next)),
        (None, Some(delta)) => Continuation::Delta(PageLink::new(delta)),
        (None, None) => return Err(Failure::unreadable(response, expected)),
    };
    Ok((page.value, continuation))
}

/// The id of an entry of a round, and the item unless it was removed.
fn entry<T: DeserializeOwned>(value: Value) -> (Option<GraphId>, Option<serde_json::Result<T>>) {
    let id = value.get("id").and_then(Value::as_str).map(GraphId::new);
    let item = value.get("@removed").is_none().then(|| serde_json::from_value(value));
    (id, item)
}

/// An event that was read or changed (`api/event-get`, `api/event-update`).
pub fn read_event(response: &HttpResponse) -> Result<Event, Failure> {
    event(response, Subject::Item)
}

/// An event that was created (`api/user-post-events`). A repeat with the same
/// content and `transactionId` answers with the event of the first time.
pub fn read_created(response: &HttpResponse) -> Result<Event, Failure> {
    event(response, Subject::NewItem)
}

fn event(response: &HttpResponse, subject: Subject) -> Result<Event, Failure> {
    let expected = "an event with an id";
    let event: Event = read_json(response, subject, expected)?;
    if event.id.is_some() { Ok(event) } else { Err(Failure::unreadable(response, expected)) }
}

/// The events of a search (`api/user-list-events`).
pub fn read_events(response: &HttpResponse) -> Result<Vec<Event>, Failure> {
    read_json::<Collection<Event>>(response, Subject::Mailbox, "a list of events").map(|found| found.value)
}

/// Occurrences of a series (`api/event-list-instances`). An entry that cannot
/// be read fails the page: passed over, it would look like one that was called
/// off. A series that does not exist comes as [`super::Reaction::ItemGone`].
pub fn read_instances(response: &HttpResponse) -> Result<InstancePage, Failure> {
    let found: Collection<Event> = read_json(response, Subject::Item, "a list of occurrences")?;
    Ok(InstancePage { events: found.value, next: found.next_link.map(PageLink::new) })
}

/// The calendars of the mailbox (`api/user-list-calendars`).
pub fn read_calendars(response: &HttpResponse) -> Result<CalendarPage, Failure> {
    let found: Collection<Calendar> = read_json(response, Subject::Mailbox, "a list of calendars")?;
    Ok(CalendarPage { calendars: found.value, next: found.next_link.map(PageLink::new) })
}

/// That an answer to an invitation was taken (`api/event-accept`: 202 without
/// content). The organiser's own event refuses one.
pub fn read_accepted(response: &HttpResponse) -> Result<(), Failure> {
    match response.status {
        202 => Ok(()),
        200..=299 => Err(Failure::unreadable(response, "an answer without content")),
        _ => Err(Failure::of_status(response, Subject::Item)),
    }
}

/// That an event was deleted (`api/event-delete`). One that does not exist
/// comes as [`super::Reaction::ItemGone`].
pub fn read_deleted(response: &HttpResponse) -> Result<(), Failure> {
    match response.status {
        204 => Ok(()),
        // The page of a proxy is no deletion.
        200..=299 => Err(Failure::unreadable(response, "an answer without content")),
        _ => Err(Failure::of_status(response, Subject::Item)),
    }
}

/// The answers to the parts of a batch, in the order of its requests
/// (`concepts/json-batching`). Each is read like an answer of its own.
pub fn read_batch(
    response: &HttpResponse,
    expected_parts: usize,
) -> Result<Vec<Result<HttpResponse, Failure>>, Failure> {
    let answer: BatchAnswer = read_json(response, Subject::Mailbox, "the answers to a batch")?;
    let mut parts: Vec<Result<HttpResponse, Failure>> =
        std::iter::repeat_with(|| Err(Failure::missing_part())).take(expected_parts).collect();
    for part in answer.responses {
        // Ids of other parts, and a second answer to one, are not ours to guess
        // about: the first answer counts.
        let index = part.id.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(slot) = index.and_then(|index| parts.get_mut(index)).filter(|slot| slot.is_err()) {
            *slot = Ok(sent_with(response, part_response(part)));
        }
    }
    Ok(parts)
}

/// A part, with the time at which the whole was sent.
fn sent_with(whole: &HttpResponse, mut part: HttpResponse) -> HttpResponse {
    if let (None, Some(date)) = (part.header("date"), whole.header("date")) {
        part.headers.push(("date".to_owned(), date.to_owned()));
    }
    part
}

fn part_response(part: BatchPart) -> HttpResponse {
    let mut headers: Vec<(String, String)> = part
        .headers
        .into_iter()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.to_ascii_lowercase(), value)
        })
        .collect();
    let declared = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| is_json(value));
    let body = match part.body {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if declared != Some(true) => {
            STANDARD.decode(&text).unwrap_or_else(|_| text.into_bytes())
        }
        Some(json) => {
            if declared.is_none() {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
            }
            json.to_string().into_bytes()
        }
    };
    HttpResponse { status: part.status, headers, body }
}

fn read_json<T: DeserializeOwned>(
    response: &HttpResponse,
    subject: Subject,
    expected: &'static str,
) -> Result<T, Failure> {
    if !(200..=299).contains(&response.status) {
        return Err(Failure::of_status(response, subject));
    }
    if !response.header("content-type").is_some_and(is_json) {
        return Err(Failure::unreadable(response, expected));
    }
    serde_json::from_slice(&response.body).map_err(|_| Failure::unreadable(response, expected))
}

fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests;
