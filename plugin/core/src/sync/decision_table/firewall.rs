//! Who is told of a write to Microsoft, and when it is withheld.
//!
//! Every kind of write, to the user's own event, to their own meeting and to
//! somebody else's, before and after it has ended, for either cause.

use std::collections::BTreeSet;

use crate::model::{
    Address, Attendee, AttendeeKind, AttendeeStatus, Attendees, FieldGroup, FieldSet, FieldValue, Instant, LinkId,
    Record, Reminder, ShowAs,
};
use crate::sync::check::{Impossible, check_notices};
use crate::sync::{
    Audience, Cause, Decision, End, Evidence, Guarded, NoticeKind, PresentEnd, Side, Situation, Why, Withheld, guard,
    is_over, merge,
};

use super::picture::{BIDI_CRM, daily, day, event, exceptions};

/// Whose item it is in Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Nobody is invited.
    Own,
    /// The user has invited Anna.
    Meeting,
    /// Somebody else has invited the user.
    Invitation,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Title,
    Reminder,
    ShowAs,
    Invite,
    Uninvite,
    Respond,
    Delete,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Silent,
    Tells(NoticeKind),
    Waits,
    /// Not ours to write; nobody is told, and it stays a change.
    Foreign,
}

#[rustfmt::skip]
const ROWS: &[(Whose, &[What], Then)] = &[
    (Whose::Own,        &[What::Title, What::Reminder, What::ShowAs, What::Delete], Then::Silent),
    (Whose::Own,        &[What::Invite],                                            Then::Tells(NoticeKind::Invitation)),
    (Whose::Meeting,    &[What::Reminder, What::ShowAs],                            Then::Silent),
    (Whose::Meeting,    &[What::Title],                                             Then::Tells(NoticeKind::Update)),
    (Whose::Meeting,    &[What::Invite],                                            Then::Tells(NoticeKind::Invitation)),
    (Whose::Meeting,    &[What::Uninvite],                                          Then::Tells(NoticeKind::Cancellation)),
    (Whose::Meeting,    &[What::Delete],                                            Then::Tells(NoticeKind::Cancellation)),
    (Whose::Invitation, &[What::Reminder, What::ShowAs, What::Delete],              Then::Silent),
    (Whose::Invitation, &[What::Title, What::Invite, What::Uninvite],               Then::Foreign),
    (Whose::Invitation, &[What::Respond],                                           Then::Tells(NoticeKind::Reply)),
];

const BEFORE: Instant = Instant::from_epoch_milliseconds(0);
/// Events of this table take place on the first of January 1970 at noon.
const AFTER: Instant = Instant::from_epoch_milliseconds(13 * 3_600_000);

fn address(name: &str) -> Address {
    Address::new(&format!("{name}@example.com"))
}

fn guests(names: &[&str]) -> FieldValue {
    let guest = |name: &&str| {
        let guest =
            Attendee { display_name: String::new(), status: AttendeeStatus::None, kind: AttendeeKind::Required };
        (address(name), guest)
    };
    FieldValue::Attendees(names.iter().map(guest).collect::<Attendees>())
}

fn item(whose: Whose) -> Record {
    let mut record = event("visit");
    record.set(guests(if whose == Whose::Own { &[] } else { &["anna"] }));
    record
}

fn audience(whose: Whose, record: &Record, now: Instant) -> Audience {
    let organizes = whose != Whose::Invitation;
    let name = if organizes { "user" } else { "boss" };
    Audience {
        organizes,
        organizer: Some(address(name)),
        guests: record.guests().into_keys().collect(),
        over: is_over(record, now),
    }
}

fn edited(record: &Record, what: What) -> Record {
    let mut record = record.clone();
    record.set(match what {
        What::Title => FieldValue::Title("review".into()),
        What::Reminder => FieldValue::Reminder(Reminder::MinutesBefore(5)),
        What::ShowAs => FieldValue::ShowAs(ShowAs::Oof),
        What::Invite => guests(&["anna", "ben"]),
        What::Uninvite => guests(&[]),
        What::Respond => FieldValue::Response(AttendeeStatus::Accepted),
        What::Delete => return record,
    });
    record
}

fn present(base: &Record, now: &Record) -> PresentEnd {
    PresentEnd { base: base.clone(), ..PresentEnd::unlinked(now.clone(), FieldSet::all(), FieldSet::all()) }
}

/// Guards a decision, and has the result checked.
fn guarded(decision: Decision, situation: &Situation, audience: &Audience, cause: Cause, now: Instant) -> Guarded {
    let guarded = guard(decision, situation, audience, cause, now);
    let link = LinkId::new("link");
    let found = check_notices([(&link, situation, &guarded.decision, audience, cause)], now);
    assert!(found.is_empty(), "{:?} by {cause:?}: {found:?}", guarded.decision);
    guarded
}

