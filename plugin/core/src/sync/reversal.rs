//! Taking an automatic decision back, because a person wants it.
//!
//! What a decision has put aside is kept as typed values, as an [`Undo`], and a
//! person may have it put back: the other version of some groups, an item that
//! was deleted, or the deletion of one that was kept. That is a decision like any
//! other: [`reverse`] plans it against what both sides show now, and it passes
//! the same firewall and the same checks. It never overwrites what has come since:
//! where the item has changed in what is to be taken back, it is refused in
//! words ([`Unfit`]), and the person can still edit the item.
//!
//! Where one direction alone is on, only the target's own edit can come back. It
//! is then what a target's edit always is: left alone until the source changes.
//!
//! How undos are stored is [`crate::run`]'s matter.

use serde::{Deserialize, Serialize};

use crate::model::{FieldGroup, FieldSet, FieldValue, Record};
use crate::settings::SyncMode;

use super::sets::{stands, with_difference};
use super::timing::TIMING;
use super::{Decision, End, Evidence, GroupConflict, Merge, Policy, PresentEnd, Side, Situation};

/// How two ends of a kind of item are merged.
pub type Merging<'a> = &'a dyn Fn(Policy, &PresentEnd, &PresentEnd) -> Merge;

/// What takes a decision back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Other values for some groups.
    Groups {
        /// The side whose version was put aside, and comes back.
        by: Side,
        /// The last agreed values.
        base: Record,
        /// What the decision has led to, as the other side shows it.
        outcome: Record,
        /// What it would have led to, had `by` won.
        restored: Record,
    },
    /// The item that was deleted on both sides.
    BringBack {
        /// Its values, as the side showed them that still had it.
        record: Record,
        /// Whether it was the user's own to organise.
        organizes: bool,
    },
    /// The deletion of an item that was kept.
    Remove {
        /// The side that it was kept from.
        of: Side,
        /// What it was then.
        outcome: Record,
    },
}

/// What becomes of a wish to take a decision back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reversal {
    /// This takes it back.
    Planned(Box<Decision>),
    /// Both sides are as they would be afterwards.
    Done,
    /// It is not taken back.
    Refused(Unfit),
}

/// Why a decision is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The item is not on both sides any more.
    Gone,
    /// These groups have changed since.
    Changed(FieldSet),
    /// The direction does not let the side be written.
    Direction(Side),
    /// These groups may not be written to the item there.
    Unwritable(Side, FieldSet),
    /// A cancelled occurrence cannot take place again.
    Cancelled,
    /// People would be told of something that is over.
    Over,
    /// It is somebody else's meeting, to which only its organiser can invite.
    Foreign,
    /// The item is not kept in step at present.
    Left,
}

