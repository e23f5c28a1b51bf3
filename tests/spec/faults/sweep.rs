//! Every kind of fault on every request of a run that reads and writes both
//! sides: afterwards both agree, and nothing is there twice.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

use crate::runtime::{until_idle, writes};

/// What is scripted, as the control interface takes it. How a single reaction
/// looks to people is told beside this, in `table` and `batches`.
const KINDS: [&str; 14] = [
    "throttle",
    "unavailable",
    "gatewayTimeout",
    "dropResponse",
    "dropRequest",
    "gone",
    "htmlPage",
    "truncate",
    "slow",
    "unauthorized",
    "claimsChallenge",
    "redirect",
    "otherAnswer",
    "wrongType",
];

/// Events that are changed, deleted and created on both sides since the last run.
async fn edited() -> (World, Outlook) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    for number in 0..3 {
        let day = 10 + number;
        let title = format!("CRM {number}");
        let (start, end) = (format!("2026-03-{day}T09:00:00"), format!("2026-03-{day}T10:00:00"));
        world.crm_create_timed("anna", &title, &format!("{start}Z"), &format!("{end}Z")).await;
        outlook.create_timed(&format!("Outlook {number}"), &start, &end).await;
    }
    until_idle(&world).await;
    let ours = world.crm_events("anna").await;
    let id = |title: &str| World::only(&ours, title)["id"].clone();
    world.crm_update(&id("CRM 0"), &json!({"title": "CRM 0, edited"})).await;
    world.crm_update(&id("Outlook 0"), &json!({"title": "Outlook 0, edited"})).await;
    world.crm_delete(&id("CRM 1")).await;
    let theirs = outlook.events().await;
    let id = |title: &str| Outlook::only(&theirs, title)["id"].as_str().unwrap().to_owned();
    outlook.update(&id("CRM 2"), &json!({"subject": "CRM 2, edited"})).await;
    outlook.delete(&id("Outlook 2")).await;
    world.crm_create_timed("anna", "CRM new", "2026-03-20T09:00:00Z", "2026-03-20T10:00:00Z").await;
    outlook.create_timed("Outlook new", "2026-03-21T09:00:00", "2026-03-21T10:00:00").await;
    (world, outlook)
}

const EXPECTED: [&str; 6] =
    ["CRM 0, edited", "CRM 2, edited", "CRM new", "Outlook 0, edited", "Outlook 1", "Outlook new"];

fn titles(events: &[Value], field: &str) -> Vec<String> {
    let mut titles: Vec<String> = events.iter().map(|event| event[field].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

/// How many requests were hit.
async fn sweep(kind: &str) -> usize {
    for skip in 0.. {
        let case = format!("`{kind}` on request {skip}");
        let (world, outlook) = edited().await;
        world.fault(json!([{"match": {"path": "/v1.0/"}, "skip": skip, "do": kind}])).await;
        until_idle(&world).await;
        let left = world.control("faults", &json!([])).await;
        world.forget_faults().await;
        assert_eq!(titles(&world.crm_events("anna").await, "title"), EXPECTED, "{case}");
        assert_eq!(titles(&outlook.events().await, "subject"), EXPECTED, "{case}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{case}");
        assert!(world.conflicts().await.is_empty(), "{case}: {:?}", world.conflicts().await);
        assert!(world.alerts().await.is_empty(), "{case}: what is over is not told: {:?}", world.alerts().await);
        if left != json!([]) {
            return skip;
        }
    }
    unreachable!("a run is bounded")
}

#[tokio::test]
async fn no_kind_of_fault_on_any_request_loses_or_doubles_anything() {
    for kind in KINDS.iter().take(KINDS.len() / 2) {
        let hit = sweep(kind).await;
        assert!(hit > 2, "{kind}: expected several requests, but found {hit}");
    }
}

#[tokio::test]
async fn nor_does_any_other_kind() {
    for kind in KINDS.iter().skip(KINDS.len() / 2) {
        let hit = sweep(kind).await;
        assert!(hit > 2, "{kind}: expected several requests, but found {hit}");
    }
}
