//! The text of a recurrence rule into its parts.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc, Weekday};

use super::Refusal;
use crate::import::reason::SkipReason;

/// How often a rule repeats; what repeats within a day is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum RuleEnd {
    Never,
    /// After so many dates.
    Count(u32),
    /// With a date, which is included.
    Day(NaiveDate),
    /// With a reading of the clock in the zone of the series.
    Local(NaiveDateTime),
    /// With an instant.
    Instant(DateTime<Utc>),
}

/// A day of `BYDAY`, with its ordinal where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) struct NthDay {
    pub(in crate::import) ordinal: Option<i32>,
    pub(in crate::import) day: Weekday,
}

/// A rule in its parts; a part that is absent is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Rule {
    pub(in crate::import) frequency: Frequency,
    pub(in crate::import) interval: u32,
    pub(in crate::import) end: RuleEnd,
    pub(in crate::import) by_day: Vec<NthDay>,
    pub(in crate::import) by_month: Vec<u32>,
    pub(in crate::import) by_month_day: Vec<i32>,
    pub(in crate::import) by_set_pos: Vec<i32>,
    pub(in crate::import) by_hour: Vec<u32>,
    pub(in crate::import) by_minute: Vec<u32>,
    pub(in crate::import) by_second: Vec<u32>,
    pub(in crate::import) week_start: Weekday,
    /// The parts as they were written, for reports.
    written: BTreeMap<String, String>,
}

/// The parts that a rule may have.
const PARTS: [&str; 14] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYDAY",
    "BYMONTH",
    "BYMONTHDAY",
    "BYSETPOS",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYWEEKNO",
    "BYYEARDAY",
];

impl Rule {
    /// Reads the value of an `RRULE`.
    pub(in crate::import) fn parse(text: &str) -> Result<Self, Refusal> {
        let written = parts_of(text)?;
        for (part, reason) in [("BYWEEKNO", SkipReason::RuleByWeekNo), ("BYYEARDAY", SkipReason::RuleByYearDay)] {
            if let Some(value) = written.get(part) {
                return Err(Refusal::new(reason, format!("{part}={value}")));
            }
        }
        Ok(Self {
            frequency: frequency(&written)?,
            interval: number(&written, "INTERVAL", SkipReason::RuleInterval)?.unwrap_or(1),
            end: end(&written)?,
            by_day: list(&written, "BYDAY", nth_day)?,
            by_month: list(&written, "BYMONTH", |text| within(text, 1..=12))?,
            by_month_day: list(&written, "BYMONTHDAY", |text| signed(text, 31))?,
            by_set_pos: list(&written, "BYSETPOS", |text| signed(text, 366))?,
            by_hour: list(&written, "BYHOUR", |text| within(text, 0..=23))?,
            by_minute: list(&written, "BYMINUTE", |text| within(text, 0..=59))?,
            by_second: list(&written, "BYSECOND", |text| within(text, 0..=60))?,
            week_start: match written.get("WKST") {
                Some(day) => weekday(day).ok_or_else(|| unreadable(&written, "WKST"))?,
                None => Weekday::Mon,
            },
            written,
        })
    }

    /// A refusal because of one part, quoted as it was written.
    pub(in crate::import) fn refuse(&self, reason: SkipReason, part: &str) -> Refusal {
        Refusal::new(reason, quoted(&self.written, part))
    }
}

fn parts_of(text: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let mut parts = BTreeMap::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(Refusal::new(SkipReason::UnreadableRule, "a part without a value"));
        };
        let (name, value) = (name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
        if !PARTS.contains(&name.as_str()) {
            return Err(Refusal::new(SkipReason::UnreadableRule, "a part that is not part of the standard"));
        }
        if parts.contains_key(&name) {
            return Err(Refusal::new(SkipReason::UnreadableRule, format!("{name} twice")));
        }
        parts.insert(name, value);
    }
    Ok(parts)
}

