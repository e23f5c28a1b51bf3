//! Does the core expand rules as an independent implementation does?
//!
//! `tests/oracle/rules.py` makes random series and expands them with
//! python-dateutil and Python's own zones. Here the core expands the same ones,
//! and every occurrence has to be equal: its day, its start, its end. The same
//! series also show that asking for a part of a series gives what walking
//! through all of it does.
//!
//! The script runs in the environment that `tests/oracle/setup` makes, or with
//! the interpreter that `TANDEM_ORACLE_PYTHON` names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "whatever is not as expected has to fail the test"
)]
#![allow(clippy::disallowed_methods, reason = "the crate has no environment, but its tests choose an interpreter")]

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{Days, NaiveDate, TimeDelta, Timelike, Weekday};
use serde::Deserialize;
use tandem_core::model::{CivilDate, EventTime, Instance, Instant, Pattern, RangeEnd, Rule, Weekdays};
use tandem_core::recurrence::{InvalidSeries, Series, describe};

/// Makes the series of this test: other numbers, other series.
const SEED: u32 = 20_260_329;

/// How many series are compared.
const SERIES: usize = 5_000;

/// The first line of the script.
#[derive(Deserialize)]
struct Header {
    iana: String,
}

/// A rule as the script says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidRule {
    pattern: String,
    interval: u16,
    until: Option<NaiveDate>,
    count: Option<u32>,
    #[serde(default)]
    days: Vec<String>,
    week_start: Option<String>,
    day: Option<u8>,
    month: Option<u8>,
    instance: Option<i8>,
}

/// The beginning or the end of an occurrence.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Bound {
    Seconds(i64),
    Day(NaiveDate),
}

/// A series as the script expands it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    rule: SaidRule,
    zone: Option<String>,
    start: (Bound, Bound),
    instances: Vec<(NaiveDate, Bound, Bound)>,
    complete: bool,
    skipped: bool,
}

impl SaidRule {
    fn rule(&self, zone: Option<&str>) -> Rule {
        let days: Weekdays = self.days.iter().map(|day| weekday(day)).collect();
        let instance = self.instance.map(|number| match number {
            1 => Instance::First,
            2 => Instance::Second,
            3 => Instance::Third,
            4 => Instance::Fourth,
            -1 => Instance::Last,
            other => panic!("expected the number of an instance, but found {other}"),
        });
        let pattern = match self.pattern.as_str() {
            "daily" => Pattern::Daily,
            "weekly" => Pattern::Weekly { days, week_start: weekday(self.week_start.as_deref().unwrap()) },
            "monthly" => Pattern::Monthly { day: self.day.unwrap() },
            "monthly-nth" => Pattern::MonthlyNth { days, instance: instance.unwrap() },
            "yearly" => Pattern::Yearly { month: self.month.unwrap(), day: self.day.unwrap() },
            "yearly-nth" => Pattern::YearlyNth { month: self.month.unwrap(), days, instance: instance.unwrap() },
            other => panic!("expected a pattern, but found {other}"),
        };
        let end = match (self.until, self.count) {
            (None, None) => RangeEnd::Never,
            (Some(day), None) => RangeEnd::Until(day.into()),
            (None, Some(count)) => RangeEnd::Count(count),
            (Some(_), Some(_)) => panic!("expected one end of a rule, but found two"),
        };
        Rule { pattern, interval: self.interval, end, zone: zone.map(|name| name.parse().unwrap()) }
    }
}

fn weekday(name: &str) -> Weekday {
    let position = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"].iter().position(|other| *other == name);
    Weekdays::ORDER[position.unwrap_or_else(|| panic!("expected a day of the week, but found {name}"))]
}

impl Said {
    fn time(&self, bounds: (Bound, Bound)) -> EventTime {
        let instant = |seconds: i64| Instant::from_epoch_milliseconds(seconds * 1_000);
        match (bounds, &self.zone) {
            ((Bound::Seconds(start), Bound::Seconds(end)), Some(zone)) => {
                EventTime::timed(instant(start), instant(end), zone.parse().unwrap()).unwrap()
            }
            ((Bound::Day(start), Bound::Day(end)), None) => EventTime::all_day(start.into(), end.into()).unwrap(),
            _ => panic!("expected instants and a zone, or dates and none"),
        }
    }

    fn expected(&self) -> Vec<(CivilDate, EventTime)> {
        self.instances.iter().map(|(day, start, end)| ((*day).into(), self.time((*start, *end)))).collect()
    }
}

#[test]
fn every_occurrence_is_that_of_an_independent_implementation() {
    let output = run_script();
    let mut lines = output.lines();
    let header: Header = serde_json::from_str(lines.next().expect("a first line")).unwrap();
    assert_eq!(header.iana, chrono_tz::IANA_TZDB_VERSION, "two versions of the zone database cannot be compared");
    let mut seen = Seen::default();
    for line in lines {
        let said: Said = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let rule = said.rule.rule(said.zone.as_deref());
        if let Err(difference) = compare(&said, rule, &mut seen) {
            panic!("{difference}\n  rule: {}\n  {line:.600}", describe(&rule));
        }
    }
    seen.assert_enough();
}

