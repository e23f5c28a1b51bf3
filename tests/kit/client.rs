//! Requests to a listener, without a socket in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("expected JSON, but found ({error}) {}: {}", self.status, self.text))
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "expected a success, but found {}: {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The error of a failure with this status: its code and message.
    #[track_caller]
    pub fn refused(self, status: u16) -> (String, String) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let error = &self.json()["error"];
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    }
}

/// One side of the harness, as a client sees it.
#[derive(Clone)]
pub struct Client {
    router: Router,
    authority: String,
    headers: Vec<(String, String)>,
    /// How many of the mails that this listener keeps somebody has looked at.
    mails_seen: Arc<AtomicUsize>,
}

impl Client {
    /// A client of this listener.
    pub fn new(router: Router, authority: &str) -> Self {
        Self { router, authority: authority.to_owned(), headers: Vec::new(), mails_seen: Arc::default() }
    }

    /// How many of the mails that this listener keeps somebody has looked at.
    pub fn mails_seen(&self) -> usize {
        self.mails_seen.load(Ordering::Relaxed)
    }

    /// This client with another header on every request.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(found, _)| found != name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// A request with a body.
    pub async fn send(&self, method: Method, path: &str, content_type: Option<&str>, body: String) -> Answer {
        let is_for_mails = path.ends_with("/outbox");
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
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let answer = Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() };
        if is_for_mails {
            let shown: Option<Vec<Value>> = serde_json::from_str(&answer.text).ok();
            self.mails_seen.store(shown.map_or(0, |mails| mails.len()), Ordering::Relaxed);
        }
        answer
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
