//! What a calendar run keeps between steps, and under which keys.
//!
//! Observations are kept, never pending work: whatever a step was about to do
//! is decided again from what was seen. Keys are grouped by Microsoft account,
//! so that connecting the same account again finds its links.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::graph::wire::PageLink;
use crate::model::{AccountId, CrmId, CrmVersion, FieldSet, GraphId, GraphVersion, Instant, LinkId, Record};

/// The version of the records below. A newer one in storage is refused.
pub const STATE_FORMAT: u32 = 1;

/// The span of time that is synchronised. Fixed while a delta link lives,
/// because Graph freezes it into the link (Graph `event: delta`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its beginning.
    pub start: Instant,
    /// Its end.
    pub end: Instant,
}

impl Window {
    /// Whether something from `start` to `end` touches the window.
    pub fn touches(&self, span: (Instant, Instant)) -> bool {
        span.0 < self.end && (span.1 > self.start || span.0 >= self.start)
    }
}

/// How far Microsoft's calendar has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GraphRound {
    /// A complete listing is being read; `next` is none before its first page.
    Listing {
        /// The next page.
        next: Option<PageLink>,
    },
    /// The listing is complete; linked items that it did not show are looked
    /// at one by one. `after` is the last link that was looked at.
    Sweeping {
        /// Where the sweep goes on.
        after: Option<String>,
        /// Where changes go on once the sweep is done.
        delta: PageLink,
    },
    /// Changes are being read, and this is the page to read next.
    Changes {
        /// A delta link, or the next page of a round that is not complete.
        link: PageLink,
        /// Whether the round before it was complete.
        complete: bool,
    },
}

/// How far the CRM's calendar has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrmRound {
    /// A complete listing is being read.
    Listing {
        /// The next page.
        cursor: Option<String>,
    },
    /// The listing is complete; linked records that may have vanished while
    /// the cursor was lost are looked at.
    Sweeping {
        /// Where the sweep goes on.
        after: Option<String>,
        /// Where changes go on once the sweep is done.
        cursor: String,
    },
    /// Changes are being read.
    Changes {
        /// The next page.
        cursor: String,
    },
}

/// The state of one user's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// [`STATE_FORMAT`].
    pub format: u32,
    /// Counts complete listings, so that marks of an old one mean nothing.
    pub listing: u32,
    /// The window of the present links.
    pub window: Window,
    /// The setting it was made from: days past and future.
    pub window_days: (u32, u32),
    /// The direction under which both sides were compared, by its key.
    pub mode: String,
    /// Microsoft's side.
    pub graph: GraphRound,
    /// The CRM's side.
    pub crm: CrmRound,
    /// Not to ask Microsoft before this time: it said so, or a wait is needed.
    pub not_before: Option<Instant>,
    /// Pages read in the present round of Microsoft's side.
    pub round_pages: u32,
    /// Failed attempts since the last success, for the length of that wait.
    pub failures: u32,
    /// Whether an alert about the run as a whole is open.
    pub alerted: bool,
    /// Items, by their id on either side, about which an alert is open.
    pub alerted_items: BTreeSet<String>,
}

/// One side's observation that is to be decided about, Microsoft's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeenGraph {
    /// The item as it is now.
    Present(SeenGraphItem),
    /// Reported as removed: deleted, or merely out of the window.
    Removed,
    /// Confirmed: a read of the item found nothing.
    Gone,
}

/// A Microsoft item as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenGraphItem {
    /// `@odata.etag`.
    pub version: GraphVersion,
    /// `lastModifiedDateTime`.
    pub modified_at: Option<Instant>,
    /// `iCalUId`.
    pub i_cal_uid: Option<String>,
    /// Its groups.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
}

/// One side's observation that is to be decided about, the CRM's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeenCrm {
    /// The record as it is now.
    Present(SeenCrmItem),
    /// Deleted: the CRM keeps a tombstone, or does not know the id any more.
    Gone,
}

/// A CRM record as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCrmItem {
    /// Version.
    pub version: CrmVersion,
    /// iCalendar UID.
    pub uid: String,
    /// Its groups.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
}

/// A create that is on its way to Microsoft, written down before the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The link that the item will have; also its `transactionId`.
    pub link: LinkId,
    /// The generation of the link.
    pub generation: u32,
    /// The CRM record it is created from.
    pub crm: CrmId,
    /// That record as it was.
    pub seen: SeenCrmItem,
    /// The link that it takes the place of, where the item had been deleted.
    pub replaces: Option<LinkId>,
}

/// The keys of one account's calendar.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
}

impl Keys {
    /// Keys of the calendar of `account`.
    pub fn calendar(account: &AccountId) -> Self {
        Self { prefix: format!("calendar/{account}/") }
    }

    /// [`Status`].
    pub fn status(&self) -> String {
        format!("{}status", self.prefix)
    }

    /// All links.
    pub fn links(&self) -> String {
        format!("{}link/", self.prefix)
    }

    /// A link.
    pub fn link(&self, id: &LinkId) -> String {
        format!("{}link/{id}", self.prefix)
    }

    /// The link of a CRM record.
    pub fn by_crm(&self, id: &CrmId) -> String {
        format!("{}by-crm/{id}", self.prefix)
    }

    /// The link of a Microsoft item.
    pub fn by_graph(&self, id: &GraphId) -> String {
        format!("{}by-m365/{id}", self.prefix)
    }

    /// All observations.
    pub fn staged(&self) -> String {
        format!("{}staged/", self.prefix)
    }

    /// An observation of the CRM.
    pub fn staged_crm(&self, id: &CrmId) -> String {
        format!("{}staged/crm/{id}", self.prefix)
    }

    /// An observation of Microsoft.
    pub fn staged_graph(&self, id: &GraphId) -> String {
        format!("{}staged/m365/{id}", self.prefix)
    }

    /// Reads a key of [`Self::staged`] back.
    pub fn parse_staged(&self, key: &str) -> Option<StagedId> {
        let rest = key.strip_prefix(&self.staged())?;
        match rest.split_once('/')? {
            ("crm", id) => Some(StagedId::Crm(CrmId::new(id))),
            ("m365", id) => Some(StagedId::Graph(GraphId::new(id))),
            _ => None,
        }
    }

    /// All marks of items that a listing has shown.
    pub fn marks(&self) -> String {
        format!("{}mark/", self.prefix)
    }

    /// The mark of an item in a listing.
    pub fn mark(&self, listing: u32, id: &GraphId) -> String {
        format!("{}mark/{listing:010}/{id}", self.prefix)
    }

    /// All intents.
    pub fn intents(&self) -> String {
        format!("{}intent/", self.prefix)
    }

    /// An intent.
    pub fn intent(&self, id: &LinkId) -> String {
        format!("{}intent/{id}", self.prefix)
    }
}

/// Whose observation a staged key is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StagedId {
    /// The CRM's.
    Crm(CrmId),
    /// Microsoft's.
    Graph(GraphId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staged_key_reads_back_even_with_slashes_in_the_id() {
        let keys = Keys::calendar(&AccountId::new("a"));
        let id = GraphId::new("AAMk/AD=");
        assert_eq!(keys.parse_staged(&keys.staged_graph(&id)), Some(StagedId::Graph(id)));
    }

    #[test]
    fn an_event_of_no_length_at_the_edge_is_in_one_window_only() {
        let at = Instant::from_epoch_milliseconds;
        let window = Window { start: at(100), end: at(200) };
        assert!(window.touches((at(100), at(100))));
        assert!(!window.touches((at(200), at(200))));
        assert!(window.touches((at(50), at(101))));
        assert!(!window.touches((at(50), at(100))));
    }
}
