//! Every endpoint that clients of Graph and of the login count on, one row each:
//! what is sent and with which status it is answered. What it answers in detail
//! is told by the tests of its subject.
//!
//! Names in braces stand for ids of a scene, of which each row gets a copy, so
//! that no row sees what another one did. Every row of a mailbox is sent to `/me`,
//! and to `/users/…` with the person's name and with their id, which have to answer
//! alike.
//!
//! `proof` shows that the rows are worth something: each fails when one of the
//! branches is closed by which its request reaches its handler, and there is no
//! branch without a row, but those that it names because they lead to no endpoint. A
//! branch that ends at an endpoint is one path, in which keys and names of properties
//! stand for each other, so each has a row: `proof` refuses one that takes either of
//! two paths, or every path.
//! `whole` asks for everything else that Graph has.

mod calendar;
mod identity;
mod mail;
mod proof;
mod scene;
mod tasks;
mod whole;

pub(super) use scene::Scene;

use super::Answer;

/// What an answer has to show beside its status, at JSON pointers. Rows that are
/// about more than a resource show that the rest of the path was read.
#[derive(Clone, Copy, Debug)]
enum Shows {
    Nothing,
    Something(&'static str),
    Text(&'static str, &'static str),
    /// The first item of `value`, and no second one.
    OneItem,
}

impl Shows {
    fn is_in(self, answer: &Answer) -> bool {
        let at = |pointer: &str| answer.body.pointer(pointer).filter(|found| !found.is_null());
        match self {
            Self::Nothing => true,
            Self::Something(pointer) => at(pointer).is_some(),
            Self::Text(pointer, text) => at(pointer).is_some_and(|found| found == text),
            Self::OneItem => at("/value/0").is_some() && at("/value/1").is_none(),
        }
    }
}

/// A request of the signed-in user on the own mailbox.
#[derive(Clone, Copy, Debug)]
struct Row {
    method: &'static str,
    /// Behind `/v1.0/me`, with names of the scene.
    path: &'static str,
    /// JSON with names of the scene; empty for none.
    body: &'static str,
    status: u16,
    shows: Shows,
}

const fn row(method: &'static str, path: &'static str, body: &'static str, status: u16) -> Row {
    // What is taken away is refused: a row that asks for a refusal shows nothing.
    assert!(status < 400, "a row has to be answered");
    Row { method, path, body, status, shows: Shows::Nothing }
}

/// A read whose answer has something at this JSON pointer.
const fn shows(path: &'static str, pointer: &'static str) -> Row {
    Row { shows: Shows::Something(pointer), ..get(path) }
}

/// A read whose answer has this text at this JSON pointer.
const fn says(path: &'static str, pointer: &'static str, text: &'static str) -> Row {
    Row { shows: Shows::Text(pointer, text), ..get(path) }
}

/// A read that finds one item of several.
const fn finds_one(path: &'static str) -> Row {
    Row { shows: Shows::OneItem, ..get(path) }
}

const fn get(path: &'static str) -> Row {
    row("GET", path, "", 200)
}

impl Row {
    /// The same request without options and arguments, if it has any and is
    /// about what they do.
    fn without_options(self) -> Option<Self> {
        let is_about_them = !matches!(self.shows, Shows::Nothing);
        let (path, _) = self.path.split_once(['?', '(']).filter(|_| is_about_them)?;
        Some(Self { path, ..self })
    }

    /// Sends it to a mailbox.
    ///
    /// # Errors
    /// What was answered instead.
    async fn holds(self, scene: &Scene, root: &str) -> Result<(), String> {
        let Self { method, path, status, shows, .. } = self;
        let answer = scene.send(method, &scene.fill(&format!("{root}{path}")), &scene.fill(self.body)).await;
        if answer.status == status && shows.is_in(&answer) {
            return Ok(());
        }
        Err(format!(
            "{method} {root}{path}: expected {status} with {shows:?}, but found {} {}",
            answer.status, answer.text
        ))
    }
}

/// All of them.
fn rows() -> Vec<Row> {
    [calendar::rows(), mail::rows(), tasks::rows()].concat()
}
