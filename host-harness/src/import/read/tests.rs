#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::crm::event::{AllDay, AttendeeStatus, AttendeeType, EventTime};
use crate::crm::fixtures::instant;
use crate::import::ImportedEvent;

/// A calendar with these lines.
fn calendar(lines: &[&str]) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", lines.join("\r\n"))
}

/// A calendar with one event of these lines.
fn with_event(lines: &[&str]) -> String {
    let mut all = vec!["BEGIN:VEVENT", "UID:u"];
    all.extend(lines);
    all.push("END:VEVENT");
    calendar(&all)
}

fn batch(text: &str) -> ImportBatch {
    read(text, Tz::Europe__Berlin).unwrap()
}

fn one(lines: &[&str]) -> ImportedEvent {
    let batch = batch(&with_event(lines));
    assert_eq!(batch.left, []);
    batch.events[0].clone()
}

#[track_caller]
fn check_timed(lines: &[&str], start: &str, end: &str, zone: &str) {
    match one(lines).time {
        EventTime::Timed(timed) => {
            assert_eq!((timed.start, timed.end), (instant(start), instant(end)));
            assert_eq!(timed.zone.name(), zone);
        }
        EventTime::AllDay(days) => panic!("expected instants, but found {days:?}"),
    }
}

#[track_caller]
fn check_days(lines: &[&str], start_on: &str, end_before: &str) {
    let days = AllDay { start_on: start_on.parse().unwrap(), end_before: end_before.parse().unwrap() };
    assert_eq!(one(lines).time, EventTime::AllDay(days));
}

#[track_caller]
fn check_skipped(lines: &[&str], reason: SkipReason) {
    let batch = batch(&calendar(lines));
    assert_eq!(batch.left.iter().map(|left| left.reason).collect::<Vec<_>>(), [reason]);
    assert!(batch.events.is_empty());
}

#[test]
fn times_are_read_in_utc_in_a_zone_and_without_one() {
    let (start, end) = ("2026-07-01T09:00:00Z", "2026-07-01T10:00:00Z");
    check_timed(&["DTSTART:20260701T090000Z", "DTEND:20260701T100000Z"], start, end, "UTC");
    check_timed(
        &["DTSTART;TZID=America/New_York:20260701T050000", "DTEND;TZID=America/New_York:20260701T060000"],
        start,
        end,
        "America/New_York",
    );
    check_timed(
        &["DTSTART;TZID=W. Europe Standard Time:20260701T110000", "DURATION:PT1H"],
        start,
        end,
        "Europe/Berlin",
    );
    check_timed(&["DTSTART:20260701T110000", "DTEND:20260701T120000"], start, end, "Europe/Berlin");
    check_timed(&["DTSTART:20260701T090000Z"], start, start, "UTC");
}

#[test]
fn a_file_can_name_its_own_zone() {
    let text = calendar(&[
        "X-WR-TIMEZONE:Asia/Tokyo",
        "BEGIN:VEVENT",
        "DTSTART:20260701T180000",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20260701T090000Z",
        "END:VEVENT",
    ]);
    for event in batch(&text).events {
        match event.time {
            EventTime::Timed(timed) => {
                assert_eq!((timed.start, timed.zone.name()), (instant("2026-07-01T09:00:00Z"), "Asia/Tokyo"));
            }
            EventTime::AllDay(days) => panic!("expected instants, but found {days:?}"),
        }
    }
}

#[test]
fn a_file_can_explain_a_name_of_its_own() {
    let text = calendar(&[
        "BEGIN:VTIMEZONE",
        "TZID:Office",
        "X-LIC-LOCATION:Europe/Paris",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "DTSTART;TZID=Office:20260701T110000",
        "END:VEVENT",
    ]);
    let read = batch(&text);
    assert_eq!((read.events.len(), read.left.len()), (1, 0));
}

#[test]
fn whole_days_end_before_their_end() {
    check_days(&["DTSTART;VALUE=DATE:20260301"], "2026-03-01", "2026-03-02");
    check_days(&["DTSTART;VALUE=DATE:20260301", "DTEND;VALUE=DATE:20260304"], "2026-03-01", "2026-03-04");
    check_days(&["DTSTART;VALUE=DATE:20260301", "DTEND;VALUE=DATE:20260301"], "2026-03-01", "2026-03-02");
    check_days(&["DTSTART;VALUE=DATE:20260301", "DURATION:P2D"], "2026-03-01", "2026-03-03");
}

