//! Reading items by id: what became of a removed one, what a changed series
//! consists of, what an item is after it was changed under our hands.
//!
//! Graph reports out-of-window items as removed, too (`api/event-delta`), so a
//! removal counts only when a read finds nothing. A series is read with its
//! exceptions and cancellations in one request; where a cloud has no such
//! properties, its instances in the window tell as much.

use crate::graph::wire::Event;
use crate::graph::{Failure, Reaction, Subject, Window, response};
use crate::mapping::event::{self, EventKind, MappedEvent};
use crate::mapping::{merge_outside_window, read_exceptions_from_instances};
use crate::model::{Exceptions, FieldGroup, GraphId, Record};
use crate::ports::Ports;
use crate::sync::{Link, Side};

use super::attempts::Beside;
use super::report::Halt;
use super::session::Answer;
use super::stage;
use super::state::SeenGraph;
use super::step::Step;
use super::store::Batch;

/// Reads between two commits: one batch.
const READS_PER_COMMIT: usize = 20;

/// Pages of the instances of one series: a daily one has some two thousand in
/// the longest window.
const INSTANCE_PAGES_MAX: usize = 50;

/// Instances asked for in a page.
const INSTANCES_PER_PAGE: u16 = 200;

/// What a read has found.
pub(super) enum Read {
    /// The item as it is.
    Found(Box<MappedEvent>),
    /// A series of which the exceptions are not known yet.
    Unfinished,
    /// It does not exist.
    Gone,
    /// It is left alone; the reason is reported.
    Left,
}

impl Read {
    /// Whether the item was given.
    const fn is_there(&self) -> bool {
        match self {
            Self::Found(_) | Self::Unfinished => true,
            Self::Gone | Self::Left => false,
        }
    }
}

