//! Is a removed item really gone? Only a read of the item can tell: Graph
//! reports out-of-window items as removed, too (Graph `event: delta`).

use crate::graph::{Failure, Reaction, Subject, response};
use crate::mapping::event::{self, EventKind};
use crate::model::GraphId;
use crate::ports::Ports;
use crate::sync::IssueCode;

use super::observe_graph::{SERIES, seen};
use super::report::Halt;
use super::session::Answer;
use super::state::SeenGraph;
use super::step::Step;
use super::store::Batch;

/// Reads between two commits.
const READS_PER_COMMIT: usize = 20;

impl<P: Ports> Step<'_, P> {
    /// Reads each of these items by id and replaces the observation "removed"
    /// by what was found.
    pub(super) fn confirm_removed(&mut self, ids: &[GraphId]) -> Result<(), Halt> {
        for ids in ids.chunks(READS_PER_COMMIT) {
            self.reread(ids)?;
        }
        Ok(())
    }

    /// Reads items by id and stages what they are now.
    pub(super) fn reread(&mut self, ids: &[GraphId]) -> Result<(), Halt> {
        let (answers, halted) = self.ask_many(Subject::Item, ids.len(), |requests, index, request_id| {
            // The index comes from the same list.
            let fallback = GraphId::new(String::new());
            requests.get_event(ids.get(index).unwrap_or(&fallback), request_id)
        });
        let mut batch = Batch::default();
        let failures: Vec<Failure> =
            ids.iter().zip(answers).filter_map(|(id, answer)| self.stage_read(id, answer, &mut batch).err()).collect();
        self.store.commit(self.ports, batch)?;
        halted.or_else(|| self.halt_for(&failures)).map_or(Ok(()), Err)
    }

    /// Stages what a read has found; a failure that says nothing of the item is
    /// the run's matter.
    fn stage_read(&mut self, id: &GraphId, answer: Answer, batch: &mut Batch) -> Result<(), Failure> {
        let staged = self.store.keys.staged_graph(id);
        let event = match answer.and_then(|answer| response::read_event(&answer)) {
            Ok(event) => event,
            Err(failure) if failure.reaction == Reaction::ItemGone => {
                batch.put(staged, &SeenGraph::Gone);
                return Ok(());
            }
            Err(failure) if failure.reaction == Reaction::SkipItem => {
                let message =
                    format!("Microsoft did not give the event ({failure}). It is left as it is on both sides.");
                self.issue(IssueCode::NotMappable, None, Some(id.clone()), &message);
                batch.remove(staged);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        match event::read_event(&event) {
            Ok(mapped) if mapped.kind == EventKind::Single => match seen(mapped) {
                Some(item) => batch.put(staged, &SeenGraph::Present(item)),
                None => batch.remove(staged),
            },
            Ok(_) => {
                self.issue(IssueCode::SeriesNotSupported, None, Some(id.clone()), SERIES);
                batch.remove(staged);
            }
            Err(problem) => {
                let message = format!("{problem}. The event is left as it is on both sides.");
                self.issue(IssueCode::NotMappable, None, Some(id.clone()), &message);
                batch.remove(staged);
            }
        }
        Ok(())
    }
}
