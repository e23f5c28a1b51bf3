//! The recurrence editor: the rule of a series as the fields of a form, and what
//! they mean when they are posted.
//!
//! The choices and limits are Oro's (Oro row C3). Two differ in words from how
//! Oro stores them: a yearly rule counts years here, and days that count
//! together are one choice, such as "weekday". A rule in words is a matter of
//! [`words`], what the template draws of [`view`].

pub mod view;
pub mod words;

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use crate::crm::event::recurrence::{INTERVAL_MAX, INTERVAL_MAX_DAILY, OCCURRENCES_MAX};
use crate::crm::event::series::{INSTANCE_LAST, MONTHS_OF_A_YEAR};
use crate::crm::event::{DayOfWeek, Pattern, SeriesEnd, SeriesRule};
use crate::web::forms::FormFields;
use crate::web::local_time::parse_day;
use crate::web::problems::Problems;

/// The longest month.
const DAYS_OF_A_MONTH_MAX: u32 = 31;

/// The most years between occurrences: what is stored counts months.
const YEARS_MAX: u32 = INTERVAL_MAX / MONTHS_OF_A_YEAR;

/// How many occurrences are proposed where a series is to end after some.
const COUNT_PROPOSED: u32 = 10;

/// Days that count together where a rule takes the first, .. last of them.
const SETS: [(&str, &[DayOfWeek]); 3] = [
    ("day", DayOfWeek::ALL),
    ("weekday", &[DayOfWeek::Monday, DayOfWeek::Tuesday, DayOfWeek::Wednesday, DayOfWeek::Thursday, DayOfWeek::Friday]),
    ("weekend-day", &[DayOfWeek::Sunday, DayOfWeek::Saturday]),
];

/// What the fields of the editor hold, as they were entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleForm {
    /// `no`, or the unit that is counted.
    repeat: String,
    /// Every so many of them.
    every: String,
    /// The days of a weekly rule, by their words.
    weekdays: Vec<String>,
    /// `day` for a day of the month, `nth` for the nth of some days.
    by: String,
    /// The day of the month.
    day_of_month: String,
    /// Which of the days.
    nth: String,
    /// Of which days: one by its word, or a set of them.
    nth_days: String,
    /// The month of a yearly rule.
    month: String,
    /// `never`, `after` or `until`.
    ends: String,
    /// After how many occurrences.
    count: String,
    /// The last day.
    until: String,
}

impl RuleForm {
    /// An event that does not repeat, with what suits its first day for whoever
    /// lets it.
    pub fn proposed(on: NaiveDate) -> Self {
        let nth = (on.day0() / 7 + 1).min(INSTANCE_LAST);
        Self {
            repeat: "no".to_owned(),
            every: "1".to_owned(),
            weekdays: vec![DayOfWeek::of(on).to_string()],
            by: "day".to_owned(),
            day_of_month: on.day().to_string(),
            nth: nth.to_string(),
            nth_days: DayOfWeek::of(on).to_string(),
            month: on.month().to_string(),
            ends: "never".to_owned(),
            count: COUNT_PROPOSED.to_string(),
            until: String::new(),
        }
    }

    /// The fields of a rule, of a series that begins on a day.
    pub fn of(rule: &SeriesRule, on: NaiveDate) -> Self {
        let form = Self { every: rule.interval.to_string(), ..Self::proposed(on) };
        let form = match &rule.pattern {
            Pattern::Daily => Self { repeat: "daily".to_owned(), ..form },
            Pattern::Weekly(days) => {
                let weekdays = days.iter().map(ToString::to_string).collect();
                Self { repeat: "weekly".to_owned(), weekdays, ..form }
            }
            Pattern::Monthly(day) => Self { repeat: "monthly".to_owned(), day_of_month: day.to_string(), ..form },
            Pattern::MonthNth(days, instance) => {
                Self { repeat: "monthly".to_owned(), ..form }.with_nth(days, *instance)
            }
            Pattern::Yearly { month, day } => {
                Self { repeat: "yearly".to_owned(), day_of_month: day.to_string(), month: month.to_string(), ..form }
            }
            Pattern::YearNth { month, days, instance } => {
                Self { repeat: "yearly".to_owned(), month: month.to_string(), ..form }.with_nth(days, *instance)
            }
        };
        match rule.end {
            SeriesEnd::Never => form,
            SeriesEnd::Count(count) => Self { ends: "after".to_owned(), count: count.to_string(), ..form },
            SeriesEnd::Until(day) => Self { ends: "until".to_owned(), until: day.to_string(), ..form },
        }
    }

    fn with_nth(self, days: &[DayOfWeek], instance: u32) -> Self {
        Self { by: "nth".to_owned(), nth: instance.to_string(), nth_days: days_word(days), ..self }
    }

