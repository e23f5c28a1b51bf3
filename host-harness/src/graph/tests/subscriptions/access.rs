//! What can be watched, and by whom.

use super::*;

/// Makes a subscription with permissions of its own, and says how that went.
async fn outcome(world: &World, endpoint: &Endpoint, scopes: &[&str], resource: &str) -> (u16, String) {
    let token = world.microsoft.issue_token(ALICE, scopes).unwrap();
    let mut wish = wish(endpoint, resource);
    if resource.starts_with("me/calendars?") {
        wish["changeType"] = json!("updated");
    }
    let answer = world.graph_as(&token, "POST", "/subscriptions", &[], Some(wish)).await;
    if answer.status == 201 {
        let path = format!("/subscriptions/{}", id(&answer.body));
        assert_eq!(world.graph_as(&token, "DELETE", &path, &[], None).await.status, 204);
    }
    (answer.status, answer.code().to_owned())
}

/// An access token of the application for itself.
async fn application(world: &World, permissions: &[&str]) -> String {
    let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
    world.microsoft.register_app(NewApp { permissions, ..app() }).unwrap();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let granted = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
    granted.body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_form_of_a_resource_needs_its_own_permission() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let calendar = id(&world.get("/me/calendar").await.body).to_owned();
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    let folder = world.read_as(ALICE, "Mail.Read", "/me/mailFolders/inbox").await.body;
    let cases = [
        ("/me/events".to_owned(), "Calendars.Read"),
        (format!("users/{ALICE}/events"), "Calendars.ReadWrite"),
        ("me/calendar/events".to_owned(), "Calendars.Read"),
        (format!("/me/calendars/{calendar}/events"), "Calendars.Read"),
        (format!("Users('{ALICE}')/Calendars('{calendar}')/Events"), "Calendars.Read"),
        ("me/messages".to_owned(), "Mail.ReadBasic"),
        ("me/mailFolders('inbox')/messages".to_owned(), "Mail.Read"),
        (format!("users/{ALICE}/mailFolders/{}/messages", id(&folder)), "Mail.ReadWrite"),
        (format!("/me/todo/lists/{list}/tasks"), "Tasks.Read"),
        (format!("/users/{ALICE}/todo/lists('{list}')/tasks"), "Tasks.ReadWrite"),
    ];
    let others = ["Calendars.Read.Shared", "User.Read", "MailboxSettings.Read", "Tasks.Read.All", "Contacts.Read"];
    for (resource, scope) in cases {
        assert_eq!(outcome(&world, &endpoint, &[scope], &resource).await.0, 201, "{resource}");
        let denied = outcome(&world, &endpoint, &others, &resource).await;
        assert_eq!(denied, (403, "ExtensionError".to_owned()), "{resource}");
    }
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let every = ["Calendars.Read", "Mail.Read", "Tasks.Read"];
    let nowhere = id(&world.as_bob("GET", "/me/calendar", None).await.body).to_owned();
    let cases = [
        ("me".to_owned(), 400, "ExtensionError"),
        ("nonsense".to_owned(), 400, "ExtensionError"),
        ("me/calendarView".to_owned(), 400, "ExtensionError"),
        ("me/events/AAA".to_owned(), 400, "ExtensionError"),
        (format!("{BASE}/v1.0/me/events"), 400, "ExtensionError"),
        (format!("me/calendars/{nowhere}/events"), 404, "ExtensionError"),
        ("me/mailFolders/nothing/messages".to_owned(), 404, "ExtensionError"),
        ("me/todo/lists/nothing/tasks".to_owned(), 404, "ExtensionError"),
        ("users/nobody@contoso.example/events".to_owned(), 404, "ExtensionError"),
        (format!("users/{BOB}/events"), 403, "ExtensionError"),
        ("me/contacts".to_owned(), 501, "NotImplemented"),
        ("users".to_owned(), 501, "NotImplemented"),
        ("groups".to_owned(), 501, "NotImplemented"),
        ("me/events?$expand=attachments".to_owned(), 501, "NotImplemented"),
        ("me/calendars?$filter=name eq 'Plan'".to_owned(), 400, "ExtensionError"),
        ("me/messages?$top=1".to_owned(), 400, "ExtensionError"),
        ("me/messages?$foo=1".to_owned(), 400, "ExtensionError"),
        ("me/messages?$filter=isRead eq true&$filter=isRead eq false".to_owned(), 400, "ExtensionError"),
        ("me/messages?filter=isRead eq true".to_owned(), 501, "NotImplemented"),
        ("me/messages?$filter=nonsense eq 1".to_owned(), 400, "ErrorInvalidUrlQueryFilter"),
    ];
    for (resource, status, code) in cases {
        let found = outcome(&world, &endpoint, &every, &resource).await;
        assert_eq!(found, (status, code.to_owned()), "{resource}");
    }
    world.behaviour(json!({ "cloud": "china" })).await;
    let list = id(&world.get("/me/calendar").await.body).to_owned();
    assert_eq!(outcome(&world, &endpoint, &every, &format!("me/todo/lists/{list}/tasks")).await.0, 404);
    world.behaviour(json!({ "cloud": "global" })).await;
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    world.behaviour(json!({ "cloud": "china" })).await;
    let found = outcome(&world, &endpoint, &every, &format!("me/todo/lists/{list}/tasks")).await;
    assert_eq!(found, (400, "ExtensionError".to_owned()));
}

