//! Groups of an item that both sides show. The notation is [`super::picture`]'s.

use crate::model::{FieldGroup, FieldSet, LinkId, Record};
use crate::sync::check::check;
use crate::sync::{Decision, End, Policy, Situation, merge};

use super::picture::{
    BIDI_CRM, BIDI_M365, PLAIN, POLICIES, TO_CRM_1, TO_CRM_2, TO_M365_1, TO_M365_2, end, outcome, words,
};

pub const BIDI: &[Policy] = &[BIDI_CRM, BIDI_M365];
pub const TO_M365: &[Policy] = &[TO_M365_1, TO_M365_2];
pub const TO_CRM: &[Policy] = &[TO_CRM_1, TO_CRM_2];

pub type Row = (&'static str, &'static [Policy], &'static str, &'static str, &'static str);

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
    ("the loser may not be written: its version stands, recorded",  &[BIDI_CRM],  "a>b",  "a>c!",   "crm=c settled (a|b|c)"),
    ("the loser may not be written, nor the winner: both stand",    &[BIDI_CRM],  "a>b!", "a>c!",   "open !m365"),
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
    ("an answer is the guest's own: none is written",    BIDI,         "{a}>{a+}",    "{a}",         "settled"),
    ("one way likewise",                                 TO_M365,      "{a}>{a+}",    "{a}>{a-}",    "settled"),
    ("so that its absence needs no permission",          BIDI,         "{a}>{a+}",    "{a}!",        "settled"),
    ("two answers: the guest's own, whoever wins",       BIDI,         "{a}>{a+}",    "{a}>{a-}",    "crm={a-} settled ({a}|{a+}|{a-})"),
    ("removed and answered, the CRM wins: recorded",     &[BIDI_CRM],  "{a}>{}",      "{a}>{a+}",    "m365={} settled ({a}|{}|{a+})"),
    ("removed and answered, Microsoft wins: recorded",   &[BIDI_M365], "{a}>{}",      "{a}>{a+}",    "crm={a+} settled ({a}|{}|{a+})"),
    ("first merge: an answer that one side knows",       BIDI,         ">{a}",        ">{a+}",       "crm={a+} settled"),
    ("and does not stand against being uninvited",       &[BIDI_CRM],  "{a}>{a+}",    "{a}>{}",      "crm={} settled ({a}|{a+}|{})"),
    ("an answer is not lost where guests stay open",     BIDI,         "{a}>{a b}",   "{a}>{a+}!",   "crm={a+ b} open !m365"),
];

/// What is different on single days of a series: day by day, group by group.
#[rustfmt::skip]
const EXCEPTION_ROWS: &[Row] = &[
    ("different days are both kept",                        BIDI,         "{}>{1a}",     "{}>{2b}",     "crm={1a 2b} m365={1a 2b} settled"),
    ("a cancelled day flows",                               BIDI,         "{}>{1x}",     "{}",          "m365={1x} settled"),
    ("a changed day that is cancelled is cancelled",        BIDI,         "{1a}",        "{1a}>{1x}",   "crm={1x} settled"),
    ("different groups of one day are both kept",           BIDI,         "{}>{1a}",     "{}>{1@}",     "crm={1a 1@} m365={1a 1@} settled"),
    ("a day that is as the rule has it again flows",        BIDI,         "{1a}>{}",     "{1a}",        "m365={} settled"),
    ("but takes no group away that was not shown",          BIDI,         "{1a}>{}",     "{1a 1@}",     "m365={1@} settled"),
    ("the same group of one day, the CRM wins: recorded",   &[BIDI_CRM],  "{}>{1a}",     "{}>{1b}",     "m365={1a} settled ({}|{1a}|{1b})"),
    ("the same group of one day, Microsoft wins",           &[BIDI_M365], "{}>{1a}",     "{}>{1b}",     "crm={1b} settled ({}|{1a}|{1b})"),
    ("put back and edited, the CRM wins: recorded",         &[BIDI_CRM],  "{1a}>{}",     "{1a}>{1b}",   "m365={} settled ({1a}|{}|{1b})"),
    ("put back and edited, Microsoft wins: recorded",       &[BIDI_M365], "{1a}>{}",     "{1a}>{1b}",   "crm={1b} settled ({1a}|{}|{1b})"),
    ("cancelled beats edited in Microsoft, whoever wins",   BIDI,         "{}>{1x}",     "{}>{1a}",     "m365={1x} settled ({}|{1x}|{1a})"),
    ("cancelled beats edited in the CRM, whoever wins",     BIDI,         "{}>{1a}",     "{}>{1x}",     "crm={1x} settled ({}|{1a}|{1x})"),
    ("cancelled on both sides is agreed",                   &POLICIES,    "{1a}>{1x}",   "{1a}>{1x}",   "settled"),
    ("a cancelled day is not brought back in Microsoft",    BIDI,         "{1x}>{}",     "{1x}",        "settled !m365 day 1"),
    ("nor changed into another one",                        BIDI,         "{1x}>{1a}",   "{1x}",        "settled !m365 day 1"),
    ("nor in the CRM",                                      BIDI,         "{1x}",        "{1x}>{}",     "settled !crm day 1"),
    ("which other days do not wait for",                    BIDI,         "{1x}>{2a}",   "{1x}",        "m365={1x 2a} settled !m365 day 1"),
    ("first merge: the union",                              BIDI,         ">{1a 2x}",    ">{2b 3x}",    "crm={1a 2x 3x} m365={1a 2x 3x} settled (|{1a 2x}|{2b 3x})"),
    ("days that the rule does not have are not written",    BIDI,         "{}>{10a 1b}", "{}",          "m365={1b} settled day 10"),
    ("Microsoft may not be written: the change stays open", BIDI,         "{}>{1a}",     "{}!",         "open !m365"),
    ("but the CRM takes over",                              BIDI,         "{}>{1a}",     "{}>{2b}!",    "crm={1a 2b} open !m365"),
    ("one way: a change of the source flows",               TO_M365,      "{}>{1a}",     "{}",          "m365={1a} settled"),
    ("one way: over the target's own edits, recorded",      TO_M365,      "{}>{1a}",     "{}>{2b}",     "m365={1a} settled ({}|{1a}|{2b})"),
    ("one way: what the target cancelled stays cancelled",  TO_M365,      "{}>{1a}",     "{}>{2x}",     "m365={1a 2x} settled !m365 day 2"),
    ("one way: an edit of the target stays, and stays open", TO_M365,     "{}",          "{}>{1a}",     "open"),
    ("one way to the CRM: likewise",                        TO_CRM,       "{}>{1a}",     "{}>{2b}",     "crm={2b} settled ({}|{1a}|{2b})"),
];

