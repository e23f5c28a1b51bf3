//! A person's Outlook: a client of the emulated Graph that signs in as the
//! owner of a mailbox.
//!
//! Shares nothing with the component: it writes what a mail program would
//! write, with a token of its own. Next: [`super::todo`].

use axum::body::{Body, to_bytes};
use chrono::{DateTime, Utc};
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::error::DemoError;
use crate::graph::{Microsoft, SetupError};

/// What Outlook and To Do may do with a mailbox.
const SCOPES: [&str; 2] = ["Calendars.ReadWrite", "Tasks.ReadWrite"];

/// The most parts of one `$batch` request
/// (learn.microsoft.com/graph/json-batching).
pub const BATCH_PARTS_MAX: usize = 20;

/// Bytes of an answer: 20 events with large bodies have less.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Items of a page of a list: the most that Graph gives.
const PAGE_ITEMS: usize = 1000;

/// One call of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method, such as `PATCH`.
    pub method: &'static str,
    /// The address below the version, such as `/me/events`.
    pub path: String,
    /// The body, where there is one.
    pub body: Option<Value>,
}

impl Call {
    /// The call as a part of `$batch`.
    fn part(&self, number: usize) -> Value {
        let mut part = json!({ "id": number.to_string(), "method": self.method, "url": self.path });
        if let (Some(body), Some(fields)) = (&self.body, part.as_object_mut()) {
            fields.insert("headers".to_owned(), json!({ "Content-Type": "application/json" }));
            fields.insert("body".to_owned(), body.clone());
        }
        part
    }
}

/// A mailbox as its owner uses it.
#[derive(Clone, Debug)]
pub struct Outlook {
    microsoft: Microsoft,
    mailbox: String,
}

/// What Graph answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; null where there is none.
    pub body: Value,
}

impl Answer {
    /// Whether Graph did what it was asked for.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// An error where Graph did not.
    pub(super) fn done(&self, action: &'static str) -> Result<(), DemoError> {
        if self.is_success() {
            return Ok(());
        }
        Err(DemoError::Outlook { action, status: self.status, code: self.code().to_owned() })
    }

    /// Graph's word for an error; empty where there is none.
    pub fn code(&self) -> &str {
        self.body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default()
    }
}

impl Outlook {
    /// The mailbox with this name.
    pub fn of(microsoft: &Microsoft, mailbox: &str) -> Self {
        Self { microsoft: microsoft.clone(), mailbox: mailbox.to_owned() }
    }

    /// Creates an event.
    ///
    /// # Errors
    /// There is no such mailbox, or Graph refuses the event.
    pub async fn create(&self, event: &Value) -> Result<(), DemoError> {
        self.request("POST", "/me/events", Some(event)).await?.done("create")
    }

