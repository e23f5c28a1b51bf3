//! An edit against a deletion, both ways, and what becomes of it when a person
//! takes the decision back: a new item on both sides, or none on either.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use super::{ask, at_rest, latest, linked, reverse, rule};
use crate::meetings::id;

/// Deletes the event on one side, and edits it on the other.
async fn deleted_against_an_edit(side: &str) -> (World, Outlook) {
    let (world, outlook, crm, m365) = linked().await;
    let body = json!({"body": {"contentType": "html", "content": "<p>Agenda</p>"}, "categories": ["Red category"]});
    outlook.update(id(&m365), &body).await;
    world.sync("anna").await;
    if side == "crm" {
        world.crm_delete(&crm["id"]).await;
        outlook.update(id(&m365), &json!({"subject": "Still wanted"})).await;
    } else {
        outlook.delete(id(&m365)).await;
        world.crm_update(&crm["id"], &json!({"title": "Still wanted"})).await;
    }
    (world, outlook)
}

async fn is_there(world: &World, outlook: &Outlook, when: &str) {
    let event = world.crm_only("anna").await;
    assert_eq!((&event["title"], &event["start"]), (&json!("Still wanted"), &json!("2026-03-10T09:00:00Z")), "{when}");
    assert!(event["description"].as_str().unwrap().contains("Agenda"), "{when}: {event}");
    let there = outlook.the_only().await;
    assert_eq!(there["subject"], "Still wanted", "{when}");
    assert!(there["body"]["content"].as_str().unwrap().contains("Agenda"), "{when}: {there}");
}

async fn is_gone(world: &World, outlook: &Outlook, when: &str) {
    assert!(world.crm_events("anna").await.is_empty() && outlook.events().await.is_empty(), "{when}");
}

#[tokio::test]
async fn a_deletion_that_won_is_taken_back_by_a_new_item_on_both_sides_and_that_can_go_again() {
    for (side, named) in [("crm", "crm-wins"), ("microsoft", "microsoft-wins")] {
        let (world, outlook) = deleted_against_an_edit(side).await;
        rule(&world, named).await;
        let report = world.sync("anna").await;
        assert_eq!(report["conflicts"], 1, "{side}: {report}");
        is_gone(&world, &outlook, side).await;
        let conflict = latest(&world).await;
        assert_eq!(conflict["situation"], format!("deleted-in-{side}"));
        assert_eq!((&conflict["title"], &conflict["fields"][0]["outcome"]), (&json!("Still wanted"), &Value::Null));
        let other = if side == "crm" { "microsoft" } else { "crm" };
        assert_eq!(
            [side, other].map(|side| conflict["fields"][0][side].clone()),
            [Value::Null, json!("Still wanted")],
            "{conflict}"
        );

        let answer = reverse(&world, &conflict).await;
        assert_eq!(
            (&answer["run"]["crm"]["created"], &answer["run"]["microsoft"]["created"]),
            (&json!(1), &json!(1)),
            "{side}: {answer}"
        );
        is_there(&world, &outlook, side).await;
        if side == "crm" {
            let there = outlook.the_only().await;
            assert_eq!(there["categories"], json!(["Red category"]), "what the CRM has no place for comes back, too");
        }
        at_rest(&world).await;
        world.assert_same("anna", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z").await;

        // It is linked: an edit flows, and then the reversal is not taken back over it.
        let back = latest(&world).await;
        assert_eq!((&back["rule"], &back["reverses"]), (&json!("person"), &conflict["key"]));
        reverse(&world, &back).await;
        is_gone(&world, &outlook, "gone again").await;
        at_rest(&world).await;

        reverse(&world, &latest(&world).await).await;
        is_there(&world, &outlook, "back again").await;
        at_rest(&world).await;
    }
}

#[tokio::test]
async fn an_edit_that_won_against_a_deletion_is_taken_back_by_deleting_on_both_sides() {
    for (side, named) in [("crm", "microsoft-wins"), ("microsoft", "crm-wins")] {
        let (world, outlook) = deleted_against_an_edit(side).await;
        rule(&world, named).await;
        let report = world.sync("anna").await;
        assert_eq!(report["conflicts"], 1, "{side}: {report}");
        is_there(&world, &outlook, side).await;
        let conflict = latest(&world).await;
        assert_eq!(conflict["situation"], format!("deleted-in-{side}"));
        assert_eq!(conflict["fields"][0]["outcome"], "Still wanted");

        let answer = reverse(&world, &conflict).await;
        assert_eq!(
            (&answer["run"]["crm"]["deleted"], &answer["run"]["microsoft"]["deleted"]),
            (&json!(1), &json!(1)),
            "{side}: {answer}"
        );
        is_gone(&world, &outlook, side).await;
        at_rest(&world).await;

        reverse(&world, &latest(&world).await).await;
        is_there(&world, &outlook, "back again").await;
        at_rest(&world).await;
    }
}

#[tokio::test]
async fn what_was_kept_and_edited_since_is_not_deleted() {
    let (world, outlook) = deleted_against_an_edit("microsoft").await;
    world.sync("anna").await;
    let conflict = latest(&world).await;
    outlook.update(id(&outlook.the_only().await), &json!({"subject": "Worked on"})).await;
    world.sync("anna").await;
    let offer = world.crm.get(&super::path(&conflict)).await.refused(409);
    assert!(offer.1.contains("edited since (title)"), "{offer:?}");
    let answer = ask(&world, &conflict).await.ok();
    assert!(answer["conflict"]["refused"].as_str().unwrap().contains("edited since (title)"), "{answer}");
    assert_eq!(world.crm_only("anna").await["title"], "Worked on");
    at_rest(&world).await;
}

#[tokio::test]
async fn an_item_of_a_series_comes_back_with_its_rule_and_its_changed_days() {
    let (world, outlook, series) = crate::exceptions::linked().await;
    crate::exceptions::crm_exception(&world, &series, "2026-03-16T09:00:00Z", json!({"title": "Workshop"})).await;
    world.sync("anna").await;
    let there = Outlook::only(&outlook.events().await, "Jour fixe");
    world.crm_delete(&series["id"]).await;
    outlook.update(id(&there), &json!({"subject": "Weekly"})).await;
    world.sync("anna").await;
    is_gone(&world, &outlook, "decided").await;
    reverse(&world, &latest(&world).await).await;
    let shown = world.assert_same("anna", "2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z").await;
    let titles = ["Weekly", "Workshop"].map(|title| crate::rounds::titled(&shown, title));
    assert_eq!(titles, [6, 1], "{shown:?}");
    at_rest(&world).await;
}
