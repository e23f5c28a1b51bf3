//! Reading the CRM's calendar: a complete listing first, changes afterwards.

use std::collections::BTreeMap;

use crate::mapping::recurrence::RecurrenceIssue;
use crate::mapping::series;
use crate::model::{CrmId, FieldGroup, Occurrence, Record};
use crate::ports::{Announcement, CrmChange, CrmChangesError, CrmItem, CrmPage, Ports};
use crate::recurrence::Series;
use crate::sync::{EndState, IssueCode, Link, Side};

use super::execute_crm::sentence;
use super::notice;
use super::report::Halt;
use super::stage::{TOO_LONG, body_left, is_too_long};
use super::state::{CrmRound, SeenCrm, SeenCrmItem, Window};
use super::step::Step;
use super::store::Batch;

/// Changes asked for in a page, which is staged in one commit: with the largest
/// bodies below the contract's 16 MiB.
const PAGE_SIZE: u32 = 100;

/// Pages in one step, 100,000 records. A CRM that answers `more` or "expired"
/// for ever stops the run: coming back at once would only go on with that.
const PAGES_PER_STEP_MAX: u32 = 1_000;

/// Pages looked at for the tombstone of a record that was just found missing: it is
/// among the last changes.
const PAGES_AHEAD_MAX: u32 = 10;

