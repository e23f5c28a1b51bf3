#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono_tz::Tz;

use super::*;
use crate::clock::HarnessClock;
use crate::graph::{Microsoft, NewMailbox};

const ANNA: &str = "anna@acme.example";

const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
    BEGIN:VEVENT\r\nUID:one@example.org\r\nSUMMARY:One\r\nLOCATION:Room 1\r\n\
    DTSTART;TZID=Europe/Berlin:20260310T090000\r\nDURATION:PT1H\r\nDESCRIPTION:a <b>\r\n\
    ATTENDEE:mailto:ann@example.org\r\n\
    BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:two@example.org\r\nSUMMARY:Two\r\nDTSTART;VALUE=DATE:20260311\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:two@example.org\r\nSUMMARY:Two\r\nDTSTART;VALUE=DATE:20260311\r\nEND:VEVENT\r\n\
    BEGIN:VTODO\r\nUID:three@example.org\r\nSUMMARY:Three\r\nEND:VTODO\r\n\
    END:VCALENDAR\r\n";

fn now() -> DateTime<Utc> {
    "2026-03-02T12:00:00.123Z".parse().unwrap()
}

fn batch() -> ImportBatch {
    import::read(FILE, Tz::UTC).unwrap()
}

#[test]
fn an_event_is_written_as_outlook_would_write_it() {
    let events: Vec<Value> = batch().events.iter().map(graph_event).collect();
    let one = &events[0];
    assert_eq!(one["start"], json!({ "dateTime": "2026-03-10T09:00:00", "timeZone": "Europe/Berlin" }));
    assert_eq!(one["end"]["dateTime"], "2026-03-10T10:00:00");
    assert_eq!(one["body"], json!({ "contentType": "text", "content": "a <b>" }));
    assert_eq!(one["reminderMinutesBeforeStart"], 10);
    assert!(one.get("attendees").is_none());
    assert_eq!(events[1]["isAllDay"], true);
    assert_eq!(events[1]["end"]["dateTime"], "2026-03-12T00:00:00");
}

#[tokio::test]
async fn a_second_import_creates_nothing() {
    let clock = HarnessClock::fixed(now());
    let microsoft = Microsoft::new(clock.clone(), 7, "http://127.0.0.1:8081");
    let mailbox = NewMailbox {
        user_principal_name: ANNA.to_owned(),
        display_name: "Anna".to_owned(),
        time_zone: "UTC".to_owned(),
        password: None,
    };
    microsoft.create_mailbox(mailbox).unwrap();
    let outlook = Outlook::of(&microsoft, ANNA);
    let batch = batch();
    let events: Vec<Value> = batch.events.iter().map(graph_event).collect();

    let first = counted(&batch, &outlook.create_all(&events).await.unwrap(), clock.now());
    let once = BTreeMap::from([(SkipReason::Duplicate, 1), (SkipReason::Task, 1)]);
    assert_eq!((first.created, first.skipped), (2, once));
    clock.advance(chrono::TimeDelta::seconds(1));
    let second = counted(&batch, &outlook.create_all(&events).await.unwrap(), clock.now());
    let twice = BTreeMap::from([(SkipReason::Duplicate, 3), (SkipReason::Task, 1)]);
    assert_eq!((second.created, second.skipped), (0, twice));
}

#[test]
fn what_graph_refuses_is_counted_and_stops_nothing() {
    let answer = |status, body| Answer { status, body };
    let answers = [
        answer(201, json!({ "id": "a", "createdDateTime": "2026-03-02T12:00:00.1230000Z" })),
        answer(400, json!({ "error": { "code": "ErrorPropertyValidationFailure" } })),
        answer(400, json!({ "error": { "code": "ErrorDuplicateTransactionId" } })),
    ];
    let report = counted(&ImportBatch::default(), &answers, now());
    let skipped = BTreeMap::from([(SkipReason::Duplicate, 1), (SkipReason::Refused, 1)]);
    assert_eq!((report.created, report.skipped), (1, skipped));
}

#[test]
fn the_text_says_what_was_left_out_and_why() {
    let skipped = BTreeMap::from([(SkipReason::Task, 2)]);
    let report = ImportReport { created: 1, skipped, adjusted_titles: 1 };
    let imported = Imported { user: "anna".to_owned(), side: "microsoft", report, without_guests: 3 };
    let expected = "\
Imported 1 event into the calendar of anna in the emulated Microsoft 365.
Shortened or made up the title of 1 event.
Left out the guests of 3 events: writing them would send invitations.
Left out 2:
  2  a task (VTODO): tasks cannot be imported yet
";
    assert_eq!(text(&imported), expected);
    let value = serde_json::to_value(&imported).unwrap();
    assert_eq!(value["skipped"], json!({ "task": 2 }));
    assert_eq!((&value["created"], &value["withoutGuests"]), (&json!(1), &json!(3)));
}
