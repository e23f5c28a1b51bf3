//! When an event takes place, and how whole days stand in the CRM's instants.
//!
//! Oro keeps an all-day event as two instants and counts the last day in
//! (Oro section 7.1); what wrote it decides whether they are midnights of UTC
//! or of the user's zone. Everyone else wants the first day and the day after
//! the last one. The translation is here and nowhere else.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::crm::users::ZoneName;

/// When an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTime {
    /// Between two instants, planned in a zone.
    Timed(Timed),
    /// On whole days, in no zone.
    AllDay(AllDay),
}

/// Two instants and the zone in which they were planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Where the clock hangs that both were read from.
    pub zone: ZoneName,
}

/// Whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllDay {
    /// The first day.
    pub start_on: NaiveDate,
    /// The day after the last one.
    pub end_before: NaiveDate,
}

/// From midnight to the last minute that Oro's pages show for a day.
const LAST_MINUTE: TimeDelta = TimeDelta::minutes(24 * 60 - 1);

/// The days of an all-day event.
///
/// A start at midnight UTC was written as a date, and both ends are read in
/// UTC. Any other start is a local midnight (or another local time of the first
/// day), and both ends are read in the event's zone. The day of the end counts
/// as a whole, even where the end is its midnight.
pub fn days_of(start: DateTime<Utc>, end: DateTime<Utc>, zone: ZoneName) -> AllDay {
    let local_start = start.with_timezone(&zone.0);
    let (first, last) = match (is_midnight(start.time()), is_midnight(local_start.time())) {
        (true, false) => (start.date_naive(), end.date_naive()),
        (false, _) => (local_start.date_naive(), end.with_timezone(&zone.0).date_naive()),
        (true, true) => (start.date_naive(), last_day_on_either_clock(end, zone)),
    };
    // An end before the start cannot be stored; a day is then the least.
    let last = last.max(first);
    AllDay { start_on: first, end_before: last.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX) }
}

/// The last day where the start is midnight on both clocks (London in winter,
/// the Azores in summer), so that it does not tell which one was read. The
/// clocks differ only if the zone changes its own in between: then the end of a
/// day on one clock is a little behind that on the other, never before the day.
fn last_day_on_either_clock(end: DateTime<Utc>, zone: ZoneName) -> NaiveDate {
    let local = end.with_timezone(&zone.0);
    if is_midnight(end.time()) {
        end.date_naive()
    } else if is_midnight(local.time()) {
        local.date_naive()
    } else {
        end.date_naive().min(local.date_naive())
    }
}

fn is_midnight(time: NaiveTime) -> bool {
    time == NaiveTime::MIN
}

/// How days are written: midnight UTC of the first, the last minute UTC of the
/// last, which [`days_of`] reads as the same days in every zone.
pub fn instants_of(days: &AllDay) -> (DateTime<Utc>, DateTime<Utc>) {
    let last = days.end_before.checked_sub_days(Days::new(1)).unwrap_or(days.start_on);
    (midnight(days.start_on), midnight(last) + LAST_MINUTE)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests;
