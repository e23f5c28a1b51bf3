#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;

#[test]
fn an_event_is_read_with_what_it_has() {
    let event: Event = serde_json::from_value(json!({
        "@odata.etag": "W/\"abc==\"",
        "id": "AAMk=",
        "iCalUId": "040000008200E0",
        "type": "exception",
        "subject": null,
        "showAs": "workingElsewhere",
        "start": { "dateTime": "2026-08-29T04:00:00.0000000", "timeZone": "UTC" },
        "recurrence": { "pattern": { "type": "weekly" }, "range": { "type": "noEnd" } },
        "somethingNew": { "nested": [1, 2] },
    }))
    .unwrap();
    assert_eq!(event.etag.as_deref(), Some("W/\"abc==\""));
    assert_eq!(event.i_cal_uid.as_deref(), Some("040000008200E0"));
    assert_eq!(event.kind, Some(EventType::Exception));
    assert_eq!(event.show_as, Some(ShowAs::WorkingElsewhere));
    assert_eq!(event.subject, None);
    let rule = event.recurrence.unwrap();
    assert_eq!(rule.pattern.kind, Some(RecurrencePatternType::Weekly));
    assert_eq!(rule.range.kind, Some(RecurrenceRangeType::NoEnd));
}

#[test]
fn a_value_of_tomorrow_is_kept_as_text() {
    let read = |text: &str| serde_json::from_value::<ShowAs>(json!(text)).unwrap();
    assert_eq!(read("oof"), ShowAs::Oof);
    assert_eq!(read("onTheMoon"), ShowAs::Unrecognised("onTheMoon".to_owned()));
}

#[test]
fn nothing_personal_is_printed() {
    let event: Event = serde_json::from_value(json!({ "id": "1", "subject": "Divorce", "bodyPreview": "x" })).unwrap();
    let printed = format!("{event:?} {:?}", PageLink::new("https://graph.example/delta?$deltatoken=secret"));
    assert!(!printed.contains("Divorce") && !printed.contains("secret"), "{printed}");
}

#[test]
fn the_correlation_property_has_the_documented_form() {
    let (kind, rest) = CORRELATION_PROPERTY.split_once(" {").unwrap();
    let (guid, name) = rest.split_once("} ").unwrap();
    assert_eq!(kind, "String");
    assert_eq!(guid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert_eq!(name, "Name TandemLink");
}

#[test]
fn a_rule_is_read_with_what_its_type_has_no_use_for() {
    let rule: PatternedRecurrence = serde_json::from_value(json!({
        "pattern": { "type": "daily", "interval": 2, "month": 0, "dayOfMonth": 0, "daysOfWeek": [], "index": "first",
            "firstDayOfWeek": "sunday" },
        "range": { "type": "noEnd", "startDate": "2026-03-02", "endDate": "0001-01-01",
            "recurrenceTimeZone": "W. Europe Standard Time", "numberOfOccurrences": 0 },
    }))
    .unwrap();
    assert_eq!(
        (rule.pattern.interval, rule.pattern.month, rule.pattern.index),
        (Some(2), Some(0), Some(WeekIndex::First))
    );
    assert_eq!(rule.range.end_date.as_deref(), Some("0001-01-01"));
    assert_eq!(rule.range.number_of_occurrences, Some(0));
    assert_eq!(rule.range.recurrence_time_zone.as_deref(), Some("W. Europe Standard Time"));
    let empty: PatternedRecurrence = serde_json::from_value(json!({ "pattern": null })).unwrap();
    assert_eq!(empty, PatternedRecurrence::default());
}

#[test]
fn the_occurrences_that_differ_come_with_their_series() {
    let event: Event = serde_json::from_value(json!({
        "id": "M", "type": "seriesMaster", "cancelledOccurrences": ["OID.M.2026-03-09"],
        "exceptionOccurrences": [{ "id": "E", "type": "exception", "originalStart": "2026-03-16T09:00:00Z",
            "responseStatus": { "response": "declined", "time": "0001-01-01T00:00:00Z" } }],
        "exceptionOccurrences@odata.nextLink": "https://graph.example/more",
    }))
    .unwrap();
    assert_eq!(event.cancelled_occurrences.unwrap(), ["OID.M.2026-03-09"]);
    let exceptions = event.exception_occurrences.unwrap();
    assert_eq!(exceptions[0].original_start.as_deref(), Some("2026-03-16T09:00:00Z"));
    let answer = exceptions[0].response_status.as_ref().and_then(|status| status.response.clone());
    assert_eq!(answer, Some(ResponseType::Declined));
    assert!(event.more_exception_occurrences.is_some());
}

#[test]
fn a_task_is_read_with_what_it_has() {
    let task: TodoTask = serde_json::from_value(json!({
        "@odata.etag": "W/\"abc==\"", "id": "AAMk=", "title": "Divorce", "status": "waitingOnOthers",
        "importance": "urgent", "isReminderOn": true, "hasAttachments": false, "categories": ["Red"],
        "dueDateTime": { "dateTime": "2024-10-23T10:00:00.0000000", "timeZone": "UTC" },
        "recurrence": { "pattern": { "type": "fortnightly", "interval": "x" }, "range": 3 },
        "linkedResources": [{ "id": "r", "externalId": "l", "webUrl": null }, {}],
        "completedDateTime": { "dateTime": "2024-10-23T00:00:00.0000000", "timeZone": "UTC" },
    }))
    .unwrap();
    assert_eq!((task.etag.as_deref(), task.status.clone()), (Some("W/\"abc==\""), Some(TodoStatus::WaitingOnOthers)));
    assert_eq!(task.importance, Some(Importance::Unrecognised("urgent".to_owned())));
    // Whatever the rule says, that there is one counts.
    assert!(task.recurrence.is_some());
    assert_eq!(task.linked_resources.as_ref().unwrap().len(), 2);
    let printed = format!("{task:?}");
    assert!(printed.contains("AAMk=") && !printed.contains("Divorce"), "{printed}");
    let once: TodoTask = serde_json::from_value(json!({ "id": "1", "recurrence": null })).unwrap();
    assert!(once.recurrence.is_none());
}
