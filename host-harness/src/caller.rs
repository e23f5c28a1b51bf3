//! Requests to a listener of this process, without a socket in between.
//!
//! What a script outside sends over loopback, the simulation and the scenarios
//! send through here: the same routers, the same JSON. Next: [`crate::sim`].

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::graph::fault::DropConnection;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status; 0 where the connection broke before an answer.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// Whether the request was done.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// A client of one listener.
#[derive(Clone, Debug)]
pub struct Caller {
    router: Router,
    authority: String,
    headers: Vec<(String, String)>,
}

impl Caller {
    /// A client of the listener behind `router`, which is known as `authority`.
    pub fn new(router: Router, authority: &str) -> Self {
        Self { router, authority: authority.to_owned(), headers: Vec::new() }
    }

    /// This client with another header on every request, in place of one of the
    /// same name.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.retain(|(found, _)| found != name);
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    /// Sends a request. One that is no request at all, such as with a path that
    /// cannot be one, has the answer of a broken connection.
    pub async fn send(&self, method: Method, path: &str, content_type: Option<&str>, body: String) -> Answer {
        let broken = || Answer { status: 0, headers: Vec::new(), text: String::new() };
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.iter().any(|(name, _)| name == header::HOST.as_str()) {
            request = request.header(header::HOST, &self.authority);
        }
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(Body::from(body)) else { return broken() };
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
        if response.extensions().get::<DropConnection>().is_some() {
            return broken();
        }
        let text_of = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text_of(value)));
        let (status, headers) = (response.status().as_u16(), headers.collect());
        match response.into_body().collect().await {
            Ok(body) => Answer { status, headers, text: String::from_utf8_lossy(&body.to_bytes()).into_owned() },
            Err(_) => broken(),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, String::new()).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some("application/json"), body.to_string()).await
    }

    /// PUT of JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some("application/json"), body.to_string()).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some("application/json"), body.to_string()).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Some("application/json"), String::new()).await
    }

    /// POST of a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), body).await
    }
}
