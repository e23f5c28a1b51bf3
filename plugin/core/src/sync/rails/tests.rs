#![allow(clippy::unwrap_used)]

use super::*;

const fn on(crm: u32, m365: u32) -> PerSide {
    PerSide { crm, m365 }
}

const fn many(crm: u32, m365: u32, links: u32) -> Stop {
    Stop::TooManyDeletions { deletions: on(crm, m365), links }
}

const fn empty(side: Side, deletions: u32) -> Stop {
    Stop::SuddenlyEmpty { side, deletions, links: deletions }
}

#[rustfmt::skip]
const DELETIONS: &[(&str, u32, PerSide, PerSide, Option<Stop>)] = &[
    // description                                        links  now           before        the run
    ("nothing to delete",                                  100,  on(0, 0),     on(0, 0),     None),
    ("ten of few",                                          20,  on(10, 0),    on(0, 0),     None),
    ("eleven of few",                                       20,  on(11, 0),    on(0, 0),     Some(many(11, 0, 20))),
    ("eleven in Microsoft 365",                             20,  on(0, 11),    on(0, 0),     Some(many(0, 11, 20))),
    ("eleven on both sides together",                       20,  on(5, 6),     on(0, 0),     Some(many(5, 6, 20))),
    ("a fifth of many",                                    100,  on(20, 0),    on(0, 0),     None),
    ("one more than a fifth",                              100,  on(21, 0),    on(0, 0),     Some(many(21, 0, 100))),
    ("eleven that are just a fifth",                        55,  on(11, 0),    on(0, 0),     None),
    ("eleven that are a little more",                       54,  on(11, 0),    on(0, 0),     Some(many(11, 0, 54))),
    ("in two steps of a run, each of them ordinary",        40,  on(6, 0),     on(6, 0),     Some(many(12, 0, 46))),
    ("what was carried out alone stops nothing",            40,  on(0, 0),     on(30, 0),    None),
    ("four events, all of them",                             4,  on(4, 0),     on(0, 0),     None),
    ("five events, all of them gone in Outlook",             5,  on(5, 0),     on(0, 0),     Some(empty(Side::M365, 5))),
    ("five events, all of them gone in the CRM",             5,  on(0, 5),     on(0, 0),     Some(empty(Side::Crm, 5))),
    ("all but one",                                          9,  on(8, 0),     on(0, 0),     None),
    ("all of them, from both sides",                         8,  on(4, 4),     on(0, 0),     None),
    ("the last ones of a side, in a second step",            3,  on(3, 0),     on(4, 0),     Some(empty(Side::M365, 7))),
    ("an empty side says more than the number",            300,  on(300, 0),   on(0, 0),     Some(empty(Side::M365, 300))),
    ("no links at all",                                      0,  on(0, 0),     on(0, 0),     None),
    ("more than can be multiplied",                   u32::MAX,  on(u32::MAX / 4, 0), on(0, 0), Some(many(u32::MAX / 4, 0, u32::MAX))),
];

#[test]
fn what_an_ordinary_run_may_delete() {
    for (description, links, deletions, deleted, expected) in DELETIONS {
        let outlook = Outlook { links: *links, deletions: *deletions, deleted: *deleted, ..Outlook::default() };
        assert_eq!(stop(&outlook), *expected, "{description}");
    }
}

#[test]
fn where_a_listing_was_empty_what_is_outside_of_it_does_not_count() {
    let with = |deletions, is_m365_unlisted| {
        let outlook = Outlook { links: 100, deletions, is_m365_unlisted, ..Outlook::default() };
        stop(&outlook)
    };
    assert_eq!(with(on(8, 0), false), None);
    assert_eq!(with(on(8, 0), true), Some(Stop::SuddenlyEmpty { side: Side::M365, deletions: 8, links: 100 }));
    assert_eq!(with(on(4, 0), true), None, "four are no surprise");
    assert_eq!(with(on(0, 8), true), None, "the CRM has deleted them, not Microsoft");
}

#[test]
fn deletions_come_before_thrash() {
    let outlook = Outlook { links: 20, deletions: on(11, 0), thrashing: 2, ..Outlook::default() };
    assert_eq!(stop(&outlook), Some(many(11, 0, 20)));
    assert_eq!(stop(&Outlook { deletions: on(0, 0), ..outlook }), Some(Stop::Thrash { items: 2 }));
}

#[test]
fn what_was_held_back_is_known_again_and_nothing_else() {
    use crate::model::{AccountId, CrmId};
    let link = |number: u32| LinkId::of_crm_item(&AccountId::new("a"), &CrmId::new(number.to_string()), 0);
    let held = |numbers: std::ops::Range<u32>| {
        let mut held = Held::new();
        numbers.for_each(|number| held.insert(&link(number)));
        held
    };
    let stored = Held::from_bytes(&held(0..1_000).to_bytes(usize::MAX));
    assert_eq!(stored, held(0..1_000));
    assert!(held(10..20).is_within(&stored) && stored.contains(&link(999)));
    assert!(!held(990..1_001).is_within(&stored) && !stored.contains(&link(1_000)));
    assert_eq!(held(0..1_000).to_bytes(80).len(), 80);
    assert_eq!(held(0..20_000).to_bytes(usize::MAX).len(), 160_000, "no two are taken for one");
}
