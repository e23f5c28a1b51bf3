//! Tasks of real calendars: `VTODO` of `.ics` files into either side, and on to
//! the other one.

use std::path::Path;

use serde_json::{Value, json};
use tandem_tests::{START, World, options_on_disk, tandem};

use crate::calendar::wrote;

/// Tasks with everything that they can say, and a meeting beside them.
const CALENDAR: &str = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:meeting@example.org
SUMMARY:Meeting
DTSTART:20260311T110000Z
DTEND:20260311T120000Z
END:VEVENT
BEGIN:VTODO
UID:call@example.org
SUMMARY:Call Northwind
DESCRIPTION:About the <draft>\\nand the price
DUE;TZID=America/New_York:20260305T200000
PRIORITY:1
STATUS:IN-PROCESS
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER;RELATED=END:-PT30M
END:VALARM
END:VTODO
BEGIN:VTODO
UID:flowers@example.org
SUMMARY:Buy flowers
DTSTART;VALUE=DATE:20260306
DUE;VALUE=DATE:20260307
CATEGORIES:Home
RELATED-TO:call@example.org
END:VTODO
BEGIN:VTODO
UID:report@example.org
SUMMARY:Weekly report
DUE;TZID=Europe/Berlin:20260306T170000
RRULE:FREQ=WEEKLY;BYDAY=FR
END:VTODO
BEGIN:VTODO
UID:done@example.org
SUMMARY:Pay the bill
DUE;VALUE=DATE:20260227
PRIORITY:9
STATUS:COMPLETED
COMPLETED:20260226T100000Z
END:VTODO
BEGIN:VTODO
UID:some-day@example.org
SUMMARY:Learn Welsh
END:VTODO
BEGIN:VTODO
UID:off@example.org
SUMMARY:Called off
STATUS:CANCELLED
END:VTODO
END:VCALENDAR
";

/// A data directory with the connected user `anna` and tasks switched on.
async fn prepared(directory: &Path) {
    let world = World::on_disk(&directory.join("data")).await;
    world.configure_tasks().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    std::fs::write(directory.join("tasks.ics"), CALENDAR.replace('\n', "\r\n")).unwrap();
}

async fn reopened(directory: &Path) -> World {
    World::with(options_on_disk(&directory.join("data"), START.parse().unwrap())).await
}

