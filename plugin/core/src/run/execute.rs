//! Carrying decisions out: record conflicts, write Microsoft's side, write the
//! CRM's side, commit what both now show.
//!
//! Microsoft's side comes first (Oro row E8): the CRM's writes are durable when
//! their call returns, Microsoft's may be lost on the way back.

use crate::model::{GraphId, LinkId};
use crate::ports::{LogLevel, Ports};
use crate::sync::{Decision, Issue, IssueCode, Side};

use super::asked::Carried;
use super::execute_crm::sentence;
use super::plan::ITEMS_PER_ROUND;
use super::report::Halt;
use super::resource::Resource;
use super::state::SeenGraph;
use super::step::Step;
use super::store::Batch;
use super::work::{LinkBack, Work};
use super::wrote::{GraphWrote, Wrote};

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
