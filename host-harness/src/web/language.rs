//! The language in which somebody reads days, times and weeks: the first that their
//! browser names (RFC 9110, section 12.5.4). The words of the pages are English
//! whatever it is.

use axum::http::{HeaderMap, header};
use chrono::Weekday;
use icu_calendar::types::Weekday as LocaleWeekday;
use icu_calendar::week::WeekInformation;
use icu_datetime::fieldsets::YM;
use icu_datetime::input::Date;
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use icu_locale_core::Locale;
use icu_locale_core::preferences::extensions::unicode::keywords::CalendarAlgorithm;
use icu_locale_core::subtags::{self, Region, Script};

/// Where a browser names none: days before months, 24 hours.
const DEFAULT: &str = "en-GB";
/// How many entries of the header are looked at: browsers send a handful.
const ENTRIES_MAX: usize = 20;

/// The language of the pages' words.
const OF_PAGES: &str = "en";

/// A week where nothing is known of the region (ISO 8601).
const WEEK_OF_DEFAULT: Week = Week { first: Weekday::Mon, weekend: [false, false, false, false, false, true, true] };

/// The week of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Week {
    /// The day that it begins with.
    first: Weekday,
    /// Whether each day, from Monday on, is one of the weekend.
    weekend: [bool; 7],
}

impl Week {
    fn of(locale: &Locale) -> Self {
        let Ok(week) = WeekInformation::try_new(locale.into()) else { return WEEK_OF_DEFAULT };
        let mut weekend = [false; 7];
        for day in week.weekend().map(weekday) {
            if let Some(is_of_weekend) = weekend.get_mut(index(day)) {
                *is_of_weekend = true;
            }
        }
        Self { first: weekday(week.first_weekday), weekend }
    }
}

/// A language with its region, as far as forms of days, times and weeks go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    preferences: DateTimeFormatterPreferences,
    name: subtags::Language,
    script: Option<Script>,
    region: Option<Region>,
    week: Week,
}

impl Language {
    /// What the browser of a request prefers.
    pub fn of(headers: &HeaderMap) -> Self {
        let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self::preferred(header.unwrap_or_default())
    }

    fn preferred(header: &str) -> Self {
        let mut named: Vec<(Locale, f32)> = header.split(',').take(ENTRIES_MAX).filter_map(entry).collect();
        // Stable, so that of equal weights the first is meant.
        named.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        named.iter().map(|(locale, _)| Self::new(locale)).find(|language| language.is_known()).unwrap_or_default()
    }

    /// The calendar is the one that Microsoft and the CRM count in, whichever is usual
    /// in the language.
    fn new(locale: &Locale) -> Self {
        let mut preferences = DateTimeFormatterPreferences::from(locale);
        preferences.calendar_algorithm = Some(CalendarAlgorithm::Gregory);
        Self {
            preferences,
            name: locale.id.language,
            script: locale.id.script,
            region: locale.id.region,
            week: Week::of(locale),
        }
    }

    /// Whether there is more to go by than the forms that stand in for every language.
    fn is_known(self) -> bool {
        self.sample() != Self::new(&Locale::UNKNOWN).sample()
    }

    /// How the language names a month: where it has no name for it, a number stands there.
    fn sample(self) -> Option<String> {
        let date = Date::try_new_iso(2026, 11, 1).ok()?;
        DateTimeFormatter::try_new(self.preferences, YM::long())
            .ok()
            .map(|formatter| formatter.format(&date).to_string())
    }

    /// What a formatter goes by.
    pub const fn preferences(self) -> DateTimeFormatterPreferences {
        self.preferences
    }

    /// The day that a week begins with.
    pub const fn first_weekday(self) -> Weekday {
        self.week.first
    }

    /// Whether a day is one of the weekend.
    pub fn is_of_weekend(self, day: Weekday) -> bool {
        self.week.weekend.get(index(day)).copied().unwrap_or_default()
    }

