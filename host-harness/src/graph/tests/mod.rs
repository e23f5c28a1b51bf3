//! Claims about the emulator, made through its HTTP interface.
//!
//! This file is the kit: a tenant, and a client that sends requests without
//! a network. One file per subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod actions;
mod attachments;
mod batch;
mod calendar_groups;
mod calendars;
mod categories;
mod changed_occurrences;
mod checklist;
mod clients;
mod conformance;
mod content_types;
mod control;
mod copies;
mod dates;
mod delta;
mod directory;
mod events;
mod extensions;
mod inside;
mod login;
mod mail;
mod mails;
mod meetings;
mod metadata;
mod moves;
mod nested;
mod options;
mod pages;
mod permissions;
mod rounds;
mod routing;
mod schedule;
mod series;
mod settings;
mod subscriptions;
mod todo;
mod tokens;
mod transport;
mod uploads;
mod writes;
mod zones;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Microsoft, NewApp, NewMailbox};
use crate::clock::HarnessClock;

/// Where the tenant of the tests says it is.
const BASE: &str = "http://127.0.0.1:8081";
/// The registered application.
const CLIENT: &str = "11111111-2222-3333-4444-555555555555";
const SECRET: &str = "secret value";
const REDIRECT: &str = "http://127.0.0.1:8080/microsoft/callback";
const ALICE: &str = "alice@contoso.example";
const BOB: &str = "bob@contoso.example";

/// A tenant with two users and an application.
struct World {
    microsoft: Microsoft,
    clock: HarnessClock,
    token: String,
}

/// An answer, read.
struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Value,
    text: String,
    extensions: http::Extensions,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    fn items(&self) -> &[Value] {
        self.body["value"].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn mailbox(user: &str, name: &str) -> NewMailbox {
    NewMailbox {
        user_principal_name: user.to_owned(),
        display_name: name.to_owned(),
        time_zone: "W. Europe Standard Time".to_owned(),
        password: None,
    }
}

fn app() -> NewApp {
    NewApp {
        client_id: CLIENT.to_owned(),
        client_secret: Some(SECRET.to_owned()),
        tenant: "contoso.example".to_owned(),
        redirect_uris: vec![REDIRECT.to_owned()],
        permissions: ["User.Read", "Calendars.ReadWrite", "MailboxSettings.Read"].map(str::to_owned).to_vec(),
        ..NewApp::default()
    }
}

fn fill(microsoft: &Microsoft) {
    microsoft.create_mailbox(mailbox(ALICE, "Alice Example")).unwrap();
    microsoft.create_mailbox(mailbox(BOB, "Bob Example")).unwrap();
    microsoft.register_app(app()).unwrap();
}

impl World {
    fn new() -> Self {
        Self::seeded(7)
    }

    fn seeded(seed: u64) -> Self {
        let clock = HarnessClock::fixed(noon());
        let microsoft = Microsoft::new(clock.clone(), seed, BASE);
        fill(&microsoft);
        Self::around(microsoft, clock)
    }

    fn around(microsoft: Microsoft, clock: HarnessClock) -> Self {
        let scopes = ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite", "MailboxSettings.Read"];
        let token = microsoft.issue_token(ALICE, &scopes).unwrap();
        Self { microsoft, clock, token }
    }

    fn token_of(&self, user: &str) -> String {
        self.microsoft.issue_token(user, &["Calendars.ReadWrite"]).unwrap()
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response = self.microsoft.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, body, text, extensions: parts.extensions }
    }

    /// A Graph request with a token and further headers.
    async fn graph_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let path = path.strip_prefix(BASE).unwrap_or(path);
        let path = if path.starts_with("/v1.0") { path.to_owned() } else { format!("/v1.0{path}") };
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.graph_as(&self.token, "GET", path, &[], None).await
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.graph_as(&self.token, "GET", path, headers, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.graph_as(&self.token, "POST", path, &[], Some(body)).await
    }

    async fn patch(&self, id: &str, body: Value) -> Answer {
        self.graph_as(&self.token, "PATCH", &format!("/me/events/{id}"), &[], Some(body)).await
    }

    async fn delete(&self, id: &str) -> Answer {
        self.graph_as(&self.token, "DELETE", &format!("/me/events/{id}"), &[], None).await
    }

    /// Creates an event and hands back what was answered.
    async fn create(&self, event: Value) -> Value {
        let answer = self.post("/me/events", event).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body
    }

    /// A request with the token of another user.
    async fn as_bob(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.graph_as(&self.token_of(BOB), method, path, &[], body).await
    }

    /// The instances of a series in March 2026.
    async fn instances(&self, master: &str) -> Vec<Value> {
        self.get(&instances_path(master)).await.items().to_vec()
    }

    /// Mails since the outbox was last emptied: kind, whom to, and the date
    /// of the occurrence. Empties it.
    async fn mails(&self) -> Vec<String> {
        let outbox = self.control("GET", "outbox", None).await.body;
        self.control("DELETE", "outbox", None).await;
        let text = |mail: &Value, name: &str| mail[name].as_str().unwrap_or_default().to_owned();
        let line = |mail: &Value| {
            let to = text(mail, "to");
            let name = to.split('@').next().unwrap();
            format!("{} {name} {}", text(mail, "kind"), text(mail, "occurrence")).trim_end().to_owned()
        };
        outbox.as_array().unwrap().iter().map(line).collect()
    }

    /// What a GET with a permission of its own answers.
    async fn read_as(&self, user: &str, scope: &str, path: &str) -> Answer {
        let token = self.microsoft.issue_token(user, &[scope]).unwrap();
        self.graph_as(&token, "GET", path, &[], None).await
    }

    async fn behaviour(&self, change: Value) {
        let answer = self.control("POST", "behaviour", Some(change)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder().method(method).uri(format!("/_control/{path}")).body(body).unwrap();
        self.send(request).await
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }
}

/// A timed event in Berlin on a day of March 2026.
fn event(subject: &str, day: u32, hour: u32) -> Value {
    json!({
        "subject": subject,
        "start": { "dateTime": format!("2026-03-{day:02}T{hour:02}:00:00"), "timeZone": "W. Europe Standard Time" },
        "end": { "dateTime": format!("2026-03-{day:02}T{hour:02}:30:00"), "timeZone": "W. Europe Standard Time" },
    })
}

fn id(event: &Value) -> &str {
    event["id"].as_str().unwrap()
}

/// A daily series from 2 March 2026 at nine in Berlin.
fn daily(count: u32) -> Value {
    let mut series = event("Series", 2, 9);
    series["recurrence"] = json!({
        "pattern": { "type": "daily", "interval": 1 },
        "range": { "type": "numbered", "startDate": "2026-03-02", "numberOfOccurrences": count },
    });
    series
}

fn instances_path(master: &str) -> String {
    format!("/me/events/{master}/instances?startDateTime=2026-03-01&endDateTime=2026-04-01&$top=100")
}

/// Half an hour in Berlin on a day of March 2026.
fn at(day: u32, hour: u32) -> Value {
    let event = event("", day, hour);
    json!({ "start": event["start"], "end": event["end"] })
}

/// A guest as a client writes one.
fn guest(address: &str) -> Value {
    json!({ "type": "required", "emailAddress": { "address": address } })
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
