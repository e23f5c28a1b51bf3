//! What a calendar run keeps between steps, and under which keys.
//!
//! Observations are kept, never pending work: whatever a step was about to do
//! is decided again from what was seen. Keys are grouped by Microsoft account,
//! so that connecting the same account again finds its links.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mapping::MeetingBlob;
use crate::mapping::task::Correlation;
use crate::model::{
    AccountId, CivilDate, CrmId, CrmVersion, FieldSet, GraphId, GraphVersion, Instant, LinkId, Record, TaskListId,
};
use crate::sync::Organizer;

pub use super::round::{CalendarKey, CalendarRound, CrmRound, Feed, GraphRound};
pub use super::status::{Named, STATE_FORMAT, Status, Sweep, Window};

/// One side's observation that is to be decided about, Microsoft's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeenGraph {
    /// The item as it is now.
    Present(Box<SeenGraphItem>),
    /// Reported as removed: deleted, or merely out of the window.
    Removed,
    /// A series of which something has changed; to be read as a whole.
    Stale,
    /// A read of a task has not found it in its list; it may be in another one.
    Missing,
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
    /// Who organises it (Oro row C6).
    pub organizer: Organizer,
    /// The ids of the changed occurrences of a series.
    #[serde(default)]
    pub occurrence_ids: BTreeMap<CivilDate, GraphId>,
    /// The join section of an online meeting, as it stands in the body.
    #[serde(default)]
    pub meeting_blob: Option<MeetingBlob>,
    /// The list that a task is in.
    #[serde(default)]
    pub list: Option<TaskListId>,
    /// The keys that a task bears; none where that was not said.
    #[serde(default)]
    pub correlations: Option<Vec<Correlation>>,
    /// Its groups.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
}

impl SeenGraphItem {
    /// The keys that a task is known to bear.
    pub fn keys(&self) -> impl Iterator<Item = &LinkId> {
        self.correlations.iter().flatten().map(|one| &one.link)
    }

    /// Whether a task bears this key.
    pub fn bears(&self, key: &LinkId) -> bool {
        self.keys().any(|one| one == key)
    }
}

/// One side's observation that is to be decided about, the CRM's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeenCrm {
    /// The record as it is now.
    Present(SeenCrmItem),
    /// Deleted: the CRM keeps a tombstone, or does not know the id any more.
    Gone {
        /// Whether the feed of changes said so, and not a comparison, and
        /// nobody was told.
        live: bool,
    },
}

impl SeenCrm {
    /// Whether it came in the feed of changes, as an edit of which nobody was
    /// told.
    pub const fn is_live(&self) -> bool {
        match self {
            Self::Present(item) => item.live,
            Self::Gone { live } => *live,
        }
    }
}

/// A CRM record as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCrmItem {
    /// Version.
    pub version: CrmVersion,
    /// iCalendar UID.
    pub uid: String,
    /// The UID of the meeting that was noted with it.
    #[serde(default)]
    pub meeting_uid: Option<String>,
    /// Whether the user organises it.
    pub organizes: bool,
    /// Its groups.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
    /// Whether this version came in the feed of changes as an edit of which
    /// nobody was told: somebody has just made it, while Microsoft had to tell
    /// the guests. A complete listing says nothing of when or why.
    #[serde(default)]
    pub live: bool,
    /// What it had before it was deleted, where a person has brought it back: with
    /// what the CRM has no place for.
    #[serde(default)]
    pub beside: Option<Record>,
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
    /// What was sent.
    pub sent: Record,
    /// The link that it takes the place of, where the item had been deleted.
    pub replaces: Option<LinkId>,
    /// The list that a task is created in.
    #[serde(default)]
    pub list: Option<TaskListId>,
}

/// The keys of one account's calendar, or of its tasks.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
    mailbox: String,
}

impl Keys {
    /// Keys of the calendar of `account`.
    pub fn calendar(account: &AccountId) -> Self {
        Self { prefix: format!("calendar/{account}/"), mailbox: format!("mailbox/{account}/") }
    }

    /// Keys of the tasks of `account`.
    pub fn tasks(account: &AccountId) -> Self {
        Self { prefix: format!("tasks/{account}/"), mailbox: format!("mailbox/{account}/") }
    }

    /// The wait that Microsoft has asked of the mailbox, whatever is
    /// synchronised: its limits are those of an application and a mailbox.
    pub fn throttled(&self) -> String {
        format!("{}throttled", self.mailbox)
    }

    /// The status of the resource as a whole.
    pub fn status(&self) -> String {
        format!("{}status", self.prefix)
    }

    /// What is kept of the guard rails.
    pub fn rails(&self) -> String {
        format!("{}rails", self.prefix)
    }

    /// Which items are held back, or were let through and are being carried out.
    pub fn held(&self) -> String {
        format!("{}held", self.prefix)
    }

    /// How many items are linked.
    pub fn link_count(&self) -> String {
        format!("{}link-count", self.prefix)
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

    /// All observations of either side.
    pub fn observations(&self) -> [String; 2] {
        ["crm", "m365"].map(|side| format!("{}staged/{side}/", self.prefix))
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
            ("asked", key) => Some(StagedId::Asked(key.to_owned())),
            _ => None,
        }
    }

    /// All wishes to take a decision back.
    pub fn all_asked(&self) -> String {
        format!("{}staged/asked/", self.prefix)
    }

    /// A person's wish to take a decision back.
    pub fn asked(&self, key: &str) -> String {
        format!("{}{key}", self.all_asked())
    }

    /// Which decisions can be taken back.
    pub fn kept_index(&self) -> String {
        format!("{}kept-index", self.prefix)
    }

    /// What a decision is taken back with.
    pub fn kept(&self, key: &str) -> String {
        format!("{}kept/{key}", self.prefix)
    }

    /// All marks of items that a listing has shown.
    pub fn marks(&self) -> String {
        format!("{}mark/", self.prefix)
    }

    /// The marks of one listing.
    pub fn marks_of(&self, listing: u32) -> String {
        format!("{}mark/{listing:010}/", self.prefix)
    }

    /// The mark of an item in a listing.
    pub fn mark(&self, listing: u32, id: &GraphId) -> String {
        format!("{}{id}", self.marks_of(listing))
    }

    /// A CRM record of somebody else's meeting that waits for the user's copy
    /// in Microsoft to show up; found by what both have in common.
    pub fn waiting(&self, mark: &str) -> String {
        format!("{}waiting/{mark}", self.prefix)
    }

    /// All records of items that are set aside.
    pub fn aside(&self) -> String {
        format!("{}aside/", self.prefix)
    }

    /// The record of an item that is in the CRM.
    pub fn aside_crm(&self, id: &CrmId) -> String {
        format!("{}aside/crm/{id}", self.prefix)
    }

    /// The record of an item that is in Microsoft alone.
    pub fn aside_graph(&self, id: &GraphId) -> String {
        format!("{}aside/m365/{id}", self.prefix)
    }

    /// All writes that are on their way to the CRM.
    pub fn crm_intents(&self) -> String {
        format!("{}crm-intent/", self.prefix)
    }

    /// The write of a link that is on its way to the CRM.
    pub fn crm_intent(&self, id: &LinkId) -> String {
        format!("{}crm-intent/{id}", self.prefix)
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
    /// A person's, that a decision is to be taken back.
    Asked(String),
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
}
