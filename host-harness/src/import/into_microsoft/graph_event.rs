//! An event, a series and a changed occurrence as Graph takes them
//! (api/user-post-events, api/event-update).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use crate::crm::event::EventTime;
use crate::crm::random::uuid_of_text;
use crate::graph::calendar::recurrence_json;
use crate::import::batch::{ImportedEvent, ImportedSeries};
use crate::import::details::Details;

/// A new event. The UID becomes the key of the request, so that a second import
/// creates nothing twice: Graph does not take a UID.
pub(super) fn event(event: &ImportedEvent) -> Value {
    let mut fields = time(&event.time);
    fields.insert("subject".to_owned(), json!(event.title));
    if let Some(text) = &event.description {
        fields.insert("body".to_owned(), body(text));
    }
    if let Some(place) = &event.location {
        fields.insert("location".to_owned(), json!({ "displayName": place }));
    }
    fields.extend(details(&event.details, &Details::default()));
    // Always said: Graph reminds of an event a quarter of an hour before its
    // start unless it is told otherwise.
    fields.insert("isReminderOn".to_owned(), json!(event.reminder_minutes.is_some()));
    if let Some(minutes) = event.reminder_minutes {
        fields.insert("reminderMinutesBeforeStart".to_owned(), json!(minutes));
    }
    if let Some(uid) = &event.uid {
        fields.insert("transactionId".to_owned(), json!(uuid_of_text(uid)));
    }
    Value::Object(fields)
}

/// A new series, in its own zone.
pub(super) fn series_event(series: &ImportedSeries) -> Value {
    let mut fields = event(&series.master);
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("recurrence".to_owned(), recurrence_json::write(&series.rule));
    }
    fields
}

/// What a changed occurrence says other than the series; guests are left out.
pub(super) fn difference(changed: &ImportedEvent, series: &ImportedSeries, date: NaiveDate) -> Value {
    let master = &series.master;
    let mut fields = if changed.time == series.time_on(date) { Map::new() } else { time(&changed.time) };
    if changed.title != master.title {
        fields.insert("subject".to_owned(), json!(changed.title));
    }
    if changed.description != master.description {
        fields.insert("body".to_owned(), body(changed.description.as_deref().unwrap_or_default()));
    }
    if changed.location != master.location {
        let place = changed.location.as_deref().unwrap_or_default();
        fields.insert("location".to_owned(), json!({ "displayName": place }));
    }
    if changed.reminder_minutes != master.reminder_minutes {
        fields.insert("isReminderOn".to_owned(), json!(changed.reminder_minutes.is_some()));
        if let Some(minutes) = changed.reminder_minutes {
            fields.insert("reminderMinutesBeforeStart".to_owned(), json!(minutes));
        }
    }
    fields.extend(details(&changed.details, &master.details));
    Value::Object(fields)
}

/// What differs from `known`: a new event is the defaults of Graph, which are
/// those of the standard.
fn details(said: &Details, known: &Details) -> Map<String, Value> {
    let fields = [
        ("categories", said.categories != known.categories, json!(said.categories)),
        ("sensitivity", said.sensitivity != known.sensitivity, json!(said.sensitivity.graph())),
        ("showAs", said.shown != known.shown, json!(said.shown.graph())),
        ("importance", said.importance != known.importance, json!(said.importance.graph())),
    ];
    let differing = fields.into_iter().filter(|(_, differs, _)| *differs);
    differing.map(|(name, _, value)| (name.to_owned(), value)).collect()
}

fn body(text: &str) -> Value {
    json!({ "contentType": "text", "content": text })
}

/// Start, end and whether whole days are taken. Whole days are midnights, in
/// UTC for they have no zone.
fn time(time: &EventTime) -> Map<String, Value> {
    let moment = |wall: NaiveDateTime, zone: &str| {
        let wall = wall.format("%Y-%m-%dT%H:%M:%S").to_string();
        json!({ "dateTime": wall, "timeZone": zone })
    };
    let (start, end, all_day) = match time {
        EventTime::Timed(timed) => {
            let local = |at: DateTime<Utc>| moment(at.with_timezone(&timed.zone.0).naive_local(), timed.zone.name());
            (local(timed.start), local(timed.end), false)
        }
        EventTime::AllDay(days) => {
            let midnight = |day: NaiveDate| moment(day.and_time(NaiveTime::MIN), "UTC");
            (midnight(days.start_on), midnight(days.end_before), true)
        }
    };
    let fields = [("start", start), ("end", end), ("isAllDay", json!(all_day))];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
