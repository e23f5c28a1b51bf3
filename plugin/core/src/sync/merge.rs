//! Merging two present ends of one item, group by group.
//!
//! Three versions go in: what both agreed on, and what either shows now. A
//! group that one side alone changed flows to the other; a group that both
//! changed to different values is a conflict, and the policy decides. Guests and
//! categories are merged as sets, so that two additions are both kept. What
//! belongs together in a series is [`super::timing`]'s matter, and who is told
//! of a write [`super::notify`]'s.

use std::collections::BTreeSet;

use crate::model::{AttendeeStatus, CivilDate, FieldGroup, FieldSet, FieldValue, Record};
use crate::settings::{ConflictRule, SyncMode};

use super::sets::{Way, take_over};
use super::{DecidedBy, GroupConflict, Policy, PresentEnd, Side, guests, timing};

/// What a merge comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// Groups to write to the CRM.
    pub to_crm: Record,
    /// Groups to write to Microsoft.
    pub to_m365: Record,
    /// Groups that are agreed on once the writes are done: their base moves.
    pub settled: FieldSet,
    /// For sets that both sides changed: the bases if the CRM alone takes over
    /// the other's part, because Microsoft may not be written or the write fails.
    pub by_crm_alone: Bases,
    /// As above, if Microsoft alone does.
    pub by_m365_alone: Bases,
    /// Groups for which one version was put over the other.
    pub conflicts: Vec<GroupConflict>,
    /// Those of them in which the CRM gave way although the rule is for it: see
    /// [`gives_way`].
    pub yielded: FieldSet,
    /// Groups in which a person takes an earlier decision back: see
    /// [`super::reversal`].
    pub reversed: FieldSet,
    /// Groups that should have been written, but may not be, per side.
    pub unwritable_crm: FieldSet,
    /// As above, for Microsoft.
    pub unwritable_m365: FieldSet,
    /// Groups that are not written to Microsoft because people would be notified
    /// who must not be: see [`super::notify`]. They stay changes.
    pub withheld_m365: FieldSet,
    /// Days of a series that stay as they are on both sides while the other
    /// exceptions are settled: cancelled days that cannot be brought back (their
    /// group is in `unwritable_*` then), and withheld ones.
    pub open_days: BTreeSet<CivilDate>,
    /// Those of them of which Microsoft does not let this user write something.
    pub barred_days: BTreeSet<CivilDate>,
}

/// Bases of both ends for sets that one side took over while its own part of
/// them stays a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bases {
    /// Of the CRM's end.
    pub crm: Record,
    /// Of Microsoft's end.
    pub m365: Record,
}

impl Merge {
    /// Whether edits of both sides are put together in one item.
    pub fn joins_both_sides(&self) -> bool {
        !self.to_crm.is_empty() && !self.to_m365.is_empty()
    }

    /// Which rule the conflicts were decided by, and for whom.
    pub fn decided(policy: Policy) -> (DecidedBy, Side) {
        match (policy.mode, policy.rule) {
            (SyncMode::CrmToM365, _) => (DecidedBy::Direction, Side::Crm),
            (SyncMode::M365ToCrm, _) => (DecidedBy::Direction, Side::M365),
            (SyncMode::Bidirectional, ConflictRule::CrmWins) => (DecidedBy::Rule, Side::Crm),
            (SyncMode::Bidirectional, ConflictRule::M365Wins) => (DecidedBy::Rule, Side::M365),
        }
    }

    /// Which rule the conflicts were decided by, and whose versions were kept:
    /// the rule's, unless it gave way in every one of them.
    pub fn kept(&self, policy: Policy) -> (DecidedBy, Side) {
        let (by, winner) = Self::decided(policy);
        let gave_way = self.conflicts.iter().all(|conflict| self.yielded.contains(conflict.group));
        (by, if gave_way && !self.conflicts.is_empty() { winner.other() } else { winner })
    }

    /// What is to be written to `side`.
    pub const fn to(&self, side: Side) -> &Record {
        match side {
            Side::Crm => &self.to_crm,
            Side::M365 => &self.to_m365,
        }
    }

