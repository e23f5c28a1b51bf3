//! Instants and days as people read them: in their own time zone, and in the form
//! that is usual in their language.

use std::ops::RangeInclusive;

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::enums::{
    CalendarPeriodFieldSet, CompositeDateTimeFieldSet as FieldSet, DateAndTimeFieldSet, DateFieldSet, TimeFieldSet,
};
use icu_datetime::fieldsets::{E, MD, MDE, T, YM, YMD, YMDE};
use icu_datetime::input::{Date, DateTime as LocalTime, Time};
use serde::Serialize;

use super::language::Language;

/// A zone by its IANA name; UTC for a name that does not exist.
pub fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

/// What of Unicode is written from right to left (the defaults of `DerivedBidiClass.txt`,
/// <https://www.unicode.org/reports/tr44/#Bidi_Class_Values>).
const RIGHT_TO_LEFT: [RangeInclusive<char>; 5] = [
    '\u{0590}'..='\u{08FF}',
    '\u{FB1D}'..='\u{FDFF}',
    '\u{FE70}'..='\u{FEFF}',
    '\u{10800}'..='\u{10FFF}',
    '\u{1E800}'..='\u{1EFFF}',
];

/// How instants and days are written for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// Their zone.
    pub zone: Tz,
    /// Their language.
    pub language: Language,
}

/// An instant on a page: for people in their form, which may be that of another language
/// than the page's, and for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    text: String,
    /// In UTC, as `datetime` of HTML wants it.
    datetime: String,
    /// The language of the text; none where it is that of the page.
    lang: Option<String>,
    dir: &'static str,
}

impl Moment {
    /// What people read.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The direction of a text, as HTML names it. Its letters tell it, and not the name of its
/// language, which may be written in several scripts.
fn direction(text: &str) -> &'static str {
    let is_right_to_left = |letter: char| RIGHT_TO_LEFT.iter().any(|range| range.contains(&letter));
    if text.contains(is_right_to_left) { "rtl" } else { "ltr" }
}

impl Dates {
    /// In a zone, for whoever names no language.
    pub fn of_zone(zone: Tz) -> Self {
        Self { zone, language: Language::default() }
    }

    /// Day and time, such as `Mon, 23 Nov 2026, 14:05`.
    pub fn instant(self, instant: DateTime<Utc>) -> String {
        let fields = FieldSet::DateTime(DateAndTimeFieldSet::YMDET(YMDE::medium().with_time_hm()));
        self.write(self.local(instant), fields) + &self.told_apart(instant)
    }

    /// Day and time for a page.
    pub fn moment(self, instant: DateTime<Utc>) -> Moment {
        let text = self.instant(instant);
        let datetime = instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        Moment { datetime, lang: self.language.tag(), dir: direction(&text), text }
    }

    /// The first day of a date's week.
    pub fn week_start(self, date: NaiveDate) -> NaiveDate {
        let passed = date.weekday().days_since(self.language.first_weekday());
        date.checked_sub_days(Days::new(u64::from(passed))).unwrap_or(date)
    }

    /// Whether a day is one of the weekend.
    pub fn is_of_weekend(self, date: NaiveDate) -> bool {
        self.language.is_of_weekend(date.weekday())
    }

    /// Which of the two it is, of a time that the clock shows twice on a day.
    fn told_apart(self, instant: DateTime<Utc>) -> String {
        match self.zone.from_local_datetime(&self.local(instant)) {
            LocalResult::Ambiguous(..) => format!(" ({})", instant.with_timezone(&self.zone).format("%Z")),
            LocalResult::Single(_) | LocalResult::None => String::new(),
        }
    }

    /// A day, such as `Mon, 23 Nov 2026`.
    pub fn day(self, date: NaiveDate) -> String {
        self.write(date.into(), FieldSet::Date(DateFieldSet::YMDE(YMDE::medium())))
    }

    /// Both ends of a period of days, such as `23 Nov 2026 – 29 Nov 2026`.
    pub fn range(self, first: NaiveDate, last: NaiveDate) -> String {
        let end = self.write(last.into(), FieldSet::Date(DateFieldSet::YMD(YMD::medium())));
        if first == last {
            end
        } else {
            format!("{} – {end}", self.write(first.into(), FieldSet::Date(DateFieldSet::YMD(YMD::medium()))))
        }
    }

    /// A day without its year, such as `23 Nov`.
    pub fn short_day(self, date: NaiveDate) -> String {
        self.write(date.into(), FieldSet::Date(DateFieldSet::MD(MD::medium())))
    }

