//! Real calendars: `.ics` files into either side, with the count of what was
//! left out and why.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::{Value, json};
use tandem_tests::instances::{self, Difference, Instance};
use tandem_tests::{Outlook, START, World, options_on_disk, oracle, tandem};

/// Two events, a series and a task that can be imported, and one of each kind
/// that cannot.
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
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE:20260309T090000Z
END:VEVENT
BEGIN:VEVENT
UID:hourly@example.org
SUMMARY:Hourly
DTSTART:20260302T090000Z
RRULE:FREQ=HOURLY
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
fn skipped(duplicates: u32) -> Value {
    let mut skipped = json!({
        "rule-frequency": 1, "cancelled": 1, "end-before-start": 1, "unknown-zone": 1, "no-start": 1,
    });
    // The task is known by its UID as well.
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
    assert_eq!((&first["created"], &first["skipped"]), (&json!(3), &skipped(0)), "{first}");
    let again = import(directory.path(), "crm", &file, &["--json"]).await.json();
    assert_eq!((&again["created"], &again["skipped"]), (&json!(0), &skipped(4)), "{again}");

    let world = reopened(directory.path()).await;
    let lunch = World::only(&world.crm_events("anna").await, "Lunch with \u{00c5}sa");
    assert_eq!((&lunch["start"], &lunch["timeZone"]), (&json!("2026-03-11T11:00:00Z"), &json!("Europe/Berlin")));
    assert_eq!(lunch["description"], "Bring the &lt;draft&gt;");
    assert_eq!(world.sync("anna").await["microsoft"]["created"], 3);
    let fair = Outlook::only(&world.outlook("anna").await.events().await, "Fair");
    assert_eq!(fair["isAllDay"], true);
    assert!(fair["end"]["dateTime"].as_str().unwrap().starts_with("2026-03-22T00:00:00"), "{fair}");
}

#[tokio::test]
async fn a_calendar_goes_into_outlook_and_on_to_the_crm() {
    let directory = tempfile::tempdir().unwrap();
    let file = prepared(directory.path()).await;
    let first = import(directory.path(), "microsoft", &file, &["--json"]).await.json();
    assert_eq!((&first["created"], &first["skipped"]), (&json!(3), &skipped(0)), "{first}");
    let again = import(directory.path(), "microsoft", &file, &["--json"]).await.json();
    assert_eq!((&again["created"], &again["skipped"]), (&json!(0), &skipped(4)), "{again}");

    let world = reopened(directory.path()).await;
    let events = world.outlook("anna").await.events().await;
    assert_eq!(events.len(), 3);
    assert_eq!(Outlook::only(&events, "Lunch with \u{00c5}sa")["location"]["displayName"], "Canteen");
    assert_eq!(world.sync("anna").await["crm"]["created"], 3);
    let fair = World::only(&world.crm_events("anna").await, "Fair");
    assert!(fair["end"].as_str().unwrap().starts_with("2026-03-21"), "the last day is included: {fair}");
}

