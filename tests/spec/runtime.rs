//! What the component survives: being torn down anywhere, a Microsoft that
//! forgets, throttles or hangs up, and evidence that is none.

use serde_json::{Value, json};
use tandem_tests::{Outlook, World, options_on_disk};

/// Events on each side before the first run.
const EVENTS: usize = 3;

/// A connected user with events on both sides, nothing synchronised.
async fn before_the_first_run() -> (World, Outlook) {
    let world = World::connected().await;
    let outlook = world.outlook("anna").await;
    for number in 0..EVENTS {
        let day = 10 + number;
        world
            .crm_create_timed(
                "anna",
                &format!("CRM {number}"),
                &format!("2026-03-{day}T09:00:00Z"),
                &format!("2026-03-{day}T10:00:00Z"),
            )
            .await;
        outlook
            .create_timed(
                &format!("Outlook {number}"),
                &format!("2026-03-{day}T12:00:00"),
                &format!("2026-03-{day}T13:00:00"),
            )
            .await;
    }
    world.forget_requests().await;
    (world, outlook)
}

/// Both sides have the same events, each once, and a run finds nothing to do.
async fn is_settled(world: &World, outlook: &Outlook, count: usize, after: &str) {
    let mut crm: Vec<String> =
        world.crm_events("anna").await.iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect();
    let m365: Vec<String> =
        outlook.events().await.iter().map(|event| event["subject"].as_str().unwrap().to_owned()).collect();
    crm.sort();
    assert_eq!(crm, m365, "after {after}");
    assert_eq!(crm.len(), count, "after {after}: {crm:?}");
    assert_eq!(writes(&world.sync("anna").await), 0, "after {after}");
}

pub fn writes(report: &Value) -> u64 {
    let sides =
        ["crm", "microsoft"].iter().flat_map(|side| ["created", "updated", "deleted"].map(|kind| &report[side][kind]));
    sides.map(|count| count.as_u64().unwrap()).sum()
}

/// Runs again and again until nothing is left to do, moving the clock over the
/// waits that were asked for.
pub async fn until_idle(world: &World) -> Vec<Value> {
    let mut reports = Vec::new();
    for _ in 0..10 {
        let report = world.sync("anna").await;
        let next = report["next"].clone();
        reports.push(report);
        match next["when"].as_str().unwrap() {
            "idle" => return reports,
            "after" => world.advance(next["milliseconds"].as_i64().unwrap() / 1000 + 1).await,
            other => panic!("expected a run that can go on, but found `{other}`: {reports:?}"),
        }
    }
    panic!("expected a run that comes to its end, but found {reports:?}");
}

#[tokio::test]
async fn a_first_sync_that_is_torn_down_anywhere_recovers_without_duplicates() {
    // E3, invariant 6: every point at which the host can lose the component.
    let mut torn_down = 0;
    for calls in 1.. {
        let (world, outlook) = before_the_first_run().await;
        world.crash_after(calls).await;
        let answer = world.crm.post("/api/sync", &json!({"user": "anna"})).await;
        let survived = answer.status == 200;
        if !survived {
            let (code, message) = answer.refused(500);
            assert_eq!(code, "plugin-torn-down", "{message}");
            torn_down += 1;
        }
        until_idle(&world).await;
        is_settled(&world, &outlook, 2 * EVENTS, &format!("a crash behind host call {calls}")).await;
        if survived {
            break;
        }
    }
    assert!(torn_down > 10, "expected a sync of many host calls, but found {torn_down}");
}

