//! Finding a task again that has another id now.
//!
//! There are two ways to that. A task that is moved to another list is removed
//! here and new there. And when a recurring task is completed, either the next
//! one is new, or the finished one is, and the old id goes on to the next date;
//! both have been observed. In every case the task still bears the linked
//! resource with our key, and so do copies, so the key alone does not tell: of
//! several, the one that was linked is gone, or has another date now.
//!
//! In one direction from Microsoft no task gets a key. There, a task that is gone
//! is the only one that looks the same and belongs to nothing yet.

use crate::graph::wire::TodoTask;
use crate::mapping::task::{read_task, task_match_key};
use crate::model::{GraphId, LinkId, TaskListId};
use crate::ports::Ports;
use crate::run::report::Halt;
use crate::run::state::{SeenGraph, SeenGraphItem};
use crate::run::store::Batch;
use crate::sync::{EndState, IssueCode, Link, Side};

use super::TaskStep;
use super::search::{Place, SEARCH_PAGES_MAX, Search, bears};
use super::stage::seen_task;

/// Ids asked for, and entries written, at once: well below the contract's 1,000.
const PER_CALL: usize = 300;

/// Links that are given another id in one commit, which takes six entries each.
const MOVES_PER_COMMIT: usize = 100;

/// Tasks that are looked for together: their keys are kept with the status.
const SOUGHT_MAX: usize = 5_000;

/// A task of To Do that belongs to no link.
type Candidate = (GraphId, SeenGraphItem);

