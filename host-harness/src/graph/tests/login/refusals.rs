//! The errors of the token endpoint, each in its shape.

use super::*;

const TENANT: &str = "/contoso.example/oauth2/v2.0/token";

/// What every error has, and what this one is.
fn assert_refused(answer: &Answer, status: u16, error: &str, expected: u64) {
    assert_eq!((answer.status, text(&answer.body, "error"), number(answer)), (status, error, expected));
    let description = text(&answer.body, "error_description");
    assert!(description.starts_with(&format!("AADSTS{expected}: ")), "{description}");
    for part in ["Trace ID: ", "Correlation ID: ", "Timestamp: "] {
        assert!(description.contains(part), "{description}");
    }
    for name in ["timestamp", "trace_id", "correlation_id"] {
        assert!(answer.body[name].is_string(), "{name}");
    }
    assert_eq!(answer.body["error_uri"], format!("{BASE}/error?code={expected}"));
}

/// Application credentials with changes; an empty value takes the field away.
fn application<'a>(extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    for (name, value) in extra {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((*name, *value));
        }
    }
    fields
}

#[tokio::test]
async fn what_an_application_asks_wrongly_is_refused() {
    let world = World::new();
    let cases = [
        (("grant_type", ""), 400, "invalid_request", 900_144),
        (("client_id", ""), 400, "invalid_request", 900_144),
        (("scope", ""), 400, "invalid_request", 900_144),
        (("client_id", "unknown"), 400, "unauthorized_client", 700_016),
        (("client_secret", "wrong"), 401, "invalid_client", 7_000_215),
        (("client_secret", ""), 401, "invalid_client", 7_000_218),
        (("grant_type", "password_of_the_house"), 400, "unsupported_grant_type", 70_003),
        (("scope", "Calendars.Read"), 400, "invalid_scope", 70_011),
        (("scope", "https://graph.microsoft.com/.default User.Read"), 400, "invalid_scope", 70_011),
        (("scope", "https://other.example/.default"), 400, "invalid_resource", 500_011),
        (("scope", "api://other/.default"), 400, "invalid_resource", 500_011),
        (("claims", "{"), 400, "invalid_request", 9_002_313),
    ];
    for (change, status, error, expected) in cases {
        let answer = world.form(TENANT, &application(&[change])).await;
        assert_refused(&answer, status, error, expected);
    }
    let cases = [
        ("common", "invalid_request", 50_059),
        ("nowhere.example", "invalid_tenant", 90_002),
        ("99999999-2222-3333-4444-555555555555", "invalid_tenant", 90_002),
        ("nowhere", "invalid_request", 900_023),
        ("99999999-2222-3333-4444", "invalid_request", 900_023),
        ("no_where.example", "invalid_request", 900_023),
        ("nowhere..example", "invalid_request", 900_023),
    ];
    for (tenant, error, expected) in cases {
        let answer = world.form(&format!("/{tenant}/oauth2/v2.0/token"), &application(&[])).await;
        assert_refused(&answer, 400, error, expected);
    }
    world.control("POST", "expire", Some(json!({ "what": "clientSecret" }))).await;
    assert_refused(&world.form(TENANT, &application(&[])).await, 401, "invalid_client", 7_000_222);
    world.microsoft.register_app(NewApp { client_secret: None, ..app() }).unwrap();
    assert_refused(&world.form(TENANT, &application(&[])).await, 401, "invalid_client", 700_025);
    let without = application(&[("client_secret", "")]);
    assert_refused(&world.form(TENANT, &without).await, 401, "invalid_client", 7_000_218);
}

#[tokio::test]
async fn what_a_code_does_not_give_is_refused() {
    let world = World::new();
    let code = code(&world).await;
    let refused = async |extra: &[(&str, &str)], expected: u64| {
        assert_refused(&redeem(&world, &code, extra).await, 400, "invalid_grant", expected);
    };
    refused(&[("code", "made up")], 70_000).await;
    refused(&[("redirect_uri", "http://elsewhere")], 500_112).await;
    refused(&[("code_verifier", "another-verifier-that-is-long-enough-for-everybody")], 501_481).await;
    let other = "99999999-2222-3333-4444-555555555555";
    world.microsoft.register_app(NewApp { client_id: other.to_owned(), ..app() }).unwrap();
    refused(&[("client_id", other)], 700_005).await;
    let answer = redeem(&world, &code, &[("scope", "https://other.example/Mail.Read")]).await;
    assert_refused(&answer, 400, "invalid_resource", 500_011);
    // None of this has spent it.
    assert_eq!(redeem(&world, &code, &[]).await.status, 200);
    refused(&[], 54_005).await;
}

