//! What a write to Microsoft has done, whose answer nobody has read.
//!
//! A run may end between a request and its answer. What is seen afterwards looks
//! like somebody's edit in Outlook, but is our own; and while the CRM may have
//! moved on, it must not flow back. So what is about to be sent is kept with the
//! link first ([`Link::writing`]), and whoever sees it there knows where it came
//! from ([`InFlight`]). A write that re-times a series takes its exceptions away
//! before others put them back: how they were is kept as well ([`Unfinished`]).
//!
//! Creates are [`crate::run`]'s intents, and the CRM's side is [`super::at_crm`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Address, CivilDate, Exceptions, FieldGroup, FieldSet, FieldValue, Record};

use super::in_flight::{DayInFlight, InFlight};
use super::settle::GraphSeen;
use super::timing::{TIMING, same_timing};
use super::written::Written;
use super::{End, EndState, Link, Merge, Side, Situation, exceptions};

/// Groups that are no part of the request for the item itself: single days of a
/// series and the answer to an invitation have requests of their own.
pub(crate) const BY_OTHER_REQUESTS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Exceptions).with(FieldGroup::Response);

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
        let based = |state: &EndState, base: Record| match state {
            EndState::Present { seen, writable, .. } => EndState::with_base(seen.clone(), base, *writable),
            EndState::Gone | EndState::Forgone => state.clone(),
        };
        match (&self.m365.in_flight, &self.m365.state) {
            (Some(in_flight), EndState::Present { seen, .. }) => {
                let (crm, m365) = in_flight.agreed_on(seen, (self.crm.state.base(), self.m365.state.base()));
                (based(&self.crm.state, crm), based(&self.m365.state, m365))
            }
            (Some(_) | None, _) => (self.crm.state.clone(), self.m365.state.clone()),
        }
    }

    /// The link as it has to be committed before this merge is written to
    /// Microsoft, so that nothing of the write is taken for somebody's edit,
    /// however it ends. The item is to be read before anything more is decided
    /// about it.
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
        let group = FieldGroup::Exceptions;
        // The days of a series that is re-timed are remembered otherwise.
        let has_days = merge.to_m365.get(group).is_some() && !merge.retimes(Side::M365) && !self.is_unfinished();
        let sent = if has_days { merge.to_m365.clone() } else { merge.to_m365.without(group) };
        let proof = sent.only(sent.groups().without(shown)).without(group);
        let (before, wanted) = (seen.record.exceptions(), merge.to_m365.exceptions());
        // As if Microsoft had answered, and the CRM were not written.
        let seen = GraphSeen { record: seen.record.overlaid(&sent), ..seen };
        let failed = merge.to_m365.groups().without(sent.groups());
        let m365 = Written::Partly { seen, failed, failed_days: BTreeSet::new() };
        let crm = if merge.to_crm.is_empty() { Written::NotNeeded } else { Written::Failed };
        let arrived = self.clone().merged(merge, crm, m365);
        let (crm_base, m365_base) = (arrived.crm.state.base(), arrived.m365.state.base());
        let is_sent = |day: &&CivilDate| has_days && before.get(day) != wanted.get(day);
        let (crm_days, m365_days) = (crm_base.exceptions(), m365_base.exceptions());
        let day = |day: &CivilDate| DayInFlight {
            sent: wanted.get(day).cloned(),
            crm_base: crm_days.get(day).cloned(),
            m365_base: m365_days.get(day).cloned(),
        };
        let days: BTreeSet<&CivilDate> = before.keys().chain(wanted.keys()).collect();
        let in_flight = InFlight {
            answered: self.answered_in_crm(&proof),
            crm_base: crm_base.only(proof.groups()),
            m365_base: m365_base.only(proof.groups()),
            days: days.into_iter().filter(is_sent).map(|at| (*at, day(at))).collect(),
            sent: proof,
        };
        in_flight.only(FieldSet::all())
    }

    /// The guests whose answer was changed in the CRM to the one that is sent: the
    /// user, as the list of the CRM names them.
    fn answered_in_crm(&self, sent: &Record) -> BTreeSet<Address> {
        let Some(FieldValue::Response(status)) = sent.get(FieldGroup::Response) else { return BTreeSet::new() };
        let listed = self.crm.state.seen().map(Record::guests).unwrap_or_default();
        let base = self.crm.state.base().guests();
        let is_new = |guest: &Address| base.get(guest).is_none_or(|known| known.status != *status);
        let answered = listed.into_iter().filter(|(guest, listed)| listed.status == *status && is_new(guest));
        answered.map(|(guest, _)| guest).collect()
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
    /// the time that it, or another one for the same groups, fails may still do.
    pub(super) fn land(&mut self, failed: FieldSet) {
        let EndState::Present { seen, .. } = &self.m365.state else {
            self.m365.in_flight = None;
            return;
        };
        let failed = self.m365.in_flight.take().and_then(|in_flight| in_flight.only(failed));
        self.m365.in_flight = failed.and_then(|in_flight| in_flight.without_arrived(seen));
    }

    /// Forgets of the request what has arrived of these groups: more is known of them
    /// than it says.
    pub(super) fn land_on(&mut self, known: FieldSet) {
        if let (Some(in_flight), EndState::Present { seen, .. }) = (&self.m365.in_flight, &self.m365.state) {
            let arrived = in_flight.arrived(seen).intersection(known);
            self.m365.in_flight = in_flight.clone().only(FieldSet::all().without(arrived));
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

    /// What a write of ours has taken from a Microsoft that may not be written any
    /// more: exceptions that the CRM still has. As long as the series is not re-timed
    /// there, nobody has removed them, and they can be put back later.
    fn lost_to_a_source(&self, merge: &Merge) -> Option<Unfinished> {
        let mut unfinished = self.m365.unfinished.clone()?;
        let (there, ours) = (self.m365.state.seen()?, self.crm.state.seen()?.exceptions());
        let left = there.exceptions();
        unfinished.exceptions.retain(|day, _| ours.contains_key(day) && !left.contains_key(day));
        let is_lost = unfinished.has_arrived(there) && !merge.retimes(Side::Crm) && !unfinished.exceptions.is_empty();
        is_lost.then_some(Unfinished { before: None, ..unfinished })
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
            Written::NotNeeded if merge.settled.contains(group) => {
                let lost = self.lost_to_a_source(merge);
                self.complete(merge);
                self.m365.unfinished = lost.or(self.m365.unfinished.take());
            }
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
