//! Dates and times as clients write them.
//!
//! Everything that a client writes as text and that is a point in time comes
//! through here, so that no reading lies where nobody can count: the types of
//! Graph have the years 1 to 9999 (`Edm.Date`, `Edm.DateTimeOffset`), those of
//! this program 262,000 to both sides. Zones are in `zones`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

/// The first moment that Graph's types have.
pub(crate) const FIRST: NaiveDateTime = FIRST_DAY.and_time(NaiveTime::MIN);
/// The last one, in the ticks that Graph writes.
pub(crate) const LAST: NaiveDateTime = match LAST_DAY.and_hms_nano_opt(23, 59, 59, 999_999_900) {
    Some(last) => last,
    None => NaiveDateTime::MAX,
};
/// The last day.
pub(crate) const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(last) => last,
    None => NaiveDate::MAX,
};
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(first) => first,
    None => NaiveDate::MIN,
};

/// Nanoseconds from which on a reading is in a leap second.
const LEAP_SECOND: u32 = 1_000_000_000;

/// Reads a date.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| has_year(*date))
}

/// Reads a date and time without an offset, or a date alone.
pub(crate) fn wall_clock(text: &str) -> Option<NaiveDateTime> {
    let with_time = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let read = with_time.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    read.or_else(|| Some(date(text)?.and_time(NaiveTime::MIN))).filter(|wall| is_counted(*wall))
}

/// Reads a date and time with its offset. The reading has a year that there
/// is, and so has the instant in UTC.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text).ok()?;
    let at = read.to_utc();
    (is_counted(read.naive_local()) && is_counted(at.naive_utc())).then_some(at)
}

/// The nearest reading that Graph's types have.
pub(crate) fn clamped(wall: NaiveDateTime) -> NaiveDateTime {
    wall.clamp(FIRST, LAST)
}

/// A reading so much later, at the latest the last one that there is.
pub(crate) fn later(wall: NaiveDateTime, by: TimeDelta) -> NaiveDateTime {
    wall.checked_add_signed(by).map_or(if by < TimeDelta::zero() { FIRST } else { LAST }, clamped)
}

fn has_year(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

/// Whether a reading is one that Graph's types have; they know no leap seconds.
fn is_counted(wall: NaiveDateTime) -> bool {
    has_year(wall.date()) && wall.nanosecond() < LEAP_SECOND
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn years_are_from_1_to_9999() {
        assert_eq!(date("0001-01-01").unwrap().and_time(NaiveTime::MIN), FIRST);
        assert_eq!(date("9999-12-31"), Some(LAST_DAY));
        for text in ["-262143-01-01", "-0001-01-01", "0000-12-31", "+10000-01-01", "10000-01-01", "+262142-12-31"] {
            assert_eq!(date(text), None, "{text}");
            assert_eq!(wall_clock(text), None, "{text}");
            assert_eq!(wall_clock(&format!("{text}T22:00:00")), None, "{text}");
            assert_eq!(instant(&format!("{text}T22:00:00Z")), None, "{text}");
        }
    }

    #[test]
    fn an_instant_has_a_year_in_utc_as_well() {
        assert!(instant("9999-12-31T23:30:00Z").is_some());
        assert_eq!(instant("9999-12-31T23:30:00-01:00"), None);
        assert!(instant("0001-01-01T00:30:00-01:00").is_some());
        assert_eq!(instant("0001-01-01T00:30:00+01:00"), None);
    }

    #[test]
    fn leap_seconds_are_no_readings() {
        assert_eq!(wall_clock("2016-12-31T23:59:60"), None);
        assert_eq!(instant("2016-12-31T23:59:60Z"), None);
        assert!(wall_clock("2016-12-31T23:59:59.9999999").is_some());
    }

    #[test]
    fn later_stays_among_the_readings() {
        let (day, age) = (TimeDelta::days(1), TimeDelta::days(4_000_000));
        assert_eq!(later(FIRST, day).to_string(), "0001-01-02 00:00:00");
        assert_eq!((later(LAST, day), later(FIRST, age)), (LAST, LAST));
        assert_eq!((later(FIRST, -day), later(LAST, -age)), (FIRST, FIRST));
        assert_eq!((later(LAST, TimeDelta::MAX), later(FIRST, TimeDelta::MIN)), (LAST, FIRST));
    }
}
