//! Reading the CRM's tasks: a complete listing first, changes afterwards.

use std::collections::BTreeMap;

use crate::model::{CrmId, FieldGroup, FieldSet};
use crate::ports::{CrmChangesError, Ports, TaskChange, TaskItem, TaskPage};
use crate::run::report::Halt;
use crate::run::stage::body_left;
use crate::run::state::{CrmRound, SeenCrm, SeenCrmItem};
use crate::run::store::{self, Batch, decode};
use crate::sync::{EndState, IssueCode, Link, Side};

use super::TaskStep;

/// Changes asked for in a page, which is staged in one commit: with the largest
/// bodies below the contract's 16 MiB.
const PAGE_SIZE: u32 = 100;

/// Pages in one step. A CRM that answers `more` or "expired" for ever stops the
/// run.
const PAGES_PER_STEP_MAX: u32 = 1_000;

/// Links looked at between two commits.
const LINKS_PER_PAGE: u32 = 300;

impl<P: Ports> TaskStep<'_, P> {
    /// Reads the CRM's tasks up to now.
    pub(super) fn observe_crm_tasks(&mut self) -> Result<(), Halt> {
        for _ in 0..PAGES_PER_STEP_MAX {
            self.check_time()?;
            if matches!(self.status.crm, CrmRound::Sweeping { .. }) {
                self.sweep_crm_tasks()?;
                continue;
            }
            let after = match &self.status.crm {
                CrmRound::Listing { cursor } => cursor.clone(),
                CrmRound::Entering { after, .. } => after.clone(),
                CrmRound::Changes { cursor } | CrmRound::Sweeping { cursor, .. } => Some(cursor.clone()),
            };
            match self.ports.task_changes(after.as_deref(), PAGE_SIZE) {
                Ok(page) => {
                    let more = page.more;
                    let is_done = !more && matches!(self.status.crm, CrmRound::Changes { .. });
                    self.take_task_page(page)?;
                    if is_done {
                        return Ok(());
                    }
                }
                Err(CrmChangesError::CursorExpired) => {
                    // What vanished meanwhile is found by the sweep.
                    self.status.crm = CrmRound::Listing { cursor: None };
                    self.save_status()?;
                }
                Err(CrmChangesError::Host(error)) => return Err(Halt::Host(error)),
            }
        }
        Err(self.crm_does_not_end())
    }

    fn take_task_page(&mut self, page: TaskPage) -> Result<(), Halt> {
        let ids: Vec<CrmId> = page.changes.iter().map(|change| id_of(change).clone()).collect();
        let links = self.store.links_of_crm(self.ports, &ids)?;
        let mut batch = Batch::default();
        let staged = self.store.seen_crm(self.ports, &ids)?;
        let mut shown = self.read_what_differs(&page.changes, &links, &staged)?;
        for (change, link) in page.changes.into_iter().zip(links) {
            let shown = shown.remove(id_of(&change));
            match (change, shown) {
                // A page tells of which task something is new, a read what.
                (_, Some(Some(item))) => self.stage_crm_task(&item, link.as_ref(), &mut batch),
                // Where nothing is found, the page is all that is known.
                (TaskChange::Upserted(item), Some(None) | None) => {
                    self.stage_crm_task(&item, link.as_ref(), &mut batch);
                }
                (TaskChange::Deleted(id), Some(None) | None) if link.is_some() => {
                    batch.put(self.store.keys.staged_crm(&id), &SeenCrm::Gone { live: true });
                }
                (TaskChange::Deleted(id), Some(None) | None) => {
                    self.resolve_item(Some(&id), None)?;
                    batch.remove(self.store.keys.staged_crm(&id));
                }
            }
        }
        let round = after_page(&self.status.crm, page.next, page.more);
        if batch.is_empty() && round == self.status.crm {
            return Ok(());
        }
        self.status.crm = round;
        self.commit_with_status(batch)
    }

    /// What a read finds of the tasks that a page shows otherwise than they are linked
    /// or noted, and of those that it calls deleted: a deletion is one only where
    /// nothing is found.
    fn read_what_differs(
        &mut self,
        changes: &[TaskChange],
        links: &[Option<Link>],
        staged: &[Option<SeenCrm>],
    ) -> Result<BTreeMap<CrmId, Option<TaskItem>>, Halt> {
        let differs = |((change, link), staged): ((&TaskChange, &Option<Link>), &Option<SeenCrm>)| {
            let linked = link.as_ref().map(|link| link.crm.state.seen().map(|_| &link.crm.version));
            let noted = staged.as_ref().map(|staged| match staged {
                SeenCrm::Present(item) => Some(&item.version),
                SeenCrm::Gone { .. } => None,
            });
            let shown = match change {
                TaskChange::Upserted(item) => Some(&item.version),
                TaskChange::Deleted(_) => None,
            };
            let known = linked.or(noted);
            let is_new = known.is_none() && shown.is_some();
            (!is_new && known != Some(shown)).then(|| id_of(change).clone())
        };
        let ids: Vec<CrmId> = changes.iter().zip(links).zip(staged).filter_map(differs).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.ports.tasks(&ids).map_err(Halt::Host)?;
        Ok(ids.into_iter().zip(found).collect())
    }

    /// Stages a task of the CRM, if there is something to decide about it.
    pub(super) fn stage_crm_task(&mut self, item: &TaskItem, link: Option<&Link>, batch: &mut Batch) {
        if let Some(link) = link {
            let same = link.crm.version == item.version && matches!(link.crm.state, EndState::Present { .. });
            if same && !self.compare_all {
                return;
            }
        }
        if item.unread.contains(FieldGroup::Body) {
            let other = link.map(|link| link.m365.id.clone());
            self.issue(IssueCode::TooLarge, Some(item.id.clone()), other, &body_left(Side::Crm));
        }
        let seen = self.seen_crm_task(item);
        batch.put(self.store.keys.staged_crm(&item.id), &SeenCrm::Present(seen));
    }

    /// A task of the CRM as it is staged.
    pub(super) fn seen_crm_task(&self, item: &TaskItem) -> SeenCrmItem {
        // What cannot be compared is not overwritten either, and a status that a
        // workflow keeps is changed by people alone.
        let writable = self.capabilities.writes.without(STATUS).union(self.status_writable());
        SeenCrmItem {
            version: item.version.clone(),
            uid: String::new(),
            meeting_uid: None,
            organizes: true,
            record: item.record.only(self.capabilities.holds),
            writable: writable.without(item.unread),
            live: false,
            beside: None,
        }
    }

    /// After a listing that has replaced a lost feed: linked tasks that are not
    /// there any more.
    fn sweep_crm_tasks(&mut self) -> Result<(), Halt> {
        let CrmRound::Sweeping { after, cursor } = self.status.crm.clone() else { return Ok(()) };
        let prefix = self.store.keys.links();
        let (entries, more) = store::page(self.ports, &prefix, after.as_deref(), LINKS_PER_PAGE)?;
        let links = entries.iter().map(decode).collect::<Result<Vec<Link>, _>>()?;
        let ids: Vec<CrmId> = links.iter().map(|link| link.crm.id.clone()).collect();
        let found = if ids.is_empty() { Vec::new() } else { self.ports.tasks(&ids).map_err(Halt::Host)? };
        let mut batch = Batch::default();
        for (link, item) in links.iter().zip(found) {
            if item.is_none() && matches!(link.crm.state, EndState::Present { .. }) {
                batch.put(self.store.keys.staged_crm(&link.crm.id), &SeenCrm::Gone { live: false });
            }
        }
        let last = entries.last().filter(|_| more).map(|entry| entry.key.clone());
        self.status.crm = match last {
            Some(after) => CrmRound::Sweeping { after: Some(after), cursor },
            None => CrmRound::Changes { cursor },
        };
        self.commit_with_status(batch)
    }

    /// Reads a task by id and stages what it is now.
    pub(super) fn reread_crm_task(&mut self, id: &CrmId) -> Result<(), Halt> {
        let found = self.ports.tasks(std::slice::from_ref(id)).map_err(Halt::Host)?.pop().flatten();
        let mut batch = Batch::default();
        match found {
            Some(item) => {
                let seen = self.seen_crm_task(&item);
                batch.put(self.store.keys.staged_crm(id), &SeenCrm::Present(seen));
            }
            None => batch.put(self.store.keys.staged_crm(id), &SeenCrm::Gone { live: false }),
        }
        self.commit(batch)
    }
}

/// The status alone.
pub(super) const STATUS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Status);

const fn id_of(change: &TaskChange) -> &CrmId {
    match change {
        TaskChange::Upserted(item) => &item.id,
        TaskChange::Deleted(id) => id,
    }
}

/// How far the CRM was read after a page.
fn after_page(round: &CrmRound, next: String, more: bool) -> CrmRound {
    match round.clone() {
        CrmRound::Listing { .. } if more => CrmRound::Listing { cursor: Some(next) },
        CrmRound::Listing { .. } => CrmRound::Sweeping { after: None, cursor: next },
        CrmRound::Entering { cursor, .. } if more => CrmRound::Entering { after: Some(next), cursor },
        // The feed goes on where it was: what has changed meanwhile is in it.
        CrmRound::Entering { cursor, .. } => CrmRound::Changes { cursor },
        CrmRound::Changes { .. } | CrmRound::Sweeping { .. } => CrmRound::Changes { cursor: next },
    }
}
