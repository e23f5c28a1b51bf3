//! Both calendars next to each other: what their views have in common, and a list in
//! which entries of linked items share a row. A week is in [`super::week`], a month in
//! [`super::month`].
//!
//! Works on [`Shown`], which both sides are translated to in
//! [`super::sources`]; knows neither the CRM's records nor Microsoft's.

use std::cmp::Ordering;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::identity::Identity;
use super::month::{self, MonthDay};
use super::sides::{OnSide, Placed, Sides, placed};
use super::week::{self, DayView};
use crate::web::banner::{Banner, RunButtons};
use crate::web::dates::{self, Dates};
use crate::web::mailbox::UnseenNote;
use crate::web::report::ReportView;
use crate::web::titles;

/// Days of the list.
const LIST_DAYS: u64 = 30;

/// When an entry takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Between two instants.
    Timed {
        /// The beginning.
        start: DateTime<Utc>,
        /// The end.
        end: DateTime<Utc>,
    },
    /// On whole days.
    AllDay {
        /// The first day.
        first: NaiveDate,
        /// The last day, included.
        last: NaiveDate,
    },
    /// Due on a day, without a time.
    Due(NaiveDate),
}

/// An entry of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The title.
    pub title: String,
    /// When it takes place.
    pub when: When,
    /// The page that shows it.
    pub href: Option<String>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// A word about it, such as `Series`.
    pub note: Option<&'static str>,
    /// What it is on Microsoft's side; none where it is linked with nothing there, or
    /// where nobody has asked.
    pub identity: Option<Identity>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// A week, day by day.
    Week,
    /// A month, in whole weeks.
    Month,
    /// A list of thirty days.
    List,
}

/// The days that a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: NaiveDate,
    /// How many.
    pub days: u64,
}

/// What the page shows.
#[derive(Debug, Serialize)]
pub struct CalendarView {
    /// Whose calendar it is, where it is not the viewer's own.
    pub owner: Option<String>,
    /// The same by login.
    pub login: String,
    /// The zone of all times.
    pub zone: String,
    /// The address of this page, for forms that come back to it.
    pub here: String,
    /// Where a new event is entered.
    pub new_href: String,
    /// The view.
    pub view: View,
    /// The days, in words.
    pub range: String,
    /// The period before.
    pub previous_href: String,
    /// What it is called.
    pub previous_label: &'static str,
    /// The period after.
    pub next_href: String,
    /// What it is called.
    pub next_label: &'static str,
    /// The period with today.
    pub today_href: String,
    /// The same days as a week.
    pub week_href: String,
    /// Their month.
    pub month_href: String,
    /// The same days as a list.
    pub list_href: String,
    /// Why Microsoft's side is not shown.
    pub microsoft_note: Option<UnseenNote>,
    /// Entries of the CRM.
    pub crm_count: usize,
    /// Entries of Microsoft; none where that side is not shown.
    pub microsoft_count: Option<usize>,
    /// The days of a week.
    pub days: Vec<DayView>,
    /// Those of a month.
    pub month: Vec<MonthDay>,
    /// The rows of a list.
    pub rows: Vec<RowView>,
    /// What the last run did.
    pub report: Option<ReportView>,
    /// What keeps both sides from being kept in step.
    pub banners: Vec<Banner>,
    /// Which buttons of a run there are.
    pub run: RunButtons,
}

/// An entry on one of its days.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct EntryView {
    pub(super) time: String,
    pub(super) title: String,
    href: Option<String>,
    cancelled: bool,
    note: Option<&'static str>,
    /// On which side it is, where there is something to say of it.
    pub(super) side: Option<String>,
}

/// A row of a list.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct RowView {
    when: String,
    title: String,
    href: Option<String>,
    note: Option<&'static str>,
    in_crm: OnSide,
    /// None where that side is not shown.
    in_microsoft: Option<OnSide>,
}

impl Period {
    /// The period of a view around a day.
    pub fn around(view: View, date: NaiveDate, dates: Dates) -> Self {
        match view {
            View::Week => Self { first: dates.week_start(date), days: week::DAYS },
            View::Month => month::weeks_of(date, dates),
            View::List => Self { first: date, days: LIST_DAYS },
        }
    }

    /// The last day.
    pub fn last(self) -> NaiveDate {
        self.day(self.days.saturating_sub(1))
    }

    /// The first day of the period before.
    pub fn previous(self) -> NaiveDate {
        self.first.checked_sub_days(Days::new(self.days)).unwrap_or(self.first)
    }

    /// The first day of the period after.
    pub fn next(self) -> NaiveDate {
        self.day(self.days)
    }

