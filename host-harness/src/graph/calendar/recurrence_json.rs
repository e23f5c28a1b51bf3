//! `patternedRecurrence` in JSON: reading with Graph's checks, and writing.

use chrono::{NaiveDate, Weekday};
use serde_json::{Map, Value, json};

use super::pattern::{End, Index, Pattern, Recurrence};
use crate::graph::dates;
use crate::graph::reply::Refusal;
use crate::graph::zones;

/// Occurrences of a numbered series; Outlook refuses more than this.
const OCCURRENCES_MAX: u64 = 999;
/// Largest interval of any pattern that Outlook accepts.
const INTERVAL_MAX: u64 = 999;

/// Reads a recurrence. `start` is the date of the event's start and
/// `start_zone` its zone.
pub(crate) fn read(value: &Value, start: NaiveDate, start_zone: &str) -> Result<Recurrence, Refusal> {
    let recurrence = read_any(value, start_zone)?;
    if recurrence.start != start {
        return Err(Refusal::invalid_property("recurrence.range.startDate must be the date of the event's start."));
    }
    Ok(recurrence)
}

/// Reads a recurrence that may begin on any date. `zone` is its zone if it
/// names none.
pub(crate) fn read_any(value: &Value, zone: &str) -> Result<Recurrence, Refusal> {
    let object = |name: &str| value.get(name).and_then(Value::as_object);
    let pattern = object("pattern").ok_or_else(|| Refusal::invalid_property("recurrence.pattern is missing."))?;
    let range = object("range").ok_or_else(|| Refusal::invalid_property("recurrence.range is missing."))?;
    let interval = pattern.get("interval").and_then(Value::as_u64).filter(|n| (1..=INTERVAL_MAX).contains(n));
    let interval = interval.and_then(|n| u32::try_from(n).ok());
    let start = date(range, "startDate")?;
    let start = start.ok_or_else(|| Refusal::invalid_property("recurrence.range.startDate is missing."))?;
    let named = range.get("recurrenceTimeZone").and_then(Value::as_str).filter(|zone| !zone.is_empty());
    let zone = named.unwrap_or(zone).to_owned();
    if zones::resolve(&zone).is_none() {
        return Err(Refusal::unknown_time_zone(&zone));
    }
    Ok(Recurrence {
        pattern: read_pattern(pattern)?,
        interval: interval.ok_or_else(|| Refusal::invalid_property("recurrence.pattern.interval is out of range."))?,
        start,
        end: read_end(range, start)?,
        zone,
        zone_label: None,
    })
}

fn read_pattern(pattern: &Map<String, Value>) -> Result<Pattern, Refusal> {
    // Fields that the type does not use are checked all the same.
    let days = read_days(pattern.get("daysOfWeek"))?;
    let first_day = match pattern.get("firstDayOfWeek") {
        None | Some(Value::Null) => Weekday::Sun,
        Some(value) => read_day(value)?,
    };
    let index = match pattern.get("index") {
        None | Some(Value::Null) => Index::First,
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|_| Refusal::invalid_property("recurrence.pattern.index is not known."))?,
    };
    let number = |name: &str, max: u64| {
        let value = pattern.get(name).and_then(Value::as_u64).filter(|n| (1..=max).contains(n));
        value
            .and_then(|n| u32::try_from(n).ok())
            .ok_or_else(|| Refusal::invalid_property(&format!("recurrence.pattern.{name} is missing or out of range.")))
    };
    let some_days = |days: Vec<Weekday>| {
        if days.is_empty() {
            Err(Refusal::invalid_property("recurrence.pattern.daysOfWeek is missing."))
        } else {
            Ok(days)
        }
    };
    match pattern.get("type").and_then(Value::as_str) {
        Some("daily") => Ok(Pattern::Daily),
        Some("weekly") => Ok(Pattern::Weekly { days: some_days(days)?, first_day }),
        Some("absoluteMonthly") => Ok(Pattern::AbsoluteMonthly { day: number("dayOfMonth", 31)? }),
        Some("relativeMonthly") => Ok(Pattern::RelativeMonthly { days: some_days(days)?, index }),
        Some("absoluteYearly") => {
            Ok(Pattern::AbsoluteYearly { day: number("dayOfMonth", 31)?, month: number("month", 12)? })
        }
        Some("relativeYearly") => {
            Ok(Pattern::RelativeYearly { days: some_days(days)?, index, month: number("month", 12)? })
        }
        Some(_) | None => Err(Refusal::invalid_property("recurrence.pattern.type is not known.")),
    }
}

