//! Which entries of both calendars are one: those of linked items, and of linked
//! series those of the same day. What one side has moved is told of in
//! [`super::elsewhere`].

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::Value;

use crate::crm::event::EventInstance;

/// What an entry is: an item of Microsoft's, and of a series one of its days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The item, by the id that the component knows it by.
    pub external_id: String,
    /// When its day begins by the rule, see [`named`].
    pub day: Option<DateTime<Utc>>,
}

impl Identity {
    /// Of an entry of Microsoft's calendar.
    pub fn of_graph(event: &Value) -> Option<Self> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        match text("seriesMasterId") {
            None => Some(Self { external_id: text("id")?.to_owned(), day: None }),
            Some(master) => {
                let original = text("originalStart")?.parse().ok()?;
                Some(Self { external_id: master.to_owned(), day: Some(named(original)) })
            }
        }
    }

    /// Of an entry of the CRM's calendar whose item is linked with this one.
    pub fn of_instance(instance: &EventInstance, external_id: &str) -> Self {
        Self { external_id: external_id.to_owned(), day: instance.starts_by_rule.map(named) }
    }
}

/// What names a day of a series on both sides: when it begins by the rule, to the
/// minute, as neither keeps more. A series of whole days has the midnight of UTC on
/// both, whatever its zone.
pub fn named(start_by_rule: DateTime<Utc>) -> DateTime<Utc> {
    start_by_rule.duration_trunc(TimeDelta::minutes(1)).unwrap_or(start_by_rule)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_day_of_a_series_is_one_by_its_day_by_the_rule() {
        let moved = json!({
            "id": "x", "seriesMasterId": "series", "type": "exception", "originalStart": "2026-03-16T09:00:00Z",
            "start": { "dateTime": "2026-03-18T10:00:00.0000000", "timeZone": "UTC" },
        });
        let expected = Identity { external_id: "series".to_owned(), day: "2026-03-16T09:00:00Z".parse().ok() };
        assert_eq!(Identity::of_graph(&moved), Some(expected));
        let single = Identity { external_id: "x".to_owned(), day: None };
        assert_eq!(Identity::of_graph(&json!({ "id": "x", "seriesMasterId": null })), Some(single));
        assert_eq!(Identity::of_graph(&json!({ "id": "x", "seriesMasterId": "series" })), None, "whatever its day is");
    }

    #[test]
    fn two_days_that_share_a_date_in_utc_are_two() {
        let of = |original: &str| {
            Identity::of_graph(&json!({ "id": "x", "seriesMasterId": "series", "originalStart": original })).unwrap()
        };
        // 01:30 in Berlin on the day before and on that of the change to summer time.
        assert_ne!(of("2026-03-29T00:30:00Z"), of("2026-03-29T23:30:00Z"));
        assert_eq!(of("2026-03-29T00:30:00Z"), of("2026-03-29T00:30:00.0000000Z"));
    }
}