fn merge_of(before: &Record, after: &Record) -> (Situation, Decision) {
    let (crm, m365) = (present(before, after), present(before, before));
    let decision = Decision::Merge(merge(BIDI_CRM, &crm, &m365));
    (Situation { crm: End::Present(crm), m365: End::Present(m365) }, decision)
}

#[test]
fn every_write_is_classified_as_exactly_one_row_says() {
    for (whose, whats, then) in ROWS {
        for (what, cause, now) in whats.iter().flat_map(|what| {
            let causes = [Cause::Edit, Cause::Comparison];
            causes.into_iter().flat_map(move |cause| [BEFORE, AFTER].map(|now| (*what, cause, now)))
        }) {
            let picture = format!("{what:?} of {whose:?} by {cause:?} at {now}");
            let before = item(*whose);
            let audience = audience(*whose, &before, now);
            let (situation, decision) = if what == What::Delete {
                let decision = Decision::Delete { on: Side::M365, conflicts: Vec::new(), evidence: Evidence::Deletion };
                (Situation { crm: End::Gone, m365: End::Present(present(&before, &before)) }, decision)
            } else {
                merge_of(&before, &edited(&before, what))
            };
            let allowed = cause == Cause::Edit && now == BEFORE;
            let then = if matches!(then, Then::Tells(_)) && !allowed { Then::Waits } else { *then };
            let result = guarded(decision.clone(), &situation, &audience, cause, now);
            match then {
                Then::Silent => assert_eq!(result, Guarded { decision, notice: None, withheld: None }, "{picture}"),
                Then::Tells(kind) => {
                    assert_eq!(result.decision, decision, "{picture}");
                    assert_eq!(result.notice.map(|notice| notice.kind), Some(kind), "{picture}");
                    assert_eq!(result.withheld, None, "{picture}");
                }
                Then::Waits => {
                    let why = if cause == Cause::Edit { Why::Over } else { Why::Comparison };
                    assert_eq!(result.notice, None, "{picture}");
                    assert_eq!(result.withheld.map(|withheld| withheld.why), Some(why), "{picture}");
                    stays_open(&result.decision, &picture);
                    let found = check_notices([(&LinkId::new("l"), &situation, &decision, &audience, cause)], now);
                    assert_eq!(found, [Impossible::UnjustifiedNotice(LinkId::new("l"))], "{picture}: unguarded");
                }
                Then::Foreign => {
                    assert_eq!((result.notice, result.withheld), (None, None), "{picture}");
                    stays_open(&result.decision, &picture);
                }
            }
        }
    }
}

/// Nothing is written, and nothing is agreed on.
fn stays_open(decision: &Decision, picture: &str) {
    match decision {
        Decision::Withhold => {}
        Decision::Merge(merge) => {
            assert!(merge.to_m365.is_empty(), "{picture}");
            let open = merge.withheld_m365.union(merge.unwritable_m365);
            assert!(!open.is_empty() && merge.settled.intersection(open).is_empty(), "{picture}");
        }
        other => panic!("{picture}: {other:?}"),
    }
}

#[test]
fn only_those_who_come_and_go_are_told() {
    let before = item(Whose::Meeting);
    let audience = audience(Whose::Meeting, &before, BEFORE);
    let told = |after: &Record| {
        let (situation, decision) = merge_of(&before, after);
        guarded(decision, &situation, &audience, Cause::Edit, BEFORE).notice.unwrap().people
    };
    let mut after = before.clone();
    after.set(guests(&["ben", "user"]));
    assert_eq!(told(&after), BTreeSet::from([address("anna"), address("ben")]));
    after.set(FieldValue::Title("review".into()));
    assert_eq!(told(&after), BTreeSet::from([address("anna"), address("ben")]));
    after.set(guests(&["anna", "ben"]));
    assert_eq!(told(&after), BTreeSet::from([address("anna"), address("ben")]), "all are told of a title");
    after.set(FieldValue::Title("visit".into()));
    assert_eq!(told(&after), BTreeSet::from([address("ben")]));
}

#[test]
fn the_organiser_is_not_invited() {
    let before = item(Whose::Meeting);
    let mut after = before.clone();
    after.set(guests(&["anna", "user"]));
    let (situation, decision) = merge_of(&before, &after);
    let audience = audience(Whose::Meeting, &before, BEFORE);
    let result = guarded(decision, &situation, &audience, Cause::Edit, BEFORE);
    assert!(matches!(&result.decision, Decision::Merge(merge) if merge.to_m365.is_empty()));
    assert_eq!((result.notice, result.withheld), (None, None));
}

