//! Finishing what an interrupted step may have created.
//!
//! An intent without a link means: the request went out, and its answer never
//! came back. Microsoft is asked by the correlation id that the item bears;
//! nothing is created again before that.

use std::collections::BTreeMap;

use crate::graph::wire::Event;
use crate::graph::{Subject, response};
use crate::mapping::event::{self, EventKind};
use crate::model::{
    Address, Attendee, Attendees, Exceptions, FieldGroup, FieldValue, GraphId, GraphVersion, LinkId, Record,
};
use crate::ports::Ports;
use crate::sync::{CrmEnd, EndState, GraphEnd, InFlight, IssueCode, Link, Organizer};

use super::decide::graph_seen;
use super::report::Halt;
use super::stage::seen;
use super::state::{Intent, SeenGraph, SeenGraphItem};
use super::step::Step;
use super::store::Batch;

/// Intents looked up at once: one batch.
const INTENTS_PER_ROUND: u32 = 20;

impl<P: Ports> Step<'_, P> {
    /// Finishes or forgets every open intent.
    pub(super) fn recover_events(&mut self) -> Result<(), Halt> {
        loop {
            let intents = self.store.intents(self.ports, INTENTS_PER_ROUND)?;
            if intents.is_empty() {
                return Ok(());
            }
            let none = LinkId::new(String::new());
            let (answers, halted) = self.ask_many(Subject::Mailbox, intents.len(), |requests, index, id| {
                requests.find_by_correlation(intents.get(index).map_or(&none, |intent| &intent.link), id)
            });
            let mut batch = Batch::default();
            let mut failures = Vec::new();
            for (intent, answer) in intents.iter().zip(answers) {
                match answer.and_then(|answer| response::read_events(&answer)) {
                    Ok(found) => self.finish_intent(intent, &found, &mut batch)?,
                    Err(failure) => failures.push(failure),
                }
            }
            self.commit(batch)?;
            if let Some(halt) = halted.or_else(|| self.halt_for(&failures)) {
                return Err(halt);
            }
        }
    }

    fn finish_intent(&mut self, intent: &Intent, found: &[Event], batch: &mut Batch) -> Result<(), Halt> {
        batch.remove(self.store.keys.intent(&intent.link));
        let made: Vec<Made> = found.iter().filter_map(|event| made_for(intent, event)).collect();
        if made.len() > 1 {
            // A copy made in Outlook bears the property of its original.
            let message = "Several events in Outlook are copies of one. The first is kept in step with the CRM.";
            self.issue(IssueCode::NotMappable, Some(intent.crm.clone()), None, message);
        }
        let Some(Made { id, i_cal_uid, is_stale, item }) = made.into_iter().next() else {
            if !found.is_empty() {
                // It was created, and cannot be linked: creating it once more would
                // make two of it.
                let message = "Microsoft sent the event that was created in Outlook without an id or a version. It is \
                               left as it is on both sides.";
                self.issue(IssueCode::NotMappable, Some(intent.crm.clone()), None, message);
                batch.remove(self.store.keys.staged_crm(&intent.crm));
            }
            // Nothing was created: the observation is still there, and is decided again.
            return Ok(());
        };
        let mut link = recovered(intent, id, i_cal_uid, item);
        if let Some(old) = &intent.replaces
            && let Some(old) = self.store.links(self.ports, std::slice::from_ref(old))?.pop().flatten()
        {
            link = link.asks_anew(&old);
            batch.remove_link(&self.store.keys, &old);
        }
        self.report.counts.m365.created += 1;
        // It may have been given up before it was known to be there.
        self.in_step(&link)?;
        if is_stale {
            batch.put(self.store.keys.staged_graph(&link.m365.id), &SeenGraph::Stale);
        } else {
            batch.remove(self.store.keys.staged_graph(&link.m365.id));
        }
        let link = self.take_answers_back(link, batch);
        self.put_settled(link, batch);
        Ok(())
    }
}

/// The version of what was found and not read. No item has it: a write that asks
/// for it has the item read first.
pub(super) const UNSEEN: &str = "W/\"unseen\"";

