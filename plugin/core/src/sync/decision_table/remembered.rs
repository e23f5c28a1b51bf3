//! What is remembered of a group after a merge was carried out, as pictures
//! before and after; see [`super::picture`] for the notation.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    CrmId, CrmVersion, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId, Record,
};
use crate::sync::{
    CrmEnd, CrmSeen, End, EndState, GraphEnd, GraphSeen, Link, Merge, Organizer, Policy, PresentEnd, Rewrites, Side,
    Unfinished, Written, merge,
};

use super::picture::{BIDI_CRM, BIDI_M365, TO_M365_1, end, exceptions};

/// Which writes fail.
type Refused = Option<Side>;

type Row = (&'static str, FieldGroup, Policy, Refused, [&'static str; 2], [&'static str; 2]);

/// The CRM of this table lists no guest with this name.
const NOT_IN_THE_CRM: &str = "room";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // claim                                                     group                  policy     refused            before                     after
    ("what was written is agreed",                               FieldGroup::Title,     BIDI_CRM,  None,              ["a>b", "a"],              ["b", "b"]),
    ("what was given up is agreed as well",                      FieldGroup::Title,     BIDI_M365, None,              ["a>b", "a>c"],            ["c", "c"]),
    ("equal edits move the base",                                FieldGroup::Title,     BIDI_CRM,  None,              ["a>b", "a>b"],            ["b", "b"]),
    ("a first merge makes a base",                               FieldGroup::Body,      BIDI_CRM,  None,              [">.", ">b"],              ["b", "b"]),
    ("an edit that may not be written stays one",                FieldGroup::Title,     BIDI_CRM,  None,              ["a>b", "a!"],             ["a>b", "a!"]),
    ("an edit in a target stays one",                            FieldGroup::Title,     TO_M365_1, None,              ["a", "a>b"],              ["a", "a>b"]),
    ("a refused write leaves the edit open",                     FieldGroup::Title,     BIDI_CRM,  Some(Side::M365),  ["a>b", "a"],              ["a>b", "a"]),
    ("a refused overwrite leaves both edits open",               FieldGroup::Title,     BIDI_CRM,  Some(Side::M365),  ["a>b", "a>c"],            ["a>b", "a>c"]),
    ("a refusal on the other side does not matter",              FieldGroup::Title,     BIDI_CRM,  Some(Side::Crm),   ["a>b", "a"],              ["b", "b"]),

    ("joined sets are agreed",                                   FieldGroup::Attendees, BIDI_CRM,  None,              ["{a}>{a b}", "{a}>{a c}"],   ["{a b c}", "{a b c}"]),
    ("read-only guests: an answer is taken over and agreed",     FieldGroup::Attendees, BIDI_CRM,  None,              ["{a}>{a b}", "{a}>{a+}!"],   ["{a+}>{a+ b}", "{a+}!"]),
    ("so that a second answer is taken over too",                FieldGroup::Attendees, BIDI_CRM,  None,              ["{a+}>{a+ b}", "{a+}>{a-}!"], ["{a-}>{a- b}", "{a-}!"]),
    ("the CRM read-only: the same across",                       FieldGroup::Attendees, BIDI_CRM,  None,              ["{a}>{a b}!", "{a}>{a+}"],   ["{a b}!", "{a b}>{a+ b}"]),
    ("Microsoft refused: the CRM's own part stays open",         FieldGroup::Attendees, BIDI_CRM,  Some(Side::M365),  ["{a}>{a b}", "{a}>{a c}"],   ["{a c}>{a b c}", "{a c}"]),
    ("the CRM refused: Microsoft's own part stays open",         FieldGroup::Attendees, BIDI_CRM,  Some(Side::Crm),   ["{a}>{a b}", "{a}>{a c}"],   ["{a b}", "{a b}>{a b c}"]),
    ("a removal that may not be written stays one",              FieldGroup::Attendees, BIDI_CRM,  None,              ["{a b}>{b}", "{a b}>{a b c}!"], ["{a b c}>{b c}", "{a b c}!"]),
    ("what the CRM leaves out of our write it did not remove",   FieldGroup::Attendees, BIDI_CRM,  None,              ["{a}>{a b}", "{a}>{a room}!"], ["{a}>{a b}", "{a room}!"]),
    ("an answer given in the CRM is agreed as one",              FieldGroup::Attendees, BIDI_CRM,  None,              ["{a}>{a+}", "{a}"],          ["{a+}", "{a}"]),
    ("two answers, the CRM refused: the guest's own stays open", FieldGroup::Attendees, BIDI_CRM,  Some(Side::Crm),   ["{a}>{a+}", "{a}>{a-}"],     ["{a}>{a+}", "{a}>{a-}"]),

    ("joined exceptions are agreed",                             FieldGroup::Exceptions, BIDI_CRM, None,              ["{}>{1a}", "{}>{2x}"],       ["{1a 2x}", "{1a 2x}"]),
    ("read-only: what the CRM took over is agreed",              FieldGroup::Exceptions, BIDI_CRM, None,              ["{}>{1a}", "{}>{2x}!"],      ["{2x}>{1a 2x}", "{2x}!"]),
    ("Microsoft refused: the CRM's own days stay open",          FieldGroup::Exceptions, BIDI_CRM, Some(Side::M365),  ["{}>{1a}", "{}>{2x}"],       ["{2x}>{1a 2x}", "{2x}"]),
    ("a day that is not brought back stays open, alone",         FieldGroup::Exceptions, BIDI_CRM, None,              ["{1x}>{2a}", "{1x}"],        ["{1x 2a}>{2a}", "{1x 2a}"]),
];