#[test]
fn a_new_meeting_invites_or_is_created_without_guests() {
    for (cause, now, invites) in
        [(Cause::Edit, BEFORE, true), (Cause::Edit, AFTER, false), (Cause::Comparison, BEFORE, false)]
    {
        let record = item(Whose::Meeting);
        let situation = Situation { crm: End::Present(present(&Record::default(), &record)), m365: End::Absent };
        let create = |record| Decision::Create { on: Side::M365, record, conflicts: Vec::new() };
        let result = guarded(create(record.clone()), &situation, &Audience::none(), cause, now);
        let guests = FieldSet::EMPTY.with(FieldGroup::Attendees);
        if invites {
            assert_eq!(result.decision, create(record));
            assert_eq!(result.notice.unwrap().people, BTreeSet::from([address("anna")]));
        } else {
            assert_eq!(result.decision, create(record.only(FieldSet::all().without(guests))));
            assert!(matches!(result.withheld, Some(Withheld { groups, .. }) if groups == guests));
            assert_eq!(result.notice, None);
        }
    }
}

#[test]
fn guests_who_come_with_another_change_are_invited() {
    let before = item(Whose::Own);
    let mut after = item(Whose::Meeting);
    after.set(FieldValue::Title("review".into()));
    let (situation, decision) = merge_of(&before, &after);
    let mut audience = audience(Whose::Own, &before, BEFORE);
    audience.guests = after.guests().into_keys().collect();
    let told = guarded(decision, &situation, &audience, Cause::Edit, BEFORE).notice.unwrap();
    assert_eq!((told.kind, told.people), (NoticeKind::Invitation, BTreeSet::from([address("anna")])));
}

#[test]
fn a_first_merge_tells_nobody() {
    let (mut ours, theirs) = (item(Whose::Meeting), item(Whose::Meeting));
    ours.set(FieldValue::Title("review".into()));
    let (crm, m365) = (present(&Record::default(), &ours), present(&Record::default(), &theirs));
    let decision = Decision::Merge(merge(BIDI_CRM, &crm, &m365));
    let situation = Situation { crm: End::Present(crm), m365: End::Present(m365) };
    let audience = audience(Whose::Meeting, &theirs, BEFORE);
    let result = guarded(decision, &situation, &audience, Cause::Edit, BEFORE);
    assert_eq!(result.notice, None);
    let Decision::Merge(merge) = result.decision else { panic!("a merge") };
    assert!(merge.to_m365.is_empty() && merge.conflicts.is_empty(), "nothing was put over anything");
}

#[test]
fn single_days_are_told_of_unless_they_are_over() {
    let mut before = item(Whose::Meeting);
    before.set(daily(5));
    before.set(FieldValue::Exceptions(exceptions("{}")));
    let audience = audience(Whose::Meeting, &before, AFTER);
    let result = |changed: &str, cause| {
        let mut after = before.clone();
        after.set(FieldValue::Exceptions(exceptions(changed)));
        let (situation, decision) = merge_of(&before, &after);
        let result = guarded(decision, &situation, &audience, cause, AFTER);
        let Decision::Merge(merge) = result.decision else { panic!("a merge") };
        (merge, result.notice.map(|notice| notice.kind), result.withheld.map(|withheld| withheld.why))
    };
    let (merge, told, withheld) = result("{1x 2x}", Cause::Edit);
    assert_eq!(merge.to_m365.exceptions(), exceptions("{2x}"), "the first day is over");
    assert_eq!((told, withheld), (Some(NoticeKind::Cancellation), Some(Why::Over)));
    assert_eq!(merge.open_days, BTreeSet::from([day(1)]));
    assert!(merge.settled.contains(FieldGroup::Exceptions), "the other days are");

    let (merge, told, withheld) = result("{2a}", Cause::Edit);
    assert_eq!((merge.to_m365.exceptions(), told, withheld), (exceptions("{2a}"), Some(NoticeKind::Update), None));

    let (merge, told, withheld) = result("{1a 2x}", Cause::Comparison);
    assert!(merge.to_m365.is_empty());
    assert_eq!((told, withheld), (None, Some(Why::Comparison)));
}

#[test]
fn a_series_is_withheld_as_a_whole() {
    let mut before = item(Whose::Meeting);
    before.set(daily(5));
    before.set(FieldValue::Exceptions(exceptions("{2x}")));
    let mut after = before.clone();
    after.set(daily(6));
    after.set(FieldValue::Exceptions(exceptions("{}")));
    after.set(FieldValue::Reminder(Reminder::MinutesBefore(5)));
    let (situation, decision) = merge_of(&before, &after);
    let audience = audience(Whose::Meeting, &before, BEFORE);
    let result = guarded(decision, &situation, &audience, Cause::Comparison, BEFORE);
    let Decision::Merge(merge) = result.decision else { panic!("a merge") };
    assert_eq!(merge.to_m365.groups(), FieldSet::EMPTY.with(FieldGroup::Reminder), "a reminder is the user's own");
    assert!(!merge.settled.contains(FieldGroup::Recurrence) && !merge.settled.contains(FieldGroup::Exceptions));
}
