//! Sign-in: codes, PKCE, refresh, secrets, consent. The modules are about one
//! part of it each.

pub(super) mod assertions;
mod challenges;
mod clouds;
mod consents;
mod device;
mod discovery;
mod msal;
mod pages;
mod refusals;
mod roles;
mod spa;
mod states;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::*;

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-accepted-by-anybody";
const SCOPE: &str = "openid profile offline_access https://graph.microsoft.com/User.Read Calendars.ReadWrite Mail.Read";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

/// The fields of an accepted sign-in page.
fn sign_in<'a>(challenge: &'a str, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
        ("state", "s t"),
        ("nonce", "n-1"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("user", ALICE),
        ("decision", "accept"),
    ];
    for (name, value) in extra {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

/// Parameters of the redirect that an answer leads to.
fn returned(answer: &Answer) -> std::collections::BTreeMap<String, String> {
    assert_eq!(answer.status, 302, "{}", answer.text);
    url::Url::parse(answer.header("location")).unwrap().query_pairs().into_owned().collect()
}

async fn code(world: &World) -> String {
    let challenge = challenge();
    let answer = world.form("/contoso.example/oauth2/v2.0/authorize", &sign_in(&challenge, &[])).await;
    let returned = returned(&answer);
    assert_eq!(returned["state"], "s t");
    returned["code"].clone()
}

async fn redeem(world: &World, code: &str, extra: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("client_info", "1"),
    ];
    for (name, value) in extra {
        fields.retain(|(known, _)| known != name);
        fields.push((*name, *value));
    }
    world.form("/common/oauth2/v2.0/token", &fields).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    let fields =
        [("grant_type", "refresh_token"), ("client_id", CLIENT), ("client_secret", SECRET), ("refresh_token", token)];
    world.form("/common/oauth2/v2.0/token", &fields).await
}

fn number(answer: &Answer) -> u64 {
    answer.body["error_codes"][0].as_u64().unwrap_or_default()
}

