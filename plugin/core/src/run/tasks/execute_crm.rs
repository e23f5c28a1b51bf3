//! Writing the CRM's tasks. What a workflow or a rule of the CRM refuses is left
//! out, and the rest is written all the same.

use crate::mapping::FitIssue;
use crate::mapping::task::{CrmWrite, changed_crm_task, new_crm_task, without_refused};
use crate::model::{FieldGroup, FieldSet, Record};
use crate::ports::{Ports, TaskApplied, TaskMutation, TaskMutationError};
use crate::run::attempts::Beside;
use crate::run::crm_ahead::CrmWriting;
use crate::run::decide::crm_seen;
use crate::run::execute_crm::sentence;
use crate::run::report::Halt;
use crate::run::resource::Writes;
use crate::run::work::Work;
use crate::run::wrote::{CrmWrote, GraphWrote, StoredCrm, Wrote};
use crate::sync::{Decision, IssueCode, Side};

use super::TaskStep;
use super::observe_crm::STATUS;

/// How often a write is tried without what was refused: status and each group may
/// be refused on their own.
const TRIES_MAX: u32 = 4;

/// A write, and what of it was left out so far.
struct Attempt {
    /// Of which of the works.
    index: usize,
    mutation: TaskMutation,
    left_out: FieldSet,
    /// What people are to be told of that, once it is known about which record.
    said: Vec<String>,
}

impl Attempt {
    /// What is noted ahead of it.
    fn noted(&self) -> Option<CrmWriting> {
        match &self.mutation {
            TaskMutation::Create { idempotency_key, record } | TaskMutation::Update { idempotency_key, record, .. } => {
                Some(CrmWriting {
                    index: self.index,
                    key: idempotency_key.clone(),
                    sent: record.clone(),
                    left_out: self.left_out,
                })
            }
            TaskMutation::Delete { .. } => None,
        }
    }
}

