//! What `@odata.context` says, and that the judge reads it for itself.

use super::answers::{Answered, set};
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

/// An answer, what its context says behind the address of the metadata, and what
/// it must not say. `ME` stands for the person, `KEY` for the event.
const WRONG: [(&str, &str, &[&str]); 12] = [
    (
        "/me/events",
        "users('ME')/events",
        &[
            "users('BOB')/events",
            "users('alice%40contoso.example')/events",
            "users/events",
            "me/events",
            "users('ME')/events/$entity",
            "users('ME')/Events",
            "users('ME')/calendar/events",
            "users('ME')/messages",
            "users('ME')/events(subject)",
            "users('ME')/events()/x",
            "users('ME')//events",
            "users('ME')/events/",
            "users('ME')/events('KEY')",
            "Collection(event)",
            "Collection(microsoft.graph.event)",
            "users('ME')/events/microsoft.graph.message",
            "",
        ],
    ),
    (
        "/users/alice@contoso.example/events",
        "users('ME')/events",
        &["users('BOB')/events", "users('bob%40contoso.example')/events", "users('alice%40contoso.example'/events"],
    ),
    (
        "/me/events/KEY",
        "users('ME')/events/$entity",
        &[
            "users('BOB')/events/$entity",
            "users('ME')/events('KEY')",
            "users('ME')/events('KEY')/$entity",
            "users('ME')/events",
            "users('ME')/calendarView/$entity",
            "microsoft.graph.event",
        ],
    ),
    (
        "/me/events/KEY?$select=subject,start",
        "users('ME')/events(subject,start)/$entity",
        &[
            "users('ME')/events/$entity",
            "users('ME')/events(subject)/$entity",
            "users('ME')/events(subject,start,end)/$entity",
            "users('ME')/events(Subject,start)/$entity",
            "users('ME')/events(subject,begin)/$entity",
        ],
    ),
    (
        "/me/events?$expand=extensions",
        "users('ME')/events(extensions())",
        &[
            "users('ME')/events",
            "users('ME')/events(extensions)",
            "users('ME')/events(extensions(id))",
            "users('ME')/events(attachments())",
        ],
    ),
    (
        "/me/events/KEY/attachments",
        "users('ME')/events('KEY')/attachments",
        &[
            "users('ME')/events('other')/attachments",
            "users('ME')/events/attachments",
            "users('ME')/events('KEY')/extensions",
            "users('ME')/events('KEY')/attachments/$entity",
        ],
    ),
    ("/me/calendar", "users('ME')/calendar/$entity", &["users('ME')/calendar", "users('ME')/calendars/$entity"]),
    (
        "/me",
        "users/$entity",
        &["users", "users('ME')/$entity", "users('BOB')/$entity", "users(mail)/$entity", "organization/$entity"],
    ),
    (
        "/me/mailboxSettings",
        "users('ME')/mailboxSettings",
        &["users('ME')/mailboxSettings/$entity", "users('BOB')/mailboxSettings"],
    ),
    (
        "/me/mailboxSettings/timeZone",
        "users('ME')/mailboxSettings/timeZone",
        &["users('ME')/mailboxSettings/dateFormat", "users('ME')/mailboxSettings", "Edm.String"],
    ),
    (
        "/me/events/delta?startDateTime=2026-03-01T00:00:00Z",
        "Collection(event)",
        &[
            "Collection(message)",
            "Collection(Event)",
            "event",
            "users('ME')/events",
            "Collection(event)/$entity",
            "microsoft.graph.event",
        ],
    ),
    (
        "/me/outlook/supportedTimeZones",
        "Collection(microsoft.graph.timeZoneInformation)",
        &["microsoft.graph.timeZoneInformation", "Collection(localeInfo)", "Collection(Edm.String)"],
    ),
];

#[tokio::test]
async fn a_wrong_context_is_found() {
    let mut world = World::new();
    let made = world.create(event("Talk", 10, 9)).await;
    let people = [("ME", person(&world, ALICE)), ("BOB", person(&world, BOB)), ("KEY", id(&made).to_owned())];
    world.token =
        world.microsoft.issue_token(ALICE, &["User.Read", "Calendars.ReadWrite", "MailboxSettings.Read"]).unwrap();
    let filled = |text: &str| people.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    for (path, right, wrong) in WRONG {
        let answered = Answered::to(&world, "GET", &filled(path), None).await;
        let metadata = format!("{BASE}/v1.0/$metadata#");
        let told = answered.body["@odata.context"].as_str().unwrap();
        assert_eq!(told.replace("%3D", "="), format!("{metadata}{}", filled(right)), "{path}");
        let with = |context: String| answered.examined(|body| set(body, "/@odata.context", Some(json!(context))));
        assert_eq!(with(told.to_owned()), [], "{path}");
        let elsewhere = ["https://contoso.example/x/v1.0/$metadata#", "ftp://contoso.example/v1.0/$metadata#", ""];
        let contexts = wrong.iter().map(|fragment| format!("{metadata}{}", filled(fragment)));
        for context in contexts.chain(elsewhere.map(|front| format!("{front}{}", filled(right)))) {
            assert_eq!(found(&with(context.clone())), [(What::WrongAnnotation, "")], "{path}: {context}");
        }
    }
}

/// Behind a name in the path, both the name and the id are seen.
#[tokio::test]
async fn a_person_is_named_by_id_or_as_in_the_path() {
    let world = World::new();
    let answered = Answered::to(&world, "GET", "/users/alice@contoso.example/events", None).await;
    let named = format!("{BASE}/v1.0/$metadata#users('alice%40contoso.example')/events");
    assert_eq!(answered.examined(|body| set(body, "/@odata.context", Some(json!(named)))), []);
}