impl Unfit {
    /// What to say, and what can be done instead.
    pub fn sentence(self) -> String {
        let names = |groups: FieldSet| groups.iter().map(FieldGroup::label).collect::<Vec<_>>().join(", ");
        match self {
            Self::Gone => "The item is not on both sides any more, so there is nothing to put back.".to_owned(),
            Self::Changed(groups) => format!(
                "The item has been edited since ({}), and that edit is not overwritten. Edit the item by hand.",
                names(groups)
            ),
            Self::Direction(side) => format!(
                "The direction of the synchronization does not allow writing {side}. Edit the item by hand, or \
                 change the direction."
            ),
            Self::Unwritable(side, groups) => format!(
                "{} cannot be written to this item in {side}: somebody else decides it, or it cannot be taken back.",
                first_upper(&names(groups))
            ),
            Self::Cancelled => {
                "A cancelled occurrence cannot take place again in Outlook. Create an event of its own for it."
                    .to_owned()
            }
            Self::Over => "The guests would get a mail about something that is over. Nothing was changed.".to_owned(),
            Self::Foreign => {
                "It is somebody else's meeting: only its organizer can invite to it again. Ask for an invitation."
                    .to_owned()
            }
            Self::Left => {
                "The item is not kept in step at present; its report says why. Try again when it is.".to_owned()
            }
        }
    }
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Undo {
    /// What takes back the conflicts of `merged`, which was decided between these
    /// ends; none where nothing of it could be.
    pub fn of_merge(
        policy: Policy,
        (crm, m365): (&PresentEnd, &PresentEnd),
        merged: &Merge,
        merging: Merging<'_>,
    ) -> Option<Self> {
        let (_, winner) = merged.kept(policy);
        let loser = winner.other();
        let end = |side| if side == Side::Crm { crm } else { m365 };
        // What gave way to an organiser's version was nobody's to decide.
        let decided: FieldSet = merged.conflicts.iter().map(|conflict| conflict.group).collect();
        let decided = decided.without(merged.yielded);
        let outcome = end(winner).now.overlaid(merged.to(winner));
        let otherwise = match policy.mode {
            SyncMode::Bidirectional => {
                let merged = merging(policy.won_by(loser), crm, m365);
                end(loser).now.overlaid(merged.to(loser))
            }
            // A target's edit is its own as a whole.
            SyncMode::CrmToM365 | SyncMode::M365ToCrm => end(loser).now.clone(),
        };
        let differs = |group: &FieldGroup| match (outcome.get(*group), otherwise.get(*group)) {
            (Some(one), Some(two)) => !stands(one, two, two),
            (Some(_) | None, None) | (None, Some(_)) => false,
        };
        let groups: FieldSet = decided.iter().filter(differs).collect();
        let base = |conflict: &GroupConflict| conflict.base.clone().filter(|base| groups.contains(base.group()));
        (!groups.is_empty()).then(|| Self::Groups {
            by: loser,
            base: merged.conflicts.iter().filter_map(base).collect(),
            outcome: outcome.only(groups),
            restored: otherwise.only(groups),
        })
    }

    /// What undoes the undoing, once that is carried out.
    #[must_use]
    pub fn inverse(&self, situation: &Situation) -> Self {
        match self {
            Self::Groups { by, base, outcome, restored } => Self::Groups {
                by: by.other(),
                base: base.clone(),
                outcome: restored.clone(),
                restored: outcome.clone(),
            },
            Self::BringBack { record, .. } => Self::Remove { of: Side::Crm, outcome: record.clone() },
            Self::Remove { .. } => {
                let shown = |end: &End| match end {
                    End::Present(end) => end.now.clone(),
                    End::Absent | End::Gone | End::Forgone => Record::NONE,
                };
                // The CRM may hold less.
                let record = shown(&situation.m365).overlaid(&shown(&situation.crm));
                Self::BringBack { record, organizes: true }
            }
        }
    }

    /// Both versions as a record of the undoing shows them.
    pub fn versions(&self) -> Vec<GroupConflict> {
        let versions =
            |group: FieldGroup, base: Option<&Record>, by: Side, back: Option<&Record>, out: Option<&Record>| {
                let of = |record: Option<&Record>| record.and_then(|record| record.get(group)).cloned();
                let (crm, m365) = if by == Side::Crm { (of(back), of(out)) } else { (of(out), of(back)) };
                GroupConflict { group, base: of(base), crm, m365 }
            };
        match self {
            Self::Groups { by, base, outcome, restored } => {
                let one = |group| versions(group, Some(base), *by, Some(restored), Some(outcome));
                restored.groups().iter().map(one).collect()
            }
            Self::BringBack { record, .. } => {
                record.groups().iter().map(|group| versions(group, None, Side::Crm, Some(record), None)).collect()
            }
            Self::Remove { of, outcome } => {
                let one = |group| versions(group, Some(outcome), of.other(), None, Some(outcome));
                outcome.groups().iter().map(one).collect()
            }
        }
    }

    /// The side whose version is kept after the undoing.
    pub const fn winner(&self) -> Side {
        match self {
            Self::Groups { by, .. } => *by,
            Self::BringBack { .. } => Side::Crm,
            Self::Remove { of, .. } => of.other(),
        }
    }
}

/// Plans what takes a decision back. `situation` is one about which nothing else
/// is to be decided.
pub fn reverse(policy: Policy, undo: &Undo, situation: &Situation, merging: Merging<'_>) -> Reversal {
    match undo {
        Undo::Groups { by, outcome, restored, .. } => match (&situation.crm, &situation.m365) {
            (End::Present(crm), End::Present(m365)) => {
                put_back(&PutBack { policy, by: *by, outcome, restored, crm, m365 }, undo, merging)
            }
            _ => Reversal::Refused(Unfit::Gone),
        },
        Undo::BringBack { record, organizes } => bring_back(policy, record, *organizes),
        Undo::Remove { of, outcome } => remove(policy, *of, outcome, situation),
    }
}

fn bring_back(policy: Policy, record: &Record, organizes: bool) -> Reversal {
    if !organizes {
        return Reversal::Refused(Unfit::Foreign);
    }
    if !policy.writes(Side::Crm) {
        return Reversal::Refused(Unfit::Direction(Side::Crm));
    }
    // It is a new item, to which nobody has answered yet.
    let record = record.without(FieldGroup::Response);
    Reversal::Planned(Box::new(Decision::Create { on: Side::Crm, record, conflicts: Vec::new() }))
}

/// Microsoft's item goes first, and the CRM's follows it as any deletion would.
fn remove(policy: Policy, of: Side, outcome: &Record, situation: &Situation) -> Reversal {
    let (End::Present(crm), End::Present(m365)) = (&situation.crm, &situation.m365) else {
        return Reversal::Done;
    };
    let barred = [Side::Crm, Side::M365].into_iter().find(|side| !policy.writes(*side));
    if let Some(side) = barred {
        return Reversal::Refused(Unfit::Direction(side));
    }
    let shown = if of == Side::Crm { crm } else { m365 };
    let is_edited = |group: &FieldGroup| {
        let (before, now) = (outcome.get(*group), shown.now.get(*group));
        *group != FieldGroup::Response
            && before.zip(now).is_some_and(|(before, now)| !(stands(before, now, now) || before.same_as(now)))
    };
    let edited: FieldSet = FieldGroup::ALL.into_iter().filter(is_edited).collect();
    let edited = edited.union(crm.changes()).union(m365.changes());
    if edited.is_empty() {
        Reversal::Planned(Box::new(Decision::Delete {
            on: Side::M365,
            conflicts: Vec::new(),
            evidence: Evidence::Request,
        }))
    } else {
        Reversal::Refused(Unfit::Changed(edited))
    }
}

/// What is put back, and between which ends.
struct PutBack<'a> {
    policy: Policy,
    /// Whose version comes back.
    by: Side,
    outcome: &'a Record,
    restored: &'a Record,
    crm: &'a PresentEnd,
    m365: &'a PresentEnd,
}

