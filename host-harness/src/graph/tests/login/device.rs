//! Devices without a browser.

use super::*;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A tenant whose application is a program on a device.
fn world() -> World {
    let world = World::new();
    world.microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    world
}

async fn begin(world: &World) -> Value {
    let fields = [("client_id", CLIENT), ("scope", "User.Read offline_access openid profile")];
    let answer = world.form("/common/oauth2/v2.0/devicecode", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn poll(world: &World, device: &Value) -> Answer {
    let fields = [
        ("client_id", CLIENT),
        ("grant_type", GRANT),
        ("device_code", text(device, "device_code")),
        ("client_info", "1"),
    ];
    world.form("/common/oauth2/v2.0/token", &fields).await
}

async fn refused(world: &World, device: &Value) -> String {
    let answer = poll(world, device).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    text(&answer.body, "error").to_owned()
}

/// Posts the page under the address that the device shows.
async fn post(world: &World, device: &Value, fields: &[(&str, &str)]) -> Answer {
    let path = text(device, "verification_uri").strip_prefix(BASE).unwrap();
    world.form(path, fields).await
}

#[tokio::test]
async fn a_user_types_the_code_elsewhere_and_the_device_gets_tokens() {
    let world = world();
    let device = begin(&world).await;
    let code = text(&device, "user_code");
    assert_eq!((code.len(), &device["expires_in"], &device["interval"]), (9, &json!(900), &json!(5)));
    let expected = format!(
        "To sign in, use a web browser to open the page {BASE}/common/oauth2/deviceauth and enter the code {code} to authenticate."
    );
    assert_eq!(device["message"], expected);
    let pending = poll(&world, &device).await;
    assert_eq!((pending.status, number(&pending)), (400, 70_016));
    assert_eq!(pending.body["error"], "authorization_pending");

    let form = get(&world, text(&device, "verification_uri").strip_prefix(BASE).unwrap()).await;
    assert!(form.text.contains("name=\"otc\""), "{}", form.text);
    let wrong = post(&world, &device, &[("otc", "WRONGCODE")]).await;
    assert!(wrong.text.contains("That code didn&#x27;t work"), "{}", wrong.text);
    // Small letters and spaces are what people type.
    let typed = format!(" {} ", code.to_lowercase());
    let page = post(&world, &device, &[("otc", &typed)]).await;
    for expected in ["Alice Example", "Sign you in and read your profile", "name=\"otc\""] {
        assert!(page.text.contains(expected), "{expected}");
    }
    let unknown = [("otc", code), ("user", "nobody@contoso.example"), ("decision", "accept")];
    assert!(post(&world, &device, &unknown).await.text.contains("AADSTS50034"));
    world.advance(5);
    assert_eq!(refused(&world, &device).await, "authorization_pending");
    let done = post(&world, &device, &[("otc", code), ("user", BOB), ("decision", "accept")]).await;
    assert!(done.text.contains("You have signed in"), "{}", done.text);

    world.advance(5);
    let tokens = poll(&world, &device).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    assert_eq!(tokens.body["scope"], "User.Read openid profile");
    assert_eq!(claims_of(&tokens.body["id_token"])["preferred_username"], BOB);
    assert!(tokens.body["refresh_token"].is_string() && tokens.body["client_info"].is_string());
    let me = world.graph_as(text(&tokens.body, "access_token"), "GET", "/me", &[], None).await;
    assert_eq!(me.body["userPrincipalName"], BOB);
    // Both codes are spent.
    world.advance(5);
    assert_eq!(refused(&world, &device).await, "bad_verification_code");
    assert!(post(&world, &device, &[("otc", code)]).await.text.contains("didn&#x27;t work"));
}

#[tokio::test]
async fn a_user_can_decline() {
    let world = world();
    let device = begin(&world).await;
    let declined = [("otc", text(&device, "user_code")), ("decision", "cancel")];
    assert!(post(&world, &device, &declined).await.text.contains("cancelled"));
    assert_eq!(refused(&world, &device).await, "authorization_declined");
}

#[tokio::test]
async fn a_device_that_polls_too_often_has_to_wait_longer() {
    let world = world();
    let device = begin(&world).await;
    assert_eq!(refused(&world, &device).await, "authorization_pending");
    world.advance(2);
    assert_eq!(refused(&world, &device).await, "slow_down");
    world.advance(5);
    assert_eq!(refused(&world, &device).await, "slow_down");
    world.advance(15);
    assert_eq!(refused(&world, &device).await, "authorization_pending");
}

#[tokio::test]
async fn codes_are_over_after_a_quarter_of_an_hour() {
    let world = world();
    let device = begin(&world).await;
    world.advance(899);
    assert_eq!(refused(&world, &device).await, "authorization_pending");
    world.advance(1);
    let expired = poll(&world, &device).await;
    assert_eq!((text(&expired.body, "error"), number(&expired)), ("expired_token", 70_020));
    let late = [("otc", text(&device, "user_code")), ("user", ALICE), ("decision", "accept")];
    assert!(post(&world, &device, &late).await.text.contains("didn&#x27;t work"));
}

#[tokio::test]
async fn a_code_belongs_to_its_application_and_is_one_that_was_given() {
    let world = world();
    let device = begin(&world).await;
    let other = "99999999-2222-3333-4444-555555555555";
    let registration = NewApp { client_id: other.to_owned(), client_secret: None, ..app() };
    world.microsoft.register_app(registration).unwrap();
    let fields = [("client_id", other), ("grant_type", GRANT), ("device_code", text(&device, "device_code"))];
    let answer = world.form("/common/oauth2/v2.0/token", &fields).await;
    assert_eq!((text(&answer.body, "error"), number(&answer)), ("bad_verification_code", 70_018));
    assert_eq!(refused(&world, &json!({ "device_code": "made up" })).await, "bad_verification_code");
    assert_eq!(number(&world.form("/common/oauth2/v2.0/token", &fields[..2]).await), 900_144);
}

#[tokio::test]
async fn a_device_needs_an_application_and_scopes() {
    let world = world();
    let path = "/common/oauth2/v2.0/devicecode";
    let ask = |fields: &'static [(&'static str, &'static str)]| world.form(path, fields);
    assert_eq!(number(&ask(&[("scope", "User.Read")]).await), 900_144);
    assert_eq!(number(&ask(&[("client_id", CLIENT)]).await), 900_144);
    assert_eq!(number(&ask(&[("client_id", "unknown"), ("scope", "User.Read")]).await), 700_016);
    assert_eq!(number(&ask(&[("client_id", CLIENT), ("scope", "https://other.example/x")]).await), 500_011);
    assert_eq!(number(&ask(&[("client_id", CLIENT), ("scope", "Calendars.Nonsense")]).await), 650_053);
    // A confidential client has to prove itself when it polls.
    world.microsoft.register_app(app()).unwrap();
    let device = begin(&world).await;
    assert_eq!(number(&poll(&world, &device).await), 7_000_218);
}

#[tokio::test]
async fn what_only_an_administrator_can_allow_is_not_allowed_on_a_device() {
    let world = world();
    let registration = NewApp { client_secret: None, admin_consent_required: true, ..app() };
    world.microsoft.register_app(registration).unwrap();
    let device = begin(&world).await;
    let code = text(&device, "user_code");
    assert!(post(&world, &device, &[("otc", code)]).await.text.contains("AADSTS90094"));
    for (decision, seconds) in [("accept", 0), ("return", 5)] {
        world.advance(seconds);
        let device = begin(&world).await;
        let code = text(&device, "user_code");
        // Who does not say who they are decides nothing.
        assert!(post(&world, &device, &[("otc", code), ("decision", decision)]).await.text.contains("AADSTS50034"));
        assert_eq!(refused(&world, &device).await, "authorization_pending");
        let posted = [("otc", code), ("user", ALICE), ("decision", decision)];
        assert!(post(&world, &device, &posted).await.text.contains("AADSTS90094"));
        world.advance(5);
        let answer = poll(&world, &device).await;
        assert_eq!((number(&answer), text(&answer.body, "error")), (90_094, "consent_required"), "{decision}");
    }
}

#[tokio::test]
async fn a_decision_that_is_none_declines_nothing() {
    let world = world();
    let device = begin(&world).await;
    let code = text(&device, "user_code");
    for decision in ["", "return", "other"] {
        let page = post(&world, &device, &[("otc", code), ("decision", decision)]).await;
        assert!(page.text.contains("Alice Example"), "{decision}: {}", page.text);
    }
    assert_eq!(refused(&world, &device).await, "authorization_pending");
}

#[tokio::test]
async fn a_consent_that_was_taken_back_gives_nothing_to_a_device() {
    let world = world();
    let device = begin(&world).await;
    let accepted = [("otc", text(&device, "user_code")), ("user", ALICE), ("decision", "accept")];
    post(&world, &device, &accepted).await;
    world.control("POST", "expire", Some(json!({ "what": "consents" }))).await;
    let answer = poll(&world, &device).await;
    assert_eq!((number(&answer), text(&answer.body, "error")), (65_001, "invalid_grant"));
}
