//! Writing Microsoft's side: intents first, then batches of conditional writes.

use serde_json::Value;

use crate::graph::{Failure, Performed, Reaction, Requests, Subject, response};
use crate::mapping::{create_body, event, patch_body};
use crate::model::{FieldGroup, FieldSet, GraphId, GraphVersion};
use crate::ports::{HttpRequest, Ports};
use crate::sync::{Decision, Side};

use super::decide::{Work, graph_seen};
use super::execute::{GraphWrote, Wrote};
use super::observe_graph::seen;
use super::report::Halt;
use super::session::Answer;
use super::state::{Intent, SeenCrmItem, SeenGraph};
use super::step::Step;
use super::store::Batch;

/// One write to Microsoft.
enum GraphWrite {
    Create(Value),
    Update(GraphId, GraphVersion, Value),
    Delete(GraphId, GraphVersion),
}

impl<P: Ports> Step<'_, P> {
    /// Writes Microsoft's side of these items. Answers for each, and why the
    /// run has to end, if it has to.
    pub(super) fn write_graph(&mut self, works: &[Work]) -> Result<(Vec<GraphWrote>, Option<Halt>), Halt> {
        let writes: Vec<(usize, GraphWrite)> =
            works.iter().enumerate().filter_map(|(index, work)| Some((index, graph_write(work)?))).collect();
        let mut wrote: Vec<GraphWrote> = works.iter().map(|_| Wrote::Nothing).collect();
        if writes.is_empty() {
            return Ok((wrote, None));
        }
        self.write_intents(works, &writes)?;
        let (answers, mut halted) = self.ask_many(Subject::Mailbox, writes.len(), |requests, index, id| {
            build(requests, writes.get(index).map(|(_, write)| write), id)
        });
        let mut stale = Vec::new();
        let mut failures = Vec::new();
        let mut answers = answers.into_iter();
        for (index, write) in &writes {
            let (Some(work), Some(slot)) = (works.get(*index), wrote.get_mut(*index)) else { continue };
            let Some(answer) = answers.next() else {
                *slot = Wrote::Unknown;
                continue;
            };
            *slot = match read_answer(write, answer) {
                Ok(stored) => stored,
                Err(failure) => self.refusal(work, write, &failure, &mut stale)?.unwrap_or_else(|| {
                    failures.push(failure);
                    Wrote::Unknown
                }),
            };
        }
        halted = halted.or_else(|| self.halt_for(&failures));
        if !stale.is_empty()
            && let Err(halt) = self.reread(&stale)
        {
            halted.get_or_insert(halt);
        }
        Ok((wrote, halted))
    }

    /// What is created is written down before the request (invariant 6).
    fn write_intents(&mut self, works: &[Work], writes: &[(usize, GraphWrite)]) -> Result<(), Halt> {
        let mut batch = Batch::default();
        for (index, write) in writes {
            if let (GraphWrite::Create(_), Some(work)) = (write, works.get(*index))
                && let Some(intent) = intent(work)
            {
                batch.put(self.store.keys.intent(&work.id), &intent);
            }
        }
        self.store.commit(self.ports, batch)?;
        Ok(())
    }

    /// What a failed write means for its item; none where it is the run's matter.
    fn refusal(
        &mut self,
        work: &Work,
        write: &GraphWrite,
        failure: &Failure,
        stale: &mut Vec<GraphId>,
    ) -> Result<Option<GraphWrote>, Halt> {
        let item = match write {
            GraphWrite::Create(_) => None,
            GraphWrite::Update(id, ..) | GraphWrite::Delete(id, _) => Some(id),
        };
        Ok(match (&failure.reaction, item) {
            (Reaction::RereadItem, Some(id)) => {
                stale.push(id.clone());
                Some(Wrote::Again)
            }
            (Reaction::ItemGone, Some(id)) => {
                let mut batch = Batch::default();
                batch.put(self.store.keys.staged_graph(id), &SeenGraph::Gone);
                self.store.commit(self.ports, batch)?;
                Some(Wrote::Again)
            }
            // An interrupted create was performed after all: the intent finds it.
            (Reaction::AlreadyCreated { .. }, None) => Some(Wrote::Again),
            (Reaction::SkipItem, _) => {
                self.refused(work, Side::M365, &reason(failure));
                Some(Wrote::Refused)
            }
            (
                Reaction::Retry { .. }
                | Reaction::Resync { .. }
                | Reaction::Reauthenticate { .. }
                | Reaction::RereadItem
                | Reaction::ItemGone
                | Reaction::AlreadyCreated { .. }
                | Reaction::ParkMailbox
                | Reaction::MissingPermission
                | Reaction::StopRun,
                _,
            ) => None,
        })
    }
}

