//! Reading tasks by id: what became of a removed one, what a task is after it was
//! changed under our hands.
//!
//! To Do reports a task that was moved to another list as removed, and gives it
//! another id there (`resources/todotask`: ids change with the list). So what is
//! not found is looked for in the other lists before it counts as deleted
//! ([`super::moved`]).

use crate::graph::{Reaction, Subject, response};
use crate::mapping::task::read_task;
use crate::model::{GraphId, TaskListId};
use crate::ports::Ports;
use crate::run::attempts::Beside;
use crate::run::execute_crm::sentence;
use crate::run::notice;
use crate::run::report::Halt;
use crate::run::state::SeenGraph;
use crate::run::store::Batch;
use crate::sync::{IssueCode, Link, Side};

use super::TaskStep;

/// Reads between two commits: one batch.
const READS_PER_COMMIT: usize = 20;

impl<P: Ports> TaskStep<'_, P> {
    /// Reads each of these tasks and replaces what was noted of it by what was
    /// found.
    pub(super) fn read_tasks(&mut self, ids: &[GraphId]) -> Result<(), Halt> {
        for ids in ids.chunks(READS_PER_COMMIT) {
            let links = self.store.links_of_graph(self.ports, ids)?;
            let (mut asked, mut unknown) = (Vec::new(), Batch::default());
            for (id, link) in ids.iter().zip(links) {
                match link.and_then(|link| Some((link.m365.list.clone()?, link))) {
                    Some((list, link)) => asked.push((list, link)),
                    // Only what is linked is ever read by id.
                    None => unknown.remove(self.store.keys.staged_graph(id)),
                }
            }
            self.commit(unknown)?;
            self.read_linked(&asked)?;
        }
        Ok(())
    }

    /// Stages what these are now, or that they are not in their lists.
    fn read_linked(&mut self, asked: &[(TaskListId, Link)]) -> Result<(), Halt> {
        if asked.is_empty() {
            return Ok(());
        }
        let (answers, halted) = self.ask_many(Subject::Item, asked.len(), |requests, index, id| {
            asked.get(index).map_or_else(|| requests.me(id), |(list, link)| requests.todo_task(list, &link.m365.id, id))
        });
        let mut batch = Batch::default();
        let mut failures = Vec::new();
        let succeeded = answers.iter().flatten().filter(|answer| answer.status < 500).count();
        let beside = Beside::of(asked.len(), succeeded);
        for ((list, link), answer) in asked.iter().zip(answers) {
            let id = &link.m365.id;
            match answer.and_then(|answer| response::read_todo_task(&answer)) {
                Ok(task) => match read_task(&task, self.zone()) {
                    Ok(mapped) => self.stage_mapped_task(list, mapped, Some(link), &mut batch),
                    Err(problem) => {
                        self.left_alone(link, &notice::chain(&problem));
                        batch.remove(self.store.keys.staged_graph(id));
                    }
                },
                Err(failure) if failure.reaction == Reaction::ItemGone => self.is_missing(list, link, &mut batch),
                Err(failure) if failure.reaction == Reaction::SkipItem => {
                    self.left_alone(link, &format!("Microsoft did not give the task ({failure})"));
                    batch.remove(self.store.keys.staged_graph(id));
                }
                Err(failure) if self.gives_up_reading((id, Some(link.crm.id.clone())), &failure, beside) => {
                    batch.remove(self.store.keys.staged_graph(id));
                }
                Err(failure) => failures.push(failure),
            }
        }
        self.commit(batch)?;
        halted.or_else(|| self.halt_for(&failures)).map_or(Ok(()), Err)
    }

    /// Notes that a task is not in its list. Where the list itself is not there any
    /// more, that says nothing about the task: it is left.
    fn is_missing(&mut self, list: &TaskListId, link: &Link, batch: &mut Batch) {
        let staged = self.store.keys.staged_graph(&link.m365.id);
        if self.turns.lists.iter().flatten().any(|known| known.id == *list) {
            batch.put(staged, &SeenGraph::Missing);
            return;
        }
        batch.remove(staged);
        let message = "The list of this task is not in To Do any more. The task stays as it is in the CRM.";
        let ids = (Some(link.crm.id.clone()), Some(link.m365.id.clone()));
        self.issue(IssueCode::TaskListLeft, ids.0, ids.1, message);
    }

    pub(super) fn left_alone(&mut self, link: &Link, reason: &str) {
        let message = format!("{reason}. The task is left as it is on both sides.");
        let ids = (Some(link.crm.id.clone()), Some(link.m365.id.clone()));
        self.unreadable(Side::M365, ids.0, ids.1, &sentence(&message));
    }

    /// Stages these as gone: a read has not found them, nor has a look into the
    /// other lists.
    pub(super) fn are_gone(&mut self, links: &[Link]) -> Result<(), Halt> {
        for links in links.chunks(READS_PER_COMMIT) {
            let mut batch = Batch::default();
            for link in links {
                batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Gone);
            }
            self.commit_with_status(batch)?;
        }
        Ok(())
    }
}
