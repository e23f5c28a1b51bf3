//! The firewall for notices: whom does Microsoft tell of a write, and may it?
//!
//! Graph has no way to write silently (api/event-update, event-delete: guests
//! are sent mail), so every write is classified before it is sent. A notice is
//! justified by a person's own edit in the CRM, and by nothing else: what was
//! found by comparing whole listings is withheld, and so is what was saved
//! without telling anybody, and what concerns something that is over. Withheld groups stay changes; the next edit of the
//! item lets them through. A deletion that is withheld stays open as
//! [`Decision::Withhold`].
//!
//! This module knows nothing of how writes are sent. That it is never bypassed
//! is [`super::check`]'s matter, which classifies once more and on its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Address, CivilDate, FieldGroup, FieldSet, FieldValue, Instant, Occurrence, Record};

use super::merge::both_versions;
use super::notice::{Audience, Notice, NoticeKind, invited, is_over, notice};
use super::timing::{TIMING, series_of};
use super::{Decision, End, Merge, PresentEnd, Side, Situation};

/// Groups that are each user's own in Microsoft: nobody is told of them.
const OWN: FieldSet = FieldSet::EMPTY.with(FieldGroup::Reminder).with(FieldGroup::Categories).with(FieldGroup::ShowAs);

const EXCEPTIONS: FieldSet = FieldSet::EMPTY.with(FieldGroup::Exceptions);
const RESPONSE: FieldSet = FieldSet::EMPTY.with(FieldGroup::Response);

/// Why an item is decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A person edited it in the CRM, and others have still to be told, which
    /// the CRM's changes have shown.
    Edit,
    /// Whole listings were compared: a first run, a reconnect, a resync, a
    /// change of direction. Or an edit of which nobody is to be told.
    Comparison,
}

/// Why something was withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody's edit is the reason for it.
    Comparison,
    /// It concerns something that is over.
    Over,
}

/// What was withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Which groups, or some days of the exceptions; none for a deletion.
    pub groups: FieldSet,
    /// Why.
    pub why: Why,
}

/// A decision that tells nobody anything that nobody meant to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// What may be carried out.
    pub decision: Decision,
    /// Who is told of it.
    pub notice: Option<Notice>,
    /// What has to wait.
    pub withheld: Option<Withheld>,
}

impl Guarded {
    const fn silent(decision: Decision) -> Self {
        Self { decision, notice: None, withheld: None }
    }
}

/// Classifies what a decision makes Microsoft send, and takes out of it what must
/// not be sent. `cause` is about the CRM's side; what flows to the CRM passes.
pub fn guard(decision: Decision, situation: &Situation, audience: &Audience, cause: Cause, now: Instant) -> Guarded {
    match decision {
        Decision::Create { on: Side::M365, mut record, conflicts } => {
            let (notice, withheld) = guard_create(&mut record, audience, cause, now);
            Guarded { decision: Decision::Create { on: Side::M365, record, conflicts }, notice, withheld }
        }
        decision @ Decision::Delete { on: Side::M365, .. } => {
            if !audience.organizes || audience.guests.is_empty() {
                // A guest's copy goes alone (Graph, api/event-delete).
                return Guarded::silent(decision);
            }
            match objection(cause, audience.over) {
                None => Guarded {
                    decision,
                    notice: Some(Notice { kind: NoticeKind::Cancellation, people: audience.guests.clone() }),
                    withheld: None,
                },
                Some(why) => Guarded {
                    decision: Decision::Withhold,
                    notice: None,
                    withheld: Some(Withheld { groups: FieldSet::EMPTY, why }),
                },
            }
        }
        Decision::Merge(merge) => match (&situation.crm, &situation.m365) {
            (End::Present(crm), End::Present(target)) if !merge.to_m365.is_empty() => {
                let first = crm.base.is_empty() && target.base.is_empty();
                let cause = if first { Cause::Comparison } else { cause };
                let mut guarded = guard_merge(merge, target, audience, cause, now);
                if let Decision::Merge(merge) = &mut guarded.decision {
                    record_past(merge, crm, target);
                }
                guarded
            }
            _ => Guarded::silent(Decision::Merge(merge)),
        },
        decision @ (Decision::Create { on: Side::Crm, .. }
        | Decision::Delete { on: Side::Crm, .. }
        | Decision::Ignore
        | Decision::Keep
        | Decision::Close
        | Decision::Withhold) => Guarded::silent(decision),
    }
}

