//! The way of a page of changes: answer, entries, records, and back into what is
//! written to Graph and kept in storage.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tandem_core::graph::response::{read_delta_page, read_todo_delta_page};
use tandem_core::graph::wire::{Continuation, DeltaItem, Event, TodoDeltaItem, TodoTask};
use tandem_core::mapping::{
    create_body, create_task_body, fit_for_crm, keep_meeting, patch_body, patch_task_body, read_event, read_task,
    series_of, zone_from_graph,
};
use tandem_core::model::{EventTime, FieldGroup, FieldSet, FieldValue, LinkId, Record, Weekdays, Zone};
use tandem_core::ports::{CrmCapabilities, HttpResponse, RecurrenceLimits};

use crate::draw::Draw;
use crate::graph_items;

/// What comes back of a write as it was written: everything but what is the
/// guests' own, or written by requests of its own.
const WRITTEN: [FieldGroup; 10] = [
    FieldGroup::Title,
    FieldGroup::Body,
    FieldGroup::Time,
    FieldGroup::Recurrence,
    FieldGroup::Reminder,
    FieldGroup::Location,
    FieldGroup::Categories,
    FieldGroup::ShowAs,
    FieldGroup::Sensitivity,
    FieldGroup::Importance,
];

/// Occurrences looked at of a series.
const DAYS_LOOKED_AT: usize = 50;

/// Checks a page: JSON as it is where the input is some, drawn otherwise.
pub fn check(data: &[u8]) {
    if data.first() == Some(&b'{') {
        check_events(data.to_vec());
        check_tasks(data.to_vec());
        return;
    }
    let mut draw = Draw::new(data);
    let of_tasks = draw.chance(5);
    let count = draw.below(3) + 1;
    let items = (0..count)
        .map(|_| if of_tasks { graph_items::task(&mut draw) } else { graph_items::event(&mut draw, 1) })
        .collect();
    let page = graph_items::page(&mut draw, items).to_string().into_bytes();
    if of_tasks { check_tasks(page) } else { check_events(page) }
}

fn answer(body: Vec<u8>) -> HttpResponse {
    HttpResponse { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body }
}

/// How many entries the page has, so that none is lost on the way.
fn entries(body: &[u8]) -> Option<usize> {
    serde_json::from_slice::<Value>(body).ok()?.get("value")?.as_array().map(Vec::len)
}

fn check_events(body: Vec<u8>) {
    let response = answer(body);
    let Ok(page) = read_delta_page(&response) else { return };
    assert_eq!(Some(page.items.len()), entries(&response.body), "an entry was lost");
    let (Continuation::Next(link) | Continuation::Delta(link)) = &page.continuation;
    let is_link = link.as_str().starts_with("https://graph.example/");
    assert!(!(is_link && format!("{:?}", page.continuation).contains(link.as_str())), "a link is printed");
    for item in page.items {
        match item {
            DeltaItem::Changed(event) => check_event(&event),
            DeltaItem::Removed(id) => {
                assert!(is_removed(&response.body, id.as_str()), "a removal that nobody reported")
            }
            DeltaItem::Malformed(_) => {}
        }
    }
}

/// Whether the page says of this item that it was removed: nothing else may be
/// taken for evidence.
fn is_removed(body: &[u8], id: &str) -> bool {
    let page: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut entries = page["value"].as_array().into_iter().flatten();
    entries.any(|entry| entry["id"] == id && entry.get("@removed").is_some())
}

fn check_event(event: &Event) {
    let Ok(mapped) = read_event(event) else { return };
    let record = &mapped.record;
    assert_stored_as_it_is(record);
    assert!(mapped.writable.iter().all(|group| record.get(group).is_some()), "a group without a value is writable");
    check_series(record);
    check_crm(record);
    for group in record.groups().iter() {
        assert_stored_as_it_is(&record.only(FieldSet::EMPTY.with(group)));
    }
    assert_eq!(patch_body(record, FieldSet::EMPTY), json!({}), "nothing asked for, nothing written");
    if !mapped.is_complete {
        assert!(record.is_empty(), "a stub has no values");
        return;
    }
    let link = LinkId::new("fuzz");
    let written = keep_meeting(create_body(record, &link), mapped.meeting_blob.as_ref());
    let second = read_back(&written);
    for group in WRITTEN {
        let is_meeting = group == FieldGroup::Body && mapped.meeting_blob.is_some();
        match record.get(group).filter(|_| !is_meeting) {
            // Of its zone, Graph knows what it has a name for.
            Some(FieldValue::Time(time)) => {
                let back = second.time().map(EventTime::span);
                assert_eq!(back, Some(time.span()), "the time comes back as another one from {written}");
            }
            Some(value) => assert_eq!(second.get(group), Some(value), "{group:?} comes back changed from {written}"),
            None => {}
        }
    }
    let third = read_back(&keep_meeting(create_body(&second, &link), mapped.meeting_blob.as_ref()));
    assert_eq!(third, second, "a write of what was read changes something");
}

