//! On which days does a series fall, and when?
//!
//! Oro's reading of its own rules (Oro row C3): weeks begin on Sunday, a day
//! that a month lacks is its last one, the time on the wall stays when the
//! clocks change. [`SeriesRule`] says it without Oro's detours (months of yearly
//! rules, an end as an instant); [`Series`] adds the first occurrence. What a
//! calendar shows of it is in [`super::expand`].

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::all_day::{AllDay, EventTime, Timed, days_of, instants_of};
use super::record::EventValues;
use super::recurrence::{DayOfWeek, Recurrence, RecurrenceType};
use crate::crm::CrmError;
use crate::crm::users::ZoneName;

/// Yearly rules of Oro count months.
pub const MONTHS_OF_A_YEAR: u32 = 12;

/// Which of a month's fitting days the last one is.
pub const INSTANCE_LAST: u32 = 5;

/// The last year that is looked at: the last one that an event may be in.
const YEAR_MAX: i32 = 9_998;

/// How far an original start may lie from that of the occurrence it names. Half
/// a day and a change of the clock: occurrences are a day apart.
const ORIGINAL_START_NEAR: TimeDelta = TimeDelta::hours(14);

/// The last second of a day, as it is written.
const LAST_SECOND: TimeDelta = TimeDelta::seconds(24 * 60 * 60 - 1);

/// On which days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Every so many days.
    Daily,
    /// On these days of every so many weeks, which begin on Sunday.
    Weekly(Vec<DayOfWeek>),
    /// On a day, 1 to 31, of every so many months.
    Monthly(u32),
    /// On the nth (1 to 4, 5 for the last) of these days of every so many months.
    MonthNth(Vec<DayOfWeek>, u32),
    /// On a day of a month (1 to 12) of every so many years.
    Yearly {
        /// The month.
        month: u32,
        /// The day.
        day: u32,
    },
    /// On the nth of some days of a month of every so many years.
    YearNth {
        /// The month.
        month: u32,
        /// The days that count.
        days: Vec<DayOfWeek>,
        /// Which of them.
        instance: u32,
    },
}

/// When a series ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesEnd {
    /// Never.
    Never,
    /// With the last occurrence that begins on or before this day.
    Until(NaiveDate),
    /// After so many occurrences.
    Count(u32),
}

/// A rule in the units that its pattern names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRule {
    /// On which days.
    pub pattern: Pattern,
    /// Every so many days, weeks, months or years.
    pub interval: u32,
    /// Until when.
    pub end: SeriesEnd,
}

/// A series: a rule and its first occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The rule.
    pub rule: SeriesRule,
    /// When the first occurrence takes place. Where the rule ends before it,
    /// there is none.
    pub first: EventTime,
    first_day: NaiveDate,
    /// Zone in which an original start of whole days is read.
    zone: ZoneName,
}

impl SeriesRule {
    /// The rule as Oro keeps it, for a series that begins at `time`. Whole days
    /// are written in UTC, as their instants are.
    pub fn recurrence(&self, time: &EventTime) -> Recurrence {
        let (start_time, time_zone) = match time {
            EventTime::Timed(timed) => (timed.start, timed.zone),
            EventTime::AllDay(days) => (instants_of(days).0, ZoneName(Tz::UTC)),
        };
        let (kind, day_of_week, day_of_month, month_of_year, instance) = match self.pattern.clone() {
            Pattern::Daily => (RecurrenceType::Daily, Vec::new(), None, None, None),
            Pattern::Weekly(days) => (RecurrenceType::Weekly, days, None, None, None),
            Pattern::Monthly(day) => (RecurrenceType::Monthly, Vec::new(), Some(day), None, None),
            Pattern::MonthNth(days, instance) => (RecurrenceType::MonthNth, days, None, None, Some(instance)),
            Pattern::Yearly { month, day } => (RecurrenceType::Yearly, Vec::new(), Some(day), Some(month), None),
            Pattern::YearNth { month, days, instance } => {
                (RecurrenceType::YearNth, days, None, Some(month), Some(instance))
            }
        };
        let months = match kind {
            RecurrenceType::Yearly | RecurrenceType::YearNth => MONTHS_OF_A_YEAR,
            RecurrenceType::Daily | RecurrenceType::Weekly | RecurrenceType::Monthly | RecurrenceType::MonthNth => 1,
        };
        let (end_time, occurrences) = match self.end {
            SeriesEnd::Never => (None, None),
            SeriesEnd::Until(day) => {
                (Some(last_instant(day.and_time(NaiveTime::MIN) + LAST_SECOND, time_zone.0)), None)
            }
            SeriesEnd::Count(count) => (None, Some(count)),
        };
        Recurrence {
            kind,
            interval: self.interval.saturating_mul(months),
            day_of_week,
            day_of_month,
            month_of_year,
            instance,
            start_time,
            end_time,
            occurrences,
            time_zone,
        }
    }

