//! Reading the lists of To Do: rounds of changes and complete listings, a page at
//! a time, each committed together with the link to the next one.

use crate::graph::wire::{Continuation, PageLink};
use crate::graph::{Failure, Reaction, Subject, response};
use crate::model::{GraphId, TaskListId};
use crate::ports::Ports;
use crate::run::report::Halt;
use crate::run::state::{CrmRound, SeenGraph, Sweep};
use crate::run::store::{self, Batch, decode};
use crate::sync::{EndState, Link};

use super::TaskStep;
use super::status::{ListRound, ListState, UnreadableList};

/// Pages of one round; at 100 items a page far beyond any list.
const ROUND_PAGES_MAX: u32 = 2_000;

/// Listings begun within one step, where Microsoft keeps forgetting its links.
const LISTINGS_PER_STEP_MAX: u32 = 2;

/// Links looked at between two commits.
const LINKS_PER_PAGE: u32 = 300;

impl<P: Ports> TaskStep<'_, P> {
    /// Reads what is new in every list that is followed, asking each at least
    /// once.
    pub(super) fn read_feeds(&mut self) -> Result<(), Halt> {
        let is_fed = |list: &&ListRound| matches!(list.state, ListState::Changes { .. });
        let ids: Vec<TaskListId> = self.status.lists.iter().filter(is_fed).map(|list| list.id.clone()).collect();
        for id in ids {
            self.read_list(&id, |state| matches!(state, ListState::Changes { .. }))?;
        }
        Ok(())
    }

    /// Lists what has to be listed, compares it with the links, and lists the
    /// CRM's tasks.
    pub(super) fn list_tasks(&mut self) -> Result<(), Halt> {
        // A feed that was forgotten begins a listing, which asks for a sweep.
        loop {
            let is_unlisted = |list: &&ListRound| matches!(list.state, ListState::Listing { .. });
            if let Some(id) = self.status.lists.iter().find(is_unlisted).map(|list| list.id.clone()) {
                self.read_list(&id, |state| matches!(state, ListState::Listing { .. }))?;
            } else if self.status.sweep.is_some() {
                self.sweep_tasks()?;
            } else {
                break;
            }
        }
        self.status.lists.iter_mut().for_each(ListRound::compared);
        self.read_feeds()?;
        while !matches!(self.status.crm, CrmRound::Changes { .. }) {
            self.observe_crm_tasks()?;
        }
        Ok(())
    }

    /// Reads a list as long as `goes_on` says so, and until its round is complete.
    fn read_list(&mut self, id: &TaskListId, goes_on: impl Fn(&ListState) -> bool) -> Result<(), Halt> {
        loop {
            let Some(list) = self.status.list(id) else { return Ok(()) };
            if !goes_on(&list.state) {
                return Ok(());
            }
            let size = list.page_size;
            let link = match &list.state {
                ListState::Listing { next } => next.clone(),
                ListState::Changes { complete: true, .. } if self.turns.asked.contains(id) => return Ok(()),
                ListState::Changes { link, .. } => Some(link.clone()),
                ListState::Listed { .. } => return Ok(()),
            };
            self.read_page(id, link.as_ref(), size)?;
        }
    }

    fn read_page(&mut self, id: &TaskListId, link: Option<&PageLink>, size: u16) -> Result<(), Halt> {
        let answer = self.ask(Subject::TaskListRound, |requests, request_id| match link {
            Some(link) => requests.follow(link, size, request_id),
            None => Ok(requests.todo_tasks_delta(id, size, request_id)),
        })?;
        let page = match answer.and_then(|answer| response::read_todo_delta_page(&answer)) {
            Ok(page) => page,
            Err(failure) => return self.list_failed(id, &failure),
        };
        self.turns.asked.insert(id.clone());
        let is_listing = self.status.list(id).is_some_and(|list| matches!(list.state, ListState::Listing { .. }));
        let mut batch = Batch::default();
        self.stage_tasks(id, &page.items, is_listing, &mut batch)?;
        let is_endless = self.goes_on(id, page.next, link);
        // The cursor and what it covers, in one write.
        self.commit_with_status(batch)?;
        if is_endless { Err(self.stop("a round of changes did not end")) } else { Ok(()) }
    }

    /// Goes on after a page; whether the round has become too long.
    fn goes_on(&mut self, id: &TaskListId, continuation: Continuation, asked: Option<&PageLink>) -> bool {
        let leads_back = self.turns.followed.leads_back(asked, &continuation);
        let Some(list) = self.status.list_mut(id) else { return false };
        list.after_page(continuation);
        let is_endless = leads_back || list.pages > ROUND_PAGES_MAX;
        if is_endless {
            self.status.list_again();
        }
        is_endless
    }

    fn list_failed(&mut self, id: &TaskListId, failure: &Failure) -> Result<(), Halt> {
        let shrinks = |step: &mut Self| step.status.list_mut(id).is_some_and(ListRound::shrink_pages);
        match &failure.reaction {
            // The links are forgotten: list everything again and compare.
            Reaction::Resync { .. } if self.turns.listings < LISTINGS_PER_STEP_MAX => {
                self.turns.listings += 1;
                self.turns.followed.forget();
                self.status.list_again();
                self.save_status()
            }
            _ if failure.is_too_large() && shrinks(self) => Ok(()),
            // The list is gone since it was named; or it is named and cannot be
            // read, and would be listed again with all others at each step.
            Reaction::ItemGone => {
                let now = self.ports.now();
                self.status.lists.retain(|list| list.id != *id);
                self.status.unreadable.push(UnreadableList { id: id.clone(), met_at: now });
                self.save_status()
            }
            Reaction::Retry { .. }
            | Reaction::Resync { .. }
            | Reaction::Reauthenticate { .. }
            | Reaction::RereadItem
            | Reaction::AlreadyCreated { .. }
            | Reaction::SkipItem
            | Reaction::ParkMailbox
            | Reaction::MissingPermission
            | Reaction::StopRun => Err(self.halt(failure)),
        }
    }

    /// After complete listings: what is linked, but was in none, is staged as
    /// removed and read by id before anything is concluded.
    fn sweep_tasks(&mut self) -> Result<(), Halt> {
        while let Some(Sweep { after }) = self.status.sweep.clone() {
            self.check_time()?;
            if after.is_none() {
                self.note_whether_listed(self.status.listing)?;
            }
            let prefix = self.store.keys.links();
            let (entries, more) = store::page(self.ports, &prefix, after.as_deref(), LINKS_PER_PAGE)?;
            let links = entries.iter().map(decode).collect::<Result<Vec<Link>, _>>()?;
            let ids: Vec<&GraphId> = links.iter().map(|link| &link.m365.id).collect();
            let marks: Vec<String> = ids.iter().map(|id| self.store.keys.mark(self.status.listing, id)).collect();
            let marked = store::present(self.ports, &marks)?;
            let mut batch = Batch::default();
            for (link, marked) in links.iter().zip(marked) {
                if !marked && self.is_expected(link) {
                    batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Removed);
                }
            }
            let last = entries.last().filter(|_| more).map(|entry| entry.key.clone());
            self.status.sweep = last.map(|after| Sweep { after: Some(after) });
            if self.status.sweep.is_none() {
                self.status.lists.iter_mut().for_each(ListRound::compared);
            }
            self.commit_with_status(batch)?;
        }
        let marks = self.store.keys.marks();
        Ok(self.store.clear(self.ports, &marks)?)
    }

    /// Whether a listing of the lists that are followed had to show the task.
    fn is_expected(&self, link: &Link) -> bool {
        let is_followed = link.m365.list.as_ref().is_some_and(|list| self.status.list(list).is_some());
        is_followed && matches!(link.m365.state, EndState::Present { .. })
    }
}
