//! Calendars that other people have published, with whatever their programs have
//! written: the files that the oracle's libraries are themselves tested with,
//! exports and holiday calendars among them. Each is imported on one side and
//! synchronised to the other, at the time that it is about.

use std::path::Path;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use host_harness::import;
use tandem_tests::instances::Instance;
use tandem_tests::oracle;

use crate::import_sync::{Into, Synced, ZONE, assert_silent, period};

/// Where the files are.
const OF_THE_PARSER: &str = "icalendar/tests/calendars";
const OF_THE_EXPANSION: &str = "recurring_ical_events/test/calendars";

/// How the import names what has no title.
const UNTITLED: &str = "(no title)";

/// Files that the oracle reads otherwise, each for a reason of its own.
const READ_OTHERWISE: [&str; 6] = [
    // A list of weekdays with spaces, which the oracle skips as broken.
    "issue_165_missing_event.ics",
    // A first day with an instant for its end: whole days here, instants there.
    "issue_201_mixed_datetime_and_date.ics",
    // Of instances that are alike in everything, one is not missing rather than
    // another.
    "same_event_recurring_at_same_time.ics",
    // Periods of days, which do not exist (RFC 5545, 3.3.9): the import calls
    // them unreadable, the oracle takes them for days.
    "issue_1633_rdate_with_dates.ics",
    "issue_1633_rdate_with_dates_and_tzid.ics",
    // An empty excluded date: the import reports it and takes the event, the
    // oracle leaves the event out.
    "parsing_error.ics",
];

/// What became of the files of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    /// Files that both could read, compared in both directions.
    compared: usize,
    /// Files that are no calendar to the import, which says so.
    refused: usize,
    /// Files that the oracle cannot read, or that have no event with a date.
    unknown: usize,
    /// Instances in these calendars, both directions.
    instances: usize,
    /// Differences that the import has given a reason for.
    by_import: usize,
    /// Differences that the run has given a reason for.
    by_run: usize,
}

/// Three months after most of a calendar's events begin.
fn time_of(text: &str) -> Option<DateTime<Utc>> {
    let starts =
        text.split("BEGIN:VEVENT").skip(1).filter_map(|event| event.lines().find(|line| line.starts_with("DTSTART")));
    let days = starts.filter_map(|line| {
        let day = line.rsplit(':').next().unwrap_or_default().get(..8)?;
        NaiveDate::parse_from_str(day, "%Y%m%d").ok()
    });
    let mut days: Vec<NaiveDate> = days.collect();
    days.sort_unstable();
    let middle = *days.get(days.len() / 2)?;
    Some((middle + TimeDelta::days(90)).and_hms_opt(8, 0, 0).unwrap().and_utc())
}

/// What the oracle says, in the words of a calendar that people use: everything
/// has a title, and a whole day is one day long at least.
fn as_people_see(mut instance: Instance) -> Instance {
    if instance.summary.is_empty() {
        UNTITLED.clone_into(&mut instance.summary);
    }
    if instance.all_day && instance.end <= instance.start {
        let day: NaiveDate = instance.start.parse().unwrap();
        instance.end = day.succ_opt().unwrap().to_string();
    }
    instance
}

async fn compare(file: &Path, sum: &mut Sum) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    let Some(now) = time_of(&text) else {
        sum.unknown += 1;
        return;
    };
    if import::read(&text, ZONE.parse().unwrap()).is_err() {
        sum.refused += 1;
        return;
    }
    let (from, until) = period(now);
    let Ok(expected) = oracle::try_instances(file, from, until, ZONE) else {
        sum.unknown += 1;
        return;
    };
    let expected: Vec<Instance> = expected.into_iter().map(as_people_see).collect();
    sum.compared += 1;
    for into in [Into::Crm, Into::Microsoft] {
        let synced = Synced::at(file, now, into, expected.clone()).await;
        let found = synced.compare().await;
        assert!(found.unexplained.is_empty(), "{name}, imported into {into:?}: {found:#?}");
        sum.instances += found.instances;
        sum.by_import += found.by_import;
        sum.by_run += found.by_run;
        assert_silent(&synced.world).await;
    }
}

/// The files of a folder whose number divided by two leaves `half`.
async fn compare_half(folder: &str, half: usize) -> Sum {
    let mut sum = Sum::default();
    for (at, file) in oracle::published(folder).iter().enumerate() {
        let name = file.file_name().unwrap().to_str().unwrap();
        if at % 2 == half && !READ_OTHERWISE.contains(&name) {
            compare(file, &mut sum).await;
        }
    }
    sum
}

#[tokio::test]
async fn calendars_that_parsers_are_tested_with_lose_nothing_without_a_reason() {
    let expected = Sum { compared: 31, refused: 3, unknown: 21, instances: 240, by_import: 40, by_run: 1 };
    assert_eq!(compare_half(OF_THE_PARSER, 0).await, expected);
}

#[tokio::test]
async fn calendars_that_parsers_are_tested_with_lose_nothing_without_a_reason_either() {
    let expected = Sum { compared: 24, refused: 3, unknown: 30, instances: 840, by_import: 10, by_run: 0 };
    assert_eq!(compare_half(OF_THE_PARSER, 1).await, expected);
}

#[tokio::test]
async fn series_of_published_calendars_lose_no_instance_without_a_reason() {
    let expected = Sum { compared: 43, refused: 1, unknown: 3, instances: 4628, by_import: 26, by_run: 65 };
    assert_eq!(compare_half(OF_THE_EXPANSION, 0).await, expected);
}

#[tokio::test]
async fn series_of_published_calendars_lose_no_instance_without_a_reason_either() {
    let expected = Sum { compared: 43, refused: 0, unknown: 3, instances: 7688, by_import: 908, by_run: 0 };
    assert_eq!(compare_half(OF_THE_EXPANSION, 1).await, expected);
}
