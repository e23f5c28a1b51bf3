//! Instants, dates, zones, and when an event takes place.
//!
//! Three different things that never convert silently: an instant is a point on
//! the time line, a date is a square on the calendar, a zone says which square
//! an instant falls on.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A point in time, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn from_epoch_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn epoch_milliseconds(self) -> i64 {
        self.0
    }

    /// The same point as a chrono value; saturates far outside any calendar.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// This instant moved by `delta`.
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self(self.0.saturating_add(delta.num_milliseconds()))
    }

    /// How long after `earlier` this instant is; negative if it is before.
    pub fn since(self, earlier: Self) -> TimeDelta {
        TimeDelta::milliseconds(self.0.saturating_sub(earlier.0))
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(value: DateTime<Utc>) -> Self {
        Self(value.timestamp_millis())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A day of the calendar, in no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CivilDate(NaiveDate);

impl CivilDate {
    /// The date, if there is one with these numbers.
    pub fn from_parts(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// As a chrono value.
    pub const fn naive(self) -> NaiveDate {
        self.0
    }
}

impl From<NaiveDate> for CivilDate {
    fn from(value: NaiveDate) -> Self {
        Self(value)
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An IANA time zone that this build knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(chrono_tz::Tz);

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(chrono_tz::UTC);

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// As a chrono-tz value.
    pub const fn tz(self) -> chrono_tz::Tz {
        self.0
    }

    /// The instant of a local time. Of two, the earlier one; in a gap, the instant
    /// that the clock would have shown without it, as Windows and iCalendar have
    /// it. None outside of any calendar.
    pub fn instant_of_local(self, local: NaiveDateTime) -> Option<Instant> {
        let at = match self.0.from_local_datetime(&local) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.to_utc(),
            LocalResult::None => {
                // No gap of the database is longer than a day (Samoa's in 2011).
                let day = TimeDelta::days(1);
                let before = self.0.from_local_datetime(&local.checked_sub_signed(day)?).earliest()?;
                before.checked_add_signed(day)?.to_utc()
            }
        };
        Some(Instant::from(at))
    }
}

/// The name is in no zone database that this build carries.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("expected an IANA time zone, but found `{0}`")]
pub struct InvalidZone(pub String);

impl FromStr for Zone {
    type Err = InvalidZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self).map_err(|_| InvalidZone(name.to_owned()))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// When an event takes place. Start, end, zone and all-day change as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventTime {
    /// Between two instants, planned in a zone.
    Timed {
        /// When it begins.
        start_at: Instant,
        /// When it ends; not before the start.
        end_at: Instant,
        /// The zone it was planned in.
        zone: Zone,
    },
    /// On whole days, in no zone. Dates are never converted.
    AllDay {
        /// The first day.
        start_on: CivilDate,
        /// The day behind the last one, as Graph and iCalendar count.
        end_before: CivilDate,
    },
}

/// The end lies before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidEventTime {
    /// Of a timed event.
    #[error("expected an end that is not before the start, but found an earlier one")]
    EndBeforeStart,
    /// Of an all-day event.
    #[error("expected an all-day event of at least one day, but found none")]
    NoDay,
}

impl EventTime {
    /// A timed event.
    pub fn timed(start_at: Instant, end_at: Instant, zone: Zone) -> Result<Self, InvalidEventTime> {
        if end_at < start_at {
            return Err(InvalidEventTime::EndBeforeStart);
        }
        Ok(Self::Timed { start_at, end_at, zone })
    }

    /// An all-day event from its first day to the day behind its last.
    pub fn all_day(start_on: CivilDate, end_before: CivilDate) -> Result<Self, InvalidEventTime> {
        if end_before <= start_on {
            return Err(InvalidEventTime::NoDay);
        }
        Ok(Self::AllDay { start_on, end_before })
    }

    /// The span on the time line, dates read in UTC. For windows and sorting,
    /// never for writing.
    pub fn span(&self) -> (Instant, Instant) {
        match *self {
            Self::Timed { start_at, end_at, .. } => (start_at, end_at),
            Self::AllDay { start_on, end_before } => (midnight_utc(start_on), midnight_utc(end_before)),
        }
    }

    /// Whether both take place at the same time. The zone matters only to a
    /// series, so two names for one instant are the same time.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Timed { start_at, end_at, .. }, Self::Timed { start_at: other_start, end_at: other_end, .. }) => {
                start_at == other_start && end_at == other_end
            }
            (Self::AllDay { .. }, Self::AllDay { .. }) => self == other,
            (Self::Timed { .. }, Self::AllDay { .. }) | (Self::AllDay { .. }, Self::Timed { .. }) => false,
        }
    }
}

fn midnight_utc(date: CivilDate) -> Instant {
    Instant::from(date.naive().and_time(chrono::NaiveTime::MIN).and_utc())
}
