//! Everything that leaves the emulator as an answer of Graph is looked at, as
//! it is sent.

use super::*;
use crate::graph::conformance::{self, View, Way, examine_answer, examine_headers};

/// How many answers were looked at since the last time.
async fn looked_at(world: &World) -> u64 {
    let told = world.control("GET", "conformance", None).await.body;
    world.control("DELETE", "conformance", None).await;
    assert_eq!(told["violations"], json!([]));
    told["answersChecked"].as_u64().unwrap()
}

#[tokio::test]
async fn what_a_fault_lets_the_service_say_is_looked_at_and_nothing_else() {
    let world = World::new();
    world.get("/me").await;
    assert_eq!(looked_at(&world).await, 1);
    let cases = [
        ("throttle", 1),
        ("unavailable", 1),
        ("gatewayTimeout", 1),
        ("gone", 1),
        ("unauthorized", 1),
        ("claimsChallenge", 1),
        ("dropResponse", 1),
        ("slow", 1),
        ("dropRequest", 0),
        ("htmlPage", 0),
        ("truncate", 0),
        ("redirect", 0),
        ("otherAnswer", 0),
        ("wrongType", 0),
    ];
    assert_eq!(cases.len(), crate::graph::fault::Kind::ALL.len());
    for (kind, expected) in cases {
        world.control("POST", "faults", Some(json!([{ "match": {}, "do": kind }]))).await;
        world.get("/me").await;
        assert_eq!(looked_at(&world).await, expected, "{kind}");
    }
}

#[tokio::test]
async fn a_refusal_of_too_many_at_once_is_looked_at() {
    let world = World::new();
    world.behaviour(json!({ "concurrencyMax": 1 })).await;
    // An answer counts as being under way until it is taken apart.
    let answers = (world.get("/me").await, world.get("/me").await);
    assert_eq!((answers.1.status, looked_at(&world).await), (429, 2));
}

#[tokio::test]
async fn refusals_are_looked_at_wherever_they_come_from() {
    let world = World::new();
    for path in ["/beta/me", "/oidc/userinfo", "/v1.0/me"] {
        let request = Request::builder().uri(path).body(Body::empty());
        let refused = world.send(request.unwrap()).await;
        assert!(refused.status >= 400, "{path}: {}", refused.text);
        assert_eq!(looked_at(&world).await, 1, "{path}");
    }
}

#[tokio::test]
async fn parts_of_a_batch_that_are_not_run_are_looked_at() {
    let world = World::new();
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/me/events/none" },
        { "id": "2", "method": "GET", "url": "/me", "dependsOn": ["1"] },
    ] });
    let answered = world.post("/$batch", batch).await;
    assert!(answered.text.contains("424"), "{}", answered.text);
    // Two parts and the whole.
    assert_eq!(looked_at(&world).await, 3);
    let unreadable = json!({ "requests": [
        { "id": "1", "method": "POST", "url": "/me/sendMail", "headers": { "content-type": "text/plain" }, "body": "*" },
    ] });
    assert_eq!(world.post("/$batch", unreadable).await.status, 200);
    assert_eq!(looked_at(&world).await, 2);
}

#[tokio::test]
async fn an_answer_without_annotations_has_none() {
    let world = World::new();
    world.create(event("Talk", 10, 9)).await;
    let path = "/me/events?$format=application/json;odata.metadata=none&$count=true";
    let bare = world.get(path).await;
    let examined = |body: Value| examine_answer(&call("GET", path, None), &Reply::json(200, body), &View::default());
    assert_eq!(examined(bare.body.clone()), []);
    for (pointer, name, value) in [
        ("", "@odata.context", json!("a")),
        ("/value/0", "@odata.etag", json!("W/\"abc\"")),
        ("/value/0", "@odata.type", json!("#microsoft.graph.event")),
    ] {
        let mut body = bare.body.clone();
        body.pointer_mut(pointer).unwrap()[name] = value;
        let found = examined(body);
        assert!(!found.is_empty() && found.iter().all(|found| found.what == What::WrongAnnotation), "{name} {found:?}");
    }
}

#[test]
fn headers_are_looked_at() {
    let typed = |content_type: &str| {
        let reply = Reply::json(200, json!({})).header("content-type", content_type.to_owned());
        ["request-id", "client-request-id", "date", "odata-version"]
            .into_iter()
            .fold(reply, |reply, name| reply.header(name, "a".to_owned()))
    };
    let me = call("GET", "/me", None);
    let minimal = "application/json;odata.metadata=minimal;charset=utf-8";
    assert_eq!(examine_headers(&me, &typed(minimal)), []);
    for content_type in ["text/plain", "application/json", "application/json;odata.metadata=none"] {
        assert_eq!(examine_headers(&me, &typed(content_type)).len(), 1, "{content_type}");
    }
    let bare = call("GET", "/me?$format=application/json;odata.metadata=none", None);
    assert_eq!(examine_headers(&bare, &typed(minimal)).len(), 1);
    let batch = call("POST", "/$batch", None);
    assert_eq!(examine_headers(&batch, &typed("application/json")), []);
    let lacking = Reply { headers: Vec::new(), ..typed(minimal) };
    assert_eq!(examine_headers(&me, &lacking).len(), 5);
    let world = World::new();
    world.microsoft.change(|state| {
        conformance::sent(state, &me, &typed("text/plain").foreign(true), Way::Alone);
    });
}
