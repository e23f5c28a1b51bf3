//! What the template draws of the recurrence editor.

use serde::Serialize;

use super::words::{day_name, month_name, nth_name, sentence, week};
use super::{RuleForm, SETS, YEARS_MAX};
use crate::crm::event::DayOfWeek;
use crate::crm::event::recurrence::{INTERVAL_MAX, INTERVAL_MAX_DAILY, OCCURRENCES_MAX};
use crate::crm::event::series::{INSTANCE_LAST, MONTHS_OF_A_YEAR};
use crate::web::dates::Dates;

/// The editor.
#[derive(Debug, Serialize)]
pub struct RuleView {
    /// How often the event repeats.
    repeats: Vec<Choice>,
    weekdays: Vec<Choice>,
    nths: Vec<Choice>,
    nth_days: Vec<Choice>,
    months: Vec<Choice>,
    interval_max: u32,
    count_max: u32,
    /// The rule in words, where the fields say one.
    sentence: Option<String>,
    /// What the fields hold.
    form: RuleForm,
}

#[derive(Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
    chosen: bool,
    /// What is counted, of a way to repeat.
    unit: &'static str,
    /// How many of them at most.
    max: u32,
}

/// The ways to repeat: word, label, what is counted, how many of them at most.
const REPEATS: [(&str, &str, &str, u32); 5] = [
    ("no", "Does not repeat", "", 0),
    ("daily", "Daily", "day(s)", INTERVAL_MAX_DAILY),
    ("weekly", "Weekly", "week(s)", INTERVAL_MAX),
    ("monthly", "Monthly", "month(s)", INTERVAL_MAX),
    ("yearly", "Yearly", "year(s)", YEARS_MAX),
];

impl RuleView {
    /// The editor with these fields.
    pub fn of(form: RuleForm, dates: Dates) -> Self {
        let choice = |value: String, label: String, chosen: &str| {
            let chosen = value == chosen;
            Choice { value, label, chosen, unit: "", max: 0 }
        };
        let repeat = |(value, label, unit, max): (&str, &str, &'static str, u32)| Choice {
            unit,
            max,
            ..choice(value.to_owned(), label.to_owned(), &form.repeat)
        };
        let weekday = |day: &DayOfWeek| {
            let value = day.to_string();
            let chosen = form.weekdays.contains(&value);
            Choice { value, label: day_name(*day).to_owned(), chosen, unit: "", max: 0 }
        };
        let sets = SETS.iter().map(|(word, _)| ((*word).to_owned(), word.replace('-', " ")));
        let days = week(dates).map(|day| (day.to_string(), day_name(day).to_owned())).into_iter();
        Self {
            repeats: REPEATS.into_iter().map(repeat).collect(),
            weekdays: week(dates).iter().map(weekday).collect(),
            nths: (1..=INSTANCE_LAST).map(|nth| choice(nth.to_string(), nth_name(nth).to_owned(), &form.nth)).collect(),
            nth_days: days.chain(sets).map(|(value, label)| choice(value, label, &form.nth_days)).collect(),
            months: (1..=MONTHS_OF_A_YEAR)
                .map(|month| choice(month.to_string(), month_name(month).to_owned(), &form.month))
                .collect(),
            interval_max: INTERVAL_MAX,
            count_max: OCCURRENCES_MAX,
            sentence: form.rule(None).ok().flatten().map(|rule| sentence(&rule, dates)),
            form,
        }
    }
}
