//! Events and tasks as Graph might send them, and as it never should.
//!
//! Each property is there, absent, null, plausible, or of another kind, as the
//! bytes say.

use serde_json::{Map, Value, json};

use crate::draw::Draw;

const IDS: [&str; 4] = ["AAMk1", "AAMk2", "AAMk1.2026-03-09", ""];
const ZONES: [&str; 9] = [
    "UTC",
    "W. Europe Standard Time",
    "Pacific Standard Time",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "tzone://Microsoft/Custom",
    "tzone://Microsoft/Utc",
    "Nowhere/Land",
];
const TIMES: [&str; 22] = [
    "2026-03-09T09:00:00.0000000",
    "2026-03-09T10:00:00.0000000",
    "2026-03-09T00:00:00.0000000",
    "2026-03-10T00:00:00",
    "2026-03-29T02:30:00",
    "2026-10-25T02:30:00",
    "2026-03-09T09:00:00Z",
    "2026-12-31T23:59:59.9999999",
    "2026-12-31T23:59:60",
    "1601-01-01T00:00:00",
    "0001-01-01T00:00:00",
    "0000-02-29T00:00:00",
    "9999-12-31T23:59:59",
    "+10000-01-01T00:00:00",
    "-0001-01-01T00:00:00",
    "+262142-12-31T23:59:59",
    "-262143-01-01T00:00:00",
    "2026-02-30T00:00:00",
    "2026-03-09",
    "09:00",
    "now",
    "",
];
const DATES: [&str; 10] = [
    "2026-03-09",
    "2026-04-30",
    "2024-02-29",
    "0001-01-01",
    "9999-12-31",
    "+262142-12-31",
    "-262143-01-01",
    "2026-02-30",
    "2026-03-09T00:00:00",
    "",
];
const BODIES: [&str; 7] = [
    "",
    "plain",
    "<html><body><div>one<br>two</div></body></html>",
    "<p>a<script>b</script></p>",
    "________________________________________________________________________________<br><a href=\"https://teams.microsoft.com/l/meetup-join/1\">Join</a><br>________________________________________________________________________________",
    "<a href=javascript:x>y</a>",
    "a\r\nb",
];
const ADDRESSES: [&str; 6] =
    ["anna@acme.example", "ANNA@acme.example", " bert@acme.example ", "", "no address", "/o=Exchange/cn=x"];
const ANSWERS: [&str; 7] =
    ["none", "organizer", "tentativelyAccepted", "accepted", "declined", "notResponded", "perhaps"];
const DAYS: [&str; 8] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "someday"];

/// The value of a property, now and then one of another kind.
fn wild(draw: &mut Draw, value: Value) -> Value {
    match draw.below(24) {
        0 => Value::Null,
        1 => json!(draw.text()),
        2 => json!(draw.number()),
        3 => json!([value]),
        4 => json!({}),
        5 => json!(draw.chance(8)),
        _ => value,
    }
}

/// Puts a property into an object, most of the times.
fn put(item: &mut Map<String, Value>, draw: &mut Draw, name: &str, value: impl FnOnce(&mut Draw) -> Value) {
    if draw.chance(13) {
        let value = value(draw);
        let value = wild(draw, value);
        item.insert(name.to_owned(), value);
    }
}

fn one_of(draw: &mut Draw, these: &[&str]) -> Value {
    json!(draw.text_like(these))
}

fn date_time(draw: &mut Draw) -> Value {
    json!({ "dateTime": draw.text_like(&TIMES), "timeZone": draw.text_like(&ZONES) })
}

fn body(draw: &mut Draw) -> Value {
    json!({ "contentType": draw.text_like(&["html", "text", "HTML"]), "content": draw.text_like(&BODIES) })
}

fn guest(draw: &mut Draw) -> Value {
    json!({
        "emailAddress": { "address": draw.text_like(&ADDRESSES), "name": draw.text() },
        "status": { "response": draw.text_like(&ANSWERS) },
        "type": draw.text_like(&["required", "optional", "resource"]),
    })
}

fn recurrence(draw: &mut Draw) -> Value {
    let kinds = ["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"];
    let days: Vec<&str> = (0..draw.below(4)).map(|_| draw.one_of(&DAYS)).collect();
    let numbers = [1, 2, 3, 12, 29, 30, 31, 0, -1, 99, 999, 65_536, i64::MAX];
    let mut pattern = Map::new();
    put(&mut pattern, draw, "type", |draw| one_of(draw, &kinds));
    put(&mut pattern, draw, "interval", |draw| json!(draw.one_of(&numbers)));
    put(&mut pattern, draw, "daysOfWeek", |_| json!(days));
    put(&mut pattern, draw, "dayOfMonth", |draw| json!(draw.one_of(&numbers)));
    put(&mut pattern, draw, "month", |draw| json!(draw.one_of(&numbers)));
    put(&mut pattern, draw, "firstDayOfWeek", |draw| one_of(draw, &DAYS));
    put(&mut pattern, draw, "index", |draw| one_of(draw, &["first", "second", "third", "fourth", "last"]));
    let mut range = Map::new();
    put(&mut range, draw, "type", |draw| one_of(draw, &["noEnd", "endDate", "numbered"]));
    put(&mut range, draw, "startDate", |draw| one_of(draw, &DATES));
    put(&mut range, draw, "endDate", |draw| one_of(draw, &DATES));
    put(&mut range, draw, "numberOfOccurrences", |draw| json!(draw.one_of(&numbers)));
    put(&mut range, draw, "recurrenceTimeZone", |draw| one_of(draw, &ZONES));
    json!({ "pattern": pattern, "range": range })
}

