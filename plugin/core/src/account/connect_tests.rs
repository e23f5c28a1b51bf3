//! Connecting, step by step and against everybody who should not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::TimeDelta;
use serde_json::json;
use url::Url;

use crate::ports::{AlertKind, Fence};
use crate::settings::{Field, SettingValue};

use super::testing::{ALL_SCOPES, FENCE, NOW, Scripted, World, adele, answer, granted, oauth_error};
use super::*;

const SESSION: Option<&str> = Some("browser-1");

type IsExpected = fn(&AuthFailure) -> bool;

fn begin_in(world: &mut World) -> Authorization {
    let settings = world.settings();
    begin(world, FENCE, &settings, SESSION, NOW).unwrap()
}

fn back(state: &str) -> Callback {
    let code = Some(Secret::from_text("c0de~"));
    Callback { state: state.to_owned(), code, error: None, error_description: None }
}

fn finish_at(world: &mut World, callback: &Callback, minutes: i64) -> Result<Account, AuthFailure> {
    let settings = world.settings();
    finish(world, FENCE, &settings, SESSION, callback, NOW.plus(TimeDelta::minutes(minutes)))
}

#[test]
fn a_connection_stores_tokens_as_secrets_and_names_the_account() {
    let mut world = World::new();
    let authorization = begin_in(&mut world);
    world.expect([granted("access-1", ALL_SCOPES), adele()]);
    let account = finish_at(&mut world, &back(&authorization.state), 9).unwrap();

    assert_eq!((account.name.as_str(), account.id.as_str()), ("adele@contoso.com", "adele-id"));
    assert_eq!(account.missing_scopes, Vec::<String>::new());
    let tokens = world.tokens().unwrap();
    assert_eq!(tokens.refresh, Secret::from_text("refresh of access-1"));
    assert_eq!(tokens.account, account.id);
    let settings = world.settings();
    assert_eq!(current(&mut world, &settings), Ok(Some(account)));
    assert_eq!(world.resolved.len(), 1, "alerts about signing in are over");
    assert_eq!(world.resolved[0].kind, Some(AlertKind::Auth));
    assert_eq!(world.alerts, []);

    let form = world.form(0);
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["redirect_uri"], "https://crm.example/back");
    assert_eq!(form["code"], "c0de~");
    let url = Url::parse(&authorization.url).unwrap();
    let challenge = url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
    assert_eq!(pkce::challenge(&form["code_verifier"]), challenge, "the verifier belongs to the challenge");
    let visible = format!("{} {authorization:?}", world.visible_text());
    for hidden in ["access-1", "s3cret~", "c0de~", &authorization.state, &form["code_verifier"]] {
        assert!(!visible.contains(hidden), "{hidden} is visible");
    }
}

#[test]
fn a_connection_asks_for_what_the_enabled_features_use() {
    let off = SettingValue::Boolean(false);
    let table: [(&str, bool, Option<Field>, &str); 4] = [
        ("calendar", false, None, "Calendars.ReadWrite"),
        ("both", true, None, "Calendars.ReadWrite Tasks.ReadWrite MailboxSettings.Read"),
        ("tasks", true, Some(Field::CalendarEnabled), "Tasks.ReadWrite MailboxSettings.Read"),
        ("nothing yet", false, Some(Field::CalendarEnabled), "Calendars.ReadWrite"),
    ];
    for (description, tasks, switched_off, expected) in table {
        let mut world = if tasks { World::new().with_tasks() } else { World::new() };
        if let Some(field) = switched_off {
            world.layers.user.set(field, off.clone());
        }
        let authorization = begin_in(&mut world);
        world.expect([granted("access-1", ALL_SCOPES), adele()]);
        finish_at(&mut world, &back(&authorization.state), 1).unwrap();
        let expected = format!("openid profile email offline_access User.Read {expected}");
        let url = Url::parse(&authorization.url).unwrap();
        let asked = url.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
        assert_eq!((asked, &world.form(0)["scope"]), (expected.clone(), &expected), "{description}");
    }
}

#[test]
fn a_state_is_used_once() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    world.expect([granted("access-1", ALL_SCOPES), adele()]);
    finish_at(&mut world, &back(&state), 1).unwrap();
    assert_eq!(finish_at(&mut world, &back(&state), 1), Err(AuthFailure::InvalidState));
    assert_eq!(world.requests.len(), 2, "a replayed code is not redeemed");
}

