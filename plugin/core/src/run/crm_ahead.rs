//! What is written down before the CRM is written, and what becomes of it when the
//! step does not live to hear the answer (invariant 6).
//!
//! The CRM knows each write by its key, so nothing has to be searched for: it is
//! asked at the start of a step, before anything is observed or decided. What is
//! agreed on then is [`crate::sync`]'s matter.

use serde::{Deserialize, Serialize};

use crate::model::{CrmId, FieldSet, LinkId, Record};
use crate::ports::{AppliedWrite, Breach, HostError, Ports};
use crate::sync::{CrmNow, CrmSeen, Decision, End, IssueCode, Link, Merge, NewAtCrm, Side, Written};

use super::report::Halt;
use super::resource::Resource;
use super::session::random_word;
use super::settle::source_graph;
use super::state::SeenCrm;
use super::step::Step;
use super::store::{Batch, LessEachTime, PARTS_MAX, decode, page, without_end};
use super::work::Work;
use super::wrote::{GraphWrote, Wrote};

/// Open writes looked at together: the mutations of one round are fewer, and the
/// contract lets 100 be asked for.
const WRITES_PER_ROUND: u32 = 50;

/// Who says what became of a write; which of both resources, the log says.
const GET_APPLIED: &str = "get-applied";

/// A write that is on its way to the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CrmIntent {
    /// A record is created.
    Create(Box<NewAtCrm>),
    /// The record of a link is changed; the link says more.
    Update(LinkId),
}

/// A write that is about to be sent.
pub(super) struct CrmWriting {
    /// Of which of the works.
    pub index: usize,
    /// Its key.
    pub key: String,
    /// What is sent, exceptions included.
    pub sent: Record,
    /// What of it the CRM does not take.
    pub left_out: FieldSet,
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// A key for a write. Another one each time: a change that changes nothing leaves
    /// the version as it was, and an item that was deleted and comes back is to be
    /// created once more. What an attempt has done, its intent finds out first.
    pub(super) fn write_key(&mut self, work: &Work) -> String {
        format!("{}-{:016x}", work.id, u64::from_le_bytes(random_word(self.ports)))
    }

    /// A key for the creation of a record. What comes from Microsoft has an intent
    /// that knows the key; what a person wants back has none, and one key for good:
    /// it is created once, whoever asks how often.
    pub(super) fn create_key(&mut self, work: &Work) -> String {
        if source_graph(work).is_some() { self.write_key(work) } else { work.id.as_str().to_owned() }
    }

    /// Writes down what is about to be sent, and what Microsoft has answered before.
    pub(super) fn note_crm_ahead(
        &mut self,
        works: &[Work],
        graph: &[GraphWrote],
        writes: &[CrmWriting],
    ) -> Result<(), Halt> {
        let mut batch = Batch::default();
        for write in writes {
            let (Some(work), Some(graph)) = (works.get(write.index), graph.get(write.index)) else { continue };
            match (&work.decision, &work.link) {
                (Decision::Create { on: Side::Crm, .. }, _) => {
                    let Some(m365) = source_graph(work) else { continue };
                    let new = NewAtCrm {
                        link: work.id.clone(),
                        key: write.key.clone(),
                        generation: work.generation,
                        m365,
                        sent: write.sent.clone(),
                        left_out: write.left_out,
                        replaces: work.link.as_ref().map(|link| link.id.clone()),
                    };
                    batch.put(self.store.keys.crm_intent(&work.id), &CrmIntent::Create(Box::new(new)));
                }
                (Decision::Merge(merge), Some(link)) if !merge.to_crm.is_empty() => {
                    let writing = writing(link, merge, graph, write);
                    batch.put_link(&self.store.keys, &writing);
                    batch.put(self.store.keys.crm_intent(&work.id), &CrmIntent::Update(work.id.clone()));
                    if matches!(graph, Wrote::Stored(_)) {
                        batch.put(self.store.keys.staged_graph(&link.m365.id), &R::TO_READ);
                    }
                }
                (
                    Decision::Create { .. }
                    | Decision::Merge(_)
                    | Decision::Delete { .. }
                    | Decision::Ignore
                    | Decision::Keep
                    | Decision::Close
                    | Decision::Withhold,
                    _,
                ) => {}
            }
        }
        self.commit(batch)
    }

    /// Settles every write to the CRM whose answer was not read.
    pub(super) fn recover_crm_writes(&mut self) -> Result<(), Halt> {
        let mut left = LessEachTime::default();
        for _ in 0..PARTS_MAX {
            self.check_time()?;
            let prefix = self.store.keys.crm_intents();
            let (entries, _) = page(self.ports, &prefix, None, WRITES_PER_ROUND)?;
            if entries.is_empty() {
                return Ok(());
            }
            left.see(&entries)?;
            let mut batch = Batch::default();
            let mut open = Vec::new();
            for entry in entries {
                let intent: CrmIntent = decode(&entry)?;
                batch.remove(entry.key);
                open.extend(self.open_write(intent)?);
            }
            let keys: Vec<String> = open.iter().map(OpenWrite::key).collect();
            let written = if keys.is_empty() { Vec::new() } else { R::applied(self, &keys)? };
            let ids: Vec<CrmId> = written.iter().flatten().map(|write| write.id.clone()).collect();
            let mut now = if ids.is_empty() { Vec::new() } else { R::crm_now(self, &ids)? }.into_iter();
            for (open, written) in open.into_iter().zip(written) {
                let found = written.and_then(|written| Some((written, now.next()?)));
                self.settle_open_write(open, found, &mut batch)?;
            }
            self.commit(batch)?;
        }
        Err(without_end().into())
    }

