//! Claims about the judge of messages: it finds every kind of defect, and finds
//! nothing where there is none.

mod answers;
mod contexts;
mod mutations;
mod outside;
mod process;
mod requests;
mod rounds;
mod sent;

use std::collections::BTreeMap;

use bytes::Bytes;

use super::*;
use crate::graph::call::Call;
use crate::graph::conformance::{FromComponent, Violation, What};
use crate::graph::reply::{Content, Reply};

/// A request as the judge gets it.
fn call(method: &str, path: &str, body: Option<&Value>) -> Call {
    let content_type = body.map(|_| ("content-type".to_owned(), "application/json".to_owned()));
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    Call::new(method, &format!("/v1.0{path}"), content_type.into_iter().collect(), body)
}

/// The id of somebody in the tenant.
fn person(world: &World, name: &str) -> String {
    world.microsoft.lock().state.mailbox_named(name).unwrap().object_id.clone()
}

/// Has Bob invite Alice, and hands back the path of the mail that she got, which the
/// token may read from now on, with the event behind it.
async fn invitation(world: &mut World) -> String {
    world.token = world.microsoft.issue_token(ALICE, &["Mail.ReadWrite", "Calendars.ReadWrite"]).unwrap();
    let mut meeting = event("Meeting", 10, 9);
    meeting["attendees"] = json!([guest(ALICE)]);
    assert_eq!(world.as_bob("POST", "/me/events", Some(meeting)).await.status, 201);
    let inbox = world.get("/me/mailFolders/inbox/messages").await;
    format!("/me/messages/{}", id(&inbox.items()[0]))
}

/// The place within a message, behind the name of the message.
fn inside(place: &str) -> &str {
    place.split_once(": ").map_or("", |(_, inside)| inside)
}

/// What was found, each as the kind and the place.
fn found(violations: &[Violation]) -> Vec<(What, &str)> {
    violations.iter().map(|violation| (violation.what, inside(&violation.place))).collect()
}

#[tokio::test]
async fn what_was_examined_is_told_and_forgotten() {
    let world = World::new();
    world.get("/me/events").await;
    let mut request = Request::builder()
        .uri("/v1.0/me")
        .header("authorization", format!("Bearer {}", world.token))
        .body(Body::empty());
    request.as_mut().unwrap().extensions_mut().insert(FromComponent);
    assert_eq!(world.send(request.unwrap()).await.status, 200);
    let told = world.control("GET", "conformance", None).await.body;
    assert_eq!(told, json!({ "answersChecked": 2, "requestsChecked": 1, "violations": [] }));
    let violation = Violation {
        what: What::UnknownProperty,
        place: "answer to GET /me: nickname".to_owned(),
        expected: "a property of user".to_owned(),
        found: "`nickname`".to_owned(),
    };
    world.microsoft.change(|state| state.conformance.keep(1, 0, vec![violation.clone(), violation]));
    let told = world.control("GET", "conformance", None).await.body;
    let expected = json!([{
        "what": "unknownProperty",
        "where": "answer to GET /me: nickname",
        "expected": "a property of user",
        "found": "`nickname`",
    }]);
    assert_eq!(told["violations"], expected);
    assert_eq!(world.control("DELETE", "conformance", None).await.status, 204);
    let told = world.control("GET", "conformance", None).await.body;
    assert_eq!(told, json!({ "answersChecked": 0, "requestsChecked": 0, "violations": [] }));
}

#[tokio::test]
async fn parts_of_a_batch_of_the_component_are_requests_of_its_own() {
    let world = World::new();
    let part = |id: &str, url: &str| json!({ "id": id, "method": "GET", "url": url });
    let batch = json!({ "requests": [part("1", "/me"), part("2", "/me/events"), part("3", "/me/events/none")] });
    let mut request = Request::builder()
        .method("POST")
        .uri("/v1.0/$batch")
        .header("authorization", format!("Bearer {}", world.token))
        .header("content-type", "application/json")
        .body(Body::from(batch.to_string()));
    request.as_mut().unwrap().extensions_mut().insert(FromComponent);
    assert_eq!(world.send(request.unwrap()).await.status, 200);
    let told = world.control("GET", "conformance", None).await.body;
    assert_eq!(told, json!({ "answersChecked": 4, "requestsChecked": 4, "violations": [] }));
}

#[tokio::test]
async fn a_request_of_the_component_is_looked_at_although_a_fault_keeps_it_back() {
    let world = World::new();
    let fault = json!([{ "match": {}, "do": "dropRequest" }]);
    let scripted = world.control("POST", "faults", Some(fault)).await;
    assert_eq!(scripted.status, 200, "{}", scripted.text);
    let mut request = Request::builder().uri("/v1.0/me").body(Body::empty());
    request.as_mut().unwrap().extensions_mut().insert(FromComponent);
    world.send(request.unwrap()).await;
    let told = world.control("GET", "conformance", None).await.body;
    assert_eq!((&told["answersChecked"], &told["requestsChecked"]), (&json!(0), &json!(1)));
}
