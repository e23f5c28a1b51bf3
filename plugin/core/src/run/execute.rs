//! Carrying decisions out: record conflicts, write Microsoft's side, write the
//! CRM's side, commit what both now show.
//!
//! Microsoft's side comes first (Oro row E8): the CRM's writes are durable when
//! their call returns, Microsoft's may be lost on the way back.

use crate::model::{CrmId, FieldGroup, FieldSet, FieldValue, GraphId};
use crate::ports::{LogLevel, Ports};
use crate::sync::{CrmEnd, CrmSeen, Decision, End, GraphEnd, GraphSeen, IssueCode, Link, Merge, Side, Written};

use super::decide::{ITEMS_PER_ROUND, Work, crm_seen, graph_seen};
use super::execute_crm::sentence;
use super::report::Halt;
use super::step::Step;
use super::store::Batch;

/// What became of the write of one item on one side.
#[derive(Clone, Debug)]
pub(super) enum Wrote<T> {
    /// There was nothing to write.
    Nothing,
    /// It is there as this.
    Stored(T),
    /// It is gone.
    Deleted,
    /// It had changed: a newer observation is staged, decide again.
    Again,
    /// It is refused for good; the reason is reported.
    Refused,
    /// Whether it was written is not known: the run ends.
    Unknown,
}

/// Microsoft's answer to a write.
pub(super) type GraphWrote = Wrote<(GraphId, Option<String>, GraphSeen)>;

/// The CRM's answer to a write.
pub(super) type CrmWrote = Wrote<(CrmId, CrmSeen)>;

