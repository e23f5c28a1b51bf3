//! Keeping an account alive: margins, races, refusals, failures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use crate::ports::{Fence, SecretName, Secrets};
use crate::settings::{Feature, Field, SettingValue};

use super::testing::{ALL_SCOPES, FENCE, NOW, Scripted, World, adele, answer, granted, oauth_error};
use super::*;

fn token(world: &mut World) -> Result<AccessToken, AuthFailure> {
    let settings = world.settings();
    access_token(world, FENCE, &settings, NOW)
}

fn bearer(token: &AccessToken) -> String {
    format!("Bearer {}", token.secret().expose_text().unwrap())
}

#[test]
fn a_valid_token_is_used_without_asking_anybody() {
    let mut world = World::connected(6);
    assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-0");
    assert_eq!(world.requests, []);
}

#[test]
fn a_token_near_its_end_is_refreshed_and_the_rotated_one_is_kept() {
    for minutes in [5, 0, -600] {
        let mut world = World::connected(minutes);
        world.expect([granted("access-1", ALL_SCOPES)]);
        assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1");
        let form = world.form(0);
        assert_eq!(
            (form["grant_type"].as_str(), form["refresh_token"].as_str()),
            ("refresh_token", "refresh of access-0")
        );
        assert_eq!(world.tokens().unwrap().refresh, Secret::from_text("refresh of access-1"));
        assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1");
        assert_eq!(world.requests.len(), 1);
        assert!(!world.visible_text().contains("access-1"));
    }
}

#[test]
fn the_old_refresh_token_stays_where_no_other_came() {
    let mut world = World::connected(0);
    world.expect([answer(200, &json!({"access_token": "access-1", "expires_in": 3599, "scope": ALL_SCOPES}))]);
    token(&mut world).unwrap();
    assert_eq!(world.tokens().unwrap().refresh, Secret::from_text("refresh of access-0"));
}

#[test]
fn who_loses_the_race_uses_what_the_winner_stored() {
    let winner: fn(&mut World) = |world| world.put_tokens("access-of-winner", 60);
    for answer in [granted("access-1", ALL_SCOPES), oauth_error("invalid_grant", 70_000)] {
        let mut world = World::connected(0);
        world.expect([answer.meanwhile(winner)]);
        assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-of-winner");
        assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-of-winner");
        assert_eq!(world.requests.len(), 1);
        assert_eq!(world.record().unwrap().parked, None);
        assert_eq!(world.alerts, []);
    }
}

#[test]
fn a_disconnect_during_a_refresh_is_not_undone() {
    let mut world = World::connected(0);
    world.expect([granted("access-1", ALL_SCOPES).meanwhile(|world| disconnect(world, FENCE, &[]).unwrap())]);
    assert!(token(&mut world).is_err());
    assert_eq!(world.tokens(), None);
    assert_eq!(token(&mut world), Err(AuthFailure::NotConnected));
}

#[test]
fn a_failure_of_the_login_is_retried_at_once_and_then_later() {
    let failures: [fn() -> Scripted; 4] = [
        || answer(503, &json!({})),
        Scripted::lost,
        || oauth_error("temporarily_unavailable", 90_033),
        || answer(200, &json!("not tokens")),
    ];
    for failure in failures {
        let mut world = World::connected(0);
        world.expect([failure(), granted("access-1", ALL_SCOPES)]);
        assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1");

        let mut world = World::connected(0);
        world.expect([failure(), failure(), granted("access-1", ALL_SCOPES)]);
        assert_eq!(token(&mut world), Err(AuthFailure::Unavailable(None)));
        assert_eq!(world.requests.len(), 2);
        assert_eq!((world.record().unwrap().parked, world.alerts.len()), (None, 0), "nothing is parked");
        assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1", "the next step goes on");
    }
}

#[test]
fn a_login_that_asks_for_time_gets_it() {
    let mut world = World::connected(0);
    world.expect([answer(429, &json!({})), granted("access-1", ALL_SCOPES)]);
    assert_eq!(token(&mut world), Err(AuthFailure::Throttled(None)));
    assert_eq!(world.requests.len(), 1);
}

#[test]
fn a_refusal_parks_once_and_raises_exactly_one_alert() {
    let table: [(&str, u32, ParkedReason); 5] = [
        ("invalid_grant", 50_173, ParkedReason::ReconnectNeeded),
        ("interaction_required", 50_076, ParkedReason::ReconnectNeeded),
        ("interaction_required", 90_094, ParkedReason::AdminConsentNeeded),
        ("invalid_client", 7_000_222, ParkedReason::ApplicationRefused),
        ("unauthorized_client", 700_016, ParkedReason::WrongTenant),
    ];
    for (error, number, reason) in table {
        let mut world = World::connected(0);
        world.expect([oauth_error(error, number)]);
        let first = token(&mut world).unwrap_err();
        let parked = world.record().unwrap().parked.unwrap();
        assert_eq!((parked.reason, parked.detail.as_str()), (reason, format!("{error} (AADSTS{number})").as_str()));
        for _ in 0..3 {
            assert_eq!(token(&mut world), Err(first.clone()), "{error}");
        }
        assert_eq!(world.requests.len(), 1, "{error}: not asked again");
        assert_eq!(world.alert_codes(), [reason.code()], "{error}");
        assert!(!world.alerts[0].message.contains("Trace ID"), "descriptions are not passed on");
        assert!(world.tokens().is_some(), "{error}: local data stays");
    }
}

