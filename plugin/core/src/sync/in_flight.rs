//! A request to Microsoft of which no answer has been read.
//!
//! Whether it has arrived is told by what is seen, group by group, and of a series
//! day by day: what shows what was sent was written by us, or by somebody who
//! agrees. What was edited since, or set back to what it was, is what it seems to
//! be. When it is kept and forgotten, is [`super::interrupted`]'s matter.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{
    Address, AttendeeStatus, CivilDate, Exceptions, FieldGroup, FieldSet, FieldValue, Occurrence, Record,
};

/// What is on its way to Microsoft: to an item, to single days of a series, and the
/// user's answer, which are requests of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// What was sent and was not there before, all but days.
    pub sent: Record,
    /// What is agreed on of these groups once they have arrived, as the CRM shows
    /// it.
    pub crm_base: Record,
    /// The same, as Microsoft does.
    pub m365_base: Record,
    /// What was sent of single days.
    #[serde(default)]
    pub days: BTreeMap<CivilDate, DayInFlight>,
    /// Guests whose own answer, as the CRM lists it, is the one that was sent:
    /// Microsoft lists it by itself.
    #[serde(default)]
    pub answered: BTreeSet<Address>,
}

/// What is on its way to one day of a series; none where it is to be the rule's
/// again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayInFlight {
    /// What was sent.
    pub sent: Option<Occurrence>,
    /// What is agreed on once it has arrived, as the CRM shows it.
    pub crm_base: Option<Occurrence>,
    /// The same, as Microsoft does.
    pub m365_base: Option<Occurrence>,
}

impl InFlight {
    /// The days of a series that were sent after its creation.
    pub fn of_days(days: &Exceptions) -> Option<Self> {
        let sent = |occurrence: &Occurrence| {
            let sent = Some(occurrence.clone());
            DayInFlight { crm_base: sent.clone(), m365_base: sent.clone(), sent }
        };
        let days = days.iter().map(|(day, occurrence)| (*day, sent(occurrence))).collect();
        let in_flight = Self { days, ..Self::default() };
        (!in_flight.is_empty()).then_some(in_flight)
    }

    fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.days.is_empty()
    }

    /// The groups that have reached an item that looks like this, days aside.
    pub(super) fn arrived(&self, now: &Record) -> FieldSet {
        let is_shown = |sent: &&FieldValue| now.get(sent.group()).is_some_and(|now| now.same_as(sent));
        self.sent.values().filter(is_shown).map(FieldValue::group).collect()
    }

    fn arrived_days(&self, now: &Record) -> BTreeSet<CivilDate> {
        let Some(FieldValue::Exceptions(shown)) = now.get(FieldGroup::Exceptions) else { return BTreeSet::new() };
        let is_shown = |day: &CivilDate, sent: &DayInFlight| match (shown.get(day), &sent.sent) {
            (None, None) => true,
            (Some(shown), Some(sent)) => shown.same_as(sent),
            (Some(_), None) | (None, Some(_)) => false,
        };
        self.days.iter().filter(|(day, sent)| is_shown(day, sent)).map(|(day, _)| *day).collect()
    }

    /// The bases of both ends, the CRM's first, where Microsoft's item looks like
    /// this: what has arrived is agreed on, as if it had been answered.
    pub(super) fn agreed_on(&self, now: &Record, (mut crm, mut m365): (Record, Record)) -> (Record, Record) {
        let arrived = self.arrived(now);
        crm = crm.overlaid(&self.crm_base.only(arrived));
        m365 = m365.overlaid(&self.m365_base.only(arrived));
        let days = self.arrived_days(now);
        let agreed = |of: fn(&DayInFlight) -> &Option<Occurrence>| {
            let days = self.days.iter().filter(|(day, _)| days.contains(day));
            days.map(|(day, sent)| (*day, of(sent).clone())).collect::<BTreeMap<_, _>>()
        };
        set_days(&mut crm, agreed(|day| &day.crm_base));
        set_days(&mut m365, agreed(|day| &day.m365_base));
        if let (Some(FieldValue::Response(status)), true) =
            (self.sent.get(FieldGroup::Response), arrived.contains(FieldGroup::Response))
        {
            let listed = now.guests();
            let is_listed = |guest: &&Address| listed.get(*guest).is_some_and(|guest| guest.status == *status);
            for guest in self.answered.iter().filter(is_listed) {
                set_answer(&mut crm, guest, *status);
                set_answer(&mut m365, guest, *status);
            }
        }
        (crm, m365)
    }

    /// What it says of these groups; none where that is nothing.
    pub(super) fn only(mut self, groups: FieldSet) -> Option<Self> {
        self.sent = self.sent.only(groups);
        self.crm_base = self.crm_base.only(groups);
        self.m365_base = self.m365_base.only(groups);
        if !groups.contains(FieldGroup::Exceptions) {
            self.days.clear();
        }
        if !groups.contains(FieldGroup::Response) {
            self.answered.clear();
        }
        (!self.is_empty()).then_some(self)
    }

    /// What has not reached an item that looks like this; none where all has.
    pub(super) fn without_arrived(mut self, now: &Record) -> Option<Self> {
        let days = self.arrived_days(now);
        self.days.retain(|day, _| !days.contains(day));
        let left = FieldSet::all().without(self.arrived(now));
        self.only(left)
    }
}

fn set_days(base: &mut Record, days: BTreeMap<CivilDate, Option<Occurrence>>) {
    if days.is_empty() {
        return;
    }
    let mut exceptions = base.exceptions();
    for (day, occurrence) in days {
        match occurrence {
            Some(occurrence) => exceptions.insert(day, occurrence),
            None => exceptions.remove(&day),
        };
    }
    base.set(FieldValue::Exceptions(exceptions));
}

fn set_answer(base: &mut Record, guest: &Address, status: AttendeeStatus) {
    let mut guests = base.guests();
    if let Some(known) = guests.get_mut(guest) {
        known.status = status;
        base.set(FieldValue::Attendees(guests));
    }
}
