//! Which zone does a name of Microsoft mean, and which name is written?
//!
//! Graph speaks Windows names, IANA names and some of Exchange's own
//! (`resources/datetimetimezone`). The table is CLDR's, generated into
//! [`super::windows_zones`]. What a zone means for an instant is the business
//! of [`super::times`].

use thiserror::Error;

use super::quoted::Quoted;
use super::windows_zones::{WINDOWS_ZONES, WindowsZone};
use crate::model::{CivilDate, EventTime, Rule, Zone};
use crate::recurrence::Series;

/// For how many years a series is looked at to see whether a Windows zone does
/// for it: clocks that differ do so in most years, and a series of every day is
/// walked through day by day.
const COMPARED_YEARS: u32 = 10;

/// Windows names that CLDR dropped, but that old mailboxes still hold.
const RETIRED_WINDOWS_NAMES: [(&str, &str); 2] =
    [("Kamchatka Standard Time", "Asia/Kamchatka"), ("Mid-Atlantic Standard Time", "Etc/GMT+2")];

/// Names of Exchange for rules that somebody defined by hand
/// (`resources/event`, `originalStartTimeZone`).
const CUSTOM_NAMES: [&str; 2] = ["tzone://Microsoft/Custom", "Customized Time Zone"];

/// Further names of Coordinated Universal Time. One zone gets one name, so
/// that UTC read here equals UTC chosen there.
const UTC_NAMES: [&str; 8] =
    ["UTC", "tzone://Microsoft/Utc", "Etc/UTC", "Etc/UCT", "UCT", "Etc/Zulu", "Zulu", "Universal"];

/// Why a name means no zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ZoneIssue {
    /// A rule that only the mailbox knows.
    #[error("expected a named time zone, but found one that was defined by hand")]
    Custom,
    /// A name that neither Windows nor IANA has.
    #[error("expected a Windows or IANA time zone, but found `{0}`")]
    Unknown(Quoted),
}

/// The zone of a name that Graph answered with. IANA names are case-sensitive,
/// old ones are accepted; the others are not case-sensitive.
pub fn zone_from_graph(name: &str) -> Result<Zone, ZoneIssue> {
    let name = name.trim();
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if UTC_NAMES.iter().any(|known| is(known)) {
        return Ok(Zone::UTC);
    }
    if CUSTOM_NAMES.iter().any(|known| is(known)) {
        return Err(ZoneIssue::Custom);
    }
    let retired = RETIRED_WINDOWS_NAMES.iter().find(|(windows, _)| is(windows)).map(|(_, iana)| *iana);
    let windows = || WINDOWS_ZONES.iter().find(|row| is(row.windows)).map(|row| row.representative);
    let iana = retired.or_else(windows).unwrap_or(name);
    iana.parse().map_err(|_| ZoneIssue::Unknown(name.into()))
}

/// The name that is written for `zone`: the Windows name where there is one,
/// because every mailbox supports those, and else the IANA name.
pub fn graph_zone_name(zone: Zone) -> &'static str {
    written_zone(zone).0
}

/// The name that is written for `zone`, and the zone that Exchange takes that
/// name for. The second one counts for local times: a Windows zone stands for
/// many IANA zones, which may differ on some day of the past or the future.
pub(super) fn written_zone(zone: Zone) -> (&'static str, Zone) {
    if UTC_NAMES.contains(&zone.name()) {
        return ("UTC", Zone::UTC);
    }
    let row = WINDOWS_ZONES.iter().find(|row| row.iana.contains(&zone.name()));
    match row.and_then(|row| Some((row, row.representative.parse().ok()?))) {
        Some((WindowsZone { windows, .. }, meant)) => (windows, meant),
        None => (zone.name(), zone),
    }
}

/// As [`written_zone`], for a timed series planned in `zone`. A series is
/// expanded by Exchange, on many days: where one of them would be at another
/// time in the zone that the Windows name stands for, the IANA name is written.
/// The zone of the rule is not looked at.
pub(crate) fn written_zone_of_series(zone: Zone, rule: &Rule, start: &EventTime) -> (&'static str, Zone) {
    let (name, meant) = written_zone(zone);
    let series_in = |zone| Series::new(Rule { zone: Some(zone), ..*rule }, *start).ok();
    match (meant != zone).then(|| (series_in(zone), series_in(meant))) {
        Some((Some(planned), Some(written))) if !is_same_for_years(&planned, &written) => (zone.name(), zone),
        Some(_) | None => (name, meant),
    }
}

