//! Requests about series, answers to invitations, and further calendars.

use serde_json::json;

use super::{Requests, Window, encoded, event_path, quoted, with_body, with_version};
use crate::graph::RequestError;
use crate::graph::wire::CORRELATION_PROPERTY;
use crate::model::{AttendeeStatus, CalendarId, GraphId, GraphVersion};
use crate::ports::{HttpRequest, Method};

/// Every property of an event that is read. A request that selects anything
/// gets nothing else, and the two last ones come only if they are selected
/// (`resources/event`).
const SERIES_PROPERTIES: [&str; 30] = [
    "id",
    "changeKey",
    "type",
    "seriesMasterId",
    "iCalUId",
    "transactionId",
    "subject",
    "body",
    "start",
    "end",
    "originalStartTimeZone",
    "originalStart",
    "isAllDay",
    "isOrganizer",
    "isCancelled",
    "isOnlineMeeting",
    "attendees",
    "organizer",
    "responseStatus",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "location",
    "categories",
    "showAs",
    "sensitivity",
    "importance",
    "recurrence",
    "lastModifiedDateTime",
    "cancelledOccurrences",
    "exceptionOccurrences",
];

/// How many calendars are asked for in a page. Hardly anybody has more.
const CALENDARS_PAGE_SIZE: u8 = 100;

impl Requests<'_> {
    /// A series with everything that is different on single days of it
    /// (`api/event-get`, `resources/event`). A cloud without the properties for
    /// that refuses the request: see [`crate::graph::Failure::is_bad_request`].
    pub fn get_series(&self, id: &GraphId, client_request_id: &str) -> HttpRequest {
        let correlation = format!("singleValueExtendedProperties($filter=id eq {})", quoted(CORRELATION_PROPERTY));
        let path = format!(
            "{}?$select={}&$expand={}",
            event_path(id),
            SERIES_PROPERTIES.join(","),
            encoded(&format!("exceptionOccurrences,{correlation}")),
        );
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// A series without its exceptions, for clouds that lack them
    /// (`api/event-get`). [`Self::instances`] tells those.
    pub fn get_series_plain(&self, id: &GraphId, client_request_id: &str) -> HttpRequest {
        self.get_event(id, client_request_id)
    }

    /// The occurrences of a series in a window: those that take place
    /// (`api/event-list-instances`). Further pages are followed. Page size:
    /// items, 1 to [`super::PAGE_SIZE_MAX`].
    pub fn instances(&self, id: &GraphId, window: Window, page_size: u16, client_request_id: &str) -> HttpRequest {
        let path = format!("{}/instances?{}", event_path(id), bounds(window));
        self.request(Method::Get, self.url(&path), client_request_id, Some(page_size))
    }

    /// Changes one occurrence, if it still has this version; it becomes an
    /// exception (`api/event-update`). Where nobody knows its version, whoever
    /// writes last wins.
    pub fn update_occurrence(
        &self,
        id: &GraphId,
        version: Option<&GraphVersion>,
        body: &serde_json::Value,
        client_request_id: &str,
    ) -> HttpRequest {
        let request = self.request(Method::Patch, self.url(&event_path(id)), client_request_id, None);
        with_version(with_body(request, body), version)
    }

    /// Calls one occurrence off, if it still has this version
    /// (`api/event-delete`). Nothing brings it back.
    pub fn delete_occurrence(
        &self,
        id: &GraphId,
        version: Option<&GraphVersion>,
        client_request_id: &str,
    ) -> HttpRequest {
        let request = self.request(Method::Delete, self.url(&event_path(id)), client_request_id, None);
        with_version(request, version)
    }

    /// Answers an invitation and tells the organiser (`api/event-accept`,
    /// `api/event-tentativelyaccept`, `api/event-decline`).
    ///
    /// # Errors
    /// [`RequestError::NoAnswer`] for [`AttendeeStatus::None`]: an answer cannot
    /// be taken back.
    pub fn respond(
        &self,
        id: &GraphId,
        answer: AttendeeStatus,
        client_request_id: &str,
    ) -> Result<HttpRequest, RequestError> {
        let action = match answer {
            AttendeeStatus::Accepted => "accept",
            AttendeeStatus::Tentative => "tentativelyAccept",
            AttendeeStatus::Declined => "decline",
            AttendeeStatus::None => return Err(RequestError::NoAnswer),
        };
        let url = self.url(&format!("{}/{action}", event_path(id)));
        let request = self.request(Method::Post, url, client_request_id, None);
        Ok(with_body(request, &json!({ "sendResponse": true })))
    }

    /// The calendars of the mailbox (`api/user-list-calendars`).
    pub fn calendars(&self, client_request_id: &str) -> HttpRequest {
        let path = format!("/me/calendars?$select=id,name,isDefaultCalendar&$top={CALENDARS_PAGE_SIZE}");
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// The first page of a round over a calendar (`api/event-delta`); over the
    /// default one where none is named. Page size as in
    /// [`Self::calendar_view_delta`].
    pub fn calendar_view_delta_of(
        &self,
        calendar: Option<&CalendarId>,
        window: Window,
        page_size: u16,
        client_request_id: &str,
    ) -> HttpRequest {
        let of = calendar.map(|calendar| format!("/calendars/{}", encoded(calendar.as_str()))).unwrap_or_default();
        let path = format!("/me{of}/calendarView/delta?{}", bounds(window));
        self.request(Method::Get, self.url(&path), client_request_id, Some(page_size))
    }
}

/// The bounds of a window. Without an offset they are read as UTC; they are
/// given one all the same, so that no preference can change their meaning.
fn bounds(window: Window) -> String {
    format!(
        "startDateTime={}&endDateTime={}",
        encoded(&window.start_at.to_string()),
        encoded(&window.end_at.to_string()),
    )
}
