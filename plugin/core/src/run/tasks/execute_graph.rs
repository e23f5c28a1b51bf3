//! Writing To Do: intents first, then batches of conditional writes.
//!
//! To Do has no key that makes a create happen once, so a create bears a linked
//! resource with our key, in the same request, and an interrupted one is looked
//! for by it ([`super::recover`]).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::graph::{Failure, Performed, Reaction, Requests, Subject, response};
use crate::mapping::task::{create_task_body, linked_resource, patch_task_body, read_task};
use crate::model::{CrmId, FieldGroup, FieldValue, GraphId, GraphVersion, LinkId, Record, TaskListId, TaskStatus};
use crate::ports::{HttpRequest, Ports};
use crate::run::attempts::{Beside, is_passing};
use crate::run::decide::graph_seen;
use crate::run::execute_graph::{intent, reason};
use crate::run::report::Halt;
use crate::run::resource::Writes;
use crate::run::session::Answer;
use crate::run::state::{SeenGraph, SeenGraphItem};
use crate::run::store::Batch;
use crate::run::work::Work;
use crate::run::wrote::{GraphWrote, StoredGraph, Wrote};
use crate::sync::{Decision, GraphSeen, Side};

use super::TaskStep;
use super::stage::seen_task;

/// One write to To Do.
pub(super) enum TaskWrite {
    Create(TaskListId, Value),
    Update(TaskListId, GraphId, GraphVersion, Value),
    Delete(TaskListId, GraphId, GraphVersion),
}

impl TaskWrite {
    const fn list(&self) -> &TaskListId {
        match self {
            Self::Create(list, _) | Self::Update(list, ..) | Self::Delete(list, ..) => list,
        }
    }

    const fn item(&self) -> Option<&GraphId> {
        match self {
            Self::Create(..) => None,
            Self::Update(_, id, ..) | Self::Delete(_, id, _) => Some(id),
        }
    }

    fn request(&self, requests: &Requests<'_>, id: &str) -> HttpRequest {
        match self {
            Self::Create(list, body) => requests.create_todo_task(list, body, id),
            Self::Update(list, task, version, body) => requests.update_todo_task(list, task, Some(version), body, id),
            Self::Delete(list, task, version) => requests.delete_todo_task(list, task, Some(version), id),
        }
    }
}

