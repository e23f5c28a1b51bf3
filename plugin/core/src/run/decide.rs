//! From items to decisions: what both sides of each look like, what is to be
//! done, and whom Microsoft would tell about it.

use crate::mapping::{RecurrenceIssue, fit_for_crm, rule_for_graph, series};
use crate::model::{CrmId, FieldSet, GraphId, LinkId, Record};
use crate::ports::Ports;
use crate::sync::{
    CrmSeen, Decision, End, Evidence, GraphSeen, IssueCode, Link, PresentEnd, Side, Situation, decide, guard, match_key,
};

use super::pair::Item;
use super::report::Halt;
use super::state::{SeenCrm, SeenCrmItem, SeenGraph, SeenGraphItem};
use super::step::Step;
use super::store::Batch;
use super::work::Work;

impl<P: Ports> Step<'_, P> {
    /// Decides about one item.
    pub(super) fn event_work(&mut self, item: &Item) -> Result<Option<Work>, Halt> {
        match item {
            Item::Linked { link, crm, m365, asked, .. } => {
                let work = self.linked_work(link, crm.as_ref(), m365.as_ref())?;
                match (work, asked) {
                    (Some(work), Some(key)) => self.with_wish(work, key).map(Some),
                    (work, _) => Ok(work),
                }
            }
            Item::Asked(key) => self.asked_work(key).map(Some),
            Item::Twins { crm, m365 } => self.adoption(crm, m365),
            Item::CrmOnly(id) => self.crm_only(id),
            Item::GraphOnly(id) => self.graph_only(id),
        }
    }

    /// Two items that have turned out to be one.
    fn adoption(&mut self, crm: &CrmId, m365: &GraphId) -> Result<Option<Work>, Halt> {
        let (Some(SeenCrm::Present(ours)), Some(SeenGraph::Present(theirs))) =
            (self.seen_crm_of(Some(crm))?, self.seen_graph_of(Some(m365))?)
        else {
            return Ok(None);
        };
        let id = LinkId::of_crm_item(&self.account, crm, 0);
        let link = Link::adopted(
            id.clone(),
            (crm.clone(), crm_seen(ours)),
            (m365.clone(), theirs.i_cal_uid.clone(), graph_seen(*theirs)),
        );
        let situation = link.situation(self.capabilities.holds, FieldSet::all());
        let decision = decide(self.policy, &situation);
        let work = Work {
            adopted: true,
            staged_crm: Some(crm.clone()),
            staged_m365: Some(m365.clone()),
            ..Work::new((id, 0), situation, decision)
        };
        Ok(Some(self.guarded(Work { link: Some(link), ..work })))
    }

    fn linked_work(&mut self, id: &LinkId, crm: Option<&CrmId>, m365: Option<&GraphId>) -> Result<Option<Work>, Halt> {
        let ids = [id.clone()];
        let Some(mut link) = self.store.links(self.ports, &ids)?.pop().flatten() else { return Ok(None) };
        match self.seen_crm_of(crm)? {
            Some(SeenCrm::Present(seen)) => {
                // What was compared only does not undo that a person has edited.
                link.edited = seen.live || (link.edited && link.crm.version == seen.version);
                link.crm = link.crm.observed(crm_seen(seen));
            }
            Some(SeenCrm::Gone { live }) => {
                link.edited = live;
                link = link.gone(Side::Crm);
            }
            None => {}
        }
        match self.seen_graph_of(m365)? {
            Some(SeenGraph::Present(seen)) => {
                link.m365 = link.m365.observed(graph_seen(*seen));
            }
            Some(SeenGraph::Gone) => link = link.gone(Side::M365),
            // Not confirmed, not read: no evidence of anything.
            Some(SeenGraph::Removed | SeenGraph::Stale | SeenGraph::Missing) => return Ok(None),
            None => {}
        }
        let situation = link.situation(self.capabilities.holds, FieldSet::all());
        let decision = self.decided(&link, &situation);
        let generation = link.generation;
        let (id, generation) = match &decision {
            // A new item in the place of a deleted one is a new link.
            Decision::Create { on: Side::M365, .. } => {
                (LinkId::of_crm_item(&self.account, &link.crm.id, generation + 1), generation + 1)
            }
            Decision::Create { on: Side::Crm, .. } => {
                (LinkId::of_graph_item(&self.account, &link.m365.id, generation + 1), generation + 1)
            }
            Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold
            | Decision::Delete { .. }
            | Decision::Merge(_) => (id.clone(), generation),
        };
        let work = Work {
            staged_crm: crm.cloned(),
            staged_m365: m365.cloned(),
            ..Work::new((id, generation), situation, decision)
        };
        Ok(Some(self.guarded(Work { link: Some(link), ..work })))
    }

    /// The decision about a linked item. Somebody else's meeting is never made
    /// again in this mailbox: only its organiser can (Oro row C6).
    fn decided(&self, link: &Link, situation: &Situation) -> Decision {
        match decide(self.policy, situation) {
            Decision::Create { on: Side::M365, conflicts, .. } if !link.m365.organizer.is_user => {
                if self.policy.writes(Side::Crm) {
                    let conflicts = match &situation.crm {
                        End::Present(edited) if conflicts.is_empty() => {
                            crate::sync::GroupConflict::of_deletion(edited, Side::Crm)
                        }
                        End::Present(_) | End::Absent | End::Gone | End::Forgone => conflicts,
                    };
                    Decision::Delete { on: Side::Crm, conflicts, evidence: Evidence::Deletion }
                } else {
                    Decision::Keep
                }
            }
            decision => decision,
        }
    }

    fn crm_only(&mut self, id: &CrmId) -> Result<Option<Work>, Halt> {
        let Some(SeenCrm::Present(seen)) = self.seen_crm_of(Some(id))? else { return self.drop_crm(id, None) };
        if !seen.organizes {
            // Somebody else's meeting comes from the organiser's mailbox. Where
            // the user's copy of it shows up later, this is what it belongs to.
            if self.policy.writes(Side::M365) {
                let message = "This meeting is somebody else's, and it is not in the user's mailbox: only an \
                               invitation of its organizer brings it there, and then it is recognized. Ask for one, or \
                               create an event of your own.";
                self.left_open(IssueCode::NotInvited, Some(id.clone()), None, message);
            }
            return self.drop_crm(id, Some(&seen));
        }
        let situation = Situation {
            crm: End::Present(PresentEnd::unlinked(seen.record.clone(), self.capabilities.holds, seen.writable)),
            m365: End::Absent,
        };
        let decision = with_rest(decide(self.policy, &situation), seen.beside.as_ref());
        let work = Work {
            crm: Some((id.clone(), seen)),
            staged_crm: Some(id.clone()),
            ..Work::new((LinkId::of_crm_item(&self.account, id, 0), 0), situation, decision)
        };
        Ok(Some(self.guarded(work)))
    }

    fn graph_only(&mut self, id: &GraphId) -> Result<Option<Work>, Halt> {
        let Some(SeenGraph::Present(seen)) = self.seen_graph_of(Some(id))? else { return self.drop_graph(id) };
        if !seen.organizer.is_user
            && let Some(crm) = self.waiting_copy(&seen)?
        {
            return self.adoption(&crm, id);
        }
        let situation = Situation {
            crm: End::Absent,
            m365: End::Present(PresentEnd::unlinked(seen.record.clone(), FieldSet::all(), seen.writable)),
        };
        let decision = decide(self.policy, &situation);
        let work = Work {
            m365: Some((id.clone(), *seen)),
            staged_m365: Some(id.clone()),
            ..Work::new((LinkId::of_graph_item(&self.account, id, 0), 0), situation, decision)
        };
        Ok(Some(self.guarded(work)))
    }

    /// The work after the invitation firewall.
    pub(super) fn guarded(&mut self, work: Work) -> Work {
        if let Some(left) = self.left_for_its_rule(&work) {
            return left;
        }
        let now = self.ports.now();
        let (audience, cause) = (work.audience_at(now), work.cause_of());
        let guarded = guard(work.decision.clone(), &work.situation, &audience, cause, now);
        Work { decision: guarded.decision, notice: guarded.notice, withheld: guarded.withheld, audience, cause, ..work }
    }

    /// The work without any write, where a side cannot hold the rule that would
    /// be written to it: neither side's series is changed then.
    fn left_for_its_rule(&mut self, work: &Work) -> Option<Work> {
        let problem = self.inexpressible(work)?;
        self.not_expressible(work, &problem);
        let decision = if work.link.is_some() { Decision::Withhold } else { Decision::Ignore };
        Some(Work { decision, is_left: true, ..work.clone() })
    }

    fn inexpressible(&self, work: &Work) -> Option<RecurrenceIssue> {
        let shown = |end: &End| match end {
            End::Present(end) => end.now.clone(),
            End::Absent | End::Gone | End::Forgone => Record::default(),
        };
        let (to_crm, to_m365) = match &work.decision {
            Decision::Create { on: Side::Crm, record, .. } => (Some(record.clone()), None),
            Decision::Create { on: Side::M365, record, .. } => (None, Some(record.clone())),
            Decision::Merge(merge) => {
                let retimed = |side, end| merge.retimes(side).then(|| shown(end).overlaid(merge.to(side)));
                (retimed(Side::Crm, &work.situation.crm), retimed(Side::M365, &work.situation.m365))
            }
            Decision::Delete { .. } | Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => {
                return None;
            }
        };
        let for_crm = to_crm.and_then(|record| fit_for_crm(&record, &self.capabilities).err());
        let for_m365 = to_m365.and_then(|record| {
            let rule = record.rule().copied()?;
            let first = series::series_of(&record)?.first_day();
            rule_for_graph(&rule, first).err()
        });
        for_crm.or(for_m365)
    }

    /// The CRM's record of the same meeting that was met before.
    fn waiting_copy(&mut self, seen: &SeenGraphItem) -> Result<Option<CrmId>, Halt> {
        let marks = marks(None, seen.i_cal_uid.as_deref(), &seen.record);
        for mark in marks {
            let Some(id) = self.store.waiting(self.ports, &mark)? else { continue };
            let found = self.ports.items(std::slice::from_ref(&id)).map_err(Halt::Host)?.pop().flatten();
            let linked = self.store.links_of_crm(self.ports, std::slice::from_ref(&id))?.pop().flatten();
            let mut batch = Batch::default();
            let item = found.filter(|_| linked.is_none());
            let ours = item.and_then(|item| self.seen_crm(&item, false).ok()).filter(|ours| !ours.organizes);
            let marks = ours.as_ref().map(waiting_marks).unwrap_or_default();
            if !marks.contains(&mark) {
                // It does not wait (for this) any more.
                batch.remove(self.store.keys.waiting(&mark));
                self.commit(batch)?;
                continue;
            }
            if let Some(ours) = ours {
                batch.put(self.store.keys.staged_crm(&id), &SeenCrm::Present(ours));
            }
            for mark in marks {
                batch.remove(self.store.keys.waiting(&mark));
            }
            self.commit(batch)?;
            return Ok(Some(id));
        }
        Ok(None)
    }

    /// An unlinked record is gone, or waits for the user's copy of a meeting:
    /// nothing is left to decide.
    fn drop_crm(&mut self, id: &CrmId, waits: Option<&SeenCrmItem>) -> Result<Option<Work>, Halt> {
        let mut batch = Batch::default();
        batch.remove(self.store.keys.staged_crm(id));
        if let Some(seen) = waits {
            for mark in waiting_marks(seen) {
                batch.put(self.store.keys.waiting(&mark), id);
            }
        }
        self.commit(batch)?;
        Ok(None)
    }
}