fn is_same_for_years(one: &Series, two: &Series) -> bool {
    let last = one
        .days()
        .next()
        .map(CivilDate::naive)
        .and_then(|first| first.checked_add_months(chrono::Months::new(12 * COMPARED_YEARS)).map(CivilDate::from));
    let within = |series: &Series| -> Vec<CivilDate> {
        series.days().take_while(|day| last.is_none_or(|last| *day <= last)).collect()
    };
    let days = within(one);
    days == within(two)
        && days.into_iter().all(|day| match (one.time_of(day), two.time_of(day)) {
            (Some(one), Some(two)) => one.same_as(&two),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::collections::BTreeMap;

    use chrono::{Offset, TimeZone, Utc};
    use chrono_tz::TZ_VARIANTS;

    use super::*;

    const XML: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/cldr/windowsZones.xml"));

    /// The attributes of the file's `mapZone` elements, which stand one to a line.
    fn map_zones() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
        let attribute = |line: &'static str, name: &str| {
            let (_, rest) = line.split_once(&format!(" {name}=\"")).expect("attribute");
            rest.split_once('"').expect("closing quote").0
        };
        XML.lines()
            .filter(|line| line.trim_start().starts_with("<mapZone "))
            .map(|line| {
                let names = attribute(line, "type").split_whitespace().collect();
                (attribute(line, "other"), attribute(line, "territory"), names)
            })
            .collect()
    }

    #[test]
    fn the_table_equals_cldr() {
        let mut from_xml: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (windows, territory, names) in map_zones() {
            let row = WINDOWS_ZONES.iter().find(|row| row.windows == windows).expect(windows);
            for name in &names {
                assert!(row.iana.contains(name), "{windows} lacks {name}");
            }
            if territory == "001" {
                // The same zone, under its present name.
                assert!(row.iana.contains(&row.representative), "{windows}");
                assert_eq!(names.len(), 1, "{windows}");
            }
            from_xml.entry(windows).or_default().extend(names);
        }
        assert_eq!(from_xml.len(), WINDOWS_ZONES.len());
        assert!(from_xml.len() > 130, "the file was not read: {}", from_xml.len());
        assert!(WINDOWS_ZONES.is_sorted_by_key(|row| row.windows));
    }

    #[test]
    fn representatives_are_the_zones_that_cldr_names() {
        for (windows, territory, names) in map_zones() {
            if territory == "001" {
                let ours = zone_from_graph(windows).unwrap().tz();
                let theirs: chrono_tz::Tz = names[0].parse().expect(names[0]);
                for month in 1..=12 {
                    let at = Utc.with_ymd_and_hms(2026, month, 3, 12, 0, 0).unwrap().naive_utc();
                    let offset = |tz: chrono_tz::Tz| tz.offset_from_utc_datetime(&at).fix();
                    assert_eq!(offset(ours), offset(theirs), "{windows} in month {month}");
                }
            }
        }
    }

    #[test]
    fn names_of_graph_are_read() {
        let table = [
            ("W. Europe Standard Time", Ok("Europe/Berlin")),
            ("w. europe standard time", Ok("Europe/Berlin")),
            (" Pacific Standard Time ", Ok("America/Los_Angeles")),
            ("India Standard Time", Ok("Asia/Kolkata")),
            ("FLE Standard Time", Ok("Europe/Kyiv")),
            ("Kamchatka Standard Time", Ok("Asia/Kamchatka")),
            ("Europe/Vienna", Ok("Europe/Vienna")),
            ("Asia/Calcutta", Ok("Asia/Calcutta")),
            ("US/Pacific", Ok("US/Pacific")),
            ("UTC", Ok("UTC")),
            ("utc", Ok("UTC")),
            ("Etc/UTC", Ok("UTC")),
            ("tzone://Microsoft/Utc", Ok("UTC")),
            ("tzone://Microsoft/Custom", Err(ZoneIssue::Custom)),
            ("Customized Time Zone", Err(ZoneIssue::Custom)),
            ("Mars/Olympus", Err(ZoneIssue::Unknown("Mars/Olympus".into()))),
            ("", Err(ZoneIssue::Unknown("".into()))),
        ];
        for (name, expected) in table {
            assert_eq!(zone_from_graph(name).map(Zone::name), expected, "{name}");
        }
    }

    #[test]
    fn names_are_written_as_windows_has_them() {
        let table = [
            ("Europe/Berlin", "W. Europe Standard Time"),
            ("Europe/Vienna", "W. Europe Standard Time"),
            ("Asia/Kolkata", "India Standard Time"),
            ("Asia/Calcutta", "India Standard Time"),
            ("Europe/Kyiv", "FLE Standard Time"),
            ("US/Pacific", "Pacific Standard Time"),
            ("America/Argentina/Buenos_Aires", "Argentina Standard Time"),
            ("America/Ciudad_Juarez", "Mountain Standard Time"),
            ("UTC", "UTC"),
            ("Etc/UTC", "UTC"),
            ("Antarctica/Troll", "Antarctica/Troll"),
        ];
        for (iana, expected) in table {
            assert_eq!(graph_zone_name(iana.parse().unwrap()), expected, "{iana}");
        }
    }

    #[test]
    fn every_written_name_is_read_again_as_the_zone_it_was_written_for() {
        let mut without_windows_name = Vec::new();
        for tz in TZ_VARIANTS {
            let zone: Zone = tz.name().parse().unwrap();
            let (name, meant) = written_zone(zone);
            assert_eq!(zone_from_graph(name), Ok(meant), "{}", tz.name());
            if name == tz.name() && zone != Zone::UTC {
                without_windows_name.push(name);
            }
        }
        // A zone that is younger than the table, and a station without any.
        assert_eq!(without_windows_name, ["America/Coyhaique", "Antarctica/Troll"]);
    }
}
