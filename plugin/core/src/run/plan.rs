//! From items to decisions that nobody has to distrust, whatever the items are.

use crate::model::{CrmId, FieldGroup, GraphId, Record};
use crate::ports::{LogLevel, Ports};
use crate::sync::{ConflictRecord, Decided, Decision, End, Merge, Met, PresentEnd, Side, Undo, check};

use super::kept::{Kept, Recorded};
use super::pair::Item;
use super::report::Halt;
use super::resource::Resource;
use super::state::{SeenCrm, SeenGraph};
use super::step::Step;
use super::store::Batch;
use super::work::Work;

/// Items decided about, written and committed together: one batch of writes to
/// Microsoft, and with the largest bodies still one commit (16 MiB).
pub(super) const ITEMS_PER_ROUND: usize = 20;

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Decides about these items, and distrusts the result.
    pub(super) fn plan(&mut self, items: &[Item]) -> Result<Vec<Work>, Halt> {
        let mut works = Vec::new();
        for item in items {
            if let Some(work) = R::work(self, item)? {
                works.push(self.unless_set_aside(work)?.with_wish_answered());
            }
        }
        let now = self.ports.now();
        let asked = works.iter().map(|work| (&work.id, &work.situation, &work.decision, work.undo()));
        let asked = check::check_reversals(asked);
        let mut found = check::check(self.policy, works.iter().map(Work::checked));
        let told = works.iter().map(|work| (&work.id, &work.situation, &work.decision, &work.audience, work.cause));
        found.extend(check::check_notices(told, now));
        found.extend(asked);
        if let Some(first) = found.first() {
            for impossible in &found {
                self.ports.log(LogLevel::Error, "the plan is impossible", &[("finding", impossible.to_string())]);
            }
            return Err(self.stop(&format!("the plan was impossible, which is a defect: {first}")));
        }
        Ok(works)
    }

    /// The record of what a decision puts over what, with what takes it back.
    pub(super) fn conflict_of(&mut self, work: &Work) -> Option<Recorded> {
        let (conflicts, (by, winner)) = match &work.decision {
            Decision::Create { conflicts, .. } | Decision::Delete { conflicts, .. } => {
                (conflicts, Merge::decided(self.policy))
            }
            Decision::Merge(merge) => (&merge.conflicts, merge.kept(self.policy)),
            Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => return None,
        };
        if conflicts.is_empty() || work.undo().is_some() {
            // What a person decides has a record of its own.
            return None;
        }
        let (met, outcome, undo) = self.how_decided(work, winner);
        let (crm, m365) = (work.crm_id(), work.m365_id());
        let shown = |end: &End| match end {
            End::Present(end) => Some(end.now.title().to_owned()),
            End::Absent | End::Gone | End::Forgone => None,
        };
        let title = shown(&work.situation.crm).or_else(|| shown(&work.situation.m365)).unwrap_or_default();
        let record = ConflictRecord::new(Decided {
            link: &work.id,
            ids: (crm.clone(), m365.clone()),
            title: &title,
            met,
            at: self.ports.now(),
            by,
            winner,
            conflicts,
            outcome,
            reverses: None,
        });
        let link = work.id.clone();
        let kept = undo.map(|undo| Kept { key: String::new(), link, crm, m365, title, undo, reversed_at: None });
        Some(Recorded { record, kept })
    }

    /// How two versions met, what has become of them, and how that is taken back.
    fn how_decided(&self, work: &Work, winner: Side) -> (Met, Record, Option<Undo>) {
        let shown = |side| match work.situation.end(side) {
            End::Present(end) => end.now.only(end.holds),
            End::Absent | End::Gone | End::Forgone => Record::NONE,
        };
        match &work.decision {
            Decision::Create { on, record, .. } => {
                let outcome = shown(on.other());
                (Met::Deleted(*on), record.clone(), Some(Undo::Remove { of: on.other(), outcome }))
            }
            Decision::Delete { on, .. } => {
                let organizes = work.link.as_ref().is_none_or(|link| link.m365.organizer.is_user);
                let undo = Undo::BringBack { record: shown(*on), organizes };
                (Met::Deleted(on.other()), Record::NONE, Some(undo))
            }
            Decision::Merge(merge) => {
                let met = if work.adopted { Met::Found } else { Met::BothEdited };
                let outcome = |group: FieldGroup| {
                    let side = if merge.yielded.contains(group) { Side::M365 } else { winner };
                    merge.to(side).get(group).cloned().or_else(|| shown(side).get(group).cloned())
                };
                let outcome = merge.conflicts.iter().filter_map(|conflict| outcome(conflict.group)).collect();
                let undo = match (&work.situation.crm, &work.situation.m365) {
                    (End::Present(crm), End::Present(m365)) => {
                        let merging = |policy, crm: &PresentEnd, m365: &PresentEnd| R::merged(self, policy, crm, m365);
                        Undo::of_merge(self.policy, (crm, m365), merge, &merging)
                    }
                    _ => None,
                };
                (met, outcome, undo)
            }
            Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => {
                (Met::BothEdited, Record::NONE, None)
            }
        }
    }

    /// An unlinked item is gone: nothing is left to decide.
    pub(super) fn drop_graph(&mut self, id: &GraphId) -> Result<Option<Work>, Halt> {
        let mut batch = Batch::default();
        batch.remove(self.store.keys.staged_graph(id));
        self.commit(batch)?;
        Ok(None)
    }

    pub(super) fn seen_crm_of(&mut self, id: Option<&CrmId>) -> Result<Option<SeenCrm>, Halt> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.seen_crm(self.ports, std::slice::from_ref(id))?.pop().flatten())
    }

    pub(super) fn seen_graph_of(&mut self, id: Option<&GraphId>) -> Result<Option<SeenGraph>, Halt> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.seen_graph(self.ports, std::slice::from_ref(id))?.pop().flatten())
    }
}
