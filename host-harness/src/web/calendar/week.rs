//! A week of both calendars, day by day, each side by itself; an entry that the other
//! side does not have, or has otherwise, says so in the words of [`super::month`].

use chrono::NaiveDate;
use serde::Serialize;

use super::sides::{Half, Halves, MICROSOFT, OnSide, differs, only};
use super::view::{EntryView, Period};
use crate::web::dates::Dates;

/// Days of a week.
pub(super) const DAYS: u64 = 7;

/// A day of a week.
#[derive(Debug, Serialize)]
pub struct DayView {
    name: String,
    date: String,
    today: bool,
    weekend: bool,
    crm: Vec<EntryView>,
    microsoft: Vec<EntryView>,
}

/// The days of a week with the entries of both sides.
pub fn days(product: &str, period: Period, (dates, today): (Dates, NaiveDate), halves: &Halves<'_>) -> Vec<DayView> {
    let day = |offset| {
        let date = period.day(offset);
        DayView {
            name: dates.weekday(date),
            date: dates.short_day(date),
            today: date == today,
            weekend: dates.is_of_weekend(date),
            crm: entries(product, date, dates, &halves.crm),
            microsoft: entries(MICROSOFT, date, dates, &halves.microsoft),
        }
    };
    (0..period.days).map(day).collect()
}

/// Those of a side on a day; `name` is what the side is called.
fn entries(name: &str, date: NaiveDate, dates: Dates, side: &[Half<'_>]) -> Vec<EntryView> {
    let is_on = |half: &&Half<'_>| half.shown.touches(Period { first: date, days: 1 }, dates.zone);
    let mut found: Vec<&Half<'_>> = side.iter().filter(is_on).collect();
    found.sort_by(|a, b| a.shown.compare(b.shown, dates.zone));
    let entry = |Half { shown, elsewhere }: &Half<'_>| {
        let side = match elsewhere {
            Some(OnSide::Absent) => Some(only(name)),
            Some(OnSide::Differs) => Some(differs(name)),
            Some(OnSide::Present) | None => None,
        };
        EntryView::of(shown, date, dates, side)
    };
    found.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::collections::BTreeSet;

    use chrono_tz::Tz;

    use super::*;
    use crate::web::calendar::identity::Identity;
    use crate::web::calendar::sides::Sides;
    use crate::web::calendar::view::{Shown, View, When};
    use crate::web::dates;

    fn timed(title: &str, start: &str, end: &str) -> Shown {
        let when = When::Timed { start: start.parse().unwrap(), end: end.parse().unwrap() };
        Shown { title: title.to_owned(), when, href: None, cancelled: false, note: None, identity: None }
    }

    fn all_day(title: &str, first: &str, last: &str) -> Shown {
        let when = When::AllDay { first: first.parse().unwrap(), last: last.parse().unwrap() };
        Shown { title: title.to_owned(), when, href: None, cancelled: false, note: None, identity: None }
    }

    fn week() -> Period {
        Period::around(View::Week, "2026-11-25".parse().unwrap(), Dates::of_zone(Tz::UTC))
    }

    /// The days of the week, where nothing is linked.
    fn shown(crm: &[Shown], microsoft: &[Shown], dates: Dates, today: &str) -> Vec<DayView> {
        let sides = Sides { crm, microsoft: Some(microsoft), parted: &BTreeSet::new() };
        days("Our CRM", week(), (dates, today.parse().unwrap()), &sides.halves())
    }

    #[test]
    fn an_entry_stands_on_the_days_of_the_viewers_zone() {
        let zone = Dates::of_zone(dates::zone("America/New_York"));
        let late = timed("Call", "2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z");
        let days = shown(&[late], &[], zone, "2026-11-23");
        assert_eq!(days[0].crm.len(), 1, "Monday evening in New York");
        assert_eq!(days[0].crm[0].time, "22:00 – 23:00");
        assert!(days[0].today && days[1].crm.is_empty());
    }

    #[test]
    fn whole_days_do_not_move_with_the_zone() {
        for name in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
            let fair = all_day("Fair", "2026-11-24", "2026-11-25");
            let days = shown(&[], &[fair], Dates::of_zone(dates::zone(name)), "2026-11-01");
            let filled: Vec<usize> = (0..7).filter(|index| !days[*index].microsoft.is_empty()).collect();
            assert_eq!(filled, [1, 2], "{name}");
        }
    }

    #[test]
    fn an_end_at_midnight_belongs_to_the_day_before() {
        let night = timed("Night", "2026-11-23T20:00:00Z", "2026-11-24T00:00:00Z");
        let days = shown(&[night], &[], Dates::of_zone(Tz::UTC), "2026-11-01");
        assert_eq!((days[0].crm.len(), days[1].crm.len()), (1, 0));
        assert_eq!(days[0].crm[0].time, "20:00 – 00:00");
    }

    #[test]
    fn what_the_other_side_has_otherwise_or_not_at_all_says_so() {
        let named = |external_id: &str, shown: &Shown| {
            let identity = Identity { external_id: external_id.to_owned(), day: None };
            Shown { identity: Some(identity), ..shown.clone() }
        };
        let call = timed("Call", "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z");
        let moved = timed("Call", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z");
        let crm = [named("same", &call), named("moved", &call), named("elsewhere", &call), named("gone", &call), call];
        let microsoft = [named("same", &crm[0]), named("moved", &moved), named("new", &moved)];
        let parted = BTreeSet::from([crm[2].identity.clone().unwrap()]);
        let marks = |sides: Sides<'_>| {
            let days =
                days("Our CRM", week(), (Dates::of_zone(Tz::UTC), "2026-11-01".parse().unwrap()), &sides.halves());
            let of_side = |side: fn(&DayView) -> &Vec<EntryView>| {
                days.iter().flat_map(side).map(|entry| entry.side.clone().unwrap_or_default()).collect::<Vec<_>>()
            };
            (of_side(|day| &day.crm), of_side(|day| &day.microsoft))
        };
        let sides = Sides { crm: &crm, microsoft: Some(&microsoft), parted: &parted };
        let (only, differs) = ("Only Our CRM".to_owned(), "Our CRM, differs".to_owned());
        let ours = [String::new(), differs.clone(), differs, only.clone(), only].to_vec();
        let theirs = ["", "Microsoft, differs", "Only Microsoft"].map(str::to_owned).to_vec();
        assert_eq!(marks(sides), (ours, theirs));
        let unseen = Sides { crm: &crm, microsoft: None, parted: &parted };
        assert_eq!(marks(unseen).0, [""; 5], "what is not shown is not called empty");
    }
}
