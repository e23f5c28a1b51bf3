//! What belongs together in a series: time, rule and exceptions, and what is
//! remembered when a write of them is interrupted.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    CrmId, CrmVersion, EventTime, FieldGroup, FieldSet, FieldValue, GraphId, GraphVersion, Instant, LinkId, Occurrence,
    Record, Recurrence,
};
use crate::sync::check::check;
use crate::sync::{
    CrmEnd, CrmSeen, Decision, End, EndState, GraphEnd, GraphSeen, Link, Merge, Organizer, Policy, PresentEnd,
    Rewrites, Situation, Written, match_key, merge,
};

use super::picture::{BIDI_CRM, BIDI_M365, TO_CRM_1, TO_M365_1, daily, day, event, exceptions};

const TIME: FieldSet = FieldSet::EMPTY.with(FieldGroup::Time);
const RULE: FieldSet = TIME.with(FieldGroup::Recurrence);
const SERIES: FieldSet = RULE.with(FieldGroup::Exceptions);

/// An hour of the first day.
fn at(hour: i64) -> FieldValue {
    on(1, hour)
}

fn on(day: i64, hour: i64) -> FieldValue {
    let start_at = Instant::from_epoch_milliseconds(((day - 1) * 24 + hour) * 3_600_000);
    let end_at = Instant::from_epoch_milliseconds(((day - 1) * 24 + hour + 1) * 3_600_000);
    FieldValue::Time(EventTime::timed(start_at, end_at, crate::model::Zone::UTC).unwrap())
}

/// A series of so many days at noon, with these exceptions.
fn series(days: u32, changed: &str) -> Record {
    let mut record = event("visit");
    record.set(daily(days));
    record.set(FieldValue::Exceptions(exceptions(changed)));
    record
}

fn single() -> Record {
    let mut record = event("visit");
    record.set(FieldValue::Recurrence(Recurrence::None));
    record.set(FieldValue::Exceptions(exceptions("{}")));
    record
}

fn with(mut record: Record, value: FieldValue) -> Record {
    record.set(value);
    record
}

fn end(base: Record, now: Record) -> PresentEnd {
    PresentEnd { base, ..PresentEnd::unlinked(now, FieldSet::all(), FieldSet::all()) }
}

/// The merge of an item that both sides showed as `base`; never against the rules.
fn merged(policy: Policy, base: &Record, crm: &Record, m365: &Record) -> Merge {
    let (crm, m365) = (end(base.clone(), crm.clone()), end(base.clone(), m365.clone()));
    let merged = merge(policy, &crm, &m365);
    let situation = Situation { crm: End::Present(crm), m365: End::Present(m365) };
    let findings = check(policy, [(&LinkId::new("link"), &situation, &Decision::Merge(merged.clone()))]);
    assert!(findings.is_empty(), "{findings:?}");
    merged
}

fn conflicts(merge: &Merge) -> FieldSet {
    merge.conflicts.iter().map(|conflict| conflict.group).collect()
}

#[test]
fn a_new_rule_in_the_crm_takes_microsofts_exceptions_along() {
    let base = series(5, "{2x 3a}");
    for policy in [BIDI_CRM, BIDI_M365, TO_M365_1] {
        let merge = merged(policy, &base, &series(7, "{}"), &base);
        assert_eq!(merge.to_m365, series(7, "{}").only(SERIES));
        assert!(merge.to_crm.is_empty() && merge.conflicts.is_empty(), "{policy:?}");
        assert_eq!(merge.settled, FieldSet::all());
    }
}

#[test]
fn but_not_what_the_crm_has_never_shown() {
    let (crm_base, m365_base) = (series(5, "{3a}"), series(5, "{3a 3@ 5@}"));
    let crm = PresentEnd {
        holds: FieldSet::all().without(FieldSet::EMPTY.with(FieldGroup::Location)),
        ..end(crm_base, series(4, "{}"))
    };
    let merge = merge(BIDI_CRM, &crm, &end(m365_base.clone(), m365_base));
    assert_eq!(merge.to_m365, series(4, "{3@}").only(SERIES), "the fifth day is none any more");
}

#[test]
fn a_new_end_in_outlook_keeps_exceptions_on_both_sides() {
    let base = series(5, "{2x 3a}");
    for policy in [BIDI_CRM, BIDI_M365, TO_CRM_1] {
        let merge = merged(policy, &base, &base, &series(7, "{2x 3a}"));
        assert_eq!(merge.to_crm, series(7, "{2x 3a}").only(SERIES), "the CRM drops them with the old rule");
        assert!(merge.to_m365.is_empty() && merge.conflicts.is_empty());
    }
}