    /// What was posted; none where the form has no editor.
    pub fn posted(form: &FormFields) -> Option<Self> {
        form.get("repeat")?;
        let text = |name: &str| form.trimmed(name).to_owned();
        Some(Self {
            repeat: text("repeat"),
            every: text("every"),
            weekdays: DayOfWeek::ALL.iter().map(ToString::to_string).filter(|day| form.has("weekday", day)).collect(),
            by: text("by"),
            day_of_month: text("day_of_month"),
            nth: text("nth"),
            nth_days: text("nth_days"),
            month: text("month"),
            ends: text("ends"),
            count: text("count"),
            until: text("until"),
        })
    }

    /// The rule that the fields say, of a series that begins on `first`; none for
    /// an event that does not repeat. Fields that the rule does not use say
    /// nothing.
    ///
    /// # Errors
    /// What cannot be read or is out of Oro's limits.
    pub fn rule(&self, first: Option<NaiveDate>) -> Result<Option<SeriesRule>, Problems> {
        let mut found = Problems::default();
        let (pattern, interval_max) = match self.repeat.as_str() {
            "no" => return Ok(None),
            "daily" => (Some(Pattern::Daily), INTERVAL_MAX_DAILY),
            "weekly" => (self.weekly(&mut found), INTERVAL_MAX),
            "monthly" => (self.monthly(&mut found), INTERVAL_MAX),
            "yearly" => (self.yearly(&mut found), YEARS_MAX),
            _ => return Err(Problems::at("repeat", "Choose how the event repeats.")),
        };
        let interval = found.keep("every", number(&self.every, "interval", interval_max));
        let end = self.end(first, &mut found);
        found.check()?;
        let whole = pattern.zip(interval).zip(end);
        Ok(whole.map(|((pattern, interval), end)| SeriesRule { pattern, interval, end }))
    }

    fn weekly(&self, found: &mut Problems) -> Option<Pattern> {
        let days: Vec<DayOfWeek> = self.weekdays.iter().filter_map(|word| word.parse().ok()).collect();
        if days.is_empty() {
            found.add("weekday", "Choose at least one day of the week.");
            return None;
        }
        Some(Pattern::Weekly(days))
    }

    fn monthly(&self, found: &mut Problems) -> Option<Pattern> {
        if self.by == "nth" {
            return self.nth_of(found).map(|(days, instance)| Pattern::MonthNth(days, instance));
        }
        found
            .keep("day_of_month", number(&self.day_of_month, "day of the month", DAYS_OF_A_MONTH_MAX))
            .map(Pattern::Monthly)
    }

    fn yearly(&self, found: &mut Problems) -> Option<Pattern> {
        let month = number(&self.month, "month", MONTHS_OF_A_YEAR);
        let month = found.keep("month", month);
        if self.by == "nth" {
            let (days, instance) = self.nth_of(found)?;
            return month.map(|month| Pattern::YearNth { month, days, instance });
        }
        let day = found.keep("day_of_month", number(&self.day_of_month, "day of the month", DAYS_OF_A_MONTH_MAX))?;
        month.map(|month| Pattern::Yearly { month, day })
    }

    fn nth_of(&self, found: &mut Problems) -> Option<(Vec<DayOfWeek>, u32)> {
        let instance = number(&self.nth, "place in the month", INSTANCE_LAST);
        let instance = found.keep("nth", instance);
        let days =
            days_of_word(&self.nth_days).ok_or_else(|| "Choose a day of the week, or which days count.".to_owned());
        found.keep("nth_days", days).zip(instance)
    }

    fn end(&self, first: Option<NaiveDate>, found: &mut Problems) -> Option<SeriesEnd> {
        match self.ends.as_str() {
            "never" => Some(SeriesEnd::Never),
            "after" => {
                found.keep("count", number(&self.count, "number of occurrences", OCCURRENCES_MAX)).map(SeriesEnd::Count)
            }
            "until" => {
                let last = found.keep("until", parse_day(&self.until, "last day of the series"))?;
                if first.is_some_and(|first| last < first) {
                    found.add("until", "The series has to end on the first day of the event or later.");
                    return None;
                }
                Some(SeriesEnd::Until(last))
            }
            _ => {
                found.add("ends", "Choose when the series ends.");
                None
            }
        }
    }
}

/// Reads a number; `what` names it in the sentence of an error.
fn number(text: &str, what: &str, max: u32) -> Result<u32, String> {
    let read = text.parse().ok().filter(|number| (1..=max).contains(number));
    read.ok_or_else(|| format!("The {what} has to be a whole number from 1 to {max}."))
}

/// One word for the days of which a rule takes the nth.
fn days_word(days: &[DayOfWeek]) -> String {
    let is_these = |set: &[DayOfWeek]| set.len() == days.len() && set.iter().all(|day| days.contains(day));
    let set = SETS.iter().find(|(_, set)| is_these(set));
    set.map(|(word, _)| (*word).to_owned()).or_else(|| days.first().map(ToString::to_string)).unwrap_or_default()
}

fn days_of_word(word: &str) -> Option<Vec<DayOfWeek>> {
    let set = SETS.iter().find(|(name, _)| *name == word).map(|(_, days)| days.to_vec());
    set.or_else(|| word.parse().ok().map(|day| vec![day]))
}

#[cfg(test)]
mod tests;
