//! The occurrences of a series: days of its rule, with their times.
//!
//! Knows nothing of exceptions: what is different on single days is the item's
//! own (`crate::model::Exceptions`), keyed by the days that this module gives.
//! Nothing here walks through a series: days far away, the last one and the one
//! of an instant are computed, so that rules of a hostile server (every 999
//! years, until the year 9999, four thousand million times) cost no more than
//! others.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use thiserror::Error;

use super::canonical::canonical;
use super::days::{Periods, YEARS};
use crate::model::{CivilDate, EventTime, Instant, RangeEnd, Rule, Zone};

/// How far an original start may lie from the start by the rule and still name
/// that occurrence: Exchange cuts to the minute, and a zone may be named
/// differently on the other side. A rule's occurrences are a day apart, so the
/// nearest counts.
const NEAR: TimeDelta = TimeDelta::hours(14);

/// Added around a window of instants before it is compared with days: a local
/// day lies up to one day beside that of UTC, and an occurrence may be longer
/// than the first one by what the clocks were moved, a day at most (Samoa in
/// 2011).
const WINDOW_MARGIN: TimeDelta = TimeDelta::days(3);

/// Why a rule and a time make no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidSeries {
    /// No day of the rule lies on or after the start and before its end, or the
    /// rule names no day at all (interval or count 0, no day of the week, a
    /// month 13), or the start is in no calendar.
    #[error("expected a rule with at least one occurrence, but found none")]
    NoOccurrence,
    /// Timed with a rule of whole days, or the other way round.
    #[error("expected a zone exactly where the series has times of day, but found otherwise")]
    ZoneMismatch,
    /// The start is not on the rule, and on the first day that is, the clocks
    /// leave its hour out. A series is kept with the time of its first
    /// occurrence, from which the time of the others could not be told.
    #[error("expected a first occurrence at a time that clocks show, but found it in the hour that they leave out")]
    FirstSkipped,
}

/// A series: a rule with the time of its first occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    rule: Rule,
    first: EventTime,
    periods: Periods,
    /// The last day, where the series ends.
    last: Option<NaiveDate>,
}

impl Series {
    /// The series that begins with the first day of `rule` on or after the day
    /// of `start` (`resources/recurrencerange`: the first occurrence may be
    /// later than `startDate`). Skipped periods are counted from the one that
    /// `start` is in, a count from the first occurrence. The rule is made
    /// canonical.
    ///
    /// # Errors
    /// See [`InvalidSeries`].
    pub fn new(rule: Rule, start: EventTime) -> Result<Self, InvalidSeries> {
        let from = start_day(&rule, &start)?;
        let looked_at = Periods::new(&rule, from).ok_or(InvalidSeries::NoOccurrence)?;
        let first_day = looked_at.from(from).next().ok_or(InvalidSeries::NoOccurrence)?;
        let first = match first_day.signed_duration_since(from) {
            // Even where its local time comes twice.
            none if none.is_zero() => start,
            days => moved_to_first(&start, days, rule.zone)?,
        };
        let rule = canonical(rule, first_day.into());
        let periods = Periods::new(&rule, first_day).ok_or(InvalidSeries::NoOccurrence)?;
        let last = match rule.end {
            RangeEnd::Never => None,
            RangeEnd::Count(0) => return Err(InvalidSeries::NoOccurrence),
            RangeEnd::Count(count) => periods.nth(count).or_else(|| periods.last_until(NaiveDate::MAX)),
            RangeEnd::Until(last) => Some(periods.last_until(last.naive()).ok_or(InvalidSeries::NoOccurrence)?),
        };
        Ok(Self { rule, first, periods, last })
    }

    /// The rule, in its canonical form.
    pub const fn rule(&self) -> &Rule {
        &self.rule
    }

    /// When the first occurrence takes place.
    pub const fn first(&self) -> &EventTime {
        &self.first
    }

    /// The day of the first occurrence, in the zone of the rule.
    pub fn first_day(&self) -> CivilDate {
        self.periods.first().into()
    }

    /// The day of the last occurrence, where the series ends.
    pub fn last_day(&self) -> Option<CivilDate> {
        self.last.map(CivilDate::from)
    }