fn run_script() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let build_dir = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let installed = || root.join(build_dir).join("oracle/bin/python");
    let python = std::env::var_os("TANDEM_ORACLE_PYTHON").map_or_else(installed, PathBuf::from);
    let [seed, count] = [SEED.to_string(), SERIES.to_string()];
    let output = Command::new(&python)
        .arg(root.join("tests/oracle/rules.py"))
        .args(["--seed", &seed, "--count", &count])
        .output()
        .unwrap_or_else(|error| {
            panic!("`{}` cannot be run: {error}\n  hint: run tests/oracle/setup", python.display())
        });
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the script failed: {complaint}\n  hint: run tests/oracle/setup");
    String::from_utf8(output.stdout).expect("the script writes UTF-8")
}

/// What the random series had in them, so that a script that makes none of a
/// kind is seen.
#[derive(Debug, Default)]
struct Seen {
    series: usize,
    occurrences: usize,
    ending: usize,
    without_occurrence: usize,
    skipped: usize,
}

impl Seen {
    fn assert_enough(&self) {
        assert_eq!(self.series, SERIES);
        assert!(self.occurrences > 100_000, "{self:?}");
        assert!(self.ending > 1_000 && self.without_occurrence > 100 && self.skipped > 10, "{self:?}");
    }
}

/// What differs between the core and the script, if anything does.
fn compare(said: &Said, rule: Rule, seen: &mut Seen) -> Result<(), String> {
    seen.series += 1;
    seen.occurrences += said.instances.len();
    let made = Series::new(rule, said.time(said.start));
    let expected = said.expected();
    if expected.is_empty() {
        seen.skipped += usize::from(said.skipped);
        seen.without_occurrence += usize::from(!said.skipped);
        let refusal = if said.skipped { InvalidSeries::FirstSkipped } else { InvalidSeries::NoOccurrence };
        return equal("the refusal", &made.map(|series| series.first_day()), &Err(refusal));
    }
    let series = made.map_err(|error| error.to_string())?;
    let found: Vec<CivilDate> = series.days().take(expected.len()).collect();
    let days: Vec<CivilDate> = expected.iter().map(|(day, _)| *day).collect();
    if let Some((found, expected)) = found.iter().zip(&days).find(|(found, expected)| found != expected) {
        return Err(format!("expected an occurrence on {expected}, but found one on {found}"));
    }
    equal("the number of occurrences", &found.len(), &days.len())?;
    for (day, time) in &expected {
        equal(&format!("the time on {day}"), &series.time_of(*day), &Some(*time))?;
    }
    if said.complete {
        compare_end(&series, &expected, seen)?;
    } else {
        equal("whether more follow", &series.days().nth(days.len()).is_some(), &true)?;
    }
    compare_parts(&series, &expected)
}

fn compare_end(series: &Series, expected: &[(CivilDate, EventTime)], seen: &mut Seen) -> Result<(), String> {
    seen.ending += 1;
    let last = expected.last();
    equal("what follows the last occurrence", &series.days().nth(expected.len()), &None)?;
    equal("the last day", &series.last_day(), &last.map(|(day, _)| *day))?;
    equal("the end", &series.ends_at(), &last.map(|(_, time)| time.span().1))
}

/// Asks for parts of a series that is known to be right from its beginning on.
fn compare_parts(series: &Series, expected: &[(CivilDate, EventTime)]) -> Result<(), String> {
    equal("the first occurrence", &Some((series.first_day(), *series.first())), &expected.first().copied())?;
    equal(
        "the series of its own first occurrence",
        &Series::new(*series.rule(), *series.first()),
        &Ok(series.clone()),
    )?;

    let middle = expected.len() / 2;
    let (middle_day, middle_time) = expected[middle];
    let rest: Vec<CivilDate> = expected[middle..].iter().map(|(day, _)| *day).collect();
    equal("the rest", &series.days_from(middle_day).take(rest.len()).collect(), &rest)?;

    for pair in expected.windows(2) {
        let [(day, time), (next, next_time)] = [pair[0], pair[1]];
        equal(&format!("an occurrence on {day}"), &series.falls_on(day), &true)?;
        let after: CivilDate = day.naive().checked_add_days(Days::new(1)).unwrap().into();
        equal(&format!("an occurrence on {after}"), &series.falls_on(after), &(after == next))?;
        // The occurrence of a day that a zone skipped is not told from the next.
        if time.span().0 != next_time.span().0 {
            let start = time.span().0;
            let whole_minute = start.plus(-TimeDelta::seconds(i64::from(start.to_utc().second())));
            equal("the day of its start", &series.day_of(start), &Some(day))?;
            equal("the day of its minute", &series.day_of(whole_minute), &Some(day))?;
        }
    }

    // A week, if the known occurrences reach that far.
    let (from, to) = (middle_time.span().0, middle_time.span().0.plus(TimeDelta::days(7)));
    let known =
        series.last_day() == rest.last().copied() || expected.last().is_some_and(|(_, time)| time.span().0 > to);
    if known {
        let touches = |time: &EventTime| time.span().0 < to && (time.span().1 > from || time.span().0 >= from);
        let touching = expected.iter().filter(|(_, time)| touches(time)).map(|(day, _)| *day).collect::<Vec<_>>();
        equal("the days that touch a week", &series.days_touching(from, to).collect(), &touching)?;
    }
    Ok(())
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: expected {expected:?}, but found {found:?}")) }
}
