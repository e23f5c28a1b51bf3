//! The laws: what holds after every run, whatever happened before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::{AttendeeStatus, CivilDate, FieldGroup, FieldValue, LinkId, Record};
use crate::settings::SyncMode;
use crate::sync::{Cause, Decision, End, EndState, Link, Side};

use super::History;
use super::calendar::{Event, has_place, holds, shown};
use super::edits::{Aspect, Look, Open};
use super::run::{Planned, Report, Trouble, World, graph_seen, id_of};

/// A run, and everything that has to be true of it.
pub fn sync(world: &mut World, trouble: Trouble, cause: Cause, history: &History) {
    let refused = match trouble {
        Trouble::Refuses(side) => Some(side),
        Trouble::Nothing | Trouble::Crash | Trouble::LostAnswer | Trouble::HalfWrites => None,
    };
    let before = world.clone();
    let mut again = world.clone();
    let report = world.sync(trouble, cause);
    let told = || story(history, &before, &report);

    assert_eq!(again.sync(trouble, cause), report, "the same input is decided differently\n{}", told());
    assert_eq!(&again, world, "the same input leads elsewhere\n{}", told());
    assert!(report.findings.is_empty(), "an impossible plan: {:?}\n{}", report.findings, told());
    a_source_is_untouched(world, &before, &told);
    nothing_is_deleted_without_a_deletion(&before, &report, &told);
    no_deletion_is_undone_silently(world, &report, &told);
    nobody_is_told_without_an_edit(&before, world, &report, cause, &told);
    if report.crashed || report.halves > 0 {
        // Half of it is done; what it comes to, shows the next run.
        forget_settled(world, &report);
        return;
    }
    no_edit_is_lost(world, &report, refused, &told);
    if refused.is_none() {
        both_sides_agree(world, &told);
        no_write_is_seen_as_a_change(world, &told);
        a_second_run_plans_nothing(world, cause, &told);
    }
}

/// Mail needs an edit of a user in the CRM, and something that is not over.
fn nobody_is_told_without_an_edit(
    before: &World,
    after: &World,
    report: &Report,
    cause: Cause,
    told: &dyn Fn() -> String,
) {
    for mail in &report.outbox {
        assert_eq!(cause, Cause::Edit, "mail about {} because of a comparison\n{}", mail.id, told());
        assert!(!mail.over, "mail about {}, which is over\n{}", mail.id, told());
        let links = before.links.values().chain(after.links.values());
        let mut crm = links.filter(|link| link.m365.id.as_str() == mail.id).map(|link| link.crm.id.as_str());
        assert!(crm.any(|id| before.touched.contains(id)), "mail about {} without an edit\n{}", mail.id, told());
    }
}

