//! Which zone a `TZID` means.
//!
//! Files name zones in four ways: as IANA does, as Windows does, with a prefix
//! in front of the IANA name, or by a name of their own that the file's
//! `VTIMEZONE` explains. Rules of a `VTIMEZONE` are not interpreted: where no
//! name leads to a zone, the event is left out rather than moved.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// CLDR's table of Windows zones; see `data/cldr`.
const WINDOWS_ZONES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../data/cldr/windowsZones.xml"
));

/// The territory whose row names the one IANA zone for a Windows zone.
const WHOLE_WORLD: &str = "territory=\"001\"";

/// Windows and IANA names in lower case: files do not agree on it.
static BY_LOWER_NAME: LazyLock<BTreeMap<String, Tz>> = LazyLock::new(|| {
    let windows = windows_rows().map(|(name, zone)| (name.to_lowercase(), zone));
    let iana = chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| (zone.name().to_lowercase(), *zone));
    // What both know, such as "UTC", means the same.
    windows.chain(iana).collect()
});

/// The rows of the table that hold for the whole world.
fn windows_rows() -> impl Iterator<Item = (&'static str, Tz)> {
    let rows = WINDOWS_ZONES
        .lines()
        .filter(|line| line.contains("<mapZone") && line.contains(WHOLE_WORLD));
    rows.filter_map(|row| {
        Some((
            attribute(row, "other")?,
            attribute(row, "type")?.parse().ok()?,
        ))
    })
}

fn attribute<'row>(row: &'row str, name: &str) -> Option<&'row str> {
    row.split_once(&format!(" {name}=\""))?
        .1
        .split_once('"')
        .map(|(value, _)| value)
}

/// The zones of a file.
#[derive(Clone, Debug, Default)]
pub struct FileZones {
    explained: BTreeMap<String, Tz>,
}

impl FileZones {
    /// Notes what a `VTIMEZONE` says about its name: `X-LIC-LOCATION`, or
    /// another hint.
    pub fn explain(&mut self, tzid: &str, hint: &str) {
        if let Some(zone) = by_name(hint) {
            self.explained.insert(tzid.to_owned(), zone);
        }
    }

    /// The zone that `tzid` means in this file.
    pub fn resolve(&self, tzid: &str) -> Option<Tz> {
        by_name(tzid).or_else(|| self.explained.get(tzid).copied())
    }
}

/// The zone with this IANA or Windows name, whatever stands in front of the
/// IANA name.
pub fn by_name(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"').to_lowercase();
    BY_LOWER_NAME.get(&name).copied().or_else(|| {
        // "/freeassociation.sourceforge.net/Europe/Berlin" and the like. A
        // rest of one word would be too little to go by.
        let rests = name
            .match_indices('/')
            .map(|(slash, _)| name.get(slash + 1..).unwrap_or_default());
        rests
            .filter(|rest| rest.contains('/'))
            .find_map(|rest| BY_LOWER_NAME.get(rest).copied())
    })
}

/// The instant of a reading of a clock in `zone`. A reading that occurs twice
/// counts as the first one, one that a change of the clock skips as that much
/// later (RFC 5545, section 3.3.5).
pub fn instant_of(reading: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&reading) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.to_utc(),
        LocalResult::None => {
            // The offset in force a day before is that before the gap.
            let day = TimeDelta::days(1);
            match zone.from_local_datetime(&(reading - day)) {
                LocalResult::Single(before) | LocalResult::Ambiguous(before, _) => {
                    before.to_utc() + day
                }
                LocalResult::None => reading.and_utc(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_of_all_kinds_are_understood() {
        for name in [
            "Europe/Berlin",
            "europe/berlin",
            "W. Europe Standard Time",
            "w. europe standard time",
            "/freeassociation.sourceforge.net/Europe/Berlin",
            "/mozilla.org/20050126_1/Europe/Berlin",
            "\"Europe/Berlin\"",
        ] {
            assert_eq!(by_name(name), Some(Tz::Europe__Berlin), "{name}");
        }
        assert_eq!(by_name("Nowhere/City"), None);
        assert_eq!(by_name("My Zone"), None);
    }

    #[test]
    fn every_windows_zone_of_the_table_is_known() {
        let world = WINDOWS_ZONES.matches(WHOLE_WORLD).count();
        assert!(world > 130, "{world}");
        let known = windows_rows().filter(|(name, zone)| {
            by_name(name).is_some_and(|found| found == *zone || *name == "UTC")
        });
        assert_eq!(known.count(), world);
    }

    #[test]
    fn a_name_of_the_files_own_is_explained_by_the_file() {
        let mut zones = FileZones::default();
        assert_eq!(zones.resolve("My Zone"), None);
        zones.explain("My Zone", "Asia/Tokyo");
        assert_eq!(zones.resolve("My Zone"), Some(Tz::Asia__Tokyo));
    }

    #[test]
    fn skipped_and_repeated_readings_have_an_instant() {
        let at = |text: &str| instant_of(text.parse().unwrap(), Tz::Europe__Berlin).to_rfc3339();
        assert_eq!(at("2026-03-29T02:30:00"), "2026-03-29T01:30:00+00:00");
        assert_eq!(at("2026-10-25T02:30:00"), "2026-10-25T00:30:00+00:00");
    }
}
