//! What is remembered of an item once both sides are in step.
//!
//! Three records per side would be wasteful: a side whose values are the agreed
//! ones, the usual case, stores them once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{
    Address, CivilDate, CrmId, CrmVersion, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId,
    Record, TaskListId,
};

use super::{AtCrm, CrmSeen, End, GraphSeen, InFlight, PresentEnd, Rewrites, Unfinished, VoidAnswers};
use crate::mapping::MeetingBlob;

/// Two ids known to be one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its correlation id.
    pub id: LinkId,
    /// How often the item was created again after a deletion.
    pub generation: u32,
    /// Whether what is open on the CRM's side is a person's edit that its feed
    /// of changes has shown: a cause for telling guests ([`super::Cause`]).
    #[serde(default)]
    pub edited: bool,
    /// What was written to it of late.
    #[serde(default, skip_serializing_if = "Rewrites::is_empty")]
    pub rewrites: Rewrites,
    /// Answers to an earlier meeting that this one takes the place of.
    #[serde(default, skip_serializing_if = "VoidAnswers::is_empty")]
    pub void_answers: VoidAnswers,
    /// When it was written down last that both sides agree: see [`Link::agreed_by`].
    /// None in a link that a version without it has written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<Instant>,
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
    /// The UID of the meeting that was noted with it (Oro row C7).
    #[serde(default)]
    pub meeting_uid: Option<String>,
    /// Whether that version is one of our own writes: in the CRM's feed it is an
    /// echo, and nobody's edit.
    #[serde(default)]
    pub is_echo: bool,
    /// A write that is on its way, or was when a run was interrupted.
    #[serde(default)]
    pub in_flight: Option<AtCrm>,
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
    /// The ids of the exceptions that were last seen, by their day. They change
    /// with the rule (Graph, resources/event: occurrences have ids of their own).
    #[serde(default)]
    pub occurrence_ids: BTreeMap<CivilDate, GraphId>,
    /// Who organises it.
    #[serde(default)]
    pub organizer: Organizer,
    /// The join section of an online meeting, as it stands in the body: without
    /// it, the meeting ceases to be one (Graph, api/event-update).
    #[serde(default)]
    pub meeting_blob: Option<MeetingBlob>,
    /// The list that a task is in: with it, its address in Graph changes.
    #[serde(default)]
    pub list: Option<TaskListId>,
    /// A write that takes exceptions away and puts them back, from before it
    /// begins until all of it is done: see [`Link::writing`].
    #[serde(default)]
    pub unfinished: Option<Unfinished>,
    /// A request that is on its way, or was when a run was interrupted.
    #[serde(default)]
    pub in_flight: Option<InFlight>,
    /// What is remembered of it.
    pub state: EndState,
}

impl Link {
    /// This link where the CRM shows of a group what it would show of Microsoft's
    /// item, which is `as_in_crm`: that is agreed on. So what it cannot hold whole
    /// is not taken for an edit, where nobody remembers that we have written it.
    #[must_use]
    pub fn agreed_where_shown(mut self, as_in_crm: &Record) -> Self {
        let shown = self.crm.state.shows(as_in_crm);
        self.land_on(shown);
        for state in [&mut self.crm.state, &mut self.m365.state] {
            *state = state.agreed_on(shown);
        }
        self
    }
}

/// Who organises a Microsoft item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organizer {
    /// Whether it is the user of the mailbox (`isOrganizer`).
    pub is_user: bool,
    /// Their address (`organizer.emailAddress.address`), where it is known.
    pub address: Option<Address>,
}

/// An item that nobody has been invited to is the user's own.
impl Default for Organizer {
    fn default() -> Self {
        Self { is_user: true, address: None }
    }
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

impl CrmEnd {
    /// The record as it was last seen, where it is there.
    pub fn as_seen(&self) -> Option<CrmSeen> {
        match &self.state {
            EndState::Present { seen, writable, .. } => Some(CrmSeen {
                version: self.version.clone(),
                meeting_uid: self.meeting_uid.clone(),
                record: seen.clone(),
                writable: *writable,
            }),
            EndState::Gone | EndState::Forgone => None,
        }
    }
}

impl GraphEnd {
    /// The item as it was last seen, where it is there.
    pub fn as_seen(&self) -> Option<GraphSeen> {
        match &self.state {
            EndState::Present { seen, writable, .. } => Some(GraphSeen {
                version: self.version.clone(),
                modified_at: self.modified_at,
                record: seen.clone(),
                writable: *writable,
                occurrence_ids: self.occurrence_ids.clone(),
                organizer: self.organizer.clone(),
                meeting_blob: self.meeting_blob.clone(),
                list: self.list.clone(),
            }),
            EndState::Gone | EndState::Forgone => None,
        }
    }
}

impl EndState {
    /// An end on which everything is agreed.
    pub const fn agreed(seen: Record, writable: FieldSet) -> Self {
        Self::Present { seen, base: None, writable }
    }