fn read_end(range: &Map<String, Value>, start: NaiveDate) -> Result<End, Refusal> {
    match range.get("type").and_then(Value::as_str) {
        Some("noEnd") => Ok(End::Never),
        Some("endDate") => match date(range, "endDate")? {
            Some(end) if end >= start => Ok(End::On(end)),
            Some(_) | None => Err(Refusal::invalid_property("recurrence.range.endDate must not be before startDate.")),
        },
        Some("numbered") => {
            let count = range.get("numberOfOccurrences").and_then(Value::as_u64);
            let count = count.filter(|n| (1..=OCCURRENCES_MAX).contains(n)).and_then(|n| u32::try_from(n).ok());
            count
                .map(End::After)
                .ok_or_else(|| Refusal::invalid_property("recurrence.range.numberOfOccurrences is out of range."))
        }
        Some(_) | None => Err(Refusal::invalid_property("recurrence.range.type is not known.")),
    }
}

fn date(range: &Map<String, Value>, name: &str) -> Result<Option<NaiveDate>, Refusal> {
    let Some(text) = range.get(name).and_then(Value::as_str) else {
        return Ok(None);
    };
    let invalid = || Refusal::invalid_property(&format!("recurrence.range.{name} is not a date."));
    dates::date(text).map(Some).ok_or_else(invalid)
}

fn read_days(value: Option<&Value>) -> Result<Vec<Weekday>, Refusal> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(days)) => days.iter().map(read_day).collect(),
        Some(_) => Err(Refusal::invalid_property("recurrence.pattern.daysOfWeek is not a list.")),
    }
}

fn read_day(value: &Value) -> Result<Weekday, Refusal> {
    let unknown = || Refusal::invalid_property("recurrence.pattern names an unknown day of the week.");
    match value.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("monday") => Ok(Weekday::Mon),
        Some("tuesday") => Ok(Weekday::Tue),
        Some("wednesday") => Ok(Weekday::Wed),
        Some("thursday") => Ok(Weekday::Thu),
        Some("friday") => Ok(Weekday::Fri),
        Some("saturday") => Ok(Weekday::Sat),
        Some("sunday") => Ok(Weekday::Sun),
        Some(_) | None => Err(unknown()),
    }
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

/// Writes a recurrence; unused numbers are 0, as the service has them.
pub(crate) fn write(recurrence: &Recurrence) -> Value {
    let none: &[Weekday] = &[];
    let (kind, days, first_day, index, day, month) = match &recurrence.pattern {
        Pattern::Daily => ("daily", none, Weekday::Sun, Index::First, 0, 0),
        Pattern::Weekly { days, first_day } => ("weekly", days.as_slice(), *first_day, Index::First, 0, 0),
        Pattern::AbsoluteMonthly { day } => ("absoluteMonthly", none, Weekday::Sun, Index::First, *day, 0),
        Pattern::RelativeMonthly { days, index } => ("relativeMonthly", days.as_slice(), Weekday::Sun, *index, 0, 0),
        Pattern::AbsoluteYearly { day, month } => ("absoluteYearly", none, Weekday::Sun, Index::First, *day, *month),
        Pattern::RelativeYearly { days, index, month } => {
            ("relativeYearly", days.as_slice(), Weekday::Sun, *index, 0, *month)
        }
    };
    let mut pattern = json!({
        "type": kind,
        "interval": recurrence.interval,
        "month": month,
        "dayOfMonth": day,
        "firstDayOfWeek": day_name(first_day),
        "index": index,
    });
    if let (false, Some(map)) = (days.is_empty(), pattern.as_object_mut()) {
        let names: Vec<&str> = days.iter().map(|day| day_name(*day)).collect();
        map.insert("daysOfWeek".to_owned(), json!(names));
    }
    let (range, end, count) = match recurrence.end {
        End::Never => ("noEnd", "0001-01-01".to_owned(), 0),
        End::On(end) => ("endDate", end.to_string(), 0),
        End::After(count) => ("numbered", "0001-01-01".to_owned(), count),
    };
    json!({
        "pattern": pattern,
        "range": {
            "type": range,
            "startDate": recurrence.start.to_string(),
            "endDate": end,
            "recurrenceTimeZone": recurrence.zone_label.as_ref().unwrap_or(&recurrence.zone),
            "numberOfOccurrences": count,
        },
    })
}