    /// Pattern and interval of a stored rule; none where it lacks what its type
    /// needs, which no write lets pass.
    fn pattern_of(rule: &Recurrence) -> Option<(Pattern, u32)> {
        let mut days = rule.day_of_week.clone();
        days.sort_unstable();
        let pattern = match rule.kind {
            RecurrenceType::Daily => Pattern::Daily,
            RecurrenceType::Weekly => Pattern::Weekly(days),
            RecurrenceType::Monthly => Pattern::Monthly(rule.day_of_month?),
            RecurrenceType::MonthNth => Pattern::MonthNth(days, rule.instance?),
            RecurrenceType::Yearly => Pattern::Yearly { month: rule.month_of_year?, day: rule.day_of_month? },
            RecurrenceType::YearNth => Pattern::YearNth { month: rule.month_of_year?, days, instance: rule.instance? },
        };
        let interval = match pattern {
            Pattern::Daily | Pattern::Weekly(_) | Pattern::Monthly(_) | Pattern::MonthNth(..) => rule.interval,
            Pattern::Yearly { .. } | Pattern::YearNth { .. } => rule.interval / MONTHS_OF_A_YEAR,
        };
        rule.validate().is_ok().then_some((pattern, interval))
    }
}

impl Series {
    /// The series of an event; none for an event without a rule.
    ///
    /// It begins with the first day of the rule that is neither before the
    /// event's start nor before the rule's: Oro keeps both.
    ///
    /// # Errors
    /// The stored rule is not one.
    pub fn of(values: &EventValues) -> Result<Option<Self>, CrmError> {
        let Some(stored) = &values.recurrence else { return Ok(None) };
        let (pattern, interval) = SeriesRule::pattern_of(stored).ok_or(CrmError::Damaged { what: "recurrence" })?;
        // A rule's time of day is meant where the rule is.
        let time = match values.time() {
            EventTime::Timed(timed) => EventTime::Timed(Timed { zone: stored.time_zone, ..timed }),
            days @ EventTime::AllDay(_) => days,
        };
        let (start_day, rule_day) = match time {
            EventTime::Timed(timed) => {
                (local(timed.start, timed.zone).date(), local(stored.start_time, timed.zone).date())
            }
            EventTime::AllDay(days) => {
                (days.start_on, days_of(stored.start_time, stored.start_time, stored.time_zone).start_on)
            }
        };
        let rule = SeriesRule { pattern, interval, end: SeriesEnd::Never };
        let begin = start_day.max(rule_day);
        let first_day = days_from(&rule, rule_day, begin).next().unwrap_or(begin);
        let mut series = Self { rule, first: time, first_day, zone: values.time_zone };
        series.first = series.time_of(first_day);
        series.rule.end = match (stored.end_time, stored.occurrences) {
            (Some(end), _) => SeriesEnd::Until(series.last_day_until(end, values, stored.time_zone)),
            (None, Some(count)) => SeriesEnd::Count(count),
            (None, None) => SeriesEnd::Never,
        };
        Ok(Some(series))
    }

    /// The last day on which an occurrence may begin: Oro counts those that
    /// begin at or before the end, so a day whose occurrence begins later than
    /// that is not counted in.
    fn last_day_until(&self, end: DateTime<Utc>, values: &EventValues, zone: ZoneName) -> NaiveDate {
        match self.first {
            EventTime::Timed(_) => {
                let day = local(end, zone).date();
                let begins_later = match self.time_of(day) {
                    EventTime::Timed(timed) => timed.start > end,
                    EventTime::AllDay(_) => false,
                };
                if begins_later { day.pred_opt().unwrap_or(day) } else { day }
            }
            EventTime::AllDay(_) => {
                // On the clock on which the start is a midnight.
                let midnight = |zone: ZoneName| local(values.start, zone).time() == NaiveTime::MIN;
                let zone = if midnight(ZoneName(Tz::UTC)) && !midnight(zone) { ZoneName(Tz::UTC) } else { zone };
                local(end, zone).date()
            }
        }
    }

