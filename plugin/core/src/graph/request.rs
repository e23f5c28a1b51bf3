//! How is a request to Graph built?
//!
//! Every request carries the same preferences, because a page that is followed
//! without them comes back in another shape, and none carries the token to
//! another host than Graph. Sending is the shell's work; the answers are read
//! in [`super::response`]; what goes into the bodies comes from
//! [`crate::mapping::event`] and [`crate::mapping::task`]. What concerns series,
//! answers to invitations and further calendars is in [`series`], what concerns
//! tasks in [`todo`].

mod series;
mod todo;

use serde_json::{Map, Value, json};
use thiserror::Error;
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::wire::{CORRELATION_PROPERTY, PageLink};
use crate::model::{GraphId, GraphVersion, Instant, LinkId};
use crate::ports::{Header, HttpRequest, Method};

/// The most requests in one batch (Graph `concepts/json-batching`).
pub const BATCH_PARTS_MAX: usize = 20;

/// The most items that a page is asked for. Graph takes more, but the answer
/// has to fit into the shell's response limit with bodies in it.
pub const PAGE_SIZE_MAX: u16 = 200;

/// How many items of a correlation search are read: one is expected, a second
/// one is the duplicate worth reporting.
const CORRELATION_RESULTS_MAX: u8 = 5;

/// Why a request was not built. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The configured address of Graph is unusable.
    #[error(
        "expected an http or https URL of Graph such as `https://graph.microsoft.com/v1.0`, but found another text"
    )]
    InvalidBase,
    /// A link out of an answer leads away from Graph: the token stays here.
    #[error("expected a link to the Graph host, but found one to another host")]
    ForeignLink,
    /// A batch of none or of too many.
    #[error("expected 1 to {BATCH_PARTS_MAX} requests in a batch, but found {0}")]
    BatchSize(usize),
    /// A part of a batch whose body is not JSON.
    #[error("expected a JSON body in part {0} of a batch, but found something else")]
    BatchBody(usize),
    /// An answer to an invitation that says nothing.
    #[error("expected an answer to an invitation, but found none")]
    NoAnswer,
}

/// Scheme, authority and version path of Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphBase(Url);

impl GraphBase {
    /// Reads the address from the host's profile.
    ///
    /// # Errors
    /// Anything but an absolute `http` or `https` URL without user, query and
    /// fragment.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        let url = Url::parse(text.trim_end_matches('/')).map_err(|_| RequestError::InvalidBase)?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain {
            Ok(Self(url))
        } else {
            Err(RequestError::InvalidBase)
        }
    }

    /// The address without a slash at the end.
    fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether `url` has the same scheme, host and port.
    fn is_origin_of(&self, url: &Url) -> bool {
        url.origin() == self.0.origin() && url.username().is_empty() && url.password().is_none()
    }
}

/// A span of the calendar that is followed. Frozen into the cursors of its
/// round (Graph `concepts/delta-query-events`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant.
    pub start_at: Instant,
    /// The instant behind the last one.
    pub end_at: Instant,
}

/// Builds the requests of one account. `Debug` is not implemented: it holds
/// the access token.
#[derive(Clone, Copy)]
pub struct Requests<'a> {
    base: &'a GraphBase,
    access_token: &'a str,
}

impl<'a> Requests<'a> {
    /// Requests to `base` that bear `access_token`.
    pub const fn new(base: &'a GraphBase, access_token: &'a str) -> Self {
        Self { base, access_token }
    }

    /// Who the account is (`api/user-get`): id, address and name.
    pub fn me(&self, client_request_id: &str) -> HttpRequest {
        let path = "/me?$select=id,userPrincipalName,mail,displayName";
        self.request(Method::Get, self.url(path), client_request_id, None)
    }

    /// One cheap item of the default calendar, to see whether it may be read
    /// (`api/user-list-events`).
    pub fn probe_calendar(&self, client_request_id: &str) -> HttpRequest {
        self.request(Method::Get, self.url("/me/events?$top=1&$select=id"), client_request_id, None)
    }

    /// The first page of a round over the default calendar
    /// (`api/event-delta`, form `calendarView/delta`). Page size: items,
    /// 1 to [`PAGE_SIZE_MAX`].
    pub fn calendar_view_delta(&self, window: Window, page_size: u16, client_request_id: &str) -> HttpRequest {
        self.calendar_view_delta_of(None, window, page_size, client_request_id)
    }

    /// The page or the round behind a link (`concepts/delta-query-overview`).
    ///
    /// # Errors
    /// [`RequestError::ForeignLink`] where the link leads to another scheme,
    /// host or port than Graph's.
    pub fn follow(
        &self,
        link: &PageLink,
        page_size: u16,
        client_request_id: &str,
    ) -> Result<HttpRequest, RequestError> {
        let url = Url::parse(link.as_str()).map_err(|_| RequestError::ForeignLink)?;
        if !self.base.is_origin_of(&url) {
            return Err(RequestError::ForeignLink);
        }
        // The text as it came: a parsed URL may print another way, and the link
        // is opaque.
        Ok(self.request(Method::Get, link.as_str().to_owned(), client_request_id, Some(page_size)))
    }

