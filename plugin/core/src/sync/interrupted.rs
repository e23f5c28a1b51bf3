//! What a write to Microsoft has done, whose answer nobody has read.
//!
//! A run may end between a request and its answer. What is seen afterwards looks
//! like somebody's edit in Outlook, but is our own; and while the CRM may have
//! moved on, it must not flow back. So what is about to be sent is kept with the
//! link first ([`Link::writing`]), and whoever sees it there knows where it came
//! from ([`InFlight`]). A write that re-times a series takes its exceptions away
//! before others put them back: how they were is kept as well ([`Unfinished`]).
//!
//! Creates are [`crate::run`]'s intents. Single days of a series and answers are
//! requests of their own without such a memory: they are told by what they show,
//! as long as nobody has edited them again.

use serde::{Deserialize, Serialize};

use crate::model::{CivilDate, Exceptions, FieldGroup, FieldSet, FieldValue, Record};

use super::settle::GraphSeen;
use super::timing::{TIMING, same_timing};
use super::written::Written;
use super::{End, EndState, Link, Merge, Side, Situation, exceptions};

/// Groups that are no part of the request for the item itself: single days of a
/// series and the answer to an invitation have requests of their own.
pub(crate) const BY_OTHER_REQUESTS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Exceptions).with(FieldGroup::Response);

/// A request to Microsoft of which no answer has been read.
///
/// Whether it has arrived is told group by group by what is seen: a group that
/// shows what was sent was written by us, or by somebody who agrees. One that was
/// edited since, or set back to what it was, is what it seems to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// What was sent and was not there before.
    pub sent: Record,
    /// What is agreed on of these groups once they have arrived, as the CRM shows
    /// it.
    pub crm_base: Record,
    /// The same, as Microsoft does.
    pub m365_base: Record,
}

/// A write to a series in Microsoft, which takes several requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// The time and the rule before the write: as long as they are there, it has
    /// not arrived. None where it has.
    pub before: Option<Record>,
    /// The exceptions, as they are to be thought of until they are back.
    pub exceptions: Exceptions,
}

/// The exceptions of a series of which only a part could be put back.
pub(super) struct HalfWritten {
    /// Those that are there.
    pub there: Exceptions,
    /// Those that are thought of: with the ones that Microsoft had before.
    pub kept: Exceptions,
}

impl InFlight {
    /// The groups that have reached an item that looks like this.
    fn arrived(&self, now: &Record) -> FieldSet {
        let is_shown = |sent: &&FieldValue| now.get(sent.group()).is_some_and(|now| now.same_as(sent));
        self.sent.values().filter(is_shown).map(FieldValue::group).collect()
    }

    /// What it says of these groups; none where that is nothing.
    fn only(&self, groups: FieldSet) -> Option<Self> {
        let (sent, crm_base, m365_base) = (&self.sent, &self.crm_base, &self.m365_base);
        let kept = Self { sent: sent.only(groups), crm_base: crm_base.only(groups), m365_base: m365_base.only(groups) };
        (!kept.sent.is_empty()).then_some(kept)
    }
}

impl Unfinished {
    /// Whether the write has reached an item that looks like this.
    fn has_arrived(&self, now: &Record) -> bool {
        self.before.as_ref().is_none_or(|before| !same_timing(before, now))
    }
}

impl Link {
    /// What the planner sees of this link, on sides that hold these groups.
    ///
    /// Where a write that re-times a series was interrupted, its exceptions are
    /// shown as they were before: they are not gone because somebody removed
    /// them, and the merge, done once more, writes them again.
    pub fn situation(&self, crm_holds: FieldSet, m365_holds: FieldSet) -> Situation {
        let (crm, m365) = self.agreed_on_arrival();
        let mut situation = Situation { crm: crm.as_end(crm_holds), m365: m365.as_end(m365_holds) };
        if let (End::Present(m365), Some(unfinished)) = (&mut situation.m365, &self.m365.unfinished)
            && unfinished.has_arrived(&m365.now)
        {
            let left = m365.now.exceptions();
            m365.now.set(FieldValue::Exceptions(exceptions::laid_over(&unfinished.exceptions, &left)));
            m365.left = Some(left);
        }
        situation
    }

    /// Both ends, where a request that nobody has heard of has arrived: what it
    /// wrote is agreed on, as if it had been answered.
    pub(super) fn agreed_on_arrival(&self) -> (EndState, EndState) {
        let based = |state: &EndState, agreed: &Record| match state {
            EndState::Present { seen, writable, .. } => {
                EndState::with_base(seen.clone(), state.base().overlaid(agreed), *writable)
            }
            EndState::Gone | EndState::Forgone => state.clone(),
        };
        match (&self.m365.in_flight, &self.m365.state) {
            (Some(in_flight), EndState::Present { seen, .. }) => {
                let arrived = in_flight.arrived(seen);
                let (crm, m365) = (in_flight.crm_base.only(arrived), in_flight.m365_base.only(arrived));
                (based(&self.crm.state, &crm), based(&self.m365.state, &m365))
            }
            _ => (self.crm.state.clone(), self.m365.state.clone()),
        }
    }

    /// The link as it has to be committed before this merge is written to
    /// Microsoft, so that nothing of the write is taken for somebody's edit,
    /// however it ends. The item is to be read before anything more is decided
    /// about it. Of writes to the CRM, nothing is kept.
    #[must_use]
    pub fn writing(&self, merge: &Merge) -> Self {
        let mut link = self.clone();
        (link.crm.state, link.m365.state) = self.agreed_on_arrival();
        link.m365.in_flight = link.in_flight(merge);
        if merge.retimes(Side::M365) {
            link.m365.unfinished = link.unfinished();
        }
        link
    }

