#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;
use crate::model::CivilDate;

fn at(text: &str) -> Instant {
    Instant::from(chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

fn timed(start: &str, end: &str, zone: &str) -> EventTime {
    EventTime::timed(at(start), at(end), zone.parse().unwrap()).unwrap()
}

/// What Graph would store for a write, read back without any preference.
fn read_back(time: &EventTime) -> EventTime {
    let properties: serde_json::Map<String, Value> =
        written_time(time).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    read_time(&serde_json::from_value(Value::Object(properties)).unwrap()).unwrap()
}

#[test]
fn times_are_written_in_the_zone_of_the_event() {
    let table = [
        // Before and behind the change of clocks in spring 2026.
        (
            timed("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "Europe/Berlin"),
            "2026-03-29T01:30:00",
            "2026-03-29T03:30:00",
            "W. Europe Standard Time",
        ),
        (
            timed("2026-07-01T14:00:00Z", "2026-07-01T15:00:00Z", "America/New_York"),
            "2026-07-01T10:00:00",
            "2026-07-01T11:00:00",
            "Eastern Standard Time",
        ),
        (
            timed("2026-07-01T14:00:00Z", "2026-07-01T15:00:00Z", "Asia/Kolkata"),
            "2026-07-01T19:30:00",
            "2026-07-01T20:30:00",
            "India Standard Time",
        ),
        (
            timed("2026-07-01T14:00:00Z", "2026-07-01T14:00:00.250Z", "UTC"),
            "2026-07-01T14:00:00",
            "2026-07-01T14:00:00.250",
            "UTC",
        ),
        // The hour that is shown twice: local times would be ambiguous.
        (
            timed("2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z", "Europe/Berlin"),
            "2026-10-25T00:30:00",
            "2026-10-25T03:00:00",
            "UTC",
        ),
        (
            timed("2026-10-25T01:30:00Z", "2026-10-25T03:00:00Z", "Europe/Berlin"),
            "2026-10-25T01:30:00",
            "2026-10-25T03:00:00",
            "UTC",
        ),
    ];
    for (time, start, end, zone) in table {
        let written = written_time(&time);
        assert_eq!(written[0], ("start", json!({ "dateTime": start, "timeZone": zone })));
        assert_eq!(written[1], ("end", json!({ "dateTime": end, "timeZone": zone })));
        assert_eq!(written[2], ("isAllDay", json!(false)));
    }
}

#[test]
fn whole_days_are_written_as_midnights_and_come_back_as_days() {
    let date = |month, day| CivilDate::from_parts(2026, month, day).unwrap();
    let time = EventTime::all_day(date(3, 28), date(3, 30)).unwrap();
    let written = written_time(&time);
    assert_eq!(written[0].1, json!({ "dateTime": "2026-03-28T00:00:00", "timeZone": "UTC" }));
    assert_eq!(written[1].1, json!({ "dateTime": "2026-03-30T00:00:00", "timeZone": "UTC" }));
    assert_eq!(written[2].1, json!(true));
    assert_eq!(read_back(&time), time);
}

#[test]
fn a_local_time_in_a_gap_and_in_an_overlap_has_one_instant() {
    let table = [
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        ("2026-03-08T02:30:00", "America/New_York", "2026-03-08T07:30:00Z"),
        ("2026-11-01T01:30:00", "America/New_York", "2026-11-01T05:30:00Z"),
        // Lord Howe moves its clocks by half an hour, Samoa once left out a day.
        ("2026-10-04T02:15:00", "Australia/Lord_Howe", "2026-10-03T15:45:00Z"),
        ("2011-12-30T12:00:00", "Pacific/Apia", "2011-12-30T22:00:00Z"),
    ];
    for (local, zone, expected) in table {
        let found = zone.parse::<Zone>().unwrap().instant_of_local(local.parse().unwrap());
        assert_eq!(found, Some(at(expected)), "{local} {zone}");
    }
}

#[test]
fn fractions_and_a_stray_z_are_read() {
    for text in ["2026-07-01T14:00:00.0000000", "2026-07-01T14:00:00", "2026-07-01T14:00:00Z", " 2026-07-01T14:00:00 "]
    {
        let value = DateTimeTimeZone { date_time: Some(text.to_owned()), time_zone: None };
        assert_eq!(instant(&value, Edge::Start), Ok(at("2026-07-01T14:00:00Z")), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Around every change of clocks of these years, in zones of all sorts.
    #[test]
    fn every_time_comes_back_as_it_was_written(
        zone in prop::sample::select(vec![
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
            "America/Sao_Paulo", "Antarctica/Casey", "Antarctica/Troll", "Pacific/Chatham", "Etc/GMT+5", "UTC",
        ]),
        quarter_hours in 0_i64..175_000,
        length_minutes in 0_i64..3_000,
    ) {
        let start_at = Instant::from_epoch_milliseconds(1_704_067_200_000 + quarter_hours * 900_000);
        let end_at = Instant::from_epoch_milliseconds(start_at.epoch_milliseconds() + length_minutes * 60_000);
        let time = EventTime::timed(start_at, end_at, zone.parse().unwrap()).unwrap();
        prop_assert!(read_back(&time).same_as(&time));
    }
}

/// Found by fuzzing: a date of year 10000 was read, and written as one that Graph
/// refuses; near the ends of chrono's calendar, changing the zone has no answer.
#[test]
fn a_time_of_which_no_zone_can_write_one_is_none() {
    let table = [
        ("0001-01-02T00:00:00", true),
        ("9999-12-30T23:59:59", true),
        ("0001-01-01T23:59:59", false),
        ("9999-12-31T00:00:00", false),
        ("0000-06-01T00:00:00", false),
        ("-0001-06-01T00:00:00", false),
        ("+10000-01-01T00:00:00", false),
        ("-262143-01-01T00:00:00", false),
        ("+262142-12-31T23:59:59", false),
    ];
    for (text, is_read) in table {
        assert_eq!(parsed_local(text).is_some(), is_read, "{text}");
        let edge = json!({ "dateTime": text, "timeZone": "UTC" });
        for is_all_day in [false, true] {
            let event = json!({ "start": edge, "end": edge, "isAllDay": is_all_day });
            let found = read_time(&serde_json::from_value(event).unwrap());
            assert!(is_read || found == Err(MapIssue::MalformedTime(Edge::Start)), "{text}: {found:?}");
        }
    }
}
