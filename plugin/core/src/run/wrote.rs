//! What became of a write: the words between those who write and those who
//! remember.

use std::collections::BTreeSet;

use crate::model::{CivilDate, CrmId, FieldSet, GraphId};
use crate::sync::{CrmSeen, GraphSeen, Link, Written};

use super::state::SeenGraphItem;

/// What became of the write of one item on one side.
#[derive(Clone, Debug)]
pub(super) enum Wrote<T> {
    /// There was nothing to write.
    Nothing,
    /// It is there as this.
    Stored(T),
    /// It is gone.
    Deleted,
    /// It had changed: a newer observation is staged, decide again.
    Again,
    /// It is refused for good; the reason is reported.
    Refused,
    /// Whether it was written is not known: the run ends.
    Unknown,
}

/// Microsoft's answer to a write.
pub(super) type GraphWrote = Wrote<StoredGraph>;

/// An item of Microsoft's after a write, as its answers have shown it.
#[derive(Clone, Debug)]
pub(super) struct StoredGraph {
    /// Its id.
    pub id: GraphId,
    /// `iCalUId`.
    pub i_cal_uid: Option<String>,
    /// What the answers have shown: nobody else's edits.
    pub seen: GraphSeen,
    /// Groups that were to be written and were not, or not wholly.
    pub failed: FieldSet,
    /// Days of a series that were not written.
    pub failed_days: BTreeSet<CivilDate>,
    /// Whether anything was written.
    pub changed: bool,
    /// Whether something is to be tried again, although nothing new is seen.
    pub retry: bool,
    /// Whether something had changed meanwhile: decide again.
    pub again: bool,
    /// The item as a later read has shown it, other people's edits included.
    pub reread: Option<SeenGraphItem>,
}

impl StoredGraph {
    /// The answer to a write that did all there was to do.
    pub fn whole(id: GraphId, i_cal_uid: Option<String>, seen: GraphSeen) -> Self {
        Self {
            id,
            i_cal_uid,
            seen,
            failed: FieldSet::EMPTY,
            failed_days: BTreeSet::new(),
            changed: true,
            retry: false,
            again: false,
            reread: None,
        }
    }

    /// An item that nothing was written to yet, as its link knows it.
    pub fn of_link(link: &Link) -> Option<Self> {
        let seen = link.m365.as_seen()?;
        let stored = Self::whole(link.m365.id.clone(), link.m365.i_cal_uid.clone(), seen);
        Some(Self { changed: false, ..stored })
    }

    /// As the planner's memory takes it.
    pub fn written(&self) -> Written<GraphSeen> {
        if self.failed.is_empty() && self.failed_days.is_empty() {
            Written::Done(self.seen.clone())
        } else {
            Written::Partly { seen: self.seen.clone(), failed: self.failed, failed_days: self.failed_days.clone() }
        }
    }
}

/// The CRM's answer to a write.
pub(super) type CrmWrote = Wrote<StoredCrm>;

/// A record of the CRM after a write.
#[derive(Clone, Debug)]
pub(super) struct StoredCrm {
    /// Its id.
    pub id: CrmId,
    /// What the answer has shown.
    pub seen: CrmSeen,
    /// Groups that were to be written, and that the CRM did not take.
    pub failed: FieldSet,
}

impl StoredCrm {
    /// The answer to a write that did all there was to do.
    pub const fn whole(id: CrmId, seen: CrmSeen) -> Self {
        Self { id, seen, failed: FieldSet::EMPTY }
    }

    /// As the planner's memory takes it.
    pub fn written(self) -> Written<CrmSeen> {
        if self.failed.is_empty() {
            Written::Done(self.seen)
        } else {
            Written::Partly { seen: self.seen, failed: self.failed, failed_days: BTreeSet::new() }
        }
    }
}
