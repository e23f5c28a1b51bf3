//! Dates and times as properties give them: `DTSTART`, `RDATE`, `EXDATE`,
//! `RECURRENCE-ID` (RFC 5545, sections 3.3.4, 3.3.5 and 3.3.9).

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use icalendar::{CalendarDateTime, DatePerhapsTime, Property};

use super::batch::instant_text;
use super::duration;
use super::reason::SkipReason;
use super::zones::FileZones;
use crate::graph::zones::{to_utc, to_wall};

/// What the times of a file are read with.
pub(super) struct Clock<'file> {
    /// The zones that the file names.
    pub(super) zones: &'file FileZones,
    /// Where clock readings without a zone belong.
    pub(super) floating: Tz,
    /// The zone shown for single events that the file gives in UTC.
    pub(super) of_utc: Tz,
    /// Where the person lives, whose days a task is due on.
    pub(super) person: Tz,
}

/// How a time names its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ClockKind {
    /// By `Z`.
    Utc,
    /// Not at all.
    Floating,
    /// By `TZID`.
    Named,
}

/// A reading of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The instant.
    pub(super) instant: DateTime<Utc>,
    /// What the file says, in its own zone.
    pub(super) wall: NaiveDateTime,
    /// The zone of the reading.
    pub(super) zone: Tz,
    /// How the file names it.
    pub(super) kind: ClockKind,
}

/// A date or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Day(NaiveDate),
    Time(Reading),
}

/// An additional date, with its own length where it is a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ExtraDate {
    pub(super) start: Moment,
    /// The end of a period.
    pub(super) end: Option<DateTime<Utc>>,
}

impl Moment {
    /// The moment as reports name it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Time(reading) => instant_text(reading.instant),
        }
    }
}

impl Reading {
    /// Reads a clock.
    pub(super) fn of(time: &CalendarDateTime, clock: &Clock<'_>) -> Result<Self, SkipReason> {
        match time {
            CalendarDateTime::Utc(instant) => {
                Ok(Self { instant: *instant, wall: instant.naive_utc(), zone: clock.of_utc, kind: ClockKind::Utc })
            }
            CalendarDateTime::Floating(wall) => Ok(Self::in_zone(*wall, clock.floating, ClockKind::Floating)),
            CalendarDateTime::WithTimezone { date_time, tzid } => {
                let zone = clock.zones.resolve(tzid).ok_or(SkipReason::UnknownZone)?;
                Ok(Self::in_zone(*date_time, zone, ClockKind::Named))
            }
        }
    }

    /// The reading of the same clock so much later; none beyond the calendar.
    pub(super) fn after(self, length: TimeDelta) -> Option<Self> {
        let instant = self.instant.checked_add_signed(length)?;
        Some(Self { instant, wall: to_wall(instant, self.zone), ..self })
    }

    fn in_zone(wall: NaiveDateTime, zone: Tz, kind: ClockKind) -> Self {
        Self { instant: to_utc(wall, zone), wall, zone, kind }
    }
}

/// Reads every value of a property that may have several, each with its text
/// in the file. One that is unreadable is an error in its place.
pub(super) fn several<'file>(
    property: &'file Property,
    clock: &Clock<'_>,
) -> Vec<(&'file str, Result<ExtraDate, SkipReason>)> {
    let values = property.value().split(',').map(str::trim);
    values.map(|value| (value, one_of_several(property, value, clock))).collect()
}

/// Reads the value of a property that has one.
pub(super) fn single(property: &Property, clock: &Clock<'_>) -> Result<Moment, SkipReason> {
    moment(property, property.value().trim(), clock)
}

fn one_of_several(property: &Property, value: &str, clock: &Clock<'_>) -> Result<ExtraDate, SkipReason> {
    let Some((start, end)) = value.split_once('/') else {
        return Ok(ExtraDate { start: moment(property, value, clock)?, end: None });
    };
    let Moment::Time(start) = moment(property, start, clock)? else {
        return Err(SkipReason::UnreadableDate);
    };
    let end = match duration::read(end) {
        Some(length) => start.instant.checked_add_signed(length).ok_or(SkipReason::UnreadableDate)?,
        None => match moment(property, end, clock)? {
            Moment::Time(end) => end.instant,
            Moment::Day(_) => return Err(SkipReason::UnreadableDate),
        },
    };
    if end - start.instant < TimeDelta::zero() {
        return Err(SkipReason::UnreadableDate);
    }
    Ok(ExtraDate { start: Moment::Time(start), end: Some(end) })
}

/// Reads one value with the parameters of its property.
fn moment(property: &Property, value: &str, clock: &Clock<'_>) -> Result<Moment, SkipReason> {
    let mut alone = Property::new(property.key(), value);
    // Written in UTC, a time has no use for a zone, and some files name one.
    if let Some(zone) = property.params().get("TZID").filter(|_| !value.ends_with('Z')) {
        alone.append_parameter(zone.clone());
    }
    match DatePerhapsTime::from_property(&alone).ok_or(SkipReason::UnreadableDate)? {
        DatePerhapsTime::Date(day) => Ok(Moment::Day(day)),
        DatePerhapsTime::DateTime(time) => Ok(Moment::Time(Reading::of(&time, clock)?)),
    }
}
