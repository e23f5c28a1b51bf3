//! The reaction table row by row (facts on Graph, section 5.3): what people see,
//! what is asked next, that the rest goes on.

use host_harness::app::{HostCalls, Interruption};
use serde_json::{Value, json};
use tandem_tests::World;

use super::renamed_while_denied;
use crate::runtime::{until_idle, writes};

/// A world in step, with one more event in the CRM.
async fn one_to_write() -> World {
    let world = World::connected().await;
    until_idle(&world).await;
    world.crm_create_timed("anna", "Visit", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").await;
    world
}

/// The codes of the open alerts.
async fn alert_codes(world: &World) -> Vec<String> {
    world.alerts().await.iter().map(|alert| alert["code"].as_str().unwrap().to_owned()).collect()
}

fn refusal(path: &str, status: u16, code: &str, times: u32) -> Value {
    json!([{"match": {"path": path}, "times": times, "do": "unavailable", "status": status, "code": code}])
}

/// 404 in both spellings, 507 and 403 of a full one: the mailbox is left alone
/// for an hour, its owner is told once, and what waits is not lost.
#[tokio::test]
async fn a_mailbox_that_is_not_there_is_asked_rarely_and_its_queue_is_kept() {
    for (status, code) in [
        (404, "MailboxNotEnabledForRESTAPI"),
        (404, "ResourceNotFound"),
        (507, "ErrorQuotaExceeded"),
        (403, "ErrorQuotaExceeded"),
    ] {
        let world = one_to_write().await;
        world.fault(refusal("/v1.0/", status, code, 1000)).await;
        world.forget_requests().await;
        for _ in 0..3 {
            let report = world.sync("anna").await;
            assert_eq!(report["next"]["reason"], "mailbox-unavailable", "{code}: {report}");
            world.advance(report["next"]["milliseconds"].as_i64().unwrap() / 1000 + 1).await;
        }
        assert_eq!(world.request_count("GET", "/v1.0/").await, 3, "{code}: one request an hour");
        assert_eq!(alert_codes(&world).await, ["mailbox-unavailable"], "{code}");
        world.forget_faults().await;
        until_idle(&world).await;
        assert_eq!(world.outlook("anna").await.events().await.len(), 1, "{code}");
        assert_eq!(alert_codes(&world).await, [""; 0], "{code}");
    }
}

/// 403: a permission or a policy. Nobody asks again before somebody has acted.
#[tokio::test]
async fn a_refused_permission_stops_the_mailbox_until_a_check_finds_it_granted() {
    for code in ["ErrorAccessDenied", "Authorization_RequestDenied"] {
        let world = one_to_write().await;
        world.fault(refusal("/v1.0/", 403, code, 1000)).await;
        let report = world.sync("anna").await;
        assert_eq!(report["blocked"], "missing-permission", "{report}");
        assert_eq!(alert_codes(&world).await, ["missing-permission"]);
        world.advance(600).await;
        world.run_due().await;
        assert_eq!(world.status("anna").await["nextSyncAt"], json!(null), "nothing is planned");
        world.forget_faults().await;
        let check = world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
        assert_eq!(check["ok"], true, "{check}");
        until_idle(&world).await;
        assert_eq!(world.outlook("anna").await.events().await.len(), 1);
        assert_eq!(alert_codes(&world).await, [""; 0], "{code}");
    }
}

/// Where Microsoft denies every one of many writes although it can be read, it is not
/// the items: none of them is set aside, and all are written once it is over.
#[tokio::test]
async fn a_denial_of_all_writes_is_not_a_matter_of_the_items() {
    let (world, _) = renamed_while_denied(6, None).await;
    let report = world.sync("anna").await;
    assert_eq!(report["blocked"], "missing-permission", "{report}");
    assert_eq!(alert_codes(&world).await, ["missing-permission"]);
    assert_eq!(world.crm.get("/api/set-aside?user=anna").await.ok(), json!([]));
    world.forget_faults().await;
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    until_idle(&world).await;
    let titles = world.outlook("anna").await.events().await.into_iter().map(|event| event["subject"].clone());
    assert_eq!(titles.collect::<Vec<_>>(), vec![json!("Renamed"); 6]);
    assert_eq!(alert_codes(&world).await, [""; 0]);
}

/// What is denied once more after somebody has looked at the permissions is a matter
/// of the items, as of a calendar that is shared to be read: the rest goes on.
#[tokio::test]
async fn a_denial_that_a_check_does_not_end_is_a_matter_of_the_items() {
    let (world, _) = renamed_while_denied(4, None).await;
    assert_eq!(world.sync("anna").await["blocked"], "missing-permission");
    world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    until_idle(&world).await;
    world.crm_create_timed("anna", "New", "2026-03-20T09:00:00Z", "2026-03-20T10:00:00Z").await;
    until_idle(&world).await;
    assert_eq!(world.outlook("anna").await.events().await.len(), 5);
    let listed = world.crm.get("/api/set-aside?user=anna").await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 4, "{listed}");
    assert_eq!(alert_codes(&world).await, ["refused"; 4]);
}

