//! Pages of a round (`concepts/delta-query-overview`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Calendar, Event};
use crate::model::GraphId;

/// A link to a page or a round: absolute, opaque, and as good as a key to the
/// changes behind it, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageLink(String);

impl PageLink {
    /// Wraps the link as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The link as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageLink({} bytes)", self.0.len())
    }
}

/// Where a round goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Continuation {
    /// There are more pages; this one may even be empty.
    Next(PageLink),
    /// The round is complete; the next one begins here.
    Delta(PageLink),
}

/// One entry of a page. An item may appear several times in one round.
#[derive(Clone, Debug)]
pub enum DeltaItem {
    /// Created or changed. An occurrence may come as a stub.
    Changed(Box<Event>),
    /// `@removed`: deleted, or not in the window. Only a read can tell.
    Removed(GraphId),
    /// Not readable as an event; the others of the page are.
    Malformed(Option<GraphId>),
}

/// A page.
#[derive(Clone, Debug)]
pub struct DeltaPage {
    /// Its entries, in the order they came.
    pub items: Vec<DeltaItem>,
    /// Where to go on.
    pub continuation: Continuation,
}

/// A page of the occurrences of a series (`api/event-list-instances`).
#[derive(Clone, Debug)]
pub struct InstancePage {
    /// Occurrences and exceptions; cancelled ones are absent.
    pub events: Vec<Event>,
    /// Where there are more.
    pub next: Option<PageLink>,
}

/// A page of calendars (`api/user-list-calendars`).
#[derive(Clone)]
pub struct CalendarPage {
    /// The calendars.
    pub calendars: Vec<Calendar>,
    /// Where there are more.
    pub next: Option<PageLink>,
}
