//! Real calendars, imported on one side and synchronised to the other: nothing
//! is lost silently.
//!
//! What the other side shows after the run is compared with what the file shows
//! to an independent implementation, instance by instance. A difference needs a
//! reason that the import or the run has reported about that very event. How
//! many there are is written down here, so that a reason for everything would
//! be noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use host_harness::app::AppOptions;
use host_harness::clock::HarnessClock;
use host_harness::demo::outlook::Outlook as Mailbox;
use host_harness::import;
use host_harness::web::dates::Dates;
use serde_json::{Value, json};
use tandem_tests::instances::{self, Difference, Instance, Reported};
use tandem_tests::{Outlook, World, options_on_disk, oracle, tandem};

use crate::calendar::wrote;
use crate::rules::{series_in_crm, series_in_outlook};

/// When these scenarios happen: most of the corpus lies within a year of it.
const NOW: &str = "2025-10-01T08:00:00Z";

/// Days each way that the settings synchronise by default. What begins within
/// them is compared.
const DAYS_EACH_WAY: i64 = 365;

/// The zone of the users of these scenarios.
pub const ZONE: &str = "Europe/Berlin";

/// The side that gets the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Into {
    Crm,
    Microsoft,
}

/// A calendar of the corpus in one direction: how many instances the file shows
/// within the period, how many differences the import's report explains and how
/// many the run's, and what the run has left as it is.
type Row = (&'static str, usize, usize, usize, &'static [&'static str]);

/// What the comparison found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub instances: usize,
    pub by_import: usize,
    pub by_run: usize,
    pub issues: Vec<String>,
    pub unexplained: Vec<Difference>,
}

async fn world() -> World {
    world_at(NOW.parse().unwrap()).await
}

async fn world_at(now: DateTime<Utc>) -> World {
    let world = World::with(AppOptions::in_memory(HarnessClock::fixed(now), 7)).await;
    connected(&world).await;
    world
}

async fn connected(world: &World) {
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
}

/// What is compared at this time.
pub fn period(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let (today, days) = (now.date_naive(), TimeDelta::days(DAYS_EACH_WAY));
    (today - days, today + days)
}

/// Imports a calendar for anna; answers with the report.
async fn imported(world: &World, file: &Path, into: Into) -> Value {
    let bytes = std::fs::read(file).unwrap();
    imported_text(world, &String::from_utf8_lossy(&bytes), into).await
}

async fn imported_text(world: &World, text: &str, into: Into) -> Value {
    let user = world.app.crm().user_by_login("anna").unwrap();
    let batch = import::read(text, ZONE.parse().unwrap()).unwrap();
    let report = match into {
        Into::Crm => import::import_into_crm(world.app.crm(), user.id, &batch).unwrap(),
        Into::Microsoft => {
            let mailbox = Mailbox::of(world.app.microsoft().unwrap(), &user.email);
            import::import_into_microsoft(&mailbox, &batch, world.now()).await.unwrap()
        }
    };
    serde_json::to_value(report).unwrap()
}

/// What the side that did not get the file shows within the period.
async fn shown(world: &World, into: Into) -> Vec<Instance> {
    let (from, until) = period(world.now());
    let all = match into {
        Into::Crm => instances::of_graph(&world.outlook("anna").await.calendar_view(from, until).await),
        Into::Microsoft => {
            let stretch = format!("start={from}T00:00:00Z&end={until}T00:00:00Z");
            let path = format!("/api/calendar-events/instances?user=anna&{stretch}");
            instances::of_crm(world.crm.get(&path).await.ok().as_array().unwrap())
        }
    };
    let (first, last) = (from.to_string(), until.to_string());
    all.into_iter().filter(|instance| first <= instance.start && instance.start < last).collect()
}

/// The titles of the events that a run has left as they are; those of changed
/// occurrences with their series.
async fn titles_left(world: &World, issues: &[Value]) -> BTreeSet<String> {
    let mut titles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut note = |id: &Value, title: &Value| {
        titles.entry(id.as_str().unwrap().to_owned()).or_default().push(title.as_str().unwrap().to_owned());
    };
    for event in world.crm_events("anna").await {
        let series = &event["recurringEventId"];
        note(if series.is_null() { &event["id"] } else { series }, &event["title"]);
    }
    for event in world.outlook("anna").await.events().await {
        note(&event["id"], &event["subject"]);
    }
    let ids = issues.iter().flat_map(|issue| [&issue["itemId"], &issue["externalId"]]).filter_map(Value::as_str);
    ids.flat_map(|id| titles.get(id).unwrap_or_else(|| panic!("nobody has {id}: {issues:?}")).clone()).collect()
}

pub async fn assert_silent(world: &World) {
    assert_eq!(world.mails().await, Vec::<String>::new(), "Microsoft invites nobody");
    assert_eq!(world.crm.get("/api/outbox").await.ok(), json!([]), "the CRM invites nobody");
}

/// A calendar that was imported on one side and synchronised.
pub struct Synced {
    pub world: World,
    into: Into,
    /// What the file shows within the period.
    expected: Vec<Instance>,
    by_import: Vec<Reported>,
    issues: Vec<Value>,
}

impl Synced {
    async fn new(name: &str, into: Into) -> Self {
        let (file, now) = (oracle::calendar(name), NOW.parse().unwrap());
        let (from, until) = period(now);
        Self::at(&file, now, into, oracle::instances(&file, from, until, ZONE)).await
    }

    /// The same for a file from anywhere, at a time of its own. `expected` is
    /// what the file shows then.
    pub async fn at(file: &Path, now: DateTime<Utc>, into: Into, expected: Vec<Instance>) -> Self {
        let world = world_at(now).await;
        let by_import = instances::reported(&imported(&world, file, into).await);
        let run = world.sync("anna").await;
        assert_eq!(run["next"]["when"], "idle", "{}: {run}", file.display());
        Self { world, into, expected, by_import, issues: run["issues"].as_array().unwrap().clone() }
    }

    pub async fn compare(&self) -> Found {
        let Self { world, into, expected, by_import, issues } = self;
        let differences = instances::compare(expected, &shown(world, *into).await);
        let open = instances::unexplained(&differences, expected, by_import);
        let left = titles_left(world, issues).await;
        let is_left = |difference: &Difference| match difference {
            Difference::Missing(instance) | Difference::Unexpected(instance) => left.contains(&instance.summary),
        };
        let (by_run, unexplained): (Vec<_>, Vec<_>) = open.iter().cloned().partition(is_left);
        Found {
            instances: expected.len(),
            by_import: differences.len() - open.len(),
            by_run: by_run.len(),
            issues: issues.iter().map(|issue| issue["code"].as_str().unwrap().to_owned()).collect(),
            unexplained,
        }
    }
}

async fn check(into: Into, table: &[Row]) {
    for &(name, instances, by_import, by_run, issues) in table {
        let synced = Synced::new(name, into).await;
        let issues = issues.iter().map(|code| (*code).to_owned()).collect();
        let expected = Found { instances, by_import, by_run, issues, unexplained: Vec::new() };
        assert_eq!(synced.compare().await, expected, "{name}");
        wrote(&synced.world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
        assert_silent(&synced.world).await;
    }
}

/// The rules that no calendar can repeat are in `hard-cases.ics`; of the web
/// calendar, a series in UTC moves with the clocks, and an occurrence passes its
/// neighbour, which the CRM keeps and Microsoft refuses (`api/event-update`).
#[tokio::test]
async fn outlook_shows_every_instance_of_a_calendar_in_the_crm_or_a_report_says_why_not() {
    let table: [Row; 5] = [
        ("holidays.ics", 74, 0, 0, &[]),
        ("timetable.ics", 909, 0, 0, &[]),
        ("old-outlook.ics", 2754, 4, 0, &[]),
        ("web-calendar.ics", 1225, 61, 2, &["occurrence-crossing"]),
        ("hard-cases.ics", 1010, 850, 0, &[]),
    ];
    check(Into::Crm, &table).await;
}

/// Weeks from Monday and intervals of a hundred days are what Outlook can repeat
/// and the CRM cannot (Oro row C3).
#[tokio::test]
async fn the_crm_shows_every_instance_of_a_calendar_in_outlook_or_a_report_says_why_not() {
    let table: [Row; 5] = [
        ("holidays.ics", 74, 0, 0, &[]),
        ("timetable.ics", 909, 0, 0, &[]),
        ("old-outlook.ics", 2754, 4, 0, &[]),
        ("web-calendar.ics", 1225, 63, 0, &[]),
        ("hard-cases.ics", 1010, 833, 17, &["recurrence-not-supported", "recurrence-not-supported"]),
    ];
    check(Into::Microsoft, &table).await;
}

#[tokio::test]
async fn a_difference_that_nobody_reported_is_seen() {
    for into in [Into::Crm, Into::Microsoft] {
        let synced = Synced::new("holidays.ics", into).await;
        let world = &synced.world;
        let gone = shown(world, into).await[0].summary.clone();
        match into {
            Into::Crm => {
                let outlook = world.outlook("anna").await;
                let event = Outlook::only(&outlook.events().await, &gone);
                outlook.delete(event["id"].as_str().unwrap()).await;
            }
            Into::Microsoft => world.crm_delete(&World::only(&world.crm_events("anna").await, &gone)["id"]).await,
        }
        let found = synced.compare().await;
        let is_meant = |difference: &Difference| match difference {
            Difference::Missing(instance) => instance.summary == gone,
            Difference::Unexpected(_) => false,
        };
        assert!(!found.unexplained.is_empty() && found.unexplained.iter().all(is_meant), "{found:?}");
    }
}

/// A meeting of the user with two guests, and one that somebody else organises.
const MEETINGS: &str = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:own@example.org
SUMMARY:Own meeting
DTSTART;TZID=Europe/Berlin:20251013T100000
DTEND;TZID=Europe/Berlin:20251013T110000
RRULE:FREQ=WEEKLY;COUNT=4
ORGANIZER:mailto:anna@acme.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@acme.example
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:guest@elsewhere.example
END:VEVENT
BEGIN:VEVENT
UID:invited@example.org
SUMMARY:Invited
DTSTART;TZID=Europe/Berlin:20251014T100000
DTEND;TZID=Europe/Berlin:20251014T110000
ORGANIZER:mailto:ben@acme.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@acme.example
END:VEVENT
END:VCALENDAR
";

/// Pitfall 6 of `facts/graph.md`: whoever writes guests invites them.
#[tokio::test]
async fn meetings_that_were_imported_invite_nobody_on_their_way_to_the_other_side() {
    for into in [Into::Crm, Into::Microsoft] {
        let world = world().await;
        imported_text(&world, MEETINGS, into).await;
        let run = world.sync("anna").await;
        assert_eq!(run["next"]["when"], "idle", "{run}");
        let shown = shown(&world, into).await;
        let number = |title: &str| shown.iter().filter(|instance| instance.summary == title).count();
        let mut issues: Vec<&str> =
            run["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect();
        issues.sort_unstable();
        match into {
            // Only an invitation can bring somebody else's meeting to Outlook,
            // and the user's own ones come there without their guests.
            Into::Crm => {
                assert_eq!((number("Own meeting"), number("Invited")), (4, 0), "{shown:?}");
                assert_eq!(issues, ["not-invited", "would-notify"], "{run}");
            }
            // Imported without its guests, it is the user's own.
            Into::Microsoft => {
                assert_eq!((number("Own meeting"), number("Invited")), (4, 1), "{shown:?}");
                assert!(issues.is_empty(), "{run}");
            }
        }
        wrote(&world.sync("anna").await, [0, 0, 0], [0, 0, 0]);
        assert_silent(&world).await;
    }
}

/// As a person does it, at whatever time that is: the calendar repeats every
/// year.
#[tokio::test]
async fn a_calendar_is_imported_and_synchronised_from_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let now = Utc::now();
    let world = World::with(options_on_disk(&data, now)).await;
    connected(&world).await;
    drop(world);
    let (data_text, file) = (data.to_str().unwrap(), oracle::calendar("holidays.ics"));
    let import = ["import", "--data", data_text, "--user", "anna", "--side", "crm", file.to_str().unwrap()];
    let sync = ["sync", "--data", data_text, "--user", "anna"];

    let imported = tandem(&import).await;
    assert_eq!(imported.code, 0, "{imported:?}");
    assert!(imported.out.starts_with("Imported 128 events into the calendar of anna in the CRM.\n"), "{imported:?}");
    assert!(imported.out.contains("Left out 1:\n"), "{imported:?}");
    let (first, second) = (tandem(&sync).await, tandem(&sync).await);
    assert_eq!((first.code, second.code), (0, 0), "{first:?} {second:?}");

    let world = World::with(options_on_disk(&data, now)).await;
    let in_outlook = world.outlook("anna").await.events().await.len();
    assert!(in_outlook > 0, "{first:?}");
    let written = format!("   CRM         nothing written\n   Microsoft   {in_outlook} created\n   cost  ");
    assert!(first.out.contains(&written) && !first.out.contains("left "), "expected {written} in {}", first.out);
    assert!(second.out.contains("   CRM         nothing written\n   Microsoft   nothing written\n"), "{second:?}");
    let (from, until) = period(world.now());
    let expected = oracle::instances(&file, from, until, ZONE);
    let differences = instances::compare(&expected, &shown(&world, Into::Crm).await);
    let is_leap_day = |difference: &Difference| matches!(difference, Difference::Missing(instance) if instance.uid == "leap-day@holidays.example");
    assert!(differences.iter().all(is_leap_day), "{differences:#?}");
    assert_silent(&world).await;
}

/// Whoever reads a report wants to open the item, on whichever side it is.
#[tokio::test]
async fn the_text_of_a_run_names_what_was_left() {
    let directory = tempfile::tempdir().unwrap();
    let now = Utc::now();
    let world = World::with(options_on_disk(directory.path(), now)).await;
    connected(&world).await;
    let day = (now + TimeDelta::days(2)).date_naive();
    let rarely = json!({"type": "monthly", "interval": 100, "dayOfMonth": day.day()});
    let in_crm = series_in_crm("Review", &format!("{day}T09:00:00Z"), "UTC", &rarely);
    world.crm_create("anna", &in_crm).await;
    let start = format!("{day}T10:00:00");
    let rarely = json!({"type": "daily", "interval": 100});
    let in_outlook = series_in_outlook("Audit", &start, "UTC", &rarely, &json!({"type": "noEnd"}));
    let id = world.outlook("anna").await.create(&in_outlook).await["id"].clone();
    drop(world);

    let told = tandem(&["sync", "--data", directory.path().to_str().unwrap(), "--user", "anna"]).await;
    assert_eq!(told.code, 0, "{told:?}");
    for item in [
        format!("               \"Review\", {}, ", Dates::of_zone(chrono_tz::Tz::UTC).day(day)),
        format!("               in Microsoft 365: {}\n", id.as_str().unwrap()),
    ] {
        assert!(told.out.contains(&item), "{item} in {}", told.out);
    }
}
