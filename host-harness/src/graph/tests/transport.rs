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