#[test]
fn a_new_time_and_a_new_end_are_both_kept_and_written_together() {
    let base = series(5, "{}");
    let merge = merged(BIDI_CRM, &base, &with(base.clone(), at(9)), &series(7, "{2x}"));
    let expected = with(series(7, "{2x}"), at(9)).only(SERIES);
    assert_eq!((&merge.to_crm, &merge.to_m365), (&expected, &expected));
    assert!(merge.conflicts.is_empty());
}

#[test]
fn a_single_event_becomes_a_series_and_back_on_either_side() {
    for (before, after) in [(single(), series(5, "{2x}")), (series(5, "{2x}"), single())] {
        let expected = if after.rule().is_some() { after.only(SERIES) } else { after.only(RULE) };
        let merge = merged(BIDI_CRM, &before, &after, &before);
        assert_eq!((merge.to_m365, merge.to_crm), (expected.clone(), Record::default()));
        let merge = merged(BIDI_CRM, &before, &before, &after);
        assert_eq!((merge.to_crm, merge.to_m365), (expected, Record::default()));
    }
}

#[test]
fn an_edit_of_a_day_that_goes_with_the_series_is_recorded() {
    let base = series(5, "{}");
    for gone in [single(), series(2, "{}")] {
        let merge = merged(BIDI_M365, &base, &gone, &series(5, "{4a}"));
        assert!(merge.conflicts.iter().any(|conflict| {
            conflict.m365 == Some(FieldValue::Exceptions(exceptions("{4a}")))
                && conflict.group == FieldGroup::Exceptions
        }));
    }
    let merge = merged(BIDI_M365, &base, &series(2, "{}"), &series(5, "{4x}"));
    assert!(merge.conflicts.is_empty(), "a day that does not take place does not take place");
}

#[test]
fn two_new_rules_are_decided_and_recorded() {
    let base = series(5, "{2x}");
    let (ours, theirs) = (series(6, "{3a}"), series(7, "{7b 4a}"));
    let merge = merged(BIDI_CRM, &base, &ours, &theirs);
    assert_eq!(merge.to_m365, series(6, "{3a 4a}").only(SERIES));
    assert_eq!(merge.to_crm, series(6, "{3a 4a}").only(FieldSet::EMPTY.with(FieldGroup::Exceptions)));
    let recorded = FieldSet::EMPTY.with(FieldGroup::Recurrence).with(FieldGroup::Exceptions);
    assert_eq!(conflicts(&merge), recorded, "the seventh day is none");
}

#[test]
fn a_time_that_does_not_fall_on_the_rule_beside_it_is_decided_as_one() {
    use crate::model::{Pattern, RangeEnd, Rule, Weekdays, Zone};
    // The first of January 1970 was a Thursday.
    let weekly = |day| {
        let pattern = Pattern::Weekly { days: Weekdays::one(day), week_start: chrono::Weekday::Sun };
        let rule = Rule { pattern, interval: 1, end: RangeEnd::Never, zone: Some(Zone::UTC) };
        FieldValue::Recurrence(Recurrence::Rule(rule))
    };
    let base = with(series(5, "{}"), weekly(chrono::Weekday::Thu));
    let on_friday = with(with(base.clone(), weekly(chrono::Weekday::Fri)), on(2, 12));
    let later = with(base.clone(), at(15));
    let merge = merged(BIDI_CRM, &base, &on_friday, &later);
    assert_eq!((merge.to_m365.clone(), merge.to_crm.clone()), (on_friday.only(SERIES), Record::default()));
    assert_eq!(conflicts(&merge), TIME);
    let merge = merged(BIDI_M365, &base, &on_friday, &later);
    assert_eq!((merge.to_crm.clone(), merge.to_m365.clone()), (later.only(SERIES), Record::default()));
    assert_eq!(conflicts(&merge), RULE, "the rule went with the time");
}

#[test]
fn a_title_and_an_exception_are_both_kept() {
    let base = series(5, "{}");
    let renamed = with(base.clone(), FieldValue::Title("review".into()));
    let merge = merged(BIDI_CRM, &base, &renamed, &series(5, "{2x}"));
    assert_eq!(merge.to_m365, renamed.only(FieldSet::EMPTY.with(FieldGroup::Title)));
    assert_eq!(merge.to_crm, series(5, "{2x}").only(FieldSet::EMPTY.with(FieldGroup::Exceptions)));
    assert!(merge.conflicts.is_empty());
}