    /// Its tag for a text that stands on a page (RFC 5646); none where it is the language of
    /// the page anyway.
    pub fn tag(self) -> Option<String> {
        let language = self.name.to_string();
        let further = self.script.map(|script| script.to_string()).into_iter();
        let further = further.chain(self.region.map(|region| region.to_string()));
        (language != OF_PAGES).then(|| further.fold(language, |tag, part| format!("{tag}-{part}")))
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::new(&DEFAULT.parse().unwrap_or(Locale::UNKNOWN))
    }
}

const fn index(day: Weekday) -> usize {
    day.num_days_from_monday() as usize
}

const fn weekday(day: LocaleWeekday) -> Weekday {
    match day {
        LocaleWeekday::Monday => Weekday::Mon,
        LocaleWeekday::Tuesday => Weekday::Tue,
        LocaleWeekday::Wednesday => Weekday::Wed,
        LocaleWeekday::Thursday => Weekday::Thu,
        LocaleWeekday::Friday => Weekday::Fri,
        LocaleWeekday::Saturday => Weekday::Sat,
        LocaleWeekday::Sunday => Weekday::Sun,
    }
}

/// A language and its weight; none for `*`, for a weight of 0, which refuses it, and for
/// what cannot be read.
fn entry(text: &str) -> Option<(Locale, f32)> {
    let (tag, parameter) = text.split_once(';').unwrap_or((text, "q=1"));
    let weight: f32 = parameter.trim().strip_prefix("q=")?.parse().ok()?;
    let locale = tag.trim().parse().ok()?;
    (weight > 0.0).then_some((locale, weight))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn check(header: &str, expected: &str) {
        assert_eq!(Language::preferred(header), Language::new(&expected.parse().unwrap()), "{header}");
    }

    #[test]
    fn a_week_is_that_of_the_region() {
        let week = |header: &str| {
            let language = Language::preferred(header);
            let days = [Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
            (language.first_weekday(), days.map(|day| language.is_of_weekend(day)))
        };
        assert_eq!(week(""), (Weekday::Mon, [false, false, true, true]));
        assert_eq!(week("de-DE"), (Weekday::Mon, [false, false, true, true]));
        assert_eq!(week("en-US"), (Weekday::Sun, [false, false, true, true]));
        assert_eq!(week("ar-EG"), (Weekday::Sat, [false, true, true, false]));
        assert_eq!(week("he-IL").0, Weekday::Sun);
    }

    #[test]
    fn the_language_of_most_weight_is_taken_and_of_equal_ones_the_first() {
        check("de-CH, en;q=0.8", "de-CH");
        check("en;q=0.3,fr-CA;q=0.9 , de;q=0.9", "fr-CA");
        check("*;q=0.5, pl ; q=0.1", "pl");
    }

    #[test]
    fn what_is_refused_unknown_or_unreadable_is_passed_over() {
        check("de;q=0, sv", "sv");
        check("tlh, x, *, ja;q=0.2", "ja");
        check("de;q=high", DEFAULT);
        check("", DEFAULT);
        check("tlh", DEFAULT);
    }

    #[test]
    fn a_language_that_is_not_the_pages_own_says_which_it_is() {
        for (header, tag) in [
            ("en-US", None),
            ("", None),
            ("de-CH", Some("de-CH")),
            ("ar-EG, en", Some("ar-EG")),
            ("uz-Latn", Some("uz-Latn")),
            // What is asked for beside the language, such as digits, is no part of its tag.
            ("fa-u-nu-latn", Some("fa")),
        ] {
            assert_eq!(Language::preferred(header).tag().as_deref(), tag, "{header}");
        }
    }

    #[test]
    fn days_are_counted_from_the_same_year_in_every_language() {
        let language = Language::preferred("th-TH");
        assert!(language.sample().unwrap().contains("2026"), "{:?}", language.sample());
    }
}
