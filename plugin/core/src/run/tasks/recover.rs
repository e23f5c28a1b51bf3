//! Finishing what an interrupted step may have created.
//!
//! To Do cannot be asked for a task by its linked resource, so the list that it
//! was to be created in is read as a whole ([`super::search`]). That is done only
//! after an answer was lost, once for all tasks that were on their way.

use std::collections::BTreeMap;

use crate::graph::wire::TodoTask;
use crate::mapping::task::{correlations, read_task};
use crate::model::{GraphId, GraphVersion, TaskListId};
use crate::ports::Ports;
use crate::run::decide::{crm_seen, graph_seen};
use crate::run::recover::UNSEEN;
use crate::run::report::Halt;
use crate::run::state::{Intent, SeenGraph, SeenGraphItem};
use crate::run::store::{Batch, without_end};
use crate::sync::{IssueCode, Link, Organizer};

use super::TaskStep;
use super::search::{Place, SEARCH_PAGES_MAX, bears};
use super::stage::seen_task;

/// Intents looked at together: five batches of creates.
const INTENTS_MAX: u32 = 100;

/// Lists in which intents are looked for in one step: more than a mailbox has.
const ROUNDS_MAX: usize = 1_000;

impl<P: Ports> TaskStep<'_, P> {
    /// Finishes or forgets every open intent.
    pub(super) fn recover_tasks(&mut self) -> Result<(), Halt> {
        for _ in 0..ROUNDS_MAX {
            let intents = self.store.intents(self.ports, INTENTS_MAX)?;
            if intents.is_empty() {
                return Ok(());
            }
            let Some(list) = intents.iter().find_map(|intent| intent.list.clone()) else {
                return self.forget(&intents);
            };
            let here = intents.into_iter().filter(|intent| intent.list.as_ref() == Some(&list)).collect();
            self.finish_in(&list, here)?;
        }
        Err(without_end().into())
    }

    /// Nothing was created for these: the observation is still there, and is
    /// decided about again.
    fn forget(&mut self, intents: &[Intent]) -> Result<(), Halt> {
        let mut batch = Batch::default();
        for intent in intents {
            batch.remove(self.store.keys.intent(&intent.link));
        }
        self.status.recovering = None;
        self.commit_with_status(batch)
    }

    /// Reads a list, page by page, and finishes the intents whose task is on it.
    fn finish_in(&mut self, list: &TaskListId, mut intents: Vec<Intent>) -> Result<(), Halt> {
        let at = self.status.recovering.clone().filter(|at| at.list == *list);
        let mut pages = at.as_ref().map_or(0, |at| at.pages);
        let mut next = at.map(|at| at.next);
        while let Some(page) = self.search_page(list, next.as_ref())? {
            pages += 1;
            if pages > SEARCH_PAGES_MAX {
                // Nobody knows what was created, so nothing is created again.
                self.status.recovering = None;
                return Err(self.stop("a list in which a task may have been created does not end"));
            }
            let mut batch = Batch::default();
            for task in &page.tasks {
                let made = intents.iter().position(|intent| bears(task, std::iter::once(&intent.link)));
                if let Some(at) = made {
                    let intent = intents.swap_remove(at);
                    self.finish_task(list, &intent, task, &mut batch)?;
                }
            }
            next = page.next;
            self.status.recovering = next.clone().map(|next| Place { list: list.clone(), next, pages });
            self.commit_with_status(batch)?;
            if next.is_none() || intents.is_empty() {
                break;
            }
        }
        self.forget(&intents)
    }

    fn finish_task(
        &mut self,
        list: &TaskListId,
        intent: &Intent,
        task: &TodoTask,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        batch.remove(self.store.keys.intent(&intent.link));
        let (made, staged) = match read_task(task, self.zone()) {
            Ok(mapped) => (Some(mapped.id.clone()).zip(seen_task(list, mapped)), None),
            Err(_) => (as_sent(list, intent, task), Some(SeenGraph::Stale)),
        };
        let Some((id, item)) = made else {
            // It was created, and cannot be linked: creating it once more would make
            // two of it.
            let message = "Microsoft sent the task that was created in To Do without an id or a version. It is left as \
                           it is on both sides.";
            self.issue(IssueCode::NotMappable, Some(intent.crm.clone()), None, message);
            batch.remove(self.store.keys.staged_crm(&intent.crm));
            return Ok(());
        };
        let link = recovered(intent, id, item);
        if let Some(old) = &intent.replaces
            && let Some(old) = self.store.links(self.ports, std::slice::from_ref(old))?.pop().flatten()
        {
            batch.remove_link(&self.store.keys, &old);
        }
        self.report.counts.m365.created += 1;
        // It may have been given up before it was known to be there.
        self.in_step(&link)?;
        match staged {
            Some(seen) => batch.put(self.store.keys.staged_graph(&link.m365.id), &seen),
            None => batch.remove(self.store.keys.staged_graph(&link.m365.id)),
        }
        self.put_settled(link, batch);
        Ok(())
    }
}

/// What was sent, of a task that has become what cannot be read: then it is
/// linked, its next read says why it is left, and no edit in the CRM makes a
/// second one of it. None if it has nothing to write against.
fn as_sent(list: &TaskListId, intent: &Intent, task: &TodoTask) -> Option<(GraphId, SeenGraphItem)> {
    let item = SeenGraphItem {
        version: task.etag.as_ref().map(|_| GraphVersion::new(UNSEEN))?,
        modified_at: None,
        i_cal_uid: None,
        organizer: Organizer::default(),
        occurrence_ids: BTreeMap::new(),
        meeting_blob: None,
        list: Some(list.clone()),
        correlations: correlations(task),
        record: intent.sent.clone(),
        writable: intent.sent.groups(),
    };
    Some((task.id.as_deref().map(GraphId::new)?, item))
}

/// The link as it was meant.
fn recovered(intent: &Intent, id: GraphId, item: SeenGraphItem) -> Link {
    let ours = (intent.crm.clone(), crm_seen(intent.seen.clone()));
    let link = (intent.link.clone(), intent.generation);
    Link::recovered(link, ours, &intent.sent, (id, graph_seen(item)))
}
