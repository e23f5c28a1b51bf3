//! The rule of a series, written.

use chrono::Weekday;
use serde_json::{Value, json};

use crate::mapping::times::{written_time, written_time_in};
use crate::mapping::zones::written_zone_of_series;
use crate::model::{EventTime, Instance, Pattern, RangeEnd, Rule, Weekdays, Zone};

/// The value of the property `recurrence` (`resources/patternedrecurrence`).
/// What the pattern has no use for is left out. `first` is the first
/// occurrence; the range begins on its day in the zone of the rule, and `start`
/// has to be written in the same zone beside it ([`super::super::write`]).
pub fn written_recurrence(rule: &Rule, first: &EventTime) -> Value {
    let start_date = match (first, zone_of(rule, first)) {
        (EventTime::AllDay { start_on, .. }, _) => start_on.naive(),
        (EventTime::Timed { start_at, .. }, zone) => {
            let zone = zone.map_or(Zone::UTC, |(_, zone)| zone);
            start_at.to_utc().with_timezone(&zone.tz()).date_naive()
        }
    };
    let mut range = match rule.end {
        RangeEnd::Never => json!({ "type": "noEnd" }),
        RangeEnd::Until(day) => json!({ "type": "endDate", "endDate": day.to_string() }),
        RangeEnd::Count(count) => json!({ "type": "numbered", "numberOfOccurrences": count }),
    };
    if let Some(fields) = range.as_object_mut() {
        fields.insert("startDate".to_owned(), json!(start_date.to_string()));
        if let Some((name, _)) = zone_of(rule, first) {
            fields.insert("recurrenceTimeZone".to_owned(), json!(name));
        }
    }
    json!({ "pattern": pattern(rule), "range": range })
}

/// The properties that write the time of a series: always on the clock of the
/// zone of its rule, because Exchange expands the series in that zone.
pub(crate) fn written_series_time(rule: &Rule, first: &EventTime) -> [(&'static str, Value); 3] {
    match (first, zone_of(rule, first)) {
        (EventTime::Timed { start_at, end_at, .. }, Some((name, zone))) => {
            written_time_in(*start_at, *end_at, name, zone)
        }
        (EventTime::AllDay { .. } | EventTime::Timed { .. }, _) => written_time(first),
    }
}

/// The zone of a series and the name that is written for it; none for whole
/// days.
fn zone_of(rule: &Rule, first: &EventTime) -> Option<(&'static str, Zone)> {
    match first {
        EventTime::AllDay { .. } => None,
        EventTime::Timed { zone, .. } => Some(written_zone_of_series(rule.zone.unwrap_or(*zone), rule, first)),
    }
}

fn pattern(rule: &Rule) -> Value {
    let interval = rule.interval;
    match rule.pattern {
        Pattern::Daily => json!({ "type": "daily", "interval": interval }),
        Pattern::Weekly { days, week_start } => json!({
            "type": "weekly", "interval": interval, "daysOfWeek": names(days), "firstDayOfWeek": name(week_start),
        }),
        Pattern::Monthly { day } => json!({ "type": "absoluteMonthly", "interval": interval, "dayOfMonth": day }),
        Pattern::MonthlyNth { days, instance } => json!({
            "type": "relativeMonthly", "interval": interval, "daysOfWeek": names(days), "index": index(instance),
        }),
        Pattern::Yearly { month, day } => {
            json!({ "type": "absoluteYearly", "interval": interval, "month": month, "dayOfMonth": day })
        }
        Pattern::YearlyNth { month, days, instance } => json!({
            "type": "relativeYearly", "interval": interval, "month": month, "daysOfWeek": names(days),
            "index": index(instance),
        }),
    }
}

fn names(days: Weekdays) -> Vec<&'static str> {
    days.iter().map(name).collect()
}

const fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Sun => "sunday",
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
    }
}

const fn index(instance: Instance) -> &'static str {
    match instance {
        Instance::First => "first",
        Instance::Second => "second",
        Instance::Third => "third",
        Instance::Fourth => "fourth",
        Instance::Last => "last",
    }
}
