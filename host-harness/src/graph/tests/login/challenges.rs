//! Continuous access evaluation: what Graph asks of a client that copes with it.

use base64::engine::general_purpose::STANDARD;

use super::*;

const COPES: &str = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;

async fn expire(world: &World, user: &str) -> Value {
    let body = json!({ "what": "sessions", "userPrincipalName": user });
    world.control("POST", "expire", Some(body)).await.body["expired"].clone()
}

async fn me(world: &World, token: &str) -> Answer {
    world.graph_as(token, "GET", "/me", &[], None).await
}

/// What the header of a challenge asks for.
fn asked_by(challenged: &Answer) -> Value {
    let start = format!(
        "Bearer realm=\"\", authorization_uri=\"{BASE}/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\""
    );
    let header = challenged.header("www-authenticate");
    let encoded = header.strip_prefix(&start).unwrap().strip_suffix('"').unwrap();
    serde_json::from_slice(&STANDARD.decode(encoded).unwrap()).unwrap()
}

#[tokio::test]
async fn a_scripted_challenge_is_like_a_real_one() {
    let world = World::new();
    world.advance(60);
    let token = tokens(&world, &[("claims", COPES)]).await;
    let fault = json!([{ "match": { "path": "/me" }, "do": "claimsChallenge" }]);
    assert!(world.control("POST", "faults", Some(fault)).await.status < 300);
    let challenged = me(&world, text(&token, "access_token")).await;
    assert_eq!((challenged.status, challenged.code()), (401, "InvalidAuthenticationToken"));
    let since = (noon().timestamp() + 60).to_string();
    assert_eq!(asked_by(&challenged), json!({ "access_token": { "nbf": { "essential": true, "value": since } } }));
    assert_eq!(me(&world, text(&token, "access_token")).await.status, 200);
}

#[tokio::test]
async fn a_client_that_copes_is_asked_for_a_newer_token_and_gets_it_with_the_claims() {
    let world = World::new();
    let first = tokens(&world, &[("claims", COPES)]).await;
    assert_eq!(claims_of(&first["access_token"])["xms_cc"], json!(["cp1"]));
    assert_eq!(first["expires_in"], 86_399);
    assert_eq!(me(&world, text(&first, "access_token")).await.status, 200);
    world.advance(60);
    assert_eq!(expire(&world, ALICE).await, 1);
    let challenged = me(&world, text(&first, "access_token")).await;
    assert_eq!((challenged.status, challenged.code()), (401, "InvalidAuthenticationToken"));
    let asked = asked_by(&challenged);
    let since = (noon().timestamp() + 60).to_string();
    assert_eq!(asked, json!({ "access_token": { "nbf": { "essential": true, "value": since } } }));
    // As MSAL does: the claims of the challenge with the capability beside them.
    let mut merged = asked;
    merged["access_token"]["xms_cc"] = json!({ "values": ["cp1"] });
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("refresh_token", text(&first, "refresh_token")),
        ("claims", &merged.to_string()),
    ];
    let second = world.form("/common/oauth2/v2.0/token", &fields).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert!(claims_of(&second.body["access_token"])["nbf"].as_i64().unwrap() >= since.parse::<i64>().unwrap());
    assert_eq!(me(&world, text(&second.body, "access_token")).await.status, 200);
    // The old token stays what it is.
    assert_eq!(me(&world, text(&first, "access_token")).await.status, 401);
}

#[tokio::test]
async fn a_client_that_does_not_cope_goes_on_until_its_token_expires() {
    let world = World::new();
    let plain = tokens(&world, &[]).await;
    assert!(claims_of(&plain["access_token"]).get("xms_cc").is_none());
    assert_eq!(plain["expires_in"], 3_599);
    assert_eq!(expire(&world, ALICE).await, 0);
    assert_eq!(me(&world, text(&plain, "access_token")).await.status, 200);
    world.advance(3_600);
    let expired = me(&world, text(&plain, "access_token")).await;
    assert_eq!(expired.status, 401);
    assert!(!expired.header("www-authenticate").contains("insufficient_claims"));
}

#[tokio::test]
async fn a_challenge_is_for_one_user_or_for_everybody() {
    let world = World::new();
    let alice = tokens(&world, &[("claims", COPES)]).await;
    let bob = tokens(&world, &[("claims", COPES), ("user", BOB)]).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
        ("claims", COPES),
    ];
    let application = world.form("/contoso.example/oauth2/v2.0/token", &fields).await.body;
    assert_eq!(expire(&world, BOB).await, 1);
    assert_eq!(me(&world, text(&alice, "access_token")).await.status, 200);
    assert_eq!(me(&world, text(&bob, "access_token")).await.status, 401);
    let everybody = world.control("POST", "expire", Some(json!({ "what": "sessions" }))).await;
    assert_eq!(everybody.body["expired"], 3);
    assert_eq!(me(&world, text(&alice, "access_token")).await.status, 401);
    let path = format!("/users/{ALICE}/events");
    let refused = world.graph_as(text(&application, "access_token"), "GET", &path, &[], None).await;
    assert!(refused.header("www-authenticate").contains("insufficient_claims"));
}

#[tokio::test]
async fn the_capability_may_come_with_the_code_or_with_its_redemption() {
    let world = World::new();
    let code = code(&world).await;
    let late = redeem(&world, &code, &[("claims", COPES)]).await.body;
    assert_eq!(claims_of(&late["access_token"])["xms_cc"], json!(["cp1"]));
    let refreshed = refresh(&world, text(&late, "refresh_token")).await.body;
    assert!(claims_of(&refreshed["access_token"]).get("xms_cc").is_none());
}

#[tokio::test]
async fn claims_that_are_no_json_are_refused() {
    let world = World::new();
    let challenge = challenge();
    for wrong in ["{", "[]", "cp1"] {
        let page = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[("claims", wrong)])).await;
        let refused = returned(&page);
        assert_eq!(refused["error"], "invalid_request", "{wrong}");
        assert!(refused["error_description"].starts_with("AADSTS9002313:"), "{wrong}");
    }
    let code = code(&world).await;
    assert_eq!(number(&redeem(&world, &code, &[("claims", "{")]).await), 9_002_313);
    assert_eq!(redeem(&world, &code, &[]).await.status, 200);
}
