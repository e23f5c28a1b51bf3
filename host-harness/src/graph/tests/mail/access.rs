//! Who may read and change mail (concepts/permissions-reference).

use super::*;

#[tokio::test]
async fn the_permissions_of_a_token_decide() {
    let world = World::new();
    meeting(&world, event("Talk", 10, 9)).await;
    let message = path_of(&inbox(&world, BOB).await[0]);
    let paths =
        ["/me/mailFolders", "/me/mailFolders/inbox", "/me/mailFolders/inbox/messages", "/me/messages", &message];
    let cases = [
        ("Calendars.ReadWrite", 403, 403),
        ("Mail.Send", 403, 403),
        ("Mail.ReadBasic", 200, 403),
        ("Mail.Read", 200, 403),
        ("Mail.ReadWrite", 200, 200),
    ];
    for (scope, read, write) in cases {
        for path in paths {
            let answer = world.read_as(BOB, scope, path).await;
            assert_eq!(answer.status, read, "{scope} {path}");
            assert_eq!(answer.code() == "ErrorAccessDenied", read == 403);
        }
        let token = world.microsoft.issue_token(BOB, &[scope]).unwrap();
        let marked = world.graph_as(&token, "PATCH", &message, &[], Some(json!({ "isRead": true }))).await;
        assert_eq!(marked.status, write, "{scope}");
    }
    let others = world.read_as(ALICE, "Mail.Read", &format!("/users/{BOB}/messages")).await;
    assert_eq!((others.status, others.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn the_basic_permission_shows_the_outside_of_a_mail_only() {
    let world = World::new();
    let mut draft = event("Talk", 10, 9);
    draft["body"] = json!({ "contentType": "text", "content": "Secret" });
    meeting(&world, draft).await;
    let basic = world.read_as(BOB, "Mail.ReadBasic", "/me/messages").await;
    assert_eq!((&basic.items()[0]["subject"], basic.text.contains("Secret")), (&json!("Talk"), false));
    assert!(world.read_as(BOB, "Mail.Read", "/me/messages").await.text.contains("Secret"));
    let event = "microsoft.graph.eventMessage/event";
    for path in [format!("/me/messages?$expand={event}"), format!("{}/{event}", path_of(&basic.items()[0]))] {
        assert_eq!(world.read_as(BOB, "Mail.ReadBasic", &path).await.code(), "ErrorAccessDenied", "{path}");
        assert_eq!(world.read_as(BOB, "Mail.Read", &path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn requests_for_mail_are_counted_as_such_and_can_be_held_to_immutable_ids() {
    let world = World::new();
    world.microsoft.clear_requests();
    world.read_as(ALICE, "Mail.Read", &format!("/users/{ALICE}/mailFolders/inbox/messages")).await;
    assert_eq!(world.microsoft.requests()["totals"], json!({ "mail": { "GET": 1 } }));
    world.behaviour(json!({ "requireImmutableId": true })).await;
    let refused = world.read_as(ALICE, "Mail.Read", "/me/messages").await;
    assert_eq!((refused.status, refused.code()), (400, "ErrorInvalidRequest"));
}

#[tokio::test]
async fn an_application_writes_and_sends_for_every_user_and_for_nobody_of_its_own() {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let cases = [
        ("Mail.ReadBasic.All", 200, 403, 403),
        ("Mail.Read", 200, 403, 403),
        ("Mail.ReadWrite", 200, 201, 403),
        ("Mail.Send", 403, 403, 202),
    ];
    for (permission, read, write, send) in cases {
        let world = World::new();
        world.microsoft.register_app(NewApp { permissions: vec![permission.to_owned()], ..app() }).unwrap();
        let granted = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
        let token = granted.body["access_token"].as_str().unwrap();
        for (user, other) in [(ALICE, BOB), (BOB, ALICE)] {
            let path = |rest: &str| format!("/users/{user}/{rest}");
            let ask = async |method: &str, rest: &str, body| {
                world.graph_as(token, method, &path(rest), &[], body).await.status
            };
            assert_eq!(ask("GET", "messages", None).await, read, "{permission}");
            assert_eq!(ask("GET", "mailFolders/inbox/messages/delta", None).await, read, "{permission}");
            assert_eq!(ask("POST", "messages", Some(letter("Lunch", &[]))).await, write, "{permission}");
            let folder = Some(json!({ "displayName": "Projects" }));
            assert_eq!(ask("POST", "mailFolders", folder).await, write, "{permission}");
            let message = Some(json!({ "message": letter("Lunch", &[other]) }));
            assert_eq!(ask("POST", "sendMail", message).await, send, "{permission}");
        }
        let own = world.graph_as(token, "GET", "/me/messages", &[], None).await;
        assert_eq!((own.status, own.code()), (400, "BadRequest"));
    }
}
