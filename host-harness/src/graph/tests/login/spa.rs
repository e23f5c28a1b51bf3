//! Single-page applications: browsers that redeem codes themselves.

use super::*;

const PAGE: &str = "http://localhost:3000/";
const ORIGIN: &str = "http://localhost:3000";

/// A tenant whose application is a server and a page.
fn world() -> World {
    let world = World::new();
    world.microsoft.register_app(NewApp { spa_redirect_uris: vec![PAGE.to_owned()], ..app() }).unwrap();
    world
}

async fn send(world: &World, method: &str, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::from(query_of(fields))).unwrap()).await
}

async fn page_code(world: &World) -> String {
    let challenge = challenge();
    let answer = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[("redirect_uri", PAGE)])).await;
    returned(&answer)["code"].clone()
}

async fn ask(world: &World, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
    send(world, "POST", "/common/oauth2/v2.0/token", headers, fields).await
}

fn redemption<'a>(code: &'a str, redirect: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", CLIENT),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect),
        ("code_verifier", VERIFIER),
    ]
}

fn renewal(token: &str) -> [(&str, &str); 3] {
    [("client_id", CLIENT), ("grant_type", "refresh_token"), ("refresh_token", token)]
}

#[tokio::test]
async fn a_page_redeems_its_code_from_its_origin_and_without_a_secret() {
    let world = world();
    let code = page_code(&world).await;
    let fields = redemption(&code, PAGE);
    let elsewhere = ask(&world, &[], &fields).await;
    assert_eq!((elsewhere.status, number(&elsewhere)), (400, 9_002_327));
    let mut with_secret = fields.clone();
    with_secret.push(("client_secret", SECRET));
    let refused = ask(&world, &[("origin", ORIGIN)], &with_secret).await;
    assert_eq!(number(&refused), 700_025);
    // The page may read why.
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
    let answer = ask(&world, &[("origin", ORIGIN)], &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (ORIGIN, "Origin"));
    assert_eq!(answer.body["refresh_token_expires_in"], 86_400);
    let spent = ask(&world, &[("origin", ORIGIN)], &fields).await;
    assert_eq!((number(&spent), spent.header("access-control-allow-origin")), (54_005, ORIGIN));
}

#[tokio::test]
async fn a_code_of_a_server_is_not_redeemed_by_a_page() {
    let world = world();
    let code = code(&world).await;
    let mut fields = redemption(&code, REDIRECT);
    fields.push(("client_secret", SECRET));
    let refused = ask(&world, &[("origin", ORIGIN)], &fields).await;
    assert_eq!((refused.status, number(&refused)), (400, 9_002_326));
    assert!(text(&refused.body, "error_description").contains(&format!("Request origin: '{ORIGIN}'.")));
    assert_eq!(refused.header("access-control-allow-origin"), "");
    assert_eq!(ask(&world, &[], &fields).await.status, 200);
}

#[tokio::test]
async fn a_page_has_to_prove_that_the_code_is_its_own() {
    let world = world();
    let fields = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("redirect_uri", PAGE),
        ("scope", "openid"),
        ("response_mode", "fragment"),
    ];
    let answer = authorize(&world, &fields).await;
    let fragment = answer.header("location").strip_prefix(&format!("{PAGE}#")).unwrap().to_owned();
    assert!(fragment.starts_with("error=invalid_request&error_description=AADSTS9002325"), "{fragment}");
}

#[tokio::test]
async fn refresh_tokens_of_a_page_end_a_day_after_its_sign_in() {
    let world = world();
    let first = ask(&world, &[("origin", ORIGIN)], &redemption(&page_code(&world).await, PAGE)).await.body;
    let token = text(&first, "refresh_token");
    let headers = [("origin", ORIGIN)];
    assert_eq!(number(&ask(&world, &[], &renewal(token)).await), 9_002_327);
    world.advance(24 * 3_600 - 10);
    let second = ask(&world, &headers, &renewal(token)).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert_eq!(second.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(second.body["refresh_token_expires_in"], 10);
    world.advance(10);
    // Renewing it has not made it live longer.
    for token in [token, text(&second.body, "refresh_token")] {
        let late = ask(&world, &headers, &renewal(token)).await;
        assert_eq!((text(&late.body, "error"), number(&late)), ("invalid_grant", 700_084));
    }
}

#[tokio::test]
async fn pages_of_any_origin_read_metadata_and_graph() {
    let world = world();
    let origin = [("origin", "https://page.example")];
    let documents = [
        "/common/v2.0/.well-known/openid-configuration",
        "/common/discovery/v2.0/keys",
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=http://127.0.0.1:8081/common/oauth2/authorize",
        "/nowhere.example/v2.0/.well-known/openid-configuration",
    ];
    for path in documents {
        let answer = send(&world, "GET", path, &origin, &[]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(get(&world, path).await.header("access-control-allow-origin"), "", "{path}");
    }
    let read = world.get_with("/me/events", &origin).await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, "*"));
    for header in ["Location", "Retry-After", "WWW-Authenticate", "request-id", "Preference-Applied"] {
        assert!(read.header("access-control-expose-headers").contains(header), "{header}");
    }
    // A page reads errors as well, and nobody else is told anything.
    let refused = world.graph_as("nothing", "GET", "/me", &origin, None).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "*"));
    assert_eq!(world.get("/me").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn browsers_ask_first_and_need_no_token_for_that() {
    let world = world();
    let ask = [
        ("origin", "https://page.example"),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,content-type,prefer"),
    ];
    let graph = send(&world, "OPTIONS", "/v1.0/me/events/1", &ask, &[]).await;
    assert_eq!((graph.status, graph.header("access-control-allow-origin")), (200, "*"));
    assert!(graph.header("access-control-allow-methods").contains("PATCH"));
    assert_eq!(graph.header("access-control-allow-headers"), "authorization,content-type,prefer");
    assert!(!graph.header("access-control-max-age").is_empty());
    let login = send(&world, "OPTIONS", "/common/oauth2/v2.0/token", &ask, &[]).await;
    assert_eq!((login.status, login.header("access-control-allow-origin")), (200, "*"));
    assert!(!login.header("access-control-allow-methods").contains("PATCH"));
    // A fault is for the request that follows.
    world.control("POST", "faults", Some(json!([{ "do": "unavailable" }]))).await;
    assert_eq!(send(&world, "OPTIONS", "/v1.0/me/events/1", &ask, &[]).await.status, 200);
    assert_eq!(world.get("/me").await.status, 503);
    // Without an origin it is just a method that is not there.
    assert_eq!(world.graph_as(&world.token, "OPTIONS", "/me/events", &[], None).await.status, 405);
}
