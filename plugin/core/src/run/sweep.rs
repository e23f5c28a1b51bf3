//! After a complete listing of all calendars: what is linked, but was in none?
//!
//! Not being listed is no deletion. Every such item is staged as "removed" and
//! read by id before anything is concluded.

use crate::model::CrmId;
use crate::ports::Ports;
use crate::sync::{EndState, Link};

use super::report::Halt;
use super::state::{CalendarRound, CrmRound, SeenCrm, SeenGraph, Sweep};
use super::step::Step;
use super::store::{self, Batch, decode};

/// Links looked at between two commits.
const LINKS_PER_PAGE: u32 = 300;

impl<P: Ports> Step<'_, P> {
    /// Goes on with the sweep of Microsoft's side until it is done. All
    /// calendars are listed by now; their marks count together, because an item
    /// may have moved from one to another.
    pub(super) fn sweep_graph(&mut self) -> Result<(), Halt> {
        while let Some(Sweep { after }) = self.status.sweep.clone() {
            self.check_time()?;
            if after.is_none() {
                self.note_whether_listed(self.status.listing)?;
            }
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
            self.status.sweep = last.map(|after| Sweep { after: Some(after) });
            if self.status.sweep.is_none() {
                self.status.calendars.iter_mut().for_each(CalendarRound::compared);
            }
            self.commit_with_status(batch)?;
        }
        let marks = self.store.keys.marks();
        Ok(self.store.clear(self.ports, &marks)?)
    }

    /// Goes on with the sweep of the CRM's side by one page.
    pub(super) fn sweep_crm(&mut self) -> Result<(), Halt> {
        let CrmRound::Sweeping { after, cursor } = self.status.crm.clone() else { return Ok(()) };
        let (links, last) = self.link_page(after.as_deref())?;
        let ids: Vec<CrmId> = links.iter().map(|link| link.crm.id.clone()).collect();
        let found = if ids.is_empty() { Vec::new() } else { self.ports.items(&ids).map_err(Halt::Host)? };
        let mut batch = Batch::default();
        let staged = self.store.seen_crm(self.ports, &ids)?;
        for ((link, item), staged) in links.iter().zip(found).zip(staged) {
            if item.is_none() && matches!(link.crm.state, EndState::Present { .. }) {
                let live = staged == Some(SeenCrm::Gone { live: true });
                batch.put(self.store.keys.staged_crm(&link.crm.id), &SeenCrm::Gone { live });
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

    /// Whether a listing of the window had to show the item, if it exists. Where
    /// that is not certain, it had to: a read decides.
    fn expected_in_listing(&self, link: &Link) -> bool {
        match &link.m365.state {
            EndState::Present { seen, .. } => seen.time().is_some_and(|time| {
                let (start, end) = time.span();
                // A series goes on after its first occurrence.
                let end = if seen.rule().is_some() { end.max(self.status.window.end) } else { end };
                self.status.window.touches((start, end))
            }),
            EndState::Gone | EndState::Forgone => false,
        }
    }
}
