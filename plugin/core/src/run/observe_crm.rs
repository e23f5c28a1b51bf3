//! Reading the CRM's calendar: a complete listing first, changes afterwards.

use crate::model::CrmId;
use crate::ports::{CrmChange, CrmChangesError, CrmItem, CrmKind, CrmPage, Ports};
use crate::sync::{EndState, IssueCode, Link};

use super::observe_graph::SERIES;
use super::report::Halt;
use super::state::{CrmRound, SeenCrm, SeenCrmItem};
use super::step::Step;
use super::store::Batch;

/// Changes asked for in a page, which is staged in one commit: with the largest
/// bodies below the contract's 16 MiB.
const PAGE_SIZE: u32 = 100;

/// Pages in one step, 400,000 records. A CRM that answers `more` or "expired"
/// for ever stops the run: coming back at once would only go on with that.
const PAGES_PER_STEP_MAX: u32 = 1_000;

impl<P: Ports> Step<'_, P> {
    /// Reads the CRM's side to its end.
    pub(super) fn observe_crm(&mut self) -> Result<(), Halt> {
        for _ in 0..PAGES_PER_STEP_MAX {
            self.check_time()?;
            let (after, listing) = match self.status.crm.clone() {
                CrmRound::Sweeping { .. } => {
                    self.sweep_crm()?;
                    continue;
                }
                CrmRound::Listing { cursor } => (cursor, true),
                CrmRound::Changes { cursor } => (Some(cursor), false),
            };
            match self.ports.changes(after.as_deref(), PAGE_SIZE) {
                Ok(page) => {
                    let more = page.more;
                    self.take_crm_page(page, listing)?;
                    if !more && !listing {
                        return Ok(());
                    }
                }
                Err(CrmChangesError::CursorExpired) => self.status.crm = CrmRound::Listing { cursor: None },
                Err(CrmChangesError::Host(error)) => return Err(Halt::Host(error)),
            }
        }
        Err(self.stop("the CRM's list of changes did not end"))
    }

    fn take_crm_page(&mut self, page: CrmPage, listing: bool) -> Result<(), Halt> {
        let mut batch = Batch::default();
        let ids: Vec<CrmId> = page.changes.iter().map(|change| change_id(change).clone()).collect();
        let links = self.store.links_of_crm(self.ports, &ids)?;
        for (change, link) in page.changes.into_iter().zip(links) {
            match change {
                CrmChange::Upserted(item) => self.stage_crm_item(item, link.as_ref(), &mut batch)?,
                CrmChange::Deleted(id) if link.is_some() => {
                    batch.put(self.store.keys.staged_crm(&id), &SeenCrm::Gone);
                }
                CrmChange::Deleted(id) => {
                    self.resolve_item(Some(&id), None)?;
                    batch.remove(self.store.keys.staged_crm(&id));
                }
            }
        }
        let round = match (listing, page.more) {
            (true, true) => CrmRound::Listing { cursor: Some(page.next) },
            (true, false) => CrmRound::Sweeping { after: None, cursor: page.next },
            (false, _) => CrmRound::Changes { cursor: page.next },
        };
        if batch.is_empty() && round == self.status.crm {
            return Ok(());
        }
        self.status.crm = round;
        self.commit_with_status(batch)
    }

    /// Stages a record, if there is something to decide about it. One that
    /// cannot be synchronised takes the place of an earlier observation, too:
    /// nothing is decided from a state that is over.
    pub(super) fn stage_crm_item(&mut self, item: CrmItem, link: Option<&Link>, batch: &mut Batch) -> Result<(), Halt> {
        let staged = self.store.keys.staged_crm(&item.id);
        match item.kind {
            CrmKind::Single => {}
            CrmKind::Series => {
                let other = link.map(|link| link.m365.id.clone());
                self.issue(IssueCode::SeriesNotSupported, Some(item.id), other, SERIES);
                batch.remove(staged);
                return Ok(());
            }
            // They follow their series.
            CrmKind::Exception => return Ok(()),
        }
        // Without a time there is nothing to create or to merge from, linked or not.
        let Some(time) = item.record.time() else {
            let message = "The CRM's event has no usable time. Correct its start, end and time zone.";
            self.issue(IssueCode::NotMappable, Some(item.id), link.map(|link| link.m365.id.clone()), message);
            batch.remove(staged);
            return Ok(());
        };
        if let Some(link) = link {
            let same = link.crm.version == item.version && matches!(link.crm.state, EndState::Present { .. });
            if same && !self.compare_all {
                return Ok(());
            }
        } else if !item.is_organizer || !self.status.window.touches(time.span()) {
            // Somebody else's meeting comes from the organiser's mailbox, and
            // outside the window nothing is taken over.
            self.resolve_item(Some(&item.id), None)?;
            batch.remove(staged);
            return Ok(());
        }
        batch.put(staged, &SeenCrm::Present(self.seen_crm(item)));
        Ok(())
    }

    /// A record as it is staged.
    pub(super) fn seen_crm(&self, item: CrmItem) -> SeenCrmItem {
        SeenCrmItem {
            version: item.version,
            uid: item.uid,
            // Only what the CRM says it holds: an absent group is no change.
            record: item.record.only(self.capabilities.holds),
            writable: self.capabilities.writes,
        }
    }
}

const fn change_id(change: &CrmChange) -> &CrmId {
    match change {
        CrmChange::Upserted(item) => &item.id,
        CrmChange::Deleted(id) => id,
    }
}
