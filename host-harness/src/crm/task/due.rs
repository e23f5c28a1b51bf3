//! When a task is due: an instant in the CRM, a date for whoever knows no times
//! of day.
//!
//! Microsoft To Do keeps dates in practice (Oro row T3), so a date comes back
//! where an instant was. The time of day that the task has stays; the date is
//! read and written in the zone of the task's owner, which is where he sees it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::crm::bounds::is_usual_year;

/// The time of day at which a task is due that has a date alone: the last
/// minute, so that it is not late before its day is over.
pub const END_OF_DAY: NaiveTime = match NaiveTime::from_hms_opt(23, 59, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// How finely times are tried where a clock skips some: by what most changes of
/// clocks are multiples of.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// Steps of a day.
const STEPS_MAX: i32 = 24 * 4;

/// The date on which a task is due, for somebody in this zone.
pub fn due_on(due: DateTime<Utc>, zone: Tz) -> NaiveDate {
    due.with_timezone(&zone).date_naive()
}

/// The instant at which a task is due that is to be due on another date: at the
/// time of day that it has in this zone, or at [`END_OF_DAY`]. None where the
/// zone's calendar does not have the date, or no calendar does.
pub fn due_at(date: NaiveDate, before: Option<DateTime<Utc>>, zone: Tz) -> Option<DateTime<Utc>> {
    match before {
        // Also keeps which of two equal times of day it is.
        Some(before) if due_on(before, zone) == date => Some(before),
        Some(before) => at_time(date, before.with_timezone(&zone).time(), zone),
        None => at_time(date, END_OF_DAY, zone),
    }
}

/// The instant of a time of day; where the clock skips it, the next one of the
/// same date, or the last one before it.
fn at_time(date: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    if !is_usual_year(&date) {
        return None;
    }
    let wanted = date.and_time(time);
    let steps = (0..=STEPS_MAX).chain((1..=STEPS_MAX).map(|step| -step));
    steps
        .filter_map(|step| wanted.checked_add_signed(STEP * step))
        .filter(|local| local.date() == date)
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|local| local.to_utc())
}

#[cfg(test)]
mod tests;
