//! From items to decisions.

use crate::mapping::task::as_shown_in_crm;
use crate::model::{CrmId, FieldSet, GraphId, LinkId};
use crate::ports::Ports;
use crate::run::decide::{crm_seen, graph_seen, with_rest};
use crate::run::pair::Item;
use crate::run::report::Halt;
use crate::run::state::{SeenCrm, SeenGraph};
use crate::run::store::Batch;
use crate::run::work::Work;
use crate::sync::{Decision, End, Link, Merge, Policy, PresentEnd, Side, Situation, decide, with_reminder};

use super::observe_crm::STATUS;
use super::{TaskStep, held};

/// Re-creations of one item that are tried before its link is given up.
const GENERATIONS_MAX: u32 = 1_000;

impl<P: Ports> TaskStep<'_, P> {
    /// Decides about one item.
    pub(super) fn task_work(&mut self, item: &Item) -> Result<Option<Work>, Halt> {
        match item {
            Item::Linked { link, crm, m365, asked, .. } => {
                let work = self.linked_task(link, crm.as_ref(), m365.as_ref())?;
                match (work, asked) {
                    (Some(work), Some(key)) => self.with_wish(work, key).map(Some),
                    (work, _) => Ok(work),
                }
            }
            Item::Asked(key) => self.asked_work(key).map(Some),
            Item::Twins { crm, m365 } => self.twin_tasks(crm, m365),
            Item::CrmOnly(id) => self.crm_only_task(id),
            Item::GraphOnly(id) => self.graph_only_task(id),
        }
    }

    /// The status, where it may be set directly.
    pub(super) fn status_writable(&self) -> FieldSet {
        let is_kept = self.capabilities.status_by_workflow;
        if is_kept { FieldSet::EMPTY } else { self.capabilities.writes.intersection(STATUS) }
    }

    fn decided(&self, situation: &Situation) -> Decision {
        let decision = decide(self.policy, situation);
        match (decision, &situation.crm, &situation.m365) {
            (Decision::Merge(merge), End::Present(crm), End::Present(m365)) => {
                Decision::Merge(self.reminded(self.policy, merge, crm, m365))
            }
            (decision, _, _) => decision,
        }
    }

    /// The merge with the reminder that moves along with a date.
    pub(super) fn reminded(&self, policy: Policy, merge: Merge, crm: &PresentEnd, m365: &PresentEnd) -> Merge {
        with_reminder(policy, merge, crm, m365, self.capabilities.reminder_needs_due)
    }

    fn agreed_as_shown(&self, link: Link) -> Link {
        let (Some(ours), Some(theirs)) = (link.crm.state.seen(), link.m365.state.seen()) else { return link };
        if !self.policy.writes(Side::Crm) {
            // A target keeps what is its own, even if the CRM could not show it.
            return link;
        }
        let as_in_crm = as_shown_in_crm(ours, theirs, &self.capabilities);
        link.agreed_where_shown(&as_in_crm)
    }

    /// Two tasks that have turned out to be one.
    fn twin_tasks(&mut self, crm: &CrmId, m365: &GraphId) -> Result<Option<Work>, Halt> {
        let (Some(SeenCrm::Present(ours)), Some(SeenGraph::Present(theirs))) =
            (self.seen_crm_of(Some(crm))?, self.seen_graph_of(Some(m365))?)
        else {
            return Ok(None);
        };
        let id = LinkId::of_crm_task(&self.account, crm, 0);
        let link_back = self.link_back_of(&theirs, &id)?;
        let link = Link::adopted(id.clone(), (crm.clone(), crm_seen(ours)), (m365.clone(), None, graph_seen(*theirs)));
        let link = self.agreed_as_shown(link);
        let situation = link.situation(self.capabilities.holds, held());
        let decision = self.decided(&situation);
        Ok(Some(Work {
            adopted: true,
            link_back,
            staged_crm: Some(crm.clone()),
            staged_m365: Some(m365.clone()),
            link: Some(link),
            ..Work::new((id, 0), situation, decision)
        }))
    }

    fn linked_task(&mut self, id: &LinkId, crm: Option<&CrmId>, m365: Option<&GraphId>) -> Result<Option<Work>, Halt> {
        let Some(mut link) = self.store.links(self.ports, std::slice::from_ref(id))?.pop().flatten() else {
            return Ok(None);
        };
        match self.seen_crm_of(crm)? {
            Some(SeenCrm::Present(seen)) => link.crm = link.crm.observed(crm_seen(seen)),
            Some(SeenCrm::Gone { .. }) => link = link.gone(Side::Crm),
            None => {}
        }
        let mut observed = None;
        match self.seen_graph_of(m365)? {
            Some(SeenGraph::Present(seen)) => {
                link.m365 = link.m365.observed(graph_seen((*seen).clone()));
                observed = Some(seen);
            }
            Some(SeenGraph::Gone) => link = link.gone(Side::M365),
            // Not confirmed, not read: no evidence of anything.
            Some(SeenGraph::Removed | SeenGraph::Stale | SeenGraph::Missing) => return Ok(None),
            None => {}
        }
        link = self.agreed_as_shown(link);
        let mut situation = link.situation(self.capabilities.holds, held());
        if let End::Present(crm) = &mut situation.crm {
            // Whether a workflow is in force is known now, and not when the task
            // was seen.
            crm.writable = crm.writable.without(STATUS).union(self.status_writable());
        }
        // In a list that is not followed, nobody knows what becomes of it: it stays as
        // it is on both sides until the list is followed again.
        let is_followed = link.m365.list.as_ref().is_some_and(|list| self.status.list(list).is_some());
        let is_left = !is_followed && matches!(situation.m365, End::Present(_));
        let decision = if is_left { Decision::Withhold } else { self.decided(&situation) };
        let (id, generation) = match &decision {
            // A new item in the place of a deleted one is a new link.
            Decision::Create { on: Side::M365, .. } => {
                if self.status.target.is_none() {
                    return Ok(None);
                }
                observed = None;
                let generation = link.generation + 1;
                (LinkId::of_crm_task(&self.account, &link.crm.id, generation), generation)
            }
            Decision::Create { on: Side::Crm, .. } => self.unused_link(&link.m365.id, link.generation + 1)?,
            Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold
            | Decision::Delete { .. }
            | Decision::Merge(_) => (id.clone(), link.generation),
        };
        let link_back = match &observed {
            Some(item) => self.link_back_of(item, &id)?,
            None => None,
        };
        Ok(Some(Work {
            link_back,
            staged_crm: crm.cloned(),
            staged_m365: m365.cloned(),
            link: Some(link),
            ..Work::new((id, generation), situation, decision)
        }))
    }

    fn crm_only_task(&mut self, id: &CrmId) -> Result<Option<Work>, Halt> {
        let Some(SeenCrm::Present(seen)) = self.seen_crm_of(Some(id))? else {
            let mut batch = Batch::default();
            batch.remove(self.store.keys.staged_crm(id));
            self.commit(batch)?;
            return Ok(None);
        };
        if self.status.target.is_none() {
            // It waits for the list that the settings name.
            return Ok(None);
        }
        let situation = Situation {
            crm: End::Present(PresentEnd::unlinked(seen.record.clone(), self.capabilities.holds, seen.writable)),
            m365: End::Absent,
        };
        let decision = with_rest(self.decided(&situation), seen.beside.as_ref());
        Ok(Some(Work {
            crm: Some((id.clone(), seen)),
            staged_crm: Some(id.clone()),
            ..Work::new((LinkId::of_crm_task(&self.account, id, 0), 0), situation, decision)
        }))
    }

    fn graph_only_task(&mut self, id: &GraphId) -> Result<Option<Work>, Halt> {
        let Some(SeenGraph::Present(seen)) = self.seen_graph_of(Some(id))? else { return self.drop_graph(id) };
        let situation = Situation {
            crm: End::Absent,
            m365: End::Present(PresentEnd::unlinked(seen.record.clone(), held(), seen.writable)),
        };
        let decision = self.decided(&situation);
        let link = self.unused_link(id, 0)?;
        let link_back = self.link_back_of(&seen, &link.0)?;
        Ok(Some(Work {
            link_back,
            m365: Some((id.clone(), *seen)),
            staged_m365: Some(id.clone()),
            ..Work::new(link, situation, decision)
        }))
    }

    /// The link of a task that begins on Microsoft's side. The next date of a
    /// recurring task may go on under the id of the one before, whose link is
    /// still about that one.
    fn unused_link(&mut self, id: &GraphId, from: u32) -> Result<(LinkId, u32), Halt> {
        for generation in from..from.saturating_add(GENERATIONS_MAX) {
            let link = LinkId::of_graph_task(&self.account, id, generation);
            if self.store.links(self.ports, std::slice::from_ref(&link))?.pop().flatten().is_none() {
                return Ok((link, generation));
            }
        }
        Err(self.stop("a task was created anew too often"))
    }
}