#[test]
fn a_state_is_used_up_by_a_failure_too() {
    for failed in [Scripted::lost(), oauth_error("invalid_grant", 54_005)] {
        let mut world = World::new();
        let state = begin_in(&mut world).state;
        world.expect([failed]);
        assert!(finish_at(&mut world, &back(&state), 1).is_err());
        assert_eq!(world.requests.len(), 1, "a code is not redeemed twice");
        assert_eq!(finish_at(&mut world, &back(&state), 1), Err(AuthFailure::InvalidState));
    }
}

#[test]
fn a_state_expires_after_ten_minutes() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    assert_eq!(finish_at(&mut world, &back(&state), 10), Err(AuthFailure::InvalidState));
    assert_eq!(world.requests, []);
    assert_eq!(world.entries.len(), 0, "and is forgotten");
    assert!(!world.secrets.contains_key("pending-authorization"));
}

#[test]
fn strangers_cannot_use_a_state_and_cannot_undo_it() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    let settings = world.settings();
    for session in [Some("browser-2"), None] {
        assert_eq!(finish(&mut world, FENCE, &settings, session, &back(&state), NOW), Err(AuthFailure::InvalidState));
    }
    assert_eq!(finish_at(&mut world, &back("guessed"), 1), Err(AuthFailure::InvalidState));
    let mut other_user = World::new();
    assert_eq!(finish_at(&mut other_user, &back(&state), 1), Err(AuthFailure::InvalidState));
    assert_eq!(world.requests, []);

    world.expect([granted("access-1", ALL_SCOPES), adele()]);
    assert!(finish_at(&mut world, &back(&state), 1).is_ok());
}

#[test]
fn a_new_sign_in_replaces_an_earlier_one() {
    let mut world = World::new();
    let earlier = begin_in(&mut world).state;
    let later = begin_in(&mut world).state;
    assert_ne!(earlier, later);
    assert_eq!(finish_at(&mut world, &back(&earlier), 1), Err(AuthFailure::InvalidState));
    world.expect([granted("access-1", ALL_SCOPES), adele()]);
    assert!(finish_at(&mut world, &back(&later), 1).is_ok());
}

#[test]
fn a_verifier_of_another_sign_in_is_not_used() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    let mut other = World::new();
    begin_in(&mut other);
    begin_in(&mut other);
    let foreign = other.secrets.remove("pending-authorization").unwrap();
    world.secrets.insert("pending-authorization", foreign);
    assert_eq!(finish_at(&mut world, &back(&state), 1), Err(AuthFailure::InvalidState));
    assert_eq!(world.requests, []);
}

#[test]
fn what_the_sign_in_page_says_is_told_apart() {
    let table: [(&str, &str, IsExpected); 6] = [
        ("access_denied", "AADSTS65004: declined", |found| *found == AuthFailure::Cancelled),
        ("access_denied", "AADSTS90094: admin", |found| matches!(found, AuthFailure::AdminConsentNeeded(_))),
        ("consent_required", "", |found| matches!(found, AuthFailure::AdminConsentNeeded(_))),
        ("server_error", "", |found| matches!(found, AuthFailure::Unavailable(_))),
        ("invalid_request", "AADSTS50011: redirect", |found| matches!(found, AuthFailure::ApplicationRefused(_))),
        ("login_required", "", |found| matches!(found, AuthFailure::Refused(_))),
    ];
    for (error, description, is_expected) in table {
        let mut world = World::new();
        let state = begin_in(&mut world).state;
        let callback =
            Callback { error: Some(error.to_owned()), error_description: Some(description.to_owned()), ..back(&state) };
        let found = finish_at(&mut world, &callback, 1).unwrap_err();
        assert!(is_expected(&found), "{error}: {found:?}");
        assert_eq!(world.requests, [], "{error}: the code beside an error is not redeemed");
        assert_eq!(finish_at(&mut world, &back(&state), 1), Err(AuthFailure::InvalidState), "{error}: used up");
    }
}

