//! Items that are set aside: what one side refuses, or fails at again and again
//! while everything else goes through, is left alone until it changes or somebody
//! has it tried once more.
//!
//! Each item about which an alert is raised has a record here, for people to
//! list, and so has each that neither side can hold, or of which something waits
//! for a person, without an alert. Where a write was refused, it holds a print of
//! what both sides were: the same write is not sent again, whatever has it decided
//! about again. An item that is in step, or gone, takes its record with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::{CrmId, GraphId, Instant, LinkId, Record};
use crate::ports::Ports;
use crate::sync::{Decision, End, Issue, IssueCode, Side};

use super::notice;
use super::report::Halt;
use super::resource::{Resource, ResourceStatus as _};
use super::step::Step;
use super::store::{self, Batch};
use super::work::Work;

/// An item that is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The CRM's record, where it is there.
    pub crm: Option<CrmId>,
    /// Microsoft's item, where it is there.
    pub m365: Option<GraphId>,
    /// The rule, as in issues.
    pub code: IssueCode,
    /// What happened, for people.
    pub message: String,
    /// How often it has failed, or was met and left.
    pub attempts: u32,
    /// When it failed first.
    pub first_at: Instant,
    /// When it failed last.
    pub last_at: Instant,
    /// What both sides were when a write was refused; none where nothing was
    /// written, or where it is to be tried again.
    print: Option<String>,
    /// The side of which nothing could be taken. What is decided about the item then, is
    /// decided with what that side has shown before.
    #[serde(default)]
    unread: Option<Side>,
}

impl SetAside {
    /// What people can do about it.
    pub const fn hint(&self) -> &'static str {
        notice::next_step(self.code)
    }
}

impl SetAside {
    /// The same, to be tried again.
    pub(super) fn to_be_tried(&self) -> Self {
        Self { print: None, ..self.clone() }
    }
}

/// What a step has to say about items that is not stored yet.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Records, by their key.
    noted: BTreeMap<String, SetAside>,
    /// Keys of records that are over.
    over: BTreeSet<String>,
    /// How often the item has failed that is given up.
    counted: Option<u32>,
    /// Creates that may have been performed although they are given up.
    unsure: BTreeSet<LinkId>,
    /// Items of which a part was left that being in step does not mend.
    partly: BTreeSet<GraphId>,
    /// Whether writes are being carried out. What is refused of them is stored with
    /// their end alone: whoever is interrupted before has to meet the refusal once
    /// more, and to say all that it means.
    is_writing: bool,
}

impl Aside {
    /// Whether something is to be stored.
    pub fn is_pending(&self) -> bool {
        !self.noted.is_empty() || !self.over.is_empty()
    }

    /// Writes are being carried out, until [`Aside::wrote`].
    pub const fn writes(&mut self) {
        self.is_writing = true;
    }

    /// What writes have led to was said.
    pub const fn wrote(&mut self) {
        self.is_writing = false;
    }

    /// The item that is given up now has failed so often.
    pub const fn has_counted(&mut self, attempts: u32) {
        self.counted = Some(attempts);
    }

    /// A create that is refused may have been performed all the same.
    pub fn may_be_made(&mut self, id: &LinkId) {
        self.unsure.insert(id.clone());
    }

    /// What was noted of an item holds although the rest of it is in step.
    pub fn outlasts_its_item(&mut self, id: &GraphId) {
        self.partly.insert(id.clone());
    }

    /// Whether it does.
    pub fn has_outlasted(&self, id: &GraphId) -> bool {
        self.partly.contains(id)
    }

    /// Whether a record waits for the end of the writes.
    const fn is_early(&self, record: &SetAside) -> bool {
        self.is_writing && record.print.is_some()
    }

