//! Every endpoint that clients of Graph and of the login count on, one row each:
//! what is sent and with which status it is answered. A row fails when its
//! endpoint is taken away; what it answers in detail is told by the tests of its
//! subject.
//!
//! Names in braces stand for ids of a scene that is made anew for each row, so
//! that no row sees what another one did. Every row of a mailbox is sent to `/me`
//! and to `/users/{id}`, which have to answer alike.

mod calendar;
mod identity;
mod mail;
mod scene;
mod tasks;
mod whole;

use scene::Scene;

/// A request of the signed-in user on the own mailbox.
struct Row {
    method: &'static str,
    /// Behind `/v1.0/me`, with names of the scene.
    path: &'static str,
    /// JSON with names of the scene; empty for none.
    body: &'static str,
    status: u16,
    /// Where in the answer something has to be, as a JSON pointer: rows whose
    /// path is more than a resource show that it was read.
    shows: Option<&'static str>,
}

const fn row(method: &'static str, path: &'static str, body: &'static str, status: u16) -> Row {
    // What is taken away is refused: a row that asks for a refusal shows nothing.
    assert!(status < 400, "a row has to be answered");
    Row { method, path, body, status, shows: None }
}

/// A read whose answer has something at this JSON pointer.
const fn shows(path: &'static str, pointer: &'static str) -> Row {
    Row { shows: Some(pointer), ..get(path) }
}

const fn get(path: &'static str) -> Row {
    row("GET", path, "", 200)
}

/// Sends each row on a scene of its own, both ways to the mailbox.
async fn assert_all(rows: &[Row]) {
    let mut findings = Vec::new();
    for row in rows {
        for root in ["/me", "/users/{alice}", "/users/{aliceId}"] {
            let scene = Scene::new().await;
            let path = scene.fill(&format!("{root}{}", row.path));
            let answer = scene.send(row.method, &path, &scene.fill(row.body)).await;
            let is_shown =
                row.shows.is_none_or(|pointer| answer.body.pointer(pointer).is_some_and(|found| !found.is_null()));
            if answer.status != row.status || !is_shown {
                let Row { method, path, status, .. } = row;
                findings.push(format!(
                    "{method} {root}{path}: expected {status} with {:?}, but found {} {}",
                    row.shows, answer.status, answer.text
                ));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// The rows are worth nothing if whatever does not exist is answered alike.
#[tokio::test]
async fn what_is_not_there_is_answered_as_none_of_the_rows_is() {
    let scene = Scene::new().await;
    for path in ["/me/contacts", "/me/events/{event}/nothing", "/nothing"] {
        let answer = scene.send("GET", &scene.fill(path), "").await;
        assert!([400, 404, 405, 501].contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
    }
}