/// The event that a create makes, read.
fn read_back(written: &Value) -> Record {
    let mut event = written.clone();
    event["id"] = json!("AAMk1");
    event["@odata.etag"] = json!("W/\"1\"");
    event["iCalUId"] = json!("uid");
    event["originalStartTimeZone"] = event["start"]["timeZone"].clone();
    let event: Event = serde_json::from_value(event).unwrap_or_else(|error| panic!("{error}: {written}"));
    read_event(&event).unwrap_or_else(|error| panic!("{error}: {written}")).record
}

/// Days of a rule are in order, and their times are the rule's.
fn check_series(record: &Record) {
    let Some(series) = series_of(record) else { return };
    let days: Vec<_> = series.days().take(DAYS_LOOKED_AT).collect();
    assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "the days of a rule go backwards: {days:?}");
    for day in days {
        assert!(series.time_of(day).is_some(), "a day of the rule has no time: {day:?}");
    }
}

/// What fits into the CRM fits as it is.
fn check_crm(record: &Record) {
    let capabilities = CrmCapabilities {
        holds: FieldSet::all(),
        writes: FieldSet::all(),
        title_length_max: 20,
        body_size_max: 200,
        recurrence: RecurrenceLimits {
            interval_max_daily: 99,
            interval_max_weekly: 999,
            interval_max_monthly: 999,
            interval_max_yearly: 83,
            count_max: 999,
            week_starts: Weekdays::SUNDAY,
            any_days_of_nth: false,
        },
    };
    let Ok(fitted) = fit_for_crm(record, &capabilities) else { return };
    assert!(fitted.record.title().chars().count() <= 20);
    let again =
        fit_for_crm(&fitted.record, &capabilities).unwrap_or_else(|error| panic!("what fits is refused: {error}"));
    assert_eq!(again.record, fitted.record, "what fits is fitted once more");
    assert_eq!(again.issues, Vec::new(), "what fits loses something");
}

/// Storage is JSON: what is kept is what was seen.
fn assert_stored_as_it_is<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let stored = serde_json::to_vec(value).unwrap_or_else(|error| panic!("{error}: {value:?}"));
    let kept: T =
        serde_json::from_slice(&stored).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stored)));
    assert_eq!(&kept, value, "stored as {}", String::from_utf8_lossy(&stored));
}

fn check_tasks(body: Vec<u8>) {
    let response = answer(body);
    let Ok(page) = read_todo_delta_page(&response) else { return };
    assert_eq!(Some(page.items.len()), entries(&response.body), "an entry was lost");
    for item in page.items {
        match item {
            TodoDeltaItem::Changed(task) => check_task(&task),
            TodoDeltaItem::Removed(id) => assert!(is_removed(&response.body, id.as_str())),
            TodoDeltaItem::Malformed(_) => {}
        }
    }
}

fn check_task(task: &TodoTask) {
    for name in ["UTC", "Asia/Kathmandu", "Pacific/Apia", "America/Los_Angeles"] {
        let zone = zone_from_graph(name).unwrap_or(Zone::UTC);
        let Ok(mapped) = read_task(task, zone) else { return };
        assert_stored_as_it_is(&mapped.record);
        assert_eq!(patch_task_body(&Record::default(), zone), json!({}), "nothing asked for, nothing written");
        let written = create_task_body(&mapped.record, zone, None);
        let second = task_back(&written, zone);
        for value in mapped.record.values() {
            assert_eq!(second.get(value.group()), Some(value), "{:?} in {name}: {written}", value.group());
        }
        assert_eq!(task_back(&create_task_body(&second, zone, None), zone), second, "a write changes something");
    }
}

fn task_back(written: &Value, zone: Zone) -> Record {
    let mut task = written.clone();
    task["id"] = json!("AAMk1");
    let task: TodoTask = serde_json::from_value(task).unwrap_or_else(|error| panic!("{error}: {written}"));
    read_task(&task, zone).unwrap_or_else(|error| panic!("{error}: {written}")).record
}
