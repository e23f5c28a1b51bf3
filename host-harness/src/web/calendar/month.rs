//! A month of both calendars: one grid of whole weeks, in which each entry says on
//! which side it is. On a narrow screen it is a list of the days that have some.

use chrono::{Datelike as _, Days as DayCount, Months, NaiveDate};
use serde::Serialize;

use super::sides::{MICROSOFT, OnSide, Placed, differs, only};
use super::view::{EntryView, Period};
use super::week;
use crate::web::dates::Dates;

/// Entries of a day in the grid. Whoever has more finds them in the week.
const ENTRIES_SHOWN_MAX: usize = 5;

/// What decides how a month is shown.
#[derive(Clone, Copy, Debug)]
pub struct Days<'a> {
    /// A day of the month.
    pub date: NaiveDate,
    /// How days and times are written for the viewer.
    pub dates: Dates,
    /// Today, there.
    pub today: NaiveDate,
    /// What the CRM is called.
    pub product: &'a str,
}

/// A day of the grid.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct MonthDay {
    /// Its number.
    number: u32,
    /// Its day of the week, as heads of columns have it.
    weekday: String,
    /// Its name in full.
    name: String,
    today: bool,
    weekend: bool,
    /// Whether it belongs to the month before or after.
    outside: bool,
    /// Its week.
    href: String,
    entries: Vec<MonthEntry>,
    /// How many entries are not shown.
    more: usize,
}

/// An entry of a day.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct MonthEntry {
    /// The entry, with the side that it is on in words; none where only one is shown.
    #[serde(flatten)]
    entry: EntryView,
    /// Whether it is Microsoft's alone.
    microsoft: bool,
}

/// The whole weeks with the days of a month.
pub fn weeks_of(date: NaiveDate, dates: Dates) -> Period {
    let (first, last) = (first_of(date), last_of(date));
    let start = dates.week_start(first);
    let days = u64::try_from(last.signed_duration_since(start).num_days()).unwrap_or(0) + 1;
    Period { first: start, days: days.div_ceil(week::DAYS) * week::DAYS }
}

/// The first days of the month before and of the month after.
pub fn beside(date: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = first_of(date);
    let month = Months::new(1);
    (first.checked_sub_months(month).unwrap_or(first), first.checked_add_months(month).unwrap_or(first))
}

fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

fn last_of(date: NaiveDate) -> NaiveDate {
    let next = first_of(date).checked_add_months(Months::new(1));
    next.and_then(|next| next.checked_sub_days(DayCount::new(1))).unwrap_or(date)
}

