//! What is remembered after an observation, and after a decision was carried out.
//!
//! Pure, and the only place where a link changes: the step engine and the tests
//! of the planner use the same functions. What was decided is [`super::plan`]'s
//! matter; how it was carried out is the engine's.
//!
//! | carried out | remembered |
//! | --- | --- |
//! | nothing yet: something was seen | [`CrmEnd::observed`], [`GraphEnd::observed`], [`Link::gone`] |
//! | `Create` | [`Link::created`] |
//! | two unlinked items found to be one | [`Link::adopted`], and then the merge |
//! | `Merge`, as far as its writes succeeded | [`Link::merged`] |
//! | `Keep` | [`Link::kept`] |
//! | `Delete`, `Close` | nothing: the link is forgotten |

use crate::model::{CrmId, CrmVersion, FieldSet, GraphId, GraphVersion, Instant, LinkId, Record};

use super::sets::as_kept;
use super::{CrmEnd, EndState, GraphEnd, Link, Merge, Side, Situation};

/// A CRM record as a read, or the answer to a write, showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmSeen {
    /// Its version.
    pub version: CrmVersion,
    /// Its values.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
}

/// A Microsoft item as a read, or the answer to a write, showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphSeen {
    /// Its `@odata.etag`.
    pub version: GraphVersion,
    /// Its `lastModifiedDateTime`.
    pub modified_at: Option<Instant>,
    /// Its values.
    pub record: Record,
    /// Groups that may be written to it.
    pub writable: FieldSet,
}

/// What became of the write to one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written<T> {
    /// There was nothing to write.
    NotNeeded,
    /// It was written; this is the answer.
    Done(T),
    /// It was not written, whatever the reason.
    Failed,
}

impl<T> Written<T> {
    /// The groups of `record` that did not arrive.
    fn failed(&self, record: &Record) -> FieldSet {
        match self {
            Self::NotNeeded | Self::Done(_) => FieldSet::EMPTY,
            Self::Failed => record.groups(),
        }
    }
}

impl CrmEnd {
    /// An end on which everything is agreed: a record that was just created, or
    /// that the other side was just created from.
    pub fn agreed(id: CrmId, seen: CrmSeen) -> Self {
        Self { id, version: seen.version, state: EndState::agreed(seen.record, seen.writable) }
    }

    /// This end with a newer observation; the base stands.
    #[must_use]
    pub fn observed(&self, seen: CrmSeen) -> Self {
        Self { id: self.id.clone(), version: seen.version, state: self.state.observed(seen.record, seen.writable) }
    }
}

impl GraphEnd {
    /// An end on which everything is agreed: an item that was just created, or
    /// that the other side was just created from.
    pub fn agreed(id: GraphId, i_cal_uid: Option<String>, seen: GraphSeen) -> Self {
        let state = EndState::agreed(seen.record, seen.writable);
        Self { id, version: seen.version, modified_at: seen.modified_at, i_cal_uid, state }
    }

    /// Whether change tracking has repeated a state from before the remembered
    /// one (Graph, delta-query-overview: replays). Such a state is no change
    /// back, and does not bring a deleted item back either.
    pub fn is_replay(&self, seen: &GraphSeen) -> bool {
        let older = matches!((seen.modified_at, self.modified_at), (Some(seen), Some(known)) if seen < known);
        match self.state {
            EndState::Present { .. } => older,
            EndState::Gone | EndState::Forgone => older || seen.version == self.version,
        }
    }

    /// This end with a newer observation; the base stands. A replay changes
    /// nothing.
    #[must_use]
    pub fn observed(&self, seen: GraphSeen) -> Self {
        if self.is_replay(&seen) {
            return self.clone();
        }
        Self {
            id: self.id.clone(),
            version: seen.version,
            modified_at: seen.modified_at.or(self.modified_at),
            i_cal_uid: self.i_cal_uid.clone(),
            state: self.state.observed(seen.record, seen.writable),
        }
    }
}

impl Link {
    /// The link after one end was created from the other: all is agreed, each
    /// side as it shows it. `generation` counts re-creations, beginning at 0.
    pub const fn created(id: LinkId, generation: u32, crm: CrmEnd, m365: GraphEnd) -> Self {
        Self { id, generation, crm, m365 }
    }