    /// The days of all occurrences, in order. Those of an endless series end
    /// with the calendar.
    pub fn days(&self) -> impl Iterator<Item = CivilDate> + '_ {
        self.days_from(self.first_day())
    }

    /// The days of the occurrences on or after `from`, in order.
    pub fn days_from(&self, from: CivilDate) -> impl Iterator<Item = CivilDate> + '_ {
        let before_end = |day: &NaiveDate| self.last.is_none_or(|last| *day <= last);
        self.periods.from(from.naive()).take_while(before_end).map(CivilDate::from)
    }

    /// Whether the rule has an occurrence on this day.
    pub fn falls_on(&self, day: CivilDate) -> bool {
        self.days_from(day).next() == Some(day)
    }

    /// When the occurrence of this day takes place by the rule. None outside of
    /// any calendar.
    ///
    /// Start and end keep their time on the wall when the clocks change, as
    /// Exchange has it. In the hour that is left out, an occurrence takes place
    /// as if it were not; in the hour that comes twice, the first time. Where
    /// that leaves an end not behind its start, the occurrence is as long as the
    /// clocks say that the first one is, or, if it ends in an hour that comes
    /// twice and they say it is over before it begins, as long as it really is.
    ///
    /// From 2100 on, the zone database of this build knows no summer time.
    pub fn time_of(&self, day: CivilDate) -> Option<EventTime> {
        let days = day.naive().signed_duration_since(self.periods.first());
        if !YEARS.contains(&day.naive().year()) {
            return None;
        }
        if days.is_zero() { Some(self.first) } else { moved(&self.first, days, self.rule.zone) }
    }

    /// The day of the occurrence whose start by the rule is nearest to
    /// `original`, within 14 hours. For a series of whole days, `original` is a
    /// midnight of UTC.
    pub fn day_of(&self, original: Instant) -> Option<CivilDate> {
        let around = local(original, self.rule.zone.unwrap_or(Zone::UTC))?.date();
        let distance = |day: CivilDate| {
            let (start, _) = self.time_of(day)?.span();
            Some(start.since(original).abs())
        };
        self.days_from(around.pred_opt()?.into())
            .take_while(|day| day.naive().signed_duration_since(around).num_days() <= 1)
            .filter_map(|day| distance(day).map(|distance| (distance, day)))
            .filter(|(distance, _)| *distance <= NEAR)
            // A day that a zone has skipped is moved onto the next one, which
            // keeps its own occurrence.
            .min_by_key(|(distance, day)| (*distance, day.naive() != around))
            .map(|(_, day)| day)
    }

    /// The days of the occurrences that, by the rule, begin or last between
    /// `start` and `end`, of which `end` is not part any more.
    pub fn days_touching(&self, start: Instant, end: Instant) -> impl Iterator<Item = CivilDate> + '_ {
        let (first_start, first_end) = self.first.span();
        let length = first_end.since(first_start);
        let from = start.plus(-length).plus(-WINDOW_MARGIN).to_utc().date_naive();
        let to = end.plus(WINDOW_MARGIN).to_utc().date_naive();
        self.days_from(from.into()).take_while(move |day| day.naive() <= to).filter(move |day| {
            self.time_of(*day).is_some_and(|time| {
                let (from, to) = time.span();
                from < end && (to > start || from >= start)
            })
        })
    }

    /// When the last occurrence ends by the rule; none for an endless series.
    pub fn ends_at(&self) -> Option<Instant> {
        self.last_day().and_then(|day| self.time_of(day)).map(|time| time.span().1)
    }
}

/// The day on which `start` falls in the zone of the rule.
fn start_day(rule: &Rule, start: &EventTime) -> Result<NaiveDate, InvalidSeries> {
    match (start, rule.zone) {
        (EventTime::AllDay { start_on, .. }, None) => Ok(start_on.naive()),
        (EventTime::Timed { start_at, end_at, .. }, Some(zone)) => match (local(*start_at, zone), local(*end_at, zone))
        {
            (Some(start), Some(_)) => Ok(start.date()),
            (None, _) | (_, None) => Err(InvalidSeries::NoOccurrence),
        },
        (EventTime::AllDay { .. }, Some(_)) | (EventTime::Timed { .. }, None) => Err(InvalidSeries::ZoneMismatch),
    }
}

/// What the clocks of a zone show. None outside of any calendar, where chrono
/// cannot add an offset any more.
fn local(at: Instant, zone: Zone) -> Option<NaiveDateTime> {
    let utc = at.to_utc();
    YEARS.contains(&utc.year()).then(|| utc.with_timezone(&zone.tz()).naive_local())
}

/// The time of the first occurrence, so many days after a start that is not on
/// the rule.
fn moved_to_first(start: &EventTime, days: TimeDelta, zone: Option<Zone>) -> Result<EventTime, InvalidSeries> {
    let first = moved(start, days, zone).ok_or(InvalidSeries::NoOccurrence)?;
    match (*start, first, zone) {
        (
            EventTime::Timed { start_at, end_at, .. },
            EventTime::Timed { start_at: at, end_at: until, .. },
            Some(zone),
        ) => {
            // Dates, too: a zone may skip the whole day.
            let is_moved = |from: Instant, to: Instant| {
                local(from, zone).and_then(|from| from.checked_add_signed(days)) == local(to, zone)
            };
            if is_moved(start_at, at) && is_moved(end_at, until) { Ok(first) } else { Err(InvalidSeries::FirstSkipped) }
        }
        (EventTime::AllDay { .. }, _, _) | (_, EventTime::AllDay { .. }, _) | (_, _, None) => Ok(first),
    }
}

/// `time` so many days later, at the same time on the wall.
fn moved(time: &EventTime, days: TimeDelta, zone: Option<Zone>) -> Option<EventTime> {
    match *time {
        EventTime::AllDay { start_on, end_before } => {
            let day = |day: CivilDate| day.naive().checked_add_signed(days).map(CivilDate::from);
            EventTime::all_day(day(start_on)?, day(end_before)?).ok()
        }
        EventTime::Timed { start_at, end_at, zone: planned } => {
            let zone = zone?;
            let (wall_start, wall_end) = (local(start_at, zone)?, local(end_at, zone)?);
            let moved = |wall: NaiveDateTime| zone.instant_of_local(wall.checked_add_signed(days)?);
            let start = moved(wall_start)?;
            let end = moved(wall_end)?;
            let end = if end > start {
                end
            } else {
                let on_the_wall = wall_end.signed_duration_since(wall_start);
                start.plus(if on_the_wall > TimeDelta::zero() { on_the_wall } else { end_at.since(start_at) })
            };
            EventTime::timed(start, end, planned).ok()
        }
    }
}

#[cfg(test)]
mod tests;
