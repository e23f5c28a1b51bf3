//! A week of a calendar: which day shows what, and where.
//!
//! Works on readings of the wall clock of one zone, and knows nothing of events.
//! A day is a column of quarters of an hour; what overlaps stands side by side
//! in lanes.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use serde_json::Value;

use super::words::later;

/// Days of a week.
pub(crate) const DAYS: u64 = 7;
/// Minutes of a place in a day.
const SLOT_MINUTES: i64 = 15;
/// Places in an hour.
const SLOTS_PER_HOUR: usize = 4;
/// Places in a day.
pub(crate) const SLOTS_PER_DAY: usize = 24 * SLOTS_PER_HOUR;
/// Lanes at most: more would be too narrow to be read. What has none of its own is
/// counted in the last one, and listed there.
pub(crate) const LANES_MAX: usize = 4;
/// The least that an event takes, so that its title can be read.
const SLOTS_MIN: usize = 2;
/// The hours that are shown of a week in which nothing is earlier or later.
const HOURS_SHOWN: (usize, usize) = (8, 18);

/// Something in a calendar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub start: NaiveDateTime,
    pub end: NaiveDateTime,
    pub is_all_day: bool,
    /// What is shown of it.
    pub shown: Value,
}

/// Something in the column of a day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed<'a> {
    /// One, or several that share the last lane.
    pub entries: Vec<&'a Entry>,
    /// Places from the first hour that is shown.
    pub top: usize,
    /// Places that it takes.
    pub height: usize,
    /// Its lane, counted from 0, and how many there are.
    pub lane: usize,
    pub lanes: usize,
}

/// A day of the week.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Day<'a> {
    pub date: NaiveDate,
    /// What takes the whole day or more.
    pub whole: Vec<&'a Entry>,
    pub timed: Vec<Placed<'a>>,
}

/// The week.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Week<'a> {
    /// The first and the last hour that are shown, the last one excluded.
    pub hours: (usize, usize),
    pub days: Vec<Day<'a>>,
}

impl Entry {
    /// Whether it stands above the hours: whole days, and what takes as long.
    fn is_whole(&self) -> bool {
        self.is_all_day || self.end - self.start >= TimeDelta::days(1)
    }

    /// Whether it began before a day.
    pub fn continues_on(&self, date: NaiveDate) -> bool {
        self.start < bounds(date, 1).0
    }

    /// Whether something of it is on one of so many days.
    pub fn touches(&self, first: NaiveDate, days: u64) -> bool {
        let (from, to) = bounds(first, days);
        self.start < to && (self.end > from || self.start >= from)
    }
}

/// Where so many days begin and end.
fn bounds(first: NaiveDate, days: u64) -> (NaiveDateTime, NaiveDateTime) {
    (first.and_time(NaiveTime::MIN), later(first, days).and_time(NaiveTime::MIN))
}

/// The week that begins with a day.
pub(crate) fn week(first: NaiveDate, entries: &[Entry]) -> Week<'_> {
    let dates: Vec<NaiveDate> = (0..DAYS).map(|offset| later(first, offset)).collect();
    let columns: Vec<Vec<Placed<'_>>> = dates.iter().map(|date| column(*date, entries)).collect();
    let placed = || columns.iter().flatten();
    let earliest = placed().map(|placed| placed.top / SLOTS_PER_HOUR).min().unwrap_or(HOURS_SHOWN.0);
    let latest = placed().map(|placed| (placed.top + placed.height).div_ceil(SLOTS_PER_HOUR)).max();
    let hours = (earliest.min(HOURS_SHOWN.0), latest.unwrap_or(HOURS_SHOWN.1).max(HOURS_SHOWN.1));
    let days = dates.iter().zip(columns).map(|(date, timed)| Day {
        date: *date,
        whole: entries.iter().filter(|entry| entry.is_whole() && entry.touches(*date, 1)).collect(),
        timed: timed
            .into_iter()
            .map(|placed| Placed { top: placed.top - hours.0 * SLOTS_PER_HOUR, ..placed })
            .collect(),
    });
    Week { hours, days: days.collect() }
}

