//! Which decision for which situation.
//!
//! [`decide`] is the decision table of the product: one arm per situation, each
//! with its sentence of policy. It cannot fail and knows no ids: whatever it
//! says is carried out by [`crate::run`].

use crate::model::{FieldSet, Record};
use crate::settings::{ConflictRule, SyncMode};

use super::{End, GroupConflict, Merge, PresentEnd, Side, merge};

/// What the settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which sides are written.
    pub mode: SyncMode,
    /// Who wins, where both are.
    pub rule: ConflictRule,
}

impl Policy {
    /// Whether `side` may be written at all.
    pub const fn writes(self, side: Side) -> bool {
        match (self.mode, side) {
            (SyncMode::Bidirectional, _) | (SyncMode::CrmToM365, Side::M365) | (SyncMode::M365ToCrm, Side::Crm) => true,
            (SyncMode::CrmToM365, Side::Crm) | (SyncMode::M365ToCrm, Side::M365) => false,
        }
    }

    /// The same settings, if `side` were to win where both are written.
    #[must_use]
    pub const fn won_by(self, side: Side) -> Self {
        let rule = match side {
            Side::Crm => ConflictRule::CrmWins,
            Side::M365 => ConflictRule::M365Wins,
        };
        Self { rule, ..self }
    }

    /// The side that wins a conflict.
    pub const fn winner(self) -> Side {
        match (self.mode, self.rule) {
            (SyncMode::CrmToM365, _) | (SyncMode::Bidirectional, ConflictRule::CrmWins) => Side::Crm,
            (SyncMode::M365ToCrm, _) | (SyncMode::Bidirectional, ConflictRule::M365Wins) => Side::M365,
        }
    }
}

/// Both sides of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    /// In the CRM.
    pub crm: End,
    /// In Microsoft 365.
    pub m365: End,
}

impl Situation {
    /// What one side looks like.
    pub const fn end(&self, side: Side) -> &End {
        match side {
            Side::Crm => &self.crm,
            Side::M365 => &self.m365,
        }
    }
}

/// By what a deletion is justified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It is gone on the other side, and that is confirmed.
    Deletion,
    /// A person takes back that it was kept: see [`super::reversal`].
    Request,
}

/// What to do about one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing, and nothing to remember.
    Ignore,
    /// Nothing but to remember what was seen.
    Keep,
    /// Both sides are gone: forget the link.
    Close,
    /// Create it on `on` with these groups. Where the item had been deleted
    /// there against an edit, `conflicts` holds that edit.
    Create {
        /// Where.
        on: Side,
        /// With what.
        record: Record,
        /// The edits that were kept against a deletion.
        conflicts: Vec<GroupConflict>,
    },
    /// Delete it on `on`; `conflicts` holds the edits that are lost by that.
    Delete {
        /// Where.
        on: Side,
        /// The edits that are given up.
        conflicts: Vec<GroupConflict>,
        /// By what that is justified.
        evidence: Evidence,
    },
    /// Bring the groups of both sides together; perhaps without any write.
    Merge(Merge),
    /// A deletion in the CRM that would send cancellations which must not be
    /// sent: nothing is written, and the deletion stays open. Every further
    /// decision about the item comes back to it, and carries it out once its
    /// cause is a person's edit. See [`super::notify`].
    Withhold,
}

/// Decides about one item.
pub fn decide(policy: Policy, situation: &Situation) -> Decision {
    match (&situation.crm, &situation.m365) {
        (End::Present(crm), End::Present(m365)) => Decision::Merge(merge(policy, crm, m365)),

        // New on one side: it appears on the other, if that may be written.
        (End::Present(crm), End::Absent) => create(policy, Side::M365, crm, Vec::new(), Decision::Ignore),
        (End::Absent, End::Present(m365)) => create(policy, Side::Crm, m365, Vec::new(), Decision::Ignore),

        // Deleted on one side: the deletion meets an edit, or nothing.
        (End::Gone, End::Present(m365)) => deleted(policy, Side::Crm, m365),
        (End::Present(crm), End::Gone) => deleted(policy, Side::M365, crm),

        // Deleted long ago without effect: back only when the other side changes.
        (End::Forgone, End::Present(m365)) => revive(policy, Side::Crm, m365),
        (End::Present(crm), End::Forgone) => revive(policy, Side::M365, crm),

        // Nothing is left on either side.
        (End::Gone | End::Forgone, End::Gone | End::Forgone | End::Absent)
        | (End::Absent, End::Gone | End::Forgone) => Decision::Close,
        (End::Absent, End::Absent) => Decision::Ignore,
    }
}

/// Creates what `source` shows on `on`, or does `otherwise` where that side is
/// not written.
fn create(
    policy: Policy,
    on: Side,
    source: &PresentEnd,
    conflicts: Vec<GroupConflict>,
    otherwise: Decision,
) -> Decision {
    if policy.writes(on) {
        Decision::Create { on, record: source.now.only(source.holds), conflicts }
    } else {
        otherwise
    }
}

/// The item is gone on `gone_on`; `other` still shows it.
fn deleted(policy: Policy, gone_on: Side, other: &PresentEnd) -> Decision {
    let other_side = gone_on.other();
    let edited = other.changes() != FieldSet::EMPTY;
    let edits = || GroupConflict::of_deletion(other, other_side);
    let evidence = Evidence::Deletion;
    match policy.mode {
        // The deletion flows, unless it meets an edit and the edit's side wins.
        SyncMode::Bidirectional => match (edited, policy.winner() == gone_on) {
            (false, _) => Decision::Delete { on: other_side, conflicts: Vec::new(), evidence },
            (true, true) => Decision::Delete { on: other_side, conflicts: edits(), evidence },
            (true, false) => create(policy, gone_on, other, edits(), Decision::Keep),
        },
        SyncMode::CrmToM365 | SyncMode::M365ToCrm => {
            if policy.writes(other_side) {
                // The source deleted it: so does the target, its own edits included.
                Decision::Delete { on: other_side, conflicts: edits(), evidence }
            } else if edited {
                // The target deleted it, and the source has changed since.
                create(policy, gone_on, other, Vec::new(), Decision::Keep)
            } else {
                // The target deleted it: that stays so until the source changes.
                Decision::Keep
            }
        }
    }
}

/// The item was deleted on `gone_on` while that had no effect.
fn revive(policy: Policy, gone_on: Side, other: &PresentEnd) -> Decision {
    if other.changes() == FieldSet::EMPTY {
        Decision::Keep
    } else {
        create(policy, gone_on, other, Vec::new(), Decision::Keep)
    }
}
