//! Writes that Microsoft denies: of an item, or of the mailbox, and until when.

use serde_json::{Value, json};
use tandem_tests::World;

use crate::runtime::until_idle;

/// How many events there are: too many for each of them to be of the wrong kind.
const EVENTS: usize = 5;

/// Events that are in step and renamed in the CRM, while Microsoft denies to change any.
async fn all_denied() -> World {
    let world = World::connected().await;
    let mut events = Vec::new();
    for number in 0..EVENTS {
        let (start, end) = (format!("2026-03-1{number}T09:00:00Z"), format!("2026-03-1{number}T10:00:00Z"));
        events.push(world.crm_create_timed("anna", &format!("Event {number}"), &start, &end).await);
    }
    until_idle(&world).await;
    world
        .fault(json!([{"match": {"method": "PATCH"}, "times": 1000, "do": "unavailable", "status": 403,
            "code": "ErrorAccessDenied"}]))
        .await;
    for event in &events {
        world.crm_update(&event["id"], &json!({"title": "Renamed"})).await;
    }
    world
}

async fn check(world: &World) {
    let report = world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    assert_eq!(report["ok"], true, "{report}");
}

async fn set_aside(world: &World) -> usize {
    world.crm.get("/api/set-aside?user=anna").await.ok().as_array().unwrap().len()
}

async fn titles(world: &World) -> Vec<Value> {
    world.outlook("anna").await.events().await.iter().map(|event| event["subject"].clone()).collect()
}

/// Somebody who presses the button once more has not looked at the permissions.
#[tokio::test]
async fn another_run_is_no_check_of_the_permissions() {
    let world = all_denied().await;
    for _ in 0..3 {
        assert_eq!(world.sync("anna").await["blocked"], "missing-permission");
        assert_eq!(set_aside(&world).await, 0);
    }
    world.forget_faults().await;
    check(&world).await;
    until_idle(&world).await;
    assert_eq!(titles(&world).await, vec![json!("Renamed"); EVENTS]);
    assert_eq!((set_aside(&world).await, world.alerts().await), (0, Vec::new()));
}

/// What is denied after a check is a matter of the items, and sent again when somebody
/// asks for it.
#[tokio::test]
async fn what_is_denied_after_a_check_is_set_aside_until_somebody_asks_for_it() {
    let world = all_denied().await;
    assert_eq!(world.sync("anna").await["blocked"], "missing-permission");
    check(&world).await;
    until_idle(&world).await;
    assert_eq!((set_aside(&world).await, world.alerts().await.len()), (EVENTS, EVENTS));
    world.forget_faults().await;
    let body = json!({"user": "anna", "resource": "calendar", "keys": null});
    assert_eq!(world.crm.post("/api/set-aside/retry", &body).await.ok()["retried"], EVENTS);
    until_idle(&world).await;
    assert_eq!(titles(&world).await, vec![json!("Renamed"); EVENTS]);
    assert_eq!((set_aside(&world).await, world.alerts().await), (0, Vec::new()));
}

/// So is a new consent: the alert asks for one.
#[tokio::test]
async fn a_new_connection_is_a_look_at_the_permissions() {
    let world = all_denied().await;
    assert_eq!(world.sync("anna").await["blocked"], "missing-permission");
    world.connect("anna").await;
    until_idle(&world).await;
    assert_eq!((set_aside(&world).await, world.alerts().await.len()), (EVENTS, EVENTS));
}