impl<P: Ports> TaskStep<'_, P> {
    /// Writes To Do. Answers for each item, and why the run has to end, if it has
    /// to.
    pub(super) fn write_tasks(&mut self, works: &[Work]) -> Writes<GraphWrote> {
        let urls = self.pages_of(works)?;
        let writes: Vec<(usize, TaskWrite)> =
            works.iter().enumerate().filter_map(|(index, work)| Some((index, self.task_write(work, &urls)?))).collect();
        let mut wrote: Vec<GraphWrote> = works.iter().map(|_| Wrote::Nothing).collect();
        let (writes, changed): (Vec<_>, Vec<_>) = self.look_first(works, writes)?;
        for index in changed {
            if let Some(slot) = wrote.get_mut(index) {
                *slot = Wrote::Again;
            }
        }
        if writes.is_empty() {
            return Ok((wrote, None));
        }
        self.note_ahead(works, &writes)?;
        let (answers, mut halted) = self.ask_many(Subject::Mailbox, writes.len(), |requests, index, id| {
            // Only asked for indices of the list itself; a read does no harm.
            writes.get(index).map_or_else(|| requests.me(id), |(_, write)| write.request(requests, id))
        });
        let mut stale = Vec::new();
        let mut failures = Vec::new();
        let mut batch = Batch::default();
        let succeeded = answers.iter().flatten().filter(|answer| (200..=299).contains(&answer.status)).count();
        let beside = Beside::of(writes.len(), succeeded);
        let mut answers = answers.into_iter();
        for (index, write) in &writes {
            let (Some(work), Some(slot)) = (works.get(*index), wrote.get_mut(*index)) else { continue };
            let Some(answer) = answers.next() else {
                // Never sent, so there is nothing to look for.
                batch.remove(self.store.keys.intent(&work.id));
                *slot = Wrote::Unknown;
                continue;
            };
            *slot = match self.read_written(work, write, answer) {
                Ok(stored) => stored,
                Err(failure) => match self.task_refused(work, write, (&failure, beside), &mut stale) {
                    Some(wrote) => wrote,
                    None if is_passing(&failure) && self.gives_up(work, Side::M365, &failure, beside) => Wrote::Refused,
                    None => {
                        if failure.performed == Performed::No {
                            batch.remove(self.store.keys.intent(&work.id));
                        }
                        failures.push(failure);
                        Wrote::Unknown
                    }
                },
            };
        }
        halted = halted.or_else(|| self.halt_for(&failures));
        // Read before anything more is decided: it may have another id by now, which
        // is to be known after what is settled here.
        for id in &stale {
            batch.put(self.store.keys.staged_graph(id), &SeenGraph::Removed);
        }
        self.commit(batch)?;
        Ok((wrote, halted))
    }

    fn task_write(&self, work: &Work, urls: &BTreeMap<CrmId, String>) -> Option<TaskWrite> {
        match &work.decision {
            Decision::Create { on: Side::M365, record, .. } => {
                let url = work.crm_id().and_then(|id| urls.get(&id).cloned());
                let linked = self.linked(&work.id, record.title(), url.as_deref());
                Some(TaskWrite::Create(
                    self.status.target.clone()?,
                    create_task_body(record, self.zone(), Some(linked)),
                ))
            }
            Decision::Delete { on: Side::M365, .. } => {
                let end = &work.link.as_ref()?.m365;
                Some(TaskWrite::Delete(end.list.clone()?, end.id.clone(), end.version.clone()))
            }
            Decision::Merge(merge) if !merge.to_m365.is_empty() => {
                let end = &work.link.as_ref()?.m365;
                let body = patch_task_body(&merge.to_m365, self.zone());
                Some(TaskWrite::Update(end.list.clone()?, end.id.clone(), end.version.clone(), body))
            }
            Decision::Create { on: Side::Crm, .. }
            | Decision::Delete { on: Side::Crm, .. }
            | Decision::Merge(_)
            | Decision::Ignore
            | Decision::Keep
            | Decision::Close
            | Decision::Withhold => None,
        }
    }

    /// The linked resource of a task: the key, and the link that a person clicks.
    pub(super) fn linked(&self, link: &LinkId, title: &str, url: Option<&str>) -> Value {
        linked_resource(link, &self.product, title, url)
    }

    /// The pages of the CRM that show the tasks that are to be created in To Do.
    fn pages_of(&mut self, works: &[Work]) -> Result<BTreeMap<CrmId, String>, Halt> {
        let is_created = |work: &&Work| matches!(work.decision, Decision::Create { on: Side::M365, .. });
        let ids: Vec<CrmId> = works.iter().filter(is_created).filter_map(Work::crm_id).collect();
        self.web_urls(&ids)
    }

    /// The pages of the CRM that show these tasks.
    pub(super) fn web_urls(&mut self, ids: &[CrmId]) -> Result<BTreeMap<CrmId, String>, Halt> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let items = self.ports.tasks(ids).map_err(Halt::Host)?;
        Ok(items.into_iter().flatten().filter_map(|item| Some((item.id, item.web_url?))).collect())
    }

    /// What is written down before the requests, so that nobody takes it for
    /// somebody's edit if this step is interrupted, and so that nothing is created
    /// twice.
    fn note_ahead(&mut self, works: &[Work], writes: &[(usize, TaskWrite)]) -> Result<(), Halt> {
        let mut batch = Batch::default();
        for (index, write) in writes {
            let Some(work) = works.get(*index) else { continue };
            match write {
                TaskWrite::Create(list, _) => {
                    if let Some(mut intent) = intent(work) {
                        intent.list = Some(list.clone());
                        batch.put(self.store.keys.intent(&work.id), &intent);
                    }
                }
                TaskWrite::Update(_, id, ..) => {
                    if let (Some(link), Decision::Merge(merge)) = (&work.link, &work.decision) {
                        batch.put_link(&self.store.keys, &link.writing(merge));
                        batch.put(self.store.keys.staged_graph(id), &SeenGraph::Removed);
                    }
                }
                // Whose place was taken commits nothing, and deletes nothing.
                TaskWrite::Delete(..) => {
                    if let Some(link) = &work.link {
                        batch.put_link(&self.store.keys, link);
                    }
                }
            }
        }
        self.commit(batch)
    }

    fn read_written(&self, work: &Work, write: &TaskWrite, answer: Answer) -> Result<GraphWrote, Failure> {
        let answer = answer?;
        let task = match write {
            TaskWrite::Create(..) => response::read_todo_created(&answer)?,
            TaskWrite::Update(..) => response::read_todo_task(&answer)?,
            // Where it is gone already, it may have moved to another list: a read
            // tells.
            TaskWrite::Delete(..) => return response::read_deleted(&answer).map(|()| Wrote::Deleted),
        };
        // Written, but not readable or without a version: the next observation
        // shows it.
        let Ok(mapped) = read_task(&task, self.zone()) else { return Ok(Wrote::Unknown) };
        let id = mapped.id.clone();
        let Some(item) = seen_task(write.list(), mapped) else { return Ok(Wrote::Unknown) };
        Ok(Wrote::Stored(match write {
            TaskWrite::Create(..) | TaskWrite::Delete(..) => StoredGraph::whole(id, None, graph_seen(item)),
            TaskWrite::Update(..) => changed(work, id, item),
        }))
    }

    /// What a failed write means for its item; none where it is the run's matter.
    fn task_refused(
        &mut self,
        work: &Work,
        write: &TaskWrite,
        (failure, beside): (&Failure, Beside),
        stale: &mut Vec<GraphId>,
    ) -> Option<GraphWrote> {
        match (&failure.reaction, write.item()) {
            // Gone from its list: deleted, or moved to another one. A read tells.
            (Reaction::RereadItem | Reaction::ItemGone, Some(id)) => {
                stale.push(id.clone());
                Some(Wrote::Again)
            }
            // The list itself is gone; the next step knows.
            (Reaction::ItemGone, None) => Some(Wrote::Again),
            (Reaction::SkipItem, item) => {
                if item.is_none() && failure.performed == Performed::Unknown {
                    self.aside.may_be_made(&work.id);
                }
                self.refused(work, Side::M365, &reason(failure));
                Some(Wrote::Refused)
            }
            // Of a list that is shared to be read: the mailbox itself answers. Of more
            // than a few, all of which are denied, it is not, until somebody has looked
            // at the permissions.
            (Reaction::MissingPermission, Some(_))
                if self.heard && (beside != Beside::Failure || self.was_denied_before(work)) =>
            {
                self.refused(work, Side::M365, &reason(failure));
                Some(Wrote::Refused)
            }
            (
                Reaction::Retry { .. }
                | Reaction::Resync { .. }
                | Reaction::Reauthenticate { .. }
                | Reaction::RereadItem
                | Reaction::AlreadyCreated { .. }
                | Reaction::ParkMailbox
                | Reaction::MissingPermission
                | Reaction::StopRun,
                _,
            ) => None,
        }
    }
}

