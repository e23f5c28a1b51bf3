//! Requests to Microsoft, as plain values.

use thiserror::Error;

/// A request's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A header whose value may be a secret: `Debug` shows the name only.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, lower case.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Header({})", self.name)
    }
}

/// A request to Microsoft. `Debug` shows neither the URL's query nor the body.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<Header>,
    /// Body.
    pub body: Option<Vec<u8>>,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.url.split('?').next().unwrap_or_default();
        write!(f, "HttpRequest({} {path})", self.method.as_str())
    }
}

/// An answer. `Debug` shows the status only.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, complete.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpResponse({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer. The request may have been performed all the same.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportFailure {
    /// The host refuses to reach this name; it was not performed.
    #[error("the host does not allow requests to `{0}`")]
    Denied(String),
    /// The connection could not be made or broke.
    #[error("the connection failed: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than the limit.
    #[error("expected an answer of at most {limit_bytes} bytes, but found a larger one")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
}

/// Requests to Microsoft.
pub trait Http {
    /// Sends the requests, as many side by side as the shell allows (at most
    /// four per mailbox), and answers in their order.
    fn send(&mut self, requests: Vec<HttpRequest>) -> Vec<Result<HttpResponse, TransportFailure>>;
}
