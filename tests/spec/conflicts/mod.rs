//! Conflicts: what is recorded of a decision between two versions, and that a
//! person can take it back, through the same engine as everything else.
//!
//! Each kind of group of events, under both rules, is in `groups`; series in
//! `series`; edits against deletions in `deletions`; tasks in `tasks`; what is not
//! taken back in `refused`; who is told in `people`; interruptions in `crashes`;
//! pages and who may see them in `pages`.

mod crashes;
mod deletions;
mod groups;
mod pages;
mod people;
mod refused;
mod series;
mod tasks;

use serde_json::{Value, json};
use tandem_tests::{Answer, Outlook, World};

use crate::meetings::id;

/// Both rules, each with the side that it is for.
pub const RULES: [(&str, &str); 2] = [("crm-wins", "crm"), ("microsoft-wins", "microsoft")];

/// An event that both sides have, and both of its versions.
pub async fn linked() -> (World, Outlook, Value, Value) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let crm = world.crm_create_timed("anna", "Review", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.sync("anna").await;
    let m365 = outlook.the_only().await;
    (world, outlook, crm, m365)
}

/// Sets the rule of the calendar.
pub async fn rule(world: &World, rule: &str) {
    world.save("system", "0", &[("calendar.conflict-resolution", json!(rule))]).await.ok();
}

/// The conflict that was recorded last.
pub async fn latest(world: &World) -> Value {
    let conflicts = world.conflicts().await;
    conflicts.into_iter().max_by_key(|conflict| conflict["id"].as_i64().or_else(|| number(&conflict["id"]))).unwrap()
}

fn number(id: &Value) -> Option<i64> {
    id.as_str().and_then(|id| id.parse().ok())
}

/// Asks for a decision to be taken back, as its user.
pub async fn ask(world: &World, conflict: &Value) -> Answer {
    world.crm.post(&path(conflict), &json!({"user": "anna"})).await
}

/// The address of the wish.
pub fn path(conflict: &Value) -> String {
    let id = &conflict["id"];
    format!("/api/conflicts/{}/reverse", id.as_str().map_or_else(|| id.to_string(), str::to_owned))
}

/// Takes a decision back, which has to succeed.
pub async fn reverse(world: &World, conflict: &Value) -> Value {
    let answer = ask(world, conflict).await.ok();
    assert!(answer["conflict"]["reversedAt"].is_string(), "expected it to be taken back, but found {answer}");
    assert_eq!(answer["conflict"]["reversible"], false, "{answer}");
    answer
}

/// Both sides are written by nobody any more, and nobody was told anything.
pub async fn at_rest(world: &World) {
    world.assert_at_rest(&["anna"]).await;
}

/// The title on either side.
pub async fn titles(world: &World, outlook: &Outlook) -> [String; 2] {
    let crm = world.crm_only("anna").await;
    let m365 = outlook.the_only().await;
    [&crm["title"], &m365["subject"]].map(|title| title.as_str().unwrap().to_owned())
}

/// A conflict of titles, decided by the rule.
pub async fn title_conflict(world: &World, outlook: &Outlook, crm: &Value, m365: &Value) -> Value {
    world.crm_update(&crm["id"], &json!({"title": "CRM title"})).await;
    outlook.update(id(m365), &json!({"subject": "Outlook title"})).await;
    let report = world.sync("anna").await;
    assert_eq!(report["conflicts"], 1, "{report}");
    latest(world).await
}

