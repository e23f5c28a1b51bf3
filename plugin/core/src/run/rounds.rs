//! Reading Microsoft's calendars: rounds of changes and complete listings, a
//! page at a time, each committed together with the link to the next one.
//!
//! [`Step::observe_graph`] reads what is new in every calendar that is followed,
//! [`Step::list_graph`] what has to be listed. What a page means for single
//! items is in [`super::stage`], which calendars there are in
//! [`super::calendars`].

use std::collections::BTreeSet;

use crate::graph::wire::{DeltaItem, DeltaPage, PageLink};
use crate::graph::{Failure, Reaction, Subject, response};
use crate::model::GraphId;
use crate::ports::{LogLevel, Ports};

use super::report::Halt;
use super::round::{CalendarKey, CalendarRound, Followed, GraphRound};
use super::session::Answer;
use super::state::SeenGraph;
use super::step::Step;
use super::store::Batch;

/// Pages of one round. Rounds that never end have been reported of
/// `calendarView/delta`; at 100 items a page this is far beyond any calendar.
const ROUND_PAGES_MAX: u32 = 2_000;

/// Listings begun within one step, where Microsoft keeps forgetting its links.
const LISTINGS_PER_STEP_MAX: u32 = 2;

/// What one step has done with the calendars.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Those that have answered.
    asked: BTreeSet<CalendarKey>,
    /// Listings begun because Microsoft had forgotten its links.
    listings: u32,
    /// Those that could not be read, so that the list of all was consulted.
    pub doubted: BTreeSet<CalendarKey>,
    /// The links that were followed.
    followed: Followed,
}

/// What a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A round of changes.
    Feed,
    /// A complete listing.
    Listing,
}

