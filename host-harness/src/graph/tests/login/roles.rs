//! What an application may do for nobody.

use super::*;

/// What the application is handed for itself.
async fn token(world: &World) -> Value {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = world.form("/contoso.example/oauth2/v2.0/token", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["access_token"].clone()
}

/// The roles of its token.
async fn roles(world: &World) -> Value {
    claims_of(&token(world).await)["roles"].clone()
}

async fn register(world: &World, changes: Value) -> Answer {
    let mut registration = json!({
        "clientId": CLIENT, "clientSecret": SECRET, "tenant": "contoso.example", "redirectUris": [REDIRECT],
        "permissions": ["User.Read", "Calendars.ReadWrite"],
    });
    registration.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    world.control("POST", "apps", Some(registration)).await
}

/// An administrator accepts.
async fn consent(world: &World, path: &str, scope: Option<&str>) {
    let mut fields = vec![("client_id", CLIENT), ("redirect_uri", REDIRECT), ("decision", "accept")];
    fields.extend(scope.map(|scope| ("scope", scope)));
    assert_eq!(returned(&world.form(&format!("/contoso.example/{path}"), &fields).await)["admin_consent"], "True");
}

#[tokio::test]
async fn of_permissions_in_one_list_those_are_roles_that_an_application_can_have() {
    let world = World::new();
    let permissions = [
        "openid",
        "offline_access",
        "User.Read",
        "user.read.all",
        "Calendars.ReadBasic",
        "Calendars.ReadWrite",
        "Tasks.ReadWrite",
        "Tasks.Read.All",
        "Mail.Send",
        "Calendars.Read.Shared",
    ];
    let made = register(&world, json!({ "permissions": permissions })).await;
    let expected = json!(["User.Read.All", "Calendars.ReadWrite", "Tasks.Read.All", "Mail.Send"]);
    assert_eq!(made.body["applicationPermissions"], expected);
    assert_eq!(roles(&world).await, expected);
    // Those in a list of their own wait, and so do those of which an administrator is said to be needed.
    register(&world, json!({ "permissions": permissions, "adminConsentRequired": true })).await;
    assert_eq!(roles(&world).await, Value::Null);
    let all = json!({ "permissions": permissions, "adminConsentRequired": true, "adminConsented": true });
    register(&world, all).await;
    assert_eq!(roles(&world).await, expected);
}

#[tokio::test]
async fn roles_wait_for_an_administrator() {
    let world = World::new();
    let wanted = json!({ "applicationPermissions": ["Calendars.Read", "User.Read.All"] });
    let made = register(&world, wanted.clone()).await;
    assert_eq!((made.status, &made.body["grantedApplicationPermissions"]), (201, &json!([])));
    let early = token(&world).await;
    assert!(claims_of(&early).get("roles").is_none());
    let ask = async |token: &Value, path: &str| {
        let answer = world.graph_as(token.as_str().unwrap(), "GET", path, &[], None).await;
        (answer.status, answer.code().to_owned())
    };
    let events = format!("/users/{ALICE}/events");
    assert_eq!(ask(&early, &events).await, (401, "NoPermissionsInAccessToken".to_owned()));
    assert_eq!(ask(&early, "/users").await, (403, "Authorization_RequestDenied".to_owned()));
    // Users cannot grant them, nor does a consent to what was named.
    tokens(&world, &[]).await;
    consent(&world, "v2.0/adminconsent", Some("https://graph.microsoft.com/Calendars.ReadWrite")).await;
    assert_eq!(roles(&world).await, Value::Null);
    let page = get(&world, &format!("/contoso.example/adminconsent?client_id={CLIENT}&redirect_uri={REDIRECT}")).await;
    assert!(page.text.contains("User.Read.All"), "{}", page.text);
    consent(&world, "v2.0/adminconsent", Some("https://graph.microsoft.com/.default")).await;
    let late = token(&world).await;
    assert_eq!(claims_of(&late)["roles"], json!(["Calendars.Read", "User.Read.All"]));
    assert_eq!(ask(&late, &events).await.0, 200);
    assert_eq!(ask(&late, "/users").await.0, 200);
    // What a token says, it says until it ends.
    assert_eq!(ask(&early, &events).await.0, 401);
    // A new registration is a new question.
    register(&world, wanted.clone()).await;
    assert_eq!(roles(&world).await, Value::Null);
    consent(&world, "adminconsent", None).await;
    assert_eq!(roles(&world).await, json!(["Calendars.Read", "User.Read.All"]));
    register(&world, json!({ "applicationPermissions": ["Mail.Read"], "adminConsented": true })).await;
    assert_eq!(roles(&world).await, json!(["Mail.Read"]));
}

#[tokio::test]
async fn what_users_alone_can_grant_is_no_application_permission() {
    let world = World::new();
    for name in ["User.Read", "Tasks.ReadWrite", "offline_access", "Calendars.ReadBasic", "Nonsense"] {
        let refused = register(&world, json!({ "applicationPermissions": [name] })).await;
        assert_eq!((refused.status, refused.code()), (400, "invalidValue"), "{name}");
        assert!(refused.text.contains(&format!("found `{name}`")), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_permission_that_nothing_here_asks_for_is_granted_and_opens_nothing() {
    let world = World::new();
    let named = ["Contacts.Read", "Files.Read.All", "User.ReadBasic.All", "MailboxItem.Read.All"];
    let made = register(&world, json!({ "applicationPermissions": ["contacts.read", "Files.Read.All"] })).await;
    assert_eq!(made.body["applicationPermissions"], json!(["Contacts.Read", "Files.Read.All"]), "{}", made.text);
    register(&world, json!({ "applicationPermissions": named, "adminConsented": true })).await;
    let own = token(&world).await;
    assert_eq!(claims_of(&own)["roles"], json!(named));
    // `User.ReadBasic.All` shows people to users alone (api/user-list).
    for path in [format!("/users/{ALICE}/events"), format!("/users/{ALICE}/messages"), "/users".to_owned()] {
        assert_eq!(world.graph_as(own.as_str().unwrap(), "GET", &path, &[], None).await.status, 403, "{path}");
    }
    register(&world, json!({ "permissions": ["User.Read", "Contacts.Read", "Files.Read"] })).await;
    let scope = "openid User.Read Contacts.Read Files.Read";
    let of_alice = tokens(&world, &[("scope", scope)]).await["access_token"].clone();
    assert_eq!(claims_of(&of_alice)["scp"], "User.Read Contacts.Read Files.Read openid");
    assert_eq!(world.graph_as(of_alice.as_str().unwrap(), "GET", "/me/events", &[], None).await.status, 403);
}

#[tokio::test]
async fn a_permission_that_graph_has_not_is_nobody_s() {
    let world = World::new();
    for name in ["Nonsense", "Calendars.ReadWrite.All", "Contacts", "Contacts.Read.Everything", ""] {
        let refused = register(&world, json!({ "permissions": ["User.Read", name] })).await;
        assert_eq!((refused.status, refused.code()), (400, "invalidValue"), "{name}");
        assert!(refused.text.contains(&format!("found `{name}`")), "{}", refused.text);
    }
    // Nor is one of applications alone a user's (`Mail.ReadBasic.All`).
    for name in ["Nonsense", "Calendars.ReadWrite.All", "Mail.ReadBasic.All"] {
        let scope = format!("openid https://graph.microsoft.com/User.Read https://graph.microsoft.com/{name}");
        let challenge = challenge();
        let fields = sign_in(&challenge, &[("scope", &scope)]);
        let unasked: Vec<_> = fields.iter().filter(|(name, _)| *name != "decision").copied().collect();
        let decided = world.form("/common/oauth2/v2.0/authorize", &fields).await;
        for answer in [authorize(&world, &unasked).await, decided] {
            let refused = returned(&answer);
            assert_eq!(refused["error"], "invalid_client", "{name}");
            let said = format!("asked for scope '{name}' that doesn't exist on the resource");
            let description = &refused["error_description"];
            assert!(description.starts_with("AADSTS650053: ") && description.contains(&said), "{description}");
        }
        let page = get(&world, &format!("/contoso.example/v2.0/adminconsent?{}", query_of(&fields))).await;
        assert!(page.status == 400 && page.text.contains("AADSTS650053"), "{}", page.text);
    }
}

#[test]
fn a_registration_from_before_has_the_roles_that_it_had() {
    for (needs_admin, granted) in [(false, &["Calendars.Read"][..]), (true, &[])] {
        let stored = json!({
            "client_id": CLIENT, "client_secret": null, "secret_expired": false, "tenant": "contoso.example",
            "redirect_uris": [], "permissions": ["User.Read", "Calendars.Read"],
            "admin_consent_required": needs_admin, "admin_consented": false,
        });
        let app: crate::graph::model::App = serde_json::from_value(stored).unwrap();
        assert_eq!(app.roles().granted, granted, "where an administrator is needed: {needs_admin}");
    }
}
