//! Reading Microsoft's calendar: pages of a listing or of changes, staged and
//! committed together with the link to the next page.

use crate::graph::wire::{Continuation, DeltaItem, DeltaPage, PageLink};
use crate::graph::{Failure, Reaction, Subject, response};
use crate::mapping::event::{self, EventKind, MappedEvent};
use crate::model::GraphId;
use crate::ports::Ports;
use crate::sync::{EndState, IssueCode, Link};

use super::report::Halt;
use super::session::Answer;
use super::state::{GraphRound, SeenGraph, SeenGraphItem};
use super::step::Step;
use super::store::Batch;

/// Items asked for in a page, which is staged in one commit: with the largest
/// bodies below the contract's 16 MiB.
const PAGE_SIZE: u16 = 100;

/// Pages of one round. Rounds that never end have been reported of
/// `calendarView/delta`; at 100 items a page this is far beyond any calendar.
const ROUND_PAGES_MAX: u32 = 2_000;

/// Listings begun within one step, where Microsoft keeps forgetting its links.
const LISTINGS_PER_STEP_MAX: u32 = 2;

impl<P: Ports> Step<'_, P> {
    /// Reads Microsoft's side to the end of its round. Asks at least once, so
    /// that a step always sees what is new.
    pub(super) fn observe_graph(&mut self) -> Result<(), Halt> {
        let mut listings = 0;
        let mut asked = false;
        loop {
            let (answer, listing) = match self.status.graph.clone() {
                GraphRound::Changes { complete: true, .. } if asked => return Ok(()),
                GraphRound::Sweeping { .. } => return self.sweep_graph(),
                GraphRound::Listing { next: None } => (self.first_page()?, true),
                GraphRound::Listing { next: Some(link) } => (self.follow(&link)?, true),
                GraphRound::Changes { link, .. } => (self.follow(&link)?, false),
            };
            asked = true;
            match answer.and_then(|response| response::read_delta_page(&response)) {
                Ok(page) => self.take_page(page, listing)?,
                // The links are forgotten, perhaps in the middle of a round:
                // list everything again and compare.
                Err(Failure { reaction: Reaction::Resync { .. }, .. }) if listings < LISTINGS_PER_STEP_MAX => {
                    listings += 1;
                    self.begin_graph_listing();
                }
                Err(failure) => return Err(self.halt(&failure)),
            }
        }
    }

    /// Forgets how far Microsoft's side was read; links and marks stay.
    pub(super) fn begin_graph_listing(&mut self) {
        self.status.graph = GraphRound::Listing { next: None };
        self.status.listing = self.status.listing.wrapping_add(1);
        self.status.round_pages = 0;
    }

    fn first_page(&mut self) -> Result<Answer, Halt> {
        let window = crate::graph::Window { start_at: self.status.window.start, end_at: self.status.window.end };
        self.ask(Subject::Round, |requests, id| Ok(requests.calendar_view_delta(window, PAGE_SIZE, id)))
    }

    fn follow(&mut self, link: &PageLink) -> Result<Answer, Halt> {
        self.ask(Subject::Round, |requests, id| requests.follow(link, PAGE_SIZE, id))
    }

    fn take_page(&mut self, page: DeltaPage, listing: bool) -> Result<(), Halt> {
        let mut batch = Batch::default();
        self.stage_graph(&page.items, listing, &mut batch)?;
        self.status.round_pages = self.status.round_pages.saturating_add(1);
        self.status.graph = match page.continuation {
            Continuation::Next(next) if listing => GraphRound::Listing { next: Some(next) },
            Continuation::Next(link) => GraphRound::Changes { link, complete: false },
            Continuation::Delta(delta) if listing => GraphRound::Sweeping { after: None, delta },
            Continuation::Delta(link) => GraphRound::Changes { link, complete: true },
        };
        if !matches!(
            self.status.graph,
            GraphRound::Changes { complete: false, .. } | GraphRound::Listing { next: Some(_) }
        ) {
            self.status.round_pages = 0;
        }
        let endless = self.status.round_pages > ROUND_PAGES_MAX;
        if endless {
            self.begin_graph_listing();
        }
        // The cursor and what it covers, in one write.
        self.commit_with_status(batch)?;
        if endless { Err(self.stop("a round of changes did not end")) } else { Ok(()) }
    }

    fn stage_graph(&mut self, items: &[DeltaItem], listing: bool, batch: &mut Batch) -> Result<(), Halt> {
        let ids: Vec<GraphId> = items.iter().filter_map(item_id).collect();
        let links = self.store.links_of_graph(self.ports, &ids)?;
        let mut links = links.into_iter();
        for item in items {
            let link = if item_id(item).is_some() { links.next().flatten() } else { None };
            match item {
                DeltaItem::Changed(event) => {
                    self.mark(item_id(item), listing, batch);
                    self.stage_event(event, link.as_ref(), batch);
                }
                DeltaItem::Removed(id) if link.is_some() => {
                    batch.put(self.store.keys.staged_graph(id), &SeenGraph::Removed);
                }
                // Never ours: out of the window, or gone before it was taken over.
                DeltaItem::Removed(id) => {
                    self.resolve_item(None, Some(id))?;
                    batch.remove(self.store.keys.staged_graph(id));
                }
                DeltaItem::Malformed(id) => {
                    // It cannot be read, but it is there.
                    self.mark(id.clone(), listing, batch);
                    let message = "Microsoft sent an event that could not be read. It is left as it is on both sides.";
                    self.issue(IssueCode::NotMappable, crm_of(link.as_ref()), id.clone(), message);
                }
            }
        }
        Ok(())
    }

    /// Notes that a complete listing has shown the item.
    fn mark(&self, id: Option<GraphId>, listing: bool, batch: &mut Batch) {
        if let (true, Some(id)) = (listing, id) {
            batch.put(self.store.keys.mark(self.status.listing, &id), &());
        }
    }

    /// Stages an event. One that cannot be synchronised takes the place of an
    /// earlier observation, too: nothing is decided from a state that is over.
    fn stage_event(&mut self, event: &crate::graph::wire::Event, link: Option<&Link>, batch: &mut Batch) {
        let mapped = match event::read_event(event) {
            Ok(mapped) => mapped,
            Err(problem) => {
                let message = format!("{problem}. The event is left as it is on both sides.");
                let id = event.id.as_deref().map(GraphId::new);
                if let Some(id) = &id {
                    batch.remove(self.store.keys.staged_graph(id));
                }
                self.issue(IssueCode::NotMappable, crm_of(link), id, &message);
                return;
            }
        };
        match mapped.kind {
            EventKind::Single => {}
            EventKind::SeriesMaster => {
                batch.remove(self.store.keys.staged_graph(&mapped.id));
                self.issue(IssueCode::SeriesNotSupported, crm_of(link), Some(mapped.id), SERIES);
                return;
            }
            // They follow their series.
            EventKind::Occurrence | EventKind::Exception => return,
        }
        let Some(item) = seen(mapped.clone()) else {
            let message = "Microsoft sent an event without a version. It is left as it is on both sides.";
            batch.remove(self.store.keys.staged_graph(&mapped.id));
            self.issue(IssueCode::NotMappable, crm_of(link), Some(mapped.id), message);
            return;
        };
        let id = mapped.id;
        if let Some(link) = link
            && link.m365.version == item.version
            && matches!(link.m365.state, EndState::Present { .. })
            && !self.compare_all
        {
            return;
        }
        batch.put(self.store.keys.staged_graph(&id), &SeenGraph::Present(item));
    }
}

/// Why a series is not synchronised.
pub(super) const SERIES: &str =
    "Recurring events are not synchronised in this version. The series is left as it is on both sides.";

/// An observation as it is staged; none where it has no version to write
/// against.
pub(super) fn seen(mapped: MappedEvent) -> Option<SeenGraphItem> {
    Some(SeenGraphItem {
        version: mapped.version?,
        modified_at: mapped.modified_at,
        i_cal_uid: mapped.i_cal_uid,
        record: mapped.record,
        writable: mapped.writable,
    })
}

fn crm_of(link: Option<&Link>) -> Option<crate::model::CrmId> {
    link.map(|link| link.crm.id.clone())
}

fn item_id(item: &DeltaItem) -> Option<GraphId> {
    match item {
        DeltaItem::Changed(event) => event.id.as_deref().map(GraphId::new),
        DeltaItem::Removed(id) => Some(id.clone()),
        DeltaItem::Malformed(id) => id.clone(),
    }
}
