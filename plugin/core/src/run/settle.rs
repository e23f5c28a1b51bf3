//! What is known of an item once its writes are made: its link, its observations,
//! and that what was said of it is over.
//!
//! Next: [`super::told`].

use crate::model::{FieldGroup, FieldSet, Record};
use crate::ports::Ports;
use crate::sync::{CrmEnd, CrmSeen, Decision, End, Evidence, GraphEnd, InFlight, Link, Merge, Side, Written};

use super::asked::REMOVED;
use super::decide::{crm_seen, graph_seen};
use super::execute_graph::updates;
use super::report::Halt;
use super::resource::Resource;
use super::state::{SeenGraph, SeenGraphItem};
use super::step::Step;
use super::store::Batch;
use super::work::Work;
use super::wrote::{CrmWrote, GraphWrote, StoredGraph, Wrote};

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Puts what is now known of one item into the commit.
    pub(super) fn settle(
        &mut self,
        work: &Work,
        graph: GraphWrote,
        crm: CrmWrote,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        if matches!((&graph, &crm), (Wrote::Unknown, _) | (_, Wrote::Unknown)) {
            // The observations stay; the next step decides again.
            return Ok(());
        }
        let again = (matches!(crm, Wrote::Again), matches!(graph, Wrote::Again));
        // A link remembers both observations; without one, both have to stay.
        let keeps_all = work.link.is_none() || matches!(work.decision, Decision::Create { .. });
        let keep_crm = again.0 || (again.1 && keeps_all);
        let keep_m365 = again.1 || (again.0 && keeps_all);
        if let Some(id) = work.staged_crm.as_ref().filter(|_| !keep_crm) {
            batch.remove(self.store.keys.staged_crm(id));
        }
        // What was noted before a write is known now.
        let noted = work.staged_m365.clone().or_else(|| updates(work));
        if let Some(id) = noted.filter(|_| !keep_m365) {
            batch.remove(self.store.keys.staged_graph(&id));
        }
        if writes_crm(work) && !self.is_unsure(&work.id) {
            batch.remove(self.store.keys.crm_intent(&work.id));
        }
        match work.decision.clone() {
            Decision::Ignore if work.is_left => {}
            Decision::Ignore => self.is_over(work)?,
            Decision::Withhold => {
                if let Some(link) = &work.link {
                    batch.put_link(&self.store.keys, link);
                }
            }
            Decision::Keep => {
                if let Some(link) = &work.link {
                    // What was said of it was said of an item on both sides.
                    self.is_over(work)?;
                    self.put_settled(link.clone().kept(), batch);
                }
            }
            Decision::Close => {
                if let Some(link) = &work.link {
                    self.resolve_item(Some(&link.crm.id), Some(&link.m365.id))?;
                    batch.remove_link(&self.store.keys, link);
                }
            }
            Decision::Create { .. } => self.settle_create(work, graph, crm, batch)?,
            Decision::Delete { on, evidence, .. } => {
                self.settle_delete(work, (on, evidence), &graph, &crm, batch)?;
            }
            Decision::Merge(merge) => self.settle_merge(work, &merge, graph, crm, batch)?,
        }
        Ok(())
    }

    /// Resolves what was said about an item about which nothing is to be done.
    fn is_over(&mut self, work: &Work) -> Result<(), Halt> {
        if self.is_half_known(work)? {
            return Ok(());
        }
        self.resolve_item(work.crm_id().as_ref(), work.m365_id().as_ref())
    }

    fn settle_create(&mut self, work: &Work, graph: GraphWrote, crm: CrmWrote, batch: &mut Batch) -> Result<(), Halt> {
        let mut is_whole = true;
        let created = match (graph, crm) {
            (Wrote::Stored(stored), crm) => {
                batch.remove(self.store.keys.intent(&work.id));
                self.report.counts.m365.created += 1;
                // The record may have got a note of the meeting that it is.
                let ours = match crm {
                    Wrote::Stored(stored) => Some(CrmEnd::agreed(stored.id, stored.seen)),
                    Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => {
                        source_crm(work)
                    }
                };
                ours.and_then(|ours| Some((ours.clone(), ours.as_seen()?)))
                    .map(|(ours, seen)| self.created_in_graph(work, &ours, seen, stored, batch))
            }
            (_, Wrote::Stored(stored)) => {
                self.report.counts.crm.created += 1;
                is_whole = stored.failed.is_empty();
                // What the CRM did not take stays a change of Microsoft's.
                source_graph(work).map(|theirs| {
                    let theirs = theirs.agreed_but(stored.failed, &stored.seen.record);
                    let ours = CrmEnd::agreed(stored.id, stored.seen);
                    Link::created(work.id.clone(), work.generation, ours, theirs)
                })
            }
            (Wrote::Refused, _) => {
                if !self.is_unsure(&work.id) {
                    batch.remove(self.store.keys.intent(&work.id));
                }
                None
            }
            (Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Unknown, _) => None,
        };
        match created {
            Some(mut link) => {
                if let Some(old) = &work.link {
                    batch.remove_link(&self.store.keys, old);
                    link.rewrites.clone_from(&old.rewrites);
                    link = self.rewritten(link, &work.decision);
                }
                // What the CRM did not take was just said of it.
                if is_whole {
                    self.in_step(&link)?;
                }
                self.put_settled(link, batch);
            }
            // The deletion and the edit are remembered; a later change tries again.
            None => {
                if let Some(link) = &work.link {
                    batch.put_link(&self.store.keys, link);
                }
            }
        }
        Ok(())
    }

    /// The link of an item that was created in Microsoft. What was withheld, and
    /// days that were not written, stay open on it.
    fn created_in_graph(
        &self,
        work: &Work,
        ours: &CrmEnd,
        ours_seen: CrmSeen,
        stored: StoredGraph,
        batch: &mut Batch,
    ) -> Link {
        let there = stored.seen.record.exceptions();
        let mut theirs = GraphEnd::agreed(stored.id, stored.i_cal_uid, stored.seen);
        let open = work.withheld.map_or(FieldSet::EMPTY, |withheld| withheld.groups);
        let mut ours = CrmEnd::agreed_but(ours.id.clone(), ours_seen, open);
        let is_whole = stored.failed.is_empty() && stored.failed_days.is_empty();
        if !is_whole && !open.contains(FieldGroup::Exceptions) {
            // The days that are not there yet are changes of the CRM's side, and
            // those without an answer may have arrived.
            let mut unheard = ours.state.seen().map(Record::exceptions).unwrap_or_default();
            unheard.retain(|day, _| !there.contains_key(day) && !stored.failed_days.contains(day));
            theirs.in_flight = InFlight::of_days(&unheard);
            ours = ours.agreed_on_days(&there);
        }
        let mut link = Link::created(work.id.clone(), work.generation, ours, theirs);
        if let Some(old) = &work.link {
            link = link.asks_anew(old);
        }
        if stored.retry {
            batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Stale);
        }
        let link = self.after_reread(link, stored.reread, batch);
        self.take_answers_back(link, batch)
    }

    /// The link after guests who are invited anew have taken their answers back; it
    /// is decided about again where the CRM has to follow.
    pub(super) fn take_answers_back(&self, link: Link, batch: &mut Batch) -> Link {
        let (link, taken_back) = link.with_answers_taken_back();
        if taken_back {
            batch.put(self.store.keys.staged_graph(&link.m365.id), &R::TO_READ);
        }
        link
    }

    /// The link with what a later read has shown. Where that is more than what
    /// was written, somebody has edited it meanwhile: it is decided about again.
    fn after_reread(&self, mut link: Link, reread: Option<SeenGraphItem>, batch: &mut Batch) -> Link {
        let Some(item) = reread else { return link };
        let before = link.situation(R::holds(&self.capabilities), FieldSet::all());
        link.m365 = link.m365.observed(graph_seen(item));
        let after = link.situation(R::holds(&self.capabilities), FieldSet::all());
        if changes(&after.m365) != changes(&before.m365) {
            batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Stale);
        }
        link
    }

    fn settle_delete(
        &mut self,
        work: &Work,
        (on, evidence): (Side, Evidence),
        graph: &GraphWrote,
        crm: &CrmWrote,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        let Some(link) = &work.link else { return Ok(()) };
        let deleted = match on {
            Side::M365 => matches!(graph, Wrote::Deleted),
            Side::Crm => matches!(crm, Wrote::Deleted),
        };
        if deleted {
            self.report.counts.of(on).deleted += 1;
            self.deleted(link, on);
            if evidence == Evidence::Request {
                // The other side follows, as it does any deletion.
                let link = Link { edited: true, ..link.clone() };
                batch.put(self.store.keys.staged_graph(&link.m365.id), &REMOVED);
                batch.put_link(&self.store.keys, &link);
                return Ok(());
            }
            self.resolve_item(Some(&link.crm.id), Some(&link.m365.id))?;
            batch.remove_link(&self.store.keys, link);
        } else {
            batch.put_link(&self.store.keys, link);
        }
        Ok(())
    }

    fn settle_merge(
        &mut self,
        work: &Work,
        merge: &Merge,
        graph: GraphWrote,
        crm: CrmWrote,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        let Some(link) = work.link.clone() else { return Ok(()) };
        let (mut reread, mut has_failed) = (None, false);
        let is_refused = matches!(graph, Wrote::Refused);
        let m365 = match graph {
            Wrote::Stored(stored) => {
                self.report.counts.m365.updated += u32::from(stored.changed);
                reread.clone_from(&stored.reread);
                has_failed = stored.retry;
                stored.written()
            }
            Wrote::Nothing if merge.to_m365.is_empty() => Written::NotNeeded,
            Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => Written::Failed,
        };
        let ours = match crm {
            Wrote::Stored(stored) => {
                // A note of the meeting alone is no change that anybody sees.
                self.report.counts.crm.updated += u32::from(!merge.to_crm.is_empty());
                stored.written()
            }
            Wrote::Nothing if merge.to_crm.is_empty() => Written::NotNeeded,
            Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => Written::Failed,
        };
        self.report.counts.adopted += u32::from(work.adopted);
        let is_done = m365.is_done() && ours.is_done();
        let mut link = link;
        if is_done {
            link = self.rewritten(link, &work.decision);
            self.report.counts.merged += u32::from(merge.joins_both_sides());
            if work.withheld.is_none() && !self.is_half_known(work)? {
                self.in_step(&link)?;
            }
        }
        let mut link = link.merged(merge, ours, m365);
        if is_refused {
            link = link.refused();
        }
        link.edited &= !is_done;
        let may_complete = self.policy.writes(Side::M365) && link.is_to_be_completed(merge);
        if may_complete || has_failed {
            // To be decided about again, even where nothing new is seen.
            batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Stale);
        }
        let link = self.after_reread(link, reread, batch);
        let link = self.take_answers_back(link, batch);
        self.put_settled(link, batch);
        Ok(())
    }

    /// Puts a link into the commit as it is now, with this moment where both sides
    /// agree.
    pub(super) fn put_settled(&mut self, link: Link, batch: &mut Batch) {
        let link = link.agreed_by(self.ports.now());
        batch.put_link(&self.store.keys, &link);
    }
}