impl<P: Ports> Step<'_, P> {
    /// Decides about everything that was observed and carries it out. True
    /// when nothing is left to decide; where this is the `last` attempt of the
    /// step, people are told about what is.
    pub(super) fn execute(&mut self, last: bool) -> Result<bool, Halt> {
        let items = self.items()?;
        let mut again = false;
        let mut decided = 0_usize;
        for items in items.chunks(ITEMS_PER_ROUND) {
            self.check_time()?;
            if decided >= self.budget.items as usize {
                return Err(Halt::BudgetSpent);
            }
            decided += items.len();
            let works = self.plan(items)?;
            again |= self.carry_out(works, last)?;
        }
        Ok(!again)
    }

    /// Whether something has to be decided again.
    fn carry_out(&mut self, works: Vec<Work>, last: bool) -> Result<bool, Halt> {
        let conflicts: Vec<_> = works.iter().filter_map(|work| self.conflict_of(work)).collect();
        let count = u32::try_from(conflicts.len()).unwrap_or(u32::MAX);
        if !conflicts.is_empty() {
            // Before anything is overwritten.
            self.ports.record_conflicts(conflicts).map_err(Halt::Host)?;
        }
        let (graph, halt) = self.write_graph(&works)?;
        let (crm, crm_halt) = self.write_crm(&works, &graph)?;
        self.report.counts.conflicts += count;
        let mut again = false;
        let mut batch = Batch::default();
        for ((work, graph), crm) in works.into_iter().zip(graph).zip(crm) {
            let changed = matches!(graph, Wrote::Again) || matches!(crm, Wrote::Again);
            if changed && last {
                let message =
                    "The item changed each time that it was to be written. It is tried again at the next run.";
                self.issue(IssueCode::KeepsChanging, work.crm_id(), work.m365_id(), message);
            }
            again |= changed;
            self.report_unwritten(&work);
            self.settle(work, graph, crm, &mut batch)?;
        }
        self.commit_with_status(batch)?;
        halt.or(crm_halt).map_or(Ok(again), Err)
    }

    /// Puts what is now known of one item into the commit.
    fn settle(&mut self, work: Work, graph: GraphWrote, crm: CrmWrote, batch: &mut Batch) -> Result<(), Halt> {
        if matches!((&graph, &crm), (Wrote::Unknown, _) | (_, Wrote::Unknown)) {
            // The observations stay; the next step decides again.
            return Ok(());
        }
        let again = (matches!(crm, Wrote::Again), matches!(graph, Wrote::Again));
        // A link remembers both observations; without one, both have to stay.
        let keeps_all = work.link.is_none() || matches!(work.decision, Decision::Create { .. });
        let keep_crm = again.0 || (again.1 && keeps_all);
        let keep_m365 = again.1 || (again.0 && keeps_all);
        match work.decision.clone() {
            Decision::Ignore => self.resolve_item(work.crm_id().as_ref(), work.m365_id().as_ref())?,
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
            Decision::Create { .. } => self.settle_create(&work, graph, crm, batch)?,
            Decision::Delete { on, .. } => self.settle_delete(&work, on, &graph, &crm, batch)?,
            Decision::Merge(merge) => self.settle_merge(&work, &merge, graph, crm, batch)?,
        }
        if let Some(id) = work.staged_crm.filter(|_| !keep_crm) {
            batch.remove(self.store.keys.staged_crm(&id));
        }
        if let Some(id) = work.staged_m365.filter(|_| !keep_m365) {
            batch.remove(self.store.keys.staged_graph(&id));
        }
        Ok(())
    }

    fn settle_create(&mut self, work: &Work, graph: GraphWrote, crm: CrmWrote, batch: &mut Batch) -> Result<(), Halt> {
        let ends = match (graph, crm) {
            (Wrote::Stored((id, i_cal_uid, seen)), _) => {
                batch.remove(self.store.keys.intent(&work.id));
                self.report.counts.m365.created += 1;
                source_crm(work).map(|ours| (ours, GraphEnd::agreed(id, i_cal_uid, seen)))
            }
            (_, Wrote::Stored((id, seen))) => {
                self.report.counts.crm.created += 1;
                source_graph(work).map(|theirs| (CrmEnd::agreed(id, seen), theirs))
            }
            (Wrote::Refused, _) => {
                batch.remove(self.store.keys.intent(&work.id));
                None
            }
            (Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Unknown, _) => None,
        };
        match ends {
            Some((ours, theirs)) => {
                if let Some(old) = &work.link {
                    batch.remove_link(&self.store.keys, old);
                }
                let link = Link::created(work.id.clone(), work.generation, ours, theirs);
                self.resolve_item(Some(&link.crm.id), Some(&link.m365.id))?;
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

    fn settle_delete(
        &mut self,
        work: &Work,
        on: Side,
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
        let m365 = match graph {
            Wrote::Stored((_, _, seen)) => {
                self.report.counts.m365.updated += 1;
                Written::Done(seen)
            }
            Wrote::Nothing if merge.to_m365.is_empty() => Written::NotNeeded,
            Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => Written::Failed,
        };
        let ours = match crm {
            Wrote::Stored((_, seen)) => {
                self.report.counts.crm.updated += 1;
                Written::Done(seen)
            }
            Wrote::Nothing if merge.to_crm.is_empty() => Written::NotNeeded,
            Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => Written::Failed,
        };
        self.report.counts.adopted += u32::from(work.adopted);
        if !matches!((&m365, &ours), (Written::Failed, _) | (_, Written::Failed)) {
            self.report.counts.merged += u32::from(merge.joins_both_sides());
            self.resolve_item(Some(&link.crm.id), Some(&link.m365.id))?;
        }
        batch.put_link(&self.store.keys, &link.merged(merge, ours, m365));
        Ok(())
    }

    /// Says which groups of an item stay as they are.
    fn report_unwritten(&mut self, work: &Work) {
        let (crm, m365) = (work.crm_id(), work.m365_id());
        let guests = "Guests are read from Microsoft, but not written there in this version: \
                      add them in Outlook, so that the invitations are yours.";
        match &work.decision {
            Decision::Create { on: Side::M365, .. } => {
                let source = match &work.situation.crm {
                    End::Present(end) => end.now.get(FieldGroup::Attendees),
                    End::Absent | End::Gone | End::Forgone => None,
                };
                if matches!(source, Some(FieldValue::Attendees(guests)) if !guests.is_empty()) {
                    self.issue(IssueCode::GuestsNotWritten, crm, m365, guests);
                }
            }
            Decision::Merge(merge) => {
                if merge.unwritable_m365.contains(FieldGroup::Attendees) {
                    self.issue(IssueCode::GuestsNotWritten, crm.clone(), m365.clone(), guests);
                }
                let others = |set: FieldSet| -> Vec<&'static str> {
                    set.iter().filter(|group| *group != FieldGroup::Attendees).map(FieldGroup::name).collect()
                };
                for (side, groups) in
                    [(Side::M365, others(merge.unwritable_m365)), (Side::Crm, others(merge.unwritable_crm))]
                {
                    if !groups.is_empty() {
                        let message = format!(
                            "This user may not change these fields in {side}: {}. They stay as they are there; \
                             only the organiser can change them.",
                            groups.join(", ")
                        );
                        self.issue(IssueCode::NotWritable, crm.clone(), m365.clone(), &message);
                    }
                }
            }
            Decision::Create { on: Side::Crm, .. }
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Delete { .. } => {}
        }
    }

    /// Notes why an item was refused, for people and for the log.
    pub(super) fn refused(&mut self, work: &Work, by: Side, reason: &str) {
        self.ports.log(
            LogLevel::Warn,
            "an item was refused",
            &[("side", by.to_string()), ("reason", reason.to_owned())],
        );
        let message = format!("{by} did not accept the item: {reason}. It is tried again when it changes.");
        self.issue(IssueCode::Refused, work.crm_id(), work.m365_id(), &sentence(&message));
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

/// Microsoft's end that a record was created from.
fn source_graph(work: &Work) -> Option<GraphEnd> {
    match (&work.link, &work.m365) {
        (Some(link), _) => agreed_graph(link),
        (None, Some((id, seen))) => {
            Some(GraphEnd::agreed(id.clone(), seen.i_cal_uid.clone(), graph_seen(seen.clone())))
        }
        (None, None) => None,
    }
}

fn agreed_crm(link: &Link) -> Option<CrmEnd> {
    match &link.crm.state {
        crate::sync::EndState::Present { seen, writable, .. } => Some(CrmEnd::agreed(
            link.crm.id.clone(),
            CrmSeen { version: link.crm.version.clone(), record: seen.clone(), writable: *writable },
        )),
        crate::sync::EndState::Gone | crate::sync::EndState::Forgone => None,
    }
}

fn agreed_graph(link: &Link) -> Option<GraphEnd> {
    match &link.m365.state {
        crate::sync::EndState::Present { seen, writable, .. } => Some(GraphEnd::agreed(
            link.m365.id.clone(),
            link.m365.i_cal_uid.clone(),
            GraphSeen {
                version: link.m365.version.clone(),
                modified_at: link.m365.modified_at,
                record: seen.clone(),
                writable: *writable,
            },
        )),
        crate::sync::EndState::Gone | crate::sync::EndState::Forgone => None,
    }
}
