//! Waits: what for, how long, and that nobody is asked before they are over.

use serde_json::{Value, json};
use tandem_tests::{Browser, World, options_on_disk};

use crate::runtime::until_idle;

/// A fault of every request to Graph, and what the wait after it is for.
const REASONS: [(&str, Option<u32>, &str); 5] = [
    ("throttle", None, "throttled"),
    ("unavailable", Some(30), "throttled"),
    ("unavailable", None, "microsoft-unavailable"),
    ("dropRequest", None, "microsoft-unavailable"),
    ("htmlPage", None, "microsoft-unavailable"),
];

#[tokio::test]
async fn a_wait_says_in_the_report_and_on_the_pages_what_it_is_for() {
    for (fault, seconds, reason) in REASONS {
        let world = World::connected().await;
        let fault = json!([{"match": {"path": "/v1.0/"}, "times": 9, "do": fault, "retryAfterSeconds": seconds}]);
        world.fault(fault.clone()).await;
        let report = world.sync("anna").await;
        let next = &report["next"];
        assert_eq!((&next["when"], &next["reason"]), (&json!("after"), &json!(reason)), "{fault}: {report}");
        assert_eq!(world.status("anna").await["waitsFor"], reason, "{fault}");
        let sentence = match reason {
            "throttled" => "Microsoft asks for fewer requests",
            _ => "Microsoft 365 or the network is not available",
        };
        let page = Browser::signed_in(&world.crm, "anna").await.page("/status").await;
        assert!(page.contains(sentence), "{fault}: {page}");

        // A preview keeps to it as well, and says the same.
        let (code, message) = world.crm.post("/api/sync", &json!({"user": "anna", "preview": true})).await.refused(503);
        assert_eq!(code, "unavailable");
        assert!(message.contains(reason) || message.contains(sentence), "{fault}: {message}");

        world.forget_faults().await;
        world.advance(3600).await;
        until_idle(&world).await;
        assert_eq!(world.status("anna").await["waitsFor"], Value::Null, "{fault}");
    }
}

/// It asks Microsoft nothing yet, and the person who wants it is not to come back.
#[tokio::test]
async fn a_comparison_can_be_asked_for_during_a_wait_and_is_made_after_it() {
    let world = World::connected().await;
    until_idle(&world).await;
    world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "throttle", "retryAfterSeconds": 120}])).await;
    assert_eq!(world.sync("anna").await["next"]["reason"], "throttled");
    world.forget_requests().await;
    let again = json!({"user": "anna", "resource": "calendar", "again": true});
    let report = world.crm.post("/api/sync", &again).await.ok();
    assert_eq!((&report["next"]["reason"], &report["requests"]), (&json!("throttled"), &json!(0)), "{report}");
    assert_eq!(world.requests().await["count"], 0);
    world.advance(130).await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
    let requests = world.requests().await;
    assert!(requests.to_string().contains("startdatetime"), "expected a listing, but found a poll: {requests}");
}

/// The limits are those of the mailbox, whatever is synchronised.
#[tokio::test]
async fn a_mailbox_that_was_throttled_for_one_resource_is_left_alone_for_the_other() {
    let world = World::connected_with_tasks().await;
    world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "throttle", "retryAfterSeconds": 120}])).await;
    assert_eq!(world.sync("anna").await["next"]["reason"], "throttled");
    world.forget_requests().await;
    let report = world.sync_tasks("anna").await;
    assert_eq!(
        (&report["next"]["when"], &report["next"]["reason"]),
        (&json!("after"), &json!("throttled")),
        "{report}"
    );
    assert_eq!(world.requests().await["count"], 0);
    world.advance(130).await;
    assert_eq!(world.sync_tasks("anna").await["next"]["when"], "idle");
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
}

/// Nothing of it is in memory alone.
#[tokio::test]
async fn a_wait_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path()).await;
    world.configure().await;
    world.add_user("anna", "Acme").await;
    world.connect("anna").await;
    world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "throttle", "retryAfterSeconds": 120}])).await;
    let first = world.sync("anna").await;
    let now = world.now();
    drop(world);

    let world = World::with(options_on_disk(directory.path(), now + chrono::TimeDelta::seconds(60))).await;
    let report = world.sync("anna").await;
    let left = |report: &Value| report["next"]["milliseconds"].as_u64().unwrap();
    assert_eq!((&report["next"]["reason"], left(&report)), (&json!("throttled"), left(&first) - 60_000), "{report}");
    assert_eq!(report["requests"], 0);
    world.advance(70).await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
}

/// The longer a fault lasts, the less often it is met; a server that names a
/// second each time is not asked each second.
#[tokio::test]
async fn an_outage_of_hours_costs_few_requests_and_the_first_success_ends_the_waits() {
    for seconds in [None, Some(0), Some(1)] {
        let world = World::connected().await;
        world
            .fault(json!([{
                "match": {"path": "/v1.0/"}, "times": 1000, "do": "unavailable", "retryAfterSeconds": seconds,
            }]))
            .await;
        let begin = world.now();
        let mut waits = Vec::new();
        while world.now() - begin < chrono::TimeDelta::hours(4) {
            let wait = world.sync("anna").await["next"]["milliseconds"].as_i64().unwrap();
            waits.push(wait);
            world.advance(wait / 1000 + 1).await;
        }
        assert!(waits.len() < 120, "{seconds:?}: {waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 7 * 60_000), "{seconds:?}: none is without bounds: {waits:?}");
        world.forget_faults().await;
        assert_eq!(world.sync("anna").await["next"]["when"], "idle");
        world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "unavailable"}])).await;
        let wait = world.sync("anna").await["next"]["milliseconds"].as_i64().unwrap();
        assert!(wait <= 1000, "{seconds:?}: {wait}");
    }
}
