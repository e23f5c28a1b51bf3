//! Guard rails between steps: what is held back until an administrator lets it
//! through, and what was let through.
//!
//! Before the first write of a step, everything that is to be decided is looked
//! at, not the group of items that comes first ([`Step::stop_before`]). Whether it
//! has to stop is [`crate::sync::rails`]' matter. A rail that is up stays up over
//! steps, restarts, disconnects and comparisons, because it has a key of its own
//! beside the status. Both sides are read on meanwhile.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::account::AccountRecord;
use crate::model::{CrmId, GraphId, LinkId};
use crate::ports::{LogLevel, Ports};
use crate::settings::Feature;
use crate::sync::rails::{self, EMPTY_LINKS_MIN, Held, Outlook, PerSide, Rail, Stop, deletes_on};
use crate::sync::{Decision, Link, Side};

use super::notice;
use super::pair::Item;
use super::plan::ITEMS_PER_ROUND;
use super::report::{Blocked, Halt, Job};
use super::resource::{Calendar, Resource};
use super::step::{Step, account_halt};
use super::store::{self, Batch, Store};
use super::tasks::Tasks;
use super::work::Work;

/// Doubtful items that are decided about one by one before a run. What is behind
/// that counts as the deletion that it looks like: a plan of so many stops anyway.
const DECIDED_MAX: usize = 5_000;

/// Items that are known to repeat. There is nothing to gain from knowing more of
/// them: one is enough to stop.
const REPEATING_MAX: usize = 200;

/// Items of one alert that are named.
const NAMED_MAX: usize = 20;

/// What an administrator lets through once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passage {
    /// Deletions.
    Deletions,
    /// Writes that repeat.
    Rewrites,
}

impl Passage {
    /// What would pass once this rail is down. An empty side and many deletions
    /// are two views of the same.
    pub const fn of(rail: Rail) -> Self {
        match rail {
            Rail::SuddenlyEmpty | Rail::TooManyDeletions => Self::Deletions,
            Rail::Thrash => Self::Rewrites,
        }
    }
}

/// What is kept of the guard rails of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rails {
    /// Why nothing is written; none where something may be.
    pub up: Option<Stop>,
    /// What was let through, until a run has brought it to its end.
    pub released: Option<Passage>,
    /// Deletions that the present run has carried out, except what was let
    /// through: it may take many steps.
    pub deleted: PerSide,
    /// Whether the last complete listing of Microsoft's side has shown nothing.
    pub is_m365_unlisted: bool,
    /// Items of which one more repeat would be too many.
    pub repeating: BTreeSet<LinkId>,
    /// The item that the alert of a thrash rail names: it is about the same one as long
    /// as the rail is up.
    #[serde(default)]
    pub named: Option<(Option<CrmId>, Option<GraphId>)>,
}

impl Rails {
    /// A run has come to its end: the next one is judged by itself.
    pub fn at_rest(&mut self) {
        self.released = None;
        self.deleted = PerSide::default();
        self.is_m365_unlisted = false;
    }

    /// Remembers whether an item repeats.
    pub fn watch(&mut self, link: &Link) {
        if !link.rewrites.is_at_limit() {
            self.repeating.remove(&link.id);
        } else if self.repeating.len() < REPEATING_MAX {
            self.repeating.insert(link.id.clone());
        }
    }
}

/// The doubtful part of what a run is about to do.
#[derive(Debug, Default)]
struct Doubts {
    outlook: Outlook,
    deletions: Held,
    rewrites: Held,
    /// Some of the items that would be written once more.
    thrashing: Vec<Work>,
}

impl Doubts {
    const fn of(&self, passage: Passage) -> &Held {
        match passage {
            Passage::Deletions => &self.deletions,
            Passage::Rewrites => &self.rewrites,
        }
    }

    fn delete(&mut self, link: &LinkId, on: Side) {
        self.outlook.deletions.count(on);
        self.deletions.insert(link);
    }

