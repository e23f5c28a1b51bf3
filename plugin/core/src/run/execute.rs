//! Carrying decisions out: record conflicts, write Microsoft's side, write the
//! CRM's side, commit what both now show.
//!
//! Microsoft's side comes first (Oro row E8): the CRM's writes are durable when
//! their call returns, Microsoft's may be lost on the way back.

use crate::model::{FieldGroup, FieldSet, GraphId, LinkId, Record};
use crate::ports::{LogLevel, Ports};
use crate::sync::{
    CrmEnd, CrmSeen, Decision, End, Evidence, GraphEnd, InFlight, Issue, IssueCode, Link, Merge, Side, Written,
};

use super::asked::{Carried, REMOVED};
use super::decide::{crm_seen, graph_seen};
use super::execute_crm::sentence;
use super::execute_graph::updates;
use super::plan::ITEMS_PER_ROUND;
use super::report::Halt;
use super::resource::Resource;
use super::state::{SeenGraph, SeenGraphItem};
use super::step::Step;
use super::store::Batch;
use super::work::{LinkBack, Work};
use super::wrote::{CrmWrote, GraphWrote, StoredGraph, Wrote};

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Decides about everything that was observed and carries it out. True
    /// when nothing is left to decide; where this is the `last` attempt of the
    /// step, people are told about what is.
    pub(super) fn execute(&mut self, last: bool) -> Result<bool, Halt> {
        let items = R::items(self)?;
        // All of them, before the first one is written.
        self.stop_before(&items)?;
        let mut again = false;
        let mut decided = 0_usize;
        for items in items.chunks(ITEMS_PER_ROUND) {
            self.check_time()?;
            if decided >= self.budget.items as usize {
                return Err(Halt::BudgetSpent);
            }
            let works = self.plan(items)?;
            self.stop_at(&works)?;
            decided += works.len();
            again |= self.carry_out(works, last)?;
        }
        Ok(!again)
    }

    /// Whether something has to be decided again.
    fn carry_out(&mut self, works: Vec<Work>, last: bool) -> Result<bool, Halt> {
        // Before anything is overwritten.
        let promised = self.record_ahead(&works)?;
        self.aside.writes();
        let (graph, halt) = R::write_graph(self, &works)?;
        let (crm, crm_halt) = R::write_crm(self, &works, &graph)?;
        self.report.counts.conflicts += promised.conflicts();
        let corrected = promised.corrected(&works, &graph, &crm, |id| self.is_unsure(id));
        let mut linked = Vec::new();
        let mut again = false;
        let mut notes = Vec::new();
        let mut batch = Batch::default();
        for ((work, graph), crm) in works.into_iter().zip(graph).zip(crm) {
            let changed = is_again(&graph) || matches!(crm, Wrote::Again);
            if changed && last {
                let message =
                    "The item changed each time that it was to be written. It is tried again at the next run.";
                self.issue(IssueCode::KeepsChanging, work.crm_id(), work.m365_id(), message);
            }
            again |= changed;
            let is_reread = matches!(&graph, Wrote::Stored(stored) if stored.reread.is_some());
            if let (false, Some(wanted)) = (changed || is_reread, to_link_back(&work)) {
                linked.push(wanted);
            }
            if !is_open(&graph) && !is_open(&crm) {
                self.went_through(&work);
            }
            let carried = Carried::of(&graph, &crm);
            again |= Self::has_more_to_do(&work, &carried);
            let created = match &crm {
                Wrote::Stored(stored) => Some(stored.clone()),
                Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => None,
            };
            self.settle(&work, graph, crm, &mut batch)?;
            // After what was said of the item before is over.
            R::report_left(self, &work);
            notes.extend(self.settle_wish(&work, &carried, created.as_ref(), &mut batch)?);
        }
        // Before wishes and observations are forgotten: whoever waits hears of it.
        self.tell_of(corrected, notes, &mut batch)?;
        self.aside.wrote();
        // What is left to do about those that are linked now is remembered: they are
        // read again until it is done.
        let linked: Vec<_> = linked.into_iter().filter(|(_, (id, _))| batch.puts(&self.store.keys.link(id))).collect();
        for (id, _) in &linked {
            batch.put(self.store.keys.staged_graph(id), &SeenGraph::Removed);
        }
        let linked: Vec<_> = linked.into_iter().map(|(_, linked)| linked).collect();
        self.commit_with_status(batch)?;
        if let Some(halt) = halt.or(crm_halt) {
            return Err(halt);
        }
        R::after_settling(self, &linked)?.map_or(Ok(again), Err)
    }

    /// Puts what is now known of one item into the commit.
    fn settle(&mut self, work: &Work, graph: GraphWrote, crm: CrmWrote, batch: &mut Batch) -> Result<(), Halt> {
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
            Decision::Ignore => self.resolve_item(work.crm_id().as_ref(), work.m365_id().as_ref())?,
            Decision::Withhold => {
                if let Some(link) = &work.link {
                    batch.put_link(&self.store.keys, link);
                }
            }
            Decision::Keep => {
                if let Some(link) = &work.link {
                    batch.put_link(&self.store.keys, &link.clone().kept());
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
                batch.put_link(&self.store.keys, &link);
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
            if work.withheld.is_none() && !self.is_unreadable_in_crm(&link.crm.id)? {
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
        batch.put_link(&self.store.keys, &link);
        Ok(())
    }

    /// Notes why an item was refused, for people and for the log.
    pub(super) fn refused(&mut self, work: &Work, by: Side, reason: &str) {
        self.ports.log(
            LogLevel::Warn,
            "an item was refused",
            &[("side", by.to_string()), ("reason", reason.to_owned())],
        );
        let message = sentence(&format!("{by} did not accept the item: {reason}. It is tried again when it changes."));
        let issue = Issue { code: IssueCode::Refused, crm: work.crm_id(), m365: work.m365_id(), message };
        let print = Some(self.print_of(work));
        self.issue_about(issue, Some(by), print);
    }
}

/// What brings our key into the item of a work that is on both sides after it.
fn to_link_back(work: &Work) -> Option<(GraphId, (LinkId, LinkBack))> {
    match &work.decision {
        Decision::Merge(_) | Decision::Create { on: Side::Crm, .. } => {
            Some((work.m365_id()?, (work.id.clone(), work.link_back.clone()?)))
        }
        Decision::Create { on: Side::M365, .. }
        | Decision::Delete { .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold => None,
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

/// Whether a write was not done.
const fn is_open<T>(wrote: &Wrote<T>) -> bool {
    match wrote {
        Wrote::Again | Wrote::Refused | Wrote::Unknown => true,
        Wrote::Nothing | Wrote::Stored(_) | Wrote::Deleted => false,
    }
}

/// Whether something has to be decided again.
fn is_again(wrote: &GraphWrote) -> bool {
    match wrote {
        Wrote::Again => true,
        Wrote::Stored(stored) => stored.again,
        Wrote::Nothing | Wrote::Deleted | Wrote::Refused | Wrote::Unknown => false,
    }
}

fn changes(end: &End) -> FieldSet {
    match end {
        End::Present(end) => end.changes(),
        End::Absent | End::Gone | End::Forgone => FieldSet::EMPTY,
    }
}