#[test]
fn an_alert_that_could_not_be_raised_is_raised_by_the_next_run() {
    let mut world = World::connected(0);
    world.expect([oauth_error("invalid_grant", 50_173)]);
    world.notices_fail = true;
    assert!(token(&mut world).is_err());
    assert_eq!(world.alerts, []);
    world.notices_fail = false;
    assert!(token(&mut world).is_err());
    assert!(token(&mut world).is_err());
    assert_eq!(world.alert_codes(), ["reconnect-needed"]);
    assert_eq!(world.requests.len(), 1);
}

#[test]
fn connecting_again_takes_the_account_out_of_being_parked() {
    let mut world = World::connected(0);
    world.expect([oauth_error("invalid_grant", 50_173), granted("access-1", ALL_SCOPES), adele()]);
    token(&mut world).unwrap_err();
    let settings = world.settings();
    let state = begin(&mut world, FENCE, &settings, None, NOW).unwrap().state;
    let code = Some(Secret::from_text("code"));
    let callback = Callback { state, code, error: None, error_description: None };
    finish(&mut world, FENCE, &settings, None, &callback, NOW).unwrap();
    assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1");
    assert_eq!(world.resolved.len(), 1);
}

#[test]
fn new_credentials_renew_the_tokens_and_end_a_refusal_of_the_application() {
    let mut world = World::connected(60);
    let settings = world.settings();
    world.expect([oauth_error("invalid_client", 7_000_215), oauth_error("invalid_client", 7_000_215)]);
    for _ in 0..2 {
        let found = renew(&mut world, FENCE, &settings, NOW).unwrap_err();
        assert_eq!(found, AuthFailure::ApplicationRefused("invalid_client (AADSTS7000215)".to_owned()));
    }
    assert_eq!(world.alert_codes(), ["application-refused"], "a repeat is not announced");
    assert!(token(&mut world).is_err(), "a token that is still valid is not used either");

    world.expect([granted("access-1", ALL_SCOPES)]);
    renew(&mut world, FENCE, &settings, NOW).unwrap();
    assert_eq!(world.record().unwrap().parked, None);
    assert_eq!(world.resolved.len(), 1);
    assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1");
}

#[test]
fn another_refusal_replaces_the_earlier_one() {
    let mut world = World::connected(0);
    let settings = world.settings();
    world.expect([oauth_error("invalid_client", 7_000_215), oauth_error("invalid_grant", 700_082)]);
    renew(&mut world, FENCE, &settings, NOW).unwrap_err();
    renew(&mut world, FENCE, &settings, NOW).unwrap_err();
    assert_eq!(world.alert_codes(), ["application-refused", "reconnect-needed"]);
    assert_eq!(world.resolved[0].code, Some("application-refused"));
    assert_eq!(world.record().unwrap().parked.unwrap().reason, ParkedReason::ReconnectNeeded);
}

#[test]
fn a_token_that_graph_rejects_is_replaced_once_for_all() {
    let mut world = World::connected(60);
    let settings = world.settings();
    let rejected = token(&mut world).unwrap();
    world.expect([granted("access-1", ALL_SCOPES)]);
    let first = force_refresh(&mut world, FENCE, &settings, (&rejected, None), NOW).unwrap();
    let second = force_refresh(&mut world, FENCE, &settings, (&rejected, None), NOW).unwrap();
    assert_eq!((bearer(&first), first), ("Bearer access-1".to_owned(), second));
    assert_eq!(world.requests.len(), 1);
}

#[test]
fn what_a_token_has_to_prove_is_asked_for_and_not_found_in_the_stored_one() {
    let mut world = World::connected(60);
    let settings = world.settings();
    let rejected = token(&mut world).unwrap();
    world.expect([granted("access-1", ALL_SCOPES), granted("access-2", ALL_SCOPES)]);
    let claims = r#"{"access_token":{"nbf":{"essential":true}}}"#;
    force_refresh(&mut world, FENCE, &settings, (&rejected, None), NOW).unwrap();
    // Somebody else's newer token proves nothing more than ours did.
    force_refresh(&mut world, FENCE, &settings, (&rejected, Some(claims)), NOW).unwrap();
    let asked = |index: usize| {
        let body = world.requests[index].body.clone().unwrap();
        let mut fields = url::form_urlencoded::parse(&body).into_owned();
        fields.find(|(name, _)| name == "claims").map(|(_, value)| value)
    };
    assert_eq!((asked(0), asked(1).as_deref()), (None, Some(claims)));
}

