//! Tokens of a connected account: they are renewed without their user, a
//! failure is tried again, a refusal parks the account until somebody acts
//! (Oro row A4).

use serde_json::{Value, json};
use tandem_tests::form::has_link;
use tandem_tests::{Browser, Form, World};

/// Where an administrator fills in the Azure application.
const SYSTEM_CONFIGURATION: &str = "/configuration/system";

/// Longer than an access token lives.
const TOKEN_LIFE_SECONDS: i64 = 2 * 3600;

/// A sync that worked.
async fn synced(world: &World) {
    let report = world.sync("anna").await;
    assert_eq!((&report["next"]["when"], &report["blocked"]), (&json!("idle"), &json!(null)), "{report}");
}

/// The codes of the open alerts.
async fn alert_codes(world: &World) -> Vec<String> {
    world.alerts().await.iter().map(|alert| alert["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_not_more_often() {
    // A4
    let world = World::connected().await;
    for (after_seconds, renewals) in [(0, 0), (54 * 60, 0), (2 * 60, 1), (0, 1), (TOKEN_LIFE_SECONDS, 2)] {
        world.advance(after_seconds).await;
        synced(&world).await;
        assert_eq!(world.token_requests().await, renewals, "after {after_seconds} more seconds");
    }
    assert_eq!(world.request_count("GET", "/oauth2").await, 0, "nobody had to sign in");
}

#[tokio::test]
async fn a_rotated_refresh_token_takes_the_place_of_the_old_one() {
    // A4: the old one ends with its first use.
    let world = World::connected().await;
    world.control("behaviour", &json!({"refreshRotationStrict": true})).await;
    for _ in 0..3 {
        world.advance(TOKEN_LIFE_SECONDS).await;
        synced(&world).await;
    }
    assert_eq!(world.token_requests().await, 3);
}

#[tokio::test]
async fn a_token_that_graph_refuses_is_replaced_once() {
    // A4: revoked although its time was not over.
    let world = World::connected().await;
    world.expire("accessTokens").await;
    synced(&world).await;
    assert_eq!(world.token_requests().await, 1);
}

#[tokio::test]
async fn a_failing_login_is_tried_again_and_parks_nothing() {
    // A4
    for fault in ["unavailable", "gatewayTimeout", "dropRequest", "dropResponse", "htmlPage", "truncate", "throttle"] {
        let world = World::connected().await;
        world.advance(TOKEN_LIFE_SECONDS).await;
        world.fault(json!([{"match": {"path": "/oauth2/v2.0/token"}, "times": 4, "do": fault}])).await;
        let report = world.sync("anna").await;
        assert_eq!((&report["next"]["when"], &report["blocked"]), (&json!("after"), &json!(null)), "{fault}: {report}");
        assert_eq!(alert_codes(&world).await, Vec::<String>::new(), "{fault}");
        world.forget_faults().await;
        world.advance(report["next"]["milliseconds"].as_i64().unwrap() / 1000 + 1).await;
        synced(&world).await;
    }
}

#[tokio::test]
async fn a_short_failure_of_the_login_is_not_even_noticed() {
    // A4: a second attempt within the same step.
    let world = World::connected().await;
    world.advance(TOKEN_LIFE_SECONDS).await;
    world.fault(json!([{"match": {"path": "/oauth2/v2.0/token"}, "times": 1, "do": "unavailable"}])).await;
    synced(&world).await;
    assert_eq!(world.token_requests().await, 2);
}

#[tokio::test]
async fn a_refused_renewal_parks_the_account_with_one_alert_until_it_is_connected_again() {
    // A4, E13
    let world = World::connected().await;
    world.expire("refreshTokens").await;
    world.advance(TOKEN_LIFE_SECONDS).await;
    let report = world.sync("anna").await;
    assert_eq!((&report["blocked"], &report["next"]["when"]), (&json!("parked"), &json!("blocked")), "{report}");
    world.forget_requests().await;
    for _ in 0..3 {
        world.advance(600).await;
        assert_eq!(world.sync("anna").await["blocked"], "parked");
        world.run_due().await;
    }
    assert_eq!(world.requests().await["count"], 0, "nobody is asked again until somebody acts");

    let alerts = world.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!((&alerts[0]["code"], &alerts[0]["user"]), (&json!("reconnect-needed"), &json!("anna")));
    assert!(alerts[0]["message"].as_str().unwrap().contains("invalid_grant (AADSTS50173)"), "{alerts:?}");
    assert_eq!(world.status("anna").await["openAlerts"], 1);
    assert_eq!(world.status("anna").await["nextSyncAt"], json!(null));
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    assert!(has_link(&anna.page("/alerts").await, "/configuration/my#microsoft-account"));
    let calendar = anna.page("/calendar").await;
    assert!(calendar.contains("wait until somebody acts"), "{calendar}");
    assert!(Form::find(&calendar, "/calendar/sync").is_none(), "a run would be refused: {calendar}");
    let page = anna.page("/configuration/my").await;
    assert!(page.contains("Microsoft no longer accepts the sign-in") && page.contains("Connect again"), "{page}");

    world.connect("anna").await;
    synced(&world).await;
    assert_eq!(alert_codes(&world).await, Vec::<String>::new());
    let resolved = world.crm.get("/api/alerts?resolved=true").await.ok();
    assert_eq!(resolved.as_array().unwrap().len(), 1, "the alert is kept as resolved");
}

#[tokio::test]
async fn an_expired_client_secret_concerns_the_administrator() {
    // A4
    let world = World::connected().await;
    world.expire("clientSecret").await;
    world.advance(TOKEN_LIFE_SECONDS).await;
    assert_eq!(world.sync("anna").await["blocked"], "parked");
    let alerts = world.alerts().await;
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("application-refused")), "{alerts:?}");
    assert!(alerts[0]["message"].as_str().unwrap().contains("AADSTS7000222"), "{alerts:?}");
    assert!(alerts[0]["hint"].as_str().unwrap().contains("administrator"), "{alerts:?}");
    // Who may mend it is led to where that is done, its user to the account.
    world.add_administrator("admin", "Acme").await;
    let mut administrator = Browser::signed_in(&world.crm, "admin").await;
    assert!(has_link(&administrator.page("/alerts").await, SYSTEM_CONFIGURATION));
    let mut anna = Browser::signed_in(&world.crm, "anna").await;
    let hers = anna.page("/alerts").await;
    assert!(has_link(&hers, "/configuration/my#microsoft-account") && !has_link(&hers, SYSTEM_CONFIGURATION), "{hers}");
    let page = world.sign_in("anna", "accept").await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("data-outcome=\"application-refused\""), "{}", page.text);

    // A new secret at Microsoft and in the CRM, and the account works again.
    world.register_app(&json!(["User.Read", "Calendars.ReadWrite"])).await;
    let secret = json!(tandem_tests::CLIENT_SECRET);
    world.save("system", "0", &[("application.client-secret", secret)]).await.ok();
    assert_eq!(alert_codes(&world).await, Vec::<String>::new());
    synced(&world).await;
}

#[tokio::test]
async fn check_connection_brings_back_an_account_whose_application_was_mended_elsewhere() {
    // A4: the same secret is accepted again, so no setting changes.
    let world = World::connected().await;
    world.expire("clientSecret").await;
    world.advance(TOKEN_LIFE_SECONDS).await;
    assert_eq!(world.sync("anna").await["blocked"], "parked");
    world.register_app(&json!(["User.Read", "Calendars.ReadWrite"])).await;
    let report: Value = world.crm.post("/api/users/anna/microsoft/check", &json!({})).await.ok();
    assert_eq!(report["ok"], true, "{report}");
    assert_eq!(alert_codes(&world).await, Vec::<String>::new());
    synced(&world).await;
}
