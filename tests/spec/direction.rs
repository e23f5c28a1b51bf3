//! One direction only: the source is never written, and the target keeps its
//! own edits until the source changes the same field.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

async fn one_way(direction: &str) -> (World, Outlook) {
    let world = World::connected().await;
    world.save("system", "0", &[("calendar.direction", json!(direction))]).await.ok();
    let outlook = world.outlook("anna").await;
    world.crm_create_timed("anna", "From the CRM", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    outlook.create_timed("From Outlook", "2026-03-11T09:00:00", "2026-03-11T10:00:00").await;
    (world, outlook)
}

fn counts(report: &Value, side: &str) -> [u64; 3] {
    ["created", "updated", "deleted"].map(|kind| report[side][kind].as_u64().unwrap())
}

#[tokio::test]
async fn crm_to_microsoft_never_writes_the_crm() {
    let (world, outlook) = one_way("crm-to-microsoft").await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [1, 0, 0]));
    assert_eq!(world.crm_events("anna").await.len(), 1);

    // An edit of the target stays until the source changes that field.
    let event = Outlook::only(&outlook.events().await, "From the CRM");
    let id = event["id"].as_str().unwrap();
    outlook.update(id, &json!({"subject": "Outlook's own title"})).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [0, 0, 0]));
    let crm = World::only(&world.crm_events("anna").await, "From the CRM");
    world.crm_update(&crm["id"], &json!({"description": "<p>Text</p>"})).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "microsoft"), &report["conflicts"]), ([0, 1, 0], &json!(0)));
    assert_eq!(outlook.event(id).await.unwrap()["subject"], "Outlook's own title");
    world.crm_update(&crm["id"], &json!({"title": "The CRM's new title"})).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "microsoft"), &report["conflicts"]), ([0, 1, 0], &json!(1)));
    assert_eq!(outlook.event(id).await.unwrap()["subject"], "The CRM's new title");

    // A deletion of the target stays until the source changes.
    outlook.delete(id).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [0, 0, 0]));
    world.crm_update(&crm["id"], &json!({"title": "Again"})).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [1, 0, 0]));
    Outlook::only(&outlook.events().await, "Again");

    // A deletion of the source takes the target with it.
    world.crm_delete(&crm["id"]).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [0, 0, 1]));
}

#[tokio::test]
async fn microsoft_to_crm_never_writes_microsoft() {
    let (world, outlook) = one_way("microsoft-to-crm").await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([1, 0, 0], [0, 0, 0]));
    assert_eq!(outlook.events().await.len(), 1);

    let crm = World::only(&world.crm_events("anna").await, "From Outlook");
    world.crm_update(&crm["id"], &json!({"title": "The CRM's own title"})).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [0, 0, 0]));
    let event = Outlook::only(&outlook.events().await, "From Outlook");
    outlook.update(event["id"].as_str().unwrap(), &json!({"subject": "Outlook's new title"})).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), &report["conflicts"]), ([0, 1, 0], &json!(1)));
    World::only(&world.crm_events("anna").await, "Outlook's new title");

    world.crm_delete(&crm["id"]).await;
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [0, 0, 0]));
    assert_eq!(outlook.events().await.len(), 1);

    let method = |request: &Value| request["method"].as_str().unwrap().to_owned();
    let requests = world.requests().await;
    let writes: Vec<String> = requests["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|request| request["collection"] == "calendar")
        .map(method)
        .collect();
    // Only what the person in Outlook did: two creations and one change.
    assert_eq!(writes.iter().filter(|method| *method != "GET").count(), 2, "{requests}");
}

#[tokio::test]
async fn a_change_of_direction_lets_waiting_edits_flow() {
    let (world, outlook) = one_way("crm-to-microsoft").await;
    world.sync("anna").await;
    let event = Outlook::only(&outlook.events().await, "From the CRM");
    outlook.update(event["id"].as_str().unwrap(), &json!({"subject": "Waiting in Outlook"})).await;
    world.sync("anna").await;
    world.save("system", "0", &[("calendar.direction", json!("bidirectional"))]).await.ok();
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([1, 1, 0], [0, 0, 0]), "{report}");
    World::only(&world.crm_events("anna").await, "Waiting in Outlook");
    World::only(&world.crm_events("anna").await, "From Outlook");
    let report = world.sync("anna").await;
    assert_eq!((counts(&report, "crm"), counts(&report, "microsoft")), ([0, 0, 0], [0, 0, 0]));
}
