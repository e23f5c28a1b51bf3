//! From items to decisions that nobody has to distrust, whatever the items are.

use crate::model::{CrmId, GraphId};
use crate::ports::{LogLevel, Ports};
use crate::sync::{ConflictRecord, Decision, Merge, check};

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
                works.push(self.unless_set_aside(work)?);
            }
        }
        let now = self.ports.now();
        let mut found = check::check(self.policy, works.iter().map(Work::checked));
        let told = works.iter().map(|work| (&work.id, &work.situation, &work.decision, &work.audience, work.cause));
        found.extend(check::check_notices(told, now));
        if let Some(first) = found.first() {
            for impossible in &found {
                self.ports.log(LogLevel::Error, "the plan is impossible", &[("finding", impossible.to_string())]);
            }
            return Err(self.stop(&format!("the plan was impossible, which is a defect: {first}")));
        }
        Ok(works)
    }

    /// The record of what a decision puts over what.
    pub(super) fn conflict_of(&mut self, work: &Work) -> Option<ConflictRecord> {
        let conflicts = match &work.decision {
            Decision::Create { conflicts, .. } | Decision::Delete { conflicts, .. } => conflicts,
            Decision::Merge(merge) => &merge.conflicts,
            Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => return None,
        };
        if conflicts.is_empty() {
            return None;
        }
        let (decided_by, winner) = match &work.decision {
            Decision::Merge(merge) => merge.kept(self.policy),
            Decision::Create { .. }
            | Decision::Delete { .. }
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold => Merge::decided(self.policy),
        };
        let ids = (work.crm_id(), work.m365_id());
        let now = self.ports.now();
        Some(ConflictRecord::new(&work.id, ids, now, decided_by, winner, conflicts))
    }

    /// An unlinked item is gone: nothing is left to decide.
    pub(super) fn drop_graph(&mut self, id: &GraphId) -> Result<Option<Work>, Halt> {
        let mut batch = Batch::default();
        batch.remove(self.store.keys.staged_graph(id));
        self.store.commit(self.ports, batch)?;
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
