//! What became of each edit of a user.

use std::collections::BTreeMap;

use crate::model::FieldGroup;
use crate::sync::{Link, Side};

use super::edits::{Aspect, Look, Open};
use super::items::Item;
use super::kind::Kind;
use super::run::{Report, World, id_of};

/// What has arrived, or was recorded, may be changed by others from now on.
pub fn forget_settled(world: &mut World, report: &Report) {
    forget_left_out(world, report);
    let open = world.edits.open.clone();
    for ((side, id, aspect), edit) in &open {
        let stands = stands_on(world, *side, id, aspect, edit) || is_still_to_come_back(world, *side, id, aspect);
        let recorded = is_recorded(report, *side, id, aspect, edit);
        let arrived = has_moved_over(world, *side, id, aspect, edit)
            || stands && matches!(reason_to_wait(world, *side, id, aspect, edit, None, &open), Fate::Settled);
        if arrived || (recorded && !stands) {
            world.edits.open.remove(&(*side, id.clone(), aspect.clone()));
        }
    }
}

fn is_recorded(report: &Report, side: Side, id: &str, aspect: &Aspect, edit: &Open) -> bool {
    let conflicts = report.recorded.get(&(side, id.to_owned()));
    conflicts.is_some_and(|conflicts| aspect.is_recorded(side, &edit.after, conflicts))
}

fn forget_left_out(world: &mut World, report: &Report) {
    for (side, id, groups) in &report.left_out {
        let left_out = |aspect: &Aspect| groups.contains(aspect.group());
        world.edits.open.retain(|(of, event, aspect), _| !(of == side && event == id && left_out(aspect)));
    }
}

/// Every edit is shown on both sides, or recorded, or still open where it was
/// made, for a reason.
pub fn no_edit_is_lost(world: &mut World, report: &Report, refused: Option<Side>, told: &dyn Fn() -> String) {
    forget_left_out(world, report);
    let open = world.edits.open.clone();
    for ((side, id, aspect), edit) in &open {
        let recorded = is_recorded(report, *side, id, aspect, edit);
        // Entries of a set are joined: the record of one excuses no other.
        let whole = matches!(aspect, Aspect::Group(_));
        if recorded && (whole || !stands_on(world, *side, id, aspect, edit)) {
            world.edits.open.remove(&(*side, id.clone(), aspect.clone()));
            continue;
        }
        if is_still_to_come_back(world, *side, id, aspect) {
            continue;
        }
        // With the rule went its days.
        let event = world.collection(*side).items.get(id);
        if matches!(aspect, Aspect::Day(..)) && event.is_some_and(|event| event.record.rule().is_none()) {
            world.edits.open.remove(&(*side, id.clone(), aspect.clone()));
            continue;
        }
        let is_refused = is_refused(world, *side, id, aspect);
        let stands = stands_on(world, *side, id, aspect, edit);
        if has_moved_over(world, *side, id, aspect, edit) || (is_refused && !stands) {
            world.edits.open.remove(&(*side, id.clone(), aspect.clone()));
            continue;
        }
        let what = || format!("the edit of {aspect:?} to {:?} of {id} on {side}", edit.after);
        assert!(stands, "{} is lost without a record\n{}", what(), told());
        match reason_to_wait(world, *side, id, aspect, edit, refused, &open) {
            Fate::Settled => _ = world.edits.open.remove(&(*side, id.clone(), aspect.clone())),
            Fate::Waits => {}
            Fate::Forgotten if is_refused => {}
            Fate::Forgotten => panic!("{} did not arrive on the other side\n{}", what(), told()),
        }
    }
}

/// Whether the CRM has refused this group, which the user was told.
pub fn is_refused(world: &World, side: Side, id: &str, aspect: &Aspect) -> bool {
    let link = world.links.values().find(|link| id_of(link, side) == id);
    link.and_then(|link| world.refused.get(&link.id)).is_some_and(|groups| groups.contains(aspect.group()))
}

/// Whether its own side has no place for it any more, and the other one shows it.
fn has_moved_over(world: &World, side: Side, id: &str, aspect: &Aspect, edit: &Open) -> bool {
    let other = side.other();
    let link = world.links.values().find(|link| id_of(link, side) == id);
    let across = link.and_then(|link| world.collection(other).items.get(id_of(link, other)));
    let item = world.collection(side).items.get(id);
    !world.kind.has_place(side, aspect, item)
        && across.is_some_and(|across| edit.after.is_kept_by(&aspect.look(&across.record)))
}

fn has_room(world: &World, side: Side, aspect: &Aspect, item: &Item) -> bool {
    world.kind.holds(side).contains(aspect.group()) && world.kind.has_place(side, aspect, Some(item))
}

