//! How far single days of somebody else's meeting may be written.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::model::{Address, Attendee, AttendeeKind, Reminder};

fn day(text: &str) -> CivilDate {
    CivilDate::from(text.parse::<chrono::NaiveDate>().unwrap())
}

fn title() -> FieldValue {
    FieldValue::Title("Workshop".to_owned())
}

fn said(status: AttendeeStatus) -> FieldValue {
    FieldValue::Response(status)
}

fn guests(status: AttendeeStatus) -> FieldValue {
    let guest = Attendee { display_name: String::new(), status, kind: AttendeeKind::Required };
    FieldValue::Attendees([(Address::new("ben@example.com"), guest)].into())
}

#[expect(clippy::unnecessary_wraps, reason = "a day may also be as the rule has it")]
fn changed(values: &[FieldValue]) -> Option<Occurrence> {
    Some(Occurrence::Changed(values.iter().cloned().collect()))
}

/// What of `asked` is written over `shown`, and whether something is barred.
fn kept(writable: FieldSet, shown: Option<Occurrence>, asked: Option<Occurrence>) -> (Option<Occurrence>, bool) {
    let at = day("2027-03-16");
    let series = [said(AttendeeStatus::None), FieldValue::Attendees(Attendees::new())].into_iter().collect();
    let target = PresentEnd::unlinked(series, FieldSet::all(), writable);
    let days =
        |occurrence: Option<Occurrence>| -> Exceptions { occurrence.map(|found| (at, found)).into_iter().collect() };
    let mut wanted = days(asked);
    let barred = keep_barred(&mut wanted, &days(shown), &target, &target.now);
    (wanted.remove(&at), barred.contains(&at))
}

#[test]
fn of_somebody_elses_day_only_what_is_the_guests_own_is_written() {
    use AttendeeStatus::{Accepted, Declined, None as Unsaid};
    let own = [FieldGroup::Exceptions, FieldGroup::Reminder, FieldGroup::Response].into_iter().collect();
    let reminder = FieldValue::Reminder(Reminder::MinutesBefore(3));
    let cancelled = Some(Occurrence::Cancelled);
    let table = [
        // shown, asked, written, barred
        (None, changed(&[said(Accepted)]), changed(&[said(Accepted)]), false),
        (None, changed(&[title()]), None, true),
        (None, changed(&[title(), reminder.clone()]), changed(&[reminder]), true),
        (changed(&[title()]), None, changed(&[title()]), true),
        (changed(&[title()]), changed(&[title(), said(Declined)]), changed(&[title(), said(Declined)]), false),
        // An answer is not taken back, and to ask for that is no edit.
        (changed(&[said(Accepted)]), None, changed(&[said(Accepted)]), false),
        (changed(&[said(Accepted)]), changed(&[said(Unsaid)]), changed(&[said(Accepted)]), false),
        // Nor is a list in which answers alone differ.
        (changed(&[guests(Accepted)]), changed(&[guests(Unsaid)]), changed(&[guests(Accepted)]), false),
        (None, changed(&[guests(Unsaid)]), None, true),
        // Whether it takes place is the organiser's.
        (None, cancelled.clone(), None, true),
        (cancelled.clone(), None, cancelled.clone(), true),
        (cancelled.clone(), cancelled.clone(), cancelled, false),
    ];
    for (shown, asked, written, barred) in table {
        assert_eq!(kept(own, shown.clone(), asked.clone()), (written, barred), "{shown:?} to {asked:?}");
    }
}

#[test]
fn of_the_own_day_everything_is_written_but_an_answer() {
    let organizer = FieldSet::all().without(FieldSet::EMPTY.with(FieldGroup::Response));
    let asked = changed(&[title(), said(AttendeeStatus::Accepted)]);
    assert_eq!(kept(organizer, None, asked), (changed(&[title()]), false));
    assert_eq!(kept(organizer, None, Some(Occurrence::Cancelled)), (Some(Occurrence::Cancelled), false));
}