#[tokio::test]
async fn a_record_says_what_both_sides_had_what_was_agreed_what_it_became_and_why() {
    let (world, outlook, crm, m365) = linked().await;
    let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
    assert_eq!(
        conflict["fields"],
        json!([{
            "name": "title", "base": "Review", "crm": "CRM title", "microsoft": "Outlook title", "outcome": "CRM title",
            "carriedOut": true,
        }])
    );
    let facts = ["user", "resource", "rule", "winner", "situation", "title", "reversible", "reverses"];
    assert_eq!(
        facts.map(|fact| conflict[fact].clone()),
        [
            json!("anna"),
            json!("calendar"),
            json!("crm-wins"),
            json!("crm"),
            json!("both-edited"),
            json!("CRM title"),
            json!(true),
            Value::Null,
        ]
    );
    assert_eq!(conflict["itemId"], crm["id"].to_string().trim_matches('"'));
    assert_eq!(conflict["externalId"], m365["id"]);
    assert_eq!(conflict["links"]["crm"], format!("/calendar/events/{}", conflict["itemId"].as_str().unwrap()));
    assert_eq!(conflict["links"]["microsoft"], "/calendar?user=anna");
    let decided: chrono::DateTime<chrono::Utc> = conflict["decidedAt"].as_str().unwrap().parse().unwrap();
    let until: chrono::DateTime<chrono::Utc> = conflict["reversibleUntil"].as_str().unwrap().parse().unwrap();
    assert_eq!((decided, (until - decided).num_days()), (world.now(), 90));
}

#[tokio::test]
async fn two_edits_that_a_first_run_finds_are_recorded_and_can_be_taken_back() {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    let time = ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z");
    let event = json!({
        "title": "Review", "start": time.0, "end": time.1, "timeZone": "Europe/Berlin",
        "description": "<p>As the CRM has it</p>",
    });
    world.crm_create("anna", &event).await;
    let there = outlook.create_timed("Review", "2026-03-10T09:00:00", "2026-03-10T10:00:00").await;
    let body = json!({"body": {"contentType": "html", "content": "<p>As Outlook has it</p>"}});
    outlook.update(id(&there), &body).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["adopted"], &report["conflicts"]), (&json!(1), &json!(1)), "{report}");
    let conflict = latest(&world).await;
    assert_eq!(conflict["situation"], "found-on-both");
    let field = conflict["fields"].as_array().unwrap().iter().find(|field| field["name"] == "body").unwrap().clone();
    assert_eq!(
        (&field["base"], &field["crm"], &field["microsoft"]),
        (&Value::Null, &json!("As the CRM has it"), &json!("As Outlook has it"))
    );
    reverse(&world, &conflict).await;
    assert!(world.crm_only("anna").await["description"].as_str().unwrap().contains("As Outlook has it"));
    assert!(outlook.the_only().await["body"]["content"].as_str().unwrap().contains("As Outlook has it"));
    at_rest(&world).await;
}

#[tokio::test]
async fn what_was_put_aside_is_kept_for_ninety_days() {
    for days in [89, 91] {
        let (world, outlook, crm, m365) = linked().await;
        let conflict = title_conflict(&world, &outlook, &crm, &m365).await;
        // The sign-in has to be used meanwhile.
        for part in [45, days - 45] {
            world.advance(part * 24 * 3600).await;
            world.sync("anna").await;
        }
        if days < 90 {
            reverse(&world, &conflict).await;
        } else {
            assert_eq!(world.conflicts().await[0]["reversible"], false);
            let (code, message) = ask(&world, &conflict).await.refused(409);
            assert_eq!(code, "not-reversible");
            assert!(message.contains("not kept any more"), "{message}");
        }
    }
}

#[tokio::test]
async fn the_same_decision_made_again_after_it_was_taken_back_is_recorded_again() {
    let (world, outlook, crm, m365) = linked().await;
    let first = title_conflict(&world, &outlook, &crm, &m365).await;
    reverse(&world, &first).await;
    world.crm_update(&crm["id"], &json!({"title": "Review"})).await;
    world.sync("anna").await;
    let again = title_conflict(&world, &outlook, &crm, &m365).await;
    assert_ne!(again["id"], first["id"]);
    assert_eq!((&again["fields"], &again["reversible"]), (&first["fields"], &json!(true)));
    reverse(&world, &again).await;
    assert_eq!(titles(&world, &outlook).await, ["Outlook title", "Outlook title"]);
}
