//! Distrusts a plan: what no plan may contain, whatever the planner thought.
//!
//! Run before every execution and in every test of the planner. A finding is a
//! defect of the planner; the run stops before anything is written.

use thiserror::Error;

use crate::model::{AttendeeStatus, FieldGroup, FieldSet, FieldValue, LinkId, Occurrence, Record};

use super::{Decision, End, Evidence, Merge, Policy, PresentEnd, Side, Situation};

pub use super::check_notices::check_notices;
pub use super::check_reversals::check_reversals;

/// Something that must not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Impossible {
    /// The direction forbids it.
    #[error("expected no write to {side} in this direction, but found one for {link}")]
    AgainstDirection {
        /// Whose link.
        link: LinkId,
        /// Where.
        side: Side,
    },
    /// One item twice.
    #[error("expected one decision for each item, but found two for {0}")]
    Twice(LinkId),
    /// A deletion without a confirmed deletion across.
    #[error("expected evidence for a deletion, but found none for {0}")]
    DeletionWithoutEvidence(LinkId),
    /// A creation where the item is.
    #[error("expected no item where one is to be created, but found one for {0}")]
    CreatedTwice(LinkId),
    /// A creation without title or time.
    #[error("expected a title and a time to create from, but found less for {0}")]
    Incomplete(LinkId),
    /// A group that may not be written.
    #[error("expected only writable groups, but found `{group}` for {link}")]
    Unwritable {
        /// Whose link.
        link: LinkId,
        /// Which group.
        group: FieldGroup,
    },
    /// People would be told of something that no person's edit is the reason for.
    #[error("expected a person's edit behind every notice, but found none for {0}")]
    UnjustifiedNotice(LinkId),
    /// A time of a series without its rule, or a rule without a time.
    #[error("expected time and rule of a series together, but found one for {0}")]
    HalfTiming(LinkId),
    /// Exceptions of an item that is no series.
    #[error("expected exceptions in a series alone, but found some for {0}")]
    ExceptionsOfSingle(LinkId),
    /// A series is written anew without saying what becomes of its exceptions.
    #[error("expected all exceptions with a new time or rule, but found none for {0}")]
    ExceptionsForgotten(LinkId),
    /// A cancelled occurrence would take place again.
    #[error("expected cancelled occurrences to stay so, but found one brought back for {0}")]
    BroughtBack(LinkId),
    /// An earlier decision would be taken back that nobody has asked for, or more
    /// of it than was asked for.
    #[error("expected a person's wish behind everything that is taken back, but found none for {0}")]
    NotAskedFor(LinkId),
    /// An edit is given up without a record.
    #[error("expected a record of every edit that is given up, but found none for {0}")]
    SilentLoss(LinkId),
}

/// Every reason why these decisions must not be carried out.
pub fn check<'a>(
    policy: Policy,
    decisions: impl IntoIterator<Item = (&'a LinkId, &'a Situation, &'a Decision)>,
) -> Vec<Impossible> {
    let mut found = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (link, situation, decision) in decisions {
        if !seen.insert(link) {
            found.push(Impossible::Twice(link.clone()));
        }
        match decision {
            Decision::Ignore | Decision::Keep | Decision::Close | Decision::Withhold => {}
            Decision::Create { on, record, .. } => {
                direction(policy, link, *on, &mut found);
                if matches!(end(situation, *on), End::Present(_)) {
                    found.push(Impossible::CreatedTwice(link.clone()));
                }
                // A task need not be due on any day.
                let has_time = record.time().is_some() || record.get(FieldGroup::Due).is_some();
                if record.get(FieldGroup::Title).is_none() || !has_time {
                    found.push(Impossible::Incomplete(link.clone()));
                }
                if record.rule().is_none() && !record.exceptions().is_empty() {
                    found.push(Impossible::ExceptionsOfSingle(link.clone()));
                }
            }
            Decision::Delete { on, conflicts, evidence } => {
                direction(policy, link, *on, &mut found);
                // What a person has asked for, `check_reversals` looks at.
                if *evidence == Evidence::Deletion && end(situation, on.other()) != &End::Gone {
                    found.push(Impossible::DeletionWithoutEvidence(link.clone()));
                }
                if let End::Present(lost) = end(situation, *on)
                    && lost.changes() != conflicts.iter().map(|conflict| conflict.group).collect()
                {
                    found.push(Impossible::SilentLoss(link.clone()));
                }
            }
            Decision::Merge(merge) => {
                for (side, record) in [(Side::Crm, &merge.to_crm), (Side::M365, &merge.to_m365)] {
                    if record.is_empty() {
                        continue;
                    }
                    direction(policy, link, side, &mut found);
                    writable(link, situation, side, record.groups(), &mut found);
                    losses(link, situation, side, merge, &mut found);
                    if let End::Present(target) = end(situation, side) {
                        series(link, side, target, record, &mut found);
                        if side == Side::M365 {
                            writable_days(link, target, record, &mut found);
                        }
                    }
                }
            }
        }
    }
    found
}

