//! Which zone a `TZID` means.
//!
//! Files name zones in five ways: as IANA does, as Windows does, with a prefix
//! in front of the IANA name, by a name of their own that the file's
//! `VTIMEZONE` explains by another name, and by a name that only the rules of
//! that `VTIMEZONE` explain (`vtimezone`). Where none of them leads to a zone,
//! the event is left out rather than moved.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono_tz::Tz;

use super::vtimezone::ZoneRules;
use crate::graph::zones::windows_zones;

/// Windows and IANA names in lower case: files do not agree on it.
static BY_LOWER_NAME: LazyLock<BTreeMap<String, Tz>> = LazyLock::new(|| {
    let windows = windows_zones().map(|(name, zone)| (name.to_lowercase(), zone));
    let iana = chrono_tz::TZ_VARIANTS.iter().map(|zone| (zone.name().to_lowercase(), *zone));
    // What both know, such as "UTC", means the same.
    windows.chain(iana).collect()
});

/// The zones of Exchange 2003 by their number (`CdoTimeZoneId` of Collaboration
/// Data Objects), as Windows names them; numbers of zones that Windows no
/// longer has are left out. A number is a hint only: the rules decide.
const CDO_ZONES: [(u32, &str); 47] = [
    (1, "GMT Standard Time"),
    (2, "GMT Standard Time"),
    (3, "Romance Standard Time"),
    (4, "W. Europe Standard Time"),
    (5, "E. Europe Standard Time"),
    (6, "Central Europe Standard Time"),
    (7, "GTB Standard Time"),
    (8, "E. South America Standard Time"),
    (9, "Atlantic Standard Time"),
    (10, "Eastern Standard Time"),
    (11, "Central Standard Time"),
    (12, "Mountain Standard Time"),
    (13, "Pacific Standard Time"),
    (14, "Alaskan Standard Time"),
    (15, "Hawaiian Standard Time"),
    (17, "New Zealand Standard Time"),
    (18, "E. Australia Standard Time"),
    (19, "Cen. Australia Standard Time"),
    (20, "Tokyo Standard Time"),
    (21, "Singapore Standard Time"),
    (22, "SE Asia Standard Time"),
    (23, "India Standard Time"),
    (24, "Arabian Standard Time"),
    (25, "Iran Standard Time"),
    (26, "Arabic Standard Time"),
    (27, "Israel Standard Time"),
    (28, "Newfoundland Standard Time"),
    (29, "Azores Standard Time"),
    (31, "Greenwich Standard Time"),
    (33, "SA Western Standard Time"),
    (34, "US Eastern Standard Time"),
    (35, "SA Pacific Standard Time"),
    (36, "Canada Central Standard Time"),
    (37, "Central Standard Time (Mexico)"),
    (38, "US Mountain Standard Time"),
    (40, "Fiji Standard Time"),
    (41, "Magadan Standard Time"),
    (42, "Tasmania Standard Time"),
    (43, "West Pacific Standard Time"),
    (44, "AUS Central Standard Time"),
    (45, "China Standard Time"),
    (46, "Central Asia Standard Time"),
    (47, "Pakistan Standard Time"),
    (48, "Afghanistan Standard Time"),
    (49, "Egypt Standard Time"),
    (50, "South Africa Standard Time"),
    (51, "Russian Standard Time"),
];

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
            self.explained.insert(plain(tzid), zone);
        }
    }

    /// Notes the rules of a `VTIMEZONE` whose name says nothing. `number` is
    /// Exchange's own for the zone.
    pub(super) fn describe(&mut self, tzid: &str, number: Option<&str>, rules: Option<ZoneRules>) {
        if by_name(tzid).is_some() || self.explained.contains_key(&plain(tzid)) {
            return;
        }
        let hint = number.and_then(by_cdo_number);
        let zone = match rules {
            Some(rules) => candidates(tzid, hint).find(|zone| rules.agree_with(*zone)),
            None => hint,
        };
        if let Some(zone) = zone {
            self.explained.insert(plain(tzid), zone);
        }
    }

    /// The zone that `tzid` means in this file.
    pub fn resolve(&self, tzid: &str) -> Option<Tz> {
        by_name(tzid).or_else(|| self.explained.get(&plain(tzid)).copied())
    }
}

/// A name as it is compared: where it is a value its commas are escaped, where
/// it is a parameter it is quoted.
fn plain(tzid: &str) -> String {
    tzid.trim().trim_matches('"').replace('\\', "")
}

fn by_cdo_number(number: &str) -> Option<Tz> {
    let number = number.trim().parse::<u32>().ok()?;
    let (_, name) = CDO_ZONES.iter().find(|(known, _)| *known == number)?;
    by_name(name)
}

/// All zones, those first that a description most likely means: the hinted
/// one, those whose city the name mentions, those that stand for a Windows
/// zone, and the others; each in the order of their names.
fn candidates(tzid: &str, hint: Option<Tz>) -> impl Iterator<Item = Tz> {
    let name = tzid.to_lowercase();
    let is_mentioned = move |zone: &Tz| {
        let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ").to_lowercase();
        zone.name().contains('/') && name.contains(&city)
    };
    let of_windows = || windows_zones().map(|(_, zone)| zone);
    let of_iana = || chrono_tz::TZ_VARIANTS.iter().copied().filter(|zone| zone.name().contains('/'));
    let mentioned: Vec<Tz> = of_windows().chain(of_iana()).filter(is_mentioned).collect();
    hint.into_iter().chain(mentioned).chain(of_windows()).chain(of_iana())
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
mod tests;
