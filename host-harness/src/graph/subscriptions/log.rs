//! The record of what was sent to the endpoints of clients.
//!
//! Holds addresses without user and query, kinds and statuses. Never what a
//! client keeps secret, tokens, or anything of an item but its id.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use super::endpoint::Endpoint;
use super::model::{Notification, NotificationNo, Told};

/// How many posts are kept. Bounds memory in runs of days.
const ENTRIES_MAX: usize = 10_000;

/// What came of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fate {
    /// Answered with 2xx in time.
    Accepted,
    /// Answered with anything else.
    Refused,
    TimedOut,
    /// There was no answer.
    Unreachable,
    /// Not sent: the endpoint is slow, a switch said so, or it was tried for
    /// long enough.
    Dropped,
}

/// A notification in a post.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub subscription_id: String,
    #[serde(flatten)]
    pub told: Told,
}

impl Line {
    /// What the record shows of a notification.
    pub fn of(notification: &Notification) -> Self {
        Self { subscription_id: notification.subscription_id.clone(), told: notification.told.clone() }
    }
}

/// Why something was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Purpose {
    Validation,
    Notifications,
}

/// One post.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub at: DateTime<Utc>,
    pub url: String,
    pub purpose: Purpose,
    /// Absent without an answer.
    pub status: Option<u16>,
    pub outcome: Fate,
    pub notifications: Vec<Line>,
}

/// What is known of deliveries while the emulator runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deliveries {
    entries: VecDeque<Entry>,
    /// By address without query.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// How often the tenant was emptied. Numbers begin again then, so that what is
    /// on its way from before could be taken for something new.
    pub epoch: u64,
    /// On their way at the moment.
    pub under_way: BTreeSet<NotificationNo>,
}

impl Deliveries {
    /// Adds a post.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push_back(entry);
        if self.entries.len() > ENTRIES_MAX {
            self.entries.pop_front();
        }
    }

    /// What was posted since the last clear.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Forgets what was posted. What is known of endpoints stays.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

/// An address without user, password, query and fragment, which may hold a
/// secret. Nothing of one that cannot be read.
pub(crate) fn address(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return String::new();
    };
    // Fails only for an address without a host, which has neither.
    _ = url.set_username("");
    _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let cases = [
            ("https://client.example/notify", "https://client.example/notify"),
            ("http://127.0.0.1:8080/notify?key=secret#secret", "http://127.0.0.1:8080/notify"),
            ("https://user:secret@client.example/notify", "https://client.example/notify"),
            ("https://secret@client.example:8443/a@b?c", "https://client.example:8443/a@b"),
            ("https:user:secret@client.example/", "https://client.example/"),
        ];
        for (url, shown) in cases {
            assert_eq!(address(url), shown);
        }
    }
}
