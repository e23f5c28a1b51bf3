//! Requests to a listener, without a socket in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{Method, StatusCode};
use host_harness::caller::Caller;
use serde_json::Value;

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
    caller: Caller,
    /// How many of the mails that this listener keeps somebody has looked at.
    mails_seen: Arc<AtomicUsize>,
}

impl Client {
    /// A client of this listener.
    pub fn new(router: Router, authority: &str) -> Self {
        Self { caller: Caller::new(router, authority), mails_seen: Arc::default() }
    }

    /// How many of the mails that this listener keeps somebody has looked at.
    pub fn mails_seen(&self) -> usize {
        self.mails_seen.load(Ordering::Relaxed)
    }

    /// This client with another header on every request.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        Self { caller: self.caller.with_header(name, value), mails_seen: Arc::clone(&self.mails_seen) }
    }

    /// A request with a body.
    pub async fn send(&self, method: Method, path: &str, content_type: Option<&str>, body: String) -> Answer {
        let answer = self.caller.send(method, path, content_type, body).await;
        let status = StatusCode::from_u16(answer.status).expect("an answer, and no broken connection");
        if path.ends_with("/outbox") {
            let shown: Option<Vec<Value>> = serde_json::from_str(&answer.text).ok();
            self.mails_seen.store(shown.map_or(0, |mails| mails.len()), Ordering::Relaxed);
        }
        Answer { status, headers: answer.headers, text: answer.text }
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
