#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::Value;

use super::words::sentence;
use super::*;
use crate::web::dates::Dates;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a browser would post of the fields of a rule.
fn posted(form: &RuleForm) -> FormFields {
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut pairs = vec![
        text("repeat", &form.repeat),
        text("every", &form.every),
        text("by", &form.by),
        text("day_of_month", &form.day_of_month),
        text("nth", &form.nth),
        text("nth_days", &form.nth_days),
        text("month", &form.month),
        text("ends", &form.ends),
        text("count", &form.count),
        text("until", &form.until),
    ];
    pairs.extend(form.weekdays.iter().map(|day| text("weekday", day)));
    FormFields::new(pairs)
}

#[test]
fn every_rule_goes_through_the_form_and_has_its_words() {
    use DayOfWeek::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let table = [
        (Pattern::Daily, 1, SeriesEnd::Never, "Daily every day"),
        (
            Pattern::Weekly(vec![Monday, Thursday]),
            2,
            SeriesEnd::Count(10),
            "Weekly every 2 weeks on Monday, Thursday, end after 10 occurrences",
        ),
        (Pattern::Weekly(vec![Sunday, Monday]), 1, SeriesEnd::Never, "Weekly every week on Monday, Sunday"),
        (
            Pattern::Monthly(31),
            1,
            SeriesEnd::Until(day("2026-12-31")),
            "Monthly every month on day 31, or the last day of a shorter month, end by Thu, 31 Dec 2026",
        ),
        (
            Pattern::MonthNth(vec![Monday], 1),
            3,
            SeriesEnd::Count(1),
            "Monthly every 3 months on the first Monday, end after 1 occurrence",
        ),
        (
            Pattern::MonthNth(vec![Monday, Tuesday, Wednesday, Thursday, Friday], 5),
            1,
            SeriesEnd::Never,
            "Monthly every month on the last weekday",
        ),
        (Pattern::Yearly { month: 3, day: 2 }, 1, SeriesEnd::Never, "Yearly every year on 2 March"),
        (
            Pattern::YearNth { month: 11, days: vec![Sunday, Saturday], instance: 4 },
            2,
            SeriesEnd::Never,
            "Yearly every 2 years on the fourth weekend day of November",
        ),
        (
            Pattern::YearNth { month: 1, days: DayOfWeek::ALL.to_vec(), instance: 2 },
            1,
            SeriesEnd::Never,
            "Yearly every year on the second day of January",
        ),
    ];
    for (pattern, interval, end, words) in table {
        let rule = SeriesRule { pattern, interval, end };
        assert_eq!(sentence(&rule, Dates::of_zone(chrono_tz::Tz::UTC)), words);
        let form = RuleForm::posted(&posted(&RuleForm::of(&rule, day("2026-03-02")))).unwrap();
        assert_eq!(form.rule(Some(day("2026-03-02"))), Ok(Some(rule)), "{words}");
    }
}

#[test]
fn what_is_proposed_suits_the_first_day_and_repeats_nothing() {
    let form = RuleForm::proposed(day("2026-03-31"));
    assert_eq!(form.rule(None), Ok(None));
    let rule = |repeat: &str, by: &str| {
        let form = RuleForm { repeat: repeat.to_owned(), by: by.to_owned(), ..form.clone() };
        sentence(&form.rule(None).unwrap().unwrap(), Dates::of_zone(chrono_tz::Tz::UTC))
    };
    assert_eq!(rule("weekly", "day"), "Weekly every week on Tuesday");
    assert_eq!(rule("monthly", "nth"), "Monthly every month on the last Tuesday");
    assert_eq!(rule("yearly", "day"), "Yearly every year on 31 March, or the last day of a shorter month");
}

/// The fields that are said to be wrong.
fn wrong(change: fn(&mut RuleForm)) -> Vec<String> {
    let mut form = RuleForm::proposed(day("2026-03-02"));
    change(&mut form);
    let problems = form.rule(Some(day("2026-03-02"))).unwrap_err();
    let problems = serde_json::to_value(&problems).unwrap();
    let field = |problem: &Value| problem["field"].as_str().unwrap().to_owned();
    problems.as_array().unwrap().iter().map(field).collect()
}

fn set(fields: &mut [(&mut String, &str)]) {
    for (field, value) in fields {
        (*value).clone_into(field);
    }
}

#[test]
fn oros_limits_are_said_beside_their_fields() {
    assert_eq!(wrong(|form| set(&mut [(&mut form.repeat, "hourly")])), ["repeat"]);
    for (repeat, max) in [("daily", "100"), ("weekly", "1000"), ("monthly", "0"), ("yearly", "84"), ("daily", "two")] {
        let mut form = RuleForm::proposed(day("2026-03-02"));
        set(&mut [(&mut form.repeat, repeat), (&mut form.every, max)]);
        assert!(form.rule(None).is_err(), "{repeat} every {max}");
    }
    let all = wrong(|form| {
        set(&mut [
            (&mut form.repeat, "weekly"),
            (&mut form.every, ""),
            (&mut form.ends, "after"),
            (&mut form.count, "1000"),
        ]);
        form.weekdays.clear();
    });
    assert_eq!(all, ["weekday", "every", "count"], "everything at once");
    let yearly = wrong(|form| {
        set(&mut [(&mut form.repeat, "yearly"), (&mut form.month, "13"), (&mut form.day_of_month, "32")]);
    });
    assert_eq!(yearly, ["month", "day_of_month"]);
    let nth = wrong(|form| {
        set(&mut [
            (&mut form.repeat, "monthly"),
            (&mut form.by, "nth"),
            (&mut form.nth, "6"),
            (&mut form.nth_days, "x"),
        ]);
    });
    assert_eq!(nth, ["nth", "nth_days"]);
    assert_eq!(wrong(|form| set(&mut [(&mut form.repeat, "daily"), (&mut form.ends, "someday")])), ["ends"]);
    for until in ["", "2026-03-01"] {
        let mut form = RuleForm::proposed(day("2026-03-02"));
        set(&mut [(&mut form.repeat, "daily"), (&mut form.ends, "until"), (&mut form.until, until)]);
        assert!(form.rule(Some(day("2026-03-02"))).is_err(), "until {until}");
    }
}

#[test]
fn fields_that_the_rule_does_not_use_say_nothing() {
    let mut form = RuleForm::proposed(day("2026-03-02"));
    set(&mut [
        (&mut form.repeat, "daily"),
        (&mut form.day_of_month, "99"),
        (&mut form.count, "none"),
        (&mut form.until, "never"),
        (&mut form.nth, ""),
    ]);
    form.weekdays.clear();
    let rule = form.rule(None).unwrap().unwrap();
    assert_eq!(rule, SeriesRule { pattern: Pattern::Daily, interval: 1, end: SeriesEnd::Never });
}
