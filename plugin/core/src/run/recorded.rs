//! What people are told of decisions: what is put over what before anything is
//! overwritten, and what of it could not be written after all.
//!
//! A record made ahead promises what the writes behind it do. Where a side refuses,
//! or shows something newer, the promise is corrected before the item is settled: a
//! step that ends in between decides again, and records the same once more.

use std::collections::BTreeMap;

use crate::model::{FieldGroup, FieldSet, LinkId};
use crate::ports::{Ports, ReversalNote};
use crate::sync::{ConflictRecord, DecidedBy, Decision, Merge, Side};

use super::report::Halt;
use super::resource::Resource;
use super::step::Step;
use super::store::Batch;
use super::work::Work;
use super::wrote::{CrmWrote, GraphWrote, Wrote};

/// What was recorded ahead, by the place of its work.
pub(super) struct Promised(BTreeMap<usize, ConflictRecord>);

impl Promised {
    /// How many decisions a rule has made.
    pub fn conflicts(&self) -> u32 {
        let by_rule = self.0.values().filter(|record| record.decided_by != DecidedBy::Person);
        u32::try_from(by_rule.count()).unwrap_or(u32::MAX)
    }

    /// The records that have promised more than was written, as they are to be. Of a
    /// create that `may_be_made` although it failed, nobody knows yet.
    pub fn corrected(
        self,
        works: &[Work],
        graph: &[GraphWrote],
        crm: &[CrmWrote],
        may_be_made: impl Fn(&LinkId) -> bool,
    ) -> Vec<ConflictRecord> {
        let corrected = |(index, record): (usize, ConflictRecord)| {
            let work = works.get(index).filter(|work| !may_be_made(&work.id))?;
            let open = open_groups(work, record.winner, graph.get(index)?, crm.get(index)?);
            record.but_not(open)
        };
        self.0.into_iter().filter_map(corrected).collect()
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Records what these works put over what, and what is taken back by them.
    pub(super) fn record_ahead(&mut self, works: &[Work]) -> Result<Promised, Halt> {
        let (mut places, mut recorded) = (Vec::new(), Vec::new());
        for (index, work) in works.iter().enumerate() {
            let found = self.conflict_of(work).or_else(|| self.reversal_record(work));
            places.extend(found.is_some().then_some(index));
            recorded.extend(found);
        }
        if recorded.is_empty() {
            return Ok(Promised(BTreeMap::new()));
        }
        let records = self.keep(recorded)?;
        self.ports.record_conflicts(R::ALERTS, records.clone()).map_err(Halt::Host)?;
        Ok(Promised(places.into_iter().zip(records).collect()))
    }

    /// Tells people what became of decisions and wishes. Nothing is kept to take back
    /// what was not done.
    pub(super) fn tell_of(
        &mut self,
        corrected: Vec<ConflictRecord>,
        notes: Vec<ReversalNote>,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        for record in corrected.iter().filter(|record| record.reversible_until.is_none()) {
            batch.remove(self.store.keys.kept(&record.key));
        }
        if !corrected.is_empty() {
            self.ports.record_conflicts(R::ALERTS, corrected).map_err(Halt::Host)?;
        }
        if !notes.is_empty() {
            self.ports.note_reversals(notes).map_err(Halt::Host)?;
        }
        Ok(())
    }
}

/// The groups of a decision that were not written where they should have been: on
/// the side that gave way, or on either where a person has decided.
fn open_groups(work: &Work, winner: Side, graph: &GraphWrote, crm: &CrmWrote) -> FieldSet {
    if matches!((graph, crm), (Wrote::Unknown, _) | (_, Wrote::Unknown)) {
        // The next step finds out what was done, and decides again.
        return FieldSet::EMPTY;
    }
    let missed = |side| match side {
        Side::Crm => missed(crm, |stored| stored.failed),
        // What is tried again by itself is about to be carried out.
        Side::M365 => missed(graph, |stored| match (stored.retry, stored.failed_days.is_empty()) {
            (true, _) => FieldSet::EMPTY,
            (false, true) => stored.failed,
            (false, false) => stored.failed.with(FieldGroup::Exceptions),
        }),
    };
    match &work.decision {
        // That is tried again, and found where it was made after all.
        Decision::Create { on: Side::M365, .. } if matches!(graph, Wrote::Again) => FieldSet::EMPTY,
        Decision::Create { on, .. } | Decision::Delete { on, .. } => missed(*on),
        Decision::Merge(merge) => {
            let gives_way = |merge: &Merge, group| {
                let kept = if merge.yielded.contains(group) { Side::M365 } else { winner };
                kept.other()
            };
            let is_open = |group: &FieldGroup| {
                [Side::Crm, Side::M365].into_iter().any(|side| {
                    let is_meant = work.undo().is_some() || gives_way(merge, *group) == side;
                    is_meant && merge.to(side).get(*group).is_some() && missed(side).contains(*group)
                })
            };
            FieldSet::all().iter().filter(is_open).collect()
        }
        Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => FieldSet::EMPTY,
    }
}

/// What a write has left out of what it was to do.
fn missed<T>(wrote: &Wrote<T>, failed: impl Fn(&T) -> FieldSet) -> FieldSet {
    match wrote {
        Wrote::Stored(stored) => failed(stored),
        Wrote::Deleted | Wrote::Unknown => FieldSet::EMPTY,
        Wrote::Nothing | Wrote::Again | Wrote::Refused => FieldSet::all(),
    }
}
