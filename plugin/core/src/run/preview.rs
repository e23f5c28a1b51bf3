//! What a run would do, for people: every write, and every mail that Microsoft
//! would send about it.

use std::collections::BTreeSet;

use crate::model::{FieldSet, FieldValue, Record};
use crate::ports::Ports;
use crate::sync::{Decision, End, NoticeKind, Side, Undo};

use super::plan::ITEMS_PER_ROUND;
use super::report::{Halt, PlannedAction, PlannedNotice, PlannedOperation, Preview, ReversalPreview};
use super::resource::Resource;
use super::step::Step;
use super::work::Work;

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// What all decisions would write.
    pub(super) fn plan_everything(&mut self) -> Result<Preview, Halt> {
        let mut preview = Preview::default();
        let mut people = BTreeSet::new();
        let items = R::items(self)?;
        // Shown all the same: whoever is to release it wants to know what it holds.
        self.doubted(&items)?;
        for items in items.chunks(ITEMS_PER_ROUND) {
            self.check_time()?;
            for work in self.plan(items)? {
                preview.conflicts += u32::from(self.conflict_of(&work).is_some());
                preview.adopted += u32::from(work.adopted);
                if let Some(notice) = &work.notice {
                    preview.invitations += 1;
                    people.extend(notice.people.iter().cloned());
                }
                R::report_left(self, &work);
                preview.operations.extend(operations(&work));
            }
        }
        preview.people = u32::try_from(people.len()).unwrap_or(u32::MAX);
        Ok(preview)
    }
}

impl<P: Ports, R: Resource> Step<'_, P, R> {
    /// What a work would lead to that takes a decision back, in all passes that it
    /// needs.
    pub(super) fn reversal_preview(&mut self, undo: &Undo, work: &Work) -> ReversalPreview {
        let mut operations = operations(work);
        let mut people: BTreeSet<_> = work.notice.iter().flat_map(|notice| notice.people.clone()).collect();
        let mut invitations = u32::from(work.notice.is_some());
        let number = |people: &BTreeSet<_>| u32::try_from(people.len()).unwrap_or(u32::MAX);
        let then = |side, action, record: &Record, notice| PlannedOperation {
            side,
            action,
            record: record.clone(),
            groups: if action == PlannedAction::Create { filled_in(record) } else { FieldSet::EMPTY },
            notice,
        };
        match undo {
            Undo::Groups { .. } => {}
            Undo::Remove { outcome, .. } => {
                operations.push(then(Side::Crm, PlannedAction::Delete, outcome, None));
            }
            Undo::BringBack { record, .. } => {
                operations = vec![then(Side::Crm, PlannedAction::Create, record, None)];
                if self.policy.writes(Side::M365) {
                    people = crate::sync::invited(record);
                    let is_told = !people.is_empty() && !crate::sync::is_over(record, self.ports.now());
                    if !is_told {
                        people.clear();
                    }
                    invitations = u32::from(is_told);
                    let notice =
                        is_told.then(|| PlannedNotice { kind: NoticeKind::Invitation, people: number(&people) });
                    operations.push(then(Side::M365, PlannedAction::Create, record, notice));
                }
            }
        }
        ReversalPreview { operations, invitations, people: number(&people), waits: false }
    }
}

/// What a new item has: the groups in which there is more than an item has that nobody
/// has said anything about.
fn filled_in(record: &Record) -> FieldSet {
    record.values().filter(|value| !value.is_blank()).map(FieldValue::group).collect()
}

/// The writes of one decision.
fn operations(work: &Work) -> Vec<PlannedOperation> {
    let shown = |end: &End| match end {
        End::Present(end) => Some(end.now.clone()),
        End::Absent | End::Gone | End::Forgone => None,
    };
    let record = shown(&work.situation.crm).or_else(|| shown(&work.situation.m365)).unwrap_or_default();
    let operation = |side, action, groups| {
        let notice = match side {
            Side::M365 => work.notice.as_ref().map(|notice| PlannedNotice {
                kind: notice.kind,
                people: u32::try_from(notice.people.len()).unwrap_or(u32::MAX),
            }),
            Side::Crm => None,
        };
        PlannedOperation { side, action, record: record.clone(), groups, notice }
    };
    match &work.decision {
        Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => Vec::new(),
        Decision::Create { on, record, .. } => vec![operation(*on, PlannedAction::Create, filled_in(record))],
        Decision::Delete { on, .. } => vec![operation(*on, PlannedAction::Delete, FieldSet::EMPTY)],
        Decision::Merge(merge) => [(Side::M365, &merge.to_m365), (Side::Crm, &merge.to_crm)]
            .into_iter()
            .filter(|(_, record)| !record.is_empty())
            .map(|(side, record)| operation(side, PlannedAction::Update, record.groups()))
            .collect(),
    }
}