impl PutBack<'_> {
    const fn end(&self, side: Side) -> &PresentEnd {
        match side {
            Side::Crm => self.crm,
            Side::M365 => self.m365,
        }
    }

    /// The value that a group has, and the one that it gets.
    fn values(&self, group: FieldGroup) -> Option<(&FieldValue, &FieldValue)> {
        self.outcome.get(group).zip(self.restored.get(group))
    }

    /// Whether a side shows the value of a group that comes back.
    fn is_back(&self, side: Side, group: FieldGroup) -> bool {
        self.values(group).is_some_and(|(was, back)| self.shows(side, group, back, was))
    }

    fn shows(&self, side: Side, group: FieldGroup, wanted: &FieldValue, other: &FieldValue) -> bool {
        let end = self.end(side);
        !end.holds.contains(group) || end.now.get(group).is_some_and(|now| stands(wanted, other, now))
    }

    /// Whether the decision still stands, edited by nobody. In one direction, the
    /// target's own version of it is an edit by itself.
    fn is_as_decided(&self, group: FieldGroup) -> bool {
        let own =
            |side: Side| self.policy.mode != SyncMode::Bidirectional && self.policy.writes(side) && side != self.by;
        let stands = self.values(group).is_some_and(|(was, back)| self.shows(self.by.other(), group, was, back));
        stands && [Side::Crm, Side::M365].into_iter().all(|side| own(side) || !self.end(side).changed(group))
    }

    /// A side as if somebody had just edited it to what comes back of these groups.
    fn edited(&self, side: Side, groups: FieldSet) -> PresentEnd {
        let mut end = self.end(side).clone();
        for (was, back) in groups.iter().filter_map(|group| self.values(group)) {
            let now = end.now.get(back.group()).cloned().unwrap_or_else(|| was.clone());
            // A source that is not written shows it already.
            let is_back = self.is_back(side, back.group());
            end.base.set(if is_back { with_difference(back, was, &now, side) } else { now.clone() });
            end.now.set(with_difference(was, back, &now, side));
        }
        end
    }

    /// A side on which these groups are agreed on as it shows them.
    fn agreed(&self, side: Side, groups: FieldSet) -> PresentEnd {
        let end = self.end(side).clone();
        let base = end.base.overlaid(&end.now.only(groups));
        PresentEnd { base, ..end }
    }
}

