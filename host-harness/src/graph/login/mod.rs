//! The emulated login service: the Microsoft identity platform, v2.0.
//!
//! Sign-in of a person by authorisation code with PKCE, from a server, a
//! program, a page or for a device without a browser; refresh; sign-in of an
//! application by secret or certificate; consent of users and administrators;
//! what keeps users out, and continuous access evaluation; discovery of
//! instances, endpoints and keys; sign-out. It has no browser sessions, no
//! personal accounts, and of version 1 the metadata alone. Start with `token`
//! for the rules.

pub(crate) mod admin;
pub(crate) mod application;
pub(crate) mod assertion;
pub(crate) mod authorize;
pub(crate) mod certificate;
pub(crate) mod claims;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod grants;
pub(crate) mod instance;
pub(crate) mod issue;
pub(crate) mod keys;
pub(crate) mod logout;
pub(crate) mod manage;
pub(crate) mod pages;
pub(crate) mod refusal;
pub(crate) mod roles;
pub(crate) mod scopes;
pub(crate) mod secret;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod userinfo;

use super::call::Call;
use super::cors;
use super::model::{App, Audience};
use super::reply::Reply;
use super::state::State;
use crate::graph::routes::routes;
use refusal::LoginRefusal;

/// Names of the multi-tenant authorities.
const SHARED_AUTHORITIES: [&str; 2] = ["common", "organizations"];

/// The authority of personal accounts, and the id of its tenant.
const CONSUMERS: &str = "consumers";
const CONSUMERS_ID: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Answers a request on the login host.
pub(crate) fn answer(state: &mut State, call: &Call) -> Reply {
    let words = call.words();
    let tenant = call.raw(0).to_owned();
    if call.method == "GET"
        && let Some(found) = metadata(state, call, &words)
    {
        let reply = found.unwrap_or_else(|refusal| refusal.into_reply(state, call));
        return cors::of_metadata(reply, call);
    }
    let answer = routes!(match (call.method.as_str(), words.as_slice()) {
        ("GET", [_, "oauth2", "v2.0", "authorize"]) => Ok(authorize::show(state, &tenant, &call.query.to_map())),
        ("POST", [_, "oauth2", "v2.0", "authorize"]) => Ok(authorize::submit(state, &tenant, &call.form())),
        ("POST", [_, "oauth2", "v2.0", "token"]) => Ok(token::exchange(state, &tenant, call)),
        ("POST", [_, "oauth2", "v2.0", "devicecode"]) => device::begin(state, &tenant, call),
        ("GET", [_, "oauth2", "deviceauth"]) => Ok(device::show(state, &tenant)),
        ("POST", [_, "oauth2", "deviceauth"]) => Ok(device::submit(state, &tenant, &call.form())),
        ("GET", [_, "oauth2", "v2.0", "logout"]) => Ok(logout::leave(state, &tenant, &call.query.to_map())),
        ("POST", [_, "oauth2", "v2.0", "logout"]) => Ok(logout::leave(state, &tenant, &call.form())),
        ("GET", ["error"]) => Ok(pages::error(call.query.get("code").unwrap_or_default())),
        ("GET", [_, "v2.0", "adminconsent"]) => Ok(admin::show(state, &tenant, &call.query.to_map(), false)),
        ("POST", [_, "v2.0", "adminconsent"]) => Ok(admin::submit(state, &tenant, &call.form(), false)),
        ("GET", [_, "adminconsent"]) => Ok(admin::show(state, &tenant, &call.query.to_map(), true)),
        ("POST", [_, "adminconsent"]) => Ok(admin::submit(state, &tenant, &call.form(), true)),
        (_, [_, "oauth2", "authorize" | "token" | "devicecode" | "logout"] | [_, "openid", "userinfo"]) => {
            let message =
                format!("{} {} is not emulated: of version 1 there is the metadata alone", call.method, call.path);
            Err(LoginRefusal::new(501, "invalid_request", 900_561, message))
        }
        (_, _) => Err(LoginRefusal::new(
            404,
            "invalid_request",
            900_561,
            "The endpoint does not exist on the emulated login service",
        )),
    });
    answer.unwrap_or_else(|refusal| refusal.into_reply(state, call))
}

/// The documents that clients read before they ask for anything.
fn metadata(state: &State, call: &Call, words: &[&str]) -> Option<Result<Reply, LoginRefusal>> {
    let tenant = call.raw(0);
    Some(routes!(match words {
        ["common", "discovery", "instance"] => instance::discover(state, &call.query.to_map()),
        [_, "v2.0", ".well-known", "openid-configuration"] => discovery::configuration(state, tenant),
        [_, ".well-known", "openid-configuration"] => discovery::configuration_v1(state, tenant),
        [_, "discovery", "v2.0", "keys"] => discovery::keys(state, tenant),
        [_, "discovery", "keys"] => discovery::keys(state, tenant),
        _ => return None,
    }))
}

/// Whether a path names the tenant itself, and not several at once.
pub(crate) fn is_tenant(state: &State, tenant: &str) -> bool {
    state.meta.tenant.is_named(tenant)
}

fn is_shared(tenant: &str) -> bool {
    SHARED_AUTHORITIES.iter().any(|name| name.eq_ignore_ascii_case(tenant))
}

fn is_consumers(tenant: &str) -> bool {
    [CONSUMERS, CONSUMERS_ID].iter().any(|name| name.eq_ignore_ascii_case(tenant))
}

/// Whether a text can be the name of a tenant at all: an id or a domain
/// (microsoft/Analysis-Services#194; caddy-dns/azure#3 shows the whole refusal).
fn can_name_a_tenant(text: &str) -> bool {
    let is_hexadecimal = |group: &str| group.chars().all(|letter| letter.is_ascii_hexdigit());
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_id = lengths == [8, 4, 4, 4, 12] && text.split('-').all(is_hexadecimal);
    let is_label = |label: &str| {
        let letters = label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        letters && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    is_id || (text.contains('.') && text.split('.').all(is_label))
}

/// Checks that a path's tenant exists.
pub(crate) fn check_tenant(state: &State, tenant: &str) -> Result<(), LoginRefusal> {
    if is_shared(tenant) || is_tenant(state, tenant) {
        return Ok(());
    }
    if is_consumers(tenant) {
        return Err(discovery::no_personal_accounts());
    }
    if !can_name_a_tenant(tenant) {
        let message =
            format!("Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.");
        return Err(LoginRefusal::new(400, "invalid_request", 900_023, message));
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

/// Checks that an application may be used through an authority: one of a single
/// tenant only through that.
pub(crate) fn check_audience(state: &State, app: &App, tenant: &str) -> Result<(), LoginRefusal> {
    match app.audience {
        Audience::SingleTenant if !is_tenant(state, tenant) => Err(LoginRefusal::new(
            400,
            "invalid_request",
            50_194,
            format!(
                "Application '{}' is not configured as a multi-tenant application. Usage of the /{tenant} endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
                app.client_id
            ),
        )),
        Audience::SingleTenant | Audience::ManyTenants => Ok(()),
    }
}