/// Imports for anna; the report.
async fn import(directory: &Path, side: &str) -> Value {
    let (data, file) = (directory.join("data"), directory.join("tasks.ics"));
    let (data, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    tandem(&["import", "--data", data, "--user", "anna", "--side", side, file, "--json"]).await.json()
}

/// Synchronises calendar and tasks; what was created in the CRM and at
/// Microsoft, of both together.
async fn created(world: &World) -> [u64; 2] {
    let (events, tasks) = (world.sync("anna").await, world.sync_tasks("anna").await);
    for run in [&events, &tasks] {
        assert_eq!((&run["next"]["when"], &run["issues"]), (&json!("idle"), &json!([])), "{run}");
    }
    ["crm", "microsoft"]
        .map(|side| events[side]["created"].as_u64().unwrap() + tasks[side]["created"].as_u64().unwrap())
}

/// Title, importance and day of each task, and how far it is, in To Do.
async fn in_todo(world: &World) -> Vec<[String; 4]> {
    let shown = |task: &Value| {
        let text = |path: &str| task.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        // Midnight in Berlin, where anna lives, is late on the day before.
        let due = text("/dueDateTime/dateTime").replace("T23:00:00.0000000", "");
        [text("/title"), text("/importance"), due, text("/status")]
    };
    world.todo("anna").await.tasks().await.iter().map(shown).collect()
}

/// The same in the CRM, with the instant at which it is due.
async fn in_crm(world: &World) -> Vec<[String; 4]> {
    let shown = |task: &Value| {
        ["subject", "priority", "dueDate", "status"].map(|name| task[name].as_str().unwrap_or_default().to_owned())
    };
    world.crm_tasks("anna").await.iter().map(shown).collect()
}

/// The tasks of the file by title: importance, the evening before the day on
/// which it is due, and status of To Do.
const IN_TODO: [[&str; 4]; 5] = [
    ["Buy flowers", "normal", "2026-03-06", "notStarted"],
    ["Call Northwind", "high", "2026-03-05", "inProgress"],
    ["Learn Welsh", "normal", "", "notStarted"],
    ["Pay the bill", "low", "2026-02-26", "completed"],
    ["Weekly report", "normal", "2026-03-05", "notStarted"],
];

#[tokio::test]
async fn events_and_tasks_go_into_the_crm_and_on_to_outlook_and_to_do() {
    let directory = tempfile::tempdir().unwrap();
    prepared(directory.path()).await;
    let first = import(directory.path(), "crm").await;
    let fields = json!({ "start": 1, "categories": 1, "relations": 1, "recurrence": 1, "completedOn": 1 });
    assert_eq!(first["tasks"], json!({ "created": 5, "recurring": 0, "leftOutFields": fields }), "{first}");
    assert_eq!((&first["created"], &first["skipped"]), (&json!(1), &json!({ "cancelled": 1 })), "{first}");
    let called_off = json!([{ "uid": "off@example.org", "title": "Called off", "reason": "cancelled" }]);
    assert_eq!(first["left"], called_off);
    let again = import(directory.path(), "crm").await;
    assert_eq!((&again["tasks"]["created"], &again["skipped"]["duplicate"]), (&json!(0), &json!(6)), "{again}");

    let world = reopened(directory.path()).await;
    assert_eq!(in_crm(&world).await[1], ["Call Northwind", "high", "2026-03-06T01:00:00Z", "in_progress"]);
    assert_eq!(created(&world).await, [0, 6]);
    assert_eq!(in_todo(&world).await, IN_TODO);
    let call = world.todo("anna").await.only("Call Northwind").await;
    assert!(call["body"]["content"].as_str().unwrap().contains("About the &lt;draft&gt;<br>and the price"), "{call}");
    assert_eq!(call["reminderDateTime"]["dateTime"], "2026-03-06T00:30:00.0000000");
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn events_and_tasks_go_into_outlook_and_to_do_and_on_to_the_crm() {
    let directory = tempfile::tempdir().unwrap();
    prepared(directory.path()).await;
    let first = import(directory.path(), "microsoft").await;
    assert_eq!(first["tasks"], json!({ "created": 5, "recurring": 1, "leftOutFields": { "relations": 1 } }), "{first}");
    let again = import(directory.path(), "microsoft").await;
    assert_eq!((&again["tasks"]["created"], &again["skipped"]["duplicate"]), (&json!(0), &json!(6)), "{again}");

    let world = reopened(directory.path()).await;
    assert_eq!(in_todo(&world).await, IN_TODO);
    assert_eq!(created(&world).await, [6, 0]);
    let expected = [
        ["Buy flowers", "normal", "2026-03-07T22:59:00Z", "open"],
        // A date alone comes from To Do; it is over when its day is.
        ["Call Northwind", "high", "2026-03-06T22:59:00Z", "in_progress"],
        ["Learn Welsh", "normal", "", "open"],
        ["Pay the bill", "low", "2026-02-27T22:59:00Z", "closed"],
        ["Weekly report", "normal", "2026-03-06T22:59:00Z", "open"],
    ];
    assert_eq!(in_crm(&world).await, expected);
    world.assert_tasks_at_rest("anna").await;
}

#[tokio::test]
async fn tasks_that_were_imported_on_both_sides_are_the_same_ones() {
    let directory = tempfile::tempdir().unwrap();
    prepared(directory.path()).await;
    import(directory.path(), "crm").await;
    import(directory.path(), "microsoft").await;
    let world = reopened(directory.path()).await;
    let before = (in_crm(&world).await, in_todo(&world).await);
    let run = world.sync_tasks("anna").await;
    wrote(&run, [0, 0, 0], [0, 0, 0]);
    assert_eq!(run["adopted"], 5, "{run}");
    assert_eq!((in_crm(&world).await, in_todo(&world).await), before);
    world.assert_tasks_at_rest("anna").await;
    // What was imported first is known by a third import on either side.
    drop(world);
    for side in ["crm", "microsoft"] {
        assert_eq!(import(directory.path(), side).await["tasks"]["created"], 0, "{side}");
    }
}