impl<P: Ports> Step<'_, P> {
    /// Reads the CRM's changes to their end, where the feed of them is not lost.
    pub(super) fn observe_crm_feed(&mut self) -> Result<(), Halt> {
        for _ in 0..PAGES_PER_STEP_MAX {
            let Some(cursor) = self.status.crm.feed().map(str::to_owned) else { return Ok(()) };
            if !self.read_crm_page(Some(&cursor), Part::Feed)? {
                return Ok(());
            }
        }
        Err(self.crm_does_not_end())
    }

    /// Reads the CRM's side to its end: first what has to be listed, then what
    /// has changed meanwhile.
    pub(super) fn observe_crm(&mut self) -> Result<(), Halt> {
        for _ in 0..PAGES_PER_STEP_MAX {
            let (after, part) = match self.status.crm.clone() {
                CrmRound::Sweeping { .. } => {
                    self.check_time()?;
                    self.sweep_crm()?;
                    continue;
                }
                CrmRound::Listing { cursor } => (cursor, Part::Listing),
                CrmRound::Entering { after, .. } => (after, Part::Listing),
                CrmRound::Changes { cursor } => (Some(cursor), Part::Feed),
            };
            let more = self.read_crm_page(after.as_deref(), part)?;
            if !more && part == Part::Feed && matches!(self.status.crm, CrmRound::Changes { .. }) {
                return Ok(());
            }
        }
        Err(self.crm_does_not_end())
    }

    /// Whether the feed has a tombstone of this record of which people have still to
    /// be told. Only looks ahead: what it shows of others is theirs to be observed.
    pub(super) fn is_news_of_deletion(&mut self, id: &CrmId) -> Result<bool, Halt> {
        let Some(mut cursor) = self.status.crm.feed().map(str::to_owned) else { return Ok(false) };
        for _ in 0..PAGES_AHEAD_MAX {
            let page = match self.ports.changes(Some(&cursor), PAGE_SIZE) {
                Ok(page) => page,
                Err(CrmChangesError::CursorExpired) => return Ok(false),
                Err(CrmChangesError::Host(error)) => return Err(Halt::Host(error)),
            };
            if let Some(change) = page.changes.iter().find(|change| change_id(change) == id) {
                return Ok(announcement(change) == Announcement::Due);
            }
            if !page.more {
                break;
            }
            cursor = page.next;
        }
        // The feed itself shows it later.
        Ok(false)
    }

    /// Reads one page; whether there are more behind it.
    fn read_crm_page(&mut self, after: Option<&str>, part: Part) -> Result<bool, Halt> {
        self.check_time()?;
        match self.ports.changes(after, PAGE_SIZE) {
            Ok(page) => {
                let more = page.more;
                self.take_crm_page(page, part)?;
                Ok(more)
            }
            Err(CrmChangesError::CursorExpired) => {
                self.status.crm = match (part, self.status.crm.feed()) {
                    // The listing beside the feed begins again.
                    (Part::Listing, Some(cursor)) => CrmRound::Entering { after: None, cursor: cursor.to_owned() },
                    (Part::Feed | Part::Listing, _) => CrmRound::Listing { cursor: None },
                };
                Ok(false)
            }
            Err(CrmChangesError::Host(error)) => Err(Halt::Host(error)),
        }
    }

    fn take_crm_page(&mut self, page: CrmPage, part: Part) -> Result<(), Halt> {
        let mut batch = Batch::default();
        let ids: Vec<CrmId> = page.changes.iter().map(|change| change_id(change).clone()).collect();
        let links = self.store.links_of_crm(self.ports, &ids)?;
        let staged = self.store.seen_crm(self.ports, &ids)?;
        let mut shown = self.read_what_differs(&page.changes, &links, &staged)?;
        for ((change, link), staged) in page.changes.into_iter().zip(links).zip(staged) {
            let is_news = part == Part::Feed && announcement(&change) == Announcement::Due;
            let live = is_news || staged.as_ref().is_some_and(|staged| is_known_live(&change, staged));
            if link.is_none() && staged.as_ref().is_some_and(|staged| is_brought_back(&change, staged)) {
                // More is known of it than the CRM shows.
                continue;
            }
            let shown = shown.remove(change_id(&change));
            match (change, shown) {
                // A page tells of which record something is new, a read what: the page may
                // be an old one, or behind a newer one.
                (_, Some(Some(item))) => self.stage_crm_item(&item, link.as_ref(), live, &mut batch)?,
                // Where nothing is found, the page is all that is known; that the record is
                // gone, a tombstone says.
                (CrmChange::Upserted(item), Some(None) | None) => {
                    self.stage_crm_item(&item, link.as_ref(), live, &mut batch)?;
                }
                (CrmChange::Deleted { id, .. }, Some(None) | None) if link.is_some() => {
                    batch.put(self.store.keys.staged_crm(&id), &SeenCrm::Gone { live });
                }
                (CrmChange::Deleted { id, .. }, Some(None) | None) => {
                    self.resolve_item(Some(&id), None)?;
                    batch.remove(self.store.keys.staged_crm(&id));
                }
            }
        }
        let round = after_page(&self.status.crm, part, page.next, page.more);
        if batch.is_empty() && round == self.status.crm {
            return Ok(());
        }
        self.status.crm = round;
        self.commit_with_status(batch)
    }

    /// What a read finds of the records that a page shows otherwise than they are
    /// linked or noted, and of those that it calls deleted: a deletion is one only
    /// where nothing is found.
    fn read_what_differs(
        &mut self,
        changes: &[CrmChange],
        links: &[Option<Link>],
        staged: &[Option<SeenCrm>],
    ) -> Result<BTreeMap<CrmId, Option<CrmItem>>, Halt> {
        let differs = |((change, link), staged): ((&CrmChange, &Option<Link>), &Option<SeenCrm>)| {
            let linked = link.as_ref().map(|link| link.crm.state.seen().map(|_| &link.crm.version));
            let noted = staged.as_ref().map(|staged| match staged {
                SeenCrm::Present(item) => Some(&item.version),
                SeenCrm::Gone { .. } => None,
            });
            let shown = match change {
                CrmChange::Upserted(item) => Some(&item.version),
                CrmChange::Deleted { .. } => None,
            };
            let known = linked.or(noted);
            let is_new = known.is_none() && shown.is_some();
            (!is_new && known != Some(shown)).then(|| change_id(change).clone())
        };
        let ids: Vec<CrmId> = changes.iter().zip(links).zip(staged).filter_map(differs).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.ports.items(&ids).map_err(Halt::Host)?;
        Ok(ids.into_iter().zip(found).collect())
    }

    /// Stages a record, if there is something to decide about it. One that
    /// cannot be synchronised takes the place of an earlier observation, too:
    /// nothing is decided from a state that is over. `live` says whether it came
    /// in the feed of changes, as an edit of which nobody was told.
    pub(super) fn stage_crm_item(
        &mut self,
        item: &CrmItem,
        link: Option<&Link>,
        live: bool,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        let staged = self.store.keys.staged_crm(&item.id);
        let seen = match self.seen_crm(item, live) {
            Ok(seen) => seen,
            Err(problem) => {
                let message = format!("{}. The event is left as it is on both sides.", notice::chain(&problem));
                let other = link.map(|link| link.m365.id.clone());
                self.unreadable(Side::Crm, Some(item.id.clone()), other, &sentence(&message));
                batch.remove(staged);
                return Ok(());
            }
        };
        if is_too_long(&seen.record, item.unread) {
            let other = link.map(|link| link.m365.id.clone());
            let keys = self.aside_keys(Some(&item.id), other.as_ref());
            self.left_open(IssueCode::TooLarge, Some(item.id.clone()), other, TOO_LONG);
            self.not_taken(Side::Crm, &keys);
            batch.remove(staged);
            return Ok(());
        }
        // Without a time there is nothing to create or to merge from, linked or not.
        if seen.record.time().is_none() {
            let message = "The CRM's event, or one of its changed occurrences, has no usable time or rule. Correct its \
                           start, end, time zone and recurrence.";
            let other = link.map(|link| link.m365.id.clone());
            self.unreadable(Side::Crm, Some(item.id.clone()), other, message);
            batch.remove(staged);
            return Ok(());
        }
        if let Some(link) = link {
            let same = link.crm.version == item.version && matches!(link.crm.state, EndState::Present { .. });
            // An edit that a comparison has met before the feed shows it.
            let is_news = live
                && !link.edited
                && !link.crm.is_echo
                && matches!(link.crm.state, EndState::Present { base: Some(_), .. });
            if same && !self.compare_all && !is_news {
                return Ok(());
            }
        } else if !touches(&seen.record, self.status.window) {
            // Outside the window nothing is taken over.
            self.resolve_item(Some(&item.id), None)?;
            batch.remove(staged);
            return Ok(());
        }
        if item.unread.contains(FieldGroup::Body) {
            let other = link.map(|link| link.m365.id.clone());
            self.issue(IssueCode::TooLarge, Some(item.id.clone()), other, &body_left(Side::Crm));
        }
        batch.put(staged, &SeenCrm::Present(seen));
        Ok(())
    }

    /// A record as it is staged.
    pub(super) fn seen_crm(&self, item: &CrmItem, live: bool) -> Result<SeenCrmItem, RecurrenceIssue> {
        // Only what the CRM says it holds: an absent group is no change. What its
        // exceptions say of days that the rule does not have shows nowhere.
        let record = series::crm_record(item, self.capabilities.holds)?.record;
        Ok(SeenCrmItem {
            version: item.version.clone(),
            uid: item.uid.clone(),
            meeting_uid: item.meeting_uid.clone(),
            organizes: item.is_organizer,
            record,
            // What cannot be compared is not overwritten either.
            writable: self.capabilities.writes.without(item.unread),
            live,
            beside: None,
        })
    }
}

