//! Users who may not sign in, or not stay signed in.

use super::*;

async fn set(world: &World, user: &str, state: &str) {
    let body = json!({ "userPrincipalName": user, "state": state });
    assert_eq!(world.control("POST", "signIn", Some(body)).await.status, 204);
}

/// A silent request of a user who has consented.
async fn silent(world: &World) -> std::collections::BTreeMap<String, String> {
    let challenge = challenge();
    let answer = authorize(world, &sign_in(&challenge, &[("prompt", "none"), ("login_hint", ALICE)])).await;
    returned(&answer)
}

/// A posted page that comes back as a page.
async fn page(world: &World, extra: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let answer = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, extra)).await;
    assert_eq!(answer.status, 200);
    answer.text
}

struct Expected {
    state: &'static str,
    number: u64,
    suberror: Option<&'static str>,
    silent: &'static str,
    is_shown: bool,
}

const STATES: [Expected; 4] = [
    Expected {
        state: "disabled",
        number: 50_057,
        suberror: None,
        silent: "interaction_required AADSTS50057",
        is_shown: true,
    },
    Expected {
        state: "mfaRequired",
        number: 50_076,
        suberror: Some("basic_action"),
        silent: "interaction_required AADSTS50076",
        is_shown: true,
    },
    Expected {
        state: "blockedByPolicy",
        number: 53_003,
        suberror: Some("message_only"),
        silent: "interaction_required AADSTS53003",
        is_shown: true,
    },
    Expected {
        state: "signInFrequency",
        number: 70_043,
        suberror: Some("token_expired"),
        silent: "login_required AADSTS50058",
        is_shown: false,
    },
];

#[tokio::test]
async fn each_state_bites_at_the_page_in_silence_and_at_both_redemptions() {
    for expected in STATES {
        let world = World::new();
        let first = tokens(&world, &[]).await;
        let unredeemed = code(&world).await;
        world.advance(1);
        set(&world, ALICE, expected.state).await;
        let refused = refresh(&world, text(&first, "refresh_token")).await;
        assert_eq!((refused.status, number(&refused)), (400, expected.number), "{}", expected.state);
        assert_eq!(
            (text(&refused.body, "error"), refused.body["suberror"].as_str()),
            ("invalid_grant", expected.suberror)
        );
        let has_claims = refused.body["claims"].as_str().is_some_and(|claims| claims.contains("capolids"));
        assert_eq!(has_claims, matches!(expected.number, 50_076 | 53_003), "{}", expected.state);
        assert_eq!(number(&redeem(&world, &unredeemed, &[]).await), expected.number, "{}", expected.state);
        let silent = silent(&world).await;
        let description = silent["error_description"].split(':').next().unwrap();
        assert_eq!(format!("{} {description}", silent["error"]), expected.silent);
        if expected.is_shown {
            let page = page(&world, &[]).await;
            assert!(page.contains(&format!("AADSTS{}:", expected.number)), "{page}");
        }
        // Graph does not ask the directory again before the token is over.
        let me = world.graph_as(text(&first, "access_token"), "GET", "/me", &[], None).await;
        assert_eq!(me.status, 200, "{}", expected.state);
        // Other users are not concerned, and neither is this one afterwards.
        tokens(&world, &[("user", BOB)]).await;
        set(&world, ALICE, "normal").await;
        assert_eq!(refresh(&world, text(&first, "refresh_token")).await.status, 200, "{}", expected.state);
    }
}