    /// The link of two items that existed before it. Nothing is agreed yet: the
    /// base is empty on both ends, and a merge has to follow.
    pub fn adopted(id: LinkId, crm: (CrmId, CrmSeen), m365: (GraphId, Option<String>, GraphSeen)) -> Self {
        let unagreed = |record, writable| EndState::with_base(record, Record::default(), writable);
        let (crm_id, crm) = crm;
        let (m365_id, i_cal_uid, m365) = m365;
        Self {
            id,
            generation: 0,
            crm: CrmEnd { id: crm_id, version: crm.version, state: unagreed(crm.record, crm.writable) },
            m365: GraphEnd {
                id: m365_id,
                version: m365.version,
                modified_at: m365.modified_at,
                i_cal_uid,
                state: unagreed(m365.record, m365.writable),
            },
        }
    }

    /// What the planner sees of this link, on sides that hold these groups.
    pub fn situation(&self, crm_holds: FieldSet, m365_holds: FieldSet) -> Situation {
        Situation { crm: self.crm.state.as_end(crm_holds), m365: self.m365.state.as_end(m365_holds) }
    }

    /// The link after the deletion of one end was confirmed. A deletion without
    /// effect stays one, however often it is reported.
    #[must_use]
    pub fn gone(mut self, side: Side) -> Self {
        let state = match side {
            Side::Crm => &mut self.crm.state,
            Side::M365 => &mut self.m365.state,
        };
        match state {
            EndState::Present { .. } => *state = EndState::Gone,
            EndState::Gone | EndState::Forgone => {}
        }
        self
    }

    /// The link after a merge. What was not written, because it may not be or
    /// because it failed, stays a change, and the next plan does the rest. An end
    /// that is not there stays as it is.
    #[must_use]
    pub fn merged(mut self, merge: &Merge, crm: Written<CrmSeen>, m365: Written<GraphSeen>) -> Self {
        let open_crm = merge.unwritable_crm.union(crm.failed(&merge.to_crm));
        let open_m365 = merge.unwritable_m365.union(m365.failed(&merge.to_m365));
        if let Written::Done(seen) = crm {
            self.crm = self.crm.observed(seen);
        }
        if let Written::Done(seen) = m365 {
            self.m365 = self.m365.observed(seen);
        }
        let agreed = without(merge.settled, open_crm.union(open_m365));
        let crm_alone = without(merge.by_crm_alone.crm.groups().intersection(open_m365), open_crm);
        let m365_alone = without(merge.by_m365_alone.m365.groups().intersection(open_crm), open_m365);
        let bases = |crm_alone_base: &Record, m365_alone_base: &Record| {
            crm_alone_base.only(crm_alone).overlaid(&m365_alone_base.only(m365_alone))
        };
        let crm_bases = bases(&merge.by_crm_alone.crm, &merge.by_m365_alone.crm);
        let m365_bases = bases(&merge.by_crm_alone.m365, &merge.by_m365_alone.m365);
        self.crm.state = after_merge(&self.crm.state, agreed, &crm_bases, &merge.to_crm.only(crm_alone));
        self.m365.state = after_merge(&self.m365.state, agreed, &m365_bases, &merge.to_m365.only(m365_alone));
        self
    }

    /// The link after the decision to leave things as they are: a deletion that
    /// is waiting has been given up. It stays a deletion until the other side
    /// changes, and is no evidence for one.
    #[must_use]
    pub fn kept(mut self) -> Self {
        for state in [&mut self.crm.state, &mut self.m365.state] {
            match state {
                EndState::Gone => *state = EndState::Forgone,
                EndState::Present { .. } | EndState::Forgone => {}
            }
        }
        self
    }
}

/// Moves the base of the agreed groups to what is shown, and takes `bases` for
/// sets of which one side alone took over the other's part; `written` is what
/// that took.
fn after_merge(state: &EndState, agreed: FieldSet, bases: &Record, written: &Record) -> EndState {
    match state {
        EndState::Present { seen, writable, .. } => {
            let mut base = state.settled(seen, agreed, *writable).base();
            for value in bases.values() {
                base.set(match written.get(value.group()) {
                    Some(written) => as_kept(value, written, seen.get(value.group())),
                    None => value.clone(),
                });
            }
            EndState::with_base(seen.clone(), base, *writable)
        }
        EndState::Gone | EndState::Forgone => state.clone(),
    }
}

fn without(set: FieldSet, other: FieldSet) -> FieldSet {
    set.iter().filter(|group| !other.contains(*group)).collect()
}