#[tokio::test]
async fn the_report_for_people_says_how_many_were_left_out_and_why() {
    let directory = tempfile::tempdir().unwrap();
    let file = prepared(directory.path()).await;
    let ended = import(directory.path(), "crm", &file, &[]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    for said in [
        "Imported 3 events",
        "1 recurring event with",
        "Imported 1 task into the tasks of anna in the CRM.",
        "Left out 5",
        "within a day (FREQ) (1 UID): \"Hourly\"",
        "an unknown time zone",
        "before the start",
    ] {
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

/// The calendars of the corpus, and the years that are compared.
const CORPUS: [(&str, i32, i32); 5] = [
    ("holidays.ics", 2020, 2032),
    ("timetable.ics", 2025, 2027),
    ("old-outlook.ics", 2025, 2028),
    ("web-calendar.ics", 2025, 2027),
    ("hard-cases.ics", 2024, 2029),
];

/// The zone of the users of these scenarios.
const ZONE: &str = "Europe/Berlin";

fn january(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap()
}

/// Imports a calendar of the corpus; answers with what its file shows, what
/// Outlook shows, and the report.
async fn imported_into_outlook(name: &str, first: i32, last: i32) -> (Vec<Instance>, Vec<Instance>, Value) {
    let directory = tempfile::tempdir().unwrap();
    prepared(directory.path()).await;
    let file = oracle::calendar(name);
    let report = import(directory.path(), "microsoft", &file, &["--json"]).await.json();
    let world = reopened(directory.path()).await;
    let (from, until) = (january(first), january(last));
    let shown = instances::of_graph(&world.outlook("anna").await.calendar_view(from, until).await);
    let within = |instance: &Instance| instance.start >= from.to_string();
    let outbox = world.microsoft.get("/_control/outbox").await.ok();
    assert_eq!(outbox.as_array().map(Vec::len), Some(0), "an import invites nobody: {outbox}");
    let expected = oracle::instances(&file, from, until, ZONE);
    (expected, shown.into_iter().filter(within).collect(), report)
}

#[tokio::test]
async fn outlook_shows_every_instance_of_a_real_calendar_or_the_report_says_why_not() {
    let mut total = 0;
    for (name, first, last) in CORPUS {
        let (expected, shown, report) = imported_into_outlook(name, first, last).await;
        total += expected.len();
        let differences = instances::compare(&expected, &shown);
        let open = instances::unexplained(&differences, &expected, &instances::reported(&report));
        assert!(open.is_empty(), "{name}: {} of {} differences: {open:#?}", open.len(), differences.len());
    }
    assert!(total > 3000, "expected thousands of instances, but found {total}");
}

#[tokio::test]
async fn nothing_is_missing_but_what_has_no_place_in_a_calendar() {
    // Of each calendar: what is left out, and the only UIDs that differ.
    let table: [(&str, Value, &[&str]); 4] = [
        ("holidays.ics", json!({"rule-short-months": 1}), &["leap-day@holidays.example"]),
        ("timetable.ics", json!({}), &[]),
        // The duplicates are older revisions of changes that are there.
        ("old-outlook.ics", json!({"unknown-zone": 1, "duplicate": 7}), &["lost-zone@old.example"]),
        ("web-calendar.ics", json!({"crossing-boundary": 1}), &["crossing@web.example", "utc@web.example"]),
    ];
    for (name, left, differing) in table {
        let (_, first, last) = CORPUS.into_iter().find(|(known, ..)| *known == name).unwrap();
        let (expected, shown, report) = imported_into_outlook(name, first, last).await;
        assert_eq!(report["skipped"], left, "{name}");
        let missing = |difference: &Difference| match difference {
            Difference::Missing(instance) => Some(instance.uid.clone()),
            Difference::Unexpected(_) => None,
        };
        let mut found: Vec<String> = instances::compare(&expected, &shown).iter().filter_map(missing).collect();
        found.sort();
        found.dedup();
        assert_eq!(found, differing, "{name}");
    }
}

#[tokio::test]
async fn both_sides_leave_out_the_same_but_for_what_one_of_them_can_repeat() {
    for (name, ..) in CORPUS {
        let directory = tempfile::tempdir().unwrap();
        prepared(directory.path()).await;
        let file = oracle::calendar(name);
        let crm = import(directory.path(), "crm", &file, &["--json"]).await.json();
        let microsoft = import(directory.path(), "microsoft", &file, &["--json"]).await.json();
        let reasons = |report: &Value| -> Vec<(String, String, Option<String>)> {
            let entries = report["left"].as_array().unwrap().iter();
            let text = |entry: &Value, name: &str| entry[name].as_str().map(str::to_owned);
            let mut all: Vec<_> = entries
                .map(|entry| (text(entry, "uid").unwrap(), text(entry, "reason").unwrap(), text(entry, "at")))
                // Weeks from Monday and every hundred days Outlook can repeat,
                // an occurrence beyond its neighbour the CRM can keep.
                .filter(|(uid, reason, _)| {
                    !["week-start@hard.example", "every-100-days@hard.example"].contains(&uid.as_str())
                        && reason != "crossing-boundary"
                })
                .collect();
            all.sort();
            all
        };
        assert_eq!(reasons(&crm), reasons(&microsoft), "{name}");
        assert_eq!(crm["remarks"], microsoft["remarks"], "{name}");
        let world = reopened(directory.path()).await;
        let stored = world.crm_events("anna").await;
        let of = |cancelled: bool| {
            let of_series = stored.iter().filter(|event| !event["recurringEventId"].is_null());
            of_series.filter(|event| event["cancelled"] == cancelled).count()
        };
        assert_eq!(json!([of(false), of(true)]), json!([crm["exceptions"], crm["cancelledOccurrences"]]), "{name}");
        let series = stored.iter().filter(|event| !event["recurrence"].is_null()).count();
        assert_eq!(
            json!([series, stored.len() - of(false) - of(true)]),
            json!([crm["series"], crm["created"]]),
            "{name}"
        );
    }
}

#[tokio::test]
async fn every_hard_rule_is_left_out_with_the_part_that_is_hard() {
    let (expected, shown, report) = imported_into_outlook("hard-cases.ics", 2024, 2029).await;
    let table = [
        ("hourly", "rule-frequency", "FREQ=HOURLY"),
        ("byhour", "rule-time-of-day", "BYHOUR=9,15"),
        ("byweekno", "rule-by-week-no", "BYWEEKNO=20"),
        ("byyearday", "rule-by-year-day", "BYYEARDAY=100"),
        ("bysetpos", "rule-by-set-pos", "BYSETPOS=1"),
        ("monthdays", "rule-by-month-day", "BYMONTHDAY=1,15"),
        ("ordinals", "rule-by-day", "BYDAY=1MO,3WE"),
        ("fifth", "rule-by-day", "BYDAY=5FR"),
        ("months", "rule-by-month", "BYMONTH=3,9"),
        ("too-many", "rule-count", "COUNT=1000"),
        ("too-rare", "rule-interval", "INTERVAL=1200"),
        ("short-months", "rule-short-months", "day 31 of DTSTART"),
    ];
    let left = report["left"].as_array().unwrap();
    for (name, reason, part) in table {
        let uid = format!("{name}@hard.example");
        let entry = left.iter().find(|entry| entry["uid"] == uid.as_str() && entry["at"].is_null());
        let entry = entry.unwrap_or_else(|| panic!("expected {uid} among what was left out"));
        assert_eq!((&entry["reason"], &entry["detail"]), (&json!(reason), &json!(part)), "{uid}");
        assert!(shown.iter().all(|instance| instance.summary != name), "{uid} was left out");
    }
    for name in
        ["long-months", "month-end", "all-mondays", "weekend", "first-day", "june-monthly", "leap-cycle", "week-start"]
    {
        let of = |list: &[Instance]| list.iter().filter(|instance| instance.summary == name).count();
        assert!(of(&shown) > 0 && of(&shown) == of(&expected), "{name}: {} of {}", of(&shown), of(&expected));
    }
}

#[tokio::test]
async fn the_rules_of_old_zones_decide_when_things_happen() {
    let (expected, shown, report) = imported_into_outlook("old-outlook.ics", 2025, 2028).await;
    let left = report["left"].as_array().unwrap();
    let unknown: Vec<&Value> = left.iter().filter(|entry| entry["reason"] == "unknown-zone").collect();
    assert_eq!((unknown.len(), &unknown[0]["uid"]), (1, &json!("lost-zone@old.example")), "{report}");
    // The first meeting of a custom zone, before and after its clocks change.
    let clock_of = |list: &[Instance], month: &str| {
        let found = list.iter().find(|instance| instance.summary == "Meeting 25" && instance.start.starts_with(month));
        found.map(|instance| instance.start[11..16].to_owned())
    };
    for month in ["2025-03", "2025-05"] {
        assert_eq!(clock_of(&shown, month), clock_of(&expected, month));
    }
    assert_eq!(
        (clock_of(&shown, "2025-03").as_deref(), clock_of(&shown, "2025-05").as_deref()),
        (Some("21:30"), Some("22:30"))
    );
}

#[tokio::test]
async fn importing_series_again_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    prepared(directory.path()).await;
    let file = oracle::calendar("timetable.ics");
    for side in ["crm", "microsoft"] {
        let first = import(directory.path(), side, &file, &["--json"]).await.json();
        let again = import(directory.path(), side, &file, &["--json"]).await.json();
        assert_eq!((&again["created"], &again["exceptions"]), (&json!(0), &json!(0)), "{side}: {again}");
        assert_eq!(again["skipped"], json!({ "duplicate": first["created"] }), "{side}");
    }
    let file = oracle::calendar("web-calendar.ics");
    let first = import(directory.path(), "crm", &file, &["--json"]).await.json();
    let again = import(directory.path(), "crm", &file, &["--json"]).await.json();
    assert_eq!((&first["extraDates"], &again["extraDates"]), (&json!(15), &json!(0)), "{first}");
    assert_eq!(again["remarks"], json!([]), "nothing was read for the calendar: {again}");
}
