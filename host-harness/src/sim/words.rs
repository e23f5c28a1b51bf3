//! Times, rules, guests and titles in the words of either side.
//!
//! Clock readings of the CRM are turned into instants by the zone's standard
//! offset: which instant exactly does not matter, only that it lies near what
//! the history says. Next: [`super::people`].

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::operation::{End, Guests, Rule, RuleKind, When, Who};

/// When every history begins: a Monday morning before the change to summer time.
pub const START: &str = "2026-03-02T08:00:00Z";

/// The IANA name, Windows' name, and the standard offset from UTC in hours.
pub const ZONES: [(&str, &str, i64); 5] = [
    ("Europe/Berlin", "W. Europe Standard Time", 1),
    ("America/New_York", "Eastern Standard Time", -5),
    ("Australia/Sydney", "AUS Eastern Standard Time", 10),
    ("Asia/Kolkata", "India Standard Time", 5),
    ("UTC", "UTC", 0),
];

/// The guest whom nobody's mailbox belongs to.
pub const OUTSIDER: &str = "dora@elsewhere.example";

const WEEK: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Which day of its kind in a month, in Graph's words.
const INDICES: [&str; 5] = ["first", "second", "third", "fourth", "last"];

/// The instant at which every history begins.
pub fn start() -> DateTime<Utc> {
    START.parse().unwrap_or_default()
}

/// A day of a history.
pub fn day(number: i32) -> NaiveDate {
    start().date_naive() + TimeDelta::days(number.into())
}

impl When {
    /// Start and end as the zone's clocks show them.
    fn clock(&self) -> (NaiveDateTime, NaiveDateTime) {
        let midnight = day(self.day).and_time(chrono::NaiveTime::MIN);
        if let Some(days) = self.all_day {
            return (midnight, midnight + TimeDelta::days(days.into()));
        }
        let start = midnight + TimeDelta::minutes(self.minute.into());
        (start, start + TimeDelta::minutes(self.minutes.into()))
    }

    fn zone(&self) -> (&'static str, &'static str, i64) {
        *ZONES.get(self.zone as usize).unwrap_or(&ZONES[0])
    }

    /// The members of an event of the CRM.
    pub fn in_crm(&self) -> Value {
        let (start, end) = self.clock();
        let (zone, _, offset) = self.zone();
        if self.all_day.is_some() {
            let last = end - TimeDelta::days(1);
            return json!({"start": utc(start), "end": utc(last), "timeZone": "Europe/Berlin", "allDay": true});
        }
        let [start, end] = [start, end].map(|clock| utc(clock - TimeDelta::hours(offset)));
        json!({"start": start, "end": end, "timeZone": zone, "allDay": false})
    }

    /// The members of an event of Graph.
    pub fn in_graph(&self) -> Value {
        let (start, end) = self.clock();
        let (_, zone, _) = self.zone();
        let moment = |clock: NaiveDateTime| json!({"dateTime": reading(clock), "timeZone": zone});
        json!({"start": moment(start), "end": moment(end), "isAllDay": self.all_day.is_some()})
    }
}