/// An event; `depth` says whether it may hold others.
pub fn event(draw: &mut Draw, depth: usize) -> Value {
    if draw.chance(1) {
        return json!({ "id": draw.text_like(&IDS), "@removed": { "reason": "deleted" } });
    }
    let mut item = Map::new();
    put(&mut item, draw, "id", |draw| one_of(draw, &IDS));
    put(&mut item, draw, "@odata.etag", |draw| one_of(draw, &["W/\"1\"", "W/\"2\"", ""]));
    let kinds = ["singleInstance", "seriesMaster", "occurrence", "exception"];
    put(&mut item, draw, "type", |draw| one_of(draw, &kinds));
    put(&mut item, draw, "start", date_time);
    put(&mut item, draw, "end", date_time);
    put(&mut item, draw, "isAllDay", |draw| json!(draw.chance(4)));
    put(&mut item, draw, "subject", |draw| json!(draw.text()));
    put(&mut item, draw, "body", body);
    put(&mut item, draw, "recurrence", recurrence);
    put(&mut item, draw, "originalStartTimeZone", |draw| one_of(draw, &ZONES));
    put(&mut item, draw, "attendees", |draw| Value::Array((0..draw.below(4)).map(|_| guest(draw)).collect()));
    put(&mut item, draw, "organizer", |draw| json!({ "emailAddress": { "address": draw.text_like(&ADDRESSES) } }));
    put(&mut item, draw, "isOrganizer", |draw| json!(draw.chance(8)));
    put(&mut item, draw, "responseStatus", |draw| json!({ "response": draw.text_like(&ANSWERS) }));
    put(&mut item, draw, "isReminderOn", |draw| json!(draw.chance(8)));
    put(&mut item, draw, "reminderMinutesBeforeStart", |draw| json!(draw.number()));
    put(&mut item, draw, "location", |draw| json!({ "displayName": draw.text() }));
    put(&mut item, draw, "categories", |draw| json!([draw.text(), draw.text()]));
    put(&mut item, draw, "showAs", |draw| one_of(draw, &["free", "tentative", "busy", "oof", "unknown", "x"]));
    put(&mut item, draw, "sensitivity", |draw| one_of(draw, &["normal", "personal", "private", "confidential"]));
    put(&mut item, draw, "importance", |draw| one_of(draw, &["low", "normal", "high", "x"]));
    put(&mut item, draw, "isCancelled", |draw| json!(draw.chance(3)));
    put(&mut item, draw, "isOnlineMeeting", |draw| json!(draw.chance(3)));
    put(&mut item, draw, "iCalUId", |draw| one_of(draw, &["040000008200E0", ""]));
    put(&mut item, draw, "seriesMasterId", |draw| one_of(draw, &IDS));
    put(&mut item, draw, "originalStart", |draw| one_of(draw, &TIMES));
    put(&mut item, draw, "lastModifiedDateTime", |draw| one_of(draw, &TIMES));
    if depth > 0 {
        let cancelled = ["OID.AAMk1.2026-03-09", "OID.AAMk1.2026-13-01", "OID.AAMk1", "2026-03-16"];
        put(&mut item, draw, "cancelledOccurrences", |draw| json!([draw.text_like(&cancelled)]));
        put(&mut item, draw, "exceptionOccurrences", |draw| {
            Value::Array((0..draw.below(3)).map(|_| event(draw, depth - 1)).collect())
        });
    }
    Value::Object(item)
}

/// A task.
pub fn task(draw: &mut Draw) -> Value {
    if draw.chance(1) {
        return json!({ "id": draw.text_like(&IDS), "@removed": { "reason": "deleted" } });
    }
    let statuses = ["notStarted", "inProgress", "completed", "waitingOnOthers", "deferred", "x"];
    let mut item = Map::new();
    put(&mut item, draw, "id", |draw| one_of(draw, &IDS));
    put(&mut item, draw, "@odata.etag", |draw| one_of(draw, &["W/\"1\"", "W/\"2\"", ""]));
    put(&mut item, draw, "title", |draw| json!(draw.text()));
    put(&mut item, draw, "body", body);
    put(&mut item, draw, "importance", |draw| one_of(draw, &["low", "normal", "high", "x"]));
    put(&mut item, draw, "status", |draw| one_of(draw, &statuses));
    put(&mut item, draw, "dueDateTime", date_time);
    put(&mut item, draw, "isReminderOn", |draw| json!(draw.chance(8)));
    put(&mut item, draw, "reminderDateTime", date_time);
    put(&mut item, draw, "recurrence", recurrence);
    put(&mut item, draw, "lastModifiedDateTime", |draw| one_of(draw, &TIMES));
    put(&mut item, draw, "linkedResources", |draw| json!([{ "id": draw.text(), "externalId": draw.text() }]));
    Value::Object(item)
}

/// A page of a round with these items.
pub fn page(draw: &mut Draw, items: Vec<Value>) -> Value {
    let mut page = Map::new();
    page.insert("value".to_owned(), Value::Array(items));
    put(&mut page, draw, "@odata.nextLink", |draw| {
        json!(draw.text_like(&["https://graph.example/v1.0/a?$skiptoken=1"]))
    });
    put(&mut page, draw, "@odata.deltaLink", |draw| {
        json!(draw.text_like(&["https://graph.example/v1.0/a?$deltatoken=1"]))
    });
    Value::Object(page)
}
