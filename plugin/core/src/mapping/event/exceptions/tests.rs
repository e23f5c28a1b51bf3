#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use crate::graph::wire::Event;
use crate::mapping::event::{EventKind, MappedEvent, read_event};
use crate::model::{CivilDate, EventTime, Exceptions, FieldGroup, FieldValue, GraphId, Instant, Occurrence};

fn date(text: &str) -> CivilDate {
    text.parse::<chrono::NaiveDate>().unwrap().into()
}

fn day(text: &str) -> Value {
    json!({ "dateTime": text, "timeZone": "UTC" })
}

/// Mondays, 15:00 in New York, ten times, as Graph answers in UTC.
fn master() -> Value {
    json!({
        "@odata.etag": "W/\"1\"", "id": "AAMk.a.b=", "iCalUId": "uid", "type": "seriesMaster", "subject": "Standup",
        "body": { "contentType": "html", "content": "<p>Agenda</p>" },
        "start": day("2021-05-03T19:00:00.0000000"), "end": day("2021-05-03T20:00:00.0000000"),
        "originalStartTimeZone": "Eastern Standard Time", "isAllDay": false, "isOrganizer": true, "attendees": [],
        "isReminderOn": false, "categories": [],
        "recurrence": {
            "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday" },
            "range": { "type": "numbered", "startDate": "2021-05-03", "numberOfOccurrences": 10,
                "recurrenceTimeZone": "Eastern Standard Time" },
        },
        "cancelledOccurrences": [], "exceptionOccurrences": [],
    })
}