    pub(super) const fn to_mut(&mut self, side: Side) -> &mut Record {
        match side {
            Side::Crm => &mut self.to_crm,
            Side::M365 => &mut self.to_m365,
        }
    }

    pub(super) const fn unwritable_mut(&mut self, side: Side) -> &mut FieldSet {
        match side {
            Side::Crm => &mut self.unwritable_crm,
            Side::M365 => &mut self.unwritable_m365,
        }
    }

    /// Whether the write to `side` says when the item takes place. A series
    /// loses its exceptions there by that (Oro row C4; Graph likewise).
    pub fn retimes(&self, side: Side) -> bool {
        !self.to(side).groups().intersection(timing::TIMING).is_empty()
    }

    /// Writes `value` to `side`, or notes that it may not be written. Whether the
    /// group is agreed on by that.
    pub(super) fn write(&mut self, side: Side, end: &PresentEnd, mut value: FieldValue) -> bool {
        let group = value.group();
        if end.shows(&value) || !end.holds.contains(group) {
            // It is there already, or has no place there: agreed either way.
            return true;
        }
        if let (Side::M365, FieldValue::Attendees(wanted)) = (side, &mut value) {
            match guests::to_invite(&end.now.guests(), wanted) {
                Some(invited) => *wanted = invited,
                // Nobody is invited or uninvited: answers are the guests' own.
                None => return true,
            }
        }
        if !end.accepts(group) {
            self.unwritable_mut(side).insert(group);
            return false;
        }
        self.to_mut(side).set(value);
        true
    }

    /// Writes `value` to `side`; the group is settled if that is all there is
    /// to do about it.
    fn settle(&mut self, side: Side, end: &PresentEnd, value: FieldValue) {
        let group = value.group();
        if self.write(side, end, value) {
            self.settled.insert(group);
        }
    }
}

/// Merges the two ends of an item under `policy`.
pub fn merge(policy: Policy, crm: &PresentEnd, m365: &PresentEnd) -> Merge {
    let mut result = Merge::default();
    for group in FieldGroup::ALL.into_iter().filter(|group| *group != FieldGroup::Exceptions) {
        match policy.mode {
            SyncMode::Bidirectional => merge_group(policy, group, crm, m365, &mut result),
            SyncMode::CrmToM365 => copy_group(group, (Side::Crm, crm), (Side::M365, m365), &mut result),
            SyncMode::M365ToCrm => copy_group(group, (Side::M365, m365), (Side::Crm, crm), &mut result),
        }
    }
    timing::align(policy, crm, m365, &mut result);
    timing::place_exceptions(policy, crm, m365, &mut result);
    result
}

/// Whether the user's answer was taken back in the CRM. It cannot be taken back
/// in Microsoft (Graph, api/event-accept and its kin), so that is no change.
fn takes_answer_back(group: FieldGroup, end: &PresentEnd) -> bool {
    let no_answer = matches!(end.now.get(group), Some(FieldValue::Response(AttendeeStatus::None)));
    group == FieldGroup::Response && no_answer
}

fn merge_group(policy: Policy, group: FieldGroup, crm: &PresentEnd, m365: &PresentEnd, result: &mut Merge) {
    let crm_changed = crm.changed(group) && !takes_answer_back(group, crm);
    // An answer stands against a question that is asked once more.
    let m365_changed = m365.changed(group) && !(crm_changed && takes_answer_back(group, m365));
    match (crm_changed, m365_changed, crm.now.get(group), m365.now.get(group)) {
        // Nobody touched it: the base stands, also for groups of one side only.
        (false, false, _, _) => result.settled.insert(group),
        // One-sided changes flow to the other side.
        (true, false, Some(value), _) => {
            result.settle(Side::M365, m365, carried(value, crm, m365, Side::M365));
            if let Some(answered) = guests::as_answered(value, &m365.now) {
                result.write(Side::Crm, crm, answered);
            }
        }
        (false, true, _, Some(value)) => result.settle(Side::Crm, crm, carried(value, m365, crm, Side::Crm)),
        // Both changed it, to the same value: only the base moves.
        (true, true, Some(ours), Some(theirs)) if ours.same_as(theirs) => result.settled.insert(group),
        // Both changed it, to different values: join sets, otherwise decide.
        (true, true, Some(ours), Some(theirs)) => {
            if !join(policy, group, crm, m365, result) {
                overwrite(policy, group, (crm, ours), (m365, theirs), result);
            }
        }
        // A change has a value; nothing to do where it has none.
        (true, _, None, _) | (_, true, _, None) => {}
    }
}