fn graph_write(work: &Work) -> Option<GraphWrite> {
    match &work.decision {
        Decision::Create { on: Side::M365, record, .. } => {
            let mut record = record.clone();
            // Guests are not written: that would invite them.
            record.remove(FieldGroup::Attendees);
            Some(GraphWrite::Create(create_body(&record, &work.id)))
        }
        Decision::Delete { on: Side::M365, .. } => {
            let link = work.link.as_ref()?;
            Some(GraphWrite::Delete(link.m365.id.clone(), link.m365.version.clone()))
        }
        Decision::Merge(merge) if !merge.to_m365.is_empty() => {
            let link = work.link.as_ref()?;
            let body = patch_body(&merge.to_m365, FieldSet::all());
            Some(GraphWrite::Update(link.m365.id.clone(), link.m365.version.clone(), body))
        }
        Decision::Merge(_)
        | Decision::Create { on: Side::Crm, .. }
        | Decision::Delete { on: Side::Crm, .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close => None,
    }
}

fn build(requests: &Requests<'_>, write: Option<&GraphWrite>, id: &str) -> HttpRequest {
    match write {
        Some(GraphWrite::Create(body)) => requests.create_event(body, id),
        Some(GraphWrite::Update(event, version, body)) => requests.update_event(event, version, body, id),
        Some(GraphWrite::Delete(event, version)) => requests.delete_event(event, version, id),
        // Only asked for indices of the list itself; a read does no harm.
        None => requests.me(id),
    }
}

fn read_answer(write: &GraphWrite, answer: Answer) -> Result<GraphWrote, Failure> {
    let answer = answer?;
    let event = match write {
        GraphWrite::Create(_) => response::read_created(&answer)?,
        GraphWrite::Update(..) => response::read_event(&answer)?,
        GraphWrite::Delete(..) => {
            return match response::read_deleted(&answer) {
                Ok(()) => Ok(Wrote::Deleted),
                Err(failure) if failure.reaction == Reaction::ItemGone => Ok(Wrote::Deleted),
                Err(failure) => Err(failure),
            };
        }
    };
    match event::read_event(&event) {
        Ok(mapped) => {
            let (id, i_cal_uid) = (mapped.id.clone(), mapped.i_cal_uid.clone());
            // Written, but without a version: the next observation shows it.
            Ok(seen(mapped).map_or(Wrote::Unknown, |item| Wrote::Stored((id, i_cal_uid, graph_seen(item)))))
        }
        // Written, but not readable: the same.
        Err(_) => Ok(Wrote::Unknown),
    }
}

fn intent(work: &Work) -> Option<Intent> {
    let (crm, seen) = match (&work.link, &work.crm) {
        (Some(link), _) => match &link.crm.state {
            crate::sync::EndState::Present { seen, writable, .. } => (
                link.crm.id.clone(),
                SeenCrmItem {
                    version: link.crm.version.clone(),
                    uid: String::new(),
                    record: seen.clone(),
                    writable: *writable,
                },
            ),
            crate::sync::EndState::Gone | crate::sync::EndState::Forgone => return None,
        },
        (None, Some((id, seen))) => (id.clone(), seen.clone()),
        (None, None) => return None,
    };
    Some(Intent {
        link: work.id.clone(),
        generation: work.generation,
        crm,
        seen,
        replaces: work.link.clone().map(|link| link.id),
    })
}

/// Why, in words without content.
fn reason(failure: &Failure) -> String {
    let request = failure.request_id.as_deref().map(|id| format!(", request {id}")).unwrap_or_default();
    let unsure = match failure.performed {
        Performed::No => "",
        Performed::Unknown => ", it may have been performed",
    };
    format!("{}{unsure}{request}", super::notice::chain(failure))
}
