//! Real calendars: `.ics` files into either side, with the count of what was
//! left out and why.

use std::path::{Path, PathBuf};

use serde_json::json;
use tandem_tests::{Outlook, START, World, options_on_disk, tandem};

/// Two events that can be imported, and one of each kind that cannot.
const CALENDAR: &str = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:lunch@example.org
SUMMARY:Lunch with \u{00c5}sa
LOCATION:Canteen
DESCRIPTION:Bring the <draft>
DTSTART;TZID=Europe/Berlin:20260311T120000
DTEND;TZID=Europe/Berlin:20260311T130000
END:VEVENT
BEGIN:VEVENT
UID:fair@example.org
SUMMARY:Fair
DTSTART;VALUE=DATE:20260320
DTEND;VALUE=DATE:20260322
END:VEVENT
BEGIN:VEVENT
UID:weekly@example.org
SUMMARY:Weekly
DTSTART:20260302T090000Z
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
UID:cancelled@example.org
SUMMARY:Cancelled
STATUS:CANCELLED
DTSTART:20260302T090000Z
END:VEVENT
BEGIN:VEVENT
UID:backwards@example.org
SUMMARY:Backwards
DTSTART:20260302T090000Z
DTEND:20260302T080000Z
END:VEVENT
BEGIN:VEVENT
UID:nowhere@example.org
SUMMARY:Nowhere
DTSTART;TZID=Mars/Olympus:20260302T090000
END:VEVENT
BEGIN:VEVENT
UID:never@example.org
SUMMARY:Never
END:VEVENT
BEGIN:VTODO
UID:todo@example.org
SUMMARY:A task
END:VTODO
END:VCALENDAR
";

/// A data directory with the connected user `anna`, and the calendar file.
async fn prepared(directory: &Path) -> PathBuf {
    let world = World::on_disk(&directory.join("data")).await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    let file = directory.join("calendar.ics");
    std::fs::write(&file, CALENDAR.replace('\n', "\r\n")).unwrap();
    file
}

async fn reopened(directory: &Path) -> World {
    World::with(options_on_disk(&directory.join("data"), START.parse().unwrap())).await
}

/// Imports for anna.
async fn import(directory: &Path, side: &str, file: &Path, more: &[&str]) -> tandem_tests::Ended {
    let (data, file) = (directory.join("data"), file.to_str().unwrap());
    let mut arguments = vec!["import", "--data", data.to_str().unwrap(), "--user", "anna", "--side", side, file];
    arguments.extend(more);
    tandem(&arguments).await
}

/// What is left out of the calendar, whichever side it goes to.
fn skipped(duplicates: u32) -> serde_json::Value {
    let mut skipped = json!({
        "series": 1, "cancelled": 1, "end-before-start": 1, "unknown-zone": 1, "no-start": 1, "task": 1,
    });
    if duplicates > 0 {
        skipped["duplicate"] = json!(duplicates);
    }
    skipped
}

#[tokio::test]
async fn a_calendar_goes_into_the_crm_and_on_to_outlook() {
    let directory = tempfile::tempdir().unwrap();
    let file = prepared(directory.path()).await;
    let first = import(directory.path(), "crm", &file, &["--json"]).await.json();
    assert_eq!((&first["created"], &first["skipped"]), (&json!(2), &skipped(0)), "{first}");
    let again = import(directory.path(), "crm", &file, &["--json"]).await.json();
    assert_eq!((&again["created"], &again["skipped"]), (&json!(0), &skipped(2)), "{again}");

    let world = reopened(directory.path()).await;
    let lunch = World::only(&world.crm_events("anna").await, "Lunch with \u{00c5}sa");
    assert_eq!((&lunch["start"], &lunch["timeZone"]), (&json!("2026-03-11T11:00:00Z"), &json!("Europe/Berlin")));
    assert_eq!(lunch["description"], "Bring the &lt;draft&gt;");
    assert_eq!(world.sync("anna").await["microsoft"]["created"], 2);
    let fair = Outlook::only(&world.outlook("anna").await.events().await, "Fair");
    assert_eq!(fair["isAllDay"], true);
    assert!(fair["end"]["dateTime"].as_str().unwrap().starts_with("2026-03-22T00:00:00"), "{fair}");
}

#[tokio::test]
async fn a_calendar_goes_into_outlook_and_on_to_the_crm() {
    let directory = tempfile::tempdir().unwrap();
    let file = prepared(directory.path()).await;
    let first = import(directory.path(), "microsoft", &file, &["--json"]).await.json();
    assert_eq!((&first["created"], &first["skipped"]), (&json!(2), &skipped(0)), "{first}");
    let again = import(directory.path(), "microsoft", &file, &["--json"]).await.json();
    assert_eq!((&again["created"], &again["skipped"]), (&json!(0), &skipped(2)), "{again}");

    let world = reopened(directory.path()).await;
    let events = world.outlook("anna").await.events().await;
    assert_eq!(events.len(), 2);
    assert_eq!(Outlook::only(&events, "Lunch with \u{00c5}sa")["location"]["displayName"], "Canteen");
    assert_eq!(world.sync("anna").await["crm"]["created"], 2);
    let fair = World::only(&world.crm_events("anna").await, "Fair");
    assert!(fair["end"].as_str().unwrap().starts_with("2026-03-21"), "the last day is included: {fair}");
}

#[tokio::test]
async fn the_report_for_people_says_how_many_were_left_out_and_why() {
    let directory = tempfile::tempdir().unwrap();
    let file = prepared(directory.path()).await;
    let ended = import(directory.path(), "crm", &file, &[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    for said in ["Imported 2 events", "Left out 6", "a recurring event", "an unknown time zone", "before the start"] {
        assert!(ended.out.contains(said), "expected `{said}` in {}", ended.out);
    }
}

#[tokio::test]
async fn a_file_that_is_no_calendar_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    prepared(directory.path()).await;
    let whole = CALENDAR.len();
    let table = [
        ("empty", Vec::new()),
        ("a letter", b"Dear Anna,\nplease come to lunch.\n".to_vec()),
        ("a page", b"<!doctype html><title>Sign in</title>".to_vec()),
        ("a picture", vec![0x89, b'P', b'N', b'G', 0, 0xff, 0xfe]),
        ("cut off", CALENDAR.as_bytes()[..whole / 2].to_vec()),
    ];
    for (what, bytes) in table {
        let file = directory.path().join("wrong.ics");
        std::fs::write(&file, bytes).unwrap();
        for side in ["crm", "microsoft"] {
            let error = import(directory.path(), side, &file, &[]).await.refused(1);
            assert!(error.starts_with("error: expected an iCalendar file, but found"), "{what}: {error}");
            assert!(error.contains("hint: export the calendar as an `.ics` file"), "{what}: {error}");
        }
    }
    let missing = directory.path().join("missing.ics");
    let error = import(directory.path(), "crm", &missing, &[]).await.refused(1);
    assert!(error.contains("missing.ics") && error.contains("hint: "), "{error}");
    let world = reopened(directory.path()).await;
    assert_eq!(world.crm_events("anna").await.len() + world.outlook("anna").await.events().await.len(), 0);
}