#[tokio::test]
async fn a_second_factor_on_the_page_is_good_for_what_comes_of_it() {
    let world = World::new();
    assert!(!page(&world, &[("user", "nobody")]).await.contains("name=\"mfa\""));
    set(&world, ALICE, "mfaRequired").await;
    assert!(page(&world, &[]).await.contains("name=\"mfa\" value=\"approved\""));
    let first = tokens(&world, &[("mfa", "approved")]).await;
    let second = refresh(&world, text(&first, "refresh_token")).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert_eq!(refresh(&world, text(&second.body, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn who_has_to_sign_in_every_hour_is_signed_in_for_an_hour() {
    let world = World::new();
    set(&world, ALICE, "signInFrequency").await;
    world.advance(1);
    let first = tokens(&world, &[]).await;
    world.advance(3_599);
    let second = refresh(&world, text(&first, "refresh_token")).await;
    assert_eq!(second.status, 200, "{}", second.text);
    world.advance(1);
    // A new token does not make the sign-in newer.
    let late = refresh(&world, text(&second.body, "refresh_token")).await;
    assert_eq!(number(&late), 70_043);
    let description = text(&late.body, "error_description");
    assert!(description.contains("issued on 2026-03-02T12:00:01") && description.contains("is 3600."), "{description}");
}

#[tokio::test]
async fn a_disabled_user_signs_in_on_no_device_either() {
    let world = World::new();
    world.microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    let fields = [("client_id", CLIENT), ("scope", "User.Read")];
    let device = world.form("/common/oauth2/v2.0/devicecode", &fields).await.body;
    set(&world, ALICE, "disabled").await;
    let posted = [("otc", text(&device, "user_code")), ("user", ALICE), ("decision", "accept")];
    let page = world.form("/common/oauth2/deviceauth", &posted).await;
    assert!(page.text.contains("AADSTS50057"), "{}", page.text);
}

#[tokio::test]
async fn states_are_those_of_somebody_and_known() {
    let world = World::new();
    let unknown = json!({ "userPrincipalName": "nobody@contoso.example", "state": "disabled" });
    assert_eq!(world.control("POST", "signIn", Some(unknown)).await.status, 404);
    let other = json!({ "userPrincipalName": ALICE, "state": "asleep" });
    assert_eq!(world.control("POST", "signIn", Some(other)).await.status, 400);
}

#[test]
fn rows_from_before_there_were_states_are_read() {
    use crate::graph::login::grants::{AccessToken, AuthCode, RefreshToken};
    use crate::graph::login::sign_in::SignInState;
    use crate::graph::model::{App, Audience, Mailbox};
    let mailbox = json!({
        "number": 1, "object_id": "o", "user_principal_name": ALICE, "display_name": "Alice", "time_zone": "UTC",
        "password": null, "default_calendar": 2,
    });
    assert_eq!(serde_json::from_value::<Mailbox>(mailbox).unwrap().sign_in.state, SignInState::Normal);
    let app = json!({
        "client_id": CLIENT, "client_secret": null, "secret_expired": false, "tenant": "contoso.example",
        "redirect_uris": [], "permissions": [], "admin_consent_required": false, "admin_consented": false,
    });
    let app: App = serde_json::from_value(app).unwrap();
    assert!(app.audience == Audience::ManyTenants && !app.is_confidential() && app.spa_redirect_uris.is_empty());
    let code = json!({
        "mailbox": 1, "client_id": CLIENT, "redirect_uri": REDIRECT, "scopes": [], "nonce": null, "challenge": null,
        "issued_at": noon(), "used": false,
    });
    assert!(!serde_json::from_value::<AuthCode>(code).unwrap().is_spa);
    let refresh = json!({
        "mailbox": 1, "client_id": CLIENT, "scopes": [], "last_used_at": noon(), "revoked": false,
    });
    let refresh: RefreshToken = serde_json::from_value(refresh).unwrap();
    assert!(refresh.spa_since.is_none() && refresh.signed_in.at.is_none());
    let access = json!({
        "subject": "Application", "client_id": CLIENT, "permissions": [], "expires_at": noon(), "revoked": false,
    });
    assert!(serde_json::from_value::<AccessToken>(access).unwrap().challenged_since.is_none());
}

#[tokio::test]
async fn states_and_devices_survive_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("microsoft.sqlite");
    let clock = HarnessClock::fixed(noon());
    let microsoft = Microsoft::open(clock.clone(), 7, BASE, &file).unwrap();
    fill(&microsoft);
    microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    let world = World::around(microsoft, clock.clone());
    let fields = [("client_id", CLIENT), ("scope", "User.Read offline_access")];
    let device = world.form("/common/oauth2/v2.0/devicecode", &fields).await.body;
    set(&world, BOB, "disabled").await;
    drop(world);
    let world = World::around(Microsoft::open(clock.clone(), 7, BASE, &file).unwrap(), clock);
    let page = |user: &'static str| [("otc", text(&device, "user_code")), ("user", user), ("decision", "accept")];
    assert!(world.form("/common/oauth2/deviceauth", &page(BOB)).await.text.contains("AADSTS50057"));
    assert!(world.form("/common/oauth2/deviceauth", &page(ALICE)).await.text.contains("You have signed in"));
    let poll = [
        ("client_id", CLIENT),
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", text(&device, "device_code")),
    ];
    assert_eq!(world.form("/common/oauth2/v2.0/token", &poll).await.status, 200);
}