/// Whether something of the item takes place in the window: the item, an
/// occurrence of the series, or one that was moved there.
fn touches(record: &Record, window: Window) -> bool {
    let Some(time) = record.time() else { return false };
    let Some(rule) = record.rule() else { return window.touches(time.span()) };
    let by_rule =
        Series::new(*rule, *time).is_ok_and(|series| series.days_touching(window.start, window.end).next().is_some());
    let moved = |occurrence: &Occurrence| match occurrence {
        Occurrence::Changed(changed) => changed.time().is_some_and(|time| window.touches(time.span())),
        Occurrence::Cancelled => false,
    };
    by_rule || record.exceptions().values().any(moved)
}

/// What a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Changes.
    Feed,
    /// A complete listing.
    Listing,
}

/// How far the CRM was read after a page of `part`.
fn after_page(round: &CrmRound, part: Part, next: String, more: bool) -> CrmRound {
    match (round.clone(), part) {
        (CrmRound::Entering { after, .. }, Part::Feed) => CrmRound::Entering { after, cursor: next },
        (CrmRound::Entering { cursor, .. }, Part::Listing) if more => CrmRound::Entering { after: Some(next), cursor },
        // The feed was read all the time: there is nothing to sweep.
        (CrmRound::Entering { cursor, .. }, Part::Listing) => CrmRound::Changes { cursor },
        (CrmRound::Listing { .. } | CrmRound::Sweeping { .. } | CrmRound::Changes { .. }, Part::Feed) => {
            CrmRound::Changes { cursor: next }
        }
        (CrmRound::Listing { .. } | CrmRound::Sweeping { .. } | CrmRound::Changes { .. }, Part::Listing) if more => {
            CrmRound::Listing { cursor: Some(next) }
        }
        (CrmRound::Listing { .. } | CrmRound::Sweeping { .. } | CrmRound::Changes { .. }, Part::Listing) => {
            CrmRound::Sweeping { after: None, cursor: next }
        }
    }
}

/// Whether it is a record that a person has brought back, as it was then.
fn is_brought_back(change: &CrmChange, staged: &SeenCrm) -> bool {
    match (change, staged) {
        (CrmChange::Upserted(item), SeenCrm::Present(staged)) => {
            staged.beside.is_some() && staged.version == item.version
        }
        (CrmChange::Upserted(_), SeenCrm::Gone { .. }) | (CrmChange::Deleted { .. }, _) => false,
    }
}

/// Whether the same was staged already as somebody's edit: that it is shown once
/// more does not make it less one.
fn is_known_live(change: &CrmChange, staged: &SeenCrm) -> bool {
    match (change, staged) {
        (CrmChange::Upserted(item), SeenCrm::Present(staged)) => staged.live && staged.version == item.version,
        (CrmChange::Deleted { .. }, SeenCrm::Gone { live }) => *live,
        (CrmChange::Upserted(_), SeenCrm::Gone { .. }) | (CrmChange::Deleted { .. }, SeenCrm::Present(_)) => false,
    }
}

const fn change_id(change: &CrmChange) -> &CrmId {
    match change {
        CrmChange::Upserted(item) => &item.id,
        CrmChange::Deleted { id, .. } => id,
    }
}

const fn announcement(change: &CrmChange) -> Announcement {
    match change {
        CrmChange::Upserted(item) => item.announcement,
        CrmChange::Deleted { announcement, .. } => *announcement,
    }
}
