//! When something takes place, as all pages say it: by the wall clock of one
//! zone, and with the distance from UTC where the clocks change on the way.

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, Offset as _};
use chrono_tz::Tz;

use super::words;
use crate::graph::calendar::instance::instants;
use crate::graph::model::Span;

/// Start and end as they are read from the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub start: NaiveDateTime,
    /// Where the clocks go back, it can read as earlier than the start.
    pub end: NaiveDateTime,
    pub is_all_day: bool,
    /// The distances of both from UTC, where they differ.
    offsets: Option<(FixedOffset, FixedOffset)>,
}

impl Times {
    /// Those of a span in a zone. Whole days stay the days they are.
    pub fn of(span: &Span, zone: Tz) -> Self {
        if span.all_day {
            return Self { start: span.start, end: span.end, is_all_day: true, offsets: None };
        }
        let instants = instants(span);
        let (start, end) = (instants.start.with_timezone(&zone), instants.end.with_timezone(&zone));
        let offsets = (start.offset().fix(), end.offset().fix());
        let offsets = (offsets.0 != offsets.1).then_some(offsets);
        Self { start: start.naive_local(), end: end.naive_local(), is_all_day: false, offsets }
    }

    /// For a place that says the day already, such as `09:00 – 09:30`.
    pub fn in_short(&self) -> String {
        if self.is_all_day {
            let (first, last) = (self.start.date(), self.last_day());
            let range = || format!("{} – {}", first.format("%-d %b"), last.format("%-d %b"));
            if first == last { "All day".to_owned() } else { range() }
        } else if self.start.date() == self.end.date() {
            self.joined("%H:%M", "%H:%M")
        } else {
            self.joined("%a %H:%M", "%a %H:%M")
        }
    }

    /// With the days, such as `Wed 4 Mar 2026, 09:00 – 09:30`.
    pub fn in_full(&self) -> String {
        let (first, end) = (self.start.date(), self.end.date());
        if self.is_all_day {
            let last = self.last_day();
            let days = if first == last { words::day(first) } else { words::range(first, last) };
            format!("{days}, all day")
        } else if first == end {
            self.joined("%a %-d %b %Y, %H:%M", "%H:%M")
        } else {
            self.joined("%a %-d %b %Y, %H:%M", "%a %-d %b %Y, %H:%M")
        }
    }

    /// The last one of whole days: their end is the midnight behind it.
    fn last_day(&self) -> NaiveDate {
        words::earlier(self.end.date(), 1).max(self.start.date())
    }

    fn joined(&self, start_form: &str, end_form: &str) -> String {
        let (start, end) = (self.start.format(start_form), self.end.format(end_form));
        match self.offsets {
            None => format!("{start} – {end}"),
            Some((of_start, of_end)) => format!("{start} ({of_start}) – {end} ({of_end})"),
        }
    }
}