impl<P: Ports> TaskStep<'_, P> {
    /// Looks for tasks that are not in their list any more: among what was
    /// observed, then in all other lists. What is in none is gone.
    pub(super) fn find_moved(&mut self, missing: &[GraphId]) -> Result<(), Halt> {
        if missing.is_empty() {
            return Ok(());
        }
        let mut observed = self.unlinked()?;
        let mut gone = Vec::new();
        for part in missing.chunks(MOVES_PER_COMMIT) {
            let mut links: Vec<Link> = self.store.links_of_graph(self.ports, part)?.into_iter().flatten().collect();
            let mut batch = Batch::default();
            self.relink(&mut links, &mut observed, &mut batch);
            self.commit(batch)?;
            gone.extend(links);
        }
        let mut search = self.status.search.take().unwrap_or_default();
        if !gone.iter().any(|link| search.sought.contains(&link.id)) {
            let sought = gone.iter().take(SOUGHT_MAX).map(|link| link.id.clone()).collect();
            search = Search { sought, ..Search::default() };
        }
        // The others are noted as they were, and looked for the next time.
        gone.retain(|link| search.sought.contains(&link.id));
        self.status.search = Some(search);
        if !gone.is_empty() {
            self.search_lists(&mut gone)?;
        }
        self.status.search = None;
        self.are_gone(&gone)
    }

    fn search_lists(&mut self, gone: &mut Vec<Link>) -> Result<(), Halt> {
        let lists: Vec<(TaskListId, String)> = self
            .turns
            .lists
            .iter()
            .flatten()
            .map(|list| (list.id.clone(), list.display_name.clone().unwrap_or_default()))
            .collect();
        for (list, name) in lists {
            // A task that was moved is in another list than before.
            let is_done = self.status.search.as_ref().is_some_and(|search| search.done.contains(&list));
            if is_done || !gone.iter().any(|link| link.m365.list.as_ref() != Some(&list)) {
                continue;
            }
            let before = gone.len();
            let has_ended = self.search_list(&list, gone)?;
            if has_ended && gone.len() < before && self.status.list(&list).is_none() {
                let message = format!(
                    "A task was moved to the list \"{name}\", which is not synchronized. It stays in the CRM; what \
                     becomes of it in To Do does not arrive there. Name the list in the settings, or synchronize all."
                );
                self.issue(IssueCode::TaskListLeft, None, None, &message);
            }
            if let Some(search) = &mut self.status.search {
                search.done.insert(list);
                search.at = None;
            }
        }
        Ok(())
    }

    /// Reads one list, page by page, each committed together with what was found
    /// on it. False where it has no end, and what was sought is left.
    fn search_list(&mut self, list: &TaskListId, gone: &mut Vec<Link>) -> Result<bool, Halt> {
        let at = self.status.search.as_ref().and_then(|search| search.at.clone());
        let at = at.filter(|at| at.list == *list);
        let mut pages = at.as_ref().map_or(0, |at| at.pages);
        let mut next = at.map(|at| at.next);
        loop {
            if pages >= SEARCH_PAGES_MAX {
                self.leave_sought(gone)?;
                return Ok(false);
            }
            pages += 1;
            let Some(page) = self.search_page(list, next.as_ref())? else { return Ok(true) };
            let mut batch = Batch::default();
            let mut found = Vec::new();
            for task in &page.tasks {
                let is_borne = bears(task, gone.iter().map(|link| &link.id));
                match read_task(task, self.zone()) {
                    Ok(mapped) if is_borne || self.has_no_keys() => {
                        let id = mapped.id.clone();
                        found.extend(seen_task(list, mapped).map(|item| (id, item)));
                    }
                    Err(_) if is_borne => self.leave_unreadable(task, gone, &mut batch),
                    Ok(_) | Err(_) => {}
                }
            }
            let mut found = self.without_linked(&found)?;
            self.relink(gone, &mut found, &mut batch);
            next = page.next;
            if let Some(search) = &mut self.status.search {
                search.at = next.clone().map(|next| Place { list: list.clone(), next, pages });
            }
            self.commit_with_status(batch)?;
            if next.is_none() || gone.is_empty() {
                return Ok(true);
            }
        }
    }

    /// A list did not end: of what is not found, nothing is known. It is left, and
    /// the next complete listing looks at it again.
    fn leave_sought(&mut self, gone: &mut Vec<Link>) -> Result<(), Halt> {
        for part in std::mem::take(gone).chunks(PER_CALL) {
            let mut batch = Batch::default();
            for link in part {
                batch.remove(self.store.keys.staged_graph(&link.m365.id));
                self.left_alone(link, "the task is not where it was, and a list that it may be in has too many pages");
            }
            self.commit_with_status(batch)?;
        }
        Ok(())
    }

    /// A task that is there, and cannot be read: it is not gone.
    fn leave_unreadable(&mut self, task: &TodoTask, gone: &mut Vec<Link>, batch: &mut Batch) {
        let (left, rest): (Vec<Link>, Vec<Link>) =
            std::mem::take(gone).into_iter().partition(|link| bears(task, std::iter::once(&link.id)));
        *gone = rest;
        for link in left {
            batch.remove(self.store.keys.staged_graph(&link.m365.id));
            self.left_alone(&link, "the task was moved to another list, where it cannot be read");
        }
    }

    /// Gives links that are gone the id under which their task was found, and
    /// takes them out of `gone`.
    fn relink(&mut self, gone: &mut Vec<Link>, found: &mut Vec<Candidate>, batch: &mut Batch) {
        let by_look = self.has_no_keys();
        gone.retain(|link| {
            let is_elsewhere = |item: &SeenGraphItem| item.list != link.m365.list;
            // In its own list, the copy of a recurring task bears the key, too, with
            // another date; what looks the same was moved there and back.
            let is_meant = |item: &SeenGraphItem| is_elsewhere(item) || looks_like(item, link);
            let by_key = found.iter().position(|(_, item)| item.bears(&link.id) && is_meant(item));
            let position = by_key.or_else(|| {
                let is_followed =
                    |item: &SeenGraphItem| item.list.as_ref().is_some_and(|list| self.status.list(list).is_some());
                let looks = |item: &SeenGraphItem| is_elsewhere(item) && is_followed(item) && looks_like(item, link);
                let mut alike = (0..found.len()).filter(|at| found.get(*at).is_some_and(|(_, item)| looks(item)));
                alike.next().filter(|_| by_look && alike.next().is_none())
            });
            let Some(position) = position else { return true };
            let (id, item) = found.swap_remove(position);
            self.take_over(link, &id, &item, batch);
            false
        });
    }

    /// Puts the new id of a link into the commit, and stages what was found.
    fn take_over(&self, link: &Link, id: &GraphId, item: &SeenGraphItem, batch: &mut Batch) {
        let mut moved = link.clone();
        batch.remove(self.store.keys.by_graph(&link.m365.id));
        batch.remove(self.store.keys.staged_graph(&link.m365.id));
        moved.m365.id.clone_from(id);
        moved.m365.list.clone_from(&item.list);
        // Times of another id say nothing about this one.
        moved.m365.modified_at = None;
        batch.put_link(&self.store.keys, &moved);
        batch.put(self.store.keys.staged_graph(id), &SeenGraph::Present(Box::new(item.clone())));
    }

    /// Whether tasks that begin in To Do get no key from us.
    fn has_no_keys(&self) -> bool {
        !self.policy.writes(Side::M365)
    }

    /// What was observed and belongs to no link.
    fn unlinked(&mut self) -> Result<Vec<Candidate>, Halt> {
        let observed = self.observed_tasks()?;
        self.without_linked(&observed)
    }

    fn without_linked(&mut self, found: &[Candidate]) -> Result<Vec<Candidate>, Halt> {
        let mut unlinked = Vec::new();
        for part in found.chunks(PER_CALL) {
            let ids: Vec<GraphId> = part.iter().map(|(id, _)| id.clone()).collect();
            let links = self.store.links_of_graph(self.ports, &ids)?;
            unlinked.extend(part.iter().zip(links).filter(|(_, link)| link.is_none()).map(|(one, _)| one.clone()));
        }
        Ok(unlinked)
    }

    /// The links whose key an item bears.
    pub(super) fn links_borne(&mut self, item: &SeenGraphItem) -> Result<Vec<Link>, Halt> {
        let keys: Vec<LinkId> = item.keys().cloned().collect();
        Ok(self.store.links(self.ports, &keys)?.into_iter().flatten().collect())
    }

    /// A task that was moved may be seen where it has come to before it is missed
    /// where it was, and in a list that is not followed nobody misses it. Where one
    /// with its key has come to another list, it is asked for.
    pub(super) fn doubt_elsewhere(&mut self) -> Result<(), Halt> {
        for part in self.unlinked()?.chunks(PER_CALL) {
            let mut batch = Batch::default();
            for (_, item) in part {
                for link in self.links_borne(item)? {
                    if link.m365.list != item.list && matches!(link.m365.state, EndState::Present { .. }) {
                        batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Removed);
                    }
                }
            }
            self.commit(batch)?;
        }
        Ok(())
    }

    /// Follows recurring tasks of which the finished copy has got another id: the
    /// link goes on with what it was about, and the next date is a new task.
    pub(super) fn follow_finished(&mut self) -> Result<(), Halt> {
        let mut taken: Vec<LinkId> = Vec::new();
        for (id, item) in self.unlinked()? {
            for link in self.links_borne(&item)? {
                if taken.contains(&link.id) || !self.has_moved_on(&link, &item)? {
                    continue;
                }
                taken.push(link.id.clone());
                let old = self.seen_graph_of(Some(&link.m365.id))?;
                let mut batch = Batch::default();
                self.take_over(&link, &id, &item, &mut batch);
                // What goes on under the old id is a task of its own now.
                if let Some(old) = old {
                    batch.put(self.store.keys.staged_graph(&link.m365.id), &old);
                }
                self.commit(batch)?;
                break;
            }
        }
        Ok(())
    }

    /// Whether what is linked has another date now, and `item` has the one that it
    /// had.
    fn has_moved_on(&mut self, link: &Link, item: &SeenGraphItem) -> Result<bool, Halt> {
        let EndState::Present { seen: known, .. } = &link.m365.state else { return Ok(false) };
        let Some(SeenGraph::Present(now)) = self.seen_graph_of(Some(&link.m365.id))? else { return Ok(false) };
        let same_title = item.record.title() == known.title();
        Ok(same_title && item.record.due() == known.due() && now.record.due() != known.due())
    }
}

/// Whether an item is what the link was about, as far as can be told without a
/// key.
fn looks_like(item: &SeenGraphItem, link: &Link) -> bool {
    link.m365.state.seen().is_some_and(|known| task_match_key(known) == task_match_key(&item.record))
}