fn link(crm: &PresentEnd, m365: &PresentEnd) -> Link {
    let state = |end: &PresentEnd| EndState::with_base(end.now.clone(), end.base.clone(), end.writable);
    Link {
        id: LinkId::new("link"),
        edited: false,
        rewrites: Rewrites::default(),
        void_answers: BTreeMap::new(),
        agreed_at: None,
        generation: 0,
        crm: CrmEnd {
            id: CrmId::new("1"),
            version: CrmVersion::new("1"),
            meeting_uid: None,
            is_echo: false,
            in_flight: None,
            state: state(crm),
        },
        m365: GraphEnd {
            id: GraphId::new("1"),
            meeting_blob: None,
            list: None,
            version: GraphVersion::new("1"),
            modified_at: Some(Instant::from_epoch_milliseconds(1)),
            i_cal_uid: None,
            occurrence_ids: BTreeMap::new(),
            organizer: Organizer::default(),
            unfinished: None,
            in_flight: None,
            state: state(m365),
        },
    }
}

/// What a side shows after a write, or that nothing was written.
fn answer<T>(refused: bool, end: &PresentEnd, record: &Record, seen: impl Fn(Record) -> T) -> Written<T> {
    if record.is_empty() {
        Written::NotNeeded
    } else if refused {
        Written::Failed
    } else {
        Written::Done(seen(end.now.overlaid(record)))
    }
}

fn in_the_crm(mut record: Record) -> Record {
    if let Some(FieldValue::Attendees(guests)) = record.get(FieldGroup::Attendees).cloned() {
        let listed = guests.into_iter().filter(|(address, _)| address.as_str() != NOT_IN_THE_CRM);
        record.set(FieldValue::Attendees(listed.collect()));
    }
    record
}

#[test]
fn a_merge_is_remembered_as_far_as_it_was_carried_out() {
    for (claim, group, policy, refused, before, after) in ROWS {
        let (crm, m365) = (end(*group, before[0]), end(*group, before[1]));
        let merged = merge(*policy, &crm, &m365);
        let remembered = link(&crm, &m365).merged(
            &merged,
            answer(*refused == Some(Side::Crm), &crm, &merged.to_crm, |record| CrmSeen {
                version: CrmVersion::new("2"),
                meeting_uid: None,
                record: in_the_crm(record),
                writable: crm.writable,
            }),
            answer(*refused == Some(Side::M365), &m365, &merged.to_m365, |record| GraphSeen {
                version: GraphVersion::new("2"),
                meeting_blob: None,
                list: None,
                modified_at: Some(Instant::from_epoch_milliseconds(2)),
                record,
                writable: m365.writable,
                occurrence_ids: BTreeMap::new(),
                organizer: Organizer::default(),
            }),
        );
        let expected = link(&end(*group, after[0]), &end(*group, after[1]));
        assert_eq!(remembered.crm.state, expected.crm.state, "{claim}: the CRM's end");
        assert_eq!(remembered.m365.state, expected.m365.state, "{claim}: Microsoft's end");
    }
}

/// A write whose answer was lost: both sides before it, what either shows when
/// it is looked at again, and the ends that are then thought of.
type Lost = (&'static str, FieldGroup, [&'static str; 2], [&'static str; 2], [&'static str; 2]);

#[rustfmt::skip]
const LOST: &[Lost] = &[
    // claim                                            group                  before                        seen then              thought of
    ("what has arrived is agreed",                      FieldGroup::Title,     ["a>b", "a"],                 ["b", "b"],            ["b", "b"]),
    ("what is taken back since flows once more",        FieldGroup::Title,     ["a>b", "a"],                 ["a", "b"],            ["b>a", "b"]),
    ("what is edited in Outlook since is an edit",      FieldGroup::Title,     ["a>b", "a"],                 ["b", "c"],            ["a>b", "a>c"]),
    ("what has not arrived is still to be written",     FieldGroup::Title,     ["a>b", "a"],                 ["b", "a"],            ["a>b", "a"]),
    ("what has not arrived and is taken back is none",  FieldGroup::Title,     ["a>b", "a"],                 ["a", "a"],            ["a", "a"]),
    ("the CRM's part of a set has to follow",           FieldGroup::Attendees, ["{a}>{a b}", "{a}>{a c}"],   ["{a b}", "{a b c}"],  ["{a b}", "{a b}>{a b c}"]),
    ("its own part may be taken back meanwhile",        FieldGroup::Attendees, ["{a}>{a b}", "{a}>{a c}"],   ["{a}", "{a b c}"],    ["{a b}>{a}", "{a b}>{a b c}"]),
];