/// What a day shows by the hour, the earliest first; places count from midnight.
fn column(date: NaiveDate, entries: &[Entry]) -> Vec<Placed<'_>> {
    let mut placed: Vec<Placed<'_>> = entries
        .iter()
        .filter(|entry| !entry.is_whole() && entry.touches(date, 1))
        .map(|entry| {
            let (top, height) = place(date, entry);
            Placed { entries: vec![entry], top, height, lane: 0, lanes: 1 }
        })
        .collect();
    let start = |placed: &Placed<'_>| placed.entries.iter().map(|entry| entry.start).min();
    placed.sort_by_key(|placed| (placed.top, SLOTS_PER_DAY - placed.height, start(placed)));
    clusters(placed).into_iter().flat_map(spread).collect()
}

fn place(date: NaiveDate, entry: &Entry) -> (usize, usize) {
    let (from, to) = bounds(date, 1);
    let top = if entry.start < from { 0 } else { slot(entry.start.time()) };
    let bottom = if entry.end >= to { SLOTS_PER_DAY } else { rounded_up(entry.end.time()) };
    let top = top.min(SLOTS_PER_DAY - SLOTS_MIN);
    (top, bottom.saturating_sub(top).max(SLOTS_MIN))
}

fn slot(time: NaiveTime) -> usize {
    usize::try_from(i64::from(time.num_seconds_from_midnight()) / (SLOT_MINUTES * 60)).unwrap_or(0)
}

fn rounded_up(time: NaiveTime) -> usize {
    let seconds = i64::from(time.num_seconds_from_midnight());
    usize::try_from((seconds + SLOT_MINUTES * 60 - 1) / (SLOT_MINUTES * 60)).unwrap_or(0)
}