    /// What is left to be doubted where this was let through.
    const fn without(&mut self, passage: Passage) {
        match passage {
            Passage::Deletions => self.outlook.deletions = PerSide { crm: 0, m365: 0 },
            Passage::Rewrites => self.outlook.thrashing = 0,
        }
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// Ends the run before its first write where a person has to look first.
    pub(super) fn stop_before(&mut self, items: &[Item]) -> Result<(), Halt> {
        match self.doubted(items)? {
            Some(_) => Err(Halt::Blocked(Blocked::GuardRail)),
            None => Ok(()),
        }
    }

    /// Why a person has to look before these items are carried out, which is
    /// reported, alerted and remembered.
    pub(super) fn doubted(&mut self, items: &[Item]) -> Result<Option<Stop>, Halt> {
        let doubts = self.doubts(items)?;
        self.judge(doubts)
    }

    /// The same for what is about to be carried out together. What is foreseen
    /// passes; a deletion that was left over, and comes back because the other side
    /// has changed, is known only when its item is decided about.
    pub(super) fn stop_at(&mut self, works: &[Work]) -> Result<(), Halt> {
        let mut doubts = Doubts::default();
        for work in works {
            if let (Some(link), Some(on)) = (&work.link, deletes_on(&work.decision))
                && !self.passing.contains(&link.id)
            {
                doubts.delete(&link.id, on);
            }
        }
        if doubts.outlook.deletions.plus(self.rails.deleted).total() < EMPTY_LINKS_MIN {
            return Ok(());
        }
        self.measure(&mut doubts)?;
        match self.judge(doubts)? {
            Some(_) => Err(Halt::Blocked(Blocked::GuardRail)),
            None => Ok(()),
        }
    }

    fn judge(&mut self, mut doubts: Doubts) -> Result<Option<Stop>, Halt> {
        let held = self.held()?;
        let mut found = rails::stop(&doubts.outlook);
        if let Some(released) = self.rails.released
            && doubts.of(released).is_within(&held)
        {
            doubts.without(released);
            found = rails::stop(&doubts.outlook);
            self.passing.clone_from(&held);
        }
        let class = |stop: Stop| Passage::of(stop.rail());
        let up = match (self.rails.up, found) {
            (None, None) => return Ok(None),
            // What was put right meanwhile lets nothing through by itself.
            (Some(up), None) => up,
            (Some(up), Some(found)) if class(up) == Passage::Deletions && class(found) == Passage::Rewrites => up,
            (_, Some(found)) => {
                let named = doubts.thrashing.first().filter(|_| found.rail() == Rail::Thrash);
                let named = named.map(|work| (work.crm_id(), work.m365_id()));
                self.hold(found, named, doubts.of(class(found)), &held)?;
                found
            }
        };
        self.tell(up, &doubts.thrashing);
        Ok(self.rails.up)
    }

    /// Remembers that the rail is up, and what is held back.
    fn hold(
        &mut self,
        stop: Stop,
        named: Option<(Option<CrmId>, Option<GraphId>)>,
        items: &Held,
        before: &Held,
    ) -> Result<(), Halt> {
        let mut batch = Batch::default();
        if items != before {
            batch.put_held(&self.store.keys, items);
        }
        if self.rails.up == Some(stop) && batch.is_empty() {
            return Ok(());
        }
        if let Some(up) = self.rails.up.filter(|up| up.rail() != stop.rail() || up.rail() == Rail::Thrash) {
            // The alert that is raised now is another one.
            self.ports.resolve(notice::of_rail(R::ALERTS, up.rail())).map_err(Halt::Host)?;
        }
        (self.rails.up, self.rails.released) = (Some(stop), None);
        self.rails.named = named;
        self.commit_with_status(batch)
    }

    fn held(&mut self) -> Result<Held, Halt> {
        if self.rails.up.is_none() && self.rails.released.is_none() {
            return Ok(Held::new());
        }
        Ok(self.store.held(self.ports)?)
    }

    /// Decides about what may be doubtful.
    fn doubts(&mut self, items: &[Item]) -> Result<Doubts, Halt> {
        let mut doubts = Doubts::default();
        let gone = items.iter().filter(|item| item.gone().is_some()).count();
        let carried_out = self.rails.deleted.total();
        let are_few = gone < (EMPTY_LINKS_MIN.saturating_sub(carried_out)) as usize;
        let is_doubtful = |item: &&Item| match item {
            Item::Linked { link, .. } => (!are_few && item.gone().is_some()) || self.rails.repeating.contains(link),
            Item::Asked(_) | Item::Twins { .. } | Item::CrmOnly(_) | Item::GraphOnly(_) => false,
        };
        let mut doubtful: Vec<Item> = items.iter().filter(is_doubtful).cloned().collect();
        if doubtful.is_empty() {
            return Ok(doubts);
        }
        self.measure(&mut doubts)?;
        let rest = doubtful.split_off(doubtful.len().min(DECIDED_MAX));
        for items in doubtful.chunks(ITEMS_PER_ROUND) {
            for work in self.plan(items)? {
                self.doubt(work, &mut doubts);
            }
        }
        for item in &rest {
            if let (Item::Linked { link, .. }, Some(side)) = (item, item.gone()) {
                doubts.delete(link, side.other());
            }
        }
        Ok(doubts)
    }

    /// Puts beside the plan what it is measured by.
    fn measure(&mut self, doubts: &mut Doubts) -> Result<(), Halt> {
        doubts.outlook.links = self.store.link_count(self.ports)?;
        doubts.outlook.deleted = self.rails.deleted;
        doubts.outlook.is_m365_unlisted = self.rails.is_m365_unlisted;
        Ok(())
    }

    fn doubt(&mut self, work: Work, doubts: &mut Doubts) {
        let Some(link) = &work.link else { return };
        if let Some(on) = deletes_on(&work.decision) {
            doubts.delete(&link.id, on);
        } else if link.thrashes(&work.decision, self.ports.now(), self.settings.interval) {
            doubts.outlook.thrashing = doubts.outlook.thrashing.saturating_add(1);
            doubts.rewrites.insert(&link.id);
            if doubts.thrashing.len() < NAMED_MAX {
                doubts.thrashing.push(work);
            }
        }
    }

    /// Says that a rail is up, in the report and in an alert. Said in every step:
    /// where an alert could not be raised, the next one does.
    fn tell(&mut self, stop: Stop, thrashing: &[Work]) {
        let said = notice::guard_rail(R::ALERTS, stop, &self.product);
        let shown: &[Work] = if stop.rail() == Rail::Thrash { thrashing } else { &[] };
        if shown.is_empty() {
            self.issue(said.code, None, None, &said.message);
        }
        for (crm, m365) in shown.iter().map(|work| (work.crm_id(), work.m365_id())) {
            self.issue(said.code, crm, m365, &said.message);
        }
        let about = self.rails.named.clone().unwrap_or_default();
        self.alert(said.alert(R::ALERTS, about));
    }

    /// Notes whether a complete listing of Microsoft's side has shown anything.
    pub(super) fn note_whether_listed(&mut self, listing: u32) -> Result<(), Halt> {
        let (shown, _) = store::page(self.ports, &self.store.keys.marks_of(listing), None, 1)?;
        self.rails.is_m365_unlisted = shown.is_empty();
        Ok(())
    }

    /// Counts what was deleted, for the run as a whole.
    pub(super) fn deleted(&mut self, link: &Link, on: Side) {
        if !self.passing.contains(&link.id) {
            self.rails.deleted.count(on);
        }
        self.rails.repeating.remove(&link.id);
    }

    /// The link with what was written to it, remembered where it repeats.
    pub(super) fn rewritten(&mut self, link: Link, decision: &Decision) -> Link {
        let link = link.rewritten(decision, self.ports.now(), self.settings.interval);
        self.rails.watch(&link);
        link
    }
}

/// Takes the rail of a resource down, and lets what it has held back through once.
/// Whether one was up.
pub fn release(ports: &mut impl Ports, job: Job) -> Result<bool, Halt> {
    match job.resource {
        Feature::Calendar => release_of::<Calendar>(ports, job),
        Feature::Tasks => release_of::<Tasks>(ports, job),
        Feature::Mail => Err(Halt::Blocked(Blocked::Disabled)),
    }
}

fn release_of<R: Resource>(ports: &mut impl Ports, job: Job) -> Result<bool, Halt> {
    // A rail of a parked account may be released, too: nothing is asked here.
    let account = match AccountRecord::load(ports) {
        Ok(Some((record, _))) => record.id,
        Ok(None) => return Err(Halt::Blocked(Blocked::NotConnected)),
        Err(failure) => return Err(account_halt(failure)),
    };
    let store = Store::new(R::keys(&account), job.fence);
    let mut rails = store.rails(ports)?;
    let Some(up) = rails.up.take() else { return Ok(false) };
    rails.released = Some(Passage::of(up.rail()));
    let mut batch = Batch::default();
    batch.put_rails(&store.keys, &rails);
    store.commit(ports, batch)?;
    ports.log(LogLevel::Info, "a guard rail was released", &[("rail", notice::rail_code(up.rail()).to_string())]);
    if let Err(error) = ports.resolve(notice::of_rail(R::ALERTS, up.rail())) {
        // It is down. The next run that succeeds resolves the alert.
        ports.log(LogLevel::Warn, "an alert could not be resolved", &[("reason", error.to_string())]);
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
