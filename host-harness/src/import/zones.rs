//! Which zone a `TZID` means.
//!
//! Files name zones in four ways: as IANA does, as Windows does, with a prefix
//! in front of the IANA name, or by a name of their own that the file's
//! `VTIMEZONE` explains. Rules of a `VTIMEZONE` are not interpreted: where no
//! name leads to a zone, the event is left out rather than moved.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono_tz::Tz;

use crate::graph::zones::windows_zones;

/// Windows and IANA names in lower case: files do not agree on it.
static BY_LOWER_NAME: LazyLock<BTreeMap<String, Tz>> = LazyLock::new(|| {
    let windows = windows_zones().map(|(name, zone)| (name.to_lowercase(), zone));
    let iana = chrono_tz::TZ_VARIANTS.iter().map(|zone| (zone.name().to_lowercase(), *zone));
    // What both know, such as "UTC", means the same.
    windows.chain(iana).collect()
});

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
        let rests = name.match_indices('/').map(|(slash, _)| name.get(slash + 1..).unwrap_or_default());
        rests.filter(|rest| rest.contains('/')).find_map(|rest| BY_LOWER_NAME.get(rest).copied())
    })
}

#[cfg(test)]
mod tests {
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
        for (name, zone) in windows_zones().filter(|(name, _)| *name != "UTC") {
            assert_eq!(by_name(name), Some(zone), "{name}");
        }
        assert_eq!(by_name("UTC"), Some(Tz::UTC));
    }

    #[test]
    fn a_name_of_the_files_own_is_explained_by_the_file() {
        let mut zones = FileZones::default();
        assert_eq!(zones.resolve("My Zone"), None);
        zones.explain("My Zone", "Asia/Tokyo");
        assert_eq!(zones.resolve("My Zone"), Some(Tz::Asia__Tokyo));
    }
}
