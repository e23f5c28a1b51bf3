//! Calendar files, from their bytes to the calendar of a user.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use host_harness::clock::HarnessClock;
use host_harness::crm::event::EventTime;
use host_harness::crm::users::{NewUser, ZoneName};
use host_harness::crm::{Crm, Randomness};
use host_harness::import::{ImportBatch, decode, import_into_crm, read};

/// The zone of the person whose calendar it is.
const ZONE: &str = "Europe/Berlin";

/// The longest title that the CRM takes, in Unicode scalar values.
const TITLE_LENGTH_MAX: usize = 255;

/// Checks a file as it came.
pub fn check(data: &[u8]) {
    let decoded = decode(data);
    assert!(decoded.recoded_lines > 0 || std::str::from_utf8(data) == Ok(&decoded.text), "UTF-8 stays what it is");
    let Ok(zone) = ZoneName::parse(ZONE, "timeZone") else { return };
    let Ok(batch) = read(&decoded.text, zone.0) else { return };
    assert_eq!(read(&decoded.text, zone.0), Ok(batch.clone()), "a file is read the same way each time");
    check_batch(&batch);
    check_import(&batch);
}

fn check_batch(batch: &ImportBatch) {
    let of_series = batch.series.iter().flat_map(|series| std::iter::once(&series.master).chain(&series.beside));
    for event in batch.events.iter().chain(of_series) {
        let length = event.title.chars().count();
        assert!((1..=TITLE_LENGTH_MAX).contains(&length), "a title of {length} characters");
        assert!(!event.title.trim().is_empty() && !event.title.contains(['\n', '\r']), "{:?}", event.title);
        match event.time {
            EventTime::AllDay(days) => assert!(days.start_on < days.end_before, "{days:?}"),
            EventTime::Timed(timed) => assert!(timed.start <= timed.end, "{timed:?}"),
        }
        let addresses: BTreeSet<String> = event.attendees.iter().map(|guest| guest.address.to_lowercase()).collect();
        assert_eq!(addresses.len(), event.attendees.len(), "a guest is there twice");
    }
}

/// What was read goes into a calendar: all of it, or with a reason why not, and
/// a second time nothing of it that has a name.
fn check_import(batch: &ImportBatch) {
    let now = DateTime::<Utc>::from_timestamp(1_772_000_000, 0).unwrap_or_default();
    let crm = Crm::in_memory(HarnessClock::fixed(now), Randomness::seeded(7)).unwrap_or_else(|error| panic!("{error}"));
    let user = NewUser {
        login: "anna".to_owned(),
        email: "anna@acme.example".to_owned(),
        display_name: "Anna".to_owned(),
        organization: "Acme".to_owned(),
        time_zone: ZONE.to_owned(),
        administrator: false,
    };
    let owner = crm.create_user(&user).unwrap_or_else(|error| panic!("{error}")).id;
    let report = import_into_crm(&crm, owner, batch).unwrap_or_else(|error| panic!("{error}"));
    let refused: usize = report.left.iter().skip(batch.left.len()).filter(|left| left.at.is_none()).count();
    let read = batch.events_and_series() + batch.tasks.len();
    assert_eq!(report.created + report.tasks.created + refused, read, "something is lost without a word: {report:?}");
    let again = import_into_crm(&crm, owner, batch).unwrap_or_else(|error| panic!("{error}"));
    let nameless = batch.events.iter().filter(|event| event.uid.is_none()).count()
        + batch.series.iter().filter(|series| series.master.uid.is_none()).count();
    assert!(again.created <= nameless, "{} events are there twice", again.created - nameless);
    let nameless = batch.tasks.iter().filter(|task| task.uid.is_none()).count();
    assert!(again.tasks.created <= nameless, "{} tasks are there twice", again.tasks.created - nameless);
    crm.events_of(owner).unwrap_or_else(|error| panic!("what was imported cannot be read: {error}"));
    crm.tasks_of(owner).unwrap_or_else(|error| panic!("what was imported cannot be read: {error}"));
}
