//! Every answer in turn with everything in it that could be wrong, one thing at a
//! time: each value of another kind, each property left out, and one too many in
//! each object. What the judge lets pass is what stands here with its reason.

use std::collections::BTreeSet;

use super::answers::{Answered, set};
use super::*;
use crate::graph::tests::checklist::Scene;

/// What passes, by the end of its name, and why.
const PASSES: [(&str, &str); 9] = [
    ("/location/address left out", "deviations: where it has a value"),
    ("/location/coordinates left out", "deviations: where it has a value"),
    ("/linkedResources[]/applicationName left out", "deviations: where it has a value"),
    ("/linkedResources[]/displayName left out", "deviations: where it has a value"),
    ("/linkedResources[]/externalId left out", "deviations: where it has a value"),
    ("/delta/value[]/@odata.type left out", "only what extends the type of a list has to name its own"),
    ("/extensions[] with more", "data of applications may have any name"),
    ("/extensions[]/number left out", "data of applications, of which nobody knows what there is"),
    ("/extensions[]/number of another kind", "data of applications may be of any kind"),
];

/// The requests whose answers are tried, with names of the scene.
const REQUESTS: [&str; 14] = [
    "/me",
    "/me/calendars?$count=true",
    "/me/calendarGroups",
    "/me/events?$top=2&$count=true",
    "/me/events/{series}",
    "/me/events/{event}?$expand=extensions",
    "/me/events/{event}/attachments",
    "/me/calendarView/delta?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z",
    "/me/messages/{message}",
    "/me/mailFolders",
    "/me/mailboxSettings",
    "/me/outlook/masterCategories",
    "/me/todo/lists",
    "/me/todo/lists/{list}/tasks/{task}?$expand=linkedResources,checklistItems,extensions",
];

/// A change of one answer, and how a list of survivors names it.
struct Mutation {
    name: String,
    pointer: String,
    /// Nothing to leave it out.
    value: Option<Value>,
}

/// A value that nothing takes which takes this one.
fn of_another_kind(value: &Value) -> Value {
    match value {
        Value::Null => json!([{ "nickname": 1 }]),
        Value::String(_) => json!(1),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => json!("nickname"),
        Value::Object(_) => json!([]),
    }
}

/// Everything that can go wrong below a place. Items of a list are all named
/// alike, and the first one stands for them.
fn mutations(value: &Value, pointer: &str, place: &str, found: &mut Vec<Mutation>) {
    let mut add =
        |name: String, pointer: &str, value| found.push(Mutation { name, pointer: pointer.to_owned(), value });
    match value {
        Value::Object(map) => {
            add(format!("{place} with more"), &format!("{pointer}/nickname"), Some(json!("a")));
            for (name, value) in map {
                let (pointer, place) = (format!("{pointer}/{name}"), format!("{place}/{name}"));
                add(format!("{place} left out"), &pointer, None);
                add(format!("{place} of another kind"), &pointer, Some(of_another_kind(value)));
            }
            for (name, value) in map {
                mutations(value, &format!("{pointer}/{name}"), &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                mutations(item, &format!("{pointer}/{at}"), &format!("{place}[]"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn whatever_goes_wrong_in_an_answer_is_found() {
    let scene = Scene::new().await;
    let world = World { token: scene.token.clone(), ..scene.copy().world };
    let (mut survivors, mut tried) = (BTreeSet::new(), 0);
    for request in REQUESTS {
        let answered = Answered::to(&world, "GET", &scene.fill(request), None).await;
        assert_eq!(answered.examined(|_| {}), [], "{request}");
        let mut all = Vec::new();
        mutations(&answered.body, "", request.split('?').next().unwrap(), &mut all);
        for Mutation { name, pointer, value } in all {
            tried += 1;
            if answered.examined(|body| set(body, &pointer, value)).is_empty() {
                survivors.insert(name);
            }
        }
    }
    let is_excused = |name: &String, (end, _): &(&str, &str)| name.ends_with(end);
    let unknown: Vec<_> = survivors.iter().filter(|name| !PASSES.iter().any(|known| is_excused(name, known))).collect();
    let stale = PASSES.iter().filter(|known| !survivors.iter().any(|name| is_excused(name, known)));
    let stale: Vec<_> = stale.map(|(end, _)| end).collect();
    assert!(unknown.is_empty() && stale.is_empty(), "of {tried}, not found: {unknown:#?}; found after all: {stale:?}");
    assert!(tried > 500, "only {tried}");
}