    /// The values last seen, where it is there.
    pub const fn seen(&self) -> Option<&Record> {
        match self {
            Self::Present { seen, .. } => Some(seen),
            Self::Gone | Self::Forgone => None,
        }
    }

    /// Whether it is there with a description that was not read: then it may not be
    /// written either. One that may, and is not shown, is none.
    pub fn leaves_body_unread(&self) -> bool {
        match self {
            Self::Present { seen, writable, .. } => {
                seen.get(FieldGroup::Body).is_none() && !writable.contains(FieldGroup::Body)
            }
            Self::Gone | Self::Forgone => false,
        }
    }

    /// The values last agreed on.
    pub fn base(&self) -> Record {
        match self {
            Self::Present { base: Some(base), .. } => base.clone(),
            Self::Present { base: None, seen, .. } => seen.clone(),
            Self::Gone | Self::Forgone => Record::default(),
        }
    }

    /// The groups of `record` that this end shows as they are there.
    pub(super) fn shows(&self, record: &Record) -> FieldSet {
        let Self::Present { seen, .. } = self else { return FieldSet::EMPTY };
        let shown = |value: &&FieldValue| seen.get(value.group()).is_some_and(|seen| seen.same_as(value));
        record.values().filter(shown).map(FieldValue::group).collect()
    }

    /// The groups that show what is agreed on.
    pub(super) fn unchanged(&self) -> FieldSet {
        self.shows(&self.base())
    }

    /// This end where the groups `agreed` are agreed on as it shows them.
    #[must_use]
    pub(super) fn agreed_on(&self, agreed: FieldSet) -> Self {
        match self {
            Self::Present { seen, writable, .. } => self.settled(seen, agreed, *writable),
            Self::Gone | Self::Forgone => self.clone(),
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
            // What is not shown, because it cannot be compared now, has not
            // become nothing.
            if let (true, Some(value)) = (settled.contains(group), now.get(group)) {
                base.set(value.clone());
            }
        }
        Self::with_base(now.clone(), base, writable)
    }

    /// As the planner sees it, on a side that holds the groups `holds`.
    pub fn as_end(&self, holds: FieldSet) -> End {
        match self {
            Self::Present { seen, writable, .. } => End::Present(PresentEnd {
                now: seen.clone(),
                base: self.base(),
                holds,
                writable: *writable,
                left: None,
            }),
            Self::Gone => End::Gone,
            Self::Forgone => End::Forgone,
        }
    }
}

/// The key by which unlinked items of both sides are recognised as one: title,
/// start, end and all-day (Oro row E10), and for series the rule, so that none is
/// taken for a single event. Blanks around a title do not count.
pub fn match_key(record: &Record) -> Option<String> {
    let time = record.time()?;
    let (start, end) = time.span();
    let all_day = matches!(time, crate::model::EventTime::AllDay { .. });
    let title = match record.get(FieldGroup::Title) {
        Some(FieldValue::Title(title)) => title.trim().to_lowercase(),
        _ => String::new(),
    };
    // Rules are canonical, so equal ones are written alike.
    let rule = record.rule().map(|rule| format!("{rule:?}")).unwrap_or_default();
    Some(format!("{}|{}|{all_day}|{rule}|{title}", start.epoch_milliseconds(), end.epoch_milliseconds()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_end_that_was_stored_before_there_were_series_can_be_read() {
        let stored = r#"{"id":"1","version":"2","modified_at":null,"i_cal_uid":null,"state":"gone"}"#;
        let end: GraphEnd = serde_json::from_str(stored).unwrap();
        assert_eq!((end.organizer, end.unfinished), (Organizer { is_user: true, address: None }, None));
        assert!(end.occurrence_ids.is_empty());
    }
}