#[test]
fn texts_guests_and_the_nearest_alarm_are_read() {
    let event = one(&[
        "DTSTART:20260701T090000Z",
        "SUMMARY:Lunch\\, with \\; and a fol",
        " ded line",
        "DESCRIPTION:two\\nlines",
        "LOCATION:Canteen",
        "ORGANIZER;CN=Boss:MAILTO:boss@example.org",
        "ATTENDEE;CN=Ann;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:mailto:ann@example.org",
        "ATTENDEE;PARTSTAT=TENTATIVE:mailto:ANN@example.org",
        "ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room@example.org",
        "ATTENDEE:urn:uuid:nobody",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-P1D",
        "END:VALARM",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER;RELATED=START:-PT15M",
        "END:VALARM",
    ]);
    assert_eq!(event.title, "Lunch, with ; and a folded line");
    assert_eq!(event.description.as_deref(), Some("two\nlines"));
    assert_eq!(event.location.as_deref(), Some("Canteen"));
    assert_eq!(event.organizer.as_deref(), Some("boss@example.org"));
    assert_eq!(event.reminder_minutes, Some(15));
    let guests: Vec<(&str, AttendeeStatus, AttendeeType)> =
        event.attendees.iter().map(|guest| (guest.address.as_str(), guest.status, guest.kind)).collect();
    let expected = [
        ("ann@example.org", AttendeeStatus::Accepted, AttendeeType::Optional),
        ("room@example.org", AttendeeStatus::None, AttendeeType::Resource),
    ];
    assert_eq!(guests, expected);
}

#[test]
fn titles_fit_the_crm_and_changed_ones_are_counted() {
    let long = format!("SUMMARY:{}", "ü".repeat(300));
    let text = calendar(&[
        "BEGIN:VEVENT",
        "DTSTART:20260701T090000Z",
        &long,
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20260701T090000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20260701T090000Z",
        "SUMMARY:a\\nb",
        "END:VEVENT",
    ]);
    let batch = batch(&text);
    let titles: Vec<&str> = batch.events.iter().map(|event| event.title.as_str()).collect();
    assert_eq!((titles[0].chars().count(), titles[1], titles[2]), (255, "(no title)", "a b"));
    assert_eq!(batch.adjusted_titles, 2);
}

#[test]
fn what_is_left_out_is_counted_with_its_reason() {
    let event = |lines: &[&'static str]| -> Vec<&'static str> { [&["BEGIN:VEVENT"], lines, &["END:VEVENT"]].concat() };
    check_skipped(&event(&["SUMMARY:x"]), SkipReason::NoStart);
    check_skipped(&event(&["DTSTART:soon"]), SkipReason::NoStart);
    check_skipped(&event(&["DTSTART:20260701T090000Z", "DTEND:later"]), SkipReason::UnreadableEnd);
    check_skipped(&event(&["DTSTART:20260701T090000Z", "DURATION:long"]), SkipReason::UnreadableEnd);
    check_skipped(&event(&["DTSTART:20260701T090000Z", "DTEND:20260701T080000Z"]), SkipReason::EndBeforeStart);
    check_skipped(&event(&["DTSTART;VALUE=DATE:20260702", "DTEND;VALUE=DATE:20260701"]), SkipReason::EndBeforeStart);
    check_skipped(&event(&["DTSTART;TZID=Mars:20260701T090000"]), SkipReason::UnknownZone);
    check_skipped(&event(&["DTSTART:20260701T090000Z", "RRULE:FREQ=HOURLY"]), SkipReason::RuleFrequency);
    check_skipped(&event(&["DTSTART:20260701T090000Z", "STATUS:CANCELLED"]), SkipReason::Cancelled);
    check_skipped(&["BEGIN:VTODO", "SUMMARY:x", "STATUS:CANCELLED", "END:VTODO"], SkipReason::Cancelled);
    check_skipped(&["BEGIN:VJOURNAL", "SUMMARY:x", "END:VJOURNAL"], SkipReason::OtherKind);
}

#[test]
fn several_calendars_and_a_byte_order_mark_are_fine() {
    let text = with_event(&["DTSTART:20260701T090000Z"]);
    assert_eq!(batch(&format!("\u{feff}{text}{text}")).events.len(), 2);
    assert_eq!(batch(&text.replace("\r\n", "\n")).events.len(), 1);
}

#[test]
fn a_file_that_is_none_is_one_clear_error() {
    let deep = format!("{}{}", "BEGIN:VCALENDAR\n".repeat(100_000), "END:VCALENDAR\n".repeat(100_000));
    let files = [
        "",
        "hello",
        "{\"json\": true}",
        "BEGIN:VCARD\nEND:VCARD\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
        "BEGIN:VCALENDAR\nno colon here\nEND:VCALENDAR\n",
        "END:VCALENDAR\n",
        &deep,
    ];
    for file in files {
        let refused = read(file, Tz::UTC).unwrap_err();
        assert!(matches!(refused, ImportError::NotICalendar { .. }), "{refused}");
        assert!(refused.sentence().contains("BEGIN:VCALENDAR"));
    }
}