/// The CRM's end that an item was created from.
fn source_crm(work: &Work) -> Option<CrmEnd> {
    match (&work.link, &work.crm) {
        (Some(link), _) => agreed_crm(link),
        (None, Some((id, seen))) => Some(CrmEnd::agreed(id.clone(), crm_seen(seen.clone()))),
        (None, None) => None,
    }
}

/// Whether a write to the CRM was noted ahead for this work.
fn writes_crm(work: &Work) -> bool {
    match &work.decision {
        Decision::Create { on, .. } => *on == Side::Crm,
        Decision::Merge(merge) => !merge.to_crm.is_empty(),
        Decision::Delete { .. } | Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => false,
    }
}

/// Microsoft's end that a record was created from.
pub(super) fn source_graph(work: &Work) -> Option<GraphEnd> {
    match (&work.link, &work.m365) {
        (Some(link), _) => agreed_graph(link),
        (None, Some((id, seen))) => {
            Some(GraphEnd::agreed(id.clone(), seen.i_cal_uid.clone(), graph_seen(seen.clone())))
        }
        (None, None) => None,
    }
}

fn agreed_crm(link: &Link) -> Option<CrmEnd> {
    link.crm.as_seen().map(|seen| CrmEnd::agreed(link.crm.id.clone(), seen))
}

fn agreed_graph(link: &Link) -> Option<GraphEnd> {
    link.m365.as_seen().map(|seen| GraphEnd::agreed(link.m365.id.clone(), link.m365.i_cal_uid.clone(), seen))
}

fn changes(end: &End) -> FieldSet {
    match end {
        End::Present(end) => end.changes(),
        End::Absent | End::Gone | End::Forgone => FieldSet::EMPTY,
    }
}