/// The answer to a change. What it shows beside what was sent is somebody's edit
/// that nobody has seen yet, where the service passes over the version that was
/// asked for: it is decided about by itself.
fn changed(work: &Work, id: GraphId, item: SeenGraphItem) -> StoredGraph {
    let (Decision::Merge(merge), Some(link)) = (&work.decision, &work.link) else {
        return StoredGraph::whole(id, None, graph_seen(item));
    };
    let Some(before) = link.m365.as_seen() else { return StoredGraph::whole(id, None, graph_seen(item)) };
    let sent = merge.to_m365.groups();
    if has_moved_on(&merge.to_m365, &item) {
        // What was completed is the finished copy, which is found by its linked
        // resource. Until then it is thought of as what was asked for, in the
        // version before, so that what the old id shows is looked at again.
        let record = before.record.overlaid(&merge.to_m365);
        return StoredGraph::whole(id, None, GraphSeen { record, ..before });
    }
    let others = |record: &Record| record.only(record.groups().without(sent));
    let is_edited = !others(&item.record).same_as(&others(&before.record));
    let record = before.record.overlaid(&item.record.only(sent));
    let stored = StoredGraph::whole(id, None, GraphSeen { record, ..graph_seen(item.clone()) });
    StoredGraph { again: is_edited, reread: is_edited.then_some(item), ..stored }
}

/// Whether a recurring task that was completed answers as what it is from then
/// on: the open one of the next date.
fn has_moved_on(sent: &Record, item: &SeenGraphItem) -> bool {
    let is_closed = sent.get(FieldGroup::Status) == Some(&FieldValue::Status(TaskStatus::Closed));
    is_closed && item.record.status() != TaskStatus::Closed
}