#[test]
fn admin_consent_carries_the_address_for_an_administrator() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    let callback = Callback { error: Some("consent_required".to_owned()), code: None, ..back(&state) };
    match finish_at(&mut world, &callback, 1) {
        Err(AuthFailure::AdminConsentNeeded(url)) => {
            assert!(url.starts_with("https://login.example/contoso.com/v2.0/adminconsent?client_id=app&"), "{url}");
        }
        other => panic!("expected admin consent, but found {other:?}"),
    }
}

#[test]
fn a_callback_without_code_and_error_is_no_answer() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    let callback = Callback { code: None, ..back(&state) };
    assert_eq!(finish_at(&mut world, &callback, 1), Err(AuthFailure::InvalidState));
}

#[test]
fn a_permission_that_was_not_granted_is_named_and_announced() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    world.expect([granted("access-1", "openid profile User.Read"), adele()]);
    let account = finish_at(&mut world, &back(&state), 1).unwrap();
    assert_eq!(account.missing_scopes, ["Calendars.ReadWrite"]);
    assert_eq!(world.alert_codes(), ["missing-permissions"]);
    assert!(world.alerts[0].message.contains("Calendars.ReadWrite"));
}

#[test]
fn without_a_refresh_token_nothing_is_stored() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    world.expect([answer(200, &json!({"access_token": "a", "expires_in": 3599}))]);
    let missing = AuthFailure::MissingPermissions(vec!["offline_access".to_owned()]);
    assert_eq!(finish_at(&mut world, &back(&state), 1), Err(missing));
    assert_eq!((world.tokens(), world.record()), (None, None));
}

#[test]
fn a_profile_that_is_lost_once_is_read_again() {
    let mut world = World::new();
    let state = begin_in(&mut world).state;
    world.expect([granted("access-1", ALL_SCOPES), Scripted::lost(), adele()]);
    assert!(finish_at(&mut world, &back(&state), 1).is_ok());

    let state = begin_in(&mut world).state;
    let before = world.tokens();
    world.expect([granted("access-2", ALL_SCOPES), Scripted::lost(), answer(503, &json!({}))]);
    assert_eq!(finish_at(&mut world, &back(&state), 1).err(), Some(AuthFailure::Unavailable(None)));
    assert_eq!(world.tokens(), before, "the account that is connected stays");
}

#[test]
fn connect_needs_the_three_application_values() {
    for field in Field::APPLICATION {
        let mut world = World::new();
        world.layers.system.set(field, SettingValue::None);
        let settings = world.settings();
        let found = begin(&mut world, FENCE, &settings, SESSION, NOW);
        assert_eq!(found, Err(AuthFailure::NotConfigured(vec![field])));
    }
    let mut world = World::new();
    world.secrets.clear();
    let settings = world.settings();
    let found = begin(&mut world, FENCE, &settings, SESSION, NOW);
    assert_eq!(found, Err(AuthFailure::NotConfigured(vec![Field::ClientSecret])), "the store has the last word");
}

#[test]
fn a_holder_that_was_succeeded_begins_and_finishes_nothing() {
    let mut world = World::new();
    let settings = world.settings();
    assert_eq!(begin(&mut world, Fence(0), &settings, SESSION, NOW), Err(AuthFailure::StaleFence));
    let state = begin_in(&mut world).state;
    let found = finish(&mut world, Fence(0), &settings, SESSION, &back(&state), NOW);
    assert_eq!(found, Err(AuthFailure::StaleFence));
    assert_eq!(world.requests, []);
}

#[test]
fn disconnect_forgets_access_and_cursors_and_keeps_the_rest() {
    let mut world = World::connected(60);
    begin_in(&mut world);
    for key in ["calendar/adele-id/status", "calendar/adele-id/link/1"] {
        world.entries.insert(key.to_owned(), (b"{}".to_vec(), 1));
    }
    let cursors = ["calendar/adele-id/status".to_owned()];
    disconnect(&mut world, FENCE, &cursors).unwrap();
    let left: Vec<&str> = world.entries.keys().map(String::as_str).collect();
    assert_eq!(left, ["calendar/adele-id/link/1"]);
    let secrets: Vec<&str> = world.secrets.keys().copied().collect();
    assert_eq!(secrets, ["client-secret"]);
    assert_eq!(world.requests, []);
    assert_eq!(disconnect(&mut world, FENCE, &cursors), Ok(()), "again is no error");
    assert_eq!(disconnect(&mut world, Fence(0), &cursors), Err(AuthFailure::StaleFence));
}