/// The user's own answer to somebody else's meeting.
#[rustfmt::skip]
const RESPONSE_ROWS: &[Row] = &[
    ("an answer flows",                                     BIDI,         ".>b",         ".",           "m365=b settled"),
    ("an answer in Outlook flows",                          BIDI,         ".",           ".>b",         "crm=b settled"),
    ("an answer cannot be taken back in Microsoft",         BIDI,         "b>.",         "b",           "settled"),
    ("nor one way",                                         TO_M365,      "b>.",         "b",           "settled"),
    ("what is asked again in Microsoft is asked again",     BIDI,         "b",           "b>.",         "crm=. settled"),
    ("an answer stands against being asked again",          BIDI,         "b>c",         "b>.",         "m365=c settled"),
    ("an answer stands against none",                       BIDI,         "b>.",         "b>c",         "crm=c settled"),
];

pub fn verify(group: FieldGroup, rows: &[Row]) {
    for (claim, policies, crm_picture, m365_picture, expected) in rows {
        let emptied = [crm_picture, m365_picture].iter().any(|picture| picture.contains('.'));
        if emptied && (group == FieldGroup::Time || (group == FieldGroup::Response && rows.len() == PLAIN_ROWS.len())) {
            // There is no blank time, and an answer is not taken back.
            continue;
        }
        for policy in *policies {
            let (crm, m365) = (end(group, crm_picture), end(group, m365_picture));
            let merged = merge(*policy, &crm, &m365);
            let picture = format!("{claim}: {group}, {policy:?}, CRM {crm_picture}, Microsoft {m365_picture}");
            let found = outcome(group, &merged, &words([crm_picture, m365_picture, expected]));
            assert_eq!(found, *expected, "{picture}");

            // A rule is written with the time and the exceptions that belong to it.
            let rule = FieldSet::EMPTY.with(FieldGroup::Time).with(FieldGroup::Exceptions);
            let beside = if group == FieldGroup::Recurrence { rule } else { FieldSet::EMPTY };
            let others = FieldSet::all().without(beside.with(group));
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
fn exceptions_are_merged_by_day_and_group() {
    verify(FieldGroup::Exceptions, EXCEPTION_ROWS);
}

#[test]
fn answers_are_never_reset() {
    verify(FieldGroup::Response, RESPONSE_ROWS);
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
                for (written, source, group) in [(&merged.to_m365, &crm, ours), (&merged.to_crm, &m365, theirs)] {
                    let changed = source.now.only([group].into_iter().collect());
                    assert_eq!(written.only(changed.groups()), changed, "{picture}");
                    let timing = [FieldGroup::Time, FieldGroup::Recurrence].contains(&group);
                    assert!(timing || written.groups() == changed.groups(), "{picture}: {written:?}");
                }
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