/// Those that hang together by overlapping, of what is sorted by its place.
fn clusters(placed: Vec<Placed<'_>>) -> Vec<Vec<Placed<'_>>> {
    let mut clusters: Vec<Vec<Placed<'_>>> = Vec::new();
    let mut bottom = 0;
    for one in placed {
        let below = one.top + one.height;
        if let Some(cluster) = clusters.last_mut().filter(|_| one.top < bottom) {
            cluster.push(one);
            bottom = bottom.max(below);
        } else {
            clusters.push(vec![one]);
            bottom = below;
        }
    }
    clusters
}

/// Gives each of those that hang together the first lane that is free, as long as
/// there are lanes. The others share the last one.
fn spread(mut cluster: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    let mut bottoms: Vec<usize> = Vec::new();
    for placed in &mut cluster {
        let bottom = placed.top + placed.height;
        placed.lane = bottoms.iter().position(|taken| *taken <= placed.top).unwrap_or(bottoms.len());
        match bottoms.get_mut(placed.lane) {
            Some(taken) => *taken = bottom,
            None => bottoms.push(bottom),
        }
    }
    let last = LANES_MAX - 1;
    let is_crowded = bottoms.len() > LANES_MAX;
    let (own, shared): (Vec<_>, Vec<_>) = cluster.into_iter().partition(|placed| !is_crowded || placed.lane < last);
    let lanes = bottoms.len().min(LANES_MAX);
    let own = own.into_iter().map(|placed| Placed { lanes, ..placed });
    own.chain(clusters(shared).into_iter().filter_map(|shared| together(shared, last))).collect()
}

/// One place for several that overlap, in a lane.
fn together(shared: Vec<Placed<'_>>, lane: usize) -> Option<Placed<'_>> {
    let top = shared.iter().map(|placed| placed.top).min()?;
    let bottom = shared.iter().map(|placed| placed.top + placed.height).max()?;
    let entries = shared.into_iter().flat_map(|placed| placed.entries).collect();
    Some(Placed { entries, top, height: bottom - top, lane, lanes: lane + 1 })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn entry(title: &str, start: &str, end: &str) -> Entry {
        let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
        Entry { start, end, is_all_day: false, shown: title.into() }
    }

    fn monday() -> NaiveDate {
        "2026-03-02".parse().unwrap()
    }

    /// Title, place from the top, height, lane and number of lanes.
    fn lines<'a>(day: &Day<'a>) -> Vec<(&'a str, usize, usize, usize, usize)> {
        let line = |placed: &Placed<'a>| {
            (placed.entries[0].shown.as_str().unwrap(), placed.top, placed.height, placed.lane, placed.lanes)
        };
        day.timed.iter().map(line).collect()
    }

    #[test]
    fn what_overlaps_stands_side_by_side_and_what_follows_does_not() {
        let entries = [
            entry("long", "2026-03-02T09:00:00", "2026-03-02T12:00:00"),
            entry("first", "2026-03-02T09:30:00", "2026-03-02T10:00:00"),
            entry("second", "2026-03-02T10:00:00", "2026-03-02T11:00:00"),
            entry("alone", "2026-03-02T12:00:00", "2026-03-02T13:00:00"),
        ];
        let week = week(monday(), &entries);
        assert_eq!(week.hours, (8, 18));
        let expected = [("long", 4, 12, 0, 2), ("first", 6, 2, 1, 2), ("second", 8, 4, 1, 2), ("alone", 16, 4, 0, 1)];
        assert_eq!(lines(&week.days[0]), expected);
    }

    #[test]
    fn the_hours_reach_as_far_as_there_is_something() {
        let entries = [
            entry("early", "2026-03-03T05:20:00", "2026-03-03T05:25:00"),
            entry("night", "2026-03-04T22:00:00", "2026-03-05T02:00:00"),
        ];
        let week = week(monday(), &entries);
        assert_eq!(week.hours, (0, 24));
        assert_eq!(lines(&week.days[1]), [("early", 21, 2, 0, 1)]);
        assert_eq!(lines(&week.days[2]), [("night", 88, 8, 0, 1)]);
        assert_eq!(lines(&week.days[3]), [("night", 0, 8, 0, 1)]);
    }

    #[test]
    fn an_end_at_midnight_belongs_to_the_day_before_and_a_moment_to_its_day() {
        let entries = [
            entry("evening", "2026-03-02T23:55:00", "2026-03-03T00:00:00"),
            entry("moment", "2026-03-04T00:00:00", "2026-03-04T00:00:00"),
        ];
        let week = week(monday(), &entries);
        assert_eq!(lines(&week.days[0]), [("evening", 94, 2, 0, 1)]);
        assert!(week.days[1].timed.is_empty());
        assert_eq!(lines(&week.days[2]), [("moment", 0, 2, 0, 1)]);
    }

    #[test]
    fn whole_days_stand_above_the_hours_on_each_of_their_days() {
        let mut fair = entry("fair", "2026-03-03T00:00:00", "2026-03-05T00:00:00");
        fair.is_all_day = true;
        let entries = [fair, entry("trip", "2026-03-04T18:00:00", "2026-03-06T08:00:00")];
        let week = week(monday(), &entries);
        let whole: Vec<usize> = week.days.iter().map(|day| day.whole.len()).collect();
        assert_eq!(whole, [0, 1, 2, 1, 1, 0, 0]);
        let continues: Vec<bool> =
            week.days[2].whole.iter().map(|entry| entry.continues_on(week.days[2].date)).collect();
        assert_eq!(continues, [true, false]);
        assert!(week.days.iter().all(|day| day.timed.is_empty()));
    }

    #[test]
    fn what_has_no_lane_of_its_own_shares_the_last_one() {
        let many: Vec<Entry> =
            (0..20).map(|number| entry(&number.to_string(), "2026-03-02T09:00:00", "2026-03-02T10:00:00")).collect();
        let week = week(monday(), &many);
        let lanes: Vec<(usize, usize, usize)> =
            week.days[0].timed.iter().map(|placed| (placed.lane, placed.lanes, placed.entries.len())).collect();
        assert_eq!(lanes, [(0, 4, 1), (1, 4, 1), (2, 4, 1), (3, 4, 17)]);
    }

    #[test]
    fn what_shares_a_lane_stands_together_only_where_it_overlaps() {
        let mut entries: Vec<Entry> =
            ["a", "b", "c"].iter().map(|name| entry(name, "2026-03-02T09:00:00", "2026-03-02T17:00:00")).collect();
        for (name, hour) in [("d", 9), ("e", 9), ("f", 12), ("g", 15), ("h", 15)] {
            entries.push(entry(name, &format!("2026-03-02T{hour:02}:00:00"), &format!("2026-03-02T{hour:02}:30:00")));
        }
        let week = week(monday(), &entries);
        let shared: Vec<(usize, usize, usize)> = week.days[0]
            .timed
            .iter()
            .filter(|placed| placed.lane == 3)
            .map(|placed| (placed.top, placed.height, placed.entries.len()))
            .collect();
        assert_eq!(shared, [(4, 2, 2), (16, 2, 1), (28, 2, 2)]);
        assert_eq!(week.days[0].timed.len(), 6);
    }
}