/// Whether our own write has taken it from Microsoft, and knows that.
fn is_still_to_come_back(world: &World, side: Side, id: &str, aspect: &Aspect) -> bool {
    let link = world.links.values().find(|link| id_of(link, side) == id);
    let unfinished = link.and_then(|link| link.m365.unfinished.as_ref());
    match (aspect, unfinished) {
        (Aspect::Day(day, _), Some(unfinished)) => side == Side::M365 && unfinished.exceptions.contains_key(day),
        (Aspect::Day(..) | Aspect::Group(_) | Aspect::Guest(_) | Aspect::Category(_), _) => false,
    }
}

fn stands_on(world: &World, side: Side, id: &str, aspect: &Aspect, edit: &Open) -> bool {
    let event = world.collection(side).items.get(id);
    event.is_some_and(|event| edit.after.is_kept_by(&aspect.look(&event.record)))
}

enum Fate {
    Settled,
    Waits,
    Forgotten,
}

type AllOpen = BTreeMap<(Side, String, Aspect), Open>;

/// The edit still stands on its own side; what about the other one?
fn reason_to_wait(
    world: &World,
    side: Side,
    id: &str,
    aspect: &Aspect,
    edit: &Open,
    refused: Option<Side>,
    open: &AllOpen,
) -> Fate {
    let other = side.other();
    let across = world.links.values().find(|link| id_of(link, side) == id).map(|link| id_of(link, other));
    let across_event = across.and_then(|across| world.collection(other).items.get_key_value(across));
    if let Some((across, event)) = across_event {
        let shown_across = aspect.look(&event.record);
        // A side that shows less may look as if it knew an edit that never went
        // there.
        // A single event says nothing of days.
        let has_day = !matches!(aspect, Aspect::Day(..)) || event.record.rule().is_some();
        // What looks alike in the CRM needs no write to be agreed on.
        let is_task = matches!(world.kind, Kind::Tasks(_));
        // A CRM that is not written may have no reminder because it had no date.
        let is_never_held = is_task && !world.policy.writes(other) && aspect.group() == FieldGroup::Reminder;
        let knows = world.policy.writes(other) && (is_task || refused != Some(other))
            || world.kind.has_place(other, aspect, Some(event))
                && has_day
                && !(other == Side::Crm && is_never_held)
                && edit.after.is_kept_by(&shown_across.on(world.kind, side));
        // The CRM knows a task of To Do's by what it shows of it: without a date on
        // either side, no reminder.
        let own = world.collection(side).items.get(id);
        let is_unshown =
            side == Side::Crm && [own, Some(event)].iter().all(|item| !world.kind.has_place(Side::Crm, aspect, *item));
        let is_shown = is_task && edit.after.is_kept_by(&shown_across.on(world.kind, side));
        if is_task && is_unshown && world.policy.writes(Side::Crm) {
            return Fate::Settled;
        }
        // Whoever has made the same edit knows it.
        let theirs = open.get(&(other, across.clone(), aspect.clone()));
        let knows = knows || theirs.is_some_and(|theirs| theirs.after == edit.after);
        if knows && (is_shown || edit.after.on(world.kind, other).is_kept_by(&shown_across)) {
            return Fate::Settled;
        }
    }
    if !world.policy.writes(other) {
        return Fate::Waits;
    }
    let group = aspect.group();
    let link = world.links.values().find(|link| id_of(link, side) == id);
    // People would be notified, of this or of what is put over it.
    let withheld = link.and_then(|link| world.withheld.get(&link.id)).is_some_and(|groups| groups.contains(group));
    if withheld && world.kind.has_place(other, aspect, across_event.map(|(_, item)| item)) {
        return Fate::Waits;
    }
    // The other side's series does not have the day, or it cannot be brought back.
    if let (Aspect::Day(day, _), Some(link)) = (aspect, link)
        && world.open_days.get(&link.id).is_some_and(|days| days.contains(day))
    {
        return Fate::Waits;
    }
    // A guest's answer is the guest's own.
    if let (Side::Crm, Some((_, event)), Look::Guest(Some(_))) = (side, across_event, &edit.after)
        && [&aspect.look(&event.record), &edit.before].into_iter().any(|look| matches!(look, Look::Guest(Some(_))))
    {
        return Fate::Settled;
    }
    match across_event {
        Some((_, item)) if !has_room(world, other, aspect, item) => Fate::Settled,
        None | Some(_) if refused == Some(other) => Fate::Waits,
        None if refused.is_some() => Fate::Waits,
        // The target has deleted what had arrived in part.
        None if link.is_some_and(Link::is_unfinished) => Fate::Waits,
        // Its deletion waits, too.
        None if link.is_some_and(|link| world.withheld.contains_key(&link.id)) => Fate::Waits,
        Some((_, event)) if refused.is_some() || !event.accepts(group) => Fate::Waits,
        // The other side's edit of the same thing wins, but may not be written.
        Some((across, _))
            if !world.collection(side).items[id].accepts(group)
                && aspect.decided_with().any(|aspect| open.contains_key(&(other, across.clone(), aspect))) =>
        {
            Fate::Waits
        }
        None | Some(_) => Fate::Forgotten,
    }
}
