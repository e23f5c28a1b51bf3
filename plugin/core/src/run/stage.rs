//! Noting what a page of Microsoft's changes has shown.
//!
//! A single event comes whole and is staged as it is. Of a series, a page shows
//! stubs, exceptions and perhaps the master; none of that says what was
//! cancelled. So a series that has changed is only noted here, and read by
//! itself before anything is decided about it ([`super::hydrate`]).

use std::collections::BTreeMap;

use crate::graph::wire::{DeltaItem, Event, EventType};
use crate::mapping::body::BODY_KEPT_MAX_BYTES;
use crate::mapping::event::{self, MappedEvent};
use crate::model::{CrmId, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, Occurrence, Record};
use crate::ports::Ports;
use crate::sync::{EndState, IssueCode, Link, Organizer, Side};

use super::report::Halt;
use super::state::{SeenGraph, SeenGraphItem};
use super::step::Step;
use super::store::Batch;

/// What a page has shown of a series: the versions of its master, if any was
/// among it. A page may repeat an older one behind a newer one.
type SeriesShown = BTreeMap<GraphId, Vec<Option<GraphVersion>>>;

/// What is said of an item with more text than is kept, exceptions included.
pub(super) const TOO_LONG: &str = "The descriptions of the event and of its changed occurrences are too long to be \
                                   compared. The event is left as it is on both sides; shorten some of them.";

/// Whether the descriptions of an item are more than what is kept, so that it is
/// left as a whole. A series whose own description is not read is, too: which of
/// its days have another one cannot be told then.
pub(super) fn is_too_long(record: &Record, unread: FieldSet) -> bool {
    let is_series = record.rule().is_some();
    if unread.contains(FieldGroup::Exceptions) || (is_series && unread.contains(FieldGroup::Body)) {
        return true;
    }
    let body = |record: &Record| match record.get(FieldGroup::Body) {
        Some(FieldValue::Body(html)) => html.as_str().len(),
        _ => 0,
    };
    let changed: usize = record
        .exceptions()
        .values()
        .map(|occurrence| match occurrence {
            Occurrence::Changed(changed) => body(changed),
            Occurrence::Cancelled => 0,
        })
        .sum();
    body(record) + changed > BODY_KEPT_MAX_BYTES
}

/// What is said of a description that is too large by itself.
pub(super) fn body_left(side: Side) -> String {
    format!(
        "The description in {side} has more than {} KiB, or too much markup to be read. It stays as it \
         is there and is not compared; all other fields are kept in step. Shorten it to have it kept in step, too.",
        BODY_KEPT_MAX_BYTES / 1024
    )
}

/// When the items of a page were changed last, as far as it has shown.
#[derive(Default)]
struct Newest(BTreeMap<GraphId, Instant>);

impl Newest {
    /// Whether the page has shown a later state of the item already.
    fn is_older(&mut self, mapped: &MappedEvent) -> bool {
        let Some(at) = mapped.modified_at else { return false };
        let known = self.0.entry(mapped.id.clone()).or_insert(at);
        if at < *known {
            return true;
        }
        *known = at;
        false
    }
}

