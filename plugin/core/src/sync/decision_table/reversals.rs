//! Taking decisions back: what is written where, what is left alone, and what
//! nobody has asked for.

use crate::model::{FieldGroup, FieldSet, LinkId, Record};
use crate::settings::SyncMode;
use crate::sync::check::{Impossible, check, check_reversals};
use crate::sync::{
    Decision, End, Evidence, Merge, Policy, PresentEnd, Reversal, Side, Situation, Undo, Unfit, falls_short, merge,
    reverse,
};

use super::picture::{BIDI_CRM, BIDI_M365, PLAIN, POLICIES, TO_CRM_1, TO_M365_1, end, event, outcome, words};

const SIDES: [Side; 2] = [Side::Crm, Side::M365];

fn link() -> LinkId {
    LinkId::new("link")
}

/// The situation after a merge was carried out on both sides.
fn settled(policy: Policy, situation: &Situation, merged: &Merge) -> Situation {
    let after = |side: Side| match situation.end(side) {
        End::Present(end) => {
            let now = end.now.overlaid(merged.to(side));
            let agreed = merged.settled.intersection(if policy.mode == SyncMode::Bidirectional {
                FieldSet::all()
            } else {
                merged.settled
            });
            let base = end.base.overlaid(&now.only(agreed));
            End::Present(PresentEnd { now, base, ..end.clone() })
        }
        other @ (End::Absent | End::Gone | End::Forgone) => other.clone(),
    };
    Situation { crm: after(Side::Crm), m365: after(Side::M365) }
}

fn present(situation: &Situation, side: Side) -> &PresentEnd {
    match situation.end(side) {
        End::Present(end) => end,
        End::Absent | End::Gone | End::Forgone => panic!("expected it to be on {side}"),
    }
}

fn planned(policy: Policy, undo: &Undo, situation: &Situation) -> Merge {
    match reverse(policy, undo, situation, &merge) {
        Reversal::Planned(decision) => {
            assert_eq!(check(policy, [(&link(), situation, &*decision)]), []);
            assert_eq!(check_reversals([(&link(), situation, &*decision, Some(undo))]), []);
            assert_eq!(falls_short(policy, undo, &decision, situation), None);
            match *decision {
                Decision::Merge(merged) => merged,
                other => panic!("expected a merge, but found {other:?}"),
            }
        }
        other => panic!("expected something to do, but found {other:?}"),
    }
}

/// Two ends of one group that were edited on both sides, decided, and what takes
/// that back.
fn decided(policy: Policy, group: FieldGroup, crm: &str, m365: &str) -> (Situation, Undo) {
    let (crm, m365) = (end(group, crm), end(group, m365));
    let merged = merge(policy, &crm, &m365);
    let undo = Undo::of_merge(policy, (&crm, &m365), &merged, &merge).expect("a decision to take back");
    let situation = Situation { crm: End::Present(crm), m365: End::Present(m365) };
    (settled(policy, &situation, &merged), undo)
}

#[test]
fn what_was_decided_of_any_plain_group_goes_back_and_forth_under_every_policy() {
    for policy in POLICIES {
        for group in PLAIN {
            let (situation, undo) = decided(policy, group, "a>b", "a>c");
            let (won, lost) = match policy.winner() {
                Side::Crm => ("b", "c"),
                Side::M365 => ("c", "b"),
            };
            let value = |word: &str| end(group, word).now.get(group).cloned();
            let written: Vec<Side> = SIDES.into_iter().filter(|side| policy.writes(*side)).collect();
            let case = format!("{group}, {policy:?}");

            let merged = planned(policy, &undo, &situation);
            let back = settled(policy, &situation, &merged);
            for side in SIDES {
                let expected = if written.contains(&side) { value(lost) } else { value(won) };
                assert_eq!(present(&back, side).now.get(group), expected.as_ref(), "{case}, {side}");
            }
            assert_eq!(merged.reversed, FieldSet::EMPTY.with(group), "{case}");
            assert_eq!(reverse(policy, &undo, &back, &merge), Reversal::Done, "{case}");
            let is_agreed = merged.settled.contains(group);
            assert_eq!(is_agreed, policy.mode == SyncMode::Bidirectional, "{case}: a target's edit stays its own");

            let again = merge(policy, present(&back, Side::Crm), present(&back, Side::M365));
            assert!(again.to_crm.is_empty() && again.to_m365.is_empty() && again.conflicts.is_empty(), "{case}");
            let inverse = undo.inverse(&situation);
            let forth = settled(policy, &back, &planned(policy, &inverse, &back));
            for side in SIDES {
                assert_eq!(present(&forth, side).now.get(group), value(won).as_ref(), "{case}, {side}, put back");
                assert!(!present(&forth, side).changed(group), "{case}, {side}, put back");
            }
        }
    }
}