fn put_back(put: &PutBack<'_>, undo: &Undo, merging: Merging<'_>) -> Reversal {
    let (policy, by) = (put.policy, put.by);
    let sides: Vec<Side> = [Side::Crm, Side::M365].into_iter().filter(|side| policy.writes(*side)).collect();
    let open: FieldSet =
        put.restored.groups().iter().filter(|group| !sides.iter().all(|side| put.is_back(*side, *group))).collect();
    if open.is_empty() {
        return Reversal::Done;
    }
    // A source that is not written has to show it already, unless it is the
    // target's own.
    if !policy.writes(by) && !open.iter().all(|group| put.is_back(by, group)) {
        return Reversal::Refused(Unfit::Direction(by));
    }
    let edited: FieldSet = open.iter().filter(|group| !put.is_as_decided(*group)).collect();
    if !edited.is_empty() {
        return Reversal::Refused(Unfit::Changed(edited));
    }
    let both = Policy { mode: SyncMode::Bidirectional, ..policy };
    let from_m365 = merging(both.won_by(Side::M365), &put.agreed(Side::Crm, open), &put.edited(Side::M365, open));
    let from_crm = merging(both.won_by(Side::Crm), &put.edited(Side::Crm, open), &put.agreed(Side::M365, open));
    let writes = |side, record: &Record| if policy.writes(side) { record.clone() } else { Record::NONE };
    let conflicts = undo.versions().into_iter().filter(|versions| open.contains(versions.group)).collect();
    let mut merged = Merge {
        to_crm: writes(Side::Crm, &from_m365.to_crm),
        to_m365: writes(Side::M365, &from_crm.to_m365),
        settled: from_m365.settled.intersection(from_crm.settled),
        unwritable_crm: from_m365.unwritable_crm,
        unwritable_m365: from_crm.unwritable_m365,
        open_days: &from_m365.open_days | &from_crm.open_days,
        barred_days: from_crm.barred_days,
        reversed: open,
        conflicts,
        ..Merge::default()
    };
    if policy.mode != SyncMode::Bidirectional {
        let own = merged.to(by).groups().union(merged.to(by.other()).groups()).union(open);
        let settled = merging(policy, put.crm, put.m365).settled;
        // The target's version is its own edit, and the source's is what is agreed.
        merged.settled = if policy.writes(by) { settled.without(own) } else { settled.union(own) };
    }
    Reversal::Planned(Box::new(Decision::Merge(merged)))
}

/// Why `decision` would not take back all that it is meant to, after the firewall
/// has looked at it.
pub fn falls_short(policy: Policy, undo: &Undo, decision: &Decision, situation: &Situation) -> Option<Unfit> {
    let merged = match decision {
        Decision::Create { .. } | Decision::Delete { .. } => return None,
        Decision::Withhold => return Some(Unfit::Over),
        Decision::Ignore | Decision::Keep | Decision::Close => return Some(Unfit::Left),
        Decision::Merge(merged) => merged,
    };
    let Undo::Groups { restored, .. } = undo else { return Some(Unfit::Left) };
    let meant = merged.reversed;
    let meant = if meant.intersection(TIMING).is_empty() { meant } else { meant.union(TIMING) };
    if !merged.withheld_m365.intersection(meant).is_empty() {
        return Some(Unfit::Over);
    }
    if meant.contains(FieldGroup::Exceptions) && !merged.open_days.is_empty() {
        return Some(Unfit::Cancelled);
    }
    for (side, barred, shown) in
        [(Side::Crm, merged.unwritable_crm, &situation.crm), (Side::M365, merged.unwritable_m365, &situation.m365)]
    {
        let End::Present(end) = shown else { return Some(Unfit::Gone) };
        if !policy.writes(side) {
            continue;
        }
        // Sets are written where somebody sees a difference.
        let is_set = |group| matches!(group, FieldGroup::Attendees | FieldGroup::Categories | FieldGroup::Exceptions);
        let arrives = |group: FieldGroup| {
            !end.holds.contains(group)
                || merged.to(side).get(group).is_some()
                || is_set(group)
                || restored.get(group).is_some_and(|value| end.shows(value))
        };
        let missing: FieldSet = merged.reversed.iter().filter(|group| !arrives(*group)).collect();
        let missing = missing.union(barred.intersection(meant));
        if !missing.is_empty() {
            return Some(Unfit::Unwritable(side, missing));
        }
    }
    None
}
