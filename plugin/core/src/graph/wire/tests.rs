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
    assert_eq!(event.recurrence.unwrap().pattern["type"], "weekly");
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