/// A row: the ends that were decided, and what taking that back writes.
struct Row {
    claim: &'static str,
    policy: Policy,
    group: FieldGroup,
    crm: &'static str,
    m365: &'static str,
    then: &'static str,
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    use FieldGroup::{Exceptions, Title};
    let row = |claim, policy, group, crm, m365, then| Row { claim, policy, group, crm, m365, then };
    vec![
        row("the other version on both sides",             BIDI_CRM,  Title,      "a>b",            "a>c",            "crm=c m365=c settled (a|b|c)"),
        row("whoever won",                                 BIDI_M365, Title,      "a>b",            "a>c",            "crm=b m365=b settled (a|b|c)"),
        row("in one direction, in the target alone",       TO_M365_1, Title,      "a>b",            "a>c",            "m365=c open (a|b|c)"),
        row("whichever that is",                           TO_CRM_1,  Title,      "a>b",            "a>c",            "crm=b open (a|b|c)"),
        row("the other version of one day, and no more",   BIDI_CRM,  Exceptions, "{}>{2a 3a}",     "{}>{2b 4b}",     "crm={2b 3a 4b} m365={2b 3a 4b} settled ({}|{2a 3a 4b}|{2b 3a 4b})"),
        row("the same where Microsoft won",                BIDI_M365, Exceptions, "{}>{2a 3a}",     "{}>{2b 4b}",     "crm={2a 3a 4b} m365={2a 3a 4b} settled ({}|{2a 3a 4b}|{2b 3a 4b})"),
        row("of a day, the groups that were decided",      BIDI_CRM,  Exceptions, "{}>{2a}",        "{}>{2b 2@}",     "crm={2b 2@} m365={2b 2@} settled ({}|{2a 2@}|{2b 2@})"),
    ]
}

#[test]
fn every_row_is_taken_back_as_it_says() {
    for row in rows() {
        let (situation, undo) = decided(row.policy, row.group, row.crm, row.m365);
        let merged = planned(row.policy, &undo, &situation);
        let words = words([row.crm, row.m365, row.then]);
        assert_eq!(outcome(row.group, &merged, &words), row.then, "{}", row.claim);
    }
}

/// `situation` where one side shows another value of the group.
fn edited(situation: &Situation, side: Side, group: FieldGroup, word: &str, is_agreed: bool) -> Situation {
    let mut edited = situation.clone();
    let value = end(group, word).now.get(group).cloned().unwrap();
    for each in SIDES {
        let end = if each == Side::Crm { &mut edited.crm } else { &mut edited.m365 };
        if let End::Present(end) = end
            && (is_agreed || each == side)
        {
            end.now.set(value.clone());
            if is_agreed {
                end.base.set(value.clone());
            }
        }
    }
    edited
}