    pub(super) fn day(self, offset: u64) -> NaiveDate {
        self.first.checked_add_days(Days::new(offset)).unwrap_or(self.first)
    }

    /// Beginning and end as instants; the end is excluded.
    pub fn instants(self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        (dates::day_start(self.first, zone), dates::day_start(self.next(), zone))
    }
}

impl Shown {
    /// First and last day in a zone.
    pub(super) fn span(&self, zone: Tz) -> (NaiveDate, NaiveDate) {
        match self.when {
            When::AllDay { first, last } => (first, last.max(first)),
            When::Due(day) => (day, day),
            When::Timed { start, end } => {
                // An end at midnight belongs to the day before.
                let last = (end - TimeDelta::milliseconds(1)).max(start);
                (start.with_timezone(&zone).date_naive(), last.with_timezone(&zone).date_naive())
            }
        }
    }

    /// Whether it touches a period.
    pub fn touches(&self, period: Period, zone: Tz) -> bool {
        let (first, last) = self.span(zone);
        first <= period.last() && last >= period.first
    }

    fn order(&self, zone: Tz) -> (NaiveDate, DateTime<Utc>, &str) {
        let (first, _) = self.span(zone);
        match self.when {
            When::AllDay { .. } | When::Due(_) => (first, DateTime::<Utc>::MIN_UTC, &self.title),
            When::Timed { start, .. } => (first, start, &self.title),
        }
    }

    /// By the beginning, then the title; whole days first.
    pub fn compare(&self, other: &Self, zone: Tz) -> Ordering {
        self.order(zone).cmp(&other.order(zone))
    }

    /// When, in words, for a row that stands alone.
    pub fn when_text(&self, dates: Dates) -> String {
        let (first, last) = self.span(dates.zone);
        match self.when {
            When::Due(day) => dates.day(day),
            When::AllDay { .. } if first == last => format!("{}, all day", dates.day(first)),
            When::AllDay { .. } => format!("{} – {}, all day", dates.day(first), dates.day(last)),
            When::Timed { start, end } if first == last => {
                format!("{}, {} – {}", dates.day(first), dates.clock(start), dates.clock(end))
            }
            When::Timed { start, end } => format!("{} – {}", dates.instant(start), dates.instant(end)),
        }
    }

    /// Whether one of Microsoft's has the same title, as far as the CRM holds it, and time.
    pub fn looks_like(&self, other: &Self) -> bool {
        titles::are_one(&self.title, &other.title) && self.when == other.when
    }

    /// Whether one of Microsoft's is known to be the same, and shows the same: such entries
    /// share a row.
    pub(super) fn is_same_as(&self, theirs: &Self) -> bool {
        self.identity.is_some() && self.identity == theirs.identity && self.looks_like(theirs)
    }
}

impl EntryView {
    /// An entry as one of its days has it.
    pub(super) fn of(shown: &Shown, date: NaiveDate, dates: Dates, side: Option<String>) -> Self {
        Self {
            time: time_on(shown.when, date, dates),
            title: shown.title.clone(),
            href: shown.href.clone(),
            cancelled: shown.cancelled,
            note: shown.note,
            side,
        }
    }
}

/// The time of an entry as one of its days has it.
fn time_on(when: When, date: NaiveDate, dates: Dates) -> String {
    let zone = dates.zone;
    match when {
        When::AllDay { .. } => "All day".to_owned(),
        When::Due(_) => "Due".to_owned(),
        When::Timed { start, end } if start == end => dates.clock(start),
        When::Timed { start, end } => {
            let ends_after = end.with_timezone(&zone).naive_local() > (date + Days::new(1)).and_time(NaiveTime::MIN);
            match (start.with_timezone(&zone).date_naive() < date, ends_after) {
                (false, false) => format!("{} – {}", dates.clock(start), dates.clock(end)),
                (false, true) => format!("from {}", dates.clock(start)),
                (true, false) => format!("until {}", dates.clock(end)),
                (true, true) => "All day".to_owned(),
            }
        }
    }
}

/// The rows of a list.
pub fn rows(dates: Dates, sides: Sides<'_>) -> Vec<RowView> {
    let row = |Placed { shown, in_crm, in_microsoft }: Placed<'_>| RowView {
        when: shown.when_text(dates),
        title: shown.title.clone(),
        href: shown.href.clone(),
        note: if shown.cancelled { Some("Cancelled") } else { shown.note },
        in_crm,
        in_microsoft,
    };
    placed(dates.zone, sides).into_iter().map(row).collect()
}
