#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use super::super::tests::{BASE, header, id, version, with_requests};
use super::*;

fn list() -> TaskListId {
    TaskListId::new("AQ/x+y=")
}

pub(in crate::graph::request) fn every_request(requests: Requests<'_>) -> Vec<HttpRequest> {
    vec![
        requests.todo_lists("c"),
        requests.todo_tasks_delta(&list(), 50, "c"),
        requests.todo_task(&list(), &id(), "c"),
        requests.todo_tasks(&list(), 50, "c"),
        requests.create_todo_task(&list(), &json!({}), "c"),
        requests.update_todo_task(&list(), &id(), Some(&version()), &json!({ "title": "x" }), "c"),
        requests.delete_todo_task(&list(), &id(), Some(&version()), "c"),
        requests.add_linked_resource(&list(), &id(), &json!({}), "c"),
        requests.mailbox_zone("c"),
    ]
}

#[test]
fn urls_are_as_documented() {
    let tasks = "/me/todo/lists/AQ%2Fx%2By%3D/tasks";
    let task = format!("{tasks}/AAMk%2Fa%2Bb%3D");
    let expected = [
        (Method::Get, "/me/todo/lists?$top=100".to_owned()),
        (Method::Get, format!("{tasks}/delta?$expand=linkedResources")),
        (Method::Get, format!("{task}?$expand=linkedResources")),
        (Method::Get, format!("{tasks}?$expand=linkedResources&$top=50")),
        (Method::Post, tasks.to_owned()),
        (Method::Patch, task.clone()),
        (Method::Delete, task.clone()),
        (Method::Post, format!("{task}/linkedResources")),
        (Method::Get, "/me/mailboxSettings/timeZone".to_owned()),
    ];
    let found = with_requests(every_request);
    assert_eq!(found.len(), expected.len());
    for (request, (method, path)) in found.iter().zip(expected) {
        assert_eq!((request.method, &request.url), (method, &format!("{BASE}{path}")));
    }
}

#[test]
fn nothing_is_ever_selected() {
    for request in with_requests(every_request) {
        assert!(!request.url.to_ascii_lowercase().contains("select"), "{}", request.url);
    }
}

#[test]
fn a_page_size_is_asked_for_within_bounds() {
    with_requests(|requests| {
        for (size, expected) in [(0, 1), (50, 50), (u16::MAX, PAGE_SIZE_MAX)] {
            let round = requests.todo_tasks_delta(&list(), size, "c");
            let prefer = header(&round, "prefer").unwrap();
            assert!(prefer.ends_with(&format!("odata.maxpagesize={expected}")), "{prefer}");
            let page = requests.todo_tasks(&list(), size, "c");
            assert!(page.url.ends_with(&format!("$top={expected}")), "{}", page.url);
        }
    });
}

#[test]
fn writes_are_conditional_where_a_version_is_known() {
    with_requests(|requests| {
        for (version, expected) in [(Some(version()), Some("W/\"k\"")), (None, None)] {
            let update = requests.update_todo_task(&list(), &id(), version.as_ref(), &json!({ "title": "x" }), "c");
            assert_eq!(header(&update, "if-match"), expected);
            assert_eq!(update.body.as_deref(), Some(br#"{"title":"x"}"#.as_slice()));
            let delete = requests.delete_todo_task(&list(), &id(), version.as_ref(), "c");
            assert_eq!((header(&delete, "if-match"), &delete.body), (expected, &None));
        }
    });
}
