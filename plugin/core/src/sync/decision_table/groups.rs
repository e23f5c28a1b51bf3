//! Groups of an item that both sides show. The notation is [`super::picture`]'s.

use crate::model::{FieldGroup, FieldSet, LinkId, Record};
use crate::sync::check::check;
use crate::sync::{Decision, End, Policy, Situation, merge};

use super::picture::{
    BIDI_CRM, BIDI_M365, PLAIN, POLICIES, TO_CRM_1, TO_CRM_2, TO_M365_1, TO_M365_2, end, outcome, words,
};

const BIDI: &[Policy] = &[BIDI_CRM, BIDI_M365];
const TO_M365: &[Policy] = &[TO_M365_1, TO_M365_2];
const TO_CRM: &[Policy] = &[TO_CRM_1, TO_CRM_2];

type Row = (&'static str, &'static [Policy], &'static str, &'static str, &'static str);

/// Rules that are the same for every group that changes as a whole.
#[rustfmt::skip]
const PLAIN_ROWS: &[Row] = &[
    // claim                                                        policies      CRM     Microsoft  outcome
    ("unchanged on both sides: nothing to do",                      &POLICIES,    "a",    "a",      "settled"),
    ("each side keeps its own way of showing what is agreed",       &POLICIES,    "a",    "b",      "settled"),
    ("changed in the CRM alone: flows",                             BIDI,         "a>b",  "a",      "m365=b settled"),
    ("changed in Microsoft alone: flows",                           BIDI,         "a",    "a>b",    "crm=b settled"),
    ("changed alike on both sides: only the base moves",            &POLICIES,    "a>b",  "a>b",    "settled"),
    ("changed differently, the CRM wins: recorded",                 &[BIDI_CRM],  "a>b",  "a>c",    "m365=b settled (a|b|c)"),
    ("changed differently, Microsoft wins: recorded",               &[BIDI_M365], "a>b",  "a>c",    "crm=c settled (a|b|c)"),
    ("the agreed value of Microsoft's own showing is recorded",     &[BIDI_CRM],  "a>b",  "c>a",    "m365=b settled (c|b|a)"),

    ("first merge: equal values are agreed",                        &POLICIES,    ">a",   ">a",     "settled"),
    ("first merge: what only Microsoft says flows",                 BIDI,         ">.",   ">b",     "crm=b settled"),
    ("first merge: what only the CRM says flows",                   BIDI,         ">b",   ">.",     "m365=b settled"),
    ("first merge: nothing said on both sides",                     &POLICIES,    ">.",   ">.",     "settled"),
    ("first merge: different values, the CRM wins",                 &[BIDI_CRM],  ">b",   ">c",     "m365=b settled (|b|c)"),
    ("first merge: different values, Microsoft wins",               &[BIDI_M365], ">b",   ">c",     "crm=c settled (|b|c)"),
    ("first merge, one way: the source's value is put over",        TO_M365,      ">b",   ">c",     "m365=b settled (|b|c)"),
    ("first merge, one way: what only the target says stays",       TO_M365,      ">.",   ">c",     "open"),

    ("a value that was emptied flows like any other",               BIDI,         "a>.",  "a",      "m365=. settled"),

    ("the CRM cannot hold it: nothing to do there",                 &POLICIES,    "x",    "a",      "settled"),
    ("the CRM cannot hold it: a change in Microsoft is its own",    BIDI,         "x",    "a>b",    "settled"),
    ("the CRM cannot hold it: so it says nothing at a first merge", BIDI,         "x",    ">b",     "settled"),
    ("the CRM cannot hold it: a target mailbox keeps its own",      TO_M365,      "x",    "a>b",    "open"),
    ("Microsoft cannot hold it: a change in the CRM is its own",    BIDI,         "a>b",  "x",      "settled"),
    ("Microsoft cannot hold it: one way likewise",                  TO_M365,      "a>b",  "x",      "settled"),

    ("Microsoft may not be written: the change stays open",         BIDI,         "a>b",  "a!",     "open !m365"),
    ("the CRM may not be written: the change stays open",           BIDI,         "a!",   "a>b",    "open !crm"),
    ("may not be written, one way: the change stays open",          TO_M365,      "a>b",  "a!",     "open !m365"),
    ("may not be written, but shows it already: agreed",            &POLICIES,    "a>b",  "a>b!",   "settled"),
    ("the winner may not be written: that does not matter",         &[BIDI_CRM],  "a>b!", "a>c",    "m365=b settled (a|b|c)"),
    ("the loser may not be written: nothing is put over anything",  &[BIDI_CRM],  "a>b",  "a>c!",   "open !m365"),
    ("the losing CRM may not be written either",                    &[BIDI_M365], "a>b!", "a>c",    "open !crm"),
    ("nor a target with an edit of its own",                        TO_M365,      "a>b",  "a>c!",   "open !m365"),

    ("one way: a change of the source flows",                       TO_M365,      "a>b",  "a",      "m365=b settled"),
    ("one way to the CRM: likewise",                                TO_CRM,       "a",    "a>b",    "crm=b settled"),
    ("one way: an edit of the target stays, and stays open",        TO_M365,      "a",    "a>b",    "open"),
    ("one way to the CRM: likewise",                                TO_CRM,       "a>b",  "a",      "open"),
    ("one way: until the source changes; then it is recorded",      TO_M365,      "a>b",  "a>c",    "m365=b settled (a|b|c)"),
    ("one way to the CRM: likewise",                                TO_CRM,       "a>b",  "a>c",    "crm=c settled (a|b|c)"),
];

/// Guests and categories: entry by entry.
#[rustfmt::skip]
const SET_ROWS: &[Row] = &[
    ("additions on both sides are both kept",            BIDI,         "{a}>{a b}",   "{a}>{a c}",   "crm={a b c} m365={a b c} settled"),
    ("removals on both sides are both kept",             BIDI,         "{a b c}>{a b}", "{a b c}>{b c}", "crm={b} m365={b} settled"),
    ("a removal and an addition are both kept",          BIDI,         "{a b}>{b}",   "{a b}>{a b c}", "crm={b c} m365={b c} settled"),
    ("the same addition on both sides is agreed",        BIDI,         "{}>{a}",      "{}>{a}",      "settled"),
    ("what the CRM does not show is not removed by it",  BIDI,         "{a}>{a b}",   "{a room}",    "m365={a b room} settled"),
    ("nor does Microsoft remove what it does not show",  BIDI,         "{a desk}",    "{a}>{a b}",   "crm={a b desk} settled"),
    ("first merge: the union",                           BIDI,         ">{a b}",      ">{b c}",      "crm={a b c} m365={a b c} settled"),
    ("one way: the source's set as it is, recorded",     TO_M365,      "{a}>{a b}",   "{a}>{a c}",   "m365={a b} settled ({a}|{a b}|{a c})"),
    ("one way: an addition in the target stays",         TO_M365,      "{a}",         "{a}>{a c}",   "open"),
    ("Microsoft may not be written: the CRM takes over", BIDI,         "{a}>{a b}",   "{a}>{a c}!",  "crm={a b c} open !m365"),
    ("the CRM may not be written: Microsoft takes over", BIDI,         "{a}>{a b}!",  "{a}>{a c}",   "m365={a b c} open !crm"),
];

/// Guests alone: they have an answer that can change.
#[rustfmt::skip]
const GUEST_ROWS: &[Row] = &[
    ("an answer flows",                                  BIDI,         "{a}",         "{a}>{a+}",    "crm={a+} settled"),
    ("an answer and an addition are both kept",          BIDI,         "{a}>{a b}",   "{a}>{a+}",    "crm={a+ b} m365={a+ b} settled"),
    ("two answers of one guest, the CRM wins: recorded", &[BIDI_CRM],  "{a}>{a+}",    "{a}>{a-}",    "m365={a+} settled ({a}|{a+}|{a-})"),
    ("two answers of one guest, Microsoft wins",         &[BIDI_M365], "{a}>{a+}",    "{a}>{a-}",    "crm={a-} settled ({a}|{a+}|{a-})"),
    ("removed and answered, the CRM wins: recorded",     &[BIDI_CRM],  "{a}>{}",      "{a}>{a+}",    "m365={} settled ({a}|{}|{a+})"),
    ("removed and answered, Microsoft wins: recorded",   &[BIDI_M365], "{a}>{}",      "{a}>{a+}",    "crm={a+} settled ({a}|{}|{a+})"),
    ("first merge: an answer that one side knows",       BIDI,         ">{a}",        ">{a+}",       "crm={a+} settled"),
    ("an answer is not lost where guests stay open",     BIDI,         "{a}>{a b}",   "{a}>{a+}!",   "crm={a+ b} open !m365"),
];

fn verify(group: FieldGroup, rows: &[Row]) {
    for (claim, policies, crm_picture, m365_picture, expected) in rows {
        if group == FieldGroup::Time && [crm_picture, m365_picture].iter().any(|picture| picture.contains('.')) {
            // There is no blank time.
            continue;
        }
        for policy in *policies {
            let (crm, m365) = (end(group, crm_picture), end(group, m365_picture));
            let merged = merge(*policy, &crm, &m365);
            let picture = format!("{claim}: {group}, {policy:?}, CRM {crm_picture}, Microsoft {m365_picture}");
            let found = outcome(group, &merged, &words([crm_picture, m365_picture, expected]));
            assert_eq!(found, *expected, "{picture}");

            let others: FieldSet = FieldGroup::ALL.into_iter().filter(|other| *other != group).collect();
            let elsewhere = merged.to_crm.only(others).groups().union(merged.to_m365.only(others).groups());
            assert!(elsewhere.is_empty(), "{picture}: writes {elsewhere:?} too");
            assert_eq!(merged.settled.intersection(others), others, "{picture}: other groups are in step");

            let situation = Situation { crm: End::Present(crm), m365: End::Present(m365) };
            let findings = check(*policy, [(&LinkId::new("link"), &situation, &Decision::Merge(merged))]);
            assert!(findings.is_empty(), "{picture}: {findings:?}");
        }
    }
}

#[test]
fn groups_that_change_as_a_whole_follow_the_table() {
    for group in PLAIN {
        verify(group, PLAIN_ROWS);
    }
}

#[test]
fn sets_are_merged_entry_by_entry() {
    verify(FieldGroup::Attendees, SET_ROWS);
    verify(FieldGroup::Categories, SET_ROWS);
    verify(FieldGroup::Attendees, GUEST_ROWS);
}

#[test]
fn edits_of_different_groups_on_both_sides_are_both_kept() {
    for policy in BIDI {
        for ours in PLAIN {
            for theirs in PLAIN.into_iter().filter(|theirs| *theirs != ours) {
                let mut crm = end(ours, "a>b");
                let mut m365 = end(ours, "a");
                let other = (end(theirs, "a"), end(theirs, "a>c"));
                for (target, source) in [(&mut crm, &other.0), (&mut m365, &other.1)] {
                    target.base.set(source.base.get(theirs).unwrap().clone());
                    target.now.set(source.now.get(theirs).unwrap().clone());
                }
                let merged = merge(*policy, &crm, &m365);
                let picture = format!("{policy:?}, {ours} in the CRM and {theirs} in Microsoft");
                assert_eq!(merged.to_m365, crm.now.only([ours].into_iter().collect()), "{picture}");
                assert_eq!(merged.to_crm, m365.now.only([theirs].into_iter().collect()), "{picture}");
                assert!(merged.conflicts.is_empty(), "{picture}");
                assert_eq!(merged.settled, FieldSet::all(), "{picture}");
            }
        }
    }
}

/// Every picture against every other: no plan may be impossible, and merging
/// once more after the writes does nothing.
#[test]
fn no_combination_of_pictures_is_planned_against_the_rules_or_twice() {
    let pictures = ["a", "b", "a>b", "a>c", "a>.", ">.", ">b", ">c", "x", "a!", "a>b!", "a>c!", ">b!"];
    for policy in POLICIES {
        for (crm_picture, m365_picture) in pictures.iter().flat_map(|crm| pictures.map(|m365| (*crm, m365))) {
            let picture = format!("{policy:?}, CRM {crm_picture}, Microsoft {m365_picture}");
            let (mut crm, mut m365) = (end(FieldGroup::Title, crm_picture), end(FieldGroup::Title, m365_picture));
            let first = merge(policy, &crm, &m365);
            let situation = Situation { crm: End::Present(crm.clone()), m365: End::Present(m365.clone()) };
            let findings = check(policy, [(&LinkId::new("link"), &situation, &Decision::Merge(first.clone()))]);
            assert!(findings.is_empty(), "{picture}: {findings:?}");

            for (end, written) in [(&mut crm, &first.to_crm), (&mut m365, &first.to_m365)] {
                end.now = end.now.overlaid(written);
                end.base = end.base.overlaid(&end.now.only(first.settled));
            }
            let second = merge(policy, &crm, &m365);
            assert_eq!(second.to_crm, Record::default(), "{picture}: written twice");
            assert_eq!(second.to_m365, Record::default(), "{picture}: written twice");
            assert!(second.conflicts.is_empty(), "{picture}: recorded twice");
        }
    }
}
