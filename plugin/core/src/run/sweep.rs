//! After a complete listing: what is linked, but was not in it?
//!
//! Not being listed is no deletion. Every such item is staged as "removed" and
//! read by id before anything is concluded.

use crate::model::CrmId;
use crate::ports::Ports;
use crate::sync::{EndState, Link};

use super::report::Halt;
use super::state::{CrmRound, GraphRound, SeenCrm, SeenGraph};
use super::step::Step;
use super::store::{self, Batch, decode};

/// Links looked at between two commits.
const LINKS_PER_PAGE: u32 = 300;

impl<P: Ports> Step<'_, P> {
    /// Goes on with the sweep of Microsoft's side until it is done.
    pub(super) fn sweep_graph(&mut self) -> Result<(), Halt> {
        loop {
            self.check_time()?;
            let GraphRound::Sweeping { after, delta } = self.status.graph.clone() else { return Ok(()) };
            let (links, last) = self.link_page(after.as_deref())?;
            let marks: Vec<String> =
                links.iter().map(|link| self.store.keys.mark(self.status.listing, &link.m365.id)).collect();
            let marked = store::present(self.ports, &marks)?;
            let mut batch = Batch::default();
            for (link, marked) in links.iter().zip(marked) {
                if !marked && self.expected_in_listing(link) {
                    batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Removed);
                }
            }
            self.status.graph = match last {
                Some(after) => GraphRound::Sweeping { after: Some(after), delta },
                None => GraphRound::Changes { link: delta, complete: true },
            };
            self.commit_with_status(batch)?;
            if last_page(&self.status.graph) {
                let marks = self.store.keys.marks();
                return Ok(self.store.clear(self.ports, &marks)?);
            }
        }
    }

    /// Goes on with the sweep of the CRM's side by one page.
    pub(super) fn sweep_crm(&mut self) -> Result<(), Halt> {
        let CrmRound::Sweeping { after, cursor } = self.status.crm.clone() else { return Ok(()) };
        let (links, last) = self.link_page(after.as_deref())?;
        let ids: Vec<CrmId> = links.iter().map(|link| link.crm.id.clone()).collect();
        let found = if ids.is_empty() { Vec::new() } else { self.ports.items(&ids).map_err(Halt::Host)? };
        let mut batch = Batch::default();
        for (link, item) in links.iter().zip(found) {
            if item.is_none() && matches!(link.crm.state, EndState::Present { .. }) {
                batch.put(self.store.keys.staged_crm(&link.crm.id), &SeenCrm::Gone);
            }
        }
        self.status.crm = match last {
            Some(after) => CrmRound::Sweeping { after: Some(after), cursor },
            None => CrmRound::Changes { cursor },
        };
        self.commit_with_status(batch)
    }

    /// A page of links, and the key of the last one if there are more.
    fn link_page(&mut self, after: Option<&str>) -> Result<(Vec<Link>, Option<String>), Halt> {
        let prefix = self.store.keys.links();
        let (entries, more) = store::page(self.ports, &prefix, after, LINKS_PER_PAGE)?;
        let last = if more { entries.last().map(|entry| entry.key.clone()) } else { None };
        let links = entries.iter().map(decode).collect::<Result<Vec<Link>, _>>()?;
        Ok((links, last))
    }

    /// Whether a listing of the window had to show the item, if it exists.
    fn expected_in_listing(&self, link: &Link) -> bool {
        match &link.m365.state {
            EndState::Present { seen, .. } => seen.time().is_some_and(|time| self.status.window.touches(time.span())),
            EndState::Gone | EndState::Forgone => false,
        }
    }
}

const fn last_page(round: &GraphRound) -> bool {
    matches!(round, GraphRound::Changes { .. })
}
