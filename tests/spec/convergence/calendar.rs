//! Times, rules and guests in the words of either side.
//!
//! Clock readings of the CRM are turned into instants by the zone's standard
//! offset: which instant exactly does not matter, only that it lies near what
//! the history says.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::history::{End, Guests, Rule, RuleKind, When};

/// The IANA name, Windows' name, and the standard offset from UTC in hours.
pub const ZONES: [(&str, &str, i64); 5] = [
    ("Europe/Berlin", "W. Europe Standard Time", 1),
    ("America/New_York", "Eastern Standard Time", -5),
    ("Australia/Sydney", "AUS Eastern Standard Time", 10),
    ("Asia/Kolkata", "India Standard Time", 5),
    ("UTC", "UTC", 0),
];

/// The guest whom nobody's mailbox belongs to.
pub const OUTSIDER: &str = "carla@elsewhere.example";
const BEN: &str = "ben@acme.example";

const WEEK: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The first day of every history: [`tandem_tests::START`].
fn first_day() -> NaiveDate {
    tandem_tests::START[..10].parse().unwrap()
}

impl When {
    fn day(&self) -> NaiveDate {
        first_day() + TimeDelta::days(self.day)
    }

    /// Start and end as the zone's clocks show them.
    fn clock(&self) -> (NaiveDateTime, NaiveDateTime) {
        let midnight = self.day().and_hms_opt(0, 0, 0).unwrap();
        if let Some(days) = self.all_day {
            return (midnight, midnight + TimeDelta::days(i64::from(days)));
        }
        let start = midnight + TimeDelta::minutes(i64::from(self.minute));
        (start, start + TimeDelta::minutes(i64::from(self.minutes)))
    }

    /// The members of an event of the CRM.
    pub fn in_crm(&self) -> Value {
        let (start, end) = self.clock();
        let (zone, _, offset) = ZONES[self.zone];
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
        let moment = |clock: NaiveDateTime| json!({"dateTime": clock.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": ZONES[self.zone].1});
        json!({"start": moment(start), "end": moment(end), "isAllDay": self.all_day.is_some()})
    }
}

fn utc(clock: NaiveDateTime) -> String {
    clock.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
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
            "startTime": start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        });
        match self.kind {
            RuleKind::Daily => {}
            RuleKind::Weekly => rule["dayOfWeek"] = json!(self.days(named)),
            RuleKind::Monthly => rule["dayOfMonth"] = json!(named.day()),
            RuleKind::MonthNth => {
                (rule["dayOfWeek"], rule["instance"]) = (json!([weekday(named)]), json!(nth(named)));
            }
            RuleKind::Yearly => {
                (rule["dayOfMonth"], rule["monthOfYear"]) = (json!(named.day()), json!(named.month()));
            }
            RuleKind::YearNth => {
                (rule["dayOfWeek"], rule["instance"]) = (json!([weekday(named)]), json!(nth(named)));
                rule["monthOfYear"] = json!(named.month());
            }
        }
        match self.end {
            End::Never => {}
            End::After(count) => rule["occurrences"] = json!(count),
            End::On(days) => rule["endTime"] = json!((start + TimeDelta::days(days)).to_rfc3339()),
        }
        rule
    }

    /// The recurrence of a series of Graph that begins on this day.
    pub fn in_graph(&self, day: NaiveDate) -> Value {
        let named = self.named_day(day);
        let mut pattern = json!({"interval": self.interval});
        let index = ["first", "second", "third", "fourth", "last"][nth(named) as usize - 1];
        pattern["type"] = json!(match self.kind {
            RuleKind::Daily => "daily",
            RuleKind::Weekly => "weekly",
            RuleKind::Monthly => "absoluteMonthly",
            RuleKind::MonthNth => "relativeMonthly",
            RuleKind::Yearly => "absoluteYearly",
            RuleKind::YearNth => "relativeYearly",
        });
        match self.kind {
            RuleKind::Daily => {}
            RuleKind::Weekly => pattern["daysOfWeek"] = json!(self.days(named)),
            RuleKind::Monthly => pattern["dayOfMonth"] = json!(named.day()),
            RuleKind::MonthNth => (pattern["daysOfWeek"], pattern["index"]) = (json!([weekday(named)]), json!(index)),
            RuleKind::Yearly => {
                (pattern["dayOfMonth"], pattern["month"]) = (json!(named.day()), json!(named.month()));
            }
            RuleKind::YearNth => {
                (pattern["daysOfWeek"], pattern["index"]) = (json!([weekday(named)]), json!(index));
                pattern["month"] = json!(named.month());
            }
        }
        json!({"pattern": pattern, "range": range_in_graph(self.end, day)})
    }

    /// The day by which the rule is told.
    fn named_day(&self, day: NaiveDate) -> NaiveDate {
        day + TimeDelta::days(self.off_by)
    }

    fn days(&self, named: NaiveDate) -> Vec<&'static str> {
        let own = named.weekday().num_days_from_sunday();
        let chosen = |number: &usize| self.more_days & (1 << number) != 0 || *number == own as usize;
        (0..WEEK.len()).filter(chosen).map(|number| WEEK[number]).collect()
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
            let last = day + Days::new(u64::try_from(days).unwrap());
            json!({"type": "endDate", "startDate": day.to_string(), "endDate": last.to_string()})
        }
    }
}

fn weekday(day: NaiveDate) -> &'static str {
    WEEK[day.weekday().num_days_from_sunday() as usize]
}

/// Which of its kind in the month; the fifth is the last one.
fn nth(day: NaiveDate) -> u32 {
    day.day0() / 7 + 1
}

impl Guests {
    /// Their addresses.
    pub fn addresses(self) -> Vec<&'static str> {
        [(self.ben, BEN), (self.outsider, OUTSIDER)].iter().filter(|(there, _)| *there).map(|(_, who)| *who).collect()
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

/// The number of the item that a title belongs to.
pub fn item_of(title: &str) -> Option<u32> {
    title.split_whitespace().find_map(|word| word.strip_prefix('E')?.parse().ok())
}

/// A title of an item.
pub fn title(item: u32, version: u32) -> String {
    format!("E{item} v{version}")
}
