//! Whether both calendars show the same, entry by entry and field by field:
//! title, time, and the text of the body. Every day of a series is an entry.
//!
//! Reads both sides without the component and shares no code with it, so that
//! it can contradict it. Next: [`super::report`].

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::error::DemoError;
use crate::crm::Crm;
use crate::crm::event::{EventInstance, EventTime};
use crate::crm::users::User;
use crate::graph::Microsoft;

/// What the comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// Entries that both sides show, equal in every compared field.
    pub equal: usize,
    /// Entries of the CRM without an equal one in Microsoft 365.
    pub only_crm: usize,
    /// Entries of Microsoft 365 without an equal one in the CRM.
    pub only_microsoft: usize,
}

impl Agreement {
    /// Whether nothing differs.
    pub const fn is_complete(&self) -> bool {
        self.only_crm == 0 && self.only_microsoft == 0
    }
}

/// What is compared of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Facts {
    title: String,
    time: Time,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Time {
    Between(DateTime<Utc>, DateTime<Utc>),
    /// The first day, and the day after the last one.
    Days(String, String),
    /// Nothing that can be read, which equals no time of the other side.
    Unreadable,
}

/// Compares the calendar of `user` with the mailbox of the same address.
pub(super) fn compare(
    crm: &Crm,
    user: &User,
    microsoft: &Microsoft,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Agreement, DemoError> {
    let in_crm = crm.event_instances(user.id, from, until)?;
    let in_microsoft = microsoft.calendar_view(&user.email, from, until)?;
    Ok(count(in_crm.iter().map(of_crm), in_microsoft.iter().map(of_microsoft)))
}

/// How many facts of each side have an equal partner on the other one.
pub(super) fn count<F: Ord>(crm: impl Iterator<Item = F>, microsoft: impl Iterator<Item = F>) -> Agreement {
    let mut unmatched: BTreeMap<F, usize> = BTreeMap::new();
    for facts in crm {
        *unmatched.entry(facts).or_default() += 1;
    }
    let mut agreement = Agreement::default();
    for facts in microsoft {
        match unmatched.get_mut(&facts).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                agreement.equal += 1;
            }
            None => agreement.only_microsoft += 1,
        }
    }
    agreement.only_crm = unmatched.values().sum();
    agreement
}

fn of_crm(entry: &EventInstance) -> Facts {
    let time = match entry.time() {
        EventTime::Timed(timed) => Time::Between(timed.start, timed.end),
        EventTime::AllDay(days) => Time::Days(days.start_on.to_string(), days.end_before.to_string()),
    };
    Facts { title: entry.title.clone(), time, text: text_of(entry.description.as_deref().unwrap_or_default()) }
}

fn of_microsoft(event: &Value) -> Facts {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let wall = |path: &str| NaiveDateTime::parse_from_str(text(path), "%Y-%m-%dT%H:%M:%S%.f").ok();
    let is_all_day = event.get("isAllDay").and_then(Value::as_bool).unwrap_or_default();
    let time = match (wall("/start/dateTime"), wall("/end/dateTime")) {
        (Some(start), Some(end)) if is_all_day => Time::Days(start.date().to_string(), end.date().to_string()),
        (Some(start), Some(end)) => Time::Between(start.and_utc(), end.and_utc()),
        (Some(_) | None, _) => Time::Unreadable,
    };
    Facts { title: text("/subject").to_owned(), time, text: text_of(text("/body/content")) }
}

/// The words of an HTML text, with one space between two.
pub(super) fn text_of(html: &str) -> String {
    // Tags separate words: "one<br>two" are two of them.
    let spaced = html.replace('<', " <");
    let plain = ammonia::Builder::new().tags(HashSet::new()).clean(&spaced).to_string();
    plain.replace("&nbsp;", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    fn facts(title: &str, text: &str) -> Facts {
        Facts { title: title.to_owned(), time: Time::Days("a".to_owned(), "b".to_owned()), text: text.to_owned() }
    }

    #[test]
    fn each_event_needs_one_equal_event_on_the_other_side() {
        let crm = [facts("same", ""), facts("same", ""), facts("text", "one")];
        let microsoft = [facts("same", ""), facts("text", "two"), facts("more", "")];
        let agreement = count(crm.into_iter(), microsoft.into_iter());
        assert_eq!(agreement, Agreement { equal: 1, only_crm: 2, only_microsoft: 2 });
        assert!(!agreement.is_complete());
        assert!(count([facts("a", "")].into_iter(), [facts("a", "")].into_iter()).is_complete());
    }

    #[test]
    fn what_exchange_puts_around_a_text_is_no_difference() {
        let exchange = "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\
                        </head><body><p>One &amp;\r\n two</p><p>three</p></body></html>\r\n";
        assert_eq!(text_of(exchange), text_of("<div>One &amp; two<br>three</div>"));
        assert_ne!(text_of("<p>one two</p>"), text_of("<p>onetwo</p>"));
    }

    #[test]
    fn an_event_of_graph_is_read_in_utc() {
        let event = json!({
            "subject": "Talk", "isAllDay": false,
            "start": { "dateTime": "2026-03-10T08:00:00.0000000", "timeZone": "UTC" },
            "end": { "dateTime": "2026-03-10T09:00:00.0000000", "timeZone": "UTC" },
            "body": { "contentType": "html", "content": "" },
        });
        let read = of_microsoft(&event);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(read.time, Time::Between(at("2026-03-10T08:00:00Z"), at("2026-03-10T09:00:00Z")));
        assert_eq!(of_microsoft(&json!({ "subject": "Talk" })).time, Time::Unreadable);
    }
}
