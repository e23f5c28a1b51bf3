//! What keeping a large calendar in step costs, in requests (Oro row E4).

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::calendar::wrote;
use crate::rounds::{id, item_reads};
use crate::runtime::until_idle;

/// Single events of the calendar.
const SINGLES: usize = 900;
/// Series of the calendar.
const SERIES: usize = 20;
/// Occurrences of each series.
const WEEKS: usize = 52;
/// Series that the CRM gets at once.
const NEW_SERIES: usize = 100;
/// Requests of one batch (Graph `concepts/json-batching`).
const BATCH: usize = 20;

fn day(number: usize) -> String {
    let first: NaiveDate = "2026-03-02".parse().unwrap();
    (first + TimeDelta::days(i64::try_from(number).unwrap())).to_string()
}

fn single(number: usize) -> Value {
    let day = day(number % 300);
    json!({
        "subject": format!("Single {number:03}"),
        "start": {"dateTime": format!("{day}T09:00:00"), "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": format!("{day}T09:30:00"), "timeZone": "W. Europe Standard Time"},
    })
}

fn series(number: usize) -> Value {
    json!({
        "subject": format!("Series {number:02}"),
        "start": {"dateTime": "2026-03-02T14:00:00", "timeZone": "W. Europe Standard Time"},
        "end": {"dateTime": "2026-03-02T15:00:00", "timeZone": "W. Europe Standard Time"},
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-03-02", "numberOfOccurrences": WEEKS},
        },
    })
}

/// Creates all of these, twenty to a batch; their ids.
async fn create(outlook: &Outlook, events: &[Value]) -> Vec<String> {
    let mut ids = Vec::new();
    for events in events.chunks(BATCH) {
        let part = |(number, event): (usize, &Value)| {
            json!({
                "id": format!("{number:02}"), "method": "POST", "url": "/me/events", "body": event,
                "headers": {"Content-Type": "application/json", "Prefer": "IdType=\"ImmutableId\""},
            })
        };
        let parts: Vec<Value> = events.iter().enumerate().map(part).collect();
        let answer = outlook.graph().post("/v1.0/$batch", &json!({ "requests": parts })).await.ok();
        let mut answers = answer["responses"].as_array().unwrap().clone();
        answers.sort_by_key(|answer| answer["id"].as_str().unwrap().to_owned());
        for answer in answers {
            assert_eq!(answer["status"], 201, "{answer}");
            ids.push(id(&answer["body"]).to_owned());
        }
    }
    ids
}

/// Synchronises in one go; the report, and how many requests Microsoft has seen.
async fn cost(world: &World) -> (Value, u64) {
    world.forget_requests().await;
    let report = world.sync("anna").await;
    let count = world.requests().await["count"].as_u64().unwrap();
    assert_eq!(report["requests"], json!(count), "the report counts what Microsoft has counted");
    (report, count)
}

#[tokio::test]
async fn a_large_calendar_costs_what_has_changed_in_it() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let singles = create(&outlook, &(0..SINGLES).map(single).collect::<Vec<_>>()).await;
    let masters = create(&outlook, &(0..SERIES).map(series).collect::<Vec<_>>()).await;
    let reports = until_idle(&world).await;
    let created: u64 = reports.iter().map(|report| report["crm"]["created"].as_u64().unwrap()).sum();
    assert_eq!(created, (SINGLES + SERIES) as u64);

    // Nothing has changed.
    let (report, count) = cost(&world).await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(count, 1);

    // Ten singles and a series have changed: the round, and the series.
    for number in 0..10 {
        outlook.update(&singles[number * 90], &json!({"subject": format!("Changed {number}")})).await;
    }
    outlook.update(&masters[7], &json!({"subject": "Changed series"})).await;
    let (report, count) = cost(&world).await;
    wrote(&report, [0, 11, 0], [0, 0, 0]);
    assert_eq!((count, item_reads(&world).await), (2, 1));

    // One occurrence has changed: the round, and its series.
    let occurrence = outlook.instance("Series 03", "2026-03-09T13:00").await;
    outlook.update(id(&occurrence), &json!({"subject": "Workshop"})).await;
    let (report, count) = cost(&world).await;
    wrote(&report, [0, 1, 0], [0, 0, 0]);
    assert_eq!((count, item_reads(&world).await), (2, 1));
    new_series_of_the_crm(&world).await;
}

/// A hundred new series of the CRM go to Microsoft in five batches, beside the
/// reading of the round.
async fn new_series_of_the_crm(world: &World) {
    for number in 0..NEW_SERIES {
        let event = json!({
            "title": format!("New {number:03}"), "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T10:00:00Z",
            "timeZone": "Europe/Berlin",
            "recurrence": {
                "type": "weekly", "interval": 1, "dayOfWeek": ["wednesday"], "occurrences": 5,
                "startTime": "2026-03-04T09:00:00Z", "timeZone": "Europe/Berlin",
            },
        });
        world.crm_create("anna", &event).await;
    }
    let (report, count) = cost(world).await;
    wrote(&report, [0, 0, 0], [u32::try_from(NEW_SERIES).unwrap(), 0, 0]);
    let batches = world.request_count("POST", "/$batch").await;
    let rounds = world.request_count("GET", "calendarview").await;
    assert_eq!((batches, rounds), (NEW_SERIES / BATCH, 1), "{}", world.requests().await);
    assert_eq!(count, (NEW_SERIES / BATCH + 1) as u64, "the batches and the round, and nothing else");
    until_idle(world).await;
    let (report, count) = cost(world).await;
    wrote(&report, [0, 0, 0], [0, 0, 0]);
    assert_eq!(count, 1);
}
