//! What it takes to know whose a request is.

use super::subscriptions::{Endpoint, wish};
use super::*;
use crate::graph::bearer::Bearer;
use crate::graph::call::Call;
use crate::graph::login::keys::VERIFIED;

/// How many signatures are verified for what `ask` does.
async fn verified<T>(ask: impl Future<Output = T>) -> (usize, T) {
    VERIFIED.set(0);
    let answer = ask.await;
    (VERIFIED.get(), answer)
}

#[test]
fn a_printed_token_does_not_say_itself() {
    let printed = format!("{:?}", Bearer::read(Some("Bearer secret.of.somebody")));
    assert!(printed.contains("Bearer") && !printed.contains("secret"), "{printed}");
}

#[test]
fn a_printed_request_tells_no_secret() {
    let headers = [("authorization", "Basic secret.of.somebody"), ("cookie", "session=secret")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let target = "/contoso.example/oauth2/v2.0/token?code=secret";
    let call = Call::new("post", target, headers, "client_secret=secret&code=secret".into());
    let printed = format!("{call:?}");
    assert!(!printed.contains("secret"), "{printed}");
    for told in ["POST", "/contoso.example/oauth2/v2.0/token", "authorization", "cookie", "32"] {
        assert!(printed.contains(told), "{printed} does not say {told}");
    }
}

fn part(id: &str, method: &str, url: &str) -> Value {
    json!({ "id": id, "method": method, "url": url })
}

#[tokio::test]
async fn the_token_of_a_request_is_verified_once() {
    let world = World::new();
    // Basic, so that the answer is compared without what is hidden.
    let basic = world.microsoft.issue_token(ALICE, &["Calendars.ReadBasic"]).unwrap();
    let mut forged = world.token.clone();
    forged.push_str("AA");
    let cases = [
        (&world.token, "GET", "/me/events", 200),
        (&world.token, "GET", "/me/events/nothing", 400),
        (&world.token, "POST", "/me/events", 201),
        (&basic, "GET", "/me/events", 200),
        (&forged, "GET", "/me/events", 401),
    ];
    for (token, method, path, status) in cases {
        let body = (method == "POST").then(|| event("Talk", 10, 9));
        let (count, answer) = verified(world.graph_as(token, method, path, &[], body)).await;
        assert_eq!((count, answer.status), (1, status), "{method} {path}: {}", answer.text);
    }
    let without = Request::get("/v1.0/me/events").body(Body::empty()).unwrap();
    let (count, answer) = verified(world.send(without)).await;
    assert_eq!((count, answer.status), (0, 401));
    assert_eq!(verified(world.control("GET", "mailboxes", None)).await.0, 0);
}

#[tokio::test]
async fn the_token_of_a_batch_is_verified_once_for_all_of_its_parts() {
    let world = World::new();
    let mut requests =
        vec![part("1", "GET", "/me/events"), part("2", "GET", "/me/calendars"), part("3", "GET", "/me/todo/lists")];
    let (count, answer) = verified(world.post("/$batch", json!({ "requests": requests }))).await;
    assert_eq!((count, answer.status), (1, 200), "{}", answer.text);
    // A part may show one of its own.
    let other = format!("Bearer {}", world.token_of(BOB));
    requests[1]["headers"] = json!({ "Authorization": other });
    requests[2]["headers"] = json!({ "authorization": format!("Bearer {}", world.token) });
    let (count, answer) = verified(world.post("/$batch", json!({ "requests": requests }))).await;
    assert_eq!((count, answer.status), (2, 200), "{}", answer.text);
}

#[tokio::test]
async fn the_token_of_a_request_whose_endpoint_is_asked_is_verified_once() {
    let world = World::new();
    let endpoint = Endpoint::new().await;
    let (count, answer) = verified(world.post("/subscriptions", wish(&endpoint, "me/events"))).await;
    assert_eq!((count, answer.status), (1, 201), "{}", answer.text);
}
