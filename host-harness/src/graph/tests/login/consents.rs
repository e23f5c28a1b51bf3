//! What was allowed is what is handed out, wherever nobody is asked.

use super::*;

const NARROW: &str = "openid offline_access User.Read";

/// The answer to a request that may show nothing.
async fn silent(world: &World, scope: &str) -> std::collections::BTreeMap<String, String> {
    let challenge = challenge();
    let fields = sign_in(&challenge, &[("prompt", "none"), ("login_hint", ALICE), ("scope", scope)]);
    returned(&authorize(world, &fields).await)
}

#[tokio::test]
async fn silence_gives_no_more_than_was_allowed() {
    let world = World::new();
    tokens(&world, &[("scope", NARROW)]).await;
    let wider = silent(&world, "openid User.Read Calendars.ReadWrite").await;
    assert_eq!(wider["error"], "consent_required");
    assert!(wider["error_description"].starts_with("AADSTS65001:") && !wider.contains_key("code"));
    // `.default` asks for what there is.
    let default = silent(&world, "https://graph.microsoft.com/.default").await;
    let default = redeem(&world, &default["code"], &[]).await;
    let granted = "https://graph.microsoft.com/User.Read https://graph.microsoft.com/.default";
    assert_eq!(default.body["scope"], granted, "{}", default.text);
    let same = redeem(&world, &silent(&world, NARROW).await["code"], &[]).await;
    assert_eq!(same.body["scope"], "openid User.Read");
    // Once it is allowed, nobody needs to be asked again.
    tokens(&world, &[("scope", "Calendars.ReadWrite")]).await;
    assert!(silent(&world, "openid User.Read Calendars.ReadWrite").await.contains_key("code"));
}

#[tokio::test]
async fn a_consent_that_was_taken_back_gives_nothing_for_a_code() {
    let world = World::new();
    for scope in [NARROW, "openid"] {
        let challenge = challenge();
        let page = world.form("/common/oauth2/v2.0/authorize", &sign_in(&challenge, &[("scope", scope)])).await;
        let expired = world.control("POST", "expire", Some(json!({ "what": "consents" }))).await;
        assert_eq!(expired.body["expired"], 1);
        let refused = redeem(&world, &returned(&page)["code"], &[]).await;
        assert_eq!((refused.status, number(&refused)), (400, 65_001), "{scope}: {}", refused.text);
        assert_eq!(
            (text(&refused.body, "error"), text(&refused.body, "suberror")),
            ("invalid_grant", "consent_required")
        );
    }
}
