#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::json;

use super::*;
use crate::clock::HarnessClock;
use crate::graph::{Microsoft, NewMailbox};
use crate::import::{LeftOutField, read};

const ANNA: &str = "anna@acme.example";

const SINGLES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
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

fn batch(text: &str) -> ImportBatch {
    read(text, Tz::UTC).unwrap()
}

/// A weekly series on Thursdays at nine in Berlin, with these changes: an
/// original date each, and the lines of the change.
fn weekly(changes: &[(&str, &[&str])]) -> ImportBatch {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "BEGIN:VEVENT\r\nUID:w\r\nSUMMARY:Weekly\r\nDTSTART;TZID=Europe/Berlin:20260305T090000\r\nDURATION:PT1H\r\n\
         ATTENDEE:mailto:ann@example.org\r\nRRULE:FREQ=WEEKLY;COUNT=10\r\nEND:VEVENT"
            .to_owned(),
    ];
    for (original, change) in changes {
        lines.push(format!(
            "BEGIN:VEVENT\r\nUID:w\r\nSUMMARY:Changed\r\nRECURRENCE-ID;TZID=Europe/Berlin:{original}T090000\r\n{}\r\n\
             ATTENDEE:mailto:ann@example.org\r\nEND:VEVENT",
            change.join("\r\n")
        ));
    }
    lines.push("END:VCALENDAR\r\n".to_owned());
    batch(&lines.join("\r\n"))
}

fn microsoft() -> (HarnessClock, Microsoft) {
    let clock = HarnessClock::fixed(now());
    let microsoft = Microsoft::new(clock.clone(), 7, "http://127.0.0.1:8081");
    let mailbox = NewMailbox {
        user_principal_name: ANNA.to_owned(),
        display_name: "Anna".to_owned(),
        time_zone: "UTC".to_owned(),
        password: None,
    };
    microsoft.create_mailbox(mailbox).unwrap();
    (clock, microsoft)
}

/// Imports a batch; answers with the report and what the calendar then shows.
async fn imported(batch: &ImportBatch) -> (ImportReport, Vec<(String, String)>) {
    let (_, microsoft) = microsoft();
    let report = import_into_microsoft(&Outlook::of(&microsoft, ANNA), batch, now()).await.unwrap();
    assert_eq!(microsoft.outbox(), Vec::<Value>::new());
    let (from, until) = ("2026-03-01T00:00:00Z".parse().unwrap(), "2026-07-01T00:00:00Z".parse().unwrap());
    let view = microsoft.calendar_view(ANNA, from, until).unwrap();
    let text = |event: &Value, path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let shown = |event: &Value| {
        (text(event, "/start/dateTime").get(..16).unwrap_or_default().to_owned(), text(event, "/subject"))
    };
    (report, view.iter().map(shown).collect())
}

#[test]
fn an_event_is_written_as_outlook_would_write_it() {
    let events: Vec<Value> = batch(SINGLES).events.iter().map(event).collect();
    let one = &events[0];
    assert_eq!(one["start"], json!({ "dateTime": "2026-03-10T09:00:00", "timeZone": "Europe/Berlin" }));
    assert_eq!(one["end"]["dateTime"], "2026-03-10T10:00:00");
    assert_eq!(one["body"], json!({ "contentType": "text", "content": "a <b>" }));
    assert_eq!((&one["isReminderOn"], &one["reminderMinutesBeforeStart"]), (&json!(true), &json!(10)));
    assert!(one.get("attendees").is_none());
    // Said even where there is none: Graph's own default is one of 15 minutes.
    assert_eq!((&events[1]["isReminderOn"], events[1].get("reminderMinutesBeforeStart")), (&json!(false), None));
    assert_eq!(events[1]["isAllDay"], true);
    assert_eq!(events[1]["end"]["dateTime"], "2026-03-12T00:00:00");
}

