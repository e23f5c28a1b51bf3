//! Everything that Graph has behind a user, asked for: what is there may be
//! refused as not emulated, and never as something Graph does not have; and
//! nothing else is taken.
//!
//! The places come from the official types (`conformance::places`), so that no
//! list of them is kept here.

use std::collections::HashMap;

use super::super::*;
use super::Scene;
use crate::graph::conformance::{Place, places};

const WINDOW: &str = "?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z";
const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// The ids that stand for the keys of a path.
struct Keys<'a> {
    scene: &'a Scene,
    /// By the path of the collection; none if it has nothing to show.
    known: HashMap<String, Option<String>>,
}

impl Keys<'_> {
    /// The place with ids in it, if the scene has something there.
    async fn fill(&mut self, place: &Place) -> Option<String> {
        let mut path = "/me".to_owned();
        for word in place.path.split('/').skip(1) {
            let word = if word == "{}" { self.of(&path).await? } else { word.to_owned() };
            path = format!("{path}/{word}");
        }
        Some(path)
    }

    /// Something in a collection: what the scene made last, if it is in there.
    async fn of(&mut self, collection: &str) -> Option<String> {
        if let Some(known) = self.known.get(collection) {
            return known.clone();
        }
        let needs_window = ["/calendarView", "/instances"].iter().any(|end| collection.ends_with(end));
        let path = format!("{collection}{}", if needs_window { WINDOW } else { "" });
        let answer = self.scene.send("GET", &path, "").await;
        let age = |item: &&Value| self.scene.made_as(id(item));
        let found = answer.items().iter().max_by_key(age).map(|item| id(item).to_owned());
        self.known.insert(collection.to_owned(), found.clone());
        found
    }
}

/// Sends a request to a copy of the scene.
async fn ask(scene: &Scene, method: &str, path: &str) -> Answer {
    let microsoft = scene.world.microsoft.fork(scene.world.clock.clone());
    let world = World::around(microsoft, scene.world.clock.clone());
    let body = (!matches!(method, "GET" | "DELETE")).then(|| json!({}));
    world.graph_as(&scene.token, method, path, &[], body).await
}

/// Whether an answer says that there is no such operation, or not such a thing.
fn denies(answer: &Answer) -> bool {
    let has_segment = !answer.text.contains("Resource not found for the segment");
    matches!(answer.status, 404 | 405) || !has_segment || answer.code() == "ErrorInvalidIdMalformed"
}

#[tokio::test]
async fn what_graph_has_is_never_denied_and_what_it_has_not_is_never_taken() {
    let scene = Scene::new().await;
    let mut keys = Keys { scene: &scene, known: HashMap::new() };
    let (mut findings, mut asked) = (Vec::new(), 0);
    for place in places() {
        let Some(path) = keys.fill(&place).await else { continue };
        for method in METHODS {
            let answer = ask(&scene, method, &path).await;
            let is_there = place.methods.contains(&method);
            let is_taken_wrongly = !is_there && answer.status < 300;
            let is_wrong = is_taken_wrongly || (is_there && denies(&answer)) || matches!(answer.status, 500 | 502..);
            asked += 1;
            if is_wrong {
                let Answer { status, text, .. } = &answer;
                findings.push(format!("{method} {} (is there: {is_there}): {status} {text}", place.path));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    assert!(asked > 1_000, "only {asked} requests were sent");
}