/// What was found of a create.
struct Made {
    id: GraphId,
    i_cal_uid: Option<String>,
    /// Whether it has to be read before anything is decided about it: of a series,
    /// the exceptions were not written yet, or nobody knows which.
    is_stale: bool,
    item: SeenGraphItem,
}

/// The event that was created for this intent; none if it is another one, or has
/// nothing to write against. One that has become what cannot be read is taken for
/// what was sent: then it is linked, its next read says why it is left, and no
/// edit in the CRM makes a second one of it.
fn made_for(intent: &Intent, event: &Event) -> Option<Made> {
    let Ok(mapped) = event::read_event(event) else {
        let is_ours = event::correlation(event).as_ref() == Some(&intent.link);
        let id = event.id.as_deref().map(GraphId::new).filter(|_| is_ours)?;
        let item = SeenGraphItem {
            // What it has become was not seen, so nothing may be written over it.
            version: event.etag.as_ref().map(|_| GraphVersion::new(UNSEEN))?,
            modified_at: None,
            i_cal_uid: event.i_cal_uid.clone(),
            organizer: Organizer::default(),
            occurrence_ids: BTreeMap::new(),
            meeting_blob: None,
            list: None,
            correlations: None,
            record: intent.sent.clone(),
            writable: intent.sent.groups(),
        };
        return Some(Made { id, i_cal_uid: event.i_cal_uid.clone(), is_stale: true, item });
    };
    if mapped.correlation.as_ref() != Some(&intent.link) {
        return None;
    }
    let is_stale = match mapped.kind {
        EventKind::Single => false,
        EventKind::SeriesMaster => true,
        EventKind::Occurrence | EventKind::Exception => return None,
    };
    let (id, i_cal_uid) = (mapped.id.clone(), mapped.i_cal_uid.clone());
    Some(Made { id, i_cal_uid, is_stale, item: seen(mapped)? })
}

/// The guests that were sent, by the names that Exchange has given to those whom the
/// CRM has no name for: that is nobody's edit.
fn named_as_there(sent: &Record, there: &Record) -> Option<Attendees> {
    let (Some(FieldValue::Attendees(sent)), Some(FieldValue::Attendees(there))) =
        (sent.get(FieldGroup::Attendees), there.get(FieldGroup::Attendees))
    else {
        return None;
    };
    let named = |(address, guest): (&Address, &Attendee)| {
        let display_name = match there.get(address) {
            Some(known) if guest.display_name.is_empty() => known.display_name.clone(),
            Some(_) | None => guest.display_name.clone(),
        };
        (address.clone(), Attendee { display_name, ..guest.clone() })
    };
    Some(sent.iter().map(named).collect())
}

/// The link as it was meant: what was sent is agreed, and whatever Outlook shows
/// differently by now has been edited there since. What was not sent stays open.
fn recovered(intent: &Intent, id: GraphId, i_cal_uid: Option<String>, item: SeenGraphItem) -> Link {
    let sent = intent.seen.record.only(intent.sent.groups());
    let crm = CrmEnd {
        id: intent.crm.clone(),
        version: intent.seen.version.clone(),
        meeting_uid: intent.seen.meeting_uid.clone(),
        is_echo: false,
        in_flight: None,
        state: EndState::with_base(intent.seen.record.clone(), sent, intent.seen.writable),
    };
    // Groups that were not sent are agreed as Outlook has made them.
    let mut record = item.record.clone();
    if record.rule().is_some() {
        record.set(FieldValue::Exceptions(Exceptions::new()));
    }
    let mut base = record.overlaid(&intent.sent.only(item.writable));
    if let Some(guests) = named_as_there(&intent.sent.only(item.writable), &record) {
        base.set(FieldValue::Attendees(guests));
    }
    let (seen_now, writable) = (record.clone(), item.writable);
    let seen = graph_seen(SeenGraphItem { record, ..item });
    let mut m365 = GraphEnd::agreed(id, i_cal_uid, seen);
    m365.state = EndState::with_base(seen_now, base, writable);
    // Its days were sent after it, and may have arrived.
    m365.in_flight = InFlight::of_days(&intent.seen.record.exceptions());
    let mut link = Link::created(intent.link.clone(), intent.generation, crm, m365);
    link.edited = intent.seen.live;
    link
}