/// The events of a file: their properties, in lines.
fn described(events: &[&str]) -> ImportBatch {
    let event =
        |lines: &&str| format!("BEGIN:VEVENT\r\nSUMMARY:S\r\nDTSTART:20260310T090000Z\r\n{lines}\r\nEND:VEVENT\r\n");
    batch(&format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", events.iter().map(event).collect::<String>()))
}

#[test]
fn what_an_event_says_about_itself_is_written_in_graphs_words() {
    let table = [
        (
            "CATEGORIES:Work,Sales\\, north\r\nCATEGORIES:Later",
            json!({"categories": ["Work", "Sales, north", "Later"]}),
        ),
        ("CLASS:PUBLIC\r\nTRANSP:OPAQUE\r\nPRIORITY:5\r\nSTATUS:CONFIRMED", json!({})),
        ("CLASS:private\r\nTRANSP:TRANSPARENT", json!({"sensitivity": "private", "showAs": "free"})),
        ("CLASS:CONFIDENTIAL\r\nPRIORITY:4", json!({"sensitivity": "confidential", "importance": "high"})),
        ("CLASS:X-BOARD\r\nPRIORITY:6", json!({"sensitivity": "private", "importance": "low"})),
        ("STATUS:TENTATIVE\r\nPRIORITY:0", json!({"showAs": "tentative"})),
    ];
    let lines: Vec<&str> = table.iter().map(|(lines, _)| *lines).collect();
    for (read, (lines, expected)) in described(&lines).events.iter().zip(&table) {
        let mut written = event(read);
        let fields = written.as_object_mut().unwrap();
        fields.retain(|name, _| ["categories", "sensitivity", "showAs", "importance"].contains(&name.as_str()));
        assert_eq!(&written, expected, "{lines}");
    }
}

#[tokio::test]
async fn what_graph_has_no_place_for_is_counted() {
    let alarms = "BEGIN:VALARM\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\nBEGIN:VALARM\r\nTRIGGER:PT5M\r\nEND:VALARM";
    let guest = "CLASS:PRIVATE\r\nATTENDEE:urn:uuid:1";
    let (report, _) = imported(&described(&[alarms, guest, "LOCATION:Room 1"])).await;
    let expected = BTreeMap::from([(LeftOutField::Alarms, 1), (LeftOutField::Guests, 1)]);
    assert_eq!((report.created, report.left_out_fields), (3, expected));
}

#[test]
fn a_series_is_written_in_its_own_zone() {
    let batch = weekly(&[]);
    let written = series_event(&batch.series[0]);
    assert_eq!(written["start"], json!({ "dateTime": "2026-03-05T09:00:00", "timeZone": "Europe/Berlin" }));
    assert_eq!(written["recurrence"]["range"]["recurrenceTimeZone"], "Europe/Berlin");
    assert_eq!(written["recurrence"]["range"]["numberOfOccurrences"], 10);
    assert_eq!(written["recurrence"]["pattern"]["daysOfWeek"], json!(["thursday"]));
}

#[tokio::test]
async fn a_second_import_creates_nothing() {
    let (clock, microsoft) = microsoft();
    let outlook = Outlook::of(&microsoft, ANNA);
    let batch = batch(SINGLES);
    let first = import_into_microsoft(&outlook, &batch, clock.now()).await.unwrap();
    let once = BTreeMap::from([(SkipReason::Duplicate, 1)]);
    assert_eq!((first.created, first.tasks.created, first.skipped), (2, 1, once));
    clock.advance(TimeDelta::seconds(1));
    let second = import_into_microsoft(&outlook, &batch, clock.now()).await.unwrap();
    let twice = BTreeMap::from([(SkipReason::Duplicate, 4)]);
    assert_eq!((second.created, second.tasks.created, second.skipped), (0, 0, twice));
}

#[test]
fn what_graph_refuses_is_told_apart_from_what_it_has() {
    let answer = |status, body| Answer { status, body };
    let mut creations = Creations { started_at: now(), seen: BTreeSet::new() };
    let mut read = |status, body| creations.read(&answer(status, body));
    let new = json!({ "id": "a", "createdDateTime": "2026-03-02T12:00:00.1230000Z" });
    assert_eq!(read(201, new.clone()), Ok("a".to_owned()));
    assert_eq!(read(201, new), Err((SkipReason::Duplicate, String::new())));
    let old = json!({ "id": "b", "createdDateTime": "2026-03-02T12:00:00.1220000Z" });
    assert_eq!(read(201, old), Err((SkipReason::Duplicate, String::new())));
    let refused = json!({ "error": { "code": "ErrorPropertyValidationFailure" } });
    assert_eq!(read(400, refused), Err((SkipReason::Refused, "ErrorPropertyValidationFailure".to_owned())));
    let repeated = json!({ "error": { "code": "ErrorDuplicateTransactionId" } });
    assert_eq!(read(400, repeated), Err((SkipReason::Duplicate, String::new())));
}

#[tokio::test]
async fn changed_occurrences_are_changed_and_cancelled_ones_deleted() {
    let batch = weekly(&[
        ("20260312", &["DTSTART;TZID=Europe/Berlin:20260313T100000", "DURATION:PT2H"]),
        ("20260402", &["DTSTART;TZID=Europe/Berlin:20260402T090000", "DURATION:PT1H", "STATUS:CANCELLED"]),
    ]);
    let (report, shown) = imported(&batch).await;
    assert_eq!((report.created, report.series, report.exceptions, report.cancelled_occurrences), (1, 1, 1, 1));
    assert_eq!((report.left.len(), shown.len()), (0, 9));
    assert_eq!(shown[1], ("2026-03-13T09:00".to_owned(), "Changed".to_owned()));
    // Nine o'clock in Berlin, before and after the clocks change.
    assert_eq!((shown[0].0.as_str(), shown[4].0.as_str()), ("2026-03-05T08:00", "2026-04-09T07:00"));
}

#[tokio::test]
async fn occurrences_make_way_for_each_other_whatever_their_order() {
    let later = weekly(&[
        ("20260312", &["DTSTART;TZID=Europe/Berlin:20260320T090000", "DURATION:PT1H"]),
        ("20260319", &["DTSTART;TZID=Europe/Berlin:20260324T090000", "DURATION:PT1H"]),
    ]);
    let (report, shown) = imported(&later).await;
    assert_eq!((report.exceptions, report.left.len(), shown.len()), (2, 0, 10));
}

#[tokio::test]
async fn an_occurrence_that_would_pass_a_neighbour_stays_and_is_reported() {
    let batch = weekly(&[("20260312", &["DTSTART;TZID=Europe/Berlin:20260327T090000", "DURATION:PT1H"])]);
    let (report, shown) = imported(&batch).await;
    let left = Left::occurrence(Some("w"), SkipReason::CrossingBoundary, "2026-03-12T08:00:00Z".to_owned());
    let left = Left { title: Some("Weekly".to_owned()), ..left.because("ErrorOccurrenceCrossingBoundary") };
    assert_eq!(report.left, [left]);
    assert!(shown.contains(&("2026-03-12T08:00".to_owned(), "Weekly".to_owned())), "{shown:?}");
}