#[test]
fn what_has_changed_since_is_left_alone() {
    let title = FieldSet::EMPTY.with(FieldGroup::Title);
    for policy in [BIDI_CRM, BIDI_M365] {
        let (situation, undo) = decided(policy, FieldGroup::Title, "a>b", "a>c");
        for side in SIDES {
            for is_agreed in [false, true] {
                let since = edited(&situation, side, FieldGroup::Title, "a", is_agreed);
                let refused = Reversal::Refused(Unfit::Changed(title));
                assert_eq!(reverse(policy, &undo, &since, &merge), refused, "{policy:?} {side} {is_agreed}");
            }
        }
        let beside = edited(&situation, Side::Crm, FieldGroup::Location, "a", true);
        assert!(matches!(reverse(policy, &undo, &beside, &merge), Reversal::Planned(_)), "another group");
    }
    let (situation, undo) = decided(BIDI_CRM, FieldGroup::Exceptions, "{}>{2a}", "{}>{2b}");
    let elsewhere = edited(&situation, Side::Crm, FieldGroup::Exceptions, "{2a 5c}", true);
    let merged = planned(BIDI_CRM, &undo, &elsewhere);
    assert_eq!(merged.to_m365.exceptions(), super::picture::exceptions("{2b 5c}"), "another day");
    let there = edited(&situation, Side::Crm, FieldGroup::Exceptions, "{2c}", true);
    assert!(matches!(reverse(BIDI_CRM, &undo, &there, &merge), Reversal::Refused(Unfit::Changed(_))));
}

#[test]
fn what_is_gone_or_may_not_be_written_is_said() {
    let (situation, undo) = decided(BIDI_CRM, FieldGroup::Title, "a>b", "a>c");
    for gone in [End::Gone, End::Forgone, End::Absent] {
        let gone = Situation { m365: gone, ..situation.clone() };
        assert_eq!(reverse(BIDI_CRM, &undo, &gone, &merge), Reversal::Refused(Unfit::Gone));
    }
    // Microsoft's version lost; now only the CRM may be written, from Microsoft.
    assert_eq!(reverse(TO_CRM_1, &undo, &situation, &merge), Reversal::Refused(Unfit::Direction(Side::M365)));
    assert!(matches!(reverse(TO_M365_1, &undo, &situation, &merge), Reversal::Planned(_)));
    let mut barred = situation.clone();
    if let End::Present(end) = &mut barred.m365 {
        end.writable = FieldSet::EMPTY;
    }
    let Reversal::Planned(decision) = reverse(BIDI_CRM, &undo, &barred, &merge) else { panic!("a plan") };
    let title = FieldSet::EMPTY.with(FieldGroup::Title);
    assert_eq!(falls_short(BIDI_CRM, &undo, &decision, &barred), Some(Unfit::Unwritable(Side::M365, title)));
    assert_eq!(falls_short(BIDI_CRM, &undo, &Decision::Withhold, &barred), Some(Unfit::Over));
}

/// A cancelled day stands whoever wins, so there is no other version.
#[test]
fn of_a_day_that_was_cancelled_against_an_edit_there_is_nothing_to_take_back() {
    for policy in [BIDI_CRM, BIDI_M365] {
        for (crm, m365) in [("{}>{2a}", "{}>{2x}"), ("{}>{2x}", "{}>{2a}")] {
            let (crm, m365) = (end(FieldGroup::Exceptions, crm), end(FieldGroup::Exceptions, m365));
            let merged = merge(policy, &crm, &m365);
            assert_eq!(merged.conflicts.len(), 1, "{policy:?}");
            assert_eq!(Undo::of_merge(policy, (&crm, &m365), &merged, &merge), None, "{policy:?}");
        }
    }
}

#[test]
fn an_item_is_brought_back_where_the_crm_may_be_written_and_the_user_organises_it() {
    let nowhere = Situation { crm: End::Absent, m365: End::Absent };
    let undo = |organizes| Undo::BringBack { record: event("visit"), organizes };
    for policy in POLICIES {
        let expected = if policy.writes(Side::Crm) {
            let decision = Decision::Create { on: Side::Crm, record: event("visit"), conflicts: Vec::new() };
            assert_eq!(check_reversals([(&link(), &nowhere, &decision, Some(&undo(true)))]), []);
            Reversal::Planned(Box::new(decision))
        } else {
            Reversal::Refused(Unfit::Direction(Side::Crm))
        };
        assert_eq!(reverse(policy, &undo(true), &nowhere, &merge), expected, "{policy:?}");
        assert_eq!(reverse(policy, &undo(false), &nowhere, &merge), Reversal::Refused(Unfit::Foreign));
    }
    assert!(matches!(undo(true).inverse(&nowhere), Undo::Remove { of: Side::Crm, .. }));
}