impl Days<'_> {
    /// The days of the grid with their entries, which come in their order;
    /// `week_of` is where a day's week is shown.
    pub fn of(&self, placed: &[Placed<'_>], week_of: impl Fn(NaiveDate) -> String) -> Vec<MonthDay> {
        let period = weeks_of(self.date, self.dates);
        (0..period.days).map(|offset| period.day(offset)).map(|day| self.day(day, placed, week_of(day))).collect()
    }

    fn day(&self, day: NaiveDate, placed: &[Placed<'_>], href: String) -> MonthDay {
        let is_on = |one: &&Placed<'_>| one.shown.touches(Period { first: day, days: 1 }, self.dates.zone);
        let found: Vec<&Placed<'_>> = placed.iter().filter(is_on).collect();
        // A line that says how many are left takes as much room as one of them.
        let shown = if found.len() > ENTRIES_SHOWN_MAX { ENTRIES_SHOWN_MAX - 1 } else { found.len() };
        MonthDay {
            number: day.day(),
            weekday: self.dates.short_weekday(day),
            name: self.dates.long_day(day),
            today: day == self.today,
            weekend: self.dates.is_of_weekend(day),
            outside: (day.year(), day.month()) != (self.date.year(), self.date.month()),
            href,
            entries: found.iter().take(shown).map(|one| self.entry(day, one)).collect(),
            more: found.len().saturating_sub(shown),
        }
    }

    fn entry(&self, day: NaiveDate, one: &Placed<'_>) -> MonthEntry {
        let Placed { shown, in_crm, in_microsoft } = *one;
        let side = match (in_crm, in_microsoft) {
            (_, None) => None,
            (OnSide::Present, Some(OnSide::Present)) => Some("Both sides".to_owned()),
            (OnSide::Present, Some(OnSide::Absent)) => Some(only(self.product)),
            (OnSide::Present, Some(OnSide::Differs)) => Some(differs(self.product)),
            (OnSide::Absent, Some(_)) => Some(only(MICROSOFT)),
            (OnSide::Differs, Some(_)) => Some(differs(MICROSOFT)),
        };
        MonthEntry { entry: EntryView::of(shown, day, self.dates, side), microsoft: in_crm != OnSide::Present }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::collections::BTreeSet;

    use chrono_tz::Tz;

    use super::*;
    use crate::web::calendar::identity::Identity;
    use crate::web::calendar::sides::{Sides, placed};
    use crate::web::calendar::view::{Shown, When};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fair(title: &str, first: &str, last: &str) -> Shown {
        let when = When::AllDay { first: day(first), last: day(last) };
        Shown { title: title.to_owned(), when, href: None, cancelled: false, note: None, identity: None }
    }

    fn march() -> Days<'static> {
        Days { date: day("2026-03-15"), dates: Dates::of_zone(Tz::UTC), today: day("2026-03-02"), product: "Our CRM" }
    }

    #[test]
    fn a_month_is_shown_in_whole_weeks() {
        let table =
            [("2026-03-15", "2026-02-23", 42), ("2027-02-01", "2027-02-01", 28), ("2026-12-31", "2026-11-30", 35)];
        for (date, first, days) in table {
            assert_eq!(weeks_of(day(date), Dates::of_zone(Tz::UTC)), Period { first: day(first), days }, "{date}");
        }
        assert_eq!(beside(day("2026-03-31")), (day("2026-02-01"), day("2026-04-01")));
        assert_eq!(beside(day("2027-01-15")), (day("2026-12-01"), day("2027-02-01")));
    }

    #[test]
    fn an_entry_says_its_side_and_stands_on_each_of_its_days() {
        let identity = Some(Identity { external_id: "both".to_owned(), day: None });
        let both = Shown { identity, ..fair("Both", "2026-03-30", "2026-03-31") };
        let theirs = fair("Theirs", "2026-03-30", "2026-03-30");
        let ours = fair("Ours", "2026-03-31", "2026-04-01");
        let (crm, microsoft) = ([both.clone(), ours], [both, theirs]);
        let none = BTreeSet::new();
        let days = march()
            .of(&placed(Tz::UTC, Sides { crm: &crm, microsoft: Some(&microsoft), parted: &none }), |day| {
                day.to_string()
            });
        let on = |date: &str| {
            let found = days.iter().find(|one| one.href == date).unwrap();
            found
                .entries
                .iter()
                .map(|one| (one.entry.title.as_str(), one.entry.side.as_deref().unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(on("2026-03-30"), [("Both", "Both sides"), ("Theirs", "Only Microsoft")]);
        assert_eq!(on("2026-03-31"), [("Both", "Both sides"), ("Ours", "Only Our CRM")]);
        assert_eq!(on("2026-04-01"), [("Ours", "Only Our CRM")], "a day of the month after has its entries, too");
        assert!(days.iter().find(|one| one.href == "2026-04-01").unwrap().outside);
        assert_eq!(days.iter().filter(|one| one.today).count(), 1);

        let alone = march()
            .of(&placed(Tz::UTC, Sides { crm: &crm, microsoft: None, parted: &BTreeSet::new() }), |day| {
                day.to_string()
            });
        let sides: Vec<_> = alone.iter().flat_map(|one| &one.entries).map(|entry| &entry.entry.side).collect();
        assert!(!sides.is_empty() && sides.iter().all(|side| side.is_none()), "nothing is said of what is not shown");
    }

    #[test]
    fn a_full_day_says_how_many_are_left() {
        let entries = |count: usize| {
            let crm: Vec<Shown> =
                (0..count).map(|number| fair(&number.to_string(), "2026-03-02", "2026-03-02")).collect();
            let days = march()
                .of(&placed(Tz::UTC, Sides { crm: &crm, microsoft: None, parted: &BTreeSet::new() }), |day| {
                    day.to_string()
                });
            let found = days.into_iter().find(|one| one.today).unwrap();
            (found.entries.len(), found.more)
        };
        assert_eq!(entries(5), (5, 0));
        assert_eq!(entries(7), (4, 3));
    }
}