impl<P: Ports> TaskStep<'_, P> {
    /// Writes the CRM's side of these tasks, except where To Do has to be decided
    /// about again first.
    pub(super) fn write_crm_tasks(&mut self, works: &[Work], graph: &[GraphWrote]) -> Writes<CrmWrote> {
        let mut wrote: Vec<CrmWrote> = works.iter().map(|_| Wrote::Nothing).collect();
        let mut open = Vec::new();
        for (index, (work, graph)) in works.iter().zip(graph).enumerate() {
            match graph {
                Wrote::Again | Wrote::Unknown => continue,
                Wrote::Nothing | Wrote::Stored(_) | Wrote::Deleted | Wrote::Refused => {}
            }
            if let Some((mutation, left_out)) = self.task_mutation(work) {
                open.push(Attempt { index, mutation, left_out, said: Vec::new() });
            }
        }
        let mut halted = None;
        for _ in 0..TRIES_MAX {
            if open.is_empty() {
                break;
            }
            open = self.try_mutations(works, graph, open, &mut wrote, &mut halted)?;
        }
        for attempt in open {
            if let (Some(work), Some(slot)) = (works.get(attempt.index), wrote.get_mut(attempt.index)) {
                self.refused(work, Side::Crm, "it refused one value after the other");
                *slot = Wrote::Refused;
            }
        }
        Ok((wrote, halted))
    }

    /// Makes these writes. What is left is to be tried again, without what was
    /// refused.
    fn try_mutations(
        &mut self,
        works: &[Work],
        graph: &[GraphWrote],
        attempts: Vec<Attempt>,
        wrote: &mut [CrmWrote],
        halted: &mut Option<Halt>,
    ) -> Result<Vec<Attempt>, Halt> {
        let mutations = attempts.iter().map(|attempt| attempt.mutation.clone()).collect();
        let writing: Vec<CrmWriting> = attempts.iter().filter_map(Attempt::noted).collect();
        self.note_crm_ahead(works, graph, &writing)?;
        let results = self.ports.apply_to_tasks(self.store.fence(), mutations)?;
        let beside = Beside::of(results.len(), results.iter().filter(|result| result.is_ok()).count());
        let mut again = Vec::new();
        for (attempt, result) in attempts.into_iter().zip(results) {
            let (Some(work), Some(slot)) = (works.get(attempt.index), wrote.get_mut(attempt.index)) else { continue };
            *slot = match result {
                Ok(TaskApplied::Stored(item)) => {
                    for message in &attempt.said {
                        self.issue(IssueCode::Refused, Some(item.id.clone()), work.m365_id(), message);
                    }
                    let seen = crm_seen(self.seen_crm_task(&item));
                    Wrote::Stored(StoredCrm { id: item.id, seen, failed: attempt.left_out })
                }
                Ok(TaskApplied::Removed) => Wrote::Deleted,
                Err(TaskMutationError::Host(error)) if self.gives_up(work, Side::Crm, &error, beside) => Wrote::Refused,
                Err(TaskMutationError::Host(error)) => {
                    halted.get_or_insert(Halt::Host(error));
                    Wrote::Unknown
                }
                Err(TaskMutationError::VersionMismatch | TaskMutationError::NotFound) => self.changed_in_crm(work)?,
                Err(error @ TaskMutationError::AccessDenied) => {
                    self.refused(work, Side::Crm, &error.to_string());
                    Wrote::Refused
                }
                Err(TaskMutationError::WorkflowRestricted) => {
                    self.say_restricted(work);
                    self.without(work, attempt, STATUS, &mut again)
                }
                Err(TaskMutationError::Invalid { groups, reason }) => {
                    let names: Vec<&str> = groups.iter().map(FieldGroup::name).collect();
                    let message = format!(
                        "The CRM does not take what Microsoft 365 has as {}: it is {reason}. It is left out; everything \
                         else of the task is in step.",
                        names.join(", ")
                    );
                    let mut attempt = attempt;
                    attempt.said.push(message);
                    self.without(work, attempt, groups, &mut again)
                }
            };
        }
        Ok(again)
    }

    fn changed_in_crm(&mut self, work: &Work) -> Result<CrmWrote, Halt> {
        let Some(id) = work.crm_id() else {
            // A new record has no version that could be another one.
            self.refused(work, Side::Crm, "it answered a new task as if it were an old one");
            return Ok(Wrote::Refused);
        };
        self.reread_crm_task(&id)?;
        Ok(Wrote::Again)
    }

    /// Tries once more without these groups, if anything is left then.
    fn without(&mut self, work: &Work, attempt: Attempt, groups: FieldSet, again: &mut Vec<Attempt>) -> CrmWrote {
        let Attempt { index, mutation, left_out, said } = attempt;
        let mutation = match mutation {
            TaskMutation::Create { idempotency_key, record } => {
                without_refused(&record, groups, true).map(|record| TaskMutation::Create { idempotency_key, record })
            }
            TaskMutation::Update { id, expected, idempotency_key, record } => without_refused(&record, groups, false)
                .map(|record| TaskMutation::Update { id, expected, idempotency_key, record }),
            TaskMutation::Delete { .. } => None,
        };
        if let Some(mutation) = mutation {
            again.push(Attempt { index, mutation, left_out: left_out.union(groups), said });
            return Wrote::Nothing;
        }
        for message in &said {
            self.issue(IssueCode::Refused, work.crm_id(), work.m365_id(), message);
        }
        Wrote::Refused
    }

    /// The write of one task, and what of it the CRM does not take by its rules.
    fn task_mutation(&mut self, work: &Work) -> Option<(TaskMutation, FieldSet)> {
        match &work.decision {
            Decision::Create { on: Side::Crm, record, .. } => {
                let write = new_crm_task(record, &self.capabilities);
                let (record, left_out) = self.told(work, write);
                if !left_out.is_empty() {
                    self.say_restricted(work);
                }
                let idempotency_key = self.create_key(work);
                Some((TaskMutation::Create { idempotency_key, record }, left_out))
            }
            Decision::Delete { on: Side::Crm, .. } => {
                let end = &work.link.as_ref()?.crm;
                let mutation = TaskMutation::Delete { id: end.id.clone(), expected: end.version.clone() };
                Some((mutation, FieldSet::EMPTY))
            }
            Decision::Merge(merge) if !merge.to_crm.is_empty() => {
                let end = &work.link.as_ref()?.crm;
                let shown = end.state.seen().cloned().unwrap_or_default();
                let write = changed_crm_task(&shown, &merge.to_crm, &self.capabilities);
                let (record, left_out) = self.told(work, write);
                let (id, expected) = (end.id.clone(), end.version.clone());
                if record.is_empty() {
                    return None;
                }
                let idempotency_key = self.write_key(work);
                Some((TaskMutation::Update { id, expected, idempotency_key, record }, left_out))
            }
            Decision::Create { on: Side::M365, .. }
            | Decision::Delete { on: Side::M365, .. }
            | Decision::Merge(_)
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold => None,
        }
    }

    /// What is written and what is left out, after people were told what the CRM
    /// cannot hold.
    fn told(&mut self, work: &Work, write: CrmWrite) -> (Record, FieldSet) {
        let CrmWrite { record, left_out, issues } = write;
        for problem in issues {
            let (code, message) = match problem {
                FitIssue::ReminderLeftOut => (
                    IssueCode::NotWritable,
                    "The CRM keeps no reminder of a task that is not due on any day. The reminder stays in Microsoft \
                     365; give the task a due date to have it in the CRM, too."
                        .to_owned(),
                ),
                FitIssue::TitleCut { .. } | FitIssue::BodyLeftOut { .. } => {
                    (IssueCode::TooLarge, sentence(&format!("{problem}. The whole text stays in Microsoft 365.")))
                }
            };
            self.issue(code, work.crm_id(), work.m365_id(), &message);
        }
        (record, left_out)
    }

    fn say_restricted(&mut self, work: &Work) {
        let message = "The CRM's workflow does not let the status of the task be set directly. Everything else of the \
                       task is in step; move it on in the CRM, by the buttons of the workflow.";
        self.issue(IssueCode::WorkflowRestricted, work.crm_id(), work.m365_id(), message);
    }
}
