//! A person's Outlook: Graph with a token of that mailbox.

use chrono::NaiveDate;
use serde_json::{Value, json};
use url::Url;

use crate::Client;
use crate::world::path_and_query;

/// One mailbox, used as its owner would.
#[derive(Clone)]
pub struct Outlook {
    graph: Client,
}

impl Outlook {
    /// Outlook with this token.
    pub fn new(microsoft: &Client, token: &str) -> Self {
        let graph = microsoft
            .with_header("authorization", &format!("Bearer {token}"))
            .with_header("prefer", "outlook.timezone=\"UTC\", IdType=\"ImmutableId\"");
        Self { graph }
    }

    /// The raw client.
    pub const fn graph(&self) -> &Client {
        &self.graph
    }

    /// Creates an event from Graph's own properties.
    pub async fn create(&self, event: &Value) -> Value {
        self.graph.post("/v1.0/me/events", event).await.ok()
    }

    /// Creates a timed event in UTC.
    pub async fn create_timed(&self, subject: &str, start: &str, end: &str) -> Value {
        self.create(&json!({
            "subject": subject,
            "start": {"dateTime": start, "timeZone": "UTC"},
            "end": {"dateTime": end, "timeZone": "UTC"},
        }))
        .await
    }

    /// Changes an event.
    pub async fn update(&self, id: &str, patch: &Value) -> Value {
        self.graph.patch(&format!("/v1.0/me/events/{id}"), patch).await.ok()
    }

    /// Deletes an event.
    pub async fn delete(&self, id: &str) {
        self.graph.delete(&format!("/v1.0/me/events/{id}")).await.ok();
    }

    /// One event, or none where it does not exist.
    pub async fn event(&self, id: &str) -> Option<Value> {
        let answer = self.graph.get(&format!("/v1.0/me/events/{id}")).await;
        if answer.status == 404 { None } else { Some(answer.ok()) }
    }

    /// All single events and series masters of the calendar, by subject.
    pub async fn events(&self) -> Vec<Value> {
        let mut events = self.all_pages("/v1.0/me/events?$top=999").await;
        events.sort_by_key(|event| event["subject"].as_str().unwrap_or_default().to_owned());
        events
    }

    /// What the calendar shows between two dates, series expanded.
    pub async fn calendar_view(&self, from: NaiveDate, until: NaiveDate) -> Vec<Value> {
        let window = format!("startDateTime={from}T00:00:00Z&endDateTime={until}T00:00:00Z");
        self.all_pages(&format!("/v1.0/me/calendarView?{window}&$top=1000")).await
    }

    async fn all_pages(&self, first: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = Some(first.to_owned());
        while let Some(path) = next {
            let page = self.graph.get(&path).await.ok();
            items.extend(page["value"].as_array().unwrap().clone());
            next = page["@odata.nextLink"].as_str().map(|link| path_and_query(&Url::parse(link).unwrap()));
        }
        items
    }

    /// The event with this subject, which has to be the only one.
    #[track_caller]
    pub fn only(events: &[Value], subject: &str) -> Value {
        let found: Vec<&Value> = events.iter().filter(|event| event["subject"] == subject).collect();
        assert_eq!(found.len(), 1, "expected one `{subject}` in Outlook, but found {}", found.len());
        found[0].clone()
    }
}