    /// A day of the year in full, such as `Monday 23 November`.
    pub fn long_day(self, date: NaiveDate) -> String {
        self.write(date.into(), FieldSet::Date(DateFieldSet::MDE(MDE::long())))
    }

    /// The name of a day of the week, such as `Monday`.
    pub fn weekday(self, date: NaiveDate) -> String {
        self.write(date.into(), FieldSet::Date(DateFieldSet::E(E::long())))
    }

    /// The same for the head of a column, such as `Mon`.
    pub fn short_weekday(self, date: NaiveDate) -> String {
        self.write(date.into(), FieldSet::Date(DateFieldSet::E(E::short())))
    }

    /// A month, such as `November 2026`.
    pub fn month(self, date: NaiveDate) -> String {
        self.write(date.into(), FieldSet::CalendarPeriod(CalendarPeriodFieldSet::YM(YM::long())))
    }

    /// The time of day, such as `14:05`.
    pub fn clock(self, instant: DateTime<Utc>) -> String {
        self.write(self.local(instant), FieldSet::Time(TimeFieldSet::T(T::hm()))) + &self.told_apart(instant)
    }

    fn local(self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.zone).naive_local()
    }

    /// What cannot be written so, such as a year far away, is written as computers do.
    fn write(self, local: NaiveDateTime, fields: FieldSet) -> String {
        self.written(local, fields).unwrap_or_else(|| local.to_string())
    }

    fn written(self, local: NaiveDateTime, fields: FieldSet) -> Option<String> {
        let narrow = |number: u32| u8::try_from(number).ok();
        let date = Date::try_new_iso(local.year(), narrow(local.month())?, narrow(local.day())?).ok()?;
        let time = Time::try_new(narrow(local.hour())?, narrow(local.minute())?, narrow(local.second())?, 0).ok()?;
        let formatter = DateTimeFormatter::try_new(self.language.preferences(), fields).ok()?;
        Some(formatter.format(&LocalTime { date, time }).to_string())
    }
}

/// The first instant of a day in a zone. Where the clock skips midnight, the
/// first that exists within three hours.
pub fn day_start(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let candidates = (0..=12).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
    candidates
        .filter_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|local| local.with_timezone(&Utc))
        .next()
        .unwrap_or_else(|| midnight.and_utc())
}

/// A span of time that is over, in its largest unit, such as `5 minutes`: as many as
/// have passed.
pub fn span(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds().max(0).unsigned_abs();
    let (length, unit) = largest_unit(seconds);
    counted(seconds / length, unit)
}

/// How late something is, said alike wherever it is.
pub fn lag(late: TimeDelta) -> String {
    if late > TimeDelta::zero() { span(late) } else { "None".to_owned() }
}

/// A span of time to wait, in its largest unit: so many that it is over then.
pub fn wait(duration: TimeDelta) -> String {
    let seconds = duration.num_milliseconds().max(0).unsigned_abs().div_ceil(1_000);
    let (length, unit) = largest_unit(seconds);
    counted(seconds.div_ceil(length), unit)
}

/// The largest unit that is not longer than a span, with its length in seconds.
const fn largest_unit(seconds: u64) -> (u64, &'static str) {
    match seconds {
        ..60 => (1, "second"),
        60..3_600 => (60, "minute"),
        3_600..86_400 => (3_600, "hour"),
        86_400.. => (86_400, "day"),
    }
}

