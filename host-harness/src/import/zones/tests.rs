#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Write as _;

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

/// The rules of a zone: (name, offset before, offset after, lines).
fn described(observances: &[(&str, &str, &str, &str)]) -> Option<ZoneRules> {
    let mut text = "BEGIN:VTIMEZONE\nTZID:x\n".to_owned();
    for (name, before, after, lines) in observances {
        let _ = write!(text, "BEGIN:{name}\nTZOFFSETFROM:{before}\nTZOFFSETTO:{after}\n{lines}\nEND:{name}\n");
    }
    text += "END:VTIMEZONE\n";
    let nodes = icalendar::parser::read_components(&text).unwrap();
    ZoneRules::read(&nodes[0])
}

const EUROPE: [(&str, &str, &str, &str); 2] = [
    (
        "STANDARD",
        "+0200",
        "+0100",
        "DTSTART:16010101T030000\nRRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=10;BYDAY=-1SU",
    ),
    (
        "DAYLIGHT",
        "+0100",
        "+0200",
        "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTH=3;BYDAY=-1SU",
    ),
];

fn meaning(tzid: &str, number: Option<&str>, rules: Option<ZoneRules>) -> Option<Tz> {
    let mut zones = FileZones::default();
    zones.describe(tzid, number, rules);
    zones.resolve(tzid)
}

#[test]
fn rules_lead_to_the_zone_whose_city_the_name_mentions() {
    let rules = || described(&EUROPE);
    let berlin = "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna";
    assert_eq!(meaning(berlin, None, rules()), Some(Tz::Europe__Berlin));
    assert_eq!(meaning("(GMT+01.00) Brussels / Copenhagen / Paris", None, rules()), Some(Tz::Europe__Paris));
    // A city with another clock is no help.
    assert_eq!(meaning("Like Tokyo", Some("20"), rules()), meaning("Customized Time Zone", None, rules()));
    assert_eq!(meaning("Customized Time Zone", Some("4"), rules()), Some(Tz::Europe__Berlin));
}

#[test]
fn a_value_with_escaped_commas_names_the_same_zone_as_a_quoted_parameter() {
    let mut zones = FileZones::default();
    zones.describe("(UTC+01:00) Amsterdam\\, Berlin", None, described(&EUROPE));
    assert_eq!(zones.resolve("\"(UTC+01:00) Amsterdam, Berlin\""), Some(Tz::Europe__Berlin));
}

#[test]
fn rules_without_summer_time_and_those_of_the_other_half_of_the_world_are_understood() {
    let fixed = |offset: &'static str| described(&[("STANDARD", offset, offset, "DTSTART:16010101T000000")]);
    assert_eq!(meaning("Customized Time Zone", Some("38"), fixed("-0700")), Some(Tz::America__Phoenix));
    assert_eq!(meaning("Customized Time Zone", None, fixed("+0900")), Some(Tz::Asia__Seoul));
    assert_eq!(meaning("Customized Time Zone", None, fixed("+0517")), None);
    let sydney = described(&[
        ("STANDARD", "+1100", "+1000", "DTSTART:16010401T030000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4"),
        ("DAYLIGHT", "+1000", "+1100", "DTSTART:16011007T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"),
    ]);
    let found = meaning("Customized Time Zone", None, sydney).unwrap();
    assert!([Tz::Australia__Sydney, Tz::Australia__Hobart].contains(&found), "{found}");
}

#[test]
fn rules_that_no_zone_keeps_lead_nowhere() {
    let mut early = EUROPE;
    early[1].3 = "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;BYMONTH=2;BYDAY=-1SU";
    assert_eq!(meaning("Customized Time Zone", Some("4"), described(&early)), None);
    // The rules of the United States before 2007, which no zone has any more.
    let before_2007 = described(&[
        ("STANDARD", "-0400", "-0500", "DTSTART:20001029T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        ("DAYLIGHT", "-0500", "-0400", "DTSTART:20000402T020000\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"),
    ]);
    assert_eq!(meaning("(GMT-05.00) Eastern Time", None, before_2007), None);
    assert_eq!(described(&[("STANDARD", "+01", "+0100", "DTSTART:16010101T000000")]), None);
    assert_eq!(described(&[]), None);
}

#[test]
fn rules_that_ended_and_dates_one_by_one_are_followed() {
    // Moscow since 2014, and its summers before that.
    let moscow = described(&[
        ("STANDARD", "+0400", "+0300", "DTSTART:20141026T020000"),
        (
            "DAYLIGHT",
            "+0300",
            "+0400",
            "DTSTART:20000326T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20100327T230000Z",
        ),
    ]);
    let found = meaning("(UTC+03:00) Moscow, St. Petersburg", None, moscow);
    assert_eq!(found, Some(Tz::Europe__Moscow));
}

#[test]
fn a_number_alone_is_enough() {
    assert_eq!(meaning("Office", Some("10"), None), Some(Tz::America__New_York));
    assert_eq!(meaning("Office", Some("99"), None), None);
    for (number, name) in CDO_ZONES {
        assert!(by_name(name).is_some(), "{number} {name}");
    }
}
