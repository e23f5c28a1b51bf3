//! Days, instants and names as people read them.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;

use crate::graph::model::{Address, Mailbox};
use crate::graph::zones;

/// The zone of a mailbox.
pub(crate) fn zone_of(mailbox: &Mailbox) -> Tz {
    zones::resolve(&mailbox.time_zone).unwrap_or(Tz::UTC)
}

/// Day and time in a zone, such as `Mon 2 Mar 2026, 13:05`.
pub(crate) fn at(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%a %-d %b %Y, %H:%M").to_string()
}

/// Day and time of the emulator, to the second, such as `2026-03-02 12:00:00`.
pub(crate) fn precisely(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A day, such as `Mon 2 Mar 2026`.
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// Both ends of a period of days, such as `2 – 8 Mar 2026`.
pub(crate) fn range(first: NaiveDate, last: NaiveDate) -> String {
    let end = last.format("%-d %b %Y");
    if (first.year(), first.month()) == (last.year(), last.month()) {
        format!("{} – {end}", first.format("%-d"))
    } else if first.year() == last.year() {
        format!("{} – {end}", first.format("%-d %b"))
    } else {
        format!("{} – {end}", first.format("%-d %b %Y"))
    }
}

/// A day so many days later; the same where the calendar ends.
pub(crate) fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

/// A day so many days earlier; the same where the calendar begins.
pub(crate) fn earlier(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

/// The Monday of a date's week.
pub(crate) fn monday(date: NaiveDate) -> NaiveDate {
    earlier(date, u64::from(date.weekday().num_days_from_monday()))
}

/// A name in camel case as words, such as `Page size max` for `pageSizeMax`.
pub(crate) fn spelled(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.chars().enumerate() {
        if place == 0 {
            text.extend(letter.to_uppercase());
        } else if letter.is_uppercase() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

/// One of a type's names as words.
pub(crate) fn named(value: impl Serialize) -> String {
    spelled(&plain(&serde_json::to_value(value).unwrap_or_default()))
}

/// Somebody, by name and address.
pub(crate) fn person(address: &Address) -> String {
    if address.name.is_empty() || address.name == address.address {
        address.address.clone()
    } else {
        format!("{} <{}>", address.name, address.address)
    }
}

/// An id as it stands in a path or in a query: forms alone write a space as `+`.
pub(crate) fn in_path(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A value of Graph in one line: texts without quotation marks.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A title, or a word for one that is empty.
pub(crate) fn titled(title: &str) -> &str {
    if title.trim().is_empty() { "(no subject)" } else { title }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::*;

    #[test]
    fn names_in_camel_case_are_spelled_as_words() {
        assert_eq!(spelled("pageSizeMax"), "Page size max");
        assert_eq!(spelled("replay"), "Replay");
        assert_eq!(spelled(""), "");
    }

    #[test]
    fn an_id_in_a_path_is_read_as_it_was() {
        use crate::graph::call::Call;
        for id in ["AAMk-_=", "a b+c/d", "ü%20&?#"] {
            let call = Call::new("GET", &format!("/_emulator/{}", in_path(id)), BTreeMap::new(), Bytes::new());
            assert_eq!(call.raw(1), id);
        }
    }

    #[test]
    fn a_range_says_what_differs_once() {
        let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        assert_eq!(range(date(2026, 3, 2), date(2026, 3, 8)), "2 – 8 Mar 2026");
        assert_eq!(range(date(2026, 3, 30), date(2026, 4, 5)), "30 Mar – 5 Apr 2026");
        assert_eq!(range(date(2026, 12, 28), date(2027, 1, 3)), "28 Dec 2026 – 3 Jan 2027");
    }
}
