#![allow(clippy::unwrap_used)]

use chrono::TimeZone as _;

use super::*;
use crate::crm::fixtures::instant;

/// Zones with every kind of offset and of changing clocks, one that skips
/// midnight (Asuncion until 2024) and one that skipped a whole day (Apia).
const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Asuncion",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Atlantic/Azores",
];

fn zone(name: &str) -> ZoneName {
    ZoneName::parse(name, "timeZone").unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(first: &str, end_before: &str) -> AllDay {
    AllDay { start_on: day(first), end_before: day(end_before) }
}

#[track_caller]
fn check(start: &str, end: &str, zone_name: &str, expected: AllDay) {
    assert_eq!(days_of(instant(start), instant(end), zone(zone_name)), expected, "{start} {end} {zone_name}");
}

#[test]
fn dates_survive_in_every_zone() {
    let mut first = day("2023-12-25");
    while first < day("2025-01-10") {
        for length in [1, 2, 30] {
            let written = AllDay { start_on: first, end_before: first + Days::new(length) };
            let (start, end) = instants_of(&written);
            assert_eq!(end.time().to_string(), "23:59:00");
            for name in ZONES {
                assert_eq!(days_of(start, end, zone(name)), written, "{name}");
            }
        }
        first = first + Days::new(3);
    }
}

#[test]
fn local_midnights_are_the_local_days_in_every_zone() {
    for name in ZONES {
        let zone = zone(name);
        let mut first = day("2023-12-25");
        while first < day("2025-01-10") {
            let last = first + Days::new(2);
            let at = |day: NaiveDate, hour, minute| {
                zone.0.from_local_datetime(&day.and_hms_opt(hour, minute, 0).unwrap()).earliest()
            };
            // A day that begins at one o'clock has no midnight to write.
            if let (Some(start), Some(end)) = (at(first, 0, 0), at(last, 23, 59)) {
                let read = days_of(start.to_utc(), end.to_utc(), zone);
                assert_eq!(read, AllDay { start_on: first, end_before: last + Days::new(1) }, "{name} {first}");
            }
            first = first + Days::new(1);
        }
    }
}

#[test]
fn the_day_of_the_end_counts() {
    check("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "Europe/Berlin", days("2026-03-01", "2026-03-02"));
    check("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "Europe/Berlin", days("2026-03-01", "2026-03-03"));
    check("2026-02-28T23:00:00Z", "2026-02-28T23:00:00Z", "Europe/Berlin", days("2026-03-01", "2026-03-02"));
    check("2026-02-28T23:00:00Z", "2026-03-01T23:00:00Z", "Europe/Berlin", days("2026-03-01", "2026-03-03"));
    check("2026-02-28T23:00:00Z", "2026-03-01T22:59:00Z", "Europe/Berlin", days("2026-03-01", "2026-03-02"));
    check("2026-03-01T05:00:00Z", "2026-03-02T04:59:59Z", "America/New_York", days("2026-03-01", "2026-03-02"));
}

#[test]
fn a_start_at_midnight_on_both_clocks_leaves_the_end_to_tell() {
    let (london, azores) = ("Europe/London", "Atlantic/Azores");
    check("2026-03-28T00:00:00Z", "2026-03-29T22:59:00Z", london, days("2026-03-28", "2026-03-30"));
    check("2026-03-28T00:00:00Z", "2026-03-29T23:59:00Z", london, days("2026-03-28", "2026-03-30"));
    check("2026-03-28T00:00:00Z", "2026-03-29T23:00:00Z", london, days("2026-03-28", "2026-03-31"));
    check("2026-10-24T00:00:00Z", "2026-10-26T00:59:00Z", azores, days("2026-10-24", "2026-10-26"));
    check("2026-10-24T00:00:00Z", "2026-10-25T23:59:00Z", azores, days("2026-10-24", "2026-10-26"));
    check("2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z", azores, days("2026-10-24", "2026-10-27"));
}

#[test]
fn a_day_that_changes_the_clock_is_one_day() {
    check("2026-03-28T23:00:00Z", "2026-03-29T21:59:00Z", "Europe/Berlin", days("2026-03-29", "2026-03-30"));
    check("2026-10-24T22:00:00Z", "2026-10-25T22:59:00Z", "Europe/Berlin", days("2026-10-25", "2026-10-26"));
}
