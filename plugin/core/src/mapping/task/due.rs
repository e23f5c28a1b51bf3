//! On which day is a task due?
//!
//! Graph keeps the day as an instant without saying whose midnight it is: the
//! time of day of a write is dropped (microsoft-graph-docs-contrib#2136), and the
//! apps of To Do write the midnight of the user converted to UTC, so that east of
//! Greenwich the answer shows the day before (RogerSelwyn/MS365-ToDo#29,
//! microsoft-graph-docs#6982). What such an instant means is the day whose
//! midnight in the mailbox's zone is nearest; as instants, due dates are never
//! compared.

use chrono::{NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use serde_json::Value;

use crate::mapping::times::wire_time;
use crate::mapping::zones::written_zone;
use crate::model::{CivilDate, Instant, Zone};

/// The day whose midnight in `zone` is nearest to `at`; of two, the later one.
/// None outside of any calendar.
pub(super) fn day_of(at: Instant, zone: Zone) -> Option<CivilDate> {
    let utc = at.to_utc().naive_utc();
    let local = utc.checked_add_offset(zone.tz().offset_from_utc_datetime(&utc).fix())?;
    Some(local.checked_add_signed(TimeDelta::hours(12))?.date().into())
}

/// `due` as it is written in a mailbox whose zone is `zone`: midnight there.
///
/// The zone is named as every mailbox knows it, unless it stands for another zone
/// in which that midnight is not of this day: then as IANA names it.
pub(super) fn written(due: CivilDate, zone: Zone) -> Value {
    let (name, meant) = written_zone(zone);
    let name = if comes_back(due, meant, zone) { name } else { zone.name() };
    wire_time(midnight(due), name)
}

/// Whether `due`, kept as its midnight in `meant`, is read in `zone` as `due`.
pub(super) fn comes_back(due: CivilDate, meant: Zone, zone: Zone) -> bool {
    meant.instant_of_local(midnight(due)).and_then(|at| day_of(at, zone)) == Some(due)
}

fn midnight(day: CivilDate) -> NaiveDateTime {
    day.naive().and_time(NaiveTime::MIN)
}

#[cfg(test)]
mod tests;
