//! Reading tasks before they are written, where writing them unseen could do harm.
//!
//! A page of a list may leave the rule of a task out, and a due date that is
//! changed from outside makes another task of a recurring one
//! (microsoft-graph-docs#5424).

use crate::graph::{Reaction, Subject, response};
use crate::mapping::task::read_task;
use crate::model::FieldGroup;
use crate::ports::Ports;
use crate::run::report::Halt;
use crate::run::state::SeenGraph;
use crate::run::store::Batch;
use crate::run::work::Work;
use crate::sync::{Decision, Link};

use super::TaskStep;
use super::execute_graph::TaskWrite;
use super::stage::seen_task;

/// A write with the number of its work.
type Numbered = (usize, TaskWrite);

impl<P: Ports> TaskStep<'_, P> {
    /// The writes that may go out, and the works that are to be decided about
    /// again, because their task is not what it was thought to be.
    pub(super) fn look_first(
        &mut self,
        works: &[Work],
        writes: Vec<Numbered>,
    ) -> Result<(Vec<Numbered>, Vec<usize>), Halt> {
        let doubted: Vec<(usize, Link)> =
            writes.iter().filter_map(|(index, write)| Some((*index, doubted(works.get(*index)?, write)?))).collect();
        if doubted.is_empty() {
            return Ok((writes, Vec::new()));
        }
        let (answers, halted) = self.ask_many(Subject::Item, doubted.len(), |requests, index, id| {
            let link = doubted.get(index).map(|(_, link)| &link.m365);
            match link.and_then(|end| Some((end.list.as_ref()?, &end.id))) {
                Some((list, task)) => requests.todo_task(list, task, id),
                // Only asked for tasks with a list; a read does no harm.
                None => requests.me(id),
            }
        });
        let mut batch = Batch::default();
        let (mut failures, mut changed) = (Vec::new(), Vec::new());
        for ((index, link), answer) in doubted.iter().zip(answers) {
            let staged = self.store.keys.staged_graph(&link.m365.id);
            let task = match answer.and_then(|answer| response::read_todo_task(&answer)) {
                Ok(task) => task,
                Err(failure) if failure.reaction == Reaction::ItemGone => {
                    batch.put(staged, &SeenGraph::Removed);
                    changed.push(*index);
                    continue;
                }
                // It cannot be looked at; the write says what becomes of it.
                Err(failure) if failure.reaction == Reaction::SkipItem => continue,
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            };
            let (Some(list), Ok(mapped)) = (&link.m365.list, read_task(&task, self.zone())) else { continue };
            let asks_for_date = is_dated(works.get(*index));
            let is_other = mapped.version.as_ref() != Some(&link.m365.version);
            if (is_other || (mapped.is_recurring && asks_for_date))
                && let Some(item) = seen_task(list, mapped)
            {
                batch.put(staged, &SeenGraph::Present(Box::new(item)));
                changed.push(*index);
            }
        }
        self.commit(batch)?;
        if let Some(halt) = halted.or_else(|| self.halt_for(&failures)) {
            return Err(halt);
        }
        let writes = writes.into_iter().filter(|(index, _)| !changed.contains(index)).collect();
        Ok((writes, changed))
    }
}

/// The link of a task that is to be read before this write.
fn doubted(work: &Work, write: &TaskWrite) -> Option<Link> {
    let TaskWrite::Update(..) = write else { return None };
    work.link.clone().filter(|_| is_dated(Some(work)))
}

/// Whether a work changes the date of a task.
fn is_dated(work: Option<&Work>) -> bool {
    match work.map(|work| &work.decision) {
        Some(Decision::Merge(merge)) => merge.to_m365.get(FieldGroup::Due).is_some(),
        _ => false,
    }
}