fn counted(count: u64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use axum::http::{HeaderMap, HeaderValue, header};

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dates(language: &'static str) -> Dates {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(language))]);
        Dates { zone: zone("Europe/Berlin"), language: Language::of(&headers) }
    }

    #[test]
    fn an_instant_is_written_in_the_zone_and_as_the_language_does() {
        let instant = "2026-11-23T13:05:00Z".parse().unwrap();
        let table = [
            ("en-GB", "Mon, 23 Nov 2026, 14:05"),
            ("en-US", "Mon, Nov 23, 2026, 2:05\u{202f}PM"),
            ("de-DE", "Mo., 23.11.2026, 14:05"),
            ("fr", "lun. 23 nov. 2026, 14:05"),
            ("ja", "2026/11/23(月) 14:05"),
        ];
        for (language, expected) in table {
            assert_eq!(dates(language).instant(instant), expected, "{language}");
        }
    }

    #[test]
    fn a_moment_of_another_language_than_the_pages_says_which_it_is_and_how_it_is_written() {
        let of = |language: &'static str| dates(language).moment("2026-11-23T13:05:00Z".parse().unwrap());
        let english = of("en-GB");
        assert_eq!((english.text.as_str(), english.lang, english.dir), ("Mon, 23 Nov 2026, 14:05", None, "ltr"));
        assert_eq!(english.datetime, "2026-11-23T13:05:00Z");
        for (language, dir) in
            [("he", "rtl"), ("ar", "rtl"), ("ar-EG", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("de", "ltr"), ("ja", "ltr")]
        {
            let other = of(language);
            assert_eq!((other.lang.as_deref(), other.dir), (Some(language), dir), "{}", other.text);
            assert_eq!(other.datetime, english.datetime);
        }
    }

    #[test]
    fn an_hour_that_the_clock_shows_twice_says_which_one_it_is() {
        let of = |instant: &str| dates("en-GB").instant(instant.parse().unwrap());
        assert_eq!(of("2026-10-25T00:30:00Z"), "Sun, 25 Oct 2026, 02:30 (CEST)");
        assert_eq!(of("2026-10-25T01:30:00Z"), "Sun, 25 Oct 2026, 02:30 (CET)");
        assert_eq!(of("2026-10-25T02:30:00Z"), "Sun, 25 Oct 2026, 03:30");
        assert_eq!(dates("en-GB").clock("2026-10-25T01:30:00Z".parse().unwrap()), "02:30 (CET)");
    }

    #[test]
    fn days_months_and_times_of_day_have_forms_of_their_own() {
        let (day, of) = (date("2026-11-23"), dates("de"));
        assert_eq!(of.day(day), "Mo., 23.11.2026");
        assert_eq!(of.short_day(day), "23. Nov.");
        assert_eq!(of.long_day(day), "Montag, 23. November");
        assert_eq!((of.weekday(day), of.month(day)), ("Montag".to_owned(), "November 2026".to_owned()));
        assert_eq!((of.short_weekday(day), dates("en-GB").short_weekday(day)), ("Mo".to_owned(), "Mon".to_owned()));
        assert_eq!(of.range(day, date("2026-11-29")), "23.11.2026 – 29.11.2026");
        assert_eq!(of.range(day, day), "23.11.2026");
        assert_eq!(of.clock("2026-11-23T23:05:00Z".parse().unwrap()), "00:05");
    }

    #[test]
    fn a_day_is_the_same_in_every_calendar_of_the_world() {
        assert_eq!(dates("th").day(date("2026-11-23")), dates("th-u-ca-gregory").day(date("2026-11-23")));
    }

    #[test]
    fn a_year_that_nobody_writes_is_no_failure() {
        assert!(!Dates::of_zone(Tz::UTC).day(NaiveDate::MAX).is_empty());
    }

    #[test]
    fn a_day_without_midnight_begins_when_the_clock_does() {
        // Chile's clocks went from 23:59:59 to 01:00:00 on 2024-09-08.
        let start = day_start(date("2024-09-08"), zone("America/Santiago"));
        assert_eq!(start.to_rfc3339(), "2024-09-08T04:00:00+00:00");
    }

    #[test]
    fn what_has_passed_is_rounded_down_and_what_is_waited_for_up() {
        for (milliseconds, passed, waited) in [
            (0, "0 seconds", "0 seconds"),
            (400, "0 seconds", "1 second"),
            (60_000, "1 minute", "1 minute"),
            (90_000, "1 minute", "2 minutes"),
            (119_000, "1 minute", "2 minutes"),
            (3_601_000, "1 hour", "2 hours"),
            (172_800_000, "2 days", "2 days"),
        ] {
            let duration = TimeDelta::milliseconds(milliseconds);
            assert_eq!((span(duration), wait(duration)), (passed.to_owned(), waited.to_owned()), "{milliseconds} ms");
        }
    }

    #[test]
    fn a_week_begins_where_the_language_has_it() {
        let starts = |tag: &'static str, day: &str| dates(tag).week_start(date(day));
        assert_eq!(Dates::of_zone(Tz::UTC).week_start(date("2026-11-29")), date("2026-11-23"));
        assert_eq!(starts("en-GB", "2026-11-23"), date("2026-11-23"));
        assert_eq!(starts("en-US", "2026-11-29"), date("2026-11-29"));
        assert_eq!(starts("en-US", "2026-11-28"), date("2026-11-22"));
    }
}
