//! How requests and answers travel: under which address, and compressed.

use std::io::Read as _;

use axum::extract::ConnectInfo;
use flate2::read::GzDecoder;
use http_body_util::BodyExt as _;

use super::*;
use crate::graph::Scheme;

async fn raw(world: &World, request: Request<Body>) -> (http::HeaderMap, Vec<u8>) {
    let response = world.microsoft.router().oneshot(request).await.unwrap();
    let headers = response.headers().clone();
    (headers, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

fn configuration(uri: &str) -> http::request::Builder {
    Request::get(format!("{uri}/common/v2.0/.well-known/openid-configuration"))
}

#[tokio::test]
async fn links_lead_back_to_where_the_client_came_from() {
    let world = World::new();
    let endpoint = |bytes: Vec<u8>| {
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        body["token_endpoint"].as_str().unwrap().to_owned()
    };
    let by_host = configuration("").header("host", "localhost:9443").body(Body::empty()).unwrap();
    assert_eq!(endpoint(raw(&world, by_host).await.1), "http://localhost:9443/common/oauth2/v2.0/token");
    let over_tls = configuration("").header("host", "login.microsoftonline.com").extension(ConnectInfo(Scheme::Https));
    let over_tls = raw(&world, over_tls.body(Body::empty()).unwrap()).await.1;
    assert_eq!(endpoint(over_tls), "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    let by_uri = configuration("https://localhost:9443").body(Body::empty()).unwrap();
    assert_eq!(endpoint(raw(&world, by_uri).await.1), "https://localhost:9443/common/oauth2/v2.0/token");
    let unsaid = configuration("").body(Body::empty()).unwrap();
    assert_eq!(endpoint(raw(&world, unsaid).await.1), format!("{BASE}/common/oauth2/v2.0/token"));
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it() {
    let world = World::new();
    let asking = |accepted: &str| configuration("").header("accept-encoding", accepted).body(Body::empty()).unwrap();
    let (headers, plain) = raw(&world, configuration("").body(Body::empty()).unwrap()).await;
    assert!(!headers.contains_key("content-encoding"));
    for accepted in ["gzip", "deflate, GZIP;q=0.5", "br, gzip"] {
        let (headers, compressed) = raw(&world, asking(accepted)).await;
        assert_eq!(headers["content-encoding"], "gzip", "{accepted}");
        assert_eq!(headers["vary"], "Accept-Encoding", "{accepted}");
        let mut unpacked = Vec::new();
        GzDecoder::new(compressed.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain, "{accepted}");
    }
    for accepted in ["identity", "gzip;q=0", "x-gzip2"] {
        let (headers, bytes) = raw(&world, asking(accepted)).await;
        assert!(!headers.contains_key("content-encoding"), "{accepted}");
        assert_eq!(bytes, plain, "{accepted}");
    }
}

/// Four mebibytes and a little.
fn long_body(more: usize) -> String {
    "x".repeat(4 * 1024 * 1024 + more)
}

#[tokio::test]
async fn a_body_of_more_than_four_mebibytes_is_refused_as_graph_refuses_it() {
    let world = World::new();
    world.control("DELETE", "requests", None).await;
    let token = format!("Bearer {}", world.token);
    let post = |path: &str, body: String| {
        let request = Request::post(path).header("authorization", &token).header("content-type", "application/json");
        let request = request.header("content-length", body.len()).header("client-request-id", "of the client");
        request.body(Body::from(body)).unwrap()
    };
    for path in ["/v1.0/me/events", "/v1.0/$batch"] {
        let refused = world.send(post(path, long_body(1))).await;
        assert_eq!((refused.status, refused.code()), (413, "BadRequest"), "{path}: {}", refused.text);
        let error = &refused.body["error"];
        assert_eq!(error["message"], "The maximum request length supported is 4MB.");
        assert_eq!(error["innerError"]["client-request-id"], "of the client");
        assert!(!refused.header("request-id").is_empty());
    }
    // One byte less is read, and is no JSON.
    assert_eq!(world.send(post("/v1.0/me/events", long_body(0))).await.status, 400);
    let requests = world.microsoft.requests();
    let of = |entry: &Value| (entry["status"].clone(), entry["path"].clone(), entry["requestBytes"].clone());
    let noted: Vec<_> = requests["requests"].as_array().unwrap().iter().map(of).collect();
    let length = 4 * 1024 * 1024;
    assert_eq!(noted[0], (json!(413), json!("/v1.0/me/events"), json!(length + 1)));
    assert_eq!(noted[1], (json!(413), json!("/v1.0/$batch"), json!(length + 1)));
    assert_eq!(noted[2], (json!(400), json!("/v1.0/me/events"), json!(length)));
    assert!(world.get("/me/events").await.items().is_empty());
}

#[tokio::test]
async fn a_long_body_for_others_is_refused_in_their_way() {
    let world = World::new();
    let post = |path: &str| Request::post(path).body(Body::from(long_body(1))).unwrap();
    let managed = world.send(post("/_control/behaviour")).await;
    assert_eq!((managed.status, managed.code()), (413, "tooLarge"));
    for path in ["/common/oauth2/v2.0/token", "/_emulator/faults"] {
        let refused = world.send(post(path)).await;
        assert_eq!((refused.status, refused.text.as_str()), (413, ""), "{path}");
    }
}
