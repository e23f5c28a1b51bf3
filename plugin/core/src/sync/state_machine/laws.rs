//! The laws: what holds after every run, whatever happened before it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AttendeeStatus, CivilDate, FieldGroup, FieldValue, LinkId, Record};
use crate::settings::SyncMode;
use crate::sync::{Cause, Decision, End, EndState, Link, Side};

use super::History;
use super::edits::Aspect;
use super::fates::{forget_settled, is_refused, no_edit_is_lost};
use super::items::Item;
use super::kind::Kind;
use super::run::{Planned, Report, Trouble, World, graph_seen, id_of};
use super::story::{plan_of, story};

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
    no_item_is_in_two_links(world, &told);
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
        let links = links.map(|link| (link.m365.id.as_str(), link.crm.id.as_str()));
        // Also where the run was the first to hear that the record was made.
        let made = before.made.iter().map(|made| (made.new.m365.id.as_str(), made.crm.as_str()));
        let mut crm = links.chain(made).filter(|(m365, _)| *m365 == mail.id).map(|(_, crm)| crm);
        assert!(crm.any(|id| before.touched.contains(id)), "mail about {} without an edit\n{}", mail.id, told());
    }
}

fn no_item_is_in_two_links(world: &World, told: &dyn Fn() -> String) {
    for side in [Side::Crm, Side::M365] {
        let mut seen = BTreeSet::new();
        for link in world.links.values() {
            let id = id_of(link, side);
            assert!(seen.insert(id), "{id} of {side} is in two links\n{}", told());
        }
    }
}

fn a_source_is_untouched(world: &World, before: &World, told: &dyn Fn() -> String) {
    for side in [Side::Crm, Side::M365] {
        if !world.policy.writes(side) {
            let (now, then) = (&world.collection(side).items, &before.collection(side).items);
            assert_eq!(now, then, "{side} is the source, but was written\n{}", told());
        }
    }
}

fn nothing_is_deleted_without_a_deletion(before: &World, report: &Report, told: &dyn Fn() -> String) {
    for ((side, id), reason) in &report.deleted {
        let deleted = before.collection(side.other()).deleted.contains(reason);
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

fn linked<'a>(world: &'a World, link: &Link) -> (Option<&'a Item>, Option<&'a Item>) {
    (world.crm.items.get(link.crm.id.as_str()), world.m365.items.get(link.m365.id.as_str()))
}

fn both_sides_agree(world: &World, told: &dyn Fn() -> String) {
    for link in world.links.values() {
        let (Some(crm), Some(m365)) = linked(world, link) else { continue };
        for group in world.kind.holds(Side::Crm).iter() {
            let may_write = crm.accepts(group) && m365.accepts(group);
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
                record
                    .get(group)
                    .map(|value| comparable(world.kind.shown(Side::Crm, value), world.open_days.get(&link.id)))
            };
            let waits = waits
                || is_kept_in_m365(world, crm, group)
                || is_refused(world, Side::Crm, link.crm.id.as_str(), &Aspect::Group(group));
            if may_write && !waits {
                let (ours, theirs) = (as_in_crm(&crm.record), as_in_crm(&m365.record));
                assert_eq!(ours, theirs, "{group} of {} differs after a run\n{}", link.id, told());
            }
        }
    }
    every_event_is_on_both_sides(world, told);
}

/// Whether the CRM has no place for what Microsoft shows of this group, or had
/// none, and is not written now that it has.
fn is_kept_in_m365(world: &World, crm: &Item, group: FieldGroup) -> bool {
    let is_blank = crm.record.get(group).is_none_or(FieldValue::is_blank);
    let had_place = world.kind.has_place(Side::Crm, &Aspect::Group(group), Some(crm));
    let is_source = world.policy.mode == SyncMode::CrmToM365 && group == FieldGroup::Reminder;
    is_blank && (!had_place || (is_source && matches!(world.kind, Kind::Tasks(_))))
}

/// Whether people have taken exceptions from the target of one direction, by
/// another rule and back: that stays until the source changes them.
fn drops_days(world: &World, link: &Link) -> bool {
    let situation = link.situation(world.kind.holds(Side::Crm), world.kind.holds(Side::M365));
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
        for id in world.collection(side).items.keys().filter(|_| world.policy.writes(side.other())) {
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
        let situation = link.situation(world.kind.holds(Side::Crm), world.kind.holds(Side::M365));
        for (side, end) in [(Side::Crm, &situation.crm), (Side::M365, &situation.m365)] {
            let End::Present(end) = end else { continue };
            for group in end.changes().iter() {
                let may_write = crm.accepts(group) && m365.accepts(group);
                let withheld = world.withheld.get(&link.id).is_some_and(|groups| groups.contains(group));
                let open_days = world.open_days.get(&link.id).is_some_and(|days| !days.is_empty());
                let withheld = withheld || (group == FieldGroup::Exceptions && open_days);
                // What the CRM has refused stays a change.
                let withheld = withheld || is_refused(world, side, id_of(link, side), &Aspect::Group(group));
                // What has no place across was settled before the crash, or was not.
                let across = |value: Option<&FieldValue>| value.map(|value| world.kind.shown(side.other(), value));
                let item = if side == Side::Crm { m365 } else { crm };
                let has_place = world.kind.has_place(side.other(), &Aspect::Group(group), Some(item));
                // Nor is it told what was written before the crash, where both look alike.
                let is_alike = crm.record.get(group) == m365.record.get(group);
                let is_unshown = matches!(world.kind, Kind::Tasks(_)) && (!has_place || is_alike);
                let is_own = is_unshown || across(end.base.get(group)) == across(end.now.get(group));
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
