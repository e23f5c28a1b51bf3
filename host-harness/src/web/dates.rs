//! Instants and days as people read them, in a person's own time zone.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// A zone by its IANA name; UTC for a name that does not exist.
pub fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// Day and time, such as `Mon 23 Nov 2026, 14:05`.
pub fn in_zone(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%a %-d %b %Y, %H:%M").to_string()
}

/// A day, such as `Mon 23 Nov 2026`.
pub fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// Both ends of a period of days, such as `23 – 29 Nov 2026`.
pub fn range(first: NaiveDate, last: NaiveDate) -> String {
    let end = last.format("%-d %b %Y");
    if first == last {
        end.to_string()
    } else if (first.year(), first.month()) == (last.year(), last.month()) {
        format!("{} – {end}", first.format("%-d"))
    } else if first.year() == last.year() {
        format!("{} – {end}", first.format("%-d %b"))
    } else {
        format!("{} – {end}", first.format("%-d %b %Y"))
    }
}

/// The first instant of a day in a zone. Where the clock skips midnight, the
/// first that exists within three hours.
pub fn day_start(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let candidates = (0..=12).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
    candidates
        .filter_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|local| local.with_timezone(&Utc))
        .next()
        .unwrap_or_else(|| midnight.and_utc())
}

/// The Monday of a date's week.
pub fn monday(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday()))).unwrap_or(date)
}

/// A span of time in its largest unit, such as `5 minutes`.
pub fn span(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds().max(0);
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_says_what_differs_once() {
        assert_eq!(range(date("2026-11-23"), date("2026-11-29")), "23 – 29 Nov 2026");
        assert_eq!(range(date("2026-11-30"), date("2026-12-06")), "30 Nov – 6 Dec 2026");
        assert_eq!(range(date("2026-12-28"), date("2027-01-03")), "28 Dec 2026 – 3 Jan 2027");
    }

    #[test]
    fn a_day_without_midnight_begins_when_the_clock_does() {
        // Chile's clocks went from 23:59:59 to 01:00:00 on 2024-09-08.
        let start = day_start(date("2024-09-08"), zone("America/Santiago"));
        assert_eq!(start.to_rfc3339(), "2024-09-08T04:00:00+00:00");
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!(monday(date("2026-11-29")), date("2026-11-23"));
        assert_eq!(monday(date("2026-11-23")), date("2026-11-23"));
    }
}