    /// When the occurrence of a day takes place by the rule. Both ends keep
    /// their time on the wall; one that the clock skips is as much later, one
    /// that it shows twice is the first. An end that is not behind its start by
    /// that is as far from it as on the wall.
    pub fn time_of(&self, day: NaiveDate) -> EventTime {
        match self.first {
            EventTime::AllDay(days) => {
                let length = days.end_before.signed_duration_since(days.start_on);
                EventTime::AllDay(AllDay { start_on: day, end_before: day.checked_add_signed(length).unwrap_or(day) })
            }
            EventTime::Timed(Timed { start, end, zone }) => {
                let (wall_start, wall_end) = (local(start, zone), local(end, zone));
                let moved = day.signed_duration_since(wall_start.date());
                let at = |wall: NaiveDateTime| {
                    wall.checked_add_signed(moved).map_or(DateTime::<Utc>::MAX_UTC, |wall| instant(wall, zone.0))
                };
                let (start, end) = (at(wall_start), at(wall_end));
                let on_the_wall = wall_end.signed_duration_since(wall_start).max(TimeDelta::zero());
                let end = if end > start { end } else { start + on_the_wall };
                EventTime::Timed(Timed { start, end, zone })
            }
        }
    }

    /// The days of the occurrences in order, those before `from` left out.
    pub fn days_from(&self, from: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        let (count, until) = match self.rule.end {
            SeriesEnd::Never => (usize::MAX, NaiveDate::MAX),
            SeriesEnd::Until(day) => (usize::MAX, day),
            SeriesEnd::Count(count) => (usize::try_from(count).unwrap_or(usize::MAX), NaiveDate::MAX),
        };
        // Occurrences can be counted from the first one only.
        let walk_from = if count == usize::MAX { from.max(self.first_day) } else { self.first_day };
        days_from(&self.rule, self.first_day, walk_from)
            .take(count)
            .take_while(move |day| *day <= until)
            .skip_while(move |day| *day < from)
    }

    /// Whether an occurrence falls on this day.
    pub fn falls_on(&self, day: NaiveDate) -> bool {
        self.days_from(day).next() == Some(day)
    }

    /// The day of the occurrence that an original start names.
    pub fn day_of(&self, original: DateTime<Utc>) -> Option<NaiveDate> {
        match self.first {
            EventTime::AllDay(_) => {
                Some(days_of(original, original, self.zone).start_on).filter(|day| self.falls_on(*day))
            }
            EventTime::Timed(Timed { zone, .. }) => {
                let around = local(original, zone).date();
                let from = around.pred_opt().unwrap_or(around);
                let distance = |day: NaiveDate| {
                    let start = start_of(&self.time_of(day));
                    ((start - original).abs(), day)
                };
                self.days_from(from)
                    .take_while(|day| day.signed_duration_since(around).num_days() <= 1)
                    .map(distance)
                    .filter(|(distance, _)| *distance <= ORIGINAL_START_NEAR)
                    .min()
                    .map(|(_, day)| day)
            }
        }
    }
}

impl Series {
    /// When the occurrence begins by the rule that an original start names, however
    /// that was written.
    pub fn start_by_rule(&self, original: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.day_of(original).map(|day| start_of(&self.time_of(day)))
    }
}

/// The instant at which a time begins, as it is stored.
pub fn start_of(time: &EventTime) -> DateTime<Utc> {
    match time {
        EventTime::Timed(timed) => timed.start,
        EventTime::AllDay(days) => instants_of(days).0,
    }
}

/// The days of a rule whose periods are counted from that of `anchor`, on or
/// after `from`, without an end.
fn days_from(rule: &SeriesRule, anchor: NaiveDate, from: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
    let first_period = periods_before(rule, anchor, from);
    (first_period..)
        .map_while(move |number| days_of_period(rule, anchor, number))
        .flatten()
        .skip_while(move |day| *day < from)
}

