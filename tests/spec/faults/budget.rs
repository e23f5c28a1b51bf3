//! How many requests are under way at one time: of a mailbox, and of all the
//! mailboxes of an application together (Graph throttling limits).

use serde_json::{Value, json};
use tandem_tests::{Outlook, World};

/// What Exchange accepts.
const ACCEPTED: u64 = 4;

/// Users with a connected mailbox and events on both sides.
async fn many(users: usize) -> World {
    let world = World::empty().await;
    world.configure().await;
    for number in 0..users {
        let login = format!("user{number}");
        world.add_user(&login, "Acme").await;
        world.connect(&login).await;
        let outlook = world.outlook(&login).await;
        for event in 0..6 {
            let (start, end) = (format!("2026-03-1{event}T09:00:00"), format!("2026-03-1{event}T10:00:00"));
            world.crm_create_timed(&login, &format!("CRM {event}"), &format!("{start}Z"), &format!("{end}Z")).await;
            outlook.create_timed(&format!("Outlook {event}"), &start, &end).await;
        }
    }
    world.forget_requests().await;
    world
}

fn refused(requests: &Value) -> usize {
    requests["requests"].as_array().unwrap().iter().filter(|request| request["status"] == 429).count()
}

/// Twelve mailboxes at once, on several threads, against a Microsoft that refuses
/// the fifth request: nobody is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mailboxes_of_one_application_share_its_budget() {
    let world = many(12).await;
    world.control("behaviour", &json!({"concurrencyMax": ACCEPTED})).await;
    let runs = world.run_due().await;
    assert!(runs.len() >= 12, "{}", runs.len());
    for run in &runs {
        let report = run.result.as_ref().unwrap();
        assert_eq!(report.next, host_harness::app::NextCall::Idle, "{report:?}");
    }
    let requests = world.requests().await;
    assert_eq!(refused(&requests), 0, "{requests}");
    assert!(requests["inProgressMax"].as_u64().unwrap() <= ACCEPTED, "{}", requests["inProgressMax"]);
    assert_eq!(world.outlook("user3").await.events().await.len(), 12);
}

/// A single mailbox never has more than it may, whatever it has to do.
#[tokio::test]
async fn a_mailbox_keeps_to_four_requests_at_a_time() {
    let world = many(1).await;
    world.control("behaviour", &json!({"concurrencyMax": ACCEPTED})).await;
    let report = world.sync("user0").await;
    assert_eq!(report["next"]["when"], "idle", "{report}");
    let requests = world.requests().await;
    assert_eq!(refused(&requests), 0);
    let most = requests["inProgressMax"].as_u64().unwrap();
    assert!((1..=ACCEPTED).contains(&most), "{most}");
}

/// Somebody else uses the application as well: what is refused all the same is
/// waited for, and nothing is lost or doubled.
#[tokio::test]
async fn an_application_over_its_limit_waits_and_loses_nothing() {
    let world = many(2).await;
    let fault = json!([{"match": {"path": "/v1.0/"}, "skip": 1, "times": 3, "do": "throttle", "retryAfterSeconds": 1}]);
    world.fault(fault).await;
    for _ in 0..6 {
        world.run_due().await;
        world.advance(30).await;
    }
    for login in ["user0", "user1"] {
        assert_eq!(world.sync(login).await["next"]["when"], "idle");
        let events = world.outlook(login).await.events().await;
        assert_eq!(events.len(), 12, "{login}");
        Outlook::only(&events, "CRM 5");
    }
}