#[tokio::test]
async fn an_answer_that_is_lost_creates_nothing_twice() {
    // Invariant 6: the request was carried out, and nobody heard of it.
    for (events, path) in [(1, "/me/events"), (EVENTS, "/$batch")] {
        for fault in ["dropResponse", "dropRequest", "unavailable", "gatewayTimeout", "truncate", "htmlPage"] {
            let world = World::connected().await;
            let outlook = world.outlook("anna").await;
            for number in 0..events {
                let title = format!("Event {number}");
                world.crm_create_timed("anna", &title, "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
            }
            world.fault(json!([{"match": {"method": "POST", "path": path}, "times": 1, "do": fault}])).await;
            let reports = until_idle(&world).await;
            assert_eq!(world.control("faults", &json!([])).await, json!([]), "the fault on {path} has struck");
            is_settled(&world, &outlook, events, &format!("`{fault}` on {path}")).await;
            let created: u64 = reports.iter().map(|report| report["microsoft"]["created"].as_u64().unwrap()).sum();
            assert_eq!(created, events as u64, "each is counted once: `{fault}` on {path}: {reports:?}");
        }
    }
}

#[tokio::test]
async fn a_forgotten_cursor_leads_to_a_comparison_and_to_no_writes() {
    // E4: 410.
    let (world, outlook) = before_the_first_run().await;
    world.sync("anna").await;
    let gone = Outlook::only(&outlook.events().await, "Outlook 0");
    world.expire("deltaTokens").await;
    is_settled(&world, &outlook, 2 * EVENTS, "410").await;

    // What happened before it is found all the same.
    world.expire("deltaTokens").await;
    outlook.delete(gone["id"].as_str().unwrap()).await;
    outlook.create_timed("New", "2026-03-20T09:00:00", "2026-03-20T10:00:00").await;
    let report = world.sync("anna").await;
    assert_eq!(
        (&report["crm"]["created"], &report["crm"]["deleted"], writes(&report)),
        (&json!(1), &json!(1), 2),
        "{report}"
    );
    is_settled(&world, &outlook, 2 * EVENTS, "410 with changes").await;
}

#[tokio::test]
async fn a_throttled_mailbox_is_not_asked_before_the_time_that_was_named() {
    // Retry-After of 429 and 503.
    for fault in ["throttle", "unavailable"] {
        let (world, outlook) = before_the_first_run().await;
        world.fault(json!([{"match": {"path": "calendarView"}, "do": fault, "retryAfterSeconds": 120}])).await;
        let report = world.sync("anna").await;
        assert_eq!(report["next"]["when"], "after", "{report}");
        let wait = report["next"]["milliseconds"].as_i64().unwrap();
        assert!((120_000..130_000).contains(&wait), "{fault}: {wait}");
        world.forget_requests().await;
        for seconds in [0, 60, 59] {
            world.advance(seconds).await;
            assert_eq!(world.sync("anna").await["next"]["when"], "after");
        }
        assert_eq!(world.requests().await["count"], 0, "{fault}: not one request before");
        world.advance(15).await;
        assert_eq!(until_idle(&world).await.len(), 1);
        is_settled(&world, &outlook, 2 * EVENTS, fault).await;
        assert_eq!(world.alerts().await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_long_outage_raises_one_alert_that_resolves_itself() {
    // E12
    let (world, outlook) = before_the_first_run().await;
    world.fault(json!([{"match": {"path": "/v1.0/"}, "times": 100, "do": "unavailable"}])).await;
    for _ in 0..6 {
        let wait = world.sync("anna").await["next"]["milliseconds"].as_i64().unwrap();
        world.advance(wait / 1000 + 1).await;
    }
    let alerts = world.alerts().await;
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("microsoft-unavailable")), "{alerts:?}");
    for (column, value) in [("source", "ms365"), ("resource", "calendar"), ("kind", "sync"), ("user", "anna")] {
        assert_eq!(alerts[0][column], value, "{column}");
    }
    assert!(alerts[0]["updatedAt"].as_str() > alerts[0]["createdAt"].as_str(), "it is renewed, not repeated");
    world.forget_faults().await;
    until_idle(&world).await;
    is_settled(&world, &outlook, 2 * EVENTS, "the outage").await;
    assert_eq!(world.alerts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_event_that_leaves_the_window_is_no_deletion() {
    // Invariant 5, E9
    let (world, outlook) = before_the_first_run().await;
    world.sync("anna").await;
    let event = Outlook::only(&outlook.events().await, "Outlook 1");
    outlook
        .update(
            event["id"].as_str().unwrap(),
            &json!({
                "start": {"dateTime": "2031-03-11T12:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2031-03-11T13:00:00", "timeZone": "UTC"},
            }),
        )
        .await;
    let report = world.sync("anna").await;
    assert_eq!((&report["crm"]["updated"], writes(&report)), (&json!(1), 1), "{report}");
    assert_eq!(World::only(&world.crm_events("anna").await, "Outlook 1")["start"], "2031-03-11T12:00:00Z");
    is_settled(&world, &outlook, 2 * EVENTS, "a move out of the window").await;
}

#[tokio::test]
async fn another_window_deletes_and_duplicates_nothing() {
    // Invariant 5, E5
    let (world, outlook) = before_the_first_run().await;
    outlook.create_timed("Far ahead", "2026-10-01T09:00:00", "2026-10-01T10:00:00").await;
    world.crm_create_timed("anna", "Long ago", "2025-10-01T09:00:00Z", "2025-10-01T10:00:00Z").await;
    world.sync("anna").await;
    for days in [1, 365, 30] {
        let window = [("sync.window-past-days", json!(days)), ("sync.window-future-days", json!(days))];
        world.save("system", "0", &window).await.ok();
        is_settled(&world, &outlook, 2 * EVENTS + 2, &format!("a window of {days} days")).await;
    }
    // Time alone moves the window, too.
    for month in 1..=14 {
        world.advance(30 * 24 * 3600).await;
        let outlook = world.outlook("anna").await;
        is_settled(&world, &outlook, 2 * EVENTS + 2, &format!("{month} months")).await;
    }
}

#[tokio::test]
async fn a_listing_that_fails_in_the_middle_deletes_nothing() {
    // Invariant 5: at every page of a round, in every way.
    for fault in [
        "throttle",
        "unavailable",
        "gatewayTimeout",
        "dropResponse",
        "dropRequest",
        "gone",
        "htmlPage",
        "truncate",
        "slow",
    ] {
        for skip in 0..3 {
            let (world, outlook) = before_the_first_run().await;
            world.control("behaviour", &json!({"pageSizeMax": 2})).await;
            until_idle(&world).await;
            world.expire("deltaTokens").await;
            world.fault(json!([{"match": {"path": "calendarView"}, "skip": skip + 1, "do": fault, "retryAfterSeconds": 60}])).await;
            let reports = until_idle(&world).await;
            assert_eq!(world.control("faults", &json!([])).await, json!([]), "`{fault}` has struck");
            assert_eq!(reports.iter().map(writes).sum::<u64>(), 0, "`{fault}` behind page {skip}: {reports:?}");
            is_settled(&world, &outlook, 2 * EVENTS, &format!("`{fault}` behind page {skip}")).await;
        }
    }
}

/// Pitfall 6: a token that is evicted between the pages of a round of changes.
#[tokio::test]
async fn a_cursor_that_ends_in_the_middle_of_changes_loses_none_and_repeats_none() {
    for skip in 0..3 {
        let (world, outlook) = before_the_first_run().await;
        until_idle(&world).await;
        world.control("behaviour", &json!({"pageSizeMax": 2})).await;
        let events = outlook.events().await;
        for (number, event) in events.iter().enumerate() {
            outlook.update(event["id"].as_str().unwrap(), &json!({"subject": format!("Renamed {number}")})).await;
        }
        world.fault(json!([{"match": {"path": "calendarView"}, "skip": skip, "do": "gone"}])).await;
        let reports = until_idle(&world).await;
        assert_eq!(world.control("faults", &json!([])).await, json!([]), "behind page {skip}");
        assert_eq!(reports.iter().map(writes).sum::<u64>(), events.len() as u64, "behind page {skip}: {reports:?}");
        for number in 0..events.len() {
            World::only(&world.crm_events("anna").await, &format!("Renamed {number}"));
        }
        is_settled(&world, &outlook, 2 * EVENTS, &format!("behind page {skip}")).await;
    }
}

#[tokio::test]
async fn a_host_that_is_not_allowed_ends_the_step_with_its_name_and_the_harness_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    {
        let world = World::on_disk(directory.path()).await;
        world.configure().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
    }
    // The same data, with endpoints inside of the host's own network.
    let emulated = options_on_disk(directory.path(), tandem_tests::START.parse().unwrap());
    let mut forbidden = emulated.clone();
    forbidden.login_url = Some("https://127.0.0.1:9".to_owned());
    forbidden.graph_url = Some("https://127.0.0.1:9/v1.0".to_owned());
    let app = host_harness::app::App::start(forbidden).await.unwrap();
    let crm = tandem_tests::Client::new(host_harness::web::router(app.clone()), "127.0.0.1:8080");
    let (code, message) = crm.post("/api/sync", &json!({"user": "anna"})).await.refused(500);
    assert_eq!(code, "plugin-forbidden-host");
    assert!(message.contains("127.0.0.1:9") && message.contains("inside of the host's network"), "{message}");
    let alerts = crm.get("/api/alerts").await.ok();
    let named = |alert: &&Value| {
        alert["code"] == "plugin-forbidden-host" && alert["message"].to_string().contains("127.0.0.1:9")
    };
    assert_eq!(alerts.as_array().unwrap().iter().filter(named).count(), 1, "{alerts}");
    crm.get("/api/status").await.ok();
    drop((crm, app));

    let world = World::with(emulated).await;
    until_idle(&world).await;
    assert_eq!(world.alerts().await, Vec::<Value>::new(), "a run that works resolves it");
}

#[tokio::test]
async fn a_long_outage_of_the_login_is_told_and_over_by_itself() {
    // A4, E12
    let world = World::connected().await;
    world.crm_create_timed("anna", "Waiting", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world.expire("accessTokens").await;
    world.advance(3_600).await;
    world.fault(json!([{"match": {"path": "/token"}, "times": 100, "do": "unavailable"}])).await;
    for _ in 0..6 {
        let wait = world.sync("anna").await["next"]["milliseconds"].as_i64().unwrap();
        world.advance(wait / 1000 + 1).await;
    }
    let alerts = world.alerts().await;
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("microsoft-unavailable")), "{alerts:?}");
    world.forget_faults().await;
    assert_eq!(world.sync("anna").await["microsoft"]["created"], 1);
    assert_eq!(world.alerts().await, Vec::<Value>::new());
}
