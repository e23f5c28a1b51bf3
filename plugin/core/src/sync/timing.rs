//! What belongs together in a series: its time, its rule and its exceptions.
//!
//! Time and rule are groups of their own, so that a new time of day and a new
//! end of the range are both kept. But they are written together, and a series
//! that is re-timed loses its exceptions where that happens (Oro row C4; in
//! Graph, occurrences get new ids with a new pattern), by our writes as by those
//! of people. So, after the merge group by group:
//!
//! 1. A time that does not fall on the rule beside it is nobody's version: the
//!    winner's time and rule are taken as one.
//! 2. Who gets one of the two, gets both; and a rule never comes without a time.
//! 3. Who gets them, gets all exceptions that the series has afterwards, even
//!    those that are there already: the write takes them away.
//!
//! Exceptions are kept on days that the rule in force still has. An edit of a
//! day that it has not is given up, and recorded.

use std::collections::BTreeSet;

use crate::model::{CivilDate, Exceptions, FieldGroup, FieldSet, FieldValue, Occurrence, Record};
use crate::recurrence::Series;
use crate::settings::{ConflictRule, SyncMode};

use super::merge::{both_versions, gives_way};
use super::sets::{Joined, Way};
use super::{Merge, Policy, PresentEnd, Side, exceptions};

/// The groups that say when an item takes place.
pub(super) const TIMING: FieldSet = FieldSet::EMPTY.with(FieldGroup::Time).with(FieldGroup::Recurrence);

/// The series that `record` is of; none where it is of a single event, or its
/// rule and its time make no series.
pub(super) fn series_of(record: &Record) -> Option<Series> {
    record.rule().zip(record.time()).and_then(|(rule, time)| Series::new(*rule, *time).ok())
}