/// A run that nobody begins again before somebody has acted is told of, whichever
/// call to the host fails in it.
#[tokio::test]
async fn a_run_that_is_blocked_is_told_of_whichever_call_fails() {
    for at in 1.. {
        let world = one_to_write().await;
        world.fault(refusal("/v1.0/", 403, "ErrorAccessDenied", 1000)).await;
        let calls = HostCalls::new(Some(Interruption::Fail { at }));
        world.app.count_next_run(calls.clone());
        world.sync("anna").await;
        world.advance(900).await;
        world.run_due().await;
        assert_eq!(alert_codes(&world).await, ["missing-permission"], "call {at}");
        if !calls.has_struck() {
            assert!(at > 5, "only {at} calls");
            break;
        }
    }
}

/// Transient statuses of the table: the write is repeated after a look whether it
/// was made, and nobody is told of a single one.
#[tokio::test]
async fn passing_faults_of_a_write_are_passed_over_in_silence() {
    for (status, code) in [
        (408, ""),
        (423, ""),
        (429, "ApplicationThrottled"),
        (500, "ErrorInternalServerTransientError"),
        (502, ""),
        (503, "ErrorTooManyObjectsOpened"),
        (504, "UnknownError"),
        (509, ""),
    ] {
        let world = one_to_write().await;
        world.fault(refusal("/me/events", status, code, 1)).await;
        let reports = until_idle(&world).await;
        assert_eq!(reports[0]["next"]["when"], "after", "{status}: {reports:?}");
        assert_eq!(world.outlook("anna").await.events().await.len(), 1, "{status}");
        assert_eq!(alert_codes(&world).await, [""; 0], "{status}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{status}");
    }
}

/// 400: what stays refused is the item's own matter.
#[tokio::test]
async fn a_refused_payload_is_left_and_the_rest_goes_on() {
    for (status, code) in [
        (400, "ErrorInvalidParameter"),
        (400, "ErrorPropertyValidationFailure"),
        (400, "TimeZoneNotSupportedException"),
        (400, "ErrorInvalidRecipients"),
        (413, "ErrorMessageSizeExceeded"),
    ] {
        let world = one_to_write().await;
        world.crm_create_timed("anna", "Other", "2026-03-11T09:00:00Z", "2026-03-11T10:00:00Z").await;
        world.fault(refusal("/me/events", status, code, 1)).await;
        let report = world.sync("anna").await;
        assert_eq!((&report["next"]["when"], writes(&report)), (&json!("idle"), 1), "{code}: {report}");
        assert_eq!(report["issues"][0]["code"], "refused", "{code}: {report}");
        assert_eq!(alert_codes(&world).await, ["refused"], "{code}");
    }
}