    /// Changes some properties of an event.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub async fn change(&self, id: &str, properties: &Value) -> Result<(), DemoError> {
        let path = format!("/me/events/{id}");
        self.request("PATCH", &path, Some(properties)).await?.done("change")
    }

    /// Deletes an event.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub async fn delete(&self, id: &str) -> Result<(), DemoError> {
        let path = format!("/me/events/{id}");
        self.request("DELETE", &path, None).await?.done("delete")
    }

    /// The id of the event with this title in a period.
    ///
    /// # Errors
    /// There is no such mailbox, or no such event.
    pub fn find(&self, title: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<String, DemoError> {
        let events = self.microsoft.calendar_view(&self.mailbox, from, until)?;
        let found = events.iter().find(|event| event.get("subject").is_some_and(|subject| subject == title));
        let id = found.and_then(|event| event.get("id")).and_then(Value::as_str);
        id.map(str::to_owned).ok_or(DemoError::NoSample { side: "Microsoft" })
    }

    /// Creates events in as few requests as Graph allows, and answers for each
    /// in their order.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub async fn create_all(&self, events: &[Value]) -> Result<Vec<Answer>, SetupError> {
        let create = |event: &Value| Call { method: "POST", path: "/me/events".to_owned(), body: Some(event.clone()) };
        self.call_all(&events.iter().map(create).collect::<Vec<_>>()).await
    }

    /// Makes calls one after the other in as few requests as Graph allows, and
    /// answers for each in their order.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub async fn call_all(&self, calls: &[Call]) -> Result<Vec<Answer>, SetupError> {
        let mut answers = Vec::new();
        for calls in calls.chunks(BATCH_PARTS_MAX) {
            let parts: Vec<Value> = calls.iter().enumerate().map(|(number, call)| call.part(number)).collect();
            let answer = self.request("POST", "/$batch", Some(&json!({ "requests": parts }))).await?;
            answers.extend((0..calls.len()).map(|number| part_of(&answer, &number.to_string())));
        }
        Ok(answers)
    }

    /// Every item of a list, however many pages it has. The list ends with the
    /// first page that Graph refuses.
    ///
    /// # Errors
    /// There is no such mailbox.
    pub async fn list_all(&self, path_and_query: &str) -> Result<Vec<Value>, SetupError> {
        let mut items = Vec::new();
        loop {
            let page = format!("{path_and_query}&$top={PAGE_ITEMS}&$skip={}", items.len());
            let answer = self.request("GET", &page, None).await?;
            let found = answer.body.get("value").and_then(Value::as_array).cloned().unwrap_or_default();
            let is_last = found.is_empty() || answer.body.get("@odata.nextLink").is_none();
            items.extend(found);
            if is_last {
                return Ok(items);
            }
        }
    }

    pub(super) async fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, SetupError> {
        let token = self.microsoft.issue_token(&self.mailbox, &SCOPES)?;
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1.0{path}"))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
        // Ids of Graph are made of characters that stand in an address.
        let Ok(request) = request else {
            return Ok(Answer { status: 400, body: Value::Null });
        };
        let response = match self.microsoft.router().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap_or_default();
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}

/// The answer to one part of a batch; that of the whole where it has none.
fn part_of(whole: &Answer, id: &str) -> Answer {
    let parts = whole.body.get("responses").and_then(Value::as_array);
    let part = parts.into_iter().flatten().find(|part| part.get("id").is_some_and(|found| found == id));
    let Some(part) = part else { return whole.clone() };
    let status = part.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    Answer { status: status.unwrap_or(whole.status), body: part.get("body").cloned().unwrap_or(Value::Null) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::clock::HarnessClock;
    use crate::graph::NewMailbox;

    const ANNA: &str = "anna@acme.example";

    fn microsoft() -> Microsoft {
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        let microsoft = Microsoft::new(HarnessClock::fixed(now), 7, "http://127.0.0.1:8081");
        let mailbox = NewMailbox {
            user_principal_name: ANNA.to_owned(),
            display_name: "Anna".to_owned(),
            time_zone: "UTC".to_owned(),
            password: None,
        };
        microsoft.create_mailbox(mailbox).unwrap();
        microsoft
    }

    fn event(number: usize) -> Value {
        json!({
            "subject": format!("Event {number}"),
            "start": { "dateTime": "2026-03-03T09:00:00", "timeZone": "UTC" },
            "end": { "dateTime": "2026-03-03T10:00:00", "timeZone": "UTC" },
        })
    }

    #[tokio::test]
    async fn many_events_go_in_batches_and_are_answered_in_order() {
        let microsoft = microsoft();
        let mut events: Vec<Value> = (0..45).map(event).collect();
        if let Some(wrong) = events.get_mut(30) {
            *wrong = json!({ "subject": "without a time" });
        }
        let answers = Outlook::of(&microsoft, ANNA).create_all(&events).await.unwrap();
        assert_eq!(answers.len(), 45);
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(answer.status, if number == 30 { 400 } else { 201 }, "{answer:?}");
        }
        assert_eq!(microsoft.requests().get("count"), Some(&json!(3)));
    }

    #[tokio::test]
    async fn a_refusal_is_an_error_that_names_it() {
        let outlook = Outlook::of(&microsoft(), ANNA);
        let error = outlook.create(&json!({ "subject": "without a time" })).await.unwrap_err();
        assert!(matches!(error, DemoError::Outlook { status: 400, .. }), "{error}");
        let nobody = Outlook::of(&microsoft(), "nobody@acme.example");
        assert!(matches!(nobody.create(&event(1)).await.unwrap_err(), DemoError::Microsoft(_)));
    }
}