/// By what a copy of a meeting is found again, as parts of a key.
fn marks(uid: Option<&str>, meeting: Option<&str>, record: &Record) -> Vec<String> {
    use sha2::{Digest, Sha256};
    let texts = [uid.map(str::to_owned), meeting.map(str::to_owned), match_key(record)];
    let digest = |text: String| Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    texts.into_iter().flatten().map(digest).collect()
}

/// By what a record waits for its counterpart.
fn waiting_marks(seen: &SeenCrmItem) -> Vec<String> {
    marks(Some(&seen.uid), seen.meeting_uid.as_deref(), &seen.record)
}

/// The decision to create an item, with what it had beside what the CRM holds of
/// it.
pub(super) fn with_rest(decision: Decision, beside: Option<&Record>) -> Decision {
    match (decision, beside) {
        (Decision::Create { on: Side::M365, record, conflicts }, Some(beside)) => {
            Decision::Create { on: Side::M365, record: beside.overlaid(&record), conflicts }
        }
        (decision, _) => decision,
    }
}

/// A staged record as the planner takes it.
pub(super) fn crm_seen(item: SeenCrmItem) -> CrmSeen {
    CrmSeen { version: item.version, meeting_uid: item.meeting_uid, record: item.record, writable: item.writable }
}

/// A staged item as the planner takes it.
pub(super) fn graph_seen(item: SeenGraphItem) -> GraphSeen {
    GraphSeen {
        version: item.version,
        modified_at: item.modified_at,
        organizer: item.organizer,
        meeting_blob: item.meeting_blob,
        list: item.list,
        occurrence_ids: item.occurrence_ids,
        record: item.record,
        writable: item.writable,
    }
}