/// What has arrived, or was recorded, may be changed by others from now on.
fn forget_settled(world: &mut World, report: &Report) {
    forget_left_out(world, report);
    let open = world.edits.open.clone();
    for ((side, id, aspect), edit) in &open {
        let stands = stands_on(world, *side, id, aspect, edit) || is_still_to_come_back(world, *side, id, aspect);
        let recorded = is_recorded(report, *side, id, aspect, edit);
        let arrived = stands && matches!(reason_to_wait(world, *side, id, aspect, edit, None, &open), Fate::Settled);
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

fn a_source_is_untouched(world: &World, before: &World, told: &dyn Fn() -> String) {
    for side in [Side::Crm, Side::M365] {
        if !world.policy.writes(side) {
            let (now, then) = (&world.calendar(side).events, &before.calendar(side).events);
            assert_eq!(now, then, "{side} is the source, but was written\n{}", told());
        }
    }
}

fn nothing_is_deleted_without_a_deletion(before: &World, report: &Report, told: &dyn Fn() -> String) {
    for ((side, id), reason) in &report.deleted {
        let deleted = before.calendar(side.other()).deleted.contains(reason);
        assert!(deleted, "{id} was deleted on {side}, but {reason} was not deleted by a user\n{}", told());
    }
}

fn no_deletion_is_undone_silently(world: &World, report: &Report, told: &dyn Fn() -> String) {
    for planned in &report.plan {
        let gone = matches!((&planned.situation.crm, &planned.situation.m365), (End::Gone, _) | (_, End::Gone));
        if let (SyncMode::Bidirectional, true, Decision::Create { conflicts, .. }) =
            (world.policy.mode, gone, &planned.decision)
        {
            assert!(!conflicts.is_empty(), "a deletion was undone without a record\n{}", told());
        }
    }
}

/// Every edit is shown on both sides, or recorded, or still open where it was
/// made, for a reason.
fn no_edit_is_lost(world: &mut World, report: &Report, refused: Option<Side>, told: &dyn Fn() -> String) {
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
        let event = world.calendar(*side).events.get(id);
        if matches!(aspect, Aspect::Day(..)) && event.is_some_and(|event| event.record.rule().is_none()) {
            world.edits.open.remove(&(*side, id.clone(), aspect.clone()));
            continue;
        }
        let what = || format!("the edit of {aspect:?} to {:?} of {id} on {side}", edit.after);
        assert!(stands_on(world, *side, id, aspect, edit), "{} is lost without a record\n{}", what(), told());
        match reason_to_wait(world, *side, id, aspect, edit, refused, &open) {
            Fate::Settled => _ = world.edits.open.remove(&(*side, id.clone(), aspect.clone())),
            Fate::Waits => {}
            Fate::Forgotten => panic!("{} did not arrive on the other side\n{}", what(), told()),
        }
    }
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
    let event = world.calendar(side).events.get(id);
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
    let across_event = across.and_then(|across| world.calendar(other).events.get_key_value(across));
    if let Some((_, event)) = across_event {
        let shown_across = aspect.look(&event.record);
        // A side that shows less may look as if it knew an edit that never went
        // there.
        // A single event says nothing of days.
        let has_day = !matches!(aspect, Aspect::Day(..)) || event.record.rule().is_some();
        let knows = world.policy.writes(other) && refused != Some(other)
            || has_place(other, aspect) && has_day && edit.after.is_kept_by(&shown_across.on(side));
        if knows && edit.after.on(other).is_kept_by(&shown_across) {
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
    if withheld && has_place(other, aspect) {
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
        Some(_) if !holds(other).contains(group) || !has_place(other, aspect) => Fate::Settled,
        None | Some(_) if refused == Some(other) => Fate::Waits,
        None if refused.is_some() => Fate::Waits,
        // The target has deleted what had arrived in part.
        None if link.is_some_and(Link::is_unfinished) => Fate::Waits,
        // Its deletion waits, too.
        None if link.is_some_and(|link| world.withheld.contains_key(&link.id)) => Fate::Waits,
        Some((_, event)) if refused.is_some() || !event.writable.contains(group) => Fate::Waits,
        // The other side's edit of the same thing wins, but may not be written.
        Some((across, _))
            if !world.calendar(side).events[id].writable.contains(group)
                && aspect.decided_with().any(|aspect| open.contains_key(&(other, across.clone(), aspect))) =>
        {
            Fate::Waits
        }
        None | Some(_) => Fate::Forgotten,
    }
}

fn linked<'a>(world: &'a World, link: &Link) -> (Option<&'a Event>, Option<&'a Event>) {
    (world.crm.events.get(link.crm.id.as_str()), world.m365.events.get(link.m365.id.as_str()))
}

fn both_sides_agree(world: &World, told: &dyn Fn() -> String) {
    for link in world.links.values() {
        let (Some(crm), Some(m365)) = linked(world, link) else { continue };
        for group in holds(Side::Crm).iter() {
            let may_write = crm.writable.contains(group) && m365.writable.contains(group);
            let open_on = |side| world.edits.has_group(side, id_of(link, side), group);
            let withheld = world.withheld.get(&link.id).is_some_and(|groups| groups.contains(group));
            // Microsoft has lost exceptions to a write that nobody may complete now.
            let is_cut_off = link.is_unfinished() && !world.policy.writes(Side::M365);
            let waits = withheld
                || (group == FieldGroup::Exceptions && (is_cut_off || drops_days(world, link)))
                || match world.policy.mode {
                    SyncMode::Bidirectional => false,
                    SyncMode::CrmToM365 => open_on(Side::M365),
                    SyncMode::M365ToCrm => open_on(Side::Crm),
                };
            let as_in_crm = |record: &Record| {
                record.get(group).map(|value| comparable(shown(Side::Crm, value), world.open_days.get(&link.id)))
            };
            if may_write && !waits {
                let (ours, theirs) = (as_in_crm(&crm.record), as_in_crm(&m365.record));
                assert_eq!(ours, theirs, "{group} of {} differs after a run\n{}", link.id, told());
            }
        }
    }
    every_event_is_on_both_sides(world, told);
}

/// Whether people have taken exceptions from the target of one direction, by
/// another rule and back: that stays until the source changes them.
fn drops_days(world: &World, link: &Link) -> bool {
    let situation = link.situation(holds(Side::Crm), holds(Side::M365));
    let target = match world.policy.mode {
        SyncMode::Bidirectional => return false,
        SyncMode::CrmToM365 => situation.m365,
        SyncMode::M365ToCrm => situation.crm,
    };
    matches!(target, End::Present(target) if target.changed(FieldGroup::Exceptions))
}

/// Answers that were given in the CRM stay there, and so do open days.
fn comparable(value: FieldValue, open_days: Option<&BTreeSet<CivilDate>>) -> FieldValue {
    match value {
        FieldValue::Exceptions(mut days) => {
            days.retain(|day, _| !open_days.is_some_and(|open| open.contains(day)));
            FieldValue::Exceptions(days)
        }
        FieldValue::Attendees(mut guests) => {
            for guest in guests.values_mut() {
                guest.status = AttendeeStatus::None;
            }
            FieldValue::Attendees(guests)
        }
        value => value,
    }
}

fn every_event_is_on_both_sides(world: &World, told: &dyn Fn() -> String) {
    for side in [Side::Crm, Side::M365] {
        for id in world.calendar(side).events.keys().filter(|_| world.policy.writes(side.other())) {
            let link = world.links.values().find(|link| id_of(link, side) == id);
            let Some(link) = link else { panic!("{id} of {side} is not linked\n{}", told()) };
            let (state, across) = match side {
                Side::Crm => (&link.m365.state, linked(world, link).1),
                Side::M365 => (&link.crm.state, linked(world, link).0),
            };
            let deletion_waits =
                side == Side::M365 && *state == EndState::Gone && world.withheld.contains_key(&link.id);
            let given_up = *state == EndState::Forgone || deletion_waits;
            assert!(across.is_some() != given_up, "{id} of {side} is missing on the other side\n{}", told());
        }
    }
}

fn no_write_is_seen_as_a_change(world: &World, told: &dyn Fn() -> String) {
    for link in world.links.values() {
        let (Some(crm), Some(m365)) = linked(world, link) else { continue };
        let situation = link.situation(holds(Side::Crm), holds(Side::M365));
        for (side, end) in [(Side::Crm, &situation.crm), (Side::M365, &situation.m365)] {
            let End::Present(end) = end else { continue };
            for group in end.changes().iter() {
                let may_write = crm.writable.contains(group) && m365.writable.contains(group);
                let withheld = world.withheld.get(&link.id).is_some_and(|groups| groups.contains(group));
                let open_days = world.open_days.get(&link.id).is_some_and(|days| !days.is_empty());
                let withheld = withheld || (group == FieldGroup::Exceptions && open_days);
                // What has no place across was settled before the crash, or was not.
                let across = |value: Option<&FieldValue>| value.map(|value| shown(side.other(), value));
                let is_own = across(end.base.get(group)) == across(end.now.get(group));
                let edited = withheld || is_own || world.edits.has_group(side, id_of(link, side), group);
                assert!(edited || !may_write, "{group} seems changed on {side}, but nobody did\n{}", told());
            }
        }
    }
}

fn a_second_run_plans_nothing(world: &World, cause: Cause, told: &dyn Fn() -> String) {
    let mut next = world.clone();
    let report = next.sync(Trouble::Nothing, cause);
    let may_go_out_now =
        |planned: &Planned| world.withheld.contains_key(&planned.link) && !next.withheld.contains_key(&planned.link);
    // Who would have been told is not invited any more; the engine looks again when
    // somebody edits it. Of other items, nothing is remembered anew all the same.
    let released: Vec<_> = report.plan.iter().filter(|planned| may_go_out_now(planned)).collect();
    if !released.is_empty() {
        let is_other = |id: &LinkId| !released.iter().any(|planned| planned.link == *id);
        let others = |world: &World| -> BTreeMap<LinkId, Link> {
            world.links.iter().filter(|(id, _)| is_other(id)).map(|(id, link)| (id.clone(), link.clone())).collect()
        };
        assert_eq!(others(&next), others(world), "a second run remembers something else\n{}", told());
        return;
    }
    assert_eq!(report.writes, 0, "a second run writes: {}\n{}", plan_of(&report), told());
    let recorded: Vec<_> = report.recorded.values().flatten().collect();
    assert!(recorded.is_empty(), "a second run records {recorded:?}\n{}", told());
    assert_eq!(next.links, world.links, "a second run remembers something else\n{}", told());
}

/// States that Microsoft reported before, reported once more.
pub fn replays_change_nothing(world: &World, history: &History) {
    for link in world.links.values() {
        for event in world.m365.past.get(link.m365.id.as_str()).into_iter().flatten() {
            let seen = graph_seen(event);
            let known = seen.modified_at <= link.m365.modified_at;
            if known {
                let after = link.m365.observed(seen);
                assert_eq!(after, link.m365, "a replay was taken for a change\n{history:#?}");
            }
        }
    }
}

/// What happened, for the reader of a failure. Values are invented, so they may
/// be shown.
fn story(history: &History, before: &World, report: &Report) -> String {
    let mut text = format!(
        "began with {:?}, guests {}\n",
        history.policy,
        if history.guests_writable { "writable" } else { "read-only in Microsoft" }
    );
    for (number, transition) in history.happened.iter().enumerate() {
        _ = writeln!(text, "{number:>3}. {transition:?}");
    }
    for side in [Side::Crm, Side::M365] {
        _ = writeln!(text, "before the run, {side}:");
        for (id, event) in &before.calendar(side).events {
            _ = writeln!(text, "    {id}: {}", line(&event.record));
        }
    }
    text + &plan_of(report)
}

fn plan_of(report: &Report) -> String {
    let mut text = "plan:\n".to_owned();
    for planned in &report.plan {
        _ = writeln!(text, "    {}", planned.link);
        for (name, end) in [("CRM", &planned.situation.crm), ("Microsoft", &planned.situation.m365)] {
            _ = match end {
                End::Present(end) => writeln!(text, "        {name}: {} base {}", line(&end.now), line(&end.base)),
                End::Absent | End::Gone | End::Forgone => writeln!(text, "        {name}: {end:?}"),
            };
        }
        _ = match &planned.decision {
            Decision::Merge(merge) => writeln!(
                text,
                "        merge: to CRM {}, to Microsoft {}, conflicts {}",
                line(&merge.to_crm),
                line(&merge.to_m365),
                merge.conflicts.len()
            ),
            other => writeln!(text, "        {other:?}"),
        };
    }
    text
}

fn line(record: &Record) -> String {
    let values: Vec<String> = record
        .values()
        .filter(|value| !value.is_blank())
        .map(|value| match value {
            FieldValue::Time(time) => format!("time {}", time.span().0.epoch_milliseconds() / 3_600_000),
            value => format!("{} {:?}", value.group(), crate::sync::describe_value(value)),
        })
        .collect();
    format!("[{}]", values.join(", "))
}