    /// One event in full, with our correlation property (`api/event-get`).
    pub fn get_event(&self, id: &GraphId, client_request_id: &str) -> HttpRequest {
        let path = format!("{}?{}", event_path(id), expand_correlation());
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// Creates an event in the default calendar (`api/user-post-events`).
    pub fn create_event(&self, body: &Value, client_request_id: &str) -> HttpRequest {
        with_body(self.request(Method::Post, self.url("/me/events"), client_request_id, None), body)
    }

    /// Changes some properties of an event, if it still has this version
    /// (`api/event-update`).
    pub fn update_event(
        &self,
        id: &GraphId,
        version: &GraphVersion,
        body: &Value,
        client_request_id: &str,
    ) -> HttpRequest {
        let request = self.request(Method::Patch, self.url(&event_path(id)), client_request_id, None);
        with_if_match(with_body(request, body), version)
    }

    /// Deletes an event, if it still has this version (`api/event-delete`).
    pub fn delete_event(&self, id: &GraphId, version: &GraphVersion, client_request_id: &str) -> HttpRequest {
        with_if_match(self.request(Method::Delete, self.url(&event_path(id)), client_request_id, None), version)
    }

    /// Events that bear the correlation id of `link`
    /// (`api/singlevaluelegacyextendedproperty-get`). None or one is expected.
    pub fn find_by_correlation(&self, link: &LinkId, client_request_id: &str) -> HttpRequest {
        let filter = format!(
            "singleValueExtendedProperties/any(ep: ep/id eq {} and ep/value eq {})",
            quoted(CORRELATION_PROPERTY),
            quoted(link.as_str()),
        );
        let path =
            format!("/me/events?$filter={}&{}&$top={CORRELATION_RESULTS_MAX}", encoded(&filter), expand_correlation());
        self.request(Method::Get, self.url(&path), client_request_id, None)
    }

    /// Puts requests of this builder into one (`concepts/json-batching`). The
    /// parts get the ids `1`, `2` and so on, in their order.
    ///
    /// # Errors
    /// None or more than [`BATCH_PARTS_MAX`] parts, a part to another host or
    /// outside the version's path, a part whose body is not JSON.
    pub fn batch(&self, parts: &[HttpRequest], client_request_id: &str) -> Result<HttpRequest, RequestError> {
        if parts.is_empty() || parts.len() > BATCH_PARTS_MAX {
            return Err(RequestError::BatchSize(parts.len()));
        }
        let numbered = parts.iter().zip(1_usize..);
        let requests: Vec<Value> =
            numbered.map(|(part, number)| self.batch_part(part, number)).collect::<Result<_, _>>()?;
        let body = json!({ "requests": requests });
        let request = self.request(Method::Post, self.url("/$batch"), client_request_id, None);
        Ok(with_body(request, &body))
    }

    fn batch_part(&self, part: &HttpRequest, number: usize) -> Result<Value, RequestError> {
        let relative = part
            .url
            .strip_prefix(self.base.as_str())
            .filter(|rest| rest.starts_with('/'))
            .ok_or(RequestError::ForeignLink)?;
        // The outer request's token covers the parts; repeating it would only
        // put it into more places.
        let headers: Map<String, Value> = part
            .headers
            .iter()
            .filter(|header| header.name != "authorization")
            .map(|header| (header.name.to_owned(), Value::String(header.value.clone())))
            .collect();
        let mut request = json!({
            "id": number.to_string(),
            "method": part.method.as_str(),
            "url": relative,
            "headers": headers,
        });
        if let (Some(body), Some(fields)) = (&part.body, request.as_object_mut()) {
            let body = serde_json::from_slice(body).map_err(|_| RequestError::BatchBody(number))?;
            fields.insert("body".to_owned(), body);
        }
        Ok(request)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str())
    }

    fn request(&self, method: Method, url: String, client_request_id: &str, page_size: Option<u16>) -> HttpRequest {
        let headers = vec![
            Header { name: "authorization", value: format!("Bearer {}", self.access_token) },
            Header { name: "accept", value: "application/json".to_owned() },
            Header { name: "prefer", value: preferences(page_size) },
            Header { name: "client-request-id", value: client_request_id.to_owned() },
        ];
        HttpRequest { method, url, headers, body: None }
    }
}

/// What every request asks of the answer's shape (`api/event-list`, header
/// `Prefer`): ids that survive a move, times in UTC, bodies as HTML, and, for a
/// list, the size of a page.
fn preferences(page_size: Option<u16>) -> String {
    let common = "IdType=\"ImmutableId\", outlook.timezone=\"UTC\", outlook.body-content-type=\"html\"";
    match page_size {
        Some(size) => format!("{common}, odata.maxpagesize={}", size.clamp(1, PAGE_SIZE_MAX)),
        None => common.to_owned(),
    }
}

fn event_path(id: &GraphId) -> String {
    format!("/me/events/{}", encoded(id.as_str()))
}

/// Extended properties are answered only where they are asked for by id.
fn expand_correlation() -> String {
    let clause = format!("singleValueExtendedProperties($filter=id eq {})", quoted(CORRELATION_PROPERTY));
    format!("$expand={}", encoded(&clause))
}

/// A string literal of an `OData` expression.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Percent-encoded for a path segment or a query value. A space becomes `%20`:
/// the plus sign of forms is a plus sign in a path.
fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn with_body(mut request: HttpRequest, body: &Value) -> HttpRequest {
    request.headers.push(Header { name: "content-type", value: "application/json".to_owned() });
    request.body = Some(body.to_string().into_bytes());
    request
}

fn with_if_match(mut request: HttpRequest, version: &GraphVersion) -> HttpRequest {
    request.headers.push(Header { name: "if-match", value: version.as_str().to_owned() });
    request
}

fn with_version(request: HttpRequest, version: Option<&GraphVersion>) -> HttpRequest {
    match version {
        Some(version) => with_if_match(request, version),
        None => request,
    }
}

#[cfg(test)]
mod tests;
