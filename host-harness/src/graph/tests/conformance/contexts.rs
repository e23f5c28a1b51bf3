//! What `@odata.context` says.

use super::*;
use crate::graph::conformance::context;

#[test]
fn a_context_is_the_path_in_the_metadata() {
    let cases = [
        ("GET", "/me/Events", "users('o')/events"),
        ("GET", "/users('a@b')/events", "users('o')/events"),
        ("POST", "/me/events", "users('o')/events/$entity"),
        ("GET", "/me/events/x", "users('o')/events/$entity"),
        (
            "GET",
            "/me/calendars/a=/events?$select=SUBJECT,start/dateTime",
            "users('o')/calendars('a%3D')/events(subject,start/dateTime)",
        ),
        ("GET", "/me/calendar/events/x", "users('o')/calendar/events/$entity"),
        ("GET", "/me/calendar", "users('o')/calendar/$entity"),
        ("GET", "/me/events/x/attachments", "users('o')/events('x')/attachments"),
        ("GET", "/me/events/x/attachments/y?$select=name", "users('o')/events('x')/attachments(name)/$entity"),
        ("POST", "/me/events/x/extensions", "users('o')/events('x')/extensions/$entity"),
        ("GET", "/me/events?$expand=extensions", "users('o')/events(extensions())"),
        (
            "GET",
            "/me/events/x?$select=id&$expand=attachments($select=id,name)",
            "users('o')/events(id,attachments(id,name))/$entity",
        ),
        ("GET", "/me/mailFolders/inbox/messages", "users('o')/mailFolders('inbox')/messages"),
        (
            "GET",
            "/me/messages/x/microsoft.graph.eventMessage",
            "users('o')/messages/microsoft.graph.eventMessage/$entity",
        ),
        (
            "GET",
            "/me/messages/x/microsoft.graph.eventMessage/event",
            "users('o')/messages('x')/microsoft.graph.eventMessage/event/$entity",
        ),
        ("GET", "/me/todo/lists/x/tasks/y/checklistItems", "users('o')/todo/lists('x')/tasks('y')/checklistItems"),
        ("GET", "/me/mailboxSettings/timeZone", "users('o')/mailboxSettings/timeZone"),
        ("GET", "/me/outlook/masterCategories", "users('o')/outlook/masterCategories"),
        ("GET", "/me", "users/$entity"),
        ("GET", "/users/x?$select=mail", "users(mail)/$entity"),
        ("GET", "/users", "users"),
        ("GET", "/subscriptions/x", "subscriptions/$entity"),
    ];
    for (method, path, expected) in cases {
        assert_eq!(context(&call(method, path, None), "o").as_deref(), Some(expected), "{method} {path}");
    }
    for path in ["/me/events/delta", "/me/events/$count", "/me/messages/x/$value"] {
        assert_eq!(context(&call("GET", path, None), "o"), None, "{path}");
    }
}

#[tokio::test]
async fn answers_say_where_they_are_in_the_metadata() {
    let world = World::new();
    let made = world.create(event("Talk", 10, 9)).await;
    let person = made["@odata.context"].as_str().unwrap().strip_suffix("/events/$entity").unwrap().to_owned();
    assert!(person.starts_with(&format!("{BASE}/v1.0/$metadata#users('")), "{person}");
    let path = format!("/me/events/{}", id(&made));
    let key: String = url::form_urlencoded::byte_serialize(id(&made).as_bytes()).collect();
    let cases = [
        (format!("{path}/attachments"), format!("{person}/events('{key}')/attachments")),
        (format!("{path}?$select=subject"), format!("{person}/events(subject)/$entity")),
        ("/me/calendar/events?$expand=extensions".to_owned(), format!("{person}/calendar/events(extensions())")),
    ];
    for (path, expected) in cases {
        assert_eq!(world.get(&path).await.body["@odata.context"], expected, "{path}");
    }
}