/// How many whole periods lie before the one that `day` is in, at least.
fn periods_before(rule: &SeriesRule, anchor: NaiveDate, day: NaiveDate) -> u32 {
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let passed = match rule.pattern {
        Pattern::Daily => day.signed_duration_since(anchor).num_days(),
        Pattern::Weekly(_) => sunday(day).signed_duration_since(sunday(anchor)).num_weeks(),
        Pattern::Monthly(_) | Pattern::MonthNth(..) => months(day) - months(anchor),
        Pattern::Yearly { .. } | Pattern::YearNth { .. } => i64::from(day.year()) - i64::from(anchor.year()),
    };
    u32::try_from(passed.max(0)).unwrap_or(u32::MAX) / rule.interval.max(1)
}

/// The days of one period; none behind the calendar's end.
fn days_of_period(rule: &SeriesRule, anchor: NaiveDate, number: u32) -> Option<Vec<NaiveDate>> {
    let steps = number.checked_mul(rule.interval.max(1))?;
    let days = match &rule.pattern {
        Pattern::Daily => vec![anchor.checked_add_days(Days::new(u64::from(steps)))?],
        Pattern::Weekly(days) => {
            let week = sunday(anchor).checked_add_days(Days::new(u64::from(steps) * 7))?;
            week.iter_days().take(7).filter(|day| days.contains(&DayOfWeek::of(*day))).collect()
        }
        Pattern::Monthly(day) => {
            let (year, month) = month_after(anchor, steps)?;
            vec![day_of_month(year, month, *day)?]
        }
        Pattern::MonthNth(days, instance) => {
            let (year, month) = month_after(anchor, steps)?;
            vec![nth_of_month(year, month, days, *instance)?]
        }
        Pattern::Yearly { month, day } => vec![day_of_month(anchor.year().checked_add_unsigned(steps)?, *month, *day)?],
        Pattern::YearNth { month, days, instance } => {
            vec![nth_of_month(anchor.year().checked_add_unsigned(steps)?, *month, days, *instance)?]
        }
    };
    days.iter().all(|day| day.year() <= YEAR_MAX).then_some(days)
}

fn sunday(day: NaiveDate) -> NaiveDate {
    let passed = u64::from(day.weekday().num_days_from_sunday());
    day.checked_sub_days(Days::new(passed)).unwrap_or(day)
}

fn month_after(anchor: NaiveDate, months: u32) -> Option<(i32, u32)> {
    let first = NaiveDate::from_ymd_opt(anchor.year(), anchor.month(), 1)?;
    let moved = first.checked_add_months(chrono::Months::new(months))?;
    Some((moved.year(), moved.month()))
}

fn days_of_month(year: i32, month: u32) -> impl DoubleEndedIterator<Item = NaiveDate> {
    (1..=31).filter_map(move |day| NaiveDate::from_ymd_opt(year, month, day))
}

fn day_of_month(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).or_else(|| days_of_month(year, month).next_back())
}

fn nth_of_month(year: i32, month: u32, days: &[DayOfWeek], instance: u32) -> Option<NaiveDate> {
    let mut fitting = days_of_month(year, month).filter(|day| days.contains(&DayOfWeek::of(*day)));
    if instance == INSTANCE_LAST {
        return fitting.next_back();
    }
    fitting.nth(usize::try_from(instance).ok()?.checked_sub(1)?)
}

fn local(instant: DateTime<Utc>, zone: ZoneName) -> NaiveDateTime {
    instant.with_timezone(&zone.0).naive_local()
}

/// The instant of a reading of the clock: of two the first, of a skipped one as
/// much later as the clock was put forward.
fn instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if let Some(found) = zone.from_local_datetime(&wall).earliest() {
        return found.to_utc();
    }
    let day = TimeDelta::days(1);
    zone.from_local_datetime(&(wall - day)).latest().map_or_else(|| wall.and_utc(), |before| before.to_utc() + day)
}

/// As [`instant`], of two the second: a day ends when its last second is over.
fn last_instant(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    zone.from_local_datetime(&wall).latest().map_or_else(|| instant(wall, zone), |found| found.to_utc())
}

#[cfg(test)]
mod tests;
