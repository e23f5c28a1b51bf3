//! From observations to items: which of them belong together.

use crate::mapping::task::{match_key_in_crm, task_match_key};
use crate::model::{GraphId, LinkId};
use crate::ports::Ports;
use crate::run::pair::{Item, Unlinked, pair};
use crate::run::report::Halt;
use crate::run::staged::{READS_MAX, Staged, gone};
use crate::run::state::{SeenCrm, SeenGraph, SeenGraphItem, StagedId};
use crate::run::store::decode;

use super::TaskStep;

impl<P: Ports> TaskStep<'_, P> {
    /// All tasks about which something was observed, after everything that was
    /// only noted was read, and what has another id now was found.
    pub(super) fn task_items(&mut self) -> Result<Vec<Item>, Halt> {
        self.doubt_elsewhere()?;
        let mut staged = self.staged_tasks()?;
        for _ in 0..READS_MAX {
            if staged.to_read.is_empty() && staged.missing.is_empty() {
                break;
            }
            self.read_tasks(&staged.to_read)?;
            staged = self.staged_tasks()?;
            self.find_moved(&staged.missing)?;
            staged = self.staged_tasks()?;
        }
        self.follow_finished()?;
        let staged = self.staged_tasks()?;
        let sorted = self.sorted(staged)?;
        if self.status.is_listing() || sorted.brings_back {
            // The counterpart of what is not linked may be in a page to come.
            return Ok(sorted.linked);
        }
        // What has no list to go to waits for it.
        let has_target = self.status.target.is_some();
        let is_possible = |item: &Item| has_target || !matches!(item, Item::CrmOnly(_));
        let pairs = pair(sorted.crm, sorted.m365).into_iter().filter(is_possible);
        Ok(sorted.linked.into_iter().chain(pairs).collect())
    }

    /// Reads all observations, keeping only what tasks are recognised by: the key
    /// that we have written into them, or title, importance and date (Oro row
    /// E10).
    fn staged_tasks(&mut self) -> Result<Staged, Halt> {
        let mut staged = Staged::default();
        let (account, capabilities) = (self.account.clone(), self.capabilities);
        self.each_staged(|id, entry| {
            match id {
                StagedId::Crm(id) => {
                    let own = LinkId::of_crm_task(&account, &id, 0);
                    staged.crm.push(match decode(entry)? {
                        SeenCrm::Present(item) => unlinked(id, Some(own), task_match_key(&item.record)),
                        SeenCrm::Gone { .. } => gone(id),
                    });
                }
                StagedId::Graph(id) => match decode(entry)? {
                    SeenGraph::Present(item) => {
                        let key = match_key_in_crm(&item.record, &capabilities);
                        staged.m365.push(unlinked(id, item.keys().next().cloned(), key));
                    }
                    SeenGraph::Gone => staged.m365.push(gone(id)),
                    SeenGraph::Removed | SeenGraph::Stale => staged.to_read.push(id),
                    SeenGraph::Missing => staged.missing.push(id),
                },
                StagedId::Asked(key) => staged.asked.push(key),
            }
            Ok(())
        })?;
        Ok(staged)
    }

    /// The tasks of To Do that were observed, as they are there.
    pub(super) fn observed_tasks(&mut self) -> Result<Vec<(GraphId, SeenGraphItem)>, Halt> {
        let mut found = Vec::new();
        self.each_staged(|id, entry| {
            if let StagedId::Graph(id) = id
                && let SeenGraph::Present(item) = decode(entry)?
            {
                found.push((id, *item));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn unlinked<I>(id: I, link: Option<LinkId>, key: String) -> Unlinked<I> {
    let uid = link.map(|link| link.as_str().to_owned());
    Unlinked { id, uid, meeting: None, key: Some(key), is_gone: false }
}