const fn objection(cause: Cause, over: bool) -> Option<Why> {
    match (cause, over) {
        (Cause::Comparison, _) => Some(Why::Comparison),
        (Cause::Edit, true) => Some(Why::Over),
        (Cause::Edit, false) => None,
    }
}

/// What is created is the user's own: there is nobody to answer, and the
/// organiser is no guest.
fn guard_create(
    record: &mut Record,
    audience: &Audience,
    cause: Cause,
    now: Instant,
) -> (Option<Notice>, Option<Withheld>) {
    record.remove(FieldGroup::Response);
    uninvite_organizer(record, None, audience);
    let people = invited(record);
    if people.is_empty() {
        return (None, None);
    }
    let Some(why) = objection(cause, is_over(record, now)) else {
        return (Some(Notice { kind: NoticeKind::Invitation, people }), None);
    };
    let mut groups = FieldSet::EMPTY;
    if record.get(FieldGroup::Attendees).is_some() {
        record.remove(FieldGroup::Attendees);
        groups.insert(FieldGroup::Attendees);
    }
    let mut exceptions = record.exceptions();
    for occurrence in exceptions.values_mut() {
        if let Occurrence::Changed(changed) = occurrence
            && changed.get(FieldGroup::Attendees).is_some()
        {
            changed.remove(FieldGroup::Attendees);
            groups.insert(FieldGroup::Exceptions);
        }
    }
    if groups.contains(FieldGroup::Exceptions) {
        exceptions.retain(|_, occurrence| !matches!(occurrence, Occurrence::Changed(changed) if changed.is_empty()));
        record.set(FieldValue::Exceptions(exceptions));
    }
    (None, Some(Withheld { groups, why }))
}

fn guard_merge(mut merge: Merge, target: &PresentEnd, audience: &Audience, cause: Cause, now: Instant) -> Guarded {
    if audience.organizes {
        uninvite_organizer(&mut merge.to_m365, Some(&target.now), audience);
        return guard_meeting(merge, target, audience, cause, now);
    }
    // Somebody else's meeting. That its shared groups may not be written, the
    // item says itself; nothing of them passes here in any case.
    let mut foreign = merge.to_m365.groups().without(OWN.union(RESPONSE).union(EXCEPTIONS));
    if !differing_days(&merge, target, OWN.union(RESPONSE)).is_empty() {
        foreign = foreign.union(EXCEPTIONS);
    }
    take_out(&mut merge, target, foreign);
    merge.unwritable_m365 = merge.unwritable_m365.union(foreign);
    guard_answers(merge, target, audience, cause, now)
}

/// The user's answers to an invitation, and to single days of it.
fn guard_answers(mut merge: Merge, target: &PresentEnd, audience: &Audience, cause: Cause, now: Instant) -> Guarded {
    let mut withheld = Withheld { groups: FieldSet::EMPTY, why: Why::Comparison };
    let mut answers = merge.to_m365.get(FieldGroup::Response).is_some();
    if let (true, Some(why)) = (answers, objection(cause, audience.over)) {
        withhold(&mut merge, target, RESPONSE);
        withheld = Withheld { groups: RESPONSE, why };
        answers = false;
    }
    let after = target.now.overlaid(&merge.to_m365);
    let mut held_back = BTreeSet::new();
    for (day, _) in differing_days(&merge, target, OWN) {
        match objection(cause, occurrence_is_over(day, target, &after, now)) {
            None => answers = true,
            Some(why) => {
                withheld = Withheld { groups: withheld.groups.union(EXCEPTIONS), why };
                held_back.insert(day);
            }
        }
    }
    withhold_days(&mut merge, target, &held_back);
    let people = || audience.organizer.iter().cloned().collect();
    let notice = answers.then(|| Notice { kind: NoticeKind::Reply, people: people() });
    let withheld = Some(withheld).filter(|withheld| !withheld.groups.is_empty());
    Guarded { decision: Decision::Merge(merge), notice, withheld }
}

