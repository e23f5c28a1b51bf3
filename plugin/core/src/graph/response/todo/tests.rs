#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::super::tests::{answer, ok};
use super::*;
use crate::graph::failure::{Cause, Performed, Reaction};
use crate::graph::wire::{Continuation, TodoStatus, WellknownListName};

fn refused(status: u16, code: &str) -> HttpResponse {
    answer(status, "application/json", &json!({ "error": { "code": code, "message": "x" } }).to_string())
}

#[test]
fn lists_are_read_with_their_part_in_the_mailbox() {
    let page = read_todo_lists(&ok(&json!({
        "@odata.nextLink": "https://graph.example/next",
        "value": [
            { "id": "1", "displayName": "Tasks", "wellknownListName": "defaultList", "isOwner": true,
              "isShared": false, "somethingNew": [1] },
            { "id": "2", "displayName": null, "wellknownListName": "flaggedEmails" },
            { "id": "3", "wellknownListName": "unknownFutureValue" },
        ],
    })))
    .unwrap();
    assert_eq!(page.next, Some(PageLink::new("https://graph.example/next")));
    let found: Vec<_> =
        page.lists.iter().map(|list| (list.id.as_str(), list.wellknown_list_name.clone().unwrap())).collect();
    let future = WellknownListName::Unrecognised("unknownFutureValue".to_owned());
    let expected = [("1", WellknownListName::DefaultList), ("2", WellknownListName::FlaggedEmails), ("3", future)];
    assert_eq!(found, expected);
    assert_eq!((page.lists[0].is_owner, page.lists[0].is_shared), (Some(true), Some(false)));
    assert!(!format!("{page:?}").contains("Tasks"));
}

#[test]
fn a_page_of_a_round_is_read_entry_by_entry() {
    let page = read_todo_delta_page(&ok(&json!({
        "@odata.deltaLink": "https://graph.example/delta",
        "value": [
            { "id": "1", "title": "Divorce", "status": "someday", "linkedResources": [{ "externalId": "l" }] },
            { "@odata.type": "#microsoft.graph.todoTask", "id": "2", "@removed": { "reason": "deleted" } },
            { "id": "3", "isReminderOn": "perhaps" },
            { "title": "without an id" },
            { "@removed": { "reason": "deleted" } },
            "not an object",
        ],
    })))
    .unwrap();
    assert_eq!(page.next, Continuation::Delta(PageLink::new("https://graph.example/delta")));
    let TodoDeltaItem::Changed(task) = &page.items[0] else { panic!("{:?}", page.items) };
    assert_eq!(task.status, Some(TodoStatus::Unrecognised("someday".to_owned())));
    assert_eq!(task.linked_resources.as_ref().unwrap()[0].external_id.as_deref(), Some("l"));
    assert!(matches!(&page.items[1], TodoDeltaItem::Removed(id) if id.as_str() == "2"));
    assert!(matches!(&page.items[2], TodoDeltaItem::Malformed(Some(id)) if id.as_str() == "3"));
    for item in &page.items[3..] {
        assert!(matches!(item, TodoDeltaItem::Malformed(None)), "{item:?}");
    }
    assert!(!format!("{page:?}").contains("Divorce"));
}

#[test]
fn a_round_goes_on_or_is_complete_and_never_just_ends() {
    let next =
        read_todo_delta_page(&ok(&json!({ "value": [], "@odata.nextLink": "https://graph.example/n" }))).unwrap();
    assert_eq!(next.next, Continuation::Next(PageLink::new("https://graph.example/n")));
    let failure = read_todo_delta_page(&ok(&json!({ "value": [] }))).unwrap_err();
    assert_eq!(failure.reaction, Reaction::Retry { after: None });
}

#[test]
fn a_task_needs_an_id() {
    for read in [read_todo_task, read_todo_created] {
        assert_eq!(read(&ok(&json!({ "id": "1", "title": "Talk" }))).unwrap().id.as_deref(), Some("1"));
        let failure = read(&ok(&json!({ "title": "Talk" }))).unwrap_err();
        assert!(matches!(failure.cause, Cause::Unreadable { status: 200, .. }));
        // It may have been created all the same.
        assert_eq!(failure.performed, Performed::Unknown);
    }
}

#[test]
fn tasks_are_read_whole_or_not_at_all() {
    let page =
        |entries: Value| read_todo_tasks(&ok(&json!({ "value": entries, "@odata.nextLink": "https://g.example/n" })));
    let found = page(json!([{ "id": "1" }, { "id": "2", "recurrence": { "pattern": {} } }])).unwrap();
    assert_eq!((found.tasks.len(), found.next), (2, Some(PageLink::new("https://g.example/n"))));
    assert_eq!(found.tasks.iter().map(|task| task.recurrence.is_some()).collect::<Vec<_>>(), [false, true]);
    let failure = page(json!([{ "id": "1" }, { "id": 2 }])).unwrap_err();
    assert_eq!(failure.reaction, Reaction::Retry { after: None });
}

#[test]
fn a_linked_resource_was_added_or_not() {
    let added = answer(201, "application/json", &json!({ "id": "r", "externalId": "l" }).to_string());
    assert_eq!(read_linked_resource_added(&added), Ok(()));
    let gone = read_linked_resource_added(&refused(404, "ErrorItemNotFound")).unwrap_err();
    assert_eq!(gone.reaction, Reaction::ItemGone);
    let proxy = read_linked_resource_added(&answer(200, "text/html", "<p>Please sign in</p>")).unwrap_err();
    assert_eq!(proxy.performed, Performed::Unknown);
}

#[test]
fn a_list_that_is_gone_does_not_park_the_mailbox() {
    let gone = refused(404, "ErrorItemNotFound");
    for failure in [
        read_todo_delta_page(&gone).unwrap_err(),
        read_todo_created(&gone).unwrap_err(),
        read_todo_task(&gone).unwrap_err(),
        read_todo_tasks(&gone).unwrap_err(),
    ] {
        assert_eq!((&failure.reaction, failure.is_refusal()), (&Reaction::ItemGone, true));
    }
}

#[test]
fn the_zone_of_a_mailbox_has_a_name_or_is_passed_over() {
    let read = |value: Value| read_mailbox_zone(&ok(&json!({ "value": value })));
    for (name, expected) in [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Line Islands Standard Time", "Pacific/Kiritimati"),
        ("America/Bogota", "America/Bogota"),
        ("UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
    ] {
        assert_eq!(read(json!(name)).unwrap().name(), expected);
    }
    for name in [json!("tzone://Microsoft/Custom"), json!("Moon"), json!(""), json!(null)] {
        let failure = read(name.clone()).unwrap_err();
        assert_eq!((failure.reaction, failure.performed), (Reaction::SkipItem, Performed::No), "{name}");
    }
    let denied = read_mailbox_zone(&refused(403, "ErrorAccessDenied")).unwrap_err();
    assert_eq!(denied.reaction, Reaction::MissingPermission);
}