fn utc(clock: NaiveDateTime) -> String {
    clock.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A clock reading as Graph takes it.
pub fn reading(clock: NaiveDateTime) -> String {
    clock.format("%Y-%m-%dT%H:%M:%S").to_string()
}

impl Rule {
    /// The rule of a series of the CRM that begins then, on this day of its zone.
    pub fn in_crm(&self, start: DateTime<Utc>, day: NaiveDate, zone: &str) -> Value {
        let named = self.named_day(day);
        let (kind, interval) = match self.kind {
            RuleKind::Daily => ("daily", self.interval),
            RuleKind::Weekly => ("weekly", self.interval),
            RuleKind::Monthly => ("monthly", self.interval),
            RuleKind::MonthNth => ("monthnth", self.interval),
            RuleKind::Yearly => ("yearly", 12 * self.interval),
            RuleKind::YearNth => ("yearnth", 12 * self.interval),
        };
        let mut rule = json!({
            "type": kind, "interval": interval, "timeZone": zone,
            "startTime": start.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        let more = match self.kind {
            RuleKind::Daily => json!({}),
            RuleKind::Weekly => json!({"dayOfWeek": self.days(named)}),
            RuleKind::Monthly => json!({"dayOfMonth": named.day()}),
            RuleKind::MonthNth => json!({"dayOfWeek": [weekday(named)], "instance": nth(named)}),
            RuleKind::Yearly => json!({"dayOfMonth": named.day(), "monthOfYear": named.month()}),
            RuleKind::YearNth => {
                json!({"dayOfWeek": [weekday(named)], "instance": nth(named), "monthOfYear": named.month()})
            }
        };
        overlay(&mut rule, &more);
        match self.end {
            End::Never => {}
            End::After(count) => overlay(&mut rule, &json!({"occurrences": count})),
            End::On(days) => {
                overlay(&mut rule, &json!({"endTime": (start + TimeDelta::days(days.into())).to_rfc3339()}));
            }
        }
        rule
    }

    /// The recurrence of a series of Graph that begins on this day.
    pub fn in_graph(&self, day: NaiveDate) -> Value {
        let named = self.named_day(day);
        let index = INDICES.get(nth(named) as usize - 1).copied().unwrap_or("last");
        let kind = match self.kind {
            RuleKind::Daily => "daily",
            RuleKind::Weekly => "weekly",
            RuleKind::Monthly => "absoluteMonthly",
            RuleKind::MonthNth => "relativeMonthly",
            RuleKind::Yearly => "absoluteYearly",
            RuleKind::YearNth => "relativeYearly",
        };
        let mut pattern = json!({"interval": self.interval, "type": kind});
        let more = match self.kind {
            RuleKind::Daily => json!({}),
            RuleKind::Weekly => json!({"daysOfWeek": self.days(named)}),
            RuleKind::Monthly => json!({"dayOfMonth": named.day()}),
            RuleKind::MonthNth => json!({"daysOfWeek": [weekday(named)], "index": index}),
            RuleKind::Yearly => json!({"dayOfMonth": named.day(), "month": named.month()}),
            RuleKind::YearNth => json!({"daysOfWeek": [weekday(named)], "index": index, "month": named.month()}),
        };
        overlay(&mut pattern, &more);
        json!({"pattern": pattern, "range": range_in_graph(self.end, day)})
    }

    /// The day by which the rule is told.
    fn named_day(&self, day: NaiveDate) -> NaiveDate {
        day + TimeDelta::days(self.off_by.into())
    }

    fn days(&self, named: NaiveDate) -> Vec<&'static str> {
        let own = named.weekday().num_days_from_sunday();
        let chosen = |number: u32| self.more_days & (1 << number) != 0 || number == own;
        (0_u32..).zip(WEEK).filter(|(number, _)| chosen(*number)).map(|(_, day)| day).collect()
    }
}

/// A range of Graph for a series that begins on this day.
pub fn range_in_graph(end: End, day: NaiveDate) -> Value {
    match end {
        End::Never => json!({"type": "noEnd", "startDate": day.to_string()}),
        End::After(count) => {
            json!({"type": "numbered", "startDate": day.to_string(), "numberOfOccurrences": count})
        }
        End::On(days) => {
            let last = day + Days::new(days.into());
            json!({"type": "endDate", "startDate": day.to_string(), "endDate": last.to_string()})
        }
    }
}

fn weekday(day: NaiveDate) -> &'static str {
    WEEK.get(day.weekday().num_days_from_sunday() as usize).copied().unwrap_or("sunday")
}

/// Which of its kind in the month; the fifth is the last one.
fn nth(day: NaiveDate) -> u32 {
    day.day0() / 7 + 1
}

impl Guests {
    /// Their addresses.
    pub fn addresses(self) -> Vec<&'static str> {
        let both = [(self.ben, Who::Ben.address()), (self.outsider, OUTSIDER)];
        both.into_iter().filter(|(there, _)| *there).map(|(_, who)| who).collect()
    }

    /// As the CRM takes them.
    pub fn in_crm(self) -> Value {
        self.addresses().iter().map(|address| json!({"email": address})).collect()
    }

    /// As Graph takes them.
    pub fn in_graph(self) -> Value {
        let guest = |address: &&str| json!({"emailAddress": {"address": address}, "type": "required"});
        self.addresses().iter().map(guest).collect()
    }
}

/// Puts members over those of an object.
pub fn overlay(object: &mut Value, members: &Value) {
    if let (Some(object), Some(members)) = (object.as_object_mut(), members.as_object()) {
        object.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// The number of the item that a title belongs to.
pub fn item_of(title: &str) -> Option<u32> {
    title.split_whitespace().find_map(|word| word.strip_prefix('E')?.parse().ok())
}

/// A title of an item.
pub fn title(item: u32, version: u32) -> String {
    format!("E{item} v{version}")
}

/// A description of an item, HTML.
pub fn description(version: u32) -> String {
    format!("<p>Agenda <b>{version}</b></p>")
}

/// A member that is a text; empty where it is none.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The entries of a list; none where it is no list.
pub fn entries(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_its_item_whatever_stands_around_it() {
        assert_eq!(item_of(&title(7, 3)), Some(7));
        assert_eq!(item_of(&format!("Canceled: {}", title(12, 0))), Some(12));
        assert_eq!(item_of("Lunch"), None);
    }

    #[test]
    fn a_rule_says_the_same_on_both_sides() {
        let rule = Rule { kind: RuleKind::MonthNth, interval: 2, more_days: 0, off_by: 0, end: End::After(4) };
        let day = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap_or_default();
        assert_eq!(rule.in_graph(day)["pattern"]["index"], "last");
        assert_eq!(rule.in_crm(start(), day, "UTC")["instance"], 5);
    }
}
