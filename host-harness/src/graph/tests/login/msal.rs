//! What the libraries send, as they send it.
//!
//! The requests are those of MSAL for Python 1.39 and of MSAL for Node: names
//! and values of headers and fields, whether or not they mean anything here.

use super::*;

/// Headers of MSAL for Python.
const PYTHON: [(&str, &str); 8] = [
    ("accept", "application/json"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("x-client-sku", "MSAL.Python"),
    ("x-client-ver", "1.39.0"),
    ("x-client-os", "linux"),
    ("x-ms-lib-capability", "retry-after, h429"),
    ("client-request-id", "0b5f3c6e-7a0e-4d0d-9f0c-6a2b1c3d4e5f"),
    ("x-client-current-telemetry", "4|84,1|"),
];

/// Fields that MSAL for Node adds to each of its token requests.
const NODE: [(&str, &str); 8] = [
    ("x-client-SKU", "msal.js.node"),
    ("x-client-VER", "7.2.3"),
    ("x-client-OS", "linux"),
    ("x-client-CPU", "x64"),
    ("x-ms-lib-capability", "retry-after, h429"),
    ("x-client-current-telemetry", "5|771,0,,,|,"),
    ("x-client-last-telemetry", "5|0|||0,0"),
    ("client-request-id", "7d6f1c0a-9f4e-4b7c-8f57-3d1a0e2b4c6d"),
];

async fn post(world: &World, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::post("/contoso.example/oauth2/v2.0/token");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::from(query_of(fields))).unwrap()).await
}

fn uid(body: &Value) -> Value {
    let info = URL_SAFE_NO_PAD.decode(text(body, "client_info")).unwrap();
    serde_json::from_slice::<Value>(&info).unwrap()["uid"].clone()
}