    fn open_write(&mut self, intent: CrmIntent) -> Result<Option<OpenWrite>, Halt> {
        Ok(match intent {
            CrmIntent::Create(new) => Some(OpenWrite::Create(new)),
            CrmIntent::Update(id) => {
                let link = self.store.links(self.ports, &[id])?.pop().flatten();
                // Settled already where the link knows nothing of it.
                link.filter(|link| link.crm.in_flight.is_some()).map(|link| OpenWrite::Update(Box::new(link)))
            }
        })
    }

    fn settle_open_write(
        &mut self,
        open: OpenWrite,
        found: Option<(AppliedWrite, CrmNow)>,
        batch: &mut Batch,
    ) -> Result<(), Halt> {
        match (open, found) {
            // Not made: what was observed is still there, and is decided again.
            (OpenWrite::Create(_), None) => {}
            (OpenWrite::Update(link), None) => batch.put_link(&self.store.keys, &link.not_made_in_crm()),
            (OpenWrite::Create(new), Some((written, now))) => {
                let (m365, replaces) = (new.m365.id.clone(), new.replaces.clone());
                if let Some(old) = &replaces
                    && let Some(old) = self.store.links(self.ports, std::slice::from_ref(old))?.pop().flatten()
                {
                    batch.remove_link(&self.store.keys, &old);
                }
                let id = written.id.clone();
                let Some(link) = Link::landed_new_in_crm(*new, (written.id, written.version), now) else {
                    // It was created, and has become what cannot be linked: creating
                    // it once more would make two of it.
                    let message = "The item that was created in the CRM cannot be read. It is left as it is on both \
                                   sides.";
                    self.issue(IssueCode::NotMappable, Some(id), Some(m365.clone()), message);
                    batch.remove(self.store.keys.staged_graph(&m365));
                    return Ok(());
                };
                self.report.counts.crm.created += 1;
                // It may have been given up before it was known to be there.
                self.in_step(&link)?;
                self.put_landed(&link, batch);
            }
            // A change of another record is not this one's, whatever its key.
            (OpenWrite::Update(link), Some((written, _))) if written.id != link.crm.id => {
                return Err(Halt::Host(HostError::Breach(Breach::OtherThing { call: GET_APPLIED })));
            }
            (OpenWrite::Update(link), Some((written, now))) => {
                self.report.counts.crm.updated += 1;
                self.put_landed(&link.landed_in_crm(written.version, now), batch);
            }
        }
        Ok(())
    }

    /// Keeps a link that is known again, and has it decided about once more: what
    /// else there was to do, nobody remembers.
    fn put_landed(&self, link: &Link, batch: &mut Batch) {
        batch.put_link(&self.store.keys, link);
        batch.put(self.store.keys.staged_graph(&link.m365.id), &R::TO_READ);
        match link.crm.state.as_end(FieldSet::all()) {
            End::Present(_) => batch.remove(self.store.keys.staged_crm(&link.crm.id)),
            // Whether people were told, the tombstone says, which the feed shows next.
            End::Gone | End::Forgone | End::Absent => {
                batch.put(self.store.keys.staged_crm(&link.crm.id), &SeenCrm::Gone { live: false });
            }
        }
    }
}

/// A write whose answer was not read, with what is known of it.
enum OpenWrite {
    Create(Box<NewAtCrm>),
    Update(Box<Link>),
}

impl OpenWrite {
    fn key(&self) -> String {
        match self {
            Self::Create(new) => new.key.clone(),
            Self::Update(link) => link.crm.in_flight.as_ref().map(|write| write.key.clone()).unwrap_or_default(),
        }
    }
}

/// The link of a change that is about to be written.
fn writing(link: &Link, merge: &Merge, graph: &GraphWrote, write: &CrmWriting) -> Link {
    let m365 = || match graph {
        Wrote::Stored(stored) => stored.written(),
        Wrote::Nothing if merge.to_m365.is_empty() => Written::NotNeeded,
        Wrote::Nothing | Wrote::Deleted | Wrote::Again | Wrote::Refused | Wrote::Unknown => Written::Failed,
    };
    let shown = link.crm.as_seen().map(|seen| CrmSeen { record: seen.record.overlaid(&write.sent), ..seen });
    let made = shown.map_or(Written::Failed, |seen| match write.left_out {
        FieldSet::EMPTY => Written::Done(seen),
        failed => Written::Partly { seen, failed, failed_days: std::collections::BTreeSet::new() },
    });
    let made = link.clone().merged(merge, made, m365());
    let mut refused = link.clone().merged(merge, Written::Failed, m365());
    if matches!(graph, Wrote::Refused) {
        refused = refused.refused();
    }
    refused.writing_to_crm(&made, write.key.clone(), write.sent.clone())
}