#[test]
fn a_write_whose_answer_was_lost_is_not_taken_for_somebodys_edit() {
    for (claim, group, before, seen, thought) in LOST {
        let (crm, m365) = (end(*group, before[0]), end(*group, before[1]));
        let sent = merge(BIDI_CRM, &crm, &m365);
        let mut link = link(&crm, &m365).writing(&sent);
        let now = |side: usize| end(*group, seen[side]).now;
        link.crm.state = link.crm.state.observed(now(0), crm.writable);
        link.m365.state = link.m365.state.observed(now(1), m365.writable);
        let situation = link.situation(FieldSet::all(), FieldSet::all());
        let thought = [0, 1].map(|side| End::Present(end(*group, thought[side])));
        assert_eq!([situation.crm, situation.m365], thought, "{claim}");
    }
}

#[test]
fn a_write_is_forgotten_when_it_is_answered_and_kept_when_another_one_fails() {
    let (crm, m365) = (end(FieldGroup::Title, "a>b"), end(FieldGroup::Title, "a"));
    let sent = merge(BIDI_CRM, &crm, &m365);
    let writing = link(&crm, &m365).writing(&sent);
    assert!(writing.m365.in_flight.is_some());
    let done = GraphSeen { record: m365.now.overlaid(&sent.to_m365), ..writing.m365.as_seen().unwrap() };
    let answered = writing.clone().merged(&sent, Written::NotNeeded, Written::Done(done));
    assert_eq!(answered.m365.in_flight, None);
    let failed = writing.clone().merged(&sent, Written::NotNeeded, Written::Failed);
    assert_eq!(failed.m365.in_flight, writing.m365.in_flight, "it may have been the repetition of one that arrived");
    assert_eq!(failed.refused().m365.in_flight, None);
}

#[test]
fn a_replay_is_not_taken_for_a_change_back_nor_for_a_return() {
    let present = end(FieldGroup::Title, "b");
    let known = link(&present, &present).m365;
    let seen = |version: &str, at: i64| GraphSeen {
        version: GraphVersion::new(version),
        meeting_blob: None,
        list: None,
        modified_at: Some(Instant::from_epoch_milliseconds(at)),
        record: end(FieldGroup::Title, "a").now,
        writable: present.writable,
        occurrence_ids: BTreeMap::new(),
        organizer: Organizer::default(),
    };
    assert_eq!(known.observed(seen("0", 0)), known, "older than what is known");
    assert_ne!(known.observed(seen("2", 2)), known, "newer than what is known");

    let gone = GraphEnd { state: EndState::Gone, ..known };
    assert_eq!(gone.observed(seen("1", 1)), gone, "the last state before the deletion");
    assert_ne!(gone.observed(seen("2", 2)), gone, "brought back by the user");
}

#[test]
fn a_deletion_without_effect_stays_one_until_the_item_is_back() {
    let present = end(FieldGroup::Title, "a");
    for side in [Side::Crm, Side::M365] {
        let state = |link: &Link| match side {
            Side::Crm => link.crm.state.clone(),
            Side::M365 => link.m365.state.clone(),
        };
        let gone = link(&present, &present).gone(side);
        assert_eq!(state(&gone), EndState::Gone);
        let kept = gone.kept();
        assert_eq!(state(&kept), EndState::Forgone);
        assert_eq!(state(&kept.gone(side)), EndState::Forgone, "reported again");
    }
}

/// An idle poll asks for nothing on behalf of days that wait for an edit.
#[test]
fn days_that_are_left_as_they_are_ask_for_no_completion() {
    let (before, days) = (Some(Record::default()), exceptions("{1a 2x}"));
    let both: BTreeSet<_> = days.keys().copied().collect();
    let one: BTreeSet<_> = days.keys().copied().take(1).collect();
    let ends = end(FieldGroup::Title, "a");
    for (unfinished, open_days, expected) in [
        (None, &one, false),
        (Some(Unfinished { before: None, exceptions: days.clone() }), &both, false),
        (Some(Unfinished { before: None, exceptions: days.clone() }), &one, true),
        (Some(Unfinished { before, exceptions: days.clone() }), &both, true),
    ] {
        let mut link = link(&ends, &ends);
        link.m365.unfinished.clone_from(&unfinished);
        let merge = Merge { open_days: open_days.clone(), ..Merge::default() };
        assert_eq!(link.is_to_be_completed(&merge), expected, "{unfinished:?}, open: {open_days:?}");
    }
}