impl<P: Ports> Step<'_, P> {
    /// Reads what is new in every calendar that has a feed, asking each at least
    /// once, so that a step always sees what is new.
    pub(super) fn observe_graph(&mut self) -> Result<(), Halt> {
        self.follow_calendars()?;
        while let Some(key) = self.unasked() {
            self.read_feed(&key)?;
        }
        Ok(())
    }

    /// Lists what has to be listed, compares the listings with the links, and
    /// asks for news where that was not done in this step.
    pub(super) fn list_graph(&mut self) -> Result<(), Halt> {
        loop {
            self.follow_calendars()?;
            if let Some(key) = self.status.first_calendar(CalendarRound::is_to_be_listed) {
                self.read_listing(&key)?;
            } else if self.status.sweep.is_some() {
                self.sweep_graph()?;
            } else if let Some(key) = self.unasked() {
                self.read_feed(&key)?;
            } else {
                return Ok(());
            }
        }
    }

    /// A calendar with a feed that has not answered in this step.
    fn unasked(&self) -> Option<CalendarKey> {
        self.status.first_calendar(|round| round.feed().is_some() && !self.turns.asked.contains(&round.calendar))
    }

    /// Reads a feed to the end of its round.
    fn read_feed(&mut self, key: &CalendarKey) -> Result<(), Halt> {
        loop {
            let Some(round) = self.status.calendar(key) else { return Ok(()) };
            let (size, Some(feed)) = (round.page_size, round.feed().cloned()) else { return Ok(()) };
            if feed.complete && self.turns.asked.contains(key) {
                return Ok(());
            }
            let answer = self.follow(&feed.link, size)?;
            self.take_answer(key, Part::Feed, (answer, Some(&feed.link)))?;
        }
    }

    /// Reads a listing to its end.
    fn read_listing(&mut self, key: &CalendarKey) -> Result<(), Halt> {
        loop {
            let Some(round) = self.status.calendar(key) else { return Ok(()) };
            let (size, GraphRound::Listing { next, .. }) = (round.page_size, round.round.clone()) else {
                return Ok(());
            };
            let answer = match &next {
                Some(link) => self.follow(link, size)?,
                None => self.first_page(key, size)?,
            };
            self.take_answer(key, Part::Listing, (answer, next.as_ref()))?;
        }
    }

    fn first_page(&mut self, key: &CalendarKey, size: u16) -> Result<Answer, Halt> {
        let window = crate::graph::Window { start_at: self.status.window.start, end_at: self.status.window.end };
        self.ask(Subject::Round, |requests, id| Ok(requests.calendar_view_delta_of(key.id(), window, size, id)))
    }

    fn follow(&mut self, link: &PageLink, size: u16) -> Result<Answer, Halt> {
        self.ask(Subject::Round, |requests, id| requests.follow(link, size, id))
    }

    fn take_answer(
        &mut self,
        key: &CalendarKey,
        part: Part,
        (answer, asked): (Answer, Option<&PageLink>),
    ) -> Result<(), Halt> {
        match answer.and_then(|answer| response::read_delta_page(&answer)) {
            Ok(page) => {
                self.turns.asked.insert(key.clone());
                self.take_page(key, part, page, asked)
            }
            Err(failure) => self.page_failed(key, part, &failure),
        }
    }

    fn take_page(
        &mut self,
        key: &CalendarKey,
        part: Part,
        page: DeltaPage,
        asked: Option<&PageLink>,
    ) -> Result<(), Halt> {
        let leads_back = self.turns.followed.leads_back(asked, &page.continuation);
        let mut batch = Batch::default();
        self.stage_graph(&page.items, part == Part::Listing, &mut batch)?;
        self.doubt_removals(&page.items, &mut batch)?;
        let is_compared = self.status.sweep.is_some();
        let pages = self.status.calendar_mut(key).map_or(0, |round| match part {
            Part::Feed => round.feed_page(page.continuation),
            Part::Listing => round.listing_page(page.continuation, is_compared),
        });
        let is_endless = leads_back || pages > ROUND_PAGES_MAX;
        if is_endless {
            self.list_again(key, part);
        }
        // The cursor and what it covers, in one write.
        self.commit_with_status(batch)?;
        if is_endless { Err(self.stop("a round of changes did not end")) } else { Ok(()) }
    }

    /// Where several calendars are followed, "removed" may mean "moved to another
    /// of them", which may have shown the item already. For an item that is
    /// linked a read decides anyway; here for one that is merely staged, too.
    fn doubt_removals(&mut self, items: &[DeltaItem], batch: &mut Batch) -> Result<(), Halt> {
        if self.status.calendars.len() < 2 {
            return Ok(());
        }
        let removed: Vec<GraphId> = items
            .iter()
            .filter_map(|item| match item {
                DeltaItem::Removed(id) => Some(id.clone()),
                DeltaItem::Changed(_) | DeltaItem::Malformed(_) => None,
            })
            .collect();
        let staged = self.store.seen_graph(self.ports, &removed)?;
        for (id, staged) in removed.iter().zip(staged) {
            match staged {
                Some(SeenGraph::Present(_) | SeenGraph::Removed | SeenGraph::Stale | SeenGraph::Missing) => {
                    batch.put(self.store.keys.staged_graph(id), &SeenGraph::Removed);
                }
                Some(SeenGraph::Gone) | None => {}
            }
        }
        Ok(())
    }

    fn page_failed(&mut self, key: &CalendarKey, part: Part, failure: &Failure) -> Result<(), Halt> {
        match &failure.reaction {
            // The links are forgotten, perhaps in the middle of a round.
            Reaction::Resync { .. } if self.is_replaced(key, part) => {
                self.list_again(key, part);
                self.save_status()
            }
            // List everything again and compare.
            Reaction::Resync { .. } if self.turns.listings < LISTINGS_PER_STEP_MAX => {
                self.turns.listings += 1;
                self.list_again(key, part);
                Ok(())
            }
            _ if failure.is_too_large() && self.shrinks(key) => Ok(()),
            _ if key.id().is_some() && failure.is_refusal() => self.doubt_calendar(key, failure),
            Reaction::Retry { .. }
            | Reaction::Resync { .. }
            | Reaction::Reauthenticate { .. }
            | Reaction::RereadItem
            | Reaction::ItemGone
            | Reaction::AlreadyCreated { .. }
            | Reaction::SkipItem
            | Reaction::ParkMailbox
            | Reaction::MissingPermission
            | Reaction::StopRun => Err(self.halt(failure)),
        }
    }

    fn shrinks(&mut self, key: &CalendarKey) -> bool {
        self.status.calendar_mut(key).is_some_and(CalendarRound::shrink_pages)
    }

    /// Whether this is a feed whose calendar is being listed anew: nobody needs
    /// it but for being early.
    fn is_replaced(&self, key: &CalendarKey, part: Part) -> bool {
        part == Part::Feed && self.status.calendar(key).is_some_and(|round| !round.is_followed())
    }

    /// Begins again after a link is lost or leads nowhere. What an interrupted
    /// listing has shown may be gone by now, so all listings that are compared
    /// with the links begin again together.
    fn list_again(&mut self, key: &CalendarKey, part: Part) {
        self.turns.followed.forget();
        if self.is_replaced(key, part) {
            self.ports.log(LogLevel::Info, "the feed of an earlier window is given up", &[]);
            if let Some(round) = self.status.calendar_mut(key) {
                round.drop_kept();
            }
            return;
        }
        let alone = part == Part::Listing && self.status.sweep.is_none();
        if !alone {
            self.status.list_calendars_again();
        }
        if let Some(round) = self.status.calendar_mut(key) {
            // A listing that is lost leaves the feed beside it as it is.
            round.list_again(part == Part::Feed);
        }
    }
}