/// The user's own item, which is a meeting if anybody is or will be invited.
fn guard_meeting(mut merge: Merge, target: &PresentEnd, audience: &Audience, cause: Cause, now: Instant) -> Guarded {
    let after = target.now.overlaid(&merge.to_m365);
    let everybody: BTreeSet<Address> = [audience.guests.clone(), invited(&target.now), invited(&after)]
        .into_iter()
        .flatten()
        .filter(|guest| Some(guest) != audience.organizer.as_ref())
        .collect();
    if everybody.is_empty() {
        return Guarded::silent(Decision::Merge(merge));
    }
    let mut withheld = Withheld { groups: FieldSet::EMPTY, why: Why::Comparison };
    // What is moved out of the past is not over, nor is what people expect to come.
    let objects = objection(cause, audience.over && is_over(&after, now));
    let mut loud = merge.to_m365.groups().without(OWN.union(EXCEPTIONS));
    if let Some(why) = objects {
        // A series is written as a whole, or not at all; also where it ends with
        // the write, and its exceptions with it.
        let in_series = target.now.rule().is_some() || after.rule().is_some();
        let whole = in_series && !loud.intersection(TIMING).is_empty();
        withheld = Withheld { groups: if whole { loud.union(EXCEPTIONS) } else { loud }, why };
        withhold(&mut merge, target, withheld.groups);
        loud = FieldSet::EMPTY;
    }
    let mut told = Vec::new();
    let mut held_back = BTreeSet::new();
    for (day, occurrence) in differing_days(&merge, target, OWN) {
        match objects.or_else(|| objection(cause, occurrence_is_over(day, target, &after, now))) {
            None => told.push(occurrence),
            Some(why) => {
                withheld = Withheld { groups: withheld.groups.union(EXCEPTIONS), why };
                held_back.insert(day);
            }
        }
    }
    withhold_days(&mut merge, target, &held_back);
    let notice = notice(loud, &told, target, &merge, &everybody);
    let withheld = Some(withheld).filter(|withheld| !withheld.groups.is_empty());
    Guarded { decision: Decision::Merge(merge), notice, withheld }
}

/// Takes the organiser out of the guests that are written, unless Microsoft
/// lists them already. Guests of whom nobody else is left are not written.
fn uninvite_organizer(record: &mut Record, now: Option<&Record>, audience: &Audience) {
    let Some(organizer) = &audience.organizer else { return };
    let mut guests = record.guests();
    let listed = now.map(Record::guests).unwrap_or_default();
    if listed.contains_key(organizer) || guests.remove(organizer).is_none() {
        return;
    }
    record.remove(FieldGroup::Attendees);
    if now.is_none() || super::guests::to_invite(&listed, &guests).is_some() {
        record.set(FieldValue::Attendees(guests));
    }
}

/// The days that are written in other groups than `silent`, with what they
/// become.
fn differing_days(merge: &Merge, target: &PresentEnd, silent: FieldSet) -> Vec<(CivilDate, Option<Occurrence>)> {
    if merge.to_m365.get(FieldGroup::Exceptions).is_none() {
        return Vec::new();
    }
    let wanted = merge.to_m365.exceptions();
    // Those that go with the old series are not written one by one.
    let shown = if merge.retimes(Side::M365) { BTreeMap::new() } else { target.exceptions_there() };
    let days: BTreeSet<CivilDate> = wanted.keys().chain(shown.keys()).copied().collect();
    let is_written = |day: &CivilDate| match (shown.get(day), wanted.get(day)) {
        (Some(before), Some(after)) if before.same_as(after) => false,
        (Some(Occurrence::Cancelled), _) | (_, Some(Occurrence::Cancelled)) => true,
        (before, after) => {
            let groups = |occurrence: Option<&Occurrence>| match occurrence {
                Some(Occurrence::Changed(record)) => record.clone(),
                Some(Occurrence::Cancelled) | None => Record::NONE,
            };
            let (before, after) = (groups(before), groups(after));
            let differs = |group: FieldGroup| match (before.get(group), after.get(group)) {
                (Some(one), Some(two)) => !one.same_as(two),
                (None, None) => false,
                (Some(_), None) | (None, Some(_)) => true,
            };
            FieldSet::all().without(silent).iter().any(differs)
        }
    };
    days.into_iter().filter(is_written).map(|day| (day, wanted.get(&day).cloned())).collect()
}