#[tokio::test]
async fn calendars_are_watched_for_changes_and_not_for_new_ones() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let mut wish = wish(&endpoint, "me/calendars");
    let refused = world.post("/subscriptions", wish.clone()).await;
    assert_eq!((refused.status, refused.code()), (400, "ExtensionError"));
    wish["changeType"] = json!("updated, deleted");
    assert_eq!(world.post("/subscriptions", wish).await.status, 201);
}

#[tokio::test]
async fn an_application_watches_every_mailbox_but_no_tasks() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let token = application(&world, &["Calendars.Read", "Mail.Read", "Tasks.ReadWrite.All"]).await;
    let post = async |resource: &str| {
        world.graph_as(&token, "POST", "/subscriptions", &[], Some(wish(&endpoint, resource))).await
    };
    let first = post(&format!("users/{ALICE}/events")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.body["applicationId"], CLIENT);
    assert_eq!(post(&format!("users/{BOB}/messages")).await.body["creatorId"], first.body["creatorId"]);
    assert_eq!(post("me/events").await.code(), "BadRequest");
    let list = id(&world.get("/me/todo/lists").await.items()[0]).to_owned();
    assert_eq!(post(&format!("users/{ALICE}/todo/lists/{list}/tasks")).await.status, 403);
    assert_eq!(world.graph_as(&token, "GET", "/subscriptions", &[], None).await.items().len(), 2);
    // Nobody else sees them.
    assert!(world.get("/subscriptions").await.items().is_empty());
    let path = format!("/subscriptions/{}", id(&first.body));
    assert_eq!(world.get(&path).await.status, 404);
    assert_eq!(world.graph_as(&token, "GET", &path, &[], None).await.status, 200);
}

#[tokio::test]
async fn users_see_their_own_and_need_what_the_resource_needs() {
    let world = World::new();
    let mut endpoint = Endpoint::new().await;
    let path = format!("/subscriptions/{}", id(&subscribe(&world, &mut endpoint, "me/events").await));
    assert_eq!(world.as_bob("GET", &path, None).await.status, 404);
    assert!(world.as_bob("GET", "/subscriptions", None).await.items().is_empty());
    assert_eq!(world.as_bob("DELETE", &path, None).await.status, 404);
    let poor = world.microsoft.issue_token(ALICE, &["Mail.Read"]).unwrap();
    for (method, path) in [("GET", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/reauthorize"))] {
        let denied = world.graph_as(&poor, method, &path, &[], None).await;
        assert_eq!((denied.status, denied.code()), (403, "ExtensionError"), "{method}");
    }
    assert_eq!(world.graph_as("nothing", "GET", "/subscriptions", &[], None).await.status, 401);
    assert_eq!(world.get("/subscriptions?$top=1").await.status, 501);
    assert_eq!(world.graph_as(&world.token, "PUT", &path, &[], None).await.status, 405);
}