const fn end(situation: &Situation, side: Side) -> &End {
    match side {
        Side::Crm => &situation.crm,
        Side::M365 => &situation.m365,
    }
}

fn direction(policy: Policy, link: &LinkId, side: Side, found: &mut Vec<Impossible>) {
    if !policy.writes(side) {
        found.push(Impossible::AgainstDirection { link: link.clone(), side });
    }
}

fn writable(link: &LinkId, situation: &Situation, side: Side, groups: FieldSet, found: &mut Vec<Impossible>) {
    for group in groups.iter() {
        match end(situation, side) {
            End::Present(target) if target.accepts(group) => {}
            End::Present(_) | End::Absent | End::Gone | End::Forgone => {
                found.push(Impossible::Unwritable { link: link.clone(), group });
            }
        }
    }
}

/// Single days may be written as far as the series they are of.
fn writable_days(link: &LinkId, target: &PresentEnd, written: &Record, found: &mut Vec<Impossible>) {
    let anew = written.get(FieldGroup::Recurrence).is_some() || written.time().is_some();
    if written.get(FieldGroup::Exceptions).is_none() || anew {
        return;
    }
    let (before, after) = (target.exceptions_there(), written.exceptions());
    for day in before.keys().chain(after.keys()) {
        let groups: Vec<FieldGroup> = match (before.get(day), after.get(day)) {
            (Some(Occurrence::Cancelled), Some(Occurrence::Cancelled)) | (None, None) => Vec::new(),
            (Some(Occurrence::Cancelled), _) | (_, Some(Occurrence::Cancelled)) => vec![FieldGroup::Recurrence],
            (before, after) => {
                let value = |occurrence: Option<&Occurrence>, group| match occurrence {
                    Some(Occurrence::Changed(record)) => record.get(group).cloned(),
                    Some(Occurrence::Cancelled) | None => None,
                };
                let stands = |group: FieldGroup| match (value(before, group), value(after, group)) {
                    (Some(one), Some(two)) => one.same_as(&two),
                    (one, two) => one == two,
                };
                FieldGroup::ALL.into_iter().filter(|group| !stands(*group)).collect()
            }
        };
        let barred = groups.into_iter().filter(|group| !target.accepts(*group));
        found.extend(barred.map(|group| Impossible::Unwritable { link: link.clone(), group }));
    }
}

/// What holds for every write to a series, or to what becomes one.
fn series(link: &LinkId, side: Side, target: &PresentEnd, written: &Record, found: &mut Vec<Impossible>) {
    let after = target.now.overlaid(written);
    let has = |group| written.get(group).is_some();
    let (time, rule) = (has(FieldGroup::Time), has(FieldGroup::Recurrence));
    let in_series = after.rule().is_some();
    if target.holds.contains(FieldGroup::Recurrence) && ((rule && !time) || (in_series && time && !rule)) {
        found.push(Impossible::HalfTiming(link.clone()));
    }
    if has(FieldGroup::Exceptions) && !in_series {
        found.push(Impossible::ExceptionsOfSingle(link.clone()));
    }
    let anew = rule || time;
    if in_series && anew && !has(FieldGroup::Exceptions) && target.accepts(FieldGroup::Exceptions) {
        found.push(Impossible::ExceptionsForgotten(link.clone()));
    }
    let (before, after) = (target.exceptions_there(), after.exceptions());
    let brought_back = before.iter().any(|(day, occurrence)| {
        matches!(occurrence, Occurrence::Cancelled) && !matches!(after.get(day), Some(Occurrence::Cancelled))
    });
    if side == Side::M365 && has(FieldGroup::Exceptions) && !anew && brought_back {
        found.push(Impossible::BroughtBack(link.clone()));
    }
}

/// A write over an edit needs a record, except where sets were joined.
fn losses(link: &LinkId, situation: &Situation, side: Side, merge: &Merge, found: &mut Vec<Impossible>) {
    let record = match side {
        Side::Crm => &merge.to_crm,
        Side::M365 => &merge.to_m365,
    };
    let End::Present(target) = end(situation, side) else { return };
    for value in record.values() {
        let group = value.group();
        let joined = matches!(group, FieldGroup::Attendees | FieldGroup::Categories | FieldGroup::Exceptions);
        let recorded = merge.conflicts.iter().any(|conflict| conflict.group == group);
        let stands = target.now.get(group).is_some_and(|now| now.same_as(value));
        // No answer is nothing that could be lost.
        let unsaid = target.now.get(group) == Some(&FieldValue::Response(AttendeeStatus::None));
        if target.changed(group) && !recorded && !joined && !stands && !unsaid {
            found.push(Impossible::SilentLoss(link.clone()));
        }
    }
}
