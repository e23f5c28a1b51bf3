#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::crm::fixtures::instant;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_date_alone_is_due_at_its_end_where_the_owner_is() {
    for (zone, due) in [
        (Tz::Europe__Berlin, "2026-03-02T22:59:00Z"),
        (Tz::Etc__GMTPlus12, "2026-03-03T11:59:00Z"),
        (Tz::Pacific__Kiritimati, "2026-03-02T09:59:00Z"),
    ] {
        assert_eq!(due_at(date("2026-03-02"), None, zone), Some(instant(due)), "{zone}");
        assert_eq!(due_on(instant(due), zone), date("2026-03-02"));
    }
}

#[test]
fn another_date_keeps_the_time_of_day_on_the_owners_clock() {
    let winter = instant("2026-03-02T08:30:15Z");
    let summer = due_at(date("2026-07-02"), Some(winter), Tz::Europe__Berlin).unwrap();
    assert_eq!(summer, instant("2026-07-02T07:30:15Z"));
    assert_eq!(due_at(date("2026-03-02"), Some(summer), Tz::Europe__Berlin), Some(winter));
}

#[test]
fn the_same_date_changes_nothing_not_even_the_second_of_two_equal_times() {
    for text in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
        assert_eq!(due_at(date("2026-10-25"), Some(instant(text)), Tz::Europe__Berlin), Some(instant(text)));
    }
}

#[test]
fn a_time_that_the_clock_skips_is_the_next_one_of_that_day() {
    let half_past_two = instant("2026-03-28T01:30:00Z");
    let due = due_at(date("2026-03-29"), Some(half_past_two), Tz::Europe__Berlin);
    assert_eq!(due, Some(instant("2026-03-29T01:00:00Z")));
    // Midnight is skipped in Chile; the hour after it is not.
    let midnight = instant("2026-09-05T04:00:00Z");
    let due = due_at(date("2026-09-06"), Some(midnight), Tz::America__Santiago).unwrap();
    assert_eq!(due_on(due, Tz::America__Santiago), date("2026-09-06"));
}

#[test]
fn a_day_that_the_zone_never_had_is_none() {
    assert_eq!(due_at(date("2011-12-30"), None, Tz::Pacific__Apia), None);
    assert_eq!(due_at(NaiveDate::MAX, None, Tz::UTC), None);
    assert_eq!(due_at(NaiveDate::MIN, None, Tz::UTC), None);
}

/// A case: what the table calls it, the time of day that a task has before, and the
/// one that it is to have then.
const TIMES: [(&str, Option<&str>, &str); 6] = [
    ("a date alone", None, "23:59:00"),
    ("at noon", Some("12:00:00"), "12:00:00"),
    ("just after midnight", Some("00:30:00"), "00:30:00"),
    ("just before midnight", Some("23:30:00"), "23:30:00"),
    // The times of day that clocks skip.
    ("at midnight", Some("00:00:00"), "00:00:00"),
    ("in the hour that is skipped", Some("02:30:00"), "02:30:00"),
];

#[test]
fn no_zone_shifts_a_date_or_a_time_of_day_on_its_way_there_and_back() {
    let time = |text: &str| text.parse::<NaiveTime>().unwrap();
    for zone in chrono_tz::TZ_VARIANTS {
        for (case, before, expected) in TIMES {
            let before = before.map(|before| at_time(date("2025-06-15"), time(before), zone).unwrap());
            let expected = time(expected);
            for day in date("2026-01-01").iter_days().take(2 * 365) {
                let due = due_at(day, before, zone).unwrap().with_timezone(&zone);
                assert_eq!(due.date_naive(), day, "{case} in {zone}");
                let wanted = day.and_time(expected);
                assert!(
                    due.naive_local() == wanted || zone.from_local_datetime(&wanted).earliest().is_none(),
                    "{case} in {zone} on {day}: expected {wanted}, but found {due}"
                );
            }
        }
    }
}