    /// What was put into a commit is stored.
    pub fn was_stored(&mut self) {
        let is_writing = self.is_writing;
        self.noted.retain(|_, record| is_writing && record.print.is_some());
        self.over.clear();
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Keeps an issue about a whole item, or one for which an alert is raised, as a
    /// record.
    pub(super) fn note_aside(&mut self, issue: &Issue, print: Option<String>) {
        let keys = self.aside_keys(issue.crm.as_ref(), issue.m365.as_ref());
        let Some(key) = keys.into_iter().next() else { return };
        // What is merely held back of an item does not hide that the rest is refused.
        let is_refused = self.aside.noted.get(&key).is_some_and(|noted| noted.print.is_some());
        if is_refused && print.is_none() {
            return;
        }
        let now = self.ports.now();
        self.aside.over.remove(&key);
        let record = SetAside {
            crm: issue.crm.clone(),
            m365: issue.m365.clone(),
            code: issue.code,
            message: issue.message.clone(),
            attempts: self.aside.counted.take().unwrap_or(1),
            first_at: now,
            last_at: now,
            print,
            unread: None,
        };
        self.aside.noted.insert(key, record);
    }

    /// Keeps in mind that nothing could be taken of what a side shows of an item about
    /// which something was just noted.
    pub(super) fn not_taken(&mut self, side: Side, keys: &[String]) {
        for key in keys {
            if let Some(record) = self.aside.noted.get_mut(key) {
                record.unread = Some(side);
            }
        }
    }

    /// Forgets records of items that are in step, or gone, by now.
    pub(super) fn forget_aside(&mut self, crm: Option<&CrmId>, m365: Option<&GraphId>) {
        for key in self.aside_keys(crm, m365) {
            self.aside.noted.remove(&key);
            self.aside.over.insert(key);
        }
    }

    /// Whether people are told of an item with one of these ids. Of so many that not
    /// all are known by heart, its record says.
    pub(super) fn is_told_of(
        &mut self,
        ids: &[&str],
        (crm, m365): (Option<&CrmId>, Option<&GraphId>),
    ) -> Result<bool, Halt> {
        let health = self.status.health();
        if ids.iter().any(|id| health.alerted_items.contains(*id)) {
            return Ok(true);
        }
        if !health.told_of_more {
            return Ok(false);
        }
        let keys = self.aside_keys(crm, m365);
        if keys.iter().any(|key| self.aside.noted.contains_key(key)) {
            return Ok(true);
        }
        let stored = store::present(self.ports, &keys)?;
        Ok(keys.iter().zip(stored).any(|(key, is_there)| is_there && !self.aside.over.contains(key)))
    }

    /// Has every item that is noted here tried again although it is what it was:
    /// the host has not taken what people were to be told of it.
    pub(super) fn is_untold(&mut self) {
        for record in self.aside.noted.values_mut() {
            record.print = None;
        }
    }

    /// Whether there are records of what is not known by heart.
    pub(super) fn look_for_more(&mut self) -> Result<(), Halt> {
        let health = self.status.health();
        if !health.told_of_more || !health.alerted_items.is_empty() || self.aside.is_pending() {
            return Ok(());
        }
        let prefix = self.store.keys.aside();
        let (entries, _) = store::page(self.ports, &prefix, None, 1)?;
        self.status.health_mut().told_of_more = !entries.is_empty();
        Ok(())
    }

    /// Whether nothing could be taken of what one side of an item shows, of which this
    /// work knows nothing newer. What is decided then, leaves it as much out of step as
    /// it was.
    pub(super) fn is_half_known(&mut self, work: &Work) -> Result<bool, Halt> {
        let (crm, m365) = (work.crm_id(), work.m365_id());
        let ids: Vec<&str> = crm.iter().map(CrmId::as_str).chain(m365.iter().map(GraphId::as_str)).collect();
        if !self.is_told_of(&ids, (crm.as_ref(), m365.as_ref()))? {
            return Ok(false);
        }
        let keys = self.aside_keys(crm.as_ref(), m365.as_ref());
        let stored = store::get::<_, SetAside>(self.ports, &keys)?;
        let is_open = |record: &SetAside| match record.unread {
            Some(Side::Crm) => work.staged_crm.is_none(),
            Some(Side::M365) => work.staged_m365.is_none(),
            None => false,
        };
        Ok(keys.iter().zip(&stored).any(|(key, stored)| match (self.aside.noted.get(key), stored) {
            (Some(noted), _) => is_open(noted),
            (None, Some(stored)) => !self.aside.over.contains(key) && is_open(stored),
            (None, None) => false,
        }))
    }

    /// Under which keys the record of an item may be, the usual one first.
    pub(super) fn aside_keys(&self, crm: Option<&CrmId>, m365: Option<&GraphId>) -> Vec<String> {
        let crm = crm.map(|id| self.store.keys.aside_crm(id));
        crm.into_iter().chain(m365.map(|id| self.store.keys.aside_graph(id))).collect()
    }

    /// Puts into a commit what this step has to say about items. It is kept until the
    /// commit was made, see [`Aside::was_stored`].
    pub(super) fn put_aside(&mut self, batch: &mut Batch) -> Result<(), Halt> {
        let ready = self.aside.noted.iter().filter(|(_, record)| !self.aside.is_early(record));
        let (keys, ready): (Vec<String>, Vec<SetAside>) =
            ready.map(|(key, record)| (key.clone(), record.clone())).unzip();
        let known = store::get::<_, SetAside>(self.ports, &keys)?;
        for ((key, mut record), known) in keys.into_iter().zip(ready).zip(known) {
            if let Some(known) = known {
                record.attempts = record.attempts.saturating_add(known.attempts);
                record.first_at = known.first_at;
            }
            batch.put(key, &record);
        }
        for key in &self.aside.over {
            batch.remove(key.clone());
        }
        Ok(())
    }

    /// The work without any write, where the same write was refused before.
    pub(super) fn unless_set_aside(&mut self, work: Work) -> Result<Work, Halt> {
        let (crm, m365) = (work.crm_id(), work.m365_id());
        // What a person has just asked for is tried.
        if !writes(&work.decision) || work.undo().is_some() {
            return Ok(work);
        }
        let ids: Vec<&str> = crm.iter().map(CrmId::as_str).chain(m365.iter().map(GraphId::as_str)).collect();
        if !self.is_told_of(&ids, (crm.as_ref(), m365.as_ref()))? {
            return Ok(work);
        }
        let keys = self.aside_keys(crm.as_ref(), m365.as_ref());
        let print = Some(self.print_of(&work));
        let known = store::get::<_, SetAside>(self.ports, &keys)?;
        let Some(known) = known.into_iter().flatten().find(|known| known.print == print) else { return Ok(work) };
        self.say(Issue { code: known.code, crm, m365, message: known.message });
        let decision = if work.link.is_some() { Decision::Withhold } else { Decision::Ignore };
        Ok(Work { decision, is_left: true, withheld: None, notice: None, ..work })
    }

    /// What both sides of an item are, and how they are to be brought into step:
    /// what is refused of it is refused again.
    pub(super) fn print_of(&self, work: &Work) -> String {
        let sides = (end(&work.situation.crm), end(&work.situation.m365));
        let policy = (self.policy.mode.key(), format!("{:?}", self.policy.rule));
        let bytes = serde_json::to_vec(&(sides, policy)).unwrap_or_default();
        Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }

    /// Whether a create that was given up may have been performed: then its intent
    /// stays, and is looked for once more.
    pub(super) fn is_unsure(&self, id: &LinkId) -> bool {
        self.aside.unsure.contains(id)
    }
}

/// Whether a decision writes anything.
const fn writes(decision: &Decision) -> bool {
    match decision {
        Decision::Create { .. } | Decision::Delete { .. } | Decision::Merge(_) => true,
        Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => false,
    }
}

/// One side, as far as a write depends on it.
fn end(end: &End) -> (u8, Option<&Record>) {
    match end {
        End::Absent => (0, None),
        End::Gone => (1, None),
        End::Forgone => (2, None),
        End::Present(end) => (3, Some(&end.now)),
    }
}