/// What a signed token says.
fn claims_of(token: &Value) -> Value {
    let claims = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn query_of(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn get(world: &World, path: &str) -> Answer {
    world.send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// Asks for a page or a redirect.
async fn authorize(world: &World, fields: &[(&str, &str)]) -> Answer {
    get(world, &format!("/common/oauth2/v2.0/authorize?{}", query_of(fields))).await
}

/// The tokens of a sign-in that accepts everything.
async fn tokens(world: &World, extra: &[(&str, &str)]) -> Value {
    let challenge = challenge();
    let page = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, extra)).await;
    let answer = redeem(world, &returned(&page)["code"], &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_code_becomes_tokens_that_open_graph() {
    let world = World::new();
    let tokens = redeem(&world, &code(&world).await, &[]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    // What the application may not have is not granted, and the spelling of
    // the request is kept.
    assert_eq!(tokens.body["scope"], "openid profile https://graph.microsoft.com/User.Read Calendars.ReadWrite");
    assert_eq!(tokens.body["expires_in"], 3599);
    let access = tokens.body["access_token"].as_str().unwrap();
    assert_eq!(world.graph_as(access, "GET", "/me", &[], None).await.body["userPrincipalName"], ALICE);
    let claims = tokens.body["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (claims["nonce"].as_str(), claims["aud"].as_str(), claims["ver"].as_str()),
        (Some("n-1"), Some(CLIENT), Some("2.0"))
    );
    let info = URL_SAFE_NO_PAD.decode(tokens.body["client_info"].as_str().unwrap()).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!((&info["uid"], &info["utid"]), (&claims["oid"], &claims["tid"]));
}

#[tokio::test]
async fn a_code_works_once_in_time_and_with_its_verifier() {
    let world = World::new();
    let first = code(&world).await;
    let wrong =
        redeem(&world, &first, &[("code_verifier", "something-else-that-is-long-enough-to-pass-the-check")]).await;
    assert_eq!((wrong.status, number(&wrong), wrong.body["error"].as_str()), (400, 501_481, Some("invalid_grant")));
    assert!(wrong.body["error_description"].as_str().unwrap().starts_with("AADSTS501481:"));
    assert_eq!(redeem(&world, &first, &[]).await.status, 200);
    assert_eq!(number(&redeem(&world, &first, &[]).await), 54_005);
    let late = code(&world).await;
    world.advance(601);
    assert_eq!(number(&redeem(&world, &late, &[]).await), 70_008);
    assert_eq!(number(&redeem(&world, &code(&world).await, &[("redirect_uri", "http://elsewhere")]).await), 500_112);
}

#[tokio::test]
async fn refresh_tokens_rotate_and_can_be_strict_revoked_or_too_old() {
    let world = World::new();
    let tokens = redeem(&world, &code(&world).await, &[]).await.body;
    let old = tokens["refresh_token"].as_str().unwrap().to_owned();
    let rotated = refresh(&world, &old).await;
    let new = rotated.body["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert_eq!(refresh(&world, &old).await.status, 200);
    world.control("POST", "behaviour", Some(json!({ "refreshRotationStrict": true }))).await;
    let newest = refresh(&world, &new).await.body["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(number(&refresh(&world, &new).await), 50_173);
    world.advance(91 * 24 * 3_600);
    assert_eq!(number(&refresh(&world, &newest).await), 700_082);
    let fresh = redeem(&world, &code(&world).await, &[]).await.body["refresh_token"].as_str().unwrap().to_owned();
    world.control("POST", "expire", Some(json!({ "what": "refreshTokens", "userPrincipalName": ALICE }))).await;
    let revoked = refresh(&world, &fresh).await;
    assert_eq!((number(&revoked), revoked.body["error"].as_str()), (50_173, Some("invalid_grant")));
}

#[tokio::test]
async fn secrets_are_checked_and_expire() {
    let world = World::new();
    let fields = |secret: &'static str| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT),
            ("client_secret", secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ]
    };
    let path = "/contoso.example/oauth2/v2.0/token";
    let app = world.form(path, &fields(SECRET)).await.body;
    assert!(app.get("refresh_token").is_none());
    let token = app["access_token"].as_str().unwrap();
    assert_eq!(world.graph_as(token, "GET", "/me", &[], None).await.status, 400);
    assert_eq!(world.graph_as(token, "GET", &format!("/users/{BOB}/events"), &[], None).await.status, 200);
    let wrong = world.form(path, &fields("wrong")).await;
    assert_eq!((wrong.status, number(&wrong), wrong.body["error"].as_str()), (401, 7_000_215, Some("invalid_client")));
    world.control("POST", "expire", Some(json!({ "what": "clientSecret" }))).await;
    assert_eq!(number(&world.form(path, &fields(SECRET)).await), 7_000_222);
}

#[tokio::test]
async fn access_tokens_can_be_revoked() {
    let world = World::new();
    world.control("POST", "expire", Some(json!({ "what": "accessTokens", "userPrincipalName": ALICE }))).await;
    assert_eq!(world.get("/me").await.code(), "InvalidAuthenticationToken");
}

#[tokio::test]
async fn the_page_shows_users_and_permissions_and_can_be_cancelled() {
    let world = World::new();
    let query = format!(
        "client_id={CLIENT}&response_type=code&redirect_uri={REDIRECT}&scope=User.Read%20Calendars.ReadWrite&state=a%26b&login_hint={BOB}"
    );
    let request = Request::get(format!("/organizations/oauth2/v2.0/authorize?{query}")).body(Body::empty()).unwrap();
    let page = world.send(request).await;
    assert_eq!(page.status, 200);
    for expected in
        ["Alice Example", "Have full access to your calendars", "name=\"state\" value=\"a&amp;b\"", "value=\"cancel\""]
    {
        assert!(page.text.contains(expected), "{expected}");
    }
    assert!(page.text.contains(&format!("value=\"{BOB}\" checked")) && !page.text.contains("<script"));
    let challenge = challenge();
    let cancelled = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[("decision", "cancel")])).await;
    assert_eq!(returned(&cancelled)["error"], "access_denied");
}

#[tokio::test]
async fn errors_before_the_redirect_is_known_are_pages() {
    let world = World::new();
    let challenge = challenge();
    let cases = [
        ("/common", ("client_id", "unknown"), "AADSTS700016"),
        ("/common", ("redirect_uri", "http://evil.example/"), "AADSTS50011"),
        ("/nowhere.example", ("prompt", "login"), "AADSTS90002"),
    ];
    for (tenant, extra, expected) in cases {
        let answer = world.form(&format!("{tenant}/oauth2/v2.0/authorize"), &sign_in(&challenge, &[extra])).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains(expected) && answer.header("location").is_empty());
    }
}

#[tokio::test]
async fn the_answer_can_come_as_fragment_or_form() {
    let world = World::new();
    let challenge = challenge();
    let path = "/common/oauth2/v2.0/authorize";
    let fragment = world.form(path, &sign_in(&challenge, &[("response_mode", "fragment")])).await;
    assert!(fragment.header("location").starts_with(&format!("{REDIRECT}#code=")));
    let form = world.form(path, &sign_in(&challenge, &[("response_mode", "form_post")])).await;
    assert_eq!(form.status, 200);
    assert!(form.text.contains("name=\"code\"") && form.text.contains("action=\"http:"));
}

#[tokio::test]
async fn silent_sign_in_needs_consent() {
    let world = World::new();
    let challenge = challenge();
    let silent = [("prompt", "none"), ("login_hint", ALICE)];
    let path = |fields: &[(&str, &str)]| {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Request::get(format!("/common/oauth2/v2.0/authorize?{query}")).body(Body::empty()).unwrap()
    };
    let before = world.send(path(&sign_in(&challenge, &silent))).await;
    assert_eq!(returned(&before)["error"], "consent_required");
    code(&world).await;
    let after = world.send(path(&sign_in(&challenge, &silent))).await;
    assert!(returned(&after).contains_key("code"));
}

#[tokio::test]
async fn an_administrator_opens_the_door_for_users() {
    let world = World::new();
    world.microsoft.register_app(NewApp { admin_consent_required: true, ..app() }).unwrap();
    let challenge = challenge();
    let path = "/common/oauth2/v2.0/authorize";
    // There is nothing to decline either.
    for decision in ["accept", "cancel"] {
        let refused = returned(&world.form(path, &sign_in(&challenge, &[("decision", decision)])).await);
        assert_eq!(refused["error"], "consent_required", "{decision}");
        assert!(refused["error_description"].starts_with("AADSTS90094"), "{decision}");
    }
    let fields = [
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("state", "x"),
        ("scope", "https://graph.microsoft.com/.default"),
        ("decision", "accept"),
    ];
    let consented = returned(&world.form("/contoso.example/v2.0/adminconsent", &fields).await);
    assert_eq!(
        (consented["admin_consent"].as_str(), consented["tenant"].clone()),
        ("True", world.microsoft.tenant_id())
    );
    assert!(returned(&world.form(path, &sign_in(&challenge, &[])).await).contains_key("code"));
}

#[tokio::test]
async fn discovery_leads_to_keys_and_unknown_tenants_are_refused() {
    let world = World::new();
    let get = |path: &str| Request::get(path.to_owned()).body(Body::empty()).unwrap();
    let metadata = world.send(get("/contoso.example/v2.0/.well-known/openid-configuration")).await.body;
    assert_eq!(metadata["issuer"], format!("{BASE}/{}/v2.0", world.microsoft.tenant_id()));
    assert_eq!(metadata["token_endpoint"], format!("{BASE}/contoso.example/oauth2/v2.0/token"));
    let keys = world.send(get(metadata["jwks_uri"].as_str().unwrap().strip_prefix(BASE).unwrap())).await.body;
    let modulus = URL_SAFE_NO_PAD.decode(keys["keys"][0]["n"].as_str().unwrap()).unwrap();
    assert_eq!((modulus.len(), keys["keys"][0]["e"].as_str()), (256, Some("AQAB")));
    let unknown = world.send(get("/nowhere.example/v2.0/.well-known/openid-configuration")).await;
    assert_eq!((unknown.status, number(&unknown)), (400, 90_002));
}