#[test]
fn an_item_that_was_kept_goes_from_microsoft_first_and_only_as_it_was() {
    let there = |picture: &str| End::Present(end(FieldGroup::Title, picture));
    let undo = Undo::Remove { of: Side::Crm, outcome: end(FieldGroup::Title, "b").now };
    let both = |crm: &str, m365: &str| Situation { crm: there(crm), m365: there(m365) };
    let delete = Decision::Delete { on: Side::M365, conflicts: Vec::new(), evidence: Evidence::Request };
    assert_eq!(reverse(BIDI_CRM, &undo, &both("b", "b"), &merge), Reversal::Planned(Box::new(delete.clone())));
    assert_eq!(check(BIDI_CRM, [(&link(), &both("b", "b"), &delete)]), []);
    for (crm, m365) in [("c", "c"), ("b>c", "b"), ("b", "b>c")] {
        let refused = Reversal::Refused(Unfit::Changed(FieldSet::EMPTY.with(FieldGroup::Title)));
        assert_eq!(reverse(BIDI_CRM, &undo, &both(crm, m365), &merge), refused, "{crm} {m365}");
    }
    for policy in [TO_CRM_1, TO_M365_1] {
        assert!(matches!(reverse(policy, &undo, &both("b", "b"), &merge), Reversal::Refused(Unfit::Direction(_))));
    }
    let gone = Situation { crm: there("b"), m365: End::Gone };
    assert_eq!(reverse(BIDI_CRM, &undo, &gone, &merge), Reversal::Done);
    let Undo::BringBack { record, organizes: true } = undo.inverse(&both("b", "b")) else { panic!("its opposite") };
    assert_eq!(record, end(FieldGroup::Title, "b").now);
}

/// A plan that takes back what nobody has asked for, or more than that.
#[test]
fn a_plan_that_nobody_has_asked_for_is_found() {
    let (situation, undo) = decided(BIDI_CRM, FieldGroup::Title, "a>b", "a>c");
    let asked = |decision: &Decision, undo: Option<&Undo>| check_reversals([(&link(), &situation, decision, undo)]);
    let found = vec![Impossible::NotAskedFor(link())];
    let merged = planned(BIDI_CRM, &undo, &situation);
    assert_eq!(asked(&Decision::Merge(merged.clone()), None), found, "without a wish");
    let more: Record = [end(FieldGroup::Title, "c"), end(FieldGroup::Body, "c")]
        .iter()
        .flat_map(|end| end.now.values())
        .cloned()
        .collect();
    let more = Merge { to_crm: more, ..merged.clone() };
    assert_eq!(asked(&Decision::Merge(more), Some(&undo)), found, "another group as well");
    let other = Merge { reversed: FieldSet::EMPTY.with(FieldGroup::Body), ..merged };
    assert_eq!(asked(&Decision::Merge(other), Some(&undo)), found, "another group instead");
    let delete = |evidence| Decision::Delete { on: Side::M365, conflicts: Vec::new(), evidence };
    assert_eq!(asked(&delete(Evidence::Request), None), found, "a deletion without a wish");
    assert_eq!(asked(&delete(Evidence::Request), Some(&undo)), found, "a deletion by another wish");
    let remove = Undo::Remove { of: Side::Crm, outcome: event("visit") };
    assert_eq!(asked(&delete(Evidence::Request), Some(&remove)), []);
    assert_eq!(asked(&delete(Evidence::Deletion), None), []);
    let create = Decision::Create { on: Side::Crm, record: event("visit"), conflicts: Vec::new() };
    assert_eq!(asked(&create, Some(&remove)), found, "a creation by another wish");
}