#[test]
fn an_occurrence_at_the_time_of_the_rule_is_no_exception() {
    let base = series(5, "{}");
    let moved: Record = [on(2, 9)].into_iter().collect();
    let moved = FieldValue::Exceptions(BTreeMap::from([(day(2), Occurrence::Changed(moved))]));
    let merge = merged(BIDI_CRM, &base, &with(base.clone(), at(9)), &with(base.clone(), moved));
    assert_eq!(merge.to_m365, with(series(5, "{}"), at(9)).only(SERIES));
}

#[test]
fn a_series_is_never_recognised_as_a_single_event() {
    assert_ne!(match_key(&series(5, "{}")), match_key(&single()));
    assert_ne!(match_key(&series(5, "{}")), match_key(&series(6, "{}")));
    assert_eq!(match_key(&series(5, "{}")), match_key(&series(5, "{2x}")));
}

fn link(base: &Record, crm: &Record, m365: &Record) -> Link {
    let state = |now: &Record| EndState::with_base(now.clone(), base.clone(), FieldSet::all());
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
        m365: GraphEnd { state: state(m365), ..GraphEnd::agreed(GraphId::new("1"), None, seen(m365)) },
    }
}

fn seen(record: &Record) -> GraphSeen {
    GraphSeen {
        version: GraphVersion::new("2"),
        meeting_blob: None,
        list: None,
        modified_at: None,
        record: record.clone(),
        writable: FieldSet::all(),
        occurrence_ids: BTreeMap::new(),
        organizer: Organizer::default(),
    }
}

fn planned(link: &Link) -> Merge {
    let Situation { crm: End::Present(crm), m365: End::Present(m365) } =
        link.situation(FieldSet::all(), FieldSet::all())
    else {
        panic!("an end that is not there");
    };
    merge(BIDI_CRM, &crm, &m365)
}

#[test]
fn a_write_that_was_interrupted_is_done_once_more() {
    // A new time in the CRM; a place in Outlook that nobody else knows.
    let (base, crm) = (series(5, "{2x 3@}"), with(series(5, "{3@}"), at(9)));
    let start = link(&base, &crm, &base);
    let before = start.writing(&planned(&start));
    let wanted = with(series(5, "{3@}"), at(9)).only(SERIES);
    assert_eq!(planned(&before).to_m365, wanted, "it never arrived");

    let half = with(series(5, "{}"), at(9));
    let mut after = before.clone();
    after.m365 = after.m365.observed(seen(&half));
    let again = planned(&after);
    assert_eq!(again.to_m365, wanted.only(FieldSet::EMPTY.with(FieldGroup::Exceptions)), "half of it arrived");
    assert!(again.to_crm.is_empty(), "nothing was deleted by anybody");

    let done = after.merged(&again, Written::NotNeeded, Written::Done(seen(&crm)));
    assert!(!done.is_unfinished() && planned(&done).to_m365.is_empty());
}

#[test]
fn exceptions_that_did_not_come_back_are_written_again() {
    let (base, crm) = (series(5, "{3@}"), with(series(5, "{4x}"), at(9)));
    let start = link(&base, &crm, &series(5, "{3@ 5a}"));
    let first = planned(&start);
    let crm_seen = CrmSeen {
        version: CrmVersion::new("2"),
        meeting_uid: None,
        record: crm.overlaid(&first.to_crm),
        writable: FieldSet::all(),
    };
    let half = Written::Partly {
        seen: seen(&with(series(5, "{5a}"), at(9))),
        failed: FieldSet::EMPTY.with(FieldGroup::Exceptions),
        failed_days: BTreeSet::new(),
    };
    let link = start.merged(&first, Written::Done(crm_seen), half);
    assert!(link.is_unfinished());
    let second = planned(&link);
    assert!(second.to_crm.is_empty());
    assert_eq!(second.to_m365, first.to_m365.only(FieldSet::EMPTY.with(FieldGroup::Exceptions)));
}

#[test]
fn a_refused_day_stays_open_while_the_others_settle() {
    let base = series(5, "{}");
    let start = link(&base, &series(5, "{2a 3b}"), &base);
    let first = planned(&start);
    let partly = Written::Partly {
        seen: seen(&series(5, "{3b}")),
        failed: FieldSet::EMPTY,
        failed_days: BTreeSet::from([day(2)]),
    };
    let link = start.merged(&first, Written::NotNeeded, partly);
    assert_eq!(link.crm.state.base().exceptions(), exceptions("{3b}"));
    assert_eq!(link.m365.state.base().exceptions(), exceptions("{3b}"));
    assert_eq!(planned(&link).to_m365.exceptions(), exceptions("{2a 3b}"), "tried again when it is decided about");
}
