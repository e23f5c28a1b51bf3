//! Time zone names: Windows and IANA, both directions, and wall clock to instant.
//!
//! The Windows names come from CLDR's `windowsZones.xml`, whose rows with
//! territory `001` name the one IANA zone that stands for a Windows zone.
//! Graph accepts and echoes both kinds of names (resources/datetimetimezone).
//! Files that are imported use the same table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset as _, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::dates;

const WINDOWS_ZONES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/cldr/windowsZones.xml"));

/// What Exchange calls a zone that was described by its rules alone.
const CUSTOM_UTC: &str = "tzone://Microsoft/Utc";

static BY_WINDOWS_NAME: LazyLock<BTreeMap<String, Tz>> = LazyLock::new(|| read_world_rows(WINDOWS_ZONES));

/// Reads the `mapZone` rows of the whole world.
fn read_world_rows(xml: &str) -> BTreeMap<String, Tz> {
    let mut zones = BTreeMap::new();
    for row in xml.split("<mapZone").skip(1) {
        if attribute(row, "territory") != Some("001") {
            continue;
        }
        let zone = attribute(row, "type").and_then(|name| name.parse::<Tz>().ok());
        if let (Some(windows), Some(zone)) = (attribute(row, "other"), zone) {
            zones.insert(windows.to_owned(), zone);
        }
    }
    zones
}

fn attribute<'a>(row: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = row.split_once(&format!("{name}=\""))?;
    after.split_once('"').map(|(value, _)| value)
}

/// The zone behind a Windows or IANA name. Abbreviations are not accepted,
/// because Graph refuses them.
pub(crate) fn resolve(name: &str) -> Option<Tz> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("UTC") || name.eq_ignore_ascii_case(CUSTOM_UTC) {
        return Some(Tz::UTC);
    }
    if let Some(zone) = BY_WINDOWS_NAME.get(name) {
        return Some(*zone);
    }
    let is_region = name.contains('/');
    let by_iana = if is_region { name.parse::<Tz>().ok() } else { None };
    by_iana.or_else(|| {
        BY_WINDOWS_NAME.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name)).map(|(_, zone)| *zone)
    })
}

/// Every Windows name with the zone that stands for it, sorted by name.
pub(crate) fn windows_zones() -> impl Iterator<Item = (&'static str, Tz)> {
    BY_WINDOWS_NAME.iter().map(|(name, zone)| (name.as_str(), *zone))
}

/// All Windows names, sorted.
pub(crate) fn windows_names() -> Vec<String> {
    BY_WINDOWS_NAME.keys().cloned().collect()
}

/// All IANA names that stand for a Windows zone, sorted.
pub(crate) fn iana_names() -> Vec<String> {
    let mut names: Vec<String> = BY_WINDOWS_NAME.values().map(|zone| zone.name().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The instant of a wall clock reading. A reading that occurs twice counts as
/// the first one, one that a change of the clock skips as that much later
/// (RFC 5545, section 3.3.5). One outside the years that Graph's types have is
/// the nearest that they have, as .NET converts times between zones.
pub(crate) fn to_utc(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let wall = dates::clamped(wall);
    let at = |wall: &NaiveDateTime| match zone.from_local_datetime(wall) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant.naive_utc()),
        LocalResult::None => None,
    };
    // The offset in force a day before is that before the gap.
    let day = TimeDelta::days(1);
    let behind_the_gap = || Some(dates::later(at(&dates::later(wall, -day))?, day));
    dates::clamped(at(&wall).or_else(behind_the_gap).unwrap_or(wall)).and_utc()
}

/// The wall clock reading of an instant, within the years that Graph's types
/// have.
pub(crate) fn to_wall(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    let utc = dates::clamped(instant.naive_utc());
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    dates::later(utc, TimeDelta::seconds(offset.local_minus_utc().into()))
}

/// An instant as text with the offset of a zone, or in UTC where the reading
/// has no year there.
pub(crate) fn with_offset(instant: DateTime<Utc>, zone: Tz) -> String {
    let local = instant.with_timezone(&zone);
    let zone = if local.naive_local() == to_wall(instant, zone) { zone } else { Tz::UTC };
    instant.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_row_of_the_whole_world_is_read() {
        let rows = WINDOWS_ZONES.matches("territory=\"001\"").count();
        assert!(rows > 130, "{rows}");
        assert_eq!(windows_zones().count(), rows);
    }

    fn at(reading: &str, zone: Tz) -> String {
        to_utc(reading.parse().unwrap(), zone).to_rfc3339()
    }

    #[test]
    fn skipped_and_repeated_readings_have_an_instant() {
        assert_eq!(at("2026-03-29T02:30:00", Tz::Europe__Berlin), "2026-03-29T01:30:00+00:00");
        assert_eq!(at("2026-10-25T02:30:00", Tz::Europe__Berlin), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn a_gap_of_half_an_hour_moves_a_reading_by_half_an_hour() {
        // Lord Howe Island goes from 2:00 (+10:30) to 2:30 (+11:00).
        assert_eq!(at("2026-10-04T02:15:00", Tz::Australia__Lord_Howe), "2026-10-03T15:45:00+00:00");
    }

    #[test]
    fn the_ends_of_time_have_readings_in_every_zone() {
        let ends = [NaiveDateTime::MIN, dates::FIRST, dates::LAST, NaiveDateTime::MAX];
        for zone in windows_zones().map(|(_, zone)| zone).chain([Tz::UTC]) {
            for wall in ends {
                let instant = to_utc(wall, zone);
                assert_eq!(instant.naive_utc(), dates::clamped(instant.naive_utc()), "{wall} in {zone}");
                let read = to_wall(instant, zone);
                assert_eq!(read, dates::clamped(read), "{wall} in {zone}");
                assert!(!with_offset(instant, zone).starts_with(['+', '-']), "{wall} in {zone}");
            }
        }
        assert_eq!(at("9999-12-31T22:00:00", Tz::Etc__GMTPlus12), "9999-12-31T23:59:59.999999900+00:00");
        assert_eq!(at("0001-01-01T00:00:00", Tz::Etc__GMTMinus14), "0001-01-01T00:00:00+00:00");
        assert_eq!(to_wall(dates::LAST.and_utc(), Tz::Etc__GMTMinus14), dates::LAST);
        assert_eq!(to_wall(dates::FIRST.and_utc(), Tz::Etc__GMTPlus12), dates::FIRST);
    }

    #[test]
    fn a_day_that_a_country_skipped_counts_as_the_day_after() {
        assert_eq!(at("2011-12-30T12:00:00", Tz::Pacific__Apia), "2011-12-30T22:00:00+00:00");
    }
}
