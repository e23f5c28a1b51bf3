#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use super::*;
use crate::graph::failure::{Cause, Performed, Reaction};

pub(super) fn answer(status: u16, content_type: &str, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

pub(super) fn ok(body: &Value) -> HttpResponse {
    answer(200, "application/json; odata.metadata=minimal; charset=utf-8", &body.to_string())
}

#[test]
fn a_page_of_a_round_is_read_entry_by_entry() {
    let page = read_delta_page(&ok(&json!({
        "@odata.nextLink": "https://graph.example/next",
        "value": [
            { "id": "1", "type": "singleInstance", "subject": "x" },
            { "@odata.type": "#microsoft.graph.event", "id": "2", "@removed": { "reason": "deleted" } },
            { "id": "3", "reminderMinutesBeforeStart": "soon" },
            { "subject": "without an id" },
            "not an object",
        ],
    })))
    .unwrap();
    assert_eq!(page.continuation, Continuation::Next(PageLink::new("https://graph.example/next")));
    assert!(matches!(&page.items[0], DeltaItem::Changed(event) if event.id.as_deref() == Some("1")));
    assert!(matches!(&page.items[1], DeltaItem::Removed(id) if id.as_str() == "2"));
    assert!(matches!(&page.items[2], DeltaItem::Malformed(Some(id)) if id.as_str() == "3"));
    assert!(matches!(&page.items[3], DeltaItem::Malformed(None)));
    assert!(matches!(&page.items[4], DeltaItem::Malformed(None)));
}

#[test]
fn an_empty_page_may_go_on() {
    let page = read_delta_page(&ok(&json!({ "value": [], "@odata.nextLink": "https://graph.example/n" }))).unwrap();
    assert!(page.items.is_empty());
    assert!(matches!(page.continuation, Continuation::Next(_)));
    let last = read_delta_page(&ok(&json!({ "value": [], "@odata.deltaLink": "https://graph.example/d" }))).unwrap();
    assert_eq!(last.continuation, Continuation::Delta(PageLink::new("https://graph.example/d")));
}

#[test]
fn what_is_not_graphs_json_is_a_failure_and_never_an_empty_answer() {
    let table = [
        answer(200, "text/html", "<html><body>Please sign in to the guest network</body></html>"),
        answer(200, "text/html", r#"{"value":[],"@odata.deltaLink":"https://graph.example/d"}"#),
        answer(200, "application/json", r#"{"value":[{"id":"1"#),
        answer(200, "application/json", r#"{"value":[]}"#),
        answer(200, "application/json", r#"{"@odata.deltaLink":"https://graph.example/d"}"#),
        answer(200, "application/json", ""),
        HttpResponse { status: 200, headers: Vec::new(), body: b"{}".to_vec() },
    ];
    for response in table {
        let failure = read_delta_page(&response).unwrap_err();
        assert!(matches!(failure.cause, Cause::Unreadable { status: 200, .. }), "{failure:?}");
        assert_eq!(failure.reaction, Reaction::Retry { after: None });
        assert_eq!(failure.performed, Performed::Unknown);
    }
}

#[test]
fn calendars_are_read_with_the_link_to_the_next_page() {
    let page = read_calendars(&ok(&json!({
        "@odata.nextLink": "https://graph.example/next",
        "value": [
            { "id": "c1", "name": "Calendar", "isDefaultCalendar": true, "color": "auto" },
            { "id": "c2", "name": null },
        ],
    })))
    .unwrap();
    assert_eq!(page.next, Some(PageLink::new("https://graph.example/next")));
    let found: Vec<_> =
        page.calendars.iter().map(|one| (one.id.as_str(), one.name.as_deref(), one.is_default_calendar)).collect();
    assert_eq!(found, [("c1", Some("Calendar"), Some(true)), ("c2", None, None)]);
    assert!(read_calendars(&answer(200, "text/html", "<html>")).is_err());
}

#[test]
fn an_event_needs_an_id() {
    assert_eq!(read_event(&ok(&json!({ "id": "1" }))).unwrap().id.as_deref(), Some("1"));
    assert!(read_event(&ok(&json!({ "subject": "x" }))).is_err());
    assert_eq!(read_created(&answer(201, "application/json", r#"{"id":"1"}"#)).unwrap().id.as_deref(), Some("1"));
}

#[test]
fn a_missing_event_is_gone_and_a_create_never_is() {
    let missing = answer(404, "application/json", r#"{"error":{"code":"ErrorItemNotFound"}}"#);
    assert_eq!(read_event(&missing).unwrap_err().reaction, Reaction::ItemGone);
    assert_eq!(read_deleted(&missing).unwrap_err().reaction, Reaction::ItemGone);
    assert_eq!(read_created(&missing).unwrap_err().reaction, Reaction::ParkMailbox);
}

#[test]
fn a_deletion_is_believed_without_content_only() {
    assert_eq!(read_deleted(&HttpResponse { status: 204, headers: Vec::new(), body: Vec::new() }), Ok(()));
    assert!(read_deleted(&answer(200, "text/html", "<html>")).is_err());
}

#[test]
fn the_account_and_the_probe_are_read() {
    let me = read_me(&ok(&json!({ "id": "oid", "userPrincipalName": "a@example.com", "mail": null }))).unwrap();
    assert_eq!((me.id.as_str(), me.mail), ("oid", None));
    assert_eq!(read_probe(&ok(&json!({ "value": [{ "id": "1" }] }))), Ok(()));
    let refused = answer(403, "application/json", r#"{"error":{"code":"ErrorAccessDenied"}}"#);
    assert_eq!(read_probe(&refused).unwrap_err().reaction, Reaction::MissingPermission);
    assert_eq!(read_events(&ok(&json!({ "value": [{ "id": "1" }, { "id": "2" }] }))).unwrap().len(), 2);
}

#[test]
fn a_batch_is_put_back_into_the_order_of_its_requests() {
    let response = ok(&json!({ "responses": [
        { "id": "3", "status": 429, "headers": { "Retry-After": "7" }, "body": { "error": { "code": "TooManyRequests" } } },
        { "id": "1", "status": 200, "headers": { "Content-Type": "application/json" }, "body": { "id": "A" } },
        { "id": "2", "status": 204 },
        { "id": "2", "status": 500 },
        { "id": "9", "status": 200 },
        { "id": "x", "status": 200 },
    ] }));
    let parts = read_batch(&response, 4).unwrap();
    assert_eq!(parts.len(), 4);
    assert_eq!(read_event(parts[0].as_ref().unwrap()).unwrap().id.as_deref(), Some("A"));
    assert_eq!(read_deleted(parts[1].as_ref().unwrap()), Ok(()));
    let throttled = read_event(parts[2].as_ref().unwrap()).unwrap_err();
    let after = Some(crate::graph::RetryAfter::For(std::time::Duration::from_secs(7)));
    assert_eq!(throttled.reaction, Reaction::Retry { after });
    assert_eq!(throttled.code.as_deref(), Some("TooManyRequests"));
    let missing = parts[3].as_ref().unwrap_err();
    assert_eq!((&missing.cause, missing.performed), (&Cause::MissingPart, Performed::Unknown));
}

#[test]
fn a_part_without_json_is_decoded() {
    let response = ok(&json!({ "responses": [
        { "id": "1", "status": 502, "headers": { "Content-Type": "text/html" }, "body": "PGh0bWw+" },
        { "id": "2", "status": 200, "body": { "id": "B" } },
    ] }));
    let parts = read_batch(&response, 2).unwrap();
    assert_eq!(parts[0].as_ref().unwrap().body, b"<html>");
    assert_eq!(read_event(parts[1].as_ref().unwrap()).unwrap().id.as_deref(), Some("B"));
}

#[test]
fn a_batch_that_failed_as_a_whole_has_no_parts() {
    let failure = read_batch(&answer(503, "text/html", "<html>"), 2).unwrap_err();
    assert_eq!(failure.reaction, Reaction::Retry { after: None });
    assert_eq!(failure.performed, Performed::Unknown);
}

#[test]
fn occurrences_are_read_page_by_page_and_none_is_passed_over() {
    let next = "https://graph.example/next";
    let page =
        read_instances(&ok(&json!({ "value": [{ "id": "1" }, { "id": "2" }], "@odata.nextLink": next }))).unwrap();
    assert_eq!((page.events.len(), page.next), (2, Some(PageLink::new(next))));
    let last = read_instances(&ok(&json!({ "value": [] }))).unwrap();
    assert_eq!((last.events.len(), last.next), (0, None));
    let broken = read_instances(&ok(&json!({ "value": [{ "id": "1" }, { "id": 2 }] }))).unwrap_err();
    assert!(matches!(broken.cause, Cause::Unreadable { .. }));
    let gone = answer(404, "application/json", r#"{"error":{"code":"ErrorItemNotFound"}}"#);
    assert_eq!(read_instances(&gone).unwrap_err().reaction, Reaction::ItemGone);
}

#[test]
fn an_answer_to_an_invitation_is_believed_without_content_only() {
    let empty = |status| HttpResponse { status, headers: Vec::new(), body: Vec::new() };
    assert_eq!(read_accepted(&empty(202)), Ok(()));
    assert!(read_accepted(&empty(200)).is_err());
    let refused = answer(400, "application/json", r#"{"error":{"code":"ErrorInvalidRequest"}}"#);
    assert_eq!(read_accepted(&refused).unwrap_err().reaction, Reaction::SkipItem);
    for status in [400, 403, 404] {
        let found = read_accepted(&empty(status)).unwrap_err().reaction;
        assert_eq!(found, Reaction::Retry { after: None }, "{status} of a gateway");
    }
}
