//! Writing our key into tasks that began in To Do, so that they are found again
//! in another list, and so that a person can click on the way to the CRM.
//!
//! One request for each, in batches, once in the life of a task. The next task of
//! a recurring one comes with a copy of the resource of the one before, which is
//! rewritten then. Until that is confirmed, the task is noted as one to be read again,
//! so that what was interrupted is made up for.

use serde_json::Value;

use crate::graph::{Reaction, Subject, response};
use crate::model::{CrmId, LinkId};
use crate::ports::{HttpRequest, Ports};
use crate::run::execute_series::beside;
use crate::run::report::Halt;
use crate::run::state::SeenGraphItem;
use crate::run::store::Batch;
use crate::run::work::LinkBack;
use crate::sync::{EndState, Link, Side};

use super::TaskStep;

/// What the link is called where attempts at it are counted.
const PART: &str = "link";

impl<P: Ports> TaskStep<'_, P> {
    /// What brings our key into a task, which is to be linked as `link`; none where
    /// it bears the key, or where it is not known what it bears.
    pub(super) fn link_back_of(&mut self, item: &SeenGraphItem, link: &LinkId) -> Result<Option<LinkBack>, Halt> {
        if item.correlations.is_none() || item.bears(link) || !self.policy.writes(Side::M365) {
            return Ok(None);
        }
        let ours: Vec<LinkId> = self.links_borne(item)?.into_iter().map(|link| link.id).collect();
        let copied = item.correlations.iter().flatten().find(|one| ours.contains(&one.link));
        Ok(Some(match copied.and_then(|one| one.resource.clone()) {
            Some(resource) => LinkBack::Replace(resource),
            None => LinkBack::Add,
        }))
    }

    /// Links these tasks with the CRM's, after they were settled; why the run has
    /// to end, if it has to.
    pub(super) fn link_back(&mut self, wanted: &[(LinkId, LinkBack)]) -> Result<Option<Halt>, Halt> {
        let ids: Vec<LinkId> = wanted.iter().map(|(id, _)| id.clone()).collect();
        let links = self.store.links(self.ports, &ids)?;
        let is_there = |state: &EndState| matches!(state, EndState::Present { .. });
        let open: Vec<(Link, &LinkBack)> = links
            .into_iter()
            .zip(wanted)
            .filter_map(|(link, (_, how))| Some((link?, how)))
            .filter(|(link, _)| is_there(&link.crm.state) && is_there(&link.m365.state) && link.m365.list.is_some())
            .collect();
        if open.is_empty() {
            return Ok(None);
        }
        let bodies = self.linked_resources(&open)?;
        let (answers, halted) = self.ask_many(Subject::Item, open.len(), |requests, index, id| {
            match (open.get(index), bodies.get(index)) {
                (Some((link, how)), Some(body)) => request(requests, link, how, body, id),
                // Only asked for indices of the list itself; a read does no harm.
                _ => requests.me(id),
            }
        });
        let beside = beside(&answers);
        let mut failures = Vec::new();
        let mut batch = Batch::default();
        for ((link, _), answer) in open.iter().zip(answers) {
            let done = match answer.and_then(|answer| response::read_linked_resource_added(&answer)) {
                Ok(()) => {
                    self.part_went_through(&link.id, PART);
                    true
                }
                Err(failure) => {
                    // Without the link, the task is in step all the same.
                    let is_refused = failure.reaction == Reaction::SkipItem
                        || self.part_counts_out(&link.id, PART, &failure, beside).is_some();
                    failures.push(failure);
                    is_refused
                }
            };
            if done {
                batch.remove(self.store.keys.staged_graph(&link.m365.id));
            }
        }
        self.commit(batch)?;
        let grave: Vec<_> = failures.into_iter().filter(|failure| concerns_run(&failure.reaction)).collect();
        Ok(halted.or_else(|| self.halt_for(&grave)))
    }

    fn linked_resources(&mut self, open: &[(Link, &LinkBack)]) -> Result<Vec<Value>, Halt> {
        let ids: Vec<CrmId> = open.iter().map(|(link, _)| link.crm.id.clone()).collect();
        let urls = self.web_urls(&ids)?;
        let body = |link: &Link| {
            let title = link.m365.state.seen().map(crate::model::Record::title).unwrap_or_default();
            self.linked(&link.id, title, urls.get(&link.crm.id).map(String::as_str))
        };
        Ok(open.iter().map(|(link, _)| body(link)).collect())
    }
}

fn request(requests: &crate::graph::Requests<'_>, link: &Link, how: &LinkBack, body: &Value, id: &str) -> HttpRequest {
    match (&link.m365.list, how) {
        (Some(list), LinkBack::Add) => requests.add_linked_resource(list, &link.m365.id, body, id),
        (Some(list), LinkBack::Replace(resource)) => {
            requests.update_linked_resource(list, &link.m365.id, resource, body, id)
        }
        // Left out before.
        (None, _) => requests.me(id),
    }
}

/// Whether a failure concerns more than the one task.
const fn concerns_run(reaction: &Reaction) -> bool {
    match reaction {
        Reaction::SkipItem
        | Reaction::ItemGone
        | Reaction::RereadItem
        | Reaction::AlreadyCreated { .. }
        | Reaction::Resync { .. } => false,
        Reaction::Retry { .. }
        | Reaction::Reauthenticate { .. }
        | Reaction::ParkMailbox
        | Reaction::MissingPermission
        | Reaction::StopRun => true,
    }
}
