//! Noting what a page of a list has shown.

use std::collections::BTreeMap;

use crate::graph::wire::{TodoDeltaItem, TodoTask};
use crate::mapping::task::{MappedTask, read_task};
use crate::model::{FieldGroup, GraphId, TaskListId};
use crate::ports::Ports;
use crate::run::execute_crm::sentence;
use crate::run::report::Halt;
use crate::run::stage::{body_left, crm_of};
use crate::run::state::{SeenGraph, SeenGraphItem};
use crate::run::{notice, store::Batch};
use crate::sync::{EndState, IssueCode, Link, Organizer, Side};

use super::TaskStep;

impl<P: Ports> TaskStep<'_, P> {
    /// Stages the items of a page of `list`; `listing` says whether it belongs to
    /// a complete listing.
    pub(super) fn stage_tasks(
        &mut self,
        list: &TaskListId,
        items: &[TodoDeltaItem],
        listing: bool,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        let ids: Vec<GraphId> = items.iter().filter_map(id_of).collect();
        let links = self.store.links_of_graph(self.ports, &ids)?;
        let links: BTreeMap<GraphId, Link> =
            ids.iter().cloned().zip(links).filter_map(|(id, link)| Some((id, link?))).collect();
        if listing {
            for id in &ids {
                batch.put(self.store.keys.mark(self.status.listing, id), &());
            }
        }
        for item in items {
            match item {
                TodoDeltaItem::Changed(task) => {
                    let link = id_of(item).and_then(|id| links.get(&id).cloned());
                    self.stage_task(list, task, link.as_ref(), batch);
                }
                TodoDeltaItem::Removed(id) => match links.get(id) {
                    // It has moved on to another list already.
                    Some(link) if link.m365.list.as_ref() != Some(list) => {}
                    Some(_) => batch.put(self.store.keys.staged_graph(id), &SeenGraph::Removed),
                    // Never ours.
                    None => {
                        self.resolve_item(None, Some(id))?;
                        batch.remove(self.store.keys.staged_graph(id));
                    }
                },
                TodoDeltaItem::Malformed(id) => {
                    if let Some(id) = id.as_ref() {
                        batch.remove(self.store.keys.staged_graph(id));
                    }
                    let message = "Microsoft sent a task that could not be read. It is left as it is on both sides.";
                    let link = id.as_ref().and_then(|id| links.get(id));
                    self.unreadable(Side::M365, crm_of(link), id.clone(), message);
                }
            }
        }
        Ok(())
    }

    fn stage_task(&mut self, list: &TaskListId, task: &TodoTask, link: Option<&Link>, batch: &mut Batch) {
        match read_task(task, self.zone()) {
            Ok(mapped) => {
                let is_known = self.is_known(link, &mapped, list);
                if !is_known && !link.is_some_and(|link| link.m365.is_older(mapped.modified_at)) {
                    self.stage_mapped_task(list, mapped, link, batch);
                }
            }
            Err(problem) => {
                let id = task.id.as_deref().map(GraphId::new);
                let message = format!("{}. The task is left as it is on both sides.", notice::chain(&problem));
                if let Some(id) = &id {
                    batch.remove(self.store.keys.staged_graph(id));
                }
                self.unreadable(Side::M365, crm_of(link), id, &sentence(&message));
            }
        }
    }

    /// Whether the link has this version, in this list, and nothing is to be
    /// compared again.
    fn is_known(&self, link: Option<&Link>, mapped: &MappedTask, list: &TaskListId) -> bool {
        link.is_some_and(|link| {
            Some(&link.m365.version) == mapped.version.as_ref()
                && link.m365.list.as_ref() == Some(list)
                && matches!(link.m365.state, EndState::Present { .. })
                && !self.compare_all
        })
    }

    /// Stages a task as it is.
    pub(super) fn stage_mapped_task(
        &mut self,
        list: &TaskListId,
        mapped: MappedTask,
        link: Option<&Link>,
        batch: &mut Batch,
    ) {
        let id = mapped.id.clone();
        if mapped.unread.contains(FieldGroup::Body) {
            self.issue(IssueCode::TooLarge, crm_of(link), Some(id.clone()), &body_left(Side::M365));
        }
        let staged = self.store.keys.staged_graph(&id);
        if let Some(item) = seen_task(list, mapped) {
            batch.put(staged, &SeenGraph::Present(Box::new(item)));
        } else {
            let message = "Microsoft sent a task without a version. It is left as it is on both sides.";
            batch.remove(staged);
            self.unreadable(Side::M365, crm_of(link), Some(id), message);
        }
    }
}

/// An observation as it is staged; none where it has no version to write
/// against.
pub(super) fn seen_task(list: &TaskListId, mapped: MappedTask) -> Option<SeenGraphItem> {
    Some(SeenGraphItem {
        version: mapped.version?,
        modified_at: mapped.modified_at,
        i_cal_uid: None,
        organizer: Organizer::default(),
        occurrence_ids: BTreeMap::new(),
        meeting_blob: None,
        list: Some(list.clone()),
        correlations: mapped.correlations,
        record: mapped.record,
        writable: mapped.writable,
    })
}

fn id_of(item: &TodoDeltaItem) -> Option<GraphId> {
    match item {
        TodoDeltaItem::Changed(task) => task.id.as_deref().map(GraphId::new),
        TodoDeltaItem::Removed(id) => Some(id.clone()),
        TodoDeltaItem::Malformed(id) => id.clone(),
    }
}
