//! What a calendar shows, instance by instance, and how two of them differ.
//!
//! Made for imports: one list comes from the file ([`crate::oracle`]), the other
//! from a side after an import or a sync, and the import's report has to
//! explain every difference. Titles identify what belongs together, because no
//! side keeps the UID of a file as it was; the files of `tests/corpus` give
//! every event and series a title of its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

/// Something in a calendar at one time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    /// The start: an instant of UTC such as `2026-03-01T09:00:00Z`, or the
    /// first day.
    pub start: String,
    /// The title in one line.
    pub summary: String,
    /// The end, excluded; of whole days the day after the last one.
    pub end: String,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// The UID in the file; empty where it comes from a side.
    pub uid: String,
    /// The start that the series gives it; empty where that is not known.
    pub original: String,
}

impl Instance {
    /// What has to be equal in two calendars.
    fn shown(&self) -> (&str, &str, &str, bool) {
        (&self.start, &self.summary, &self.end, self.all_day)
    }
}

/// The instances of Graph's `calendarView`, asked for in UTC.
pub fn of_graph(events: &[Value]) -> Vec<Instance> {
    let read = |event: &Value| {
        let all_day = event["isAllDay"].as_bool().unwrap();
        let moment = |name: &str| {
            assert_eq!(event[name]["timeZone"], "UTC", "{event}");
            let text = event[name]["dateTime"].as_str().unwrap();
            if all_day { text[..10].to_owned() } else { format!("{}Z", &text[..19]) }
        };
        Instance {
            start: moment("start"),
            summary: event["subject"].as_str().unwrap().to_owned(),
            end: moment("end"),
            all_day,
            uid: String::new(),
            original: String::new(),
        }
    };
    events.iter().map(read).collect()
}

/// The instances of the CRM's calendar, as its JSON interface lists them.
pub fn of_crm(instances: &[Value]) -> Vec<Instance> {
    let text = |instance: &Value, name: &str| {
        instance[name].as_str().unwrap_or_else(|| panic!("expected `{name}` in {instance}")).to_owned()
    };
    let moment = |text: &str| {
        let at: DateTime<Utc> = text.parse().unwrap_or_else(|_| panic!("expected an instant, but found {text}"));
        at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let read = |instance: &Value| {
        let all_day = instance["allDay"].as_bool().unwrap();
        let (start, end) = if all_day {
            let last: NaiveDate = text(instance, "endDate").parse().unwrap();
            (text(instance, "startDate"), last.succ_opt().unwrap().to_string())
        } else {
            (moment(&text(instance, "start")), moment(&text(instance, "end")))
        };
        let (summary, uid, original) = (text(instance, "title"), String::new(), String::new());
        Instance { start, summary, end, all_day, uid, original }
    };
    instances.iter().map(read).collect()
}

/// An instance that only one of two calendars shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Expected, but not found.
    Missing(Instance),
    /// Found, but not expected.
    Unexpected(Instance),
}

/// How two calendars differ. Equal instances are told apart by their number.
pub fn compare(expected: &[Instance], found: &[Instance]) -> Vec<Difference> {
    let mut open: BTreeMap<_, Vec<&Instance>> = BTreeMap::new();
    for instance in found {
        open.entry(instance.shown()).or_default().push(instance);
    }
    let mut differences = Vec::new();
    for instance in expected {
        if open.get_mut(&instance.shown()).and_then(Vec::pop).is_none() {
            differences.push(Difference::Missing(instance.clone()));
        }
    }
    let rest = open.into_values().flatten();
    differences.extend(rest.map(|instance| Difference::Unexpected(instance.clone())));
    differences
}

/// What a report says about one UID: an entry of `left` or of `remarks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The UID.
    pub uid: String,
    /// The reason of something left out, or the kind of a remark.
    pub reason: String,
    /// The original start, where one occurrence is concerned.
    pub at: Option<String>,
}

/// Everything that the JSON report of an import explains.
pub fn reported(report: &Value) -> Vec<Reported> {
    let read = |list: &str, word: &str| -> Vec<Reported> {
        let text = |entry: &Value, name: &str| entry[name].as_str().map(str::to_owned);
        let entries = report[list].as_array().unwrap_or_else(|| panic!("expected `{list}` in {report}"));
        let entry = |entry: &Value| Reported {
            uid: text(entry, "uid").unwrap_or_default(),
            reason: text(entry, word).unwrap(),
            at: text(entry, "at"),
        };
        entries.iter().map(entry).collect()
    };
    let mut all = read("left", "reason");
    all.extend(read("remarks", "kind"));
    all
}

/// The differences that nothing of a report explains. `expected` is what the
/// file shows, for the titles that belong to a UID.
pub fn unexplained(differences: &[Difference], expected: &[Instance], reported: &[Reported]) -> Vec<Difference> {
    let mut titles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for instance in expected {
        titles.entry(&instance.uid).or_default().insert(&instance.summary);
    }
    let belongs = |entry: &Reported, instance: &Instance| {
        titles.get(entry.uid.as_str()).is_some_and(|titles| titles.contains(instance.summary.as_str()))
    };
    // Read in UTC, an occurrence is on its day, but at another hour.
    let is_of_utc_series =
        |instance: &Instance| reported.iter().any(|entry| entry.reason == "utc-series" && belongs(entry, instance));
    let is_on_its_day =
        |one: &Instance, other: &Instance| one.summary == other.summary && one.start[..10] == other.start[..10];
    let lost = losses(differences, expected);
    let is_explained = |difference: &&Difference| match difference {
        Difference::Missing(instance) => {
            let shifted =
                |other: &Difference| matches!(other, Difference::Unexpected(other) if is_on_its_day(instance, other));
            reported.iter().any(|entry| explains_missing(entry, instance, &lost))
                || (is_of_utc_series(instance) && differences.iter().any(shifted))
        }
        Difference::Unexpected(instance) => {
            let shifted =
                |other: &Difference| matches!(other, Difference::Missing(other) if is_on_its_day(instance, other));
            reported.iter().any(|entry| belongs(entry, instance) && explains_unexpected(entry, instance))
                || (is_of_utc_series(instance) && differences.iter().any(shifted))
        }
    };
    differences.iter().filter(|difference| !is_explained(difference)).cloned().collect()
}