/// Whether both take place at the same times.
pub(super) fn same_timing(one: &Record, two: &Record) -> bool {
    let same_time = match (one.time(), two.time()) {
        (Some(one), Some(two)) => one.same_as(two),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    same_time && one.rule() == two.rule()
}

/// Whether the time is the first that the rule has. A single event's always is.
fn in_order(record: &Record) -> bool {
    match (record.rule(), record.time()) {
        (Some(_), Some(time)) => series_of(record).is_some_and(|series| series.first().same_as(time)),
        (Some(_), None) | (None, _) => true,
    }
}

impl Merge {
    /// What `end` shows once it is written.
    fn after(&self, side: Side, end: &PresentEnd) -> Record {
        end.now.overlaid(self.to(side))
    }
}

/// Makes one version of the times and rules that a merge writes.
pub(super) fn align(policy: Policy, crm: &PresentEnd, m365: &PresentEnd, result: &mut Merge) {
    let ends = [(Side::Crm, crm), (Side::M365, m365)];
    let torn = ends.iter().any(|(side, end)| result.retimes(*side) && !in_order(&result.after(*side, end)));
    let yields = gives_way(policy, FieldGroup::Time, crm, m365);
    let winner = if yields { Side::M365 } else { policy.winner() };
    let (source, target) = if winner == Side::Crm { (crm, m365) } else { (m365, crm) };
    if torn || pulls_along(policy, source, target, result) {
        put_over(winner, source, target, result);
        if yields {
            result.yielded = result.yielded.union(TIMING);
        }
    }
    for (side, end) in ends {
        complete(side, end, result);
    }
}

/// Whether a one-way source changes a series whose target has been re-timed:
/// its changes mean nothing in another series, so they bring their own.
fn pulls_along(policy: Policy, source: &PresentEnd, target: &PresentEnd, result: &Merge) -> bool {
    let after = result.after(policy.winner().other(), target);
    let in_series = source.now.rule().is_some() || after.rule().is_some();
    let changes = TIMING.with(FieldGroup::Exceptions).iter().any(|group| source.changed(group));
    policy.mode != SyncMode::Bidirectional && in_series && changes && !same_timing(&source.now, &after)
}

/// Puts the winner's time and rule over the other side's.
fn put_over(winner: Side, source: &PresentEnd, target: &PresentEnd, result: &mut Merge) {
    let loser = winner.other();
    let (crm, m365) = if winner == Side::Crm { (source, target) } else { (target, source) };
    result.conflicts.retain(|conflict| !TIMING.contains(conflict.group));
    result.settled = result.settled.without(TIMING);
    for group in TIMING.iter() {
        let Some(value) = source.now.get(group) else { continue };
        result.to_mut(winner).remove(group);
        result.to_mut(loser).remove(group);
        *result.unwritable_mut(loser) = result.unwritable_mut(loser).without(FieldSet::EMPTY.with(group));
        if !result.write(loser, target, value.clone()) {
            continue;
        }
        result.settled.insert(group);
        if target.changed(group) && !target.shows(value) {
            result.conflicts.push(both_versions(group, crm, m365));
        }
    }
}

/// Adds the time to a rule that is written, and the rule to the time of a series.
fn complete(side: Side, end: &PresentEnd, result: &mut Merge) {
    let after = result.after(side, end);
    let written = result.to(side).groups();
    let needs = |group, beside| written.contains(beside) && !written.contains(group) && end.accepts(group);
    for (group, needed) in [
        (FieldGroup::Time, needs(FieldGroup::Time, FieldGroup::Recurrence)),
        (FieldGroup::Recurrence, needs(FieldGroup::Recurrence, FieldGroup::Time) && after.rule().is_some()),
    ] {
        if let (true, Some(value)) = (needed, after.get(group)) {
            result.to_mut(side).set(value.clone());
        }
    }
}

/// Merges the exceptions into the series that [`align`] has left.
pub(super) fn place_exceptions(policy: Policy, crm: &PresentEnd, m365: &PresentEnd, result: &mut Merge) {
    match policy.mode {
        SyncMode::Bidirectional if retimed_alike(crm, m365) => {
            join(policy, &without_base(crm), &without_base(m365), result);
        }
        SyncMode::Bidirectional => join(policy, crm, m365, result),
        SyncMode::CrmToM365 => copy((Side::Crm, crm), (Side::M365, m365), result),
        SyncMode::M365ToCrm => copy((Side::M365, m365), (Side::Crm, crm), result),
    }
}

/// Whether people have re-timed both sides in the same way. What either side has
/// of exceptions since, it has kept or made; the loss of the others says nothing.
fn retimed_alike(crm: &PresentEnd, m365: &PresentEnd) -> bool {
    let retimed = |end: &PresentEnd| TIMING.iter().any(|group| end.changed(group));
    retimed(crm) && retimed(m365) && same_timing(&crm.now, &m365.now)
}

fn without_base(end: &PresentEnd) -> PresentEnd {
    let mut end = end.clone();
    end.base.remove(FieldGroup::Exceptions);
    end
}

fn way(to: Side, target: &PresentEnd, source_wins: bool, result: &Merge) -> Way {
    let restores = result.retimes(to) || target.left.is_some();
    Way { to, source_wins, restores, foreign: FieldSet::EMPTY }
}

fn join(policy: Policy, crm: &PresentEnd, m365: &PresentEnd, result: &mut Merge) {
    let group = FieldGroup::Exceptions;
    let crm_wins = policy.rule == ConflictRule::CrmWins;
    let is_guests = !m365.accepts(FieldGroup::Recurrence);
    let foreign = if is_guests { FieldSet::all().without(m365.writable) } else { FieldSet::EMPTY };
    let way = |to, target, source_wins, result: &Merge| Way { foreign, ..way(to, target, source_wins, result) };
    let mut for_crm = exceptions::take_over(m365, crm, way(Side::Crm, crm, !crm_wins, result));
    if crm.changed(group) {
        for_crm.value = exceptions::as_answered(for_crm.value, m365);
    }
    let for_m365 = exceptions::take_over(crm, m365, way(Side::M365, m365, crm_wins, result));
    let crm_agrees = place(Side::Crm, crm, &for_crm, result);
    let m365_agrees = place(Side::M365, m365, &for_m365, result);
    // Of somebody else's meeting, little of that is written.
    let is_given_up =
        !is_guests || (result.to_m365.get(group).is_some() && exceptions::gives_up(m365, &result.to_m365.exceptions()));
    let overwrites =
        (for_crm.overwrites && crm.accepts(group)) || (for_m365.overwrites && m365.accepts(group) && is_given_up);
    if crm_agrees && m365_agrees {
        result.settled.insert(group);
    }
    let in_crm = series_of(&result.after(Side::Crm, crm));
    let in_m365 = series_of(&result.after(Side::M365, m365));
    if crm.changed(group) && m365.changed(group) {
        let bases = |taken: &Joined<CivilDate, Occurrence>, source: &PresentEnd, target: &PresentEnd, series| {
            let base = |moved: &Exceptions, end: &PresentEnd| {
                FieldValue::Exceptions(exceptions::moved_on_days(&end.base.exceptions(), moved, series))
            };
            (base(&taken.source_base, source), base(&taken.target_base, target))
        };
        let (of_m365, of_crm) = bases(&for_crm, m365, crm, in_crm.as_ref());
        result.by_crm_alone.crm.set(of_crm);
        result.by_crm_alone.m365.set(of_m365);
        let (of_crm, of_m365) = bases(&for_m365, crm, m365, in_m365.as_ref());
        result.by_m365_alone.crm.set(of_crm);
        result.by_m365_alone.m365.set(of_m365);
    }
    // A day that the other side's own series does not have waits for the rule.
    if crm.holds.contains(group) && !result.retimes(Side::M365) {
        result.open_days.extend(exceptions::edits_off(m365, in_crm.as_ref()));
    }
    if m365.holds.contains(group) && !result.retimes(Side::Crm) {
        result.open_days.extend(exceptions::edits_off(crm, in_m365.as_ref()));
    }
    let loses = |side, end, series: &Option<Series>| {
        result.retimes(side) && exceptions::edits_off(end, series.as_ref()).next().is_some()
    };
    if overwrites || loses(Side::Crm, crm, &in_crm) || loses(Side::M365, m365, &in_m365) {
        result.conflicts.push(both_versions(group, crm, m365));
    }
}

/// One direction only, as for other groups: the target is written where the
/// source changed, or where the write of the series takes its exceptions away.
fn copy(source: (Side, &PresentEnd), target: (Side, &PresentEnd), result: &mut Merge) {
    let group = FieldGroup::Exceptions;
    let ((source_side, source), (side, target)) = (source, target);
    if !source.changed(group) && !result.retimes(side) && target.left.is_none() {
        if !target.changed(group) {
            result.settled.insert(group);
        }
        return;
    }
    let mirrored = exceptions::mirrored(source, target, way(side, target, true, result));
    let agreed = place(side, target, &mirrored, result);
    if agreed {
        result.settled.insert(group);
    }
    if !source.changed(group) && !result.retimes(side) {
        // Completed for an interrupted write alone: the target's own edits stay.
        result.open_days.extend(exceptions::edited_days(target));
    }
    let writes = result.retimes(side) || result.to(side).get(group).is_some();
    let wanted = result.to(side).exceptions();
    if writes && (exceptions::gives_up(target, &wanted) || exceptions::takes_own(source, target, &wanted)) {
        let (crm, m365) = if source_side == Side::Crm { (source, target) } else { (target, source) };
        result.conflicts.push(both_versions(group, crm, m365));
    }
}

/// Writes the exceptions that `end` is to show, if it does not or if they are
/// taken away by the rest of the write. Whether they are agreed on by that, but
/// for the days that stay open.
fn place(side: Side, end: &PresentEnd, taken: &Joined<CivilDate, Occurrence>, result: &mut Merge) -> bool {
    let group = FieldGroup::Exceptions;
    let after = result.after(side, end);
    if !end.holds.contains(group) || after.rule().is_none() {
        return true;
    }
    let retimes = result.retimes(side);
    let there = end.exceptions_there();
    let shown = FieldValue::Exceptions(there.clone());
    if !retimes && shown.same_as(&FieldValue::Exceptions(taken.value.clone())) {
        return note_stuck(side, taken.stuck.clone(), result);
    }
    let fitting = series_of(&after).map(|series| exceptions::fitting(&taken.value, &series));
    let mut wanted = fitting.unwrap_or_else(|| taken.value.clone());
    let mut stuck = taken.stuck.clone();
    if !retimes {
        // Also of what people have cancelled since our own write was interrupted.
        for (day, _) in there.iter().filter(|(_, occurrence)| **occurrence == Occurrence::Cancelled) {
            if wanted.insert(*day, Occurrence::Cancelled) != Some(Occurrence::Cancelled) {
                stuck.insert(*day);
            }
        }
    }
    if side == Side::M365 && !retimes {
        let barred = exceptions::keep_barred(&mut wanted, &there, end, &after);
        if !barred.is_empty() {
            result.open_days.extend(barred.iter().copied());
            result.barred_days = barred;
            result.unwritable_mut(side).insert(group);
        }
    }
    let value = FieldValue::Exceptions(wanted);
    if retimes || !shown.same_as(&value) {
        if !end.accepts(group) {
            result.unwritable_mut(side).insert(group);
            return false;
        }
        result.to_mut(side).set(value);
    }
    note_stuck(side, stuck, result)
}

/// Notes the days that cannot be brought back; the others do not wait for them.
fn note_stuck(side: Side, stuck: BTreeSet<CivilDate>, result: &mut Merge) -> bool {
    if !stuck.is_empty() {
        result.open_days.extend(stuck);
        result.unwritable_mut(side).insert(FieldGroup::Exceptions);
    }
    true
}
