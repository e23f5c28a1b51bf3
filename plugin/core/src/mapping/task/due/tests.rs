#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use chrono::NaiveDate;
use chrono_tz::TZ_VARIANTS;

use super::*;
use crate::mapping::zone_from_graph;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn date(text: &str) -> CivilDate {
    text.parse::<NaiveDate>().unwrap().into()
}

fn at(text: &str) -> Instant {
    Instant::from(chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

/// What the service keeps of a written day, in UTC.
fn kept(written: &Value) -> Instant {
    let meant = zone_from_graph(written["timeZone"].as_str().unwrap()).unwrap();
    meant.instant_of_local(written["dateTime"].as_str().unwrap().parse().unwrap()).unwrap()
}

/// Both midnights of `day` that an app may mean, where clocks show it twice.
fn midnights(day: CivilDate, zone: Zone) -> impl Iterator<Item = Instant> {
    let later = zone.tz().from_local_datetime(&midnight(day)).latest().map(|time| Instant::from(time.to_utc()));
    zone.instant_of_local(midnight(day)).into_iter().chain(later)
}

/// Every zone, every day of two years, changes of clocks at midnight included: as
/// the service keeps what was written here, and as an app of To Do writes it.
#[test]
fn every_day_comes_back_in_every_zone() {
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let days: Vec<CivilDate> = first.iter_days().take(730).map(CivilDate::from).collect();
    assert_eq!(days[729], date("2027-12-31"));
    for tz in TZ_VARIANTS {
        let zone = zone(tz.name());
        let (name, meant) = written_zone(zone);
        assert_eq!(zone_from_graph(name), Ok(meant), "{name}");
        for day in &days {
            assert!(comes_back(*day, meant, zone), "{day} written in {name} for {zone}");
            for midnight in midnights(*day, zone) {
                assert_eq!(day_of(midnight, zone), Some(*day), "{zone}");
            }
        }
    }
}

/// The whole way, through the JSON, on the days on which it is hardest.
#[test]
fn days_on_which_clocks_or_calendars_jump_come_back() {
    let table = [
        // Clocks are put forward or back at midnight.
        ("2018-11-04", "America/Sao_Paulo"),
        ("2026-09-06", "America/Santiago"),
        ("2026-04-05", "America/Santiago"),
        ("2026-03-08", "America/Havana"),
        ("2026-11-01", "America/Havana"),
        ("2026-03-29", "Atlantic/Azores"),
        ("2026-10-25", "Atlantic/Azores"),
        ("2026-03-29", "Asia/Beirut"),
        ("2026-04-24", "Africa/Cairo"),
        ("2026-10-30", "Africa/Cairo"),
        ("2026-10-04", "Australia/Lord_Howe"),
        // The ends of the world, and offsets of odd minutes.
        ("2026-06-01", "Pacific/Kiritimati"),
        ("2026-06-01", "Etc/GMT+12"),
        ("2026-06-01", "Etc/GMT-14"),
        ("2026-06-01", "Pacific/Chatham"),
        ("2026-06-01", "Asia/Kathmandu"),
        // The days around the one that Samoa left out.
        ("2011-12-29", "Pacific/Apia"),
        ("2011-12-31", "Pacific/Apia"),
        // Kwajalein was on the other side of the date line then, and is in a
        // Windows zone that never was.
        ("1993-08-20", "Pacific/Kwajalein"),
        ("1993-08-22", "Pacific/Kwajalein"),
        ("1980-01-01", "Pacific/Kiritimati"),
        // A leap day, and the ends of what has four digits.
        ("2028-02-29", "Europe/Vienna"),
        ("0001-01-02", "America/New_York"),
        ("9999-12-31", "Pacific/Auckland"),
    ];
    for (day, name) in table {
        let (day, zone) = (date(day), zone(name));
        let written = written(day, zone);
        assert!(written["dateTime"].as_str().unwrap().ends_with("T00:00:00"), "{written}");
        assert_eq!(day_of(kept(&written), zone), Some(day), "{written} {zone}");
        for midnight in midnights(day, zone) {
            assert_eq!(day_of(midnight, zone), Some(day), "{day} {zone}");
        }
    }
}

#[test]
fn a_day_that_a_zone_left_out_is_the_next_one() {
    let apia = zone("Pacific/Apia");
    let missing = written(date("2011-12-30"), apia);
    assert_eq!(day_of(kept(&missing), apia), Some(date("2011-12-31")));
}

#[test]
fn a_day_is_written_as_midnight_under_the_name_that_every_mailbox_knows() {
    let table = [
        ("2026-03-10", "Europe/Vienna", "W. Europe Standard Time"),
        ("2024-10-24", "Pacific/Kiritimati", "Line Islands Standard Time"),
        ("2026-03-10", "UTC", "UTC"),
        ("2026-03-10", "Antarctica/Troll", "Antarctica/Troll"),
        ("2026-03-10", "Pacific/Kwajalein", "UTC+12"),
        ("1993-08-20", "Pacific/Kwajalein", "Pacific/Kwajalein"),
    ];
    for (day, name, written_name) in table {
        let expected = serde_json::json!({ "dateTime": format!("{day}T00:00:00"), "timeZone": written_name });
        assert_eq!(written(date(day), zone(name)), expected);
    }
}

#[test]
fn an_instant_is_of_the_day_whose_midnight_is_nearest() {
    let table = [
        // The 24th of somebody on Kiritimati, shown as the day before.
        ("2024-10-23T10:00:00Z", "Pacific/Kiritimati", "2024-10-24"),
        // The example of api/todotask-update.
        ("2020-07-25T04:00:00Z", "America/New_York", "2020-07-25"),
        ("2026-03-09T23:00:00Z", "Europe/Berlin", "2026-03-10"),
        // Midnight of UTC, as other applications write it.
        ("2026-03-10T00:00:00Z", "Europe/Berlin", "2026-03-10"),
        ("2026-03-10T00:00:00Z", "America/Los_Angeles", "2026-03-10"),
        ("2026-03-10T00:00:00Z", "Pacific/Pago_Pago", "2026-03-10"),
        ("2026-03-10T00:00:00Z", "UTC", "2026-03-10"),
        // Half past eleven and noon.
        ("2026-03-10T11:59:59.999Z", "UTC", "2026-03-10"),
        ("2026-03-10T12:00:00Z", "UTC", "2026-03-11"),
        ("2026-12-31T12:00:00Z", "UTC", "2027-01-01"),
        // Written in Berlin, read by the same person on Hawaii and in Tokyo.
        ("2026-07-09T22:00:00Z", "Pacific/Honolulu", "2026-07-10"),
        ("2026-07-09T22:00:00Z", "Asia/Tokyo", "2026-07-10"),
    ];
    for (instant, name, expected) in table {
        assert_eq!(day_of(at(instant), zone(name)), Some(date(expected)), "{instant} {name}");
    }
}

#[test]
fn the_ends_of_the_calendar_do_no_harm() {
    let end = Instant::from_epoch_milliseconds(i64::MAX);
    assert_eq!(day_of(end, zone("Pacific/Kiritimati")), None);
    for name in ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"] {
        for instant in [end, Instant::from_epoch_milliseconds(i64::MIN)] {
            // A day or none, depending on the zone; what counts is that it returns.
            let _ = day_of(instant, zone(name));
        }
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!(written(day.into(), zone(name))["dateTime"].is_string());
        }
    }
}