impl<P: Ports> Step<'_, P> {
    /// Reads each of these items by id and replaces what was noted of it by
    /// what was found.
    pub(super) fn read_items(&mut self, ids: &[GraphId]) -> Result<(), Halt> {
        for ids in ids.chunks(READS_PER_COMMIT) {
            self.reread(ids)?;
        }
        Ok(())
    }

    /// Reads items by id, at most a batch of them, and stages what they are now.
    pub(super) fn reread(&mut self, ids: &[GraphId]) -> Result<(), Halt> {
        let (found, mut halted) = self.read_by_id(ids);
        let links = self.store.links_of_graph(self.ports, ids)?;
        let mut batch = Batch::default();
        let mut failures = Vec::new();
        let mut unfinished = Vec::new();
        let beside = Beside::of(ids.len(), found.iter().filter(|read| read.is_ok()).count());
        for ((id, link), read) in ids.iter().zip(&links).zip(found) {
            match read {
                Ok(Read::Found(mapped)) => self.stage_mapped(*mapped, link.as_ref(), &mut batch)?,
                Ok(Read::Unfinished) => unfinished.push(id.clone()),
                Ok(Read::Gone) => batch.put(self.store.keys.staged_graph(id), &SeenGraph::Gone),
                Ok(Read::Left) => batch.remove(self.store.keys.staged_graph(id)),
                Err(failure) if self.gives_up_reading((id, stage::crm_of(link.as_ref())), &failure, beside) => {
                    batch.remove(self.store.keys.staged_graph(id));
                }
                Err(failure) => failures.push(failure),
            }
        }
        self.commit(batch)?;
        halted = halted.or_else(|| self.halt_for(&failures));
        if let Some(halt) = halted {
            return Err(halt);
        }
        for id in unfinished {
            self.read_by_instances(&id)?;
        }
        Ok(())
    }

    /// Reads items whole, in as few requests as batches allow. The answers are
    /// fewer than the ids where the step has to end in between.
    pub(super) fn read_by_id(&mut self, ids: &[GraphId]) -> (Vec<Result<Read, Failure>>, Option<Halt>) {
        let fallback = GraphId::new(String::new());
        let by_instances = self.status.series_by_instances;
        let (answers, halted) = self.ask_many(Subject::Item, ids.len(), |requests, index, request_id| {
            // The index comes from the same list.
            let id = ids.get(index).unwrap_or(&fallback);
            if by_instances { requests.get_series_plain(id, request_id) } else { requests.get_series(id, request_id) }
        });
        if !by_instances && answers.iter().any(refuses_selection) {
            // This cloud may know no exceptions of a series by name (Graph's
            // metadata differs from cloud to cloud). If the plain form is
            // refused as well, it was the items.
            let refused: Vec<bool> = answers.iter().map(refuses_selection).collect();
            self.status.series_by_instances = true;
            let (reads, halted) = self.read_by_id(ids);
            let helped = reads
                .iter()
                .zip(&refused)
                .any(|(read, refused)| *refused && matches!(read, Ok(read) if read.is_there()));
            self.status.series_by_instances = helped;
            return (reads, halted);
        }
        if let ([_, _, ..], true) = (ids, answers.iter().any(is_too_large)) {
            // Series with many long exceptions: fewer of them at once.
            let (one, two) = ids.split_at(ids.len() / 2);
            let (mut reads, halted) = self.read_by_id(one);
            if halted.is_some() {
                return (reads, halted);
            }
            let (rest, halted) = self.read_by_id(two);
            reads.extend(rest);
            return (reads, halted);
        }
        let reads = ids.iter().zip(answers).map(|(id, answer)| self.read_answered(id, answer)).collect();
        (reads, halted)
    }

    fn read_answered(&mut self, id: &GraphId, answer: Answer) -> Result<Read, Failure> {
        let event = match answer.and_then(|answer| response::read_event(&answer)) {
            Ok(event) => event,
            Err(failure) if failure.reaction == Reaction::ItemGone => return Ok(Read::Gone),
            Err(failure) if failure.reaction == Reaction::SkipItem => {
                let message =
                    format!("Microsoft did not give the event ({failure}). It is left as it is on both sides.");
                self.unreadable(Side::M365, None, Some(id.clone()), &message);
                return Ok(Read::Left);
            }
            Err(failure) => return Err(failure),
        };
        Ok(self.mapped(id, &event))
    }

    fn mapped(&mut self, id: &GraphId, event: &Event) -> Read {
        match event::read_event(event) {
            Ok(mapped) => match mapped.kind {
                EventKind::SeriesMaster if mapped.record.get(FieldGroup::Exceptions).is_none() => Read::Unfinished,
                EventKind::Single | EventKind::SeriesMaster => Read::Found(Box::new(mapped)),
                // Nothing that is linked or listed has such an id.
                EventKind::Occurrence | EventKind::Exception => Read::Left,
            },
            Err(problem) => {
                let reason = super::execute_crm::sentence(&super::notice::chain(&problem));
                let message = format!("{reason}. The event is left as it is on both sides.");
                self.unreadable(Side::M365, None, Some(id.clone()), &message);
                Read::Left
            }
        }
    }

    /// Reads a series whose exceptions are not to be had by name, and stages it.
    fn read_by_instances(&mut self, id: &GraphId) -> Result<(), Halt> {
        let link = self.link_of_graph(id)?;
        let known = link.as_ref().and_then(|link| link.m365.state.seen()).map(Record::exceptions).unwrap_or_default();
        let mut batch = Batch::default();
        match self.whole_by_instances(id, &known)? {
            Ok(Read::Found(mapped)) => self.stage_mapped(*mapped, link.as_ref(), &mut batch)?,
            Ok(Read::Gone) => batch.put(self.store.keys.staged_graph(id), &SeenGraph::Gone),
            Ok(Read::Left | Read::Unfinished) => batch.remove(self.store.keys.staged_graph(id)),
            Err(failure) if self.gives_up_reading((id, stage::crm_of(link.as_ref())), &failure, Beside::Nothing) => {
                batch.remove(self.store.keys.staged_graph(id));
            }
            Err(failure) => return Err(self.halt(&failure)),
        }
        self.commit(batch)
    }

    /// A series with what its instances in the window tell of its exceptions; of
    /// days outside of it, what is `known`.
    pub(super) fn whole_by_instances(
        &mut self,
        id: &GraphId,
        known: &Exceptions,
    ) -> Result<Result<Read, Failure>, Halt> {
        let answer = self.ask(Subject::Item, |requests, request_id| Ok(requests.get_series_plain(id, request_id)))?;
        let event = match answer.and_then(|answer| response::read_event(&answer)) {
            Ok(event) => event,
            Err(failure) => return Ok(self.read_answered(id, Err(failure))),
        };
        let mut mapped = match event::read_event(&event) {
            Ok(mapped) if mapped.kind == EventKind::SeriesMaster => mapped,
            Ok(_) | Err(_) => return Ok(Ok(self.mapped(id, &event))),
        };
        let instances = match self.instances_in_window(id)? {
            Ok(instances) => instances,
            Err(failure) => return Ok(self.read_answered(id, Err(failure))),
        };
        let window = (self.status.window.start, self.status.window.end);
        let found = read_exceptions_from_instances(&mapped, &instances, window);
        let ids = found.ids.clone();
        mapped.stray.clone_from(&found.stray);
        if found.too_long {
            mapped.unread.insert(FieldGroup::Exceptions);
        }
        let exceptions = merge_outside_window(&mapped, known, found);
        mapped.exception_ids = ids.into_iter().filter(|(day, _)| exceptions.contains_key(day)).collect();
        mapped.set_exceptions(exceptions);
        Ok(Ok(Read::Found(Box::new(mapped))))
    }

    fn link_of_graph(&mut self, id: &GraphId) -> Result<Option<Link>, Halt> {
        Ok(self.store.links_of_graph(self.ports, std::slice::from_ref(id))?.pop().flatten())
    }

    fn instances_in_window(&mut self, id: &GraphId) -> Result<Result<Vec<Event>, Failure>, Halt> {
        let window = Window { start_at: self.status.window.start, end_at: self.status.window.end };
        let mut instances = Vec::new();
        let mut next = None;
        for _ in 0..INSTANCE_PAGES_MAX {
            let answer = self.ask(Subject::Item, |requests, request_id| match &next {
                None => Ok(requests.instances(id, window, INSTANCES_PER_PAGE, request_id)),
                Some(link) => requests.follow(link, INSTANCES_PER_PAGE, request_id),
            })?;
            let page = match answer.and_then(|answer| response::read_instances(&answer)) {
                Ok(page) => page,
                Err(failure) => return Ok(Err(failure)),
            };
            instances.extend(page.events);
            match page.next {
                Some(link) => next = Some(link),
                None => return Ok(Ok(instances)),
            }
        }
        Err(self.stop("the instances of a series did not end"))
    }
}

fn is_too_large(answer: &Answer) -> bool {
    answer.as_ref().is_err_and(Failure::is_too_large)
}

/// Whether Graph does not know a property that was asked for by name.
fn refuses_selection(answer: &Answer) -> bool {
    answer.as_ref().is_ok_and(|answer| {
        answer.status == 400 && matches!(response::read_event(answer), Err(failure) if failure.is_bad_request())
    })
}