fn quoted(written: &BTreeMap<String, String>, part: &str) -> String {
    written.get(part).map_or_else(|| part.to_owned(), |value| format!("{part}={value}"))
}

fn unreadable(written: &BTreeMap<String, String>, part: &str) -> Refusal {
    Refusal::new(SkipReason::UnreadableRule, quoted(written, part))
}

fn frequency(written: &BTreeMap<String, String>) -> Result<Frequency, Refusal> {
    match written.get("FREQ").map(String::as_str) {
        Some("DAILY") => Ok(Frequency::Daily),
        Some("WEEKLY") => Ok(Frequency::Weekly),
        Some("MONTHLY") => Ok(Frequency::Monthly),
        Some("YEARLY") => Ok(Frequency::Yearly),
        Some("HOURLY" | "MINUTELY" | "SECONDLY") => {
            Err(Refusal::new(SkipReason::RuleFrequency, quoted(written, "FREQ")))
        }
        Some(_) | None => Err(unreadable(written, "FREQ")),
    }
}

/// A number of at least 1; one that is too large for anything has its own
/// reason.
fn number(written: &BTreeMap<String, String>, part: &str, too_large: SkipReason) -> Result<Option<u32>, Refusal> {
    let Some(text) = written.get(part) else { return Ok(None) };
    let digits = !text.is_empty() && text.chars().all(|character| character.is_ascii_digit());
    match text.parse::<u32>() {
        Ok(number) if number > 0 => Ok(Some(number)),
        Err(_) if digits => Err(Refusal::new(too_large, quoted(written, part))),
        Ok(_) | Err(_) => Err(unreadable(written, part)),
    }
}

fn end(written: &BTreeMap<String, String>) -> Result<RuleEnd, Refusal> {
    let count = number(written, "COUNT", SkipReason::RuleCount)?;
    match (count, written.get("UNTIL")) {
        (None, None) => Ok(RuleEnd::Never),
        (Some(count), None) => Ok(RuleEnd::Count(count)),
        (None, Some(until)) => read_until(until).ok_or_else(|| unreadable(written, "UNTIL")),
        (Some(_), Some(_)) => Err(Refusal::new(SkipReason::UnreadableRule, "COUNT with UNTIL")),
    }
}

fn read_until(text: &str) -> Option<RuleEnd> {
    if let Some(utc) = text.strip_suffix('Z') {
        return NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok().map(|at| RuleEnd::Instant(at.and_utc()));
    }
    if text.contains('T') {
        return NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok().map(RuleEnd::Local);
    }
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(RuleEnd::Day)
}

fn list<T>(
    written: &BTreeMap<String, String>,
    part: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    let Some(text) = written.get(part) else { return Ok(Vec::new()) };
    let values: Option<Vec<T>> = text.split(',').map(|value| read(value.trim())).collect();
    values.ok_or_else(|| unreadable(written, part))
}

fn within(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    u32::from_str(text).ok().filter(|number| range.contains(number))
}

/// A number that may count from the end, but is never 0.
fn signed(text: &str, max: i32) -> Option<i32> {
    i32::from_str(text).ok().filter(|number| *number != 0 && (-max..=max).contains(number))
}

/// A day such as `MO`, `2MO` or `-1FR`.
fn nth_day(text: &str) -> Option<NthDay> {
    let letters = text.len().checked_sub(2)?;
    let (ordinal, day) = (text.get(..letters)?, text.get(letters..)?);
    let ordinal = if ordinal.is_empty() { None } else { Some(signed(ordinal, 53)?) };
    Some(NthDay { ordinal, day: weekday(day)? })
}

fn weekday(text: &str) -> Option<Weekday> {
    match text {
        "MO" => Some(Weekday::Mon),
        "TU" => Some(Weekday::Tue),
        "WE" => Some(Weekday::Wed),
        "TH" => Some(Weekday::Thu),
        "FR" => Some(Weekday::Fri),
        "SA" => Some(Weekday::Sat),
        "SU" => Some(Weekday::Sun),
        _ => None,
    }
}
