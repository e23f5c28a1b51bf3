//! The record of requests: what was asked of the emulated services.
//!
//! Holds methods, paths, statuses and sizes. Never bodies, headers or values
//! of the query, because those carry tokens and people's data.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::crowd::Counts;

/// How many requests are kept; older ones only count. Bounds memory in runs
/// of days.
const ENTRIES_MAX: usize = 100_000;

/// One part of a batch.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub id: String,
    pub method: String,
    pub path: String,
    pub query: Vec<String>,
    pub collection: Collection,
    pub status: u16,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub at: DateTime<Utc>,
    pub method: String,
    pub path: String,
    /// Names of the query options, without values.
    pub query: Vec<String>,
    pub collection: Collection,
    /// What was sent, or would have been sent if the connection had held.
    pub status: u16,
    /// Whether the connection broke instead of an answer.
    pub dropped: bool,
    /// Size of the request's body, in bytes.
    pub request_bytes: usize,
    /// Size of the answer's body, in bytes.
    pub bytes: usize,
    /// The parts, if the request was a batch.
    pub parts: Vec<Part>,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Collection {
    Login,
    User,
    Calendar,
    Todo,
    Mail,
    Subscriptions,
    Batch,
    Other,
}

impl Collection {
    /// Sorts a path, given as words in lower case.
    pub fn of(words: &[&str]) -> Self {
        let after_version = match words {
            ["v1.0", rest @ ..] => rest,
            // Outlook's own address, where files come in pieces.
            ["api", "v2.0", "users", _, "messages", ..] => return Self::Mail,
            ["api", "v2.0", "users", _, "events", ..] => return Self::Calendar,
            // Graph has a version `beta`, which is not emulated.
            ["beta", ..] | [] => return Self::Other,
            ["oidc", "userinfo"] => return Self::User,
            [_, ..] => return Self::Login,
        };
        let resource = match after_version {
            ["me", rest @ ..] | ["users", _, rest @ ..] => rest,
            ["$batch"] => return Self::Batch,
            ["users" | "organization"] => return Self::User,
            ["subscriptions", ..] => return Self::Subscriptions,
            _ => return Self::Other,
        };
        match resource.first().copied() {
            None | Some("mailboxsettings" | "outlook" | "translateexchangeids") => Self::User,
            Some("calendar" | "calendars" | "calendargroups" | "calendarview" | "events") => Self::Calendar,
            Some("todo") => Self::Todo,
            Some("messages" | "mailfolders" | "sendmail") => Self::Mail,
            Some(_) => Self::Other,
        }
    }
}

/// Requests since the last clear.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    forgotten: u64,
    /// The most that were under way at one time.
    under_way_max: Counts,
    totals: BTreeMap<Collection, BTreeMap<String, u64>>,
}

/// The record as it is answered.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// How many requests there were. A batch is one.
    pub count: u64,
    /// The most of one application that were under way at one time at Graph.
    pub in_progress_max: usize,
    /// The most of one application in one mailbox.
    pub mailbox_in_progress_max: usize,
    /// By collection and method; parts of a batch count where they belong.
    pub totals: BTreeMap<Collection, BTreeMap<String, u64>>,
    pub requests: Vec<Entry>,
}

impl RequestLog {
    /// Adds a request.
    pub fn add(&mut self, entry: Entry) {
        self.count(entry.collection, &entry.method);
        for part in &entry.parts {
            self.count(part.collection, &part.method);
        }
        self.entries.push_back(entry);
        if self.entries.len() > ENTRIES_MAX {
            self.entries.pop_front();
            self.forgotten += 1;
        }
    }

    fn count(&mut self, collection: Collection, method: &str) {
        *self.totals.entry(collection).or_default().entry(method.to_owned()).or_default() += 1;
    }

    /// Notes how many are under way.
    pub fn crowd(&mut self, under_way: Counts) {
        let max = &mut self.under_way_max;
        max.of_application = max.of_application.max(under_way.of_application);
        max.in_mailbox = max.in_mailbox.max(under_way.in_mailbox);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many requests there were. A batch is one.
    pub fn len(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX).saturating_add(self.forgotten)
    }

    /// Those that are kept, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }

    /// How many requests there were by collection and method; parts of a batch
    /// count where they belong.
    pub fn totals(&self) -> &BTreeMap<Collection, BTreeMap<String, u64>> {
        &self.totals
    }

    /// The most that were under way at one time.
    pub fn under_way_max(&self) -> Counts {
        self.under_way_max
    }

    /// The record so far.
    pub fn report(&self) -> Report {
        Report {
            count: self.len(),
            in_progress_max: self.under_way_max.of_application,
            mailbox_in_progress_max: self.under_way_max.in_mailbox,
            totals: self.totals.clone(),
            requests: self.entries.iter().cloned().collect(),
        }
    }
}
