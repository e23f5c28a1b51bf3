//! The documents by which clients find their way, and the user of a token.

use super::*;

async fn configuration(world: &World, path: &str) -> Value {
    let answer = get(world, &format!("{path}/.well-known/openid-configuration")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

#[tokio::test]
async fn everything_that_the_libraries_read_is_in_the_document() {
    let world = World::new();
    for tenant in ["common", "organizations", "contoso.example", &world.microsoft.tenant_id()] {
        let document = configuration(&world, &format!("/{tenant}/v2.0")).await;
        let endpoints = [
            ("authorization_endpoint", "oauth2/v2.0/authorize"),
            ("token_endpoint", "oauth2/v2.0/token"),
            ("end_session_endpoint", "oauth2/v2.0/logout"),
            ("device_authorization_endpoint", "oauth2/v2.0/devicecode"),
            ("jwks_uri", "discovery/v2.0/keys"),
        ];
        for (name, path) in endpoints {
            // The libraries take the first segment for the tenant.
            assert_eq!(document[name], format!("{BASE}/{tenant}/{path}"), "{name}");
        }
        assert_eq!(document["userinfo_endpoint"], format!("{BASE}/oidc/userinfo"));
        let methods = document["token_endpoint_auth_methods_supported"].as_array().unwrap();
        assert!(methods.contains(&json!("private_key_jwt")), "{methods:?}");
    }
    let issuer = |document: Value| document["issuer"].clone();
    assert_eq!(issuer(configuration(&world, "/common/v2.0").await), format!("{BASE}/{{tenantid}}/v2.0"));
    let own = format!("{BASE}/{}/v2.0", world.microsoft.tenant_id());
    assert_eq!(issuer(configuration(&world, "/contoso.example/v2.0").await), own);
}

#[tokio::test]
async fn personal_accounts_are_found_and_cannot_sign_in() {
    let world = World::new();
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    for tenant in ["consumers", personal] {
        let document = configuration(&world, &format!("/{tenant}/v2.0")).await;
        assert_eq!(document["issuer"], format!("{BASE}/{personal}/v2.0"));
        assert_eq!(get(&world, &format!("/{tenant}/discovery/v2.0/keys")).await.status, 200);
        let answer = world.form(&format!("/{tenant}/oauth2/v2.0/token"), &[("client_id", CLIENT)]).await;
        assert_eq!((answer.status, text(&answer.body, "error")), (400, "unauthorized_client"));
        let challenge = challenge();
        let page = world.form(&format!("/{tenant}/oauth2/v2.0/authorize"), &sign_in(&challenge, &[])).await;
        assert!(page.text.contains("not enabled for consumers"), "{}", page.text);
    }
}

#[tokio::test]
async fn the_first_version_has_its_documents_and_the_rest_of_it_is_refused_by_name() {
    let world = World::new();
    let document = configuration(&world, "/contoso.example").await;
    assert_eq!(document["issuer"], format!("https://sts.windows.net/{}/", world.microsoft.tenant_id()));
    assert_eq!(document["token_endpoint"], format!("{BASE}/contoso.example/oauth2/token"));
    let shared = configuration(&world, "/common").await;
    assert_eq!(shared["issuer"], "https://sts.windows.net/{tenantid}/");
    let keys = get(&world, shared["jwks_uri"].as_str().unwrap().strip_prefix(BASE).unwrap()).await.body;
    assert_eq!(keys, get(&world, "/common/discovery/v2.0/keys").await.body);
    for (method, path) in [("POST", "/common/oauth2/token"), ("GET", "/common/oauth2/authorize")] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        assert_eq!(answer.status, 501);
        assert!(text(&answer.body, "error_description").contains(&format!("{method} {path}")), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_tenant_that_is_nobody_has_no_documents() {
    let world = World::new();
    let paths = [
        "/nowhere.example/v2.0/.well-known/openid-configuration",
        "/nowhere.example/.well-known/openid-configuration",
        "/nowhere.example/discovery/v2.0/keys",
        "/nowhere.example/discovery/keys",
    ];
    for path in paths {
        let answer = get(&world, path).await;
        assert_eq!((answer.status, number(&answer), text(&answer.body, "error")), (400, 90_002, "invalid_tenant"));
        let description = text(&answer.body, "error_description");
        assert!(description.starts_with("AADSTS90002: Tenant 'nowhere.example' not found."), "{description}");
        let page = get(&world, text(&answer.body, "error_uri").strip_prefix(BASE).unwrap()).await;
        assert!(page.status == 200 && page.text.contains("AADSTS90002"), "{}", page.text);
    }
}

pub(super) async fn instance(world: &World, version: &str, endpoint: &str) -> Answer {
    let query = query_of(&[("api-version", version), ("authorization_endpoint", endpoint)]);
    get(world, &format!("/common/discovery/instance?{query}")).await
}

#[tokio::test]
async fn the_emulator_is_an_instance_that_it_knows() {
    let world = World::new();
    let found = instance(&world, "1.1", &format!("{BASE}/common/oauth2/v2.0/authorize")).await.body;
    let expected = format!("{BASE}/common/v2.0/.well-known/openid-configuration");
    assert_eq!((&found["tenant_discovery_endpoint"], &found["api-version"]), (&json!(expected), &json!("1.1")));
    let clouds = found["metadata"].as_array().unwrap();
    let own = json!({
        "preferred_network": "127.0.0.1:8081", "preferred_cache": "127.0.0.1:8081",
        "aliases": ["127.0.0.1:8081", "127.0.0.1"],
    });
    assert_eq!(clouds[0], own);
    assert_eq!(clouds[1]["preferred_network"], "login.microsoftonline.com");
    assert_eq!(clouds[1]["preferred_cache"], "login.windows.net");
    // MSAL for Python leaves the port out.
    let without_port = instance(&world, "1.0", "https://127.0.0.1/common/oauth2/v2.0/authorize").await.body;
    assert_eq!(without_port, json!({ "tenant_discovery_endpoint": expected, "api-version": "1.0" }));
    let first_version = instance(&world, "1.1", &format!("{BASE}/contoso.example/oauth2/authorize")).await.body;
    let expected = format!("{BASE}/contoso.example/.well-known/openid-configuration");
    assert_eq!(first_version["tenant_discovery_endpoint"], expected);
}

#[tokio::test]
async fn the_clouds_of_microsoft_are_instances_and_others_are_not() {
    let world = World::new();
    let known = instance(&world, "1.1", "https://login.microsoftonline.us/common/oauth2/v2.0/authorize").await.body;
    let expected = "https://login.microsoftonline.us/common/v2.0/.well-known/openid-configuration";
    assert_eq!(known["tenant_discovery_endpoint"], expected);
    assert_eq!(known["metadata"].as_array().unwrap().len(), 4);
    for wrong in ["https://login.elsewhere.example/common/oauth2/v2.0/authorize", "nothing"] {
        let refused = instance(&world, "1.1", wrong).await;
        assert_eq!((refused.status, number(&refused)), (400, 50_049), "{wrong}");
        assert_eq!(refused.body["error"], "invalid_instance");
    }
    assert_eq!(number(&get(&world, "/common/discovery/instance?api-version=1.1").await), 900_144);
    let unversioned = format!("/common/discovery/instance?authorization_endpoint={BASE}/common/oauth2/authorize");
    assert_eq!(number(&get(&world, &unversioned).await), 900_144);
    let other = instance(&world, "7", &format!("{BASE}/common/oauth2/v2.0/authorize")).await;
    assert_eq!(number(&other), 9_002_313);
}

async fn userinfo(world: &World, token: &str) -> Answer {
    let request = Request::get("/oidc/userinfo").header("authorization", format!("Bearer {token}"));
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_of_a_sign_in_says_whose_it_is() {
    let world = World::new();
    let signed_in = tokens(&world, &[("scope", "openid profile email User.Read")]).await;
    let answer = userinfo(&world, text(&signed_in, "access_token")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let expected = json!({
        "sub": claims_of(&signed_in["id_token"])["sub"],
        "name": "Alice Example", "given_name": "Alice", "family_name": "Example", "email": ALICE,
        "picture": format!("{BASE}/v1.0/me/photo/$value"),
    });
    assert_eq!(answer.body, expected);
    let token = format!("Bearer {}", text(&signed_in, "access_token"));
    let posted = Request::post("/oidc/userinfo").header("authorization", token).body(Body::empty()).unwrap();
    assert_eq!(world.send(posted).await.body, expected);
    let less = tokens(&world, &[("scope", "openid User.Read")]).await;
    let names: Vec<String> =
        userinfo(&world, text(&less, "access_token")).await.body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["sub"]);
}

#[tokio::test]
async fn a_token_of_no_sign_in_says_nothing() {
    let world = World::new();
    let without = tokens(&world, &[("scope", "User.Read")]).await;
    let refused = userinfo(&world, text(&without, "access_token")).await;
    assert_eq!((refused.status, refused.code()), (403, "ErrorAccessDenied"));
    let nobody = userinfo(&world, "nothing").await;
    assert_eq!((nobody.status, nobody.code()), (401, "InvalidAuthenticationToken"));
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let application = world.form("/contoso.example/oauth2/v2.0/token", &fields).await.body;
    assert_eq!(userinfo(&world, text(&application, "access_token")).await.status, 403);
}

/// A document as a client reads it that reaches the emulator under this name.
pub(super) async fn document_at(world: &World, host: &str, path: &str) -> Value {
    use axum::extract::ConnectInfo;
    let request = Request::get(path).header("host", host).extension(ConnectInfo(crate::graph::Scheme::Https));
    world.send(request.body(Body::empty()).unwrap()).await.body
}

#[tokio::test]
async fn a_client_finds_everything_under_the_name_that_it_uses() {
    let world = World::new();
    let tenant = world.microsoft.tenant_id();
    let path = "/contoso.example/v2.0/.well-known/openid-configuration";
    for (host, graph) in [
        ("localhost:8443", "localhost:8443"),
        ("127.0.0.1:8443", "127.0.0.1:8443"),
        ("login.microsoftonline.com", "graph.microsoft.com"),
        ("login.microsoftonline.us", "graph.microsoft.us"),
        ("login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
        ("login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),
        ("graph.microsoft.com", "graph.microsoft.com"),
    ] {
        let document = document_at(&world, host, path).await;
        assert_eq!(document["issuer"], format!("https://{host}/{tenant}/v2.0"));
        assert_eq!(document["token_endpoint"], format!("https://{host}/contoso.example/oauth2/v2.0/token"));
        assert_eq!(document["userinfo_endpoint"], format!("https://{graph}/oidc/userinfo"));
        assert_eq!(document["msgraph_host"], graph.split(':').next().unwrap());
    }
}

#[tokio::test]
async fn an_instance_is_known_under_the_name_that_the_client_uses() {
    let world = World::new();
    let path = |authority: &str| {
        let endpoint = format!("https://{authority}/common/oauth2/v2.0/authorize");
        let query = query_of(&[("api-version", "1.1"), ("authorization_endpoint", &endpoint)]);
        format!("/common/discovery/instance?{query}")
    };
    let document = "common/v2.0/.well-known/openid-configuration";
    let own = document_at(&world, "emulator.test:8443", &path("emulator.test:8443")).await;
    assert_eq!(own["tenant_discovery_endpoint"], format!("https://emulator.test:8443/{document}"));
    assert_eq!(own["metadata"][0]["aliases"], json!(["emulator.test:8443", "emulator.test"]));
    // MSAL asks Microsoft's name about others, which a hosts file leads here.
    let asked = document_at(&world, "login.microsoftonline.com", &path("localhost:8443")).await;
    assert_eq!(asked["tenant_discovery_endpoint"], format!("https://localhost:8443/{document}"));
    let public = document_at(&world, "login.microsoftonline.com", &path("login.microsoftonline.com")).await;
    assert_eq!(public["tenant_discovery_endpoint"], format!("https://login.microsoftonline.com/{document}"));
    assert_eq!(public["metadata"][0]["aliases"][1], "login.windows.net");
    let unknown = document_at(&world, "localhost:8443", &path("emulator.test:8443")).await;
    assert_eq!(unknown["error"], "invalid_instance");
}

#[tokio::test]
async fn tokens_are_issued_under_the_name_that_the_client_uses() {
    let world = World::new();
    let code = code(&world).await;
    let body = query_of(&[
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("scope", "openid https://emulator.test/User.Read"),
    ]);
    let uri = "https://emulator.test:8443/common/oauth2/v2.0/token";
    let tokens = world.send(Request::post(uri).body(Body::from(body)).unwrap()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    let issuer = format!("https://emulator.test:8443/{}/v2.0", world.microsoft.tenant_id());
    assert_eq!(claims_of(&tokens.body["id_token"])["iss"], issuer);
    assert_eq!(tokens.body["scope"], "openid https://emulator.test/User.Read");
}
