//! The login's endpoints, and what of Graph belongs to no mailbox.

use super::super::login::assertions;
use super::super::subscriptions::Endpoint;
use super::super::*;
use super::scene::Scene;

/// A page or document that anybody may ask for.
async fn assert_found(paths: &[&str]) {
    let world = World::new();
    for path in paths {
        let answer = world.send(Request::get(*path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn documents_and_pages_of_the_login() {
    let authorize = format!(
        "/common/oauth2/v2.0/authorize?client_id={CLIENT}&response_type=code&redirect_uri={}&scope=User.Read",
        escaped(REDIRECT)
    );
    let consent = format!(
        "/contoso.example/v2.0/adminconsent?client_id={CLIENT}&redirect_uri={}&scope=https://graph.microsoft.com/.default",
        escaped(REDIRECT)
    );
    let legacy = format!("/contoso.example/adminconsent?client_id={CLIENT}&redirect_uri={}", escaped(REDIRECT));
    assert_found(&[
        "/common/v2.0/.well-known/openid-configuration",
        "/contoso.example/v2.0/.well-known/openid-configuration",
        "/common/discovery/v2.0/keys",
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        &authorize,
        &consent,
        &legacy,
        "/common/oauth2/v2.0/logout",
        "/common/oauth2/deviceauth",
        "/v1.0/",
        "/v1.0/$metadata",
    ])
    .await;
}

#[tokio::test]
async fn the_page_of_the_sign_in_by_a_form() {
    let world = World::new();
    let form = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid User.Read"),
        ("user", ALICE),
        ("decision", "accept"),
    ];
    let answer = world.form("/common/oauth2/v2.0/authorize", &form).await;
    assert!(answer.header("location").contains("code="), "{} {}", answer.status, answer.text);
}

#[tokio::test]
async fn the_pages_of_administrators_and_devices_by_a_form() {
    let world = World::new();
    let form = [
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "https://graph.microsoft.com/.default"),
        ("decision", "accept"),
    ];
    for path in ["/contoso.example/v2.0/adminconsent", "/contoso.example/adminconsent"] {
        let answer = world.form(path, &form).await;
        assert!(answer.header("location").contains("admin_consent=True"), "{path}: {} {}", answer.status, answer.text);
    }
    let fields = [("client_id", CLIENT), ("scope", "User.Read")];
    let device = world.form("/common/oauth2/v2.0/devicecode", &fields).await.body;
    let code = device["user_code"].as_str().unwrap();
    let page = world.form("/common/oauth2/deviceauth", &[("otc", code), ("user", ALICE), ("decision", "accept")]).await;
    assert!(page.status == 200 && page.text.contains("You have signed in"), "{}", page.text);
}

#[tokio::test]
async fn the_grant_of_an_application_with_a_certificate() {
    let signer = assertions::Signer::new();
    let world = assertions::world(&signer);
    let assertion = signer.sign(&signer.header("PS256"), &assertions::claims());
    let answer = assertions::ask(&world, &assertion).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn people_and_the_organisation() {
    let world = World::new();
    let scopes = ["User.Read.All", "Organization.Read.All", "openid"];
    let token = world.microsoft.issue_token(ALICE, &scopes).unwrap();
    for path in ["/users", "/users/$count", "/organization"] {
        let headers = [("consistencylevel", "eventual")];
        let answer = world.graph_as(&token, "GET", path, &headers, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    let authorization = format!("Bearer {token}");
    let userinfo = Request::get("/oidc/userinfo").header("authorization", authorization).body(Body::empty()).unwrap();
    let answer = world.send(userinfo).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn the_address_of_an_upload_takes_pieces_without_a_token() {
    let scene = Scene::new().await;
    let session = r#"{"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": 3145728}}"#;
    let path = scene.fill("/me/messages/{draft}/attachments/createUploadSession");
    let begun = scene.send("POST", &path, session).await;
    let address = begun.body["uploadUrl"].as_str().unwrap().strip_prefix(BASE).unwrap().to_owned();
    let request = |method: &str| Request::builder().method(method).uri(&address);
    let put = request("PUT").header("content-range", "bytes 0-9/3145728").body(Body::from(vec![0_u8; 10])).unwrap();
    let put = scene.world.send(put).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let asked = scene.world.send(request("GET").body(Body::empty()).unwrap()).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let cancelled = scene.world.send(request("DELETE").body(Body::empty()).unwrap()).await;
    assert_eq!(cancelled.status, 204, "{}", cancelled.text);
}

#[tokio::test]
async fn grants_of_the_token_endpoint() {
    let world = World::new();
    let ask = async |fields: &[(&str, &str)]| world.form("/contoso.example/oauth2/v2.0/token", fields).await;
    let secret = [("client_id", CLIENT), ("client_secret", SECRET)];
    let [id, secret] = secret;
    let own = [id, secret, ("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")];
    assert_eq!(ask(&own).await.status, 200);
    // Refused for what is in them, and not because nobody knows the grant.
    let codes = [("authorization_code", "code", 70_000), ("refresh_token", "refresh_token", 9_002_313)];
    for (grant, field, number) in codes {
        let form = [id, secret, ("grant_type", grant), (field, "x"), ("redirect_uri", REDIRECT)];
        assert_eq!(ask(&form).await.body["error_codes"][0], number, "{grant}");
    }
    let device = world.form("/contoso.example/oauth2/v2.0/devicecode", &[id, ("scope", "User.Read")]).await;
    assert_eq!(device.status, 200, "{}", device.text);
    let code = device.body["device_code"].as_str().unwrap().to_owned();
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let pending = ask(&[id, secret, grant, ("device_code", &code)]).await;
    assert_eq!(pending.body["error"], "authorization_pending", "{}", pending.text);
}

#[tokio::test]
async fn batches_and_subscriptions() {
    let scene = Scene::new().await;
    let parts = r#"{"requests": [{"id": "1", "method": "GET", "url": "/me"}]}"#;
    let batch = scene.send("POST", "/$batch", parts).await;
    assert_eq!((batch.status, batch.body["responses"][0]["status"].as_u64()), (200, Some(200)), "{}", batch.text);
    let endpoint = Endpoint::new().await;
    let wish = json!({
        "changeType": "updated", "notificationUrl": endpoint.at("/notify"), "resource": "me/events",
        "expirationDateTime": "2026-03-02T13:00:00Z",
    });
    let made = scene.send("POST", "/subscriptions", &wish.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let list = scene.send("GET", "/subscriptions", "").await;
    assert_eq!((list.status, list.items().len()), (200, 1), "{}", list.text);
    let one = format!("/subscriptions/{}", id(&made.body));
    for (method, path, body, status) in [
        ("GET", one.clone(), "", 200),
        ("PATCH", one.clone(), r#"{"expirationDateTime": "2026-03-02T14:00:00Z"}"#, 200),
        ("POST", format!("{one}/reauthorize"), "", 204),
        ("DELETE", one.clone(), "", 204),
        ("GET", one.clone(), "", 404),
    ] {
        let answer = scene.send(method, &path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    }
}