#[tokio::test]
async fn msal_for_python_signs_a_user_in_and_renews_the_token() {
    let world = World::new();
    // The library sends a digest of the nonce that it keeps.
    let nonce = "78377b525757b494427f89014f97d79928f3938d14eb51e20fb5dec9834eb304";
    let challenge = challenge();
    let scope = "https://graph.microsoft.com/User.Read offline_access openid profile";
    let flow = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("state", "mWbKJrZUvXoNLeCP"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("nonce", nonce),
        ("client_info", "1"),
        ("user", ALICE),
        ("decision", "accept"),
    ];
    let back = returned(&world.form("/contoso.example/oauth2/v2.0/authorize", &flow).await);
    // The library routes by this before it has a token.
    assert!(back.contains_key("client_info"));
    let fields = [
        ("client_id", CLIENT),
        ("grant_type", "authorization_code"),
        ("client_info", "1"),
        ("client_secret", SECRET),
        ("code", &back["code"]),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
        ("code_verifier", VERIFIER),
    ];
    let answer = post(&world, &PYTHON, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let claims = claims_of(&answer.body["id_token"]);
    assert_eq!(claims["nonce"], nonce);
    assert_eq!(uid(&answer.body), claims["oid"]);
    // The cache is asked for what was asked of the service.
    let listed: Vec<&str> = text(&answer.body, "scope").split(' ').collect();
    assert!(listed.contains(&"https://graph.microsoft.com/User.Read"), "{listed:?}");

    let fields = [
        ("client_id", CLIENT),
        ("grant_type", "refresh_token"),
        ("client_info", "1"),
        ("client_secret", SECRET),
        ("refresh_token", text(&answer.body, "refresh_token")),
        ("scope", scope),
        ("claims", r#"{"access_token": {"xms_cc": {"values": ["CP1"]}}}"#),
    ];
    let renewed = post(&world, &PYTHON, &fields).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    assert_eq!(uid(&renewed.body), claims["oid"]);
    assert_eq!(claims_of(&renewed.body["access_token"])["xms_cc"], json!(["CP1"]));
    assert!(renewed.body["expires_in"].is_i64() && renewed.body["ext_expires_in"].is_i64());
}

#[tokio::test]
async fn msal_for_python_finds_the_default_scope_in_the_answer() {
    let world = World::new();
    let scope = "https://graph.microsoft.com/.default offline_access openid profile";
    let first = tokens(&world, &[("scope", scope)]).await;
    let expected = "https://graph.microsoft.com/User.Read https://graph.microsoft.com/Calendars.ReadWrite \
        https://graph.microsoft.com/MailboxSettings.Read https://graph.microsoft.com/.default openid profile";
    assert_eq!(first["scope"], expected);
    let scp = claims_of(&first["access_token"])["scp"].clone();
    assert_eq!(scp, "User.Read Calendars.ReadWrite MailboxSettings.Read openid profile");
    let fields = [
        ("client_id", CLIENT),
        ("grant_type", "refresh_token"),
        ("client_info", "1"),
        ("client_secret", SECRET),
        ("refresh_token", text(&first, "refresh_token")),
        ("scope", scope),
    ];
    assert_eq!(post(&world, &PYTHON, &fields).await.body["scope"], expected);
}

#[tokio::test]
async fn msal_for_node_asks_as_an_application() {
    let world = World::new();
    let mut fields = vec![
        ("client_id", CLIENT),
        ("scope", "https://graph.microsoft.com/.default"),
        ("grant_type", "client_credentials"),
        ("client_secret", SECRET),
    ];
    fields.extend(NODE);
    let headers = [("content-type", "application/x-www-form-urlencoded;charset=utf-8")];
    let answer = post(&world, &headers, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let names: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "expires_in", "ext_expires_in", "token_type"]);
    let claims = claims_of(&answer.body["access_token"]);
    assert_eq!(text(&claims, "idtyp"), "app");
    assert_eq!(claims["roles"], json!(["Calendars.ReadWrite", "MailboxSettings.Read"]));
    assert!(claims.get("scp").is_none());
}

#[tokio::test]
async fn msal_for_node_polls_for_a_device_under_a_name_of_its_own() {
    let world = World::new();
    world.microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    let begin = [("scope", "User.Read openid profile offline_access"), ("client_id", CLIENT)];
    let device = world.form("/contoso.example/oauth2/v2.0/devicecode", &begin).await.body;
    let mut fields = vec![
        ("scope", "User.Read openid profile offline_access"),
        ("client_id", CLIENT),
        ("grant_type", "device_code"),
        ("device_code", text(&device, "device_code")),
        ("client_info", "1"),
    ];
    fields.extend(NODE);
    assert_eq!(post(&world, &[], &fields).await.body["error"], "authorization_pending");
    let accepted = [("otc", text(&device, "user_code")), ("user", ALICE), ("decision", "accept")];
    world.form("/common/oauth2/deviceauth", &accepted).await;
    world.advance(5);
    let answer = post(&world, &[], &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(uid(&answer.body), claims_of(&answer.body["id_token"])["oid"]);
}

#[tokio::test]
async fn an_error_names_the_request_as_the_client_does() {
    let world = World::new();
    let fields = [("client_id", CLIENT), ("grant_type", "refresh_token"), ("client_secret", SECRET)];
    let python = post(&world, &PYTHON, &fields).await;
    assert_eq!((python.status, &python.body["correlation_id"]), (400, &json!(PYTHON[6].1)));
    let mut of_node = fields.to_vec();
    of_node.extend(NODE);
    let node = post(&world, &[], &of_node).await;
    assert_eq!(node.body["correlation_id"], NODE[7].1);
    // It stands in the address as well.
    let path = format!("/contoso.example/oauth2/v2.0/token?{}={}", NODE[7].0, NODE[7].1);
    assert_eq!(world.form(&path, &fields).await.body["correlation_id"], NODE[7].1);
    let expected = format!("Correlation ID: {}", NODE[7].1);
    assert!(text(&node.body, "error_description").contains(&expected), "{}", node.text);
}

#[tokio::test]
async fn kiota_names_graph_by_the_host_that_it_calls() {
    let world = World::new();
    let resources = [
        "https://graph.microsoft.com/",
        "https://graph.microsoft.com//",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://GRAPH.microsoft.com/",
        "https://graph.microsoft.us/",
        "00000003-0000-0000-c000-000000000000/",
    ];
    for resource in resources {
        let scope = format!("{resource}.default");
        let fields = [
            ("client_id", CLIENT),
            ("grant_type", "client_credentials"),
            ("client_secret", SECRET),
            ("scope", scope.as_str()),
        ];
        let answer = post(&world, &PYTHON, &fields).await;
        assert_eq!(answer.status, 200, "{scope}: {}", answer.text);
    }
    let mixed = "00000003-0000-0000-c000-000000000000/User.Read https://localhost/Calendars.ReadWrite openid";
    assert_eq!(tokens(&world, &[("scope", mixed)]).await["scope"], mixed);
}