/// What `target` is to show after `source` alone changed the group to `value`.
fn carried(value: &FieldValue, source: &PresentEnd, target: &PresentEnd, to: Side) -> FieldValue {
    let way = Way { to, source_wins: true, restores: false, foreign: FieldSet::EMPTY };
    take_over(value.group(), source, target, way).map_or_else(|| value.clone(), |taken| taken.value)
}

/// Whether the CRM gives way in this group although the rule is for it: in
/// somebody else's meeting, only the organiser's version can be everybody's
/// (Oro row C6), and Exchange itself puts it over what a guest has changed.
pub(super) fn gives_way(policy: Policy, group: FieldGroup, crm: &PresentEnd, m365: &PresentEnd) -> bool {
    let rule_is_for_crm = policy.mode == SyncMode::Bidirectional && policy.rule == ConflictRule::CrmWins;
    rule_is_for_crm && m365.holds.contains(group) && !m365.accepts(group) && crm.accepts(group)
}

/// Puts the winner's version over the other. Where that may not be written, and
/// the other may not be put over it either, the group stays open.
fn overwrite(
    policy: Policy,
    group: FieldGroup,
    (crm, ours): (&PresentEnd, &FieldValue),
    (m365, theirs): (&PresentEnd, &FieldValue),
    result: &mut Merge,
) {
    let yields = gives_way(policy, group, crm, m365);
    let written = match policy.rule {
        ConflictRule::CrmWins if !yields => result.write(Side::M365, m365, ours.clone()),
        ConflictRule::CrmWins | ConflictRule::M365Wins => result.write(Side::Crm, crm, theirs.clone()),
    };
    if written {
        if yields {
            result.yielded.insert(group);
        }
        result.settled.insert(group);
        result.conflicts.push(both_versions(group, crm, m365));
    }
}

pub(super) fn both_versions(group: FieldGroup, crm: &PresentEnd, m365: &PresentEnd) -> GroupConflict {
    GroupConflict {
        group,
        base: m365.base.get(group).or(crm.base.get(group)).cloned(),
        crm: crm.now.get(group).cloned(),
        m365: m365.now.get(group).cloned(),
    }
}

/// Joins a group that is a set and was changed on both sides: either side takes
/// over the difference of the other. False where the group is not a set.
fn join(policy: Policy, group: FieldGroup, crm: &PresentEnd, m365: &PresentEnd, result: &mut Merge) -> bool {
    let crm_wins = policy.rule == ConflictRule::CrmWins;
    let way = |to, source_wins| Way { to, source_wins, restores: false, foreign: FieldSet::EMPTY };
    let (Some(for_crm), Some(for_m365)) = (
        take_over(group, m365, crm, way(Side::Crm, !crm_wins)),
        take_over(group, crm, m365, way(Side::M365, crm_wins)),
    ) else {
        return false;
    };
    if (for_crm.overwrites && crm.accepts(group)) || (for_m365.overwrites && m365.accepts(group)) {
        result.conflicts.push(both_versions(group, crm, m365));
    }
    result.by_crm_alone.crm.set(for_crm.target_base);
    result.by_crm_alone.m365.set(for_crm.source_base);
    result.by_m365_alone.crm.set(for_m365.source_base);
    result.by_m365_alone.m365.set(for_m365.target_base);
    let for_crm = guests::as_answered(&for_crm.value, &m365.now).unwrap_or(for_crm.value);
    let crm_agrees = result.write(Side::Crm, crm, for_crm);
    let m365_agrees = result.write(Side::M365, m365, for_m365.value);
    if crm_agrees && m365_agrees {
        result.settled.insert(group);
    }
    true
}

