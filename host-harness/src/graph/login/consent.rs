//! What has been allowed to an application, by a user for themselves or by an
//! administrator for everybody, and what of a request that covers
//! (entra/identity-platform/permissions-consent-overview).
//!
//! It is asked where nobody can be asked any more: at `prompt=none`, and when a
//! code or a refresh token is redeemed. `.default` is no wish for more: it gives
//! what has been allowed (entra/identity-platform/scopes-oidc).

use super::grants::{self, Consent};
use super::refusal::LoginRefusal;
use super::scopes;
use crate::graph::model::{App, MailboxNo};
use crate::graph::state::State;

/// Keeps what a user has allowed an application.
pub(crate) fn remember(state: &mut State, app: &App, granted: &[String], mailbox: MailboxNo) {
    let key = grants::consent_key(mailbox, &app.client_id);
    let mut scopes = state.consents.get(&key).map(|consent| consent.scopes.clone()).unwrap_or_default();
    scopes.extend(scopes::permissions(granted));
    scopes.sort_unstable();
    scopes.dedup();
    state.consents.insert(key, Consent { scopes });
}

/// The permissions that an application has been allowed for a user. Refuses,
/// with the OAuth error `error`, when there is no consent at all, or when the
/// application could have what is `wanted` and nobody has allowed it. What it
/// cannot have at all is left out of the answer, as it is at the sign-in.
pub(crate) fn check(
    state: &State,
    app: &App,
    mailbox: MailboxNo,
    wanted: &[String],
    error: &'static str,
) -> Result<Vec<String>, LoginRefusal> {
    let given = state.consents.get(&grants::consent_key(mailbox, &app.client_id));
    let is_there = given.is_some() || app.admin_consented;
    let mut consented = given.map(|consent| consent.scopes.clone()).unwrap_or_default();
    if app.admin_consented {
        consented.extend(app.permissions.iter().cloned());
    }
    let wanted = scopes::permissions(wanted);
    let is_missing = wanted.iter().any(|name| contains(&app.permissions, name) && !contains(&consented, name));
    if is_there && !is_missing { Ok(consented) } else { Err(LoginRefusal::consent_missing(error, &app.client_id)) }
}

/// What of the request is allowed, for scopes of the sign-in what was `granted`.
pub(crate) fn narrowed(requested: &[String], granted: &[String], allowed: &[String], app: &App) -> Vec<String> {
    covered(scopes::granted(requested, app), granted, allowed)
}

/// Those of the scopes that are allowed, for scopes of the sign-in what was `granted`.
pub(crate) fn covered(scopes: Vec<String>, granted: &[String], allowed: &[String]) -> Vec<String> {
    let is_allowed = |scope: &String| {
        let is_of_sign_in = scopes::is_openid(scope) && scopes::asks_for(granted, scope);
        is_of_sign_in || scopes::is_default(scope) || contains(allowed, scopes::permission(scope))
    };
    scopes.into_iter().filter(is_allowed).collect()
}

fn contains(list: &[String], name: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}