/// 410 of a cursor, whatever its code and place in a round, is a comparison.
#[tokio::test]
async fn a_lost_cursor_is_a_comparison_whatever_its_status() {
    for (status, code) in [
        (410, "SyncStateNotFound"),
        (410, "resyncRequired"),
        (410, "fullSyncRequired"),
        (404, "SyncStateNotFound"),
        (400, "SyncStateInvalid"),
    ] {
        let world = one_to_write().await;
        world.fault(refusal("calendarView", status, code, 1)).await;
        until_idle(&world).await;
        assert_eq!(world.outlook("anna").await.events().await.len(), 1, "{code}");
        assert_eq!(world.crm_events("anna").await.len(), 1, "{code}");
        assert_eq!(writes(&world.sync("anna").await), 0, "{code}");
    }
}

/// What is not Graph at all: nothing is written, the run waits and says so.
#[tokio::test]
async fn a_redirect_leads_nowhere_and_no_token_goes_with_it() {
    for (status, path) in [(301, "calendarView"), (302, "/me/events"), (307, "/me/events"), (308, "calendarView")] {
        let world = one_to_write().await;
        world.fault(json!([{"match": {"path": path}, "do": "redirect", "status": status}])).await;
        world.forget_requests().await;
        let report = world.sync("anna").await;
        assert_eq!(report["next"]["reason"], "stopped", "{status}: {report}");
        let alerts = world.alerts().await;
        assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("run-stopped")), "{alerts:?}");
        assert!(!alerts[0].to_string().contains("elsewhere.example"), "{alerts:?}");
        let asked = world.requests().await;
        let last = asked["requests"].as_array().unwrap().last().unwrap();
        assert_eq!(last["status"], status, "nobody has asked anything after it: {asked}");
        until_idle(&world).await;
        assert_eq!(world.outlook("anna").await.events().await.len(), 1, "{status} on {path}");
        assert_eq!(alert_codes(&world).await, [""; 0]);
    }
}

/// A token that has to prove more is asked for with what it has to prove; once.
#[tokio::test]
async fn a_claims_challenge_costs_one_renewal_and_no_person() {
    let world = one_to_write().await;
    world.fault(json!([{"match": {"path": "/v1.0/"}, "do": "claimsChallenge"}])).await;
    world.forget_requests().await;
    assert_eq!(world.sync("anna").await["next"]["when"], "idle");
    assert_eq!(world.token_requests().await, 1);
    assert_eq!(alert_codes(&world).await, [""; 0]);
    assert_eq!(world.outlook("anna").await.events().await.len(), 1);

    // A token that is refused however new it is ends the run and is not renewed
    // in a loop.
    world.fault(json!([{"match": {"path": "/v1.0/"}, "times": 100, "do": "unauthorized"}])).await;
    world.forget_requests().await;
    assert_eq!(world.sync("anna").await["next"]["reason"], "stopped");
    assert_eq!(world.token_requests().await, 1);
    assert_eq!(alert_codes(&world).await, ["run-stopped"]);
}

/// Alerts end with the connection that they are about: what is still so, the next one
/// finds again.
#[tokio::test]
async fn alerts_about_what_is_synchronised_end_with_the_connection() {
    let world = one_to_write().await;
    let poison = json!({"match": {"method": "POST", "path": "/me/events"}, "do": "unavailable", "status": 400,
        "code": "ErrorInvalidParameter", "times": 1000});
    world.fault(json!([poison])).await;
    until_idle(&world).await;
    world.fault(json!([{"match": {"path": "/delta"}, "do": "redirect"}])).await;
    world.sync("anna").await;
    assert_eq!(alert_codes(&world).await, ["run-stopped", "refused"]);
    world.disconnect("anna").await;
    assert_eq!(alert_codes(&world).await, [""; 0]);
    world.connect("anna").await;
    until_idle(&world).await;
    assert_eq!(alert_codes(&world).await, ["refused"]);
    world.forget_faults().await;
    world.disconnect("anna").await;
    world.connect("anna").await;
    until_idle(&world).await;
    assert_eq!(alert_codes(&world).await, [""; 0]);
    assert_eq!(world.outlook("anna").await.events().await.len(), 1);
}
