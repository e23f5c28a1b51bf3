//! Distrusts what is taken back: whether somebody has asked for it, and whether it
//! is that and no more.
//!
//! On purpose, this does not plan it again, but compares what is about to be
//! written with what was kept.

use crate::model::{FieldGroup, FieldSet, LinkId};

use super::check::Impossible;
use super::{Decision, End, Evidence, Side, Situation, Undo};

/// Groups that are written beside another one that says when a series takes
/// place.
const BESIDE: FieldSet =
    FieldSet::EMPTY.with(FieldGroup::Time).with(FieldGroup::Recurrence).with(FieldGroup::Exceptions);

/// Every decision that takes something back that nobody has asked for, given what
/// was kept of the decision that each item was asked about, if it was.
pub fn check_reversals<'a>(
    items: impl IntoIterator<Item = (&'a LinkId, &'a Situation, &'a Decision, Option<&'a Undo>)>,
) -> Vec<Impossible> {
    let mut found = Vec::new();
    for (link, situation, decision, asked) in items {
        if !is_asked_for(situation, decision, asked) {
            found.push(Impossible::NotAskedFor(link.clone()));
        }
    }
    found
}

fn is_asked_for(situation: &Situation, decision: &Decision, asked: Option<&Undo>) -> bool {
    match (decision, asked) {
        (Decision::Delete { evidence, .. }, asked) => match evidence {
            Evidence::Deletion => asked.is_none(),
            Evidence::Request => matches!(asked, Some(Undo::Remove { .. })),
        },
        (Decision::Merge(merge), None) => merge.reversed.is_empty(),
        (Decision::Merge(merge), Some(Undo::Groups { outcome, restored, .. })) => {
            let asked = outcome.groups().intersection(restored.groups());
            let may = if asked.intersection(BESIDE).is_empty() { asked } else { asked.union(BESIDE) };
            // The reminder of a task moves along with its date.
            let moves = asked.contains(FieldGroup::Due);
            let may = if moves { may.with(FieldGroup::Reminder) } else { may };
            let changed = |end: &End| match end {
                End::Present(end) => end.changes(),
                End::Absent | End::Gone | End::Forgone => FieldSet::EMPTY,
            };
            let flows = changed(&situation.crm).union(changed(&situation.m365));
            let written = merge.to(Side::Crm).groups().union(merge.to(Side::M365).groups());
            let recorded: FieldSet = merge.conflicts.iter().map(|conflict| conflict.group).collect();
            !merge.reversed.is_empty()
                && merge.reversed.without(recorded).is_empty()
                && merge.reversed.without(asked).is_empty()
                && written.without(may).without(flows).is_empty()
        }
        (Decision::Merge(_), Some(Undo::BringBack { .. } | Undo::Remove { .. })) => false,
        (Decision::Create { on, record, .. }, Some(Undo::BringBack { record: kept, .. })) => {
            *on == Side::Crm && record.groups().without(kept.groups()).is_empty()
        }
        (Decision::Create { .. } | Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold, asked) => {
            asked.is_none()
        }
    }
}