/// One direction only: the target is written where the source changed, and is
/// otherwise left alone, edits included.
fn copy_group(group: FieldGroup, source: (Side, &PresentEnd), target: (Side, &PresentEnd), result: &mut Merge) {
    let ((source_side, source), (target_side, target)) = (source, target);
    let unsaid = source_side == Side::Crm && takes_answer_back(group, source);
    if !source.changed(group) || unsaid {
        if unsaid || !target.changed(group) {
            result.settled.insert(group);
        }
        return;
    }
    let Some(value) = source.now.get(group) else { return };
    result.settle(target_side, target, value.clone());
    if target.changed(group) && result.to(target_side).get(group).is_some() {
        let theirs = target.now.get(group).cloned();
        let (crm, m365) = match source_side {
            Side::Crm => (Some(value.clone()), theirs),
            Side::M365 => (theirs, Some(value.clone())),
        };
        result.conflicts.push(GroupConflict { group, base: target.base.get(group).cloned(), crm, m365 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Attendee, AttendeeKind, AttendeeStatus};

    fn categories(names: &[&str]) -> FieldValue {
        FieldValue::Categories(names.iter().map(|name| (*name).to_owned()).collect())
    }

    fn end(now: FieldValue, base: Option<FieldValue>) -> PresentEnd {
        PresentEnd {
            now: [now].into_iter().collect(),
            base: base.into_iter().collect(),
            holds: FieldSet::all(),
            writable: FieldSet::all(),
            left: None,
        }
    }

    const POLICY: Policy = Policy { mode: SyncMode::Bidirectional, rule: ConflictRule::CrmWins };

    #[test]
    fn categories_added_and_removed_on_both_sides_are_all_respected() {
        let base = Some(categories(&["a", "b", "c"]));
        let crm = end(categories(&["b", "c", "new in crm"]), base.clone());
        let m365 = end(categories(&["a", "b", "new in outlook"]), base);
        let merged = merge(POLICY, &crm, &m365);
        let expected: Record = [categories(&["b", "new in crm", "new in outlook"])].into_iter().collect();
        assert_eq!(merged.to_crm, expected);
        assert_eq!(merged.to_m365, expected);
        assert!(merged.conflicts.is_empty());
    }

    #[test]
    fn guests_are_joined_by_address() {
        let guest = |status| Attendee { display_name: String::new(), status, kind: AttendeeKind::Required };
        let list = |guests: &[(&str, AttendeeStatus)]| {
            FieldValue::Attendees(guests.iter().map(|(a, s)| (Address::new(a), guest(*s))).collect())
        };
        let base = Some(list(&[("anna@example.com", AttendeeStatus::None), ("ben@example.com", AttendeeStatus::None)]));
        let crm = end(
            list(&[("anna@example.com", AttendeeStatus::None), ("carl@example.com", AttendeeStatus::None)]),
            base.clone(),
        );
        let m365 = end(
            list(&[("Anna@example.com", AttendeeStatus::Accepted), ("ben@example.com", AttendeeStatus::None)]),
            base,
        );
        let merged = merge(POLICY, &crm, &m365);
        let expected: Record =
            [list(&[("anna@example.com", AttendeeStatus::Accepted), ("carl@example.com", AttendeeStatus::None)])]
                .into_iter()
                .collect();
        assert_eq!(merged.to_crm, expected);
        assert_eq!(merged.to_m365, expected);
    }

    #[test]
    fn a_group_that_may_not_be_written_is_named_and_stays_open() {
        let mut m365 = end(FieldValue::Title("old".into()), Some(FieldValue::Title("old".into())));
        m365.writable = FieldSet::EMPTY;
        let crm = end(FieldValue::Title("new".into()), Some(FieldValue::Title("old".into())));
        let merged = merge(POLICY, &crm, &m365);
        assert!(merged.to_m365.is_empty());
        assert!(merged.unwritable_m365.contains(FieldGroup::Title));
        assert!(!merged.settled.contains(FieldGroup::Title));
    }
}