/// Whether the occurrence of this day has ended, as people know it and as it is
/// to become.
fn occurrence_is_over(day: CivilDate, target: &PresentEnd, after: &Record, now: Instant) -> bool {
    let end = |record: &Record| match record.exceptions().get(&day) {
        Some(Occurrence::Changed(changed)) if changed.time().is_some() => changed.time().map(|time| time.span().1),
        Some(Occurrence::Changed(_) | Occurrence::Cancelled) | None => {
            series_of(record).and_then(|series| series.time_of(day)).map(|time| time.span().1)
        }
    };
    [end(&target.now), end(after)].into_iter().flatten().max().is_none_or(|end| end <= now)
}

/// Leaves these groups as Microsoft shows them: they stay changes.
fn withhold(merge: &mut Merge, target: &PresentEnd, groups: FieldSet) {
    take_out(merge, target, groups);
    merge.withheld_m365 = merge.withheld_m365.union(groups);
}

/// Takes groups out of the write. Nothing is put over anything by them then.
/// What was written only beside another group is there already, and settled.
fn take_out(merge: &mut Merge, target: &PresentEnd, groups: FieldSet) {
    let differs = |group: &FieldGroup| merge.to_m365.get(*group).is_none_or(|value| !target.shows(value));
    let open: FieldSet = groups.iter().filter(differs).collect();
    for group in groups.iter() {
        merge.to_m365.remove(group);
    }
    merge.settled = merge.settled.without(open);
    let written = merge.to_crm.groups();
    merge.conflicts.retain(|conflict| !groups.contains(conflict.group) || written.contains(conflict.group));
}

/// Records what Microsoft loses where a series is written anew: exceptions of
/// days that are over go with the old one, and putting them back would be told.
fn record_past(merge: &mut Merge, crm: &PresentEnd, m365: &PresentEnd) {
    let group = FieldGroup::Exceptions;
    let there = m365.exceptions_there();
    let goes = merge.retimes(Side::M365) && merge.open_days.iter().any(|day| there.contains_key(day));
    if goes && !merge.conflicts.iter().any(|conflict| conflict.group == group) {
        merge.conflicts.push(both_versions(group, crm, m365));
    }
}

/// Leaves the occurrences of these days as Microsoft shows them, or where the
/// series is written anew, as the rule has them.
fn withhold_days(merge: &mut Merge, target: &PresentEnd, days: &BTreeSet<CivilDate>) {
    if days.is_empty() {
        return;
    }
    let rewrites = merge.retimes(Side::M365);
    let (mut wanted, shown) = (merge.to_m365.exceptions(), target.exceptions_there());
    for day in days {
        match shown.get(day).filter(|_| !rewrites) {
            Some(occurrence) => wanted.insert(*day, occurrence.clone()),
            None => wanted.remove(day),
        };
    }
    merge.open_days.extend(days);
    merge.withheld_m365 = merge.withheld_m365.union(EXCEPTIONS);
    let value = FieldValue::Exceptions(wanted);
    if rewrites || !FieldValue::Exceptions(shown).same_as(&value) {
        merge.to_m365.set(value);
        return;
    }
    merge.to_m365.remove(FieldGroup::Exceptions);
    if merge.to_crm.get(FieldGroup::Exceptions).is_none() {
        merge.conflicts.retain(|conflict| conflict.group != FieldGroup::Exceptions);
    }
}