    fn in_flight(&self, merge: &Merge) -> Option<InFlight> {
        let (seen, shown) = (self.m365.as_seen()?, self.m365.state.shows(&merge.to_m365));
        let groups = merge.to_m365.groups();
        let sent = merge.to_m365.only(groups.without(BY_OTHER_REQUESTS));
        let proof = sent.only(groups.without(shown));
        if proof.is_empty() {
            return None;
        }
        // As if Microsoft had answered, and the CRM were not written.
        let seen = GraphSeen { record: seen.record.overlaid(&sent), ..seen };
        let failed = groups.intersection(BY_OTHER_REQUESTS);
        let m365 = Written::Partly { seen, failed, failed_days: std::collections::BTreeSet::new() };
        let crm = if merge.to_crm.is_empty() { Written::NotNeeded } else { Written::Failed };
        let arrived = self.clone().merged(merge, crm, m365);
        let groups = proof.groups();
        Some(InFlight {
            sent: proof,
            crm_base: arrived.crm.state.base().only(groups),
            m365_base: arrived.m365.state.base().only(groups),
        })
    }

    /// What is to be remembered of the exceptions of a series that is about to
    /// lose them.
    fn unfinished(&self) -> Option<Unfinished> {
        let EndState::Present { seen, .. } = &self.m365.state else { return self.m365.unfinished.clone() };
        let earlier = self.m365.unfinished.as_ref().filter(|unfinished| unfinished.has_arrived(seen));
        Some(Unfinished {
            before: if earlier.is_some() { None } else { Some(seen.only(TIMING)) },
            exceptions: earlier.map_or_else(
                || seen.exceptions(),
                |earlier| exceptions::laid_over(&earlier.exceptions, &seen.exceptions()),
            ),
        })
    }

    /// Forgets a request once it is known what became of it, which
    /// [`Self::agreed_on_arrival`] has taken into account. What has not arrived by
    /// the time that another one fails may still do.
    pub(super) fn land(&mut self, has_failed: bool) {
        let Some(in_flight) = self.m365.in_flight.take().filter(|_| has_failed) else { return };
        let EndState::Present { seen, .. } = &self.m365.state else { return };
        self.m365.in_flight = in_flight.only(in_flight.sent.groups().without(in_flight.arrived(seen)));
    }

    /// Forgets of the request what has arrived of these groups: more is known of them
    /// than it says.
    pub(super) fn land_on(&mut self, known: FieldSet) {
        if let (Some(in_flight), EndState::Present { seen, .. }) = (&self.m365.in_flight, &self.m365.state) {
            let arrived = in_flight.arrived(seen).intersection(known);
            self.m365.in_flight = in_flight.only(in_flight.sent.groups().without(arrived));
        }
    }

    /// The link after the request in flight was refused for good.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.m365.in_flight = None;
        self
    }

    /// Whether a write to Microsoft has to be completed: the item is to be
    /// decided again, even where nothing new is observed of it.
    pub const fn is_unfinished(&self) -> bool {
        self.m365.unfinished.is_some()
    }

    /// Whether there is something to complete after this merge. Days that it has
    /// left as they are wait for the next edit, and no other poll is for them.
    pub fn is_to_be_completed(&self, merge: &Merge) -> bool {
        self.m365.unfinished.as_ref().is_some_and(|unfinished| {
            unfinished.before.is_some() || unfinished.exceptions.keys().any(|day| !merge.open_days.contains(day))
        })
    }

    /// Forgets what an interrupted write has taken away, but for days that stay
    /// as they are for now. A series that is written anew begins anew.
    pub(super) fn complete(&mut self, merge: &Merge) {
        let open = |day: &CivilDate| merge.open_days.contains(day) && !merge.retimes(Side::M365);
        self.m365.unfinished = self.m365.unfinished.take().and_then(|mut unfinished| {
            unfinished.exceptions.retain(|day, _| open(day));
            let left = !unfinished.exceptions.is_empty();
            left.then_some(Unfinished { before: None, ..unfinished })
        });
    }

    /// Notes whether Microsoft's exceptions have still to be put back after this
    /// write. If so, those that it had are thought of as if they were there.
    pub(super) fn finished(
        &mut self,
        merge: &Merge,
        mut m365: Written<GraphSeen>,
    ) -> (Written<GraphSeen>, Option<HalfWritten>) {
        let group = FieldGroup::Exceptions;
        let mut half = None;
        match &mut m365 {
            Written::Partly { seen, failed, .. }
                if failed.contains(group) && (merge.retimes(Side::M365) || self.is_unfinished()) =>
            {
                let there = seen.record.exceptions();
                let before = self.unfinished().map(|before| before.exceptions).unwrap_or_default();
                let mut kept = merge.to_m365.exceptions();
                kept.retain(|day, _| there.contains_key(day) || before.contains_key(day));
                for (day, occurrence) in &mut kept {
                    if let Some(shown) = there.get(day).or_else(|| before.get(day)) {
                        occurrence.clone_from(shown);
                    }
                }
                seen.record.set(FieldValue::Exceptions(kept.clone()));
                self.m365.unfinished = Some(Unfinished { before: None, exceptions: kept.clone() });
                *failed = failed.without(FieldSet::EMPTY.with(group));
                half = Some(HalfWritten { there, kept });
            }
            Written::Done(_) | Written::Partly { .. } => self.complete(merge),
            Written::NotNeeded if merge.settled.contains(group) => self.complete(merge),
            // What had arrived before is still to be completed.
            Written::NotNeeded | Written::Failed => {
                if let EndState::Present { seen, .. } = &self.m365.state {
                    self.m365.unfinished.take_if(|unfinished| !unfinished.has_arrived(seen));
                }
            }
        }
        (m365, half)
    }
}
