//! Which entries of both calendars are one: those of linked items, and of linked
//! series those of the same day.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use crate::crm::event::EventInstance;

/// What an entry is: an item of Microsoft's, and of a series one of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The item, by the id that the component knows it by.
    pub external_id: String,
    /// The day that it has by the rule.
    pub day: Option<NaiveDate>,
}

impl Identity {
    /// Of an entry of Microsoft's calendar.
    pub fn of_graph(event: &Value) -> Option<Self> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        match text("seriesMasterId") {
            None => Some(Self { external_id: text("id")?.to_owned(), day: None }),
            Some(master) => {
                // All-day occurrences have the midnight of UTC, which is asked for.
                let original: DateTime<Utc> = text("originalStart")?.parse().ok()?;
                Some(Self { external_id: master.to_owned(), day: Some(original.date_naive()) })
            }
        }
    }

    /// Of an entry of the CRM's calendar whose item is linked with this one.
    pub fn of_instance(instance: &EventInstance, external_id: &str) -> Self {
        let day = |original| day_of(original, instance.all_day, instance.time_zone.0);
        Self { external_id: external_id.to_owned(), day: instance.original_start.map(day) }
    }
}

/// The day of an occurrence that begins by the rule at `original`, as Graph has it in
/// UTC: of whole days the date in the zone that the CRM keeps them in.
pub fn day_of(original: DateTime<Utc>, is_all_day: bool, zone: Tz) -> NaiveDate {
    if is_all_day { original.with_timezone(&zone).date_naive() } else { original.date_naive() }
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
        let expected = Identity { external_id: "series".to_owned(), day: "2026-03-16".parse().ok() };
        assert_eq!(Identity::of_graph(&moved), Some(expected));
        let single = Identity { external_id: "x".to_owned(), day: None };
        assert_eq!(Identity::of_graph(&json!({ "id": "x", "seriesMasterId": null })), Some(single));
        assert_eq!(Identity::of_graph(&json!({ "id": "x", "seriesMasterId": "series" })), None, "whatever its day is");
    }

    #[test]
    fn whole_days_are_those_of_their_zone() {
        let midnight_in_berlin = "2026-03-15T23:00:00Z".parse().unwrap();
        let berlin = crate::web::dates::zone("Europe/Berlin");
        assert_eq!(day_of(midnight_in_berlin, true, berlin), "2026-03-16".parse().unwrap());
        assert_eq!(day_of(midnight_in_berlin, false, berlin), "2026-03-15".parse().unwrap(), "as Graph has it");
    }
}
