//! What is remembered of an item once both sides are in step.
//!
//! Three records per side would be wasteful: a side whose values are the agreed
//! ones, the usual case, stores them once.

use serde::{Deserialize, Serialize};

use crate::model::{
    CrmId, CrmVersion, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId, Record,
};

use super::{End, PresentEnd};

/// Two ids known to be one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its correlation id.
    pub id: LinkId,
    /// How often the item was created again after a deletion.
    pub generation: u32,
    /// The CRM's end.
    pub crm: CrmEnd,
    /// Microsoft's end.
    pub m365: GraphEnd,
}

/// The CRM's end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmEnd {
    /// The record.
    pub id: CrmId,
    /// Its version when it was last seen or written.
    pub version: CrmVersion,
    /// What is remembered of it.
    pub state: EndState,
}

/// Microsoft's end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphEnd {
    /// The item.
    pub id: GraphId,
    /// Its `@odata.etag` when it was last seen or written.
    pub version: GraphVersion,
    /// `lastModifiedDateTime` of that version: an observation that is older
    /// is a replay, not a change back.
    pub modified_at: Option<Instant>,
    /// `iCalUId`, the same in every mailbox.
    pub i_cal_uid: Option<String>,
    /// What is remembered of it.
    pub state: EndState,
}

/// What is remembered of one end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndState {
    /// It was there.
    Present {
        /// The values last seen.
        seen: Record,
        /// The values last agreed on, where they differ from those seen.
        base: Option<Record>,
        /// Groups that may be written to it.
        writable: FieldSet,
    },
    /// Its deletion is confirmed, and nothing has been done about it yet.
    Gone,
    /// It was deleted without effect.
    Forgone,
}

impl EndState {
    /// An end on which everything is agreed.
    pub const fn agreed(seen: Record, writable: FieldSet) -> Self {
        Self::Present { seen, base: None, writable }
    }

    /// The values last agreed on.
    pub fn base(&self) -> Record {
        match self {
            Self::Present { base: Some(base), .. } => base.clone(),
            Self::Present { base: None, seen, .. } => seen.clone(),
            Self::Gone | Self::Forgone => Record::default(),
        }
    }

    /// This end with newly observed values; the base stands.
    #[must_use]
    pub fn observed(&self, now: Record, writable: FieldSet) -> Self {
        let base = self.base();
        Self::with_base(now, base, writable)
    }

    /// An end with these values and this base.
    pub fn with_base(seen: Record, base: Record, writable: FieldSet) -> Self {
        let base = (base != seen).then_some(base);
        Self::Present { seen, base, writable }
    }

    /// This end after a merge: `now` are its values, and the base of the
    /// `settled` groups moves to them.
    #[must_use]
    pub fn settled(&self, now: &Record, settled: FieldSet, writable: FieldSet) -> Self {
        let mut base = self.base();
        for group in FieldGroup::ALL {
            if settled.contains(group) {
                match now.get(group) {
                    Some(value) => base.set(value.clone()),
                    None => base.remove(group),
                }
            }
        }
        Self::with_base(now.clone(), base, writable)
    }

    /// As the planner sees it, on a side that holds the groups `holds`.
    pub fn as_end(&self, holds: FieldSet) -> End {
        match self {
            Self::Present { seen, writable, .. } => {
                End::Present(PresentEnd { now: seen.clone(), base: self.base(), holds, writable: *writable })
            }
            Self::Gone => End::Gone,
            Self::Forgone => End::Forgone,
        }
    }
}

/// The key by which unlinked items of both sides are recognised as one: title,
/// start, end and all-day (Oro row E10). Blanks around a title do not count.
pub fn match_key(record: &Record) -> Option<String> {
    let time = record.time()?;
    let (start, end) = time.span();
    let all_day = matches!(time, crate::model::EventTime::AllDay { .. });
    let title = match record.get(FieldGroup::Title) {
        Some(FieldValue::Title(title)) => title.trim().to_lowercase(),
        _ => String::new(),
    };
    Some(format!("{}|{}|{all_day}|{title}", start.epoch_milliseconds(), end.epoch_milliseconds()))
}