impl<P: Ports> Step<'_, P> {
    /// Stages the items of a page; `listing` says whether it belongs to a
    /// complete listing.
    pub(super) fn stage_graph(&mut self, items: &[DeltaItem], listing: bool, batch: &mut Batch) -> Result<(), Halt> {
        let ids: Vec<Option<GraphId>> = items.iter().map(subject_of).collect();
        let known: Vec<GraphId> = ids.iter().flatten().cloned().collect();
        let links = self.store.links_of_graph(self.ports, &known)?;
        let links: BTreeMap<GraphId, Link> =
            known.into_iter().zip(links).filter_map(|(id, link)| Some((id, link?))).collect();
        let mut series = SeriesShown::new();
        let mut newest = Newest::default();
        for (item, id) in items.iter().zip(ids) {
            let link = id.as_ref().and_then(|id| links.get(id));
            match item {
                DeltaItem::Changed(event) => {
                    self.mark(id.clone(), listing, batch);
                    match (&event.kind, id) {
                        (Some(EventType::Occurrence | EventType::Exception), Some(master)) => {
                            series.entry(master).or_default();
                        }
                        (Some(EventType::SeriesMaster), Some(master)) => {
                            let version = event.etag.as_deref().map(GraphVersion::new);
                            series.entry(master).or_default().push(version);
                        }
                        // Belongs to nothing that could be named.
                        (Some(EventType::Occurrence | EventType::Exception | EventType::SeriesMaster), None) => {}
                        (Some(EventType::SingleInstance | EventType::Unrecognised(_)) | None, _) => {
                            self.stage_single(event, link, &mut newest, batch)?;
                        }
                    }
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
                    if let Some(id) = id.as_ref() {
                        batch.remove(self.store.keys.staged_graph(id));
                    }
                    let message = "Microsoft sent an event that could not be read. It is left as it is on both sides.";
                    self.unreadable(Side::M365, crm_of(link), id.clone(), message);
                }
            }
        }
        // Instances tell of the exceptions in the window that is listed, which may
        // be another one than that of the last read, at the same version.
        let tells_more = listing && self.status.series_by_instances;
        for (master, versions) in series {
            let is_known = |version: &Option<GraphVersion>| self.is_known(links.get(&master), version.as_ref());
            if tells_more || versions.is_empty() || !versions.iter().all(is_known) {
                batch.put(self.store.keys.staged_graph(&master), &SeenGraph::Stale);
            }
        }
        Ok(())
    }

    /// Whether the link has this version, and nothing is to be compared again.
    /// The version of a master moves with everything in its series: exceptions
    /// and cancellations are stored with it.
    fn is_known(&self, link: Option<&Link>, version: Option<&GraphVersion>) -> bool {
        link.is_some_and(|link| {
            Some(&link.m365.version) == version
                && matches!(link.m365.state, EndState::Present { .. })
                && !self.compare_all
        })
    }

    /// Notes that a complete listing has shown the item.
    fn mark(&self, id: Option<GraphId>, listing: bool, batch: &mut Batch) {
        if let (true, Some(id)) = (listing, id) {
            batch.put(self.store.keys.mark(self.status.listing, &id), &());
        }
    }

    /// Stages a single event.
    fn stage_single(
        &mut self,
        event: &Event,
        link: Option<&Link>,
        newest: &mut Newest,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        match event::read_event(event) {
            // Of a page that repeats an older state, the newest one counts. Such a
            // state does not take the place of a read that is still to be made.
            Ok(mapped) if self.is_known(link, mapped.version.as_ref()) || newest.is_older(&mapped) => Ok(()),
            Ok(mapped) if link.is_some_and(|link| link.m365.is_older(mapped.modified_at)) => Ok(()),
            Ok(mapped) => self.stage_mapped(mapped, link, batch),
            Err(problem) => {
                let id = event.id.as_deref().map(GraphId::new);
                let message = format!("{}. The event is left as it is on both sides.", super::notice::chain(&problem));
                if let Some(id) = &id {
                    batch.remove(self.store.keys.staged_graph(id));
                }
                self.unreadable(Side::M365, crm_of(link), id, &super::execute_crm::sentence(&message));
                Ok(())
            }
        }
    }

    /// Stages an event that was read whole, a single one or a series with its
    /// exceptions. One that cannot be synchronised takes the place of an earlier
    /// observation, too: nothing is decided from a state that is over.
    pub(super) fn stage_mapped(
        &mut self,
        mapped: MappedEvent,
        link: Option<&Link>,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        let (id, crm) = (mapped.id.clone(), crm_of(link));
        let staged = self.store.keys.staged_graph(&id);
        if mapped.is_cancelled && !mapped.is_organizer {
            // The organiser has called it off; Exchange leaves the copy in the
            // guest's calendar until somebody removes it.
            if link.is_some() {
                batch.put(staged, &SeenGraph::Gone);
            } else {
                self.resolve_item(None, Some(&id))?;
                batch.remove(staged);
            }
            return Ok(());
        }
        if !mapped.stray.is_empty() {
            let message = "A changed occurrence of the series names no day of its rule, or could not be read. \
                           The occurrence is left as it is on both sides.";
            self.issue(IssueCode::NotMappable, crm.clone(), Some(id.clone()), message);
            self.aside.outlasts_its_item(&id);
        }
        if let Some(problem) = &mapped.unnamed_zone {
            let message = format!(
                "The event was planned in a time zone that cannot be told ({problem}). It is in step at the right time, \
                 but the CRM shows UTC as its zone. Choose a named time zone in Outlook to see it there."
            );
            self.issue(IssueCode::ZoneUnknown, crm.clone(), Some(id.clone()), &message);
        }
        if is_too_long(&mapped.record, mapped.unread) {
            batch.remove(staged);
            let keys = self.aside_keys(crm.as_ref(), Some(&id));
            self.left_open(IssueCode::TooLarge, crm, Some(id), TOO_LONG);
            self.not_taken(Side::M365, &keys);
            return Ok(());
        }
        if mapped.unread.contains(FieldGroup::Body) {
            self.issue(IssueCode::TooLarge, crm.clone(), Some(id.clone()), &body_left(Side::M365));
        }
        if let Some(item) = seen(mapped) {
            batch.put(staged, &SeenGraph::Present(Box::new(item)));
        } else {
            let message = "Microsoft sent an event without a version. It is left as it is on both sides.";
            batch.remove(staged);
            self.unreadable(Side::M365, crm, Some(id), message);
        }
        Ok(())
    }
}

/// An observation as it is staged; none where it has no version to write
/// against.
pub(super) fn seen(mapped: MappedEvent) -> Option<SeenGraphItem> {
    Some(SeenGraphItem {
        version: mapped.version?,
        modified_at: mapped.modified_at,
        i_cal_uid: mapped.i_cal_uid,
        organizer: Organizer { is_user: mapped.is_organizer, address: mapped.organizer },
        occurrence_ids: mapped.exception_ids,
        meeting_blob: mapped.meeting_blob,
        list: None,
        correlations: None,
        record: mapped.record,
        writable: mapped.writable,
    })
}

pub(super) fn crm_of(link: Option<&Link>) -> Option<CrmId> {
    link.map(|link| link.crm.id.clone())
}

/// The item that an entry of a page is about: for a day of a series, the series.
fn subject_of(item: &DeltaItem) -> Option<GraphId> {
    match item {
        DeltaItem::Changed(event) => match event.kind {
            Some(EventType::Occurrence | EventType::Exception) => event.series_master_id.as_deref().map(GraphId::new),
            Some(EventType::SingleInstance | EventType::SeriesMaster | EventType::Unrecognised(_)) | None => {
                event.id.as_deref().map(GraphId::new)
            }
        },
        DeltaItem::Removed(id) => Some(id.clone()),
        DeltaItem::Malformed(id) => id.clone(),
    }
}