/// The UIDs of which nothing is there.
fn losses<'expected>(differences: &[Difference], expected: &'expected [Instance]) -> BTreeSet<&'expected str> {
    let missing_of = |uid: &str| {
        let is_missing = |difference: &&Difference| matches!(difference, Difference::Missing(one) if one.uid == uid);
        differences.iter().filter(is_missing).count()
    };
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in expected {
        *numbers.entry(&instance.uid).or_default() += 1;
    }
    numbers.into_iter().filter(|(uid, number)| missing_of(uid) == *number).map(|(uid, _)| uid).collect()
}

/// Left out as a whole, or this occurrence of it. What was left out as a whole
/// may not be there in part: then something else was lost.
fn explains_missing(entry: &Reported, instance: &Instance, lost: &BTreeSet<&str>) -> bool {
    if entry.uid != instance.uid {
        return false;
    }
    match (entry.reason.as_str(), &entry.at) {
        // Of two versions of one thing the other one is there, and a remark
        // says how something was imported, not that it was left out.
        (
            "duplicate" | "utc-series" | "until-is-a-date" | "floating-series" | "start-off-rule" | "extra-date"
            | "orphan",
            _,
        )
        | ("unreadable-date", None) => false,
        ("this-and-future", Some(at)) => *at <= instance.original || *at <= instance.start,
        (_, Some(at)) => *at == instance.original,
        // One value of a list of dates is no reason to leave out the rest.
        (_, None) => lost.contains(instance.uid.as_str()),
    }
}

/// The occurrence stands where the rule puts it, because its change was left
/// out; or the last day of a series, which the entry names, was counted in.
fn explains_unexpected(entry: &Reported, instance: &Instance) -> bool {
    match (entry.reason.as_str(), &entry.at) {
        ("this-and-future", Some(at)) => *at <= instance.start,
        (_, Some(at)) => *at == instance.start,
        (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: &str) -> Instance {
        Instance {
            start: start.to_owned(),
            summary: "Meeting".to_owned(),
            end: "2026-03-09T10:00:00Z".to_owned(),
            all_day: false,
            uid: "m".to_owned(),
            original: start.to_owned(),
        }
    }

    fn report(reason: &str, at: Option<&str>) -> Vec<Reported> {
        vec![Reported { uid: "m".to_owned(), reason: reason.to_owned(), at: at.map(str::to_owned) }]
    }

    #[test]
    fn differences_are_found_both_ways_and_equal_instances_counted() {
        let (first, second) = (at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z"));
        assert_eq!(compare(&[first.clone(), second.clone()], &[second.clone(), first.clone()]), []);
        let differences = compare(&[first.clone(), first.clone()], &[first.clone(), second.clone()]);
        assert_eq!(differences, [Difference::Missing(first), Difference::Unexpected(second)]);
    }

    #[test]
    fn only_a_report_about_the_same_thing_explains_a_difference() {
        let expected = [at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z")];
        let missing = compare(&expected, &expected[..1]);
        let open = |reported: &[Reported]| unexplained(&missing, &expected, reported).len();
        assert_eq!(open(&[]), 1);
        // The first one is there, so that the whole cannot have been left out.
        assert_eq!(open(&report("rule-by-day", None)), 1);
        let all = compare(&expected, &[]);
        assert_eq!(unexplained(&all, &expected, &report("rule-by-day", None)), []);
        assert_eq!(unexplained(&all, &expected, &report("unreadable-date", None)).len(), 2);
        assert_eq!(unexplained(&all, &expected, &report("unreadable-date", Some("soon"))).len(), 2);
        assert_eq!(open(&report("crossing-boundary", Some("2026-03-09T09:00:00Z"))), 0);
        assert_eq!(open(&report("crossing-boundary", Some("2026-03-02T09:00:00Z"))), 1);
        assert_eq!(open(&report("duplicate", None)), 1);
        assert_eq!(open(&report("utc-series", None)), 1);
    }

    #[test]
    fn an_unexpected_instance_is_explained_by_the_change_that_was_left_out() {
        let expected = [at("2026-03-02T09:00:00Z")];
        let found = [at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z")];
        let unexpected = compare(&expected, &found);
        let open = |reported: &[Reported]| unexplained(&unexpected, &expected, reported).len();
        assert_eq!(open(&report("crossing-boundary", Some("2026-03-09T09:00:00Z"))), 0);
        assert_eq!(open(&report("crossing-boundary", Some("2026-03-16T09:00:00Z"))), 1);
        assert_eq!(open(&report("rule-by-day", None)), 1);
        assert_eq!(open(&report("until-is-a-date", Some("2026-03-09T09:00:00Z"))), 0);
        assert_eq!(open(&report("until-is-a-date", Some("2026-03-16T09:00:00Z"))), 1);
        assert_eq!(open(&report("until-is-a-date", None)), 1);
    }
}
