//! The emulated login service: the Microsoft identity platform, v2.0.
//!
//! Sign-in of a person by authorisation code with PKCE, refresh, application
//! sign-in by client secret, consent of users and administrators, discovery
//! and keys. What it does not have: device code, certificate assertions,
//! conditional access and sign-out. Start with `token` for the rules.

pub(crate) mod admin;
pub(crate) mod authorize;
pub(crate) mod discovery;
pub(crate) mod grants;
pub(crate) mod keys;
pub(crate) mod pages;
pub(crate) mod refusal;
pub(crate) mod scopes;
pub(crate) mod token;

use super::call::Call;
use super::reply::Reply;
use super::state::State;
use refusal::LoginRefusal;

/// Names of the multi-tenant authorities.
const COMMON_AUTHORITIES: [&str; 2] = ["common", "organizations"];

/// Answers a request on the login host.
pub(crate) fn answer(state: &mut State, call: &Call) -> Reply {
    let words = call.words();
    let tenant = call.raw(0).to_owned();
    let answer = match (call.method.as_str(), words.as_slice()) {
        ("GET", [_, "v2.0", ".well-known", "openid-configuration"]) => discovery::configuration(state, &tenant),
        ("GET", [_, "discovery", "v2.0", "keys"]) => discovery::keys(state, &tenant),
        ("GET", [_, "oauth2", "v2.0", "authorize"]) => Ok(authorize::show(state, &tenant, &call.query.to_map())),
        ("POST", [_, "oauth2", "v2.0", "authorize"]) => Ok(authorize::submit(state, &tenant, &call.form())),
        ("POST", [_, "oauth2", "v2.0", "token"]) => token::exchange(state, &tenant, call),
        ("GET", [_, "oauth2", "v2.0", "logout"]) => Ok(Reply::html(200, pages::signed_out())),
        ("GET", [_, "v2.0", "adminconsent"]) => Ok(admin::show(state, &tenant, &call.query.to_map(), false)),
        ("POST", [_, "v2.0", "adminconsent"]) => Ok(admin::submit(state, &tenant, &call.form(), false)),
        ("GET", [_, "adminconsent"]) => Ok(admin::show(state, &tenant, &call.query.to_map(), true)),
        ("POST", [_, "adminconsent"]) => Ok(admin::submit(state, &tenant, &call.form(), true)),
        (_, _) => Err(LoginRefusal::new(
            404,
            "invalid_request",
            900_561,
            "The endpoint does not exist on the emulated login service",
        )),
    };
    answer.unwrap_or_else(|refusal| refusal.into_reply(state))
}

/// Checks that a path's tenant exists.
pub(crate) fn check_tenant(state: &State, tenant: &str) -> Result<(), LoginRefusal> {
    let is_common = COMMON_AUTHORITIES.iter().any(|name| name.eq_ignore_ascii_case(tenant));
    if is_common || state.meta.tenant.is_named(tenant) {
        return Ok(());
    }
    Err(LoginRefusal::new(
        400,
        "invalid_tenant",
        90_002,
        format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
        ),
    ))
}