#[tokio::test]
async fn a_withdrawn_consent_ends_what_came_of_it() {
    let world = World::new();
    let first = tokens(&world, &[]).await;
    let body = json!({ "what": "consents", "userPrincipalName": BOB });
    assert_eq!(world.control("POST", "expire", Some(body)).await.body["expired"], 0);
    assert_eq!(refresh(&world, text(&first, "refresh_token")).await.status, 200);
    let body = json!({ "what": "consents", "userPrincipalName": ALICE });
    assert_eq!(world.control("POST", "expire", Some(body)).await.body["expired"], 1);
    let refused = refresh(&world, text(&first, "refresh_token")).await;
    assert_refused(&refused, 400, "invalid_grant", 65_001);
    assert_eq!(refused.body["suberror"], "consent_required");
    tokens(&world, &[]).await;
    assert_eq!(refresh(&world, text(&first, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_refresh_that_asks_for_more_than_was_allowed_gets_nothing() {
    let world = World::new();
    let first = tokens(&world, &[("scope", "User.Read offline_access")]).await;
    let renew = async |scope: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("refresh_token", text(&first, "refresh_token")),
            ("scope", scope),
        ];
        world.form(TENANT, &fields).await
    };
    assert_refused(&renew("User.Read Calendars.ReadWrite").await, 400, "invalid_grant", 65_001);
    // What the application cannot have at all is left out, as at the sign-in.
    assert_eq!(renew("User.Read Mail.Read").await.body["scope"], "User.Read");
    tokens(&world, &[("scope", "Calendars.ReadWrite")]).await;
    // A refresh token is for a user and an application, not for some scopes.
    assert_eq!(renew("Calendars.ReadWrite").await.body["scope"], "Calendars.ReadWrite");
}

#[tokio::test]
async fn an_application_of_one_tenant_is_used_through_that_tenant() {
    let world = World::new();
    let registration = json!({
        "clientId": CLIENT, "clientSecret": SECRET, "tenant": "contoso.example", "redirectUris": [REDIRECT],
        "permissions": ["User.Read"], "signInAudience": "AzureADMyOrg",
    });
    assert_eq!(world.control("POST", "apps", Some(registration)).await.status, 201);
    let challenge = challenge();
    let page = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[])).await;
    assert!(page.status == 400 && page.text.contains("AADSTS50194"), "{}", page.text);
    let own = world.form("/contoso.example/oauth2/v2.0/authorize", &sign_in(&challenge, &[])).await;
    let code = returned(&own)["code"].clone();
    assert_refused(&redeem(&world, &code, &[]).await, 400, "invalid_request", 50_194);
    let fields = [("client_id", CLIENT), ("scope", "User.Read")];
    let device = world.form("/organizations/oauth2/v2.0/devicecode", &fields).await;
    assert_refused(&device, 400, "invalid_request", 50_194);
    assert_eq!(world.form(TENANT, &application(&[])).await.status, 200);
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let world = World::new();
    let fault = json!([{ "match": { "path": "/oauth2/v2.0/token" }, "do": "throttle", "retryAfterSeconds": 17 }]);
    world.control("POST", "faults", Some(fault)).await;
    let answer = world.form(TENANT, &application(&[])).await;
    assert_refused(&answer, 429, "temporarily_unavailable", 90_006);
    assert_eq!(answer.header("retry-after"), "17");
}

#[tokio::test]
async fn a_refresh_token_is_told_its_age_for_as_long_again_and_is_then_forgotten() {
    const LIFE: i64 = 90 * 24 * 3_600;
    let world = World::new();
    let unused = tokens(&world, &[]).await;
    let used = tokens(&world, &[]).await;
    let kept = || world.microsoft.lock().state.refresh_tokens.len();
    world.advance(LIFE);
    assert_eq!(refresh(&world, text(&used, "refresh_token")).await.status, 200);
    assert_eq!(kept(), 3);
    world.advance(LIFE);
    assert_eq!(number(&refresh(&world, text(&unused, "refresh_token")).await), 700_082);
    assert_eq!(kept(), 3);
    world.advance(1);
    assert_eq!(number(&refresh(&world, text(&unused, "refresh_token")).await), 9_002_313);
    assert_eq!(kept(), 2);
    assert_eq!(number(&refresh(&world, text(&used, "refresh_token")).await), 700_082);
}

#[tokio::test]
async fn secrets_and_passwords_are_not_printed() {
    const PASSWORD: &str = "correct horse";
    let world = World::new();
    let guarded = NewMailbox { password: Some(PASSWORD.to_owned()), ..mailbox("carol@contoso.example", "Carol") };
    let registered = format!("{guarded:?} {:?}", app());
    world.microsoft.create_mailbox(guarded).unwrap();
    let printed = format!("{registered} {:?}", world.microsoft);
    assert!(printed.contains("carol@contoso.example") && printed.contains(CLIENT));
    assert!(!printed.contains(SECRET) && !printed.contains(PASSWORD));
    // They are still asked for.
    let challenge = challenge();
    for (typed, status) in [("", 200), ("wrong", 200), (PASSWORD, 302)] {
        let fields = sign_in(&challenge, &[("user", "carol@contoso.example"), ("password", typed)]);
        assert_eq!(world.form("/common/oauth2/v2.0/authorize", &fields).await.status, status, "{typed}");
    }
}