/// An exception with everything that the master has, but for `changes`.
fn exception(id: &str, original: &str, start: &str, end: &str, changes: &Value) -> Value {
    let mut event = master();
    let fields = event.as_object_mut().unwrap();
    for name in ["recurrence", "cancelledOccurrences", "exceptionOccurrences"] {
        fields.remove(name);
    }
    for (name, value) in [
        ("id", json!(id)),
        ("type", json!("exception")),
        ("seriesMasterId", json!("AAMk.a.b=")),
        ("originalStart", json!(original)),
        ("start", day(start)),
        ("end", day(end)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    fields.extend(changes.as_object().unwrap().clone());
    event
}

fn mapped(changes: &[(&str, Value)]) -> MappedEvent {
    let mut event = master();
    for (name, value) in changes {
        event[*name] = value.clone();
    }
    read_event(&serde_json::from_value::<Event>(event).unwrap()).unwrap()
}

fn changed(value: FieldValue) -> Occurrence {
    Occurrence::Changed(vec![value].into())
}

fn timed(start: &str, end: &str) -> FieldValue {
    let at = |text: &str| Instant::from(chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc());
    FieldValue::Time(EventTime::timed(at(start), at(end), "America/New_York".parse().unwrap()).unwrap())
}

#[test]
fn a_series_is_one_item_with_its_exceptions() {
    let found = mapped(&[
        (
            "exceptionOccurrences",
            json!([
                exception(
                    "E1",
                    "2021-05-10T15:00:00-04:00",
                    "2021-05-10T19:00:00",
                    "2021-05-10T20:00:00",
                    &json!({ "subject": "Review" })
                ),
                exception("E2", "2021-05-17T19:00:00Z", "2021-05-18T19:00:00", "2021-05-18T20:00:00", &json!({})),
                exception(
                    "E3",
                    "2021-05-24T19:00:00.0000000",
                    "2021-05-24T19:00:00",
                    "2021-05-24T20:00:00",
                    &json!({})
                ),
                exception(
                    "E4",
                    "2021-05-31T19:00:00Z",
                    "2021-05-31T19:00:00",
                    "2021-05-31T20:00:00",
                    &json!({ "isCancelled": true })
                ),
            ]),
        ),
        ("cancelledOccurrences", json!(["OID.AAMk.a.b=.2021-06-07"])),
    ]);
    assert_eq!((found.kind, found.is_complete), (EventKind::SeriesMaster, true));
    assert_eq!(
        found.record.time(),
        Some(&match timed("2021-05-03T19:00:00Z", "2021-05-03T20:00:00Z") {
            FieldValue::Time(time) => time,
            other => panic!("{other:?}"),
        })
    );
    let expected: Exceptions = [
        (date("2021-05-10"), changed(FieldValue::Title("Review".to_owned()))),
        (date("2021-05-17"), changed(timed("2021-05-18T19:00:00Z", "2021-05-18T20:00:00Z"))),
        (date("2021-05-31"), Occurrence::Cancelled),
        (date("2021-06-07"), Occurrence::Cancelled),
    ]
    .into();
    assert_eq!(found.record.exceptions(), expected);
    let ids: Vec<_> = found.exception_ids.iter().map(|(day, id)| (day.to_string(), id.as_str())).collect();
    let named = [("2021-05-10", "E1"), ("2021-05-17", "E2"), ("2021-05-24", "E3"), ("2021-05-31", "E4")];
    assert_eq!(ids, named.map(|(day, id)| (day.to_owned(), id)));
    assert_eq!(found.stray, []);
    assert!(found.writable.contains(FieldGroup::Exceptions) && found.writable.contains(FieldGroup::Recurrence));
}

#[test]
fn an_answer_without_all_exceptions_says_nothing_about_them() {
    let without: [&[(&str, Value)]; 3] = [
        &[("cancelledOccurrences", Value::Null)],
        &[("exceptionOccurrences", Value::Null)],
        &[("exceptionOccurrences@odata.nextLink", json!("https://graph.example/more"))],
    ];
    for changes in without {
        let found = mapped(changes);
        assert_eq!(found.record.get(FieldGroup::Exceptions), None, "{changes:?}");
        assert!(!found.writable.contains(FieldGroup::Exceptions), "{changes:?}");
    }
    let whole = mapped(&[]);
    assert_eq!(whole.record.get(FieldGroup::Exceptions), Some(&FieldValue::Exceptions(Exceptions::new())));
}

#[test]
fn an_exception_that_cannot_be_read_is_not_taken_for_none() {
    let stub = json!({ "id": "E1", "type": "exception", "originalStart": "2021-05-10T19:00:00Z" });
    let broken = exception("E1", "2021-05-10T19:00:00Z", "2021-05-10T19:00:00", "2021-05-10T18:00:00", &json!({}));
    for event in [stub, broken] {
        let found = mapped(&[("exceptionOccurrences", json!([event]))]);
        assert_eq!(found.record.get(FieldGroup::Exceptions), None, "{event}");
        assert_eq!(found.stray, [GraphId::new("E1")], "{event}");
        assert_eq!(found.exception_ids[&date("2021-05-10")], GraphId::new("E1"), "{event}");
    }
}

#[test]
fn what_names_no_day_of_the_rule_is_reported_and_harms_nothing() {
    let beside = |original: &str| {
        exception("E1", original, "2021-05-12T19:00:00", "2021-05-12T20:00:00", &json!({ "subject": "x" }))
    };
    for original in ["2021-05-12T19:00:00Z", "soon", "2020-05-11T19:00:00Z", "2021-07-12T19:00:00Z"] {
        let found = mapped(&[("exceptionOccurrences", json!([beside(original)]))]);
        assert_eq!(found.record.exceptions(), Exceptions::new(), "{original}");
        assert_eq!(found.stray, [GraphId::new("E1")], "{original}");
    }
    for text in ["OID.AAMk.2021-05-12", "OID.AAMk.", "AAMk.2021-05-10", "2021-05-10", "OID.AAMk.2021-13-01", ""] {
        let found = mapped(&[("cancelledOccurrences", json!([text]))]);
        assert_eq!((found.record.exceptions(), found.stray), (Exceptions::new(), vec![GraphId::new(text)]), "{text}");
    }
}

#[test]
fn a_cancelled_day_is_meant_in_the_zone_of_the_series_and_else_in_utc() {
    // Mondays, 22:00 in New York, which is Tuesday in UTC.
    let late = [("start", day("2021-05-04T02:00:00")), ("end", day("2021-05-04T03:00:00"))];
    for (text, expected) in [("OID.x.2021-05-10", "2021-05-10"), ("OID.x.2021-05-11", "2021-05-10")] {
        let mut changes = late.to_vec();
        changes.push(("cancelledOccurrences", json!([text])));
        assert_eq!(mapped(&changes).record.exceptions(), [(date(expected), Occurrence::Cancelled)].into(), "{text}");
    }
}

#[test]
fn what_was_called_off_is_not_also_changed() {
    let renamed = exception(
        "E1",
        "2021-05-10T19:00:00Z",
        "2021-05-10T19:00:00",
        "2021-05-10T20:00:00",
        &json!({ "subject": "x" }),
    );
    let found =
        mapped(&[("exceptionOccurrences", json!([renamed])), ("cancelledOccurrences", json!(["OID.M.2021-05-10"]))]);
    assert_eq!(found.record.exceptions(), [(date("2021-05-10"), Occurrence::Cancelled)].into());
}

#[test]
fn whole_days_are_named_by_midnight_wherever_that_is() {
    let days = |original: &str| {
        let moved =
            exception("E1", original, "2021-05-11T00:00:00", "2021-05-12T00:00:00", &json!({ "isAllDay": true }));
        mapped(&[
            ("isAllDay", json!(true)),
            ("start", day("2021-05-03T00:00:00")),
            ("end", day("2021-05-04T00:00:00")),
            ("exceptionOccurrences", json!([moved])),
            ("cancelledOccurrences", json!(["OID.M.2021-05-17"])),
        ])
    };
    let tuesday = EventTime::all_day(date("2021-05-11"), date("2021-05-12")).unwrap();
    let expected: Exceptions =
        [(date("2021-05-10"), changed(FieldValue::Time(tuesday))), (date("2021-05-17"), Occurrence::Cancelled)].into();
    for original in
        ["2021-05-10T00:00:00Z", "2021-05-10T00:00:00-04:00", "2021-05-10T00:00:00+13:00", "2021-05-09T22:00:00Z"]
    {
        let found = days(original);
        assert_eq!(found.record.exceptions(), expected, "{original}");
        assert_eq!(found.record.rule().unwrap().zone, None);
    }
}

#[test]
fn a_guest_does_not_write_the_rule_and_of_days_only_what_is_the_guests_own() {
    let guests = json!([{ "emailAddress": { "address": "me@example.com" } }]);
    let status = json!({ "response": "accepted" });
    let theirs = [("isOrganizer", json!(false)), ("attendees", guests), ("responseStatus", status)];
    let found = mapped(&theirs);
    let names: Vec<_> = found.writable.iter().map(FieldGroup::name).collect();
    assert_eq!(names, ["exceptions", "reminder", "categories", "show-as", "response"]);
    assert!(found.record.rule().is_some());
}