#[test]
fn a_forgotten_access_token_is_fetched_again_with_the_kept_refresh_token() {
    let mut world = World::connected(60);
    forget_access_token(&mut world).unwrap();
    forget_access_token(&mut world).unwrap();
    let tokens = world.tokens().unwrap();
    assert_eq!((tokens.access, tokens.refresh), (None, Secret::from_text("refresh of access-0")));
    world.expect([granted("access-1", ALL_SCOPES)]);
    assert_eq!(bearer(&token(&mut world).unwrap()), "Bearer access-1");
    assert_eq!(forget_access_token(&mut World::new()), Ok(()));
}

#[test]
fn tokens_of_another_account_are_never_used() {
    let mut world = World::connected(60);
    let mut tokens = world.tokens().unwrap();
    tokens.account = crate::model::AccountId::new("somebody-else");
    world.put_secret(SecretName::AccountTokens, tokens.to_secret(), crate::ports::Expectation::Any).unwrap();
    assert!(matches!(token(&mut world), Err(AuthFailure::Refused(_))));
    assert_eq!(world.requests, []);
    assert_eq!(world.alert_codes(), ["reconnect-needed"]);
}

#[test]
fn a_permission_that_a_feature_lacks_is_an_answer_of_its_own() {
    let mut world = World::connected(0);
    let settings = world.settings();
    world.expect([granted("access-1", "openid User.Read")]);
    let missing = AuthFailure::MissingPermissions(vec!["Calendars.ReadWrite".to_owned()]);
    let found = access_token_for(&mut world, FENCE, &settings, Feature::Calendar, NOW);
    assert_eq!(found, Err(missing));
    assert_eq!(world.alert_codes(), ["missing-permissions"]);
    assert_eq!(world.record().unwrap().parked, None);
    let account = current(&mut world, &settings).unwrap().unwrap();
    assert_eq!(account.missing_scopes, ["Calendars.ReadWrite"], "the page knows it too");
}

#[test]
fn an_account_of_before_the_tasks_lacks_theirs_and_keeps_its_calendar() {
    let mut world = World::connected(0).with_tasks();
    let settings = world.settings();
    world.expect([granted("access-1", ALL_SCOPES)]);
    assert!(access_token_for(&mut world, FENCE, &settings, Feature::Calendar, NOW).is_ok());
    let asked = &world.form(0)["scope"];
    assert!(!asked.contains("Tasks"), "the login would refuse all of it: {asked}");
    let found = access_token_for(&mut world, FENCE, &settings, Feature::Tasks, NOW);
    assert_eq!(found, Err(AuthFailure::MissingPermissions(vec!["Tasks.ReadWrite".to_owned()])));
    assert!(access_token_for(&mut world, FENCE, &settings, Feature::Calendar, NOW).is_ok());
    assert_eq!(world.alert_codes(), ["missing-permissions"]);
    assert_eq!(world.record().unwrap().parked, None);
    assert_eq!(world.requests.len(), 1, "nobody is asked again");
}

#[test]
fn one_alert_names_what_all_enabled_features_miss() {
    let mut world = World::connected(0).with_tasks();
    let settings = world.settings();
    world.expect([granted("access-1", "openid User.Read")]);
    for feature in [Feature::Calendar, Feature::Tasks] {
        access_token_for(&mut world, FENCE, &settings, feature, NOW).unwrap_err();
    }
    let messages: Vec<&str> = world.alerts.iter().map(|alert| alert.message.as_str()).collect();
    let expected = "Microsoft did not grant these permissions: Calendars.ReadWrite, Tasks.ReadWrite.";
    assert_eq!(messages, [expected; 2], "so that it does not change its words from run to run");
}

#[test]
fn a_refresh_asks_for_what_was_granted_and_for_another_refresh_token() {
    let mut world = World::connected(0);
    world.expect([granted("access-1", ALL_SCOPES)]);
    token(&mut world).unwrap();
    assert_eq!(world.form(0)["scope"], "openid profile email offline_access User.Read Calendars.ReadWrite");
}

#[test]
fn without_application_account_or_fence_there_is_no_token() {
    let mut world = World::new();
    assert_eq!(token(&mut world), Err(AuthFailure::NotConnected));
    let mut world = World::connected(60);
    world.layers.system.set(Field::Tenant, SettingValue::None);
    assert_eq!(token(&mut world), Err(AuthFailure::NotConfigured(vec![Field::Tenant])));
    let mut world = World::connected(0);
    let settings = world.settings();
    world.expect([oauth_error("invalid_grant", 50_173)]);
    assert_eq!(access_token(&mut world, Fence(0), &settings, NOW), Err(AuthFailure::StaleFence));
    assert_eq!(world.alerts, [], "a holder that was succeeded raises nothing");
}
