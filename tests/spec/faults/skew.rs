//! Clocks that disagree: nothing that matters rests on Microsoft's and ours
//! showing the same time.

use serde_json::json;
use tandem_tests::World;

use crate::runtime::{until_idle, writes};

/// Microsoft's clock is this many seconds ahead of ours.
const SKEWS: [i64; 6] = [-86_400, -7_200, -600, 600, 7_200, 86_400];

#[tokio::test]
async fn both_sides_are_kept_in_step_whatever_the_clocks_say() {
    for skew in SKEWS {
        let world = World::empty().await;
        world.control("behaviour", &json!({"clockSkewSeconds": skew})).await;
        world.configure().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
        let outlook = world.outlook("anna").await;
        let ours = world.crm_create_timed("anna", "CRM", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
        outlook.create_timed("Outlook", "2026-03-11T09:00:00", "2026-03-11T10:00:00").await;
        until_idle(&world).await;
        // Edits on both sides of one event: neither is taken for the older one.
        world.crm_update(&ours["id"], &json!({"title": "CRM edited"})).await;
        let event = tandem_tests::Outlook::only(&outlook.events().await, "CRM");
        outlook.update(event["id"].as_str().unwrap(), &json!({"importance": "high"})).await;
        until_idle(&world).await;
        let event = tandem_tests::Outlook::only(&outlook.events().await, "CRM edited");
        assert_eq!(event["importance"], "high", "{skew}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{skew}");
        assert!(world.conflicts().await.is_empty() && world.alerts().await.is_empty(), "{skew}");

        // Tokens live as long as Microsoft has said, by our own clock.
        world.forget_requests().await;
        world.advance(2 * 3600).await;
        assert_eq!(world.sync("anna").await["next"]["when"], "idle", "{skew}");
        assert_eq!(world.token_requests().await, 1, "{skew}");
        world.sync("anna").await;
        assert_eq!(world.token_requests().await, 1, "{skew}");
    }
}

/// Our clock is put right between two runs: a token that seemed valid for a day
/// is refused, one that seemed over is renewed, and a wait is over.
#[tokio::test]
async fn a_clock_that_is_put_right_costs_a_renewal_at_most() {
    for seconds in [-90_000, -3_000, 90_000] {
        let world = World::connected().await;
        until_idle(&world).await;
        world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "throttle", "retryAfterSeconds": 60}])).await;
        assert_eq!(world.sync("anna").await["next"]["when"], "after");
        // Everybody's clock moves with ours; Microsoft's is to stay.
        world.advance(seconds).await;
        world.control("behaviour", &json!({"clockSkewSeconds": 70 - seconds})).await;
        world.forget_requests().await;
        let report = world.sync("anna").await;
        let wait = report["next"]["milliseconds"].as_i64().unwrap_or(0);
        assert!(wait <= 3_100_000, "{seconds}: {report}");
        if wait > 0 {
            world.advance(wait / 1000 + 1).await;
        }
        assert_eq!(world.sync("anna").await["next"]["when"], "idle", "{seconds}");
        assert!(world.token_requests().await <= 1, "{seconds}");
    }
}

/// `Retry-After` as a date means the time from the answer's own, and what is no
/// time at all means nothing.
#[tokio::test]
async fn a_date_to_come_back_at_is_meant_by_microsofts_clock() {
    // The scenario begins at 08:00 by our clock.
    let cases = [
        (0, "Mon, 02 Mar 2026 08:02:00 GMT", 120),
        (3_600, "Mon, 02 Mar 2026 09:02:00 GMT", 120),
        (-3_600, "Mon, 02 Mar 2026 07:02:00 GMT", 120),
        (3_600, "Mon, 02 Mar 2026 08:59:00 GMT", 0),
        (0, "Tue, 02 Mar 2027 08:00:00 GMT", 3_600),
        (0, "0", 0),
        (0, "4000000000", 3_600),
        (0, "soon", 0),
        (0, "-5", 0),
    ];
    for (skew, header, seconds) in cases {
        let world = World::connected().await;
        world.control("behaviour", &json!({"clockSkewSeconds": skew})).await;
        world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "throttle", "retryAfter": header}])).await;
        let report = world.sync("anna").await;
        assert_eq!(report["next"]["reason"], "throttled", "{header}");
        let wait = report["next"]["milliseconds"].as_i64().unwrap();
        assert!((seconds * 1000..=seconds * 1000 + 1_000).contains(&wait), "{skew} {header}: {wait}");
        until_idle(&world).await;
    }
}
