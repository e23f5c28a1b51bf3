//! An answer before it becomes HTTP: status, headers, body, and what happens
//! to the connection.
//!
//! Graph errors have one shape (learn.microsoft.com/graph/errors); the shape
//! of login errors is in `login::refusal`.

use serde_json::{Map, Value, json};

/// Content of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Html(String),
    /// A file as it is; its type is among the headers.
    File(Vec<u8>),
}

/// What the transport has to do besides sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    /// Break the connection instead of answering.
    Dropped,
    /// Send the first half of the body only.
    Truncated,
    /// Wait so many seconds first.
    Delayed { seconds: u32 },
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content: Content,
    pub delivery: Delivery,
    /// Whether a fault put it in the place of what the service would say.
    pub is_foreign: bool,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, value: Value) -> Self {
        Self::with(status, Content::Json(value))
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self::with(status, Content::Empty)
    }

    /// A page.
    pub fn html(status: u16, page: String) -> Self {
        Self::with(status, Content::Html(page))
    }

    /// A file of this type.
    pub fn file(content_type: String, bytes: Vec<u8>) -> Self {
        Self::with(200, Content::File(bytes)).header("content-type", content_type)
    }

    /// A redirection of the browser.
    pub fn redirect(location: String) -> Self {
        Self::empty(302).header("location", location)
    }

    fn with(status: u16, content: Content) -> Self {
        Self { status, headers: Vec::new(), content, delivery: Delivery::Whole, is_foreign: false }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Changes what happens to the connection.
    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Marks what a fault has sent in the place of the service.
    pub fn foreign(self, is_foreign: bool) -> Self {
        Self { is_foreign, ..self }
    }

    /// The JSON content, if it is any.
    pub fn value(&self) -> Option<&Value> {
        match &self.content {
            Content::Json(value) => Some(value),
            Content::Empty | Content::Html(_) | Content::File(_) => None,
        }
    }
}

/// What a service says that stands behind the one which answers.
#[derive(Clone, Debug)]
struct Reason {
    code: String,
    message: String,
}

/// A Graph request that is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Annotations next to `code` and `message`.
    pub extra: Map<String, Value>,
    /// The reason in `innerError`, where another service refused.
    inner: Option<Box<Reason>>,
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal with one of Graph's codes.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { status, code, message, extra: Map::new(), inner: None, headers: Vec::new() }
    }

    /// The item does not exist (any more), or not in this mailbox.
    pub fn item_not_found() -> Self {
        Self::new(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    }

    /// An id that was never one.
    pub fn malformed_id() -> Self {
        Self::new(400, "ErrorInvalidIdMalformed", "Id is malformed.")
    }

    /// A body that is not the JSON of an object.
    pub fn unreadable() -> Self {
        Self::new(
            400,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )
    }

    /// A body that is longer than what Graph takes in one request
    /// (microsoft-graph-docs-contrib#682; O365/python-o365#308).
    pub fn too_large() -> Self {
        Self::new(413, "BadRequest", "The maximum request length supported is 4MB.")
    }

    /// A property whose value breaks a rule.
    pub fn invalid_property(detail: &str) -> Self {
        let message = format!("At least one property failed validation. {detail}");
        Self::new(400, "ErrorPropertyValidationFailure", message.trim_end())
    }

    /// An unknown or missing zone.
    pub fn unknown_time_zone(name: &str) -> Self {
        Self::new(
            400,
            "TimeZoneNotSupportedException",
            format!(
                "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
            ),
        )
    }

    /// A parameter of the query that cannot be used.
    pub fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(400, "ErrorInvalidParameter", message)
    }

    /// The token does not reach that far.
    pub fn access_denied() -> Self {
        Self::new(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    }

    /// The token of an application to which nobody has granted anything
    /// (O365/python-o365#448).
    pub fn no_permissions() -> Self {
        let message = "The token contains no permissions, or permissions can not be understood.";
        Self::new(401, "NoPermissionsInAccessToken", message)
    }

    /// The change key of the caller is not the current one.
    pub fn stale_change_key() -> Self {
        Self::new(
            412,
            "ErrorIrresolvableConflict",
            "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
        )
    }

    /// A part of Graph that the cloud does not have.
    pub fn no_segment(segment: &str) -> Self {
        Self::new(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
    }

    /// A method that a resource of Outlook does not have
    /// (microsoft-graph-docs-contrib#4152).
    pub fn not_allowed() -> Self {
        Self::new(405, "ErrorInvalidRequest", "The OData request is not supported.")
    }

    /// A method that is refused before any service sees it
    /// (concepts/json-batching).
    pub fn method_not_allowed() -> Self {
        Self::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    }

    /// An operation that this emulator does not have.
    pub fn not_emulated(operation: &str) -> Self {
        Self::new(501, "NotImplemented", format!("{operation} is not emulated"))
    }

    /// The same refusal as a service puts it that stands in front of the one
    /// which refused: its own words outside, the reason in `innerError`.
    pub fn inside(self, code: &str, message: &str) -> Self {
        let inner = Some(Box::new(Reason { code: self.code, message: self.message }));
        Self { code: code.to_owned(), message: message.to_owned(), inner, ..self }
    }

    /// Adds a header to the answer.
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer. `request_id` and `date` fill the `innerError`.
    pub fn into_reply(self, request_id: &str, client_request_id: &str, date: &str) -> Reply {
        let mut error = self.extra;
        error.insert("code".to_owned(), json!(self.code));
        error.insert("message".to_owned(), json!(self.message));
        let mut inner = json!({ "date": date, "request-id": request_id, "client-request-id": client_request_id });
        if let (Some(reason), Some(map)) = (self.inner, inner.as_object_mut()) {
            map.insert("code".to_owned(), json!(reason.code));
            map.insert("message".to_owned(), json!(reason.message));
        }
        error.insert("innerError".to_owned(), inner);
        let mut reply = Reply::json(self.status, json!({ "error": error }));
        reply.headers = self.headers;
        reply
    }
}
